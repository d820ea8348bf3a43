// Statements that only change the catalog: CREATE, ALTER, DROP, USE; and modules, of which there is
// one.
#include <fmt/format.h>

#include "binder/binder.h"
#include "binder/table_definition.h"
#include "binder/type_binder.h"

namespace rhei {
namespace {

Options OptionsOf(const std::vector<ast::Option>& list) {
  Options options;
  for (const ast::Option& option : list) options[option.key] = option.value;
  return options;
}

struct DatabasePath {
  std::string catalog;
  std::string database;
};

Result<DatabasePath> ResolveDatabase(const BindContext& context, const ast::NamePath& name) {
  if (name.size() > 2) {
    return InvalidSql(fmt::format("Invalid database name '{}'", ast::JoinPath(name)),
                      name[0].position);
  }
  if (name.size() == 1) return DatabasePath{context.catalog->current_catalog(), name[0].text};
  return DatabasePath{name[0].text, name[1].text};
}

Status ApplyCreateTable(const ast::CreateTable& statement, const BindContext& context) {
  ASSIGN_OR_RETURN(Table table, BindCreateTable(statement, context));
  return context.catalog->AddTable(std::move(table), statement.if_not_exists, statement.replace);
}

Status ApplyAlterTable(const ast::AlterTable& statement, const BindContext& context) {
  ASSIGN_OR_RETURN(ObjectPath path, ResolvePath(context, statement.name));
  const Table* table = context.catalog->FindTable(path);
  if (table == nullptr || table->is_view) {
    if (statement.if_exists && table == nullptr) return {};
    if (table != nullptr) {
      return InvalidSql(fmt::format("ALTER TABLE for a view is not allowed: {}", path.ToString()),
                        statement.name.back().position);
    }
    return InvalidSql(
        fmt::format("Table {} doesn't exist or is a temporary table.", path.ToString()),
        statement.name.back().position);
  }
  if (statement.spec.action == ast::AlterTableAction::kRename) {
    ASSIGN_OR_RETURN(ObjectPath to, ResolvePath(context, statement.spec.new_name));
    return context.catalog->RenameTable(path, to);
  }
  ASSIGN_OR_RETURN(Table changed, BindAlterTable(statement, *table, context));
  return context.catalog->ReplaceTable(std::move(changed));
}

Status ApplyAlterView(const ast::AlterView& statement, const BindContext& context) {
  ASSIGN_OR_RETURN(ObjectPath path, ResolvePath(context, statement.name));
  const Table* view = context.catalog->FindTable(path);
  if (view == nullptr || !view->is_view) {
    return InvalidSql(fmt::format("View {} does not exist or is not a view.", path.ToString()),
                      statement.name.back().position);
  }
  if (!statement.new_name.empty()) {
    ASSIGN_OR_RETURN(ObjectPath to, ResolvePath(context, statement.new_name));
    return context.catalog->RenameTable(path, to);
  }
  ASSIGN_OR_RETURN(Table changed, RebindView(*view, *statement.query, context));
  return context.catalog->ReplaceTable(std::move(changed));
}

Status ApplyCreateModel(const ast::CreateModel& statement, const BindContext& context) {
  if (statement.query != nullptr) {
    return Unsupported("CREATE MODEL AS is not supported yet", statement.position);
  }
  ModelDeclaration model;
  ASSIGN_OR_RETURN(model.path, ResolvePath(context, statement.name));
  for (const auto& [from, to] :
       {std::pair(&statement.input, &model.input), std::pair(&statement.output, &model.output)}) {
    for (const ast::ModelColumn& column : *from) {
      ASSIGN_OR_RETURN(DataType type, BindType(*column.type));
      to->push_back({column.name.text, std::move(type), column.comment.value_or("")});
    }
  }
  model.comment = statement.comment.value_or("");
  model.options = OptionsOf(statement.options);
  model.temporary = statement.temporary;
  return context.catalog->AddModel(std::move(model), statement.if_not_exists);
}

Status ApplyCreateFunction(const ast::CreateFunction& statement, const BindContext& context) {
  FunctionDeclaration function;
  ASSIGN_OR_RETURN(function.path, ResolvePath(context, statement.name));
  function.class_name = statement.class_name;
  function.language = statement.language;
  function.temporary = statement.temporary;
  function.system = statement.system;
  return context.catalog->AddFunction(std::move(function), statement.if_not_exists);
}

Status ApplyDrop(const ast::Drop& statement, const BindContext& context) {
  Catalog& catalog = *context.catalog;
  switch (statement.object) {
    case ast::ObjectKind::kCatalog:
      return catalog.DropCatalog(statement.name[0].text, statement.if_exists);
    case ast::ObjectKind::kDatabase: {
      ASSIGN_OR_RETURN(DatabasePath path, ResolveDatabase(context, statement.name));
      return catalog.DropDatabase(path.catalog, path.database, statement.if_exists,
                                  statement.behavior == ast::DropBehavior::kCascade);
    }
    case ast::ObjectKind::kTable:
    case ast::ObjectKind::kView: {
      ASSIGN_OR_RETURN(ObjectPath path, ResolvePath(context, statement.name));
      return catalog.DropTable(path, statement.temporary,
                               statement.object == ast::ObjectKind::kView, statement.if_exists);
    }
    case ast::ObjectKind::kFunction: {
      ASSIGN_OR_RETURN(ObjectPath path, ResolvePath(context, statement.name));
      return catalog.DropFunction(path, statement.temporary || statement.system,
                                  statement.if_exists);
    }
    case ast::ObjectKind::kModel: {
      ASSIGN_OR_RETURN(ObjectPath path, ResolvePath(context, statement.name));
      return catalog.DropModel(path, statement.temporary, statement.if_exists);
    }
    case ast::ObjectKind::kMaterializedTable:
      return Unsupported("Materialized tables are not supported yet", statement.position);
    case ast::ObjectKind::kConnection:
      return Unsupported("Connections are not supported yet", statement.position);
  }
  return {};
}

// The one module, which is always loaded.
constexpr std::string_view kCoreModule = "core";

Status NoSuchModule(const ast::Name& name) {
  return InvalidSql(fmt::format("No module with name '{}' exists", name.text), name.position);
}

Status ApplyUseModules(const std::vector<ast::Name>& modules) {
  for (const ast::Name& name : modules) {
    if (name.text != kCoreModule) return NoSuchModule(name);
    if (&name != modules.data()) {
      return InvalidSql(fmt::format("Module '{}' appears more than once", name.text),
                        name.position);
    }
  }
  return {};
}

Status ApplyLoadModule(const ast::LoadModule& statement) {
  const ast::Name& name = statement.name;
  if (name.text == kCoreModule) {
    return InvalidSql(fmt::format("A module with name '{}' already exists", name.text),
                      name.position);
  }
  return InvalidSql(fmt::format("Could not find any factory for identifier '{}' that makes a "
                                "module: '{}' is the only one",
                                name.text, kCoreModule),
                    name.position);
}

Status ApplyUnloadModule(const ast::UnloadModule& statement) {
  if (statement.name.text != kCoreModule) return NoSuchModule(statement.name);
  return Unsupported("UNLOAD MODULE core is not supported yet", statement.position);
}

Status ApplyUse(const ast::Use& statement, const BindContext& context) {
  switch (statement.target) {
    case ast::Use::Target::kCatalog: return context.catalog->UseCatalog(statement.name[0].text);
    case ast::Use::Target::kDatabase: {
      ASSIGN_OR_RETURN(DatabasePath path, ResolveDatabase(context, statement.name));
      return context.catalog->UseDatabase(path.catalog, path.database);
    }
    case ast::Use::Target::kModules: return ApplyUseModules(statement.modules);
  }
  return {};
}

Status Apply(const ast::Statement& statement, const BindContext& context) {
  Catalog& catalog = *context.catalog;
  switch (statement.kind) {
    case ast::StatementKind::kCreateTable:
      return ApplyCreateTable(ast::As<ast::CreateTable>(statement), context);
    case ast::StatementKind::kCreateView: {
      const auto& create = ast::As<ast::CreateView>(statement);
      ASSIGN_OR_RETURN(Table view, BindCreateView(create, context));
      return catalog.AddTable(std::move(view), create.if_not_exists, create.or_replace);
    }
    case ast::StatementKind::kCreateCatalog: {
      const auto& create = ast::As<ast::CreateCatalog>(statement);
      return catalog.CreateCatalog(create.name.text, OptionsOf(create.options),
                                   create.if_not_exists);
    }
    case ast::StatementKind::kCreateDatabase: {
      const auto& create = ast::As<ast::CreateDatabase>(statement);
      ASSIGN_OR_RETURN(DatabasePath path, ResolveDatabase(context, create.name));
      return catalog.CreateDatabase(path.catalog, path.database, create.comment.value_or(""),
                                    OptionsOf(create.options), create.if_not_exists);
    }
    case ast::StatementKind::kCreateFunction:
      return ApplyCreateFunction(ast::As<ast::CreateFunction>(statement), context);
    case ast::StatementKind::kCreateModel:
      return ApplyCreateModel(ast::As<ast::CreateModel>(statement), context);
    case ast::StatementKind::kAlterTable:
      return ApplyAlterTable(ast::As<ast::AlterTable>(statement), context);
    case ast::StatementKind::kAlterView:
      return ApplyAlterView(ast::As<ast::AlterView>(statement), context);
    case ast::StatementKind::kDrop: return ApplyDrop(ast::As<ast::Drop>(statement), context);
    case ast::StatementKind::kUse: return ApplyUse(ast::As<ast::Use>(statement), context);
    case ast::StatementKind::kLoadModule:
      return ApplyLoadModule(ast::As<ast::LoadModule>(statement));
    case ast::StatementKind::kUnloadModule:
      return ApplyUnloadModule(ast::As<ast::UnloadModule>(statement));
    case ast::StatementKind::kCreateMaterializedTable:
    case ast::StatementKind::kAlterMaterializedTable:
      return Unsupported("Materialized tables are not supported yet", statement.position);
    case ast::StatementKind::kCreateConnection:
      return Unsupported("Connections are not supported yet", statement.position);
    case ast::StatementKind::kAlterObject:
      return Unsupported("ALTER CATALOG, DATABASE, MODEL and CONNECTION are not supported yet",
                         statement.position);
    case ast::StatementKind::kAlterFunction:
      return Unsupported("ALTER FUNCTION is not supported yet", statement.position);
    default: return Unsupported("This statement does not define anything", statement.position);
  }
}

}  // namespace

Status ApplyDefinition(const ast::Statement& statement, const BindContext& context) {
  return Apply(statement, context).At(statement.position);
}

}  // namespace rhei
