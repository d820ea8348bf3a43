// LateRows: rows that another operator found late, made rows of a `$late` table. in = out.
#include "columnar/batch_builder.h"
#include "operators/output_queue.h"
#include "operators/row_json.h"
#include "plan/physical/side_spec.h"
#include "runtime/operator.h"
#include "types/side_tables.h"

namespace rhei {
namespace {

class LateRows final : public Operator {
 public:
  explicit LateRows(const LateRowsSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    in_ = context.counters->Get("in");
    passed_ = context.counters->Get("out");
    context.counters->DeclareEquation({"in"}, {"out"});
    return json_.Open(spec_.input, context.settings->time_zone, context.pool);
  }

  Status Accept(int, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    const Batch& batch = element.batch;
    if (batch.row_count > 0) {
      in_->Add(batch.row_count);
      RETURN_IF_ERROR(json_.Write(batch));
      BatchBuilder builder(LateTableSchema(), context_->pool);
      const int64_t now_ms = context_->env->clock->WallMicros() / 1000;
      for (int32_t row = 0; row < batch.row_count; ++row) {
        builder.column(0).Append<int64_t>(now_ms * 1000);
        builder.column(1).AppendString(spec_.producer);
        builder.column(2).AppendString(ChangeKindSymbol(batch.change(row)));
        builder.column(3).AppendString(json_.row(row));
        builder.FinishRow();
        passed_->Add(1);
      }
      out_.Push(builder.Finish());
    }
    for (const WatermarkPoint& point : batch.points) out_.PushWatermark(point.watermark_ms);
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override { return out_.Pull(out); }

 private:
  const LateRowsSpec& spec_;
  OperatorContext* context_ = nullptr;
  RowJson json_;
  OutputQueue out_;
  Counter* in_ = nullptr;
  Counter* passed_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeLateRows(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(
      std::make_unique<LateRows>(static_cast<const LateRowsSpec&>(spec)));
}

}  // namespace rhei
