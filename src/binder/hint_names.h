#pragma once
// The hints of Flink 2.3, behind SELECT or a table. Thread-safety: pure function.
#include <span>

#include "base/status.h"
#include "sql/ast_query.h"

namespace rhei {

// Flink's error for a hint that there is not, and for OPTIONS without 'key' = 'value'.
Status CheckHints(std::span<const ast::Hint> hints);

}  // namespace rhei
