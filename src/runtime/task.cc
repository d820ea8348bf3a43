#include "runtime/task.h"

#include <algorithm>

#include "base/check.h"
#include "base/kill_point.h"
#include "state/freeze.h"

namespace rhei {
namespace {

void Raise(std::atomic<int64_t>& value, int64_t n) {
  value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

}  // namespace

Task::Task(Config config)
    : node_(config.node),
      context_(std::move(config.context)),
      control_(config.control),
      host_(config.host),
      pool_(config.pool),
      root_pool_(config.root_pool),
      state_(std::make_unique<StateStore>(context_.operator_id, config.key_groups, pool_)),
      gate_(std::move(config.gate)) {
  for (size_t i = 0; i < config.edges.size(); ++i) {
    config.edges[i].pool = pool_;
    edges_.emplace_back(std::move(config.edges[i]), std::move(config.edge_channels[i]));
  }
  context_.input_count = gate_ == nullptr ? 0 : gate_->input_count();
  context_.state = state_.get();
  context_.pool = pool_;
  state_->CountFrozenIn(std::move(config.frozen_pool));
  context_.counters = &counters_;
  context_.wakeup = this;
  context_.source_progress = &source_progress_;
  taken_epoch_ = context_.restored_epoch;
}

Task::~Task() = default;

void Task::RestoreOutput(int64_t watermark_ms, bool idle, bool done) {
  output_watermark_ms_ = watermark_ms;
  output_idle_ = idle;
  end_wanted_ = done;
}

Status Task::Open() {
  if (Status status = operator_->Open(context_); !status.ok()) return WithName(status);
  state_->EndRestore();
  pulling_ = is_source();
  MarkBundleTime();
  return {};
}

Status Task::Close() {
  return operator_ == nullptr ? Status() : WithName(operator_->Close());
}

Status Task::WithName(const Status& status) const {
  return status.WithContext(context_.operator_name);
}

void Task::WakeNow() {
  woken_.store(true);
  host_->Wake();
}

void Task::WakeAtMicros(int64_t wall_micros) {
  if (wakeups_.insert(wall_micros).second) host_->WakeAt(wall_micros);
}

Status Task::RunTimers(int64_t now_micros) {
  if (wakeups_.empty() || *wakeups_.begin() > now_micros || pulling_) return {};
  wakeups_.erase(wakeups_.begin(), wakeups_.upper_bound(now_micros));
  if (done_) return {};
  if (Status status = operator_->OnWake(now_micros); !status.ok()) return WithName(status);
  Continue();
  return {};
}

void Task::Continue() {
  pulling_ = true;
  waiting_ = false;
}

Status Task::CheckpointComplete(uint64_t epoch) {
  // Of a flush the state knows nothing: what changed since the last freeze is still to be saved.
  const auto frozen = std::find(frozen_epochs_.begin(), frozen_epochs_.end(), epoch);
  if (frozen != frozen_epochs_.end()) {
    state_->Published(epoch);
    frozen_epochs_.erase(frozen_epochs_.begin(), frozen + 1);
  }
  return WithName(operator_->OnCheckpointComplete(epoch));
}

Result<bool> Task::Step(Random* shuffle) {
  bool progress = snapshot_.has_value();
  if (progress) RETURN_IF_ERROR(StepSnapshot(false));
  if (state_->reading_wanted()) state_->PublishReading();
  for (OutputEdge& edge : edges_) progress = edge.Drain() || progress;
  const bool blocked = Blocked();
  progress_.blocked.store(blocked, std::memory_order_relaxed);
  if (blocked) return progress;
  if (end_wanted_) {
    end_wanted_ = false;
    pulling_ = false;
    RETURN_IF_ERROR(Finish());
    return true;
  }
  const bool woken = woken_.load() && woken_.exchange(false);
  if (woken && !done_) Continue();
  // A source may stop anywhere; others are done with the element at work first, so that their
  // counters add up.
  if (!done_ && (is_source() || !pulling_) && OutputUnwanted()) {
    pulling_ = false;
    RETURN_IF_ERROR(Finish());
    return true;
  }
  if (is_source()) {
    ASSIGN_OR_RETURN(const bool stepped, StepSource(woken));
    return stepped || progress;
  }
  ASSIGN_OR_RETURN(const bool stepped, StepInput(shuffle));
  return stepped || progress;
}

// Side outputs are logs, which never have enough; they end with the main output.
bool Task::OutputUnwanted() const {
  bool any_main = false;
  for (const OutputEdge& edge : edges_) {
    if (edge.port() != kMainPort) continue;
    if (!edge.closed_early()) return false;
    any_main = true;
  }
  return any_main;
}

Result<bool> Task::StepSource(bool woken) {
  const uint64_t requested = control_->requested_epoch.load(std::memory_order_acquire);
  if (barrier_epoch_ == 0 && requested > taken_epoch_) barrier_epoch_ = requested;
  if (barrier_epoch_ != 0) {
    ASSIGN_OR_RETURN(const bool taken, TryBarrier());
    if (taken) return true;
    // Not between two records: goes on to the next place where it is.
  }
  const uint64_t stop = control_->stop_epoch.load(std::memory_order_acquire);
  if (done_ || (stop != 0 && taken_epoch_ >= stop)) {
    pulling_ = false;
    return false;
  }
  const int64_t interval_ms = context_.settings->bundle_interval_ms;
  if (interval_ms > 0) {
    const auto now = static_cast<uint64_t>(context_.env->clock->WallMicros() / 1000 / interval_ms);
    // Not twice without reading: where a turn takes longer than the latency nothing else would
    // happen.
    if (now > bundle_number_ && (pulled_since_bundle_ || !pulling_)) {
      pulled_since_bundle_ = false;
      SendBundleEnd(now);
      MarkBundleTime();
      return true;
    }
  }
  if (!pulling_) return FlushEdges() || woken;
  pulled_since_bundle_ = true;
  RETURN_IF_ERROR(PullOnce());
  return true;
}

Result<bool> Task::StepInput(Random* shuffle) {
  if (pulling_) {
    RETURN_IF_ERROR(PullOnce());
    return true;
  }
  if (waiting_) return FlushEdges();
  if (barrier_epoch_ != 0) return TryBarrier();
  InputGate::Delivery delivery;
  const int wanted = done_ ? -1 : operator_->WantedInput();
  const uint64_t moved_before = gate_->moved_count();
  Result<bool> delivered = gate_->Next(wanted, shuffle, &delivery);
  if (!delivered.ok()) return WithName(delivered.status());
  if (!*delivered) {
    if (gate_->aligned_epoch() != 0) {
      barrier_epoch_ = gate_->aligned_epoch();
      return true;
    }
    // An element without consequence here has still made room for its producer.
    return FlushEdges() || gate_->moved_count() != moved_before;
  }
  progress_.rows_in.store(gate_->rows_received(), std::memory_order_relaxed);
  progress_.input_watermark_ms.store(gate_->watermark_ms(), std::memory_order_relaxed);
  if (done_) return true;  // the operator wants no more
  if (delivery.element.kind != ElementKind::kBatch) {
    forward_.emplace();
    forward_->input = delivery.input;
    forward_->element.kind = delivery.element.kind;
    forward_->bundle = delivery.bundle;
  }
  Status status = operator_->Accept(delivery.input, std::move(delivery.element));
  if (!status.ok()) return WithName(status);
  RETURN_IF_ERROR(CheckMemory());
  pulling_ = true;
  return true;
}

Status Task::PullOnce() {
  PulledBatch pulled;
  Result<PullResult> result = operator_->Pull(&pulled);
  if (!result.ok()) return WithName(result.status());
  switch (*result) {
    case PullResult::kBatch:
      if (is_source()) {
        PassKillPoint(*context_.env, KillPoint::kSourcePosition);
        control_->listener()->OnSourceBatch();
      }
      Emit(std::move(pulled));
      return CheckMemory();
    case PullResult::kNeedInput: pulling_ = false; return AfterNeedInput();
    case PullResult::kDone: pulling_ = false; return Finish();
    case PullResult::kIdle: SetOutputIdle(true); return {};
    case PullResult::kActive: SetOutputIdle(false); return {};
    case PullResult::kBundleEnd: SendBundleEnd(bundle_number_ + 1); return {};
    case PullResult::kWait:
      pulling_ = false;
      waiting_ = true;
      return {};
  }
  CHECK(false);
}

Status Task::AfterNeedInput() {
  if (!forward_.has_value()) return {};
  const InputGate::Delivery sent = std::move(*forward_);
  forward_.reset();
  switch (sent.element.kind) {
    case ElementKind::kBatch: return {};
    case ElementKind::kIdle:
    case ElementKind::kActive: SetOutputIdle(gate_->all_idle()); return {};
    case ElementKind::kBundleEnd: SendBundleEnd(sent.bundle); return {};
    case ElementKind::kEnd:
      if (gate_->all_ended()) return Finish();
      // The inputs that are left may all be idle.
      SetOutputIdle(gate_->all_idle());
      return {};
  }
  CHECK(false);
}

void Task::Emit(PulledBatch pulled) {
  Batch& batch = pulled.batch;
  if (pulled.port != kMainPort) {
    batch.points.clear();  // side outputs follow the main output's time
  } else {
    std::erase_if(batch.points, [this](const WatermarkPoint& point) {
      if (point.watermark_ms <= output_watermark_ms_) return true;
      output_watermark_ms_ = point.watermark_ms;
      return false;
    });
    progress_.output_watermark_ms.store(output_watermark_ms_, std::memory_order_relaxed);
  }
  if (batch.empty()) return;
  Raise(progress_.rows_out, batch.row_count);
  const bool moves_time = !batch.points.empty();
  OutputEdge* last = nullptr;
  for (OutputEdge& edge : edges_) {
    if (edge.port() != pulled.port) {
      if (!moves_time) continue;
      Batch time_only;
      time_only.points.push_back({0, output_watermark_ms_});
      edge.PushBatch(std::move(time_only));
      continue;
    }
    if (last != nullptr) last->PushBatch(batch);
    last = &edge;
  }
  if (last != nullptr) last->PushBatch(std::move(batch));
}

void Task::SetOutputIdle(bool idle) {
  if (idle == output_idle_) return;
  output_idle_ = idle;
  progress_.idle.store(idle, std::memory_order_relaxed);
  const ChannelKind kind = idle ? ChannelKind::kIdle : ChannelKind::kActive;
  for (OutputEdge& edge : edges_) edge.PushControl(kind, 0);
}

void Task::SendBundleEnd(uint64_t number) {
  bundle_number_ = std::max(bundle_number_, number);
  for (OutputEdge& edge : edges_) edge.PushControl(ChannelKind::kBundleEnd, bundle_number_);
}

void Task::MarkBundleTime() {
  const int64_t interval_ms = context_.settings->bundle_interval_ms;
  if (!is_source() || interval_ms <= 0) return;
  const int64_t now_ms = context_.env->clock->WallMicros() / 1000;
  bundle_number_ = std::max(bundle_number_, static_cast<uint64_t>(now_ms / interval_ms));
  host_->WakeAt((now_ms / interval_ms + 1) * interval_ms * 1000);
}

Status Task::Finish() {
  if (done_) return {};
  done_ = true;
  progress_.done.store(true);
  PulledBatch final_time;
  final_time.batch.points.push_back({0, kFinalWatermark});
  Emit(std::move(final_time));
  for (OutputEdge& edge : edges_) edge.PushControl(ChannelKind::kEnd, 0);
  if (is_source()) {
    control_->SourceDone();
  } else if (!gate_->all_ended()) {
    gate_->CloseEarly();
  }
  return {};
}

Result<bool> Task::TryBarrier() {
  if (context_.settings->bundle_interval_ms > 0 && !is_source() && !barrier_bundle_sent_ &&
      !done_) {
    barrier_bundle_sent_ = true;
    Element bundle_end;
    bundle_end.kind = ElementKind::kBundleEnd;
    Status status = operator_->Accept(0, std::move(bundle_end));
    if (!status.ok()) return WithName(status);
    pulling_ = true;
    return true;
  }
  const bool stops = control_->stop_epoch.load() == barrier_epoch_;
  if (!stop_announced_ && stops && !done_) {
    stop_announced_ = true;
    if (Status status = operator_->BeforeStop(); !status.ok()) return WithName(status);
  }
  if (control_->savepoint_epoch.load() == barrier_epoch_ && !done_) operator_->BeforeSavepoint();
  Result<bool> ready = operator_->BeforeBarrier(barrier_epoch_);
  if (!ready.ok()) return WithName(ready.status());
  // A source that is done because nobody wants its rows never comes to a better place; nor will
  // anybody go on from where it was.
  if (!*ready && !(is_source() && done_)) return false;
  if (is_source() && stops && control_->drain.load() && !done_) {
    SetOutputIdle(false);
    PulledBatch final_time;
    final_time.batch.points.push_back({0, kFinalWatermark});
    Emit(std::move(final_time));
  }
  RETURN_IF_ERROR(TakeSnapshot(barrier_epoch_));
  taken_epoch_ = barrier_epoch_;
  barrier_epoch_ = 0;
  barrier_bundle_sent_ = false;
  for (OutputEdge& edge : edges_) edge.PushControl(ChannelKind::kBarrier, taken_epoch_);
  if (gate_ != nullptr) gate_->Release();
  return true;
}

Status Task::TakeSnapshot(uint64_t epoch) {
  RETURN_IF_ERROR(counters_.Check(context_.operator_name));
  InstanceSnapshot snapshot;
  snapshot.operator_id = context_.operator_id;
  snapshot.shard = context_.shard;
  snapshot.epoch = epoch;
  if (snapshot_.has_value()) RETURN_IF_ERROR(StepSnapshot(true));  // given up, most likely
  const bool freezes = control_->flush_epoch.load() != epoch;
  if (freezes) {
    state_->BeginFreeze(epoch);
    frozen_epochs_.push_back(epoch);
  } else {
    state_->PublishReading();
  }
  const StateStore::Size size = state_->size();
  progress_.state_rows.store(size.rows, std::memory_order_relaxed);
  progress_.state_bytes.store(size.bytes, std::memory_order_relaxed);
  if (gate_ != nullptr) {
    snapshot.input_watermarks_ms = gate_->input_watermarks_ms();
    snapshot.combined_watermark_ms = gate_->watermark_ms();
  }
  snapshot.output_watermark_ms = output_watermark_ms_;
  snapshot.output_idle = output_idle_;
  snapshot.done = done_;
  if (std::unique_ptr<std::string> seal = operator_->TakeSeal()) {
    snapshot.seal = std::shared_ptr<const std::string>(std::move(seal));
  }
  snapshot_ = std::move(snapshot);
  if (!freezes) {
    SendSnapshot();
    return {};
  }
  // Small states are done at once.
  return StepSnapshot(false);
}

Status Task::StepSnapshot(bool to_the_end) {
  const int64_t budget =
      to_the_end ? FreezeBudget::kUnlimited : context_.settings->freeze_step_bytes;
  if (!state_->StepFreeze(budget)) return {};
  Result<std::shared_ptr<const FrozenState>> frozen = state_->TakeFrozen();
  if (!frozen.ok()) return WithName(frozen.status());
  snapshot_->state = *std::move(frozen);
  SendSnapshot();
  return {};
}

void Task::SendSnapshot() {
  PassKillPoint(*context_.env, KillPoint::kSnapshot);
  control_->listener()->OnSnapshot(std::move(*snapshot_));
  snapshot_.reset();
}

bool Task::FlushEdges() {
  bool flushed = false;
  for (OutputEdge& edge : edges_) {
    flushed = flushed || edge.has_built();
    edge.Flush();
  }
  return flushed;
}

bool Task::Blocked() const {
  return std::any_of(edges_.begin(), edges_.end(),
                     [](const OutputEdge& edge) { return edge.blocked(); });
}

Status Task::CheckMemory() const {
  if (!pool_->over_limit()) return {};
  return {ErrorCode::kResource,
          context_.operator_name + ": memory limit reached: " + root_pool_->Describe()};
}

}  // namespace rhei
