#pragma once
// BindContext: what the binder may know of the session.
//
// The engine fills one in per statement. Ownership: it owns nothing; all must outlive the call.
// Thread-safety: one session thread.
#include <string>
#include <string_view>

#include "base/status.h"
#include "catalog/catalog.h"
#include "functions/function.h"
#include "plan/expr.h"

namespace rhei {

struct BindContext {
  Catalog* catalog = nullptr;
  // Time zone, batch or streaming, current catalog and database.
  SessionSettings settings;
  bool flink_dialect = false;  // 'rhei.sql.dialect' = 'flink-2.3': nothing but Flink's
  // The text that positions and ranges of the syntax tree refer to; views store parts of it.
  std::string_view text;
  // Where that text begins in the script that is run; unknown where statements come one by one.
  SqlPosition start;
  // Computes an expression without inputs; null: literals stay calls. Set by the engine.
  Result<Value> (*fold)(const BoundExprPtr& expr, const SessionSettings& settings) = nullptr;
};

}  // namespace rhei
