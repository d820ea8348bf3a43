#include "planner/to_stream.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "plan/physical/calc_spec.h"
#include "plan/physical/rank_spec.h"
#include "plan/physical/sink_spec.h"
#include "plan/physical/source_spec.h"
#include "planner/logical_rewrite.h"
#include "types/option_values.h"
#include "types/table_options.h"

namespace rhei {
namespace {

std::string ScanKey(const LogicalScan& scan) {
  std::string key = scan.table;
  for (const auto& [name, value] : scan.options) key += "\n" + name + "=" + value;
  for (const std::string& name : scan.metadata_names) key += "\n" + name;
  return key;
}

std::vector<DataType> TypesOf(const Schema& schema) {
  std::vector<DataType> types;
  for (const Field& field : schema.fields) types.push_back(field.type);
  return types;
}

// Whether different values stay different in `to`.
bool KeepsApart(const DataType& from, const DataType& to) {
  const auto rank = [](TypeRoot root) {
    switch (root) {
      case TypeRoot::kTinyInt: return 1;
      case TypeRoot::kSmallInt: return 2;
      case TypeRoot::kInt: return 3;
      case TypeRoot::kBigInt: return 4;
      default: return 0;
    }
  };
  const bool whole = rank(from.root()) > 0;
  if (to.root() == TypeRoot::kVarchar && to.length() == DataType::kMaxLength) {
    return whole || from.root() == TypeRoot::kBoolean || from.root() == TypeRoot::kVarchar ||
           from.root() == TypeRoot::kDate;
  }
  if (from.root() == TypeRoot::kVarchar && to.root() == TypeRoot::kVarchar) {
    return to.length() >= from.length();
  }
  if (from.WithNullable(true) == to.WithNullable(true)) return true;
  return whole && rank(to.root()) >= rank(from.root());
}

// The input column that `expr` passes through, perhaps in a wider type; -1: none.
int KeptColumn(const BoundExpr& expr) {
  if (IsInput(expr)) return expr.input_index;
  const bool cast = expr.kind == BoundExpr::Kind::kCall && expr.name == "CAST";
  if (!cast || !IsInput(*expr.args[0]) || !KeepsApart(expr.args[0]->type, expr.type)) return -1;
  return expr.args[0]->input_index;
}

// Upsert keys after a projection: those whose columns all pass through.
std::vector<std::vector<int>> ProjectKeys(const std::vector<std::vector<int>>& keys,
                                          const std::vector<BoundExprPtr>& projections) {
  std::vector<std::vector<int>> kept;
  for (const std::vector<int>& key : keys) {
    std::vector<int> moved;
    for (int column : key) {
      for (size_t i = 0; i < projections.size(); ++i) {
        if (KeptColumn(*projections[i]) == column) {
          moved.push_back(static_cast<int>(i));
          break;
        }
      }
    }
    if (moved.size() == key.size()) kept.push_back(std::move(moved));
  }
  return kept;
}

int ProjectColumn(int column, const std::vector<BoundExprPtr>& projections) {
  for (size_t i = 0; i < projections.size() && column >= 0; ++i) {
    if (IsInput(*projections[i]) && projections[i]->input_index == column) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

bool IsIdentity(const std::vector<BoundExprPtr>& projections, const Schema& input) {
  if (projections.size() != input.size()) return false;
  for (size_t i = 0; i < projections.size(); ++i) {
    if (!IsInput(*projections[i]) || projections[i]->input_index != static_cast<int>(i))
      return false;
  }
  return true;
}

}  // namespace

ErrorPolicy ErrorPolicyOf(const Options& options) {
  const std::string_view policy = CommonTableOption(options, "rhei.on-error");
  return policy == "skip"     ? ErrorPolicy::kSkip
         : policy == "reject" ? ErrorPolicy::kReject
                              : ErrorPolicy::kFail;
}

bool NeedsNormalize(const LogicalScan& scan, const PlannerSettings& settings) {
  const ChangelogMode& produces = scan.description.produces;
  if (scan.primary_key.empty()) return false;
  return produces.upsert() || (settings.cdc_events_duplicate && !produces.insert_only());
}

ToStream::Collapsed ToStream::Collapse(const LogicalNodePtr& node) {
  if (node->kind == LogicalKind::kProject && As<LogicalProject>(*node).watermark == nullptr) {
    const auto& project = As<LogicalProject>(*node);
    Collapsed below = Collapse(project.inputs[0]);
    bool deterministic = true;
    for (const BoundExprPtr& column : below.columns) deterministic &= IsDeterministic(*column);
    // A random column must not be computed once per reference.
    if (!deterministic) below = {project.inputs[0], InputRefs(project.inputs[0]->schema), {}};
    std::vector<BoundExprPtr> columns;
    for (const BoundExprPtr& expr : project.expressions) {
      columns.push_back(ReplaceInputs(expr, below.columns));
    }
    return {below.bottom, std::move(columns), std::move(below.terms)};
  }
  if (node->kind == LogicalKind::kFilter) {
    Collapsed below = Collapse(node->inputs[0]);
    for (const BoundExprPtr& term : SplitConjunction(As<LogicalFilter>(*node).condition)) {
      below.terms.push_back(ReplaceInputs(term, below.columns));
    }
    return below;
  }
  return {node, InputRefs(node->schema), {}};
}

void ToStream::FieldUse::AddField(size_t field) {
  if (fields.size() <= field) fields.resize(field + 1);
  fields[field] = true;
}

void ToStream::FieldUse::Add(const FieldUse& other) {
  all |= other.all;
  for (size_t i = 0; i < other.fields.size(); ++i) {
    if (other.fields[i]) AddField(i);
  }
}

void ToStream::CollectFieldsOf(const BoundExpr& expr, std::vector<FieldUse>* use) {
  if (expr.kind == BoundExpr::Kind::kInput) {
    (*use)[static_cast<size_t>(expr.input_index)].all = true;
    return;
  }
  if (expr.kind == BoundExpr::Kind::kField && expr.args[0]->kind == BoundExpr::Kind::kInput) {
    (*use)[static_cast<size_t>(expr.args[0]->input_index)].AddField(
        static_cast<size_t>(expr.input_index));
    return;
  }
  for (const BoundExprPtr& arg : expr.args) CollectFieldsOf(*arg, use);
}

void ToStream::CollectFields(const LogicalNodePtr& node, const std::vector<FieldUse>& use) {
  if (node->kind == LogicalKind::kScan) {
    const auto& scan = As<LogicalScan>(*node);
    std::vector<FieldUse>& fields = scans_[ScanKey(scan)].fields;
    fields.resize(scan.schema.size());
    for (size_t i = 0; i < use.size(); ++i) fields[i].Add(use[i]);
    return;
  }
  if (node->kind == LogicalKind::kProject) {
    const auto& project = As<LogicalProject>(*node);
    std::vector<FieldUse> wanted = use;
    if (project.watermark != nullptr) {
      wanted[static_cast<size_t>(project.rowtime_column)].all = true;
      CollectFieldsOf(*project.watermark, &wanted);
    }
    std::vector<FieldUse> below(project.inputs[0]->schema.size());
    for (size_t i = 0; i < wanted.size(); ++i) {
      const BoundExpr& expr = *project.expressions[i];
      if (expr.kind == BoundExpr::Kind::kInput) {
        below[static_cast<size_t>(expr.input_index)].Add(wanted[i]);
      } else if (wanted[i].any()) {
        CollectFieldsOf(expr, &below);
      }
    }
    CollectFields(project.inputs[0], below);
    return;
  }
  if (node->kind == LogicalKind::kFilter) {
    std::vector<FieldUse> below = use;
    CollectFieldsOf(*As<LogicalFilter>(*node).condition, &below);
    CollectFields(node->inputs[0], below);
    return;
  }
  for (const LogicalNodePtr& input : node->inputs) {
    CollectFields(input, std::vector<FieldUse>(input->schema.size(), FieldUse{true, {}}));
  }
}

void ToStream::UseScan(const LogicalScan& scan, const Collapsed* chain) {
  SharedScan& shared = scans_[ScanKey(scan)];
  shared.used.resize(scan.schema.size());
  if (chain == nullptr) {
    shared.used.assign(scan.schema.size(), true);
    return;
  }
  for (const BoundExprPtr& column : chain->columns) CollectInputs(*column, &shared.used);
  for (const BoundExprPtr& term : chain->terms) CollectInputs(*term, &shared.used);
  if (NeedsNormalize(scan, settings_)) {
    for (int key : scan.primary_key) shared.used[static_cast<size_t>(key)] = true;
  }
}

const LogicalScan* ToStream::TableOf(const LogicalProject& project, Collapsed* columns) {
  Collapsed chain = Collapse(project.inputs[0]);
  if (chain.bottom->kind != LogicalKind::kScan || !chain.terms.empty()) return nullptr;
  columns->bottom = chain.bottom;
  for (const BoundExprPtr& expr : project.expressions) {
    columns->columns.push_back(ReplaceInputs(expr, chain.columns));
  }
  return &As<LogicalScan>(*chain.bottom);
}

ToStream::SharedTable& ToStream::ShareTable(const LogicalScan& scan, const LogicalProject& project,
                                            const Collapsed& columns) {
  const BoundExprPtr watermark = ReplaceInputs(project.watermark, columns.columns);
  SharedTable& table = tables_[ScanKey(scan) + "\n" + PrintExpr(*watermark)];
  for (size_t i = 0; i < columns.columns.size(); ++i) {
    const std::string text = PrintExpr(*columns.columns[i]) + ":" + project.schema.name(i);
    if (!table.index.emplace(text, static_cast<int>(table.columns.size())).second) continue;
    table.columns.push_back(columns.columns[i]);
    table.schema.fields.push_back(project.schema.fields[i]);
  }
  return table;
}

void ToStream::CollectScans(const LogicalNodePtr& node) {
  if (node->kind == LogicalKind::kProject && As<LogicalProject>(*node).watermark != nullptr) {
    const auto& project = As<LogicalProject>(*node);
    Collapsed columns;
    if (const LogicalScan* scan = TableOf(project, &columns); scan != nullptr) {
      UseScan(*scan, &columns);
      ShareTable(*scan, project, columns);
    } else {
      CollectScans(Collapse(node->inputs[0]).bottom);
    }
    return;
  }
  if (node->kind == LogicalKind::kProject || node->kind == LogicalKind::kFilter) {
    const Collapsed chain = Collapse(node);
    if (chain.bottom->kind == LogicalKind::kScan) {
      UseScan(As<LogicalScan>(*chain.bottom), &chain);
    } else {
      CollectScans(chain.bottom);
    }
    return;
  }
  if (node->kind == LogicalKind::kScan) UseScan(As<LogicalScan>(*node), nullptr);
  for (const LogicalNodePtr& input : node->inputs) CollectScans(input);
}

Result<std::vector<StreamNodePtr>> ToStream::Run(const std::vector<LogicalNodePtr>& sinks) {
  for (const LogicalNodePtr& sink : sinks) {
    CollectScans(sink);
    CollectFields(sink, std::vector<FieldUse>(sink->schema.size(), FieldUse{true, {}}));
  }
  std::vector<StreamNodePtr> nodes;
  for (const LogicalNodePtr& sink : sinks) {
    ASSIGN_OR_RETURN(StreamNodePtr node, Convert(sink));
    nodes.push_back(std::move(node));
  }
  return nodes;
}

Result<StreamNodePtr> ToStream::Convert(const LogicalNodePtr& node) {
  switch (node->kind) {
    case LogicalKind::kScan: {
      const auto& scan = As<LogicalScan>(*node);
      ASSIGN_OR_RETURN(StreamNodePtr source, ConvertScan(scan));
      // Without a projection above, every column is in use, in the table's order.
      return NeedsNormalize(scan, settings_) ? Normalize(source, scan, scan.primary_key) : source;
    }
    case LogicalKind::kValues: return ConvertValues(As<LogicalValues>(*node));
    case LogicalKind::kProject:
      if (As<LogicalProject>(*node).watermark != nullptr) {
        return ConvertWatermarked(As<LogicalProject>(*node));
      }
      return ConvertChain(node);
    case LogicalKind::kFilter: return ConvertChain(node);
    case LogicalKind::kAggregate: return ConvertAggregate(As<LogicalAggregate>(*node));
    case LogicalKind::kWindowTvf: return ConvertWindowTvf(As<LogicalWindowTvf>(*node));
    case LogicalKind::kLegacyWindowAggregate:
      return ConvertLegacyWindow(As<LogicalLegacyWindowAggregate>(*node));
    case LogicalKind::kOver:
      return Unsupported("OVER aggregation is not supported yet", node->position);
    case LogicalKind::kRank: return ConvertRank(As<LogicalRank>(*node));
    case LogicalKind::kJoin: return ConvertJoin(As<LogicalJoin>(*node));
    case LogicalKind::kTemporalJoin:
      return Unsupported("temporal and lookup joins are not supported yet", node->position);
    case LogicalKind::kUnnest: return ConvertUnnest(As<LogicalUnnest>(*node));
    case LogicalKind::kSetOperation: return ConvertUnion(As<LogicalSetOperation>(*node));
    case LogicalKind::kSort: return ConvertSort(As<LogicalSort>(*node));
    case LogicalKind::kMatchRecognize:
      return Unsupported("MATCH_RECOGNIZE is not supported yet", node->position);
    case LogicalKind::kSink: return ConvertSink(As<LogicalSink>(*node));
  }
  CHECK(false);
}

Result<StreamNodePtr> ToStream::ConvertScan(const LogicalScan& scan) {
  SharedScan& shared = scans_[ScanKey(scan)];
  if (shared.node != nullptr) return shared.node;
  auto spec = std::make_shared<SourceSpec>();
  spec->table = scan.table;
  spec->options = scan.options;
  spec->scan.time_zone = settings_.session.time_zone;
  spec->partition_columns = scan.partition_columns;
  spec->scan.on_error = ErrorPolicyOf(scan.options);
  spec->changelog = scan.description.produces;
  spec->primary_key = scan.primary_key;
  ASSIGN_OR_RETURN(spec->watermark, StrategyOf(scan.options, scan.position));
  shared.moved.assign(scan.schema.size(), -1);
  Schema output;
  // Partition columns stand in paths, not in records: they are asked for like metadata.
  const auto is_partition = [&](const std::string& name) {
    const std::vector<std::string>& columns = scan.description.partition_columns;
    return std::find(columns.begin(), columns.end(), name) != columns.end();
  };
  spec->scan.table.fields.clear();
  for (size_t i = 0; i < scan.table_schema.size(); ++i) {
    if (is_partition(scan.table_schema.name(i))) continue;
    if (shared.used[i]) {
      shared.moved[i] = static_cast<int>(output.size());
      output.fields.push_back(scan.schema.fields[i]);
      ScanColumn column{static_cast<int>(spec->scan.table.size()), scan.schema.type(i), {}};
      // A changelog's rows are compared as a whole, those of a plain table read by field.
      if (column.type.root() == TypeRoot::kRow && i < shared.fields.size() &&
          !shared.fields[i].all && scan.description.produces.insert_only()) {
        column.fields = shared.fields[i].fields;
        column.fields.resize(column.type.child_count());
      }
      spec->scan.columns.push_back(std::move(column));
    }
    spec->scan.table.fields.push_back(scan.table_schema.fields[i]);
  }
  for (size_t i = 0; i < scan.schema.size(); ++i) {
    const bool partition = i < scan.table_schema.size() && is_partition(scan.schema.name(i));
    if (!shared.used[i] || (i < scan.table_schema.size() && !partition)) continue;
    shared.moved[i] = static_cast<int>(output.size());
    output.fields.push_back(scan.schema.fields[i]);
    if (partition) {
      spec->metadata.push_back({"partition." + scan.schema.name(i), scan.schema.type(i), false});
    } else {
      spec->metadata.push_back(scan.metadata[i - scan.table_schema.size()]);
    }
  }
  spec->output = output;
  StreamNodePtr node = MakeNode("TableSourceScan", spec, {}, output);
  node->singleton = !scan.description.parallel_scan;
  node->produces_updates = scan.description.produces.update_after;
  node->produces_deletes = scan.description.produces.deletes;
  node->position = scan.position;
  if (!scan.primary_key.empty()) {
    std::vector<int> key;
    for (int column : scan.primary_key) {
      const int moved = shared.moved[static_cast<size_t>(column)];
      if (moved >= 0) key.push_back(moved);
    }
    if (key.size() == scan.primary_key.size()) node->upsert_keys.push_back(std::move(key));
  }
  shared.node = node;
  return node;
}

StreamNodePtr ToStream::Normalize(const StreamNodePtr& input, const LogicalScan& scan,
                                  const std::vector<int>& key) {
  auto spec = std::make_shared<ChangelogNormalizeSpec>();
  spec->input = input->schema;
  spec->key = key;
  spec->input_deletes_by_key = scan.description.produces_deletes_by_key;
  spec->ttl_ms = settings_.state_ttl_ms;
  StreamNodePtr node =
      MakeNode("ChangelogNormalize", spec, {KeyedInput(input, key)}, input->schema);
  node->produces_updates = true;
  node->produces_deletes = true;
  node->upsert_keys = {key};
  node->position = scan.position;
  return node;
}

// A filter over a normalisation becomes part of it, so that a row that no longer passes is deleted
// (-D), not only no longer updated; terms of the key alone go below it. Null: `input` is none, or a
// term cannot move.
StreamNodePtr ToStream::FilterNormalized(const StreamNodePtr& input,
                                         const std::vector<BoundExprPtr>& terms) {
  if (terms.empty() || input->spec->kind != OperatorKind::kChangelogNormalize) return nullptr;
  const auto& unfiltered = static_cast<const ChangelogNormalizeSpec&>(*input->spec);
  if (unfiltered.condition != nullptr) return nullptr;
  std::vector<BoundExprPtr> of_key, others;
  for (const BoundExprPtr& term : terms) {
    if (!IsDeterministic(*term)) return nullptr;
    std::vector<bool> used(input->schema.size());
    CollectInputs(*term, &used);
    for (const int column : unfiltered.key) used[static_cast<size_t>(column)] = false;
    const bool beyond_key = std::find(used.begin(), used.end(), true) != used.end();
    (beyond_key ? others : of_key).push_back(term);
  }
  StreamNodePtr below = input->inputs[0].node;
  if (!of_key.empty()) below = MakeCalc(below, InputRefs(below->schema), of_key, below->schema);
  auto spec = std::make_shared<ChangelogNormalizeSpec>(unfiltered);
  spec->condition = MakeConjunction(others);
  StreamNodePtr node =
      MakeNode("ChangelogNormalize", spec, {KeyedInput(below, spec->key)}, input->schema);
  node->produces_updates = true;
  node->produces_deletes = true;
  node->upsert_keys = {spec->key};
  node->window = input->window;
  node->position = input->position;
  return node;
}

StreamNodePtr ToStream::MakeCalc(const StreamNodePtr& input, std::vector<BoundExprPtr> projections,
                                 const std::vector<BoundExprPtr>& terms, Schema schema) {
  if (terms.empty() && IsIdentity(projections, input->schema)) {
    bool same_names = true;
    for (size_t i = 0; i < schema.size(); ++i) {
      same_names &= schema.fields[i].name == input->schema.fields[i].name &&
                    schema.type(i).time_attribute() == input->schema.type(i).time_attribute();
    }
    if (same_names) return input;
  }
  if (StreamNodePtr filtered = FilterNormalized(input, terms); filtered != nullptr) {
    return MakeCalc(filtered, std::move(projections), {}, std::move(schema));
  }
  auto spec = std::make_shared<CalcSpec>();
  spec->input_types = TypesOf(input->schema);
  spec->condition = MakeConjunction(terms);
  spec->projections = std::move(projections);
  StreamNodePtr node = MakeNode("Calc", spec, {ForwardInput(input)}, std::move(schema));
  node->produces_updates = input->produces_updates;
  node->produces_deletes = input->produces_deletes;
  node->upsert_keys = ProjectKeys(input->upsert_keys, spec->projections);
  node->window = input->window;
  node->window.start = ProjectColumn(input->window.start, spec->projections);
  node->window.end = ProjectColumn(input->window.end, spec->projections);
  node->window.time = ProjectColumn(input->window.time, spec->projections);
  node->position = input->position;
  return node;
}

Result<StreamNodePtr> ToStream::ConvertBottom(const LogicalNodePtr& bottom,
                                              std::vector<int>* moved) {
  if (bottom->kind == LogicalKind::kScan) {
    const auto& scan = As<LogicalScan>(*bottom);
    ASSIGN_OR_RETURN(StreamNodePtr source, ConvertScan(scan));
    *moved = scans_[ScanKey(scan)].moved;
    if (!NeedsNormalize(scan, settings_)) return source;
    std::vector<int> key;
    for (int column : scan.primary_key) key.push_back((*moved)[static_cast<size_t>(column)]);
    return Normalize(source, scan, key);
  }
  if (bottom->kind == LogicalKind::kProject && As<LogicalProject>(*bottom).watermark != nullptr) {
    const auto& project = As<LogicalProject>(*bottom);
    Collapsed columns;
    if (const LogicalScan* scan = TableOf(project, &columns); scan != nullptr) {
      return ConvertTable(*scan, project, columns, moved);
    }
  }
  moved->clear();
  for (size_t i = 0; i < bottom->schema.size(); ++i) moved->push_back(static_cast<int>(i));
  return Convert(bottom);
}

Result<StreamNodePtr> ToStream::ConvertChain(const LogicalNodePtr& node) {
  Collapsed chain = Collapse(node);
  std::vector<int> moved;
  ASSIGN_OR_RETURN(StreamNodePtr input, ConvertBottom(chain.bottom, &moved));
  for (BoundExprPtr& column : chain.columns) column = RemapInputs(column, moved);
  for (BoundExprPtr& term : chain.terms) term = RemapInputs(term, moved);
  return MakeCalc(input, std::move(chain.columns), chain.terms, node->schema);
}

// When watermarks go out, and how long they wait for a silent split: what the table says, else what
// is set.
Result<WatermarkStrategy> ToStream::StrategyOf(const Options& options, SqlPosition position) const {
  WatermarkStrategy strategy;
  const std::string_view idle = CommonTableOption(options, "scan.watermark.idle-timeout");
  strategy.idle_timeout_ms = settings_.source_idle_timeout_ms;
  if (!idle.empty()) {
    ASSIGN_OR_RETURN(strategy.idle_timeout_ms, ParseDurationMillis(idle));
  }
  const std::string_view emit = CommonTableOption(options, "scan.watermark.emit.strategy");
  if (emit.empty() ? !settings_.watermark_on_event : emit != "on-event") return strategy;
  constexpr std::string_view kGap = "scan.watermark.emit.on-event.gap";
  ASSIGN_OR_RETURN(strategy.rows_between, ParseIntOption(CommonTableOption(options, kGap)));
  if (strategy.rows_between < 1) {
    return InvalidSql(fmt::format("'{}' must be at least 1, it is {}", kGap, strategy.rows_between),
                      position);
  }
  return strategy;
}

StreamNodePtr ToStream::AssignWatermarks(const StreamNodePtr& input, WatermarkStrategy strategy,
                                         SqlPosition position) {
  // In batch mode no row is late: time passes once, at the end of the input.
  if (settings_.batch_mode) return input;
  // SOURCE_WATERMARK(): the source says so itself.
  if (strategy.expression->kind == BoundExpr::Kind::kCall &&
      strategy.expression->name == "SOURCE_WATERMARK") {
    return input;
  }
  auto spec = std::make_shared<WatermarkAssignerSpec>();
  spec->strategy = std::move(strategy);
  StreamNodePtr node = MakeNode("WatermarkAssigner", spec, {ForwardInput(input)}, input->schema);
  node->produces_updates = input->produces_updates;
  node->produces_deletes = input->produces_deletes;
  node->upsert_keys = input->upsert_keys;
  node->position = position;
  return node;
}

// The shared projection of a table: source, computed columns, watermark, key normalisation.
Result<StreamNodePtr> ToStream::ConvertTable(const LogicalScan& scan, const LogicalProject& project,
                                             const Collapsed& columns, std::vector<int>* moved) {
  SharedTable& table = ShareTable(scan, project, columns);
  moved->clear();
  for (size_t i = 0; i < columns.columns.size(); ++i) {
    moved->push_back(table.index.at(PrintExpr(*columns.columns[i]) + ":" + project.schema.name(i)));
  }
  if (table.node != nullptr) return table.node;
  ASSIGN_OR_RETURN(StreamNodePtr source, ConvertScan(scan));
  const std::vector<int>& in_source = scans_[ScanKey(scan)].moved;
  std::vector<BoundExprPtr> projections;
  for (const BoundExprPtr& column : table.columns) {
    projections.push_back(RemapInputs(column, in_source));
  }
  ASSIGN_OR_RETURN(WatermarkStrategy strategy, StrategyOf(scan.options, project.position));
  strategy.expression = RemapInputs(project.watermark, *moved);
  strategy.rowtime_column = (*moved)[static_cast<size_t>(project.rowtime_column)];
  strategy.table = scan.table;
  strategy.rowtime_name = project.schema.name(static_cast<size_t>(project.rowtime_column));
  const BoundExpr& rowtime = *projections[static_cast<size_t>(strategy.rowtime_column)];
  if (!settings_.batch_mode && IsInput(rowtime)) {
    SpecOf<SourceSpec>(*source).rowtime_column = rowtime.input_index;
    SpecOf<SourceSpec>(*source).rowtime_name = strategy.rowtime_name;
  }
  StreamNodePtr node;
  if (scan.description.watermark_per_split && !settings_.batch_mode) {
    strategy.expression = ReplaceInputs(strategy.expression, projections);
    strategy.rowtime_column = IsInput(rowtime) ? rowtime.input_index : -1;
    SpecOf<SourceSpec>(*source).watermark = strategy;
    node = MakeCalc(source, projections, {}, table.schema);
  } else {
    node = MakeCalc(source, projections, {}, table.schema);
    node = AssignWatermarks(node, strategy, project.position);
  }
  if (NeedsNormalize(scan, settings_)) {
    std::vector<int> key;
    for (int column : scan.primary_key) {
      key.push_back(ProjectColumn(in_source[static_cast<size_t>(column)], projections));
      CHECK(key.back() >= 0);
    }
    node = Normalize(node, scan, key);
  }
  table.node = node;
  return node;
}

// A watermark declared over something else than a scan (or read as it is).
Result<StreamNodePtr> ToStream::ConvertWatermarked(const LogicalProject& project) {
  Collapsed table_columns;
  if (const LogicalScan* scan = TableOf(project, &table_columns); scan != nullptr) {
    std::vector<int> moved;
    ASSIGN_OR_RETURN(StreamNodePtr table, ConvertTable(*scan, project, table_columns, &moved));
    std::vector<BoundExprPtr> columns;
    for (size_t i = 0; i < moved.size(); ++i) {
      columns.push_back(MakeInput(moved[i], project.schema.name(i), project.schema.type(i)));
    }
    return MakeCalc(table, std::move(columns), {}, project.schema);
  }
  Collapsed chain = Collapse(project.inputs[0]);
  std::vector<BoundExprPtr> columns;
  for (const BoundExprPtr& expr : project.expressions) {
    columns.push_back(ReplaceInputs(expr, chain.columns));
  }
  ASSIGN_OR_RETURN(StreamNodePtr input, Convert(chain.bottom));
  StreamNodePtr node = MakeCalc(input, columns, chain.terms, project.schema);
  ASSIGN_OR_RETURN(WatermarkStrategy strategy, StrategyOf({}, project.position));
  strategy.expression = project.watermark;
  strategy.rowtime_column = project.rowtime_column;
  return AssignWatermarks(node, strategy, project.position);
}

Result<StreamNodePtr> ToStream::ConvertValues(const LogicalValues& values) {
  auto spec = std::make_shared<ValuesSpec>();
  spec->output = values.schema;
  spec->rows = values.rows;
  StreamNodePtr node = MakeNode("Values", spec, {}, values.schema);
  node->singleton = true;
  node->position = values.position;
  return node;
}

Result<StreamNodePtr> ToStream::ConvertUnion(const LogicalSetOperation& operation) {
  CHECK(operation.op == LogicalSetOperation::Op::kUnion && operation.all);
  std::vector<StreamInput> inputs;
  bool updates = false, deletes = false;
  for (const LogicalNodePtr& input : operation.inputs) {
    ASSIGN_OR_RETURN(StreamNodePtr node, Convert(input));
    updates |= node->produces_updates;
    deletes |= node->produces_deletes;
    inputs.push_back(ForwardInput(std::move(node)));
  }
  StreamNodePtr node =
      MakeNode("Union", std::make_shared<UnionSpec>(), std::move(inputs), operation.schema);
  node->produces_updates = updates;
  node->produces_deletes = deletes;
  node->position = operation.position;
  return node;
}

Result<StreamNodePtr> ToStream::ConvertUnnest(const LogicalUnnest& unnest) {
  ASSIGN_OR_RETURN(StreamNodePtr input, Convert(unnest.inputs[0]));
  auto spec = std::make_shared<UnnestSpec>();
  spec->input = input->schema;
  spec->collection = unnest.collection;
  spec->outer = unnest.outer;
  spec->with_ordinality = unnest.with_ordinality;
  spec->element_fields = unnest.element_fields;
  StreamNodePtr node = MakeNode("Correlate", spec, {ForwardInput(input)}, unnest.schema);
  node->produces_updates = input->produces_updates;
  node->produces_deletes = input->produces_deletes;
  node->position = unnest.position;
  return node;
}

}  // namespace rhei
