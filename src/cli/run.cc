// rhei run: executes a script. SELECTs print until they end; INSERTs run together; at the end the
// counts of every table are told.
#include <algorithm>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/control.h"
#include "cli/interrupt.h"
#include "cli/print_operation.h"
#include "cli/progress.h"
#include "cli/script.h"

namespace rhei {
namespace {

constexpr int64_t kPollMicros = 50'000;

class Runner {
 public:
  Runner(const ScriptArguments& arguments, const Script& script, const Environment& env,
         Session* session)
      : arguments_(arguments),
        script_(script),
        env_(env),
        session_(session),
        progress_(env, IsTerminal() && !arguments.session.quiet) {}

  // `job_count`: jobs that the script will start.
  ExitCode Run(size_t job_count) {
    if (job_count > 0) control_.Open(&session_->engine(), arguments_.session.quiet, env_);
    StatementSplitter splitter(script_.text);
    ExitCode code = ExitCode::kOk;
    bool failed = false;
    while (std::optional<StatementText> statement = splitter.Next()) {
      Result<std::unique_ptr<Operation>> operation =
          session_->Execute(statement->text, statement->start);
      if (!operation.ok()) {
        code = ReportError(operation.status(), script_, &*statement, env_);
        break;
      }
      if ((*operation)->job() != nullptr) {
        control_.Open(&session_->engine(), arguments_.session.quiet, env_);
      }
      if ((*operation)->kind() == OperationKind::kInsert && (*operation)->job() != nullptr) {
        Talk(fmt::format("job {} started: {}\n", (*operation)->job()->id(),
                         (*operation)->job()->name()));
        if (session_->settings().GetBool("table.dml-sync")) {
          Await({(*operation)->job()});
          // Why is told at the end, with what the others have done.
          failed = (*operation)->job()->state() == JobState::kFailed;
          if (failed || env_.standard_output->closed()) break;
        }
        if (InterruptCount() > 0) break;
        continue;
      }
      const Status printed = PrintResult(operation->get());
      if (env_.standard_output->closed()) break;
      if (!printed.ok()) code = WorseOf(code, ReportError(printed, script_, &*statement, env_));
      if (InterruptCount() > 0) break;
      if (!printed.ok()) break;
    }
    failed = failed || code != ExitCode::kOk;
    code = WorseOf(code, WaitForJobs(failed || env_.standard_output->closed()));
    return InterruptCount() > 0 ? ExitCode::kInterrupted : code;
  }

 private:
  // Where standard output has no reader any more (`| head`) the end is a quiet one.
  void Talk(const std::string& text) {
    if (arguments_.session.quiet || env_.standard_output->closed()) return;
    progress_.Clear();
    (void)env_.standard_error->Write(text);
  }

  Status PrintResult(Operation* operation) {
    ASSIGN_OR_RETURN(const PrintedResult printed,
                     PrintOperation(operation, arguments_.session.format,
                                    session_->settings().ForFunctions().time_zone, env_));
    if (printed.stopped) Talk(fmt::format("stopped: {} rows\n", printed.row_count));
    return {};
  }

  ExitCode WaitForJobs(bool cancel) {
    const std::vector<std::shared_ptr<Job>>& jobs = session_->jobs();
    stopped_ = stopped_ || cancel;
    if (cancel) {
      for (const std::shared_ptr<Job>& job : jobs) job->Stop();
    }
    Await(jobs);
    ExitCode code = WriteCounters(jobs);
    for (const std::shared_ptr<Job>& job : jobs) {
      const Status status = job->status();
      Talk(fmt::format("job {} {}: {}\n{}{}", job->id(), JobStateName(job->state()), job->name(),
                       JobSummary(*job), StopSummary(*job)));
      if (job->state() == JobState::kFailed) {
        code = WorseOf(code, ReportError(status, script_, nullptr, env_));
      }
    }
    return code;
  }

  // Until all of them are over; whoever asks for it stops all jobs there are.
  void Await(const std::vector<std::shared_ptr<Job>>& jobs) {
    while (true) {
      bool over = true;
      for (const std::shared_ptr<Job>& job : jobs) over &= job->WaitFor(over ? kPollMicros : 0);
      if (over) break;
      progress_.Update(jobs);
      if ((InterruptCount() > 0 || env_.standard_output->closed()) && !stopped_) {
        stopped_ = true;
        Talk("stopping: what was read is finished and committed (Ctrl-C again ends at once)\n");
        for (const std::shared_ptr<Job>& job : session_->jobs()) job->Stop();
      }
    }
    progress_.Clear();
  }

  ExitCode WriteCounters(const std::vector<std::shared_ptr<Job>>& jobs) {
    if (arguments_.counters_file.empty()) return ExitCode::kOk;
    std::string text;
    for (const std::shared_ptr<Job>& job : jobs) text += JobCountersJson(*job);
    const Status written = WriteFile(*env_.files, arguments_.counters_file, text);
    return written.ok() ? ExitCode::kOk : ReportError(written, script_, nullptr, env_);
  }

  const ScriptArguments& arguments_;
  const Script& script_;
  const Environment& env_;
  Session* session_;
  ProgressLine progress_;
  ControlSocket control_;
  bool stopped_ = false;  // all jobs have been asked to stop
};

// A run is complete with all its jobs; the next one then begins anew. Until then whoever starts the
// file again finds that a job which came to its end has nothing left to do. So this is the last
// act.
ExitCode MarkFinished(const std::vector<std::shared_ptr<Job>>& jobs, const Script& script,
                      const Environment& env) {
  for (const std::shared_ptr<Job>& job : jobs) {
    if (job->state() != JobState::kFinished) return ExitCode::kOk;
  }
  // The first job's mark is the run's: until it is there the others' say nothing
  // (RecoveryRequest::continued_runs).
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
    const Status status = (*job)->MarkFinished();
    if (!status.ok()) return ReportError(status, script, nullptr, env);
  }
  return ExitCode::kOk;
}

}  // namespace

ExitCode RunCommand(const ScriptArguments& arguments, const Environment& env) {
  Result<Script> script = ReadScript(arguments, env);
  if (!script.ok()) return ReportError(script.status(), Script{arguments.file, ""}, nullptr, env);
  Engine engine(RunningEngine(arguments.session, env));
  std::vector<std::vector<std::string>> job_sinks;
  ExitCode code = CheckScript(&engine, arguments.session, *script, env, &job_sinks);
  if (code != ExitCode::kOk) return code;
  std::unique_ptr<Session> session =
      OpenSession(&engine, arguments.session, *script, env, &code, job_sinks);
  if (session == nullptr) return code;
  InstallInterruptHandler();
  Runner runner(arguments, *script, env, session.get());
  code = runner.Run(job_sinks.size());
  const std::vector<std::string> ignored = session->settings().WithoutEffect();
  if (!ignored.empty() && !arguments.session.quiet) {
    (void)env.standard_error->Write(
        fmt::format("accepted without effect here: {}\n", fmt::join(ignored, ", ")));
  }
  // Where standard output was closed some may not have been started.
  const bool complete = session->jobs().size() == job_sinks.size();
  if (code == ExitCode::kOk && complete) code = MarkFinished(session->jobs(), *script, env);
  return code;
}

ExitCode CheckCommand(const ScriptArguments& arguments, const Environment& env) {
  Result<Script> script = ReadScript(arguments, env);
  if (!script.ok()) return ReportError(script.status(), Script{arguments.file, ""}, nullptr, env);
  Engine engine(CheckingEngine(env));
  const ExitCode code = CheckScript(&engine, arguments.session, *script, env);
  if (code == ExitCode::kOk && !arguments.session.quiet) {
    (void)env.standard_error->Write(script->name + ": ok\n");
  }
  return code;
}

ExitCode ExplainCommand(const ScriptArguments& arguments, const Environment& env) {
  Result<Script> script = ReadScript(arguments, env);
  if (!script.ok()) return ReportError(script.status(), Script{arguments.file, ""}, nullptr, env);
  Engine engine(CheckingEngine(env));
  ExitCode code;
  std::unique_ptr<Session> session = OpenSession(&engine, arguments.session, *script, env, &code);
  if (session == nullptr) return code;
  StatementSplitter splitter(script->text);
  while (std::optional<StatementText> statement = splitter.Next()) {
    Result<std::string> plan = session->ExplainText(statement->text, statement->start);
    if (!plan.ok()) return ReportError(plan.status(), *script, &*statement, env);
    if (!plan->empty() && !env.standard_output->Write(*plan).ok()) break;
  }
  return ExitCode::kOk;
}

}  // namespace rhei
