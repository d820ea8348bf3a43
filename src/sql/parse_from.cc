// FROM: tables, joins, table functions, UNNEST, hints.
#include "sql/syntax_parser.h"

namespace rhei {
namespace {

// Not CAST, DESCRIPTOR and the like, which are not found by name.
bool IsFunctionCall(const ast::Expr& expr) {
  return expr.kind == ast::ExprKind::kCall &&
         ast::As<ast::Call>(expr).op == ast::Operator::kFunction;
}

}  // namespace

ast::TableRefPtr SyntaxParser::ParseFrom() {
  const Mark mark = Here();
  ast::TableRefPtr left = ParseJoinChain();
  while (!Failed() && Accept(TokenKind::kComma)) {
    auto join = std::make_unique<ast::Join>();
    join->type = ast::JoinType::kComma;
    join->left = std::move(left);
    join->right = ParseJoinChain();
    left = Finish(std::move(join), mark);
  }
  return left;
}

// [NATURAL] [INNER | LEFT [OUTER] | ... | CROSS] JOIN; false when no join follows.
bool SyntaxParser::ParseJoinHead(ast::Join* join) {
  join->natural = Accept(K("NATURAL"));
  bool typed = true;
  if (Accept(K("LEFT"))) {
    join->type = ast::JoinType::kLeft;
  } else if (Accept(K("RIGHT"))) {
    join->type = ast::JoinType::kRight;
  } else if (Accept(K("FULL"))) {
    join->type = ast::JoinType::kFull;
  } else if (Accept(K("CROSS"))) {
    join->type = ast::JoinType::kCross;
    if (Accept(K("JOIN"))) return true;
    if (AsciiUpper(TokenText(Current())) != "APPLY") {
      FailUnexpected();
      return false;
    }
    Fail("APPLY operator is not allowed under the current SQL conformance level",
         Current().position);
    return false;
  } else {
    typed = Accept(K("INNER"));
  }
  if (typed && join->type != ast::JoinType::kInner) Accept(K("OUTER"));
  if (Accept(K("JOIN"))) return true;
  if (typed || join->natural) FailUnexpected();
  return false;
}

ast::TableRefPtr SyntaxParser::ParseJoinChain() {
  const Mark mark = Here();
  ast::TableRefPtr left = ParseTableRef();
  while (!Failed()) {
    auto join = std::make_unique<ast::Join>();
    if (!ParseJoinHead(join.get())) break;
    join->left = std::move(left);
    join->right = ParseTableRef();
    if (Accept(K("ON"))) {
      join->condition = ast::JoinConditionKind::kOn;
      join->on = ParseExpr();
    } else if (Accept(K("USING"))) {
      join->condition = ast::JoinConditionKind::kUsing;
      join->using_columns = ParseNameList();
    }
    left = Finish(std::move(join), mark);
  }
  return left;
}

ast::TableRefPtr SyntaxParser::ParseTableRef() {
  NestingGuard guard(this);
  const Mark mark = Here();
  ast::TableRefPtr table = ParseTablePrimary();
  if (Failed()) return nullptr;
  return ParseTableTail(std::move(table), mark);
}

ast::TableRefPtr SyntaxParser::ParseTablePrimary() {
  const Mark mark = Here();
  const bool lateral = Accept(K("LATERAL"));
  if (At(TokenKind::kLeftParen)) return ParseParenthesizedTable(mark, lateral);
  if (At(K("UNNEST"))) return ParseUnnest(mark, lateral);
  if (At(K("TABLE"))) return ParseTableKeyword(mark, lateral);
  return ParseNamedOrFunction(mark, lateral);
}

ast::TableRefPtr SyntaxParser::ParseParenthesizedTable(Mark mark, bool lateral) {
  Advance();
  auto derived = std::make_unique<ast::DerivedTable>();
  derived->lateral = lateral;
  if (lateral || AtQueryStart()) {
    derived->query = ParseQuery();
    Expect(TokenKind::kRightParen);
    return Finish(std::move(derived), mark);
  }
  const Mark inner = Here();
  ast::TableRefPtr table = ParseJoinChain();
  if (Failed()) return nullptr;
  const bool is_query = table->kind == ast::TableRefKind::kDerived && !table->alias;
  if (is_query && AtSetOperatorOrTail()) {
    // ((SELECT 1) UNION (SELECT 2)): what began as a table is an operand of a query.
    auto query = std::make_unique<ast::Query>();
    query->body =
        ParseSetOperations(Unnest(std::move(ast::As<ast::DerivedTable>(*table).query)), 0, inner);
    if (Failed()) return nullptr;
    derived->query = FinishQuery(std::move(query), inner);
    Expect(TokenKind::kRightParen);
    return Finish(std::move(derived), mark);
  }
  Expect(TokenKind::kRightParen);
  if (!is_query && table->kind != ast::TableRefKind::kJoin) {
    Fail("Expected query or join", tokens_[inner].position);
    return nullptr;
  }
  return table;
}

ast::TableRefPtr SyntaxParser::ParseUnnest(Mark mark, bool lateral) {
  Advance();
  auto unnest = std::make_unique<ast::Unnest>();
  unnest->lateral = lateral;
  Expect(TokenKind::kLeftParen);
  unnest->exprs = ParseExprList();
  Expect(TokenKind::kRightParen);
  unnest->with_ordinality = AcceptPair(K("WITH"), K("ORDINALITY"));
  return Finish(std::move(unnest), mark);
}

// TABLE(f(x)).
ast::TableRefPtr SyntaxParser::ParseTableKeyword(Mark mark, bool lateral) {
  Advance();
  Expect(TokenKind::kLeftParen);
  const Mark inner = Here();
  ast::ExprPtr call = ParsePrimary();
  if (Failed()) return nullptr;
  if (call->kind == ast::ExprKind::kIdentifier && At(TokenKind::kRightParen)) {
    Note("(");
    FailUnexpected();  // TABLE(t)
    return nullptr;
  }
  if (!IsFunctionCall(*call)) {
    Fail("TABLE( ) takes a table function", tokens_[inner].position);
    return nullptr;
  }
  auto function = std::make_unique<ast::TableFunction>();
  function->call = std::move(call);
  function->lateral = lateral;
  function->table_keyword = true;
  Expect(TokenKind::kRightParen);
  return Finish(std::move(function), mark);
}

ast::TableRefPtr SyntaxParser::ParseNamedOrFunction(Mark mark, bool lateral) {
  if (lateral) {
    Note("TABLE");
    Expect(TokenKind::kLeftParen);
    return nullptr;
  }
  const Mark start = Here();
  ast::NamePath path = ParsePath();
  if (Failed()) return nullptr;
  if (At(TokenKind::kLeftParen)) {
    auto function = std::make_unique<ast::TableFunction>();
    function->call = ParseCall(std::move(path), start);
    if (Failed()) return nullptr;
    if (!IsFunctionCall(*function->call)) {  // DESCRIPTOR(a)
      Fail("FROM takes a table or a table function", tokens_[start].position);
      return nullptr;
    }
    return Finish(std::move(function), mark);
  }
  auto table = std::make_unique<ast::NamedTable>();
  table->path = std::move(path);
  table->hints = ParseHints();
  return Finish(std::move(table), mark);
}

ast::TableRefPtr SyntaxParser::ParseTableTail(ast::TableRefPtr table, Mark mark) {
  const bool can_be_temporal =
      table->kind == ast::TableRefKind::kNamed || table->kind == ast::TableRefKind::kTableFunction;
  if (can_be_temporal && At(K("FOR")) && AtAhead(1, K("SYSTEM_TIME"))) {
    Advance();
    Advance();
    Expect(K("AS"));
    Expect(K("OF"));
    ast::ExprPtr time = ParseExpr();
    if (Failed()) return nullptr;
    if (table->kind == ast::TableRefKind::kNamed) {
      ast::As<ast::NamedTable>(*table).system_time = std::move(time);
    } else {
      ast::As<ast::TableFunction>(*table).system_time = std::move(time);
    }
  }
  if (At(K("MATCH_RECOGNIZE"))) table = ParseMatchRecognize(std::move(table), mark);
  if (At(K("PIVOT"))) FailUnsupported("PIVOT", Current().position);
  if (At(K("UNPIVOT"))) FailUnsupported("UNPIVOT", Current().position);
  if (At(K("EXTEND"))) FailUnsupported("EXTEND", Current().position);
  if (Failed()) return nullptr;
  ParseTableAlias(table.get());
  if (At(K("TABLESAMPLE"))) {
    if (table->kind == ast::TableRefKind::kNamed) {
      ParseSample(&ast::As<ast::NamedTable>(*table));
    } else {
      FailUnsupported("TABLESAMPLE of a query", Current().position);
    }
  }
  if (Failed()) return nullptr;
  table->depth = ChildDepth(*table) + 1;
  Place(table.get(), mark);
  return table;
}

void SyntaxParser::ParseTableAlias(ast::TableRef* table) {
  const SqlPosition position = Current().position;
  std::optional<ast::Name> alias = ParseOptionalAlias(false);
  if (!alias) return;
  if (table->kind == ast::TableRefKind::kJoin || table->alias) {
    Fail("Join expression encountered in illegal context", position);
    return;
  }
  table->alias = std::move(alias);
  if (At(TokenKind::kLeftParen)) table->column_aliases = ParseNameList();
}

void SyntaxParser::ParseSample(ast::NamedTable* table) {
  Advance();
  table->sample.emplace();
  if (Accept(K("SYSTEM"))) {
    table->sample->bernoulli = false;
  } else {
    Expect(K("BERNOULLI"));
  }
  Expect(TokenKind::kLeftParen);
  if (!At(TokenKind::kInteger) && !At(TokenKind::kDecimal)) FailUnexpected();
  table->sample->percentage = ParsePrimary();
  Expect(TokenKind::kRightParen);
  if (!Accept(K("REPEATABLE"))) return;
  Expect(TokenKind::kLeftParen);
  table->sample->repeatable = ParsePrefix();
  Expect(TokenKind::kRightParen);
}

std::vector<ast::Hint> SyntaxParser::ParseHints() {
  std::vector<ast::Hint> hints;
  if (!At(TokenKind::kHintOpen)) return hints;
  Advance();
  do {
    hints.push_back(ParseHint());
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kHintClose);
  return hints;
}

ast::Hint SyntaxParser::ParseHint() {
  ast::Hint hint;
  hint.position = Current().position;
  hint.name = ParseName();
  if (!Accept(TokenKind::kLeftParen) || Accept(TokenKind::kRightParen)) return hint;
  const bool options = AtAhead(1, TokenKind::kEquals);
  const bool names = AtName();
  hint.keys_are_names = options && names;
  do {
    if (options && (names || AtString())) {
      ast::Option option;
      option.key_position = Current().position;
      option.key = names ? ParseName().text : ParseString();
      Expect(TokenKind::kEquals);
      option.value_position = Current().position;
      option.value = ParseString();
      hint.options.push_back(std::move(option));
    } else if (names) {
      hint.identifiers.push_back(ParseName());
    } else if (AtString()) {
      hint.literals.push_back(ParseString());
    } else if (At(TokenKind::kInteger) || At(TokenKind::kDecimal)) {
      hint.literals.emplace_back(TokenText(Current()));
      Advance();
    } else {
      FailUnexpected();
    }
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  return hint;
}

}  // namespace rhei
