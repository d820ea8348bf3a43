#pragma once
// WatermarkGenerator: makes watermarks from rows, as Flink does: a row goes on first, then the
// watermark that it causes, so a row is judged by the watermark before it.
//
// A watermark goes out when it is more than the auto-watermark interval above the last one (with
// interval 0 or on-event: whenever it rises), and, when rows pause, after that interval of wall
// clock (Pending). Flink's periodic emission while rows flow is left out: it would make results
// depend on the machine's speed. Several generators of one source (a split each) share the output:
// the lowest of those that are not idle counts.
// Thread-safety: one thread. Ownership: keeps what it needs of the strategy.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "expr/program.h"
#include "plan/physical/source_spec.h"
#include "runtime/operator.h"

namespace rhei {

// Names the table and its column, when there is one.
Status NullRowtime(const std::string& table, const std::string& column);

class WatermarkGenerator {
 public:
  // `per_split`: each split has a generator of its own; else all rows feed one.
  Status Open(const WatermarkStrategy& strategy, const OperatorContext& context, bool per_split);
  bool enabled() const { return program_ != nullptr; }

  // Adds points to `batch`, whose rows belong to `split`. Points that it already has go on when
  // they are higher.
  Status Apply(Batch* batch, int32_t split, int64_t now_micros);
  // A watermark held back by the interval, to be sent when rows pause; kNoWatermark when none.
  int64_t Pending();
  // Rows pause: once they have for the interval, the pending watermark goes out in `batch`, which
  // is told by true. Until then `wake_micros` is lowered to that time.
  bool SendPending(int64_t now_micros, int64_t* wake_micros, Batch* batch);
  // Rows have come again.
  void EndPause() { paused_since_micros_ = 0; }

  void AddSplit(int32_t split, int64_t watermark_ms);
  void RemoveSplit(int32_t split);
  // An idle split does not count until its next row. True when something is to be sent (Pending).
  void SetIdle(int32_t split);
  bool all_idle() const;
  int64_t split_watermark_ms(int32_t split) const;

  // Raises the sent watermark to `watermark_ms` (from upstream or a script). True when it was
  // lower.
  bool RaiseTo(int64_t watermark_ms);

  // What a restart needs besides the splits' watermarks.
  std::string Save() const;
  Status Restore(std::string_view bytes);
  // After Restore: a final watermark that came with the rows does not count any more.
  void ForgetFinalTime();

 private:
  struct Split {
    int64_t watermark_ms = kNoWatermark;
    bool idle = false;
  };
  int64_t LowestBut(int32_t split) const;

  std::unique_ptr<ExprProgram> program_;
  int rowtime_column_ = -1;
  std::string table_;
  std::string rowtime_name_;
  bool per_split_ = false;
  int64_t interval_ms_ = 0;
  int64_t pause_micros_ = 0;         // after which a pending watermark goes out
  int64_t paused_since_micros_ = 0;  // 0: rows flow, or nothing is pending
  int64_t rows_between_ = 0;         // see WatermarkStrategy
  int64_t rows_since_ = 0;           // of them, since the last chance to send
  MemoryPool* pool_ = nullptr;
  std::map<int32_t, Split> splits_;
  int64_t sent_ms_ = kNoWatermark;
  std::vector<Column> columns_;  // scratch
};

}  // namespace rhei
