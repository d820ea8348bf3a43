#pragma once
// BatchCursor: the input batch that an operator is at work on, and how far it is. Rows and the
// watermark points between them are taken in their order; a point goes before the row that it
// names. Thread-safety: one thread.
#include <cstdint>
#include <utility>

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
};

}  // namespace rhei
