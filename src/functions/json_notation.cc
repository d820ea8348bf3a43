// JSON_QUOTE, JSON_UNQUOTE, and PARSE_JSON, which makes VARIANT values. A VARIANT is stored as
// compact JSON with sorted keys.
#include <fmt/format.h>

#include "functions/families.h"
#include "functions/json_text.h"
#include "functions/string_kernel.h"
#include "functions/text.h"
#include "types/number_text.h"

namespace rhei {
namespace {

// --- JSON_QUOTE and JSON_UNQUOTE --------------------------------------------------------------

// Escapes what is beyond ASCII, too; of a character beyond U+FFFF Flink writes the code point and
// then its second half.
void AppendQuoted(std::string_view text, std::string* out) {
  *out += '"';
  for (size_t offset = 0; offset < text.size();) {
    const char32_t c = NextCodePoint(text, &offset);
    constexpr std::string_view kEscaped = "\"\\/\b\f\n\r\t";
    constexpr std::string_view kNames = "\"\\/bfnrt";
    const size_t which = c < 0x80 ? kEscaped.find(static_cast<char>(c)) : std::string_view::npos;
    if (which != std::string_view::npos) {
      *out += '\\';
      *out += kNames[which];
    } else if (c < 0x80) {
      *out += static_cast<char>(c);
    } else {
      fmt::format_to(std::back_inserter(*out), "\\u{:04x}", static_cast<uint32_t>(c));
      if (c > 0xFFFF) {
        fmt::format_to(std::back_inserter(*out), "\\u{:04x}",
                       0xDC00 | (static_cast<uint32_t>(c) & 0x3FF));
      }
    }
  }
  *out += '"';
}

void JsonQuote(FunctionState*, EvalContext& context, std::span<const Column> arguments,
               Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    AppendQuoted(texts[row], &scratch);
    result.Copy(scratch);
  }
  result.Finish(out);
}

// Every escape is a known one, and \u has its four digits.
bool HasGoodEscapes(std::string_view raw) {
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') continue;
    if (++i >= raw.size()) return false;
    if (raw[i] == 'u') {
      for (size_t j = 1; j <= 4; ++j) {
        if (i + j >= raw.size() || !isxdigit(static_cast<unsigned char>(raw[i + j]))) return false;
      }
    } else if (std::string_view("\"\\/bfnrt").find(raw[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

void JsonUnquote(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                 Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context);
  result.Borrow(arguments[0]);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    const std::string_view text = texts[row];
    const bool quoted = text.size() > 1 && text.front() == '"' && text.back() == '"';
    const std::string_view raw = quoted ? text.substr(1, text.size() - 2) : std::string_view();
    if (!quoted || !ScanJson(text).ok() || !HasGoodEscapes(raw)) {
      result.Share(text);
      continue;
    }
    scratch.clear();
    AppendJsonUnescaped(raw, &scratch);
    result.Copy(scratch);
  }
  result.Finish(out);
}

// --- VARIANT ----------------------------------------------------------------------------------

// Numbers as a VARIANT keeps them: decimals without zeros at their end, others as DOUBLE.
void NormaliseNumbers(JsonValue* value) {
  for (JsonValue& item : value->items) NormaliseNumbers(&item);
  if (value->kind != JsonValue::Kind::kNumber || IsJsonInteger(value->text)) return;
  if (value->text.find_first_of("eE") != std::string::npos) {
    double number = 0;
    ParseDouble(value->text, &number);
    value->text = DoubleToString(number);
    return;
  }
  value->text.erase(value->text.find_last_not_of('0') + 1);
  if (value->text.back() == '.') value->text.pop_back();
}

template <bool kTry>
void ParseJsonFunction(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                       Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context, DataType::Variant());
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (!context.IsActive(row) || AnyNull(arguments, row)) {
      result.Null();
      continue;
    }
    const bool repeats = arguments.size() > 1 && ColumnReader<uint8_t>(arguments[1])[row] != 0;
    Result<JsonValue> value = ParseJson(texts[row], !repeats);
    if (!value.ok()) {
      if (!kTry) context.Fail(row, value.status().message());
      result.Null();
      continue;
    }
    NormaliseNumbers(&*value);
    scratch.clear();
    AppendJson(*value, &scratch);
    result.Copy(scratch);
  }
  result.Finish(out);
}

constexpr std::string_view kParseSignature = "(STRING [, allow duplicate keys BOOLEAN]) -> VARIANT";

constexpr FunctionDef kJsonNotation[] = {
    {.name = "JSON_QUOTE",
     .group = "string",
     .signature = "(STRING) -> STRING",
     .doc = "The text as a JSON string, in double quotes.",
     .example = "JSON_QUOTE('a\"b') = '\"a\\\"b\"'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "JSON_QUOTE", "(STRING)", "t", DataType::String());
         },
     .eval = JsonQuote},
    {.name = "JSON_UNQUOTE",
     .group = "string",
     .signature = "(STRING) -> STRING",
     .doc = "What a JSON string stands for; other text stays as it is.",
     .example = "JSON_UNQUOTE('\"abc\"') = 'abc'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "JSON_UNQUOTE", "(STRING)", "t", DataType::String());
         },
     .eval = JsonUnquote},
    {.name = "PARSE_JSON",
     .group = "variant",
     .signature = kParseSignature,
     .doc = "The VARIANT that the JSON text stands for; an error when it is not JSON.",
     .example = "JSON_STRING(PARSE_JSON('[1, 2]')) = '[1,2]'",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "PARSE_JSON", kParseSignature, "to", DataType::Variant());
         },
     .eval = ParseJsonFunction<false>,
     .null_rule = NullRule::kCustom},
    {.name = "TRY_PARSE_JSON",
     .group = "variant",
     .signature = kParseSignature,
     .doc = "The VARIANT that the JSON text stands for; NULL when it is not JSON.",
     .example = "TRY_PARSE_JSON('bad') IS NULL",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "TRY_PARSE_JSON", kParseSignature, "to",
                                   DataType::Variant());
         },
     .eval = ParseJsonFunction<true>,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> JsonNotationFunctions() {
  return kJsonNotation;
}

}  // namespace rhei
