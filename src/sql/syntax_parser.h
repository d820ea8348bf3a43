#pragma once
// The recursive-descent parser behind sql/parser.h; nobody else includes this.
//
// The first error sticks: from then on the current token is the end of the input, so that every
// loop ends and every caller may go on with a null or empty result; the entry point looks at
// status() once. Accept() and Expect() note what they looked for, which makes the list of expected
// tokens. There is no backtracking, so the time is linear in the text.
//
// Methods are grouped by the file that holds them. Thread-safety: none, one object for each text.
#include <string>
#include <string_view>
#include <vector>

#include "sql/ast_statement.h"
#include "sql/syntax_depth.h"
#include "sql/token.h"

namespace rhei {

class SyntaxParser {
 public:
  // Tokenizes. `text` must outlive the parser.
  explicit SyntaxParser(std::string_view text);

  const Status& status() const { return error_; }

  // parse_statement.cc
  std::vector<ast::StatementPtr> ParseScript();
  ast::StatementPtr ParseSingleStatement();
  // syntax_parser.cc: each requires that nothing follows.
  ast::QueryPtr ParseSingleQuery();
  ast::ExprPtr ParseSingleExpr();
  ast::TypePtr ParseSingleType();

 private:
  friend class NestingGuard;
  using Mark = size_t;  // Index of a node's first token.

  // syntax_parser.cc: tokens.
  const Token& Current(size_t ahead = 0) const;
  bool At(TokenKind kind) const { return Current().kind == kind; }
  bool At(Keyword keyword) const { return Current().keyword == keyword; }
  bool AtAhead(size_t ahead, Keyword keyword) const { return Current(ahead).keyword == keyword; }
  bool AtAhead(size_t ahead, TokenKind kind) const { return Current(ahead).kind == kind; }
  bool Accept(TokenKind kind);
  bool Accept(Keyword keyword);
  bool AcceptPair(Keyword first, Keyword second);
  bool Expect(TokenKind kind);
  bool Expect(Keyword keyword);
  void Advance();
  std::string_view TokenText(const Token& token) const;
  bool Failed() const { return !error_.ok(); }

  // Errors. Each keeps the first one.
  void FailUnexpected();  // Encountered "x" at line l, column c, at the current token.
  void Fail(std::string_view message, SqlPosition position);
  void FailUnsupported(std::string_view what, SqlPosition position);
  void SetError(Status error);
  void Note(std::string_view expected);
  void NoteName();  // A name would be right here.
  std::string ExpectedText() const;

  // Nodes.
  Mark Here() const { return index_; }
  void Place(ast::Node* node, Mark mark) const;
  template <typename T>
  std::unique_ptr<T> Finish(std::unique_ptr<T> node, Mark mark) {
    Place(node.get(), mark);
    node->depth = ChildDepth(*node) + 1;
    if (node->depth > ast::kSqlDepthMax) FailTooDeep(node->position);
    return node;
  }
  void FailTooDeep(SqlPosition position);

  // Names and scalars.
  bool AtName() const;
  ast::Name ParseName();
  ast::NamePath ParsePath();
  std::vector<ast::Name> ParseNameList();      // (a, b)
  std::vector<ast::NamePath> ParsePathList();  // (a.b, c)
  bool AtString() const;
  std::string ParseString();  // Also UESCAPE and adjacent parts.
  int64_t ParseInteger();
  std::optional<std::string> ParseOptionalComment();  // COMMENT 'text'
  std::optional<ast::Name> ParseOptionalAlias(bool as_required);
  bool ParseIfExists();
  bool ParseIfNotExists();
  std::vector<ast::Option> ParseOptions();  // ('k' = 'v', ...)
  bool ParseOptionalWith(std::vector<ast::Option>* options);
  std::vector<std::string> ParseKeys();  // ('k', ...)
  ast::PartitionSpec ParsePartitionSpec(bool values_required);

  // parse_type.cc
  ast::TypePtr ParseType();       // INT NOT NULL
  ast::TypePtr ParsePlainType();  // INT: in CAST and RETURNING, where NOT NULL has no place.
  ast::TypePtr ParseTypeChain(bool with_nullability);
  ast::TypePtr ParseBaseType();
  ast::TypePtr ParseRowType(Mark mark);
  ast::TypePtr ParseStructuredType(Mark mark);
  ast::TypePtr ParseTemporalType(Mark mark);
  void ParsePrecision(ast::TypeName* type, bool with_scale);
  bool ParseNullability();
  ast::IntervalQualifier ParseIntervalQualifier();
  std::optional<ast::TimeUnit> AcceptTimeUnit();
  void CheckIntervalType(ast::TypeName* type);

  // parse_expr.cc
  ast::ExprPtr ParseExpr();
  ast::ExprPtr ParseBinary(int precedence_min);
  ast::ExprPtr ParsePrefix();
  ast::ExprPtr ParsePostfix();
  ast::ExprPtr ParsePrimary();
  ast::ExprPtr ParseParenthesized();
  ast::ExprPtr ParseSuffix(ast::ExprPtr left, ast::Operator op, Mark mark);
  ast::ExprPtr ParseInSuffix(ast::ExprPtr left, bool negated, Mark mark);
  ast::ExprPtr ParseIsSuffix(ast::ExprPtr left, Mark mark);
  ast::ExprPtr ParseComparisonRight(ast::Quantifier* quantifier, int precedence);
  ast::ExprPtr ParseListOrSubquery();  // The parentheses of IN and ANY.
  ast::ExprPtr ParseCase();
  ast::ExprPtr ParseCast(bool try_cast);
  ast::ExprPtr ParseKeywordPrimary();
  ast::ExprPtr ParseConstructor(ast::Operator op);
  ast::ExprPtr ParseIdentifierOrCall();
  ast::ExprPtr ParseQuantifiedSubquery(ast::SubqueryKind kind);
  ast::ExprPtr ContinueAsQuery(ast::ExprPtr first, Mark mark);
  std::vector<ast::ExprPtr> ParseExprList();
  std::vector<ast::OrderItem> ParseOrderItems();  // After ORDER BY.
  ast::OrderItem ParseOrderItem();
  ast::ExprPtr MakeBinary(ast::Operator op, ast::ExprPtr left, ast::ExprPtr right, Mark mark);
  ast::ExprPtr MakeUnary(ast::Operator op, ast::ExprPtr operand, Mark mark);
  std::unique_ptr<ast::Call> MakeFunction(std::string_view name, Mark mark);

  // parse_literal.cc
  ast::ExprPtr ParseNumber();
  ast::ExprPtr ParseStringLiteral();
  ast::ExprPtr ParseBinaryLiteral();
  ast::ExprPtr ParseTemporalLiteral();  // DATE '..', TIMESTAMP '..', or null when none is there.
  ast::ExprPtr ParseInterval();
  ast::ExprPtr ParseBraceLiteral();  // {d '...'}, {fn f(x)}

  // parse_function.cc
  ast::ExprPtr ParseCall(ast::NamePath name, Mark mark);
  ast::ExprPtr ParseSpecialCall(const ast::NamePath& name, Mark mark, bool* special);
  void ParseCallArguments(ast::Call* call);
  ast::ExprPtr ParseArgument(std::optional<ast::Name>* name);
  ast::ExprPtr ParseTableArgument();
  void ParseTableArgumentTail(ast::TableArgument* argument);
  ast::ExprPtr ParseCallTail(std::unique_ptr<ast::Call> call, Mark mark);
  void ParseNullTreatment(ast::Call* call);
  ast::WindowSpec ParseWindowSpec();  // The parentheses of OVER and WINDOW.
  ast::FrameBound ParseFrameBound();
  void ParseExtract(ast::Call* call);
  void ParseFloor(ast::Call* call);
  void ParseTrim(ast::Call* call);
  void ParsePosition(ast::Call* call);
  void ParseOverlay(ast::Call* call);
  void ParseSubstring(ast::Call* call);
  void ParseConvert(ast::Call* call);
  void ParseTimestampAdd(ast::Call* call);
  // parse_json.cc
  void ParseJsonExists(ast::Call* call);
  void ParseJsonValue(ast::Call* call);
  void ParseJsonQuery(ast::Call* call);
  void ParseJsonObject(ast::Call* call, bool aggregate);
  void ParseJsonArray(ast::Call* call, bool aggregate);
  void ParseJsonPath(ast::Call* call);
  bool ParseJsonBehavior(ast::Call* call, bool query);
  void ParseJsonFormat(ast::Call* call);
  void ParseJsonNullClause(ast::Call* call);
  void ParseJsonPair(ast::Call* call);
  void AddSymbol(ast::Call* call, std::string_view text, Mark mark);

  // parse_query.cc
  ast::QueryPtr ParseQuery();
  ast::QueryPtr FinishQuery(ast::QueryPtr query, Mark mark);  // ORDER BY, LIMIT and so on.
  ast::QueryBodyPtr ParseBody(int precedence_min);
  ast::QueryBodyPtr ParseSetOperations(ast::QueryBodyPtr left, int precedence_min, Mark mark);
  ast::QueryBodyPtr ParseBodyPrimary();
  ast::QueryBodyPtr ParseSelect();
  ast::QueryBodyPtr ParseValues();
  ast::QueryBodyPtr Unnest(ast::QueryPtr query);  // Drops a nesting that says nothing.
  ast::CommonTable ParseCommonTable();
  ast::SelectItem ParseSelectItem();
  ast::GroupItem ParseGroupItem();
  std::vector<ast::GroupItem> ParseGroupItems();
  bool AtQueryStart(size_t ahead = 0) const;
  bool AtSetOperatorOrTail() const;

  // parse_from.cc
  ast::TableRefPtr ParseFrom();
  ast::TableRefPtr ParseJoinChain();
  bool ParseJoinHead(ast::Join* join);
  ast::TableRefPtr ParseTableRef();
  ast::TableRefPtr ParseTablePrimary();
  ast::TableRefPtr ParseParenthesizedTable(Mark mark, bool lateral);
  ast::TableRefPtr ParseTableKeyword(Mark mark, bool lateral);
  ast::TableRefPtr ParseNamedOrFunction(Mark mark, bool lateral);
  ast::TableRefPtr ParseUnnest(Mark mark, bool lateral);
  ast::TableRefPtr ParseTableTail(ast::TableRefPtr table, Mark mark);
  void ParseTableAlias(ast::TableRef* table);
  void ParseSample(ast::NamedTable* table);
  std::vector<ast::Hint> ParseHints();
  ast::Hint ParseHint();
  // parse_match.cc
  ast::TableRefPtr ParseMatchRecognize(ast::TableRefPtr input, Mark mark);
  void ParseMatchOptions(ast::MatchRecognize* match);
  std::unique_ptr<ast::Pattern> ParsePattern();
  std::unique_ptr<ast::Pattern> ParsePatternTerm();
  std::unique_ptr<ast::Pattern> ParsePatternFactor();
  std::unique_ptr<ast::Pattern> ParsePatternPrimary();

  // parse_statement.cc
  ast::StatementPtr ParseStatement();
  ast::StatementPtr ParseInsert();
  ast::StatementPtr ParseUpdate();
  ast::StatementPtr ParseDelete();
  ast::StatementPtr ParseExecute();
  ast::StatementPtr ParseStatementSet(bool execute, Mark mark);
  ast::StatementPtr ParseCompile();
  ast::StatementPtr ParseExplain();
  ast::StatementPtr ParseExplained();
  void FailNoStatement();  // No statement begins with the current token.
  ast::StatementPtr ParseCallProcedure();
  ast::StatementPtr ParseQueryStatement();
  void ParseInsertColumns(ast::Insert* insert);

  // parse_table.cc
  ast::StatementPtr ParseCreate();
  ast::StatementPtr ParseCreateTable(bool replace, bool create_or_replace, bool temporary);
  ast::StatementPtr ParseCreateView(bool or_replace, bool temporary);
  ast::StatementPtr ParseCreateMaterializedTable(bool or_alter);
  ast::StartModeClause ParseStartMode();
  ast::ExprPtr ParseFreshness();
  ast::RefreshMode ParseRefreshMode();
  ast::TableSchema ParseTableSchema(bool alter);
  void ParseTableElement(ast::TableSchema* schema, bool alter);
  ast::ColumnDef ParseColumn(bool alter);
  void ParseColumnPlace(ast::ColumnDef* column);
  bool AtConstraint() const;
  ast::TableConstraint ParseConstraint(bool of_column);
  void ParseWatermark(ast::TableSchema* schema);
  ast::Distribution ParseDistribution();
  ast::LikeClause ParseLike();
  template <typename T>
  void ParseTableProperties(T* table);
  // parse_alter.cc
  ast::StatementPtr ParseAlter();
  ast::StatementPtr ParseAlterTable();
  ast::StatementPtr ParseAlterMaterializedTable();
  ast::StatementPtr ParseAlterView();
  ast::StatementPtr ParseAlterFunction(bool temporary, bool system);
  ast::StatementPtr ParseAlterObject(ast::ObjectKind object, bool temporary, bool system);
  bool ParseAlterCommon(ast::AlterTableSpec* spec, bool materialized);
  void ParseAlterDrop(ast::AlterTableSpec* spec, bool materialized);
  void ParseAlterAdd(ast::AlterTableSpec* spec, bool materialized);

  // parse_object.cc
  ast::StatementPtr ParseCreateCatalog();
  ast::StatementPtr ParseCreateDatabase();
  ast::StatementPtr ParseCreateFunction(bool temporary, bool system);
  ast::StatementPtr ParseCreateModel(bool temporary);
  ast::StatementPtr ParseCreateConnection(bool temporary, bool system);
  std::vector<ast::ModelColumn> ParseModelColumns();
  std::string ParseLanguage();
  ast::StatementPtr ParseDrop();

  // parse_utility.cc
  ast::StatementPtr ParseShow();
  ast::StatementPtr ParseShowCreate();
  void ParseShowScope(ast::Show* show);
  void ParseShowPattern(ast::Show* show);
  ast::StatementPtr ParseDescribe();
  ast::StatementPtr ParseUse();
  ast::StatementPtr ParseLoadModule();
  ast::StatementPtr ParseUnloadModule();
  ast::StatementPtr ParseSet();
  ast::StatementPtr ParseReset();
  ast::Option ParseBareSetting();
  std::string_view SkipToStatementEnd(uint32_t begin);
  ast::StatementPtr ParseJar(bool remove);
  ast::StatementPtr ParseStopJob();
  ast::StatementPtr ParseSavepointJob();
  ast::StatementPtr ParseShowOfJobs(ast::ShowKind kind);
  ast::StatementPtr ParseAnalyze();
  ast::StatementPtr ParseTruncate();
  ast::StatementPtr ParseClientCommand(ast::ClientCommand::Command command);

  template <typename T>
  std::unique_ptr<T> Done(std::unique_ptr<T> statement, Mark mark) {
    Place(statement.get(), mark);
    return statement;
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  size_t index_ = 0;
  Status error_;
  std::vector<std::string_view> expected_;  // Noted at token expected_index_.
  size_t expected_index_ = 0;
  bool name_expected_ = false;
  std::string_view prefix_;  // Of the next error message.
  int32_t nesting_ = 0;
  int32_t dynamic_params_ = 0;
  bool in_statement_set_ = false;
  bool default_allowed_ = false;  // DEFAULT is a value here: in VALUES.
};

// Counts one level of recursion; past the limit the parser fails and the caller returns.
class NestingGuard {
 public:
  explicit NestingGuard(SyntaxParser* parser);
  ~NestingGuard() { --parser_->nesting_; }
  NestingGuard(const NestingGuard&) = delete;
  NestingGuard& operator=(const NestingGuard&) = delete;

 private:
  SyntaxParser* parser_;
};

}  // namespace rhei
