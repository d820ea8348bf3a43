// Literals: numbers, strings, DATE '...', INTERVAL '...' DAY, {d '...'}.
#include <fmt/format.h>

#include <algorithm>

#include "sql/syntax_parser.h"

namespace rhei {

ast::ExprPtr SyntaxParser::ParseNumber() {
  const Mark mark = Here();
  auto literal = std::make_unique<ast::Literal>();
  literal->literal = At(TokenKind::kApproximate) ? ast::LiteralKind::kApproximateNumber
                                                 : ast::LiteralKind::kExactNumber;
  literal->text = std::string(TokenText(Current()));
  Advance();
  return Finish(std::move(literal), mark);
}

ast::ExprPtr SyntaxParser::ParseStringLiteral() {
  const Mark mark = Here();
  auto literal = std::make_unique<ast::Literal>();
  literal->literal = ast::LiteralKind::kString;
  literal->unicode = At(TokenKind::kUnicodeString);
  if (At(TokenKind::kPrefixString)) {
    const std::string_view raw = TokenText(Current());
    literal->charset =
        raw[0] == '_' ? AsciiUpper(raw.substr(1, raw.find('\'') - 1)) : std::string("ISO-8859-1");
  }
  static constexpr std::string_view kCharsets[] = {
      "",      "UTF8",   "UTF-8",  "UTF16",      "UTF-16",   "UTF-16LE", "UTF-16BE",
      "UTF32", "UTF-32", "LATIN1", "ISO-8859-1", "US-ASCII", "ASCII"};
  if (std::find(std::begin(kCharsets), std::end(kCharsets), literal->charset) ==
      std::end(kCharsets)) {
    Fail(fmt::format("Unknown character set '{}'", literal->charset), Current().position);
  }
  literal->text = ParseString();
  for (size_t i = mark + 1; i < index_ && !Failed(); ++i) {
    if (tokens_[i].kind == TokenKind::kString && tokens_[i - 1].keyword != K("UESCAPE") &&
        tokens_[i].position.line == tokens_[i - 1].position.end_line) {
      Fail("String literal continued on same line", tokens_[i].position);
    }
  }
  return Finish(std::move(literal), mark);
}

ast::ExprPtr SyntaxParser::ParseBinaryLiteral() {
  const Mark mark = Here();
  auto literal = std::make_unique<ast::Literal>();
  literal->literal = ast::LiteralKind::kBinary;
  const std::string_view raw = TokenText(Current());
  const std::string_view digits = raw.substr(2, raw.size() - 3);
  literal->text = AsciiUpper(digits);
  if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
    Fail(fmt::format("Binary literal string must contain only characters '0' - '9', 'A' - 'F'"),
         Current().position);
  } else if (digits.size() % 2 != 0) {
    Fail("Binary literal string must contain an even number of hexits", Current().position);
  }
  Advance();
  return Finish(std::move(literal), mark);
}

ast::ExprPtr SyntaxParser::ParseTemporalLiteral() {
  const Mark mark = Here();
  size_t words = 1;
  ast::LiteralKind kind = ast::LiteralKind::kNull;
  if (At(K("DATE"))) {
    kind = ast::LiteralKind::kDate;
  } else if (At(K("TIME"))) {
    kind = ast::LiteralKind::kTime;
  } else if (At(K("TIMESTAMP"))) {
    kind = ast::LiteralKind::kTimestamp;
    if (AtAhead(1, K("WITH")) && AtAhead(2, K("LOCAL")) && AtAhead(3, K("TIME")) &&
        AtAhead(4, K("ZONE"))) {
      kind = ast::LiteralKind::kTimestampLtz;
      words = 5;
    }
  } else {
    return nullptr;
  }
  if (!AtAhead(words, TokenKind::kString)) return nullptr;
  for (size_t i = 0; i < words; ++i) Advance();
  auto literal = std::make_unique<ast::Literal>();
  literal->literal = kind;
  literal->text = ParseString();
  return Finish(std::move(literal), mark);
}

ast::ExprPtr SyntaxParser::ParseInterval() {
  const Mark mark = Here();
  Advance();
  const bool sign = At(TokenKind::kMinus) || At(TokenKind::kPlus);
  if (AtAhead(sign ? 1 : 0, TokenKind::kString)) {
    auto literal = std::make_unique<ast::Literal>();
    literal->literal = ast::LiteralKind::kInterval;
    literal->negative = At(TokenKind::kMinus);
    if (sign) Advance();
    literal->text = ParseString();
    literal->interval = ParseIntervalQualifier();
    return Finish(std::move(literal), mark);
  }
  auto interval = std::make_unique<ast::IntervalExpr>();
  if (At(TokenKind::kLeftParen) || At(TokenKind::kInteger) || At(TokenKind::kDecimal) || AtName()) {
    interval->operand = ParsePrimary();
  } else {
    Note("<QUOTED_STRING>");
    FailUnexpected();
  }
  if (Failed()) return nullptr;
  interval->interval = ParseIntervalQualifier();
  return Finish(std::move(interval), mark);
}

// JDBC's escapes: {d '2024-01-01'}, {t '..'}, {ts '..'}, {fn f(x)}.
ast::ExprPtr SyntaxParser::ParseBraceLiteral() {
  const Mark mark = Here();
  Advance();
  const std::string word = AsciiUpper(TokenText(Current()));
  if (word == "FN") {
    Advance();
    ast::ExprPtr call = ParseIdentifierOrCall();
    Expect(TokenKind::kRightBrace);
    return call;
  }
  auto literal = std::make_unique<ast::Literal>();
  if (word == "D") {
    literal->literal = ast::LiteralKind::kDate;
  } else if (word == "T") {
    literal->literal = ast::LiteralKind::kTime;
  } else if (word == "TS") {
    literal->literal = ast::LiteralKind::kTimestamp;
  } else {
    FailUnexpected();
    return nullptr;
  }
  Advance();
  literal->text = ParseString();
  Expect(TokenKind::kRightBrace);
  return Finish(std::move(literal), mark);
}

}  // namespace rhei
