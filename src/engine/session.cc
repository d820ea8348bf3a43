#include "engine/session.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/nearest_name.h"
#include "binder/binder.h"
#include "engine/query_operation.h"
#include "engine/secrets.h"
#include "engine/show.h"
#include "expr/program.h"
#include "plan/logical/print.h"
#include "planner/describe.h"
#include "planner/planner.h"
#include "sql/parser.h"

namespace rhei {
namespace {

// Without a setting sinks still flush and files still appear.
constexpr int64_t kDefaultBarrierIntervalMillis = 5000;

constexpr std::string_view kOnlyInserts =
    "Only 'INSERT/CREATE TABLE AS' statement is allowed in Statement Set or use 'END' statement to "
    "submit Statement Set.";

BindContext MakeBindContext(Catalog* catalog, const Settings& settings, std::string_view text) {
  BindContext context;
  context.catalog = catalog;
  context.settings = settings.ForFunctions();
  context.settings.current_catalog = catalog->current_catalog();
  context.settings.current_database = catalog->current_database();
  context.flink_dialect = settings.flink_dialect();
  context.text = text;
  context.fold = &EvaluateConstant;
  return context;
}

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
}

Session::~Session() = default;

int Session::parallelism() const {
  return options_.parallelism > 0 ? options_.parallelism : settings_.Parallelism(engine_->cores());
}

Status Session::DescribeTableOptions(Table* table) const {
  if (table->is_view) return {};
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

Result<std::unique_ptr<Operation>> Session::Execute(std::string_view text) {
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(text));
  return ExecuteStatement(*statement, text);
}

Status Session::Check(std::string_view text) {
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(text));
  checking_ = true;
  const Status status = ExecuteStatement(*statement, text).status();
  checking_ = false;
  return status;
}

Result<std::unique_ptr<Operation>> Session::ExecuteStatement(const ast::Statement& statement,
                                                             std::string_view text) {
  using Kind = ast::StatementKind;
  const bool insert = statement.kind == Kind::kInsert || statement.kind == Kind::kEnd ||
                      (statement.kind == Kind::kCreateTable &&
                       ast::As<ast::CreateTable>(statement).query != nullptr);
  if (in_statement_set_ && !insert) return InvalidSql(kOnlyInserts, statement.position);
  const BindContext context = MakeBindContext(catalog_.get(), settings_, text);
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
    case Kind::kShow: return ExecuteShow(ast::As<ast::Show>(statement), *catalog_);
    case Kind::kShowCreate:
      return ExecuteShowCreate(ast::As<ast::ShowCreate>(statement), *catalog_);
    case Kind::kDescribe: return ExecuteDescribe(ast::As<ast::Describe>(statement), *catalog_);
    case Kind::kCreateTable: {
      const auto& create = ast::As<ast::CreateTable>(statement);
      if (create.query != nullptr) return ExecuteCreateTableAs(create, text);
      break;
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
    case Kind::kStopJob: return Unsupported("STOP JOB is not supported yet", statement.position);
    case Kind::kAnalyzeTable:
      return Unsupported("ANALYZE TABLE is not supported yet", statement.position);
    case Kind::kClientCommand:
      return InvalidSql("QUIT, EXIT, CLEAR and HELP are commands of the shell", statement.position);
    case Kind::kCreateView:
    case Kind::kCreateMaterializedTable:
    case Kind::kCreateCatalog:
    case Kind::kCreateDatabase:
    case Kind::kCreateFunction:
    case Kind::kCreateModel:
    case Kind::kCreateConnection:
    case Kind::kAlterTable:
    case Kind::kAlterView:
    case Kind::kAlterMaterializedTable:
    case Kind::kAlterObject:
    case Kind::kAlterFunction:
    case Kind::kDrop:
    case Kind::kUse:
    case Kind::kLoadModule:
    case Kind::kUnloadModule: break;
  }
  RETURN_IF_ERROR(ApplyDefinition(statement, context));
  return MakeOk(DefinitionKind(statement.kind));
}

Result<std::unique_ptr<Operation>> Session::ExecuteSet(const ast::Set& set) {
  if (set.option.has_value()) {
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
  const BindContext context = MakeBindContext(catalog_.get(), settings_, text);
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
  ASSIGN_OR_RETURN(PhysicalPlan plan, PlanJob(sinks, settings_.ForPlanner()));
  PreparedJob prepared;
  prepared.kind = kind;
  if (kind == OperationKind::kQuery) {
    const PhysicalNode& sink = plan.nodes[static_cast<size_t>(plan.sinks[0])];
    prepared.schema = sink.output;
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
  options.shard_count = parallelism();
  options.checkpoint_interval_micros =
      (settings_.IsSet("execution.checkpointing.interval")
           ? settings_.GetDurationMillis("execution.checkpointing.interval")
           : kDefaultBarrierIntervalMillis) *
      1000;
  options.env = &engine_->env();
  options.scheduler = engine_->scheduler();
  options.pool = engine_->pool();
  options.connectors = &engine_->connectors();
  return options;
}

Result<std::shared_ptr<Job>> Session::Start(const PreparedJob& prepared) {
  return Start(OptionsFor(prepared));
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
  if (checking_) return MakeOk(OperationKind::kInsert);
  ASSIGN_OR_RETURN(std::shared_ptr<Job> job, Start(prepared));
  jobs_.push_back(job);
  if (settings_.GetBool("table.dml-sync")) RETURN_IF_ERROR(WaitForEnd(job.get()));
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
  const BindContext context = MakeBindContext(catalog_.get(), settings_, text);
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

Result<std::string> Session::ExplainText(std::string_view text) {
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(text));
  using Kind = ast::StatementKind;
  if (statement->kind == Kind::kQuery || statement->kind == Kind::kInsert ||
      statement->kind == Kind::kStatementSet) {
    return ExplainSinks(*statement, text, true);
  }
  RETURN_IF_ERROR(Check(text));
  return std::string();
}

Result<std::string> Session::ExplainSinks(const ast::Statement& statement, std::string_view text,
                                          bool with_changelog) {
  ASSIGN_OR_RETURN(const std::vector<LogicalNodePtr> sinks, BindSinks(statement, text));
  ASSIGN_OR_RETURN(const PhysicalPlan plan, PlanJob(sinks, settings_.ForPlanner()));
  std::string result = "== Abstract Syntax Tree ==\n";
  for (const LogicalNodePtr& sink : sinks) result += PrintLogical(*sink) + "\n";
  result += "== Optimized Physical Plan ==\n" + PrintPlan(plan, with_changelog) + "\n";
  return result + "== Optimized Execution Plan ==\n" + PrintPlan(plan, false);
}

}  // namespace rhei
