#pragma once
// ColumnBuilder: makes a flat column row by row.
//
// For strings it copies bytes into a heap of its own unless told that the caller's buffer lives
// long enough (AppendShared + AddHeap). Grows by doubling; no allocation per row once warm.
// Reusable after Finish(). Thread-safety: one thread.
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "columnar/column.h"

namespace rhei {

class ColumnBuilder {
 public:
  explicit ColumnBuilder(const DataType& type, MemoryPool* pool = nullptr);
  ~ColumnBuilder();
  ColumnBuilder(ColumnBuilder&&) noexcept;
  ColumnBuilder& operator=(ColumnBuilder&&) noexcept;

  int32_t row_count() const { return row_count_; }
  const DataType& data_type() const { return type_; }
  void ReserveRows(int32_t rows);

  void AppendNull();
  // REQUIRES: T is the C++ type of the physical type (uint8_t, int8_t .. int64_t, float, double,
  // Int128, Timestamp9).
  template <typename T>
  void Append(T value) {
    if (row_count_ == row_capacity_) [[unlikely]]
      Grow(row_count_ + 1);
    reinterpret_cast<T*>(slots_)[row_count_++] = value;
  }
  void AppendString(std::string_view text);  // copies bytes longer than the inline limit
  void AppendShared(StringView text);        // keeps the pointer; see AddHeap
  void AddHeap(BufferPtr heap);              // keeps `heap` alive with the column
  // Arrays and maps: append the elements to child(i), then close the row. Rows: append one value to
  // each child, then close the row.
  ColumnBuilder& child(size_t index) { return children_[index]; }
  void CloseNested();
  void AppendValue(const Value& value);                // any type; slow
  void AppendFrom(const Column& column, int32_t row);  // copies string bytes
  // Removes the last rows so that `row_count` remain (a record that failed half way).
  void Truncate(int32_t row_count);

  Column Finish();

 private:
  char* HeapSpace(size_t bytes);
  void AppendFromFlat(const Column& column, int32_t row);
  void Grow(int32_t rows);
  void MarkNull(int32_t row);
  int32_t* list_ends() { return reinterpret_cast<int32_t*>(slots_) + 1; }

  DataType type_;
  PhysicalType physical_;
  MemoryPool* pool_;
  int32_t row_count_ = 0;
  int32_t row_capacity_ = 0;
  int32_t rows_before_ = 0;     // of the last finished column: the next one starts with that room
  size_t width_ = 0;            // bytes of a slot; 0 for rows, which have none
  std::byte* slots_ = nullptr;  // values_->data()
  BufferPtr values_;
  BufferPtr validity_;  // made at the first NULL; bits past row_count_ are set
  std::vector<ColumnBuilder> children_;
  std::vector<BufferPtr> heaps_;
  BufferPtr heap_;  // the heap being filled, and where in it
  size_t heap_used_ = 0;
  size_t heap_size_ = 0;
};

}  // namespace rhei
