#include "functions/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "functions/text.h"

namespace rhei {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool JsonScanner::Fail(std::string_view message) {
  if (error_.empty()) error_ = message;
  return false;
}

bool JsonScanner::Unexpected(std::string_view where) {
  if (at_ >= end_) return Fail(fmt::format("Unexpected end-of-input{}", where));
  const auto code = static_cast<unsigned char>(*at_);
  return Fail(fmt::format("Unexpected character ('{}' (code {})){}", *at_, code, where));
}

void JsonScanner::SkipSpace() {
  while (at_ < end_ && IsSpace(*at_)) ++at_;
}

bool JsonScanner::Accept(char c) {
  if (at_ >= end_ || *at_ != c) return false;
  ++at_;
  return true;
}

bool JsonScanner::Expect(char c, std::string_view where) {
  return Accept(c) || Unexpected(where);
}

bool JsonScanner::ReadString(std::string_view* raw, bool* plain) {
  const char* start = ++at_;
  *plain = true;
  while (at_ < end_) {
    const char c = *at_;
    if (c == '"') {
      *raw = {start, static_cast<size_t>(at_ - start)};
      ++at_;
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
      return Fail(
          fmt::format("Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped "
                      "using backslash to be included in string value",
                      static_cast<int>(c)));
    }
    ++at_;
    if (c != '\\') continue;
    *plain = false;
    if (at_ >= end_) break;
    const char escaped = *at_++;
    if (escaped == 'u') {
      for (int i = 0; i < 4; ++i, ++at_) {
        if (at_ >= end_ || HexDigit(*at_) < 0) {
          return Unexpected(": expected a hex-digit for character escape sequence");
        }
      }
    } else if (std::string_view("\"\\/bfnrt").find(escaped) == std::string_view::npos) {
      --at_;
      return Fail(fmt::format("Unrecognized character escape '{}' (code {})", escaped,
                              static_cast<int>(escaped)));
    }
  }
  return Fail("Unexpected end-of-input: was expecting closing quote for a string value");
}

bool JsonScanner::SkipNumber() {
  constexpr std::string_view kWhere = ": expected a digit to follow in a number";
  Accept('-');
  if (Accept('0')) {
    if (IsDigit(peek())) return Fail("Invalid numeric value: Leading zeroes not allowed");
  } else {
    if (!IsDigit(peek())) return Unexpected(kWhere);
    while (IsDigit(peek())) ++at_;
  }
  if (Accept('.')) {
    if (!IsDigit(peek())) return Unexpected(kWhere);
    while (IsDigit(peek())) ++at_;
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (!Accept('+')) Accept('-');
    if (!IsDigit(peek())) return Unexpected(kWhere);
    while (IsDigit(peek())) ++at_;
  }
  return true;
}

bool JsonScanner::SkipWord() {
  const char* start = at_;
  while (at_ < end_ && (IsDigit(*at_) || (*at_ >= 'a' && *at_ <= 'z') ||
                        (*at_ >= 'A' && *at_ <= 'Z') || *at_ == '_' || *at_ == '$')) {
    ++at_;
  }
  const std::string_view word(start, static_cast<size_t>(at_ - start));
  if (word == "true" || word == "false" || word == "null") return true;
  if (word.empty()) return Unexpected(": expected a valid value");
  return Fail(
      fmt::format("Unrecognized token '{}': was expecting (JSON String, Number, Array, "
                  "Object or token 'null', 'true' or 'false')",
                  word));
}

bool JsonScanner::SkipValue(int depth) {
  if (depth > kJsonDepthMax) return Fail("Document nesting depth exceeds the maximum allowed");
  const char first = peek();
  if (first == '"') {
    std::string_view raw;
    bool plain;
    return ReadString(&raw, &plain);
  }
  if (first == '-' || IsDigit(first)) return SkipNumber();
  if (first != '{' && first != '[') return SkipWord();
  ++at_;
  const char close = first == '{' ? '}' : ']';
  SkipSpace();
  if (Accept(close)) return true;
  for (;;) {
    SkipSpace();
    if (first == '{') {
      std::string_view raw;
      bool plain;
      if (peek() != '"') {
        return Unexpected(": was expecting double-quote to start field name");
      }
      if (!ReadString(&raw, &plain)) return false;
      SkipSpace();
      if (!Expect(':', ": was expecting a colon to separate field name and value")) return false;
      SkipSpace();
    }
    if (!SkipValue(depth + 1)) return false;
    SkipSpace();
    if (Accept(close)) return true;
    if (!Expect(',', ": was expecting comma to separate entries")) return false;
  }
}

bool JsonScanner::CheckRootEnd(bool was_word) {
  if (!was_word || at_ >= end_ || IsSpace(*at_)) return true;
  return Unexpected(": Expected space separating root-level values");
}

Result<std::string_view> ScanJson(std::string_view text) {
  JsonScanner scanner(text);
  scanner.SkipSpace();
  const char* start = scanner.position();
  const bool number = scanner.peek() == '-' || IsDigit(scanner.peek());
  if (start == text.data() + text.size()) {
    return DataError("No content to map due to end-of-input");
  }
  if (!scanner.SkipValue() || !scanner.CheckRootEnd(number)) return DataError(scanner.error());
  return std::string_view(start, static_cast<size_t>(scanner.position() - start));
}

void AppendJsonUnescaped(std::string_view raw, std::string* out) {
  for (size_t i = 0; i < raw.size();) {
    const size_t escape = std::min(raw.find('\\', i), raw.size());
    out->append(raw.substr(i, escape - i));
    i = escape;
    std::u16string units;  // a run of \u escapes, so that surrogates find their partners
    while (i + 5 < raw.size() && raw[i] == '\\' && raw[i + 1] == 'u') {
      int unit = 0;
      for (size_t j = 2; j < 6; ++j) unit = unit * 16 + HexDigit(raw[i + j]);
      units.push_back(static_cast<char16_t>(unit));
      i += 6;
    }
    AppendUtf8(units, out);
    if (!units.empty() || i + 1 >= raw.size()) continue;
    constexpr std::string_view kEscapes = "bfnrt";
    constexpr std::string_view kMeanings = "\b\f\n\r\t";
    const size_t which = kEscapes.find(raw[i + 1]);
    out->push_back(which == std::string_view::npos ? raw[i + 1] : kMeanings[which]);
    i += 2;
  }
}

const JsonValue* JsonValue::Member(std::string_view key) const {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == key) return &items[i];
  }
  return nullptr;
}

void JsonValue::SetMember(std::string key, JsonValue value) {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == key) {
      items[i] = std::move(value);
      return;
    }
  }
  keys.push_back(std::move(key));
  items.push_back(std::move(value));
}

namespace {

// Builds a tree from text that was already scanned, so nothing can be wrong with it but keys.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, bool unique_keys)
      : scanner_(text), unique_keys_(unique_keys) {}

  bool Read(JsonValue* value) {
    scanner_.SkipSpace();
    const char first = scanner_.peek();
    if (first == '{' || first == '[') return ReadNested(first, value);
    if (first == '"') {
      value->kind = JsonValue::Kind::kString;
      return ReadText(&value->text);
    }
    const char* start = scanner_.position();
    scanner_.SkipValue();
    value->kind = first == 't'   ? JsonValue::Kind::kTrue
                  : first == 'f' ? JsonValue::Kind::kFalse
                  : first == 'n' ? JsonValue::Kind::kNull
                                 : JsonValue::Kind::kNumber;
    if (value->kind == JsonValue::Kind::kNumber) value->text.assign(start, scanner_.position());
    return true;
  }

 private:
  bool ReadText(std::string* text) {
    std::string_view raw;
    bool plain;
    scanner_.ReadString(&raw, &plain);
    if (plain) {
      text->assign(raw);
    } else {
      AppendJsonUnescaped(raw, text);
    }
    return true;
  }

  bool ReadNested(char open, JsonValue* value) {
    value->kind = open == '{' ? JsonValue::Kind::kObject : JsonValue::Kind::kArray;
    const char close = open == '{' ? '}' : ']';
    scanner_.Accept(open);
    scanner_.SkipSpace();
    if (scanner_.Accept(close)) return true;
    for (;;) {
      std::string key;
      if (open == '{') {
        scanner_.SkipSpace();
        ReadText(&key);
        scanner_.SkipSpace();
        scanner_.Accept(':');
      }
      JsonValue item;
      if (!Read(&item)) return false;
      if (open == '{') {
        if (unique_keys_ && value->Member(key) != nullptr) return false;
        value->SetMember(std::move(key), std::move(item));
      } else {
        value->items.push_back(std::move(item));
      }
      scanner_.SkipSpace();
      if (scanner_.Accept(close)) return true;
      scanner_.Accept(',');
    }
  }

  JsonScanner scanner_;
  bool unique_keys_;
};

}  // namespace

Result<JsonValue> ParseJson(std::string_view text, bool unique_keys) {
  ASSIGN_OR_RETURN(const std::string_view valid, ScanJson(text));
  JsonValue value;
  if (!TreeBuilder(valid, unique_keys).Read(&value)) return DataError("VARIANT_DUPLICATE_KEY");
  return value;
}

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out->append(text.substr(start, i - start));
    start = i + 1;
    constexpr std::string_view kMeanings = "\b\f\n\r\t";
    const size_t which = kMeanings.find(text[i]);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(text[i]);
    } else if (which != std::string_view::npos) {
      out->push_back('\\');
      out->push_back("bfnrt"[which]);
    } else {
      fmt::format_to(std::back_inserter(*out), "\\u{:04X}", c);
    }
  }
  out->append(text.substr(start));
  out->push_back('"');
}

bool IsJsonInteger(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos;
}

void AppendJavaNumber(std::string_view number, std::string* out) {
  const bool negative = !number.empty() && number[0] == '-';
  std::string digits;
  int64_t scale = 0;
  bool fraction = false;
  size_t i = negative ? 1 : 0;
  for (; i < number.size() && number[i] != 'e' && number[i] != 'E'; ++i) {
    if (number[i] == '.') {
      fraction = true;
    } else {
      digits += number[i];
      if (fraction) ++scale;
    }
  }
  if (i < number.size()) {
    int64_t exponent = 0;
    std::string_view text = number.substr(i + 1);
    if (!text.empty() && text[0] == '+') text.remove_prefix(1);
    std::from_chars(text.data(), text.data() + text.size(), exponent);
    scale -= exponent;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  if (negative && digits != "0") out->push_back('-');
  const auto count = static_cast<int64_t>(digits.size());
  const int64_t adjusted = count - 1 - scale;
  if (scale == 0) {
    *out += digits;
  } else if (scale > 0 && adjusted >= -6) {
    if (count > scale) {
      *out += digits.substr(0, static_cast<size_t>(count - scale));
    } else {
      *out += '0';
    }
    *out += '.';
    out->append(static_cast<size_t>(std::max<int64_t>(scale - count, 0)), '0');
    *out += digits.substr(static_cast<size_t>(std::max<int64_t>(count - scale, 0)));
  } else {
    *out += digits[0];
    if (count > 1) out->append(".").append(digits, 1, std::string::npos);
    if (adjusted != 0) fmt::format_to(std::back_inserter(*out), "E{:+d}", adjusted);
  }
}

void AppendJsonScalar(const JsonValue& value, std::string* out) {
  switch (value.kind) {
    case JsonValue::Kind::kNull: *out += "null"; return;
    case JsonValue::Kind::kFalse: *out += "false"; return;
    case JsonValue::Kind::kTrue: *out += "true"; return;
    case JsonValue::Kind::kNumber: AppendJavaNumber(value.text, out); return;
    default: *out += value.text; return;
  }
}

void AppendJson(const JsonValue& value, std::string* out) {
  if (value.kind == JsonValue::Kind::kString) {
    AppendJsonString(value.text, out);
  } else if (value.is_scalar()) {
    AppendJsonScalar(value, out);
  } else if (value.kind == JsonValue::Kind::kArray) {
    *out += '[';
    for (size_t i = 0; i < value.items.size(); ++i) {
      if (i > 0) *out += ',';
      AppendJson(value.items[i], out);
    }
    *out += ']';
  } else {
    std::vector<size_t> order(value.keys.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return value.keys[a] < value.keys[b]; });
    *out += '{';
    for (size_t i = 0; i < order.size(); ++i) {
      if (i > 0) *out += ',';
      AppendJsonString(value.keys[order[i]], out);
      *out += ':';
      AppendJson(value.items[order[i]], out);
    }
    *out += '}';
  }
}

}  // namespace rhei
