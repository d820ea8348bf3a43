// rhei demo: makes a day of access log, runs the clickstream job on it, shows what it finds, and
// has an independent program count again. With --log it runs the same job on the user's own log.
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/demo_files.h"
#include "cli/demo_log.h"

namespace rhei {
namespace {

Status WriteFile(const Environment& env, const std::string& path, std::string_view text) {
  ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, env.files->Create(path, true));
  RETURN_IF_ERROR(file->Append(text));
  return file->Close();
}

void ReplaceAll(std::string* text, std::string_view from, std::string_view to) {
  for (size_t at = text->find(from); at != std::string::npos;
       at = text->find(from, at + to.size())) {
    text->replace(at, from.size(), to);
  }
}

std::string SqlString(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

class Demo {
 public:
  Demo(const DemoArguments& arguments, const Environment& env) : arguments_(arguments), env_(env) {}

  Result<ExitCode> Run() {
    const std::string directory = arguments_.directory;
    if (env_.files->Stat(directory).ok()) {
      return InvalidArgument(
          fmt::format("{} exists already: remove it, or give another place with --dir", directory));
    }
    RETURN_IF_ERROR(env_.files->MakeDirectories(directory));
    std::string log = arguments_.log;
    if (log.empty()) {
      log = directory + "/log";
      RETURN_IF_ERROR(env_.files->MakeDirectories(log));
      Talk(fmt::format("demo: writing {} lines of access log to {}/access.log\n", arguments_.lines,
                       log));
      RETURN_IF_ERROR(
          WriteDemoLog({.lines = arguments_.lines, .seed = 1}, log + "/access.log", *env_.files));
    }
    std::string sql(ClickstreamSql());
    ReplaceAll(&sql, "'path' = 'log'", "'path' = " + SqlString(log));
    ReplaceAll(&sql, "'path' = 'out/", "'path' = '" + directory + "/out/");
    RETURN_IF_ERROR(WriteFile(env_, directory + "/clickstream.sql", sql));
    Talk(fmt::format("demo: running {}/clickstream.sql; hours appear as they are complete\n",
                     directory));
    const int64_t start = env_.clock->MonotonicNanos();
    ScriptArguments script;
    script.session = arguments_.session;
    script.file = directory + "/clickstream.sql";
    const ExitCode code = RunCommand(script, env_);
    const double seconds = static_cast<double>(env_.clock->MonotonicNanos() - start) / 1e9;
    if (code != ExitCode::kOk) return code;
    Talk(fmt::format("demo: done in {:.1f} s; results are in {}/out\n", seconds, directory));
    if (!arguments_.log.empty()) return code;
    return Check(directory, log + "/access.log");
  }

 private:
  void Talk(const std::string& text) { (void)env_.standard_error->Write(text); }

  Result<ExitCode> Check(const std::string& directory, const std::string& log) {
    const std::string script = directory + "/check.py";
    RETURN_IF_ERROR(WriteFile(env_, script, ClickstreamCheck()));
    if (std::system("python3 -c '' 2>/dev/null") != 0) {
      Talk("demo: python3 is not installed, so nothing counted again\n");
      return ExitCode::kOk;
    }
    Talk(fmt::format("demo: counting again with Python ({})\n", script));
    const std::string command = fmt::format("python3 '{}' '{}' '{}/out'", script, log, directory);
    if (std::system(command.c_str()) != 0) {
      return DataError("the independent count differs from the job's results");
    }
    return ExitCode::kOk;
  }

  const DemoArguments& arguments_;
  const Environment& env_;
};

}  // namespace

ExitCode DemoCommand(const DemoArguments& arguments, const Environment& env) {
  Demo demo(arguments, env);
  Result<ExitCode> code = demo.Run();
  if (code.ok()) return *code;
  (void)env.standard_error->Write("rhei demo: " + code.status().message() + "\n");
  return ExitCodeOf(code.status());
}

}  // namespace rhei
