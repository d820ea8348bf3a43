// CREATE of tables, views and materialized tables, and the pieces that ALTER shares with them.
#include <fmt/format.h>

#include "sql/syntax_parser.h"

namespace rhei {

ast::StatementPtr SyntaxParser::ParseCreate() {
  const Mark mark = Here();
  const bool plain_replace = At(K("REPLACE"));
  Advance();
  bool or_replace = false;
  bool or_alter = false;
  if (!plain_replace && Accept(K("OR"))) {
    or_alter = Accept(K("ALTER"));
    or_replace = !or_alter && Expect(K("REPLACE"));
  }
  const bool temporary = Accept(K("TEMPORARY"));
  const SqlPosition system_position = Current().position;
  const bool system = !plain_replace && Accept(K("SYSTEM"));
  if (system && !temporary && At(K("FUNCTION"))) {
    Fail(
        "CREATE SYSTEM FUNCTION is not supported, system functions can only be registered as "
        "temporary functions, you can use CREATE TEMPORARY SYSTEM FUNCTION instead.",
        system_position);
  }
  ast::StatementPtr statement;
  if (system && !temporary && At(K("CONNECTION"))) {
    Fail(
        "CREATE SYSTEM CONNECTION is not supported, system connections can only be registered as "
        "temporary connections, you can use CREATE TEMPORARY SYSTEM CONNECTION instead.",
        system_position);
  }
  if (At(K("MATERIALIZED"))) {
    if (or_replace) {
      Fail("REPLACE MATERIALIZED TABLE is not supported.", Current().position);
    }
    if (temporary) {
      Fail("CREATE TEMPORARY MATERIALIZED TABLE is not supported.", Current().position);
    }
    statement = ParseCreateMaterializedTable(or_alter);
  } else if (system && At(K("CONNECTION"))) {
    statement = ParseCreateConnection(temporary, true);
  } else if (system) {
    Expect(K("FUNCTION"));
    statement = ParseCreateFunction(temporary, true);
  } else if (or_alter) {
    Expect(K("MATERIALIZED"));
  } else if (Accept(K("TABLE"))) {
    statement = ParseCreateTable(plain_replace || or_replace, or_replace, temporary);
  } else if (plain_replace) {
    FailUnexpected();
  } else if (Accept(K("VIEW"))) {
    statement = ParseCreateView(or_replace, temporary);
  } else if (Accept(K("FUNCTION"))) {
    statement = ParseCreateFunction(temporary, false);
  } else if (Accept(K("MODEL"))) {
    statement = ParseCreateModel(temporary);
  } else if (At(K("CONNECTION"))) {
    statement = ParseCreateConnection(temporary, false);
  } else if (!temporary && Accept(K("CATALOG"))) {
    statement = ParseCreateCatalog();
  } else if (!temporary && Accept(K("DATABASE"))) {
    statement = ParseCreateDatabase();
  } else {
    FailUnexpected();
  }
  if (Failed()) return nullptr;
  return Done(std::move(statement), mark);
}

// COMMENT, DISTRIBUTED, PARTITIONED BY and WITH of a (materialized) table.
template <typename T>
void SyntaxParser::ParseTableProperties(T* table) {
  table->comment = ParseOptionalComment();
  if (Accept(K("DISTRIBUTED"))) table->distribution = ParseDistribution();
  if (Accept(K("PARTITIONED"))) {
    Expect(K("BY"));
    table->partitioned_by = ParseNameList();
  }
  table->has_options = ParseOptionalWith(&table->options);
}

ast::StatementPtr SyntaxParser::ParseCreateTable(bool replace, bool create_or_replace,
                                                 bool temporary) {
  auto table = std::make_unique<ast::CreateTable>();
  table->replace = replace;
  table->create_or_replace = create_or_replace;
  table->temporary = temporary;
  table->if_not_exists = ParseIfNotExists();
  table->name = ParsePath();
  const SqlPosition schema_position = Current().position;
  if (At(TokenKind::kLeftParen)) table->schema = ParseTableSchema(false);
  ParseTableProperties(table.get());
  const bool plain_replace = replace && !create_or_replace;
  if (!plain_replace && Accept(K("LIKE"))) {
    table->like = ParseLike();
  } else if (plain_replace ? Expect(K("AS")) : Accept(K("AS"))) {
    table->query = ParseQuery();
  }
  if (Failed()) return nullptr;
  if (table->query == nullptr) {
    for (const ast::ColumnDef& column : table->schema.columns) {
      if (column.kind == ast::ColumnKind::kNameOnly) {
        Fail(
            "Columns identifiers without types in the schema are supported on CTAS/RTAS "
            "statements only.",
            schema_position);
      }
    }
  }
  return table;
}

ast::StatementPtr SyntaxParser::ParseCreateView(bool or_replace, bool temporary) {
  auto view = std::make_unique<ast::CreateView>();
  view->or_replace = or_replace;
  view->temporary = temporary;
  view->if_not_exists = ParseIfNotExists();
  view->name = ParsePath();
  if (At(TokenKind::kLeftParen)) view->columns = ParseNameList();
  view->comment = ParseOptionalComment();
  Expect(K("AS"));
  view->query = ParseQuery();
  return view;
}

ast::StatementPtr SyntaxParser::ParseCreateMaterializedTable(bool or_alter) {
  auto table = std::make_unique<ast::CreateMaterializedTable>();
  table->or_alter = or_alter;
  Expect(K("MATERIALIZED"));
  Expect(K("TABLE"));
  table->name = ParsePath();
  if (At(TokenKind::kLeftParen)) table->schema = ParseTableSchema(false);
  ParseTableProperties(table.get());
  if (Accept(K("START_MODE"))) table->start_mode = ParseStartMode();
  if (Accept(K("FRESHNESS"))) {
    Expect(TokenKind::kEquals);
    table->freshness = ParseFreshness();
  }
  if (Accept(K("REFRESH_MODE"))) {
    Expect(TokenKind::kEquals);
    table->refresh_mode = ParseRefreshMode();
  }
  Expect(K("AS"));
  table->query = ParseQuery();
  return table;
}

ast::StartModeClause SyntaxParser::ParseStartMode() {
  struct Mode {
    Keyword keyword;
    ast::StartMode mode;
    bool timestamp;
  };
  static constexpr Mode kModes[] = {
      {K("FROM_BEGINNING"), ast::StartMode::kFromBeginning, false},
      {K("FROM_NOW"), ast::StartMode::kFromNow, false},
      {K("FROM_TIMESTAMP"), ast::StartMode::kFromTimestamp, true},
      {K("RESUME_OR_FROM_BEGINNING"), ast::StartMode::kResumeOrFromBeginning, false},
      {K("RESUME_OR_FROM_NOW"), ast::StartMode::kResumeOrFromNow, false},
      {K("RESUME_OR_FROM_TIMESTAMP"), ast::StartMode::kResumeOrFromTimestamp, true},
  };
  ast::StartModeClause clause;
  Expect(TokenKind::kEquals);
  for (const Mode& mode : kModes) {
    if (!Accept(mode.keyword)) continue;
    clause.mode = mode.mode;
    const bool now =
        mode.mode == ast::StartMode::kFromNow || mode.mode == ast::StartMode::kResumeOrFromNow;
    if (mode.timestamp) {
      Expect(TokenKind::kLeftParen);
      clause.argument = ParseTemporalLiteral();
      if (clause.argument == nullptr) FailUnexpected();
      Expect(TokenKind::kRightParen);
    } else if (now && Accept(TokenKind::kLeftParen)) {
      if (!At(K("INTERVAL"))) {
        Expect(K("INTERVAL"));
      } else {
        clause.argument = ParseInterval();
      }
      Expect(TokenKind::kRightParen);
    }
    return clause;
  }
  FailUnexpected();
  return clause;
}

ast::ExprPtr SyntaxParser::ParseFreshness() {
  if (!At(K("INTERVAL"))) {
    Expect(K("INTERVAL"));
    return nullptr;
  }
  ast::ExprPtr freshness = ParseInterval();
  if (!Failed() && freshness->kind != ast::ExprKind::kLiteral) {
    Fail(
        "MATERIALIZED TABLE only supports define interval type FRESHNESS, please refer to the "
        "materialized table document.",
        freshness->position);
  }
  return freshness;
}

ast::RefreshMode SyntaxParser::ParseRefreshMode() {
  if (Accept(K("FULL"))) return ast::RefreshMode::kFull;
  Expect(K("CONTINUOUS"));
  return ast::RefreshMode::kContinuous;
}

ast::TableSchema SyntaxParser::ParseTableSchema(bool alter) {
  ast::TableSchema schema;
  schema.present = true;
  Expect(TokenKind::kLeftParen);
  const bool names =
      !alter && AtName() && (AtAhead(1, TokenKind::kComma) || AtAhead(1, TokenKind::kRightParen));
  do {
    if (names) {
      ast::ColumnDef column;
      const Mark mark = Here();
      column.kind = ast::ColumnKind::kNameOnly;
      column.name.push_back(ParseName());
      Place(&column, mark);
      schema.columns.push_back(std::move(column));
    } else {
      ParseTableElement(&schema, alter);
    }
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  return schema;
}

bool SyntaxParser::AtConstraint() const {
  return At(K("CONSTRAINT")) || At(K("PRIMARY")) || At(K("UNIQUE"));
}

void SyntaxParser::ParseTableElement(ast::TableSchema* schema, bool alter) {
  if (AtConstraint()) {
    schema->constraints.push_back(ParseConstraint(false));
  } else if (At(K("WATERMARK"))) {
    ParseWatermark(schema);
  } else {
    schema->columns.push_back(ParseColumn(alter));
  }
}

ast::ColumnDef SyntaxParser::ParseColumn(bool alter) {
  ast::ColumnDef column;
  const Mark mark = Here();
  if (alter) {
    column.name = ParsePath();
  } else {
    column.name.push_back(ParseName());
  }
  if (Accept(K("AS"))) {
    column.kind = ast::ColumnKind::kComputed;
    column.expr = ParseExpr();
  } else {
    column.type = ParseType();
    if (AtConstraint()) {
      column.constraint = ParseConstraint(true);
    } else if (Accept(K("METADATA"))) {
      column.kind = ast::ColumnKind::kMetadata;
      if (Accept(K("FROM"))) column.metadata_key = ParseString();
      column.metadata_virtual = Accept(K("VIRTUAL"));
    }
  }
  column.comment = ParseOptionalComment();
  if (alter) ParseColumnPlace(&column);
  Place(&column, mark);
  return column;
}

void SyntaxParser::ParseColumnPlace(ast::ColumnDef* column) {
  if (Accept(K("FIRST"))) {
    column->place = ast::ColumnPlace::kFirst;
  } else if (Accept(K("AFTER"))) {
    column->place = ast::ColumnPlace::kAfter;
    column->after = ParsePath();
  }
}

ast::TableConstraint SyntaxParser::ParseConstraint(bool of_column) {
  ast::TableConstraint constraint;
  const Mark mark = Here();
  if (Accept(K("CONSTRAINT"))) constraint.name = ParseName();
  if (Accept(K("UNIQUE"))) {
    constraint.primary_key = false;
  } else {
    Expect(K("PRIMARY"));
    Expect(K("KEY"));
  }
  if (!of_column) constraint.columns = ParseNameList();
  if (Accept(K("ENFORCED"))) {
    constraint.enforced = true;
  } else if (AcceptPair(K("NOT"), K("ENFORCED"))) {
    constraint.enforced = false;
  }
  Place(&constraint, mark);
  return constraint;
}

void SyntaxParser::ParseWatermark(ast::TableSchema* schema) {
  const Mark mark = Here();
  Advance();
  ast::WatermarkDef watermark;
  Expect(K("FOR"));
  watermark.column = ParsePath();
  Expect(K("AS"));
  watermark.expr = ParseExpr();
  Place(&watermark, mark);
  if (schema->watermark) {
    Fail("Multiple WATERMARK declarations are not supported yet.", tokens_[mark].position);
  }
  schema->watermark = std::move(watermark);
}

// After DISTRIBUTED or DISTRIBUTION: BY HASH(a) INTO 4 BUCKETS.
ast::Distribution SyntaxParser::ParseDistribution() {
  ast::Distribution distribution;
  const Mark mark = Here();
  const bool by = Accept(K("BY"));
  if (by) {
    if (Accept(K("HASH"))) {
      distribution.kind = ast::DistributionKind::kHash;
    } else if (Accept(K("RANGE"))) {
      distribution.kind = ast::DistributionKind::kRange;
    }
    distribution.columns = ParseNameList();
  }
  if (by ? Accept(K("INTO")) : Expect(K("INTO"))) {
    const SqlPosition position = Current().position;
    distribution.buckets = ParseInteger();
    if (!Failed() && *distribution.buckets < 1) {
      Fail(
          "Invalid bucket count '0'. The number of buckets for a distributed table must be at "
          "least 1.",
          position);
    }
    Expect(K("BUCKETS"));
  }
  Place(&distribution, mark);
  return distribution;
}

ast::LikeClause SyntaxParser::ParseLike() {
  struct Feature {
    Keyword keyword;
    ast::LikeFeature feature;
  };
  static constexpr Feature kFeatures[] = {
      {K("ALL"), ast::LikeFeature::kAll},
      {K("CONSTRAINTS"), ast::LikeFeature::kConstraints},
      {K("DISTRIBUTION"), ast::LikeFeature::kDistribution},
      {K("GENERATED"), ast::LikeFeature::kGenerated},
      {K("METADATA"), ast::LikeFeature::kMetadata},
      {K("OPTIONS"), ast::LikeFeature::kOptions},
      {K("PARTITIONS"), ast::LikeFeature::kPartitions},
      {K("WATERMARKS"), ast::LikeFeature::kWatermarks},
  };
  ast::LikeClause like;
  const Mark mark = Here();
  like.table = ParsePath();
  if (Accept(TokenKind::kLeftParen)) {
    do {
      ast::LikeClause::Rule rule;
      if (Accept(K("EXCLUDING"))) {
        rule.mode = ast::LikeMode::kExcluding;
      } else if (Accept(K("OVERWRITING"))) {
        rule.mode = ast::LikeMode::kOverwriting;
      } else {
        Expect(K("INCLUDING"));
      }
      bool found = false;
      for (const Feature& feature : kFeatures) {
        if (found || !Accept(feature.keyword)) continue;
        rule.feature = feature.feature;
        found = true;
      }
      if (!found) FailUnexpected();
      like.rules.push_back(rule);
    } while (!Failed() && !Accept(TokenKind::kRightParen));
  }
  Place(&like, mark);
  return like;
}

}  // namespace rhei
