// rhei-conformance --kind KIND [--minimum PERCENT] [--status FILE] FILE: runs a file of cases and
// prints one JSON line for each, and the counts; --status writes kind, id, occurrence and status.
// --kind savepoints runs those cases of programs that are restored in their middle, through a
// savepoint in a new process. --kind scripts FILE.sql... and --serve run SQL scripts and print the
// oracle's form. Exit code: 0, 1 when fewer than PERCENT pass, 2 for a wrong command line, 77 when
// FILE does not exist (which CTest shows as skipped).
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conformance/isolated_case.h"
#include "conformance/parser_kind.h"
#include "conformance/program_kind.h"
#include "conformance/query_kinds.h"
#include "conformance/script_kind.h"

namespace rhei {
namespace {

constexpr int kCaseSecondsMax = 60;
constexpr int kExitSkipped = 77;

struct Kind {
  std::string_view name;
  RunCase run;
  bool (*selects)(const nlohmann::json& test_case) = nullptr;  // null: every case of the file
  bool isolated = false;                                       // starts processes of its own
};

// One line for each kind of case.
constexpr Kind kKinds[] = {
    {"parser", RunParserCase},
    {"expressions", RunExpressionCase},
    {"functions", RunFunctionCase},
    {"programs", RunProgramCase},
    {"savepoints", RunSavepointCase, HasSavepoint, true},
};

struct Arguments {
  const Kind* kind = nullptr;
  double minimum_percent = 0;
  std::string file;
  std::string status_file;
  bool scripts = false;
  bool serve = false;
  ScriptOptions script_options;
  std::vector<std::string> files;
};

std::optional<Arguments> ParseArguments(const std::vector<std::string>& words) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--kind" && i + 1 < words.size()) {
      ++i;
      arguments.scripts = words[i] == "scripts";
      for (const Kind& kind : kKinds) {
        if (kind.name == words[i]) arguments.kind = &kind;
      }
    } else if (words[i] == "--minimum" && i + 1 < words.size()) {
      arguments.minimum_percent = std::strtod(words[++i].c_str(), nullptr);
    } else if (words[i] == "--status" && i + 1 < words.size()) {
      arguments.status_file = words[++i];
    } else if (words[i] == "--serve") {
      arguments.serve = true;
    } else if (words[i] == "--batch") {
      arguments.script_options.batch = true;
    } else if (words[i] == "--parallelism" && i + 1 < words.size()) {
      arguments.script_options.parallelism = std::max(std::atoi(words[++i].c_str()), 1);
    } else if (words[i] == "--timeout" && i + 1 < words.size()) {
      arguments.script_options.timeout_seconds = std::max(std::atoi(words[++i].c_str()), 1);
    } else {
      arguments.file = words[i];
      arguments.files.push_back(words[i]);
    }
  }
  if (arguments.serve || (arguments.scripts && !arguments.files.empty())) return arguments;
  if (arguments.kind == nullptr || arguments.file.empty()) return std::nullopt;
  return arguments;
}

int RunFile(const Arguments& arguments) {
  std::ifstream input(arguments.file);
  if (!input) {
    fmt::print("skipped: {} is not here\n", arguments.file);
    return kExitSkipped;
  }
  const size_t slash = arguments.file.rfind('/');
  const std::string base =
      slash == std::string::npos ? arguments.file : arguments.file.substr(slash + 1);
  const Kind& kind = *arguments.kind;
  std::map<std::string, int> occurrences;
  std::string statuses;
  size_t counts[4] = {};
  size_t total = 0;
  size_t line_number = 0;
  std::string line;
  while (std::getline(input, line)) {
    ++line_number;
    if (line.empty()) continue;
    Outcome outcome;
    const auto test_case = nlohmann::json::parse(line, nullptr, false);
    if (test_case.is_discarded()) {
      outcome.details["message"] = "the line is not JSON";
    } else if (kind.selects != nullptr && !kind.selects(test_case)) {
      continue;
    } else if (kind.isolated) {
      outcome = kind.run(test_case, arguments.file);
    } else {
      outcome = RunIsolated(kind.run, test_case, arguments.file, kCaseSecondsMax);
    }
    nlohmann::ordered_json out;
    out["id"] = test_case.is_object() && test_case.contains("id")
                    ? test_case["id"]
                    : nlohmann::json(fmt::format("{}#{}", base, line_number));
    out["status"] = kCaseStatusNames[static_cast<size_t>(outcome.status)];
    out.update(outcome.details);
    fmt::print("{}\n", out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    const std::string id = out["id"].is_string() ? out["id"].get<std::string>() : out["id"].dump();
    statuses += fmt::format("{}\t{}\t{}\t{}\n", kind.name, id, ++occurrences[id],
                            kCaseStatusNames[static_cast<size_t>(outcome.status)]);
    ++counts[static_cast<size_t>(outcome.status)];
    ++total;
  }
  nlohmann::ordered_json summary;
  for (size_t i = 0; i < 4; ++i) summary[std::string(kCaseStatusNames[i])] = counts[i];
  summary["total"] = total;
  fmt::print("{}\n", summary.dump());
  if (!arguments.status_file.empty()) std::ofstream(arguments.status_file) << statuses;
  const double percent =
      total == 0 ? 0 : 100.0 * static_cast<double>(counts[0]) / static_cast<double>(total);
  return percent >= arguments.minimum_percent ? 0 : 1;
}

}  // namespace
}  // namespace rhei

int main(int argc, char** argv) {
  const std::optional<rhei::Arguments> arguments =
      rhei::ParseArguments(std::vector<std::string>(argv + 1, argv + argc));
  if (!arguments) {
    fmt::print(
        stderr,
        "usage: rhei-conformance --kind parser|expressions|functions|programs|savepoints "
        "[--minimum PERCENT] [--status FILE] FILE\n"
        "       rhei-conformance --kind scripts [--batch] [--parallelism N] [--timeout SECONDS] "
        "(FILE.sql... | --serve)\n");
    return 2;
  }
  if (arguments->serve) return rhei::ServeScripts(arguments->script_options);
  if (arguments->scripts) return rhei::RunScriptFiles(arguments->files, arguments->script_options);
  return rhei::RunFile(*arguments);
}
