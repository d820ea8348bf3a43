#pragma once
// CaseSession: an engine and a session of one case: the test connectors, one shard, UTC, Flink's
// dialect. Call order: make it in the case's own process, then Set, then run. Thread-safety: none.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/values/values.h"
#include "engine/session.h"

namespace rhei {

struct QueryRows {
  Schema schema;
  std::vector<ReceivedRow> rows;
  bool planned = false;  // false: the statement itself was refused
};

class CaseSession {
 public:
  // `env` outlives the session.
  explicit CaseSession(int parallelism = 1, const Environment* env = &RealEnvironment());

  // Runs a query to its end. Rows that came before a failure stay in `rows`.
  Status Collect(std::string_view sql, QueryRows* rows);
  // Gives `table` these rows; a column is read as the table's type says.
  Result<ScriptedSource> SourceOf(const std::string& table, const nlohmann::json& rows);
  // The name the RowStore knows a table by.
  ObjectPath PathOf(const std::string& table) { return session_->catalog().Resolve({table}); }

  Session& session() { return *session_; }
  RowStore& store() { return *store_; }

 private:
  std::shared_ptr<RowStore> store_;
  Engine engine_;
  std::unique_ptr<Session> session_;
};

// The rows of an operation, to its end; those that came before a failure stay.
Status CollectRows(Operation* operation, QueryRows* rows);
// The columns a sink receives, in order.
Schema SinkColumns(const Table& table);
// The columns a test source gives: physical ones, in order.
Schema PhysicalSchema(const Table& table);
// "+I" -> kInsert, ...; false for any other text.
bool ParseChangeKind(std::string_view symbol, ChangeKind* kind);

}  // namespace rhei
