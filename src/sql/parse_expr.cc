// Expressions, by precedence climbing over Calcite's precedences. Every binary operator is
// left-associative and the tree of a + b + c is built in a loop, so only parentheses recurse.
#include "sql/syntax_parser.h"

namespace rhei {
namespace {

using ast::Operator;

constexpr int kPrecedenceNot = 26;
constexpr int kPrecedenceIs = 28;
constexpr int kPrecedenceComparison = 30;
constexpr int kPrecedenceLike = 32;
constexpr int kPrecedenceUnary = 80;

struct Infix {
  Operator op;
  int precedence;
};

// The operators that are one token.
std::optional<Infix> FindInfix(const Token& token) {
  switch (token.kind) {
    case TokenKind::kEquals: return Infix{Operator::kEquals, kPrecedenceComparison};
    case TokenKind::kNotEquals: return Infix{Operator::kNotEquals, kPrecedenceComparison};
    case TokenKind::kLess: return Infix{Operator::kLess, kPrecedenceComparison};
    case TokenKind::kLessOrEqual: return Infix{Operator::kLessOrEqual, kPrecedenceComparison};
    case TokenKind::kGreater: return Infix{Operator::kGreater, kPrecedenceComparison};
    case TokenKind::kGreaterOrEqual: return Infix{Operator::kGreaterOrEqual, kPrecedenceComparison};
    case TokenKind::kPlus: return Infix{Operator::kPlus, 40};
    case TokenKind::kMinus: return Infix{Operator::kMinus, 40};
    case TokenKind::kStar: return Infix{Operator::kMultiply, 60};
    case TokenKind::kSlash: return Infix{Operator::kDivide, 60};
    case TokenKind::kPercent: return Infix{Operator::kModulo, 60};
    case TokenKind::kConcat: return Infix{Operator::kConcat, 60};
    case TokenKind::kWord: break;
    default: return std::nullopt;
  }
  struct Word {
    Keyword keyword;
    Infix infix;
  };
  static constexpr Word kWords[] = {
      {K("OR"), {Operator::kOr, 22}},
      {K("AND"), {Operator::kAnd, 24}},
      {K("OVERLAPS"), {Operator::kOverlaps, kPrecedenceComparison}},
      {K("CONTAINS"), {Operator::kContains, kPrecedenceComparison}},
      {K("EQUALS"), {Operator::kPeriodEquals, kPrecedenceComparison}},
      {K("PRECEDES"), {Operator::kPrecedes, kPrecedenceComparison}},
      {K("SUCCEEDS"), {Operator::kSucceeds, kPrecedenceComparison}},
  };
  for (const Word& word : kWords) {
    if (token.keyword == word.keyword) return word.infix;
  }
  return std::nullopt;
}

bool IsComparison(Operator op) {
  return op == Operator::kEquals || op == Operator::kNotEquals || op == Operator::kLess ||
         op == Operator::kLessOrEqual || op == Operator::kGreater ||
         op == Operator::kGreaterOrEqual;
}

// Operators of several words, whose first is `words[0]`.
struct Suffix {
  Keyword words[3];
  int word_count;
  Operator op;
  int precedence;
};
constexpr Suffix kSuffixes[] = {
    {{K("NOT"), K("BETWEEN")}, 2, Operator::kNotBetween, kPrecedenceLike},
    {{K("NOT"), K("IN")}, 2, Operator::kNotIn, kPrecedenceLike},
    {{K("NOT"), K("LIKE")}, 2, Operator::kNotLike, kPrecedenceLike},
    {{K("NOT"), K("SIMILAR"), K("TO")}, 3, Operator::kNotSimilarTo, kPrecedenceLike},
    {{K("NOT"), K("MEMBER"), K("OF")}, 3, Operator::kNotMemberOf, kPrecedenceComparison},
    {{K("NOT"), K("SUBMULTISET"), K("OF")}, 3, Operator::kNotSubmultisetOf, kPrecedenceComparison},
    {{K("BETWEEN")}, 1, Operator::kBetween, kPrecedenceLike},
    {{K("IN")}, 1, Operator::kIn, kPrecedenceLike},
    {{K("LIKE")}, 1, Operator::kLike, kPrecedenceLike},
    {{K("SIMILAR"), K("TO")}, 2, Operator::kSimilarTo, kPrecedenceLike},
    {{K("MEMBER"), K("OF")}, 2, Operator::kMemberOf, kPrecedenceComparison},
    {{K("SUBMULTISET"), K("OF")}, 2, Operator::kSubmultisetOf, kPrecedenceComparison},
    {{K("IMMEDIATELY"), K("PRECEDES")}, 2, Operator::kImmediatelyPrecedes, kPrecedenceComparison},
    {{K("IMMEDIATELY"), K("SUCCEEDS")}, 2, Operator::kImmediatelySucceeds, kPrecedenceComparison},
    {{K("MULTISET"), K("UNION")}, 2, Operator::kMultisetUnion, 50},
    {{K("MULTISET"), K("EXCEPT")}, 2, Operator::kMultisetExcept, 50},
    {{K("MULTISET"), K("INTERSECT")}, 2, Operator::kMultisetIntersect, 52},
};

Operator WithAll(Operator op) {
  if (op == Operator::kMultisetUnion) return Operator::kMultisetUnionAll;
  if (op == Operator::kMultisetExcept) return Operator::kMultisetExceptAll;
  return Operator::kMultisetIntersectAll;
}

// t.* and (expr).* have no fields or elements.
bool IsStar(const ast::Expr& expr) {
  return expr.kind == ast::ExprKind::kStar ||
         (expr.kind == ast::ExprKind::kFieldAccess && ast::As<ast::FieldAccess>(expr).star);
}

bool IsPlainSubquery(const ast::ExprPtr& expr) {
  return expr != nullptr && expr->kind == ast::ExprKind::kSubquery &&
         ast::As<ast::Subquery>(*expr).subquery == ast::SubqueryKind::kPlain;
}

}  // namespace

ast::ExprPtr SyntaxParser::MakeBinary(Operator op, ast::ExprPtr left, ast::ExprPtr right,
                                      Mark mark) {
  auto call = std::make_unique<ast::Call>();
  call->op = op;
  call->args.push_back(std::move(left));
  call->args.push_back(std::move(right));
  return Finish(std::move(call), mark);
}

ast::ExprPtr SyntaxParser::MakeUnary(Operator op, ast::ExprPtr operand, Mark mark) {
  auto call = std::make_unique<ast::Call>();
  call->op = op;
  call->args.push_back(std::move(operand));
  return Finish(std::move(call), mark);
}

std::unique_ptr<ast::Call> SyntaxParser::MakeFunction(std::string_view name, Mark mark) {
  auto call = std::make_unique<ast::Call>();
  call->function.push_back({std::string(name), false, tokens_[mark].position});
  return call;
}

ast::ExprPtr SyntaxParser::ParseExpr() {
  NestingGuard guard(this);
  return ParseBinary(0);
}

ast::ExprPtr SyntaxParser::ParseBinary(int precedence_min) {
  const Mark mark = Here();
  ast::ExprPtr left = ParsePrefix();
  while (!Failed()) {
    if (const std::optional<Infix> infix = FindInfix(Current())) {
      if (infix->precedence < precedence_min) break;
      if (TokenText(Current()) == "!=") {
        Fail("Bang equal '!=' is not allowed under the current SQL conformance level",
             Current().position);
        break;
      }
      Advance();
      ast::Quantifier quantifier = ast::Quantifier::kNone;
      ast::ExprPtr right = IsComparison(infix->op)
                               ? ParseComparisonRight(&quantifier, infix->precedence + 1)
                               : ParseBinary(infix->precedence + 1);
      if (Failed()) break;
      left = MakeBinary(infix->op, std::move(left), std::move(right), mark);
      ast::As<ast::Call>(*left).quantifier = quantifier;
      continue;
    }
    if (At(K("IS"))) {
      const size_t ahead = AtAhead(1, K("NOT")) ? 2 : 1;
      const int precedence = AtAhead(ahead, K("DISTINCT")) ? kPrecedenceComparison : kPrecedenceIs;
      if (precedence < precedence_min) break;
      left = ParseIsSuffix(std::move(left), mark);
      continue;
    }
    const Suffix* found = nullptr;
    for (const Suffix& suffix : kSuffixes) {
      bool all = true;
      for (int i = 0; i < suffix.word_count; ++i) {
        all = all && AtAhead(static_cast<size_t>(i), suffix.words[i]);
      }
      if (all) {
        found = &suffix;
        break;
      }
    }
    if (found == nullptr) {
      if (At(K("ILIKE")) || At(K("RLIKE")) ||
          (At(K("NOT")) && (AtAhead(1, K("ILIKE")) || AtAhead(1, K("RLIKE"))))) {
        FailUnsupported("ILIKE and RLIKE in an expression", Current().position);
      }
      break;
    }
    if (found->precedence < precedence_min) break;
    for (int i = 0; i < found->word_count; ++i) Advance();
    left = ParseSuffix(std::move(left), found->op, mark);
  }
  return left;
}

ast::ExprPtr SyntaxParser::ParseComparisonRight(ast::Quantifier* quantifier, int precedence) {
  const bool some = At(K("SOME")) || At(K("ANY"));
  if ((some || At(K("ALL"))) && AtAhead(1, TokenKind::kLeftParen)) {
    Advance();
    *quantifier = some ? ast::Quantifier::kSome : ast::Quantifier::kAll;
    return ParseListOrSubquery();
  }
  return ParseBinary(precedence);
}

ast::ExprPtr SyntaxParser::ParseSuffix(ast::ExprPtr left, Operator op, Mark mark) {
  auto call = std::make_unique<ast::Call>();
  call->op = op;
  call->args.push_back(std::move(left));
  switch (op) {
    case Operator::kBetween:
    case Operator::kNotBetween:
      if (Accept(K("SYMMETRIC"))) {
        call->op =
            op == Operator::kBetween ? Operator::kBetweenSymmetric : Operator::kNotBetweenSymmetric;
      } else {
        Accept(K("ASYMMETRIC"));
      }
      call->args.push_back(ParseBinary(kPrecedenceLike + 1));
      Expect(K("AND"));
      call->args.push_back(ParseBinary(kPrecedenceLike + 1));
      break;
    case Operator::kIn:
    case Operator::kNotIn: call->args.push_back(ParseListOrSubquery()); break;
    case Operator::kLike:
    case Operator::kNotLike:
    case Operator::kSimilarTo:
    case Operator::kNotSimilarTo:
      call->args.push_back(ParseBinary(kPrecedenceLike + 1));
      if (Accept(K("ESCAPE"))) call->args.push_back(ParseBinary(kPrecedenceLike + 1));
      break;
    case Operator::kMultisetUnion:
    case Operator::kMultisetExcept:
    case Operator::kMultisetIntersect:
      if (Accept(K("ALL"))) {
        call->op = WithAll(op);
      } else {
        Accept(K("DISTINCT"));
      }
      call->args.push_back(ParseBinary(op == Operator::kMultisetIntersect ? 53 : 51));
      break;
    default: call->args.push_back(ParseBinary(kPrecedenceComparison + 1));
  }
  if (Failed()) return nullptr;
  return Finish(std::move(call), mark);
}

ast::ExprPtr SyntaxParser::ParseIsSuffix(ast::ExprPtr left, Mark mark) {
  Expect(K("IS"));
  const bool negated = Accept(K("NOT"));
  struct Test {
    Keyword first;
    Keyword second;
    Operator plain;
    Operator negative;
  };
  static constexpr Test kTests[] = {
      {K("NULL"), kNoKeyword, Operator::kIsNull, Operator::kIsNotNull},
      {K("TRUE"), kNoKeyword, Operator::kIsTrue, Operator::kIsNotTrue},
      {K("FALSE"), kNoKeyword, Operator::kIsFalse, Operator::kIsNotFalse},
      {K("UNKNOWN"), kNoKeyword, Operator::kIsUnknown, Operator::kIsNotUnknown},
      {K("EMPTY"), kNoKeyword, Operator::kIsEmpty, Operator::kIsNotEmpty},
      {K("A"), K("SET"), Operator::kIsASet, Operator::kIsNotASet},
      {K("JSON"), K("VALUE"), Operator::kIsJsonValue, Operator::kIsNotJsonValue},
      {K("JSON"), K("OBJECT"), Operator::kIsJsonObject, Operator::kIsNotJsonObject},
      {K("JSON"), K("ARRAY"), Operator::kIsJsonArray, Operator::kIsNotJsonArray},
      {K("JSON"), K("SCALAR"), Operator::kIsJsonScalar, Operator::kIsNotJsonScalar},
      {K("JSON"), kNoKeyword, Operator::kIsJsonValue, Operator::kIsNotJsonValue},
  };
  for (const Test& test : kTests) {
    if (test.second != kNoKeyword ? AcceptPair(test.first, test.second) : Accept(test.first)) {
      return MakeUnary(negated ? test.negative : test.plain, std::move(left), mark);
    }
  }
  if (!Accept(K("DISTINCT"))) {
    FailUnexpected();
    return nullptr;
  }
  Expect(K("FROM"));
  ast::ExprPtr right = ParseBinary(kPrecedenceComparison + 1);
  if (Failed()) return nullptr;
  return MakeBinary(negated ? Operator::kIsNotDistinctFrom : Operator::kIsDistinctFrom,
                    std::move(left), std::move(right), mark);
}

ast::ExprPtr SyntaxParser::ParsePrefix() {
  const Mark mark = Here();
  Operator op = Operator::kNot;
  int precedence = kPrecedenceUnary;
  if (At(K("NOT"))) {
    precedence = kPrecedenceNot;
  } else if (At(TokenKind::kMinus)) {
    op = Operator::kMinusPrefix;
  } else if (At(TokenKind::kPlus)) {
    op = Operator::kPlusPrefix;
  } else {
    return ParsePostfix();
  }
  NestingGuard guard(this);
  Advance();
  ast::ExprPtr operand = ParseBinary(precedence);
  if (Failed()) return nullptr;
  return MakeUnary(op, std::move(operand), mark);
}

ast::ExprPtr SyntaxParser::ParsePostfix() {
  const Mark mark = Here();
  ast::ExprPtr expr = ParsePrimary();
  while (!Failed() && !IsStar(*expr)) {
    if (At(TokenKind::kLeftBracket)) {
      Advance();
      ast::ExprPtr index = ParseExpr();
      Expect(TokenKind::kRightBracket);
      if (Failed()) break;
      expr = MakeBinary(Operator::kItem, std::move(expr), std::move(index), mark);
    } else if (At(TokenKind::kDot)) {
      Advance();
      auto access = std::make_unique<ast::FieldAccess>();
      access->operand = std::move(expr);
      if (At(TokenKind::kStar)) {
        access->star = true;
        access->field = {"*", false, Current().position};
        Advance();
      } else {
        access->field = ParseName();
      }
      expr = Finish(std::move(access), mark);
    } else {
      break;
    }
  }
  return expr;
}

ast::ExprPtr SyntaxParser::ParsePrimary() {
  const Mark mark = Here();
  switch (Current().kind) {
    case TokenKind::kInteger:
    case TokenKind::kDecimal:
    case TokenKind::kApproximate: return ParseNumber();
    case TokenKind::kString:
    case TokenKind::kPrefixString:
    case TokenKind::kUnicodeString:
    case TokenKind::kEscapeString: return ParseStringLiteral();
    case TokenKind::kBinaryString: return ParseBinaryLiteral();
    case TokenKind::kLeftParen: return ParseParenthesized();
    case TokenKind::kLeftBrace: return ParseBraceLiteral();
    case TokenKind::kQuestion: {
      auto param = std::make_unique<ast::DynamicParam>();
      param->index = dynamic_params_++;
      Advance();
      return Finish(std::move(param), mark);
    }
    case TokenKind::kQuotedName: return ParseIdentifierOrCall();
    case TokenKind::kWord: return ParseKeywordPrimary();
    default: break;
  }
  NoteName();
  FailUnexpected();
  return nullptr;
}

ast::ExprPtr SyntaxParser::ParseKeywordPrimary() {
  const Mark mark = Here();
  const Keyword keyword = Current().keyword;
  const bool truth = keyword == K("TRUE") || keyword == K("FALSE");
  if (truth || keyword == K("NULL") || keyword == K("UNKNOWN")) {
    auto literal = std::make_unique<ast::Literal>();
    literal->literal = truth                  ? ast::LiteralKind::kBoolean
                       : keyword == K("NULL") ? ast::LiteralKind::kNull
                                              : ast::LiteralKind::kUnknown;
    literal->boolean = keyword == K("TRUE");
    Advance();
    return Finish(std::move(literal), mark);
  }
  if (ast::ExprPtr literal = ParseTemporalLiteral(); literal != nullptr || Failed()) return literal;
  if (keyword == K("INTERVAL")) return ParseInterval();
  if (keyword == K("CASE")) return ParseCase();
  if (keyword == K("CAST")) return ParseCast(false);
  if (keyword == K("TRY_CAST")) return ParseCast(true);
  if (keyword == K("EXISTS")) return ParseQuantifiedSubquery(ast::SubqueryKind::kExists);
  if (keyword == K("UNIQUE")) return ParseQuantifiedSubquery(ast::SubqueryKind::kUnique);
  if (keyword == K("ROW") || keyword == K("PERIOD")) return ParseConstructor(Operator::kRow);
  if (keyword == K("ARRAY")) return ParseConstructor(Operator::kArray);
  if (keyword == K("MULTISET")) return ParseConstructor(Operator::kMultiset);
  if (keyword == K("MAP") &&
      (AtAhead(1, TokenKind::kLeftBracket) || AtAhead(1, TokenKind::kLeftParen))) {
    return ParseConstructor(Operator::kMap);
  }
  if (keyword == K("DEFAULT") && default_allowed_) {
    Advance();
    return Finish(std::make_unique<ast::Default>(), mark);
  }
  const bool before_call = (AtAhead(1, TokenKind::kWord) || AtAhead(1, TokenKind::kQuotedName)) &&
                           AtAhead(2, TokenKind::kLeftParen);
  if ((keyword == K("FINAL") || keyword == K("RUNNING")) && before_call) {
    Advance();
    ast::ExprPtr operand = ParseIdentifierOrCall();
    if (Failed()) return nullptr;
    if (ast::As<ast::Call>(*operand).over != nullptr) {
      Fail("OVER is not allowed after FINAL or RUNNING", operand->position);
      return nullptr;
    }
    return MakeUnary(keyword == K("FINAL") ? Operator::kFinal : Operator::kRunning,
                     std::move(operand), mark);
  }
  if (ClassOf(keyword) == KeywordClass::kNiladic) {
    auto call = MakeFunction(KeywordText(keyword), mark);
    call->parentheses = false;
    Advance();
    if (Accept(TokenKind::kLeftParen)) {  // LOCALTIME(3), CURRENT_TIMESTAMP()
      call->parentheses = true;
      if (!At(TokenKind::kRightParen)) call->args.push_back(ParseExpr());
      Expect(TokenKind::kRightParen);
    }
    if (Failed()) return nullptr;
    return Finish(std::move(call), mark);
  }
  for (const std::string_view unsupported : {"CURSOR", "NEW", "SAFE_CAST", "TREAT"}) {
    if (keyword != kNoKeyword && KeywordText(keyword) == unsupported) {
      FailUnsupported(unsupported, Current().position);
      return nullptr;
    }
  }
  return ParseIdentifierOrCall();
}

ast::ExprPtr SyntaxParser::ParseIdentifierOrCall() {
  const Mark mark = Here();
  ast::NamePath path;
  const bool temporal = At(K("DATE")) || At(K("TIME")) || At(K("TIMESTAMP")) || At(K("DATETIME"));
  if (ClassOf(Current().keyword) == KeywordClass::kFunction ||
      (temporal && AtAhead(1, TokenKind::kLeftParen))) {
    path.push_back({std::string(TokenText(Current())), false, Current().position});
    Advance();
    if (!At(TokenKind::kLeftParen)) {
      Expect(TokenKind::kLeftParen);
      return nullptr;
    }
    return ParseCall(std::move(path), mark);
  }
  path.push_back(ParseName());
  while (!Failed() && At(TokenKind::kDot)) {
    Advance();
    if (At(TokenKind::kStar)) {
      Advance();
      auto star = std::make_unique<ast::Star>();
      star->qualifier = std::move(path);
      return Finish(std::move(star), mark);
    }
    path.push_back(ParseName());
  }
  if (Failed()) return nullptr;
  if (At(TokenKind::kLeftParen)) return ParseCall(std::move(path), mark);
  Note("(");
  auto identifier = std::make_unique<ast::Identifier>();
  identifier->path = std::move(path);
  return Finish(std::move(identifier), mark);
}

ast::ExprPtr SyntaxParser::ParseParenthesized() {
  const Mark mark = Here();
  Expect(TokenKind::kLeftParen);
  if (AtQueryStart()) {
    auto subquery = std::make_unique<ast::Subquery>();
    subquery->query = ParseQuery();
    Expect(TokenKind::kRightParen);
    if (Failed()) return nullptr;
    return Finish(std::move(subquery), mark);
  }
  const Mark inner = Here();
  ast::ExprPtr first = ParseExpr();
  if (IsPlainSubquery(first) && AtSetOperatorOrTail()) {
    first = ContinueAsQuery(std::move(first), inner);
  }
  if (!At(TokenKind::kComma)) {
    Expect(TokenKind::kRightParen);
    return first;
  }
  auto row = std::make_unique<ast::Call>();
  row->op = Operator::kRow;
  row->implicit_row = true;
  row->args.push_back(std::move(first));
  while (Accept(TokenKind::kComma)) row->args.push_back(ParseExpr());
  Expect(TokenKind::kRightParen);
  if (Failed()) return nullptr;
  return Finish(std::move(row), mark);
}

// `((SELECT 1) UNION ...`: what began as an expression in parentheses is a query.
ast::ExprPtr SyntaxParser::ContinueAsQuery(ast::ExprPtr first, Mark mark) {
  auto query = std::make_unique<ast::Query>();
  query->body =
      ParseSetOperations(Unnest(std::move(ast::As<ast::Subquery>(*first).query)), 0, mark);
  if (Failed()) return nullptr;
  auto subquery = std::make_unique<ast::Subquery>();
  subquery->query = FinishQuery(std::move(query), mark);
  if (Failed()) return nullptr;
  return Finish(std::move(subquery), mark);
}

ast::ExprPtr SyntaxParser::ParseListOrSubquery() {
  const Mark mark = Here();
  Expect(TokenKind::kLeftParen);
  if (AtQueryStart()) {
    auto subquery = std::make_unique<ast::Subquery>();
    subquery->query = ParseQuery();
    Expect(TokenKind::kRightParen);
    if (Failed()) return nullptr;
    return Finish(std::move(subquery), mark);
  }
  auto list = std::make_unique<ast::ExprList>();
  const Mark inner = Here();
  do {
    list->items.push_back(ParseExpr());
    if (list->items.size() == 1 && IsPlainSubquery(list->items[0]) && AtSetOperatorOrTail()) {
      ast::ExprPtr query = ContinueAsQuery(std::move(list->items[0]), inner);
      Expect(TokenKind::kRightParen);
      return query;
    }
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  if (Failed()) return nullptr;
  return Finish(std::move(list), mark);
}

ast::ExprPtr SyntaxParser::ParseQuantifiedSubquery(ast::SubqueryKind kind) {
  const Mark mark = Here();
  Advance();
  if (!At(TokenKind::kLeftParen)) {
    Expect(TokenKind::kLeftParen);
    return nullptr;
  }
  const SqlPosition position = Current().position;
  ast::ExprPtr inner = ParseParenthesized();
  if (Failed()) return nullptr;
  if (!IsPlainSubquery(inner)) {
    Fail("A query is expected here", position);
    return nullptr;
  }
  ast::As<ast::Subquery>(*inner).subquery = kind;
  Place(inner.get(), mark);
  return inner;
}

ast::ExprPtr SyntaxParser::ParseConstructor(Operator op) {
  const Mark mark = Here();
  Advance();
  auto call = std::make_unique<ast::Call>();
  call->op = op;
  const bool row = op == Operator::kRow;
  if (!row && At(TokenKind::kLeftParen) && AtQueryStart(1)) {
    --index_;
    return ParseQuantifiedSubquery(op == Operator::kArray ? ast::SubqueryKind::kArray
                                   : op == Operator::kMap ? ast::SubqueryKind::kMap
                                                          : ast::SubqueryKind::kMultiset);
  }
  const TokenKind close = row ? TokenKind::kRightParen : TokenKind::kRightBracket;
  Expect(row ? TokenKind::kLeftParen : TokenKind::kLeftBracket);
  const SqlPosition position = Current().position;
  if (row || !At(close)) call->args = ParseExprList();
  Expect(close);
  if (op == Operator::kMap && call->args.size() % 2 != 0) {
    Fail("Map requires an even number of arguments", position);
  }
  if (Failed()) return nullptr;
  return Finish(std::move(call), mark);
}

ast::ExprPtr SyntaxParser::ParseCase() {
  const Mark mark = Here();
  Advance();
  auto node = std::make_unique<ast::Case>();
  if (!At(K("WHEN"))) node->operand = ParseExpr();
  while (Accept(K("WHEN"))) {
    ast::CaseBranch branch;
    const Mark when = Here();
    branch.when = ParseExpr();
    if (node->operand != nullptr && At(TokenKind::kComma)) {  // WHEN 1, 2 THEN
      auto list = std::make_unique<ast::ExprList>();
      list->items.push_back(std::move(branch.when));
      while (Accept(TokenKind::kComma)) list->items.push_back(ParseExpr());
      if (Failed()) return nullptr;
      branch.when = Finish(std::move(list), when);
    }
    Expect(K("THEN"));
    branch.then = ParseExpr();
    node->branches.push_back(std::move(branch));
  }
  if (node->branches.empty()) FailUnexpected();
  if (Accept(K("ELSE"))) node->otherwise = ParseExpr();
  Expect(K("END"));
  if (Failed()) return nullptr;
  return Finish(std::move(node), mark);
}

ast::ExprPtr SyntaxParser::ParseCast(bool try_cast) {
  const Mark mark = Here();
  Advance();
  auto cast = std::make_unique<ast::Cast>();
  cast->try_cast = try_cast;
  Expect(TokenKind::kLeftParen);
  cast->operand = ParseExpr();
  Expect(K("AS"));
  cast->type = ParsePlainType();
  if (At(K("FORMAT"))) FailUnsupported("CAST ... FORMAT", Current().position);
  Expect(TokenKind::kRightParen);
  if (Failed()) return nullptr;
  return Finish(std::move(cast), mark);
}

std::vector<ast::ExprPtr> SyntaxParser::ParseExprList() {
  std::vector<ast::ExprPtr> list;
  do {
    list.push_back(ParseExpr());
  } while (Accept(TokenKind::kComma));
  return list;
}

ast::OrderItem SyntaxParser::ParseOrderItem() {
  ast::OrderItem item;
  item.expr = ParseExpr();
  if (Accept(K("DESC"))) {
    item.descending = true;
  } else {
    Accept(K("ASC"));
  }
  if (Accept(K("NULLS"))) {
    if (Accept(K("FIRST"))) {
      item.nulls = ast::NullOrder::kFirst;
    } else {
      Expect(K("LAST"));
      item.nulls = ast::NullOrder::kLast;
    }
  }
  return item;
}

std::vector<ast::OrderItem> SyntaxParser::ParseOrderItems() {
  std::vector<ast::OrderItem> items;
  do {
    items.push_back(ParseOrderItem());
  } while (Accept(TokenKind::kComma));
  return items;
}

}  // namespace rhei
