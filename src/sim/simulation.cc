#include "sim/simulation.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/check.h"
#include "base/kill_point.h"
#include "base/memory_pool.h"
#include "checkpoint/checkpoint.h"
#include "engine/engine.h"
#include "engine/job.h"
#include "engine/job_recovery.h"
#include "engine/session.h"
#include "runtime/seeded_scheduler.h"
#include "sim/changes_connector.h"
#include "sim/collapse.h"
#include "sim/input.h"
#include "sim/job_list.h"
#include "sim/planted_store.h"
#include "sim/simulated_disk.h"

namespace rhei {
namespace {

constexpr int64_t kStepsMax = 2'000'000;
constexpr int kProcessesMax = 25;

struct NamedBug {
  PlantedBug bug;
  std::string_view name;
};
constexpr NamedBug kBugs[] = {
    {PlantedBug::kNone, "none"},
    {PlantedBug::kSkippedFsync, "skipped-fsync"},
    {PlantedBug::kRenameBeforeFsync, "rename-before-fsync"},
    {PlantedBug::kWatermarkNotRestored, "watermark-not-restored"},
    {PlantedBug::kTimerLost, "timer-lost"},
    {PlantedBug::kWrongEpochSegment, "wrong-epoch-segment"},
    {PlantedBug::kLiveSegmentSwept, "live-segment-swept"},
};

class NoOutput final : public OutputStream {
 public:
  Status Write(std::string_view) override { return {}; }
};

// How a process is ended from outside the disk.
struct StepFault {
  // kSavepoint stops with a savepoint, from which the next process goes on.
  enum class Kind : uint8_t { kKill, kPower, kStop, kSavepoint };
  Kind kind = Kind::kKill;
  int64_t step = 0;
};
std::string_view StepFaultName(StepFault::Kind kind) {
  switch (kind) {
    case StepFault::Kind::kKill: return "kill";
    case StepFault::Kind::kPower: return "power loss";
    case StepFault::Kind::kStop: return "stop";
    case StepFault::Kind::kSavepoint: return "stop with savepoint";
  }
  CHECK(false);
}
std::string_view DiskFaultName(DiskFaultKind kind) {
  switch (kind) {
    case DiskFaultKind::kKill: return "kill";
    case DiskFaultKind::kPower: return "power loss";
    case DiskFaultKind::kError: return "error";
    case DiskFaultKind::kFull: return "full disk";
  }
  CHECK(false);
}

// At a place that the engine names (base/kill_point.h).
struct PointFault {
  KillPoint point = KillPoint::kBarrier;
  int64_t passing = 1;
  bool power = false;
};

struct Faults {
  std::vector<StepFault> steps;
  std::vector<DiskFault> operations;
  std::vector<PointFault> points;
  // Before this process a bit of a file below /state is another one; 0: never. The job may then
  // refuse to go on, but not commit anything wrong.
  int rot_before_process = 0;
};

// Counts the passings, and ends the process at the planned ones.
class SimulatedKill final : public KillPoints {
 public:
  SimulatedKill(SimulatedDisk* disk, std::vector<std::string>* struck)
      : disk_(disk), struck_(struck) {}
  void Plan(std::vector<PointFault> faults) { faults_ = std::move(faults); }
  int64_t count(KillPoint point) const { return counts_[static_cast<size_t>(point)]; }

  void Pass(KillPoint point) override {
    if (disk_->process_is_dead()) return;
    const int64_t passing = ++counts_[static_cast<size_t>(point)];
    for (const PointFault& fault : faults_) {
      if (fault.point != point || fault.passing != passing) continue;
      struck_->push_back(fmt::format("{} at {}:{}", fault.power ? "power lost" : "killed",
                                     KillPointName(point), passing));
      fault.power ? disk_->LosePower() : disk_->Kill();
      return;
    }
  }

 private:
  SimulatedDisk* disk_;
  std::vector<std::string>* struck_;
  std::vector<PointFault> faults_;
  std::array<int64_t, kKillPointCount> counts_{};
};

struct Scenario {
  uint64_t seed = 0;
  size_t job = 0;
  JobVariant variant;
  InputShape input;
  int shard_count = 1;
  std::vector<int> later_shard_counts;  // of restarts, in turn
  int ring_capacity = 1;
  int local_capacity = 1;
  int32_t batch_rows = 1;
  int64_t step_micros = 100;
  int64_t interval_micros = 10'000;
  int64_t barrier_every_batches = 0;
  bool read_short = false;
  int retained_count = 1;
  bool memory_store = false;          // checkpoints outlive every fault
  int restart_every_checkpoints = 0;  // within a process
  int64_t restart_attempts = 0;       // of a process after failures
  int64_t timeout_micros = 0;
  int tolerable_failures = 0;
  bool loses_checkpoints = false;  // before it goes on from a savepoint
};

Scenario DrawScenario(uint64_t seed) {
  Dice dice(seed, 1);
  Scenario drawn;
  drawn.seed = seed;
  drawn.job = dice.Below(AllSimulatedJobs().size());
  drawn.variant.csv = dice.Chance(30);
  drawn.variant.small_parts = dice.Chance(50);
  drawn.variant.partitioned = dice.Chance(15);
  drawn.shard_count = static_cast<int>(dice.OneOf({1, 1, 2, 2, 3, 4}));
  drawn.input.row_count = static_cast<int>(dice.OneOf({20, 50, 50, 100, 100, 150, 150, 400}));
  drawn.input.file_count = static_cast<int>(dice.OneOf({1, 1, 2, 3, 5}));
  drawn.input.csv = drawn.variant.csv;
  // Whether a row is late depends on the order of shards and of inputs, unless there is one.
  const bool one_input =
      AllSimulatedJobs()[drawn.job].query.find("payments") == std::string_view::npos;
  drawn.input.late_rows = drawn.shard_count == 1 && one_input && dice.Chance(60);
  drawn.later_shard_counts = {drawn.shard_count};
  if (!drawn.input.late_rows && dice.Chance(50)) {
    for (int i = 0; i < 3; ++i) {
      drawn.later_shard_counts.push_back(static_cast<int>(dice.Between(1, 4)));
    }
  }
  drawn.ring_capacity = static_cast<int>(dice.OneOf({1, 1, 2, 4}));
  drawn.local_capacity = static_cast<int>(dice.OneOf({1, 1, 2}));
  drawn.batch_rows = static_cast<int32_t>(dice.OneOf({1, 2, 3, 8, 64}));
  drawn.step_micros = dice.OneOf({20, 100, 500});
  drawn.interval_micros = drawn.step_micros * dice.OneOf({20, 60, 200, 600, 2000});
  if (dice.Chance(15)) drawn.barrier_every_batches = dice.Between(1, 6);
  drawn.read_short = dice.Chance(30);
  drawn.retained_count = static_cast<int>(dice.Between(1, 3));
  drawn.memory_store = dice.Chance(8);
  if (dice.Chance(10)) {
    drawn.restart_every_checkpoints = static_cast<int>(dice.Between(1, 4));
    // Something must happen between two restarts.
    drawn.interval_micros = drawn.step_micros * 2000;
    drawn.barrier_every_batches = dice.Between(2, 6);
  }
  if (dice.Chance(30)) drawn.restart_attempts = dice.Between(1, 3);
  if (dice.Chance(30)) drawn.tolerable_failures = static_cast<int>(dice.Between(1, 3));
  if (dice.Chance(20)) {
    // Checkpoints that are always too slow must not end the job.
    drawn.timeout_micros = drawn.step_micros * dice.OneOf({20, 100, 400});
    drawn.tolerable_failures = 1'000'000;
  }
  drawn.loses_checkpoints = dice.Chance(50);
  return drawn;
}

std::string DescribeFailures(const Scenario& scenario) {
  std::string text;
  if (scenario.restart_every_checkpoints > 0) {
    text += fmt::format(", restart behind every {}", scenario.restart_every_checkpoints);
  }
  if (scenario.timeout_micros > 0) text += fmt::format(", timeout {} us", scenario.timeout_micros);
  if (scenario.tolerable_failures > 0) {
    text += fmt::format(", {} may fail", scenario.tolerable_failures);
  }
  if (scenario.restart_attempts > 0) {
    text += fmt::format("; {} restarts a process", scenario.restart_attempts);
  }
  return text;
}

std::string Describe(const Scenario& scenario) {
  const SimulatedJob& job = AllSimulatedJobs()[scenario.job];
  return fmt::format(
      "job '{}'{}{}{}, {} rows in {} files{}; shards {}, then {}; rings {}/{}, batches of {}; "
      "{} us a step, checkpoint every {} us{}, {}{}{}",
      job.name, scenario.variant.csv ? ", csv" : "",
      scenario.variant.small_parts ? ", small parts" : "",
      scenario.variant.partitioned ? ", partitioned" : "", scenario.input.row_count,
      scenario.input.file_count, scenario.input.late_rows ? ", some late" : "",
      scenario.shard_count, fmt::join(scenario.later_shard_counts, " "), scenario.ring_capacity,
      scenario.local_capacity, scenario.batch_rows, scenario.step_micros, scenario.interval_micros,
      scenario.barrier_every_batches > 0
          ? fmt::format(" or {} batches", scenario.barrier_every_batches)
          : "",
      scenario.memory_store ? "in memory" : fmt::format("{} retained", scenario.retained_count),
      DescribeFailures(scenario), scenario.read_short ? "; short reads" : "");
}

// One machine: its disk, and the job's processes one after the other.
class Machine {
 public:
  Machine(const Scenario& scenario, const PreparedJob& prepared, const ConnectorTable* connectors,
          uint64_t order_seed)
      : scenario_(scenario),
        prepared_(prepared),
        connectors_(connectors),
        order_seed_(order_seed),
        disk_(order_seed),
        kill_(&disk_, &points_struck_) {
    Dice dice(scenario.seed, 2);
    PutInput(scenario.input, &dice, &disk_);
    disk_.ReadShort(scenario.read_short);
  }

  void Plan(Faults faults) {
    step_faults_ = std::move(faults.steps);
    disk_.Plan(std::move(faults.operations));
    kill_.Plan(std::move(faults.points));
    rot_before_process_ = faults.rot_before_process;
  }

  void Plant(PlantedBug bug) {
    DiskPlant plant;
    plant.ignore_sync = bug == PlantedBug::kSkippedFsync;
    plant.sync_after_rename = bug == PlantedBug::kRenameBeforeFsync;
    if (bug == PlantedBug::kLiveSegmentSwept) plant.sweep_sibling_of = "/segments/";
    disk_.Plant(plant);
    if (bug == PlantedBug::kWatermarkNotRestored) store_plant_ = StorePlant::kNoWatermarks;
    if (bug == PlantedBug::kTimerLost) store_plant_ = StorePlant::kNoTimers;
    if (bug == PlantedBug::kWrongEpochSegment) store_plant_ = StorePlant::kOlderState;
  }

  // Ok when the job has finished; else why it never will.
  Status RunToEnd() {
    for (process_ = 0; process_ < kProcessesMax; ++process_) {
      if (IsMarkedFinished()) {
        Say("was finished");
        return {};
      }
      ASSIGN_OR_RETURN(const bool finished, RunProcess());
      if (finished) return {};
    }
    return IoError(fmt::format("not finished after {} processes", kProcessesMax));
  }

  SimulatedDisk& disk() { return disk_; }
  int64_t step_count() const { return step_count_; }
  int process_count() const { return process_ + 1; }
  int64_t checkpoint_count() const { return checkpoint_count_; }
  int64_t passings(KillPoint point) const { return kill_.count(point); }
  bool has_rotten() const { return has_rotten_; }
  const std::vector<std::string>& points_struck() const { return points_struck_; }
  const std::vector<std::string>& events() const { return events_; }

 private:
  void Say(std::string text) {
    events_.push_back(fmt::format("process {}, step {}: {}", process_, step_count_, text));
  }

  // Whoever starts the job again looks first. A process that finds a finished job begins it anew,
  // and one that dies behind the first mark of that leaves an unfinished job, whose rows all come
  // a second time.
  bool IsMarkedFinished() const {
    const std::map<std::string, std::string> files = disk_.Files("/state/simulated");
    return std::any_of(files.begin(), files.end(), [](const auto& file) {
      return file.first.starts_with("/state/simulated/finished-");
    });
  }

  // True when the job is finished.
  Result<bool> RunProcess() {
    SeededScheduler scheduler(Dice::Mix(order_seed_ + static_cast<uint64_t>(process_)));
    Environment base;
    NoOutput output;
    base.standard_output = base.standard_error = &output;
    Environment env = scheduler.MakeEnvironment(base);
    // A machine's clock goes on while a process is down.
    env.clock->SleepMicros(std::max<int64_t>(now_micros_ - env.clock->WallMicros(), 0) + 1000);
    const std::unique_ptr<FileSystem> files = disk_.Boot(env.clock);
    env.files = files.get();
    env.kill_points = &kill_;
    if (rot_before_process_ > 0 && process_ == rot_before_process_) Rot();
    MemoryPool pool("simulation", MemoryPool::kUnlimited);
    Result<bool> finished = RunWithStore(&env, &scheduler, &pool);
    now_micros_ = env.clock->WallMicros();
    if (finished.ok() && pool.used_bytes() != 0) {
      return IoError(fmt::format("{} bytes of memory are held after the job", pool.used_bytes()));
    }
    return finished;
  }

  // One bit of one file of the checkpoints.
  void Rot() {
    Dice dice(scenario_.seed, 4);
    std::map<std::string, std::string> files = disk_.Files("/state");
    std::erase_if(files, [](const auto& file) { return file.second.empty(); });
    if (files.empty()) return;
    const auto file = std::next(files.begin(), static_cast<ptrdiff_t>(dice.Below(files.size())));
    const uint64_t bit = dice.Below(file->second.size() * 8);
    disk_.FlipBit(file->first, bit);
    has_rotten_ = true;
    Say(fmt::format("bit {} of {} flips", bit, file->first));
  }

  Result<bool> RunWithStore(const Environment* env, SeededScheduler* scheduler, MemoryPool* pool) {
    JobOptions options = Options(env, scheduler, pool);
    CheckpointStore* below = &durable_store_;
    if (!scenario_.memory_store) {
      Result<Recovery> recovered = Recover(env, scheduler, options);
      if (!recovered.ok()) return Failed("recovery", recovered.status());
      savepoint_path_.clear();
      for (const std::string& note : recovered->durable->notes()) Say("checkpoints: " + note);
      CHECK(!recovered->durable->was_finished());
      below = recovered->store.get();
      options.id = recovered->job_id;
      options.owned_store = std::move(recovered->store);
      options.durable_store = std::move(recovered->durable);
    }
    PlantedStore store(below, store_plant_, &planted_memory_);
    options.store = &store;
    return RunJob(std::move(options), scheduler, env);
  }

  Result<Recovery> Recover(const Environment* env, SeededScheduler* scheduler,
                           const JobOptions& options) {
    RecoveryRequest request;
    request.env = env;
    request.plan = options.plan.get();
    request.settings = &options.settings;
    request.io = scheduler;
    request.connectors = connectors_;
    request.job_name = options.name;
    request.new_job_id = options.id;
    request.identity = {"simulated", "simulated"};
    request.directory = "/state";
    request.retained_count = scenario_.retained_count;
    request.savepoint_path = savepoint_path_;
    request.savepoint_wins = true;
    return RecoverJob(request);
  }

  // As `rhei stop --savepoint` and `rhei run --from` do.
  void StopWithSavepoint(Job* job, const Environment& env) {
    Job::SavepointRequest request;
    request.stop = true;
    request.path = fmt::format("/savepoints/{}", process_);
    Status taken = env.files->MakeDirectories("/savepoints");
    if (taken.ok()) taken = job->TakeSavepoint(request);
    if (!taken.ok()) return Say("savepoint: " + taken.message());
    savepoint_path_ = request.path;
    if (scenario_.loses_checkpoints) disk_.Wipe("/state");
  }

  JobOptions Options(const Environment* env, SeededScheduler* scheduler, MemoryPool* pool) const {
    JobOptions options;
    options.plan = prepared_.plan;
    options.name = "simulated";
    options.id = fmt::format("{:032x}", scenario_.seed);
    options.settings = settings_;
    options.settings.batch_rows_max = scenario_.batch_rows;
    options.settings.freeze_step_bytes = int64_t{64} * scenario_.batch_rows;
    const std::vector<int>& later = scenario_.later_shard_counts;
    options.shard_count = later[static_cast<size_t>(process_) % later.size()];
    options.ring_capacity = scenario_.ring_capacity;
    options.local_capacity = scenario_.local_capacity;
    options.checkpoint_interval_micros = scenario_.interval_micros;
    options.barrier_every_batches = scenario_.barrier_every_batches;
    options.restart_every_checkpoints = scenario_.restart_every_checkpoints;
    options.restart_shard_counts = later;
    options.env = env;
    options.scheduler = scheduler;
    options.pool = pool;
    options.connectors = connectors_;
    options.checkpoint_timeout_micros = scenario_.timeout_micros;
    options.tolerable_checkpoint_failures = scenario_.tolerable_failures;
    if (scenario_.restart_attempts > 0) {
      options.restart.kind = RestartOptions::Kind::kFixedDelay;
      options.restart.delay_ms = 2;
      options.restart.attempts = scenario_.restart_attempts;
    }
    return options;
  }

  static bool IsOver(JobState state) {
    return state != JobState::kCreated && state != JobState::kRunning &&
           state != JobState::kRestarting;
  }

  Result<bool> RunJob(JobOptions options, SeededScheduler* scheduler, const Environment* env) {
    ASSIGN_OR_RETURN(const std::unique_ptr<Job> job, Job::Make(std::move(options)));
    Status started = job->Start();
    if (!started.ok()) return Ended(job.get(), started);
    bool over = false;
    while (!over) {
      if (StrikeStep(job.get(), *env)) return false;
      if (disk_.process_is_dead()) {
        Say("died");
        checkpoint_count_ += static_cast<int64_t>(job->checkpoint_count());
        return false;
      }
      const bool stepped = scheduler->StepInline();
      ++step_count_;
      over = IsOver(job->state());
      if (over && disk_.process_is_dead()) over = false;
      if (!over && !stepped && !disk_.process_is_dead()) {
        return IoError("nothing can run any more and the job is not over");
      }
      if (step_count_ > kStepsMax) return IoError("the job does not come to an end");
      env->clock->SleepMicros(scenario_.step_micros);
    }
    return Ended(job.get(), job->status());
  }

  // True when the process has died.
  bool StrikeStep(Job* job, const Environment& env) {
    while (next_step_fault_ < step_faults_.size() &&
           step_faults_[next_step_fault_].step <= step_count_) {
      const StepFault& fault = step_faults_[next_step_fault_++];
      Say(std::string(StepFaultName(fault.kind)));
      if (fault.kind == StepFault::Kind::kStop) {
        job->Stop();
        continue;
      }
      if (fault.kind == StepFault::Kind::kSavepoint) {
        StopWithSavepoint(job, env);
        continue;
      }
      checkpoint_count_ += static_cast<int64_t>(job->checkpoint_count());
      fault.kind == StepFault::Kind::kPower ? disk_.LosePower() : disk_.Kill();
      return true;
    }
    return false;
  }

  Result<bool> Ended(Job* job, const Status& status) {
    checkpoint_count_ += static_cast<int64_t>(job->checkpoint_count());
    const JobState state = job->state();
    if (state == JobState::kFinished) return true;
    if (!status.ok()) return Failed(JobStateName(state), status);
    Say(std::string(JobStateName(state)));
    return false;
  }

  // A process that a fault has made fail is started again; what says that it cannot go on is not.
  Result<bool> Failed(std::string_view what, const Status& status) {
    Say(fmt::format("{}: {}", what, status.message()));
    const bool may_retry = disk_.process_is_dead() || status.code() == ErrorCode::kIo ||
                           status.code() == ErrorCode::kResource;
    if (!may_retry) return status;
    return false;
  }

  const Scenario& scenario_;
  const PreparedJob& prepared_;
  const ConnectorTable* connectors_;
  uint64_t order_seed_;
  SimulatedDisk disk_;
  MemoryCheckpointStore durable_store_;
  std::string savepoint_path_;  // from which the next process goes on; empty: checkpoints
  StorePlant store_plant_ = StorePlant::kNone;
  PlantedMemory planted_memory_;
  std::vector<std::string> points_struck_;
  SimulatedKill kill_;
  int rot_before_process_ = 0;
  bool has_rotten_ = false;
  std::vector<StepFault> step_faults_;
  size_t next_step_fault_ = 0;
  int process_ = 0;
  int64_t step_count_ = 0;
  int64_t checkpoint_count_ = 0;
  int64_t now_micros_ = 0;
  std::vector<std::string> events_;

 public:
  JobSettings settings_;
};

// Faults, by the length of the run without any.
class FaultDraw {
 public:
  FaultDraw(const Scenario& scenario, Machine* fault_free)
      : fault_free_(fault_free),
        memory_store_(scenario.memory_store),
        dice_(scenario.seed, 3),
        step_max_(static_cast<uint64_t>(fault_free->step_count())),
        operation_max_(fault_free->disk().operation_count()) {
    const int64_t count = dice_.OneOf({1, 2, 2, 3, 4, 6});
    const bool only_power = dice_.Chance(30);
    for (int64_t i = 0; i < count; ++i) Draw(only_power);
    std::sort(faults_.steps.begin(), faults_.steps.end(),
              [](const StepFault& a, const StepFault& b) { return a.step < b.step; });
    if (!scenario.memory_store && dice_.Chance(8)) {
      faults_.rot_before_process = static_cast<int>(dice_.Between(1, 3));
    }
  }
  Faults Take() { return std::move(faults_); }

 private:
  // Restarts make the run longer; some faults aim at its end.
  uint64_t Place(uint64_t length) {
    if (dice_.Chance(30)) return length - std::min(length, dice_.Below(length / 8 + 1));
    return 1 + dice_.Below(length + length / 3);
  }

  void Draw(bool only_power) {
    const uint64_t kind = only_power ? 1 + 2 * dice_.Below(2) : dice_.Below(12);
    const auto step = static_cast<int64_t>(Place(step_max_));
    const uint64_t operation = Place(operation_max_);
    switch (kind) {
      case 0: faults_.steps.push_back({StepFault::Kind::kKill, step}); return;
      case 1: faults_.steps.push_back({StepFault::Kind::kPower, step}); return;
      case 2: faults_.operations.push_back({DiskFaultKind::kKill, operation, 1}); return;
      case 3:
      case 4: faults_.operations.push_back({DiskFaultKind::kPower, operation, 1}); return;
      case 5: faults_.operations.push_back({DiskFaultKind::kError, operation, 1}); return;
      case 6:
        faults_.operations.push_back({DiskFaultKind::kFull, operation, 1 + dice_.Below(20)});
        return;
      case 7: faults_.steps.push_back({StepFault::Kind::kStop, step}); return;
      case 8:
        if (!memory_store_) faults_.steps.push_back({StepFault::Kind::kSavepoint, step});
        return;
      default: DrawPoint(); return;
    }
  }

  void DrawPoint() {
    PointFault fault;
    fault.point = static_cast<KillPoint>(dice_.Below(kKillPointCount));
    // What only a restart passes is not passed without faults.
    const int64_t passings = std::max<int64_t>(fault_free_->passings(fault.point), 2);
    fault.passing = dice_.Between(1, passings);
    fault.power = dice_.Chance(50);
    faults_.points.push_back(fault);
  }

  Machine* fault_free_;
  const bool memory_store_;
  Dice dice_;
  const uint64_t step_max_;
  const uint64_t operation_max_;
  Faults faults_;
};

std::vector<std::string> Describe(const Faults& faults, Machine* fault_free) {
  std::vector<std::string> lines;
  for (const StepFault& fault : faults.steps) {
    lines.push_back(fmt::format("fault: {} at step {} (of {})", StepFaultName(fault.kind),
                                fault.step, fault_free->step_count()));
  }
  for (const DiskFault& fault : faults.operations) {
    lines.push_back(fmt::format("fault: {} at operation {} (of {})", DiskFaultName(fault.kind),
                                fault.operation, fault_free->disk().operation_count()));
  }
  for (const PointFault& fault : faults.points) {
    lines.push_back(fmt::format("fault: {} at {}:{}", fault.power ? "power loss" : "kill",
                                KillPointName(fault.point), fault.passing));
  }
  if (faults.rot_before_process > 0) {
    lines.push_back(fmt::format("fault: a bit flips before process {}", faults.rot_before_process));
  }
  return lines;
}

}  // namespace

std::string_view PlantedBugName(PlantedBug bug) {
  for (const NamedBug& each : kBugs) {
    if (each.bug == bug) return each.name;
  }
  CHECK(false);
}

Result<PlantedBug> ParsePlantedBug(std::string_view name) {
  std::string known;
  for (const NamedBug& each : kBugs) {
    if (each.name == name) return each.bug;
    known += fmt::format(" {}", each.name);
  }
  return InvalidArgument(fmt::format("no planted bug is called '{}'; there are{}", name, known));
}

struct Simulator::Impl {
  Impl() : scheduler(0), env(MakeEnvironment()), engine(EngineOf()) {
    engine.AddConnector(MakeChangesConnector());
  }

  struct Planned {
    PreparedJob prepared;
    JobSettings settings;
  };
  Result<const Planned*> PlanOf(size_t job, const JobVariant& variant) {
    const size_t key = job * 8 + (variant.csv ? 4u : 0u) + (variant.small_parts ? 2u : 0u) +
                       (variant.partitioned ? 1u : 0u);
    const auto found = plans.find(key);
    if (found != plans.end()) return &found->second;
    const SimulatedJob& wanted = AllSimulatedJobs()[job];
    const std::unique_ptr<Session> session = Session::Make(&engine, {});
    Result<PreparedJob> prepared = PrepareSimulatedJob(session.get(), wanted, variant);
    if (!prepared.ok()) {
      return std::move(prepared).status().WithContext(fmt::format("job '{}'", wanted.name));
    }
    return &plans.emplace(key, Planned{*prepared, session->settings().ForJob()}).first->second;
  }

  Environment MakeEnvironment() {
    Environment base;
    base.standard_output = base.standard_error = &output;
    return scheduler.MakeEnvironment(base);
  }
  EngineOptions EngineOf() {
    EngineOptions options;
    options.env = &env;
    options.scheduler = &scheduler;
    return options;
  }

  NoOutput output;
  SeededScheduler scheduler;
  Environment env;
  Engine engine;
  std::map<size_t, Planned> plans;
};

Simulator::Simulator() : impl_(std::make_unique<Impl>()) {}
Simulator::~Simulator() = default;

Result<std::set<OperatorKind>> Simulator::PlannedOperators() {
  std::set<OperatorKind> kinds;
  for (size_t job = 0; job < AllSimulatedJobs().size(); ++job) {
    ASSIGN_OR_RETURN(const Impl::Planned* planned, impl_->PlanOf(job, {}));
    for (const PhysicalNode& node : planned->prepared.plan->nodes) kinds.insert(node.spec->kind);
  }
  return kinds;
}

Result<SimulationReport> Simulator::Run(uint64_t seed, PlantedBug bug) {
  const Scenario scenario = DrawScenario(seed);
  const SimulatedJob& job = AllSimulatedJobs()[scenario.job];
  ASSIGN_OR_RETURN(const Impl::Planned* planned, impl_->PlanOf(scenario.job, scenario.variant));
  SimulationReport report;
  report.seed = seed;
  report.job = job.name;
  report.scenario.push_back(Describe(scenario));

  Machine fault_free(scenario, planned->prepared, &impl_->engine.connectors(), Dice::Mix(seed) + 1);
  fault_free.settings_ = planned->settings;
  if (Status status = fault_free.RunToEnd(); !status.ok()) {
    report.difference = "without faults: " + status.message();
    return report;
  }
  Result<CommittedRows> expected = Collapse(job.outcome, fault_free.disk().Files("/out"));
  if (!expected.ok()) {
    report.difference = "without faults: " + expected.status().message();
    return report;
  }

  Faults faults = FaultDraw(scenario, &fault_free).Take();
  for (std::string& line : Describe(faults, &fault_free)) {
    report.scenario.push_back(std::move(line));
  }

  Machine machine(scenario, planned->prepared, &impl_->engine.connectors(), Dice::Mix(seed) + 2);
  machine.settings_ = planned->settings;
  machine.Plan(std::move(faults));
  machine.Plant(bug);
  const Status ended = machine.RunToEnd();
  report.events = machine.events();
  for (const std::string& struck : machine.disk().struck()) report.events.push_back(struck);
  for (const std::string& struck : machine.points_struck()) report.events.push_back(struck);
  report.files = machine.disk().Files("/");
  report.trace = machine.disk().trace();
  report.step_count = machine.step_count();
  report.restart_count = machine.process_count() - 1;
  report.checkpoint_count = machine.checkpoint_count();
  report.refused = !ended.ok() && machine.has_rotten() && ended.code() == ErrorCode::kStateMismatch;
  if (!ended.ok() && !report.refused) {
    report.difference = "with faults: " + ended.message();
    return report;
  }
  // What a refused job has committed is a part of the result; of a changelog that cannot be told.
  if (report.refused && job.outcome != Outcome::kRows) {
    report.equal = true;
    return report;
  }
  Result<CommittedRows> committed = Collapse(job.outcome, machine.disk().Files("/out"));
  if (!committed.ok()) {
    report.difference = "with faults: " + committed.status().message();
    return report;
  }
  if (report.refused) KeepCommitted(*committed, &*expected);
  report.difference = Compare(*expected, *committed);
  report.equal = report.difference.empty();
  return report;
}

}  // namespace rhei
