#include "conformance/java_error.h"

#include <span>
#include <string_view>

#include <fmt/format.h>

namespace rhei {
namespace {

struct Rule {
  std::string_view words;  // anywhere in the message
  std::string_view error_class;
};

constexpr std::string_view kValidation = "org.apache.flink.table.api.ValidationException";
constexpr std::string_view kTable = "org.apache.flink.table.api.TableException";

// What fails while rows flow.
constexpr Rule kRuntimeRules[] = {
    {"For input string", "java.lang.NumberFormatException"},
    {"by zero", "java.lang.ArithmeticException"},
    {"NOT NULL, however",
     "org.apache.flink.table.runtime.operators.sink.constraint.EnforcerException"},
    {"is being written into it",
     "org.apache.flink.table.runtime.operators.sink.constraint.EnforcerException"},
    {"date format", "java.time.DateTimeException"},
};

// What Flink finds after SQL validation, or by itself; everything else Calcite's validator finds.
constexpr Rule kPlanRules[] = {
    {"Column types of query result", kValidation},
    {"Cannot find table", kValidation},
    {"Table with identifier", kValidation},
    {"The query has an upsert key", kValidation},
    {"Could not find any factory", kValidation},
    {"Unsupported options found", kValidation},
    {"missing required options", kValidation},
    {"not supported currently", kTable},
    {"Sort on a non-time-attribute", kTable},
    {"HOP table function based", kTable},
    {"doesn't support consuming", kTable},
    {"does not support yet for streaming", kTable},
    {"A catalog with name", "org.apache.flink.table.catalog.exceptions.CatalogException"},
};

// The first line, without the operator ("Calc[1]: "), table or function it came up in.
std::string CauseOf(std::string_view message) {
  std::string cause(message.substr(0, message.find('\n')));
  for (size_t colon; (colon = cause.find(": ")) != std::string::npos;) {
    const std::string_view head = std::string_view(cause).substr(0, colon);
    const bool word = head.find(' ') == std::string_view::npos;
    const bool upper = head.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
    if (!word || !(upper || head.ends_with(']') || head.starts_with("default_catalog."))) break;
    cause.erase(0, colon + 2);
  }
  return cause;
}

std::string_view ClassBy(std::span<const Rule> rules, std::string_view text) {
  for (const Rule& rule : rules) {
    if (text.find(rule.words) != std::string_view::npos) return rule.error_class;
  }
  return {};
}

std::string PlaceOf(const SqlPosition& at) {
  if (at.line == 0) return "";
  const int last = at.end_column > 0 ? at.end_column - 1 : at.column;
  const int last_line = at.end_line > 0 ? at.end_line : at.line;
  if (last_line == at.line && last <= at.column) {
    return fmt::format("At line {}, column {}: ", at.line, at.column);
  }
  return fmt::format("From line {}, column {} to line {}, column {}: ", at.line, at.column,
                     last_line, last);
}

JavaError Chained(std::string text, std::string_view error_class, std::vector<std::string> outer) {
  JavaError error{std::move(text), std::string(error_class), std::move(outer)};
  error.chain.push_back(error.error_class + ": " + error.text);
  return error;
}

JavaError Parse(std::string text) {
  const std::string_view error_class = text.starts_with("Encountered")
                                           ? "org.apache.flink.sql.parser.impl.ParseException"
                                           : "org.apache.calcite.runtime.CalciteException";
  std::vector<std::string> outer = {
      "org.apache.flink.table.api.SqlParserException: SQL parse failed. " + text,
      "org.apache.calcite.sql.parser.SqlParseException: " + text};
  return Chained(std::move(text), error_class, std::move(outer));
}

JavaError Runtime(std::string text, FailedStage stage) {
  std::string_view error_class = ClassBy(kRuntimeRules, text);
  if (error_class.empty()) error_class = "java.lang.RuntimeException";
  const std::string table_exception(kTable);
  const std::string failed =
      "org.apache.flink.runtime.client.JobExecutionException: Job execution failed.";
  std::vector<std::string> outer;
  if (stage == FailedStage::kQueryJob) {
    outer = {"java.lang.RuntimeException: Failed to fetch next result",
             "java.io.IOException: Failed to fetch job execution result"};
  } else {
    outer = {table_exception + ": Failed to execute sql",
             table_exception + ": Fail to wait execution finish.",
             "java.util.concurrent.ExecutionException: " + table_exception +
                 ": Failed to wait job finish",
             table_exception + ": Failed to wait job finish"};
  }
  outer.push_back("java.util.concurrent.ExecutionException: " + failed);
  outer.push_back(failed);
  outer.emplace_back(
      "org.apache.flink.runtime.JobException: Recovery is suppressed by "
      "NoRestartBackoffTimeStrategy");
  return Chained(std::move(text), error_class, std::move(outer));
}

}  // namespace

JavaError ToJavaError(const Status& status, FailedStage stage) {
  const std::string message(status.message());
  std::string text = CauseOf(message);
  if (status.code() == ErrorCode::kUnsupported) {
    return {text, "unsupported", {"unsupported: " + text}};
  }
  constexpr std::string_view kParse = "SQL parse failed. ";
  if (text.starts_with(kParse)) return Parse(text.substr(kParse.size()));
  if (text.starts_with("Encountered \"")) return Parse(std::move(text));
  if (stage != FailedStage::kStatement) return Runtime(std::move(text), stage);
  constexpr std::string_view kExecute = "Could not execute ";
  if (const size_t colon = text.find("`: ");
      text.starts_with(kExecute) && colon != std::string::npos) {
    std::vector<std::string> outer = {std::string(kValidation) + ": " + text.substr(0, colon + 1)};
    text.erase(0, colon + 3);
    const bool exists = text.find("already exists") != std::string::npos;
    return Chained(std::move(text),
                   exists ? "org.apache.flink.table.catalog.exceptions.TableAlreadyExistException"
                          : kValidation,
                   std::move(outer));
  }
  if (text.find("requires the timecol to be") != std::string::npos) {
    std::vector<std::string> outer = {std::string(kValidation) + ": SQL validation failed. " +
                                      text};
    return Chained(std::move(text), kValidation, std::move(outer));
  }
  if (const std::string_view known = ClassBy(kPlanRules, text); !known.empty()) {
    return Chained(std::move(text), known, {});
  }
  if (const std::string_view known = ClassBy(kRuntimeRules, text); !known.empty()) {
    return Chained(std::move(text), known, {});  // a constant, computed while planning
  }
  const std::string place = PlaceOf(status.position());
  std::vector<std::string> outer = {std::string(kValidation) + ": SQL validation failed. " + place +
                                    text};
  if (!place.empty()) {
    outer.push_back("org.apache.calcite.runtime.CalciteContextException: " + place + text);
  }
  return Chained(std::move(text), "org.apache.calcite.sql.validate.SqlValidatorException",
                 std::move(outer));
}

}  // namespace rhei
