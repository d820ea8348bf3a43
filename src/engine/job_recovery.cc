#include "engine/job_recovery.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "checkpoint/savepoint.h"
#include "engine/job_folder.h"
#include "engine/job_graph.h"
#include "operators/source_positions.h"
#include "plan/physical/source_spec.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

constexpr std::string_view kDrainedNote =
    "  it was drained: its windows have fired, and rows that come for one of them open it anew\n";

std::string_view PositionWord(const SourceSpec& source) {
  const auto connector = source.options.find("connector");
  if (connector == source.options.end()) return "";
  if (connector->second == "filesystem") return "byte ";
  return connector->second.find("kafka") != std::string::npos ? "offset " : "";
}

std::string SplitsText(std::vector<SourceSplit> splits, const SourceSpec& source) {
  constexpr size_t kShownMax = 4;
  if (splits.empty()) return "all that was found is read";
  std::string text;
  for (size_t i = 0; i < splits.size() && i < kShownMax; ++i) {
    if (i > 0) text += ", ";
    // Behind a slash a position says where to stop.
    const std::string position = splits[i].state.substr(0, splits[i].state.find('/'));
    if (splits[i].id.empty()) {
      text += fmt::format("after {} rows", position);
    } else if (position.empty()) {
      text += splits[i].id + " from its start";
    } else {
      text += fmt::format("{} at {}{}", splits[i].id, PositionWord(source), position);
    }
  }
  if (splits.size() > kShownMax) text += fmt::format(" and {} more", splits.size() - kShownMax);
  return text;
}

// Compares the plan with what the checkpoint was taken of. Gives up what does not fit where that is
// allowed.
Status FitPlan(const RecoveryRequest& request, const JobDescription& stored,
               const JobDescription& wanted, const std::string& from, Recovery* recovery,
               PlanDifference* difference) {
  *difference =
      ComparePlans(stored, wanted, *request.plan, {request.env, request.settings, request.io});
  if (difference->nothing()) return {};
  const std::string text =
      fmt::format("the job has changed since {}:\n{}", from, difference->Print());
  if (!difference->fits() && !request.allow_dropped_state) {
    return {ErrorCode::kStateMismatch,
            text +
                "stored state does not fit: --allow-dropped-state goes on without the state that "
                "is changed or dropped, --fresh begins anew without any"};
  }
  recovery->told += text;
  for (const PlanDifference::Entry& entry : difference->changed) {
    recovery->dropped_operators.insert(entry.id);
  }
  return {};
}

// The savepoint as a checkpoint of this job's own: the next epoch, nothing left to commit, without
// what is given up.
std::shared_ptr<const Checkpoint> Adopt(const PhysicalPlan& plan, const Checkpoint& savepoint,
                                        uint64_t epoch, const std::set<std::string>& dropped) {
  auto adopted = std::make_shared<Checkpoint>(savepoint);
  adopted->epoch = epoch;
  adopted->last = false;
  adopted->carried_seals.clear();
  std::erase_if(adopted->instances, [&](const InstanceSnapshot& instance) {
    return dropped.contains(instance.operator_id);
  });
  for (InstanceSnapshot& instance : adopted->instances) {
    instance.epoch = epoch;
    instance.seal = nullptr;
  }
  // Where the savepoint was drained: this job was not.
  if (savepoint.is_drained()) ForgetFinalTime(plan, &adopted->instances);
  return adopted;
}

Status StartFromSavepoint(const RecoveryRequest& request, CheckpointStore* store,
                          const JobDescription& wanted, Recovery* recovery) {
  Result<Savepoint> savepoint = ReadSavepoint(*request.env, request.savepoint_path);
  if (!savepoint.ok()) {
    return savepoint.status().WithContext("savepoint " + request.savepoint_path);
  }
  const Checkpoint& from = *savepoint->checkpoint;
  const std::string what =
      fmt::format("savepoint {} of {}", request.savepoint_path, TimeText(from.created_micros));
  PlanDifference difference;
  RETURN_IF_ERROR(FitPlan(request, savepoint->job, wanted, what, recovery, &difference));
  std::set<std::string> dropped = recovery->dropped_operators;
  for (const PlanDifference::Entry& entry : difference.dropped) dropped.insert(entry.id);
  const uint64_t epoch = std::max(from.epoch, store->highest_epoch() + 1);
  std::shared_ptr<const Checkpoint> adopted = Adopt(*request.plan, from, epoch, dropped);
  RETURN_IF_ERROR(store->Publish(adopted));
  RETURN_IF_ERROR(store->MarkCommitting(epoch));
  RETURN_IF_ERROR(store->MarkCommitted(epoch));
  recovery->dropped_operators.clear();
  recovery->told += fmt::format("job {} starts from {}\n{}", recovery->job_id, what,
                                SourcePositionsText(*adopted, *request.plan));
  if (from.is_drained()) recovery->told += kDrainedNote;
  return {};
}

// The sinks of `from` that have sealed something and are not in the plan: gone, or another
// connector's now. With the connector they had; empty: unknown.
std::map<std::string, std::string> GoneSinks(const Checkpoint& from, const JobDescription& stored,
                                             const JobDescription& wanted) {
  std::map<std::string, std::string> gone;
  const std::map<std::string, std::string> were = SinkConnectorsOf(stored);
  const std::map<std::string, std::string> are = SinkConnectorsOf(wanted);
  const auto add = [&](const std::string& id, const std::shared_ptr<const std::string>& seal) {
    if (seal == nullptr || seal->empty()) return;
    const auto was = were.find(id), is = are.find(id);
    if (is != are.end() && (was == were.end() || was->second == is->second)) return;
    gone[id] = was == were.end() ? "" : was->second;
  };
  for (const CarriedSeal& carried : from.carried_seals) add(carried.operator_id, carried.seal);
  for (const InstanceSnapshot& each : from.instances) add(each.operator_id, each.seal);
  return gone;
}

// Also what is committed already: parts that were open then are nobody's any more.
Status CommitForGoneSinks(const RecoveryRequest& request, const Checkpoint& from,
                          DirectoryCheckpointStore* store, const JobDescription& stored,
                          const JobDescription& wanted, Recovery* recovery) {
  const std::vector<CheckpointRecord> retained = store->Retained();
  const bool committed =
      std::any_of(retained.begin(), retained.end(), [&](const CheckpointRecord& record) {
        return record.epoch == from.epoch && record.committed;
      });
  const std::map<std::string, std::string> gone = GoneSinks(from, stored, wanted);
  if (!gone.empty() && !committed) RETURN_IF_ERROR(store->MarkCommitting(from.epoch));
  for (const auto& [id, connector] : gone) {
    const ConnectorFactory* factory = request.connectors->Find(connector);
    std::unique_ptr<SinkCommitter> committer =
        factory == nullptr ? nullptr : factory->MakeOrphanCommitter(*request.env);
    if (committer == nullptr) {
      if (committed) continue;
      return {ErrorCode::kStateMismatch,
              fmt::format("checkpoint {} holds rows of {} that are not visible yet, and it is not "
                          "in the job any more: run the file once as it was, which commits them, "
                          "or begin anew with --fresh",
                          from.epoch, id)};
    }
    RETURN_IF_ERROR(committer->Commit(from.epoch, from.SealsOf(id)).WithContext(id));
    if (committed) continue;
    recovery->told += fmt::format(
        "{} is not in the job any more; what it had written up to checkpoint {} is committed\n", id,
        from.epoch);
  }
  return {};
}

// `store` holds a checkpoint that the job goes on from.
Status ContinueFrom(const RecoveryRequest& request, const Checkpoint& from,
                    DirectoryCheckpointStore* store, const JobDescription& wanted,
                    Recovery* recovery) {
  // Windows that have fired would fire again with what comes now: the user should say so.
  if (from.is_drained() && request.from_epoch == 0) {
    return {ErrorCode::kStateMismatch,
            fmt::format("job {} was stopped with a drain at checkpoint {} of {}: its windows have "
                        "fired and it is at its end. --from {} goes on with new rows, which open "
                        "their windows anew; --fresh begins anew without any state",
                        recovery->job_id, from.epoch, TimeText(from.created_micros), from.epoch)};
  }
  const JobDescription* stored = store->stored_job();
  if (stored != nullptr && !from.last) {
    PlanDifference difference;
    const std::string what =
        fmt::format("checkpoint {} of {}", from.epoch, TimeText(from.created_micros));
    RETURN_IF_ERROR(FitPlan(request, *stored, wanted, what, recovery, &difference));
    for (const auto* entries : {&difference.changed, &difference.dropped}) {
      for (const PlanDifference::Entry& entry : *entries) {
        for (const JobDescription::State& state : entry.states) {
          store->DropState(entry.id, state.name);
        }
      }
    }
    recovery->dropped_epoch = from.epoch;
  }
  if (stored != nullptr) {
    RETURN_IF_ERROR(CommitForGoneSinks(request, from, store, *stored, wanted, recovery));
  }
  if (from.last) {
    recovery->told +=
        fmt::format("job {} had read all its input: checkpoint {} of {} is its last\n",
                    recovery->job_id, from.epoch, TimeText(from.created_micros));
    return {};
  }
  recovery->told += fmt::format(
      "job {} continues from checkpoint {} of {} (--fresh begins anew)\n{}", recovery->job_id,
      from.epoch, TimeText(from.created_micros), SourcePositionsText(from, *request.plan));
  if (from.is_drained()) recovery->told += kDrainedNote;
  return {};
}

}  // namespace

std::string TimeText(int64_t wall_micros) {
  char buffer[kTemporalTextMax];
  const size_t size = PrintTimestamp({wall_micros - wall_micros % 1'000'000, 0}, 0, buffer);
  return std::string(buffer, size) + " UTC";
}

std::string SourcePositionsText(const Checkpoint& checkpoint, const PhysicalPlan& plan) {
  std::string text;
  for (const PhysicalNode& node : plan.nodes) {
    if (node.spec->kind != OperatorKind::kSource) continue;
    std::vector<SourceSplit> splits;
    bool known = false;
    for (const InstanceSnapshot& instance : checkpoint.instances) {
      if (instance.operator_id != node.operator_id || instance.state == nullptr) continue;
      known = true;
      for (SourceSplit& split : PositionsOf(*instance.state)) splits.push_back(std::move(split));
    }
    const auto& source = static_cast<const SourceSpec&>(*node.spec);
    text += fmt::format("  source {}: {}\n", source.table,
                        known ? SplitsText(std::move(splits), source) : "from its start");
  }
  return text;
}

Result<Recovery> RecoverJob(const RecoveryRequest& request) {
  Recovery recovery;
  recovery.job_id = request.new_job_id;
  if (request.directory.empty()) {
    auto memory = std::make_shared<MemoryCheckpointStore>();
    const JobDescription wanted = DescribePlan(*request.plan, request.job_name, recovery.job_id);
    RETURN_IF_ERROR(StartFromSavepoint(request, memory.get(), wanted, &recovery));
    recovery.store = std::move(memory);
    return recovery;
  }
  DirectoryCheckpointStore::Options options;
  options.env = request.env;
  JobOrigin origin{request.identity.base, request.run.empty() ? request.new_job_id : request.run};
  ASSIGN_OR_RETURN(
      const JobFolder folder,
      ChooseJobFolder({request.env->files, request.directory, request.identity,
                       request.other_identity,
                       SinksOf(DescribePlan(*request.plan, request.job_name, "", origin)),
                       request.other_jobs, request.taken_folders, request.fresh}));
  recovery.folder = folder.name;
  options.directory = request.directory + "/" + folder.name;
  options.retained_count = request.retained_count;
  options.fresh = request.fresh || (!request.savepoint_path.empty() && request.savepoint_wins);
  options.from_epoch = request.from_epoch;
  options.accept_duplicates = request.accept_duplicates;
  const std::optional<CheckpointDirectoryListing>& listing = folder.listing;
  const bool stored = listing.has_value();
  if (stored && listing->finished) {
    options.ignores_finished = request.continued_runs.contains(OriginOf(listing->job).run);
  }
  if (stored && (!listing->finished || options.ignores_finished)) {
    // A job that goes on keeps its id, which every manifest holds.
    const std::string id = JobIdOf(listing->job);
    if (!options.fresh && !id.empty()) recovery.job_id = id;
    const std::string run = OriginOf(listing->job).run;
    if (!options.fresh && !run.empty()) origin.run = run;
    if (options.fresh) {
      recovery.told += fmt::format(
          "checkpoint {} in {} is left behind; it goes when newer ones have "
          "pushed it out\n",
          listing->retained[0].epoch, options.directory);
    }
  }
  options.job = DescribePlan(*request.plan, request.job_name, recovery.job_id, origin);
  const JobDescription wanted = options.job;
  ASSIGN_OR_RETURN(std::unique_ptr<DirectoryCheckpointStore> store,
                   DirectoryCheckpointStore::Open(std::move(options)));
  for (const std::string& note : store->notes()) recovery.told += "note: " + note + "\n";
  if (store->was_finished()) {
    recovery.told += fmt::format("{}: the last run came to its end; this one begins anew\n",
                                 request.identity.text);
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<const Checkpoint> from, store->Latest());
  recovery.run = origin.run;
  recovery.goes_on = from != nullptr;
  if (from != nullptr) {
    RETURN_IF_ERROR(ContinueFrom(request, *from, store.get(), wanted, &recovery));
  } else if (!request.savepoint_path.empty()) {
    RETURN_IF_ERROR(StartFromSavepoint(request, store.get(), wanted, &recovery));
  }
  recovery.durable = std::move(store);
  recovery.store = recovery.durable;
  return recovery;
}

}  // namespace rhei
