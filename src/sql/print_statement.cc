// Prints statements.
#include "sql/syntax_printer.h"

namespace rhei {
namespace {

std::string_view ObjectText(ast::ObjectKind object) {
  switch (object) {
    case ast::ObjectKind::kCatalog: return "CATALOG";
    case ast::ObjectKind::kDatabase: return "DATABASE";
    case ast::ObjectKind::kTable: return "TABLE";
    case ast::ObjectKind::kView: return "VIEW";
    case ast::ObjectKind::kMaterializedTable: return "MATERIALIZED TABLE";
    case ast::ObjectKind::kFunction: return "FUNCTION";
    case ast::ObjectKind::kModel: return "MODEL";
    case ast::ObjectKind::kConnection: return "CONNECTION";
  }
  CHECK(false);
}

std::string_view ShowWord(ast::ShowKind show) {
  switch (show) {
    case ast::ShowKind::kCatalogs: return "CATALOGS";
    case ast::ShowKind::kCurrentCatalog: return "CURRENT CATALOG";
    case ast::ShowKind::kDatabases: return "DATABASES";
    case ast::ShowKind::kCurrentDatabase: return "CURRENT DATABASE";
    case ast::ShowKind::kTables: return "TABLES";
    case ast::ShowKind::kViews: return "VIEWS";
    case ast::ShowKind::kMaterializedTables: return "MATERIALIZED TABLES";
    case ast::ShowKind::kFunctions: return "FUNCTIONS";
    case ast::ShowKind::kUserFunctions: return "USER FUNCTIONS";
    case ast::ShowKind::kProcedures: return "PROCEDURES";
    case ast::ShowKind::kModels: return "MODELS";
    case ast::ShowKind::kConnections: return "CONNECTIONS";
    case ast::ShowKind::kColumns: return "COLUMNS";
    case ast::ShowKind::kPartitions: return "PARTITIONS";
    case ast::ShowKind::kModules: return "MODULES";
    case ast::ShowKind::kFullModules: return "FULL MODULES";
    case ast::ShowKind::kJars: return "JARS";
    case ast::ShowKind::kJobs: return "JOBS";
    case ast::ShowKind::kCheckpoints: return "CHECKPOINTS";
    case ast::ShowKind::kState: return "STATE";
  }
  CHECK(false);
}

std::string_view DetailText(ast::ExplainDetail detail) {
  switch (detail) {
    case ast::ExplainDetail::kEstimatedCost: return "ESTIMATED_COST";
    case ast::ExplainDetail::kChangelogMode: return "CHANGELOG_MODE";
    case ast::ExplainDetail::kJsonExecutionPlan: return "JSON_EXECUTION_PLAN";
    case ast::ExplainDetail::kPlanAdvice: return "PLAN_ADVICE";
  }
  CHECK(false);
}

}  // namespace

std::string PrintStatement(const ast::Statement& statement) {
  SyntaxPrinter printer;
  printer.Statement(statement);
  return printer.TakeText();
}

std::string PrintQuery(const ast::Query& query) {
  SyntaxPrinter printer;
  printer.Query(query);
  return printer.TakeText();
}

std::string PrintExpr(const ast::Expr& expr) {
  SyntaxPrinter printer;
  printer.Expr(expr);
  return printer.TakeText();
}

std::string PrintType(const ast::TypeName& type) {
  SyntaxPrinter printer;
  printer.Type(type);
  return printer.TakeText();
}

void SyntaxPrinter::Options(const std::vector<ast::Option>& options) {
  Put("(");
  for (size_t i = 0; i < options.size(); ++i) {
    Put(i == 0 ? "\n  " : ",\n  ");
    Put(QuoteString(options[i].key) + " = " + QuoteString(options[i].value));
  }
  Put("\n)");
}

void SyntaxPrinter::With(bool has_options, const std::vector<ast::Option>& options) {
  if (!has_options) return;
  Put("\nWITH ");
  Options(options);
}

void SyntaxPrinter::Keys(const std::vector<std::string>& keys) {
  Put("(");
  for (size_t i = 0; i < keys.size(); ++i) {
    Put(i == 0 ? "\n  " : ",\n  ");
    PutString(keys[i]);
  }
  Put("\n)");
}

void SyntaxPrinter::Partition(const ast::PartitionSpec& spec) {
  for (size_t i = 0; i < spec.size(); ++i) {
    Put(i == 0 ? "(" : ", ");
    PutName(spec[i].column);
    if (spec[i].value == nullptr) continue;
    Put(" = ");
    Expr(*spec[i].value);
  }
  Put(")");
}

void SyntaxPrinter::Comment(const std::optional<std::string>& comment) {
  if (comment) Put("\nCOMMENT " + QuoteString(*comment));
}

void SyntaxPrinter::AsQuery(const ast::QueryPtr& query) {
  if (query == nullptr) return;
  Put("\nAS\n");
  Query(*query);
}

void SyntaxPrinter::InsertText(const ast::Insert& insert) {
  Put(insert.upsert ? "UPSERT INTO " : insert.overwrite ? "INSERT OVERWRITE " : "INSERT INTO ");
  PutPath(insert.table);
  if (!insert.hints.empty()) {
    Put("\n");
    Hints(insert.hints);
  }
  if (!insert.partition.empty()) {
    Put(" PARTITION ");
    Partition(insert.partition);
  }
  if (!insert.columns.empty()) {
    Put(insert.partition.empty() ? " (" : "\n(");
    for (size_t i = 0; i < insert.columns.size(); ++i) {
      if (i > 0) Put(", ");
      PutPath(insert.columns[i]);
    }
    Put(")");
  }
  Put("\n");
  Query(*insert.query);
  switch (insert.on_conflict) {
    case ast::OnConflict::kUnspecified: return;
    case ast::OnConflict::kError: return Put("\nON CONFLICT DO ERROR");
    case ast::OnConflict::kNothing: return Put("\nON CONFLICT DO NOTHING");
    case ast::OnConflict::kDeduplicate: return Put("\nON CONFLICT DO DEDUPLICATE");
  }
}

void SyntaxPrinter::UpdateText(const ast::Update& update) {
  Put("UPDATE " + QuotePath(update.table));
  if (!update.hints.empty()) {
    Put("\n");
    Hints(update.hints);
  }
  if (update.alias) Put(" AS " + QuoteName(update.alias->text));
  for (size_t i = 0; i < update.assignments.size(); ++i) {
    Put(i == 0 ? " SET " : ", ");
    Put(QuotePath(update.assignments[i].column) + " = ");
    Expr(*update.assignments[i].value);
  }
  if (update.where != nullptr) {
    Put("\nWHERE ");
    Expr(*update.where);
  }
}

void SyntaxPrinter::StatementSetText(const ast::StatementSet& set) {
  Put(set.execute ? "EXECUTE STATEMENT SET BEGIN\n" : "STATEMENT SET BEGIN\n");
  for (const ast::StatementPtr& statement : set.statements) {
    Statement(*statement);
    Put("\n;\n");
  }
  Put("END");
}

void SyntaxPrinter::ExplainText(const ast::Explain& explain) {
  Put("EXPLAIN ");
  for (size_t i = 0; i < explain.details.size(); ++i) {
    if (i > 0) Put(", ");
    Put(DetailText(explain.details[i]));
  }
  if (!explain.details.empty()) Put(" ");
  Statement(*explain.statement);
}

void SyntaxPrinter::ShowText(const ast::Show& show) {
  Put("SHOW ");
  Put(ShowWord(show.show));
  if (show.show == ast::ShowKind::kPartitions) {
    Put(" " + QuotePath(show.scope));
    if (!show.partition.empty()) {
      Put(" PARTITION ");
      Partition(show.partition);
    }
    return;
  }
  if (!show.scope.empty()) Put((show.in ? " IN " : " FROM ") + QuotePath(show.scope));
  if (!show.like) return;
  Put(show.not_like ? " NOT" : "");
  Put(show.ilike ? " ILIKE " : " LIKE ");
  PutString(show.pattern);
}

void SyntaxPrinter::Statement(const ast::Statement& statement) {
  using ast::StatementKind;
  switch (statement.kind) {
    case StatementKind::kQuery: return Query(*ast::As<ast::QueryStatement>(statement).query);
    case StatementKind::kInsert: return InsertText(ast::As<ast::Insert>(statement));
    case StatementKind::kUpdate: return UpdateText(ast::As<ast::Update>(statement));
    case StatementKind::kDelete: {
      const auto& node = ast::As<ast::Delete>(statement);
      Put("DELETE FROM " + QuotePath(node.table));
      if (!node.hints.empty()) {
        Put("\n");
        Hints(node.hints);
      }
      if (node.alias) Put(" AS " + QuoteName(node.alias->text));
      if (node.where == nullptr) return;
      Put("\nWHERE ");
      return Expr(*node.where);
    }
    case StatementKind::kTruncate:
      return Put("TRUNCATE TABLE " + QuotePath(ast::As<ast::TruncateTable>(statement).table));
    case StatementKind::kCallProcedure:
      Put("CALL ");
      return Expr(*ast::As<ast::CallProcedure>(statement).call);
    case StatementKind::kStatementSet:
      return StatementSetText(ast::As<ast::StatementSet>(statement));
    case StatementKind::kBeginStatementSet: return Put("BEGIN STATEMENT SET");
    case StatementKind::kEnd: return Put("END");
    case StatementKind::kExecute:
      Put("EXECUTE ");
      return Statement(*ast::As<ast::Execute>(statement).statement);
    case StatementKind::kExecutePlan:
      return Put("EXECUTE PLAN " + QuoteString(ast::As<ast::ExecutePlan>(statement).file));
    case StatementKind::kCompilePlan: {
      const auto& compile = ast::As<ast::CompilePlan>(statement);
      Put(compile.execute ? "COMPILE AND EXECUTE PLAN " : "COMPILE PLAN ");
      PutString(compile.file);
      Put(compile.if_not_exists ? " IF NOT EXISTS FOR " : " FOR ");
      return Statement(*compile.statement);
    }
    case StatementKind::kExplain: return ExplainText(ast::As<ast::Explain>(statement));
    case StatementKind::kCreateTable: return CreateTableText(ast::As<ast::CreateTable>(statement));
    case StatementKind::kCreateMaterializedTable:
      return CreateMaterializedTableText(ast::As<ast::CreateMaterializedTable>(statement));
    case StatementKind::kCreateView: {
      const auto& view = ast::As<ast::CreateView>(statement);
      Put(view.or_replace ? "CREATE OR REPLACE " : "CREATE ");
      if (view.temporary) Put("TEMPORARY ");
      Put(view.if_not_exists ? "VIEW IF NOT EXISTS " : "VIEW ");
      PutPath(view.name);
      if (!view.columns.empty()) {
        Put(" ");
        PutNames(view.columns);
      }
      Comment(view.comment);
      return AsQuery(view.query);
    }
    case StatementKind::kCreateCatalog:
    case StatementKind::kCreateDatabase:
    case StatementKind::kCreateFunction:
    case StatementKind::kCreateModel:
    case StatementKind::kCreateConnection: return CreateObject(statement);
    case StatementKind::kAlterTable: {
      const auto& alter = ast::As<ast::AlterTable>(statement);
      Put(alter.if_exists ? "ALTER TABLE IF EXISTS " : "ALTER TABLE ");
      PutPath(alter.name);
      return AlterSpec(alter.spec);
    }
    case StatementKind::kAlterMaterializedTable: {
      const auto& alter = ast::As<ast::AlterMaterializedTable>(statement);
      Put("ALTER MATERIALIZED TABLE " + QuotePath(alter.name));
      return AlterSpec(alter.spec);
    }
    default: return Utility(statement);
  }
}

void SyntaxPrinter::Utility(const ast::Statement& statement) {
  using ast::StatementKind;
  switch (statement.kind) {
    case StatementKind::kAlterView: {
      const auto& alter = ast::As<ast::AlterView>(statement);
      Put("ALTER VIEW " + QuotePath(alter.name));
      if (!alter.new_name.empty()) return Put(" RENAME TO " + QuotePath(alter.new_name));
      return AsQuery(alter.query);
    }
    case StatementKind::kAlterFunction: {
      const auto& alter = ast::As<ast::AlterFunction>(statement);
      Put(alter.temporary ? "ALTER TEMPORARY " : "ALTER ");
      Put(alter.system ? "SYSTEM FUNCTION " : "FUNCTION ");
      if (alter.if_exists) Put("IF EXISTS ");
      Put(QuotePath(alter.name) + " AS " + QuoteString(alter.class_name));
      if (!alter.language.empty()) Put(" LANGUAGE " + alter.language);
      return;
    }
    case StatementKind::kAlterObject: {
      const auto& alter = ast::As<ast::AlterObject>(statement);
      Put(alter.temporary ? "ALTER TEMPORARY " : "ALTER ");
      if (alter.system) Put("SYSTEM ");
      Put(ObjectText(alter.object));
      Put(alter.if_exists ? " IF EXISTS " : " ");
      PutPath(alter.name);
      switch (alter.action) {
        case ast::AlterObject::Action::kSet: Put(" SET "); return Options(alter.options);
        case ast::AlterObject::Action::kReset: Put(" RESET "); return Keys(alter.keys);
        case ast::AlterObject::Action::kComment:
          return Put(" COMMENT " + QuoteString(alter.comment));
        case ast::AlterObject::Action::kRename:
          return Put(" RENAME TO " + QuotePath(alter.new_name));
      }
      return;
    }
    case StatementKind::kDrop: {
      const auto& drop = ast::As<ast::Drop>(statement);
      Put(drop.temporary ? "DROP TEMPORARY " : "DROP ");
      if (drop.system) Put("SYSTEM ");
      Put(ObjectText(drop.object));
      Put(drop.if_exists ? " IF EXISTS " : " ");
      PutPath(drop.name);
      if (drop.object != ast::ObjectKind::kDatabase) return;
      return Put(drop.behavior == ast::DropBehavior::kCascade ? " CASCADE" : " RESTRICT");
    }
    case StatementKind::kUse: {
      const auto& use = ast::As<ast::Use>(statement);
      Put(use.target == ast::Use::Target::kCatalog   ? "USE CATALOG "
          : use.target == ast::Use::Target::kModules ? "USE MODULES "
                                                     : "USE ");
      if (use.target != ast::Use::Target::kModules) return PutPath(use.name);
      for (size_t i = 0; i < use.modules.size(); ++i) {
        if (i > 0) Put(", ");
        PutName(use.modules[i]);
      }
      return;
    }
    case StatementKind::kLoadModule: {
      const auto& load = ast::As<ast::LoadModule>(statement);
      Put("LOAD MODULE " + QuoteName(load.name.text));
      return With(load.has_options, load.options);
    }
    case StatementKind::kUnloadModule:
      return Put("UNLOAD MODULE " + QuoteName(ast::As<ast::UnloadModule>(statement).name.text));
    case StatementKind::kShow: return ShowText(ast::As<ast::Show>(statement));
    case StatementKind::kShowCreate: {
      const auto& show = ast::As<ast::ShowCreate>(statement);
      Put(show.or_alter ? "SHOW CREATE OR ALTER " : "SHOW CREATE ");
      Put(ObjectText(show.object));
      return Put(" " + QuotePath(show.name));
    }
    case StatementKind::kDescribe: {
      const auto& describe = ast::As<ast::Describe>(statement);
      if (describe.job) return Put("DESCRIBE JOB " + QuoteString(describe.job_id));
      Put("DESCRIBE ");
      if (describe.object != ast::ObjectKind::kTable) {
        Put(ObjectText(describe.object));
        Put(" ");
      }
      if (describe.extended) Put("EXTENDED ");
      return PutPath(describe.name);
    }
    case StatementKind::kSet: {
      const auto& set = ast::As<ast::Set>(statement);
      Put("SET");
      if (set.option)
        Put(" " + QuoteString(set.option->key) + " = " + QuoteString(set.option->value));
      return;
    }
    case StatementKind::kReset: {
      const auto& reset = ast::As<ast::Reset>(statement);
      Put("RESET");
      if (reset.key) Put(" " + QuoteString(*reset.key));
      return;
    }
    case StatementKind::kJar: {
      const auto& jar = ast::As<ast::Jar>(statement);
      Put(jar.remove ? "REMOVE JAR " : "ADD JAR ");
      return PutString(jar.path);
    }
    case StatementKind::kStopJob: {
      const auto& stop = ast::As<ast::StopJob>(statement);
      Put("STOP JOB " + QuoteString(stop.job_id));
      if (stop.with_savepoint) Put(" WITH SAVEPOINT");
      if (stop.with_drain) Put(" WITH DRAIN");
      return;
    }
    case StatementKind::kSavepointJob:
      return Put("SAVEPOINT JOB " + QuoteString(ast::As<ast::SavepointJob>(statement).job_id));
    case StatementKind::kAnalyzeTable: {
      const auto& analyze = ast::As<ast::AnalyzeTable>(statement);
      Put("ANALYZE TABLE " + QuotePath(analyze.table));
      if (!analyze.partition.empty()) {
        Put(" PARTITION ");
        Partition(analyze.partition);
      }
      Put(" COMPUTE STATISTICS");
      if (analyze.all_columns) Put(" FOR ALL COLUMNS");
      for (size_t i = 0; i < analyze.columns.size(); ++i) {
        Put(i == 0 ? " FOR COLUMNS " : ", ");
        PutName(analyze.columns[i]);
      }
      return;
    }
    case StatementKind::kClientCommand:
      switch (ast::As<ast::ClientCommand>(statement).command) {
        case ast::ClientCommand::Command::kQuit: return Put("QUIT");
        case ast::ClientCommand::Command::kExit: return Put("EXIT");
        case ast::ClientCommand::Command::kClear: return Put("CLEAR");
        case ast::ClientCommand::Command::kHelp: return Put("HELP");
      }
      return;
    default: CHECK(false);  // Statement() prints all others.
  }
}

}  // namespace rhei
