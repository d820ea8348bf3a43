#pragma once
// Column: the values of one column of a batch, stored one after the other.
//
// Encodings: *flat* (row_count values), *constant* (one value that stands for every row) and
// *dictionary* (an int32 code per row into children[0], a flat column). Nested types are flat or
// constant: ARRAY and MAP hold row_count + 1 int32 offsets in `values` and their elements in
// `children` (element; or key, value); ROW holds one child per field and no values. MULTISET is a
// MAP from element to INT.
//
// Invariants: `validity` has bit i set when row i is not NULL and is absent when no row is NULL (a
// dictionary's NULLs are in its own validity, by row). Under a NULL the value is zero, an empty
// string or an empty list, so kernels may compute on it. String views point into `heaps` (or are
// inline). A column is immutable once published; copying it shares the buffers.
#include <cstdint>
#include <span>
#include <vector>

#include "columnar/buffer.h"
#include "columnar/string_view16.h"
#include "types/data_type.h"
#include "types/value.h"

namespace rhei {

enum class Encoding : uint8_t { kFlat, kConstant, kDictionary };

struct Column {
  PhysicalType type = PhysicalType::kBool;
  Encoding encoding = Encoding::kFlat;
  int32_t row_count = 0;
  BufferPtr values;
  BufferPtr validity;  // constant: bit 0 only
  std::vector<Column> children;
  std::vector<BufferPtr> heaps;

  bool is_constant() const { return encoding == Encoding::kConstant; }
  bool is_flat() const { return encoding == Encoding::kFlat; }
  bool may_have_nulls() const { return validity != nullptr; }
  bool IsNull(int32_t row) const {
    if (validity == nullptr) return false;
    const auto bit = static_cast<uint32_t>(is_constant() ? 0 : row);
    return ((validity->as<uint64_t>()[bit >> 6] >> (bit & 63)) & 1) == 0;
  }
  // The value array of a flat or constant column. REQUIRES: T fits `type`; not a dictionary.
  template <typename T>
  const T* data() const {
    return values->as<T>();
  }
  // Where row's value stands in the value array of its encoding (or of the dictionary).
  int32_t ValueIndex(int32_t row) const {
    if (encoding == Encoding::kFlat) return row;
    return encoding == Encoding::kConstant ? 0 : values->as<int32_t>()[row];
  }
  const Column& dictionary() const { return children[0]; }
};

// Reads values of a flat, constant or dictionary column by row; for loops that are not hot enough
// for a specialised kernel.
template <typename T>
class ColumnReader {
 public:
  explicit ColumnReader(const Column& column)
      : column_(column),
        values_(column.encoding == Encoding::kDictionary ? column.dictionary().data<T>()
                                                         : column.data<T>()) {}
  const T& operator[](int32_t row) const { return values_[column_.ValueIndex(row)]; }
  bool IsNull(int32_t row) const { return column_.IsNull(row); }

 private:
  const Column& column_;
  const T* values_;
};

// `row_count` rows, all `value` of `type`.
Column MakeConstant(const Value& value, const DataType& type, int32_t row_count);
// `row_count` NULLs of `type`.
Column MakeNulls(const DataType& type, int32_t row_count);
// The same rows, flat.
Column Flatten(const Column& column, MemoryPool* pool = nullptr);
// Rows at `rows`, in that order (repeats allowed). String bytes are shared, not copied; a constant
// stays constant and a dictionary stays one.
Column Gather(const Column& column, std::span<const int32_t> rows, MemoryPool* pool = nullptr);
Column Slice(const Column& column, int32_t offset, int32_t row_count, MemoryPool* pool = nullptr);
// All rows of `parts` (same physical type, at least one), flat.
Column Concatenate(std::span<const Column* const> parts, MemoryPool* pool = nullptr);
// The same column with every string byte it points to in one buffer of its own: for what outlives
// its batch or crosses an exchange.
Column CopyStrings(const Column& column, MemoryPool* pool = nullptr);
// Slow path: one value. `type` is the column's logical type.
Value GetValue(const Column& column, int32_t row, const DataType& type);
// Number of NULL rows.
int32_t CountNulls(const Column& column);
// Bytes of buffers held (shared ones count fully).
int64_t ColumnBytes(const Column& column);
// A fresh validity bitmap for `row_count` rows, all bits set (all valid).
BufferPtr MakeValidity(int32_t row_count, MemoryPool* pool = nullptr);
// The rows valid in both (null means all valid); null when both are null. The inputs are flat.
BufferPtr AndValidity(const BufferPtr& a, const BufferPtr& b, int32_t row_count, MemoryPool* pool);
// The validity of `column` by row, for any encoding; null when no NULLs.
BufferPtr FlatValidity(const Column& column, MemoryPool* pool);

}  // namespace rhei
