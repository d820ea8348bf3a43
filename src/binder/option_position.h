#pragma once
// Where in WITH (...) or a hint a complaint about options belongs. Connectors know options as text
// and name them in their messages; statements know where they stand. Thread-safety: pure functions.
#include <span>

#include "binder/bind_context.h"
#include "sql/ast_query.h"

namespace rhei {

// `failure` at the option that its message names (at the value where it quotes it), else or where
// that place is not known at `otherwise`. A failure that has a position keeps it.
Status AtOption(const Status& failure, const Options& options, const OptionPlaces& places,
                SqlPosition otherwise);

// Options of a declaration, which later statements may complain of, and their places in the script.
void DeclareOptions(const BindContext& context, std::span<const ast::Option> list, Table* table);
// Options of a hint, with their places in its statement.
void HintOptions(const ast::Hint& hint, Table* table);

}  // namespace rhei
