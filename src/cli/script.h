#pragma once
// A SQL script as the commands run it: read whole, split into statements, errors shown in place.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "cli/commands.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "sql/splitter.h"

namespace rhei {

struct Script {
  std::string name;  // for messages: the path, "<stdin>", "-e"
  std::string text;
  std::string path = {};  // absolute; empty: from no file
};

Result<Script> ReadScript(const ScriptArguments& arguments, const Environment& env);

// Of an engine that only looks at statements, and of one that runs them.
EngineOptions CheckingEngine(const Environment& env);
EngineOptions RunningEngine(const SessionArguments& arguments, const Environment& env);

// A session with the -D settings and the -i file applied, which holds only definitions. Errors are
// printed; null then. `job_sinks`: of each job of the script, as CheckScript found them; from one
// who marks them as finished when all of them are, and waits for those that are to be waited for.
std::unique_ptr<Session> OpenSession(Engine* engine, const SessionArguments& arguments,
                                     const Script& script, const Environment& env, ExitCode* code,
                                     const std::vector<std::vector<std::string>>& job_sinks = {});

// Executes the statements of the -i file, definitions and settings; errors are printed. An empty
// path: nothing.
ExitCode RunInitFile(const std::string& path, const Script& script, const Environment& env,
                     const std::function<Status(std::string_view)>& execute);

// Prints an error of the statement at its place in the script; gives its exit code.
ExitCode ReportError(const Status& status, const Script& script, const StatementText* statement,
                     const Environment& env);

// Checks every statement of the script in a session of its own, so that a wrong one is found before
// anything runs. `job_sinks`: the sinks of each job that it would start.
ExitCode CheckScript(Engine* engine, const SessionArguments& arguments, const Script& script,
                     const Environment& env,
                     std::vector<std::vector<std::string>>* job_sinks = nullptr);

// The path from the root, with the links of its directories resolved where they exist.
Result<std::string> AbsolutePath(const std::string& path);

// Whether standard error is a terminal that takes colours and moving lines.
bool IsTerminal();
bool UsesColor();

}  // namespace rhei
