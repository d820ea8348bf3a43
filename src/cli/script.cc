#include "cli/script.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "cli/error_text.h"
#include "cli/interrupt.h"
#include "engine/state_directory.h"
#include "formats/cells.h"
#include "sql/parser.h"
#include "types/number_text.h"

namespace rhei {

bool IsTerminal() {
  const char* term = std::getenv("TERM");
  return isatty(2) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

bool UsesColor() {
  const char* no_color = std::getenv("NO_COLOR");
  return IsTerminal() && (no_color == nullptr || *no_color == '\0');
}

Result<std::string> AbsolutePath(const std::string& path) {
  std::error_code error;
  std::filesystem::path absolute = std::filesystem::weakly_canonical(path, error);
  if (error) return IoError(path + ": " + error.message());
  if (absolute.is_relative()) absolute = std::filesystem::absolute(absolute, error);
  return absolute.lexically_normal().string();
}

Result<Script> ReadScript(const ScriptArguments& arguments, const Environment& env) {
  if (arguments.has_text) return Script{"-e", arguments.text};
  if (arguments.file == "-") {
    Script script{"<stdin>", ""};
    char buffer[1 << 16];
    ssize_t got;
    while ((got = read(0, buffer, sizeof(buffer))) > 0) {
      script.text.append(buffer, static_cast<size_t>(got));
    }
    return script;
  }
  ASSIGN_OR_RETURN(std::string text, ReadFile(*env.files, arguments.file));
  ASSIGN_OR_RETURN(std::string path, AbsolutePath(arguments.file));
  return Script{arguments.file, std::move(text), std::move(path)};
}

ExitCode ReportError(const Status& status, const Script& script, const StatementText* statement,
                     const Environment& env) {
  Status shown = status;
  const bool of_statement = status.code() == ErrorCode::kInvalidSql ||
                            status.code() == ErrorCode::kUnsupported || status.position().known();
  if (statement != nullptr && of_statement) {
    shown = Status(status.code(), status.message(), InScript(status.position(), statement->start));
  }
  // It may show a record, or a line of the script, that is not UTF-8.
  (void)env.standard_error->Write(
      ReplaceInvalidUtf8(ErrorText(shown, script.name, script.text, UsesColor())));
  return ExitCodeOf(status);
}

namespace {

// What jobs say goes to standard error, over a line of progress.
class TerminalNotices final : public JobNotices {
 public:
  TerminalNotices(OutputStream* out, bool quiet) : out_(out), quiet_(quiet) {}
  void Tell(std::string_view text) override {
    if (quiet_ || text.empty()) return;
    (void)out_->Write(IsTerminal() ? "\r\x1b[K" + std::string(text) : std::string(text));
  }

 private:
  OutputStream* out_;
  const bool quiet_;
};

SessionOptions OptionsOf(const SessionArguments& arguments, const Script& script,
                         const Environment& env,
                         const std::vector<std::vector<std::string>>& job_sinks) {
  SessionOptions options;
  options.name = script.name;
  options.parallelism = arguments.parallelism;
  options.script_path = script.path;
  options.script_job_count = static_cast<int>(job_sinks.size());
  options.script_sinks = job_sinks;
  options.fresh = arguments.fresh;
  options.allow_dropped_state = arguments.allow_dropped_state;
  options.accept_duplicates = arguments.accept_duplicates;
  options.defers_finish = !job_sinks.empty();
  options.waits_for_jobs = job_sinks.empty();
  int64_t epoch = 0;
  if (ParseInteger(arguments.from, 1, INT64_MAX, &epoch) == NumberParse::kOk) {
    options.from_epoch = static_cast<uint64_t>(epoch);
  } else if (!arguments.from.empty()) {
    Result<std::string> path = AbsolutePath(arguments.from);
    options.savepoint_path = path.ok() ? std::move(path).value() : arguments.from;
  }
  options.notices = std::make_shared<TerminalNotices>(env.standard_error, arguments.quiet);
  options.stop_wanted = [] {
    return InterruptCount() > 0 || RealEnvironment().standard_output->closed();
  };
  return options;
}

// As in Flink: a file that several sessions begin with, also those that only check, starts nothing.
Status CheckInitStatement(std::string_view text) {
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(text));
  const ast::StatementKind kind = statement->kind;
  const bool runs_query = kind == ast::StatementKind::kCreateTable &&
                          ast::As<ast::CreateTable>(*statement).query != nullptr;
  const bool sets = kind == ast::StatementKind::kSet || kind == ast::StatementKind::kReset;
  // A JAR is refused when it runs.
  if (sets || kind == ast::StatementKind::kJar || (ast::IsDefinition(kind) && !runs_query)) {
    return {};
  }
  return InvalidSql(
      "the file of -i takes only definitions and settings: SET, RESET, CREATE (without AS), DROP, "
      "ALTER, USE, LOAD and UNLOAD",
      statement->position);
}

}  // namespace

EngineOptions CheckingEngine(const Environment& env) {
  EngineOptions options;
  options.env = &env;
  options.state_directory = DefaultStateDirectory();
  return options;
}

EngineOptions RunningEngine(const SessionArguments& arguments, const Environment& env) {
  EngineOptions options = CheckingEngine(env);
  options.cores = CoreCount();
  if (arguments.memory_bytes > 0) options.memory_bytes = arguments.memory_bytes;
  return options;
}

std::unique_ptr<Session> OpenSession(Engine* engine, const SessionArguments& arguments,
                                     const Script& script, const Environment& env, ExitCode* code,
                                     const std::vector<std::vector<std::string>>& job_sinks) {
  *code = ExitCode::kOk;
  std::unique_ptr<Session> session =
      Session::Make(engine, OptionsOf(arguments, script, env, job_sinks));
  for (const auto& [key, value] : arguments.settings) {
    if (const Status status = session->settings().Set(key, value); !status.ok()) {
      ReportError(status.WithContext("-D " + key), script, nullptr, env);
      *code = ExitCode::kUsage;
      return nullptr;
    }
  }
  *code = RunInitFile(arguments.init_file, script, env, [&session](std::string_view statement) {
    return session->Execute(statement).status();
  });
  if (*code != ExitCode::kOk) return nullptr;
  session->settings().KeepAsInitial();
  return session;
}

ExitCode RunInitFile(const std::string& path, const Script& script, const Environment& env,
                     const std::function<Status(std::string_view)>& execute) {
  if (path.empty()) return ExitCode::kOk;
  Result<std::string> text = ReadFile(*env.files, path);
  if (!text.ok()) return ReportError(text.status(), script, nullptr, env);
  const Script init{path, *text};
  StatementSplitter splitter(init.text);
  while (std::optional<StatementText> statement = splitter.Next()) {
    Status status = CheckInitStatement(statement->text);
    if (status.ok()) status = execute(statement->text);
    if (!status.ok()) return ReportError(status, init, &*statement, env);
  }
  return ExitCode::kOk;
}

ExitCode CheckScript(Engine* engine, const SessionArguments& arguments, const Script& script,
                     const Environment& env, std::vector<std::vector<std::string>>* job_sinks) {
  ExitCode code;
  std::unique_ptr<Session> session = OpenSession(engine, arguments, script, env, &code);
  if (session == nullptr) return code;
  StatementSplitter splitter(script.text);
  while (std::optional<StatementText> statement = splitter.Next()) {
    const Status status = session->Check(statement->text, statement->start);
    if (!status.ok()) return ReportError(status, script, &*statement, env);
  }
  if (session->in_statement_set()) {
    return ReportError(InvalidSql("the statement set is not closed: END; is missing"), script,
                       nullptr, env);
  }
  if (job_sinks != nullptr) *job_sinks = session->checked_sinks();
  return ExitCode::kOk;
}

}  // namespace rhei
