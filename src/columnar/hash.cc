// The function of docs/formats/hash.md. Every value becomes a 64-bit word; a row's hash folds the
// words of its columns one after the other. Changing anything here breaks stored state.
#include "columnar/hash.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "base/check.h"

namespace rhei {
namespace {

constexpr uint64_t kK0 = 0x9e3779b97f4a7c15;
constexpr uint64_t kK1 = 0xd1b54a32d192ed03;
constexpr uint64_t kK2 = 0xaef17502108ef2d9;
constexpr uint64_t kK3 = 0x8cb92ba72f3d8dd7;
constexpr uint64_t kNullWord = 0x6a09e667f3bcc909;

// Both halves of the 128-bit product, folded: every input bit reaches every output bit.
inline uint64_t Fold(uint64_t a, uint64_t b) {
  const UInt128 product = static_cast<UInt128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t Combine(uint64_t hash, uint64_t word) {
  return Fold(hash ^ kK1, word ^ kK2);
}
inline uint64_t Finish(uint64_t hash) {
  return Fold(hash ^ kK3, kK0);
}

inline uint64_t Load64(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  return word;
}

inline uint64_t Load32(const char* p) {
  uint32_t word;
  std::memcpy(&word, p, sizeof(word));
  return word;
}

inline uint64_t WordOf(uint8_t v) {
  return v;
}
inline uint64_t WordOf(int8_t v) {
  return static_cast<uint64_t>(int64_t{v});
}
inline uint64_t WordOf(int16_t v) {
  return static_cast<uint64_t>(int64_t{v});
}
inline uint64_t WordOf(int32_t v) {
  return static_cast<uint64_t>(int64_t{v});
}
inline uint64_t WordOf(int64_t v) {
  return static_cast<uint64_t>(v);
}
inline uint64_t WordOf(double v) {
  if (v == 0) v = 0;  // -0.0 too
  if (std::isnan(v)) return 0x7ff8000000000000;
  return std::bit_cast<uint64_t>(v);
}
inline uint64_t WordOf(float v) {
  return WordOf(static_cast<double>(v));
}
inline uint64_t WordOf(const Int128& v) {
  const auto bits = static_cast<UInt128>(v);
  return Fold(static_cast<uint64_t>(bits) ^ kK0, static_cast<uint64_t>(bits >> 64) ^ kK3);
}
inline uint64_t WordOf(const Timestamp9& v) {
  return Fold(static_cast<uint64_t>(v.micros) ^ kK0, static_cast<uint64_t>(v.nanos) ^ kK3);
}
inline uint64_t WordOf(const StringView& v) {
  return HashBytes(v.data(), v.size());
}

uint64_t ValueWord(const Column& column, int32_t row);

uint64_t NestedWord(const Column& column, int32_t row) {
  if (column.type == PhysicalType::kRow) {
    uint64_t word = kK0;
    for (const Column& child : column.children) word = Combine(word, ValueWord(child, row));
    return word;
  }
  const int32_t* offsets = column.data<int32_t>();
  uint64_t word = static_cast<uint64_t>(int64_t{offsets[row + 1] - offsets[row]}) ^ kK0;
  for (int32_t at = offsets[row]; at < offsets[row + 1]; ++at) {
    for (const Column& child : column.children) word = Combine(word, ValueWord(child, at));
  }
  return word;
}

// The word of one value; the loops below do the same for a column at a time.
uint64_t ValueWord(const Column& column, int32_t row) {
  if (column.IsNull(row)) return kNullWord;
  const int32_t index = column.ValueIndex(row);
  if (column.encoding == Encoding::kDictionary) return ValueWord(column.dictionary(), index);
  switch (column.type) {
    case PhysicalType::kBool: return WordOf(column.data<uint8_t>()[index]);
    case PhysicalType::kInt8: return WordOf(column.data<int8_t>()[index]);
    case PhysicalType::kInt16: return WordOf(column.data<int16_t>()[index]);
    case PhysicalType::kInt32: return WordOf(column.data<int32_t>()[index]);
    case PhysicalType::kInt64: return WordOf(column.data<int64_t>()[index]);
    case PhysicalType::kFloat32: return WordOf(column.data<float>()[index]);
    case PhysicalType::kFloat64: return WordOf(column.data<double>()[index]);
    case PhysicalType::kInt128: return WordOf(column.data<Int128>()[index]);
    case PhysicalType::kTimestamp9: return WordOf(column.data<Timestamp9>()[index]);
    case PhysicalType::kString: return WordOf(column.data<StringView>()[index]);
    case PhysicalType::kArray:
    case PhysicalType::kMap:
    case PhysicalType::kRow: return NestedWord(column, index);
  }
  CHECK(false);
}

template <typename T>
void CombineColumn(const Column& column, int32_t row_count, uint64_t* out) {
  const T* values = column.data<T>();
  if (column.validity == nullptr) {
    for (int32_t row = 0; row < row_count; ++row) out[row] = Combine(out[row], WordOf(values[row]));
    return;
  }
  for (int32_t row = 0; row < row_count; ++row) {
    out[row] = Combine(out[row], column.IsNull(row) ? kNullWord : WordOf(values[row]));
  }
}

void CombineEncoded(const Column& column, int32_t row_count, uint64_t* out) {
  if (column.is_constant()) {
    const uint64_t word = row_count == 0 ? 0 : ValueWord(column, 0);
    for (int32_t row = 0; row < row_count; ++row) out[row] = Combine(out[row], word);
    return;
  }
  if (column.is_flat() || column.dictionary().row_count > row_count) {
    for (int32_t row = 0; row < row_count; ++row)
      out[row] = Combine(out[row], ValueWord(column, row));
    return;
  }
  const Column& dictionary = column.dictionary();
  std::vector<uint64_t> words(static_cast<size_t>(dictionary.row_count));
  for (int32_t code = 0; code < dictionary.row_count; ++code) {
    words[static_cast<size_t>(code)] = ValueWord(dictionary, code);
  }
  const int32_t* codes = column.values->as<int32_t>();
  for (int32_t row = 0; row < row_count; ++row) {
    const uint64_t word = column.IsNull(row) ? kNullWord : words[static_cast<size_t>(codes[row])];
    out[row] = Combine(out[row], word);
  }
}

void CombineAny(const Column& column, int32_t row_count, uint64_t* out) {
  if (!column.is_flat()) return CombineEncoded(column, row_count, out);
  switch (column.type) {
    case PhysicalType::kBool: return CombineColumn<uint8_t>(column, row_count, out);
    case PhysicalType::kInt8: return CombineColumn<int8_t>(column, row_count, out);
    case PhysicalType::kInt16: return CombineColumn<int16_t>(column, row_count, out);
    case PhysicalType::kInt32: return CombineColumn<int32_t>(column, row_count, out);
    case PhysicalType::kInt64: return CombineColumn<int64_t>(column, row_count, out);
    case PhysicalType::kFloat32: return CombineColumn<float>(column, row_count, out);
    case PhysicalType::kFloat64: return CombineColumn<double>(column, row_count, out);
    case PhysicalType::kInt128: return CombineColumn<Int128>(column, row_count, out);
    case PhysicalType::kTimestamp9: return CombineColumn<Timestamp9>(column, row_count, out);
    case PhysicalType::kString: return CombineColumn<StringView>(column, row_count, out);
    case PhysicalType::kArray:
    case PhysicalType::kMap:
    case PhysicalType::kRow: return CombineEncoded(column, row_count, out);
  }
}

}  // namespace

uint64_t HashBytes(const void* data, size_t size, uint64_t seed) {
  const char* p = static_cast<const char*>(data);
  uint64_t hash = seed ^ kK0 ^ (static_cast<uint64_t>(size) * kK3);
  uint64_t low, high;
  if (size <= 16) {
    if (size >= 8) {
      low = Load64(p);
      high = Load64(p + size - 8);
    } else if (size >= 4) {
      low = Load32(p);
      high = Load32(p + size - 4);
    } else if (size > 0) {
      low = static_cast<uint64_t>(static_cast<unsigned char>(p[0])) << 16 |
            static_cast<uint64_t>(static_cast<unsigned char>(p[size / 2])) << 8 |
            static_cast<unsigned char>(p[size - 1]);
      high = 0;
    } else {
      low = high = 0;
    }
    return Fold(Fold(low ^ kK1, high ^ hash), kK2 ^ hash);
  }
  size_t left = size;
  if (left > 64) {
    // Four independent chains hide the latency of the multiplication.
    uint64_t lanes[4] = {hash, hash ^ kK1, hash ^ kK2, hash ^ kK3};
    for (; left > 64; left -= 64, p += 64) {
      for (size_t i = 0; i < 4; ++i) {
        lanes[i] = Fold(Load64(p + 16 * i) ^ kK1, Load64(p + 16 * i + 8) ^ lanes[i]);
      }
    }
    hash = Fold(lanes[0] ^ kK2, lanes[1]) ^ Fold(lanes[2] ^ kK3, lanes[3]);
  }
  for (; left > 16; left -= 16, p += 16) hash = Fold(Load64(p) ^ kK1, Load64(p + 8) ^ hash);
  low = Load64(p + left - 16);
  high = Load64(p + left - 8);
  return Fold(Fold(low ^ kK1, high ^ hash), kK2 ^ hash);
}

void HashRows(std::span<const Column* const> columns, int32_t row_count, uint64_t* out) {
  for (int32_t row = 0; row < row_count; ++row) out[row] = kK0;
  for (const Column* column : columns) CombineAny(*column, row_count, out);
  for (int32_t row = 0; row < row_count; ++row) out[row] = Finish(out[row]);
}

uint64_t ExtendHash(uint64_t hash, int64_t more) {
  constexpr uint64_t kGroup = ~uint64_t{0} << (64 - kKeyGroupBits);
  return (hash & kGroup) | (Finish(Combine(hash, WordOf(more))) & ~kGroup);
}

}  // namespace rhei
