// Limit: OFFSET and FETCH without an order over an insert-only input: the rows by arrival. Over an
// updating input it is a Top-N without an order (rank.cc). In batch mode the last row wanted ends
// the input; a streaming job goes on, as in Flink. in = out + skipped.
#include "operators/output_queue.h"
#include "plan/physical/rank_spec.h"
#include "runtime/operator.h"
#include "state/state_store.h"
#include "state/table.h"

namespace rhei {

Result<std::unique_ptr<Operator>> MakeSortLimit(const OperatorSpec& spec);

namespace {

class Limit final : public Operator {
 public:
  explicit Limit(const SortSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    ASSIGN_OR_RETURN(table_, context.state->OpenTable(
                                 {"seen", {}, {SlotSpec::Fixed(sizeof(int64_t))}, 0, false}));
    in_ = context.counters->Get("in");
    passed_ = context.counters->Get("out");
    skipped_ = context.counters->Get("skipped");
    context.counters->DeclareEquation({"in"}, {"out", "skipped"});
    return {};
  }

  Status Accept(int /*input*/, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    Batch& batch = element.batch;
    StateRow* state = table_->FindOrInsertOnly();
    auto& seen = table_->Value<int64_t>(state, 0);
    const int64_t end = spec_.limit < 0 ? INT64_MAX : spec_.offset + spec_.limit;
    std::vector<int32_t> kept;
    for (int32_t row = 0; row < batch.row_count; ++row, ++seen) {
      if (seen >= spec_.offset && seen < end) kept.push_back(row);
    }
    satisfied_ = context_->settings->batch_mode && seen >= end;
    const auto passed = static_cast<int32_t>(kept.size());
    in_->Add(batch.row_count);
    passed_->Add(passed);
    skipped_->Add(batch.row_count - passed);
    out_.Push(passed == batch.row_count ? std::move(batch)
                                        : GatherRows(batch, kept, context_->pool));
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    if (out_.empty()) return satisfied_ ? PullResult::kDone : PullResult::kNeedInput;
    return out_.Pull(out);
  }

 private:
  SortSpec spec_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  StateTable* table_ = nullptr;
  Counter* in_ = nullptr;
  Counter* passed_ = nullptr;
  Counter* skipped_ = nullptr;
  bool satisfied_ = false;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeLimit(const OperatorSpec& spec) {
  const auto& limit = static_cast<const SortSpec&>(spec);
  if (!limit.input_changelog.insert_only()) return MakeSortLimit(spec);
  return std::unique_ptr<Operator>(std::make_unique<Limit>(limit));
}

}  // namespace rhei
