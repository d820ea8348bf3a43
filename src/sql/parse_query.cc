// Queries: WITH, SELECT, VALUES, set operations, ORDER BY, LIMIT.
#include "sql/syntax_parser.h"

namespace rhei {
namespace {

constexpr int kPrecedenceUnion = 14;
constexpr int kPrecedenceIntersect = 18;

}  // namespace

bool SyntaxParser::AtQueryStart(size_t ahead) const {
  return AtAhead(ahead, K("SELECT")) || AtAhead(ahead, K("VALUES")) || AtAhead(ahead, K("WITH")) ||
         (AtAhead(ahead, K("TABLE")) && !AtAhead(ahead + 1, TokenKind::kLeftParen));
}

// What may follow a query in parentheses when it is an operand of a larger query.
bool SyntaxParser::AtSetOperatorOrTail() const {
  return At(K("UNION")) || At(K("INTERSECT")) || At(K("EXCEPT")) || At(K("ORDER")) ||
         At(K("LIMIT")) || At(K("OFFSET")) || At(K("FETCH"));
}

ast::QueryPtr SyntaxParser::ParseQuery() {
  NestingGuard guard(this);
  const Mark mark = Here();
  auto query = std::make_unique<ast::Query>();
  if (Accept(K("WITH"))) {
    query->recursive = Accept(K("RECURSIVE"));
    do {
      query->with.push_back(ParseCommonTable());
    } while (Accept(TokenKind::kComma));
  }
  query->body = ParseBody(0);
  return FinishQuery(std::move(query), mark);
}

ast::CommonTable SyntaxParser::ParseCommonTable() {
  ast::CommonTable table;
  table.position = Current().position;
  table.name = ParseName();
  if (At(TokenKind::kLeftParen)) table.columns = ParseNameList();
  Expect(K("AS"));
  Expect(TokenKind::kLeftParen);
  table.query = ParseQuery();
  Expect(TokenKind::kRightParen);
  return table;
}

ast::QueryPtr SyntaxParser::FinishQuery(ast::QueryPtr query, Mark mark) {
  if (Accept(K("ORDER"))) {
    Expect(K("BY"));
    query->order_by = ParseOrderItems();
  }
  const auto count = [this]() -> ast::ExprPtr {
    if (At(TokenKind::kInteger) || At(TokenKind::kDecimal) || At(TokenKind::kQuestion)) {
      return ParsePrimary();
    }
    Note("<UNSIGNED_INTEGER_LITERAL>");
    FailUnexpected();
    return nullptr;
  };
  bool limited = false;
  if (Accept(K("LIMIT"))) {
    limited = true;
    if (!Accept(K("ALL"))) query->limit = count();
    if (At(TokenKind::kComma)) {
      Fail("'LIMIT start, count' is not allowed under the current SQL conformance level",
           Current().position);
    }
  }
  if (Accept(K("OFFSET"))) {
    query->offset = count();
    if (!Accept(K("ROWS"))) Accept(K("ROW"));
    if (!limited && At(K("LIMIT"))) {
      Fail("'OFFSET start LIMIT count' is not allowed under the current SQL conformance level",
           Current().position);
    }
  }
  if (!limited && Accept(K("FETCH"))) {
    if (!Accept(K("FIRST"))) Expect(K("NEXT"));
    query->limit = count();
    if (!Accept(K("ROWS"))) Expect(K("ROW"));
    Expect(K("ONLY"));
  }
  return Finish(std::move(query), mark);
}

ast::QueryBodyPtr SyntaxParser::ParseBody(int precedence_min) {
  const Mark mark = Here();
  return ParseSetOperations(ParseBodyPrimary(), precedence_min, mark);
}

ast::QueryBodyPtr SyntaxParser::ParseSetOperations(ast::QueryBodyPtr left, int precedence_min,
                                                   Mark mark) {
  while (!Failed()) {
    ast::SetOperator op = ast::SetOperator::kUnion;
    int precedence = kPrecedenceUnion;
    if (At(K("INTERSECT"))) {
      op = ast::SetOperator::kIntersect;
      precedence = kPrecedenceIntersect;
    } else if (At(K("EXCEPT"))) {
      op = ast::SetOperator::kExcept;
    } else if (At(K("MINUS"))) {
      Fail("MINUS is not allowed under the current SQL conformance level", Current().position);
      break;
    } else if (!At(K("UNION"))) {
      Note("UNION");
      break;
    }
    if (precedence < precedence_min) break;
    Advance();
    auto set = std::make_unique<ast::SetOperation>();
    set->op = op;
    set->all = Accept(K("ALL"));
    if (!set->all) Accept(K("DISTINCT"));
    set->left = std::move(left);
    set->right = ParseBody(precedence + 1);
    left = Finish(std::move(set), mark);
  }
  return left;
}

ast::QueryBodyPtr SyntaxParser::Unnest(ast::QueryPtr query) {
  const bool plain = query->with.empty() && query->order_by.empty() && query->offset == nullptr &&
                     query->limit == nullptr;
  if (plain) return std::move(query->body);
  auto nested = std::make_unique<ast::NestedQuery>();
  nested->position = query->position;
  nested->range = query->range;
  nested->depth = query->depth + 1;
  nested->query = std::move(query);
  return nested;
}

ast::QueryBodyPtr SyntaxParser::ParseBodyPrimary() {
  const Mark mark = Here();
  if (At(K("SELECT"))) return ParseSelect();
  if (At(K("VALUES"))) return ParseValues();
  if (At(K("TABLE"))) {
    Advance();
    auto table = std::make_unique<ast::ExplicitTable>();
    table->path = ParsePath();
    return Finish(std::move(table), mark);
  }
  if (Accept(TokenKind::kLeftParen)) {
    ast::QueryPtr query = ParseQuery();
    Expect(TokenKind::kRightParen);
    if (Failed()) return nullptr;
    return Unnest(std::move(query));
  }
  Note("SELECT");
  Note("VALUES");
  Note("WITH");
  FailUnexpected();
  return nullptr;
}

ast::QueryBodyPtr SyntaxParser::ParseValues() {
  const Mark mark = Here();
  Advance();
  auto values = std::make_unique<ast::Values>();
  do {
    std::vector<ast::ExprPtr> row;
    default_allowed_ = true;
    ast::ExprPtr expr = ParseExpr();
    default_allowed_ = false;
    if (Failed()) return nullptr;
    // VALUES (1, 2), ROW(3, 4), 5: a row constructor is the row, anything else is its only column.
    if (expr->kind == ast::ExprKind::kCall && ast::As<ast::Call>(*expr).op == ast::Operator::kRow) {
      row = std::move(ast::As<ast::Call>(*expr).args);
    } else {
      row.push_back(std::move(expr));
    }
    values->rows.push_back(std::move(row));
  } while (Accept(TokenKind::kComma));
  return Finish(std::move(values), mark);
}

ast::QueryBodyPtr SyntaxParser::ParseSelect() {
  const Mark mark = Here();
  Advance();
  auto select = std::make_unique<ast::Select>();
  select->hints = ParseHints();
  if (At(K("STREAM"))) FailUnsupported("SELECT STREAM", Current().position);
  if (Accept(K("DISTINCT"))) {
    select->distinct = true;
  } else {
    select->all = Accept(K("ALL"));
  }
  do {
    select->items.push_back(ParseSelectItem());
  } while (Accept(TokenKind::kComma));
  if (Accept(K("FROM"))) {
    select->from = ParseFrom();
    if (Accept(K("WHERE"))) select->where = ParseExpr();
    if (Accept(K("GROUP"))) {
      Expect(K("BY"));
      select->has_group_by = true;
      select->group_by_distinct = Accept(K("DISTINCT"));
      if (!select->group_by_distinct) Accept(K("ALL"));
      select->group_by = ParseGroupItems();
    }
    if (Accept(K("HAVING"))) select->having = ParseExpr();
    if (Accept(K("WINDOW"))) {
      do {
        ast::NamedWindow window;
        window.name = ParseName();
        Expect(K("AS"));
        window.spec = ParseWindowSpec();
        select->windows.push_back(std::move(window));
      } while (Accept(TokenKind::kComma));
    }
    if (Accept(K("QUALIFY"))) select->qualify = ParseExpr();
  }
  if (Failed()) return nullptr;
  return Finish(std::move(select), mark);
}

ast::SelectItem SyntaxParser::ParseSelectItem() {
  ast::SelectItem item;
  if (At(TokenKind::kStar)) {
    const Mark mark = Here();
    Advance();
    item.expr = Finish(std::make_unique<ast::Star>(), mark);
    return item;
  }
  item.expr = ParseExpr();
  if (AtString() || (At(K("AS")) && AtAhead(1, TokenKind::kString))) {
    Fail("Expecting alias, found character literal", Current().position);
  }
  item.alias = ParseOptionalAlias(false);
  return item;
}

std::vector<ast::GroupItem> SyntaxParser::ParseGroupItems() {
  std::vector<ast::GroupItem> items;
  do {
    items.push_back(ParseGroupItem());
  } while (Accept(TokenKind::kComma));
  return items;
}

ast::GroupItem SyntaxParser::ParseGroupItem() {
  NestingGuard guard(this);
  const Mark mark = Here();
  ast::GroupItem item;
  if (At(TokenKind::kLeftParen) && AtAhead(1, TokenKind::kRightParen)) {
    Advance();
    Advance();
    item.kind = ast::GroupItemKind::kEmpty;
  } else if (AcceptPair(K("GROUPING"), K("SETS"))) {
    item.kind = ast::GroupItemKind::kGroupingSets;
  } else if (Accept(K("ROLLUP"))) {
    item.kind = ast::GroupItemKind::kRollup;
  } else if (Accept(K("CUBE"))) {
    item.kind = ast::GroupItemKind::kCube;
  } else {
    item.expr = ParseExpr();
  }
  if (item.kind == ast::GroupItemKind::kGroupingSets || item.kind == ast::GroupItemKind::kRollup ||
      item.kind == ast::GroupItemKind::kCube) {
    Expect(TokenKind::kLeftParen);
    item.children = ParseGroupItems();
    Expect(TokenKind::kRightParen);
  }
  Place(&item, mark);
  return item;
}

}  // namespace rhei
