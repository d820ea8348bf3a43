#include "runtime/job_run.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/check.h"
#include "base/kill_point.h"
#include "columnar/hash.h"
#include "runtime/shard.h"

namespace rhei {
namespace {

KeyGroupRange RangeOf(int shard, int shard_count) {
  KeyGroupRange range{kKeyGroupCount, 0};
  for (int group = 0; group < kKeyGroupCount; ++group) {
    if (ShardOfKeyGroup(group, shard_count) != shard) continue;
    range.first = std::min(range.first, group);
    range.last = group + 1;
  }
  if (range.last == 0) range.first = 0;
  return range;
}

// What the instances of one operator had preserved.
struct OperatorSnapshots {
  std::vector<const InstanceSnapshot*> by_shard;
  bool all_done = true;

  const InstanceSnapshot* SameShard(int shard, bool same_count) const {
    if (!same_count || static_cast<size_t>(shard) >= by_shard.size()) return nullptr;
    return by_shard[static_cast<size_t>(shard)];
  }
  int64_t LowestOutput() const {
    int64_t lowest = kFinalWatermark;
    bool any = false;
    for (const InstanceSnapshot* snapshot : by_shard) {
      if (snapshot->output_idle) continue;
      any = true;
      lowest = std::min(lowest, snapshot->output_watermark_ms);
    }
    if (any) return lowest;
    for (const InstanceSnapshot* snapshot : by_shard) {
      lowest = std::min(lowest, snapshot->output_watermark_ms);
    }
    return lowest;
  }
};

}  // namespace

struct JobRun::Impl {
  RunOptions options;
  // Pools first: whatever holds a buffer must go before them.
  std::vector<std::unique_ptr<MemoryPool>> job_pool;
  std::vector<std::unique_ptr<MemoryPool>> shard_pools;
  std::vector<std::unique_ptr<MemoryPool>> operator_pools;
  std::unique_ptr<RunControl> control;
  std::vector<std::unique_ptr<Channel>> channels;
  std::vector<std::unique_ptr<Shard>> shards;
  std::vector<std::vector<Task*>> tasks;  // by node, then shard
  std::map<std::string, OperatorSnapshots> snapshots;
  bool closed = false;

  ~Impl() {
    for (auto& shard : shards) shard->Stop();
    shards.clear();
    channels.clear();
    operator_pools.clear();
    shard_pools.clear();
    job_pool.clear();
  }

  int InstanceCount(int node) const {
    return options.graph.nodes[static_cast<size_t>(node)].singleton ? 1 : options.shard_count;
  }
  bool SameCount(int node) const {
    return options.graph.nodes[static_cast<size_t>(node)].singleton ||
           options.restored_shard_count == options.shard_count;
  }

  Status CollectSnapshots();
  void MakeTasks();
  Status RestoreTasks();
  Status RestoreTask(int node, Task& task, int shard);
  void RestoreInputs(int node, Task& task, int shard);
  Status MakeOperators();

  // Channels of one input of a node, by [consumer shard][producer index].
  using InputChannels = std::vector<std::vector<Channel*>>;
  InputChannels Connect(int node, const JobGraph::Input& input);
  // Per node, per consumer edge: its config and channels by [producer shard].
  struct PlannedEdge {
    OutputEdge::Config config;
    std::vector<std::vector<Channel*>> by_producer;
  };
  std::vector<std::vector<PlannedEdge>> edges;
};

JobRun::Impl::InputChannels JobRun::Impl::Connect(int node, const JobGraph::Input& input) {
  const int producers = InstanceCount(input.node);
  const int consumers = InstanceCount(node);
  Routing routing = input.routing;
  // To a singleton every route leads to shard 0.
  if (consumers == 1) routing = producers == 1 ? Routing::kForward : Routing::kSingleton;
  CHECK(routing != Routing::kForward || producers == consumers);
  InputChannels by_consumer(static_cast<size_t>(consumers));
  PlannedEdge edge;
  edge.config.port = input.port;
  edge.config.routing = routing;
  edge.config.hash_columns = input.hash_columns;
  edge.config.flush_rows = std::min(1024, std::max(1, options.settings.batch_rows_max));
  edge.by_producer.resize(static_cast<size_t>(producers));
  for (int from = 0; from < producers; ++from) {
    for (int to = 0; to < consumers; ++to) {
      if (routing == Routing::kForward && from != to) continue;
      const bool local = from == to;
      Wakeable* producer = local ? nullptr : shards[static_cast<size_t>(from)].get();
      Wakeable* consumer = local ? nullptr : shards[static_cast<size_t>(to)].get();
      channels.push_back(std::make_unique<Channel>(
          local ? options.local_capacity : options.ring_capacity, producer, consumer));
      edge.by_producer[static_cast<size_t>(from)].push_back(channels.back().get());
      by_consumer[static_cast<size_t>(to)].push_back(channels.back().get());
    }
  }
  edges[static_cast<size_t>(input.node)].push_back(std::move(edge));
  return by_consumer;
}

void JobRun::Impl::MakeTasks() {
  const JobGraph& graph = options.graph;
  edges.resize(graph.nodes.size());
  // First all channels, because a producer is made before its consumers.
  std::vector<std::vector<InputChannels>> inputs(graph.nodes.size());
  for (size_t node = 0; node < graph.nodes.size(); ++node) {
    for (const JobGraph::Input& input : graph.nodes[node].inputs) {
      CHECK(input.node >= 0 && static_cast<size_t>(input.node) < node);
      inputs[node].push_back(Connect(static_cast<int>(node), input));
    }
  }
  tasks.resize(graph.nodes.size());
  for (size_t node = 0; node < graph.nodes.size(); ++node) {
    const JobGraph::Node& from = graph.nodes[node];
    const int instances = InstanceCount(static_cast<int>(node));
    for (int shard = 0; shard < instances; ++shard) {
      const auto at = static_cast<size_t>(shard);
      operator_pools.push_back(
          std::make_unique<MemoryPool>(from.name, MemoryPool::kUnlimited, shard_pools[at].get()));
      Task::Config config;
      config.node = static_cast<int>(node);
      config.context.operator_id = from.operator_id;
      config.context.operator_name = from.name;
      config.context.shard = shard;
      config.context.shard_count = instances;
      config.context.env = options.env;
      config.context.settings = &options.settings;
      config.context.io = options.scheduler;
      config.context.restored = !options.restored.empty();
      config.context.restored_epoch = options.restored_epoch;
      config.pool = operator_pools.back().get();
      config.root_pool = options.parent_pool != nullptr ? options.parent_pool : job_pool[0].get();
      config.frozen_pool = options.frozen_pool;
      config.key_groups = RangeOf(shard, instances);
      if (!from.inputs.empty()) {
        std::vector<std::vector<Channel*>> gate_channels;
        for (const InputChannels& input : inputs[node]) gate_channels.push_back(input[at]);
        const std::vector<int>& sources = graph.nodes[node].same_sources;
        const bool by_time = !sources.empty() && !options.settings.batch_mode &&
                             std::all_of(sources.begin(), sources.end(),
                                         [this](int source) { return InstanceCount(source) == 1; });
        config.gate = std::make_unique<InputGate>(std::move(gate_channels));
        if (by_time) config.gate->OrderByTime();
      }
      for (PlannedEdge& edge : edges[node]) {
        config.edges.push_back(edge.config);
        config.edge_channels.push_back(edge.by_producer[at]);
      }
      config.control = control.get();
      config.host = shards[at].get();
      auto task = std::make_unique<Task>(std::move(config));
      tasks[node].push_back(task.get());
      shards[at]->AddTask(std::move(task));
    }
  }
}

Status JobRun::Impl::CollectSnapshots() {
  for (const InstanceSnapshot& snapshot : options.restored) {
    OperatorSnapshots& all = snapshots[snapshot.operator_id];
    all.by_shard.push_back(&snapshot);
    all.all_done = all.all_done && snapshot.done;
  }
  for (auto& [id, all] : snapshots) {
    std::sort(
        all.by_shard.begin(), all.by_shard.end(),
        [](const InstanceSnapshot* a, const InstanceSnapshot* b) { return a->shard < b->shard; });
  }
  if (options.restored.empty() || options.new_operators_begin_empty) return {};
  for (const JobGraph::Node& node : options.graph.nodes) {
    if (snapshots.count(node.operator_id) != 0) continue;
    return Status(ErrorCode::kStateMismatch,
                  fmt::format("{}: the checkpoint holds no state of operator {}", node.name,
                              node.operator_id));
  }
  return {};
}

Status JobRun::Impl::RestoreTask(int node, Task& task, int shard) {
  const JobGraph::Node& from = options.graph.nodes[static_cast<size_t>(node)];
  if (snapshots.count(from.operator_id) == 0) {
    // What is above it knows the time already.
    if (task.gate() != nullptr) RestoreInputs(node, task, shard);
    return {};
  }
  const OperatorSnapshots& saved = snapshots.at(from.operator_id);
  std::vector<std::shared_ptr<const FrozenState>> frozen;
  for (const InstanceSnapshot* snapshot : saved.by_shard) frozen.push_back(snapshot->state);
  RETURN_IF_ERROR(task.state()
                      .Restore(frozen, options.continues_chains, options.env->threads)
                      .WithContext(from.name));
  const InstanceSnapshot* same = saved.SameShard(shard, SameCount(node));
  if (same != nullptr) {
    task.RestoreOutput(same->output_watermark_ms, same->output_idle, same->done);
  } else {
    task.RestoreOutput(saved.LowestOutput(), false, saved.all_done);
  }
  if (task.gate() != nullptr) {
    RestoreInputs(node, task, shard);
    // No operator is ahead of its input, except by what is to be forgotten of it.
    task.context().forgets_final_time = task.gate()->watermark_ms() != kFinalWatermark;
  }
  return {};
}

void JobRun::Impl::RestoreInputs(int node, Task& task, int shard) {
  const JobGraph::Node& to = options.graph.nodes[static_cast<size_t>(node)];
  for (size_t i = 0; i < to.inputs.size(); ++i) {
    const int producer = to.inputs[i].node;
    const auto known =
        snapshots.find(options.graph.nodes[static_cast<size_t>(producer)].operator_id);
    if (known == snapshots.end()) continue;
    const OperatorSnapshots& upstream = known->second;
    const int producers = InstanceCount(producer);
    const bool forward = to.inputs[i].routing == Routing::kForward && producers > 1 &&
                         InstanceCount(node) == producers;
    for (int channel = 0; channel < (forward ? 1 : producers); ++channel) {
      const InstanceSnapshot* same =
          upstream.SameShard(forward ? shard : channel, SameCount(producer));
      const int64_t watermark_ms =
          same != nullptr ? same->output_watermark_ms : upstream.LowestOutput();
      task.gate()->RestoreChannel(static_cast<int>(i), channel, watermark_ms,
                                  same != nullptr && same->output_idle);
    }
  }
  const auto kept = snapshots.find(to.operator_id);
  if (kept == snapshots.end()) return;
  const OperatorSnapshots& saved = kept->second;
  for (const InstanceSnapshot* snapshot : saved.by_shard) {
    // An edited operator with other inputs learns the time from them.
    if (snapshot->input_watermarks_ms.size() != to.inputs.size()) return;
  }
  const InstanceSnapshot* same = saved.SameShard(shard, SameCount(node));
  if (same != nullptr) {
    task.gate()->RestoreCombined(same->input_watermarks_ms, same->combined_watermark_ms);
    return;
  }
  // Another number of shards: no instance may be ahead of the slowest of those it takes over from.
  std::vector<int64_t> inputs(to.inputs.size(), kFinalWatermark);
  int64_t combined = kFinalWatermark;
  for (const InstanceSnapshot* snapshot : saved.by_shard) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      inputs[i] = std::min(inputs[i], snapshot->input_watermarks_ms[i]);
    }
    combined = std::min(combined, snapshot->combined_watermark_ms);
  }
  task.gate()->RestoreCombined(inputs, combined);
}

Status JobRun::Impl::MakeOperators() {
  for (size_t node = 0; node < tasks.size(); ++node) {
    for (size_t shard = 0; shard < tasks[node].size(); ++shard) {
      Task& task = *tasks[node][shard];
      if (!options.restored.empty()) {
        RETURN_IF_ERROR(RestoreTask(static_cast<int>(node), task, static_cast<int>(shard)));
      }
      Result<std::unique_ptr<Operator>> made =
          options.maker->Make(static_cast<int>(node), task.context());
      if (!made.ok()) return made.status().WithContext(task.name());
      task.SetOperator(std::move(made).value());
    }
  }
  for (auto& of_node : tasks) {
    for (Task* task : of_node) RETURN_IF_ERROR(task->Open());
  }
  return {};
}

JobRun::JobRun(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<JobRun>> JobRun::Make(RunOptions options) {
  CHECK(options.shard_count >= 1 && options.shard_count <= kKeyGroupCount);
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  Impl& run = *impl;
  run.job_pool.push_back(std::make_unique<MemoryPool>(run.options.pool_name, MemoryPool::kUnlimited,
                                                      run.options.parent_pool));
  int source_count = 0;
  for (size_t node = 0; node < run.options.graph.nodes.size(); ++node) {
    if (run.options.graph.nodes[node].inputs.empty()) {
      source_count += run.InstanceCount(static_cast<int>(node));
    }
  }
  run.control = std::make_unique<RunControl>(run.options.listener, source_count);
  run.control->requested_epoch.store(run.options.restored_epoch);
  run.control->completed_epoch.store(0);
  for (int shard = 0; shard < run.options.shard_count; ++shard) {
    run.shard_pools.push_back(std::make_unique<MemoryPool>(
        fmt::format("shard {}", shard), MemoryPool::kUnlimited, run.job_pool[0].get()));
    run.shards.push_back(
        std::make_unique<Shard>(shard, run.options.scheduler, run.options.env, run.control.get()));
  }
  RETURN_IF_ERROR(run.CollectSnapshots());
  run.MakeTasks();
  RETURN_IF_ERROR(run.MakeOperators());
  // The restored state has been taken over; what a source still needs it has copied.
  run.snapshots.clear();
  run.options.restored.clear();
  return std::unique_ptr<JobRun>(new JobRun(std::move(impl)));
}

JobRun::~JobRun() {
  StopShards();
}

void JobRun::Start() {
  if (impl_->options.restored_epoch > 0) {
    PassKillPoint(*impl_->options.env, KillPoint::kRestoreCommits);
  }
  for (auto& shard : impl_->shards) shard->Start();
}

void JobRun::RequestBarrier(uint64_t epoch, BarrierPurpose purpose, bool freezes) {
  if (!freezes) impl_->control->flush_epoch.store(epoch);
  switch (purpose) {
    case BarrierPurpose::kCheckpoint: break;
    case BarrierPurpose::kSavepoint: impl_->control->savepoint_epoch.store(epoch); break;
    case BarrierPurpose::kDrain: impl_->control->drain.store(true); [[fallthrough]];
    case BarrierPurpose::kStop:
      impl_->control->stop_epoch.store(epoch, std::memory_order_release);
      break;
  }
  impl_->control->requested_epoch.store(epoch, std::memory_order_release);
  for (auto& shard : impl_->shards) shard->Wake();
  PassKillPoint(*impl_->options.env, KillPoint::kBarrier);
}

void JobRun::CheckpointComplete(uint64_t epoch) {
  impl_->control->completed_epoch.store(epoch, std::memory_order_release);
  for (auto& shard : impl_->shards) shard->Wake();
}

void JobRun::Cancel(const Status& reason) {
  impl_->control->Fail(reason);
}

void JobRun::StopShards() {
  impl_->control->cancelled.store(true);
  for (auto& shard : impl_->shards) shard->Stop();
}

Status JobRun::Close() {
  if (impl_->closed) return {};
  impl_->closed = true;
  Status first;
  // The shards may have been stopped before they heard of the last checkpoint.
  const uint64_t completed = impl_->control->completed_epoch.load();
  for (auto& of_node : impl_->tasks) {
    for (Task* task : of_node) {
      Status status = completed > 0 ? task->CheckpointComplete(completed) : Status();
      if (Status closed = task->Close(); status.ok()) status = std::move(closed);
      if (first.ok() && !status.ok()) first = std::move(status);
    }
  }
  return first;
}

int JobRun::instance_count() const {
  size_t count = 0;
  for (const auto& of_node : impl_->tasks) count += of_node.size();
  return static_cast<int>(count);
}

const Status JobRun::failure() const {
  return impl_->control->failure();
}

void JobRun::RequestStateReadings() {
  for (auto& of_node : impl_->tasks) {
    for (Task* task : of_node) task->state().RequestReading();
  }
  for (auto& shard : impl_->shards) shard->Wake();
}

std::vector<JobRun::TaskReading> JobRun::Read() const {
  std::vector<TaskReading> readings;
  for (size_t node = 0; node < impl_->tasks.size(); ++node) {
    for (size_t shard = 0; shard < impl_->tasks[node].size(); ++shard) {
      const Task& task = *impl_->tasks[node][shard];
      const Task::Progress& progress = task.progress();
      TaskReading reading;
      reading.operator_id = impl_->options.graph.nodes[node].operator_id;
      reading.name = task.name();
      reading.shard = static_cast<int>(shard);
      reading.rows_in = progress.rows_in.load(std::memory_order_relaxed);
      reading.rows_out = progress.rows_out.load(std::memory_order_relaxed);
      reading.input_watermark_ms = progress.input_watermark_ms.load(std::memory_order_relaxed);
      reading.output_watermark_ms = progress.output_watermark_ms.load(std::memory_order_relaxed);
      reading.state_rows = progress.state_rows.load(std::memory_order_relaxed);
      reading.state_bytes = progress.state_bytes.load(std::memory_order_relaxed);
      reading.idle = progress.idle.load(std::memory_order_relaxed);
      reading.blocked = progress.blocked.load(std::memory_order_relaxed);
      reading.done = progress.done.load(std::memory_order_relaxed);
      reading.counters = task.counters().Read();
      reading.source = task.source_reading();
      reading.states = task.state_reading();
      readings.push_back(std::move(reading));
    }
  }
  return readings;
}

}  // namespace rhei
