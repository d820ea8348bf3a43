#pragma once
// The syntax tree of SQL statements (tables and views: sql/ast_table.h). See sql/ast.h for the
// rules that all nodes follow. `range` of a Statement and of a Query gives its original text (views
// store it); the final `;` is not part of it.
#include "sql/ast_table.h"

namespace rhei::ast {

// Queries and DML.

struct QueryStatement : Statement {
  static constexpr StatementKind kKind = StatementKind::kQuery;
  QueryStatement() : Statement(kKind) {}
  QueryPtr query;
};

enum class OnConflict : uint8_t { kUnspecified, kError, kNothing, kDeduplicate };

struct Insert : Statement {
  static constexpr StatementKind kKind = StatementKind::kInsert;
  Insert() : Statement(kKind) {}
  bool overwrite = false;
  bool upsert = false;  // UPSERT INTO.
  NamePath table;
  std::vector<Hint> hints;
  PartitionSpec partition;
  std::vector<NamePath> columns;  // Empty: all columns, by position.
  QueryPtr query;
  OnConflict on_conflict = OnConflict::kUnspecified;
};

struct Update : Statement {
  static constexpr StatementKind kKind = StatementKind::kUpdate;
  Update() : Statement(kKind) {}
  NamePath table;
  std::vector<Hint> hints;
  std::optional<Name> alias;
  struct Assignment {
    NamePath column;
    ExprPtr value;
  };
  std::vector<Assignment> assignments;
  ExprPtr where;  // Or null.
};

struct Delete : Statement {
  static constexpr StatementKind kKind = StatementKind::kDelete;
  Delete() : Statement(kKind) {}
  NamePath table;
  std::vector<Hint> hints;
  std::optional<Name> alias;
  ExprPtr where;  // Or null.
};

struct TruncateTable : Statement {
  static constexpr StatementKind kKind = StatementKind::kTruncate;
  TruncateTable() : Statement(kKind) {}
  NamePath table;
};

struct CallProcedure : Statement {
  static constexpr StatementKind kKind = StatementKind::kCallProcedure;
  CallProcedure() : Statement(kKind) {}
  ExprPtr call;  // A Call of kFunction.
};

// EXECUTE STATEMENT SET BEGIN i1; i2; END, and STATEMENT SET BEGIN ... END after EXPLAIN, COMPILE.
struct StatementSet : Statement {
  static constexpr StatementKind kKind = StatementKind::kStatementSet;
  StatementSet() : Statement(kKind) {}
  bool execute = false;                  // EXECUTE was written.
  std::vector<StatementPtr> statements;  // Insert, or a CreateTable with a query.
};

// BEGIN STATEMENT SET: opens the older form, in which each statement comes alone up to END.
struct BeginStatementSet : Statement {
  static constexpr StatementKind kKind = StatementKind::kBeginStatementSet;
  BeginStatementSet() : Statement(kKind) {}
};
struct EndStatementSet : Statement {
  static constexpr StatementKind kKind = StatementKind::kEnd;
  EndStatementSet() : Statement(kKind) {}
};

// EXECUTE <select or insert>.
struct Execute : Statement {
  static constexpr StatementKind kKind = StatementKind::kExecute;
  Execute() : Statement(kKind) {}
  StatementPtr statement;
};

struct ExecutePlan : Statement {
  static constexpr StatementKind kKind = StatementKind::kExecutePlan;
  ExecutePlan() : Statement(kKind) {}
  std::string file;
};

struct CompilePlan : Statement {
  static constexpr StatementKind kKind = StatementKind::kCompilePlan;
  CompilePlan() : Statement(kKind) {}
  std::string file;
  bool if_not_exists = false;
  bool execute = false;    // COMPILE AND EXECUTE PLAN.
  StatementPtr statement;  // Insert or StatementSet.
};

enum class ExplainDetail : uint8_t {
  kEstimatedCost,
  kChangelogMode,
  kJsonExecutionPlan,
  kPlanAdvice,
};
struct Explain : Statement {
  static constexpr StatementKind kKind = StatementKind::kExplain;
  Explain() : Statement(kKind) {}
  std::vector<ExplainDetail> details;  // As written; duplicates are an error of the parser.
  bool plan_for = false;
  StatementPtr statement;
};

// Other objects.

struct CreateCatalog : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateCatalog;
  CreateCatalog() : Statement(kKind) {}
  bool if_not_exists = false;
  Name name;
  std::optional<std::string> comment;
  bool has_options = false;
  std::vector<Option> options;
};

struct CreateDatabase : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateDatabase;
  CreateDatabase() : Statement(kKind) {}
  bool if_not_exists = false;
  NamePath name;
  std::optional<std::string> comment;
  bool has_options = false;
  std::vector<Option> options;
};

struct CreateFunction : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateFunction;
  CreateFunction() : Statement(kKind) {}
  bool temporary = false;
  bool system = false;
  bool if_not_exists = false;
  NamePath name;
  std::string class_name;
  std::string language;   // "JAVA", "SCALA", "SQL", "PYTHON"; empty when not written.
  bool artifact = false;  // USING ARTIFACT rather than USING JAR.
  std::vector<std::string> jars;
  bool has_options = false;
  std::vector<Option> options;
};

struct AlterFunction : Statement {
  static constexpr StatementKind kKind = StatementKind::kAlterFunction;
  AlterFunction() : Statement(kKind) {}
  bool temporary = false;
  bool system = false;
  bool if_exists = false;
  NamePath name;
  std::string class_name;
  std::string language;
};

struct ModelColumn {
  Name name;
  TypePtr type;
  std::optional<std::string> comment;
  SqlPosition position;
};
struct CreateModel : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateModel;
  CreateModel() : Statement(kKind) {}
  bool temporary = false;
  bool if_not_exists = false;
  NamePath name;
  std::vector<ModelColumn> input;
  std::vector<ModelColumn> output;
  std::optional<std::string> comment;
  bool has_options = false;
  std::vector<Option> options;
  QueryPtr query;  // Or null.
};

struct CreateConnection : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateConnection;
  CreateConnection() : Statement(kKind) {}
  bool temporary = false;
  bool system = false;
  bool if_not_exists = false;
  NamePath name;
  std::optional<std::string> comment;
  bool has_options = false;
  std::vector<Option> options;
};

enum class ObjectKind : uint8_t {
  kCatalog,
  kDatabase,
  kTable,
  kView,
  kMaterializedTable,
  kFunction,
  kModel,
  kConnection,
};

// ALTER CATALOG, DATABASE, MODEL, CONNECTION.
struct AlterObject : Statement {
  static constexpr StatementKind kKind = StatementKind::kAlterObject;
  AlterObject() : Statement(kKind) {}
  enum class Action : uint8_t { kSet, kReset, kComment, kRename };
  ObjectKind object = ObjectKind::kCatalog;
  bool temporary = false;
  bool system = false;
  bool if_exists = false;
  NamePath name;
  Action action = Action::kSet;
  std::vector<Option> options;    // kSet.
  std::vector<std::string> keys;  // kReset.
  std::string comment;            // kComment.
  NamePath new_name;              // kRename.
};

enum class DropBehavior : uint8_t { kUnspecified, kRestrict, kCascade };
struct Drop : Statement {
  static constexpr StatementKind kKind = StatementKind::kDrop;
  Drop() : Statement(kKind) {}
  ObjectKind object = ObjectKind::kTable;
  bool temporary = false;
  bool system = false;
  bool if_exists = false;
  NamePath name;
  DropBehavior behavior = DropBehavior::kUnspecified;
};

// Session and utility statements.

struct Use : Statement {
  static constexpr StatementKind kKind = StatementKind::kUse;
  Use() : Statement(kKind) {}
  enum class Target : uint8_t { kDatabase, kCatalog, kModules };
  Target target = Target::kDatabase;
  NamePath name;              // kDatabase, kCatalog.
  std::vector<Name> modules;  // kModules.
};

struct LoadModule : Statement {
  static constexpr StatementKind kKind = StatementKind::kLoadModule;
  LoadModule() : Statement(kKind) {}
  Name name;
  bool has_options = false;
  std::vector<Option> options;
};
struct UnloadModule : Statement {
  static constexpr StatementKind kKind = StatementKind::kUnloadModule;
  UnloadModule() : Statement(kKind) {}
  Name name;
};

enum class ShowKind : uint8_t {
  kCatalogs,
  kCurrentCatalog,
  kDatabases,
  kCurrentDatabase,
  kTables,
  kViews,
  kMaterializedTables,
  kFunctions,
  kUserFunctions,
  kProcedures,
  kModels,
  kConnections,
  kColumns,
  kPartitions,
  kModules,
  kFullModules,
  kJars,
  kJobs,
  kCheckpoints,  // Rhei's; of `job_id`, or of all jobs
  kState,        // as kCheckpoints
};
struct Show : Statement {
  static constexpr StatementKind kKind = StatementKind::kShow;
  Show() : Statement(kKind) {}
  ShowKind show = ShowKind::kTables;
  bool in = false;     // IN rather than FROM.
  NamePath scope;      // After FROM, IN; the table of kColumns and kPartitions. Or empty.
  bool like = false;   // With `pattern`.
  bool ilike = false;  // ILIKE rather than LIKE.
  bool not_like = false;
  std::string pattern;
  PartitionSpec partition;  // kPartitions.
  std::string job_id;       // FOR JOB 'id' of kCheckpoints and kState; or empty
};

struct ShowCreate : Statement {
  static constexpr StatementKind kKind = StatementKind::kShowCreate;
  ShowCreate() : Statement(kKind) {}
  ObjectKind object = ObjectKind::kTable;
  bool or_alter = false;  // SHOW CREATE OR ALTER MATERIALIZED TABLE.
  NamePath name;
};

struct Describe : Statement {
  static constexpr StatementKind kKind = StatementKind::kDescribe;
  Describe() : Statement(kKind) {}
  ObjectKind object = ObjectKind::kTable;
  bool job = false;  // DESCRIBE JOB 'id': `job_id` instead of object and name.
  bool extended = false;
  NamePath name;
  std::string job_id;
};

struct Set : Statement {
  static constexpr StatementKind kKind = StatementKind::kSet;
  Set() : Statement(kKind) {}
  std::optional<Option> option;  // None: list all.
};
struct Reset : Statement {
  static constexpr StatementKind kKind = StatementKind::kReset;
  Reset() : Statement(kKind) {}
  std::optional<std::string> key;  // None: all.
};

struct Jar : Statement {
  static constexpr StatementKind kKind = StatementKind::kJar;
  Jar() : Statement(kKind) {}
  bool remove = false;  // Else ADD JAR.
  std::string path;
};

struct StopJob : Statement {
  static constexpr StatementKind kKind = StatementKind::kStopJob;
  StopJob() : Statement(kKind) {}
  std::string job_id;
  bool with_savepoint = false;
  bool with_drain = false;
};

struct SavepointJob : Statement {  // Rhei's
  static constexpr StatementKind kKind = StatementKind::kSavepointJob;
  SavepointJob() : Statement(kKind) {}
  std::string job_id;
};

struct AnalyzeTable : Statement {
  static constexpr StatementKind kKind = StatementKind::kAnalyzeTable;
  AnalyzeTable() : Statement(kKind) {}
  NamePath table;
  PartitionSpec partition;
  std::vector<Name> columns;
  bool all_columns = false;
};

// What only a shell understands: QUIT, EXIT, CLEAR, HELP.
struct ClientCommand : Statement {
  static constexpr StatementKind kKind = StatementKind::kClientCommand;
  ClientCommand() : Statement(kKind) {}
  enum class Command : uint8_t { kQuit, kExit, kClear, kHelp };
  Command command = Command::kQuit;
};

}  // namespace rhei::ast
