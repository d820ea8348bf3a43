#pragma once
// What became of one conformance case, as it is printed. Thread-safety: plain data.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace rhei {

enum class CaseStatus : uint8_t {
  kPass,
  kFail,         // A wrong value, type or text, or accepted what must be refused.
  kError,        // Refused or broke where a result is due.
  kUnsupported,  // Refused by name.
};

inline constexpr std::string_view kCaseStatusNames[] = {"pass", "fail", "error", "unsupported"};

struct Outcome {
  CaseStatus status = CaseStatus::kError;
  // Further members of the printed object: "actual", "message", "types", ...
  nlohmann::ordered_json details = nlohmann::ordered_json::object();
};

// Runs one case of a kind. `file` is the path of the case's file, for data beside it.
using RunCase = Outcome (*)(const nlohmann::json& test_case, const std::string& file);

}  // namespace rhei
