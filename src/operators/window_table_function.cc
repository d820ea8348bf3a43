// WindowTableFunction: a window TVF that is not aggregated: every row once per TUMBLE, HOP or
// CUMULATE window it belongs to, with window_start, window_end and window_time behind its columns.
// A row whose time is NULL is dropped, as in Flink. in = expanded + null_time.
// SESSION is in session_table_function.cc.
#include "operators/batch_cursor.h"
#include "operators/output_queue.h"
#include "operators/window_times.h"
#include "plan/physical/aggregate_spec.h"
#include "runtime/operator.h"

namespace rhei {

Result<std::unique_ptr<Operator>> MakeSessionTableFunction(const WindowTableFunctionSpec& spec);

namespace {

class WindowTableFunction final : public Operator {
 public:
  explicit WindowTableFunction(const WindowTableFunctionSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    ASSIGN_OR_RETURN(times_, WindowTimes::Make(spec_.window));
    in_ = context.counters->Get("in");
    expanded_ = context.counters->Get("expanded");
    null_time_ = context.counters->Get("null_time");
    context.counters->DeclareEquation({"in"}, {"expanded", "null_time"});
    return {};
  }

  Status Accept(int /*input*/, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    cursor_.Begin(std::move(element.batch));
    window_ = 0;
    now_micros_ = context_->env->clock->WallMicros();
    in_->Add(cursor_.batch.row_count);
    return {};
  }

  // Up to batch_rows_max (row, window) pairs.
  Result<PullResult> Pull(PulledBatch* out) override {
    const auto rows_max = static_cast<size_t>(context_->settings->batch_rows_max);
    rows_.clear();
    starts_.clear();
    ends_.clear();
    Batch made;
    while (rows_.size() < rows_max && cursor_.HasRows()) {
      TakePoints(&made);
      ExpandRow(rows_max);
    }
    if (!cursor_.HasRows()) TakePoints(&made);
    if (rows_.empty() && made.points.empty()) {
      cursor_.End();
      return PullResult::kNeedInput;
    }
    cursor_.GatherInto(&made, rows_, context_->pool);
    AppendBounds(&made);
    out->batch = std::move(made);
    out->port = kMainPort;
    return PullResult::kBatch;
  }

 private:
  void TakePoints(Batch* made) {
    if (window_ == 0) cursor_.TakePointsInto(made, rows_.size());
  }

  // The windows of the row from window_ on: a HOP's newest first, a CUMULATE's shortest first.
  void ExpandRow(size_t rows_max) {
    const Column& column = cursor_.batch.columns[static_cast<size_t>(spec_.window.time_column)];
    if (spec_.window.event_time && column.IsNull(cursor_.row)) {
      null_time_->Add(1);
      ++cursor_.row;
      return;
    }
    const int64_t time_micros =
        spec_.window.event_time ? ColumnReader<int64_t>(column)[cursor_.row] : now_micros_;
    const int64_t slice = times_.SliceEnd(times_.LocalMillis(time_micros));
    const int64_t first = times_.FirstWindowEnd(slice);
    const int64_t last = times_.LastWindowEnd(slice);
    const int64_t count = last < first ? 0 : (last - first) / times_.step() + 1;
    for (; window_ < count && rows_.size() < rows_max; ++window_) {
      const int64_t end = spec_.window.kind == WindowKind::kHop ? last - window_ * times_.step()
                                                                : first + window_ * times_.step();
      rows_.push_back(cursor_.row);
      starts_.push_back(times_.WindowStart(end));
      ends_.push_back(end);
    }
    if (window_ < count) return;
    expanded_->Add(1);
    window_ = 0;
    ++cursor_.row;
  }

  void AppendBounds(Batch* made) {
    Column columns[3];
    for (Column& column : columns) {
      column.type = PhysicalType::kInt64;
      column.row_count = made->row_count;
      column.values = Buffer::Allocate(rows_.size() * sizeof(int64_t), context_->pool);
    }
    for (size_t i = 0; i < rows_.size(); ++i) {
      columns[0].values->as<int64_t>()[i] = starts_[i] * 1000;
      columns[1].values->as<int64_t>()[i] = ends_[i] * 1000;
      columns[2].values->as<int64_t>()[i] = times_.EpochMillis(ends_[i] - 1) * 1000;
    }
    for (Column& column : columns) made->columns.push_back(std::move(column));
  }

  WindowTableFunctionSpec spec_;
  OperatorContext* context_ = nullptr;
  WindowTimes times_;
  BatchCursor cursor_;
  int64_t window_ = 0;  // windows of the row that are done
  int64_t now_micros_ = 0;
  std::vector<int32_t> rows_;
  std::vector<int64_t> starts_, ends_;
  Counter* in_ = nullptr;
  Counter* expanded_ = nullptr;
  Counter* null_time_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeWindowTableFunction(const OperatorSpec& spec) {
  const auto& function = static_cast<const WindowTableFunctionSpec&>(spec);
  if (function.window.kind == WindowKind::kSession) {
    return MakeSessionTableFunction(function);
  }
  return std::unique_ptr<Operator>(std::make_unique<WindowTableFunction>(function));
}

}  // namespace rhei
