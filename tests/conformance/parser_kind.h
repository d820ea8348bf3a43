#pragma once
// --kind parser: texts that must parse, with their canonical form, or must be refused.
// The habits of the fixture are undone here and nowhere else: names are upper-cased before parsing,
// double quotes taken for backquotes, `^` marks removed. Thread-safety: pure.
#include "conformance/outcome.h"

namespace rhei {

Outcome RunParserCase(const nlohmann::json& test_case, const std::string& file);

}  // namespace rhei
