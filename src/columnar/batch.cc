#include "columnar/batch.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "columnar/batch_builder.h"
#include "columnar/debug_text.h"

namespace rhei {

Batch GatherRows(const Batch& batch, std::span<const int32_t> rows, MemoryPool* pool) {
  Batch out;
  out.row_count = static_cast<int32_t>(rows.size());
  out.columns.reserve(batch.columns.size());
  for (const Column& column : batch.columns) out.columns.push_back(Gather(column, rows, pool));
  if (batch.changes != nullptr) {
    out.changes = Buffer::Allocate(rows.size(), pool);
    const auto* in = batch.changes->as<ChangeKind>();
    for (size_t i = 0; i < rows.size(); ++i) out.changes->as<ChangeKind>()[i] = in[rows[i]];
  }
  for (const WatermarkPoint& point : batch.points) {
    const auto kept = std::lower_bound(rows.begin(), rows.end(), point.row);
    const auto row = static_cast<int32_t>(kept - rows.begin());
    if (!out.points.empty() && out.points.back().row == row) out.points.pop_back();
    out.points.push_back({row, point.watermark_ms});
  }
  return out;
}

Batch SliceRows(const Batch& batch, int32_t offset, int32_t row_count, MemoryPool* pool) {
  CHECK(offset >= 0 && row_count >= 0 && offset + row_count <= batch.row_count);
  Batch out;
  out.row_count = row_count;
  out.columns.reserve(batch.columns.size());
  for (const Column& column : batch.columns) {
    out.columns.push_back(Slice(column, offset, row_count, pool));
  }
  if (batch.changes != nullptr) {
    const std::string_view kinds(batch.changes->chars() + offset, static_cast<size_t>(row_count));
    out.changes = Buffer::CopyOf(kinds, pool);
  }
  // A point at the cut went with the slice before; only the first slice has one at its first row.
  for (const WatermarkPoint& point : batch.points) {
    if (point.row > offset + row_count || (point.row <= offset && offset > 0)) continue;
    out.points.push_back({point.row - offset, point.watermark_ms});
  }
  return out;
}

int64_t BatchBytes(const Batch& batch) {
  int64_t bytes = batch.changes == nullptr ? 0 : static_cast<int64_t>(batch.changes->size());
  for (const Column& column : batch.columns) bytes += ColumnBytes(column);
  return bytes;
}

std::string DebugRow(const Batch& batch, int32_t row, const Schema& schema) {
  std::string text(ChangeKindSymbol(batch.change(row)));
  text += '[';
  for (size_t i = 0; i < batch.columns.size(); ++i) {
    if (i > 0) text += ", ";
    text += DebugText(GetValue(batch.columns[i], row, schema.type(i)), schema.type(i));
  }
  return text + "]";
}

BatchBuilder::BatchBuilder(const Schema& schema, MemoryPool* pool) : pool_(pool) {
  columns_.reserve(schema.size());
  for (const Field& field : schema.fields) columns_.emplace_back(field.type, pool);
}

void BatchBuilder::FinishRow(ChangeKind kind) {
  // Kinds are kept from the first row that is not an insert.
  if (insert_only_ && kind != ChangeKind::kInsert) {
    insert_only_ = false;
    changes_.assign(static_cast<size_t>(row_count_), ChangeKind::kInsert);
  }
  if (!insert_only_) changes_.push_back(kind);
  ++row_count_;
  DCHECK(columns_.empty() || columns_[0].row_count() == row_count_);
}

void BatchBuilder::AppendRow(std::span<const Value> values, ChangeKind kind) {
  CHECK(values.size() == columns_.size());
  for (size_t i = 0; i < values.size(); ++i) columns_[i].AppendValue(values[i]);
  FinishRow(kind);
}

void BatchBuilder::AppendRowFrom(const Batch& batch, int32_t row, ChangeKind kind) {
  DCHECK(batch.columns.size() == columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) columns_[i].AppendFrom(batch.columns[i], row);
  FinishRow(kind);
}

void BatchBuilder::AddWatermark(int64_t watermark_ms) {
  if (!points_.empty() && points_.back().row == row_count_) points_.pop_back();
  points_.push_back({row_count_, watermark_ms});
}

Batch BatchBuilder::Finish() {
  Batch batch;
  batch.row_count = row_count_;
  batch.columns.reserve(columns_.size());
  for (ColumnBuilder& column : columns_) {
    DCHECK(column.row_count() == row_count_);
    batch.columns.push_back(column.Finish());
  }
  if (!insert_only_) {
    const std::string_view kinds(reinterpret_cast<const char*>(changes_.data()), changes_.size());
    batch.changes = Buffer::CopyOf(kinds, pool_);
  }
  batch.points = std::move(points_);
  points_.clear();
  changes_.clear();
  insert_only_ = true;
  row_count_ = 0;
  return batch;
}

}  // namespace rhei
