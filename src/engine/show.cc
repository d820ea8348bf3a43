#include "engine/show.h"

#include <algorithm>

#include <fmt/format.h>

#include "catalog/print_ddl.h"
#include "functions/registry.h"

namespace rhei {
namespace {

// LIKE with % and _, and \ as escape; ILIKE ignores case.
bool Like(std::string_view text, std::string_view pattern, bool ignore_case) {
  const auto same = [&](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return a == b || (ignore_case && lower(a) == lower(b));
  };
  size_t t = 0, p = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (escaped ? same(pattern[p + 1], text[t])
                                              : pattern[p] == '_' || same(pattern[p], text[t]))) {
      p += escaped ? 2 : 1;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

std::vector<std::string> Filtered(const ast::Show& show, std::vector<std::string> names) {
  if (show.like || show.ilike) {
    std::erase_if(names, [&](const std::string& name) {
      return Like(name, show.pattern, show.ilike) == show.not_like;
    });
  }
  std::sort(names.begin(), names.end());
  return names;
}

struct DatabaseName {
  std::string catalog;
  std::string database;
};

// FROM [catalog.]database, or the current one.
Result<DatabaseName> ScopeOf(const ast::Show& show, const Catalog& catalog) {
  DatabaseName name{catalog.current_catalog(), catalog.current_database()};
  if (show.scope.size() == 1) name.database = show.scope[0].text;
  if (show.scope.size() == 2) {
    name.catalog = show.scope[0].text;
    name.database = show.scope[1].text;
  }
  if (!catalog.HasDatabase(name.catalog, name.database)) {
    return NotFound(
        fmt::format("Database '{}' does not exist in catalog '{}'", name.database, name.catalog));
  }
  return name;
}

Result<ObjectPath> ResolveName(const ast::NamePath& path, const Catalog& catalog) {
  if (path.size() > 3) {
    return InvalidSql("Object identifier must consist of 1 to 3 parts.", path[0].position);
  }
  std::vector<std::string> parts;
  for (const ast::Name& name : path) parts.push_back(name.text);
  return catalog.Resolve(parts);
}

Result<const Table*> GetTable(const ast::NamePath& path, const Catalog& catalog) {
  ASSIGN_OR_RETURN(const ObjectPath object, ResolveName(path, catalog));
  if (const Table* table = catalog.FindTable(object); table != nullptr) return table;
  const std::string nearest = catalog.NearestTable(object);
  return NotFound(fmt::format("Table or view {} doesn't exist.{}", object.ToString(),
                              nearest.empty() ? "" : " Did you mean '" + nearest + "'?"));
}

std::string KeyOf(const Table& table, const std::string& column) {
  const std::vector<std::string>& key = table.primary_key;
  if (std::find(key.begin(), key.end(), column) == key.end()) return "";
  return fmt::format("PRI({})", fmt::join(key, ", "));
}

std::string ExtrasOf(const TableColumn& column) {
  switch (column.kind) {
    case TableColumn::Kind::kPhysical: return "";
    case TableColumn::Kind::kComputed: return "AS " + column.expression;
    case TableColumn::Kind::kMetadata: break;
  }
  std::string text = "METADATA";
  if (!column.metadata_key.empty()) text += " FROM '" + column.metadata_key + "'";
  if (column.is_virtual) text += " VIRTUAL";
  return text;
}

Value TextOrNull(std::string text) {
  return text.empty() ? Value::Null() : Value::Text(std::move(text));
}

}  // namespace

std::unique_ptr<Operation> DescribeTable(const Table& table, OperationKind kind) {
  const bool has_comments = std::any_of(table.columns.begin(), table.columns.end(),
                                        [](const TableColumn& c) { return !c.comment.empty(); });
  Schema schema;
  for (std::string_view name : {"name", "type", "null", "key", "extras", "watermark"}) {
    schema.fields.push_back(
        {std::string(name), name == "null" ? DataType::Boolean() : DataType::String(), ""});
  }
  if (has_comments) schema.fields.push_back({"comment", DataType::String(), ""});
  std::vector<std::vector<Value>> rows;
  for (const TableColumn& column : table.columns) {
    std::string type = column.type.WithNullable(true).ToString();
    const bool rowtime =
        table.watermark.has_value() && table.watermark->rowtime_column == column.name;
    if (rowtime || column.type.is_rowtime()) type += " *ROWTIME*";
    if (column.type.is_proctime()) type += " *PROCTIME*";
    std::vector<Value> row = {Value::Text(column.name),
                              Value::Text(type),
                              Value::Bool(column.type.nullable()),
                              TextOrNull(KeyOf(table, column.name)),
                              TextOrNull(ExtrasOf(column)),
                              TextOrNull(rowtime ? table.watermark->expression : "")};
    if (has_comments) row.push_back(TextOrNull(column.comment));
    rows.push_back(std::move(row));
  }
  return MakeTableResult(kind, std::move(schema), std::move(rows));
}

Result<std::unique_ptr<Operation>> ExecuteShow(const ast::Show& show, const Catalog& catalog) {
  constexpr OperationKind kKind = OperationKind::kShow;
  switch (show.show) {
    case ast::ShowKind::kCatalogs:
      return MakeListResult(kKind, "catalog name", Filtered(show, catalog.Catalogs()));
    case ast::ShowKind::kCurrentCatalog:
      return MakeListResult(kKind, "current catalog name", {catalog.current_catalog()});
    case ast::ShowKind::kCurrentDatabase:
      return MakeListResult(kKind, "current database name", {catalog.current_database()});
    case ast::ShowKind::kDatabases: {
      const std::string name = show.scope.empty() ? catalog.current_catalog() : show.scope[0].text;
      ASSIGN_OR_RETURN(std::vector<std::string> databases, catalog.Databases(name));
      return MakeListResult(kKind, "database name", Filtered(show, std::move(databases)));
    }
    case ast::ShowKind::kTables:
    case ast::ShowKind::kViews: {
      ASSIGN_OR_RETURN(const DatabaseName scope, ScopeOf(show, catalog));
      std::vector<std::string> names;
      for (const Table* table : catalog.Tables(scope.catalog, scope.database)) {
        if (show.show == ast::ShowKind::kTables || table->is_view) {
          names.push_back(table->path.object);
        }
      }
      return MakeListResult(kKind, show.show == ast::ShowKind::kTables ? "table name" : "view name",
                            Filtered(show, std::move(names)));
    }
    case ast::ShowKind::kFunctions: {
      std::vector<std::string> names;
      for (const FunctionDef* def : AllFunctions()) names.emplace_back(def->name);
      for (const AggregateDef* def : AllAggregates()) names.emplace_back(def->name);
      for (std::string& name : names) {
        for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      }
      return MakeListResult(kKind, "function name", Filtered(show, std::move(names)));
    }
    case ast::ShowKind::kUserFunctions: return MakeListResult(kKind, "function name", {});
    case ast::ShowKind::kModels: {
      ASSIGN_OR_RETURN(const DatabaseName scope, ScopeOf(show, catalog));
      std::vector<std::string> names;
      for (const ModelDeclaration* model : catalog.Models(scope.catalog, scope.database)) {
        names.push_back(model->path.object);
      }
      return MakeListResult(kKind, "model name", Filtered(show, std::move(names)));
    }
    case ast::ShowKind::kColumns: {
      ASSIGN_OR_RETURN(const Table* table, GetTable(show.scope, catalog));
      Table kept = *table;
      if (show.like || show.ilike) {
        std::erase_if(kept.columns, [&](const TableColumn& column) {
          return Like(column.name, show.pattern, show.ilike) == show.not_like;
        });
      }
      return DescribeTable(kept, kKind);
    }
    case ast::ShowKind::kModules: return MakeListResult(kKind, "module name", {"core"});
    case ast::ShowKind::kFullModules:
      return MakeTableResult(
          kKind,
          Schema{{{"module name", DataType::String(), ""}, {"used", DataType::Boolean(), ""}}},
          {{Value::Text("core"), Value::Bool(true)}});
    case ast::ShowKind::kJars: return MakeListResult(kKind, "jars", {});
    case ast::ShowKind::kMaterializedTables:
      return Unsupported("SHOW MATERIALIZED TABLES is not supported yet", show.position);
    case ast::ShowKind::kProcedures:
      return Unsupported("SHOW PROCEDURES is not supported yet", show.position);
    case ast::ShowKind::kConnections:
      return Unsupported("SHOW CONNECTIONS is not supported yet", show.position);
    case ast::ShowKind::kPartitions:
      return Unsupported("SHOW PARTITIONS is not supported yet", show.position);
    case ast::ShowKind::kJobs:
    case ast::ShowKind::kCheckpoints:
    case ast::ShowKind::kState: break;  // engine/job_statements.h
  }
  return Unsupported("this SHOW is not supported yet", show.position);
}

Result<std::unique_ptr<Operation>> ExecuteShowCreate(const ast::ShowCreate& show,
                                                     const Catalog& catalog) {
  constexpr OperationKind kKind = OperationKind::kShow;
  switch (show.object) {
    case ast::ObjectKind::kTable:
    case ast::ObjectKind::kView: {
      ASSIGN_OR_RETURN(const Table* table, GetTable(show.name, catalog));
      const bool wants_view = show.object == ast::ObjectKind::kView;
      if (table->is_view != wants_view) {
        return InvalidSql(fmt::format("SHOW CREATE {} is only supported for {}s, but {} is a {}. "
                                      "Please use SHOW CREATE {} instead.",
                                      wants_view ? "VIEW" : "TABLE", wants_view ? "view" : "table",
                                      table->path.ToString(), wants_view ? "table" : "view",
                                      wants_view ? "TABLE" : "VIEW"),
                          show.position);
      }
      return MakeListResult(kKind, "result", {PrintCreateTable(*table)});
    }
    case ast::ObjectKind::kModel: {
      ASSIGN_OR_RETURN(const ObjectPath path, ResolveName(show.name, catalog));
      const ModelDeclaration* model = catalog.FindModel(path);
      if (model == nullptr) {
        return NotFound(fmt::format("Model {} doesn't exist.", path.ToString()));
      }
      return MakeListResult(kKind, "result", {PrintCreateModel(*model)});
    }
    case ast::ObjectKind::kCatalog:
    case ast::ObjectKind::kDatabase:
    case ast::ObjectKind::kMaterializedTable:
    case ast::ObjectKind::kFunction:
    case ast::ObjectKind::kConnection: break;
  }
  return Unsupported("this SHOW CREATE is not supported yet", show.position);
}

Result<std::unique_ptr<Operation>> ExecuteDescribe(const ast::Describe& describe,
                                                   const Catalog& catalog) {
  if (describe.object != ast::ObjectKind::kTable) {
    return Unsupported("DESCRIBE of anything but a table or view is not supported yet",
                       describe.position);
  }
  ASSIGN_OR_RETURN(const Table* table, GetTable(describe.name, catalog));
  return DescribeTable(*table, OperationKind::kDescribe);
}

}  // namespace rhei
