#pragma once
// How Flink's error messages spell types: <NUMERIC> for a family, INTEGER ARRAY for a type.
// Thread-safety: pure functions.
#include <string>
#include <string_view>
#include <vector>

#include "types/data_type.h"

namespace rhei {

// "INTEGER", "VARCHAR(2147483647)", "INTEGER ARRAY".
std::string TypeInMessages(const DataType& type);
// "NUMERIC", "CHARACTER", "BOOLEAN"; a nested type in full.
std::string FamilyInMessages(const DataType& type);
// "f(<NUMERIC>, <CHARACTER>)".
std::string SignatureInMessages(std::string_view name, const std::vector<DataType>& types);
// "a: INT, b: STRING NOT NULL", as the mismatch of a query and its sink is told.
std::string SchemaInMessages(const std::vector<Field>& fields);

}  // namespace rhei
