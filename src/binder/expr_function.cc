// Function calls: scalar functions, aggregates, window functions (OVER), GROUPING, TUMBLE_START.
#include <fmt/format.h>

#include <algorithm>

#include "binder/call_builder.h"
#include "binder/expr_binder.h"
#include "binder/null_literal.h"
#include "binder/placeholder.h"
#include "binder/type_binder.h"
#include "functions/registry.h"

namespace rhei {
namespace {

// Functions that exist with OVER only.
bool IsWindowOnlyFunction(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "ROW_NUMBER", "RANK", "DENSE_RANK", "LAG", "LEAD", "NTILE", "CUME_DIST", "PERCENT_RANK"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool IsGroupingFunction(std::string_view name) {
  return name == "GROUPING" || name == "GROUPING_ID" || name == "GROUP_ID";
}

// "TUMBLE_START" -> TUMBLE and START.
bool SplitWindowProperty(std::string_view name, std::string_view* function,
                         std::string_view* property) {
  const size_t underline = name.find('_');
  if (underline == std::string_view::npos) return false;
  *function = name.substr(0, underline);
  *property = name.substr(underline + 1);
  return IsGroupWindowFunction(*function) && (*property == "START" || *property == "END" ||
                                              *property == "ROWTIME" || *property == "PROCTIME");
}

DataType WindowOnlyType(std::string_view name) {
  if (name == "NTILE") return DataType::Int(false);
  if (name == "CUME_DIST" || name == "PERCENT_RANK") return DataType::Double(false);
  return DataType::BigInt(false);
}

bool MakesJson(std::string_view name) {
  return name == "JSON_OBJECT" || name == "JSON_ARRAY" || name == "JSON_OBJECTAGG" ||
         name == "JSON_ARRAYAGG";
}

// Arguments of JSON_OBJECT and its kin that are JSON already, by calls of the same functions or of
// JSON(), get the keyword FORMAT JSON behind them, as if it were written.
std::vector<BoundExprPtr> MarkJsonArguments(std::string_view function,
                                            std::vector<BoundExprPtr> args) {
  if (!MakesJson(function)) return args;
  std::vector<BoundExprPtr> marked;
  for (BoundExprPtr& arg : args) {
    // An aggregate stands here as the input it will become.
    const bool aggregate =
        arg->kind == BoundExpr::Kind::kInput && arg->input_index >= kAggregateBase;
    const bool json = (arg->kind == BoundExpr::Kind::kCall && arg->name == "JSON") ||
                      ((arg->kind == BoundExpr::Kind::kCall || aggregate) && MakesJson(arg->name));
    marked.push_back(std::move(arg));
    if (json) marked.push_back(MakeSymbol("FORMAT JSON"));
  }
  return marked;
}

}  // namespace

Result<BoundExprPtr> ExprBinder::BindFunction(const ast::Call& call) {
  const std::string name = UpperCase(call.function.back().text);
  const bool plain_name = call.function.size() == 1;
  if (!call.argument_names.empty()) {
    return Unsupported(fmt::format("Named arguments of {} are not supported yet", name),
                       call.position);
  }
  if (plain_name) {
    if (call.over != nullptr) return BindOver(call);
    std::string_view function;
    std::string_view property;
    if (SplitWindowProperty(name, &function, &property)) {
      return BindWindowProperty(call, function, property);
    }
    if (IsWindowOnlyFunction(name)) {
      return InvalidSql("OVER clause is necessary for window functions", call.position);
    }
    if (IsGroupingFunction(name)) return BindGrouping(call);
    if (FindFunction(name) == nullptr) {
      if (const AggregateDef* aggregate = FindAggregate(name))
        return BindAggregate(call, *aggregate);
    }
    if (IsGroupWindowFunction(name)) {
      return InvalidSql(
          fmt::format("{}(...) is a group window: it is only allowed in GROUP BY", name),
          call.position);
    }
  }
  if (call.distinct || call.filter != nullptr || !call.within_group.empty() ||
      !call.order_by.empty() || call.within_distinct_set) {
    return InvalidSql(fmt::format("{} is not an aggregate function: DISTINCT, FILTER, ORDER BY and "
                                  "WITHIN GROUP are not allowed",
                                  name),
                      call.position);
  }
  if (!call.parentheses && call.args.empty() && FindFunction(name) == nullptr) {
    // A column called `user` needs no backquotes; the parser has made a keyword of it.
    ast::NamePath column_path = call.function;
    for (char& c : column_path[0].text) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    Result<BoundExprPtr> column = scope_->Resolve(column_path, call.position);
    if (column.ok()) return column;
  }
  if (plain_name && name == "NULLIF" && FindFunction(name) == nullptr) return BindNullIf(call);
  ASSIGN_OR_RETURN(std::vector<BoundExprPtr> args, BindAll(call.args));
  args = MarkJsonArguments(name, std::move(args));
  if (!plain_name || FindFunction(name) == nullptr) {
    std::vector<std::string> parts;
    for (const ast::Name& part : call.function) parts.push_back(part.text);
    if (parts.size() <= 3 && context_.catalog->FindFunction(context_.catalog->Resolve(parts))) {
      return Unsupported(fmt::format("User-defined function {} is not supported yet",
                                     ast::JoinPath(call.function)),
                         call.position);
    }
    return UnknownFunction(call, args);
  }
  DataType returning;
  if (call.returning != nullptr) {
    ASSIGN_OR_RETURN(returning, BindType(*call.returning));
  }
  if (name == "CURRENT_WATERMARK" && args.size() == 1 && !args[0]->type.is_rowtime()) {
    return InvalidSql(
        fmt::format("CURRENT_WATERMARK() must be called with a single rowtime attribute argument, "
                    "but '{}' cannot be a time attribute.",
                    args[0]->type.ToString()),
        call.position);
  }
  ASSIGN_OR_RETURN(BoundExprPtr bound, BuildCall(context_, name, std::move(args), call.position,
                                                 call.returning != nullptr ? &returning : nullptr));
  if (name == "PROCTIME") {
    auto attribute = std::make_shared<BoundExpr>(*bound);
    attribute->type = attribute->type.WithTimeAttribute(TimeAttribute::kProctime);
    return BoundExprPtr(std::move(attribute));
  }
  return bound;
}

// NULLIF(a, b) is CASE WHEN a = b THEN NULL ELSE a END.
Result<BoundExprPtr> ExprBinder::BindNullIf(const ast::Call& call) {
  if (call.args.size() != 2) {
    return InvalidSql("Invalid number of arguments to function 'NULLIF'. Was expecting 2 arguments",
                      call.position);
  }
  ASSIGN_OR_RETURN(std::vector<BoundExprPtr> args, BindAll(call.args));
  ASSIGN_OR_RETURN(BoundExprPtr same, BuildEquals(context_, args[0], args[1], call.position));
  return BuildCall(
      context_, "CASE",
      {std::move(same), MakeLiteral(Value(), args[0]->type.WithNullable(true)), args[0]},
      call.position);
}

Result<PendingAggregate> ExprBinder::BindAggregateCall(const ast::Call& call,
                                                       const AggregateDef& def, bool may_be_empty) {
  const SqlPosition at = call.position;
  if (!call.within_group.empty()) return Unsupported("WITHIN GROUP is not supported yet", at);
  if (!call.order_by.empty()) {
    return Unsupported("ORDER BY in an aggregate call is not supported yet", at);
  }
  if (call.within_distinct_set) return Unsupported("WITHIN DISTINCT is not supported yet", at);
  PendingAggregate pending;
  const bool star = call.args.size() == 1 && call.args[0]->kind == ast::ExprKind::kStar;
  if (star && def.name != "COUNT") return InvalidSql("Unknown identifier '*'", at);
  if (!star) {
    ASSIGN_OR_RETURN(pending.call.args, BindAll(call.args));
    pending.call.args = MarkJsonArguments(def.name, std::move(pending.call.args));
  }
  const int count = static_cast<int>(pending.call.args.size());
  if (!star &&
      (count < def.min_arguments || (def.max_arguments >= 0 && count > def.max_arguments))) {
    if (def.name == "COUNT") return InvalidSql("We now only support the count of one field.", at);
    return InvalidSql(fmt::format("Invalid number of arguments to function '{}'. Was expecting {} "
                                  "arguments",
                                  def.name, def.min_arguments),
                      at);
  }
  if (def.name == "COUNT" && count > 1) {
    return InvalidSql("We now only support the count of one field.", at);
  }
  RETURN_IF_ERROR(CheckNullArguments(def.name, pending.call.args));
  std::vector<ArgumentInfo> infos(pending.call.args.size());
  std::vector<std::optional<Value>> values(pending.call.args.size());
  for (size_t i = 0; i < infos.size(); ++i) {
    pending.call.args[i] = WithoutTimeAttribute(pending.call.args[i]);
    infos[i].type = pending.call.args[i]->type;
    if (pending.call.args[i]->kind == BoundExpr::Kind::kSymbol) {
      // Operators know columns and literals only, so a keyword travels as a literal.
      pending.call.args[i] =
          MakeLiteral(Value::Text(pending.call.args[i]->name), pending.call.args[i]->type);
      infos[i].symbol = pending.call.args[i]->literal.text();
    }
    values[i] = ConstantValue(context_, pending.call.args[i]);
    if (values[i]) infos[i].literal = &*values[i];
  }
  Result<AggregateTyping> typing = def.infer(CallInfo{infos, nullptr});
  if (!typing.ok()) return typing.status().At(at);
  for (size_t i = 0; i < std::min(infos.size(), typing->argument_types.size()); ++i) {
    ASSIGN_OR_RETURN(pending.call.args[i],
                     CastTo(context_, pending.call.args[i], typing->argument_types[i]));
  }
  for (const BoundExprPtr& arg : pending.call.args) {
    pending.call.argument_types.push_back(arg->type);
  }
  if (call.filter != nullptr) {
    ASSIGN_OR_RETURN(pending.filter, Bind(*call.filter));
    if (pending.filter->type.root() != TypeRoot::kBoolean) {
      return InvalidSql("FILTER clause must be a condition", call.filter->position);
    }
  }
  pending.call.aggregate = &def;
  pending.call.name = def.name;
  pending.call.distinct = call.distinct;
  // ARRAY_AGG, which takes NULLs, keeps them unless told otherwise.
  pending.call.respect_nulls = def.null_arguments
                                   ? call.null_treatment != ast::NullTreatment::kIgnore
                                   : call.null_treatment == ast::NullTreatment::kRespect;
  pending.call.position = at;
  pending.call.type = def.never_null || def.keeps_argument_nullability
                          ? typing->result
                          : typing->result.WithNullable(typing->result.nullable() || may_be_empty ||
                                                        pending.filter != nullptr);
  return pending;
}

Result<BoundExprPtr> ExprBinder::BindAggregate(const ast::Call& call, const AggregateDef& def) {
  if (inside_aggregate_) return InvalidSql("Aggregate expressions cannot be nested", call.position);
  if (aggregates == nullptr) {
    return InvalidSql(fmt::format("Aggregate expression is illegal in {} clause", clause_),
                      call.position);
  }
  inside_aggregate_ = true;
  const bool global = aggregates->keys.empty() || !aggregates->grouping_sets.empty();
  Result<PendingAggregate> pending =
      BindAggregateCall(call, def, global && !aggregates->window.has_value());
  inside_aggregate_ = false;
  if (!pending.ok()) return pending.status();
  const auto same = [&](const PendingAggregate& other) {
    if (other.call.aggregate != pending->call.aggregate ||
        other.call.distinct != pending->call.distinct ||
        other.call.respect_nulls != pending->call.respect_nulls ||
        other.call.args.size() != pending->call.args.size() ||
        (other.filter == nullptr) != (pending->filter == nullptr)) {
      return false;
    }
    for (size_t i = 0; i < other.call.args.size(); ++i) {
      if (!SameExpr(*other.call.args[i], *pending->call.args[i])) return false;
    }
    return other.filter == nullptr || SameExpr(*other.filter, *pending->filter);
  };
  auto found = std::find_if(aggregates->calls.begin(), aggregates->calls.end(), same);
  const int index = static_cast<int>(found - aggregates->calls.begin());
  const DataType type = pending->call.type;
  if (found == aggregates->calls.end()) aggregates->calls.push_back(std::move(pending).value());
  return MakeInput(kAggregateBase + index, def.name, type);
}

Result<BoundExprPtr> ExprBinder::BindGrouping(const ast::Call& call) {
  const std::string name = UpperCase(call.function[0].text);
  if (aggregates == nullptr || inside_aggregate_) {
    return InvalidSql(fmt::format("{} operator may only occur in an aggregate query", name),
                      call.position);
  }
  const DataType type = DataType::BigInt(false);
  if (name == "GROUP_ID") return MakeLiteral(Value::Int(0), type);
  if (call.args.empty()) {
    return InvalidSql(fmt::format("Invalid number of arguments to function '{}'", name),
                      call.position);
  }
  // One bit an argument, the last one lowest: 1 where the set has left the key out. $grouping_id
  // holds these bits for all keys; the table (its value -> bits) becomes a CASE over it.
  std::vector<size_t> keys;
  for (const ast::ExprPtr& arg : call.args) {
    ASSIGN_OR_RETURN(BoundExprPtr key, Bind(*arg));
    if (key->kind != BoundExpr::Kind::kInput || !IsPlaceholder(key->input_index, kGroupKeyBase)) {
      return InvalidSql(fmt::format("Argument to {} operator must be a grouped expression", name),
                        arg->position);
    }
    keys.push_back(static_cast<size_t>(key->input_index - kGroupKeyBase));
  }
  const auto bits = [&](const std::vector<bool>& kept) {
    int64_t value = 0;
    for (const size_t key : keys) value = value * 2 + (kept[key] ? 0 : 1);
    return MakeLiteral(Value::Int(value), type);
  };
  if (aggregates->grouping_sets.empty()) return MakeLiteral(Value::Int(0), type);
  std::vector<BoundExprPtr> args;
  for (size_t set = 0; set + 1 < aggregates->grouping_sets.size(); ++set) {
    int64_t id = 0;
    for (const bool kept : aggregates->grouping_sets[set]) id = id * 2 + (kept ? 0 : 1);
    ASSIGN_OR_RETURN(BoundExprPtr is_set,
                     BuildCall(context_, "=",
                               {MakeInput(kGroupingIdBase, "$grouping_id", type),
                                MakeLiteral(Value::Int(id), type)},
                               call.position));
    args.push_back(std::move(is_set));
    args.push_back(bits(aggregates->grouping_sets[set]));
  }
  if (args.empty()) return bits(aggregates->grouping_sets[0]);
  args.push_back(bits(aggregates->grouping_sets.back()));
  return BuildCall(context_, "CASE", std::move(args), call.position);
}

Result<BoundExprPtr> ExprBinder::BindWindowProperty(const ast::Call& call,
                                                    std::string_view function,
                                                    std::string_view property) {
  const std::string name = UpperCase(call.function[0].text);
  bool matches = aggregates != nullptr && !inside_aggregate_ && aggregates->window.has_value() &&
                 aggregates->window->function == function &&
                 aggregates->window->args.size() == call.args.size();
  for (size_t i = 0; matches && i < call.args.size(); ++i) {
    // Bound as the GROUP BY was: before keys are replaced.
    ExprBinder plain(context_, scope_, clause_);
    ASSIGN_OR_RETURN(BoundExprPtr arg, plain.Bind(*call.args[i]));
    matches = SameExpr(*arg, *aggregates->window->args[i]);
  }
  if (!matches) {
    return InvalidSql(fmt::format("Call to auxiliary group function '{}' must have matching call "
                                  "to group function '${}' in GROUP BY clause",
                                  name, function),
                      call.position);
  }
  WindowProperty wanted = WindowProperty::kTime;
  DataType type = DataType::Timestamp(3, false);
  const bool event_time = aggregates->window->spec.event_time;
  if (property == "START") wanted = WindowProperty::kStart;
  if (property == "END") wanted = WindowProperty::kEnd;
  if (property == "ROWTIME") {
    if (!event_time) {
      return InvalidSql("A rowtime window property needs a window over a rowtime attribute",
                        call.position);
    }
    type = aggregates->window->args[0]->type;
  }
  if (property == "PROCTIME") {
    if (event_time) {
      return InvalidSql(
          "A proctime window property needs a window over a processing time attribute",
          call.position);
    }
    type = DataType::TimestampLtz(3, false).WithTimeAttribute(TimeAttribute::kProctime);
  }
  std::vector<WindowProperty>& properties = aggregates->properties;
  const auto found = std::find(properties.begin(), properties.end(), wanted);
  const int index = static_cast<int>(found - properties.begin());
  if (found == properties.end()) properties.push_back(wanted);
  return MakeInput(kWindowPropertyBase + index, name, type);
}

Result<BoundExprPtr> ExprBinder::BindOver(const ast::Call& call) {
  const std::string name = UpperCase(call.function[0].text);
  if (overs == nullptr || inside_aggregate_) {
    return InvalidSql(fmt::format("Windowed aggregate expression is illegal in {} clause", clause_),
                      call.position);
  }
  std::vector<PendingOver>* const list = overs;
  PendingOver over;
  over.call.name = name;
  overs = nullptr;  // Window functions do not nest.
  const Status spec = BindWindowSpec(*call.over, &over, 0);
  if (!spec.ok()) {
    overs = list;
    return spec;
  }
  if (IsWindowOnlyFunction(name)) {
    Result<std::vector<BoundExprPtr>> args = BindAll(call.args);
    overs = list;
    if (!args.ok()) return args.status();
    const bool shift = name == "LAG" || name == "LEAD";
    const size_t most = shift ? 3 : name == "NTILE" ? 1 : 0;
    if (args->size() > most || (args->empty() && most > 0)) {
      return InvalidSql(fmt::format("Invalid number of arguments to function '{}'", name),
                        call.position);
    }
    over.call.args = std::move(args).value();
    over.call.type = WindowOnlyType(name);
    if (shift) {
      BoundExprPtr& value = over.call.args[0];
      value = WithoutTimeAttribute(value);
      over.call.type = value->type.WithNullable(true);
      if (over.call.args.size() == 3) {
        ASSIGN_OR_RETURN(over.call.args[2], CastTo(context_, over.call.args[2], value->type));
        over.call.type =
            value->type.WithNullable(value->type.nullable() || over.call.args[2]->type.nullable());
      }
    }
    if (over.order.empty() && name != "NTILE" && name != "ROW_NUMBER") {
      return InvalidSql(
          "RANK or DENSE_RANK functions require ORDER BY clause in window specification",
          call.position);
    }
  } else {
    const AggregateDef* def = FindAggregate(name);
    if (def == nullptr) {
      Result<std::vector<BoundExprPtr>> args = BindAll(call.args);
      overs = list;
      if (!args.ok()) return args.status();
      if (FindFunction(name) != nullptr) {
        return InvalidSql("OVER must be applied to aggregate function", call.position);
      }
      return UnknownFunction(call, *args);
    }
    Result<PendingAggregate> pending = BindAggregateCall(call, *def, false);
    overs = list;
    if (!pending.ok()) return pending.status();
    over.filter = pending->filter;
    over.call.aggregate = std::move(pending->call);
    over.call.args = over.call.aggregate.args;
    over.call.type = over.call.aggregate.type;
  }
  const DataType type = over.call.type;
  list->push_back(std::move(over));
  return MakeInput(kOverBase + static_cast<int>(list->size()) - 1, name, type);
}

Status ExprBinder::BindWindowSpec(const ast::WindowSpec& spec, PendingOver* over, int depth) {
  if (spec.reference) {
    const ast::NamedWindow* named = nullptr;
    for (size_t i = 0; windows != nullptr && i < windows->size(); ++i) {
      if ((*windows)[i].name.text == spec.reference->text) named = &(*windows)[i];
    }
    if (named == nullptr || depth > 16) {
      return InvalidSql(fmt::format("Window '{}' not found", spec.reference->text),
                        spec.reference->position);
    }
    RETURN_IF_ERROR(BindWindowSpec(named->spec, over, depth + 1));
  }
  for (const ast::ExprPtr& key : spec.partition_by) {
    ASSIGN_OR_RETURN(BoundExprPtr bound, Bind(*key));
    over->partition.push_back(std::move(bound));
  }
  for (const ast::OrderItem& item : spec.order_by) {
    ASSIGN_OR_RETURN(PendingSortKey key, BindSortKey(item));
    over->order.push_back(std::move(key));
  }
  return BindFrame(spec, over);
}

Status ExprBinder::BindFrame(const ast::WindowSpec& spec, PendingOver* over) {
  if (!spec.frame_unit) return {};
  over->rows_frame = *spec.frame_unit == ast::FrameUnit::kRows;
  const ast::FrameBound& start = *spec.frame_start;
  if (spec.frame_end && spec.frame_end->kind != ast::FrameBoundKind::kCurrentRow) {
    return Unsupported("OVER RANGE FOLLOWING windows are not supported yet",
                       spec.frame_end->position);
  }
  switch (start.kind) {
    case ast::FrameBoundKind::kUnboundedPreceding: over->unbounded = true; return {};
    case ast::FrameBoundKind::kCurrentRow:
      over->unbounded = false;
      over->preceding = 0;
      return {};
    case ast::FrameBoundKind::kPreceding: break;
    case ast::FrameBoundKind::kFollowing:
    case ast::FrameBoundKind::kUnboundedFollowing:
      return Unsupported("OVER windows that start after the current row are not supported yet",
                         start.position);
  }
  ASSIGN_OR_RETURN(BoundExprPtr distance, Bind(*start.value));
  const std::optional<Value> value = ConstantValue(context_, distance);
  const bool fits =
      over->rows_frame ? IsInteger(distance->type.root()) : IsInterval(distance->type.root());
  if (!value || !value->is_int() || !fits) {
    return InvalidSql(over->rows_frame ? "ROWS value must be a non-negative integral constant"
                                       : "RANGE needs a constant interval",
                      start.position);
  }
  if (distance->type.root() == TypeRoot::kIntervalYearMonth) {
    return Unsupported("OVER RANGE with months or years is not supported yet", start.position);
  }
  over->unbounded = false;
  over->preceding = value->int_value();
  return {};
}

}  // namespace rhei
