// Function calls: arguments, special forms such as EXTRACT(DAY FROM x), FILTER, OVER.
#include <fmt/format.h>

#include "sql/syntax_parser.h"

namespace rhei {
namespace {

bool IsTableOnly(const ast::Query& query) {
  return query.body->kind == ast::QueryBodyKind::kTable && query.with.empty() &&
         query.order_by.empty() && query.limit == nullptr && query.offset == nullptr;
}

}  // namespace

void SyntaxParser::AddSymbol(ast::Call* call, std::string_view text, Mark mark) {
  auto symbol = std::make_unique<ast::Symbol>();
  symbol->text = std::string(text);
  call->args.push_back(Finish(std::move(symbol), mark));
}

ast::ExprPtr SyntaxParser::ParseCall(ast::NamePath name, Mark mark) {
  bool special = false;
  if (name.size() == 1 && !name[0].quoted) {
    ast::ExprPtr call = ParseSpecialCall(name, mark, &special);
    if (special) return call;
  }
  auto call = std::make_unique<ast::Call>();
  call->function = std::move(name);
  ParseCallArguments(call.get());
  if (Failed()) return nullptr;
  return ParseCallTail(std::move(call), mark);
}

ast::ExprPtr SyntaxParser::ParseSpecialCall(const ast::NamePath& name, Mark mark, bool* special) {
  const std::string upper = AsciiUpper(name[0].text);
  auto call = std::make_unique<ast::Call>();
  if (upper == "DESCRIPTOR") {
    *special = true;
    call->op = ast::Operator::kDescriptor;
    Expect(TokenKind::kLeftParen);
    do {
      const Mark column = Here();
      auto identifier = std::make_unique<ast::Identifier>();
      identifier->path = ParsePath();
      if (!Failed()) call->args.push_back(Finish(std::move(identifier), column));
    } while (Accept(TokenKind::kComma));
    Expect(TokenKind::kRightParen);
    if (Failed()) return nullptr;
    return Finish(std::move(call), mark);
  }
  using Parse = void (SyntaxParser::*)(ast::Call*);
  struct Special {
    std::string_view name;
    Parse parse;
  };
  static constexpr Special kSpecials[] = {
      {"EXTRACT", &SyntaxParser::ParseExtract},
      {"FLOOR", &SyntaxParser::ParseFloor},
      {"CEIL", &SyntaxParser::ParseFloor},
      {"CEILING", &SyntaxParser::ParseFloor},
      {"TRIM", &SyntaxParser::ParseTrim},
      {"POSITION", &SyntaxParser::ParsePosition},
      {"OVERLAY", &SyntaxParser::ParseOverlay},
      {"SUBSTRING", &SyntaxParser::ParseSubstring},
      {"CONVERT", &SyntaxParser::ParseConvert},
      {"TRANSLATE", &SyntaxParser::ParseConvert},
      {"TIMESTAMPADD", &SyntaxParser::ParseTimestampAdd},
      {"TIMESTAMPDIFF", &SyntaxParser::ParseTimestampAdd},
      {"JSON_EXISTS", &SyntaxParser::ParseJsonExists},
      {"JSON_VALUE", &SyntaxParser::ParseJsonValue},
      {"JSON_QUERY", &SyntaxParser::ParseJsonQuery},
  };
  call->function = name;
  for (const Special& row : kSpecials) {
    if (row.name != upper) continue;
    *special = true;
    Expect(TokenKind::kLeftParen);
    (this->*row.parse)(call.get());
  }
  const bool array = upper == "JSON_ARRAY" || upper == "JSON_ARRAYAGG";
  if (array || upper == "JSON_OBJECT" || upper == "JSON_OBJECTAGG") {
    *special = true;
    Expect(TokenKind::kLeftParen);
    if (array) {
      ParseJsonArray(call.get(), upper == "JSON_ARRAYAGG");
    } else {
      ParseJsonObject(call.get(), upper == "JSON_OBJECTAGG");
    }
  }
  if (!*special) return nullptr;
  Expect(TokenKind::kRightParen);
  if (Failed()) return nullptr;
  return ParseCallTail(std::move(call), mark);
}

void SyntaxParser::ParseCallArguments(ast::Call* call) {
  Expect(TokenKind::kLeftParen);
  if (Accept(TokenKind::kRightParen)) return;
  if (At(TokenKind::kStar) && AtAhead(1, TokenKind::kRightParen)) {
    const Mark mark = Here();
    Advance();
    call->args.push_back(Finish(std::make_unique<ast::Star>(), mark));
    Expect(TokenKind::kRightParen);
    return;
  }
  if (Accept(K("DISTINCT"))) {
    call->distinct = true;
  } else {
    call->all = Accept(K("ALL"));
  }
  bool any_name = false;
  do {
    std::optional<ast::Name> name;
    call->args.push_back(ParseArgument(&name));
    any_name = any_name || name.has_value();
    call->argument_names.push_back(std::move(name));
  } while (Accept(TokenKind::kComma));
  if (!any_name) call->argument_names.clear();
  ParseNullTreatment(call);
  if (At(K("ORDER"))) {
    const std::string name = AsciiUpper(call->function.back().text);
    if (name != "ARRAY_AGG" && name != "ARRAY_CONCAT_AGG") {
      Fail("ORDER BY unexpected", Current().position);
    }
    Accept(K("ORDER"));
    Expect(K("BY"));
    call->order_by = ParseOrderItems();
  }
  if (At(K("SEPARATOR"))) FailUnsupported("SEPARATOR", Current().position);
  Expect(TokenKind::kRightParen);
}

ast::ExprPtr SyntaxParser::ParseArgument(std::optional<ast::Name>* name) {
  if (AtName() && AtAhead(1, TokenKind::kArrow)) {
    *name = ParseName();
    Advance();
  }
  if (At(K("TABLE"))) return ParseTableArgument();
  const Mark mark = Here();
  const Token& next = Current(1);
  const bool next_is_name = next.kind == TokenKind::kQuotedName ||
                            (next.kind == TokenKind::kWord && !IsReserved(next.keyword));
  if (At(K("MODEL")) && next_is_name) {
    Advance();
    auto model = std::make_unique<ast::ModelArgument>();
    model->model = ParsePath();
    return Finish(std::move(model), mark);
  }
  if (Accept(K("DEFAULT"))) return Finish(std::make_unique<ast::Default>(), mark);
  ast::ExprPtr expr = ParseExpr();
  if (Failed() || expr->kind != ast::ExprKind::kSubquery) return expr;
  auto& subquery = ast::As<ast::Subquery>(*expr);
  // (TABLE t) is the same as TABLE t.
  const bool named = subquery.subquery == ast::SubqueryKind::kPlain && IsTableOnly(*subquery.query);
  if (!named && !At(K("PARTITION"))) return expr;
  auto table = std::make_unique<ast::TableArgument>();
  if (named) {
    table->table = std::move(ast::As<ast::ExplicitTable>(*subquery.query->body).path);
  } else {
    table->query = std::move(subquery.query);
  }
  ParseTableArgumentTail(table.get());
  if (Failed()) return nullptr;
  return Finish(std::move(table), mark);
}

// TABLE t [PARTITION BY k] [ORDER BY ts]
ast::ExprPtr SyntaxParser::ParseTableArgument() {
  const Mark mark = Here();
  Advance();
  auto table = std::make_unique<ast::TableArgument>();
  table->table = ParsePath();
  ParseTableArgumentTail(table.get());
  if (Failed()) return nullptr;
  return Finish(std::move(table), mark);
}

void SyntaxParser::ParseTableArgumentTail(ast::TableArgument* argument) {
  if (Accept(K("PARTITION"))) {
    Expect(K("BY"));
    // One column, or several in parentheses: a comma begins the next argument.
    if (Accept(TokenKind::kLeftParen)) {
      argument->partition_by = ParseExprList();
      Expect(TokenKind::kRightParen);
    } else {
      argument->partition_by.push_back(ParseExpr());
      // Flink's documentation also writes PARTITION BY a, b for SESSION windows.
      while (At(TokenKind::kComma) && AtAhead(1, TokenKind::kWord) &&
             (AtAhead(2, TokenKind::kComma) || AtAhead(2, TokenKind::kRightParen)) &&
             !IsReserved(Current(1).keyword)) {
        Advance();
        argument->partition_by.push_back(ParseExpr());
      }
    }
  }
  if (Accept(K("ORDER"))) {
    Expect(K("BY"));
    if (Accept(TokenKind::kLeftParen)) {
      argument->order_by = ParseOrderItems();
      Expect(TokenKind::kRightParen);
    } else {
      argument->order_by.push_back(ParseOrderItem());
    }
  }
}

void SyntaxParser::ParseNullTreatment(ast::Call* call) {
  if (AcceptPair(K("IGNORE"), K("NULLS"))) call->null_treatment = ast::NullTreatment::kIgnore;
  if (AcceptPair(K("RESPECT"), K("NULLS"))) call->null_treatment = ast::NullTreatment::kRespect;
}

ast::ExprPtr SyntaxParser::ParseCallTail(std::unique_ptr<ast::Call> call, Mark mark) {
  ParseNullTreatment(call.get());
  if (AcceptPair(K("WITHIN"), K("DISTINCT"))) {
    call->within_distinct_set = true;
    Expect(TokenKind::kLeftParen);
    call->within_distinct = ParseExprList();
    Expect(TokenKind::kRightParen);
  }
  if (AcceptPair(K("WITHIN"), K("GROUP"))) {
    Expect(TokenKind::kLeftParen);
    Expect(K("ORDER"));
    Expect(K("BY"));
    call->within_group = ParseOrderItems();
    Expect(TokenKind::kRightParen);
  }
  if (Accept(K("FILTER"))) {
    Expect(TokenKind::kLeftParen);
    Expect(K("WHERE"));
    call->filter = ParseExpr();
    Expect(TokenKind::kRightParen);
  }
  if (Accept(K("OVER"))) {
    if (At(TokenKind::kLeftParen)) {
      call->over = std::make_unique<ast::WindowSpec>(ParseWindowSpec());
    } else {
      call->over = std::make_unique<ast::WindowSpec>();
      call->over->bare_reference = true;
      const Mark name = Here();
      call->over->reference = ParseName();
      Place(call->over.get(), name);
    }
  }
  if (Failed()) return nullptr;
  return Finish(std::move(call), mark);
}

ast::WindowSpec SyntaxParser::ParseWindowSpec() {
  ast::WindowSpec window;
  const Mark mark = Here();
  Expect(TokenKind::kLeftParen);
  if (AtName()) window.reference = ParseName();
  if (Accept(K("PARTITION"))) {
    Expect(K("BY"));
    window.partition_by = ParseExprList();
  }
  if (Accept(K("ORDER"))) {
    Expect(K("BY"));
    window.order_by = ParseOrderItems();
  }
  const bool rows = Accept(K("ROWS"));
  if (rows || Accept(K("RANGE"))) {
    window.frame_unit = rows ? ast::FrameUnit::kRows : ast::FrameUnit::kRange;
    if (Accept(K("BETWEEN"))) {
      window.frame_start = ParseFrameBound();
      Expect(K("AND"));
      window.frame_end = ParseFrameBound();
    } else {
      window.frame_start = ParseFrameBound();
    }
  }
  if (AcceptPair(K("ALLOW"), K("PARTIAL"))) window.allow_partial = true;
  if (AcceptPair(K("DISALLOW"), K("PARTIAL"))) window.allow_partial = false;
  Expect(TokenKind::kRightParen);
  Place(&window, mark);
  return window;
}

ast::FrameBound SyntaxParser::ParseFrameBound() {
  ast::FrameBound bound;
  bound.position = Current().position;
  if (AcceptPair(K("CURRENT"), K("ROW"))) return bound;
  if (AcceptPair(K("UNBOUNDED"), K("PRECEDING"))) {
    bound.kind = ast::FrameBoundKind::kUnboundedPreceding;
    return bound;
  }
  if (AcceptPair(K("UNBOUNDED"), K("FOLLOWING"))) {
    bound.kind = ast::FrameBoundKind::kUnboundedFollowing;
    return bound;
  }
  bound.value = ParseExpr();
  if (Accept(K("PRECEDING"))) {
    bound.kind = ast::FrameBoundKind::kPreceding;
  } else {
    Expect(K("FOLLOWING"));
    bound.kind = ast::FrameBoundKind::kFollowing;
  }
  return bound;
}

void SyntaxParser::ParseExtract(ast::Call* call) {
  const Mark mark = Here();
  if (!At(TokenKind::kWord)) {
    FailUnexpected();
    return;
  }
  const std::string unit = AsciiUpper(TokenText(Current()));
  Advance();
  AddSymbol(call, unit, mark);
  Expect(K("FROM"));
  call->args.push_back(ParseExpr());
}

void SyntaxParser::ParseFloor(ast::Call* call) {
  call->args.push_back(ParseExpr());
  if (!Accept(K("TO"))) return;
  const Mark mark = Here();
  if (!At(TokenKind::kWord)) {
    FailUnexpected();
    return;
  }
  const std::string unit = AsciiUpper(TokenText(Current()));
  Advance();
  AddSymbol(call, unit, mark);
}

void SyntaxParser::ParseTrim(ast::Call* call) {
  const Mark mark = Here();
  std::string_view side = "BOTH";
  bool side_written = true;
  if (Accept(K("LEADING"))) {
    side = "LEADING";
  } else if (Accept(K("TRAILING"))) {
    side = "TRAILING";
  } else {
    side_written = Accept(K("BOTH"));
  }
  AddSymbol(call, side, mark);
  ast::ExprPtr characters;
  if (!side_written || !At(K("FROM"))) characters = ParseExpr();
  if (side_written ? Expect(K("FROM")) : Accept(K("FROM"))) {
    ast::ExprPtr text = ParseExpr();
    if (characters != nullptr) {
      call->args.push_back(std::move(characters));
      call->args.push_back(std::move(text));
      return;
    }
    characters = std::move(text);
  }
  if (Failed()) return;
  auto space = std::make_unique<ast::Literal>();
  space->literal = ast::LiteralKind::kString;
  space->text = " ";
  call->args.push_back(Finish(std::move(space), mark));
  call->args.push_back(std::move(characters));
}

void SyntaxParser::ParsePosition(ast::Call* call) {
  constexpr int kAboveIn = 33;
  call->args.push_back(ParseBinary(kAboveIn));
  Expect(K("IN"));
  call->args.push_back(ParseExpr());
  if (Accept(K("FROM"))) call->args.push_back(ParseExpr());
}

void SyntaxParser::ParseOverlay(ast::Call* call) {
  call->args.push_back(ParseExpr());
  Expect(K("PLACING"));
  call->args.push_back(ParseExpr());
  Expect(K("FROM"));
  call->args.push_back(ParseExpr());
  if (Accept(K("FOR"))) call->args.push_back(ParseExpr());
}

void SyntaxParser::ParseSubstring(ast::Call* call) {
  call->args.push_back(ParseExpr());
  if (!Accept(K("FROM"))) Expect(TokenKind::kComma);
  call->args.push_back(ParseExpr());
  if (Accept(K("FOR")) || Accept(TokenKind::kComma)) call->args.push_back(ParseExpr());
}

void SyntaxParser::ParseConvert(ast::Call* call) {
  call->args.push_back(ParseExpr());
  if (Accept(K("USING"))) {
    const Mark mark = Here();
    const ast::Name name = ParseName();
    if (!Failed()) AddSymbol(call, name.text, mark);
    return;
  }
  while (Accept(TokenKind::kComma)) call->args.push_back(ParseExpr());
}

void SyntaxParser::ParseTimestampAdd(ast::Call* call) {
  const Mark mark = Here();
  if (!At(TokenKind::kWord)) {
    FailUnexpected();
    return;
  }
  std::string unit = AsciiUpper(TokenText(Current()));
  if (unit.starts_with("SQL_TSI_")) unit = unit.substr(8);
  Advance();
  AddSymbol(call, unit, mark);
  Expect(TokenKind::kComma);
  call->args.push_back(ParseExpr());
  Expect(TokenKind::kComma);
  call->args.push_back(ParseExpr());
}

}  // namespace rhei
