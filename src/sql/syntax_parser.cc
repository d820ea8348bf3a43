// The ground of the parser: tokens, errors, names, option lists.
#include "sql/syntax_parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/suggest.h"

namespace rhei {
namespace {

// Levels of recursion in the text, e.g. of parentheses. One costs about 1 KiB of stack, five times
// that under a sanitizer.
constexpr int32_t kNestingMax = 300;
constexpr size_t kExpectedShown = 40;

std::string_view TokenKindText(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEnd: return "<EOF>";
    case TokenKind::kWord: return "<IDENTIFIER>";
    case TokenKind::kQuotedName: return "<BACK_QUOTED_IDENTIFIER>";
    case TokenKind::kString: return "<QUOTED_STRING>";
    case TokenKind::kPrefixString: return "<PREFIXED_STRING_LITERAL>";
    case TokenKind::kUnicodeString: return "<UNICODE_STRING_LITERAL>";
    case TokenKind::kEscapeString: return "<C_STYLE_ESCAPED_STRING_LITERAL>";
    case TokenKind::kBinaryString: return "<BINARY_STRING_LITERAL>";
    case TokenKind::kInteger: return "<UNSIGNED_INTEGER_LITERAL>";
    case TokenKind::kDecimal: return "<DECIMAL_NUMERIC_LITERAL>";
    case TokenKind::kApproximate: return "<APPROX_NUMERIC_LITERAL>";
    case TokenKind::kLeftParen: return "(";
    case TokenKind::kRightParen: return ")";
    case TokenKind::kLeftBracket: return "[";
    case TokenKind::kRightBracket: return "]";
    case TokenKind::kLeftBrace: return "{";
    case TokenKind::kRightBrace: return "}";
    case TokenKind::kSemicolon: return ";";
    case TokenKind::kDot: return ".";
    case TokenKind::kComma: return ",";
    case TokenKind::kEquals: return "=";
    case TokenKind::kNotEquals: return "<>";
    case TokenKind::kLess: return "<";
    case TokenKind::kLessOrEqual: return "<=";
    case TokenKind::kGreater: return ">";
    case TokenKind::kGreaterOrEqual: return ">=";
    case TokenKind::kPlus: return "+";
    case TokenKind::kMinus: return "-";
    case TokenKind::kStar: return "*";
    case TokenKind::kSlash: return "/";
    case TokenKind::kPercent: return "%";
    case TokenKind::kConcat: return "||";
    case TokenKind::kBar: return "|";
    case TokenKind::kCaret: return "^";
    case TokenKind::kDollar: return "$";
    case TokenKind::kQuestion: return "?";
    case TokenKind::kColon: return ":";
    case TokenKind::kArrow: return "=>";
    case TokenKind::kHintOpen: return "/*+";
    case TokenKind::kHintClose: return "*/";
    case TokenKind::kLoneQuote: return "'";
  }
  CHECK(false);
}

// As JavaCC shows a token inside double quotes.
std::string EscapeToken(std::string_view image) {
  std::string out;
  for (const char c : image) {
    switch (c) {
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\f': out += "\\f"; break;
      case '\b': out += "\\b"; break;
      case '"':
      case '\'':
      case '\\':
        out += '\\';
        out += c;
        break;
      default: out += c;
    }
  }
  return out;
}

// Offset of the first byte that is not UTF-8, or npos.
size_t FindInvalidUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead >= 0xF5 || (lead >= 0x80 && lead < 0xC2) || i + length > text.size()) return i;
    for (size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return i;
    }
    i += length;
  }
  return std::string_view::npos;
}

}  // namespace

NestingGuard::NestingGuard(SyntaxParser* parser) : parser_(parser) {
  if (++parser_->nesting_ > kNestingMax) parser_->FailTooDeep(parser_->Current().position);
}

SyntaxParser::SyntaxParser(std::string_view text) : text_(text) {
  tokens_ = TokenizePrefix(text, &error_);
  if (const size_t bad = FindInvalidUtf8(text); bad != std::string_view::npos && error_.ok()) {
    error_ = InvalidSql(fmt::format("SQL parse failed. Byte {} of the text is not UTF-8", bad));
  }
  if (Failed()) index_ = tokens_.size() - 1;
}

const Token& SyntaxParser::Current(size_t ahead) const {
  return tokens_[std::min(index_ + ahead, tokens_.size() - 1)];
}

std::string_view SyntaxParser::TokenText(const Token& token) const {
  return text_.substr(token.begin, token.end - token.begin);
}

void SyntaxParser::Advance() {
  if (index_ + 1 < tokens_.size()) ++index_;
}

bool SyntaxParser::Accept(TokenKind kind) {
  if (At(kind) && kind != TokenKind::kEnd) {
    Advance();
    return true;
  }
  Note(TokenKindText(kind));
  return false;
}

bool SyntaxParser::Accept(Keyword keyword) {
  if (At(keyword)) {
    Advance();
    return true;
  }
  Note(KeywordText(keyword));
  return false;
}

bool SyntaxParser::AcceptPair(Keyword first, Keyword second) {
  if (At(first) && AtAhead(1, second)) {
    Advance();
    Advance();
    return true;
  }
  Note(KeywordText(first));
  return false;
}

bool SyntaxParser::Expect(TokenKind kind) {
  if (Accept(kind)) return true;
  FailUnexpected();
  return false;
}

bool SyntaxParser::Expect(Keyword keyword) {
  if (Accept(keyword)) return true;
  FailUnexpected();
  return false;
}

void SyntaxParser::Note(std::string_view expected) {
  if (Failed()) return;
  if (expected_index_ != index_) {
    expected_.clear();
    name_expected_ = false;
    expected_index_ = index_;
  }
  expected_.push_back(expected);
}

void SyntaxParser::NoteName() {
  Note(TokenKindText(TokenKind::kWord));
  if (!Failed()) name_expected_ = true;
}

void SyntaxParser::SetError(Status error) {
  if (Failed()) return;
  error_ = std::move(error);
  index_ = tokens_.size() - 1;
}

void SyntaxParser::Fail(std::string_view message, SqlPosition position) {
  SetError(InvalidSql(fmt::format("SQL parse failed. {}", message), position));
}

void SyntaxParser::FailUnsupported(std::string_view what, SqlPosition position) {
  SetError(Unsupported(fmt::format("{} is not supported yet", what), position));
}

void SyntaxParser::FailTooDeep(SqlPosition position) {
  SetError({ErrorCode::kResource,
            "SQL parse failed. The statement is nested too deeply; split it with views or WITH",
            position});
}

std::string SyntaxParser::ExpectedText() const {
  if (expected_index_ != index_ || expected_.empty()) return "";
  std::vector<std::string_view> words = expected_;
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  std::string out = words.size() == 1 ? "\nWas expecting:" : "\nWas expecting one of:";
  for (size_t i = 0; i < words.size() && i < kExpectedShown; ++i) {
    const bool named = words[i].size() > 2 && words[i][0] == '<';
    out += named ? fmt::format("\n    {} ...", words[i])
                 : fmt::format("\n    \"{}\" ...", EscapeToken(words[i]));
  }
  return out;
}

void SyntaxParser::FailUnexpected() {
  if (Failed()) return;
  const Token& token = Current();
  std::string_view image = TokenText(token);
  std::string message;
  // A `;` ends the statement, as Flink splits a script before it parses.
  const bool ends = token.kind == TokenKind::kSemicolon && !in_statement_set_ && index_ > 0;
  if (ends || token.kind == TokenKind::kEnd) {
    const SqlPosition position = ends ? tokens_[index_ - 1].position : token.position;
    message = fmt::format("Encountered \"<EOF>\" at line {}, column {}.",
                          ends ? position.end_line : position.line,
                          ends ? position.end_column - 1 : position.column);
  } else if (IsReserved(token.keyword) && image == KeywordText(token.keyword) && name_expected_ &&
             expected_index_ == index_) {  // Calcite knows reserved words in upper case only.
    message = fmt::format("Incorrect syntax near the keyword '{}' at line {}, column {}.", image,
                          token.position.line, token.position.column);
  } else {
    message = fmt::format("Encountered \"{}\" at line {}, column {}.", EscapeToken(image),
                          token.position.line, token.position.column);
  }
  message += ExpectedText();
  if (token.kind == TokenKind::kWord && expected_index_ == index_) {
    const std::string_view nearest = NearestWord(AsciiUpper(image), expected_);
    if (!nearest.empty()) message += fmt::format("\nDid you mean {}?", nearest);
  }
  Fail(fmt::format("{}{}", prefix_, message), token.position);
}

void SyntaxParser::Place(ast::Node* node, Mark mark) const {
  const Token& first = tokens_[mark];
  const Token& last = tokens_[index_ > mark ? index_ - 1 : mark];
  node->position = first.position;
  node->position.end_line = last.position.end_line;
  node->position.end_column = last.position.end_column;
  node->range = {first.begin, std::max(first.begin, last.end)};
}

bool SyntaxParser::AtName() const {
  return At(TokenKind::kQuotedName) || (At(TokenKind::kWord) && !IsReserved(Current().keyword));
}

ast::Name SyntaxParser::ParseName() {
  ast::Name name;
  if (!AtName()) {
    NoteName();
    FailUnexpected();
    return name;
  }
  name.text = DecodeName(Current(), text_);
  name.quoted = At(TokenKind::kQuotedName);
  name.position = Current().position;
  Advance();
  return name;
}

ast::NamePath SyntaxParser::ParsePath() {
  ast::NamePath path;
  do {
    path.push_back(ParseName());
  } while (Accept(TokenKind::kDot));
  return path;
}

std::vector<ast::Name> SyntaxParser::ParseNameList() {
  std::vector<ast::Name> names;
  Expect(TokenKind::kLeftParen);
  do {
    names.push_back(ParseName());
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  return names;
}

std::vector<ast::NamePath> SyntaxParser::ParsePathList() {
  std::vector<ast::NamePath> paths;
  Expect(TokenKind::kLeftParen);
  do {
    paths.push_back(ParsePath());
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  return paths;
}

bool SyntaxParser::AtString() const {
  return At(TokenKind::kString) || At(TokenKind::kPrefixString) || At(TokenKind::kUnicodeString) ||
         At(TokenKind::kEscapeString);
}

std::string SyntaxParser::ParseString() {
  if (!AtString()) {
    Note(TokenKindText(TokenKind::kString));
    FailUnexpected();
    return "";
  }
  std::string out;
  while (AtString()) {
    const Token& token = Current();
    Advance();
    char escape = '\\';
    if (token.kind == TokenKind::kUnicodeString && Accept(K("UESCAPE"))) {
      const std::string text = ParseString();
      if (text.size() != 1) {
        Fail("UESCAPE must be one character", token.position);
        return "";
      }
      escape = text[0];
    }
    Result<std::string> part = DecodeString(token, text_, escape);
    if (!part.ok()) {
      SetError(part.status());
      return "";
    }
    out += *part;
    // Strings on following lines go on with it.
    if (!At(TokenKind::kString)) break;
  }
  return out;
}

int64_t SyntaxParser::ParseInteger() {
  const Token& token = Current();
  if (!Expect(TokenKind::kInteger)) return 0;
  int64_t value = 0;
  for (const char c : TokenText(token)) {
    if (value > (INT64_MAX - 9) / 10) {
      Fail(fmt::format("Literal '{}' can not be parsed to type 'java.lang.Integer'",
                       TokenText(token)),
           token.position);
      return 0;
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<std::string> SyntaxParser::ParseOptionalComment() {
  if (!Accept(K("COMMENT"))) return std::nullopt;
  return ParseString();
}

std::optional<ast::Name> SyntaxParser::ParseOptionalAlias(bool as_required) {
  if (Accept(K("AS"))) return ParseName();
  if (as_required) return std::nullopt;
  if (!AtName()) {
    NoteName();
    return std::nullopt;
  }
  return ParseName();
}

bool SyntaxParser::ParseIfExists() {
  return AcceptPair(K("IF"), K("EXISTS"));
}

bool SyntaxParser::ParseIfNotExists() {
  if (At(K("IF")) && AtAhead(1, K("NOT")) && AtAhead(2, K("EXISTS"))) {
    Advance();
    Advance();
    Advance();
    return true;
  }
  Note("IF");
  return false;
}

std::vector<ast::Option> SyntaxParser::ParseOptions() {
  std::vector<ast::Option> options;
  Expect(TokenKind::kLeftParen);
  if (Accept(TokenKind::kRightParen)) return options;
  do {
    ast::Option option;
    option.key_position = Current().position;
    option.key = ParseString();
    Expect(TokenKind::kEquals);
    option.value_position = Current().position;
    option.value = ParseString();
    options.push_back(std::move(option));
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  return options;
}

bool SyntaxParser::ParseOptionalWith(std::vector<ast::Option>* options) {
  if (!Accept(K("WITH"))) return false;
  *options = ParseOptions();
  return true;
}

std::vector<std::string> SyntaxParser::ParseKeys() {
  std::vector<std::string> keys;
  Expect(TokenKind::kLeftParen);
  if (Accept(TokenKind::kRightParen)) return keys;
  do {
    keys.push_back(ParseString());
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  return keys;
}

ast::PartitionSpec SyntaxParser::ParsePartitionSpec(bool values_required) {
  ast::PartitionSpec spec;
  Expect(TokenKind::kLeftParen);
  do {
    ast::PartitionItem item;
    item.column = ParseName();
    if (values_required ? Expect(TokenKind::kEquals) : Accept(TokenKind::kEquals)) {
      item.value = ParsePrefix();
      if (!Failed() && item.value->kind != ast::ExprKind::kLiteral &&
          item.value->kind != ast::ExprKind::kCall) {
        Fail("A partition value must be a literal", item.value->position);
      }
    }
    spec.push_back(std::move(item));
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  return spec;
}

ast::QueryPtr SyntaxParser::ParseSingleQuery() {
  ast::QueryPtr query = ParseQuery();
  if (!At(TokenKind::kEnd)) FailUnexpected();
  return query;
}

ast::ExprPtr SyntaxParser::ParseSingleExpr() {
  ast::ExprPtr expr = ParseExpr();
  if (!At(TokenKind::kEnd)) FailUnexpected();
  return expr;
}

ast::TypePtr SyntaxParser::ParseSingleType() {
  ast::TypePtr type = ParseType();
  if (!At(TokenKind::kEnd)) FailUnexpected();
  return type;
}

}  // namespace rhei
