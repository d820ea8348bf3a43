#pragma once
// Batch: up to kBatchRowsMax rows stored by column, a change kind per row, and watermark points.
//
// Batches are dense: a filter gathers the rows it keeps, so no operator meets a selection vector.
// A WatermarkPoint {row, watermark} says: rows at or after `row` are judged against `watermark`;
// row == row_count() is "after the last row". Points are ordered by row and their watermarks rise.
// A watermark travels only as a point; with no row to carry it, in a batch of 0 rows.
// Ownership: columns share buffers. Thread-safety: const once handed on.
#include <cstdint>
#include <span>
#include <vector>

#include "columnar/column.h"
#include "types/change_kind.h"

namespace rhei {

inline constexpr int32_t kBatchRowsMax = 4096;
inline constexpr int64_t kNoWatermark = INT64_MIN;
inline constexpr int64_t kFinalWatermark = INT64_MAX;

struct WatermarkPoint {
  int32_t row = 0;
  int64_t watermark_ms = kNoWatermark;
  bool operator==(const WatermarkPoint&) const = default;
};

struct Batch {
  int32_t row_count = 0;
  std::vector<Column> columns;
  BufferPtr changes;  // one ChangeKind a row; null when all are +I
  std::vector<WatermarkPoint> points;

  ChangeKind change(int32_t row) const {
    return changes == nullptr ? ChangeKind::kInsert : changes->as<ChangeKind>()[row];
  }
  bool insert_only() const { return changes == nullptr; }
  bool empty() const { return row_count == 0 && points.empty(); }
  // The watermark after the last row, or kNoWatermark when the batch brings none.
  int64_t last_watermark() const {
    return points.empty() ? kNoWatermark : points.back().watermark_ms;
  }
};

// Rows at `rows` (ascending) with their changes; a point moves to the first kept row at or after
// its row, and of several that fall together the last stays.
Batch GatherRows(const Batch& batch, std::span<const int32_t> rows, MemoryPool* pool = nullptr);
// Rows [offset, offset + row_count) and the points inside; points at the end stay with the slice.
Batch SliceRows(const Batch& batch, int32_t offset, int32_t row_count, MemoryPool* pool = nullptr);
int64_t BatchBytes(const Batch& batch);
// "+I[1, abc]" lines for tests and error messages.
std::string DebugRow(const Batch& batch, int32_t row, const Schema& schema);

}  // namespace rhei
