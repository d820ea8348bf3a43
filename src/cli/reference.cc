// rhei reference: the manual pages that come from the tables in the program: connectors, formats,
// functions, settings. Markdown on standard output.
#include <fmt/format.h>

#include "cli/commands.h"
#include "connectors/builtin.h"
#include "engine/settings.h"
#include "formats/format.h"
#include "functions/registry.h"
#include "types/table_options.h"

namespace rhei {
namespace {

std::string_view TypeName(const OptionDef& def) {
  switch (def.type) {
    case OptionType::kString: return "string";
    case OptionType::kInt: return "integer";
    case OptionType::kBool: return "boolean";
    case OptionType::kDuration: return "duration";
    case OptionType::kBytes: return "size";
    case OptionType::kEnum: return "enum";
    case OptionType::kDouble: return "number";
  }
  return "";
}

// A cell of a Markdown table: a bar would end it.
std::string Cell(std::string_view text) {
  std::string cell;
  for (char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

std::string OptionTable(std::span<const OptionDef> options) {
  std::string text = "| option | type | default | |\n|---|---|---|---|\n";
  for (const OptionDef& def : options) {
    std::string meaning(def.doc);
    if (!def.choices.empty()) meaning += fmt::format(" One of {}.", def.choices);
    text += fmt::format("| `{}` | {} | {} | {} |\n", Cell(def.key), TypeName(def),
                        def.required                ? "required"
                        : def.default_value.empty() ? ""
                                                    : fmt::format("`{}`", Cell(def.default_value)),
                        Cell(meaning));
  }
  return text + "\n";
}

std::string Connectors() {
  ConnectorTable table;
  AddBuiltinConnectors(&table);
  std::string text = "# Connectors\n\n## Options of every table\n\n";
  text += OptionTable(CommonTableOptions());
  for (const ConnectorFactory* factory : table.all()) {
    if (!factory->is_listed()) continue;
    text += fmt::format("## {}\n\n{}", factory->name(), OptionTable(factory->options()));
  }
  return text;
}

std::string Formats() {
  std::string text =
      "# Formats\n\nOptions are written with the format's name before them: "
      "`'csv.field-delimiter' = ';'`.\n\n";
  for (const FormatDef* format : AllFormats()) {
    text +=
        fmt::format("## {}\n\n{}\n\n{}", format->name, format->doc, OptionTable(format->options));
  }
  return text;
}

std::string Functions() {
  std::string text = "# Functions\n\n| function | | example |\n|---|---|---|\n";
  for (const FunctionDef* def : AllFunctions()) {
    text += fmt::format("| `{}{}` | {} | `{}` |\n", Cell(def->name), Cell(def->signature),
                        Cell(def->doc), Cell(def->example));
  }
  text += "\n# Aggregate functions\n\n| function | | example |\n|---|---|---|\n";
  for (const AggregateDef* def : AllAggregates()) {
    text += fmt::format("| `{}{}` | {} | `{}` |\n", Cell(def->name), Cell(def->signature),
                        Cell(def->doc), Cell(def->example));
  }
  return text;
}

}  // namespace

ExitCode ReferenceCommand(const std::string& topic, const Environment& env) {
  std::string text;
  if (topic == "connectors") text = Connectors();
  if (topic == "formats") text = Formats();
  if (topic == "functions") text = Functions();
  if (topic == "settings") text = "# Settings\n\n" + OptionTable(KnownSettings());
  if (text.empty()) {
    (void)env.standard_error->Write(fmt::format(
        "rhei reference: '{}' is no topic: connectors, formats, functions or settings\n", topic));
    return ExitCode::kUsage;
  }
  (void)env.standard_output->Write(text);
  return ExitCode::kOk;
}

}  // namespace rhei
