#include "expr/row_mask.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace rhei {
namespace {

size_t WordCount(int32_t row_count) {
  return (static_cast<size_t>(row_count) + 63) / 64;
}

uint64_t TailMask(int32_t row_count) {
  return row_count % 64 == 0 ? ~uint64_t{0} : (uint64_t{1} << (row_count % 64)) - 1;
}

// Eight bytes of 0 or 1 as eight bits: the multiplication moves byte i's bit to bit 56 + i. The
// mask is for what lies past the last row, which may be anything.
uint64_t PackBytes(const uint8_t* bytes) {
  uint64_t eight;
  std::memcpy(&eight, bytes, sizeof(eight));
  return ((eight & 0x0101010101010101) * 0x0102040810204080) >> 56;
}

// The reverse: spread eight bits over the low bits of eight bytes.
uint64_t SpreadBits(uint64_t bits) {
  const uint64_t copies = (bits & 0xff) * 0x0101010101010101;
  const uint64_t picked = copies & 0x8040201008040201;
  return ((picked + 0x7f7f7f7f7f7f7f7f) | picked) >> 7 & 0x0101010101010101;
}

}  // namespace

void FillMask(int32_t row_count, RowMask* mask) {
  mask->assign(WordCount(row_count), ~uint64_t{0});
  if (!mask->empty()) mask->back() &= TailMask(row_count);
}

bool AnySet(const RowMask& mask) {
  return std::any_of(mask.begin(), mask.end(), [](uint64_t word) { return word != 0; });
}

bool Covers(const RowMask& outer, const RowMask& inner) {
  for (size_t i = 0; i < inner.size(); ++i) {
    if ((inner[i] & ~outer[i]) != 0) return false;
  }
  return true;
}

void ValidMask(const Column& column, RowMask* mask) {
  FillMask(column.row_count, mask);
  if (column.validity == nullptr) return;
  if (column.is_constant()) {
    if (column.IsNull(0)) mask->assign(mask->size(), 0);
    return;
  }
  const uint64_t* words = column.validity->as<uint64_t>();
  for (size_t i = 0; i < mask->size(); ++i) (*mask)[i] &= words[i];
}

void TruthMasks(const Column& column, RowMask* is_true, RowMask* is_false) {
  DCHECK(column.type == PhysicalType::kBool);
  if (column.encoding == Encoding::kDictionary)
    return TruthMasks(Flatten(column), is_true, is_false);
  ValidMask(column, is_false);
  const uint8_t* values = column.data<uint8_t>();
  is_true->assign(is_false->size(), 0);
  if (column.is_constant()) {
    if (values[0] != 0) std::swap(*is_true, *is_false);
    return;
  }
  // The padding of a buffer lets the last 64 bytes be read whole.
  for (size_t word = 0; word < is_true->size(); ++word) {
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; ++i) bits |= PackBytes(values + word * 64 + i * 8) << (i * 8);
    const uint64_t valid = (*is_false)[word];
    (*is_true)[word] = valid & bits;
    (*is_false)[word] = valid & ~bits;
  }
}

Column BoolColumn(const RowMask& is_true, const RowMask& is_false, int32_t row_count,
                  MemoryPool* pool) {
  Column column;
  column.type = PhysicalType::kBool;
  column.row_count = row_count;
  BufferPtr values = Buffer::Allocate(is_true.size() * 64, pool);
  for (size_t word = 0; word < is_true.size(); ++word) {
    for (size_t i = 0; i < 8; ++i) {
      const uint64_t bytes = SpreadBits(is_true[word] >> (i * 8));
      std::memcpy(values->data() + word * 64 + i * 8, &bytes, sizeof(bytes));
    }
  }
  values->Shrink(static_cast<size_t>(row_count));
  column.values = std::move(values);
  bool any_null = false;
  for (size_t word = 0; word < is_true.size(); ++word) {
    const uint64_t rows = word + 1 == is_true.size() ? TailMask(row_count) : ~uint64_t{0};
    any_null |= ((is_true[word] | is_false[word]) & rows) != rows;
  }
  if (!any_null) return column;
  column.validity = Buffer::Allocate(is_true.size() * 8, pool);
  for (size_t word = 0; word < is_true.size(); ++word) {
    column.validity->as<uint64_t>()[word] = is_true[word] | is_false[word];
  }
  return column;
}

}  // namespace rhei
