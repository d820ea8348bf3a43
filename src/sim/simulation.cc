#include "sim/simulation.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/check.h"
#include "base/memory_pool.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/checkpoint_directory.h"
#include "engine/engine.h"
#include "engine/job.h"
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
  enum class Kind : uint8_t { kKill, kPower, kStop };
  Kind kind = Kind::kKill;
  int64_t step = 0;
};
std::string_view StepFaultName(StepFault::Kind kind) {
  switch (kind) {
    case StepFault::Kind::kKill: return "kill";
    case StepFault::Kind::kPower: return "power loss";
    case StepFault::Kind::kStop: return "stop";
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
  bool memory_store = false;  // checkpoints outlive every fault
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
  drawn.input.row_count = static_cast<int>(dice.OneOf({20, 50, 100, 150}));
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
  return drawn;
}

std::string Describe(const Scenario& scenario) {
  const SimulatedJob& job = AllSimulatedJobs()[scenario.job];
  return fmt::format(
      "job '{}'{}{}{}, {} rows in {} files{}; shards {}, then {}; rings {}/{}, batches of {}; "
      "{} us a step, checkpoint every {} us{}, {}{}",
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
      scenario.read_short ? "; short reads" : "");
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
        disk_(order_seed) {
    Dice dice(scenario.seed, 2);
    PutInput(scenario.input, &dice, &disk_);
    disk_.ReadShort(scenario.read_short);
  }

  void Plan(std::vector<StepFault> steps, std::vector<DiskFault> operations) {
    step_faults_ = std::move(steps);
    disk_.Plan(std::move(operations));
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
      ASSIGN_OR_RETURN(const bool finished, RunProcess());
      if (finished) return {};
    }
    return IoError(fmt::format("not finished after {} processes", kProcessesMax));
  }

  SimulatedDisk& disk() { return disk_; }
  int64_t step_count() const { return step_count_; }
  int process_count() const { return process_ + 1; }
  int64_t checkpoint_count() const { return checkpoint_count_; }
  const std::vector<std::string>& events() const { return events_; }

 private:
  void Say(std::string text) {
    events_.push_back(fmt::format("process {}, step {}: {}", process_, step_count_, text));
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
    MemoryPool pool("simulation", MemoryPool::kUnlimited);
    Result<bool> finished = RunWithStore(&env, &scheduler, &pool);
    now_micros_ = env.clock->WallMicros();
    if (finished.ok() && pool.used_bytes() != 0) {
      return IoError(fmt::format("{} bytes of memory are held after the job", pool.used_bytes()));
    }
    return finished;
  }

  Result<bool> RunWithStore(const Environment* env, SeededScheduler* scheduler, MemoryPool* pool) {
    std::unique_ptr<DirectoryCheckpointStore> directory;
    if (!scenario_.memory_store) {
      DirectoryCheckpointStore::Options options;
      options.env = env;
      options.directory = "/state/simulated";
      options.retained_count = scenario_.retained_count;
      options.job.job_name = "simulated";
      options.job.plan_fingerprint = prepared_.name;
      Result<std::unique_ptr<DirectoryCheckpointStore>> opened =
          DirectoryCheckpointStore::Open(std::move(options));
      if (!opened.ok()) return Failed("checkpoints", opened.status());
      directory = std::move(opened).value();
      for (const std::string& note : directory->notes()) Say("checkpoints: " + note);
      if (directory->was_finished()) {
        Say("was finished");
        return true;
      }
    }
    CheckpointStore* below = &durable_store_;
    if (directory != nullptr) below = directory.get();
    PlantedStore store(below, store_plant_, &planted_memory_);
    return RunJob(Options(env, scheduler, pool, &store), scheduler, env->clock);
  }

  JobOptions Options(const Environment* env, SeededScheduler* scheduler, MemoryPool* pool,
                     CheckpointStore* store) const {
    JobOptions options;
    options.plan = prepared_.plan;
    options.name = "simulated";
    options.id = fmt::format("{:032x}", scenario_.seed);
    options.settings = settings_;
    options.settings.batch_rows_max = scenario_.batch_rows;
    const std::vector<int>& later = scenario_.later_shard_counts;
    options.shard_count = later[static_cast<size_t>(process_) % later.size()];
    options.ring_capacity = scenario_.ring_capacity;
    options.local_capacity = scenario_.local_capacity;
    options.checkpoint_interval_micros = scenario_.interval_micros;
    options.barrier_every_batches = scenario_.barrier_every_batches;
    options.env = env;
    options.scheduler = scheduler;
    options.pool = pool;
    options.connectors = connectors_;
    options.store = store;
    return options;
  }

  Result<bool> RunJob(JobOptions options, SeededScheduler* scheduler, Clock* clock) {
    ASSIGN_OR_RETURN(const std::unique_ptr<Job> job, Job::Make(std::move(options)));
    Status started = job->Start();
    if (!started.ok()) return Ended(job.get(), started);
    bool over = false;
    while (!over) {
      if (StrikeStep(job.get())) return false;
      if (disk_.process_is_dead()) {
        Say("died");
        checkpoint_count_ += static_cast<int64_t>(job->checkpoint_count());
        return false;
      }
      const bool stepped = scheduler->StepInline();
      ++step_count_;
      over = job->state() != JobState::kRunning;
      if (over && disk_.process_is_dead()) over = false;
      if (!over && !stepped && !disk_.process_is_dead()) {
        return IoError("nothing can run any more and the job is not over");
      }
      if (step_count_ > kStepsMax) return IoError("the job does not come to an end");
      clock->SleepMicros(scenario_.step_micros);
    }
    return Ended(job.get(), job->status());
  }

  // True when the process has died.
  bool StrikeStep(Job* job) {
    while (next_step_fault_ < step_faults_.size() &&
           step_faults_[next_step_fault_].step <= step_count_) {
      const StepFault& fault = step_faults_[next_step_fault_++];
      Say(std::string(StepFaultName(fault.kind)));
      if (fault.kind == StepFault::Kind::kStop) {
        job->Stop();
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
  StorePlant store_plant_ = StorePlant::kNone;
  PlantedMemory planted_memory_;
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
void DrawFaults(const Scenario& scenario, Machine* fault_free, std::vector<StepFault>* steps,
                std::vector<DiskFault>* operations) {
  Dice dice(scenario.seed, 3);
  const auto step_max = static_cast<uint64_t>(fault_free->step_count());
  const uint64_t operation_max = fault_free->disk().operation_count();
  // Restarts make the run longer; some faults aim at its end.
  const auto place = [&](uint64_t length) {
    if (dice.Chance(30)) return length - std::min(length, dice.Below(length / 8 + 1));
    return 1 + dice.Below(length + length / 3);
  };
  const int64_t count = dice.OneOf({1, 2, 2, 3, 4, 6});
  const bool only_power = dice.Chance(30);
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t kind = only_power ? 1 + 2 * dice.Below(2) : dice.Below(8);
    const uint64_t step = place(step_max);
    const uint64_t operation = place(operation_max);
    switch (kind) {
      case 0: steps->push_back({StepFault::Kind::kKill, static_cast<int64_t>(step)}); break;
      case 1: steps->push_back({StepFault::Kind::kPower, static_cast<int64_t>(step)}); break;
      case 2: operations->push_back({DiskFaultKind::kKill, operation, 1}); break;
      case 3:
      case 4: operations->push_back({DiskFaultKind::kPower, operation, 1}); break;
      case 5: operations->push_back({DiskFaultKind::kError, operation, 1}); break;
      case 6: operations->push_back({DiskFaultKind::kFull, operation, 1 + dice.Below(20)}); break;
      default: steps->push_back({StepFault::Kind::kStop, static_cast<int64_t>(step)}); break;
    }
  }
  std::sort(steps->begin(), steps->end(),
            [](const StepFault& a, const StepFault& b) { return a.step < b.step; });
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

  std::vector<StepFault> steps;
  std::vector<DiskFault> operations;
  DrawFaults(scenario, &fault_free, &steps, &operations);
  for (const StepFault& fault : steps) {
    report.scenario.push_back(fmt::format("fault: {} at step {} (of {})", StepFaultName(fault.kind),
                                          fault.step, fault_free.step_count()));
  }
  for (const DiskFault& fault : operations) {
    report.scenario.push_back(fmt::format("fault: {} at operation {} (of {})",
                                          DiskFaultName(fault.kind), fault.operation,
                                          fault_free.disk().operation_count()));
  }

  Machine machine(scenario, planned->prepared, &impl_->engine.connectors(), Dice::Mix(seed) + 2);
  machine.settings_ = planned->settings;
  machine.Plan(std::move(steps), std::move(operations));
  machine.Plant(bug);
  const Status ended = machine.RunToEnd();
  report.events = machine.events();
  for (const std::string& struck : machine.disk().struck()) report.events.push_back(struck);
  report.files = machine.disk().Files("/");
  report.trace = machine.disk().trace();
  report.step_count = machine.step_count();
  report.restart_count = machine.process_count() - 1;
  report.checkpoint_count = machine.checkpoint_count();
  if (!ended.ok()) {
    report.difference = "with faults: " + ended.message();
    return report;
  }
  Result<CommittedRows> committed = Collapse(job.outcome, machine.disk().Files("/out"));
  if (!committed.ok()) {
    report.difference = "with faults: " + committed.status().message();
    return report;
  }
  report.difference = Compare(*expected, *committed);
  report.equal = report.difference.empty();
  return report;
}

}  // namespace rhei
