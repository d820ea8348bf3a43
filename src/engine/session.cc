#include "engine/session.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/nearest_name.h"
#include "binder/binder.h"
#include "checkpoint/savepoint.h"
#include "engine/job_recovery.h"
#include "engine/job_statements.h"
#include "engine/query_operation.h"
#include "engine/secrets.h"
#include "engine/show.h"
#include "expr/program.h"
#include "plan/logical/print.h"
#include "planner/describe.h"
#include "planner/explain_state.h"
#include "planner/planner.h"
#include "sql/parser.h"
#include "types/side_tables.h"

namespace rhei {
namespace {

// Without a setting sinks still flush and files still appear.
constexpr int64_t kDefaultBarrierIntervalMillis = 5000;

constexpr std::string_view kOnlyInserts =
    "Only 'INSERT/CREATE TABLE AS' statement is allowed in Statement Set or use 'END' statement to "
    "submit Statement Set.";

std::string SinkName(const LogicalNodePtr& sink) {
  return static_cast<const LogicalSink&>(*sink).table;
}

// Words of SHOW, DESCRIBE and so on do not read data; these define objects.
OperationKind DefinitionKind(ast::StatementKind kind) {
  return kind == ast::StatementKind::kUse ? OperationKind::kUse : OperationKind::kDdl;
}

}  // namespace

std::unique_ptr<Session> Session::Make(Engine* engine, SessionOptions options) {
  return std::unique_ptr<Session>(new Session(engine, std::move(options)));
}

Session::Session(Engine* engine, SessionOptions options)
    : engine_(engine), options_(std::move(options)), catalog_(std::make_unique<Catalog>()) {
  catalog_->describe_table = [this](Table* table) { return DescribeTableOptions(table); };
  catalog_->built_in_table = [this](const ObjectPath& path) { return FindSideTable(path); };
}

Session::~Session() = default;

int Session::parallelism() const {
  return options_.parallelism > 0 ? options_.parallelism : settings_.Parallelism(engine_->cores());
}

Status Session::DescribeTableOptions(Table* table) const {
  if (table->is_view) return {};
  for (const auto& [key, value] : table->options) {
    if (!settings_.flink_dialect() || !key.starts_with("rhei.")) continue;
    return InvalidArgument(
        fmt::format("Unsupported options found for '{}'.\n\nUnsupported "
                    "options:\n\n{}",
                    table->path.ToString(), key));
  }
  ASSIGN_OR_RETURN(const ConnectorFactory* factory, engine_->connectors().Get(table->options));
  Schema schema;
  for (const TableColumn& column : table->columns) {
    if (column.kind == TableColumn::Kind::kPhysical) {
      schema.fields.push_back({column.name, column.type, column.comment});
    }
  }
  Result<ConnectorDescription> description = factory->Describe(table->options, schema);
  if (!description.ok()) {
    return std::move(description).status().WithContext("table " + table->path.ToString());
  }
  table->description = std::move(description).value();
  if (factory->has_format()) table->description.partition_columns = table->partition_columns;
  if (!table->primary_key.empty() && !table->description.can_sink && !table->description.can_scan) {
    return InvalidArgument("connector cannot be read or written");
  }
  return {};
}

std::string Session::SideDirectory() const {
  if (settings_.flink_dialect() || engine_->state_directory().empty()) return "";
  return engine_->state_directory() + "/side";
}

PlannerSettings Session::SettingsForPlanner() const {
  PlannerSettings settings = settings_.ForPlanner();
  settings.side_directory = SideDirectory();
  return settings;
}

const Table* Session::FindSideTable(const ObjectPath& path) {
  const std::string directory = SideDirectory();
  ObjectPath base = path;
  SideTable side;
  if (directory.empty() || !ParseSideTableName(path.object, &base.object, &side)) return nullptr;
  const Table* table = catalog_->FindTable(base);
  if (table == nullptr || table->is_view) return nullptr;
  Table log;
  log.path = path;
  for (Field& field : SideTableSchema(side).fields) {
    TableColumn column;
    column.name = std::move(field.name);
    column.type = field.type;
    log.columns.push_back(std::move(column));
  }
  log.options = {{"connector", std::string(kSideLogConnector)},
                 {"path", SideTableDirectory(directory, base.Summary(), side)}};
  if (!DescribeTableOptions(&log).ok()) return nullptr;
  return &side_tables_.insert_or_assign(path, std::move(log)).first->second;
}

BindContext Session::ContextFor(std::string_view text) const {
  BindContext context;
  context.catalog = catalog_.get();
  context.settings = settings_.ForFunctions();
  context.settings.current_catalog = catalog_->current_catalog();
  context.settings.current_database = catalog_->current_database();
  context.flink_dialect = settings_.flink_dialect();
  context.text = text;
  context.start = start_;
  context.fold = &EvaluateConstant;
  return context;
}

Result<std::unique_ptr<Operation>> Session::Execute(std::string_view text, SqlPosition start) {
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(text));
  start_ = start;
  return ExecuteStatement(*statement, text);
}

Status Session::Check(std::string_view text, SqlPosition start) {
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(text));
  start_ = start;
  checking_ = true;
  const Status status = ExecuteStatement(*statement, text).status();
  checking_ = false;
  return status;
}

Result<std::unique_ptr<Operation>> Session::ExecuteStatement(const ast::Statement& statement,
                                                             std::string_view text) {
  using Kind = ast::StatementKind;
  const bool creates_as =
      statement.kind == Kind::kCreateTable && ast::As<ast::CreateTable>(statement).query != nullptr;
  const bool insert = statement.kind == Kind::kInsert || statement.kind == Kind::kEnd || creates_as;
  if (in_statement_set_ && !insert) return InvalidSql(kOnlyInserts, statement.position);
  const BindContext context = ContextFor(text);
  if (creates_as) return ExecuteCreateTableAs(ast::As<ast::CreateTable>(statement), text);
  if (ast::IsDefinition(statement.kind)) {
    RETURN_IF_ERROR(ApplyDefinition(statement, context));
    return MakeOk(DefinitionKind(statement.kind));
  }
  switch (statement.kind) {
    case Kind::kQuery: {
      ASSIGN_OR_RETURN(LogicalNodePtr sink,
                       BindCollect(*ast::As<ast::QueryStatement>(statement).query, context));
      ASSIGN_OR_RETURN(const PreparedJob prepared,
                       PrepareSinks({std::move(sink)}, OperationKind::kQuery));
      if (checking_) return MakeOk(OperationKind::kQuery);
      ASSIGN_OR_RETURN(std::shared_ptr<Job> job, Start(prepared));
      return MakeQueryOperation(std::move(job), prepared.schema, prepared.changelog.insert_only());
    }
    case Kind::kInsert: {
      ASSIGN_OR_RETURN(LogicalNodePtr sink, BindInsert(ast::As<ast::Insert>(statement), context));
      if (in_statement_set_) {
        statement_set_.push_back(std::move(sink));
        return MakeOk(OperationKind::kInsert);
      }
      return ExecuteInserts({std::move(sink)});
    }
    case Kind::kStatementSet: {
      ASSIGN_OR_RETURN(std::vector<LogicalNodePtr> sinks, BindSinks(statement, text));
      return ExecuteInserts(std::move(sinks));
    }
    case Kind::kBeginStatementSet:
      in_statement_set_ = true;
      statement_set_.clear();
      return MakeOk(OperationKind::kBegin);
    case Kind::kEnd: {
      if (!in_statement_set_) {
        return InvalidSql(
            "No Statement Set to submit. \"END\" statement should be used after "
            "\"BEGIN STATEMENT SET\".",
            statement.position);
      }
      in_statement_set_ = false;
      if (statement_set_.empty()) {
        return InvalidSql("No statement in the Statement Set, skip submit.", statement.position);
      }
      return ExecuteInserts(std::move(statement_set_));
    }
    case Kind::kExecute: return ExecuteStatement(*ast::As<ast::Execute>(statement).statement, text);
    case Kind::kExplain: return ExecuteExplain(ast::As<ast::Explain>(statement), text);
    case Kind::kSet: return ExecuteSet(ast::As<ast::Set>(statement));
    case Kind::kReset: {
      const auto& reset = ast::As<ast::Reset>(statement);
      if (reset.key.has_value()) {
        settings_.Reset(*reset.key);
      } else {
        settings_.ResetAll();
      }
      return MakeOk(OperationKind::kReset);
    }
    case Kind::kShow: return ExecuteShowOf(ast::As<ast::Show>(statement));
    case Kind::kShowCreate:
      return ExecuteShowCreate(ast::As<ast::ShowCreate>(statement), *catalog_);
    case Kind::kDescribe: {
      const auto& describe = ast::As<ast::Describe>(statement);
      if (describe.job && !checking_) return DescribeJob(*engine_, describe.job_id);
      if (describe.job) return MakeOk(OperationKind::kDescribe);
      return ExecuteDescribe(describe, *catalog_);
    }
    case Kind::kUpdate: return Unsupported("UPDATE is not supported yet", statement.position);
    case Kind::kDelete: return Unsupported("DELETE is not supported yet", statement.position);
    case Kind::kTruncate:
      return Unsupported("TRUNCATE TABLE is not supported yet", statement.position);
    case Kind::kCallProcedure: return Unsupported("CALL is not supported yet", statement.position);
    case Kind::kExecutePlan:
    case Kind::kCompilePlan:
      return Unsupported("compiled plans are not supported yet", statement.position);
    case Kind::kJar: return Unsupported("JARs are not supported yet", statement.position);
    case Kind::kStopJob:
      if (checking_) return MakeOk(OperationKind::kOther);
      return StopJob(*engine_, settings_, ast::As<ast::StopJob>(statement));
    case Kind::kSavepointJob:
      RETURN_IF_ERROR(RefuseExtension("SAVEPOINT JOB", statement.position));
      if (checking_) return MakeOk(OperationKind::kOther);
      return SavepointJob(*engine_, settings_, ast::As<ast::SavepointJob>(statement).job_id);
    case Kind::kAnalyzeTable:
      return Unsupported("ANALYZE TABLE is not supported yet", statement.position);
    case Kind::kClientCommand:
      return InvalidSql("QUIT, EXIT, CLEAR and HELP are commands of the shell", statement.position);
    default: break;
  }
  return Unsupported("this statement is not supported yet", statement.position);
}

Status Session::RefuseExtension(std::string_view name, SqlPosition position) const {
  if (!settings_.flink_dialect()) return {};
  return InvalidSql(fmt::format("{} is an extension of Rhei, which 'rhei.sql.dialect' = "
                                "'flink-2.3' refuses",
                                name),
                    position);
}

Result<std::unique_ptr<Operation>> Session::ExecuteShowOf(const ast::Show& show) {
  switch (show.show) {
    case ast::ShowKind::kJobs: return ShowJobs(*engine_);
    case ast::ShowKind::kCheckpoints:
      RETURN_IF_ERROR(RefuseExtension("SHOW CHECKPOINTS", show.position));
      return ShowCheckpoints(*engine_, checking_ ? "" : show.job_id);
    case ast::ShowKind::kState:
      RETURN_IF_ERROR(RefuseExtension("SHOW STATE", show.position));
      return ShowState(*engine_, checking_ ? "" : show.job_id);
    default: return ExecuteShow(show, *catalog_);
  }
}

Result<std::unique_ptr<Operation>> Session::ExecuteSet(const ast::Set& set) {
  if (set.option.has_value()) {
    if (set.option->key == "rhei.memory") {
      return InvalidSql(
          "'rhei.memory' belongs to the process: give it with --memory or -D, before it starts",
          set.option->key_position);
    }
    const Status status = settings_.Set(set.option->key, set.option->value);
    if (!status.ok()) return status.At(set.option->value_position);
    return MakeOk(OperationKind::kSet);
  }
  std::vector<std::vector<Value>> rows;
  for (const auto& [key, value] : settings_.values()) {
    rows.push_back({Value::Text(key), Value::Text(value)});
  }
  return MakeTableResult(
      OperationKind::kSet,
      Schema{{{"key", DataType::String(), ""}, {"value", DataType::String(), ""}}},
      std::move(rows));
}

Result<std::vector<LogicalNodePtr>> Session::BindSinks(const ast::Statement& statement,
                                                       std::string_view text) {
  const BindContext context = ContextFor(text);
  std::vector<LogicalNodePtr> sinks;
  switch (statement.kind) {
    case ast::StatementKind::kQuery: {
      ASSIGN_OR_RETURN(LogicalNodePtr sink,
                       BindCollect(*ast::As<ast::QueryStatement>(statement).query, context));
      sinks.push_back(std::move(sink));
      return sinks;
    }
    case ast::StatementKind::kInsert: {
      ASSIGN_OR_RETURN(LogicalNodePtr sink, BindInsert(ast::As<ast::Insert>(statement), context));
      sinks.push_back(std::move(sink));
      return sinks;
    }
    case ast::StatementKind::kExecute:
      return BindSinks(*ast::As<ast::Execute>(statement).statement, text);
    case ast::StatementKind::kStatementSet: {
      for (const ast::StatementPtr& each : ast::As<ast::StatementSet>(statement).statements) {
        if (each->kind == ast::StatementKind::kCreateTable) {
          const auto& create = ast::As<ast::CreateTable>(*each);
          RETURN_IF_ERROR(ApplyDefinition(create, context));
          ASSIGN_OR_RETURN(const Table declared, BindCreateTable(create, context));
          const Table* table = catalog_->FindTable(declared.path);
          CHECK(table != nullptr);
          ASSIGN_OR_RETURN(LogicalNodePtr sink, BindCreateTableAs(create, *table, context));
          sinks.push_back(std::move(sink));
          continue;
        }
        ASSIGN_OR_RETURN(std::vector<LogicalNodePtr> bound, BindSinks(*each, text));
        sinks.insert(sinks.end(), bound.begin(), bound.end());
      }
      return sinks;
    }
    default: break;
  }
  return InvalidSql("a query, an INSERT or a statement set is expected", statement.position);
}

Result<PreparedJob> Session::Prepare(std::string_view text) {
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(text));
  ASSIGN_OR_RETURN(const std::vector<LogicalNodePtr> sinks, BindSinks(*statement, text));
  const bool query = sinks.size() == 1 && SinkName(sinks[0]).empty();
  return PrepareSinks(sinks, query ? OperationKind::kQuery : OperationKind::kInsert);
}

Result<PreparedJob> Session::PrepareSinks(const std::vector<LogicalNodePtr>& sinks,
                                          OperationKind kind) {
  ASSIGN_OR_RETURN(PhysicalPlan plan, PlanJob(sinks, SettingsForPlanner()));
  PreparedJob prepared;
  prepared.kind = kind;
  if (kind == OperationKind::kQuery) {
    const PhysicalNode& sink = plan.nodes[static_cast<size_t>(plan.sinks[0])];
    prepared.schema = sink.output;
    // In batch mode time does not flow: what was a time attribute is a plain timestamp.
    for (Field& field : prepared.schema.fields) {
      if (settings_.ForPlanner().batch_mode) {
        field.type = field.type.WithTimeAttribute(TimeAttribute::kNone);
      }
    }
    prepared.changelog = plan.nodes[static_cast<size_t>(sink.inputs[0].node)].changelog;
  }
  for (const LogicalNodePtr& sink : sinks) prepared.sinks.push_back(SinkName(sink));
  prepared.name = settings_.Get("pipeline.name");
  if (prepared.name.empty()) {
    prepared.name = kind == OperationKind::kQuery
                        ? "collect"
                        : fmt::format("insert-into_{}", fmt::join(prepared.sinks, ","));
  }
  prepared.plan = std::make_shared<const PhysicalPlan>(std::move(plan));
  return prepared;
}

JobOptions Session::OptionsFor(const PreparedJob& prepared) const {
  JobOptions options;
  options.plan = prepared.plan;
  options.name = prepared.name;
  Random& random = *engine_->env().random;
  options.id = fmt::format("{:016x}{:016x}", random.Next(), random.Next());
  options.settings = settings_.ForJob();
  options.settings.accepts_duplicates = options_.from_epoch != 0 && options_.accept_duplicates;
  options.defers_finish = options_.defers_finish;
  options.shard_count = parallelism();
  options.checkpoint_interval_micros =
      (settings_.IsSet("execution.checkpointing.interval")
           ? settings_.GetDurationMillis("execution.checkpointing.interval")
           : kDefaultBarrierIntervalMillis) *
      1000;
  options.checkpoint_timeout_micros =
      settings_.GetDurationMillis("execution.checkpointing.timeout") * 1000;
  options.checkpoint_min_pause_micros =
      settings_.GetDurationMillis("execution.checkpointing.min-pause") * 1000;
  options.tolerable_checkpoint_failures = static_cast<int>(std::clamp<int64_t>(
      settings_.GetInt("execution.checkpointing.tolerable-failed-checkpoints"), 0, INT32_MAX));
  options.restart = settings_.ForRestart();
  options.notices = options_.notices;
  options.savepoint_directory = settings_.Get("execution.checkpointing.savepoint-dir");
  options.env = &engine_->env();
  options.scheduler = engine_->scheduler();
  options.pool = engine_->pool();
  options.connectors = &engine_->connectors();
  return options;
}

Result<std::shared_ptr<Job>> Session::Start(const PreparedJob& prepared) {
  JobOptions options = OptionsFor(prepared);
  if (prepared.kind == OperationKind::kInsert) {
    RETURN_IF_ERROR(MakeDurable(prepared, &options));
  } else if (settings_.Get("restart-strategy.type").empty()) {
    // Rows that were seen cannot be taken back, so a SELECT ends with its first failure.
    options.restart = {};
  }
  ASSIGN_OR_RETURN(std::shared_ptr<Job> job, Start(std::move(options)));
  engine_->jobs().Add(job, prepared.kind == OperationKind::kInsert);
  return job;
}

void Session::Tell(std::string_view text) const {
  if (options_.notices != nullptr && !text.empty()) options_.notices->Tell(text);
}

Result<std::string> Session::PathSetting(const std::string& key) const {
  const std::string value = settings_.Get(key);
  if (value.empty()) return value;
  ASSIGN_OR_RETURN(std::string path, LocalPathOf(value));
  // Below the working directory it would be another place for each from which the file is run.
  if (path.starts_with("/")) return path;
  return InvalidArgument(fmt::format("{}: '{}' is no absolute path", key, value));
}

Result<bool> Session::IsOwnSavepoint(const PreparedJob& prepared, const std::string& path) const {
  using Sinks = std::set<std::string>;
  Result<JobDescription> job = ReadSavepointJob(engine_->env(), path);
  if (!job.ok()) return job.status().WithContext("savepoint " + path);
  const Sinks were = SinksOf(*job);
  const auto count = [&](const auto& fits) {
    return std::count_if(options_.script_sinks.begin(), options_.script_sinks.end(),
                         [&](const std::vector<std::string>& each) {
                           return fits(Sinks(each.begin(), each.end()));
                         });
  };
  const auto same = [&](const Sinks& sinks) { return sinks == were; };
  const auto more = [&](const Sinks& sinks) {
    return !were.empty() && std::includes(sinks.begin(), sinks.end(), were.begin(), were.end());
  };
  const bool any_same = count(same) > 0;
  const auto fitting = any_same ? count(same) : count(more);
  if (fitting != 1) {
    return InvalidArgument(fmt::format(
        "savepoint {} is of a job that writes {}, and {} of the file's {} jobs {}: it is not clear "
        "which should start from it",
        path, fmt::join(were, ", "), fitting == 0 ? "none" : std::to_string(fitting),
        options_.script_sinks.size(), fitting > 1 ? "do" : "does"));
  }
  const Sinks own(prepared.sinks.begin(), prepared.sinks.end());
  return any_same ? same(own) : more(own);
}

Status Session::MakeDurable(const PreparedJob& prepared, JobOptions* options) {
  const int repeated = jobs_by_sinks_[fmt::format("{}", fmt::join(prepared.sinks, ","))]++;
  RecoveryRequest request;
  request.savepoint_path = options_.savepoint_path;
  request.savepoint_wins = !options_.savepoint_path.empty();
  if (request.savepoint_path.empty()) {
    ASSIGN_OR_RETURN(request.savepoint_path, PathSetting("execution.state-recovery.path"));
  }
  if (options_.script_job_count > 1 && options_.from_epoch != 0) {
    return InvalidArgument(fmt::format(
        "--from {}: the file has {} jobs, each with checkpoints of its own; a savepoint says "
        "which of them it is of",
        options_.from_epoch, options_.script_job_count));
  }
  if (options_.script_job_count > 1 && !request.savepoint_path.empty()) {
    ASSIGN_OR_RETURN(const bool own, IsOwnSavepoint(prepared, request.savepoint_path));
    if (!own) request.savepoint_path.clear();
  }
  if (settings_.IsSet("execution.checkpointing.interval")) {
    IdentityRequest identify{.pipeline_name = settings_.Get("pipeline.name"),
                             .script_path = options_.script_path,
                             .sinks = prepared.sinks,
                             .several = options_.script_job_count > 1,
                             .repeated = repeated};
    const std::optional<JobIdentity> identity = IdentifyJob(identify);
    identify.several = !identify.several;
    if (repeated == 0) request.other_identity = IdentifyJob(identify);
    for (const std::vector<std::string>& sinks : options_.script_sinks) {
      if (sinks != prepared.sinks) request.other_jobs.emplace_back(sinks.begin(), sinks.end());
    }
    request.taken_folders = job_folders_;
    ASSIGN_OR_RETURN(std::string directory, PathSetting("execution.checkpointing.dir"));
    if (directory.empty() && !engine_->state_directory().empty()) {
      directory = engine_->state_directory() + "/jobs";
    }
    if (!identity.has_value()) {
      Tell(
          "note: this job does not resume after its end, because it comes from no file and has no "
          "name: SET 'pipeline.name' gives it one\n");
    } else if (directory.empty()) {
      return InvalidArgument(
          "a checkpoint interval needs a directory: set "
          "'execution.checkpointing.dir', HOME or XDG_STATE_HOME");
    } else {
      request.identity = *identity;
      request.directory = directory;
    }
  }
  if (request.directory.empty() && request.savepoint_path.empty()) return {};
  request.env = &engine_->env();
  request.plan = prepared.plan.get();
  request.settings = &options->settings;
  request.io = engine_->scheduler();
  request.connectors = &engine_->connectors();
  request.job_name = prepared.name;
  request.new_job_id = options->id;
  request.run = run_;
  request.continued_runs = continued_runs_;
  request.retained_count = static_cast<int>(
      std::max<int64_t>(settings_.GetInt("execution.checkpointing.num-retained"), 1));
  request.fresh = options_.fresh;
  request.allow_dropped_state =
      options_.allow_dropped_state ||
      settings_.GetBool("execution.state-recovery.ignore-unclaimed-state");
  request.from_epoch = options_.from_epoch;
  request.accept_duplicates = options_.accept_duplicates;
  ASSIGN_OR_RETURN(Recovery recovery, RecoverJob(request));
  Tell(recovery.told);
  job_folders_.insert(recovery.folder);
  if (run_.empty()) run_ = recovery.run;
  if (recovery.goes_on) continued_runs_.insert(recovery.run);
  options->id = recovery.job_id;
  options->owned_store = std::move(recovery.store);
  options->durable_store = std::move(recovery.durable);
  options->dropped_operators = std::move(recovery.dropped_operators);
  options->dropped_epoch = recovery.dropped_epoch;
  return {};
}

Result<std::shared_ptr<Job>> Session::Start(JobOptions options) {
  if (adjust_) adjust_(&options);
  ASSIGN_OR_RETURN(options.plan, ResolveSecrets(options.plan, engine_->env()));
  ASSIGN_OR_RETURN(std::unique_ptr<Job> job, Job::Make(std::move(options)));
  RETURN_IF_ERROR(job->Start());
  return std::shared_ptr<Job>(std::move(job));
}

Result<std::unique_ptr<Operation>> Session::ExecuteInserts(std::vector<LogicalNodePtr> sinks) {
  ASSIGN_OR_RETURN(const PreparedJob prepared, PrepareSinks(sinks, OperationKind::kInsert));
  if (checking_) {
    checked_sinks_.push_back(prepared.sinks);
    return MakeOk(OperationKind::kInsert);
  }
  ASSIGN_OR_RETURN(std::shared_ptr<Job> job, Start(prepared));
  jobs_.push_back(job);
  const bool waits = options_.waits_for_jobs && settings_.GetBool("table.dml-sync");
  if (waits) RETURN_IF_ERROR(WaitForEnd(job.get()));
  return MakeInsertOperation(std::move(job));
}

Status Session::WaitForEnd(Job* job) const {
  constexpr int64_t kPollMicros = 50'000;
  bool stopping = options_.stop_wanted == nullptr;
  while (!job->WaitFor(kPollMicros)) {
    if (stopping || !options_.stop_wanted()) continue;
    stopping = true;
    job->Stop();
  }
  return job->Wait();
}

Result<std::unique_ptr<Operation>> Session::ExecuteCreateTableAs(const ast::CreateTable& statement,
                                                                 std::string_view text) {
  const BindContext context = ContextFor(text);
  RETURN_IF_ERROR(ApplyDefinition(statement, context));
  ASSIGN_OR_RETURN(const Table declared, BindCreateTable(statement, context));
  const Table* table = catalog_->FindTable(declared.path);
  CHECK(table != nullptr);
  ASSIGN_OR_RETURN(LogicalNodePtr sink, BindCreateTableAs(statement, *table, context));
  if (in_statement_set_) {
    statement_set_.push_back(std::move(sink));
    return MakeOk(OperationKind::kInsert);
  }
  return ExecuteInserts({std::move(sink)});
}

Result<std::unique_ptr<Operation>> Session::ExecuteExplain(const ast::Explain& explain,
                                                           std::string_view text) {
  bool with_changelog = false;
  for (ast::ExplainDetail detail : explain.details) {
    if (detail == ast::ExplainDetail::kJsonExecutionPlan) {
      return Unsupported("EXPLAIN JSON_EXECUTION_PLAN is not supported yet", explain.position);
    }
    with_changelog |= detail == ast::ExplainDetail::kChangelogMode;
  }
  ASSIGN_OR_RETURN(const std::string result,
                   ExplainSinks(*explain.statement, text, with_changelog));
  return MakeListResult(OperationKind::kExplain, "result", {result});
}

Result<std::string> Session::ExplainText(std::string_view text, SqlPosition start) {
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(text));
  start_ = start;
  using Kind = ast::StatementKind;
  if (statement->kind == Kind::kQuery || statement->kind == Kind::kInsert ||
      statement->kind == Kind::kStatementSet) {
    return ExplainSinks(*statement, text, true);
  }
  RETURN_IF_ERROR(Check(text, start));
  return std::string();
}

Result<std::string> Session::ExplainSinks(const ast::Statement& statement, std::string_view text,
                                          bool with_changelog) {
  ASSIGN_OR_RETURN(const std::vector<LogicalNodePtr> sinks, BindSinks(statement, text));
  ASSIGN_OR_RETURN(const PhysicalPlan plan, PlanJob(sinks, SettingsForPlanner()));
  std::string result = "== Abstract Syntax Tree ==\n";
  for (const LogicalNodePtr& sink : sinks) result += PrintLogical(*sink) + "\n";
  result += "== Optimized Physical Plan ==\n" + PrintPlan(plan, with_changelog) + "\n";
  result += "== Optimized Execution Plan ==\n" + PrintPlan(plan, false);
  const std::string state = PrintState(plan);
  if (!settings_.flink_dialect() && !state.empty()) result += "\n== State ==\n" + state;
  return result;
}

}  // namespace rhei
