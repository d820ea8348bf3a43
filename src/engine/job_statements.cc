#include "engine/job_statements.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "engine/job_identity.h"
#include "state/freeze.h"

namespace rhei {
namespace {

using Rows = std::vector<std::vector<Value>>;

Field Text(std::string_view name) {
  return {std::string(name), DataType::String(), ""};
}
Field Number(std::string_view name) {
  return {std::string(name), DataType::BigInt(), ""};
}
Field Time(std::string_view name) {
  return {std::string(name), DataType::TimestampLtz(3), ""};
}

Schema JobSchema() {
  return {{Text("job id"), Text("job name"), Text("status"), Time("start time")}};
}

std::vector<Value> JobRow(const Job& job) {
  return {Value::Text(job.id()), Value::Text(job.name()),
          Value::Text(std::string(JobStatusWord(job.state()))),
          Value::Int(job.started_micros() / 1000 * 1000)};
}

Result<std::vector<std::shared_ptr<Job>>> JobsOf(Engine& engine, const std::string& job_id) {
  if (job_id.empty()) return engine.jobs().All();
  ASSIGN_OR_RETURN(std::shared_ptr<Job> job, engine.jobs().Find(job_id));
  return std::vector<std::shared_ptr<Job>>{std::move(job)};
}

Result<std::string> SavepointPath(Engine& engine, const Settings& settings, const Job& job) {
  std::string directory = settings.Get("execution.checkpointing.savepoint-dir");
  if (directory.empty()) directory = job.options().savepoint_directory;
  if (directory.empty() && !engine.state_directory().empty()) {
    directory = engine.state_directory() + "/savepoints";
  }
  if (directory.empty()) {
    return InvalidArgument("where to? SET 'execution.checkpointing.savepoint-dir' = '/...'");
  }
  ASSIGN_OR_RETURN(directory, LocalPathOf(directory));
  if (!directory.starts_with("/")) {
    return InvalidArgument("execution.checkpointing.savepoint-dir: '" + directory +
                           "' is no absolute path");
  }
  return fmt::format("{}/savepoint-{}-{:012x}", directory, job.id().substr(0, 6),
                     engine.env().random->Next() >> 16);
}

Result<std::unique_ptr<Operation>> TakeSavepoint(Engine& engine, const Settings& settings, Job& job,
                                                 Job::SavepointRequest request) {
  ASSIGN_OR_RETURN(const std::string path, SavepointPath(engine, settings, job));
  const size_t slash = path.rfind('/');
  RETURN_IF_ERROR(engine.env().files->MakeDirectories(path.substr(0, slash)));
  request.path = path;
  RETURN_IF_ERROR(job.TakeSavepoint(request));
  if (request.stop) RETURN_IF_ERROR(job.Wait());
  return MakeListResult(OperationKind::kOther, "savepoint path", {path});
}

}  // namespace

std::string_view JobStatusWord(JobState state) {
  switch (state) {
    case JobState::kCreated: return "CREATED";
    case JobState::kRunning: return "RUNNING";
    case JobState::kRestarting: return "RESTARTING";
    case JobState::kFinished: return "FINISHED";
    case JobState::kStopped: return "STOPPED";
    case JobState::kCancelled: return "CANCELED";
    case JobState::kFailed: return "FAILED";
  }
  CHECK(false);
}

Result<std::unique_ptr<Operation>> ShowJobs(Engine& engine) {
  Rows rows;
  for (const std::shared_ptr<Job>& job : engine.jobs().All()) rows.push_back(JobRow(*job));
  return MakeTableResult(OperationKind::kShow, JobSchema(), std::move(rows));
}

Result<std::unique_ptr<Operation>> DescribeJob(Engine& engine, const std::string& job_id) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Job> job, engine.jobs().Find(job_id));
  return MakeTableResult(OperationKind::kDescribe, JobSchema(), {JobRow(*job)});
}

Result<std::unique_ptr<Operation>> StopJob(Engine& engine, const Settings& settings,
                                           const ast::StopJob& stop) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Job> job, engine.jobs().Find(stop.job_id));
  if (stop.with_savepoint) {
    return TakeSavepoint(engine, settings, *job, {.stop = true, .drain = stop.with_drain});
  }
  job->Stop();
  RETURN_IF_ERROR(job->Wait());
  return MakeOk(OperationKind::kOther);
}

Result<std::unique_ptr<Operation>> SavepointJob(Engine& engine, const Settings& settings,
                                                const std::string& job_id) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Job> job, engine.jobs().Find(job_id));
  return TakeSavepoint(engine, settings, *job, {});
}

Result<std::unique_ptr<Operation>> ShowCheckpoints(Engine& engine, const std::string& job_id) {
  ASSIGN_OR_RETURN(const auto jobs, JobsOf(engine, job_id));
  Rows rows;
  for (const std::shared_ptr<Job>& job : jobs) {
    for (const CheckpointRecord& record : job->Checkpoints()) {
      rows.push_back({Value::Text(job->id()), Value::Int(static_cast<int64_t>(record.epoch)),
                      Value::Int(record.created_micros / 1000 * 1000),
                      Value::Int(record.duration_micros / 1000), Value::Int(record.written_bytes),
                      Value::Int(record.total_bytes), Value::Int(record.shard_count),
                      Value::Bool(record.committed), Value::Bool(record.last)});
    }
  }
  Schema schema{{Text("job id"),
                 Number("checkpoint"),
                 Time("created"),
                 Number("duration ms"),
                 Number("written bytes"),
                 Number("total bytes"),
                 Number("shards"),
                 {"committed", DataType::Boolean(), ""},
                 {"last", DataType::Boolean(), ""}}};
  return MakeTableResult(OperationKind::kShow, std::move(schema), std::move(rows));
}

namespace {

// One state of one operator, summed over shards.
struct StateSum {
  std::string operator_id;
  StateReading state;
};

std::vector<StateSum> SumStates(const Job& job) {
  std::vector<StateSum> sums;
  for (const JobRun::TaskReading& task : job.Read()) {
    if (task.states == nullptr) continue;
    for (const StateReading& state : *task.states) {
      auto same = std::find_if(sums.begin(), sums.end(), [&](const StateSum& sum) {
        return sum.operator_id == task.operator_id && sum.state.name == state.name;
      });
      if (same == sums.end()) {
        sums.push_back({task.operator_id, state});
        continue;
      }
      StateReading& sum = same->state;
      sum.rows += state.rows;
      sum.keys += state.keys;
      sum.bytes += state.bytes;
      if (state.oldest_write_ms >= 0 &&
          (sum.oldest_write_ms < 0 || state.oldest_write_ms < sum.oldest_write_ms)) {
        sum.oldest_write_ms = state.oldest_write_ms;
      }
      sum.hottest.insert(sum.hottest.end(), state.hottest.begin(), state.hottest.end());
    }
  }
  return sums;
}

std::string HottestText(std::vector<StateReading::HotKey> keys) {
  constexpr size_t kShownMax = 3;
  std::stable_sort(keys.begin(), keys.end(),
                   [](const auto& a, const auto& b) { return a.rows > b.rows; });
  std::vector<std::string> parts;
  for (size_t i = 0; i < keys.size() && i < kShownMax; ++i) {
    parts.push_back(fmt::format("{}: {}", keys[i].key, keys[i].rows));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

Result<std::unique_ptr<Operation>> ShowState(Engine& engine, const std::string& job_id) {
  ASSIGN_OR_RETURN(const auto jobs, JobsOf(engine, job_id));
  for (const std::shared_ptr<Job>& job : jobs) job->RequestStateReadings();
  // A shard answers between two batches; what it does not in this time is as of its last barrier.
  constexpr int64_t kWaitMicros = 100'000;
  if (!engine.scheduler()->is_inline()) engine.env().clock->SleepMicros(kWaitMicros);
  Rows rows;
  for (const std::shared_ptr<Job>& job : jobs) {
    for (const StateSum& sum : SumStates(*job)) {
      const StateReading& state = sum.state;
      rows.push_back(
          {Value::Text(job->id()), Value::Text(sum.operator_id), Value::Text(state.name),
           Value::Text(state.kind), Value::Int(state.rows), Value::Int(state.keys),
           Value::Int(state.bytes), Value::Text(HottestText(state.hottest)),
           state.oldest_write_ms < 0 ? Value::Null() : Value::Int(state.oldest_write_ms * 1000)});
    }
  }
  Schema schema{{Text("job id"), Text("operator"), Text("state"), Text("kind"), Number("rows"),
                 Number("keys"), Number("bytes"), Text("hottest keys"), Time("oldest row")}};
  return MakeTableResult(OperationKind::kShow, std::move(schema), std::move(rows));
}

}  // namespace rhei
