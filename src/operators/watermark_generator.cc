#include "operators/watermark_generator.h"

#include <algorithm>

#include "operators/expressions.h"
#include "state/state_bytes.h"
#include "types/temporal.h"

namespace rhei {
namespace {

// Flink's generator starts at 0, so times before 1970 never move it.
constexpr int64_t kFirstWatermark = 0;
constexpr int32_t kOnlySplit = -1;

// The watermark expression's value in milliseconds.
class TimeReader {
 public:
  explicit TimeReader(const Column& column) : column_(column) {
    const Column& values = column.encoding == Encoding::kDictionary ? column.dictionary() : column;
    if (column.type == PhysicalType::kTimestamp9) {
      nanos_ = values.data<Timestamp9>();
    } else {
      micros_ = values.data<int64_t>();
    }
  }
  bool IsNull(int32_t row) const { return column_.IsNull(row); }
  int64_t Millis(int32_t row) const {
    const int32_t at = column_.ValueIndex(row);
    return MillisOfMicros(micros_ != nullptr ? micros_[at] : nanos_[at].micros);
  }

 private:
  const Column& column_;
  const int64_t* micros_ = nullptr;
  const Timestamp9* nanos_ = nullptr;
};

}  // namespace

Status NullRowtime(const std::string& table, const std::string& column) {
  const Status found =
      DataError("RowTime field should not be null, please convert it to a non-null long value.");
  return table.empty() ? found : found.WithContext(table + ": column '" + column + "'");
}

Status WatermarkGenerator::Open(const WatermarkStrategy& strategy, const OperatorContext& context,
                                bool per_split) {
  pause_micros_ = context.settings->auto_watermark_interval_ms * 1000;
  // A batch job has all rows before any result: no row is late, and only the end moves time.
  if (strategy.expression == nullptr || context.settings->batch_mode) return {};
  ASSIGN_OR_RETURN(program_, CompileFor(context, {&strategy.expression, 1}));
  rowtime_column_ = strategy.rowtime_column;
  table_ = strategy.table;
  rowtime_name_ = strategy.rowtime_name;
  per_split_ = per_split;
  rows_between_ = strategy.rows_between;
  interval_ms_ = rows_between_ > 0 ? 0 : context.settings->auto_watermark_interval_ms;
  pool_ = context.pool;
  if (!per_split_) {
    splits_[kOnlySplit].watermark_ms = kFirstWatermark;
    sent_ms_ = kFirstWatermark;
  }
  return {};
}

int64_t WatermarkGenerator::LowestBut(int32_t but) const {
  int64_t lowest = kFinalWatermark;
  for (const auto& [number, split] : splits_) {
    if (number != but && !split.idle) lowest = std::min(lowest, split.watermark_ms);
  }
  return lowest;
}

Status WatermarkGenerator::Apply(Batch* batch, int32_t split_number, int64_t now_micros) {
  if (program_ == nullptr) return {};
  std::vector<WatermarkPoint> given = std::move(batch->points);
  batch->points.clear();
  if (batch->row_count > 0 && rowtime_column_ >= 0) {
    const Column& rowtime = batch->columns[static_cast<size_t>(rowtime_column_)];
    if (rowtime.may_have_nulls() && CountNulls(rowtime) > 0) {
      return NullRowtime(table_, rowtime_name_);
    }
  }
  columns_.clear();
  if (batch->row_count > 0) {
    ExprProgram::RunContext run;
    run.pool = pool_;
    run.now_micros = now_micros;
    RETURN_IF_ERROR(program_->Evaluate(batch->columns, batch->row_count, run, &columns_));
  }
  const int32_t number = per_split_ ? split_number : kOnlySplit;
  Split& split = splits_[number];
  split.idle = split.idle && batch->row_count == 0;
  const int64_t others = LowestBut(number);
  size_t next_given = 0;
  const auto emit = [&](int32_t row, int64_t watermark_ms) {
    sent_ms_ = watermark_ms;
    if (!batch->points.empty() && batch->points.back().row == row) batch->points.pop_back();
    batch->points.push_back({row, watermark_ms});
  };
  const auto take_given = [&](int32_t row) {
    for (; next_given < given.size() && given[next_given].row <= row; ++next_given) {
      const int64_t watermark_ms = given[next_given].watermark_ms;
      split.watermark_ms = std::max(split.watermark_ms, watermark_ms);
      if (watermark_ms > sent_ms_) emit(row, watermark_ms);
    }
  };
  if (batch->row_count > 0) {
    const TimeReader times(columns_[0]);
    for (int32_t row = 0; row < batch->row_count; ++row) {
      take_given(row);
      if (times.IsNull(row)) continue;
      split.watermark_ms = std::max(split.watermark_ms, times.Millis(row));
      if (rows_between_ > 1 && ++rows_since_ < rows_between_) continue;
      rows_since_ = 0;
      const int64_t lowest = std::min(split.watermark_ms, others);
      if (lowest == kNoWatermark || lowest <= sent_ms_) continue;
      // In a form that cannot overflow where nothing has been sent yet.
      if (sent_ms_ == kNoWatermark || lowest - sent_ms_ > interval_ms_) emit(row + 1, lowest);
    }
  }
  take_given(batch->row_count);
  return {};
}

int64_t WatermarkGenerator::Pending() {
  if (program_ == nullptr || splits_.empty() || all_idle()) return kNoWatermark;
  if (rows_between_ > 1) return kNoWatermark;  // by rows alone, as the user asked
  const int64_t lowest = LowestBut(INT32_MIN);
  return lowest > sent_ms_ && lowest != kFinalWatermark ? lowest : kNoWatermark;
}

bool WatermarkGenerator::SendPending(int64_t now_micros, int64_t* wake_micros, Batch* batch) {
  const int64_t pending_ms = Pending();
  if (pending_ms == kNoWatermark) return false;
  if (paused_since_micros_ == 0) paused_since_micros_ = now_micros;
  if (now_micros - paused_since_micros_ < pause_micros_) {
    *wake_micros = std::min(*wake_micros, paused_since_micros_ + pause_micros_);
    return false;
  }
  paused_since_micros_ = 0;
  RaiseTo(pending_ms);
  batch->points.push_back({0, pending_ms});
  return true;
}

void WatermarkGenerator::AddSplit(int32_t split, int64_t watermark_ms) {
  if (per_split_) splits_[split] = {watermark_ms, false};
}

void WatermarkGenerator::RemoveSplit(int32_t split) {
  if (per_split_) splits_.erase(split);
}

void WatermarkGenerator::SetIdle(int32_t split) {
  const auto found = splits_.find(per_split_ ? split : kOnlySplit);
  if (found != splits_.end()) found->second.idle = true;
}

bool WatermarkGenerator::all_idle() const {
  return std::all_of(splits_.begin(), splits_.end(),
                     [](const auto& entry) { return entry.second.idle; });
}

int64_t WatermarkGenerator::split_watermark_ms(int32_t split) const {
  const auto found = splits_.find(split);
  return found == splits_.end() ? kNoWatermark : found->second.watermark_ms;
}

bool WatermarkGenerator::RaiseTo(int64_t watermark_ms) {
  if (watermark_ms <= sent_ms_) return false;
  sent_ms_ = watermark_ms;
  return true;
}

std::string WatermarkGenerator::Save() const {
  std::string bytes;
  WriteFixed(sent_ms_, &bytes);
  const auto only = splits_.find(kOnlySplit);
  WriteFixed(only == splits_.end() ? kNoWatermark : only->second.watermark_ms, &bytes);
  if (rows_between_ > 1) WriteFixed(rows_since_, &bytes);
  return bytes;
}

void WatermarkGenerator::ForgetFinalTime() {
  const int64_t none = per_split_ ? kNoWatermark : kFirstWatermark;
  if (sent_ms_ == kFinalWatermark) sent_ms_ = none;
  for (auto& [number, split] : splits_) {
    if (split.watermark_ms == kFinalWatermark) split.watermark_ms = none;
  }
}

Status WatermarkGenerator::Restore(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto sent_ms = reader.ReadFixed<int64_t>();
  const auto watermark_ms = reader.ReadFixed<int64_t>();
  if (rows_between_ > 1 && reader.left() > 0) rows_since_ = reader.ReadFixed<int64_t>();
  if (!reader.ok()) {
    return {ErrorCode::kStateMismatch, "watermark generator: its state is damaged"};
  }
  if (program_ == nullptr) return {};
  sent_ms_ = sent_ms;
  if (!per_split_) splits_[kOnlySplit].watermark_ms = watermark_ms;
  return {};
}

}  // namespace rhei
