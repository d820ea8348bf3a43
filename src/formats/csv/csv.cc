// csv: the definition of the format.
#include "formats/csv/csv.h"

#include <fmt/format.h>

#include "formats/builtin.h"
#include "formats/options.h"

namespace rhei {
namespace {

constexpr OptionDef kOptions[] = {
    {.key = "field-delimiter",
     .type = OptionType::kString,
     .default_value = ",",
     .doc = "The character between cells; escapes such as \\t and \\u0001 are understood."},
    {.key = "disable-quote-character",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "No character quotes."},
    {.key = "quote-character",
     .type = OptionType::kString,
     .doc = "The character around cells that hold special characters; \" by default."},
    {.key = "allow-comments",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "Lines that begin with # are left out."},
    {.key = "ignore-parse-errors",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "A cell that does not fit is NULL and a record that is not CSV is skipped."},
    {.key = "array-element-delimiter",
     .type = OptionType::kString,
     .default_value = ";",
     .doc = "What stands between the elements of arrays and rows."},
    {.key = "escape-character",
     .type = OptionType::kString,
     .doc = "The character that takes the meaning from the next one."},
    {.key = "null-literal", .type = OptionType::kString, .doc = "The cell that stands for NULL."},
    {.key = "write-bigdecimal-in-scientific-notation",
     .type = OptionType::kBool,
     .default_value = "true",
     .doc = "Write 1E+5 instead of 100000."},
    {.key = "trim-spaces",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "Cut off spaces around cells that are not quoted."},
    {.key = "ignore-trailing-unmappable",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "Cells beyond the table's columns are not looked at."},
    {.key = "allow-trailing-comma",
     .type = OptionType::kBool,
     .default_value = "true",
     .doc = "One empty cell behind the last column is no error."},
    {.key = "fail-on-missing-columns",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "A record with fewer cells than the table has columns is bad."},
    {.key = "empty-string-as-null",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "An empty cell is NULL."},
};

// Java's escapes, as far as they make one byte.
std::string Unescape(std::string_view text) {
  if (text.size() == 2 && text[0] == '\\') {
    switch (text[1]) {
      case 't': return "\t";
      case 'n': return "\n";
      case 'r': return "\r";
      case 'b': return "\b";
      case 'f': return "\f";
      case '\\': return "\\";
      default: return std::string(text);
    }
  }
  if (text.size() == 6 && text.starts_with("\\u00")) {
    int value = 0;
    for (const char c : text.substr(4)) {
      const bool digit = c >= '0' && c <= '9';
      const char lower = static_cast<char>(c | 0x20);
      if (!digit && !(lower >= 'a' && lower <= 'f')) return std::string(text);
      value = value * 16 + (digit ? c - '0' : lower - 'a' + 10);
    }
    if (value < 0x80) return {static_cast<char>(value)};
  }
  return std::string(text);
}

// The one byte of a character option; 0 when it is not given.
Result<char> CharacterOption(const Options& options, std::string_view key) {
  const std::string& given = TextOption(options, key);
  if (given.empty()) return '\0';
  const std::string text = key == "field-delimiter" ? Unescape(given) : given;
  if (text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80) return text[0];
  return InvalidArgument(fmt::format(
      "Option 'csv.{}' must be a string with single character, but was: {}", key, given));
}

Result<CsvOptions> ReadOptions(const Options& options) {
  CsvOptions out;
  ASSIGN_OR_RETURN(out.delimiter, CharacterOption(options, "field-delimiter"));
  ASSIGN_OR_RETURN(out.escape, CharacterOption(options, "escape-character"));
  ASSIGN_OR_RETURN(const char quote, CharacterOption(options, "quote-character"));
  if (BoolOption(options, "disable-quote-character")) {
    if (quote != 0) {
      return InvalidArgument(
          "Format cannot define a quote character and disabled quote character at the same time.");
    }
    out.quote = 0;
  } else if (quote != 0) {
    out.quote = quote;
  }
  out.allow_comments = BoolOption(options, "allow-comments");
  out.ignore_parse_errors = BoolOption(options, "ignore-parse-errors");
  out.trim_spaces = BoolOption(options, "trim-spaces");
  out.ignore_trailing_unmappable = BoolOption(options, "ignore-trailing-unmappable");
  out.allow_trailing_comma = BoolOption(options, "allow-trailing-comma");
  out.fail_on_missing_columns = BoolOption(options, "fail-on-missing-columns");
  out.empty_string_as_null = BoolOption(options, "empty-string-as-null");
  out.scientific_decimals = BoolOption(options, "write-bigdecimal-in-scientific-notation");
  out.array_delimiter = TextOption(options, "array-element-delimiter");
  if (HasOption(options, "null-literal")) out.null_literal = TextOption(options, "null-literal");
  return out;
}

Status Check(const Options& options, const Schema& columns) {
  RETURN_IF_ERROR(ReadOptions(options).status());
  for (const Field& field : columns.fields) RETURN_IF_ERROR(CheckCsvType(field.type, field.name));
  return {};
}

Framing FramingOf(const Options& options) {
  const Result<CsvOptions> read = ReadOptions(options);
  if (!read.ok()) return {};
  return {.quote = read->quote,
          .escape = read->escape,
          .delimiter = read->delimiter,
          .spaces_before_quote = read->trim_spaces};
}

Result<std::unique_ptr<Decoder>> MakeDecoder(const Options& options) {
  ASSIGN_OR_RETURN(const CsvOptions read, ReadOptions(options));
  return MakeCsvDecoder(read);
}

Result<std::unique_ptr<Encoder>> MakeEncoder(const Options& options) {
  ASSIGN_OR_RETURN(const CsvOptions read, ReadOptions(options));
  return MakeCsvEncoder(read);
}

}  // namespace

const FormatDef kCsvFormat = {.name = "csv",
                              .doc = "One line a record, cells by position.",
                              .options = kOptions,
                              .produces = ChangelogMode::InsertOnly(),
                              .accepts = ChangelogMode::InsertOnly(),
                              .check = Check,
                              .framing = FramingOf,
                              .make_decoder = MakeDecoder,
                              .make_encoder = MakeEncoder};

}  // namespace rhei
