// Statements: what begins with which word, DML, statement sets, EXPLAIN.
#include <fmt/format.h>

#include "sql/parser.h"
#include "sql/syntax_parser.h"

namespace rhei {

std::vector<ast::StatementPtr> SyntaxParser::ParseScript() {
  std::vector<ast::StatementPtr> statements;
  while (!Failed()) {
    while (At(TokenKind::kSemicolon)) Advance();
    if (At(TokenKind::kEnd)) break;
    dynamic_params_ = 0;
    statements.push_back(ParseStatement());
    if (!At(TokenKind::kEnd) && !Accept(TokenKind::kSemicolon)) FailUnexpected();
  }
  return statements;
}

ast::StatementPtr SyntaxParser::ParseSingleStatement() {
  ast::StatementPtr statement = ParseStatement();
  while (At(TokenKind::kSemicolon)) Advance();
  if (!At(TokenKind::kEnd)) {
    Note(";");
    FailUnexpected();
  }
  return statement;
}

ast::StatementPtr SyntaxParser::ParseStatement() {
  NestingGuard guard(this);
  using Parse = ast::StatementPtr (SyntaxParser::*)();
  struct Row {
    Keyword keyword;
    Parse parse;
  };
  static constexpr Row kRows[] = {
      {K("SELECT"), &SyntaxParser::ParseQueryStatement},
      {K("WITH"), &SyntaxParser::ParseQueryStatement},
      {K("VALUES"), &SyntaxParser::ParseQueryStatement},
      {K("TABLE"), &SyntaxParser::ParseQueryStatement},
      {K("INSERT"), &SyntaxParser::ParseInsert},
      {K("UPSERT"), &SyntaxParser::ParseInsert},
      {K("UPDATE"), &SyntaxParser::ParseUpdate},
      {K("DELETE"), &SyntaxParser::ParseDelete},
      {K("TRUNCATE"), &SyntaxParser::ParseTruncate},
      {K("CALL"), &SyntaxParser::ParseCallProcedure},
      {K("EXECUTE"), &SyntaxParser::ParseExecute},
      {K("COMPILE"), &SyntaxParser::ParseCompile},
      {K("EXPLAIN"), &SyntaxParser::ParseExplain},
      {K("CREATE"), &SyntaxParser::ParseCreate},
      {K("REPLACE"), &SyntaxParser::ParseCreate},
      {K("ALTER"), &SyntaxParser::ParseAlter},
      {K("DROP"), &SyntaxParser::ParseDrop},
      {K("SHOW"), &SyntaxParser::ParseShow},
      {K("DESCRIBE"), &SyntaxParser::ParseDescribe},
      {K("DESC"), &SyntaxParser::ParseDescribe},
      {K("USE"), &SyntaxParser::ParseUse},
      {K("LOAD"), &SyntaxParser::ParseLoadModule},
      {K("UNLOAD"), &SyntaxParser::ParseUnloadModule},
      {K("SET"), &SyntaxParser::ParseSet},
      {K("RESET"), &SyntaxParser::ParseReset},
      {K("STOP"), &SyntaxParser::ParseStopJob},
      {K("ANALYZE"), &SyntaxParser::ParseAnalyze},
  };
  for (const Row& row : kRows) {
    if (At(row.keyword)) return (this->*row.parse)();
  }
  if (At(TokenKind::kLeftParen)) return ParseQueryStatement();
  const Mark mark = Here();
  if (AcceptPair(K("BEGIN"), K("STATEMENT"))) {
    Expect(K("SET"));
    return Done(std::make_unique<ast::BeginStatementSet>(), mark);
  }
  if (Accept(K("END"))) return Done(std::make_unique<ast::EndStatementSet>(), mark);
  if (At(K("SAVEPOINT")) && AtAhead(1, K("JOB"))) return ParseSavepointJob();
  if (At(K("ADD")) && AtAhead(1, K("JAR"))) return ParseJar(false);
  if (At(K("REMOVE")) && AtAhead(1, K("JAR"))) return ParseJar(true);
  using Command = ast::ClientCommand::Command;
  if (At(K("QUIT"))) return ParseClientCommand(Command::kQuit);
  if (At(K("EXIT"))) return ParseClientCommand(Command::kExit);
  if (At(K("CLEAR"))) return ParseClientCommand(Command::kClear);
  if (At(K("HELP"))) return ParseClientCommand(Command::kHelp);
  if (At(K("MERGE"))) {
    FailUnsupported("MERGE", Current().position);
    return nullptr;
  }
  for (const Row& row : kRows) Note(KeywordText(row.keyword));
  FailNoStatement();
  return nullptr;
}

// Flink takes such a text for an expression, and says so if it reads like one.
void SyntaxParser::FailNoStatement() {
  NoteName();
  const bool expression = AtName() || AtString() || At(TokenKind::kInteger);
  if (expression) prefix_ = "Non-query expression encountered in illegal context\n";
  FailUnexpected();
}

ast::StatementPtr SyntaxParser::ParseQueryStatement() {
  const Mark mark = Here();
  auto statement = std::make_unique<ast::QueryStatement>();
  statement->query = ParseQuery();
  return Done(std::move(statement), mark);
}

ast::StatementPtr SyntaxParser::ParseInsert() {
  const Mark mark = Here();
  auto insert = std::make_unique<ast::Insert>();
  insert->upsert = At(K("UPSERT"));
  Advance();
  if (Accept(K("OVERWRITE"))) {
    insert->overwrite = true;
    if (insert->upsert) {
      Fail("OVERWRITE expression is only used with INSERT statement.", tokens_[mark].position);
    }
  } else {
    Expect(K("INTO"));
  }
  insert->table = ParsePath();
  insert->hints = ParseHints();
  if (Accept(K("PARTITION"))) {
    insert->partition = ParsePartitionSpec(true);
  }
  if (At(TokenKind::kLeftParen) && !AtQueryStart(1) && !AtAhead(1, TokenKind::kLeftParen)) {
    ParseInsertColumns(insert.get());
    // (x, y BOOLEAN) PARTITION (..) would be Calcite's extended columns.
  }
  insert->query = ParseQuery();
  if (AcceptPair(K("ON"), K("CONFLICT"))) {
    Expect(K("DO"));
    if (Accept(K("ERROR"))) {
      insert->on_conflict = ast::OnConflict::kError;
    } else if (Accept(K("NOTHING"))) {
      insert->on_conflict = ast::OnConflict::kNothing;
    } else {
      Expect(K("DEDUPLICATE"));
      insert->on_conflict = ast::OnConflict::kDeduplicate;
    }
  }
  return Done(std::move(insert), mark);
}

void SyntaxParser::ParseInsertColumns(ast::Insert* insert) {
  Expect(TokenKind::kLeftParen);
  do {
    insert->columns.push_back(ParsePath());
    if (At(TokenKind::kWord)) {
      Fail("Extended columns not allowed under the current SQL conformance level",
           Current().position);
    }
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
}

ast::StatementPtr SyntaxParser::ParseUpdate() {
  const Mark mark = Here();
  Advance();
  auto update = std::make_unique<ast::Update>();
  update->table = ParsePath();
  update->hints = ParseHints();
  update->alias = ParseOptionalAlias(false);
  Expect(K("SET"));
  do {
    ast::Update::Assignment assignment;
    assignment.column.push_back(ParseName());
    Expect(TokenKind::kEquals);
    assignment.value = ParseExpr();
    update->assignments.push_back(std::move(assignment));
  } while (Accept(TokenKind::kComma));
  if (Accept(K("WHERE"))) update->where = ParseExpr();
  return Done(std::move(update), mark);
}

ast::StatementPtr SyntaxParser::ParseDelete() {
  const Mark mark = Here();
  Advance();
  auto statement = std::make_unique<ast::Delete>();
  Expect(K("FROM"));
  statement->table = ParsePath();
  statement->hints = ParseHints();
  statement->alias = ParseOptionalAlias(false);
  if (Accept(K("WHERE"))) statement->where = ParseExpr();
  return Done(std::move(statement), mark);
}

ast::StatementPtr SyntaxParser::ParseCallProcedure() {
  const Mark mark = Here();
  Advance();
  auto statement = std::make_unique<ast::CallProcedure>();
  const Mark name = Here();
  ast::NamePath path = ParsePath();
  if (!At(TokenKind::kLeftParen)) Expect(TokenKind::kLeftParen);
  if (Failed()) return nullptr;
  statement->call = ParseCall(std::move(path), name);
  return Done(std::move(statement), mark);
}

ast::StatementPtr SyntaxParser::ParseExecute() {
  const Mark mark = Here();
  Advance();
  if (At(K("PLAN")) && !AtAhead(1, TokenKind::kLeftParen)) {
    Advance();
    auto plan = std::make_unique<ast::ExecutePlan>();
    plan->file = ParseString();
    return Done(std::move(plan), mark);
  }
  if (At(K("STATEMENT"))) return ParseStatementSet(true, mark);
  auto execute = std::make_unique<ast::Execute>();
  if (At(K("INSERT")) || At(K("UPSERT"))) {
    execute->statement = ParseInsert();
  } else {
    execute->statement = ParseQueryStatement();
  }
  return Done(std::move(execute), mark);
}

ast::StatementPtr SyntaxParser::ParseStatementSet(bool execute, Mark mark) {
  auto set = std::make_unique<ast::StatementSet>();
  set->execute = execute;
  Expect(K("STATEMENT"));
  Expect(K("SET"));
  Expect(K("BEGIN"));
  in_statement_set_ = true;
  do {
    if (At(K("CREATE")) || At(K("REPLACE"))) {
      const SqlPosition position = Current().position;
      ast::StatementPtr create = ParseCreate();
      if (Failed()) return nullptr;
      const bool as_query = create->kind == ast::StatementKind::kCreateTable &&
                            ast::As<ast::CreateTable>(*create).query != nullptr;
      if (!as_query) {
        Fail(
            "Only 'INSERT/CREATE TABLE AS' statement is allowed in Statement Set or use 'END' "
            "statement to submit Statement Set.",
            position);
      }
      set->statements.push_back(std::move(create));
    } else if (At(K("INSERT")) || At(K("UPSERT"))) {
      set->statements.push_back(ParseInsert());
    } else {
      Note("INSERT");
      Note("END");
      FailUnexpected();
    }
    Expect(TokenKind::kSemicolon);
  } while (!Failed() && !Accept(K("END")));
  in_statement_set_ = false;
  return Done(std::move(set), mark);
}

ast::StatementPtr SyntaxParser::ParseCompile() {
  const Mark mark = Here();
  Advance();
  auto compile = std::make_unique<ast::CompilePlan>();
  if (Accept(K("AND"))) {
    Expect(K("EXECUTE"));
    compile->execute = true;
  }
  Expect(K("PLAN"));
  compile->file = ParseString();
  if (!compile->execute) compile->if_not_exists = ParseIfNotExists();
  Expect(K("FOR"));
  if (At(K("STATEMENT"))) {
    compile->statement = ParseStatementSet(false, Here());
  } else if (At(K("INSERT")) || At(K("UPSERT"))) {
    compile->statement = ParseInsert();
  } else {
    Note("STATEMENT");
    Note("INSERT");
    FailUnexpected();
  }
  return Done(std::move(compile), mark);
}

// What EXPLAIN takes.
ast::StatementPtr SyntaxParser::ParseExplained() {
  if (At(K("STATEMENT"))) return ParseStatementSet(false, Here());
  for (const Keyword keyword : {K("SELECT"), K("WITH"), K("VALUES"), K("TABLE"), K("INSERT"),
                                K("UPSERT"), K("EXECUTE"), K("CREATE"), K("REPLACE")}) {
    if (At(keyword)) return ParseStatement();
    Note(KeywordText(keyword));
  }
  if (At(TokenKind::kLeftParen)) return ParseStatement();
  FailNoStatement();
  return nullptr;
}

ast::StatementPtr SyntaxParser::ParseExplain() {
  const Mark mark = Here();
  Advance();
  auto explain = std::make_unique<ast::Explain>();
  if (At(K("PLAN")) && AtAhead(1, K("FOR"))) {
    Advance();
    Advance();
    explain->plan_for = true;
  } else {
    struct Detail {
      Keyword keyword;
      ast::ExplainDetail detail;
    };
    static constexpr Detail kDetails[] = {
        {K("ESTIMATED_COST"), ast::ExplainDetail::kEstimatedCost},
        {K("CHANGELOG_MODE"), ast::ExplainDetail::kChangelogMode},
        {K("JSON_EXECUTION_PLAN"), ast::ExplainDetail::kJsonExecutionPlan},
        {K("PLAN_ADVICE"), ast::ExplainDetail::kPlanAdvice},
    };
    bool found = true;
    while (found && !Failed()) {
      found = false;
      const SqlPosition position = Current().position;
      for (const Detail& detail : kDetails) {
        if (found || !Accept(detail.keyword)) continue;
        found = true;
        for (const ast::ExplainDetail seen : explain->details) {
          if (seen == detail.detail) Fail("Duplicate EXPLAIN DETAIL is not allowed.", position);
        }
        explain->details.push_back(detail.detail);
      }
      if (!found && !explain->details.empty()) FailUnexpected();  // After a comma.
      if (found && !Accept(TokenKind::kComma)) break;
    }
  }
  const SqlPosition position = Current().position;
  explain->statement = ParseExplained();
  if (!Failed() && explain->statement->kind == ast::StatementKind::kCreateTable &&
      ast::As<ast::CreateTable>(*explain->statement).query == nullptr) {
    Fail(
        "Unsupported CREATE OR REPLACE statement for EXPLAIN. The statement must define a query "
        "using the AS clause (i.e. CTAS/RTAS statements).",
        position);
  }
  return Done(std::move(explain), mark);
}

}  // namespace rhei
