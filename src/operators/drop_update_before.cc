// DropUpdateBefore: leaves -U rows out, for a consumer that reads updates by key.
// in = out + dropped.
#include "operators/output_queue.h"
#include "plan/physical/calc_spec.h"
#include "runtime/operator.h"

namespace rhei {
namespace {

class DropUpdateBefore final : public Operator {
 public:
  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    in_ = context.counters->Get("in");
    passed_ = context.counters->Get("out");
    dropped_ = context.counters->Get("dropped");
    context.counters->DeclareEquation({"in"}, {"out", "dropped"});
    return {};
  }
  Status Accept(int /*input*/, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    Batch& batch = element.batch;
    in_->Add(batch.row_count);
    if (batch.changes != nullptr) {
      kept_.clear();
      for (int32_t row = 0; row < batch.row_count; ++row) {
        if (batch.change(row) != ChangeKind::kUpdateBefore) kept_.push_back(row);
      }
      const auto kept = static_cast<int32_t>(kept_.size());
      dropped_->Add(batch.row_count - kept);
      if (kept != batch.row_count) batch = GatherRows(batch, kept_, context_->pool);
    }
    passed_->Add(batch.row_count);
    out_.Push(std::move(batch));
    return {};
  }
  Result<PullResult> Pull(PulledBatch* out) override { return out_.Pull(out); }

 private:
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  std::vector<int32_t> kept_;
  Counter* in_ = nullptr;
  Counter* passed_ = nullptr;
  Counter* dropped_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeDropUpdateBefore(const OperatorSpec& /*spec*/) {
  return std::unique_ptr<Operator>(std::make_unique<DropUpdateBefore>());
}

}  // namespace rhei
