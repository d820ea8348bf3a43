#pragma once
// --kind programs: sources with rows, sinks with the rows they must receive, and in most cases a
// stop with a savepoint in the middle. Rows compare in any order. Thread-safety: one case a
// process.
#include "conformance/outcome.h"

namespace rhei {

Outcome RunProgramCase(const nlohmann::json& test_case, const std::string& file);

}  // namespace rhei
