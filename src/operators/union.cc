// Union (ALL): hands on the batches of all inputs as they come. in = out.
#include "operators/output_queue.h"
#include "plan/physical/calc_spec.h"
#include "runtime/operator.h"

namespace rhei {
namespace {

class Union final : public Operator {
 public:
  Status Open(OperatorContext& context) override {
    out_.Open(context.settings->batch_rows_max, context.pool);
    in_ = context.counters->Get("in");
    passed_ = context.counters->Get("out");
    context.counters->DeclareEquation({"in"}, {"out"});
    return {};
  }
  Status Accept(int /*input*/, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    in_->Add(element.batch.row_count);
    out_.Push(std::move(element.batch));
    return {};
  }
  Result<PullResult> Pull(PulledBatch* out) override {
    const PullResult pulled = out_.Pull(out);
    if (pulled == PullResult::kBatch) passed_->Add(out->batch.row_count);
    return pulled;
  }

 private:
  OutputQueue out_;
  Counter* in_ = nullptr;
  Counter* passed_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeUnion(const OperatorSpec& /*spec*/) {
  return std::unique_ptr<Operator>(std::make_unique<Union>());
}

}  // namespace rhei
