// CREATE and DROP of catalogs, databases, functions, models and connections.
#include "sql/syntax_parser.h"

namespace rhei {

ast::StatementPtr SyntaxParser::ParseCreateCatalog() {
  auto create = std::make_unique<ast::CreateCatalog>();
  create->if_not_exists = ParseIfNotExists();
  create->name = ParseName();
  create->comment = ParseOptionalComment();
  create->has_options = ParseOptionalWith(&create->options);
  return create;
}

ast::StatementPtr SyntaxParser::ParseCreateDatabase() {
  auto create = std::make_unique<ast::CreateDatabase>();
  create->if_not_exists = ParseIfNotExists();
  create->name = ParsePath();
  create->comment = ParseOptionalComment();
  create->has_options = ParseOptionalWith(&create->options);
  return create;
}

std::string SyntaxParser::ParseLanguage() {
  if (!Accept(K("LANGUAGE"))) return "";
  for (const Keyword keyword : {K("JAVA"), K("SCALA"), K("SQL"), K("PYTHON")}) {
    if (Accept(keyword)) return std::string(KeywordText(keyword));
  }
  FailUnexpected();
  return "";
}

ast::StatementPtr SyntaxParser::ParseCreateFunction(bool temporary, bool system) {
  auto create = std::make_unique<ast::CreateFunction>();
  create->temporary = temporary;
  create->system = system;
  create->if_not_exists = ParseIfNotExists();
  if (system) {
    create->name.push_back(ParseName());
  } else {
    create->name = ParsePath();
  }
  Expect(K("AS"));
  create->class_name = ParseString();
  create->language = ParseLanguage();
  if (Accept(K("USING"))) {
    do {
      create->artifact = Accept(K("ARTIFACT"));
      if (!create->artifact) Expect(K("JAR"));
      create->jars.push_back(ParseString());
    } while (Accept(TokenKind::kComma));
  }
  create->has_options = ParseOptionalWith(&create->options);
  return create;
}

std::vector<ast::ModelColumn> SyntaxParser::ParseModelColumns() {
  std::vector<ast::ModelColumn> columns;
  Expect(TokenKind::kLeftParen);
  do {
    ast::ModelColumn column;
    column.position = Current().position;
    column.name = ParseName();
    column.type = ParseType();
    column.comment = ParseOptionalComment();
    columns.push_back(std::move(column));
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  return columns;
}

ast::StatementPtr SyntaxParser::ParseCreateModel(bool temporary) {
  auto create = std::make_unique<ast::CreateModel>();
  create->temporary = temporary;
  create->if_not_exists = ParseIfNotExists();
  create->name = ParsePath();
  if (Accept(K("INPUT"))) create->input = ParseModelColumns();
  if (Accept(K("OUTPUT"))) create->output = ParseModelColumns();
  create->comment = ParseOptionalComment();
  create->has_options = ParseOptionalWith(&create->options);
  if (Accept(K("AS"))) create->query = ParseQuery();
  return create;
}

ast::StatementPtr SyntaxParser::ParseCreateConnection(bool temporary, bool system) {
  auto create = std::make_unique<ast::CreateConnection>();
  Expect(K("CONNECTION"));
  create->temporary = temporary;
  create->system = system;
  create->if_not_exists = ParseIfNotExists();
  create->name = ParsePath();
  create->comment = ParseOptionalComment();
  create->has_options = ParseOptionalWith(&create->options);
  return create;
}

ast::StatementPtr SyntaxParser::ParseDrop() {
  struct Row {
    Keyword keyword;
    ast::ObjectKind object;
    bool temporary;
  };
  static constexpr Row kRows[] = {
      {K("TABLE"), ast::ObjectKind::kTable, true},
      {K("VIEW"), ast::ObjectKind::kView, true},
      {K("FUNCTION"), ast::ObjectKind::kFunction, true},
      {K("MODEL"), ast::ObjectKind::kModel, true},
      {K("CONNECTION"), ast::ObjectKind::kConnection, true},
      {K("CATALOG"), ast::ObjectKind::kCatalog, false},
      {K("DATABASE"), ast::ObjectKind::kDatabase, false},
      {K("MATERIALIZED"), ast::ObjectKind::kMaterializedTable, false},
  };
  const Mark mark = Here();
  Advance();
  auto drop = std::make_unique<ast::Drop>();
  drop->temporary = Accept(K("TEMPORARY"));
  drop->system = Accept(K("SYSTEM"));
  if (drop->temporary && At(K("MATERIALIZED"))) {
    Fail("DROP TEMPORARY MATERIALIZED TABLE is not supported.", Current().position);
  }
  bool found = false;
  for (const Row& row : kRows) {
    if (found || (drop->temporary && !row.temporary)) continue;
    if (drop->system && row.object != ast::ObjectKind::kFunction &&
        row.object != ast::ObjectKind::kConnection) {
      continue;
    }
    if (!Accept(row.keyword)) continue;
    found = true;
    drop->object = row.object;
  }
  if (!found) {
    FailUnexpected();
    return nullptr;
  }
  if (drop->object == ast::ObjectKind::kMaterializedTable) Expect(K("TABLE"));
  drop->if_exists = ParseIfExists();
  drop->name = ParsePath();
  if (drop->object == ast::ObjectKind::kDatabase) {
    if (Accept(K("RESTRICT"))) {
      drop->behavior = ast::DropBehavior::kRestrict;
    } else if (Accept(K("CASCADE"))) {
      drop->behavior = ast::DropBehavior::kCascade;
    }
  }
  return Done(std::move(drop), mark);
}

}  // namespace rhei
