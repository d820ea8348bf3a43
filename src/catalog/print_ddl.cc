#include "catalog/print_ddl.h"

#include <fmt/format.h>

#include <vector>

namespace rhei {
namespace {

std::string QuotedEach(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += QuoteIdentifier(name);
  }
  return text;
}

std::string Lines(const std::vector<std::string>& lines) {
  std::string text = "(\n";
  for (size_t i = 0; i < lines.size(); ++i) {
    text += "  " + lines[i] + (i + 1 < lines.size() ? ",\n" : "\n");
  }
  return text + ")";
}

// SHOW CREATE spells STRING and BYTES out: VARCHAR(2147483647).
std::string TypeText(const DataType& type) {
  std::string text = type.ToString();
  for (const auto& [word, full] :
       {std::pair("STRING", "VARCHAR(2147483647)"), std::pair("BYTES", "VARBINARY(2147483647)")}) {
    const std::string_view short_name = word;
    bool quoted = false;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '`') quoted = !quoted;
      const bool starts = i == 0 || text[i - 1] == ' ' || text[i - 1] == '<';
      if (quoted || !starts || text.compare(i, short_name.size(), short_name) != 0) continue;
      text.replace(i, short_name.size(), full);
    }
  }
  return text;
}

std::string ColumnLine(const TableColumn& column) {
  std::string text = QuoteIdentifier(column.name) + " ";
  switch (column.kind) {
    case TableColumn::Kind::kPhysical: text += TypeText(column.type); break;
    case TableColumn::Kind::kComputed: text += "AS " + column.expression; break;
    case TableColumn::Kind::kMetadata:
      text += TypeText(column.type) + " METADATA";
      if (!column.metadata_key.empty() && column.metadata_key != column.name) {
        text += " FROM " + QuoteText(column.metadata_key);
      }
      if (column.is_virtual) text += " VIRTUAL";
      break;
  }
  if (!column.comment.empty()) text += " COMMENT " + QuoteText(column.comment);
  return text;
}

std::string OptionsClause(const Options& options) {
  if (options.empty()) return "";
  std::vector<std::string> lines;
  for (const auto& [key, value] : options) {
    lines.push_back(QuoteText(key) + " = " + QuoteText(value));
  }
  return "WITH " + Lines(lines) + "\n";
}

std::string PrintCreateView(const Table& view) {
  std::vector<std::string> names;
  for (const TableColumn& column : view.columns) {
    names.push_back(QuoteIdentifier(column.name) +
                    (column.comment.empty() ? "" : " COMMENT " + QuoteText(column.comment)));
  }
  std::string text = fmt::format("CREATE {}VIEW {} {}\n", view.temporary ? "TEMPORARY " : "",
                                 view.path.ToString(), Lines(names));
  if (!view.comment.empty()) text += "COMMENT " + QuoteText(view.comment) + "\n";
  return text + "AS " + view.view_expanded + "\n";
}

std::string FieldLine(const Field& field) {
  return QuoteIdentifier(field.name) + " " + TypeText(field.type) +
         (field.description.empty() ? "" : " COMMENT " + QuoteText(field.description));
}

}  // namespace

std::string QuoteIdentifier(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  return quoted + "`";
}

std::string QuoteText(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

std::string PrintCreateTable(const Table& table) {
  if (table.is_view) return PrintCreateView(table);
  std::vector<std::string> lines;
  for (const TableColumn& column : table.columns) lines.push_back(ColumnLine(column));
  if (table.watermark) {
    lines.push_back(fmt::format("WATERMARK FOR {} AS {}",
                                QuoteIdentifier(table.watermark->rowtime_column),
                                table.watermark->expression));
  }
  if (!table.primary_key.empty()) {
    lines.push_back(fmt::format("CONSTRAINT {} PRIMARY KEY ({}) NOT ENFORCED",
                                QuoteIdentifier(table.primary_key_name),
                                QuotedEach(table.primary_key)));
  }
  std::string text = fmt::format("CREATE {}TABLE {} {}\n", table.temporary ? "TEMPORARY " : "",
                                 table.path.ToString(), Lines(lines));
  if (!table.comment.empty()) text += "COMMENT " + QuoteText(table.comment) + "\n";
  if (!table.distribution.empty()) text += table.distribution + "\n";
  if (!table.partition_columns.empty()) {
    text += "PARTITIONED BY (" + QuotedEach(table.partition_columns) + ")\n";
  }
  return text + OptionsClause(table.options);
}

std::string PrintCreateModel(const ModelDeclaration& model) {
  std::string text = fmt::format("CREATE {}MODEL {}\n", model.temporary ? "TEMPORARY " : "",
                                 model.path.ToString());
  for (const auto* part : {&model.input, &model.output}) {
    if (part->empty()) continue;
    std::string fields;
    for (const Field& field : *part) {
      if (!fields.empty()) fields += ", ";
      fields += FieldLine(field);
    }
    text += fmt::format("{} ({})\n", part == &model.input ? "INPUT" : "OUTPUT", fields);
  }
  if (!model.comment.empty()) text += "COMMENT " + QuoteText(model.comment) + "\n";
  return text + OptionsClause(model.options);
}

}  // namespace rhei
