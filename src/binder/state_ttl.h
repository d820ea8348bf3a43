#pragma once
// The hint STATE_TTL('table' = 'duration', ..) of a SELECT: for how long the state of a join's
// side, or of the aggregate right over a table, keeps a row that is not written (0: for ever). A
// name is an alias, or a table's name with or without its database and catalog.
//
// Of several hints that name a table the first counts, within one hint the last.
// Thread-safety: pure.
#include <cstdint>
#include <span>

#include "base/status.h"
#include "binder/scope.h"
#include "sql/ast_query.h"

namespace rhei {

bool IsStateTtl(const ast::Hint& hint);
// Every name is one of `tables` and every value a duration, or Flink's error.
Status CheckStateTtl(std::span<const ast::Hint> hints, std::span<const ScopeTable> tables);
// What the hints say of a scope that is one table; -1: nothing. REQUIRES: CheckStateTtl is or will
// be called for them.
int64_t StateTtlOf(std::span<const ast::Hint> hints, const Scope& scope);

}  // namespace rhei
