#pragma once
// Catalog: the tables, views, functions and models a session knows, by catalog.database.object.
//
// Plain data; DDL is bound by binder/ and applied here. The session owns one. Descriptions of
// connectors are put beside a table by the engine (DescribeTable hook), so that the SQL half never
// sees a connector. Thread-safety: one session thread.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "types/connector_description.h"
#include "types/data_type.h"

namespace rhei {

struct ObjectPath {
  std::string catalog;
  std::string database;
  std::string object;
  auto operator<=>(const ObjectPath&) const = default;
  std::string ToString() const;  // `cat`.`db`.`obj`
  std::string Summary() const;   // cat.db.obj
};

// A column as declared.
struct TableColumn {
  enum class Kind : uint8_t { kPhysical, kMetadata, kComputed };
  Kind kind = Kind::kPhysical;
  std::string name;
  DataType type;             // kComputed: filled in by the binder
  std::string expression;    // kComputed: SQL text as written, printed canonically
  std::string metadata_key;  // kMetadata: key; empty means the column's name
  bool is_virtual = false;   // kMetadata: not written
  std::string comment;
};

struct WatermarkDeclaration {
  std::string rowtime_column;
  std::string expression;  // SQL text
};

// Where an option was given.
struct OptionPlace {
  SqlPosition key;
  SqlPosition value;
};
using OptionPlaces = std::map<std::string, OptionPlace, std::less<>>;

struct Table {
  ObjectPath path;
  std::vector<TableColumn> columns;
  std::optional<WatermarkDeclaration> watermark;
  std::vector<std::string> primary_key;
  std::string primary_key_name;
  std::vector<std::string> partition_columns;
  std::string distribution;  // canonical text of DISTRIBUTED BY, or empty
  std::string comment;
  Options options;
  OptionPlaces option_places;  // those that are known, in the script that is run
  bool temporary = false;
  // View: the query's text; columns give its output names and types.
  bool is_view = false;
  std::string view_query;            // as written
  std::string view_expanded;         // canonical, names qualified
  ConnectorDescription description;  // empty for a view
  Status defect;  // what is wrong with the options: whoever uses the table hears of it

  int IndexOf(std::string_view name) const;  // column position or -1
};

struct ModelDeclaration {
  ObjectPath path;
  std::vector<Field> input;
  std::vector<Field> output;
  std::string comment;
  Options options;
  bool temporary = false;
};

struct FunctionDeclaration {
  ObjectPath path;
  std::string class_name;
  std::string language;
  bool temporary = false;
  bool system = false;
};

class Catalog {
 public:
  Catalog();  // holds default_catalog.default_database
  ~Catalog();

  const std::string& current_catalog() const { return current_catalog_; }
  const std::string& current_database() const { return current_database_; }
  Status UseCatalog(std::string_view name);
  Status UseDatabase(std::string_view catalog, std::string_view database);
  // One to three name parts, completed with the current catalog and database.
  ObjectPath Resolve(const std::vector<std::string>& parts) const;

  Status CreateCatalog(std::string_view name, Options options, bool if_not_exists);
  Status DropCatalog(std::string_view name, bool if_exists);
  Status CreateDatabase(std::string_view catalog, std::string_view name, std::string_view comment,
                        Options options, bool if_not_exists);
  Status DropDatabase(std::string_view catalog, std::string_view name, bool if_exists,
                      bool cascade);
  std::vector<std::string> Catalogs() const;
  Result<std::vector<std::string>> Databases(std::string_view catalog) const;
  bool HasDatabase(std::string_view catalog, std::string_view database) const;

  // Temporary tables hide permanent ones. Null when there is none.
  const Table* FindTable(const ObjectPath& path) const;
  Status AddTable(Table table, bool if_not_exists, bool replace = false);
  Status DropTable(const ObjectPath& path, bool temporary, bool view, bool if_exists);
  Status RenameTable(const ObjectPath& from, const ObjectPath& to);
  Status ReplaceTable(Table table);  // ALTER
  std::vector<const Table*> Tables(std::string_view catalog, std::string_view database) const;
  // Names like `name` in the same database, nearest first, for "did you mean".
  std::string NearestTable(const ObjectPath& path) const;

  const ModelDeclaration* FindModel(const ObjectPath& path) const;
  Status AddModel(ModelDeclaration model, bool if_not_exists);
  Status DropModel(const ObjectPath& path, bool temporary, bool if_exists);
  std::vector<const ModelDeclaration*> Models(std::string_view catalog,
                                              std::string_view database) const;

  const FunctionDeclaration* FindFunction(const ObjectPath& path) const;
  Status AddFunction(FunctionDeclaration function, bool if_not_exists);
  Status DropFunction(const ObjectPath& path, bool temporary, bool if_exists);

  // Fills in the description of a table, or its defect.
  void Describe(Table* table) const;

  // Set by the engine: fills table->description from its options, or says what is wrong with them.
  std::function<Status(Table*)> describe_table;
  // Set by the engine: tables that nobody has declared, looked for when there is no other (side
  // tables). Null, or what stays valid until the next call. May be unset.
  std::function<const Table*(const ObjectPath&)> built_in_table;

 private:
  struct Database;
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string current_catalog_ = "default_catalog";
  std::string current_database_ = "default_database";
};

}  // namespace rhei
