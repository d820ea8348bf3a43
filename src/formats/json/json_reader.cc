#include "formats/json/json_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <unordered_map>

#include "formats/cells.h"
#include "types/number_text.h"

namespace rhei {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsWordCharacter(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// REQUIRES: four hexadecimal digits.
uint32_t FourHexDigits(const char* p) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 4 | static_cast<uint32_t>(HexDigit(p[i]));
  return value;
}

void AppendCodePoint(uint32_t code, std::string* out) {
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += static_cast<char>(0xc0 | code >> 6);
    *out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    *out += static_cast<char>(0xe0 | code >> 12);
    *out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    *out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    *out += static_cast<char>(0xf0 | code >> 18);
    *out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    *out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    *out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

char SimpleEscape(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;  // '"', '\\', '/'
  }
}

}  // namespace

bool JsonReader::Fail(std::string message) {
  error_ = std::move(message);
  error_at_ = p_ < end_ ? p_ : end_;
  return false;
}

bool JsonReader::UnexpectedEnd() {
  p_ = end_;
  return Fail("Unexpected end-of-input");
}

bool JsonReader::Unexpected(const char* expectation) {
  if (p_ >= end_) return UnexpectedEnd();
  return Fail(fmt::format("Unexpected character ('{}' (code {})): {}", *p_,
                          static_cast<int>(static_cast<unsigned char>(*p_)), expectation));
}

bool JsonReader::CheckUtf8(std::string_view text) {
  const size_t valid = ValidUtf8Prefix(text);
  if (valid == text.size()) return true;
  const auto byte = static_cast<unsigned char>(text[valid]);
  p_ = text.data() + valid;
  return Fail(fmt::format("Invalid UTF-8 byte 0x{:02x}", byte));
}

// Goes on at the first backslash of a string that began at `start`.
bool JsonReader::TakeEscapedString(const char* start, JsonString* out) {
  for (;;) {
    if (p_ >= end_) return UnexpectedEnd();
    if (*p_ == '"') break;
    if (*p_++ != '\\') continue;
    if (p_ >= end_) return UnexpectedEnd();
    if (*p_ == 'u') {
      for (int i = 1; i <= 4; ++i) {
        if (p_ + i >= end_) return UnexpectedEnd();
        if (HexDigit(p_[i]) >= 0) continue;
        p_ += i;
        return Unexpected("expected a hex-digit for character escape sequence");
      }
      p_ += 5;
    } else if (std::string_view("\"\\/bfnrt").find(*p_) != std::string_view::npos) {
      ++p_;
    } else {
      return Fail(fmt::format("Unrecognized character escape '{}' (code {})", *p_,
                              static_cast<int>(static_cast<unsigned char>(*p_))));
    }
  }
  out->text = {start, static_cast<size_t>(p_ - start)};
  out->escaped = true;
  ++p_;
  return CheckUtf8(out->text);
}

bool JsonReader::TakeNumber(std::string_view* text, bool* is_float) {
  const char* start = p_;
  *is_float = false;
  if (*p_ == '-') ++p_;
  if (p_ >= end_ || !IsDigit(*p_)) return Unexpected("expected digit (0-9) to follow minus sign");
  if (*p_ == '0' && p_ + 1 < end_ && IsDigit(p_[1])) {
    return Fail("Invalid numeric value: Leading zeroes not allowed");
  }
  while (p_ < end_ && IsDigit(*p_)) ++p_;
  if (p_ < end_ && *p_ == '.') {
    *is_float = true;
    ++p_;
    if (p_ >= end_ || !IsDigit(*p_)) {
      return Unexpected("Decimal point not followed by a digit");
    }
    while (p_ < end_ && IsDigit(*p_)) ++p_;
  }
  if (p_ < end_ && (*p_ == 'e' || *p_ == 'E')) {
    *is_float = true;
    ++p_;
    if (p_ < end_ && (*p_ == '+' || *p_ == '-')) ++p_;
    if (p_ >= end_ || !IsDigit(*p_)) {
      return Unexpected("Exponent indicator not followed by a digit");
    }
    while (p_ < end_ && IsDigit(*p_)) ++p_;
  }
  *text = {start, static_cast<size_t>(p_ - start)};
  return true;
}

bool JsonReader::TakeWord(std::string_view* word) {
  SkipSpaces();
  const char* start = p_;
  while (p_ < end_ && IsWordCharacter(*p_)) ++p_;
  *word = TextSince(start);
  if (*word == "true" || *word == "false" || *word == "null") return true;
  p_ = start;
  if (word->empty()) return Unexpected("expected a value");
  return Fail(
      fmt::format("Unrecognized token '{}': was expecting (JSON String, Number, Array, "
                  "Object or token 'null', 'true' or 'false')",
                  word->substr(0, 256)));
}

bool JsonReader::SkipScalar(char first) {
  std::string_view text;
  bool is_float;
  JsonString string;
  if (first == '"') return TakeString(&string);
  if (first == '-' || IsDigit(first)) return TakeNumber(&text, &is_float);
  return TakeWord(&text);
}

bool JsonReader::SkipOther(char first) {
  return first == '{' || first == '[' ? SkipContainer() : SkipScalar(first);
}

bool JsonReader::SkipContainer() {
  char closers[kDepthMax];
  size_t depth = 0;
  JsonString key;
  bool want_key = false;  // else a value
  for (;;) {
    const char c = Peek();
    if (want_key) {
      if (c != '"') return Unexpected("was expecting double-quote to start field name");
      if (!TakeString(&key)) return false;
      if (!Take(':', "was expecting a colon to separate field name and value")) return false;
      want_key = false;
      continue;
    }
    if (c == '{' || c == '[') {
      if (depth == kDepthMax) {
        return Fail(fmt::format("Document nesting depth ({}) exceeds the maximum allowed ({})",
                                depth + 1, kDepthMax));
      }
      closers[depth++] = c == '{' ? '}' : ']';
      ++p_;
      if (Peek() != closers[depth - 1]) {
        want_key = c == '{';
        continue;
      }
    } else if (!SkipScalar(c)) {
      return false;
    }
    // Behind a value (or before the end of an empty container).
    while (depth > 0 && TakeIf(closers[depth - 1])) --depth;
    if (depth == 0) return true;
    if (!Take(',', closers[depth - 1] == '}' ? "was expecting comma to separate Object entries"
                                             : "was expecting comma to separate Array entries")) {
      return false;
    }
    want_key = closers[depth - 1] == '}';
  }
}

void UnescapeJson(std::string_view text, std::string* out) {
  for (size_t i = 0; i < text.size();) {
    const size_t plain = std::min(text.find('\\', i), text.size());
    out->append(text.substr(i, plain - i));
    if (plain == text.size()) return;
    i = plain + 2;
    if (text[plain + 1] != 'u') {
      *out += SimpleEscape(text[plain + 1]);
      continue;
    }
    uint32_t code = FourHexDigits(text.data() + i);
    i += 4;
    const bool pair = code >= 0xd800 && code < 0xdc00 && i + 6 <= text.size() && text[i] == '\\' &&
                      text[i + 1] == 'u';
    const uint32_t low = pair ? FourHexDigits(text.data() + i + 2) : 0;
    if (low >= 0xdc00 && low < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      i += 6;
    }
    AppendCodePoint(code >= 0xd800 && code < 0xe000 ? '?' : code, out);
  }
}

namespace {

// How many characters at the start of `text` need no escape, in steps of eight.
size_t PlainPrefix(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, sizeof(word));
    const uint64_t quotes = word ^ (kOnes * '"');
    const uint64_t slashes = word ^ (kOnes * '\\');
    const uint64_t stops = ((quotes - kOnes) & ~quotes) | ((slashes - kOnes) & ~slashes) |
                           ((word - kOnes * 0x20) & ~word);
    if ((stops & (kOnes * 0x80)) != 0) break;
  }
  return i;
}

}  // namespace

void WriteJsonString(std::string_view text, std::string* out) {
  *out += '"';
  size_t plain = 0;
  for (size_t i = PlainPrefix(text); i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out->append(text.substr(plain, i - plain));
    plain = i + 1;
    switch (c) {
      case '"': *out += "\\\""; break;
      case '\\': *out += "\\\\"; break;
      case '\b': *out += "\\b"; break;
      case '\f': *out += "\\f"; break;
      case '\n': *out += "\\n"; break;
      case '\r': *out += "\\r"; break;
      case '\t': *out += "\\t"; break;
      default: *out += fmt::format("\\u{:04X}", static_cast<int>(c)); break;
    }
  }
  out->append(text.substr(plain));
  *out += '"';
}

namespace {

class CompactPrinter {
 public:
  CompactPrinter(JsonReader* reader, std::string* out) : reader_(reader), out_(out) {}

  bool Print(size_t depth) {
    const char c = reader_->Peek();
    if (c == '{') return PrintObject(depth);
    if (c == '[') return PrintArray(depth);
    if (c == '"') {
      JsonString string;
      if (!reader_->TakeString(&string)) return false;
      AppendString(string);
      return true;
    }
    std::string_view text;
    bool is_float;
    if (c != '-' && !IsDigit(c)) {
      if (!reader_->TakeWord(&text)) return false;
      out_->append(text);
      return true;
    }
    if (!reader_->TakeNumber(&text, &is_float)) return false;
    double value = 0;
    if (is_float) (void)ParseDouble(text, &value);
    const bool finite = value - value == 0;
    if (!is_float) {
      out_->append(text == "-0" ? "0" : text);
    } else if (finite) {
      out_->append(DoubleToString(value));
    } else {
      out_->append("\"" + DoubleToString(value) + "\"");
    }
    return true;
  }

 private:
  void AppendString(const JsonString& string) {
    if (!string.escaped) return WriteJsonString(string.text, out_);
    std::string plain;
    UnescapeJson(string.text, &plain);
    WriteJsonString(plain, out_);
  }

  bool Enter(size_t depth) {
    if (depth < JsonReader::kDepthMax) return true;
    return reader_->Unexpected("the document is nested too deeply");
  }

  bool PrintArray(size_t depth) {
    if (!Enter(depth)) return false;
    reader_->TakeIf('[');
    *out_ += '[';
    if (!reader_->TakeIf(']')) {
      for (;;) {
        if (!Print(depth + 1)) return false;
        if (reader_->TakeIf(']')) break;
        if (!reader_->Take(',', "was expecting comma to separate Array entries")) return false;
        *out_ += ',';
      }
    }
    *out_ += ']';
    return true;
  }

  // Members are collected first: the last of equal keys counts, in the place of the first.
  bool PrintObject(size_t depth) {
    if (!Enter(depth)) return false;
    reader_->TakeIf('{');
    std::vector<std::pair<std::string, std::string>> members;
    std::unordered_map<std::string, size_t> index;
    std::string* const whole = out_;
    while (!reader_->TakeIf('}')) {
      if (!members.empty() &&
          !reader_->Take(',', "was expecting comma to separate Object entries")) {
        return false;
      }
      if (reader_->Peek() != '"') {
        return reader_->Unexpected("was expecting double-quote to start field name");
      }
      JsonString name;
      std::string key, value;
      if (!reader_->TakeString(&name)) return false;
      UnescapeJson(name.text, &key);
      if (!reader_->Take(':', "was expecting a colon to separate field name and value")) {
        return false;
      }
      out_ = &value;
      const bool ok = Print(depth + 1);
      out_ = whole;
      if (!ok) return false;
      const auto [at, fresh] = index.emplace(key, members.size());
      if (fresh) {
        members.emplace_back(std::move(key), std::move(value));
      } else {
        members[at->second].second = std::move(value);
      }
    }
    *out_ += '{';
    for (size_t i = 0; i < members.size(); ++i) {
      if (i > 0) *out_ += ',';
      WriteJsonString(members[i].first, out_);
      *out_ += ':';
      out_->append(members[i].second);
    }
    *out_ += '}';
    return true;
  }

  JsonReader* reader_;
  std::string* out_;
};

}  // namespace

bool AppendCompactJson(JsonReader* reader, std::string* out) {
  return CompactPrinter(reader, out).Print(0);
}

}  // namespace rhei
