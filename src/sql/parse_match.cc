// MATCH_RECOGNIZE and its patterns.
#include "sql/syntax_parser.h"

namespace rhei {

ast::TableRefPtr SyntaxParser::ParseMatchRecognize(ast::TableRefPtr input, Mark mark) {
  auto match = std::make_unique<ast::MatchRecognize>();
  match->input = std::move(input);
  Advance();
  Expect(TokenKind::kLeftParen);
  if (Accept(K("PARTITION"))) {
    Expect(K("BY"));
    match->partition_by = ParseExprList();
  }
  if (Accept(K("ORDER"))) {
    Expect(K("BY"));
    match->order_by = ParseOrderItems();
  }
  if (Accept(K("MEASURES"))) {
    do {
      ast::MatchRecognize::Measure measure;
      measure.expr = ParseExpr();
      Expect(K("AS"));
      measure.alias = ParseName();
      match->measures.push_back(std::move(measure));
    } while (Accept(TokenKind::kComma));
  }
  ParseMatchOptions(match.get());
  Expect(K("PATTERN"));
  Expect(TokenKind::kLeftParen);
  match->strict_start = Accept(TokenKind::kCaret);
  match->pattern = ParsePattern();
  if (!Failed() && At(TokenKind::kWord) && TokenText(Current()) == "$") {
    match->strict_end = true;
    Advance();
  }
  Expect(TokenKind::kRightParen);
  if (Accept(K("WITHIN"))) match->within = ParseExpr();
  if (Accept(K("SUBSET"))) {
    do {
      ast::MatchRecognize::Subset subset;
      subset.name = ParseName();
      Expect(TokenKind::kEquals);
      subset.variables = ParseNameList();
      match->subsets.push_back(std::move(subset));
    } while (Accept(TokenKind::kComma));
  }
  Expect(K("DEFINE"));
  do {
    ast::MatchRecognize::Definition definition;
    definition.variable = ParseName();
    Expect(K("AS"));
    definition.condition = ParseExpr();
    match->definitions.push_back(std::move(definition));
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  if (Failed()) return nullptr;
  return Finish(std::move(match), mark);
}

// ONE ROW PER MATCH, ALL ROWS PER MATCH, AFTER MATCH SKIP ...
void SyntaxParser::ParseMatchOptions(ast::MatchRecognize* match) {
  const auto per_match = [this] {
    Expect(K("PER"));
    Expect(K("MATCH"));
  };
  if (AcceptPair(K("ONE"), K("ROW"))) {
    per_match();
    match->rows_per_match = ast::RowsPerMatch::kOneRow;
  } else if (AcceptPair(K("ALL"), K("ROWS"))) {
    per_match();
    match->rows_per_match = ast::RowsPerMatch::kAllRows;
    if (Accept(K("SHOW"))) {
      Expect(K("EMPTY"));
      Expect(K("MATCHES"));
      match->rows_per_match = ast::RowsPerMatch::kAllRowsShowEmpty;
    } else if (Accept(K("OMIT"))) {
      Expect(K("EMPTY"));
      Expect(K("MATCHES"));
      match->rows_per_match = ast::RowsPerMatch::kAllRowsOmitEmpty;
    } else if (At(K("WITH"))) {
      FailUnsupported("ALL ROWS PER MATCH WITH UNMATCHED ROWS", Current().position);
    }
  }
  if (!Accept(K("AFTER"))) return;
  Expect(K("MATCH"));
  Expect(K("SKIP"));
  if (Accept(K("PAST"))) {
    Expect(K("LAST"));
    Expect(K("ROW"));
    match->after_match = ast::AfterMatch::kSkipPastLastRow;
    return;
  }
  Expect(K("TO"));
  if (AcceptPair(K("NEXT"), K("ROW"))) {
    match->after_match = ast::AfterMatch::kSkipToNextRow;
    return;
  }
  match->after_match = ast::AfterMatch::kSkipToVariable;
  const bool name_follows = AtAhead(1, TokenKind::kQuotedName) ||
                            (AtAhead(1, TokenKind::kWord) && !IsReserved(Current(1).keyword));
  if (At(K("FIRST")) && name_follows) {
    match->after_match = ast::AfterMatch::kSkipToFirst;
    Advance();
  } else if (At(K("LAST")) && name_follows) {
    match->after_match = ast::AfterMatch::kSkipToLast;
    Advance();
  }
  match->after_match_variable = ParseName();
}

std::unique_ptr<ast::Pattern> SyntaxParser::ParsePattern() {
  NestingGuard guard(this);
  const Mark mark = Here();
  std::unique_ptr<ast::Pattern> left = ParsePatternTerm();
  if (!At(TokenKind::kBar)) return left;
  auto alternation = std::make_unique<ast::Pattern>();
  alternation->kind = ast::PatternKind::kAlternation;
  alternation->children.push_back(std::move(left));
  while (Accept(TokenKind::kBar)) alternation->children.push_back(ParsePatternTerm());
  Place(alternation.get(), mark);
  return alternation;
}

std::unique_ptr<ast::Pattern> SyntaxParser::ParsePatternTerm() {
  const Mark mark = Here();
  std::unique_ptr<ast::Pattern> first = ParsePatternFactor();
  auto concat = std::make_unique<ast::Pattern>();
  concat->kind = ast::PatternKind::kConcat;
  concat->children.push_back(std::move(first));
  const auto more = [this] {
    if (At(TokenKind::kWord) && TokenText(Current()) == "$") return false;
    return AtName() || At(TokenKind::kLeftParen) || At(TokenKind::kLeftBrace) || At(K("PERMUTE"));
  };
  while (!Failed() && more()) concat->children.push_back(ParsePatternFactor());
  if (concat->children.size() == 1) return std::move(concat->children[0]);
  Place(concat.get(), mark);
  return concat;
}

// A, A*, A+?, A{2,3}
std::unique_ptr<ast::Pattern> SyntaxParser::ParsePatternFactor() {
  const Mark mark = Here();
  std::unique_ptr<ast::Pattern> inner = ParsePatternPrimary();
  if (Failed()) return nullptr;
  auto quantified = std::make_unique<ast::Pattern>();
  quantified->kind = ast::PatternKind::kQuantified;
  if (Accept(TokenKind::kStar)) {
    quantified->repeat_min = 0;
  } else if (Accept(TokenKind::kPlus)) {
    quantified->repeat_min = 1;
  } else if (Accept(TokenKind::kQuestion)) {
    quantified->repeat_min = 0;
    quantified->repeat_max = 1;
  } else if (At(TokenKind::kLeftBrace) &&
             (AtAhead(1, TokenKind::kInteger) || AtAhead(1, TokenKind::kComma))) {
    Advance();
    quantified->repeat_min = At(TokenKind::kInteger) ? ParseInteger() : 0;
    if (Accept(TokenKind::kComma)) {
      if (At(TokenKind::kInteger)) quantified->repeat_max = ParseInteger();
    } else {
      quantified->repeat_max = quantified->repeat_min;
    }
    Expect(TokenKind::kRightBrace);
  } else {
    return inner;
  }
  quantified->reluctant = Accept(TokenKind::kQuestion);
  quantified->children.push_back(std::move(inner));
  Place(quantified.get(), mark);
  return quantified;
}

std::unique_ptr<ast::Pattern> SyntaxParser::ParsePatternPrimary() {
  const Mark mark = Here();
  auto pattern = std::make_unique<ast::Pattern>();
  if (Accept(TokenKind::kLeftParen)) {
    pattern = ParsePattern();
    Expect(TokenKind::kRightParen);
    return pattern;
  }
  if (Accept(TokenKind::kLeftBrace)) {  // {- A -}
    pattern->kind = ast::PatternKind::kExclusion;
    Expect(TokenKind::kMinus);
    pattern->children.push_back(ParsePattern());
    Expect(TokenKind::kMinus);
    Expect(TokenKind::kRightBrace);
  } else if (Accept(K("PERMUTE"))) {
    pattern->kind = ast::PatternKind::kPermute;
    Expect(TokenKind::kLeftParen);
    do {
      pattern->children.push_back(ParsePattern());
    } while (Accept(TokenKind::kComma));
    Expect(TokenKind::kRightParen);
  } else {
    pattern->variable = ParseName();
  }
  Place(pattern.get(), mark);
  return pattern;
}

}  // namespace rhei
