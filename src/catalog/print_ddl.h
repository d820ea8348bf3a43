#pragma once
// SHOW CREATE TABLE and SHOW CREATE VIEW: the statement that would make a catalog object, in
// Flink's layout. Thread-safety: pure functions.
#include <string>
#include <string_view>

#include "catalog/catalog.h"

namespace rhei {

// `name`, with back-quotes in it doubled.
std::string QuoteIdentifier(std::string_view name);
// 'text', with single quotes in it doubled.
std::string QuoteText(std::string_view text);

// The statement that makes `table`; a view's when it is one.
std::string PrintCreateTable(const Table& table);
std::string PrintCreateModel(const ModelDeclaration& model);

}  // namespace rhei
