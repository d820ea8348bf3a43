// Source of typed rows: a RowSource on shard 0; the other shards end at once. rows = what went out.
#include "operators/connector_operators.h"

#include "operators/watermark_generator.h"
#include "state/list_state.h"
#include "state/state_bytes.h"

namespace rhei {
namespace {

class RowSourceOperator final : public Operator {
 public:
  RowSourceOperator(const SourceSpec& spec, std::unique_ptr<RowSource> rows)
      : spec_(spec), rows_(std::move(rows)) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_ = context.counters->Get("rows");
    RETURN_IF_ERROR(generator_.Open(spec_.watermark, context, true));
    if (rows_ != nullptr) generator_.AddSplit(0, kNoWatermark);
    ASSIGN_OR_RETURN(list_, context.state->OpenList("position"));
    for (const std::string& saved : list_->restored()) {
      if (rows_ == nullptr) break;
      ByteReader reader(saved);
      emitted_ = reader.ReadFixed<int64_t>();
      RETURN_IF_ERROR(generator_.Restore(reader.ReadBytes()));
      RETURN_IF_ERROR(rows_->Restore(reader.ReadBytes()));
    }
    return {};
  }

  Status Accept(int, Element) override { return {}; }

  Result<PullResult> Pull(PulledBatch* out) override {
    if (rows_ == nullptr) return PullResult::kDone;
    const int64_t now_micros = context_->env->clock->WallMicros();
    while (true) {
      out->batch = {};
      int64_t wake_micros = INT64_MAX;
      ASSIGN_OR_RETURN(const PollResult result,
                       rows_->Next(context_->settings->batch_rows_max, &out->batch, &wake_micros));
      switch (result) {
        case PollResult::kChunk: break;
        case PollResult::kSplitEnd: continue;
        case PollResult::kEnd: return PullResult::kDone;
        case PollResult::kNothing: return Pause(now_micros, wake_micros, out);
      }
      if (out->batch.empty()) continue;
      generator_.EndPause();
      RETURN_IF_ERROR(generator_.Apply(&out->batch, 0, now_micros));
      out_->Add(out->batch.row_count);
      emitted_ += out->batch.row_count;
      return PullResult::kBatch;
    }
  }

  Result<bool> BeforeBarrier(uint64_t) override {
    if (rows_ == nullptr) return true;
    std::string state;
    WriteFixed(emitted_, &state);
    WriteBytes(generator_.Save(), &state);
    WriteBytes(rows_->Snapshot(), &state);
    list_->Set({std::move(state)});
    return true;
  }

 private:
  // Nothing now.
  Result<PullResult> Pause(int64_t now_micros, int64_t wake_micros, PulledBatch* out) {
    if (generator_.SendPending(now_micros, &wake_micros, &out->batch)) return PullResult::kBatch;
    if (wake_micros != INT64_MAX) context_->wakeup->WakeAtMicros(wake_micros);
    return PullResult::kNeedInput;
  }

  const SourceSpec& spec_;
  std::unique_ptr<RowSource> rows_;  // null: not this shard
  OperatorContext* context_ = nullptr;
  WatermarkGenerator generator_;
  ListState* list_ = nullptr;
  Counter* out_ = nullptr;
  int64_t emitted_ = 0;  // over restores
};

}  // namespace

SourceRequest RequestOf(const SourceSpec& spec, const OperatorContext& context) {
  SourceRequest request;
  request.table = spec.table;
  request.options = spec.options;
  request.scan = spec.scan;
  request.metadata = spec.metadata;
  request.partition_columns = spec.partition_columns;
  request.output = spec.output;
  request.shard = context.shard;
  request.shard_count = context.shard_count;
  request.env = context.env;
  request.settings = context.settings;
  request.pool = context.pool;
  return request;
}

Result<std::unique_ptr<Operator>> MakeRowSourceOperator(const SourceSpec& spec,
                                                        const ConnectorOperatorContext& context) {
  std::unique_ptr<RowSource> rows;
  if (context.op->shard == 0) {
    ASSIGN_OR_RETURN(rows, context.factory->MakeRowSource(RequestOf(spec, *context.op)));
  }
  return std::unique_ptr<Operator>(std::make_unique<RowSourceOperator>(spec, std::move(rows)));
}

Result<std::unique_ptr<Operator>> MakeSource(const SourceSpec& spec,
                                             const ConnectorOperatorContext& context) {
  return context.factory->makes_rows() ? MakeRowSourceOperator(spec, context)
                                       : MakeRecordSourceOperator(spec, context);
}

}  // namespace rhei
