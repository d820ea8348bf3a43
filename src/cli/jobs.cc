// rhei jobs, stop, savepoint: the jobs of all of the user's processes, through their control
// sockets. Tables and paths go to standard output.
#include <algorithm>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/control.h"
#include "cli/display_width.h"
#include "cli/script.h"
#include "columnar/column.h"
#include "functions/value_text.h"

namespace rhei {
namespace {

using Cells = std::vector<std::string>;

// All rows of a statement as text; times in UTC.
Result<std::vector<Cells>> Ask(ControlClient& client, const std::string& statement,
                               int64_t wait_micros_max = INT64_MAX) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Operation> operation,
                   client.Execute(statement, wait_micros_max));
  ASSIGN_OR_RETURN(const TimeZone zone, TimeZone::Find("UTC"));
  std::vector<Cells> rows;
  constexpr int64_t kPollMicros = 100'000;
  while (true) {
    Batch batch;
    ASSIGN_OR_RETURN(const FetchResult fetched, operation->Fetch(kPollMicros, &batch));
    if (fetched == FetchResult::kEnd) return rows;
    if (fetched != FetchResult::kRows) continue;
    for (int32_t row = 0; row < batch.row_count; ++row) {
      Cells cells;
      for (size_t c = 0; c < batch.columns.size(); ++c) {
        const DataType& type = operation->schema().type(c);
        cells.push_back(ValueToString(GetValue(batch.columns[c], row, type), type, zone));
      }
      rows.push_back(std::move(cells));
    }
  }
}

// SHOW statements are answered at once, but not by a process that was halted.
constexpr int64_t kShowMicrosMax = 5'000'000;

Result<std::vector<Cells>> ShowJobs(const ControlledProcess& process) {
  if (process.client == nullptr) return IoError("the process does not answer");
  return Ask(*process.client, "SHOW JOBS", kShowMicrosMax);
}

// Left-aligned columns, two blanks apart.
std::string PrintTable(const std::vector<Cells>& rows) {
  std::vector<size_t> widths;
  for (const Cells& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], DisplayWidth(row[c]));
  }
  std::string text;
  for (const Cells& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) {
      text += row[c];
      if (c + 1 < row.size()) text.append(widths[c] - DisplayWidth(row[c]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string BytesText(const std::string& bytes) {
  const int64_t count = std::strtoll(bytes.c_str(), nullptr, 10);
  if (count >= 10 << 20) return fmt::format("{} MB", count >> 20);
  if (count >= 10 << 10) return fmt::format("{} kB", count >> 10);
  return fmt::format("{} B", count);
}

ExitCode Fail(const Status& status, const Environment& env) {
  (void)env.standard_error->Write("rhei: " + status.message() + "\n");
  return ExitCodeOf(status);
}

struct FoundJob {
  ControlledProcess process;
  std::string id;
};

// The one job whose id begins so.
Result<FoundJob> FindJob(const std::string& beginning, const Environment& env) {
  if (beginning.empty()) return InvalidArgument("a job's id is needed (see rhei jobs)");
  ASSIGN_OR_RETURN(std::vector<ControlledProcess> processes, FindProcesses(env));
  std::vector<FoundJob> found;
  std::vector<int> silent;
  for (ControlledProcess& process : processes) {
    const Result<std::vector<Cells>> jobs = ShowJobs(process);
    if (!jobs.ok()) {
      silent.push_back(process.pid);
      continue;
    }
    std::vector<std::string> ids;
    for (const Cells& job : *jobs) {
      const bool over = job[2] != "RUNNING" && job[2] != "RESTARTING";
      if (job[0].starts_with(beginning) && !over) ids.push_back(job[0]);
    }
    for (size_t i = 0; i < ids.size(); ++i) {
      found.push_back({i == 0 ? std::move(process) : ControlledProcess{}, ids[i]});
    }
  }
  if (found.empty()) {
    std::string message = fmt::format("no running job has the id '{}' (see rhei jobs)", beginning);
    if (!silent.empty()) message += fmt::format("; no answer from {}", fmt::join(silent, ", "));
    return NotFound(message);
  }
  if (found.size() > 1) {
    return InvalidArgument(
        fmt::format("several jobs have ids that begin with '{}' (see rhei jobs)", beginning));
  }
  return std::move(found[0]);
}

Status SetSavepointDirectory(ControlClient& client, const std::string& path,
                             const Environment& env) {
  if (path.empty()) return {};
  // The other process has another working directory.
  ASSIGN_OR_RETURN(const std::string absolute, AbsolutePath(path));
  RETURN_IF_ERROR(env.files->MakeDirectories(absolute));
  return Ask(client, "SET 'execution.checkpointing.savepoint-dir' = " + Quoted(absolute)).status();
}

// The job, in a process that knows where its savepoint is to lie.
Result<FoundJob> FindJobToSave(const StopArguments& arguments, const Environment& env) {
  ASSIGN_OR_RETURN(FoundJob job, FindJob(arguments.job_id, env));
  RETURN_IF_ERROR(SetSavepointDirectory(*job.process.client, arguments.savepoint_directory, env));
  return job;
}

ExitCode PrintPath(const Result<std::vector<Cells>>& rows, const Environment& env) {
  if (!rows.ok()) return Fail(rows.status(), env);
  for (const Cells& row : *rows) (void)env.standard_output->Write(row[0] + "\n");
  return ExitCode::kOk;
}

}  // namespace

ExitCode JobsCommand(const Environment& env) {
  Result<std::vector<ControlledProcess>> processes = FindProcesses(env);
  if (!processes.ok()) return Fail(processes.status(), env);
  std::vector<Cells> table{{"JOB ID", "PID", "STATE", "SINCE", "LAST CHECKPOINT", "NAME"}};
  for (const ControlledProcess& process : *processes) {
    const Result<std::vector<Cells>> jobs = ShowJobs(process);
    if (!jobs.ok()) {
      // It has just ended, or hangs.
      (void)env.standard_error->Write(
          fmt::format("note: process {}: {}\n", process.pid, jobs.status().message()));
      continue;
    }
    const Result<std::vector<Cells>> checkpoints =
        Ask(*process.client, "SHOW CHECKPOINTS", kShowMicrosMax);
    if (!checkpoints.ok()) continue;
    for (const Cells& job : *jobs) {
      std::string last = "none";
      for (const Cells& checkpoint : *checkpoints) {
        if (checkpoint[0] != job[0]) continue;
        last = fmt::format("{} at {}, {} ms, {}", checkpoint[1], checkpoint[2].substr(0, 19),
                           checkpoint[3], BytesText(checkpoint[4]));
        break;  // newest first
      }
      table.push_back(
          {job[0], std::to_string(process.pid), job[2], job[3].substr(0, 19), last, job[1]});
    }
  }
  if (table.size() == 1) {
    (void)env.standard_error->Write("no jobs are running\n");
    return ExitCode::kOk;
  }
  (void)env.standard_output->Write(PrintTable(table));
  return ExitCode::kOk;
}

ExitCode StopCommand(const StopArguments& arguments, const Environment& env) {
  Result<FoundJob> job = FindJobToSave(arguments, env);
  if (!job.ok()) return Fail(job.status(), env);
  ControlClient& client = *job->process.client;
  std::string statement = "STOP JOB " + Quoted(job->id);
  if (!arguments.savepoint) {
    const Result<std::vector<Cells>> stopped = Ask(client, statement);
    if (!stopped.ok()) return Fail(stopped.status(), env);
    (void)env.standard_error->Write(fmt::format("job {} stopped\n", job->id));
    return ExitCode::kOk;
  }
  statement += arguments.drain ? " WITH SAVEPOINT WITH DRAIN" : " WITH SAVEPOINT";
  return PrintPath(Ask(client, statement), env);
}

ExitCode SavepointCommand(const StopArguments& arguments, const Environment& env) {
  Result<FoundJob> job = FindJobToSave(arguments, env);
  if (!job.ok()) return Fail(job.status(), env);
  ControlClient& client = *job->process.client;
  return PrintPath(Ask(client, "SAVEPOINT JOB " + Quoted(job->id)), env);
}

}  // namespace rhei
