#pragma once
// Rows of 'oracle-values': one a line, `[kind|]cell|cell` or `[kind]{json}` / `[kind][json]`, read
// with the JSON format's coercions.
#include <span>

#include "connectors/values/row_store.h"
#include "runtime/connector.h"

namespace rhei {

Result<ScriptedSource> ParseOracleRows(const SourceRequest& request,
                                       std::span<const OptionDef> defs);

}  // namespace rhei
