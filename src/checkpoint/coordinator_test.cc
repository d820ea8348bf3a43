// Whole runs of toy operators: a source of numbers, a sum by key kept in state, a sink that commits
// by epoch; restarted at random barriers with other numbers of shards.
#include "checkpoint/coordinator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "columnar/batch_builder.h"
#include "columnar/hash.h"
#include "runtime/seeded_scheduler.h"
#include "runtime/worker_pool.h"
#include "state/list_state.h"
#include "state/table.h"

namespace rhei {
namespace {

Schema TwoNumbers() {
  return {{{"key", DataType::BigInt(), ""}, {"value", DataType::BigInt(), ""}}};
}

// Emits (i % keys, i) for i in its slice of [0, rows); watermark i after row i.
class NumberSource final : public Operator {
 public:
  // `waits`: a source that is not restored gives half of its rows, and then waits for its end.
  NumberSource(int64_t rows, int64_t keys, int32_t batch_rows, bool waits)
      : rows_(rows), keys_(keys), batch_rows_(batch_rows), waits_(waits) {}

  Status Open(OperatorContext& context) override {
    ASSIGN_OR_RETURN(list_, context.state->OpenList("ranges"));
    end_ = waits_ && !context.restored ? rows_ / 2 : rows_;
    if (!context.restored) {
      // The slices of a fresh start: shard s of n reads i with i % n == s, four slices each.
      for (int64_t slice = context.shard; slice < kSlices; slice += context.shard_count) {
        slices_.push_back({slice, slice});
      }
    } else {
      for (const std::string& bytes : list_->restored()) {
        Slice slice;
        std::memcpy(&slice, bytes.data(), sizeof(slice));
        if (slice.id % context.shard_count == context.shard) slices_.push_back(slice);
      }
    }
    return {};
  }
  Status Accept(int, Element) override { return {}; }
  Result<PullResult> Pull(PulledBatch* out) override {
    BatchBuilder builder(TwoNumbers());
    for (Slice& slice : slices_) {
      while (slice.next < end_ && builder.row_count() < batch_rows_) {
        builder.column(0).Append<int64_t>(slice.next % keys_);
        builder.column(1).Append<int64_t>(slice.next);
        builder.FinishRow();
        slice.next += kSlices;
      }
    }
    if (builder.row_count() == 0) {
      return end_ < rows_ ? PullResult::kNeedInput : PullResult::kDone;
    }
    int64_t lowest = INT64_MAX;
    for (const Slice& slice : slices_) lowest = std::min(lowest, slice.next);
    if (lowest < rows_) builder.AddWatermark(lowest);
    out->batch = builder.Finish();
    return PullResult::kBatch;
  }
  Result<bool> BeforeBarrier(uint64_t) override {
    std::vector<std::string> elements;
    for (const Slice& slice : slices_) {
      elements.emplace_back(reinterpret_cast<const char*>(&slice), sizeof(slice));
    }
    list_->Set(std::move(elements));
    return true;
  }

 private:
  static constexpr int64_t kSlices = 8;
  struct Slice {
    int64_t id = 0;
    int64_t next = 0;
  };
  const int64_t rows_;
  const int64_t keys_;
  const int32_t batch_rows_;
  const bool waits_;
  int64_t end_ = 0;  // rows are given up to here
  ListState* list_ = nullptr;
  std::vector<Slice> slices_;
};

// Keeps the sum by key of everything on all its inputs; emits (key, sum) at the end. A row that is
// late counts double, so that a wrong watermark shows in the sums: nothing is ever late here.
class SumByKey final : public Operator {
 public:
  Status Open(OperatorContext& context) override {
    in_ = context.counters->Get("in");
    absorbed_ = context.counters->Get("absorbed");
    context.counters->DeclareEquation({"in"}, {"absorbed"});
    inputs_left_ = context.input_count;
    TableSpec spec;
    spec.name = "sums";
    spec.key_types = {DataType::BigInt()};
    spec.slots = {SlotSpec::Fixed(8)};
    ASSIGN_OR_RETURN(table_, context.state->OpenTable(spec));
    return {};
  }
  Status Accept(int, Element element) override {
    if (element.kind == ElementKind::kEnd) --inputs_left_;
    if (element.kind != ElementKind::kBatch) return {};
    const Batch& batch = element.batch;
    const auto rows = static_cast<size_t>(batch.row_count);
    in_->Add(batch.row_count);
    const Column* key = &batch.columns.data()[0];
    std::vector<uint64_t> hashes(rows);
    std::vector<int32_t> all(rows);
    std::vector<StateRow*> found(rows);
    for (size_t i = 0; i < rows; ++i) all[i] = static_cast<int32_t>(i);
    if (rows > 0) {
      HashRows({&key, 1}, batch.row_count, hashes.data());
      table_->FindOrInsert({&key, 1}, hashes.data(), all, found.data(), nullptr);
    }
    const int64_t* values = rows > 0 ? batch.columns[1].data<int64_t>() : nullptr;
    size_t point = 0;
    for (size_t i = 0; i < rows; ++i) {
      while (point < batch.points.size() && batch.points[point].row <= static_cast<int32_t>(i)) {
        watermark_ = batch.points[point++].watermark_ms;
      }
      const int64_t factor = values[i] < watermark_ ? 2 : 1;
      table_->Value<int64_t>(found[i], 0) += factor * values[i];
      absorbed_->Add(1);
    }
    if (!batch.points.empty()) watermark_ = batch.points.back().watermark_ms;
    return {};
  }
  Result<PullResult> Pull(PulledBatch* out) override {
    if (inputs_left_ > 0) return PullResult::kNeedInput;
    // One group a pull: the cursor is the table itself.
    uint32_t id = 0;
    StateRow* row = table_->Next(&id);
    if (row == nullptr) return PullResult::kDone;
    BatchBuilder builder(TwoNumbers());
    ColumnBuilder* key = &builder.column(0);
    table_->AppendKey(row, {&key, 1});
    builder.column(1).Append<int64_t>(table_->Value<int64_t>(row, 0));
    builder.FinishRow();
    table_->Erase(row);
    out->batch = builder.Finish();
    return PullResult::kBatch;
  }

 private:
  StateTable* table_ = nullptr;
  Counter* in_ = nullptr;
  Counter* absorbed_ = nullptr;
  int64_t watermark_ = kNoWatermark;
  int inputs_left_ = 0;
};

// Passes rows on; drops none.
class Pass final : public Operator {
 public:
  Status Open(OperatorContext&) override { return {}; }
  Status Accept(int, Element element) override {
    has_ = element.kind == ElementKind::kBatch;
    if (has_) batch_ = std::move(element.batch);
    return {};
  }
  Result<PullResult> Pull(PulledBatch* out) override {
    if (!has_) return PullResult::kNeedInput;
    has_ = false;
    out->batch = std::move(batch_);
    return PullResult::kBatch;
  }
  int WantedInput() const override { return 0; }

 private:
  bool has_ = false;
  Batch batch_;
};

// What was committed, by key; commits of an epoch already committed are repeats.
struct Committed final : SinkCommitter {
  std::map<int64_t, std::vector<int64_t>> rows;
  std::set<uint64_t> epochs;

  Status Commit(uint64_t epoch, const std::vector<std::string>& staged) override {
    if (!epochs.insert(epoch).second) return {};
    for (const std::string& bytes : staged) {
      for (size_t at = 0; at < bytes.size(); at += 16) {
        int64_t pair[2];
        std::memcpy(pair, bytes.data() + at, 16);
        rows[pair[0]].push_back(pair[1]);
      }
    }
    return {};
  }
  Result<CommitOutcome> Outcome(uint64_t epoch, const std::vector<std::string>&) override {
    return epochs.count(epoch) != 0 ? CommitOutcome::kCommitted : CommitOutcome::kUnknown;
  }
  Status Abort(uint64_t, const std::vector<std::string>&) override { return {}; }
};

class StagingSink final : public Operator {
 public:
  Status Open(OperatorContext& context) override {
    wakeup_ = context.wakeup;
    return {};
  }
  Status Accept(int, Element element) override {
    for (int32_t row = 0; row < element.batch.row_count; ++row) {
      const int64_t pair[2] = {ColumnReader<int64_t>(element.batch.columns[0])[row],
                               ColumnReader<int64_t>(element.batch.columns[1])[row]};
      staged_.append(reinterpret_cast<const char*>(pair), 16);
    }
    waits_ = element.batch.row_count > 0;
    return {};
  }
  Result<PullResult> Pull(PulledBatch*) override {
    // Has no room the first time.
    if (!waits_) return PullResult::kNeedInput;
    waits_ = false;
    wakeup_->WakeNow();
    return PullResult::kWait;
  }
  Result<bool> BeforeBarrier(uint64_t epoch) override {
    if (refused_ == epoch) return true;
    refused_ = epoch;
    wakeup_->WakeNow();
    return false;
  }
  std::unique_ptr<std::string> TakeSeal() override {
    auto sealed = std::make_unique<std::string>(std::move(staged_));
    staged_.clear();
    return sealed;
  }

 private:
  WakeupService* wakeup_ = nullptr;
  std::string staged_;
  bool waits_ = false;
  uint64_t refused_ = 0;
};

struct Maker final : OperatorMaker {
  int64_t rows = 0;
  int64_t keys = 0;
  int32_t batch_rows = 1;
  bool straight = false;  // for StraightGraph
  bool waits = false;     // of the source
  Result<std::unique_ptr<Operator>> Make(int node, OperatorContext&) override {
    switch (straight && node == 2 ? 3 : node) {
      case 0:
        return std::unique_ptr<Operator>(
            std::make_unique<NumberSource>(rows, keys, batch_rows, waits));
      case 1: return std::unique_ptr<Operator>(std::make_unique<Pass>());
      case 2: return std::unique_ptr<Operator>(std::make_unique<SumByKey>());
      default: return std::unique_ptr<Operator>(std::make_unique<StagingSink>());
    }
  }
};

// source -> pass -> sum by key (which also reads the source itself: a diamond) -> sink.
JobGraph DiamondGraph() {
  JobGraph graph;
  graph.nodes = {{"source", "Source[0]", {}, false},
                 {"pass", "Pass[1]", {{0, kMainPort, Routing::kForward, {}}}, false},
                 {"sum",
                  "Sum[2]",
                  {{0, kMainPort, Routing::kHash, {0}}, {1, kMainPort, Routing::kHash, {0}}},
                  false},
                 {"sink", "Sink[3]", {{2, kMainPort, Routing::kForward, {}}}, false}};
  return graph;
}

// source -> pass -> sink: every epoch has rows for the sink.
JobGraph StraightGraph() {
  JobGraph graph;
  graph.nodes = {{"source", "Source[0]", {}, false},
                 {"pass", "Pass[1]", {{0, kMainPort, Routing::kForward, {}}}, false},
                 {"sink", "Sink[2]", {{1, kMainPort, Routing::kHash, {0}}}, false}};
  return graph;
}

// Time goes on by a microsecond whenever someone looks.
struct LookingClock final : Clock {
  int64_t now = 0;
  int64_t wall_step = 0;
  int64_t WallMicros() override { return now + wall_step; }
  int64_t MonotonicNanos() override { return ++now * 1000; }
  void SleepMicros(int64_t micros) override { now += micros; }
};

// A store that fails to publish now and then.
struct FailingStore final : CheckpointStore {
  MemoryCheckpointStore memory;
  int fail_every = 0;  // publishes; 0: none
  int publishes = 0;
  int failures = 0;
  uint64_t highest = 0;
  std::vector<std::string> marks;

  Status Publish(std::shared_ptr<const Checkpoint> checkpoint) override {
    EXPECT_GT(checkpoint->epoch, highest) << "an epoch was used twice";
    highest = checkpoint->epoch;
    if (fail_every > 0 && ++publishes % fail_every == 0) {
      ++failures;
      return IoError("disk is broken");
    }
    return memory.Publish(std::move(checkpoint));
  }
  Status MarkCommitting(uint64_t epoch) override {
    marks.push_back("begun " + std::to_string(epoch));
    return {};
  }
  Status MarkCommitted(uint64_t epoch) override {
    marks.push_back("committed " + std::to_string(epoch));
    return memory.MarkCommitted(epoch);
  }
  Status MarkFinished() override { return memory.MarkFinished(); }
  Result<std::shared_ptr<const Checkpoint>> Latest() override { return memory.Latest(); }
  uint64_t highest_epoch() const override { return highest; }
};

// Lets a test wait: with threads by sleeping, inline by stepping.
struct Driver final : Wakeable {
  std::atomic<bool> woken{false};
  void Wake() override { woken.store(true); }
};

struct RunSetup {
  Scheduler* scheduler = nullptr;
  Environment env;
  Maker maker;
  int ring_capacity = 1;
  int64_t every_batches = 3;
  int64_t freeze_step_bytes = 40;  // a few rows
  MemoryPool* pool = nullptr;
  Clock* clock = nullptr;  // the coordinator's, if not the environment's
  int64_t interval_micros = 0;
  int64_t min_pause_micros = 0;
  int64_t timeout_micros = 0;
  int tolerable_failures = 0;
  bool may_fail = false;
  Status failure;                             // of the newest attempt
  std::vector<CheckpointStatistics> history;  // of the newest attempt
  int given_up = 0;
};

// A run of StraightGraph with rows of five keys, and a clock that moves on when it is asked.
RunSetup StraightRun(SeededScheduler* scheduler, LookingClock* clock, int64_t rows) {
  RunSetup setup;
  setup.scheduler = scheduler;
  setup.env = scheduler->MakeEnvironment(RealEnvironment());
  setup.clock = clock;
  setup.maker.straight = true;
  setup.maker.rows = rows;
  setup.maker.keys = 5;
  return setup;
}

// One attempt; ends at the end, or after `publishes` checkpoints.
CheckpointCoordinator::Outcome RunAttempt(RunSetup& setup, int shard_count, int publishes,
                                          bool stop, CheckpointStore* store, Committed* committed) {
  Driver driver;
  CheckpointCoordinator::Options options;
  options.every_batches = setup.every_batches;
  options.store = store;
  options.clock = setup.clock != nullptr ? setup.clock : setup.env.clock;
  options.driver = &driver;
  options.interval_micros = setup.interval_micros;
  options.min_pause_micros = setup.min_pause_micros;
  options.timeout_micros = setup.timeout_micros;
  options.tolerable_failures = setup.tolerable_failures;
  CheckpointCoordinator coordinator(options);
  const std::shared_ptr<const Checkpoint> restored = *store->Latest();
  RunOptions run_options;
  run_options.graph = setup.maker.straight ? StraightGraph() : DiamondGraph();
  run_options.shard_count = shard_count;
  run_options.ring_capacity = setup.ring_capacity;
  run_options.local_capacity = setup.ring_capacity;
  run_options.parent_pool = setup.pool;
  run_options.env = &setup.env;
  run_options.scheduler = setup.scheduler;
  run_options.listener = &coordinator;
  run_options.maker = &setup.maker;
  run_options.settings.freeze_step_bytes = setup.freeze_step_bytes;
  if (restored != nullptr) {
    run_options.restored = restored->instances;
    run_options.restored_epoch = restored->epoch;
    run_options.restored_shard_count = restored->shard_count;
  }
  Result<std::unique_ptr<JobRun>> run = JobRun::Make(std::move(run_options));
  EXPECT_TRUE(run.ok()) << run.status().message();
  if (!run.ok()) return CheckpointCoordinator::Outcome::kFailed;
  coordinator.Attach(run->get(), shard_count, {{"sink", committed}}, restored);
  EXPECT_TRUE(coordinator.RepeatCommits().ok());
  (*run)->Start();
  if (stop) coordinator.RequestStop();
  CheckpointCoordinator::Outcome outcome = CheckpointCoordinator::Outcome::kRunning;
  int published = 0;
  while (true) {
    outcome = coordinator.Step();
    if (outcome == CheckpointCoordinator::Outcome::kPublished && ++published == publishes) break;
    if (outcome != CheckpointCoordinator::Outcome::kRunning &&
        outcome != CheckpointCoordinator::Outcome::kPublished) {
      break;
    }
    if (setup.scheduler->is_inline()) {
      const bool stepped = setup.scheduler->StepInline();
      EXPECT_TRUE(stepped || driver.woken.exchange(false)) << "the run hangs";
      if (!stepped && ::testing::Test::HasFailure()) {
        for (const JobRun::TaskReading& task : (*run)->Read()) {
          ADD_FAILURE() << task.name << " shard " << task.shard << " in " << task.rows_in << " out "
                        << task.rows_out << " watermark " << task.output_watermark_ms << " blocked "
                        << task.blocked << " done " << task.done;
        }
        break;
      }
    } else {
      setup.env.clock->SleepMicros(100);
    }
  }
  setup.failure = coordinator.failure();
  setup.history = coordinator.History();
  for (const CheckpointStatistics& one : setup.history) {
    if (one.failure.find("was given up") != std::string::npos) ++setup.given_up;
  }
  EXPECT_TRUE(setup.failure.ok() || setup.may_fail) << setup.failure.message();
  (*run)->StopShards();
  EXPECT_TRUE((*run)->Close().ok());
  return outcome;
}

// Twice the sum of each key's numbers: the diamond sees every row on both sides.
std::map<int64_t, std::vector<int64_t>> Expected(int64_t rows, int64_t keys) {
  std::map<int64_t, int64_t> sums;
  for (int64_t i = 0; i < rows; ++i) sums[i % keys] += 2 * i;
  std::map<int64_t, std::vector<int64_t>> expected;
  for (const auto& [key, sum] : sums) expected[key] = {sum};
  return expected;
}

TEST(JobRunTest, SeedsWithRestoresIntoOtherShardCountsGiveEqualResults) {
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    SeededScheduler scheduler(seed);
    RunSetup setup;
    setup.scheduler = &scheduler;
    setup.env = scheduler.MakeEnvironment(RealEnvironment());
    MemoryPool pool("process", MemoryPool::kUnlimited);
    setup.pool = &pool;
    setup.maker.rows = 40 + static_cast<int64_t>(seed % 23);
    setup.maker.keys = 7;
    setup.maker.batch_rows = 1 + static_cast<int32_t>(seed % 3);
    setup.ring_capacity = 1 + static_cast<int>(seed % 2);
    setup.every_batches = 1 + static_cast<int64_t>(seed % 5);
    MemoryCheckpointStore store;
    Committed committed;
    CheckpointCoordinator::Outcome outcome = CheckpointCoordinator::Outcome::kRunning;
    int attempts = 0;
    while (outcome != CheckpointCoordinator::Outcome::kFinished && attempts < 200) {
      ++attempts;
      const int shard_count = 1 + static_cast<int>(setup.env.random->Next() % 3);
      const int publishes = 1 + static_cast<int>(setup.env.random->Next() % 4);
      const bool stop = setup.env.random->Next() % 4 == 0;
      outcome = RunAttempt(setup, shard_count, publishes, stop && attempts < 5, &store, &committed);
      if (HasFailure()) break;
    }
    EXPECT_TRUE(store.finished());
    EXPECT_EQ(committed.rows, Expected(setup.maker.rows, setup.maker.keys)) << "seed " << seed;
    EXPECT_EQ(pool.used_bytes(), 0);
    if (HasFailure()) {
      ADD_FAILURE() << "seed " << seed << ", attempts " << attempts;
      return;
    }
  }
}

std::map<int64_t, std::vector<int64_t>> EveryRowOnce(const Maker& maker) {
  std::map<int64_t, std::vector<int64_t>> expected;
  for (int64_t i = 0; i < maker.rows; ++i) expected[i % maker.keys].push_back(i);
  return expected;
}

// What a checkpoint that was given up had sealed is committed with the next one, and once.
TEST(CheckpointCoordinatorTest, GivenUpCheckpointsLoseNoRow) {
  int given_up = 0;
  int failed_publishes = 0;
  int failed_runs = 0;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SeededScheduler scheduler(seed);
    LookingClock clock;
    RunSetup setup = StraightRun(&scheduler, &clock, 60);
    setup.every_batches = 1 + static_cast<int64_t>(seed % 3);
    setup.timeout_micros = 20 + static_cast<int64_t>(seed % 40);
    // Some runs end at the first failure and begin anew.
    setup.tolerable_failures = seed % 4 == 0 ? 0 : 1000;
    setup.may_fail = true;
    FailingStore store;
    store.fail_every = seed % 2 == 0 ? 3 : 0;
    Committed committed;
    CheckpointCoordinator::Outcome outcome = CheckpointCoordinator::Outcome::kRunning;
    int attempts = 0;
    while (outcome != CheckpointCoordinator::Outcome::kFinished && attempts < 100) {
      ++attempts;
      const int shard_count = 1 + static_cast<int>(setup.env.random->Next() % 3);
      const int publishes = 1 + static_cast<int>(setup.env.random->Next() % 4);
      outcome = RunAttempt(setup, shard_count, publishes, false, &store, &committed);
      if (outcome == CheckpointCoordinator::Outcome::kFailed) {
        ++failed_runs;
        const std::string& message = setup.failure.message();
        EXPECT_TRUE(message.find("was given up after 0 ms") != std::string::npos ||
                    message.find("disk is broken") != std::string::npos)
            << message;
        setup.timeout_micros += 5;
      }
    }
    EXPECT_EQ(outcome, CheckpointCoordinator::Outcome::kFinished) << "seed " << seed;
    for (auto& [key, values] : committed.rows) std::sort(values.begin(), values.end());
    ASSERT_EQ(committed.rows, EveryRowOnce(setup.maker)) << "seed " << seed;
    given_up += setup.given_up;
    failed_publishes += store.failures;
  }
  EXPECT_GT(given_up, 200);
  EXPECT_GT(failed_publishes, 200);
  EXPECT_GT(failed_runs, 50);
}

TEST(CheckpointCoordinatorTest, ACheckpointThatIsNotToleratedNamesWhoIsMissing) {
  SeededScheduler scheduler(1);
  LookingClock clock;
  RunSetup setup = StraightRun(&scheduler, &clock, 1000);
  setup.every_batches = 1;
  setup.timeout_micros = 2;
  setup.may_fail = true;
  FailingStore store;
  Committed committed;
  EXPECT_EQ(RunAttempt(setup, 2, 1, false, &store, &committed),
            CheckpointCoordinator::Outcome::kFailed);
  EXPECT_EQ(setup.failure.message(),
            "checkpoint 1 was given up after 0 ms (execution.checkpointing.timeout): 1 of 6 "
            "operator instances had taken part; missing: Source[0] shard 0, Pass[1] shard 0, "
            "Pass[1] shard 1, ...");
  ASSERT_EQ(setup.history.size(), 1u);
  EXPECT_EQ(setup.history[0].epoch, 1u);
  EXPECT_EQ(setup.history[0].state, CheckpointState::kFailed);
  EXPECT_EQ(store.highest, 0u);
}

TEST(CheckpointCoordinatorTest, KeepsAHistoryAndMarksBeforeAndAfterTheCommits) {
  SeededScheduler scheduler(1);
  LookingClock clock;
  RunSetup setup = StraightRun(&scheduler, &clock, 100);
  setup.every_batches = 2;
  FailingStore store;
  Committed committed;
  EXPECT_EQ(RunAttempt(setup, 1, 2, false, &store, &committed),
            CheckpointCoordinator::Outcome::kPublished);
  EXPECT_EQ(store.marks,
            (std::vector<std::string>{"begun 1", "committed 1", "begun 2", "committed 2"}));
  const auto newest = std::find_if(setup.history.begin(), setup.history.end(),
                                   [](const auto& one) { return one.epoch == 2; });
  ASSERT_NE(newest, setup.history.end());
  EXPECT_EQ(newest->state, CheckpointState::kCompleted);
  EXPECT_GT(newest->duration_micros, 0);
  EXPECT_GT(newest->started_micros, 0);
  // A restart repeats the commit and says so.
  store.marks.clear();
  setup.every_batches = 0;
  EXPECT_EQ(RunAttempt(setup, 1, 1, false, &store, &committed),
            CheckpointCoordinator::Outcome::kFinished);
  ASSERT_GE(store.marks.size(), 2u);
  EXPECT_EQ(store.marks[0], "begun 2");
  EXPECT_EQ(store.marks[1], "committed 2");
}

TEST(CheckpointCoordinatorTest, SaysWhenItHasToLookAgain) {
  LookingClock clock;
  Driver driver;
  FailingStore store;
  SeededScheduler scheduler(1);
  RunSetup setup;
  setup.env = scheduler.MakeEnvironment(RealEnvironment());
  setup.maker.straight = true;
  setup.maker.rows = 1;
  setup.maker.keys = 1;
  CheckpointCoordinator::Options options;
  options.interval_micros = 1000;
  options.timeout_micros = 500;
  options.min_pause_micros = 3000;
  options.tolerable_failures = 1;
  options.store = &store;
  options.clock = &clock;
  options.driver = &driver;
  CheckpointCoordinator coordinator(options);
  RunOptions run_options;
  run_options.graph = StraightGraph();
  run_options.shard_count = 1;
  run_options.env = &setup.env;
  run_options.scheduler = &scheduler;
  run_options.listener = &coordinator;
  run_options.maker = &setup.maker;
  auto run = JobRun::Make(std::move(run_options));
  ASSERT_TRUE(run.ok());
  Committed committed;
  coordinator.Attach(run->get(), 1, {{"sink", &committed}}, nullptr);
  EXPECT_EQ(coordinator.next_step_micros(), 1001);
  EXPECT_EQ(coordinator.Step(), CheckpointCoordinator::Outcome::kRunning);
  EXPECT_EQ(store.highest, 0u);
  // On request it does not wait for the interval.
  coordinator.RequestCheckpoint();
  EXPECT_TRUE(driver.woken.exchange(false));
  EXPECT_EQ(coordinator.Step(), CheckpointCoordinator::Outcome::kRunning);
  const int64_t started = coordinator.History()[0].since_micros;
  EXPECT_EQ(coordinator.History()[0].state, CheckpointState::kInProgress);
  EXPECT_EQ(coordinator.next_step_micros(), started + 500);
  // A step of the wall clock is no time that passes.
  for (const int64_t hours : {1, -1, 87'600}) {
    clock.wall_step = hours * 3'600'000'000;
    EXPECT_EQ(coordinator.Step(), CheckpointCoordinator::Outcome::kRunning);
    EXPECT_EQ(coordinator.History()[0].state, CheckpointState::kInProgress);
    EXPECT_EQ(coordinator.next_step_micros(), started + 500);
  }
  const auto answer = [&coordinator](uint64_t epoch) {
    for (const char* id : {"source", "pass", "sink"}) {
      InstanceSnapshot snapshot;
      snapshot.operator_id = id;
      snapshot.epoch = epoch;
      coordinator.OnSnapshot(std::move(snapshot));
    }
  };
  answer(1);
  EXPECT_TRUE(driver.woken);
  EXPECT_EQ(coordinator.Step(), CheckpointCoordinator::Outcome::kPublished);
  EXPECT_EQ(coordinator.published_epoch(), 1u);
  const CheckpointStatistics done = coordinator.History()[0];
  EXPECT_EQ(coordinator.next_step_micros(), done.since_micros + done.duration_micros + 3000);
  EXPECT_EQ(coordinator.TakeNotes(), "");
  // A checkpoint that fails and is tolerated is told of.
  store.fail_every = 1;
  coordinator.RequestCheckpoint();
  EXPECT_EQ(coordinator.Step(), CheckpointCoordinator::Outcome::kRunning);
  answer(2);
  EXPECT_EQ(coordinator.Step(), CheckpointCoordinator::Outcome::kRunning);
  EXPECT_EQ(coordinator.TakeNotes(),
            "checkpoint 2: disk is broken; the job goes on (failure 1 in a row of 1 that are "
            "tolerated)\n");
  EXPECT_EQ(coordinator.TakeNotes(), "");
  // A commit that fails is never passed over.
  struct Refusing final : SinkCommitter {
    Status Commit(uint64_t, const std::vector<std::string>&) override { return IoError("no"); }
    Result<CommitOutcome> Outcome(uint64_t, const std::vector<std::string>&) override {
      return CommitOutcome::kUnknown;
    }
    Status Abort(uint64_t, const std::vector<std::string>&) override { return {}; }
  } refusing;
  options.tolerable_failures = 100;
  CheckpointCoordinator other(options);
  other.Attach(run->get(), 1, {{"sink", &refusing}}, *store.Latest());
  EXPECT_EQ(other.RepeatCommits().message(), "sink: commit of epoch 1: no");
  (*run)->StopShards();
}

TEST(CheckpointCoordinatorTest, PausesBetweenCheckpoints) {
  for (const int64_t pause : {0, 50}) {
    SeededScheduler scheduler(1);
    LookingClock clock;
    RunSetup setup = StraightRun(&scheduler, &clock, 500);
    setup.every_batches = 0;
    setup.interval_micros = 10;
    setup.min_pause_micros = pause;
    FailingStore store;
    Committed committed;
    EXPECT_EQ(RunAttempt(setup, 1, 5, false, &store, &committed),
              CheckpointCoordinator::Outcome::kPublished);
    int64_t shortest = INT64_MAX;
    for (size_t i = 0; i + 1 < setup.history.size(); ++i) {
      const CheckpointStatistics& earlier = setup.history[i + 1];
      const int64_t end = earlier.since_micros + earlier.duration_micros;
      shortest = std::min(shortest, setup.history[i].since_micros - end);
    }
    if (pause > 0) {
      EXPECT_GE(shortest, pause);
    } else {
      EXPECT_LT(shortest, 50);
    }
  }
}

TEST(JobRunTest, WorkersGiveTheSameResult) {
  for (const int shard_count : {1, 2, 3}) {
    for (const int ring_capacity : {1, 4}) {
      WorkerPool workers(2, &RealEnvironment());
      RunSetup setup;
      setup.scheduler = &workers;
      setup.env = RealEnvironment();
      setup.maker.rows = 20000;
      setup.maker.keys = 100;
      setup.maker.batch_rows = 16;
      // With real threads a run might else end before its second checkpoint.
      setup.maker.waits = true;
      setup.ring_capacity = ring_capacity;
      setup.every_batches = 20;
      MemoryCheckpointStore store;
      Committed committed;
      CheckpointCoordinator::Outcome outcome = CheckpointCoordinator::Outcome::kRunning;
      int attempts = 0;
      while (outcome != CheckpointCoordinator::Outcome::kFinished && attempts < 100) {
        outcome = RunAttempt(setup, 1 + (shard_count + attempts) % 3, 2, attempts == 1, &store,
                             &committed);
        ++attempts;
        ASSERT_FALSE(HasFailure());
      }
      EXPECT_EQ(committed.rows, Expected(setup.maker.rows, setup.maker.keys));
      EXPECT_GT(attempts, 1);
    }
  }
}

}  // namespace
}  // namespace rhei
