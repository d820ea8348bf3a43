#include "connectors/values/oracle_rows.h"

#include <fmt/format.h>

#include "formats/format.h"
#include "types/option_values.h"

namespace rhei {
namespace {

std::string JsonString(std::string_view text) {
  std::string json = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      json += c;
    }
  }
  return json + "\"";
}

bool IsNested(const DataType& type) {
  const TypeRoot root = type.root();
  return root == TypeRoot::kArray || root == TypeRoot::kMap || root == TypeRoot::kMultiset ||
         root == TypeRoot::kRow;
}

// The elements of a JSON array, as text.
std::vector<std::string> ArrayElements(std::string_view json) {
  std::vector<std::string> elements(1);
  int depth = 0;
  bool in_string = false;
  for (size_t i = 1; i + 1 < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\' && i + 2 < json.size()) {
        elements.back() += c;
        elements.back() += json[++i];
        continue;
      }
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      elements.emplace_back();
      continue;
    }
    elements.back() += c;
  }
  return elements;
}

std::string ObjectOf(const Schema& schema, const std::vector<std::string>& json_values) {
  std::string object = "{";
  for (size_t i = 0; i < schema.size() && i < json_values.size(); ++i) {
    if (i > 0) object += ',';
    object += JsonString(schema.name(i)) + ":" + json_values[i];
  }
  return object + "}";
}

std::vector<std::string> CellsAsJson(std::string_view line, const Schema& schema,
                                     std::string_view delimiter, std::string_view null_literal) {
  std::vector<std::string> values;
  for (size_t i = 0; i < schema.size(); ++i) {
    const size_t end = line.find(delimiter);
    const std::string_view cell = line.substr(0, end);
    line = end == std::string_view::npos ? std::string_view() : line.substr(end + delimiter.size());
    if (cell == null_literal) {
      values.emplace_back("null");
    } else if (IsNested(schema.type(i))) {
      values.emplace_back(cell);
    } else {
      values.push_back(JsonString(cell));
    }
  }
  return values;
}

ChangeKind TakeKind(std::string_view* line) {
  constexpr ChangeKind kKinds[] = {ChangeKind::kInsert, ChangeKind::kUpdateBefore,
                                   ChangeKind::kUpdateAfter, ChangeKind::kDelete};
  for (ChangeKind kind : kKinds) {
    if (!line->starts_with(ChangeKindSymbol(kind))) continue;
    const std::string_view rest = line->substr(2);
    if (rest.empty() || (rest[0] != '|' && rest[0] != '{' && rest[0] != '[')) continue;
    *line = rest[0] == '|' ? rest.substr(1) : rest;
    return kind;
  }
  return ChangeKind::kInsert;
}

}  // namespace

Result<ScriptedSource> ParseOracleRows(const SourceRequest& request,
                                       std::span<const OptionDef> defs) {
  const Schema& schema = request.scan.table;
  const std::string_view delimiter = OptionValue(defs, request.options, "delimiter");
  const std::string_view null_literal = OptionValue(defs, request.options, "null-literal");
  std::string_view rows = OptionValue(defs, request.options, "rows");
  std::string records;
  RecordChunk chunk;
  chunk.split_name = request.table;
  std::vector<ChangeKind> kinds;
  while (!rows.empty()) {
    const size_t end = rows.find('\n');
    std::string_view line = rows.substr(0, end);
    rows = end == std::string_view::npos ? std::string_view() : rows.substr(end + 1);
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) continue;
    line = line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
    kinds.push_back(TakeKind(&line));
    std::string record;
    if (line.starts_with('{')) {
      record = line;
    } else if (line.starts_with('[')) {
      record = ObjectOf(schema, ArrayElements(line));
    } else {
      record = ObjectOf(schema, CellsAsJson(line, schema, delimiter, null_literal));
    }
    chunk.values.push_back(
        {static_cast<uint32_t>(records.size()), static_cast<uint32_t>(record.size())});
    chunk.offsets.push_back(static_cast<int64_t>(chunk.offsets.size()));
    records += record;
  }
  ScriptedSource source;
  ASSIGN_OR_RETURN(source.bounded, ParseBoolOption(OptionValue(defs, request.options, "bounded")));
  ASSIGN_OR_RETURN(const int64_t start_delay_ms,
                   ParseDurationMillis(OptionValue(defs, request.options, "start-delay")));
  ASSIGN_OR_RETURN(const int64_t row_delay_ms,
                   ParseDurationMillis(OptionValue(defs, request.options, "row-delay")));
  source.start_delay_micros = start_delay_ms * 1000;
  source.row_delay_micros = row_delay_ms * 1000;
  if (kinds.empty()) return source;
  chunk.buffer = Buffer::CopyOf(records);
  const FormatDef* json = FindFormat("json");
  ASSIGN_OR_RETURN(const Options options, CompleteOptions(*json, {}, schema));
  ASSIGN_OR_RETURN(std::unique_ptr<Decoder> decoder, json->make_decoder(options));
  ScanSpec scan;
  scan.table = schema;
  scan.time_zone = request.scan.time_zone;
  for (size_t i = 0; i < schema.size(); ++i) {
    scan.columns.push_back({static_cast<int>(i), schema.type(i)});
  }
  RETURN_IF_ERROR(decoder->Open(scan, nullptr));
  DecodeOutput output;
  RETURN_IF_ERROR(decoder->Decode(chunk, &output));
  for (int32_t row = 0; row < output.row_count; ++row) {
    ScriptElement element;
    element.kind = kinds[static_cast<size_t>(output.record_of_row[static_cast<size_t>(row)])];
    for (size_t c = 0; c < schema.size(); ++c) {
      element.values.push_back(GetValue(output.columns[c], row, schema.type(c)));
    }
    source.elements.push_back(std::move(element));
  }
  return source;
}

}  // namespace rhei
