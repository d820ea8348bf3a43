#pragma once
// --kind scripts: runs SQL scripts statement by statement and prints the oracle's form: one JSON
// object a statement with its rows, or what its sinks and the print connector received. Thread-
// safety: one script a process.
#include <string>
#include <vector>

#include "conformance/outcome.h"

namespace rhei {

// `script` has "sql", "data" (for ${DATA}), "batch" and "parallelism"; details hold "statements".
Outcome RunScriptCase(const nlohmann::json& script, const std::string& file);

struct ScriptOptions {
  bool batch = false;
  int parallelism = 1;
  int timeout_seconds = 60;
};

// One line a statement of each file.
int RunScriptFiles(const std::vector<std::string>& files, const ScriptOptions& options);
// Answers each line {"id", "sql", "mode", "data"} with {"id", "statements"}.
int ServeScripts(const ScriptOptions& options);

}  // namespace rhei
