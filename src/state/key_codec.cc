// Packs keys column by column, so that the loops have no branch on the type.
#include "state/key_codec.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/check.h"

namespace rhei {

namespace {

template <typename T>
uint64_t WordOf(T value) {
  if constexpr (sizeof(T) == 1) {
    return static_cast<uint8_t>(value);
  } else if constexpr (sizeof(T) == 2) {
    return static_cast<uint16_t>(value);
  } else if constexpr (sizeof(T) == 4) {
    return static_cast<uint32_t>(value);
  } else {
    return static_cast<uint64_t>(value);
  }
}
template <>
uint64_t WordOf(float value) {
  if (std::isnan(value)) value = std::numeric_limits<float>::quiet_NaN();
  return std::bit_cast<uint32_t>(value == 0 ? 0.0F : value);
}
template <>
uint64_t WordOf(double value) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  return std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
}

template <typename T>
void OrInto(const Column& column, std::span<const int32_t> rows, int shift, uint8_t null_bit,
            uint64_t* words, uint8_t* nulls) {
  const ColumnReader<T> values(column);
  if (!column.may_have_nulls()) {
    for (size_t i = 0; i < rows.size(); ++i) words[i] |= WordOf(values[rows[i]]) << shift;
    return;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (column.IsNull(rows[i])) {
      nulls[i] = static_cast<uint8_t>(nulls[i] | null_bit);
    } else {
      words[i] |= WordOf(values[rows[i]]) << shift;
    }
  }
}

bool IsFixed(PhysicalType type) {
  switch (type) {
    case PhysicalType::kBool:
    case PhysicalType::kInt8:
    case PhysicalType::kInt16:
    case PhysicalType::kInt32:
    case PhysicalType::kInt64:
    case PhysicalType::kFloat32:
    case PhysicalType::kFloat64: return true;
    case PhysicalType::kInt128:
    case PhysicalType::kTimestamp9:
    case PhysicalType::kString:
    case PhysicalType::kArray:
    case PhysicalType::kMap:
    case PhysicalType::kRow: return false;
  }
  return false;
}

}  // namespace

KeyCodec::KeyCodec(const std::vector<DataType>& types) : codec_(types, true) {
  if (types.size() == 1 && PhysicalTypeOf(types[0]) == PhysicalType::kString) {
    kind_ = Kind::kString;
    return;
  }
  if (types.size() > kNullBits) return;
  int used[2] = {0, 0};
  for (const DataType& type : types) {
    const PhysicalType physical = PhysicalTypeOf(type);
    if (!IsFixed(physical)) return;
    const int bits = PhysicalWidth(physical) * 8;
    const int word = used[0] + bits <= 64 ? 0 : 1;
    if (used[word] + bits > 64) return;
    parts_.push_back({physical, word, used[word]});
    used[word] += bits;
  }
  kind_ = used[1] > 0 ? Kind::kFixed16 : Kind::kFixed8;
}

void KeyCodec::PackFixed(const Column& column, const Part& part, uint8_t null_bit,
                         std::span<const int32_t> rows, PackedKeys* out) const {
  uint64_t* words = part.word == 0 ? out->low.data() : out->high.data();
  uint8_t* nulls = out->nulls.data();
  switch (part.type) {
    case PhysicalType::kBool:
      return OrInto<uint8_t>(column, rows, part.shift, null_bit, words, nulls);
    case PhysicalType::kInt8:
      return OrInto<int8_t>(column, rows, part.shift, null_bit, words, nulls);
    case PhysicalType::kInt16:
      return OrInto<int16_t>(column, rows, part.shift, null_bit, words, nulls);
    case PhysicalType::kInt32:
      return OrInto<int32_t>(column, rows, part.shift, null_bit, words, nulls);
    case PhysicalType::kInt64:
      return OrInto<int64_t>(column, rows, part.shift, null_bit, words, nulls);
    case PhysicalType::kFloat32:
      return OrInto<float>(column, rows, part.shift, null_bit, words, nulls);
    case PhysicalType::kFloat64:
      return OrInto<double>(column, rows, part.shift, null_bit, words, nulls);
    case PhysicalType::kInt128:
    case PhysicalType::kTimestamp9:
    case PhysicalType::kString:
    case PhysicalType::kArray:
    case PhysicalType::kMap:
    case PhysicalType::kRow: CHECK(false);
  }
}

void KeyCodec::Pack(std::span<const Column* const> columns, std::span<const int32_t> rows,
                    PackedKeys* out) const {
  out->nulls.assign(rows.size(), 0);
  if (kind_ == Kind::kFixed8 || kind_ == Kind::kFixed16) {
    out->low.assign(rows.size(), 0);
    if (kind_ == Kind::kFixed16) out->high.assign(rows.size(), 0);
    for (size_t c = 0; c < parts_.size(); ++c) {
      PackFixed(*columns[c], parts_[c], static_cast<uint8_t>(1U << c), rows, out);
    }
    return;
  }
  out->strings.resize(rows.size());
  if (kind_ == Kind::kString) {
    const ColumnReader<StringView> values(*columns[0]);
    for (size_t i = 0; i < rows.size(); ++i) {
      const bool null = values.IsNull(rows[i]);
      out->nulls[i] = null ? 1 : 0;
      out->strings[i] = null ? StringView() : values[rows[i]];
    }
    return;
  }
  out->bytes.clear();
  out->offsets.clear();
  for (const int32_t row : rows) {
    out->offsets.push_back(out->bytes.size());
    codec_.Encode(columns, row, &out->bytes);
  }
  out->offsets.push_back(out->bytes.size());
  const std::string_view all = out->bytes;
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t begin = out->offsets[i];
    out->strings[i] = StringView(all.substr(begin, out->offsets[i + 1] - begin));
  }
}

void KeyCodec::AppendTo(const std::byte* key, uint8_t nulls,
                        std::span<ColumnBuilder* const> out) const {
  if (kind_ == Kind::kString) {
    StringView text;
    std::memcpy(&text, key, sizeof(text));
    if (nulls != 0) {
      out[0]->AppendNull();
    } else {
      out[0]->AppendString(text.view());
    }
    return;
  }
  if (kind_ == Kind::kBytes) {
    StringView text;
    std::memcpy(&text, key, sizeof(text));
    std::string_view bytes = text.view();
    CHECK(codec_.Decode(&bytes, out).ok());
    return;
  }
  for (size_t c = 0; c < parts_.size(); ++c) {
    if ((nulls >> c & 1) != 0) {
      out[c]->AppendNull();
      continue;
    }
    uint64_t word;
    std::memcpy(&word, key + parts_[c].word * 8, 8);
    word >>= parts_[c].shift;
    switch (parts_[c].type) {
      case PhysicalType::kBool: out[c]->Append(static_cast<uint8_t>(word)); break;
      case PhysicalType::kInt8: out[c]->Append(static_cast<int8_t>(word)); break;
      case PhysicalType::kInt16: out[c]->Append(static_cast<int16_t>(word)); break;
      case PhysicalType::kInt32: out[c]->Append(static_cast<int32_t>(word)); break;
      case PhysicalType::kInt64: out[c]->Append(static_cast<int64_t>(word)); break;
      case PhysicalType::kFloat32:
        out[c]->Append(std::bit_cast<float>(static_cast<uint32_t>(word)));
        break;
      case PhysicalType::kFloat64: out[c]->Append(std::bit_cast<double>(word)); break;
      case PhysicalType::kInt128:
      case PhysicalType::kTimestamp9:
      case PhysicalType::kString:
      case PhysicalType::kArray:
      case PhysicalType::kMap:
      case PhysicalType::kRow: CHECK(false);
    }
  }
}

void KeyCodec::Write(const std::byte* key, uint8_t nulls, std::string* out) const {
  out->push_back(static_cast<char>(nulls));
  if (has_string()) {
    StringView text;
    std::memcpy(&text, key, sizeof(text));
    WriteBytes(text.view(), out);
  } else {
    out->append(reinterpret_cast<const char*>(key), key_bytes());
  }
}

void KeyCodec::Read(ByteReader* reader, uint64_t words[2], std::string_view* text,
                    uint8_t* nulls) const {
  *nulls = reader->ReadFixed<uint8_t>();
  if (has_string()) {
    *text = reader->ReadBytes();
    return;
  }
  words[0] = reader->ReadFixed<uint64_t>();
  if (kind_ == Kind::kFixed16) words[1] = reader->ReadFixed<uint64_t>();
}

}  // namespace rhei
