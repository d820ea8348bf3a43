// Watermark assigner: gives the rows of a table with a WATERMARK clause their watermarks, where the
// source does not do it itself. Watermarks from upstream are passed on only when they are higher (a
// test script's own; the final one comes from the task). Idle after idle_timeout without a row.
#include "operators/builtin.h"
#include "operators/output_queue.h"
#include "operators/watermark_generator.h"
#include "state/list_state.h"
#include "state/state_bytes.h"

namespace rhei {
namespace {

class WatermarkAssigner final : public Operator {
 public:
  explicit WatermarkAssigner(const WatermarkAssignerSpec& spec) : strategy_(spec.strategy) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    queue_.Open(context.settings->batch_rows_max, context.pool);
    RETURN_IF_ERROR(generator_.Open(strategy_, context, false));
    in_ = context.counters->Get("in");
    out_ = context.counters->Get("out");
    context.counters->DeclareEquation({"in"}, {"out"});
    ASSIGN_OR_RETURN(list_, context.state->OpenList("watermark"));
    // An instance goes on where the one of its number was. With more shards than before the new
    // ones begin anew, below the task's own watermark, which never falls.
    for (const std::string& saved : list_->restored()) {
      ByteReader reader(saved);
      if (reader.ReadFixed<int32_t>() != context.shard) continue;
      RETURN_IF_ERROR(generator_.Restore(reader.ReadBytes()));
    }
    if (context.forgets_final_time) generator_.ForgetFinalTime();
    last_row_micros_ = context.env->clock->WallMicros();
    // The snapshot may have been taken while the output was idle by the timeout, or held a
    // watermark back.
    tell_active_ = context.restored && strategy_.idle_timeout_ms > 0;
    if (context.restored) WatchPending(last_row_micros_);
    WatchIdleness();
    return {};
  }

  Status Accept(int, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    Batch batch = std::move(element.batch);
    in_->Add(batch.row_count);
    const int64_t now_micros = context_->env->clock->WallMicros();
    if (batch.row_count > 0) last_row_micros_ = now_micros;
    RETURN_IF_ERROR(generator_.Apply(&batch, 0, now_micros));
    wants_active_ = (idle_ || tell_active_) && batch.row_count > 0;
    tell_active_ = tell_active_ && !wants_active_;
    queue_.Push(std::move(batch));
    WatchPending(now_micros);
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    if (wants_active_) {
      wants_active_ = false;
      idle_ = false;
      WatchIdleness();
      return PullResult::kActive;
    }
    if (!queue_.empty()) {
      queue_.Pull(out);
      out_->Add(out->batch.row_count);
      return PullResult::kBatch;
    }
    if (wants_idle_) {
      wants_idle_ = false;
      idle_ = true;
      return PullResult::kIdle;
    }
    return PullResult::kNeedInput;
  }

  Status OnWake(int64_t now_micros) override {
    const int64_t interval_micros = context_->settings->auto_watermark_interval_ms * 1000;
    if (pending_at_micros_ != 0 && now_micros >= pending_at_micros_) {
      pending_at_micros_ = 0;
      if (now_micros - last_row_micros_ < interval_micros) {
        WatchPending(now_micros);  // rows still flow
        return {};
      }
      const int64_t pending_ms = generator_.Pending();
      if (pending_ms != kNoWatermark && generator_.RaiseTo(pending_ms)) {
        queue_.PushWatermark(pending_ms);
      }
    }
    const int64_t timeout_micros = strategy_.idle_timeout_ms * 1000;
    if (timeout_micros > 0 && !idle_) {
      if (now_micros - last_row_micros_ >= timeout_micros) {
        wants_idle_ = true;
      } else {
        WatchIdleness();
      }
    }
    return {};
  }

  Result<bool> BeforeBarrier(uint64_t) override {
    std::string state;
    WriteFixed<int32_t>(context_->shard, &state);
    WriteBytes(generator_.Save(), &state);
    list_->Set({std::move(state)});
    return true;
  }

 private:
  void WatchIdleness() {
    if (strategy_.idle_timeout_ms <= 0) return;
    context_->wakeup->WakeAtMicros(last_row_micros_ + strategy_.idle_timeout_ms * 1000);
  }
  // A watermark that the interval holds back goes out when no row has pushed it in the meantime.
  void WatchPending(int64_t now_micros) {
    if (pending_at_micros_ != 0 || generator_.Pending() == kNoWatermark) return;
    pending_at_micros_ = now_micros + context_->settings->auto_watermark_interval_ms * 1000;
    context_->wakeup->WakeAtMicros(pending_at_micros_);
  }

  WatermarkStrategy strategy_;
  OperatorContext* context_ = nullptr;
  WatermarkGenerator generator_;
  ListState* list_ = nullptr;
  Counter* in_ = nullptr;
  Counter* out_ = nullptr;
  OutputQueue queue_;
  bool idle_ = false;
  bool wants_idle_ = false;
  bool wants_active_ = false;
  bool tell_active_ = false;
  int64_t last_row_micros_ = 0;
  int64_t pending_at_micros_ = 0;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeWatermarkAssigner(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(
      std::make_unique<WatermarkAssigner>(static_cast<const WatermarkAssignerSpec&>(spec)));
}

}  // namespace rhei
