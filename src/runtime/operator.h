#pragma once
// Operator: one node of a running job on one shard. It never blocks and never emits without room.
//
// Call order. Open once; then Accept(input, element) gives it one element, after which Pull is
// called until it says kNeedInput (or kDone): at most one batch a call. Only then comes the next
// Accept. What fires a million rows keeps a cursor between pulls.
//   - Batches of one input arrive in order. Their watermark points are already the operator's
//     combined watermark (minimum over its live inputs, never falling), so it sees one sequence.
//   - Points of batches from Pull are output watermarks.
//     An operator that held a point's rows back emits the point after what the point made it fire.
//   - kIdle, kActive, kBundleEnd and kEnd are forwarded by the task when Pull says kNeedInput; the
//     operator sees them to act on them: kEnd of the last input comes after the final watermark.
//     kBundleEnd comes once for all inputs (input 0), and before every barrier of a bundled job.
//   - At a barrier the task freezes the state store; an operator holds nothing outside of it
//   between
//     Pull's kNeedInput and the next Accept. BeforeBarrier lets sources and sinks write their list
//     states.
// A source is an operator without inputs: its Pull gives kNeedInput when nothing has arrived, and
// kDone at the end of its splits. The task sends the final watermark and the end after kDone. Of an
// operator with inputs kDone means that it wants no more of them: nothing is accepted any more, and
// producers whose rows nobody else wants end too.
// Thread-safety: one thread at a time. Errors: a Status ends the job.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/status.h"
#include "columnar/batch.h"
#include "runtime/counters.h"
#include "state/state_store.h"

namespace rhei {

class SourceProgress;  // runtime/source_progress.h

enum class ElementKind : uint8_t {
  kBatch,
  kIdle,  // the input has nothing to say about time until kActive
  kActive,
  kBundleEnd,  // mini-batch or micro-batch: emit net changes now
  kEnd,        // end of this input
};

struct Element {
  ElementKind kind = ElementKind::kBatch;
  Batch batch;
};

enum class PullResult : uint8_t {
  kBatch,
  kNeedInput,
  kDone,
  // Sources and watermark assigners only: nothing to say about time until kActive, and the end of a
  // bundle. The task passes them on and pulls again.
  kIdle,
  kActive,
  kBundleEnd,
  // Sinks that have no room: pull again after a wake-up, and give no input before.
  kWait,
};

// Where Pull puts a batch. Port 0 is the operator's output; the others are side outputs (late rows,
// rejected rows) that the plan wires or leaves open.
inline constexpr int kMainPort = 0;
inline constexpr int kLatePort = 1;
inline constexpr int kErrorPort = 2;
struct PulledBatch {
  Batch batch;
  int port = kMainPort;
};

// Lets an operator ask to be woken: OnWake runs between elements at or after the time.
class WakeupService {
 public:
  virtual ~WakeupService() = default;
  virtual void WakeAtMicros(int64_t wall_micros) = 0;
  // From any thread: run the operator's Pull again soon (new data has arrived).
  virtual void WakeNow() = 0;
};

// Work that may wait (files, brokers, databases): a loop that somebody else turns. On the machine
// it has a thread of its own; in the simulator its steps are dealt among all others on one thread.
enum class IoResult : uint8_t {
  kAgain,  // step again at once
  kPause,  // step again after Resume() or when pause_micros() have passed
  kDone,
};
class IoWork {
 public:
  virtual ~IoWork() = default;
  // One bounded step; may wait up to about wait_micros.
  virtual IoResult Step(int64_t wait_micros) = 0;
  // After kPause: how long to pause unless resumed.
  virtual int64_t pause_micros() const { return 50'000; }
};
class IoHandle {
 public:
  virtual ~IoHandle() = default;  // waits for the running step; no step comes after
  virtual void Resume() = 0;      // from any thread
};
class IoService {
 public:
  virtual ~IoService() = default;
  // `work` must outlive the handle.
  virtual std::unique_ptr<IoHandle> Start(std::string_view name, IoWork* work) = 0;
};

struct JobSettings {
  std::string time_zone = "UTC";
  bool batch_mode = false;
  int64_t state_ttl_ms = 0;                  // table.exec.state.ttl; 0 = never
  int64_t auto_watermark_interval_ms = 200;  // pipeline.auto-watermark-interval
  int32_t batch_rows_max = kBatchRowsMax;    // test regimes lower it
  uint64_t random_seed = 0;
  int64_t bundle_interval_ms = 0;      // mini-batch latency or micro-batch trigger; 0 = no bundles
  int64_t bundle_rows_max = 0;         // table.exec.mini-batch.size, per operator; 0 = no bound
  int64_t source_idle_timeout_ms = 0;  // table.exec.source.idle-timeout; 0 = never
  bool accepts_duplicates = false;     // it goes on from an older checkpoint than sinks committed
  // How much of the state a task sweeps between two elements while a checkpoint is taken: about a
  // fifth of a millisecond of the shard's time. Tests lower it.
  int64_t freeze_step_bytes = 256 << 10;
};

struct OperatorContext {
  std::string operator_id;
  std::string operator_name;  // for messages: "GroupAggregate[3]"
  int shard = 0;
  int shard_count = 1;
  int input_count = 0;
  const Environment* env = nullptr;
  const JobSettings* settings = nullptr;
  StateStore* state = nullptr;
  MemoryPool* pool = nullptr;
  Counters* counters = nullptr;
  WakeupService* wakeup = nullptr;
  IoService* io = nullptr;
  SourceProgress* source_progress = nullptr;  // sources may tell; null: nobody reads
  bool restored = false;                      // state holds a snapshot
  // The snapshot was taken behind a drain's final watermark, which does not count any more.
  bool forgets_final_time = false;
  // Epoch of the barrier that the state was restored from (0: none); the next is one higher.
  uint64_t restored_epoch = 0;
};

class Operator {
 public:
  virtual ~Operator() = default;
  virtual Status Open(OperatorContext& context) = 0;
  virtual Status Accept(int input, Element element) = 0;
  virtual Result<PullResult> Pull(PulledBatch* out) = 0;
  // Preference only: the input to read next, or -1. The task ignores it when the other input's ring
  // is full or a barrier is being aligned.
  virtual int WantedInput() const { return -1; }
  virtual Status OnWake(int64_t /*wall_micros*/) { return {}; }
  // False: not ready, ask again after a wake-up (a sink that still flushes).
  virtual Result<bool> BeforeBarrier(uint64_t /*epoch*/) { return true; }
  // The job is being stopped: the next barrier is the last, and no row comes any more. Not called
  // at the end of the input, which kEnd announces.
  virtual Status BeforeStop() { return {}; }
  // The next barrier is a savepoint's: what is sealed at it must not be open any more. Asked before
  // each BeforeBarrier of that epoch.
  virtual void BeforeSavepoint() {}
  // Sinks: what the committer needs for the epoch just sealed; null for other operators. Taken once
  // after BeforeBarrier was true.
  virtual std::unique_ptr<std::string> TakeSeal() { return nullptr; }
  // The barrier's checkpoint is published (sinks: commit). Only while the job runs.
  virtual Status OnCheckpointComplete(uint64_t /*epoch*/) { return {}; }
  virtual Status Close() { return {}; }
};

}  // namespace rhei
