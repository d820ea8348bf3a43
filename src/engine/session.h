#pragma once
// Session: a catalog, settings, and the statements executed with them; it knows no terminal. The
// CLI, the server and the C++ API are its clients.
//
//   std::unique_ptr<Session> session = Session::Make(engine, {.name = "job.sql"});
//   ASSIGN_OR_RETURN(std::unique_ptr<Operation> operation, session->Execute("SELECT 1"));
//
// Each INSERT outside a statement set is a job; jobs start in order and run together
// ('table.dml-sync' = 'true': Execute waits for each). A statement that is wrong fails before
// anything runs, with a position that counts from the start of its text.
// Ownership: the engine outlives its sessions; jobs outlive the session. Thread-safety: one thread.
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "catalog/catalog.h"
#include "engine/engine.h"
#include "engine/job.h"
#include "engine/operation.h"
#include "engine/settings.h"
#include "plan/logical/logical_node.h"
#include "plan/physical/physical_plan.h"
#include "sql/ast_statement.h"

namespace rhei {

struct BindContext;

struct SessionOptions {
  std::string name;     // of the file that is run; names its jobs
  int parallelism = 0;  // --parallelism; 0: by the settings
  // Of durable jobs (engine/job_recovery.h). The script's absolute path (empty: not from a file)
  // and how many jobs it has in all; what the command line says about old state.
  std::string script_path = {};
  int script_job_count = 0;
  std::vector<std::vector<std::string>> script_sinks = {};  // of each of them, full names
  bool fresh = false;
  bool allow_dropped_state = false;
  std::string savepoint_path = {};
  uint64_t from_epoch = 0;
  bool accept_duplicates = false;
  bool defers_finish = false;                // JobOptions
  std::shared_ptr<JobNotices> notices = {};  // hears of restarts and recoveries; null: nobody
  // False: who executes an INSERT waits for its job where 'table.dml-sync' wants it.
  bool waits_for_jobs = true;
  // Asked while Execute waits for a job ('table.dml-sync'): true stops the job. May be null.
  std::function<bool()> stop_wanted = nullptr;
};

// A job that is planned and not started.
struct PreparedJob {
  std::shared_ptr<const PhysicalPlan> plan;
  OperationKind kind = OperationKind::kInsert;
  Schema schema;            // of a query's rows
  ChangelogMode changelog;  // of a query's rows
  std::string name;
  std::vector<std::string> sinks;  // full table names
};

class Session {
 public:
  static std::unique_ptr<Session> Make(Engine* engine, SessionOptions options);
  ~Session();

  // Executes one statement (a final `;` is allowed). In a statement set opened by BEGIN STATEMENT
  // SET an INSERT is only checked and kept until END. `start`: where the text begins in the script,
  // if there is one: a failure may lie in an earlier statement of it (SqlPosition::of_script).
  Result<std::unique_ptr<Operation>> Execute(std::string_view text, SqlPosition start = {});

  // Checks a statement as Execute does and applies its definitions, but starts no job: `rhei
  // check`.
  Status Check(std::string_view text, SqlPosition start = {});
  // The plans of a query, an INSERT or a statement set; "" for other statements, which are checked
  // and applied.
  Result<std::string> ExplainText(std::string_view text, SqlPosition start = {});
  // The sinks of each job that Check has seen.
  const std::vector<std::vector<std::string>>& checked_sinks() const { return checked_sinks_; }
  // Plans a query, an INSERT or a statement set without running it.
  Result<PreparedJob> Prepare(std::string_view text);
  Result<std::shared_ptr<Job>> Start(const PreparedJob& prepared);
  // For runners of tests: the options Start would use, to be changed, and starting by them.
  JobOptions OptionsFor(const PreparedJob& prepared) const;
  Result<std::shared_ptr<Job>> Start(JobOptions options);

  // Changes the options of every job before it starts: regimes of tests.
  void AdjustJobs(std::function<void(JobOptions*)> adjust) { adjust_ = std::move(adjust); }

  Catalog& catalog() { return *catalog_; }
  Settings& settings() { return settings_; }
  Engine& engine() { return *engine_; }
  int parallelism() const;
  // Jobs of INSERTs started here, in order.
  const std::vector<std::shared_ptr<Job>>& jobs() const { return jobs_; }
  bool in_statement_set() const { return in_statement_set_; }

 private:
  Session(Engine* engine, SessionOptions options);
  Result<std::unique_ptr<Operation>> ExecuteStatement(const ast::Statement& statement,
                                                      std::string_view text);
  Result<std::unique_ptr<Operation>> ExecuteShowOf(const ast::Show& show);
  Status RefuseExtension(std::string_view name, SqlPosition position) const;
  Result<std::unique_ptr<Operation>> ExecuteSet(const ast::Set& set);
  Result<std::unique_ptr<Operation>> ExecuteExplain(const ast::Explain& explain,
                                                    std::string_view text);
  Result<std::string> ExplainSinks(const ast::Statement& statement, std::string_view text,
                                   bool with_changelog);
  Result<std::unique_ptr<Operation>> ExecuteInserts(std::vector<LogicalNodePtr> sinks);
  Result<std::unique_ptr<Operation>> ExecuteCreateTableAs(const ast::CreateTable& statement,
                                                          std::string_view text);
  BindContext ContextFor(std::string_view text) const;
  Result<std::vector<LogicalNodePtr>> BindSinks(const ast::Statement& statement,
                                                std::string_view text);
  Result<PreparedJob> PrepareSinks(const std::vector<LogicalNodePtr>& sinks, OperationKind kind);
  Status WaitForEnd(Job* job) const;
  // With a checkpoint interval: the job's directory, and from where it goes on.
  Status MakeDurable(const PreparedJob& prepared, JobOptions* options);
  // Of a file with several jobs: whether the savepoint is this one's. A failure where it is not
  // exactly one's.
  Result<bool> IsOwnSavepoint(const PreparedJob& prepared, const std::string& path) const;
  // The setting's path, which must be absolute; empty when it is not set.
  Result<std::string> PathSetting(const std::string& key) const;
  void Tell(std::string_view text) const;
  Status DescribeTableOptions(Table* table) const;
  const Table* FindSideTable(const ObjectPath& path);
  // The root of side tables' logs; empty when there are none.
  std::string SideDirectory() const;
  PlannerSettings SettingsForPlanner() const;

  Engine* engine_;
  SessionOptions options_;
  Settings settings_;
  std::unique_ptr<Catalog> catalog_;
  std::map<ObjectPath, Table> side_tables_;  // those that statements have named
  std::vector<std::shared_ptr<Job>> jobs_;
  bool in_statement_set_ = false;
  std::vector<LogicalNodePtr> statement_set_;
  bool checking_ = false;
  SqlPosition start_;  // of the statement that is executed
  std::vector<std::vector<std::string>> checked_sinks_;
  // Of the jobs that were started here (RecoveryRequest).
  std::set<std::string> job_folders_;
  std::string run_;
  std::set<std::string> continued_runs_;
  std::map<std::string, int> jobs_by_sinks_;  // started here
  std::function<void(JobOptions*)> adjust_;
};

}  // namespace rhei
