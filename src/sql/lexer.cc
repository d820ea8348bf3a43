// The lexer follows Calcite's with Lex.JAVA: backquoted names, `--` and `//` comments to the end of
// the line, /* */ without nesting, letters as in Java identifiers (all of Unicode here), `$` and
// `_` too.
#include <fmt/format.h>

#include "base/check.h"
#include "sql/token.h"

namespace rhei {
namespace {

constexpr size_t kTextBytesMax = size_t{1} << 30;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}
bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> Run(Status* error) {
    if (text_.size() > kTextBytesMax) {
      *error = {ErrorCode::kResource, "SQL parse failed. The text is larger than 1 GiB"};
    } else {
      tokens_.reserve(text_.size() / 5 + 1);
      while (error_.ok() && SkipBlank() && offset_ < text_.size()) ReadToken();
      *error = std::move(error_);
    }
    AddEnd();
    return std::move(tokens_);
  }

 private:
  char At(size_t index) const { return index < text_.size() ? text_[index] : '\0'; }

  void Advance() {
    if (text_[offset_] == '\n') {
      last_line_ = line_++;
      last_column_ = column_;
      column_ = 1;
    } else if (!IsContinuation(text_[offset_])) {
      last_line_ = line_;
      last_column_ = column_++;
    }
    ++offset_;
  }
  void AdvanceTo(size_t end) {
    while (offset_ < end) Advance();
  }

  // JavaCC puts the end at the last character that it read, which is what Flink reports.
  void AddEnd() {
    Token token;
    token.begin = token.end = static_cast<uint32_t>(offset_);
    token.position = {last_line_, last_column_, last_line_, last_column_};
    tokens_.push_back(token);
  }

  void Fail(std::string_view message) {
    error_ = InvalidSql(fmt::format("SQL parse failed. {}", message),
                        {line_, column_, line_, column_ + 1});
  }

  bool SkipBlank() {
    while (offset_ < text_.size()) {
      const char c = text_[offset_];
      const char next = At(offset_ + 1);
      if (IsSpace(c)) {
        Advance();
      } else if ((c == '-' && next == '-') || (c == '/' && next == '/')) {
        while (offset_ < text_.size() && text_[offset_] != '\n') Advance();
      } else if (c == '/' && next == '*' && At(offset_ + 2) != '+') {
        const size_t close = text_.find("*/", offset_ + 2);
        if (close == std::string_view::npos) {
          Fail(
              fmt::format("Encountered \"<EOF>\" at line {}, column {}: the comment is not closed.",
                          line_, column_));
          return false;
        }
        AdvanceTo(close + 2);
      } else {
        break;
      }
    }
    return true;
  }

  void Add(TokenKind kind, size_t end) {
    Token token;
    token.kind = kind;
    token.begin = static_cast<uint32_t>(offset_);
    token.position = {line_, column_, 0, 0};
    AdvanceTo(end);
    token.end = static_cast<uint32_t>(end);
    token.position.end_line = line_;
    token.position.end_column = column_;
    if (kind == TokenKind::kWord) {
      token.keyword = LookUp(text_.substr(token.begin, token.end - token.begin));
    }
    tokens_.push_back(token);
  }

  static Keyword LookUp(std::string_view word) {
    constexpr size_t kLongest = 32;
    if (word.size() > kLongest) return kNoKeyword;
    char upper[kLongest];
    for (size_t i = 0; i < word.size(); ++i) {
      upper[i] = word[i] >= 'a' && word[i] <= 'z' ? static_cast<char>(word[i] - 32) : word[i];
    }
    return FindKeyword({upper, word.size()});
  }

  // The end of a string whose opening quote is at `quote`, or npos.
  size_t StringEnd(size_t quote, bool backslash) const {
    for (size_t i = quote + 1; i < text_.size(); ++i) {
      if (backslash && text_[i] == '\\') {
        ++i;
      } else if (text_[i] == '\'') {
        if (At(i + 1) != '\'') return i + 1;
        ++i;
      }
    }
    return std::string_view::npos;
  }

  void AddString(TokenKind kind, size_t quote) {
    const size_t end = StringEnd(quote, kind == TokenKind::kEscapeString);
    if (end != std::string_view::npos) {
      Add(kind, end);
    } else if (quote == offset_) {
      Add(TokenKind::kLoneQuote, offset_ + 1);
    } else {
      ReadWord();
    }
  }

  void ReadWord() {
    size_t end = offset_;
    while (end < text_.size() && (IsLetter(text_[end]) || IsDigit(text_[end]))) ++end;
    Add(TokenKind::kWord, end);
  }

  void ReadWordOrString() {
    const char c = text_[offset_];
    const char next = At(offset_ + 1);
    if ((c == 'x' || c == 'X') && next == '\'')
      return AddString(TokenKind::kBinaryString, offset_ + 1);
    if ((c == 'n' || c == 'N') && next == '\'')
      return AddString(TokenKind::kPrefixString, offset_ + 1);
    if ((c == 'e' || c == 'E') && next == '\'')
      return AddString(TokenKind::kEscapeString, offset_ + 1);
    if ((c == 'u' || c == 'U') && next == '&' && At(offset_ + 2) == '\'') {
      return AddString(TokenKind::kUnicodeString, offset_ + 2);
    }
    if (c == '_') {
      size_t end = offset_ + 1;
      while (IsDigit(At(end)) || (IsLetter(At(end)) && At(end) != '$') || At(end) == '-' ||
             At(end) == ':' || At(end) == '.') {
        ++end;
      }
      if (end > offset_ + 1 && At(end) == '\'') return AddString(TokenKind::kPrefixString, end);
    }
    ReadWord();
  }

  void ReadNumber() {
    TokenKind kind = TokenKind::kInteger;
    size_t end = offset_;
    while (IsDigit(At(end))) ++end;
    if (At(end) == '.') {
      kind = TokenKind::kDecimal;
      ++end;
      while (IsDigit(At(end))) ++end;
    }
    if (At(end) == 'e' || At(end) == 'E') {
      size_t digits = end + 1;
      if (At(digits) == '+' || At(digits) == '-') ++digits;
      if (IsDigit(At(digits))) {
        kind = TokenKind::kApproximate;
        end = digits;
        while (IsDigit(At(end))) ++end;
      }
    }
    Add(kind, end);
  }

  void ReadQuotedName() {
    for (size_t i = offset_ + 1; i < text_.size(); ++i) {
      if (text_[i] != '`') continue;
      if (At(i + 1) == '`') {
        ++i;
      } else if (i == offset_ + 1) {
        break;  // An empty name.
      } else {
        return Add(TokenKind::kQuotedName, i + 1);
      }
    }
    Fail(fmt::format("Lexical error at line {}, column {}.  Encountered: \"`\" (96), after : \"\"",
                     line_, column_));
  }

  void ReadToken() {
    const char c = text_[offset_];
    if (IsLetter(c)) return ReadWordOrString();
    if (IsDigit(c) || (c == '.' && IsDigit(At(offset_ + 1)))) return ReadNumber();
    if (c == '\'') return AddString(TokenKind::kString, offset_);
    if (c == '`') return ReadQuotedName();
    ReadSymbol();
  }

  void ReadSymbol() {
    struct Symbol {
      std::string_view text;
      TokenKind kind;
    };
    static constexpr Symbol kSymbols[] = {
        {"/*+", TokenKind::kHintOpen},   {"*/", TokenKind::kHintClose},
        {"<>", TokenKind::kNotEquals},   {"!=", TokenKind::kNotEquals},
        {"<=", TokenKind::kLessOrEqual}, {">=", TokenKind::kGreaterOrEqual},
        {"||", TokenKind::kConcat},      {"=>", TokenKind::kArrow},
        {"(", TokenKind::kLeftParen},    {")", TokenKind::kRightParen},
        {"[", TokenKind::kLeftBracket},  {"]", TokenKind::kRightBracket},
        {"{", TokenKind::kLeftBrace},    {"}", TokenKind::kRightBrace},
        {";", TokenKind::kSemicolon},    {".", TokenKind::kDot},
        {",", TokenKind::kComma},        {"=", TokenKind::kEquals},
        {"<", TokenKind::kLess},         {">", TokenKind::kGreater},
        {"+", TokenKind::kPlus},         {"-", TokenKind::kMinus},
        {"*", TokenKind::kStar},         {"/", TokenKind::kSlash},
        {"%", TokenKind::kPercent},      {"|", TokenKind::kBar},
        {"^", TokenKind::kCaret},        {"?", TokenKind::kQuestion},
        {":", TokenKind::kColon},        {"\"", TokenKind::kLoneQuote},
    };
    const std::string_view rest = text_.substr(offset_);
    for (const Symbol& symbol : kSymbols) {
      if (!rest.starts_with(symbol.text)) continue;
      // Outside a hint, */ is a star and a slash, as in `a */* comment */ b`.
      if (symbol.kind == TokenKind::kHintClose && !in_hint_) continue;
      if (symbol.kind == TokenKind::kHintOpen) in_hint_ = true;
      if (symbol.kind == TokenKind::kHintClose) in_hint_ = false;
      return Add(symbol.kind, offset_ + symbol.text.size());
    }
    const auto code = static_cast<unsigned char>(rest[0]);
    const std::string shown =
        code >= 0x20 ? std::string(1, rest[0]) : fmt::format("\\u{:04x}", code);
    Fail(fmt::format("Lexical error at line {}, column {}.  Encountered: \"{}\" ({}), after : \"\"",
                     line_, column_, shown, code));
  }

  std::string_view text_;
  size_t offset_ = 0;
  int32_t line_ = 1;
  int32_t column_ = 1;
  int32_t last_line_ = 0;
  int32_t last_column_ = 0;
  bool in_hint_ = false;
  std::vector<Token> tokens_;
  Status error_;
};

void AppendUtf8(std::string* out, uint32_t code) {
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += static_cast<char>(0xC0 | (code >> 6));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *out += static_cast<char>(0xE0 | (code >> 12));
    *out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *out += static_cast<char>(0xF0 | (code >> 18));
    *out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    *out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Reads up to `digits` hex digits at *index; returns how many there were.
int ReadHex(std::string_view text, size_t* index, int digits, uint32_t* value) {
  int count = 0;
  *value = 0;
  while (count < digits && *index < text.size() && HexValue(text[*index]) >= 0) {
    *value = *value * 16 + static_cast<uint32_t>(HexValue(text[*index]));
    ++*index;
    ++count;
  }
  return count;
}

// Appends UTF-16 units one at a time: the halves of a surrogate pair become one character.
class Utf16Appender {
 public:
  explicit Utf16Appender(std::string* out) : out_(out) {}
  void Unit(uint32_t unit) {
    if (high_ != 0 && unit >= 0xDC00 && unit < 0xE000) {
      AppendUtf8(out_, 0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00));
      high_ = 0;
      return;
    }
    Flush();
    if (unit >= 0xD800 && unit < 0xDC00) {
      high_ = unit;
    } else {
      AppendUtf8(out_, unit >= 0xDC00 && unit < 0xE000 ? 0xFFFD : unit);
    }
  }
  void Flush() {
    if (high_ != 0) AppendUtf8(out_, 0xFFFD);
    high_ = 0;
  }

 private:
  std::string* out_;
  uint32_t high_ = 0;
};

Result<std::string> DecodeUnicode(std::string_view body, char escape, SqlPosition position) {
  std::string out;
  Utf16Appender units(&out);
  for (size_t i = 0; i < body.size();) {
    if (body[i] != escape) {
      units.Flush();
      out += body[i++];
    } else if (i + 1 < body.size() && body[i + 1] == escape) {
      units.Flush();
      out += escape;
      i += 2;
    } else {
      const size_t start = i++;
      uint32_t unit = 0;
      if (ReadHex(body, &i, 4, &unit) != 4) {
        return InvalidSql(
            fmt::format("SQL parse failed. Unicode escape sequence starting at character {} is not "
                        "exactly four hex digits",
                        start),
            position);
      }
      units.Unit(unit);
    }
  }
  units.Flush();
  return out;
}

std::string DecodeEscapes(std::string_view body) {
  std::string out;
  Utf16Appender units(&out);
  for (size_t i = 0; i < body.size();) {
    if (body[i] != '\\' || i + 1 >= body.size()) {
      units.Flush();
      out += body[i];
      i += body[i] == '\'' ? 2 : 1;  // A quote comes doubled.
      continue;
    }
    const char c = body[i + 1];
    i += 2;
    uint32_t value = 0;
    if (c >= '0' && c <= '7') {
      value = static_cast<uint32_t>(c - '0');
      for (int k = 0; k < 2 && i < body.size() && body[i] >= '0' && body[i] <= '7'; ++k, ++i) {
        value = value * 8 + static_cast<uint32_t>(body[i] - '0');
      }
      units.Unit(value & 0xFF);
    } else if (c == 'x' || c == 'u') {
      if (ReadHex(body, &i, c == 'x' ? 2 : 4, &value) == 0) {
        units.Flush();
        out += c;
      } else {
        units.Unit(value);
      }
    } else {
      units.Flush();
      constexpr std::string_view kFrom = "bfnrt";
      constexpr std::string_view kTo = "\b\f\n\r\t";
      const size_t known = kFrom.find(c);
      out += known == std::string_view::npos ? c : kTo[known];
    }
  }
  units.Flush();
  return out;
}

// `body` with doubled quotes made single.
std::string Undouble(std::string_view body, char quote) {
  std::string out;
  out.reserve(body.size());
  for (size_t i = 0; i < body.size(); ++i) {
    out += body[i];
    if (body[i] == quote) ++i;
  }
  return out;
}

}  // namespace

std::vector<Token> TokenizePrefix(std::string_view text, Status* error) {
  return Lexer(text).Run(error);
}

Result<std::vector<Token>> Tokenize(std::string_view text) {
  Status error;
  std::vector<Token> tokens = TokenizePrefix(text, &error);
  if (!error.ok()) return error;
  return tokens;
}

std::string DecodeName(const Token& token, std::string_view text) {
  const std::string_view raw = text.substr(token.begin, token.end - token.begin);
  if (token.kind != TokenKind::kQuotedName) return std::string(raw);
  return Undouble(raw.substr(1, raw.size() - 2), '`');
}

Result<std::string> DecodeString(const Token& token, std::string_view text, char unicode_escape) {
  const std::string_view raw = text.substr(token.begin, token.end - token.begin);
  const size_t quote = raw.find('\'');
  CHECK(quote != std::string_view::npos && raw.size() >= quote + 2);
  const std::string_view inner = raw.substr(quote + 1, raw.size() - quote - 2);
  if (token.kind == TokenKind::kEscapeString) return DecodeEscapes(inner);
  std::string body = Undouble(inner, '\'');
  if (token.kind == TokenKind::kUnicodeString) {
    return DecodeUnicode(body, unicode_escape, token.position);
  }
  return body;
}

std::string AsciiUpper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

}  // namespace rhei
