// rhei sql: an interactive shell. Statements end with `;` and may have several lines; SELECTs print
// until they end or Ctrl-C stops them; jobs of INSERTs run beside the shell. With input from a pipe
// there is no prompt and the end waits for the jobs.
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/control.h"
#include "cli/interrupt.h"
#include "cli/line_editor.h"
#include "cli/print_operation.h"
#include "cli/progress.h"
#include "cli/script.h"
#include "cli/shell_history.h"

namespace rhei {
namespace {

constexpr int64_t kPollMicros = 50'000;
// Ctrl-C presses within one statement that end the shell, should the statement not stop.
constexpr int kPressesThatEnd = 4;
constexpr std::string_view kPrompt = "rhei> ";
constexpr std::string_view kMorePrompt = "   -> ";
constexpr std::string_view kHelp =
    "Statements of Flink SQL end with ';' and may have several lines:\n"
    "  SHOW TABLES;  DESCRIBE t;  CREATE TABLE ...;  SELECT ...;  INSERT INTO ...;  EXPLAIN ...;\n"
    "  SET 'key' = 'value';  SET;  RESET;\n"
    "Of the shell itself:\n"
    "  HELP          this text\n"
    "  CLEAR         clears the screen\n"
    "  QUIT or EXIT  stops the jobs and ends the shell (also Ctrl-D)\n"
    "Ctrl-C stops a running query, or gives a line up. Ctrl-R searches earlier statements.\n";

// Standard input that is not a terminal, line by line.
class PipeReader {
 public:
  LineEditor::Outcome ReadLine(std::string* line) {
    while (true) {
      const size_t end = pending_.find('\n');
      if (end != std::string::npos) {
        *line = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        return LineEditor::Outcome::kLine;
      }
      char buffer[1 << 14];
      const ssize_t got = read(0, buffer, sizeof(buffer));
      if (got > 0) {
        pending_.append(buffer, static_cast<size_t>(got));
        continue;
      }
      if (got < 0 && errno == EINTR) {
        if (InterruptCount() > 0) return LineEditor::Outcome::kInterrupted;
        continue;
      }
      if (pending_.empty()) return LineEditor::Outcome::kEnd;
      *line = std::move(pending_);
      pending_.clear();
      return LineEditor::Outcome::kLine;
    }
  }

 private:
  std::string pending_;
};

std::string UpperTrimmed(std::string_view text) {
  std::string word;
  for (const char c : text) word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == ';'; };
  while (!word.empty() && blank(word.back())) word.pop_back();
  size_t begin = 0;
  while (begin < word.size() && blank(word[begin])) ++begin;
  return word.substr(begin);
}

class Shell {
 public:
  // One of `session` and `client`: where statements are executed, here or in another process.
  Shell(const SessionArguments& arguments, const Environment& env, Session* session,
        ControlClient* client)
      : arguments_(arguments),
        env_(env),
        session_(session),
        client_(client),
        interactive_(isatty(0) == 1 && isatty(1) == 1) {
    script_.name = "<stdin>";
  }

  // The statements of -e.
  ExitCode RunText(const std::string& text) {
    script_.name = "-e";
    script_.text = text;
    RunStatements(true);
    return code_;
  }

  ExitCode Run() {
    ShellHistory history(env_.files);
    if (interactive_) {
      for (const std::string& entry : history.Load()) editor_.AddHistory(entry);
      Talk("rhei: Flink SQL. HELP tells more, Ctrl-D ends.\n");
    }
    while (!over_) {
      std::string line;
      const LineEditor::Outcome outcome =
          interactive_ ? editor_.ReadLine(HasPending() ? kMorePrompt : kPrompt, &line)
                       : pipe_.ReadLine(&line);
      if (outcome == LineEditor::Outcome::kInterrupted) {
        if (!interactive_) {
          code_ = ExitCode::kInterrupted;
          break;
        }
        ForgetPending();
        continue;
      }
      if (outcome == LineEditor::Outcome::kEnd) break;
      TakeLine(line, &history);
      if (interactive_) TellOfFinishedJobs();
    }
    if (!over_ && !interactive_ && code_ != ExitCode::kInterrupted) RunStatements(true);
    EndJobs();
    return code_;
  }

 private:
  void Talk(const std::string& text) {
    if (!arguments_.quiet) (void)env_.standard_error->Write(text);
  }

  std::string_view Pending() const { return std::string_view(script_.text).substr(done_); }
  bool HasPending() const {
    return Pending().find_first_not_of(" \t\r\n") != std::string_view::npos;
  }
  // A terminal shows what was typed, so positions count from the statement's first line; those of
  // a pipe count from its start, so its text is kept.
  void ForgetPending() {
    script_.text.clear();
    done_ = 0;
    base_ = {.line = 1, .column = 1};
  }

  void TakeLine(const std::string& line, ShellHistory* history) {
    if (!HasPending() && IsShellCommand(UpperTrimmed(line))) return;
    if (interactive_ && !HasPending()) ForgetPending();
    script_.text += line;
    script_.text += '\n';
    const std::string typed(Pending());
    RunStatements(false);
    if (!interactive_ || HasPending()) return;
    std::string entry = typed;
    while (!entry.empty() && std::isspace(static_cast<unsigned char>(entry.back())) != 0) {
      entry.pop_back();
    }
    editor_.AddHistory(entry);
    history->Append(entry);
    ForgetPending();
  }

  bool IsShellCommand(const std::string& word) {
    if (word == "QUIT" || word == "EXIT") {
      over_ = true;
    } else if (word == "CLEAR") {
      if (interactive_) (void)env_.standard_output->Write("\x1b[H\x1b[2J");
    } else if (word == "HELP") {
      (void)env_.standard_output->Write(kHelp);
    } else {
      return false;
    }
    return true;
  }

  // Runs the statements that are complete; at the end of the input also the last one without `;`.
  void RunStatements(bool at_end) {
    StatementSplitter splitter(Pending());
    const size_t before = done_;
    size_t end = script_.text.size();
    while (std::optional<StatementText> statement = splitter.Next()) {
      if (over_) break;
      if (!statement->terminated && !at_end) {
        end = before + statement->offset;
        break;
      }
      StatementText placed = *statement;
      placed.start = InScriptOf(statement->start);
      if (!IsShellCommand(UpperTrimmed(statement->text))) RunStatement(placed);
    }
    done_ = end;
    // Lines and columns before what is left.
    for (size_t i = before; i < done_; ++i) {
      const char c = script_.text[i];
      if (c == '\n') {
        base_ = {.line = base_.line + 1, .column = 1};
      } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
        ++base_.column;
      }
    }
  }

  SqlPosition InScriptOf(SqlPosition start) const {
    if (start.line == 1) start.column += base_.column - 1;
    start.line += base_.line - 1;
    return start;
  }

  void RunStatement(const StatementText& statement) {
    ResetInterrupts();
    const int64_t started = env_.clock->MonotonicNanos();
    const size_t ignored = WithoutEffect().size();
    Result<std::unique_ptr<Operation>> operation =
        client_ != nullptr
            ? client_->Execute(statement.text)
            : session_->Execute(statement.text, interactive_ ? SqlPosition{} : statement.start);
    if (!operation.ok()) {
      Worsen(ReportError(operation.status(), script_, &statement, env_));
      return;
    }
    const std::vector<std::string> without_effect = WithoutEffect();
    if (without_effect.size() > ignored) {
      Talk(fmt::format("accepted without effect here: {}\n", fmt::join(without_effect, ", ")));
    }
    if ((*operation)->job() != nullptr) {
      control_.Open(&session_->engine(), arguments_.quiet, env_);
    }
    if ((*operation)->kind() == OperationKind::kInsert && (*operation)->job() != nullptr) {
      Talk(fmt::format("job {} started: {}\n", (*operation)->job()->id(),
                       (*operation)->job()->name()));
      if (InterruptCount() > 0) EndIfPiped();
      return;
    }
    Result<PrintedResult> printed = PrintOperation(
        operation->get(), arguments_.format,
        session_ == nullptr ? "UTC" : session_->settings().ForFunctions().time_zone, env_);
    if (!printed.ok()) {
      if (env_.standard_output->closed()) {
        over_ = true;
      } else {
        Worsen(ReportError(printed.status(), script_, &statement, env_));
      }
    } else if (printed->stopped) {
      Talk(fmt::format("stopped: {} rows\n", printed->row_count));
      EndIfPiped();
    } else if (interactive_) {
      const double seconds =
          static_cast<double>(env_.clock->MonotonicNanos() - started) / 1'000'000'000;
      Talk(printed->has_rows ? fmt::format("{:.2f} s\n", seconds)
                             : fmt::format("ok, {:.2f} s\n", seconds));
    }
  }

  std::vector<std::string> WithoutEffect() const {
    return session_ == nullptr ? std::vector<std::string>() : session_->settings().WithoutEffect();
  }
  // Started here; those of another process are its own affair.
  const std::vector<std::shared_ptr<Job>>& Jobs() const {
    static const std::vector<std::shared_ptr<Job>> kNone;
    return session_ == nullptr ? kNone : session_->jobs();
  }

  // After Ctrl-C the shell on a terminal goes on.
  void EndIfPiped() {
    if (interactive_) return;
    code_ = ExitCode::kInterrupted;
    over_ = true;
  }

  // A statement that failed at a terminal was seen; the shell itself ends well.
  void Worsen(ExitCode code) {
    if (!interactive_) code_ = WorseOf(code_, code);
  }

  void TellOfFinishedJobs() {
    const std::vector<std::shared_ptr<Job>>& jobs = Jobs();
    told_.resize(jobs.size(), false);
    for (size_t i = 0; i < jobs.size(); ++i) {
      if (told_[i] || !jobs[i]->WaitFor(0)) continue;
      told_[i] = true;
      TellEnd(*jobs[i]);
    }
  }

  void TellEnd(const Job& job) {
    Talk(fmt::format("job {} {}: {}\n{}{}", job.id(), JobStateName(job.state()), job.name(),
                     JobSummary(job), StopSummary(job)));
    if (job.state() == JobState::kFailed) {
      Worsen(ReportError(job.status(), script_, nullptr, env_));
    }
  }

  // A pipe's end waits for its jobs; the end of a terminal's session stops them.
  void EndJobs() {
    const std::vector<std::shared_ptr<Job>>& jobs = Jobs();
    told_.resize(jobs.size(), false);
    bool stopping = interactive_ || over_;
    if (stopping) StopJobs();
    ResetInterrupts();
    for (size_t i = 0; i < jobs.size(); ++i) {
      while (!jobs[i]->WaitFor(kPollMicros)) {
        const bool interrupted = InterruptCount() > 0;
        if (stopping || !(interrupted || env_.standard_output->closed())) continue;
        stopping = true;
        if (interrupted) code_ = ExitCode::kInterrupted;
        StopJobs();
      }
      if (!told_[i]) TellEnd(*jobs[i]);
    }
  }

  void StopJobs() {
    int64_t running = 0;
    for (const std::shared_ptr<Job>& job : Jobs()) {
      if (job->WaitFor(0)) continue;
      ++running;
      job->Stop();
    }
    if (running > 0) {
      Talk(fmt::format("stopping {}: what was read is finished and committed\n",
                       running == 1 ? "1 job" : fmt::format("{} jobs", running)));
    }
  }

  const SessionArguments& arguments_;
  const Environment& env_;
  Session* session_;       // null: `client_`
  ControlClient* client_;  // null: `session_`
  ControlSocket control_;
  const bool interactive_;
  LineEditor editor_;
  PipeReader pipe_;
  Script script_;                             // what was read
  size_t done_ = 0;                           // bytes of it that ran
  SqlPosition base_{.line = 1, .column = 1};  // of the first byte that did not
  std::vector<bool> told_;                    // jobs whose end was told
  bool over_ = false;
  ExitCode code_ = ExitCode::kOk;
};

// The option of jobs and processes that begin here, if one is given; in another process there is
// nothing for it to act on.
std::string_view OptionOfStart(const SessionArguments& arguments) {
  if (arguments.parallelism > 0) return "--parallelism";
  if (arguments.memory_bytes > 0) return "--memory";
  if (!arguments.from.empty()) return "--from";
  if (arguments.fresh) return "--fresh";
  if (arguments.allow_dropped_state) return "--allow-dropped-state";
  if (arguments.accept_duplicates) return "--accept-duplicates";
  return "";
}

// -D and -i, in the session of the other process.
ExitCode BeginAttached(const SessionArguments& arguments, const Environment& env,
                       ControlClient* client) {
  const Script script{"<stdin>", ""};
  for (const auto& [key, value] : arguments.settings) {
    const Status status =
        client->Execute(fmt::format("SET {} = {}", Quoted(key), Quoted(value))).status();
    if (status.ok()) continue;
    ReportError(Status(status.code(), status.message()).WithContext("-D " + key), script, nullptr,
                env);
    return ExitCode::kUsage;
  }
  return RunInitFile(arguments.init_file, script, env, [client](std::string_view statement) {
    return client->Execute(statement).status();
  });
}

}  // namespace

ExitCode ShellCommand(const ScriptArguments& arguments, const Environment& env) {
  if (arguments.has_text) return RunCommand(arguments, env);
  Engine engine(RunningEngine(arguments.session, env));
  ExitCode code;
  InstallInterruptHandler(kPressesThatEnd);
  std::unique_ptr<Session> session =
      OpenSession(&engine, arguments.session, Script{"<stdin>", ""}, env, &code);
  if (session == nullptr) return code;
  return Shell(arguments.session, env, session.get(), nullptr).Run();
}

ExitCode AttachCommand(const ScriptArguments& arguments, int pid, const Environment& env) {
  if (const std::string_view option = OptionOfStart(arguments.session); !option.empty()) {
    (void)env.standard_error->Write(fmt::format("rhei: {} has no meaning with --attach\n", option));
    return ExitCode::kUsage;
  }
  InstallInterruptHandler(kPressesThatEnd);
  Result<ControlledProcess> process = FindProcess(pid, env);
  if (!process.ok()) {
    return ReportError(process.status(), Script{"<stdin>", ""}, nullptr, env);
  }
  if (!arguments.session.quiet) {
    (void)env.standard_error->Write(fmt::format("attached to process {}\n", process->pid));
  }
  const ExitCode begun = BeginAttached(arguments.session, env, process->client.get());
  if (begun != ExitCode::kOk) return begun;
  Shell shell(arguments.session, env, nullptr, process->client.get());
  return arguments.has_text ? shell.RunText(arguments.text) : shell.Run();
}

}  // namespace rhei
