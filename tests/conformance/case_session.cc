#include "conformance/case_session.h"

#include <fmt/format.h>

#include "conformance/typed_json.h"

namespace rhei {
namespace {

// A query that gives nothing for so long hangs.
constexpr int64_t kQuietMicrosMax = 30'000'000;

constexpr std::pair<std::string_view, std::string_view> kSettings[] = {
    {"rhei.sql.dialect", "flink-2.3"},
    {"table.local-time-zone", "UTC"},
    {"pipeline.auto-watermark-interval", "0 ms"},
    {"table.dml-sync", "true"},
};

}  // namespace

CaseSession::CaseSession(int parallelism, const Environment* env)
    : store_(std::make_shared<RowStore>()), engine_({.env = env, .cores = parallelism}) {
  for (std::unique_ptr<ConnectorFactory>& factory : MakeTestConnectors(store_)) {
    engine_.AddConnector(std::move(factory));
  }
  session_ = Session::Make(&engine_, {.name = "case.sql", .parallelism = parallelism});
  for (const auto& [key, value] : kSettings) {
    CHECK(session_->settings().Set(key, value).ok());
  }
  session_->settings().KeepAsInitial();
}

Status CaseSession::Collect(std::string_view sql, QueryRows* rows) {
  ASSIGN_OR_RETURN(std::unique_ptr<Operation> operation, session_->Execute(sql));
  return CollectRows(operation.get(), rows);
}

Status CollectRows(Operation* operation, QueryRows* rows) {
  rows->planned = true;
  rows->schema = operation->schema();
  while (true) {
    Batch batch;
    ASSIGN_OR_RETURN(const FetchResult fetched, operation->Fetch(kQuietMicrosMax, &batch));
    if (fetched == FetchResult::kEnd) return {};
    if (fetched == FetchResult::kNotReady) return DataError("no row and no end for 30 s");
    for (int32_t i = 0; i < batch.row_count; ++i) {
      ReceivedRow row{batch.change(i), {}};
      for (size_t c = 0; c < rows->schema.size(); ++c) {
        row.values.push_back(GetValue(batch.columns[c], i, rows->schema.type(c)));
      }
      rows->rows.push_back(std::move(row));
    }
  }
}

Result<ScriptedSource> CaseSession::SourceOf(const std::string& table, const nlohmann::json& rows) {
  const Table* found = session_->catalog().FindTable(PathOf(table));
  if (found == nullptr) return NotFound(fmt::format("no table {}", table));
  const Schema schema = PhysicalSchema(*found);
  ScriptedSource source;
  for (const nlohmann::json& row : rows) {
    ScriptElement element;
    if (!ParseChangeKind(row.at("k").get<std::string>(), &element.kind)) {
      return InvalidArgument(fmt::format("no change kind: {}", row.dump()));
    }
    const nlohmann::json& fields = row.at("f");
    if (fields.size() != schema.size()) {
      return InvalidArgument(
          fmt::format("{} fields for {} columns of {}", fields.size(), schema.size(), table));
    }
    for (size_t i = 0; i < schema.size(); ++i) {
      ASSIGN_OR_RETURN(Value value, ValueOfTypedJson(fields[i], schema.type(i)));
      element.values.push_back(std::move(value));
    }
    source.elements.push_back(std::move(element));
  }
  return source;
}

Schema SinkColumns(const Table& table) {
  Schema schema;
  for (const TableColumn& column : table.columns) {
    if (column.kind != TableColumn::Kind::kComputed) {
      schema.fields.push_back({column.name, column.type, ""});
    }
  }
  return schema;
}

Schema PhysicalSchema(const Table& table) {
  Schema schema;
  for (const TableColumn& column : table.columns) {
    if (column.kind == TableColumn::Kind::kPhysical) {
      schema.fields.push_back({column.name, column.type, ""});
    }
  }
  return schema;
}

bool ParseChangeKind(std::string_view symbol, ChangeKind* kind) {
  for (ChangeKind each : {ChangeKind::kInsert, ChangeKind::kUpdateBefore, ChangeKind::kUpdateAfter,
                          ChangeKind::kDelete}) {
    if (ChangeKindSymbol(each) != symbol) continue;
    *kind = each;
    return true;
  }
  return false;
}

}  // namespace rhei
