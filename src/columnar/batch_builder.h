#pragma once
// BatchBuilder: makes a batch row by row; one ColumnBuilder per field of a schema plus the changes.
//
//   builder.column(0).Append<int64_t>(7); builder.column(1).AppendString("x");
//   builder.FinishRow(ChangeKind::kInsert);
//
// Thread-safety: one thread. Reusable after Finish().
#include <vector>

#include "columnar/batch.h"
#include "columnar/column_builder.h"

namespace rhei {

class BatchBuilder {
 public:
  explicit BatchBuilder(const Schema& schema, MemoryPool* pool = nullptr);

  ColumnBuilder& column(size_t index) { return columns_[index]; }
  size_t column_count() const { return columns_.size(); }
  int32_t row_count() const { return row_count_; }
  void FinishRow(ChangeKind kind = ChangeKind::kInsert);
  void AppendRow(std::span<const Value> values, ChangeKind kind = ChangeKind::kInsert);
  // Copies a row of `batch` (same physical schema), keeping its string bytes alive by copying them.
  void AppendRowFrom(const Batch& batch, int32_t row, ChangeKind kind);
  // Rows appended after this are judged against `watermark_ms`.
  void AddWatermark(int64_t watermark_ms);
  bool empty() const { return row_count_ == 0 && points_.empty(); }
  Batch Finish();

 private:
  std::vector<ColumnBuilder> columns_;
  std::vector<ChangeKind> changes_;
  bool insert_only_ = true;
  std::vector<WatermarkPoint> points_;
  int32_t row_count_ = 0;
  MemoryPool* pool_;
};

}  // namespace rhei
