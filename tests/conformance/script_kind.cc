#include "conformance/script_kind.h"

#include <stdlib.h>

#include <cstdio>
#include <fstream>
#include <mutex>
#include <sstream>

#include <fmt/format.h>

#include "conformance/case_session.h"
#include "conformance/isolated_case.h"
#include "conformance/java_error.h"
#include "functions/value_text.h"
#include "sql/splitter.h"

namespace rhei {
namespace {

using Json = nlohmann::ordered_json;

// What the print connector writes.
class CapturedOutput final : public OutputStream {
 public:
  Status Write(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    text_ += text;
    return {};
  }
  std::string Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(text_, "");
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

void ReplaceAll(std::string* text, std::string_view from, std::string_view to) {
  if (from.empty()) return;
  for (size_t at = 0; (at = text->find(from, at)) != std::string::npos; at += to.size()) {
    text->replace(at, from.size(), to);
  }
}

// The kind of a statement that was refused, by its first word.
std::string_view KindOf(std::string_view statement) {
  constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
      {"SELECT", "QUERY"},  {"WITH", "QUERY"},      {"VALUES", "QUERY"},  {"(", "QUERY"},
      {"INSERT", "INSERT"}, {"UPDATE", "INSERT"},   {"DELETE", "INSERT"}, {"EXECUTE", "INSERT"},
      {"END", "INSERT"},    {"TRUNCATE", "INSERT"}, {"CREATE", "DDL"},    {"ALTER", "DDL"},
      {"DROP", "DDL"},      {"EXPLAIN", "EXPLAIN"}, {"SHOW", "SHOW"},     {"DESC", "DESCRIBE"},
      {"SET", "SET"},       {"RESET", "RESET"},     {"USE", "USE"},       {"BEGIN", "BEGIN"},
      {"CALL", "CALL"},     {"COMPILE", "COMPILE"},
  };
  std::string word(statement.substr(0, 8));
  for (char& c : word) c = static_cast<char>(toupper(c));
  for (const auto& [prefix, kind] : kKinds) {
    if (word.starts_with(prefix)) return kind;
  }
  return "OTHER";
}

Json RowJson(const ReceivedRow& row, const Schema& schema, const TimeZone& zone) {
  Json cells = Json::array();
  cells.push_back(ChangeKindSymbol(row.kind));
  for (size_t i = 0; i < schema.size(); ++i) {
    if (row.values[i].is_null()) {
      cells.push_back(nullptr);
    } else {
      cells.push_back(ValueToString(row.values[i], schema.type(i), zone));
    }
  }
  return cells;
}

std::string TypeText(const DataType& type) {
  std::string text = type.ToString();
  if (type.is_rowtime()) text += " *ROWTIME*";
  if (type.is_proctime()) text += " *PROCTIME*";
  return text;
}

class ScriptRun {
 public:
  ScriptRun(bool batch, int parallelism)
      : env_(EnvironmentWith(&printed_)), session_(parallelism, &env_) {
    if (batch) {
      CHECK(session_.session().settings().Set("execution.runtime-mode", "batch").ok());
      session_.session().settings().KeepAsInitial();
    }
  }

  Json Run(std::string_view statement) {
    Json out;
    session_.store().ClearReceived();
    stage_ = FailedStage::kStatement;
    Result<std::unique_ptr<Operation>> operation = session_.session().Execute(statement);
    Status status = operation.status();
    if (status.ok()) status = Describe(operation->get(), &out);
    if (status.ok()) return out;
    Json error;
    error["kind"] = "ERROR";
    error["of"] = KindOf(statement);
    const JavaError java = ToJavaError(status, stage_);
    error["error"] = java.text;
    error["error_class"] = java.error_class;
    error["error_chain"] = java.chain;
    return error;
  }

 private:
  static Environment EnvironmentWith(OutputStream* output) {
    Environment env = RealEnvironment();
    env.standard_output = output;
    return env;
  }

  Status Describe(Operation* operation, Json* out) {
    const OperationKind kind = operation->kind();
    (*out)["kind"] = OperationKindName(kind);
    const bool has_rows = kind == OperationKind::kQuery || kind == OperationKind::kShow ||
                          kind == OperationKind::kDescribe || kind == OperationKind::kExplain ||
                          kind == OperationKind::kOther;
    Json columns = Json::array();
    if (has_rows || kind == OperationKind::kInsert) {
      for (const Field& field : operation->schema().fields) {
        columns.push_back({{"name", field.name}, {"type", TypeText(field.type)}});
      }
    }
    (*out)["schema"] = std::move(columns);
    (*out)["rows"] = Json::array();
    if (has_rows) return Rows(operation, &(*out)["rows"]);
    const std::shared_ptr<Job> job = operation->job();
    if (job == nullptr) return {};
    stage_ = FailedStage::kInsertJob;
    RETURN_IF_ERROR(job->Wait());
    ASSIGN_OR_RETURN(const TimeZone zone, Zone());
    for (const std::string& table : session_.store().ReceivingTables()) {
      Json rows = Json::array();
      const Schema schema = SinkSchema(table);
      for (const ReceivedRow& row : session_.store().Received(table)) {
        rows.push_back(RowJson(row, schema, zone));
      }
      (*out)["sinks"][table] = std::move(rows);
    }
    std::istringstream lines(printed_.Take());
    for (std::string line; std::getline(lines, line);) (*out)["printed"].push_back(line);
    return {};
  }

  Status Rows(Operation* operation, Json* rows) {
    QueryRows found;
    stage_ = FailedStage::kQueryJob;
    RETURN_IF_ERROR(CollectRows(operation, &found));
    ASSIGN_OR_RETURN(const TimeZone zone, Zone());
    for (const ReceivedRow& row : found.rows) rows->push_back(RowJson(row, found.schema, zone));
    return {};
  }

  Result<TimeZone> Zone() {
    return TimeZone::Find(session_.session().settings().ForFunctions().time_zone);
  }

  // `table` as "catalog.database.table".
  Schema SinkSchema(const std::string& name) {
    std::vector<std::string> parts;
    std::istringstream text(name);
    for (std::string part; std::getline(text, part, '.');) parts.push_back(part);
    const Table* table =
        session_.session().catalog().FindTable(session_.session().catalog().Resolve(parts));
    return table == nullptr ? Schema() : SinkColumns(*table);
  }

  FailedStage stage_ = FailedStage::kStatement;  // of the statement that runs
  CapturedOutput printed_;
  Environment env_;
  CaseSession session_;
};

// The folder of a file, as an absolute path.
std::string FolderOf(const std::string& file) {
  char* path = realpath(file.c_str(), nullptr);
  std::string folder = path == nullptr ? file : path;
  free(path);
  const size_t slash = folder.rfind('/');
  return slash == std::string::npos ? "" : folder.substr(0, slash);
}

Json RunOne(const nlohmann::json& script, const std::string& file, int timeout_seconds) {
  const Outcome outcome = RunIsolated(RunScriptCase, script, file, timeout_seconds);
  if (outcome.details.contains("statements")) return outcome.details["statements"];
  Json crashed;
  crashed["stmt"] = 1;
  crashed["kind"] = "ERROR";
  crashed["error"] = outcome.details.value("message", "");
  return Json::array({crashed});
}

void PrintLine(const Json& line) {
  fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
  fflush(stdout);
}

}  // namespace

Outcome RunScriptCase(const nlohmann::json& script, const std::string&) {
  Outcome outcome;
  std::string sql = script.at("sql").get<std::string>();
  const std::string data = script.value("data", "");
  char out_folder[] = "/tmp/rhei-conformance-XXXXXX";
  const std::string out = mkdtemp(out_folder) == nullptr ? "/tmp" : out_folder;
  ReplaceAll(&sql, "${DATA}", data);
  ReplaceAll(&sql, "${OUT}", out);
  ScriptRun run(script.value("batch", false), script.value("parallelism", 1));
  Json statements = Json::array();
  StatementSplitter splitter(sql);
  while (const std::optional<StatementText> statement = splitter.Next()) {
    Json line;
    line["stmt"] = statements.size() + 1;
    line.update(run.Run(statement->text));
    statements.push_back(std::move(line));
  }
  std::string text = statements.dump(-1, ' ', false, Json::error_handler_t::replace);
  ReplaceAll(&text, out, "${OUT}");
  // Without --serve's "data" nothing is put in, so nothing is taken out.
  ReplaceAll(&text, data, "${DATA}");
  outcome.details["statements"] = Json::parse(text);
  outcome.status = CaseStatus::kPass;
  return outcome;
}

int RunScriptFiles(const std::vector<std::string>& files, const ScriptOptions& options) {
  int missing = 0;
  for (const std::string& file : files) {
    std::ifstream input(file);
    if (!input) {
      fmt::print(stderr, "rhei-conformance: {} is not here\n", file);
      ++missing;
      continue;
    }
    std::ostringstream sql;
    sql << input.rdbuf();
    const size_t slash = file.rfind('/');
    const nlohmann::json script = {{"sql", sql.str()},
                                   {"data", FolderOf(file)},
                                   {"batch", options.batch},
                                   {"parallelism", options.parallelism}};
    for (const Json& statement : RunOne(script, file, options.timeout_seconds)) {
      Json line;
      line["file"] = slash == std::string::npos ? file : file.substr(slash + 1);
      line.update(statement);
      PrintLine(line);
    }
  }
  return missing == 0 ? 0 : 2;
}

int ServeScripts(const ScriptOptions& options) {
  std::ifstream input("/dev/stdin");
  for (std::string line; std::getline(input, line);) {
    if (line.empty()) continue;
    Json answer;
    nlohmann::json script = nlohmann::json::parse(line, nullptr, false);
    if (!script.is_object() || !script.contains("sql")) {
      answer["error"] = "the line is no JSON object with \"sql\"";
    } else {
      if (script.contains("id")) answer["id"] = script["id"];
      script["batch"] = script.value("mode", "") == "batch";
      script["parallelism"] = options.parallelism;
      answer["statements"] = RunOne(script, "", options.timeout_seconds);
    }
    PrintLine(answer);
  }
  return 0;
}

}  // namespace rhei
