// Values: the rows of a VALUES clause, once, on shard 0. A source.
#include "columnar/batch_builder.h"
#include "operators/expressions.h"
#include "plan/physical/source_spec.h"
#include "runtime/operator.h"
#include "state/list_state.h"

namespace rhei {
namespace {

class Values final : public Operator {
 public:
  explicit Values(const ValuesSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    ASSIGN_OR_RETURN(position_, context.state->OpenList("position"));
    next_ = context.shard == 0 ? 0 : spec_.rows.size();
    if (context.shard == 0 && !position_->restored().empty()) {
      // Other shards write nothing, so the only element is shard 0's.
      next_ = static_cast<size_t>(std::stoull(position_->restored().front()));
    }
    out_count_ = context.counters->Get("out");
    return {};
  }

  Result<bool> BeforeBarrier(uint64_t /*epoch*/) override {
    if (context_->shard == 0) position_->Set({std::to_string(next_)});
    return true;
  }

  Status Accept(int /*input*/, Element /*element*/) override { return {}; }

  Result<PullResult> Pull(PulledBatch* out) override {
    if (next_ == spec_.rows.size()) return PullResult::kDone;
    const SessionSettings session = SessionOf(*context_);
    BatchBuilder builder(spec_.output, context_->pool);
    std::vector<Value> row;
    while (next_ < spec_.rows.size() && builder.row_count() < context_->settings->batch_rows_max) {
      row.clear();
      for (const BoundExprPtr& expression : spec_.rows[next_]) {
        ASSIGN_OR_RETURN(Value value, EvaluateConstant(expression, session));
        row.push_back(std::move(value));
      }
      builder.AppendRow(row);
      ++next_;
    }
    out_count_->Add(builder.row_count());
    out->batch = builder.Finish();
    out->port = kMainPort;
    return PullResult::kBatch;
  }

 private:
  ValuesSpec spec_;
  OperatorContext* context_ = nullptr;
  ListState* position_ = nullptr;
  size_t next_ = 0;
  Counter* out_count_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeValues(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(std::make_unique<Values>(static_cast<const ValuesSpec&>(spec)));
}

}  // namespace rhei
