#pragma once
// --kind expressions: a query of one cell and the text of its value. --kind functions: a query, the
// exact types it has and its rows, or the phase in which it must be refused.
// Thread-safety: one case a process.
#include "conformance/outcome.h"

namespace rhei {

Outcome RunExpressionCase(const nlohmann::json& test_case, const std::string& file);
Outcome RunFunctionCase(const nlohmann::json& test_case, const std::string& file);

}  // namespace rhei
