// Aggregates of all kinds. Sources of rules: dialect "Window TVFs" and "Changelog semantics".
#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "plan/physical/calc_spec.h"
#include "planner/logical_rewrite.h"
#include "planner/monotonicity.h"
#include "planner/to_stream.h"

namespace rhei {
namespace {

// How the key columns of a window aggregate are made: which window property each one is, or -1.
constexpr int kPlainKey = -1;

bool ReadsAny(const BoundExpr& expr, size_t width, size_t first) {
  std::vector<bool> used(width);
  CollectInputs(expr, &used);
  for (size_t i = first; i < width; ++i) {
    if (used[i]) return true;
  }
  return false;
}

// Marks the input columns that the aggregates read.
std::vector<bool> AggregateInputs(const LogicalAggregate& aggregate) {
  std::vector<bool> used(aggregate.inputs[0]->schema.size());
  for (const BoundAggregate& call : aggregate.aggregates) {
    for (const BoundExprPtr& arg : call.args) CollectInputs(*arg, &used);
    if (call.filter_column >= 0) used[static_cast<size_t>(call.filter_column)] = true;
  }
  return used;
}

void MoveAggregates(std::vector<BoundAggregate>* aggregates, const std::vector<int>& moved) {
  for (BoundAggregate& call : *aggregates) {
    for (BoundExprPtr& arg : call.args) arg = RemapInputs(arg, moved);
    if (call.filter_column >= 0) {
      call.filter_column = moved[static_cast<size_t>(call.filter_column)];
    }
  }
}

// A MAX of what only grows, and a MIN of what only falls, need not remember what was taken back.
void MarkAdditionsOnly(const StreamNode& input, GroupAggregateSpec* spec) {
  if (input.insert_only()) return;
  const Monotonicities moves = AggregateMonotonicity(input, spec->keys, spec->aggregates);
  for (size_t i = 0; moves && i < spec->aggregates.size(); ++i) {
    BoundAggregate& call = spec->aggregates[i];
    const Monotonicity move = (*moves)[spec->keys.size() + i];
    call.additions_only = (call.name == "MAX" && move == Monotonicity::kIncreasing) ||
                          (call.name == "MIN" && move == Monotonicity::kDecreasing);
  }
}

// Where every group has one row at most, SUM, MIN and MAX are the argument itself: Flink then takes
// the aggregate away, and changes pass as they are. Empty: that is not so.
std::vector<BoundExprPtr> GroupsOfOne(const LogicalAggregate& aggregate, const StreamNode& input) {
  if (aggregate.keys.empty()) return {};
  const bool unique = std::any_of(
      input.upsert_keys.begin(), input.upsert_keys.end(), [&](const std::vector<int>& key) {
        return std::all_of(key.begin(), key.end(), [&](int column) {
          return std::find(aggregate.keys.begin(), aggregate.keys.end(), column) !=
                 aggregate.keys.end();
        });
      });
  if (!unique) return {};
  std::vector<BoundExprPtr> columns;
  for (const int key : aggregate.keys) {
    const Field& field = input.schema.fields[static_cast<size_t>(key)];
    columns.push_back(MakeInput(key, field.name, field.type));
  }
  for (const BoundAggregate& call : aggregate.aggregates) {
    const bool plain = (call.name == "SUM" || call.name == "MIN" || call.name == "MAX") &&
                       call.filter_column < 0 && call.args.size() == 1 &&
                       call.args[0]->type.WithNullable(true) == call.type.WithNullable(true);
    if (!plain) return {};
    columns.push_back(call.args[0]);
  }
  return columns;
}

}  // namespace

Result<StreamNodePtr> ToStream::ConvertAggregate(const LogicalAggregate& aggregate) {
  if (!aggregate.grouping_sets.empty()) return ConvertGroupingSets(aggregate);
  ASSIGN_OR_RETURN(StreamNodePtr window, TryWindowAggregate(aggregate));
  if (window != nullptr) return window;
  ASSIGN_OR_RETURN(StreamNodePtr input, Convert(aggregate.inputs[0]));
  ASSIGN_OR_RETURN(window, TryAttachedWindowAggregate(aggregate, input));
  if (window != nullptr) return window;
  if (std::vector<BoundExprPtr> columns = GroupsOfOne(aggregate, *input); !columns.empty()) {
    return MakeCalc(input, std::move(columns), {}, aggregate.schema);
  }
  auto spec = std::make_shared<GroupAggregateSpec>();
  spec->input = input->schema;
  spec->keys = aggregate.keys;
  spec->aggregates = aggregate.aggregates;
  spec->final_rows_only = settings_.batch_mode;
  spec->bundled = settings_.mini_batch && !settings_.batch_mode;
  if (spec->bundled && !settings_.mini_batch_fault.empty()) {
    return InvalidArgument(settings_.mini_batch_fault);
  }
  MarkAdditionsOnly(*input, spec.get());
  spec->ttl_ms = aggregate.ttl_ms >= 0 ? aggregate.ttl_ms : settings_.state_ttl_ms;
  StreamNodePtr node =
      MakeNode("GroupAggregate", spec, {KeyedInput(input, aggregate.keys)}, aggregate.schema);
  node->position = aggregate.position;
  // A DISTINCT of insert-only rows never changes what it has said.
  const bool only_distinct = aggregate.aggregates.empty() && input->insert_only();
  node->produces_updates = !settings_.batch_mode && !only_distinct;
  node->produces_deletes = !settings_.batch_mode && !input->insert_only();
  std::vector<int> key;
  for (size_t i = 0; i < aggregate.keys.size(); ++i) key.push_back(static_cast<int>(i));
  node->upsert_keys = {key};
  return node;
}

// Grouping sets: the keys are copied, an Expand nulls the copies that a set leaves out and adds the
// set's id, and the aggregate groups by copies and id.
Result<StreamNodePtr> ToStream::ConvertGroupingSets(const LogicalAggregate& aggregate) {
  const LogicalNodePtr& input = aggregate.inputs[0];
  const size_t width = input->schema.size();
  auto project = std::make_shared<LogicalProject>();
  project->inputs = {input};
  project->schema = input->schema;
  project->expressions = InputRefs(input->schema);
  for (int key : aggregate.keys) {
    Field field = input->schema.fields[static_cast<size_t>(key)];
    project->expressions.push_back(MakeInput(key, field.name, field.type));
    project->schema.fields.push_back(std::move(field));
  }
  ASSIGN_OR_RETURN(StreamNodePtr below, ConvertChain(project));
  auto expand = std::make_shared<ExpandSpec>();
  Schema expanded = project->schema;
  for (const Field& field : project->schema.fields) expand->input_types.push_back(field.type);
  const size_t key_count = aggregate.keys.size();
  for (const std::vector<bool>& set : aggregate.grouping_sets) {
    std::vector<bool> kept(width + key_count, true);
    int64_t id = 0;
    for (size_t i = 0; i < key_count; ++i) {
      kept[width + i] = set[i];
      id = id * 2 + (set[i] ? 0 : 1);
    }
    expand->kept.push_back(std::move(kept));
    expand->ids.push_back(id);
  }
  for (size_t i = 0; i < key_count; ++i) {
    Field& field = expanded.fields[width + i];
    field.type = field.type.WithNullable(true);
  }
  expanded.fields.push_back({"$grouping_id", DataType::BigInt(false), ""});
  StreamNodePtr node = MakeNode("Expand", expand, {ForwardInput(below)}, expanded);
  node->produces_updates = below->produces_updates;
  node->produces_deletes = below->produces_deletes;
  node->window = below->window;
  auto plain = std::make_shared<LogicalAggregate>(aggregate);
  plain->grouping_sets.clear();
  plain->keys.clear();
  for (size_t i = 0; i <= key_count; ++i) plain->keys.push_back(static_cast<int>(width + i));
  // Output order of `plain`: keys, grouping id, aggregates; the node's: keys, aggregates, id.
  plain->schema.fields.clear();
  for (size_t i = 0; i < key_count; ++i) plain->schema.fields.push_back(aggregate.schema.fields[i]);
  plain->schema.fields.push_back(expanded.fields.back());
  for (size_t i = 0; i < aggregate.aggregates.size(); ++i) {
    plain->schema.fields.push_back(aggregate.schema.fields[key_count + i]);
  }
  // Window bounds among the keys are copies now: name those as the window's columns.
  for (size_t i = 0; i < key_count; ++i) {
    if (aggregate.keys[i] == below->window.start) node->window.start = static_cast<int>(width + i);
    if (aggregate.keys[i] == below->window.end) node->window.end = static_cast<int>(width + i);
  }
  ASSIGN_OR_RETURN(StreamNodePtr result, TryAttachedWindowAggregate(*plain, node));
  if (result == nullptr) {
    auto spec = std::make_shared<GroupAggregateSpec>();
    spec->input = expanded;
    spec->keys = plain->keys;
    spec->aggregates = plain->aggregates;
    spec->final_rows_only = settings_.batch_mode;
    MarkAdditionsOnly(*node, spec.get());
    spec->ttl_ms = aggregate.ttl_ms >= 0 ? aggregate.ttl_ms : settings_.state_ttl_ms;
    result = MakeNode("GroupAggregate", spec, {KeyedInput(node, plain->keys)}, plain->schema);
    result->produces_updates = !settings_.batch_mode;
    result->produces_deletes = !settings_.batch_mode && !node->insert_only();
    result->upsert_keys = {{}};
    for (size_t i = 0; i <= key_count; ++i) result->upsert_keys[0].push_back(static_cast<int>(i));
  }
  std::vector<BoundExprPtr> columns;
  Schema output = aggregate.schema;
  const std::vector<BoundExprPtr> refs = InputRefs(plain->schema);
  for (size_t i = 0; i < refs.size(); ++i) {
    if (i != key_count) columns.push_back(refs[i]);
  }
  columns.push_back(refs[key_count]);
  while (columns.size() > output.size()) columns.pop_back();  // nobody asks for the id
  return MakeCalc(result, std::move(columns), {}, std::move(output));
}

// Builds the node and puts its output into the order that the logical aggregate promises:
// `property_of_key[i]` is the WindowProperty that key i is, or kPlainKey.
StreamNodePtr ToStream::MakeWindowAggregate(const StreamNodePtr& input,
                                            std::shared_ptr<WindowAggregateSpec> spec,
                                            const LogicalAggregate& logical,
                                            const std::vector<int>& property_of_key) {
  const size_t plain_keys = spec->keys.size();
  const size_t aggregate_count = spec->aggregates.size();
  Schema raw;
  std::vector<BoundExprPtr> columns(logical.schema.size());
  size_t next_plain = 0;
  std::vector<size_t> property_keys;
  for (size_t i = 0; i < property_of_key.size(); ++i) {
    const Field& field = logical.schema.fields[i];
    if (property_of_key[i] == kPlainKey) {
      columns[i] = MakeInput(static_cast<int>(next_plain++), field.name, field.type);
      raw.fields.push_back(field);
    } else {
      property_keys.push_back(i);
    }
  }
  for (size_t i = 0; i < aggregate_count; ++i) {
    const size_t at = property_of_key.size() + i;
    const Field& field = logical.schema.fields[at];
    columns[at] = MakeInput(static_cast<int>(plain_keys + i), field.name, field.type);
    raw.fields.push_back(field);
  }
  StreamNodePtr node = MakeNode("WindowAggregate", spec, {KeyedInput(input, spec->keys)}, raw);
  for (size_t i : property_keys) {
    const auto property = static_cast<WindowProperty>(property_of_key[i]);
    const Field& field = logical.schema.fields[i];
    const auto column = static_cast<int>(node->schema.size());
    spec->properties.push_back(property);
    columns[i] = MakeInput(column, field.name, field.type);
    node->schema.fields.push_back(field);
    if (property == WindowProperty::kStart) node->window.start = column;
    if (property == WindowProperty::kEnd) node->window.end = column;
    if (property == WindowProperty::kTime) node->window.time = column;
  }
  node->window.event_time = spec->window.event_time;
  node->window.time_zone = spec->window.time_zone;
  node->position = logical.position;
  std::vector<int> key;
  for (size_t i = 0; i < plain_keys; ++i) key.push_back(static_cast<int>(i));
  if (node->window.known()) {
    key.push_back(node->window.start);
    key.push_back(node->window.end);
    node->upsert_keys = {key};
  }
  return MakeCalc(node, std::move(columns), {}, logical.schema);
}

Result<StreamNodePtr> ToStream::TryWindowAggregate(const LogicalAggregate& aggregate) {
  Collapsed chain = Collapse(aggregate.inputs[0]);
  if (chain.bottom->kind != LogicalKind::kWindowTvf) return StreamNodePtr();
  const auto& tvf = As<LogicalWindowTvf>(*chain.bottom);
  const size_t width = tvf.inputs[0]->schema.size();
  const size_t full_width = tvf.schema.size();
  std::vector<int> property_of_key;
  std::vector<bool> has_property(3);
  for (int key : aggregate.keys) {
    const BoundExpr& expr = *chain.columns[static_cast<size_t>(key)];
    int property = kPlainKey;
    if (IsInput(expr) && expr.input_index >= static_cast<int>(width)) {
      property = expr.input_index - static_cast<int>(width);
      has_property[static_cast<size_t>(property)] = true;
    } else if (ReadsAny(expr, full_width, width)) {
      return StreamNodePtr();
    }
    property_of_key.push_back(property);
  }
  if (!has_property[0] || !has_property[1]) return StreamNodePtr();
  if (tvf.window.kind == WindowKind::kHop && tvf.window.size_ms % tvf.window.step_ms != 0) {
    return InvalidSql(
        fmt::format("HOP table function based aggregate requires size must be an integral multiple "
                    "of slide, but got size {} ms and slide {} ms",
                    tvf.window.size_ms, tvf.window.step_ms),
        tvf.position);
  }
  for (const BoundExprPtr& term : chain.terms) {
    if (ReadsAny(*term, full_width, width)) return StreamNodePtr();
  }
  // Below the window: the plain keys, what the aggregates read, the time attribute.
  const std::vector<bool> used = AggregateInputs(aggregate);
  auto project = std::make_shared<LogicalProject>();
  std::vector<int> moved(aggregate.inputs[0]->schema.size(), -1);
  auto keep = [&](size_t column) {
    if (moved[column] >= 0) return;
    moved[column] = static_cast<int>(project->expressions.size());
    project->expressions.push_back(chain.columns[column]);
    project->schema.fields.push_back(aggregate.inputs[0]->schema.fields[column]);
  };
  for (size_t i = 0; i < aggregate.keys.size(); ++i) {
    if (property_of_key[i] == kPlainKey) keep(static_cast<size_t>(aggregate.keys[i]));
  }
  for (size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    if (ReadsAny(*chain.columns[i], full_width, width)) return StreamNodePtr();
    keep(i);
  }
  const auto time = static_cast<size_t>(tvf.window.time_column);
  const Field& time_field = tvf.inputs[0]->schema.fields[time];
  project->inputs = {MakeFilter(tvf.inputs[0], chain.terms)};
  project->position = aggregate.position;
  const auto time_column = static_cast<int>(project->expressions.size());
  project->expressions.push_back(
      MakeInput(static_cast<int>(time), time_field.name, time_field.type));
  project->schema.fields.push_back(time_field);
  auto spec = std::make_shared<WindowAggregateSpec>();
  spec->window = tvf.window;
  spec->window.time_column = time_column;
  if (tvf.window.kind == WindowKind::kSession) {
    // Sessions are formed per PARTITION BY; with other group keys they are no plain aggregate.
    spec->window.session_partition.clear();
    for (int partition : tvf.window.session_partition) {
      int position = -1;
      for (size_t i = 0; i < aggregate.keys.size(); ++i) {
        const BoundExpr& expr = *chain.columns[static_cast<size_t>(aggregate.keys[i])];
        if (property_of_key[i] == kPlainKey && IsInput(expr) && expr.input_index == partition) {
          position = moved[static_cast<size_t>(aggregate.keys[i])];
        }
      }
      if (position < 0) return StreamNodePtr();
      spec->window.session_partition.push_back(position);
    }
    size_t plain = 0;
    for (int property : property_of_key) plain += property == kPlainKey ? 1 : 0;
    if (plain != spec->window.session_partition.size()) return StreamNodePtr();
  }
  ASSIGN_OR_RETURN(StreamNodePtr input, ConvertChain(project));
  spec->input = input->schema;
  for (size_t i = 0; i < aggregate.keys.size(); ++i) {
    if (property_of_key[i] == kPlainKey) {
      spec->keys.push_back(moved[static_cast<size_t>(aggregate.keys[i])]);
    }
  }
  spec->aggregates = aggregate.aggregates;
  MoveAggregates(&spec->aggregates, moved);
  return MakeWindowAggregate(input, spec, aggregate, property_of_key);
}

// The input already carries window_start and window_end (of a window aggregate, a window join or an
// expanded window TVF): group by them, fire by them.
Result<StreamNodePtr> ToStream::TryAttachedWindowAggregate(const LogicalAggregate& aggregate,
                                                           const StreamNodePtr& input) {
  const WindowColumns& window = input->window;
  if (!window.known()) return StreamNodePtr();
  std::vector<int> property_of_key;
  bool has_start = false, has_end = false;
  auto spec = std::make_shared<WindowAggregateSpec>();
  for (int key : aggregate.keys) {
    if (key == window.start) {
      has_start = true;
      property_of_key.push_back(static_cast<int>(WindowProperty::kStart));
    } else if (key == window.end) {
      has_end = true;
      property_of_key.push_back(static_cast<int>(WindowProperty::kEnd));
    } else if (key == window.time) {
      property_of_key.push_back(static_cast<int>(WindowProperty::kTime));
    } else {
      property_of_key.push_back(kPlainKey);
      spec->keys.push_back(key);
    }
  }
  if (!has_start || !has_end) return StreamNodePtr();
  if (window.session_keys >= 0 && static_cast<size_t>(window.session_keys) != spec->keys.size()) {
    return StreamNodePtr();
  }
  spec->input = input->schema;
  spec->window_start_column = window.start;
  spec->window_end_column = window.end;
  spec->window.event_time = window.event_time;
  spec->window.time_zone = window.time_zone;
  spec->aggregates = aggregate.aggregates;
  return MakeWindowAggregate(input, spec, aggregate, property_of_key);
}

Result<StreamNodePtr> ToStream::ConvertLegacyWindow(const LogicalLegacyWindowAggregate& aggregate) {
  ASSIGN_OR_RETURN(StreamNodePtr input, Convert(aggregate.inputs[0]));
  auto spec = std::make_shared<WindowAggregateSpec>();
  spec->input = input->schema;
  spec->window = aggregate.window;
  spec->keys = aggregate.keys;
  spec->aggregates = aggregate.aggregates;
  spec->properties = aggregate.properties;
  StreamNodePtr node =
      MakeNode("GroupWindowAggregate", spec, {KeyedInput(input, aggregate.keys)}, aggregate.schema);
  node->position = aggregate.position;
  const auto base = static_cast<int>(aggregate.keys.size() + aggregate.aggregates.size());
  for (size_t i = 0; i < aggregate.properties.size(); ++i) {
    const int column = base + static_cast<int>(i);
    if (aggregate.properties[i] == WindowProperty::kStart) node->window.start = column;
    if (aggregate.properties[i] == WindowProperty::kEnd) node->window.end = column;
    if (aggregate.properties[i] == WindowProperty::kTime) node->window.time = column;
  }
  node->window.event_time = aggregate.window.event_time;
  node->window.time_zone = aggregate.window.time_zone;
  return node;
}

Result<StreamNodePtr> ToStream::ConvertWindowTvf(const LogicalWindowTvf& tvf) {
  ASSIGN_OR_RETURN(StreamNodePtr input, Convert(tvf.inputs[0]));
  auto spec = std::make_shared<WindowTableFunctionSpec>();
  spec->input = input->schema;
  spec->window = tvf.window;
  StreamInput edge = tvf.window.kind == WindowKind::kSession
                         ? KeyedInput(input, tvf.window.session_partition)
                         : ForwardInput(input);
  StreamNodePtr node = MakeNode("WindowTableFunction", spec, {std::move(edge)}, tvf.schema);
  node->produces_updates = input->produces_updates;
  node->produces_deletes = input->produces_deletes;
  node->position = tvf.position;
  const auto width = static_cast<int>(input->schema.size());
  node->window = {.start = width,
                  .end = width + 1,
                  .time = width + 2,
                  .event_time = tvf.window.event_time,
                  .time_zone = tvf.window.time_zone};
  if (tvf.window.kind == WindowKind::kSession) {
    node->window.session_keys = static_cast<int>(tvf.window.session_partition.size());
  }
  return node;
}

}  // namespace rhei
