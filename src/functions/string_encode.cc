// Functions between text and other notations: ASCII, CHR, TO_BASE64, FROM_BASE64, ENCODE, DECODE,
// URL_ENCODE, URL_DECODE, INET_ATON, INET_NTOA.
#include <fmt/format.h>

#include <optional>

#include "functions/base64.h"
#include "functions/families.h"
#include "functions/string_kernel.h"
#include "functions/text.h"

namespace rhei {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void Ascii(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  int32_t* values = IntValues(context, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    // The first byte as a signed number, as Flink reads it.
    values[row] = texts[row].empty() ? 0 : static_cast<signed char>(texts[row][0]);
  }
}

void Chr(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Longs codes(arguments[0]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    if (codes[row] >= 0) AppendCodePoint(static_cast<char32_t>(codes[row] & 0xFF), &scratch);
    result.Copy(scratch);
  }
  result.Finish(out);
}

void ToBase64(FunctionState*, EvalContext& context, std::span<const Column> arguments,
              Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    AppendBase64(texts[row], &scratch);
    result.Copy(scratch);
  }
  result.Finish(out);
}

void FromBase64(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    const Status status = DecodeBase64(texts[row], &scratch);
    if (!status.ok()) context.Fail(row, status.message());
    result.Copy(scratch);
  }
  result.Finish(out);
}

// --- character sets ---------------------------------------------------------------------------

enum class Charset : uint8_t { kAscii, kLatin1, kUtf8, kUtf16, kUtf16Be, kUtf16Le };

std::optional<Charset> CharsetNamed(std::string_view name) {
  std::string upper;
  for (char c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    upper += c == '_' ? '-' : c;
  }
  if (upper == "UTF-8" || upper == "UTF8") return Charset::kUtf8;
  if (upper == "US-ASCII" || upper == "ASCII") return Charset::kAscii;
  if (upper == "ISO-8859-1" || upper == "ISO8859-1" || upper == "LATIN1") return Charset::kLatin1;
  if (upper == "UTF-16" || upper == "UTF16") return Charset::kUtf16;
  if (upper == "UTF-16BE") return Charset::kUtf16Be;
  if (upper == "UTF-16LE") return Charset::kUtf16Le;
  return std::nullopt;
}

void EncodeText(std::string_view text, Charset charset, std::string* out) {
  if (charset == Charset::kUtf8) {
    out->append(text);
    return;
  }
  if (charset == Charset::kAscii || charset == Charset::kLatin1) {
    const char32_t limit = charset == Charset::kAscii ? 0x80 : 0x100;
    for (size_t offset = 0; offset < text.size();) {
      const char32_t c = NextCodePoint(text, &offset);
      out->push_back(c < limit ? static_cast<char>(c) : '?');
    }
    return;
  }
  if (charset == Charset::kUtf16 && !text.empty()) out->append("\xFE\xFF");
  for (char16_t unit : ToUtf16(text)) {
    const char high = static_cast<char>(unit >> 8);
    const char low = static_cast<char>(unit);
    out->push_back(charset == Charset::kUtf16Le ? low : high);
    out->push_back(charset == Charset::kUtf16Le ? high : low);
  }
}

void DecodeUtf16(std::string_view bytes, Charset charset, std::string* out) {
  bool little = charset == Charset::kUtf16Le;
  if (charset == Charset::kUtf16 && bytes.size() >= 2) {
    const std::string_view mark = bytes.substr(0, 2);
    if (mark == "\xFE\xFF" || mark == "\xFF\xFE") {
      little = mark == "\xFF\xFE";
      bytes.remove_prefix(2);
    }
  }
  std::u16string units;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto first = static_cast<unsigned char>(bytes[i]);
    const auto second = static_cast<unsigned char>(bytes[i + 1]);
    units.push_back(static_cast<char16_t>(little ? (second << 8) | first : (first << 8) | second));
  }
  AppendUtf8(units, out);
  if (bytes.size() % 2 != 0) out->append(kReplacement);
}

void DecodeBytes(std::string_view bytes, Charset charset, std::string* out) {
  switch (charset) {
    case Charset::kUtf8: AppendRepairedUtf8(bytes, out); return;
    case Charset::kAscii:
      for (char c : bytes) {
        if (static_cast<signed char>(c) < 0) {
          out->append(kReplacement);
        } else {
          out->push_back(c);
        }
      }
      return;
    case Charset::kLatin1:
      for (char c : bytes) AppendCodePoint(static_cast<unsigned char>(c), out);
      return;
    case Charset::kUtf16:
    case Charset::kUtf16Be:
    case Charset::kUtf16Le: DecodeUtf16(bytes, charset, out); return;
  }
}

template <bool kEncode>
void Transcode(FunctionState*, EvalContext& context, std::span<const Column> arguments,
               Column* out) {
  const Texts texts(arguments[0]);
  const Texts charsets(arguments[1]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    const std::optional<Charset> charset = CharsetNamed(charsets[row]);
    if (!charset.has_value()) {
      context.Fail(row, "Unsupported encoding: " + std::string(charsets[row]));
    } else if (kEncode) {
      EncodeText(texts[row], *charset, &scratch);
    } else {
      DecodeBytes(texts[row], *charset, &scratch);
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

// --- URLs and addresses -----------------------------------------------------------------------

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void UrlEncode(FunctionState*, EvalContext& context, std::span<const Column> arguments,
               Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    for (char c : texts[row]) {
      if (IsAlphanumeric(c) || c == '.' || c == '-' || c == '*' || c == '_') {
        scratch += c;
      } else if (c == ' ') {
        scratch += '+';
      } else {
        fmt::format_to(std::back_inserter(scratch), "%{:02X}", static_cast<unsigned char>(c));
      }
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool DecodeUrl(std::string_view text, std::string* bytes) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return false;
      bytes->push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      bytes->push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return true;
}

void UrlDecode(FunctionState*, EvalContext& context, std::span<const Column> arguments,
               Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context);
  std::string bytes;
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    bytes.clear();
    if (texts.IsNull(row) || !DecodeUrl(texts[row], &bytes)) {
      result.Null();
      continue;
    }
    scratch.clear();
    AppendRepairedUtf8(bytes, &scratch);
    result.Copy(scratch);
  }
  result.Finish(out);
}

// "a.b.c.d", and the short forms a.b (a.0.0.b) and a.b.c (a.b.0.c).
std::optional<int64_t> ParseInetAddress(std::string_view text) {
  int64_t octets[4] = {};
  size_t count = 0;
  size_t digits = 0;
  for (char c : text) {
    if (c == '.') {
      if (digits == 0 || ++count == 4) return std::nullopt;
      digits = 0;
    } else if (c >= '0' && c <= '9') {
      octets[count] = octets[count] * 10 + (c - '0');
      if (octets[count] > 255) return std::nullopt;
      ++digits;
    } else {
      return std::nullopt;
    }
  }
  if (digits == 0 || count == 0) return std::nullopt;
  if (count < 3) {
    octets[3] = octets[count];
    octets[count] = 0;
  }
  return (octets[0] << 24) | (octets[1] << 16) | (octets[2] << 8) | octets[3];
}

void InetToNumber(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                  Column* out) {
  const Texts texts(arguments[0]);
  int64_t* values = FlatValues<int64_t>(context, PhysicalType::kInt64, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    std::optional<int64_t> address;
    if (!texts.IsNull(row)) address = ParseInetAddress(texts[row]);
    if (address.has_value()) {
      values[row] = *address;
    } else {
      SetNull<int64_t>(context, out, row);
    }
  }
}

void NumberToInet(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                  Column* out) {
  const Longs numbers(arguments[0]);
  TextResult result(context);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const int64_t number = numbers[row];
    if (arguments[0].IsNull(row) || number < 0 || number > UINT32_MAX) {
      result.Null();
      continue;
    }
    fmt::memory_buffer text;
    fmt::format_to(fmt::appender(text), "{}.{}.{}.{}", number >> 24, (number >> 16) & 0xFF,
                   (number >> 8) & 0xFF, number & 0xFF);
    result.Copy({text.data(), text.size()});
  }
  result.Finish(out);
}

constexpr FunctionDef kEncode[] = {
    {.name = "ASCII",
     .group = "string",
     .signature = "(STRING) -> INT",
     .doc = "The number of the first character; 0 for an empty text.",
     .example = "ASCII('abc') = 97",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "ASCII", "(STRING)", "t", DataType::Int());
         },
     .eval = Ascii},
    {.name = "CHR",
     .group = "string",
     .signature = "(BIGINT) -> STRING",
     .doc = "The character with this number modulo 256; an empty text for a negative number.",
     .example = "CHR(97) = 'a'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "CHR", "(BIGINT)", "l", DataType::String());
         },
     .eval = Chr},
    {.name = "TO_BASE64",
     .group = "string",
     .signature = "(STRING or BYTES) -> STRING",
     .doc = "The text in base64.",
     .example = "TO_BASE64('hello world') = 'aGVsbG8gd29ybGQ='",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "TO_BASE64", "(STRING or BYTES)", "b", DataType::String());
         },
     .eval = ToBase64},
    {.name = "FROM_BASE64",
     .group = "string",
     .signature = "(STRING or BYTES) -> STRING",
     .doc = "The text that the base64 stands for.",
     .example = "FROM_BASE64('aGVsbG8gd29ybGQ=') = 'hello world'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "FROM_BASE64", "(STRING or BYTES)", "b", DataType::String());
         },
     .eval = FromBase64},
    {.name = "ENCODE",
     .group = "string",
     .signature = "(STRING, charset STRING) -> BYTES",
     .doc = "The text in a character set: US-ASCII, ISO-8859-1, UTF-8, UTF-16, UTF-16BE, UTF-16LE.",
     .example = "CAST(ENCODE('a', 'UTF-8') AS STRING) = 'a'",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "ENCODE", "(STRING, charset STRING)", "t", DataType::Bytes());
         },
     .eval = Transcode<true>},
    {.name = "DECODE",
     .group = "string",
     .signature = "(BYTES, charset STRING) -> STRING",
     .doc = "Bytes in a character set as text.",
     .example = "DECODE(ENCODE('a', 'UTF-16LE'), 'UTF-16LE') = 'a'",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "DECODE", "(BYTES, charset STRING)", "yt", DataType::String());
         },
     .eval = Transcode<false>},
    {.name = "URL_ENCODE",
     .group = "string",
     .signature = "(STRING) -> STRING",
     .doc = "The text in application/x-www-form-urlencoded form.",
     .example = "URL_ENCODE('a b&c') = 'a+b%26c'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "URL_ENCODE", "(STRING)", "t", DataType::String());
         },
     .eval = UrlEncode},
    {.name = "URL_DECODE",
     .group = "string",
     .signature = "(STRING) -> STRING",
     .doc =
         "The text that an application/x-www-form-urlencoded one stands for; NULL when it is not "
         "well formed.",
     .example = "URL_DECODE('a+b%26c') = 'a b&c'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "URL_DECODE", "(STRING)", "t", DataType::String());
         },
     .eval = UrlDecode,
     .null_rule = NullRule::kCustom},
    {.name = "INET_ATON",
     .group = "string",
     .signature = "(STRING) -> BIGINT",
     .doc = "The number of an IPv4 address; NULL when it is none.",
     .example = "INET_ATON('127.0.0.1') = 2130706433",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "INET_ATON", "(STRING)", "t", DataType::BigInt());
         },
     .eval = InetToNumber,
     .null_rule = NullRule::kCustom},
    {.name = "INET_NTOA",
     .group = "string",
     .signature = "(BIGINT) -> STRING",
     .doc = "The IPv4 address with this number; NULL outside of 0 to 4294967295.",
     .example = "INET_NTOA(2130706433) = '127.0.0.1'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "INET_NTOA", "(BIGINT)", "l", DataType::String());
         },
     .eval = NumberToInet,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> StringEncodeFunctions() {
  return kEncode;
}

}  // namespace rhei
