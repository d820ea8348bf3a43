// rhei test: runs SQL test files and prints `N passed, N failed`.
#include <algorithm>

#include <fmt/format.h>

#include "cli/commands.h"
#include "slt/slt_runner.h"

namespace rhei {
namespace {

Status FindFiles(const std::string& path, const Environment& env, std::vector<std::string>* files) {
  ASSIGN_OR_RETURN(const FileInfo info, env.files->Stat(path));
  if (!info.is_directory) {
    files->push_back(path);
    return {};
  }
  ASSIGN_OR_RETURN(const std::vector<FileInfo> entries, env.files->List(path));
  for (const FileInfo& entry : entries) {
    if (entry.is_directory || entry.path.ends_with(".slt")) {
      RETURN_IF_ERROR(FindFiles(entry.path, env, files));
    }
  }
  return {};
}

}  // namespace

ExitCode TestCommand(const TestArguments& arguments, const Environment& env) {
  std::vector<std::string> files;
  for (const std::string& path : arguments.paths) {
    if (const Status status = FindFiles(path, env, &files); !status.ok()) {
      (void)env.standard_error->Write("rhei test: " + status.message() + "\n");
      return ExitCodeOf(status);
    }
  }
  const SltRegime regime{arguments.batch_rows, std::max(arguments.shards, 1),
                         arguments.restart_every, arguments.shuffle_seed};
  int passed = 0, failed = 0, skipped = 0, order_sensitive = 0, records = 0;
  for (const std::string& path : files) {
    Result<std::string> text = ReadFile(*env.files, path);
    Result<SltFile> file = text.ok() ? ParseSltFile(path, *text) : text.status();
    SltOutcome outcome;
    if (file.ok()) {
      outcome = RunSltFile(*file, regime, env);
    } else {
      outcome.failures.push_back(file.status().message());
    }
    order_sensitive += outcome.order_sensitive ? 1 : 0;
    records += outcome.order_sensitive_records;
    if (!outcome.skipped.empty()) {
      ++skipped;
      (void)env.standard_output->Write(fmt::format("skip {}: {}\n", path, outcome.skipped[0]));
    } else if (outcome.ok()) {
      ++passed;
      if (!arguments.quiet) (void)env.standard_output->Write(fmt::format("ok   {}\n", path));
    } else {
      ++failed;
      for (const std::string& failure : outcome.failures) {
        (void)env.standard_output->Write(fmt::format("FAIL {}\n", failure));
      }
    }
  }
  std::string last = fmt::format("{} passed, {} failed", passed, failed);
  if (skipped > 0) last += fmt::format(", {} skipped", skipped);
  (void)env.standard_output->Write(
      fmt::format("regime {}; {} files and {} records are order-sensitive\n{}\n", regime.Name(),
                  order_sensitive, records, last));
  return failed > 0 ? ExitCode::kRuntime : ExitCode::kOk;
}

}  // namespace rhei
