#pragma once
// --kind programs: sources with rows, sinks with the rows they must receive, and in most cases a
// stop with a savepoint in the middle. Rows compare in any order. Thread-safety: one case a
// process.
//
// --kind savepoints: those of these cases that have a middle. The first process runs to it and
// stops its durable job with a savepoint; a second one, which shares nothing with the first but the
// directory, goes on from there and compares the rows of both.
#include "conformance/outcome.h"

namespace rhei {

// In one process: the restore is from a checkpoint in memory.
Outcome RunProgramCase(const nlohmann::json& test_case, const std::string& file);

bool HasSavepoint(const nlohmann::json& test_case);
// Starts the two processes: to be called where no thread runs yet.
Outcome RunSavepointCase(const nlohmann::json& test_case, const std::string& file);

}  // namespace rhei
