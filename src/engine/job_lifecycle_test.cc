// Jobs that fail and are restarted, stopped with savepoints, and go on with an edited plan; on the
// seeded scheduler and its virtual clock.
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>

#include <fmt/format.h>

#include "checkpoint/savepoint.h"
#include "columnar/column_builder.h"
#include "engine/job.h"
#include "engine/plan_difference.h"
#include "functions/registry.h"
#include "operators/source_positions.h"
#include "plan/physical/aggregate_spec.h"
#include "plan/physical/sink_spec.h"
#include "plan/physical/source_spec.h"
#include "runtime/seeded_scheduler.h"
#include "runtime/worker_pool.h"
#include "state/state_bytes.h"

namespace rhei {
namespace {

Schema KeySchema() {
  return {{{"k", DataType::BigInt(), ""}}};
}
Schema CountSchema(const DataType& key = DataType::BigInt()) {
  return {{{"k", key, ""}, {"n", DataType::BigInt(false), ""}}};
}

// Rows 0, 1, 2, ...; fails at row `fail_at` as long as it may.
class FlakyRows final : public RowSource {
 public:
  FlakyRows(int64_t row_count, int64_t fail_at, int* failures_left, int64_t pause_micros)
      : row_count_(row_count),
        fail_at_(fail_at),
        failures_left_(failures_left),
        pause_micros_(pause_micros) {}
  Result<PollResult> Next(int32_t, Batch* batch, int64_t*) override {
    if (pause_micros_ > 0) std::this_thread::sleep_for(std::chrono::microseconds(pause_micros_));
    if (next_ == row_count_) return PollResult::kEnd;
    if (next_ == fail_at_ && *failures_left_ > 0) {
      --*failures_left_;
      return IoError("the broker is gone");
    }
    ColumnBuilder keys(DataType::BigInt(), nullptr);
    keys.Append<int64_t>(next_++ % 3);
    batch->columns.push_back(keys.Finish());
    batch->row_count = 1;
    return PollResult::kChunk;
  }
  std::string Snapshot() override { return std::to_string(next_); }
  Status Restore(std::string_view state) override {
    next_ = std::stoll(std::string(state));
    return {};
  }

 private:
  const int64_t row_count_;
  const int64_t fail_at_;
  int* failures_left_;
  const int64_t pause_micros_;
  int64_t next_ = 0;
};

class FlakyConnector final : public ConnectorFactory {
 public:
  int64_t row_count = 20;
  int64_t fail_at = -1;
  int64_t pause_micros = 0;  // before each row
  mutable int failures_left = 0;

  std::string_view name() const override { return "flaky"; }
  std::span<const OptionDef> options() const override { return {}; }
  bool makes_rows() const override { return true; }
  Result<ConnectorDescription> Describe(const Options&, const Schema&) const override {
    ConnectorDescription description;
    description.connector = "flaky";
    description.can_scan = true;
    return description;
  }
  Result<std::unique_ptr<RowSource>> MakeRowSource(const SourceRequest&) const override {
    return std::unique_ptr<RowSource>(
        std::make_unique<FlakyRows>(row_count, fail_at, &failures_left, pause_micros));
  }
};

void AddNode(PhysicalPlan* plan, std::string id, std::string name, std::string description,
             std::shared_ptr<OperatorSpec> spec, std::vector<PhysicalInput> inputs, Schema output) {
  PhysicalNode node;
  node.operator_id = std::move(id);
  node.name = std::move(name);
  node.description = std::move(description);
  node.spec = std::move(spec);
  node.inputs = std::move(inputs);
  node.output = std::move(output);
  plan->nodes.push_back(std::move(node));
}

// SELECT k, COUNT(*) FROM flaky GROUP BY k.
std::shared_ptr<PhysicalPlan> CountPlan(const std::string& definition = "groupBy=[k]",
                                        const std::string& count_id = "o/GroupAggregate-1") {
  auto plan = std::make_shared<PhysicalPlan>();
  auto source = std::make_shared<SourceSpec>();
  source->table = "a.b.t";
  source->options = {{"connector", "flaky"}};
  source->scan.table = KeySchema();
  source->scan.columns = {{0, DataType::BigInt()}};
  source->output = KeySchema();
  auto count = std::make_shared<GroupAggregateSpec>();
  count->input = KeySchema();
  count->keys = {0};
  BoundAggregate aggregate;
  aggregate.aggregate = FindAggregate("COUNT");
  aggregate.name = "COUNT";
  aggregate.type = DataType::BigInt(false);
  count->aggregates = {aggregate};
  count->input_changelog = ChangelogMode::InsertOnly();
  auto sink = std::make_shared<SinkSpec>();
  sink->schema = CountSchema();
  AddNode(plan.get(), "o/TableSourceScan-1", "TableSourceScan", "", source, {}, KeySchema());
  AddNode(plan.get(), count_id, "GroupAggregate", definition, count,
          {{0, kMainPort, Distribution::kHash, {0}}}, CountSchema());
  AddNode(plan.get(), "o/Sink-1", "Sink", "", sink, {{1, kMainPort, Distribution::kForward, {}}},
          CountSchema());
  plan->sinks = {2};
  return plan;
}

class Heard final : public JobNotices {
 public:
  void Tell(std::string_view text) override { lines += text; }
  std::string lines;
};

struct Bench {
  SeededScheduler scheduler{1};
  FlakyConnector flaky;
  ConnectorTable connectors;
  MemoryPool pool{"process", MemoryPool::kUnlimited};
  Environment env = scheduler.MakeEnvironment(RealEnvironment());
  std::shared_ptr<Heard> heard = std::make_shared<Heard>();
  MemoryCheckpointStore store;

  Bench() { connectors.Add(&flaky); }
  JobOptions Options(std::shared_ptr<const PhysicalPlan> plan = CountPlan()) {
    JobOptions options;
    options.plan = std::move(plan);
    options.name = "test";
    options.id = "0123456789abcdef0123456789abcdef";
    options.env = &env;
    options.scheduler = &scheduler;
    options.pool = &pool;
    options.connectors = &connectors;
    options.store = &store;
    options.notices = heard;
    options.barrier_every_batches = 3;
    return options;
  }
};

// Runs to the end; what the changelog leaves, "k=n" each.
std::map<int64_t, int64_t> RunJob(JobOptions options, Status* status, int* attempts = nullptr) {
  std::map<int64_t, int64_t> counts;
  Result<std::unique_ptr<Job>> job = Job::Make(std::move(options));
  *status = (*job)->Start();
  if (!status->ok()) return counts;
  Batch batch;
  while (true) {
    const Job::Fetched fetched = (*job)->Fetch(1'000'000, &batch);
    if (fetched == Job::Fetched::kEnd) break;
    if (fetched == Job::Fetched::kNothing) continue;
    for (int32_t row = 0; row < batch.row_count; ++row) {
      const int64_t key = GetValue(batch.columns[0], row, DataType::BigInt()).int_value();
      const int64_t count = GetValue(batch.columns[1], row, DataType::BigInt()).int_value();
      if (IsAddition(batch.change(row))) counts[key] = count;
    }
  }
  *status = (*job)->Wait();
  if (attempts != nullptr) *attempts = (*job)->attempt_count();
  return counts;
}

const std::map<int64_t, int64_t> kAllCounted = {{0, 7}, {1, 7}, {2, 6}};

TEST(JobLifecycle, RestartsFromTheNewestCheckpoint) {
  Bench setup;
  setup.flaky.fail_at = 11;
  setup.flaky.failures_left = 3;
  JobOptions options = setup.Options();
  options.restart = {.kind = RestartOptions::Kind::kFixedDelay, .delay_ms = 60'000, .attempts = 3};
  Status status;
  int attempts = 0;
  const int64_t started = setup.env.clock->WallMicros();
  EXPECT_EQ(RunJob(std::move(options), &status, &attempts), kAllCounted);
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(attempts, 4);
  // The delays passed on the virtual clock.
  EXPECT_GE(setup.env.clock->WallMicros() - started, 180'000'000);
  EXPECT_NE(setup.heard->lines.find("is restarted in 60.0 s (failure 3): "), std::string::npos)
      << setup.heard->lines;
  EXPECT_NE(setup.heard->lines.find("the broker is gone"), std::string::npos);
  EXPECT_NE(setup.heard->lines.find("runs again from checkpoint 2"), std::string::npos)
      << setup.heard->lines;
  EXPECT_EQ(setup.pool.used_bytes(), 0);
}

TEST(JobLifecycle, GivesUpWhenTheStrategyDoes) {
  Bench setup;
  setup.flaky.fail_at = 11;
  setup.flaky.failures_left = 100;
  JobOptions options = setup.Options();
  options.restart = {.kind = RestartOptions::Kind::kFixedDelay, .delay_ms = 1, .attempts = 2};
  Status status;
  int attempts = 0;
  (void)RunJob(std::move(options), &status, &attempts);
  EXPECT_EQ(status.code(), ErrorCode::kIo);
  EXPECT_EQ(attempts, 3);
  EXPECT_NE(setup.heard->lines.find("2 restarts were made"), std::string::npos);
}

TEST(JobLifecycle, ANewRunGoesOnWhereTheFailedOneStood) {
  Bench setup;
  setup.flaky.fail_at = 11;
  setup.flaky.failures_left = 1;
  Status status;
  (void)RunJob(setup.Options(), &status);
  EXPECT_EQ(status.code(), ErrorCode::kIo);
  const std::shared_ptr<const Checkpoint> newest = *setup.store.Latest();
  ASSERT_NE(newest, nullptr);
  std::string position;
  for (const InstanceSnapshot& instance : newest->instances) {
    for (const SourceSplit& split : PositionsOf(*instance.state)) position = split.state;
  }
  EXPECT_EQ(position, std::to_string(newest->epoch * 3));  // a barrier every three rows
  // The counts of all keys change behind it, so the end shows whether nothing is lost or doubled.
  EXPECT_EQ(RunJob(setup.Options(), &status), kAllCounted);
  EXPECT_TRUE(status.ok()) << status.message();
  // At its end only the commits are repeated: a source that fails at once is not opened.
  setup.flaky.fail_at = 0;
  setup.flaky.failures_left = 1;
  EXPECT_TRUE(RunJob(setup.Options(), &status).empty());
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(setup.flaky.failures_left, 1);
}

TEST(JobLifecycle, SavepointsOfRunningAndEndingJobs) {
  Bench setup;
  setup.flaky.row_count = 1'000'000'000;
  JobOptions options = setup.Options();
  options.collect_rows_max = 1 << 30;
  Result<std::unique_ptr<Job>> job = Job::Make(std::move(options));
  ASSERT_TRUE((*job)->Start().ok());
  const Status running = (*job)->TakeSavepoint({});
  ASSERT_TRUE(running.ok()) << running.message();
  EXPECT_EQ((*job)->state(), JobState::kRunning);
  const uint64_t running_count = (*job)->checkpoint_count();
  const Status ending = (*job)->TakeSavepoint({.stop = true, .drain = true});
  ASSERT_TRUE(ending.ok()) << ending.message();
  EXPECT_GT((*job)->checkpoint_count(), running_count);
  EXPECT_TRUE((*job)->Wait().ok());
  const auto last = setup.store.Latest();
  EXPECT_EQ((*job)->state(), JobState::kStopped);
  // Drained: the sources' watermark is the final one.
  for (const InstanceSnapshot& instance : (*last)->instances) {
    const bool sink = instance.operator_id == "o/Sink-1";
    EXPECT_EQ(sink ? instance.combined_watermark_ms : instance.output_watermark_ms, kFinalWatermark)
        << instance.operator_id;
  }
  EXPECT_FALSE((*job)->TakeSavepoint({}).ok());
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    path_ =
        (std::filesystem::temp_directory_path() / fmt::format("rhei-job-{}", getpid())).string();
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  std::string at(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Does something once while it publishes.
class BusyStore final : public CheckpointStore {
 public:
  explicit BusyStore(CheckpointStore* below) : below_(below) {}
  std::function<void()> once;

  Status Publish(std::shared_ptr<const Checkpoint> checkpoint) override {
    if (auto call = std::exchange(once, nullptr)) call();
    return below_->Publish(std::move(checkpoint));
  }
  Status MarkCommitted(uint64_t epoch) override { return below_->MarkCommitted(epoch); }
  Status MarkFinished() override { return below_->MarkFinished(); }
  Result<std::shared_ptr<const Checkpoint>> Latest() override { return below_->Latest(); }
  uint64_t highest_epoch() const override { return below_->highest_epoch(); }

 private:
  CheckpointStore* below_;
};

// A job of real threads that goes on until it is stopped.
struct BusyJob {
  WorkerPool workers{2, &RealEnvironment()};
  Bench setup;
  BusyStore store{&setup.store};
  std::unique_ptr<Job> job;

  BusyJob() {
    setup.flaky.row_count = 1'000'000'000;
    setup.flaky.pause_micros = 100;
    JobOptions options = setup.Options();
    options.env = &RealEnvironment();
    options.scheduler = &workers;
    options.store = &store;
    options.barrier_every_batches = 0;
    options.collect_rows_max = 1 << 30;
    job = Job::Make(std::move(options)).value();
  }

  // Starts it and asks for the first savepoint, and for the second while the first is published.
  std::pair<Status, Status> TakeBoth(const Job::SavepointRequest& first,
                                     const Job::SavepointRequest& second) {
    Status early, late;
    std::thread asks;
    store.once = [&] {
      asks = std::thread([&] { late = job->TakeSavepoint(second); });
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    };
    early = job->Start();
    if (early.ok()) early = job->TakeSavepoint(first);
    if (asks.joinable()) asks.join();
    return {early, late};
  }
};

// What is written behind a savepoint's barrier is not in it: neither a stop nor a later savepoint
// may be answered with it.
TEST(JobLifecycle, EachSavepointIsOfABarrierOfItsOwn) {
  TemporaryDirectory directory;
  for (const bool stop : {true, false}) {
    BusyJob busy;
    const std::string first = directory.at(stop ? "before-stop" : "first");
    const std::string second = directory.at(stop ? "stop" : "second");
    const auto [early_status, late_status] =
        busy.TakeBoth({.path = first}, {.path = second, .stop = stop});
    ASSERT_TRUE(early_status.ok()) << early_status.message();
    ASSERT_TRUE(late_status.ok()) << late_status.message();
    const Result<Savepoint> early = ReadSavepoint(RealEnvironment(), first);
    const Result<Savepoint> written = ReadSavepoint(RealEnvironment(), second);
    ASSERT_TRUE(early.ok() && written.ok());
    EXPECT_EQ(early->checkpoint->epoch, 1U);
    EXPECT_EQ(written->checkpoint->epoch, 2U);
    if (!stop) busy.job->Stop();
    EXPECT_TRUE(busy.job->Wait().ok());
    EXPECT_EQ(busy.job->state(), JobState::kStopped);
    EXPECT_EQ((*busy.setup.store.Latest())->epoch, stop ? 2U : 3U);
  }
}

// The barrier of a stop may be under way already.
TEST(JobLifecycle, AStopThatComesTooLateForItsDrainSaysSo) {
  TemporaryDirectory directory;
  BusyJob busy;
  const auto [stopped, drained] =
      busy.TakeBoth({.path = directory.at("a"), .stop = true},
                    {.path = directory.at("b"), .stop = true, .drain = true});
  EXPECT_TRUE(stopped.ok()) << stopped.message();
  EXPECT_EQ(drained.code(), ErrorCode::kInvalidArgument) << drained.message();
  EXPECT_TRUE(busy.job->Wait().ok());
  EXPECT_EQ(busy.job->state(), JobState::kStopped);
}

// A stop whose savepoint cannot be written would lose the state of a job without a directory.
TEST(JobLifecycle, AStopWithoutItsSavepointIsNotCarriedOut) {
  TemporaryDirectory directory;
  for (const bool keeps_checkpoints : {true, false}) {
    Bench setup;
    JobOptions options = setup.Options();
    if (!keeps_checkpoints) options.store = nullptr;
    options.barrier_every_batches = 0;
    setup.flaky.row_count = 1'000'000;
    const auto step = [&] {
      for (int i = 0; i < 100; ++i) setup.scheduler.StepInline();
    };
    Result<std::unique_ptr<Job>> job = Job::Make(std::move(options));
    ASSERT_TRUE((*job)->Start().ok());
    step();
    const Status refused = (*job)->TakeSavepoint({.path = "/dev/null/savepoint", .stop = true});
    EXPECT_EQ(refused.code(), ErrorCode::kIo) << refused.message();
    ASSERT_EQ((*job)->state(), JobState::kRunning);
    EXPECT_NE(setup.heard->lines.find("goes on"), std::string::npos) << setup.heard->lines;
    step();
    const std::string path = directory.at(keeps_checkpoints ? "kept" : "alone");
    const Status stopped = (*job)->TakeSavepoint({.path = path, .stop = true});
    ASSERT_TRUE(stopped.ok()) << stopped.message();
    EXPECT_TRUE((*job)->Wait().ok());
    EXPECT_EQ((*job)->state(), JobState::kStopped);
    const Result<Savepoint> savepoint = ReadSavepoint(RealEnvironment(), path);
    ASSERT_TRUE(savepoint.ok()) << savepoint.status().message();
    // Each row once, before and after.
    int64_t rows = 0;
    Batch batch;
    while ((*job)->Fetch(0, &batch) == Job::Fetched::kBatch) {
      for (int32_t row = 0; row < batch.row_count; ++row) rows += IsAddition(batch.change(row));
    }
    std::string position;
    for (const InstanceSnapshot& instance : savepoint->checkpoint->instances) {
      if (instance.operator_id != "o/TableSourceScan-1") continue;
      for (const SourceSplit& split : PositionsOf(*instance.state)) position = split.state;
    }
    EXPECT_EQ(position, std::to_string(rows));
    EXPECT_GT(rows, 20);
  }
}

JobDescription Stored(const Checkpoint& checkpoint, const PhysicalPlan& plan) {
  JobDescription stored = DescribePlan(plan, "test", "0123");
  for (JobDescription::OperatorEntry& entry : stored.operators) {
    for (const InstanceSnapshot& instance : checkpoint.instances) {
      if (instance.operator_id != entry.id) continue;
      for (const StateSection& section : instance.state->sections) {
        ByteReader reader(section.bytes);
        const JobDescription::State state{section.state_name, std::string(reader.ReadBytes())};
        if (std::find(entry.states.begin(), entry.states.end(), state) == entry.states.end()) {
          entry.states.push_back(state);
        }
      }
    }
  }
  return stored;
}

class PlanDifferenceTest : public ::testing::Test {
 protected:
  PlanDifferenceTest() {
    setup_.flaky.fail_at = 11;
    setup_.flaky.failures_left = 1;
    Status status;
    (void)RunJob(setup_.Options(), &status);
    checkpoint_ = *setup_.store.Latest();
    stored_ = Stored(*checkpoint_, *CountPlan());
  }
  PlanDifference Compare(const PhysicalPlan& plan) {
    return ComparePlans(stored_, DescribePlan(plan, "test", "4567"), plan,
                        {&setup_.env, &settings_, &setup_.scheduler});
  }
  Bench setup_;
  JobSettings settings_;
  std::shared_ptr<const Checkpoint> checkpoint_;
  JobDescription stored_;
};

TEST_F(PlanDifferenceTest, TheSamePlanFits) {
  const PlanDifference difference = Compare(*CountPlan());
  EXPECT_TRUE(difference.nothing()) << difference.Print();
  EXPECT_EQ(difference.kept_count, 3);
  EXPECT_EQ(JobIdOf(stored_), "0123");
}

TEST_F(PlanDifferenceTest, ASourceFitsWhereItsPositionsAreKnown) {
  struct Case {
    Options was, is;
    bool fits;
  };
  const Options flaky = {{"connector", "flaky"}};
  const auto with = [](const char* connector, const char* key, const char* value) {
    return Options{{"connector", connector}, {key, value}};
  };
  const Case cases[] = {
      {flaky, flaky, true},
      {flaky, with("other", "rows", "1"), false},
      {with("filesystem", "path", "/a/b"), with("filesystem", "path", "/a/b"), true},
      {with("filesystem", "path", "/a/b"), with("filesystem", "path", "/a"), true},
      {with("filesystem", "path", "/a/b"), with("filesystem", "path", "/a/c"), false},
      {with("filesystem", "path", "/a/bc"), with("filesystem", "path", "/a/b"), false},
      {with("filesystem", "path", "/a/b"), with("filesystem", "format", "csv"), false},
      {with("kafka", "topic", "a"), with("kafka", "topic", "b;a"), true},
      {with("kafka", "topic", "a;b"), with("kafka", "topic", "b"), false},
      {with("kafka", "topic", "a"), with("filesystem", "path", "a"), false},
      // Other options are no place.
      {with("flaky", "rows", "1"), with("flaky", "rows", "2"), true},
  };
  for (const Case& each : cases) {
    const auto plan = [](const Options& options) {
      auto made = CountPlan();
      auto source =
          std::make_shared<SourceSpec>(static_cast<const SourceSpec&>(*made->nodes[0].spec));
      source->options = options;
      made->nodes[0].spec = source;
      return made;
    };
    stored_ = Stored(*checkpoint_, *plan(each.was));
    const PlanDifference difference = Compare(*plan(each.is));
    EXPECT_EQ(difference.fits(), each.fits) << difference.Print();
    const bool told = difference.Print().find("reads from somewhere else") != std::string::npos;
    EXPECT_EQ(told, !each.fits);
  }
}

TEST_F(PlanDifferenceTest, TheDescriptionSaysWhereAJobIsFrom) {
  const JobDescription described = DescribePlan(*CountPlan(), "test", "0123", {"path:/a b", "77"});
  EXPECT_EQ(JobIdOf(described), "0123");
  EXPECT_EQ(OriginOf(described).file, "path:/a b");
  EXPECT_EQ(OriginOf(described).run, "77");
  EXPECT_EQ(OriginOf(stored_).file, "");
  EXPECT_EQ(OriginOf(JobDescription()).run, "");
  EXPECT_TRUE(Compare(*CountPlan()).nothing());
}

TEST_F(PlanDifferenceTest, AnotherDefinitionDoesNotFit) {
  const PlanDifference difference = Compare(*CountPlan("groupBy=[k % 2]"));
  EXPECT_FALSE(difference.fits());
  ASSERT_EQ(difference.changed.size(), 1U);
  EXPECT_EQ(difference.changed[0].id, "o/GroupAggregate-1");
  EXPECT_EQ(difference.changed[0].was, "groupBy=[k]");
  EXPECT_NE(difference.Print().find("is  groupBy=[k % 2]"), std::string::npos);
}

TEST_F(PlanDifferenceTest, AnotherSchemaDoesNotFit) {
  for (JobDescription::OperatorEntry& entry : stored_.operators) {
    if (entry.id != "o/GroupAggregate-1") continue;
    ASSERT_FALSE(entry.states.empty());
    entry.states[0].schema = "table(STRING;) fixed8";
  }
  const PlanDifference difference = Compare(*CountPlan());
  ASSERT_EQ(difference.changed.size(), 1U) << difference.Print();
  EXPECT_NE(difference.changed[0].reason, "defined differently");
}

TEST_F(PlanDifferenceTest, DroppedAndNewOperatorsAreListed) {
  const PlanDifference difference = Compare(*CountPlan("groupBy=[k]", "o/GroupAggregate-2"));
  EXPECT_FALSE(difference.fits());
  ASSERT_EQ(difference.dropped.size(), 1U);
  EXPECT_EQ(difference.dropped[0].id, "o/GroupAggregate-1");
  ASSERT_EQ(difference.added.size(), 1U);
  EXPECT_EQ(difference.added[0].id, "o/GroupAggregate-2");
}

TEST_F(PlanDifferenceTest, AJobGoesOnWithoutTheStateThatIsGivenUp) {
  JobOptions options = setup_.Options(CountPlan("groupBy=[k]", "o/GroupAggregate-2"));
  Status status;
  // The source goes on behind the checkpoint, at row 6; the counts begin anew.
  ASSERT_EQ(checkpoint_->epoch, 2U);
  const std::map<int64_t, int64_t> since = {{0, 5}, {1, 5}, {2, 4}};
  EXPECT_EQ(RunJob(std::move(options), &status), since);
  EXPECT_TRUE(status.ok()) << status.message();
  // Given up by name, though the operator is still there.
  Bench again;
  again.flaky.fail_at = 11;
  again.flaky.failures_left = 1;
  (void)RunJob(again.Options(), &status);
  JobOptions dropped = again.Options();
  dropped.dropped_operators = {"o/GroupAggregate-1"};
  dropped.dropped_epoch = (*again.store.Latest())->epoch;
  EXPECT_EQ(RunJob(std::move(dropped), &status), since);
  EXPECT_TRUE(status.ok()) << status.message();
}

}  // namespace
}  // namespace rhei
