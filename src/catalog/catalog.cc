#include "catalog/catalog.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "base/nearest_name.h"

namespace rhei {
namespace {

std::string Quoted(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  return quoted + "`";
}

std::string Nearest(std::string_view name, const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string near = NearestName(name, views);
  // One letter for another is no misspelling.
  return near.empty() || 2 * EditDistance(name, near) > name.size() ? "" : near;
}

}  // namespace

struct Catalog::Database {
  std::string comment;
  Options options;
  std::map<std::string, Table, std::less<>> tables;
  std::map<std::string, ModelDeclaration, std::less<>> models;
  std::map<std::string, FunctionDeclaration, std::less<>> functions;
};

struct Catalog::Impl {
  struct CatalogEntry {
    Options options;
    std::map<std::string, Database, std::less<>> databases;
  };
  std::map<std::string, CatalogEntry, std::less<>> catalogs;
  std::map<ObjectPath, Table> temporary_tables;
  std::map<ObjectPath, ModelDeclaration> temporary_models;
  std::map<ObjectPath, FunctionDeclaration> temporary_functions;

  const Database* Find(std::string_view catalog, std::string_view database) const {
    const auto entry = catalogs.find(catalog);
    if (entry == catalogs.end()) return nullptr;
    const auto found = entry->second.databases.find(database);
    return found == entry->second.databases.end() ? nullptr : &found->second;
  }
  Database* Find(std::string_view catalog, std::string_view database) {
    return const_cast<Database*>(std::as_const(*this).Find(catalog, database));
  }
  Result<Database*> Get(const ObjectPath& path) {
    if (Database* database = Find(path.catalog, path.database)) return database;
    if (catalogs.find(path.catalog) == catalogs.end()) {
      return NotFound(fmt::format("Catalog {} does not exist.", path.catalog));
    }
    return NotFound(
        fmt::format("Database {} does not exist in Catalog {}.", path.database, path.catalog));
  }
};

std::string ObjectPath::ToString() const {
  return Quoted(catalog) + "." + Quoted(database) + "." + Quoted(object);
}

std::string ObjectPath::Summary() const {
  return catalog + "." + database + "." + object;
}

int Table::IndexOf(std::string_view name) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

Catalog::Catalog() : impl_(std::make_unique<Impl>()) {
  impl_->catalogs[current_catalog_].databases[current_database_];
}
Catalog::~Catalog() = default;

Status Catalog::UseCatalog(std::string_view name) {
  const auto entry = impl_->catalogs.find(name);
  if (entry == impl_->catalogs.end()) {
    return NotFound(fmt::format("A catalog with name [{}] does not exist.{}", name, [&] {
      const std::string near = Nearest(name, Catalogs());
      return near.empty() ? near : " Did you mean '" + near + "'?";
    }()));
  }
  if (current_catalog_ == name) return {};
  current_catalog_ = name;
  // A catalog other than the built-in one has a database `default`, as its connector makes it.
  current_database_ = entry->second.databases.empty() ? std::string("default")
                                                      : entry->second.databases.begin()->first;
  if (entry->second.databases.contains("default_database")) current_database_ = "default_database";
  if (entry->second.databases.contains("default")) current_database_ = "default";
  return {};
}

Status Catalog::UseDatabase(std::string_view catalog, std::string_view database) {
  const std::string in = catalog.empty() ? current_catalog_ : std::string(catalog);
  const auto entry = impl_->catalogs.find(in);
  if (entry == impl_->catalogs.end()) {
    return NotFound(fmt::format("A catalog with name [{}] does not exist.", in));
  }
  if (!entry->second.databases.contains(database)) {
    return NotFound(fmt::format("A database with name [{}] does not exist in the catalog: [{}].",
                                database, in));
  }
  current_catalog_ = in;
  current_database_ = database;
  return {};
}

ObjectPath Catalog::Resolve(const std::vector<std::string>& parts) const {
  CHECK(!parts.empty() && parts.size() <= 3);
  const size_t n = parts.size();
  return {n > 2 ? parts[n - 3] : current_catalog_, n > 1 ? parts[n - 2] : current_database_,
          parts[n - 1]};
}

Status Catalog::CreateCatalog(std::string_view name, Options options, bool if_not_exists) {
  if (impl_->catalogs.contains(name)) {
    if (if_not_exists) return {};
    return InvalidSql(fmt::format("Catalog {} already exists.", name));
  }
  Impl::CatalogEntry& entry = impl_->catalogs[std::string(name)];
  const auto database = options.find("default-database");
  entry.databases[database == options.end() ? std::string("default") : database->second];
  entry.options = std::move(options);
  return {};
}

Status Catalog::DropCatalog(std::string_view name, bool if_exists) {
  const auto entry = impl_->catalogs.find(name);
  if (entry == impl_->catalogs.end()) {
    if (if_exists) return {};
    return NotFound(fmt::format("Catalog {} does not exist.", name));
  }
  if (current_catalog_ == name) {
    return InvalidSql(fmt::format("Cannot drop a catalog which is currently in use: {}.", name));
  }
  impl_->catalogs.erase(entry);
  return {};
}

Status Catalog::CreateDatabase(std::string_view catalog, std::string_view name,
                               std::string_view comment, Options options, bool if_not_exists) {
  const std::string in = catalog.empty() ? current_catalog_ : std::string(catalog);
  const auto entry = impl_->catalogs.find(in);
  if (entry == impl_->catalogs.end()) {
    return NotFound(fmt::format("Catalog {} does not exist.", in));
  }
  if (entry->second.databases.contains(name)) {
    if (if_not_exists) return {};
    return InvalidSql(fmt::format("Database {} already exists in Catalog {}.", name, in));
  }
  Database& database = entry->second.databases[std::string(name)];
  database.comment = comment;
  database.options = std::move(options);
  return {};
}

Status Catalog::DropDatabase(std::string_view catalog, std::string_view name, bool if_exists,
                             bool cascade) {
  const std::string in = catalog.empty() ? current_catalog_ : std::string(catalog);
  const auto entry = impl_->catalogs.find(in);
  if (entry == impl_->catalogs.end() || !entry->second.databases.contains(name)) {
    if (if_exists) return {};
    return NotFound(fmt::format("Database {} does not exist in Catalog {}.", name, in));
  }
  if (in == current_catalog_ && name == current_database_) {
    return InvalidSql(fmt::format("Cannot drop a database which is currently in use: {}.", name));
  }
  const auto found = entry->second.databases.find(name);
  if (!cascade && (!found->second.tables.empty() || !found->second.functions.empty() ||
                   !found->second.models.empty())) {
    return InvalidSql(fmt::format("Database {} in catalog {} is not empty.", name, in));
  }
  entry->second.databases.erase(found);
  return {};
}

std::vector<std::string> Catalog::Catalogs() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : impl_->catalogs) names.push_back(name);
  return names;
}

Result<std::vector<std::string>> Catalog::Databases(std::string_view catalog) const {
  const std::string in = catalog.empty() ? current_catalog_ : std::string(catalog);
  const auto entry = impl_->catalogs.find(in);
  if (entry == impl_->catalogs.end()) {
    return NotFound(fmt::format("Catalog {} does not exist.", in));
  }
  std::vector<std::string> names;
  for (const auto& [name, database] : entry->second.databases) names.push_back(name);
  return names;
}

bool Catalog::HasDatabase(std::string_view catalog, std::string_view database) const {
  return impl_->Find(catalog, database) != nullptr;
}

const Table* Catalog::FindTable(const ObjectPath& path) const {
  const auto temporary = impl_->temporary_tables.find(path);
  if (temporary != impl_->temporary_tables.end()) return &temporary->second;
  const Database* database = impl_->Find(path.catalog, path.database);
  if (database == nullptr) return nullptr;
  const auto found = database->tables.find(path.object);
  if (found != database->tables.end()) return &found->second;
  return built_in_table ? built_in_table(path) : nullptr;
}

void Catalog::Describe(Table* table) const {
  table->description = {};
  table->defect = {};
  if (!table->is_view && describe_table) table->defect = describe_table(table);
}

Status Catalog::AddTable(Table table, bool if_not_exists, bool replace) {
  const bool exists = table.temporary ? impl_->temporary_tables.contains(table.path) : [&] {
    const Database* database = impl_->Find(table.path.catalog, table.path.database);
    return database != nullptr && database->tables.contains(table.path.object);
  }();
  if (exists && if_not_exists) return {};
  if (exists && !replace) {
    if (table.temporary) {
      return InvalidSql(fmt::format("Temporary table '{}' already exists", table.path.ToString()));
    }
    return InvalidSql(
        fmt::format("Could not execute Create{} in path {}: Table (or view) {}.{} already exists "
                    "in Catalog {}.",
                    table.is_view ? "View" : "Table", table.path.ToString(), table.path.database,
                    table.path.object, table.path.catalog));
  }
  Describe(&table);
  if (table.temporary) {
    ObjectPath path = table.path;
    impl_->temporary_tables.insert_or_assign(std::move(path), std::move(table));
    return {};
  }
  ASSIGN_OR_RETURN(Database * database, impl_->Get(table.path));
  std::string name = table.path.object;
  database->tables.insert_or_assign(std::move(name), std::move(table));
  return {};
}

Status Catalog::DropTable(const ObjectPath& path, bool temporary, bool view, bool if_exists) {
  const std::string_view kind = view ? "View" : "Table";
  const auto temporary_table = impl_->temporary_tables.find(path);
  const bool is_temporary =
      temporary_table != impl_->temporary_tables.end() && temporary_table->second.is_view == view;
  if (temporary) {
    if (is_temporary) {
      impl_->temporary_tables.erase(temporary_table);
      return {};
    }
    if (if_exists) return {};
    return NotFound(fmt::format("Temporary {} with identifier '{}' does not exist.",
                                view ? "view" : "table", path.Summary()));
  }
  if (is_temporary) {
    return InvalidSql(fmt::format(
        "Temporary {0} with identifier '{1}' exists. Drop it first before removing the permanent "
        "{0}.",
        view ? "view" : "table", path.ToString()));
  }
  Database* database = impl_->Find(path.catalog, path.database);
  if (database != nullptr) {
    const auto found = database->tables.find(path.object);
    if (found != database->tables.end() && found->second.is_view == view) {
      database->tables.erase(found);
      return {};
    }
  }
  if (if_exists) return {};
  const std::string near = NearestTable(path);
  return NotFound(fmt::format("{} with identifier '{}' does not exist.{}", kind, path.Summary(),
                              near.empty() ? "" : " Did you mean '" + near + "'?"));
}

Status Catalog::RenameTable(const ObjectPath& from, const ObjectPath& to) {
  ASSIGN_OR_RETURN(Database * database, impl_->Get(from));
  const auto found = database->tables.find(from.object);
  if (found == database->tables.end()) {
    return NotFound(fmt::format("Table (or view) {} does not exist.", from.Summary()));
  }
  if (to.catalog != from.catalog || to.database != from.database) {
    return InvalidSql("A table can only be renamed within its database.");
  }
  if (database->tables.contains(to.object)) {
    return InvalidSql(fmt::format("Table (or view) {}.{} already exists in Catalog {}.",
                                  to.database, to.object, to.catalog));
  }
  Table table = std::move(found->second);
  database->tables.erase(found);
  table.path = to;
  database->tables.emplace(to.object, std::move(table));
  return {};
}

Status Catalog::ReplaceTable(Table table) {
  Describe(&table);
  const auto temporary = impl_->temporary_tables.find(table.path);
  if (temporary != impl_->temporary_tables.end()) {
    temporary->second = std::move(table);
    return {};
  }
  ASSIGN_OR_RETURN(Database * database, impl_->Get(table.path));
  std::string name = table.path.object;
  database->tables.insert_or_assign(std::move(name), std::move(table));
  return {};
}

std::vector<const Table*> Catalog::Tables(std::string_view catalog,
                                          std::string_view database) const {
  std::map<std::string_view, const Table*> by_name;
  if (const Database* found = impl_->Find(catalog, database)) {
    for (const auto& [name, table] : found->tables) by_name[name] = &table;
  }
  for (const auto& [path, table] : impl_->temporary_tables) {
    if (path.catalog == catalog && path.database == database) by_name[path.object] = &table;
  }
  std::vector<const Table*> tables;
  for (const auto& [name, table] : by_name) tables.push_back(table);
  return tables;
}

std::string Catalog::NearestTable(const ObjectPath& path) const {
  std::vector<std::string> names;
  for (const Table* table : Tables(path.catalog, path.database))
    names.push_back(table->path.object);
  return Nearest(path.object, names);
}

const ModelDeclaration* Catalog::FindModel(const ObjectPath& path) const {
  const auto temporary = impl_->temporary_models.find(path);
  if (temporary != impl_->temporary_models.end()) return &temporary->second;
  const Database* database = impl_->Find(path.catalog, path.database);
  if (database == nullptr) return nullptr;
  const auto found = database->models.find(path.object);
  return found == database->models.end() ? nullptr : &found->second;
}

Status Catalog::AddModel(ModelDeclaration model, bool if_not_exists) {
  if (model.temporary) {
    if (impl_->temporary_models.contains(model.path)) {
      if (if_not_exists) return {};
      return InvalidSql(fmt::format("Temporary model '{}' already exists", model.path.ToString()));
    }
    ObjectPath path = model.path;
    impl_->temporary_models.emplace(std::move(path), std::move(model));
    return {};
  }
  ASSIGN_OR_RETURN(Database * database, impl_->Get(model.path));
  if (database->models.contains(model.path.object)) {
    if (if_not_exists) return {};
    return InvalidSql(fmt::format("Model {}.{} already exists in Catalog {}.", model.path.database,
                                  model.path.object, model.path.catalog));
  }
  std::string name = model.path.object;
  database->models.emplace(std::move(name), std::move(model));
  return {};
}

Status Catalog::DropModel(const ObjectPath& path, bool temporary, bool if_exists) {
  if (temporary ? impl_->temporary_models.erase(path) > 0 : [&] {
        Database* database = impl_->Find(path.catalog, path.database);
        return database != nullptr && database->models.erase(path.object) > 0;
      }()) {
    return {};
  }
  if (if_exists) return {};
  return NotFound(fmt::format("{} with identifier '{}' does not exist.",
                              temporary ? "Temporary model" : "Model", path.Summary()));
}

std::vector<const ModelDeclaration*> Catalog::Models(std::string_view catalog,
                                                     std::string_view database) const {
  std::map<std::string_view, const ModelDeclaration*> by_name;
  if (const Database* found = impl_->Find(catalog, database)) {
    for (const auto& [name, model] : found->models) by_name[name] = &model;
  }
  for (const auto& [path, model] : impl_->temporary_models) {
    if (path.catalog == catalog && path.database == database) by_name[path.object] = &model;
  }
  std::vector<const ModelDeclaration*> models;
  for (const auto& [name, model] : by_name) models.push_back(model);
  return models;
}

const FunctionDeclaration* Catalog::FindFunction(const ObjectPath& path) const {
  const auto temporary = impl_->temporary_functions.find(path);
  if (temporary != impl_->temporary_functions.end()) return &temporary->second;
  const Database* database = impl_->Find(path.catalog, path.database);
  if (database == nullptr) return nullptr;
  const auto found = database->functions.find(path.object);
  return found == database->functions.end() ? nullptr : &found->second;
}

Status Catalog::AddFunction(FunctionDeclaration function, bool if_not_exists) {
  if (function.temporary || function.system) {
    if (impl_->temporary_functions.contains(function.path)) {
      if (if_not_exists) return {};
      return InvalidSql(
          fmt::format("Temporary catalog function {} is already defined. Please set ignoreIfExists "
                      "to true.",
                      function.path.ToString()));
    }
    ObjectPath path = function.path;
    impl_->temporary_functions.emplace(std::move(path), std::move(function));
    return {};
  }
  ASSIGN_OR_RETURN(Database * database, impl_->Get(function.path));
  if (database->functions.contains(function.path.object)) {
    if (if_not_exists) return {};
    return InvalidSql(fmt::format("Function {}.{} already exists in Catalog {}.",
                                  function.path.database, function.path.object,
                                  function.path.catalog));
  }
  std::string name = function.path.object;
  database->functions.emplace(std::move(name), std::move(function));
  return {};
}

Status Catalog::DropFunction(const ObjectPath& path, bool temporary, bool if_exists) {
  if (temporary ? impl_->temporary_functions.erase(path) > 0 : [&] {
        Database* database = impl_->Find(path.catalog, path.database);
        return database != nullptr && database->functions.erase(path.object) > 0;
      }()) {
    return {};
  }
  if (if_exists) return {};
  return NotFound(fmt::format("Function {} does not exist in Catalog {}.",
                              path.database + "." + path.object, path.catalog));
}

}  // namespace rhei
