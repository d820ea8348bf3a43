#include "conformance/query_kinds.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "conformance/case_session.h"
#include "conformance/typed_json.h"
#include "functions/value_text.h"

namespace rhei {
namespace {

// What becomes of a case whose result is due and whose query failed.
CaseStatus StatusOfFailure(const Status& failure) {
  return failure.code() == ErrorCode::kUnsupported ? CaseStatus::kUnsupported : CaseStatus::kError;
}

void DescribeFailure(const Status& failure, const QueryRows& rows, Outcome* outcome) {
  outcome->details["phase"] =
      rows.planned || failure.code() == ErrorCode::kDataError ? "runtime" : "validation";
  outcome->details["message"] = failure.message();
}

// The fixture's tests of literals name their fields by the fields' values: `x` holds 'x_value'.
std::string WithLiteralFields(const std::string& sql, const std::string& file) {
  const size_t slash = file.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : file.substr(0, slash + 1);
  std::ifstream input(folder + "expressions-tables.json");
  const auto tables = nlohmann::json::parse(input, nullptr, false);
  if (tables.is_discarded() || !tables.contains("LiteralTest")) return sql;
  std::string columns;
  for (const nlohmann::json& field : tables["LiteralTest"]) {
    std::string name = field.value("scala", "");
    std::erase(name, '"');
    if (name.ends_with("_value")) name.resize(name.size() - 6);
    if (!columns.empty()) columns += ", ";
    columns += fmt::format("{} AS `{}`", field.value("sql", ""), name);
  }
  return fmt::format("{} FROM (SELECT {}) AS testTable", sql, columns);
}

// STRING and BYTES by their long names, spaces and quotes alike, so that equal types are equal
// texts.
std::string PlainTypeText(std::string text) {
  const auto replace = [&text](std::string_view from, std::string_view to) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
      text.replace(at, from.size(), to);
    }
  };
  replace("VARCHAR(2147483647)", "STRING");
  replace("VARBINARY(2147483647)", "BYTES");
  for (int precision = 0; precision <= 9; ++precision) {
    replace(fmt::format("TIMESTAMP({}) WITH LOCAL TIME ZONE", precision),
            fmt::format("TIMESTAMP_LTZ({})", precision));
  }
  return text;
}

std::vector<std::string> TypeTexts(const Schema& schema) {
  std::vector<std::string> texts;
  for (const Field& field : schema.fields) texts.push_back(field.type.ToString());
  return texts;
}

bool SameTypes(const nlohmann::json& expected, const Schema& schema) {
  if (expected.is_string()) {
    Schema renamed = schema;
    for (size_t i = 0; i < renamed.size(); ++i) renamed.fields[i].name = fmt::format("f{}", i);
    const std::string text = PlainTypeText(DataType::Row(renamed.fields).ToString());
    const std::string wanted = PlainTypeText(expected.get<std::string>());
    return text == wanted || text + " NOT NULL" == wanted;
  }
  const std::vector<std::string> actual = TypeTexts(schema);
  if (expected.size() != actual.size()) return false;
  for (size_t i = 0; i < actual.size(); ++i) {
    if (PlainTypeText(expected[i].get<std::string>()) != PlainTypeText(actual[i])) return false;
  }
  return true;
}

// The fixture's inputs are columns that may be NULL; its SQL has them as constants in a sub-query,
// for which Flink derives NOT NULL. Plans the query over a table of such columns; false: it has
// another form.
bool PlanOverNullableInputs(const std::string& sql, CaseSession* session, Schema* schema) {
  constexpr std::string_view kBegin = " FROM (SELECT ", kEnd = ") AS T";
  const size_t begin = sql.find(kBegin);
  if (begin == std::string::npos || !sql.ends_with(kEnd)) return false;
  const size_t query = begin + std::string_view(" FROM (").size();
  const Result<PreparedJob> inputs =
      session->session().Prepare(sql.substr(query, sql.size() - kEnd.size() - query));
  if (!inputs.ok()) return false;
  std::string columns;
  for (const Field& field : inputs->schema.fields) {
    if (!columns.empty()) columns += ", ";
    columns += fmt::format("`{}` {}", field.name, field.type.WithNullable(true).ToString());
  }
  const std::string ddl =
      fmt::format("CREATE TABLE nullable_inputs ({}) WITH ('connector' = 'values')", columns);
  if (!session->session().Execute(ddl).ok()) return false;
  const Result<PreparedJob> prepared =
      session->session().Prepare(sql.substr(0, begin) + " FROM nullable_inputs AS T");
  if (prepared.ok()) *schema = prepared->schema;
  return prepared.ok();
}

nlohmann::json RowJson(const ReceivedRow& row, const Schema& schema) {
  nlohmann::json fields = nlohmann::json::array();
  for (size_t i = 0; i < schema.size(); ++i) {
    fields.push_back(TypedJson(row.values[i], schema.type(i)));
  }
  return fields;
}

// The table a changelog ends with: rows as texts, in order. False: takes back what is not there.
bool Materialize(const std::vector<std::pair<ChangeKind, std::string>>& changelog,
                 std::vector<std::string>* table) {
  for (const auto& [kind, row] : changelog) {
    if (IsAddition(kind)) {
      table->push_back(row);
      continue;
    }
    const auto found = std::find(table->begin(), table->end(), row);
    if (found == table->end()) return false;
    table->erase(found);
  }
  std::sort(table->begin(), table->end());
  return true;
}

bool SameTable(const nlohmann::json& expected, const QueryRows& rows) {
  std::vector<std::pair<ChangeKind, std::string>> wanted, actual;
  for (const nlohmann::json& row : expected) {
    ChangeKind kind = ChangeKind::kInsert;
    if (!ParseChangeKind(row.at("k").get<std::string>(), &kind)) return false;
    wanted.emplace_back(kind, WithSortedMaps(row.at("f")).dump());
  }
  for (const ReceivedRow& row : rows.rows) {
    actual.emplace_back(row.kind, WithSortedMaps(RowJson(row, rows.schema)).dump());
  }
  std::vector<std::string> wanted_table, actual_table;
  return Materialize(wanted, &wanted_table) && Materialize(actual, &actual_table) &&
         wanted_table == actual_table;
}

// "{table.local-time-zone=Asia/Shanghai}"
Status ApplyConf(std::string conf, Settings* settings) {
  if (conf.size() < 2) return {};
  conf = conf.substr(1, conf.size() - 2);
  while (!conf.empty()) {
    const size_t comma = std::min(conf.find(", "), conf.size());
    const std::string entry = conf.substr(0, comma);
    conf.erase(0, comma + 2);
    const size_t equals = entry.find('=');
    if (equals == std::string::npos) continue;
    RETURN_IF_ERROR(settings->Set(entry.substr(0, equals), entry.substr(equals + 1)));
  }
  return {};
}

// The table an aggregate's rows come from.
Status MakeSource(const nlohmann::json& source, CaseSession* session) {
  const std::string table = source.at("table").get<std::string>();
  std::string columns = source.at("row_type").get<std::string>();
  columns = columns.substr(4, columns.rfind('>') - 4);
  if (source.contains("rowtime") && source["rowtime"].is_string()) {
    columns += fmt::format(", WATERMARK FOR `{}` AS {}", source["rowtime"].get<std::string>(),
                           source.at("watermark").get<std::string>());
  }
  const std::string ddl = fmt::format(
      "CREATE TABLE {} ({}) WITH ('connector' = 'values', 'changelog-mode' = 'I,UB,UA,D')", table,
      columns);
  RETURN_IF_ERROR(session->session().Execute(ddl).status());
  ASSIGN_OR_RETURN(ScriptedSource rows, session->SourceOf(table, source.at("rows")));
  session->store().sources[session->PathOf(table).Summary()] = rows;
  session->store().sources[session->PathOf(table).ToString()] = std::move(rows);
  return {};
}

// Whether the refusal comes in the phase where it is due.
CaseStatus StatusOfRefusal(const nlohmann::json& test_case, const Status& failure,
                           const Outcome& outcome) {
  if (failure.ok()) return CaseStatus::kFail;
  if (failure.code() == ErrorCode::kUnsupported) return CaseStatus::kUnsupported;
  if (!test_case.contains("phase")) return CaseStatus::kPass;
  // The error of a constant may show before any row, when it is computed ahead.
  const bool ahead = test_case["phase"] == "runtime" && !test_case["error"].is_null() &&
                     test_case["error"] == failure.message();
  const bool same = ahead || test_case["phase"] == outcome.details["phase"];
  return same ? CaseStatus::kPass : CaseStatus::kFail;
}

}  // namespace

Outcome RunExpressionCase(const nlohmann::json& test_case, const std::string& file) {
  Outcome outcome;
  CaseSession session;
  std::string zone_name = "UTC";
  // The fixture sets the zone in code, in the tests it names so.
  if (test_case.value("test", "").find("Shanghai") != std::string::npos) {
    zone_name = "Asia/Shanghai";
    CHECK(session.session().settings().Set("table.local-time-zone", zone_name).ok());
  }
  std::string sql = test_case.at("sql").get<std::string>();
  if (test_case.at("id").get<std::string>().starts_with("LiteralTest") &&
      sql.find(" FROM ") == std::string::npos) {
    sql = WithLiteralFields(sql, file);
  }
  QueryRows rows;
  const Status status = session.Collect(sql, &rows);
  if (!status.ok()) DescribeFailure(status, rows, &outcome);
  if (rows.planned) outcome.details["types"] = TypeTexts(rows.schema);
  if (test_case.at("expect") == "error") {
    outcome.status = StatusOfRefusal(test_case, status, outcome);
    return outcome;
  }
  if (!status.ok()) {
    outcome.status = StatusOfFailure(status);
    return outcome;
  }
  outcome.status = CaseStatus::kFail;
  if (rows.rows.size() != 1 || rows.schema.size() != 1) {
    outcome.details["message"] = fmt::format("{} rows", rows.rows.size());
    return outcome;
  }
  const Result<TimeZone> zone = TimeZone::Find(zone_name);
  CHECK(zone.ok());
  const std::string actual = ValueToString(rows.rows[0].values[0], rows.schema.type(0), *zone);
  outcome.details["actual"] = actual;
  // No text: any value will do, as of RAND.
  const nlohmann::json& expected = test_case.at("expected");
  if (expected.is_null() || expected == actual) outcome.status = CaseStatus::kPass;
  return outcome;
}

Outcome RunFunctionCase(const nlohmann::json& test_case, const std::string&) {
  Outcome outcome;
  CaseSession session;
  QueryRows rows;
  Status status = ApplyConf(test_case.value("conf", ""), &session.session().settings());
  if (status.ok() && test_case.contains("source")) {
    status = MakeSource(test_case["source"], &session);
  }
  if (!status.ok()) {
    outcome.details["message"] = status.message();
    outcome.status = StatusOfFailure(status);
    return outcome;
  }
  const std::string sql = test_case.at("sql").get<std::string>();
  status = session.Collect(sql, &rows);
  if (!status.ok()) DescribeFailure(status, rows, &outcome);
  if (rows.planned) outcome.details["types"] = TypeTexts(rows.schema);
  const std::string expect = test_case.at("expect").get<std::string>();
  if (expect == "error") {
    outcome.status = StatusOfRefusal(test_case, status, outcome);
    return outcome;
  }
  if (!status.ok()) {
    outcome.status = StatusOfFailure(status);
    return outcome;
  }
  nlohmann::json actual = nlohmann::json::array();
  bool same = SameTypes(test_case.at("types"), rows.schema);
  Schema with_nullable_inputs;
  if (!same && PlanOverNullableInputs(sql, &session, &with_nullable_inputs)) {
    same = SameTypes(test_case.at("types"), with_nullable_inputs);
    outcome.details["types_over_nullable_inputs"] = TypeTexts(with_nullable_inputs);
  }
  const nlohmann::json& expected = test_case.at("result");
  if (expect == "value") {
    if (rows.rows.size() == 1) actual = RowJson(rows.rows[0], rows.schema);
    same = same && rows.rows.size() == 1 && WithSortedMaps(actual) == WithSortedMaps(expected);
  } else if (expect == "materialized_rows") {
    for (const ReceivedRow& row : rows.rows) {
      actual.push_back({{"k", ChangeKindSymbol(row.kind)}, {"f", RowJson(row, rows.schema)}});
    }
    same = same && SameTable(expected, rows);
  } else {
    same = false;
    outcome.details["message"] = fmt::format("no comparison is called {}", expect);
  }
  outcome.details["actual"] = std::move(actual);
  outcome.status = same ? CaseStatus::kPass : CaseStatus::kFail;
  return outcome;
}

}  // namespace rhei
