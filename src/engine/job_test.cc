// Jobs from hand-built plans: a source of JSON lines in several splits, a keyed count, the queue of
// a SELECT; on the seeded scheduler with restarts into other shard counts, and on worker threads.
#include "engine/job.h"

#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include "connectors/values/values.h"
#include "engine/job_graph.h"
#include "formats/format.h"
#include "functions/registry.h"
#include "plan/physical/aggregate_spec.h"
#include "plan/physical/calc_spec.h"
#include "plan/physical/rank_spec.h"
#include "plan/physical/sink_spec.h"
#include "plan/physical/source_spec.h"
#include "runtime/seeded_scheduler.h"
#include "runtime/worker_pool.h"

namespace rhei {
namespace {

using Split = std::vector<std::string>;  // lines

// The test's connector: splits of lines, in chunks of a few records, with pauses between.
class LineEnumerator final : public SplitEnumerator {
 public:
  LineEnumerator(const std::vector<Split>* splits, bool one_at_a_time, bool bounded)
      : splits_(splits), one_at_a_time_(one_at_a_time), bounded_(bounded) {}
  Result<std::vector<SourceSplit>> Discover(bool* finished) override {
    std::vector<SourceSplit> found;
    // Two a call.
    while (found.size() < 2 && next_ < splits_->size()) {
      found.push_back({fmt::format("split-{}", next_++), ""});
    }
    *finished = bounded_ && next_ == splits_->size();
    return found;
  }
  int64_t discovery_interval_ms() const override { return 1; }
  bool one_split_at_a_time() const override { return one_at_a_time_; }
  std::string Snapshot() override { return std::to_string(next_); }
  Status Restore(std::string_view state) override {
    std::from_chars(state.data(), state.data() + state.size(), next_);
    return {};
  }

 private:
  const std::vector<Split>* splits_;
  const bool one_at_a_time_;
  const bool bounded_;
  size_t next_ = 0;
};

class LineReader final : public SourceReader {
 public:
  LineReader(const std::vector<Split>* splits, size_t chunk_records, bool bounded)
      : splits_(splits), chunk_records_(chunk_records), bounded_(bounded) {}
  Status AddSplit(const SourceSplit& split, int32_t number) override {
    Open open;
    open.index = static_cast<size_t>(std::stoi(split.id.substr(6)));
    if (!split.state.empty()) open.next = static_cast<size_t>(std::stoi(split.state));
    open_[number] = open;
    return {};
  }
  Result<PollResult> Poll(int64_t, RecordChunk* chunk) override {
    if (++polls_ % 3 == 0) return PollResult::kNothing;
    if (open_.empty()) return PollResult::kEnd;
    // In turn.
    auto found = open_.upper_bound(last_);
    if (found == open_.end()) found = open_.begin();
    last_ = found->first;
    Open& open = found->second;
    const Split& lines = (*splits_)[open.index];
    chunk->split = found->first;
    chunk->split_name = fmt::format("split-{}", open.index);
    if (open.next >= lines.size()) {
      if (!bounded_) return PollResult::kNothing;
      open_.erase(found);
      return PollResult::kSplitEnd;
    }
    std::string bytes;
    for (size_t i = 0; i < chunk_records_ && open.next < lines.size(); ++i, ++open.next) {
      const std::string& line = lines[open.next];
      chunk->offsets.push_back(static_cast<int64_t>(open.next));
      chunk->values.push_back(
          {static_cast<uint32_t>(bytes.size()), static_cast<uint32_t>(line.size())});
      bytes += line;
    }
    chunk->buffer = Buffer::CopyOf(bytes);
    chunk->next_offset = static_cast<int64_t>(open.next);
    return PollResult::kChunk;
  }
  std::string StateAfter(int32_t, int64_t next_offset) override {
    return std::to_string(next_offset);
  }

 private:
  struct Open {
    size_t index = 0;
    size_t next = 0;
  };
  const std::vector<Split>* splits_;
  const size_t chunk_records_;
  const bool bounded_;
  std::map<int32_t, Open> open_;
  int32_t last_ = -1;
  int polls_ = 0;
};

class LineConnector final : public ConnectorFactory {
 public:
  std::vector<Split> splits;
  size_t chunk_records = 3;
  bool one_at_a_time = true;
  bool bounded = true;

  std::string_view name() const override { return "lines"; }
  std::span<const OptionDef> options() const override { return {}; }
  Result<ConnectorDescription> Describe(const Options&, const Schema&) const override {
    ConnectorDescription description;
    description.connector = "lines";
    description.can_scan = true;
    return description;
  }
  Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(const SourceRequest&) const override {
    return std::unique_ptr<SplitEnumerator>(
        std::make_unique<LineEnumerator>(&splits, one_at_a_time, bounded));
  }
  Result<std::unique_ptr<SourceReader>> MakeReader(const SourceRequest&) const override {
    return std::unique_ptr<SourceReader>(
        std::make_unique<LineReader>(&splits, chunk_records, bounded));
  }
  Result<std::shared_ptr<Decoder>> MakeDecoder(const SourceRequest& request) const override {
    const FormatDef* json = FindFormat("json");
    ASSIGN_OR_RETURN(const Options options, CompleteOptions(*json, {}, request.scan.table));
    ASSIGN_OR_RETURN(std::unique_ptr<Decoder> decoder, json->make_decoder(options));
    RETURN_IF_ERROR(decoder->Open(request.scan, request.pool));
    return std::shared_ptr<Decoder>(std::move(decoder));
  }
};

Schema KeyAndValue() {
  return {{{"k", DataType::String(), ""}, {"v", DataType::BigInt(), ""}}};
}
Schema Counted() {
  return {{{"k", DataType::String(), ""},
           {"n", DataType::BigInt(false), ""},
           {"s", DataType::BigInt(), ""}}};
}

BoundAggregate Aggregate(const std::string& name, DataType type, std::vector<BoundExprPtr> args) {
  BoundAggregate out;
  out.aggregate = FindAggregate(name);
  out.name = name;
  out.type = std::move(type);
  for (const BoundExprPtr& arg : args) out.argument_types.push_back(arg->type);
  out.args = std::move(args);
  return out;
}

// SELECT k, COUNT(*), SUM(v) FROM source GROUP BY k.
std::shared_ptr<PhysicalPlan> CountPlan(const std::string& connector, ErrorPolicy on_error) {
  auto plan = std::make_shared<PhysicalPlan>();
  auto source = std::make_shared<SourceSpec>();
  source->table = "t";
  source->options = {{"connector", connector}};
  source->scan.table = KeyAndValue();
  source->scan.columns = {{0, DataType::String()}, {1, DataType::BigInt()}};
  source->scan.on_error = on_error;
  source->output = KeyAndValue();
  auto count = std::make_shared<GroupAggregateSpec>();
  count->input = KeyAndValue();
  count->keys = {0};
  count->aggregates = {
      Aggregate("COUNT", DataType::BigInt(false), {}),
      Aggregate("SUM", DataType::BigInt(), {MakeInput(1, "v", DataType::BigInt())})};
  count->input_changelog = ChangelogMode::All();
  auto sink = std::make_shared<SinkSpec>();
  sink->schema = Counted();
  const auto node = [&](std::string id, std::string name, std::shared_ptr<OperatorSpec> spec,
                        std::vector<PhysicalInput> inputs, Schema output) {
    PhysicalNode made;
    made.operator_id = std::move(id);
    made.name = std::move(name);
    made.spec = std::move(spec);
    made.inputs = std::move(inputs);
    made.output = std::move(output);
    plan->nodes.push_back(std::move(made));
  };
  node("source", "Source", source, {}, KeyAndValue());
  node("count", "GroupAggregate", count, {{0, kMainPort, Distribution::kHash, {0}}}, Counted());
  node("sink", "Collect", sink, {{1, kMainPort, Distribution::kForward, {}}}, Counted());
  plan->sinks = {2};
  return plan;
}

struct JobSetup {
  LineConnector lines;
  std::shared_ptr<RowStore> store = std::make_shared<RowStore>();
  std::vector<std::unique_ptr<ConnectorFactory>> test_connectors = MakeTestConnectors(store);
  ConnectorTable connectors;
  MemoryPool pool{"process", MemoryPool::kUnlimited};
  Environment env = RealEnvironment();

  JobSetup() {
    connectors.Add(&lines);
    for (const auto& factory : test_connectors) connectors.Add(factory.get());
  }
  JobOptions Options(Scheduler* scheduler, std::shared_ptr<const PhysicalPlan> plan) {
    JobOptions options;
    options.plan = std::move(plan);
    options.name = "test";
    options.env = &env;
    options.scheduler = scheduler;
    options.pool = &pool;
    options.connectors = &connectors;
    return options;
  }
};

// Runs a job to its end; its changelog as text, a line a row.
std::vector<std::string> RunToEnd(JobOptions options, Status* status = nullptr) {
  std::vector<std::string> lines;
  Result<std::unique_ptr<Job>> job = Job::Make(std::move(options));
  Status started = (*job)->Start();
  if (!started.ok()) {
    if (status != nullptr) *status = started;
    return lines;
  }
  Batch batch;
  while (true) {
    const Job::Fetched fetched = (*job)->Fetch(1'000'000, &batch);
    if (fetched == Job::Fetched::kEnd) break;
    if (fetched == Job::Fetched::kNothing) continue;
    for (int32_t row = 0; row < batch.row_count; ++row) {
      lines.push_back(DebugRow(batch, row, Counted()));
    }
  }
  const Status ended = (*job)->Wait();
  if (status != nullptr) {
    *status = ended;
  } else {
    EXPECT_TRUE(ended.ok()) << ended.message();
  }
  return lines;
}

// What a changelog leaves.
std::multiset<std::string> Materialise(const std::vector<std::string>& changelog) {
  std::multiset<std::string> rows;
  for (const std::string& line : changelog) {
    const std::string row = line.substr(2);
    if (line.starts_with("+")) {
      rows.insert(row);
    } else {
      const auto found = rows.find(row);
      EXPECT_NE(found, rows.end()) << line;
      if (found != rows.end()) rows.erase(found);
    }
  }
  return rows;
}

std::vector<Split> MakeSplits(int split_count, int line_count, uint64_t seed,
                              std::multiset<std::string>* expected) {
  std::vector<Split> splits(static_cast<size_t>(split_count));
  std::map<std::string, std::pair<int64_t, int64_t>> sums;
  for (int i = 0; i < line_count; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    Split& split = splits[(seed >> 33) % splits.size()];
    if ((seed >> 40) % 7 == 0) split.emplace_back("{broken");
    const std::string key = fmt::format("a key too long to stand inline {}", (seed >> 45) % 5);
    split.push_back(fmt::format(R"({{"k":"{}","v":{}}})", key, i));
    ++sums[key].first;
    sums[key].second += i;
  }
  for (const auto& [key, sum] : sums) {
    expected->insert(fmt::format("[{}, {}, {}]", key, sum.first, sum.second));
  }
  return splits;
}

TEST(JobTest, SeedsRestartsAndShardsLeaveTheSameTable) {
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    SeededScheduler scheduler(seed);
    JobSetup setup;
    setup.env = scheduler.MakeEnvironment(RealEnvironment());
    std::multiset<std::string> expected;
    setup.lines.splits = MakeSplits(1 + static_cast<int>(seed % 5), 30, seed, &expected);
    setup.lines.chunk_records = 1 + seed % 4;
    setup.lines.one_at_a_time = seed % 2 == 0;
    JobOptions options = setup.Options(&scheduler, CountPlan("lines", ErrorPolicy::kSkip));
    options.shard_count = 1 + static_cast<int>(seed % 3);
    options.ring_capacity = options.local_capacity = 1;
    options.settings.batch_rows_max = 1 + static_cast<int32_t>(seed % 3);
    options.barrier_every_batches = 1 + static_cast<int64_t>(seed % 6);
    options.restart_every_checkpoints = 1 + static_cast<int>(seed % 2);
    options.restart_shard_counts = {2, 1, 3};
    EXPECT_EQ(Materialise(RunToEnd(std::move(options))), expected) << "seed " << seed;
    if (HasFailure()) return;
    EXPECT_EQ(setup.pool.used_bytes(), 0);
  }
}

TEST(JobTest, OneShardGivesOneChangelogWhateverTheBatchesAndRestarts) {
  std::vector<std::string> reference;
  for (const int32_t batch_rows : {4096, 1, 2, 3}) {
    for (const int restart_every : {0, 1, 2}) {
      SeededScheduler scheduler(static_cast<uint64_t>(batch_rows * 10 + restart_every));
      JobSetup setup;
      setup.env = scheduler.MakeEnvironment(RealEnvironment());
      ScriptedSource script;
      for (int i = 0; i < 12; ++i) {
        ScriptElement element;
        element.kind = i % 5 == 4 ? ChangeKind::kDelete : ChangeKind::kInsert;
        const int64_t value = i % 5 == 4 ? i - 3 : i;
        element.values = {Value::Text(fmt::format("k{}", value % 3)), Value::Int(value)};
        script.elements.push_back(std::move(element));
      }
      setup.store->sources["t"] = script;
      JobOptions options = setup.Options(&scheduler, CountPlan("script", ErrorPolicy::kFail));
      options.settings.batch_rows_max = batch_rows;
      options.barrier_every_batches = restart_every == 0 ? 0 : 2;
      options.restart_every_checkpoints = restart_every;
      const std::vector<std::string> changelog = RunToEnd(std::move(options));
      if (reference.empty()) reference = changelog;
      EXPECT_EQ(changelog, reference) << batch_rows << " " << restart_every;
    }
  }
  EXPECT_GT(reference.size(), 12u);
}

TEST(JobTest, WorkersRunManyJobsTogether) {
  WorkerPool workers(2, &RealEnvironment());
  JobSetup setup;
  std::multiset<std::string> expected;
  setup.lines.splits = MakeSplits(4, 3000, 7, &expected);
  setup.lines.chunk_records = 50;
  for (const int shard_count : {1, 2, 3}) {
    JobOptions options = setup.Options(&workers, CountPlan("lines", ErrorPolicy::kSkip));
    options.shard_count = shard_count;
    options.checkpoint_interval_micros = 2000;
    options.collect_rows_max = 10;
    EXPECT_EQ(Materialise(RunToEnd(std::move(options))), expected);
    JobOptions restarting = setup.Options(&workers, CountPlan("lines", ErrorPolicy::kSkip));
    restarting.shard_count = shard_count;
    restarting.barrier_every_batches = 20;
    restarting.restart_every_checkpoints = 1;
    restarting.restart_shard_counts = {1, 3, 2};
    EXPECT_EQ(Materialise(RunToEnd(std::move(restarting))), expected);
  }
  EXPECT_EQ(setup.pool.used_bytes(), 0);
}

TEST(JobTest, StopCommitsWhatIsInFlight) {
  WorkerPool workers(2, &RealEnvironment());
  JobSetup setup;
  std::multiset<std::string> expected;
  setup.lines.splits = MakeSplits(3, 300, 11, &expected);
  setup.lines.bounded = false;
  setup.lines.one_at_a_time = false;
  JobOptions options = setup.Options(&workers, CountPlan("lines", ErrorPolicy::kSkip));
  options.shard_count = 2;
  Result<std::unique_ptr<Job>> job = Job::Make(std::move(options));
  ASSERT_TRUE((*job)->Start().ok());
  std::vector<std::string> changelog;
  Batch batch;
  bool stopped = false;
  while (true) {
    const Job::Fetched fetched = (*job)->Fetch(200'000, &batch);
    if (fetched == Job::Fetched::kEnd) break;
    if (fetched == Job::Fetched::kNothing && !stopped) {
      stopped = true;
      (*job)->Stop();
    }
    if (fetched != Job::Fetched::kBatch) continue;
    for (int32_t row = 0; row < batch.row_count; ++row) {
      changelog.push_back(DebugRow(batch, row, Counted()));
    }
  }
  EXPECT_TRUE((*job)->Wait().ok());
  EXPECT_EQ((*job)->state(), JobState::kStopped);
  EXPECT_EQ(Materialise(changelog), expected);
}

TEST(JobTest, ABadRecordFailsTheJobWithItsPlace) {
  SeededScheduler scheduler(1);
  JobSetup setup;
  setup.env = scheduler.MakeEnvironment(RealEnvironment());
  setup.lines.splits = {{R"({"k":"a","v":1})", "{broken"}};
  Status status;
  RunToEnd(setup.Options(&scheduler, CountPlan("lines", ErrorPolicy::kFail)), &status);
  EXPECT_EQ(status.code(), ErrorCode::kDataError);
  EXPECT_NE(status.message().find("Source[0]"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("split-0"), std::string::npos) << status.message();
}

TEST(JobTest, CountersAddUpAndRejectsAreCounted) {
  SeededScheduler scheduler(3);
  JobSetup setup;
  setup.env = scheduler.MakeEnvironment(RealEnvironment());
  setup.lines.splits = {{R"({"k":"a","v":1})", "{broken", R"({"k":"b","v":2})"}, {"nothing"}};
  Result<std::unique_ptr<Job>> job =
      Job::Make(setup.Options(&scheduler, CountPlan("lines", ErrorPolicy::kReject)));
  ASSERT_TRUE((*job)->Start().ok());
  Batch batch;
  while ((*job)->Fetch(1000, &batch) != Job::Fetched::kEnd) {
  }
  EXPECT_TRUE((*job)->Wait().ok());
  std::map<std::string, int64_t> source;
  const std::vector<JobRun::TaskReading> readings = (*job)->Read();
  for (const Counters::Reading& reading : readings[0].counters) {
    source[reading.name] = reading.value;
  }
  EXPECT_EQ(source["records"], 4);
  EXPECT_EQ(source["decoded"], 2);
  EXPECT_EQ(source["rejected"], 2);
  EXPECT_EQ(source["rows"], 2);
  EXPECT_EQ(readings[2].rows_in, 2);
  EXPECT_TRUE(readings[2].done);
}

TEST(JobTest, PassingTheMemoryLimitStopsTheJobAndSaysWhoHoldsWhat) {
  SeededScheduler scheduler(5);
  JobSetup setup;
  MemoryPool limited("process", 2000);
  setup.env = scheduler.MakeEnvironment(RealEnvironment());
  std::multiset<std::string> expected;
  setup.lines.splits = MakeSplits(1, 100, 3, &expected);
  JobOptions options = setup.Options(&scheduler, CountPlan("lines", ErrorPolicy::kSkip));
  options.pool = &limited;
  Status status;
  RunToEnd(std::move(options), &status);
  EXPECT_EQ(status.code(), ErrorCode::kResource);
  EXPECT_NE(status.message().find("job test"), std::string::npos) << status.message();
}

// The count's sink table with k NOT NULL and at most 2 characters.
std::shared_ptr<PhysicalPlan> EnforcedPlan(NotNullEnforcer not_null, LengthEnforcer length) {
  auto plan = CountPlan("script", ErrorPolicy::kFail);
  auto sink = std::make_shared<SinkSpec>();
  sink->schema = Counted();
  sink->schema.fields[0].type = DataType::Char(3, false);
  sink->not_null = not_null;
  sink->length = length;
  plan->nodes[2].spec = sink;
  return plan;
}

ScriptedSource KeysScript(std::vector<Value> keys) {
  ScriptedSource script;
  for (Value& key : keys) {
    ScriptElement element;
    element.values = {std::move(key), Value::Int(1)};
    script.elements.push_back(std::move(element));
  }
  return script;
}

TEST(JobTest, EnforcersFailDropTrimAndPad) {
  SeededScheduler scheduler(9);
  JobSetup setup;
  setup.env = scheduler.MakeEnvironment(RealEnvironment());
  setup.store->sources["t"] =
      KeysScript({Value::Text("a"), Value::Null(), Value::Text("\u00e9\u00e9\u00e9\u00e9")});
  Status status;
  RunToEnd(setup.Options(&scheduler, EnforcedPlan(NotNullEnforcer::kError,  //
                                                  LengthEnforcer::kIgnore)),
           &status);
  EXPECT_EQ(status.code(), ErrorCode::kDataError);
  EXPECT_NE(status.message().find("Column 'k' is NOT NULL, however, a null value is being written"),
            std::string::npos)
      << status.message();
  EXPECT_EQ(RunToEnd(setup.Options(&scheduler,
                                   EnforcedPlan(NotNullEnforcer::kDrop, LengthEnforcer::kTrimPad))),
            (std::vector<std::string>{"+I[a  , 1, 1]", "+I[\u00e9\u00e9\u00e9, 1, 1]"}));
  RunToEnd(setup.Options(&scheduler, EnforcedPlan(NotNullEnforcer::kDrop, LengthEnforcer::kError)),
           &status);
  EXPECT_NE(status.message().find("string of length 1 is being written"), std::string::npos)
      << status.message();
}

TEST(JobTest, BundlesFoldChangesUntilTheirEnd) {
  SeededScheduler scheduler(9);
  JobSetup setup;
  setup.env = scheduler.MakeEnvironment(RealEnvironment());
  std::vector<Value> keys(20, Value::Text("a"));
  setup.store->sources["t"] = KeysScript(keys);
  setup.store->sources["t"].row_delay_micros = 100'000;
  auto plan = CountPlan("script", ErrorPolicy::kFail);
  auto count = std::make_shared<GroupAggregateSpec>(
      static_cast<const GroupAggregateSpec&>(*plan->nodes[1].spec));
  count->bundled = true;
  plan->nodes[1].spec = count;
  JobOptions options = setup.Options(&scheduler, plan);
  options.settings.bundle_interval_ms = 1000;
  const std::vector<std::string> changelog = RunToEnd(std::move(options));
  EXPECT_EQ(Materialise(changelog), std::multiset<std::string>{"[a, 20, 20]"});
  // Two seconds of rows: at most three bundles and the end, not twenty changes.
  EXPECT_LE(changelog.size(), 7u);
  EXPECT_GE(changelog.size(), 3u);
}

// Batch mode: SELECT * FROM source OFFSET 2 LIMIT 5, of splits that never end; sources end in the
// middle of a chunk and before rejects that are due, on shards that have given no row too.
TEST(JobTest, ALimitEndsItsSourcesInBatchMode) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SeededScheduler scheduler(seed);
    JobSetup setup;
    setup.env = scheduler.MakeEnvironment(RealEnvironment());
    std::multiset<std::string> all;
    setup.lines.splits = MakeSplits(1 + static_cast<int>(seed % 5), 60, seed, &all);
    setup.lines.chunk_records = 1 + seed % 9;
    setup.lines.one_at_a_time = seed % 2 == 0;
    setup.lines.bounded = false;
    if (setup.lines.one_at_a_time) setup.lines.splits.resize(1);
    auto plan = CountPlan("lines", seed % 3 == 0 ? ErrorPolicy::kSkip : ErrorPolicy::kReject);
    auto limit = std::make_shared<SortSpec>(OperatorKind::kLimit);
    limit->input = KeyAndValue();
    limit->offset = 2;
    limit->limit = 5;
    limit->batch_mode = true;
    auto sink = std::make_shared<SinkSpec>();
    sink->schema = KeyAndValue();
    PhysicalNode calc = plan->nodes[1];
    calc.operator_id = "union";
    calc.spec = std::make_shared<UnionSpec>();
    calc.inputs[0].distribution = Distribution::kForward;
    calc.output = KeyAndValue();
    PhysicalNode& limiting = plan->nodes[1];
    limiting.spec = limit;
    limiting.singleton = true;
    limiting.inputs[0] = {1, kMainPort, Distribution::kSingleton, {}};
    limiting.output = KeyAndValue();
    plan->nodes[2].spec = sink;
    plan->nodes[2].inputs[0].node = 2;
    plan->nodes.insert(plan->nodes.begin() + 1, calc);
    plan->sinks = {3};
    JobOptions options = setup.Options(&scheduler, plan);
    options.shard_count = 1 + static_cast<int>(seed % 3);
    options.ring_capacity = options.local_capacity = 1;
    options.settings.batch_mode = true;
    options.settings.batch_rows_max = 1 + static_cast<int32_t>(seed % 3);
    if (seed % 2 == 0) {
      options.barrier_every_batches = 1 + static_cast<int64_t>(seed % 6);
      options.restart_every_checkpoints = 1 + static_cast<int>(seed % 2);
      options.restart_shard_counts = {2, 1, 3};
    }
    Result<std::unique_ptr<Job>> job = Job::Make(std::move(options));
    ASSERT_TRUE((*job)->Start().ok());
    int32_t rows = 0;
    Batch batch;
    for (int tries = 0;; ++tries) {
      ASSERT_LT(tries, 100) << "seed " << seed << " does not end";
      const Job::Fetched fetched = (*job)->Fetch(1'000'000, &batch);
      if (fetched == Job::Fetched::kEnd) break;
      if (fetched == Job::Fetched::kBatch) rows += batch.row_count;
    }
    EXPECT_TRUE((*job)->Wait().ok());
    EXPECT_EQ(rows, 5) << "seed " << seed;
    if (HasFailure()) return;
  }
}

// UNION ALL of a table and an aggregate of it is merged by time, unless the aggregate keeps its
// watermarks until the end of a bundle: the table's rows would wait in the gate without bound.
TEST(JobTest, WhereABranchHoldsTimeBackNothingIsMergedByTime) {
  JobSetup setup;
  for (const bool bundled : {false, true}) {
    auto plan = CountPlan("script", ErrorPolicy::kFail);
    auto count = std::make_shared<GroupAggregateSpec>(
        static_cast<const GroupAggregateSpec&>(*plan->nodes[1].spec));
    count->bundled = bundled;
    plan->nodes[1].spec = count;
    const auto add = [&](std::string id, std::vector<PhysicalInput> inputs) {
      PhysicalNode node = plan->nodes[1];
      node.operator_id = id;
      node.spec = std::make_shared<UnionSpec>();
      node.inputs = std::move(inputs);
      plan->nodes.push_back(node);
    };
    add("behind", {{1, kMainPort, Distribution::kForward, {}}});
    add("union",
        {{0, kMainPort, Distribution::kForward, {}}, {3, kMainPort, Distribution::kForward, {}}});
    const Result<JobGraph> graph = MakeJobGraph(*plan, setup.connectors);
    ASSERT_TRUE(graph.ok());
    EXPECT_EQ(graph->nodes[4].same_sources, bundled ? std::vector<int>{} : std::vector<int>{0});
  }
}

// SELECT k, COUNT(*), SUM(v) per tumbling second, WATERMARK FOR ts AS ts; late rows are dropped.
std::shared_ptr<PhysicalPlan> WindowPlan() {
  auto plan = CountPlan("script", ErrorPolicy::kFail);
  const DataType time = DataType::Timestamp(3).WithTimeAttribute(TimeAttribute::kRowtime);
  Schema timed = KeyAndValue();
  timed.fields.push_back({"ts", time, ""});
  auto source = std::make_shared<SourceSpec>(static_cast<const SourceSpec&>(*plan->nodes[0].spec));
  source->scan.table = source->output = timed;
  source->scan.columns.push_back({2, time});
  auto assigner = std::make_shared<WatermarkAssignerSpec>();
  assigner->strategy.expression = MakeInput(2, "ts", time);
  assigner->strategy.rowtime_column = 2;
  auto window = std::make_shared<WindowAggregateSpec>();
  window->input = timed;
  window->window.size_ms = 1000;
  window->window.time_column = 2;
  window->keys = {0};
  window->aggregates = static_cast<const GroupAggregateSpec&>(*plan->nodes[1].spec).aggregates;
  plan->nodes[0].spec = source;
  PhysicalNode assign = plan->nodes[0];
  assign.operator_id = "assigner";
  assign.name = "WatermarkAssigner";
  assign.spec = assigner;
  assign.inputs = {{0, kMainPort, Distribution::kForward, {}}};
  plan->nodes.insert(plan->nodes.begin() + 1, assign);
  plan->nodes[2].spec = window;
  plan->nodes[2].inputs[0].node = 1;
  plan->nodes[3].inputs[0].node = 2;
  plan->sinks = {3};
  return plan;
}

TEST(JobTest, WindowsFireAndDropTheSameLateRowsInEveryRegime) {
  ScriptedSource script;
  uint64_t seed = 4;
  for (int i = 0; i < 60; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    ScriptElement element;
    // Time goes on by a quarter of a second, and up to two seconds back: some rows are late.
    const int64_t time_ms = 10'000 + i * 250 - static_cast<int64_t>((seed >> 33) % 2000);
    element.values = {Value::Text(fmt::format("k{}", (seed >> 50) % 3)), Value::Int(i),
                      Value::Int(time_ms * 1000)};
    script.elements.push_back(std::move(element));
  }
  std::multiset<std::string> reference;
  for (uint64_t run = 0; run < 300; ++run) {
    SeededScheduler scheduler(run);
    JobSetup setup;
    setup.env = scheduler.MakeEnvironment(RealEnvironment());
    setup.store->sources["t"] = script;
    JobOptions options = setup.Options(&scheduler, WindowPlan());
    if (run > 0) {
      options.shard_count = 1 + static_cast<int>(run % 3);
      options.ring_capacity = options.local_capacity = 1 + static_cast<int>(run % 2);
      options.settings.batch_rows_max = 1 + static_cast<int32_t>(run % 4);
      options.barrier_every_batches = 1 + static_cast<int64_t>(run % 5);
      options.restart_every_checkpoints = 1 + static_cast<int>(run % 3);
      options.restart_shard_counts = {1, 3, 2};
    }
    const std::multiset<std::string> rows = Materialise(RunToEnd(std::move(options)));
    if (run == 0) reference = rows;
    ASSERT_EQ(rows, reference) << "run " << run;
  }
  // Late rows there were.
  int64_t counted = 0;
  for (const std::string& row : reference) counted += std::stoll(row.substr(row.find(", ") + 2));
  EXPECT_LT(counted, 60);
  EXPECT_GT(counted, 20);
}

TEST(JobTest, CancelEndsAJobThatNobodyFetchesFrom) {
  WorkerPool workers(2, &RealEnvironment());
  JobSetup setup;
  std::multiset<std::string> expected;
  setup.lines.splits = MakeSplits(3, 2000, 11, &expected);
  JobOptions options = setup.Options(&workers, CountPlan("lines", ErrorPolicy::kSkip));
  options.collect_rows_max = 5;
  Result<std::unique_ptr<Job>> job = Job::Make(std::move(options));
  ASSERT_TRUE((*job)->Start().ok());
  EXPECT_FALSE((*job)->WaitFor(20'000));
  (*job)->Cancel();
  EXPECT_EQ((*job)->Wait().code(), ErrorCode::kCancelled);
  EXPECT_EQ((*job)->state(), JobState::kCancelled);
}

}  // namespace
}  // namespace rhei
