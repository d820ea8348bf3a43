#pragma once
// Runs one case in a process of its own, so that a crash or a hang costs only that case.
//
// Call order: before the process starts any thread. Thread-safety: none.
#include "conformance/outcome.h"

namespace rhei {

// The outcome, or kError when the case crashed or took longer than `seconds_max`.
Outcome RunIsolated(RunCase run, const nlohmann::json& test_case, const std::string& file,
                    int seconds_max);

}  // namespace rhei
