// ALTER.
#include "sql/syntax_parser.h"

namespace rhei {

ast::StatementPtr SyntaxParser::ParseAlter() {
  const Mark mark = Here();
  Advance();
  const bool temporary = Accept(K("TEMPORARY"));
  const bool system = temporary && Accept(K("SYSTEM"));
  ast::StatementPtr statement;
  if (Accept(K("FUNCTION"))) {
    statement = ParseAlterFunction(temporary, system);
  } else if (temporary) {
    FailUnexpected();
  } else if (Accept(K("CONNECTION"))) {
    statement = ParseAlterObject(ast::ObjectKind::kConnection, false, false);
  } else if (Accept(K("TABLE"))) {
    statement = ParseAlterTable();
  } else if (Accept(K("MATERIALIZED"))) {
    Expect(K("TABLE"));
    statement = ParseAlterMaterializedTable();
  } else if (Accept(K("VIEW"))) {
    statement = ParseAlterView();
  } else if (Accept(K("CATALOG"))) {
    statement = ParseAlterObject(ast::ObjectKind::kCatalog, false, false);
  } else if (Accept(K("DATABASE"))) {
    statement = ParseAlterObject(ast::ObjectKind::kDatabase, false, false);
  } else if (Accept(K("MODEL"))) {
    statement = ParseAlterObject(ast::ObjectKind::kModel, false, false);
  } else {
    FailUnexpected();
  }
  if (Failed()) return nullptr;
  return Done(std::move(statement), mark);
}

ast::StatementPtr SyntaxParser::ParseAlterTable() {
  auto alter = std::make_unique<ast::AlterTable>();
  alter->if_exists = ParseIfExists();
  alter->name = ParsePath();
  ast::AlterTableSpec& spec = alter->spec;
  using Action = ast::AlterTableAction;
  if (Accept(K("RENAME"))) {
    if (Accept(K("TO"))) {
      spec.action = Action::kRename;
      spec.new_name = ParsePath();
    } else {
      spec.action = Action::kRenameColumn;
      spec.column = ParsePath();
      Expect(K("TO"));
      spec.new_column = ParseName();
    }
  } else if (!ParseAlterCommon(&spec, false)) {
    FailUnexpected();
  }
  return alter;
}

// What tables and materialized tables share; false when none of it follows.
bool SyntaxParser::ParseAlterCommon(ast::AlterTableSpec* spec, bool materialized) {
  using Action = ast::AlterTableAction;
  if (!materialized && Accept(K("SET"))) {
    spec->action = Action::kSet;
    spec->options = ParseOptions();
  } else if (Accept(K("RESET"))) {
    spec->action = Action::kReset;
    spec->keys = ParseKeys();
  } else if (Accept(K("ADD"))) {
    ParseAlterAdd(spec, materialized);
  } else if (Accept(K("MODIFY"))) {
    if (Accept(K("DISTRIBUTION"))) {
      spec->action = Action::kModifyDistribution;
      spec->distribution = ParseDistribution();
      return true;
    }
    spec->action = Action::kModify;
    spec->parentheses = At(TokenKind::kLeftParen);
    if (spec->parentheses) {
      spec->schema = ParseTableSchema(true);
    } else {
      ParseTableElement(&spec->schema, true);
    }
  } else if (Accept(K("DROP"))) {
    ParseAlterDrop(spec, materialized);
  } else {
    return false;
  }
  return true;
}

void SyntaxParser::ParseAlterAdd(ast::AlterTableSpec* spec, bool materialized) {
  using Action = ast::AlterTableAction;
  if (!materialized && (At(K("PARTITION")) || At(K("IF")))) {
    spec->action = Action::kAddPartition;
    spec->partition_if_exists = ParseIfNotExists();
    Expect(K("PARTITION"));
    do {
      ast::AlterTableSpec::Partition partition;
      partition.spec = ParsePartitionSpec(true);
      ParseOptionalWith(&partition.options);
      spec->partitions.push_back(std::move(partition));
    } while (Accept(K("PARTITION")));
    return;
  }
  if (Accept(K("DISTRIBUTION"))) {
    spec->action = Action::kAddDistribution;
    spec->distribution = ParseDistribution();
    return;
  }
  spec->action = Action::kAdd;
  spec->parentheses = At(TokenKind::kLeftParen);
  if (spec->parentheses) {
    spec->schema = ParseTableSchema(true);
  } else {
    ParseTableElement(&spec->schema, true);
  }
}

void SyntaxParser::ParseAlterDrop(ast::AlterTableSpec* spec, bool materialized) {
  using Action = ast::AlterTableAction;
  if (Accept(K("PRIMARY"))) {
    Expect(K("KEY"));
    spec->action = Action::kDropPrimaryKey;
  } else if (Accept(K("CONSTRAINT"))) {
    spec->action = Action::kDropConstraint;
    spec->constraint = ParseName();
  } else if (Accept(K("WATERMARK"))) {
    spec->action = Action::kDropWatermark;
  } else if (Accept(K("DISTRIBUTION"))) {
    spec->action = Action::kDropDistribution;
  } else if (!materialized && (At(K("PARTITION")) || (At(K("IF")) && AtAhead(1, K("EXISTS"))))) {
    spec->action = Action::kDropPartition;
    spec->partition_if_exists = ParseIfExists();
    do {
      Expect(K("PARTITION"));
      ast::AlterTableSpec::Partition partition;
      partition.spec = ParsePartitionSpec(true);
      spec->partitions.push_back(std::move(partition));
    } while (Accept(TokenKind::kComma));
  } else {
    spec->action = Action::kDropColumns;
    spec->parentheses = At(TokenKind::kLeftParen);
    if (spec->parentheses) {
      spec->columns = ParsePathList();
    } else {
      spec->columns.push_back(ParsePath());
    }
  }
}

ast::StatementPtr SyntaxParser::ParseAlterMaterializedTable() {
  auto alter = std::make_unique<ast::AlterMaterializedTable>();
  alter->name = ParsePath();
  ast::AlterTableSpec& spec = alter->spec;
  using Action = ast::AlterTableAction;
  if (Accept(K("SUSPEND"))) {
    spec.action = Action::kSuspend;
  } else if (Accept(K("RESUME"))) {
    spec.action = Action::kResume;
    spec.has_options = ParseOptionalWith(&spec.options);
  } else if (Accept(K("REFRESH"))) {
    spec.action = Action::kRefresh;
    if (Accept(K("PARTITION"))) {
      ast::AlterTableSpec::Partition partition;
      partition.spec = ParsePartitionSpec(true);
      spec.partitions.push_back(std::move(partition));
    }
  } else if (Accept(K("SET"))) {
    if (Accept(K("FRESHNESS"))) {
      spec.action = Action::kSetFreshness;
      Expect(TokenKind::kEquals);
      spec.freshness = ParseFreshness();
    } else if (Accept(K("REFRESH_MODE"))) {
      spec.action = Action::kSetRefreshMode;
      Expect(TokenKind::kEquals);
      spec.refresh_mode = ParseRefreshMode();
    } else {
      spec.action = Action::kSet;
      spec.options = ParseOptions();
    }
  } else if (Accept(K("AS"))) {
    spec.action = Action::kAsQuery;
    spec.query = ParseQuery();
  } else if (!ParseAlterCommon(&spec, true)) {
    FailUnexpected();
  }
  return alter;
}

ast::StatementPtr SyntaxParser::ParseAlterView() {
  auto alter = std::make_unique<ast::AlterView>();
  alter->name = ParsePath();
  if (Accept(K("RENAME"))) {
    Expect(K("TO"));
    alter->new_name = ParsePath();
  } else {
    Expect(K("AS"));
    alter->query = ParseQuery();
  }
  return alter;
}

ast::StatementPtr SyntaxParser::ParseAlterFunction(bool temporary, bool system) {
  auto alter = std::make_unique<ast::AlterFunction>();
  alter->temporary = temporary;
  alter->system = system;
  alter->if_exists = ParseIfExists();
  alter->name = ParsePath();
  Expect(K("AS"));
  alter->class_name = ParseString();
  alter->language = ParseLanguage();
  return alter;
}

ast::StatementPtr SyntaxParser::ParseAlterObject(ast::ObjectKind object, bool temporary,
                                                 bool system) {
  auto alter = std::make_unique<ast::AlterObject>();
  using Action = ast::AlterObject::Action;
  alter->object = object;
  alter->temporary = temporary;
  alter->system = system;
  const bool named = object == ast::ObjectKind::kModel || object == ast::ObjectKind::kConnection;
  if (named) alter->if_exists = ParseIfExists();
  alter->name = ParsePath();
  if (named && Accept(K("RENAME"))) {
    alter->action = Action::kRename;
    Expect(K("TO"));
    alter->new_name = ParsePath();
  } else if (object != ast::ObjectKind::kDatabase && Accept(K("RESET"))) {
    alter->action = Action::kReset;
    alter->keys = ParseKeys();
  } else if (object == ast::ObjectKind::kCatalog && Accept(K("COMMENT"))) {
    alter->action = Action::kComment;
    alter->comment = ParseString();
  } else {
    Expect(K("SET"));
    alter->action = Action::kSet;
    alter->options = ParseOptions();
  }
  return alter;
}

}  // namespace rhei
