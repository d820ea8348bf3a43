#pragma once
// Answers of Flink 2.3 (the oracle) to tables over small files: what a format makes of `file`. For
// tests only.
#include <map>
#include <span>
#include <string>

#include "formats/testing.h"

namespace rhei {

struct OracleCase {
  const char* columns;  // "a INT, b STRING"
  const char* options;  // "key=value;key=value"
  std::string file;
  const char* selected;  // "a, b"; empty: all columns
  std::string expected;  // "1,x|2,y", or "error"
};

namespace oracle {

// The part of `text` before the first `separator` outside brackets; cuts it off.
inline std::string CutField(std::string* text, char separator) {
  int depth = 0;
  size_t end = 0;
  for (; end < text->size(); ++end) {
    const char c = (*text)[end];
    if (c == separator && depth == 0) break;
    depth += c == '<' || c == '(' ? 1 : c == '>' || c == ')' ? -1 : 0;
  }
  std::string part = text->substr(0, end);
  text->erase(0, end + 1);
  while (!part.empty() && part.front() == ' ') part.erase(0, 1);
  while (!part.empty() && part.back() == ' ') part.pop_back();
  return part;
}

inline Schema ParseColumns(std::string text);

inline DataType ParseType(const std::string& text) {
  static const std::map<std::string, DataType> kPlain = {
      {"BOOLEAN", DataType::Boolean()},   {"TINYINT", DataType::TinyInt()},
      {"SMALLINT", DataType::SmallInt()}, {"INT", DataType::Int()},
      {"BIGINT", DataType::BigInt()},     {"FLOAT", DataType::Float()},
      {"DOUBLE", DataType::Double()},     {"STRING", DataType::String()},
      {"DATE", DataType::Date()},         {"TIME", DataType::Time(0)},
      {"BYTES", DataType::Bytes()},       {"VARIANT", DataType::Variant()}};
  if (const auto plain = kPlain.find(text); plain != kPlain.end()) return plain->second;
  const size_t open = text.find_first_of("(<");
  CHECK(open != std::string::npos);
  const std::string name = text.substr(0, open);
  std::string inner = text.substr(open + 1, text.size() - open - 2);
  if (name == "ARRAY") return DataType::Array(ParseType(inner));
  if (name == "MULTISET") return DataType::Multiset(ParseType(inner));
  if (name == "ROW") return DataType::Row(ParseColumns(inner).fields);
  const std::string first = CutField(&inner, ',');
  if (name == "MAP") return DataType::Map(ParseType(first), ParseType(CutField(&inner, ',')));
  const int number = std::stoi(first);
  if (name == "DECIMAL") return DataType::Decimal(number, std::stoi(inner));
  if (name == "TIME") return DataType::Time(number);
  if (name == "TIMESTAMP") return DataType::Timestamp(number);
  if (name == "TIMESTAMP_LTZ") return DataType::TimestampLtz(number);
  if (name == "CHAR") return DataType::Char(number);
  if (name == "VARCHAR") return DataType::Varchar(number);
  CHECK(name == "BINARY");
  return DataType::Binary(number);
}

inline Schema ParseColumns(std::string text) {
  Schema schema;
  while (!text.empty()) {
    std::string column = CutField(&text, ',');
    const std::string name = CutField(&column, ' ');
    schema.fields.push_back({name, ParseType(CutField(&column, '\0')), ""});
  }
  return schema;
}

inline Options ParseOptions(std::string text) {
  Options options;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string option = text.substr(0, end);
    text.erase(0, end + 1);
    const size_t equals = option.find('=');
    options[option.substr(0, equals)] = option.substr(equals + 1);
  }
  return options;
}

inline std::string Answer(std::string_view format, const OracleCase& c) {
  const Schema table = ParseColumns(c.columns);
  FormatTest test(format, ParseOptions(c.options), table);
  if (!test.status.ok()) return "error";
  std::string selected = c.selected;
  if (!selected.empty()) test.spec.columns.clear();
  while (!selected.empty()) {
    const int column = table.IndexOf(CutField(&selected, ',').substr(0, 1));
    test.spec.columns.push_back({column, table.type(static_cast<size_t>(column))});
  }
  const Framing framing =
      test.def->framing == nullptr ? Framing() : test.def->framing(test.complete);
  std::vector<ByteSpan> spans;
  size_t consumed;
  CHECK(SplitRecords(framing, c.file, true, 1 << 20, 1000, &spans, &consumed).ok());
  std::vector<std::string> records;
  for (const ByteSpan& span : spans) records.push_back(c.file.substr(span.offset, span.size));
  std::string answer;
  for (const std::string& row : test.Decode(records)) {
    if (row.starts_with("error: ")) return "error";
    if (!answer.empty()) answer += '|';
    std::string cells = row.substr(3, row.size() - 4);
    // DebugRow separates with ", ", the table here with ",".
    std::string joined;
    int depth = 0;
    for (size_t i = 0; i < cells.size(); ++i) {
      depth += std::string_view("[{(").find(cells[i]) != std::string_view::npos ? 1 : 0;
      depth -= std::string_view("]})").find(cells[i]) != std::string_view::npos ? 1 : 0;
      joined += cells[i];
      if (cells[i] == ',' && depth == 0 && i + 1 < cells.size() && cells[i + 1] == ' ') ++i;
    }
    answer += joined;
  }
  return answer;
}

}  // namespace oracle

}  // namespace rhei
