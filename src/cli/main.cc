// rhei: the program. Parses the command line and calls the command.
#include <malloc.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "base/cpu.h"
#include "base/kill_point.h"
#include "cli/commands.h"
#include "types/option_values.h"

namespace rhei {
namespace {

struct CommandLine {
  ScriptArguments script;
  StopArguments stop;
  int attach_pid = 0;
  TestArguments test;
  InferArguments infer;
  DemoArguments demo;
  std::vector<std::string> defines;
  std::string format = "table";
  std::string memory;
};

std::string AtLeastOne(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = error == std::errc() && end == text.data() + text.size() && number > 0;
  return good ? "" : "'" + text + "' is not a whole number of at least 1";
}

void AddSessionOptions(CLI::App* command, CommandLine* line) {
  command
      ->add_option("-D,--define", line->defines, "A setting, as SET before the script; repeatable")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("-i,--init", line->script.session.init_file, "SQL file to execute first")
      ->type_name("FILE");
  command
      ->add_option("--parallelism", line->script.session.parallelism,
                   "Shards of a job (default: the machine's cores)")
      ->type_name("N")
      ->check(AtLeastOne, "");
  command->add_option("--memory", line->memory, "Memory of the process, e.g. 4gb")
      ->type_name("SIZE");
  command->add_flag("-q,--quiet", line->script.session.quiet, "Errors only on standard error");
}

// Of the commands that start jobs and print results.
void AddRunOptions(CLI::App* command, CommandLine* line) {
  command->add_option("--format", line->format, "Of results: table, json, csv or changelog")
      ->type_name("FORMAT");
  command
      ->add_option("--from", line->script.session.from,
                   "Start the jobs from this savepoint, or from the checkpoint of this number")
      ->type_name("PATH|NUMBER");
  command->add_flag("--fresh", line->script.session.fresh,
                    "Begin anew, whatever checkpoints there are");
  command->add_flag("--allow-dropped-state", line->script.session.allow_dropped_state,
                    "Go on although state does not fit the edited file; that state is dropped");
  command->add_flag("--accept-duplicates", line->script.session.accept_duplicates,
                    "With --from NUMBER: repeat what later checkpoints have committed");
}

void AddScript(CLI::App* command, CommandLine* line) {
  command->add_option("FILE", line->script.file, "SQL script; - is standard input")->type_name("");
  command->add_option("-e,--execute", line->script.text, "SQL text instead of a file")
      ->type_name("SQL");
  AddSessionOptions(command, line);
}

Status Complete(CLI::App* command, CommandLine* line) {
  for (const std::string& define : line->defines) {
    const size_t equals = define.find('=');
    if (equals == std::string::npos) {
      return InvalidArgument("-D needs KEY=VALUE, not '" + define + "'");
    }
    line->script.session.settings.emplace_back(define.substr(0, equals), define.substr(equals + 1));
  }
  for (const auto& [key, value] : line->script.session.settings) {
    if (key == "rhei.memory" && line->memory.empty()) line->memory = value;
  }
  if (!line->memory.empty()) {
    ASSIGN_OR_RETURN(line->script.session.memory_bytes, ParseByteSize(line->memory));
  }
  ASSIGN_OR_RETURN(line->script.session.format, ParseResultFormat(line->format));
  line->script.has_text = command->get_option_no_throw("-e") != nullptr && command->count("-e") > 0;
  if (command->get_name() == "sql") return {};
  if (line->script.has_text == !line->script.file.empty()) {
    return InvalidArgument("a FILE or -e 'SQL' is needed (see rhei " + command->get_name() +
                           " --help)");
  }
  return {};
}

// Batches come and go by the megabyte: what is given back to the system between two of them must
// be had again page by page, which costs more than the work on it.
void KeepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

ExitCode Main(int argc, char** argv) {
  KeepFreedMemory();
  // Static: threads that outlive this function still see it.
  static Environment env = RealEnvironment();
  static std::unique_ptr<KillPoints> kill_points;
  if (const char* text = std::getenv("RHEI_KILL_AT"); text != nullptr && *text != '\0') {
    Result<std::unique_ptr<KillPoints>> made = MakeProcessKill(text);
    if (!made.ok()) {
      (void)env.standard_error->Write("rhei: " + made.status().message() + "\n");
      return ExitCode::kUsage;
    }
    kill_points = std::move(*made);
    env.kill_points = kill_points.get();
  }
  CommandLine line;
  CLI::App app("Rhei runs Flink SQL files in one native process.", "rhei");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of all commands");
  app.failure_message([](const CLI::App* top, const CLI::Error& error) {
    std::string command = "rhei";
    for (const CLI::App* parsed : top->get_subcommands()) command += " " + parsed->get_name();
    return command + ": " + error.what() + " (see " + command + " --help)\n";
  });
  CLI::App* run = app.add_subcommand("run", "Run a SQL script");
  AddScript(run, &line);
  AddRunOptions(run, &line);
  run->add_option("--counters", line.script.counters_file,
                  "Write every operator's counters to this file at the end, as lines of JSON")
      ->type_name("FILE");
  CLI::App* sql = app.add_subcommand("sql", "Interactive shell; reads a pipe without prompts");
  sql->add_option("-e,--execute", line.script.text, "Run this SQL text and end")->type_name("SQL");
  AddSessionOptions(sql, &line);
  AddRunOptions(sql, &line);
  CLI::Option* attach =
      sql->add_option("--attach", line.attach_pid,
                      "Run the statements in this process, or in the only one that runs jobs")
          ->type_name("[PID]")
          ->expected(0, 1);
  CLI::App* jobs = app.add_subcommand("jobs", "List the running jobs of all your processes");
  CLI::App* stop =
      app.add_subcommand("stop", "Stop a job: what was read is finished and committed");
  stop->add_option("JOB", line.stop.job_id, "Its id, or the beginning of it")
      ->required()
      ->type_name("");
  CLI::Option* with_savepoint =
      stop->add_option("--savepoint", line.stop.savepoint_directory,
                       "Write a savepoint, into a new directory below this one")
          ->type_name("[DIRECTORY]")
          ->expected(0, 1);
  stop->add_flag("--drain", line.stop.drain,
                 "Fire all open windows first; the savepoint is then of little use");
  CLI::App* savepoint =
      app.add_subcommand("savepoint", "Write a savepoint of a job that goes on; prints its path");
  savepoint->add_option("JOB", line.stop.job_id, "Its id, or the beginning of it")
      ->required()
      ->type_name("");
  savepoint
      ->add_option("DIRECTORY", line.stop.savepoint_directory,
                   "It becomes a new directory below this one")
      ->type_name("");
  CLI::App* check = app.add_subcommand("check", "Check a SQL script without running it");
  AddScript(check, &line);
  CLI::App* explain = app.add_subcommand("explain", "Show the plans of a SQL script");
  AddScript(explain, &line);
  CLI::App* test = app.add_subcommand("test", "Run SQL test files (*.slt)");
  test->add_option("PATH", line.test.paths, "Files or directories")->required()->type_name("");
  test->add_option("--batch-rows", line.test.batch_rows, "Rows of a batch at most")->type_name("N");
  test->add_option("--shards", line.test.shards, "Shards of every job")->type_name("N");
  test->add_option("--restart-every", line.test.restart_every,
                   "Snapshot and restore at every k-th barrier")
      ->type_name("K");
  test->add_option("--shuffle", line.test.shuffle_seed,
                   "Another order of the sources' rows, by this seed")
      ->type_name("SEED");
  test->add_flag("-q,--quiet", line.test.quiet, "Print failures and the last line only");
  CLI::App* reference = app.add_subcommand("reference", "Print a page of the manual");
  std::string topic;
  reference->add_option("TOPIC", topic, "connectors, formats, functions or settings")
      ->required()
      ->type_name("");
  CLI::App* demo = app.add_subcommand("demo", "Run the clickstream job on a made-up access log");
  demo->add_option("--dir", line.demo.directory,
                   "Directory to make (default: rhei-demo, or rhei-demo-2, ...)")
      ->type_name("DIRECTORY");
  demo->add_option("--lines", line.demo.lines, "Lines of log to make up (2000000)")->type_name("N");
  demo->add_option("--log", line.demo.log, "Run on this log file or directory instead")
      ->type_name("PATH");
  demo->add_option("--kafka", line.demo.kafka, "Send the log through Kafka there")
      ->type_name("HOST:PORT");
  demo->add_option("--topic", line.demo.topic, "Topic to make there (rhei_demo)")
      ->type_name("NAME");
  demo->add_option("--parallelism", line.demo.session.parallelism, "Shards of the job")
      ->type_name("N")
      ->check(AtLeastOne, "");
  CLI::App* infer = app.add_subcommand("infer", "Print a CREATE TABLE for a JSON or CSV file");
  infer->add_option("FILE", line.infer.file, "File of JSON objects, one a line, or CSV")
      ->required()
      ->type_name("");
  infer->add_option("--format", line.infer.format, "json or csv (default: by the file)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"json", "csv"}).description(""));
  infer->add_option("--table", line.infer.table, "Name of the table (default: by the file)")
      ->type_name("NAME");
  infer->add_flag("--no-header", line.infer.no_header, "The first line of a CSV file is data");
  CLI::App* version = app.add_subcommand("version", "Print the version");
  if (argc < 2) {
    (void)env.standard_error->Write(app.help());
    return ExitCode::kUsage;
  }
  const std::string word = argv[1];
  if (!word.starts_with("-") &&
      app.get_subcommands([&word](CLI::App* command) { return command->check_name(word); })
          .empty()) {
    (void)env.standard_error->Write("rhei: '" + word + "' is no command (see rhei --help)\n");
    return ExitCode::kUsage;
  }
  try {  // CLI11 reports through exceptions; this is the border.
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? ExitCode::kOk : ExitCode::kUsage;
  }
  if (version->parsed()) {
    (void)env.standard_output->Write("rhei " RHEI_VERSION "\n");
    return ExitCode::kOk;
  }
  if (jobs->parsed()) return JobsCommand(env);
  if (stop->parsed()) {
    line.stop.savepoint = with_savepoint->count() > 0 || line.stop.drain;
    return StopCommand(line.stop, env);
  }
  if (savepoint->parsed()) return SavepointCommand(line.stop, env);
  if (test->parsed()) return TestCommand(line.test, env);
  if (reference->parsed()) return ReferenceCommand(topic, env);
  if (demo->parsed()) return DemoCommand(line.demo, env);
  if (infer->parsed()) return InferCommand(line.infer, env);
  CLI::App* script_command = run->parsed()     ? run
                             : check->parsed() ? check
                             : sql->parsed()   ? sql
                                               : explain;
  if (const Status status = Complete(script_command, &line); !status.ok()) {
    (void)env.standard_error->Write("rhei: " + status.message() + "\n");
    return ExitCode::kUsage;
  }
  if (check->parsed()) return CheckCommand(line.script, env);
  if (sql->parsed() && attach->count() > 0) {
    return AttachCommand(line.script, line.attach_pid, env);
  }
  if (sql->parsed()) return ShellCommand(line.script, env);
  if (explain->parsed()) return ExplainCommand(line.script, env);
  return RunCommand(line.script, env);
}

}  // namespace
}  // namespace rhei

int main(int argc, char** argv) {
  if (const char* reason = rhei::CpuTooOld(); reason != nullptr) {
    std::fputs(reason, stderr);
    return static_cast<int>(rhei::ExitCode::kUsage);
  }
  const rhei::ExitCode code = rhei::Main(argc, argv);
  std::fflush(stdout);
  // Threads that wait for something outside must not hold up the exit.
  _exit(static_cast<int>(code));
}
