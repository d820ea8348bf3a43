#pragma once
// Rows of test tables from text, by the JSON format's coercions: the cells of a test file, and the
// rows of 'oracle-values' (one a line, `[kind|]cell|cell` or `[kind]{json}` / `[kind][json]`).
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/values/row_store.h"
#include "runtime/connector.h"

namespace rhei {

// One row of cells as a JSON object; a cell without text is NULL. Cells of ARRAY, MAP and ROW are
// JSON already.
std::string JsonObjectOf(const Schema& schema,
                         const std::vector<std::optional<std::string>>& cells);
// The objects as rows of `schema`. `name` is the table's, for messages.
Result<std::vector<std::vector<Value>>> DecodeObjects(const Schema& schema,
                                                      const std::vector<std::string>& objects,
                                                      const std::string& name,
                                                      const std::string& time_zone);

Result<ScriptedSource> ParseOracleRows(const SourceRequest& request,
                                       std::span<const OptionDef> defs);

}  // namespace rhei
