// Calc: keeps the rows whose condition is TRUE (NULL counts as FALSE) and computes projections over
// them. in = out + filtered.
#include "operators/expressions.h"
#include "operators/output_queue.h"
#include "operators/watermark_state.h"
#include "plan/physical/calc_spec.h"
#include "runtime/operator.h"

namespace rhei {
namespace {

class Calc final : public Operator {
 public:
  explicit Calc(const CalcSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    const SessionSettings session = SessionOf(context);
    if (spec_.condition != nullptr) {
      ASSIGN_OR_RETURN(condition_, ExprProgram::Compile(std::span(&spec_.condition, 1), session,
                                                        context.settings->random_seed));
    }
    ASSIGN_OR_RETURN(projections_, ExprProgram::Compile(spec_.projections, session,
                                                        context.settings->random_seed + 1));
    used_.assign(spec_.input_types.size(), false);
    for (const BoundExprPtr& projection : spec_.projections) CollectInputs(*projection, &used_);
    needs_watermarks_ = projections_->needs_watermarks() ||
                        (condition_ != nullptr && condition_->needs_watermarks());
    if (needs_watermarks_) RETURN_IF_ERROR(watermark_.Open(context));
    in_ = context.counters->Get("in");
    passed_ = context.counters->Get("out");
    filtered_ = context.counters->Get("filtered");
    context.counters->DeclareEquation({"in"}, {"out", "filtered"});
    return {};
  }

  Result<bool> BeforeBarrier(uint64_t /*epoch*/) override {
    if (needs_watermarks_) watermark_.Save();
    return true;
  }

  Status Accept(int /*input*/, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    Batch& batch = element.batch;
    in_->Add(batch.row_count);
    ExprProgram::RunContext run = RunNow(*context_);
    if (needs_watermarks_) run.row_watermarks = RowWatermarks(batch);
    if (condition_ != nullptr && batch.row_count > 0) {
      RETURN_IF_ERROR(Filter(&batch, &run));
    }
    passed_->Add(batch.row_count);
    Batch out;
    out.row_count = batch.row_count;
    out.changes = std::move(batch.changes);
    out.points = std::move(batch.points);
    RETURN_IF_ERROR(projections_->Evaluate(batch.columns, batch.row_count, run, &out.columns));
    out_.Push(std::move(out));
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override { return out_.Pull(out); }

 private:
  Status Filter(Batch* batch, ExprProgram::RunContext* run) {
    RETURN_IF_ERROR(
        condition_->Evaluate(batch->columns, batch->row_count, *run, &condition_columns_));
    kept_.clear();
    TrueRows(condition_columns_[0], &kept_);
    const auto kept = static_cast<int32_t>(kept_.size());
    filtered_->Add(batch->row_count - kept);
    if (kept == batch->row_count) return {};
    // Only what the projections read is gathered.
    for (size_t i = 0; i < batch->columns.size(); ++i) {
      if (!used_[i]) {
        batch->columns[i] = MakeNulls(spec_.input_types[i], batch->row_count);
      }
    }
    *batch = GatherRows(*batch, kept_, context_->pool);
    if (run->row_watermarks != nullptr) {
      for (size_t i = 0; i < kept_.size(); ++i) {
        row_watermarks_[i] = row_watermarks_[static_cast<size_t>(kept_[i])];
      }
    }
    return {};
  }

  // The watermark before each row.
  const int64_t* RowWatermarks(const Batch& batch) {
    row_watermarks_.resize(static_cast<size_t>(batch.row_count));
    auto point = batch.points.begin();
    for (int32_t row = 0; row < batch.row_count; ++row) {
      for (; point != batch.points.end() && point->row <= row; ++point) {
        watermark_.Set(point->watermark_ms);
      }
      row_watermarks_[static_cast<size_t>(row)] = watermark_.value();
    }
    if (!batch.points.empty()) watermark_.Set(batch.last_watermark());
    return row_watermarks_.data();
  }

  CalcSpec spec_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  std::unique_ptr<ExprProgram> condition_;
  std::unique_ptr<ExprProgram> projections_;
  std::vector<bool> used_;
  bool needs_watermarks_ = false;
  WatermarkState watermark_;
  std::vector<int64_t> row_watermarks_;
  std::vector<Column> condition_columns_;
  std::vector<int32_t> kept_;
  Counter* in_ = nullptr;
  Counter* passed_ = nullptr;
  Counter* filtered_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeCalc(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(std::make_unique<Calc>(static_cast<const CalcSpec&>(spec)));
}

}  // namespace rhei
