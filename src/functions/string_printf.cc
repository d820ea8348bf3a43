// PRINTF: a text by a format of java.util.Formatter (root of conversions: %d %x %o %s %b %c %e %f
// %g %h %n %%; flags - + space 0 , ( #; width, precision and argument numbers). A format that does
// not fit its arguments gives NULL.
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <optional>

#include "functions/families.h"
#include "functions/list_kernel.h"
#include "functions/text.h"
#include "types/decimal.h"
#include "types/number_text.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

struct Conversion {
  size_t argument = 0;  // from 1; 0: the next one
  bool left = false;
  bool plus = false;
  bool space = false;
  bool zero = false;
  bool group = false;
  bool parentheses = false;
  bool alternate = false;
  int width = -1;
  int precision = -1;
  char letter = '\0';
  bool upper = false;
};

bool ReadNumber(std::string_view text, size_t* at, int* number) {
  const size_t start = *at;
  int value = 0;
  while (*at < text.size() && text[*at] >= '0' && text[*at] <= '9') {
    value = value * 10 + (text[(*at)++] - '0');
    if (value > 100000) return false;
  }
  if (*at > start) *number = value;
  return *at > start;
}

// Behind '%'. False when it is no conversion.
bool ReadConversion(std::string_view format, size_t* at, Conversion* conversion) {
  size_t ahead = *at;
  int number = 0;
  if (ReadNumber(format, &ahead, &number) && ahead < format.size() && format[ahead] == '$') {
    conversion->argument = static_cast<size_t>(number);
    *at = ahead + 1;
  }
  for (; *at < format.size(); ++*at) {
    const char c = format[*at];
    if (c == '-') {
      conversion->left = true;
    } else if (c == '+') {
      conversion->plus = true;
    } else if (c == ' ') {
      conversion->space = true;
    } else if (c == '0') {
      conversion->zero = true;
    } else if (c == ',') {
      conversion->group = true;
    } else if (c == '(') {
      conversion->parentheses = true;
    } else if (c == '#') {
      conversion->alternate = true;
    } else {
      break;
    }
  }
  ReadNumber(format, at, &conversion->width);
  if (*at < format.size() && format[*at] == '.') {
    ++*at;
    if (!ReadNumber(format, at, &conversion->precision)) return false;
  }
  if (*at >= format.size()) return false;
  const char letter = format[(*at)++];
  conversion->upper = letter >= 'A' && letter <= 'Z';
  conversion->letter = conversion->upper ? static_cast<char>(letter | 0x20) : letter;
  const bool needs_width = conversion->left || conversion->zero;
  if (needs_width && conversion->width < 0) return false;
  return !(conversion->left && conversion->zero) && !(conversion->plus && conversion->space) &&
         std::string_view("dxosbcefghn%").find(conversion->letter) != std::string_view::npos;
}

// One argument of a row.
struct PrintfArgument {
  const Column* column;
  const DataType* type;
};

std::optional<int64_t> IntegerOf(const PrintfArgument& argument, int32_t row) {
  const Column& column = *argument.column;
  switch (argument.type->root()) {
    case TypeRoot::kTinyInt: return ColumnReader<int8_t>(column)[row];
    case TypeRoot::kSmallInt: return ColumnReader<int16_t>(column)[row];
    case TypeRoot::kInt:
    case TypeRoot::kDate:
    case TypeRoot::kTime: return ColumnReader<int32_t>(column)[row];
    case TypeRoot::kBigInt: return ColumnReader<int64_t>(column)[row];
    default: return std::nullopt;
  }
}

std::optional<double> DoubleOf(const PrintfArgument& argument, int32_t row) {
  if (argument.type->root() == TypeRoot::kDouble) {
    return ColumnReader<double>(*argument.column)[row];
  }
  if (argument.type->root() == TypeRoot::kFloat) {
    return static_cast<double>(ColumnReader<float>(*argument.column)[row]);
  }
  return std::nullopt;
}

// toString() of the value.
std::string TextOf(const PrintfArgument& argument, int32_t row) {
  const Column& column = *argument.column;
  const DataType& type = *argument.type;
  if (const auto integer = IntegerOf(argument, row)) return std::to_string(*integer);
  switch (type.root()) {
    case TypeRoot::kBoolean: return ColumnReader<uint8_t>(column)[row] != 0 ? "true" : "false";
    case TypeRoot::kFloat: return FloatToString(ColumnReader<float>(column)[row]);
    case TypeRoot::kDouble: return DoubleToString(ColumnReader<double>(column)[row]);
    case TypeRoot::kDecimal: {
      const Int128 unscaled = column.type == PhysicalType::kInt128
                                  ? ColumnReader<Int128>(column)[row]
                                  : Int128{ColumnReader<int64_t>(column)[row]};
      return DecimalToString(unscaled, type.scale());
    }
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz: {
      const Timestamp9 timestamp = column.type == PhysicalType::kTimestamp9
                                       ? ColumnReader<Timestamp9>(column)[row]
                                       : Timestamp9{ColumnReader<int64_t>(column)[row], 0};
      char text[kTemporalTextMax];
      return std::string(text, PrintIsoTimestamp(timestamp, text));
    }
    default:
      if (column.type == PhysicalType::kString) {
        return std::string(ColumnReader<StringView>(column)[row].view());
      }
      return "";
  }
}

std::string Grouped(std::string digits) {
  const size_t point = std::min(digits.find('.'), digits.size());
  for (size_t at = point; at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

// Puts sign, zeros and width around the digits of a number.
std::string Framed(const Conversion& conversion, bool negative, std::string digits) {
  if (conversion.group) digits = Grouped(std::move(digits));
  std::string prefix = negative           ? (conversion.parentheses ? "(" : "-")
                       : conversion.plus  ? "+"
                       : conversion.space ? " "
                                          : "";
  const std::string suffix = negative && conversion.parentheses ? ")" : "";
  const auto width = static_cast<size_t>(std::max(conversion.width, 0));
  const size_t used = prefix.size() + digits.size() + suffix.size();
  if (conversion.zero && used < width) digits.insert(0, width - used, '0');
  return prefix + digits + suffix;
}

std::string Exponential(double magnitude, int precision) {
  return fmt::format("{:.{}e}", magnitude, precision);
}

// Rounds the digits that Double.toString prints half up, as Java does.
std::optional<std::string> Fixed(double magnitude, int precision) {
  const std::optional<Int128> unscaled =
      precision <= 30 ? DecimalFromDouble(magnitude, {38, precision}) : std::nullopt;
  if (unscaled.has_value()) return DecimalToString(*unscaled, precision);
  return fmt::format("{:.{}f}", magnitude, precision);
}

std::string General(double magnitude, int precision) {
  if (precision == 0) precision = 1;
  if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= std::pow(10.0, precision))) {
    return Exponential(magnitude, precision - 1);
  }
  const int exponent = magnitude == 0 ? 0 : static_cast<int>(std::floor(std::log10(magnitude)));
  return *Fixed(magnitude, std::max(precision - exponent - 1, 0));
}

std::optional<std::string> FormatFloat(const Conversion& conversion, double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) {
    const std::string text = "Infinity";
    return value < 0 ? (conversion.parentheses ? "(" + text + ")" : "-" + text)
                     : (conversion.plus ? "+" + text : text);
  }
  const double magnitude = std::fabs(value);
  const int precision = conversion.precision < 0 ? 6 : conversion.precision;
  std::string digits;
  if (conversion.letter == 'e') {
    if (conversion.group) return std::nullopt;
    digits = Exponential(magnitude, precision);
  } else if (conversion.letter == 'f') {
    digits = *Fixed(magnitude, precision);
  } else {
    digits = General(magnitude, precision);
  }
  return Framed(conversion, std::signbit(value), std::move(digits));
}

std::optional<std::string> FormatInteger(const Conversion& conversion, const DataType& type,
                                         int64_t value) {
  if (conversion.precision >= 0) return std::nullopt;
  if (conversion.letter == 'd') {
    const bool negative = value < 0;
    const uint64_t magnitude =
        negative ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
    return Framed(conversion, negative, std::to_string(magnitude));
  }
  // Two's complement of the argument's own width.
  auto bits = static_cast<uint64_t>(value);
  const int width = PhysicalWidth(PhysicalTypeOf(type));
  if (width < 8) bits &= (uint64_t{1} << (8 * width)) - 1;
  std::string digits =
      conversion.letter == 'x' ? fmt::format("{:x}", bits) : fmt::format("{:o}", bits);
  if (conversion.alternate) digits.insert(0, conversion.letter == 'x' ? "0x" : "0");
  return Framed(conversion, false, std::move(digits));
}

uint32_t Rotated(uint32_t bits, int count) {
  return (bits << count) | (bits >> (32 - count));
}

// hashCode() of Flink's text: murmur3 with seed 42, the bytes after the last word one by one.
uint32_t TextHash(std::string_view text) {
  uint32_t hash = 42;
  const auto mix = [&hash](uint32_t word) {
    hash ^= Rotated(word * 0xCC9E2D51u, 15) * 0x1B873593u;
    hash = Rotated(hash, 13) * 5 + 0xE6546B64u;
  };
  size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    uint32_t word;
    std::memcpy(&word, text.data() + i, sizeof(word));
    mix(word);
  }
  for (; i < text.size(); ++i) mix(static_cast<uint32_t>(static_cast<signed char>(text[i])));
  hash ^= static_cast<uint32_t>(text.size());
  hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
  hash = (hash ^ (hash >> 13)) * 0xC2B2AE35u;
  return hash ^ (hash >> 16);
}

// hashCode() of the Java value; nothing for the types that have none here.
std::optional<uint32_t> HashOf(const PrintfArgument& argument, int32_t row) {
  if (const std::optional<int64_t> integer = IntegerOf(argument, row)) {
    const auto bits = static_cast<uint64_t>(*integer);
    if (argument.type->root() != TypeRoot::kBigInt) return static_cast<uint32_t>(bits);
    return static_cast<uint32_t>(bits ^ (bits >> 32));
  }
  if (IsCharacter(argument.type->root())) return TextHash(TextOf(argument, row));
  if (argument.type->root() == TypeRoot::kBoolean) {
    return TextOf(argument, row) == "true" ? 1231u : 1237u;
  }
  return std::nullopt;
}

// Without the width; nothing when the conversion does not fit the argument.
std::optional<std::string> Convert(const Conversion& conversion, const PrintfArgument& argument,
                                   int32_t row) {
  const bool null = argument.column->IsNull(row) || argument.type->root() == TypeRoot::kNull;
  std::optional<std::string> text;
  switch (conversion.letter) {
    case 'b':
      text = null                                          ? "false"
             : argument.type->root() == TypeRoot::kBoolean ? TextOf(argument, row)
                                                           : "true";
      break;
    case 's': text = null ? "null" : TextOf(argument, row); break;
    case 'h': {
      if (null) {
        text = "null";
        break;
      }
      const std::optional<uint32_t> hash = HashOf(argument, row);
      if (!hash.has_value()) return std::nullopt;
      text = fmt::format("{:x}", *hash);
      break;
    }
    case 'c': {
      const std::optional<int64_t> integer = IntegerOf(argument, row);
      if (null) return "null";
      if (!integer.has_value() || *integer < 0 || *integer > 0x10FFFF) return std::nullopt;
      text.emplace();
      AppendCodePoint(static_cast<char32_t>(*integer), &*text);
      return text;
    }
    case 'd':
    case 'x':
    case 'o': {
      if (null) return "null";
      const std::optional<int64_t> integer = IntegerOf(argument, row);
      if (!integer.has_value()) return std::nullopt;
      return FormatInteger(conversion, *argument.type, *integer);
    }
    default: {  // e f g
      if (null) return "null";
      const std::optional<double> number = DoubleOf(argument, row);
      if (!number.has_value()) return std::nullopt;
      return FormatFloat(conversion, *number);
    }
  }
  if (conversion.precision >= 0) {
    text->resize(Advance(*text, 0, conversion.precision));
  }
  return text;
}

void Pad(const Conversion& conversion, std::string* text) {
  const auto length = static_cast<int>(CountCodePoints(*text));
  if (length >= conversion.width) return;
  const auto missing = static_cast<size_t>(conversion.width - length);
  text->insert(conversion.left ? text->size() : 0, missing, ' ');
}

bool Format(std::string_view format, std::span<const PrintfArgument> arguments, int32_t row,
            std::string* out) {
  size_t next = 0;
  for (size_t at = 0; at < format.size();) {
    const size_t percent = std::min(format.find('%', at), format.size());
    out->append(format.substr(at, percent - at));
    at = percent;
    if (at == format.size()) break;
    ++at;
    Conversion conversion;
    if (!ReadConversion(format, &at, &conversion)) return false;
    std::string text = conversion.letter == 'n' ? "\n" : "%";
    if (conversion.letter != 'n' && conversion.letter != '%') {
      const size_t index = conversion.argument != 0 ? conversion.argument - 1 : next++;
      if (index >= arguments.size()) return false;
      std::optional<std::string> converted = Convert(conversion, arguments[index], row);
      if (!converted.has_value()) return false;
      text = std::move(*converted);
      if (conversion.upper) {
        for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      }
    }
    Pad(conversion, &text);
    *out += text;
  }
  return true;
}

void Printf(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
            Column* out) {
  const std::vector<DataType>& types = static_cast<TypedState*>(state)->arguments;
  const Texts formats(arguments[0]);
  std::vector<PrintfArgument> values;
  for (size_t i = 1; i < arguments.size(); ++i) values.push_back({&arguments[i], &types[i]});
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    if (!formats.IsNull(row) && Format(formats[row], values, row, &scratch)) {
      result.Copy(scratch);
    } else {
      result.Null();
    }
  }
  result.Finish(out);
}

Result<CallTyping> InferPrintf(const CallInfo& call) {
  return TypeNullableCall(call, "PRINTF", "(format STRING, value, ...)", "t*", DataType::String());
}

constexpr FunctionDef kPrintf[] = {
    {.name = "PRINTF",
     .group = "string",
     .signature = "(format STRING [, value, ...]) -> STRING",
     .doc = "The values written by a format of java.util.Formatter; NULL when they do not fit it.",
     .example = "PRINTF('%03d-%s', 7, 'a') = '007-a'",
     .min_arguments = 1,
     .max_arguments = -1,
     .infer = InferPrintf,
     .open = OpenTyped,
     .eval = Printf,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> StringPrintfFunctions() {
  return kPrintf;
}

}  // namespace rhei
