#pragma once
// A token of SQL text, and the lexer that makes them.
//
// Ownership: tokens point into the text, which must outlive them. Thread-safety: none needed.
// Cost: one pass, one allocation; memory is proportional to the text.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sql/keyword.h"

namespace rhei {

enum class TokenKind : uint8_t {
  kEnd,
  kWord,           // A keyword or an unquoted name.
  kQuotedName,     // `name`
  kString,         // 'text'
  kPrefixString,   // _UTF16'text', N'text'
  kUnicodeString,  // U&'text'
  kEscapeString,   // E'text'
  kBinaryString,   // X'AB'
  kInteger,
  kDecimal,
  kApproximate,  // 1, 1.5, 1E0
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kSemicolon,
  kDot,
  kComma,
  kEquals,
  kNotEquals,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kConcat,
  kBar,
  kCaret,
  kDollar,
  kQuestion,
  kColon,
  kArrow,
  kHintOpen,   // /*+
  kHintClose,  // */ after it
  kLoneQuote,  // A quote that nothing closes, or a double quote: no statement may hold one.
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Keyword keyword = kNoKeyword;  // kWord only.
  uint32_t begin = 0;            // Bytes [begin, end) of the text.
  uint32_t end = 0;
  SqlPosition position;
};

// The tokens of `text`, the last of them kEnd. Fails on what is no token: a control character, a
// text beyond 1 GiB, an open comment.
Result<std::vector<Token>> Tokenize(std::string_view text);

// Stops at the first error and gives what there is, kEnd last; `error` tells what was wrong. For
// splitting a text that a person is still typing.
std::vector<Token> TokenizePrefix(std::string_view text, Status* error);

// The name that a kWord or kQuotedName stands for.
std::string DecodeName(const Token& token, std::string_view text);

// The characters of a string token; `unicode_escape` is the one of UESCAPE, a backslash without.
Result<std::string> DecodeString(const Token& token, std::string_view text, char unicode_escape);

// `text` in upper case, ASCII letters only.
std::string AsciiUpper(std::string_view text);

}  // namespace rhei
