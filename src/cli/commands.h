#pragma once
// The subcommands of rhei. Data goes to standard output, talk to standard error. Each returns an
// exit code (cli/exit_code.h). docs/CLI.md describes them for users.
#include <string>
#include <utility>
#include <vector>

#include "base/env.h"
#include "cli/exit_code.h"
#include "cli/result_printer.h"

namespace rhei {

// What most commands share.
struct SessionArguments {
  std::vector<std::pair<std::string, std::string>> settings;  // -D key=value
  std::string init_file;                                      // -i
  int parallelism = 0;                                        // --parallelism
  int64_t memory_bytes = 0;                                   // --memory; 0: no limit
  ResultFormat format = ResultFormat::kTable;
  bool quiet = false;  // no talk but errors
  // From where durable jobs go on (docs/OPERATIONS.md).
  bool fresh = false;
  bool allow_dropped_state = false;
  bool accept_duplicates = false;
  std::string from;  // a savepoint's path, or the number of a checkpoint
};

struct ScriptArguments {
  SessionArguments session;
  std::string file;  // "-": standard input
  std::string text;  // -e: instead of a file
  bool has_text = false;
  std::string counters_file;  // --counters: written at the end
};

ExitCode RunCommand(const ScriptArguments& arguments, const Environment& env);
ExitCode CheckCommand(const ScriptArguments& arguments, const Environment& env);
// The plans of every query and INSERT of a script.
ExitCode ExplainCommand(const ScriptArguments& arguments, const Environment& env);

// The shell; with -e as RunCommand.
ExitCode ShellCommand(const ScriptArguments& arguments, const Environment& env);
// The shell in another process of the user; pid 0: the only one that runs jobs.
ExitCode AttachCommand(const ScriptArguments& arguments, int pid, const Environment& env);

// The running jobs of all of the user's processes.
ExitCode JobsCommand(const Environment& env);
struct StopArguments {
  std::string job_id;  // or a beginning of it
  bool savepoint = false;
  bool drain = false;
  std::string savepoint_directory;  // empty: by the settings
};
ExitCode StopCommand(const StopArguments& arguments, const Environment& env);
// Prints the savepoint's path.
ExitCode SavepointCommand(const StopArguments& arguments, const Environment& env);

struct InferArguments {
  std::string file;
  std::string format;      // json or csv; empty: by the file's name and first byte
  std::string table;       // empty: by the file's name
  bool no_header = false;  // the first line of CSV is data
};
// A CREATE TABLE for the records of a file.
ExitCode InferCommand(const InferArguments& arguments, const Environment& env);

struct TestArguments {
  std::vector<std::string> paths;  // files, or directories that are searched for *.slt
  int batch_rows = 0;              // 0: as in production
  int shards = 1;
  int restart_every = 0;      // snapshot and restore at every k-th barrier; 0: never
  uint64_t shuffle_seed = 0;  // rows of the sources in another order; 0: as written
  bool quiet = false;
};
ExitCode TestCommand(const TestArguments& arguments, const Environment& env);

// Prints a page of the manual: connectors, formats, functions or settings.
ExitCode ReferenceCommand(const std::string& topic, const Environment& env);

struct DemoArguments {
  SessionArguments session;
  std::string directory;  // made by the demo; empty: rhei-demo, or the next free rhei-demo-N
  std::string log;        // --log: the user's own log, a file or a directory
  std::string kafka;      // --kafka: host:port of a broker to go through
  std::string topic = "rhei_demo";  // made by the demo
  int64_t lines = 2'000'000;
};
ExitCode DemoCommand(const DemoArguments& arguments, const Environment& env);

}  // namespace rhei
