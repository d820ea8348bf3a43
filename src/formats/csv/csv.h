#pragma once
// The parts of the CSV format, for csv.cc.
#include <memory>
#include <optional>
#include <string>

#include "formats/format.h"

namespace rhei {

struct CsvOptions {
  char delimiter = ',';
  char quote = '"';  // 0: none
  char escape = 0;   // 0: none
  bool allow_comments = false;
  bool ignore_parse_errors = false;
  bool trim_spaces = false;
  bool ignore_trailing_unmappable = false;
  bool allow_trailing_comma = true;
  bool fail_on_missing_columns = false;
  bool empty_string_as_null = false;
  bool scientific_decimals = true;
  std::string array_delimiter = ";";
  std::optional<std::string> null_literal;
};

// Refuses MAP and MULTISET, and nesting below the elements of arrays and rows.
Status CheckCsvType(const DataType& type, std::string_view field);
std::unique_ptr<Decoder> MakeCsvDecoder(const CsvOptions& options);
std::unique_ptr<Encoder> MakeCsvEncoder(const CsvOptions& options);

}  // namespace rhei
