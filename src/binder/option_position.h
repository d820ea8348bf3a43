#pragma once
// Where in WITH (...) a complaint about options belongs. Connectors know options as text and name
// them in their messages; the statement knows where they stand. Thread-safety: pure function.
#include <vector>

#include "base/status.h"
#include "sql/ast_table.h"

namespace rhei {

// `failure` at the option that its message names (at the value where it quotes it), else at
// `otherwise`. A failure that has a position keeps it.
Status AtOption(const Status& failure, const std::vector<ast::Option>& options,
                SqlPosition otherwise);

}  // namespace rhei
