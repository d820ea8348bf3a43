#pragma once
// BatchCursor: the input batch that an operator is at work on, and how far it is. Rows and the
// watermark points between them are taken in their order; a point goes before the row that it
// names. Thread-safety: one thread.
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "columnar/batch.h"

namespace rhei {

struct BatchCursor {
  Batch batch;
  int32_t row = 0;   // the next one to take
  size_t point = 0;  // likewise

  void Begin(Batch next) { *this = {std::move(next)}; }
  // Gives the batch's memory back.
  void End() { *this = {}; }

  bool HasRows() const { return row < batch.row_count; }
  bool Done() const { return !HasRows() && point == batch.points.size(); }
  bool AtPoint() const { return point < batch.points.size() && batch.points[point].row <= row; }
  // REQUIRES: AtPoint().
  int64_t TakePoint() { return batch.points[point++].watermark_ms; }
  // The end of the rows before the next point. REQUIRES: !AtPoint().
  int32_t RunEnd() const {
    return point < batch.points.size() ? batch.points[point].row : batch.row_count;
  }

  // For what an operator makes of the rows: the points that are due go behind the `made_rows` rows
  // of `made` so far, of those at one place the last.
  void TakePointsInto(Batch* made, size_t made_rows) {
    const auto at = static_cast<int32_t>(made_rows);
    while (AtPoint()) {
      if (!made->points.empty() && made->points.back().row == at) made->points.pop_back();
      made->points.push_back({at, TakePoint()});
    }
  }
  // `made` has `rows` of the batch, which may stand there several times, besides its points.
  void GatherInto(Batch* made, std::span<const int32_t> rows, MemoryPool* pool) const {
    std::vector<WatermarkPoint> points = std::move(made->points);
    *made = GatherRows(batch, rows, pool);
    made->points = std::move(points);
  }
};

}  // namespace rhei
