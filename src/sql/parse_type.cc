// Data types: INT NOT NULL, DECIMAL(10, 2), ARRAY<ROW<a INT>>, t ARRAY, INTERVAL DAY TO SECOND.
#include <algorithm>

#include "sql/syntax_parser.h"

namespace rhei {
namespace {

struct PlainType {
  Keyword keyword;
  ast::TypeKind kind;
  int parameters;  // How many numbers may follow in parentheses.
};

constexpr PlainType kPlainTypes[] = {
    {K("BOOLEAN"), ast::TypeKind::kBoolean, 0},   {K("TINYINT"), ast::TypeKind::kTinyInt, 0},
    {K("SMALLINT"), ast::TypeKind::kSmallInt, 0}, {K("INT"), ast::TypeKind::kInteger, 0},
    {K("INTEGER"), ast::TypeKind::kInteger, 0},   {K("BIGINT"), ast::TypeKind::kBigInt, 0},
    {K("FLOAT"), ast::TypeKind::kFloat, 0},       {K("REAL"), ast::TypeKind::kFloat, 0},
    {K("DECIMAL"), ast::TypeKind::kDecimal, 2},   {K("DEC"), ast::TypeKind::kDecimal, 2},
    {K("NUMERIC"), ast::TypeKind::kDecimal, 2},   {K("STRING"), ast::TypeKind::kString, 0},
    {K("VARCHAR"), ast::TypeKind::kVarChar, 1},   {K("VARBINARY"), ast::TypeKind::kVarBinary, 1},
    {K("BYTES"), ast::TypeKind::kBytes, 0},       {K("DATE"), ast::TypeKind::kDate, 0},
    {K("VARIANT"), ast::TypeKind::kVariant, 0},   {K("BITMAP"), ast::TypeKind::kBitmap, 0},
};

}  // namespace

ast::TypePtr SyntaxParser::ParseType() {
  return ParseTypeChain(true);
}

ast::TypePtr SyntaxParser::ParsePlainType() {
  return ParseTypeChain(false);
}

ast::TypePtr SyntaxParser::ParseTypeChain(bool with_nullability) {
  NestingGuard guard(this);
  const Mark mark = Here();
  if (Failed()) return std::make_unique<ast::TypeName>();
  ast::TypePtr type = ParseBaseType();
  if (Failed()) return type;
  Place(type.get(), mark);
  for (const ast::TypePtr& child : type->children)
    type->depth = std::max(type->depth, child->depth + 1);
  for (const ast::RowField& f : type->fields)
    type->depth = std::max(type->depth, f.type->depth + 1);
  while (!Failed()) {
    // `INT NOT NULL ARRAY`: the nullability is the element's.
    const bool negated = with_nullability && At(K("NOT")) && AtAhead(1, K("NULL"));
    const size_t skip = negated ? 2 : with_nullability && At(K("NULL")) ? 1 : 0;
    const bool array = AtAhead(skip, K("ARRAY"));
    if (!array && !AtAhead(skip, K("MULTISET"))) break;
    if (with_nullability) type->not_null = ParseNullability();
    Advance();
    auto outer = std::make_unique<ast::TypeName>();
    outer->kind = array ? ast::TypeKind::kArray : ast::TypeKind::kMultiset;
    outer->postfix = true;
    outer->depth = type->depth + 1;
    if (outer->depth > ast::kSqlDepthMax) FailTooDeep(Current().position);
    outer->children.push_back(std::move(type));
    type = std::move(outer);
    Place(type.get(), mark);
  }
  if (with_nullability) type->not_null = ParseNullability();
  Place(type.get(), mark);
  return type;
}

bool SyntaxParser::ParseNullability() {
  if (Accept(K("NULL"))) return false;
  if (!At(K("NOT")) || !AtAhead(1, K("NULL"))) {
    Note("NOT");
    return false;
  }
  Advance();
  Advance();
  return true;
}

void SyntaxParser::ParsePrecision(ast::TypeName* type, bool with_scale) {
  if (!Accept(TokenKind::kLeftParen)) return;
  const SqlPosition position = Current().position;
  const int64_t precision = ParseInteger();
  int64_t scale = 0;
  if (with_scale && Accept(TokenKind::kComma)) {
    scale = ParseInteger();
    type->scale = static_cast<int32_t>(scale);
  }
  if (precision > INT32_MAX || scale > INT32_MAX) Fail("A precision is out of range", position);
  type->precision = static_cast<int32_t>(precision);
  Expect(TokenKind::kRightParen);
}

ast::TypePtr SyntaxParser::ParseBaseType() {
  const Mark mark = Here();
  auto type = std::make_unique<ast::TypeName>();
  for (const PlainType& plain : kPlainTypes) {
    if (!At(plain.keyword)) continue;
    Advance();
    type->kind = plain.kind;
    if (plain.parameters > 0) ParsePrecision(type.get(), plain.parameters == 2);
    return type;
  }
  if (Accept(K("DOUBLE"))) {
    type->kind = ast::TypeKind::kDouble;
    Accept(K("PRECISION"));
    return type;
  }
  if (Accept(K("CHAR")) || Accept(K("CHARACTER"))) {
    type->kind = Accept(K("VARYING")) ? ast::TypeKind::kVarChar : ast::TypeKind::kChar;
    ParsePrecision(type.get(), false);
    return type;
  }
  if (Accept(K("BINARY"))) {
    type->kind = Accept(K("VARYING")) ? ast::TypeKind::kVarBinary : ast::TypeKind::kBinary;
    ParsePrecision(type.get(), false);
    return type;
  }
  if (At(K("TIME")) || At(K("TIMESTAMP")) || At(K("TIMESTAMP_LTZ"))) {
    return ParseTemporalType(mark);
  }
  if (Accept(K("INTERVAL"))) {
    type->interval = ParseIntervalQualifier();
    CheckIntervalType(type.get());
    return type;
  }
  if (At(K("ROW"))) return ParseRowType(mark);
  if (At(K("STRUCTURED"))) return ParseStructuredType(mark);
  const bool map = At(K("MAP")) && AtAhead(1, TokenKind::kLess);
  if (map || At(K("ARRAY")) || At(K("MULTISET"))) {
    type->kind = map              ? ast::TypeKind::kMap
                 : At(K("ARRAY")) ? ast::TypeKind::kArray
                                  : ast::TypeKind::kMultiset;
    Advance();
    Expect(TokenKind::kLess);
    type->children.push_back(ParseType());
    if (map) {
      Expect(TokenKind::kComma);
      type->children.push_back(ParseType());
    }
    Expect(TokenKind::kGreater);
    return type;
  }
  if (Accept(K("RAW"))) {
    type->kind = ast::TypeKind::kRaw;
    Expect(TokenKind::kLeftParen);
    type->class_name = ParseString();
    Expect(TokenKind::kComma);
    type->raw_serializer = ParseString();
    Expect(TokenKind::kRightParen);
    return type;
  }
  for (const PlainType& plain : kPlainTypes) Note(KeywordText(plain.keyword));
  type->kind = ast::TypeKind::kUserDefined;
  type->user_name = ParsePath();
  return type;
}

// An interval of months and one of seconds are two types, of which Flink has no mixture.
void SyntaxParser::CheckIntervalType(ast::TypeName* type) {
  const ast::TimeUnit start = type->interval.start;
  const bool months = start == ast::TimeUnit::kYear || start == ast::TimeUnit::kMonth ||
                      start == ast::TimeUnit::kQuarter;
  type->kind = months ? ast::TypeKind::kIntervalYearMonth : ast::TypeKind::kIntervalDayTime;
}

ast::TypePtr SyntaxParser::ParseTemporalType(Mark mark) {
  auto type = std::make_unique<ast::TypeName>();
  if (Accept(K("TIMESTAMP_LTZ"))) {
    type->kind = ast::TypeKind::kTimestampLtz;
    type->abbreviated = true;
    ParsePrecision(type.get(), false);
    return type;
  }
  const bool timestamp = At(K("TIMESTAMP"));
  Advance();
  type->kind = timestamp ? ast::TypeKind::kTimestamp : ast::TypeKind::kTime;
  ParsePrecision(type.get(), false);
  if (Accept(K("WITHOUT"))) {
    Expect(K("TIME"));
    Expect(K("ZONE"));
  } else if (At(K("WITH")) && (AtAhead(1, K("LOCAL")) || AtAhead(1, K("TIME")))) {
    // Flink has no type with a time zone of its own: LOCAL must follow.
    Advance();
    Expect(K("LOCAL"));
    Expect(K("TIME"));
    Expect(K("ZONE"));
    if (!timestamp) FailUnsupported("TIME WITH LOCAL TIME ZONE", tokens_[mark].position);
    type->kind = ast::TypeKind::kTimestampLtz;
  }
  return type;
}

ast::TypePtr SyntaxParser::ParseRowType(Mark) {
  auto type = std::make_unique<ast::TypeName>();
  type->kind = ast::TypeKind::kRow;
  Advance();
  if (Accept(TokenKind::kNotEquals)) return type;  // ROW<>
  type->parentheses = Accept(TokenKind::kLeftParen);
  if (!type->parentheses) Expect(TokenKind::kLess);
  const TokenKind close = type->parentheses ? TokenKind::kRightParen : TokenKind::kGreater;
  if (Accept(close)) return type;
  do {
    ast::RowField field;
    field.name = ParseName();
    field.type = ParseType();
    if (AtString()) field.comment = ParseString();
    type->fields.push_back(std::move(field));
  } while (Accept(TokenKind::kComma));
  Expect(close);
  return type;
}

ast::TypePtr SyntaxParser::ParseStructuredType(Mark) {
  auto type = std::make_unique<ast::TypeName>();
  type->kind = ast::TypeKind::kStructured;
  Advance();
  Expect(TokenKind::kLess);
  type->class_name = ParseString();
  while (Accept(TokenKind::kComma)) {
    ast::RowField field;
    field.name = ParseName();
    field.type = ParseType();
    if (AtString()) field.comment = ParseString();
    type->fields.push_back(std::move(field));
  }
  Expect(TokenKind::kGreater);
  return type;
}

namespace {

struct UnitRow {
  Keyword keyword;
  ast::TimeUnit unit;
};
constexpr UnitRow kUnits[] = {
    {K("YEAR"), ast::TimeUnit::kYear},       {K("YEARS"), ast::TimeUnit::kYear},
    {K("QUARTER"), ast::TimeUnit::kQuarter}, {K("QUARTERS"), ast::TimeUnit::kQuarter},
    {K("MONTH"), ast::TimeUnit::kMonth},     {K("MONTHS"), ast::TimeUnit::kMonth},
    {K("WEEK"), ast::TimeUnit::kWeek},       {K("WEEKS"), ast::TimeUnit::kWeek},
    {K("DAY"), ast::TimeUnit::kDay},         {K("DAYS"), ast::TimeUnit::kDay},
    {K("HOUR"), ast::TimeUnit::kHour},       {K("HOURS"), ast::TimeUnit::kHour},
    {K("MINUTE"), ast::TimeUnit::kMinute},   {K("MINUTES"), ast::TimeUnit::kMinute},
    {K("SECOND"), ast::TimeUnit::kSecond},   {K("SECONDS"), ast::TimeUnit::kSecond},
};

// `DAY TO SECOND` is a qualifier, `DAY TO MONTH` is not.
bool MayEnd(ast::TimeUnit start, ast::TimeUnit end) {
  if (start == ast::TimeUnit::kYear) return end == ast::TimeUnit::kMonth;
  const bool has_end = start == ast::TimeUnit::kDay || start == ast::TimeUnit::kHour ||
                       start == ast::TimeUnit::kMinute;
  return has_end && end > start && end <= ast::TimeUnit::kSecond;
}

}  // namespace

std::optional<ast::TimeUnit> SyntaxParser::AcceptTimeUnit() {
  for (const UnitRow& unit : kUnits) {
    if (Accept(unit.keyword)) return unit.unit;
  }
  return std::nullopt;
}

ast::IntervalQualifier SyntaxParser::ParseIntervalQualifier() {
  ast::IntervalQualifier interval;
  interval.position = Current().position;
  const std::optional<ast::TimeUnit> start = AcceptTimeUnit();
  if (!start) {
    FailUnexpected();
    return interval;
  }
  interval.start = *start;
  const auto number = [this] {
    const SqlPosition position = Current().position;
    const int64_t value = ParseInteger();
    if (value > 1000) Fail("An interval precision is out of range", position);
    return static_cast<int32_t>(value);
  };
  if (Accept(TokenKind::kLeftParen)) {
    interval.start_precision = number();
    if (*start == ast::TimeUnit::kSecond && Accept(TokenKind::kComma)) {
      interval.fraction_precision = number();
    }
    Expect(TokenKind::kRightParen);
  }
  // A unit that does not fit belongs to what follows, as does `TO` itself.
  if (!At(K("TO"))) return interval;
  for (const UnitRow& unit : kUnits) {
    if (!AtAhead(1, unit.keyword) || !MayEnd(*start, unit.unit)) continue;
    Advance();
    Advance();
    interval.end = unit.unit;
    if (unit.unit == ast::TimeUnit::kSecond && Accept(TokenKind::kLeftParen)) {
      interval.fraction_precision = number();
      Expect(TokenKind::kRightParen);
    }
    break;
  }
  return interval;
}

}  // namespace rhei
