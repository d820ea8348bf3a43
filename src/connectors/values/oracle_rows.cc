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

std::vector<std::optional<std::string>> SplitLine(std::string_view line, size_t cell_count,
                                                  std::string_view delimiter,
                                                  std::string_view null_literal) {
  std::vector<std::optional<std::string>> cells;
  for (size_t i = 0; i < cell_count; ++i) {
    const size_t end = line.find(delimiter);
    const std::string_view cell = line.substr(0, end);
    line = end == std::string_view::npos ? std::string_view() : line.substr(end + delimiter.size());
    if (cell == null_literal) {
      cells.emplace_back(std::nullopt);
    } else {
      cells.emplace_back(std::string(cell));
    }
  }
  return cells;
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

std::string JsonObjectOf(const Schema& schema,
                         const std::vector<std::optional<std::string>>& cells) {
  std::vector<std::string> values;
  for (size_t i = 0; i < schema.size() && i < cells.size(); ++i) {
    if (!cells[i].has_value()) {
      values.emplace_back("null");
    } else {
      values.push_back(IsNested(schema.type(i)) ? *cells[i] : JsonString(*cells[i]));
    }
  }
  return ObjectOf(schema, values);
}

Result<std::vector<std::vector<Value>>> DecodeObjects(const Schema& schema,
                                                      const std::vector<std::string>& objects,
                                                      const std::string& name,
                                                      const std::string& time_zone) {
  std::vector<std::vector<Value>> rows;
  if (objects.empty()) return rows;
  std::string bytes;
  RecordChunk chunk;
  chunk.split_name = name;
  for (const std::string& object : objects) {
    chunk.values.push_back(
        {static_cast<uint32_t>(bytes.size()), static_cast<uint32_t>(object.size())});
    chunk.offsets.push_back(static_cast<int64_t>(chunk.offsets.size()));
    bytes += object;
  }
  chunk.buffer = Buffer::CopyOf(bytes);
  const FormatDef* json = FindFormat("json");
  ASSIGN_OR_RETURN(const Options options, CompleteOptions(*json, {}, schema));
  ASSIGN_OR_RETURN(std::unique_ptr<Decoder> decoder, json->make_decoder(options));
  ScanSpec scan;
  scan.table = schema;
  scan.time_zone = time_zone;
  for (size_t i = 0; i < schema.size(); ++i) {
    scan.columns.push_back({static_cast<int>(i), schema.type(i)});
  }
  RETURN_IF_ERROR(decoder->Open(scan, nullptr));
  DecodeOutput output;
  RETURN_IF_ERROR(decoder->Decode(chunk, &output));
  if (static_cast<size_t>(output.row_count) != objects.size()) {
    return DataError(name + ": a row is no JSON object");
  }
  for (int32_t row = 0; row < output.row_count; ++row) {
    std::vector<Value> values;
    for (size_t c = 0; c < schema.size(); ++c) {
      values.push_back(GetValue(output.columns[c], row, schema.type(c)));
    }
    rows.push_back(std::move(values));
  }
  return rows;
}

Result<ScriptedSource> ParseOracleRows(const SourceRequest& request,
                                       std::span<const OptionDef> defs) {
  const Schema& schema = request.scan.table;
  const std::string_view delimiter = OptionValue(defs, request.options, "delimiter");
  const std::string_view null_literal = OptionValue(defs, request.options, "null-literal");
  std::string_view rows = OptionValue(defs, request.options, "rows");
  std::vector<ChangeKind> kinds;
  std::vector<std::string> objects;
  while (!rows.empty()) {
    const size_t end = rows.find('\n');
    std::string_view line = rows.substr(0, end);
    rows = end == std::string_view::npos ? std::string_view() : rows.substr(end + 1);
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) continue;
    line = line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
    kinds.push_back(TakeKind(&line));
    if (line.starts_with('{')) {
      objects.emplace_back(line);
    } else if (line.starts_with('[')) {
      objects.push_back(ObjectOf(schema, ArrayElements(line)));
    } else {
      objects.push_back(
          JsonObjectOf(schema, SplitLine(line, schema.size(), delimiter, null_literal)));
    }
  }
  ScriptedSource source;
  ASSIGN_OR_RETURN(source.bounded, ParseBoolOption(OptionValue(defs, request.options, "bounded")));
  ASSIGN_OR_RETURN(const int64_t start_delay_ms,
                   ParseDurationMillis(OptionValue(defs, request.options, "start-delay")));
  ASSIGN_OR_RETURN(const int64_t row_delay_ms,
                   ParseDurationMillis(OptionValue(defs, request.options, "row-delay")));
  source.start_delay_micros = start_delay_ms * 1000;
  source.row_delay_micros = row_delay_ms * 1000;
  ASSIGN_OR_RETURN(std::vector<std::vector<Value>> decoded,
                   DecodeObjects(schema, objects, request.table, request.scan.time_zone));
  for (size_t i = 0; i < decoded.size(); ++i) {
    ScriptElement element;
    element.kind = kinds[i];
    element.values = std::move(decoded[i]);
    source.elements.push_back(std::move(element));
  }
  return source;
}

}  // namespace rhei
