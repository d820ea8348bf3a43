// The SQL/JSON functions, whose clauses become symbols (see ast::Call).
#include <fmt/format.h>

#include "sql/syntax_parser.h"

namespace rhei {

// JSON text and path of JSON_EXISTS, JSON_VALUE and JSON_QUERY.
void SyntaxParser::ParseJsonPath(ast::Call* call) {
  call->args.push_back(ParseExpr());
  ParseJsonFormat(call);
  Expect(TokenKind::kComma);
  call->args.push_back(ParseExpr());
  if (At(K("PASSING"))) FailUnsupported("PASSING in a JSON function", Current().position);
}

void SyntaxParser::ParseJsonFormat(ast::Call* call) {
  const Mark mark = Here();
  if (!AcceptPair(K("FORMAT"), K("JSON"))) return;
  std::string text = "FORMAT JSON";
  if (Accept(K("ENCODING"))) {
    for (const std::string_view encoding : {"UTF8", "UTF16", "UTF32"}) {
      if (KeywordText(Current().keyword) == encoding) text += fmt::format(" ENCODING {}", encoding);
    }
    if (text.size() > 11) {
      Advance();
    } else {
      FailUnexpected();
    }
  }
  if (!Failed()) AddSymbol(call, text, mark);
}

void SyntaxParser::ParseJsonExists(ast::Call* call) {
  ParseJsonPath(call);
  const Mark mark = Here();
  std::string_view what;
  for (const Keyword keyword : {K("TRUE"), K("FALSE"), K("UNKNOWN"), K("ERROR")}) {
    if (Accept(keyword)) what = KeywordText(keyword);
  }
  if (what.empty()) return;
  Expect(K("ON"));
  Expect(K("ERROR"));
  if (!Failed()) AddSymbol(call, fmt::format("{} ON ERROR", what), mark);
}

// `NULL ON EMPTY` and its like; false when there is none.
bool SyntaxParser::ParseJsonBehavior(ast::Call* call, bool query) {
  const Mark mark = Here();
  std::string what;
  ast::ExprPtr value;
  if (Accept(K("ERROR"))) {
    what = "ERROR";
  } else if (Accept(K("NULL"))) {
    what = "NULL";
  } else if (query && AcceptPair(K("EMPTY"), K("ARRAY"))) {
    what = "EMPTY ARRAY";
  } else if (query && AcceptPair(K("EMPTY"), K("OBJECT"))) {
    what = "EMPTY OBJECT";
  } else if (!query && Accept(K("DEFAULT"))) {
    what = "DEFAULT";
    value = ParseExpr();
  } else {
    return false;
  }
  Expect(K("ON"));
  const bool on_empty = Accept(K("EMPTY"));
  if (!on_empty) Expect(K("ERROR"));
  if (Failed()) return false;
  AddSymbol(call, fmt::format("{} ON {}", what, on_empty ? "EMPTY" : "ERROR"), mark);
  if (value != nullptr) call->args.push_back(std::move(value));
  return true;
}

void SyntaxParser::ParseJsonValue(ast::Call* call) {
  ParseJsonPath(call);
  if (Accept(K("RETURNING"))) call->returning = ParsePlainType();
  // The grammar takes one for EMPTY and one for ERROR.
  if (ParseJsonBehavior(call, false)) ParseJsonBehavior(call, false);
}

void SyntaxParser::ParseJsonQuery(ast::Call* call) {
  ParseJsonPath(call);
  if (Accept(K("RETURNING"))) call->returning = ParsePlainType();
  const Mark mark = Here();
  std::string wrapper = "WITHOUT ARRAY WRAPPER";
  if (At(K("WITH")) || At(K("WITHOUT"))) {
    if (Accept(K("WITH"))) {
      wrapper = Accept(K("CONDITIONAL")) ? "WITH CONDITIONAL ARRAY WRAPPER"
                                         : "WITH UNCONDITIONAL ARRAY WRAPPER";
      if (wrapper[5] == 'U') Accept(K("UNCONDITIONAL"));
    } else {
      Advance();
    }
    Accept(K("ARRAY"));
    Expect(K("WRAPPER"));
  }
  // Both behaviours may come in either order; the tree has them as EMPTY, ERROR.
  ast::Call clauses;
  if (ParseJsonBehavior(&clauses, true)) ParseJsonBehavior(&clauses, true);
  if (Failed()) return;
  AddSymbol(call, wrapper, mark);
  std::string on_empty = "NULL ON EMPTY";
  std::string on_error = "NULL ON ERROR";
  for (const ast::ExprPtr& clause : clauses.args) {
    const std::string& text = ast::As<ast::Symbol>(*clause).text;
    (text.ends_with("EMPTY") ? on_empty : on_error) = text;
  }
  AddSymbol(call, on_empty, mark);
  AddSymbol(call, on_error, mark);
}

void SyntaxParser::ParseJsonPair(ast::Call* call) {
  // KEY is not reserved: `KEY 'a' VALUE 1` has the word, `key VALUE 1` a column.
  const bool keyword = At(K("KEY")) && !AtAhead(1, K("VALUE")) && !AtAhead(1, TokenKind::kColon) &&
                       !AtAhead(1, TokenKind::kDot);
  if (keyword) Advance();
  call->args.push_back(ParseExpr());
  if (keyword && At(TokenKind::kColon)) {
    Fail("Illegal identifier ':'. Was expecting 'VALUE'", Current().position);
  }
  if (keyword || !Accept(TokenKind::kColon)) Expect(K("VALUE"));
  call->args.push_back(ParseExpr());
  ParseJsonFormat(call);
}

void SyntaxParser::ParseJsonNullClause(ast::Call* call) {
  const Mark mark = Here();
  bool null_on_null = AsciiUpper(call->function[0].text).starts_with("JSON_OBJECT");
  if (Accept(K("NULL"))) {
    null_on_null = true;
    Expect(K("ON"));
    Expect(K("NULL"));
  } else if (AcceptPair(K("ABSENT"), K("ON"))) {
    null_on_null = false;
    Expect(K("NULL"));
  }
  if (!Failed()) AddSymbol(call, null_on_null ? "NULL ON NULL" : "ABSENT ON NULL", mark);
}

void SyntaxParser::ParseJsonObject(ast::Call* call, bool aggregate) {
  const bool empty =
      At(TokenKind::kRightParen) || At(K("NULL")) || (At(K("ABSENT")) && AtAhead(1, K("ON")));
  if (aggregate || !empty) {
    do {
      ParseJsonPair(call);
    } while (!aggregate && Accept(TokenKind::kComma));
  }
  ParseJsonNullClause(call);
}

void SyntaxParser::ParseJsonArray(ast::Call* call, bool aggregate) {
  const bool null_clause = At(K("ABSENT")) && AtAhead(1, K("ON"));  // NULL would be a value.
  if (aggregate || !(At(TokenKind::kRightParen) || null_clause)) {
    do {
      call->args.push_back(ParseExpr());
      ParseJsonFormat(call);
    } while (!aggregate && Accept(TokenKind::kComma));
  }
  if (aggregate && Accept(K("ORDER"))) {
    Expect(K("BY"));
    call->order_by = ParseOrderItems();
  }
  ParseJsonNullClause(call);
}

}  // namespace rhei
