#pragma once
// Task: one operator instance on one shard with its input gate and its output edges. It turns the
// operator's Accept and Pull in the order that runtime/operator.h promises, forwards idleness,
// bundle ends, barriers and ends, takes the snapshot at a barrier and checks the counters. The
// state's part of a snapshot is gathered in small steps behind the barrier.
//
// Step does one bounded piece of work: one element in, or one batch out. It does nothing while an
// output waits for room.
// Thread-safety: the shard's, except progress() and the operator's WakeNow.
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/memory_pool.h"
#include "runtime/counters.h"
#include "runtime/input_gate.h"
#include "runtime/operator.h"
#include "runtime/output_edge.h"
#include "runtime/run_control.h"
#include "runtime/snapshot.h"
#include "runtime/source_progress.h"

namespace rhei {

// What a shard offers its tasks.
class TaskHost : public Wakeable {
 public:
  virtual void WakeAt(int64_t wall_micros) = 0;
};

class Task final : private WakeupService {
 public:
  struct Config {
    int node = 0;
    OperatorContext context;                  // all but state, pool, counters and wakeup
    MemoryPool* pool = nullptr;               // the operator's; outlives every buffer charged to it
    MemoryPool* root_pool = nullptr;          // to say who holds what
    std::shared_ptr<MemoryPool> frozen_pool;  // RunOptions
    KeyGroupRange key_groups;
    std::unique_ptr<InputGate> gate;  // null: a source
    std::vector<OutputEdge::Config> edges;
    std::vector<std::vector<Channel*>> edge_channels;
    RunControl* control = nullptr;
    TaskHost* host = nullptr;
  };

  explicit Task(Config config);
  ~Task() override;

  // What the operator is made and opened with.
  OperatorContext& context() { return context_; }
  StateStore& state() { return *state_; }
  InputGate* gate() { return gate_.get(); }
  void SetOperator(std::unique_ptr<Operator> made) { operator_ = std::move(made); }
  // After the state's restore. `done`: the instance had sent its end.
  void RestoreOutput(int64_t watermark_ms, bool idle, bool done);
  Status Open();
  Status Close();

  // True when something was done. `shuffle` as in RunBudget.
  Result<bool> Step(Random* shuffle);
  // Calls OnWake when its time has come.
  Status RunTimers(int64_t now_micros);
  Status CheckpointComplete(uint64_t epoch);

  int node() const { return node_; }
  const std::string& name() const { return context_.operator_name; }
  const Counters& counters() const { return counters_; }
  // Readable from any thread.
  struct Progress {
    std::atomic<int64_t> rows_in{0};
    std::atomic<int64_t> rows_out{0};
    std::atomic<int64_t> input_watermark_ms{kNoWatermark};
    std::atomic<int64_t> output_watermark_ms{kNoWatermark};
    std::atomic<int64_t> state_rows{0};  // as of the last barrier
    std::atomic<int64_t> state_bytes{0};
    std::atomic<bool> idle{false};
    std::atomic<bool> blocked{false};
    std::atomic<bool> done{false};
  };
  const Progress& progress() const { return progress_; }
  SourceReading source_reading() const { return source_progress_.Read(); }
  std::shared_ptr<const std::vector<StateReading>> state_reading() const {
    return state_->reading();
  }

 private:
  void WakeAtMicros(int64_t wall_micros) override;
  void WakeNow() override;

  bool is_source() const { return gate_ == nullptr; }
  Result<bool> StepSource(bool woken);
  Result<bool> StepInput(Random* shuffle);
  void Continue();
  Status PullOnce();
  Result<bool> TryBarrier();
  Status TakeSnapshot(uint64_t epoch);
  // One step of the state's sweep for the snapshot that is under way, or all that is left of it.
  Status StepSnapshot(bool to_the_end);
  void SendSnapshot();
  Status AfterNeedInput();
  void Emit(PulledBatch pulled);
  void SetOutputIdle(bool idle);
  void SendBundleEnd(uint64_t number);
  void MarkBundleTime();
  Status Finish();
  bool FlushEdges();
  bool Blocked() const;
  bool OutputUnwanted() const;
  Status WithName(const Status& status) const;
  Status CheckMemory() const;

  const int node_;
  OperatorContext context_;
  RunControl* control_;
  TaskHost* host_;
  MemoryPool* pool_;
  MemoryPool* root_pool_;
  Counters counters_;
  std::unique_ptr<StateStore> state_;
  std::unique_ptr<InputGate> gate_;
  std::vector<OutputEdge> edges_;
  std::unique_ptr<Operator> operator_;

  bool pulling_ = false;
  bool waiting_ = false;                        // the operator said kWait
  std::optional<InputGate::Delivery> forward_;  // to be sent on when the operator needs input
  uint64_t barrier_epoch_ = 0;                  // waiting to be taken, or 0
  bool barrier_bundle_sent_ = false;
  bool stop_announced_ = false;
  uint64_t taken_epoch_ = 0;
  std::vector<uint64_t> frozen_epochs_;  // of barriers that froze the state, until published
  // Taken at the barrier taken_epoch_; goes to the listener when its state has been swept.
  std::optional<InstanceSnapshot> snapshot_;
  bool done_ = false;
  bool end_wanted_ = false;  // restored as done: the end has to be sent again
  bool output_idle_ = false;
  int64_t output_watermark_ms_ = kNoWatermark;
  uint64_t bundle_number_ = 0;
  bool pulled_since_bundle_ = true;
  // Each time once: an operator may ask again with every batch.
  std::set<int64_t> wakeups_;
  std::atomic<bool> woken_{false};
  Progress progress_;
  SourceProgress source_progress_;
};

}  // namespace rhei
