#include "binder/decorrelate.h"

#include <fmt/format.h>

#include <algorithm>

#include "binder/call_builder.h"
#include "binder/placeholder.h"
#include "binder/plan_builder.h"

namespace rhei {
namespace {

bool ReadsOuter(const BoundExpr& expr) {
  return FindInput(expr, [](const BoundExpr& input) { return input.input_index >= kOuterBase; }) !=
         nullptr;
}

bool ReadsInner(const BoundExpr& expr) {
  return FindInput(expr, [](const BoundExpr& input) { return input.input_index < kOuterBase; }) !=
         nullptr;
}

// Inner columns moved through `mapping`, outer references kept.
BoundExprPtr MoveInner(const BoundExprPtr& expr, const std::vector<int>& mapping) {
  return RewriteInputs(expr, [&](const BoundExpr& input) -> BoundExprPtr {
    if (input.input_index >= kOuterBase) return nullptr;
    auto moved = std::make_shared<BoundExpr>(input);
    moved->input_index = mapping[static_cast<size_t>(input.input_index)];
    return moved;
  });
}

Status NotHere(std::string_view where, SqlPosition position) {
  return Unsupported(
      fmt::format("A reference to the enclosing query {} is not supported yet", where), position);
}

class Decorrelator {
 public:
  explicit Decorrelator(const BindContext& context) : context_(context) {}

  Result<Decorrelated> Run(const LogicalNodePtr& plan);

 private:
  Result<Decorrelated> RunFilter(const LogicalFilter& filter);
  Result<Decorrelated> RunProject(const LogicalProject& project);
  Result<Decorrelated> RunAggregate(const LogicalAggregate& aggregate);
  Result<Decorrelated> RunJoin(const LogicalJoin& join);
  Result<Decorrelated> RunSort(const LogicalSort& sort);
  Result<Decorrelated> RunOver(const LogicalOver& over);
  // Rewrites equality predicates so that each compares one plain column; adds columns for that.
  Status KeysOfPredicates(Decorrelated* d, std::string_view where, SqlPosition position,
                          std::vector<int>* keys);
  void SplitOff(const BoundExprPtr& condition, std::vector<BoundExprPtr>* correlated,
                std::vector<BoundExprPtr>* plain);

  const BindContext& context_;
};

void Decorrelator::SplitOff(const BoundExprPtr& condition, std::vector<BoundExprPtr>* correlated,
                            std::vector<BoundExprPtr>* plain) {
  for (BoundExprPtr& term : SplitConjunction(condition)) {
    (ReadsOuter(*term) ? correlated : plain)->push_back(std::move(term));
  }
}

Result<Decorrelated> Decorrelator::Run(const LogicalNodePtr& plan) {
  if (!HasOuterReferences(*plan)) return Decorrelated{plan, {}};
  switch (plan->kind) {
    case LogicalKind::kFilter: return RunFilter(static_cast<const LogicalFilter&>(*plan));
    case LogicalKind::kProject: return RunProject(static_cast<const LogicalProject&>(*plan));
    case LogicalKind::kAggregate: return RunAggregate(static_cast<const LogicalAggregate&>(*plan));
    case LogicalKind::kJoin: return RunJoin(static_cast<const LogicalJoin&>(*plan));
    case LogicalKind::kSort: return RunSort(static_cast<const LogicalSort&>(*plan));
    case LogicalKind::kOver: return RunOver(static_cast<const LogicalOver&>(*plan));
    case LogicalKind::kSetOperation: return NotHere("in a set operation", plan->position);
    case LogicalKind::kWindowTvf:
    case LogicalKind::kLegacyWindowAggregate: return NotHere("below a window", plan->position);
    case LogicalKind::kTemporalJoin: return NotHere("below a temporal join", plan->position);
    case LogicalKind::kUnnest: return NotHere("in UNNEST", plan->position);
    default: return NotHere("here", plan->position);
  }
}

Result<Decorrelated> Decorrelator::RunFilter(const LogicalFilter& filter) {
  ASSIGN_OR_RETURN(Decorrelated d, Run(filter.inputs[0]));
  std::vector<BoundExprPtr> plain;
  SplitOff(filter.condition, &d.predicates, &plain);
  ASSIGN_OR_RETURN(BoundExprPtr condition, Conjunction(context_, std::move(plain)));
  d.plan = BuildFilter(std::move(d.plan), std::move(condition));
  return d;
}

Result<Decorrelated> Decorrelator::RunProject(const LogicalProject& project) {
  for (const BoundExprPtr& expr : project.expressions) {
    if (ReadsOuter(*expr)) return NotHere("in a select list", expr->position);
  }
  ASSIGN_OR_RETURN(Decorrelated d, Run(project.inputs[0]));
  std::vector<BoundExprPtr> exprs = project.expressions;
  std::vector<std::string> names = NamesOf(project);
  std::vector<int> mapping(d.plan->schema.size(), -1);
  std::vector<bool> used(d.plan->schema.size());
  for (const BoundExprPtr& predicate : d.predicates) {
    FindInput(*predicate, [&](const BoundExpr& input) {
      if (input.input_index < kOuterBase) used[static_cast<size_t>(input.input_index)] = true;
      return false;
    });
  }
  for (size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    for (size_t j = 0; j < exprs.size() && mapping[i] < 0; ++j) {
      if (exprs[j]->kind == BoundExpr::Kind::kInput &&
          exprs[j]->input_index == static_cast<int>(i)) {
        mapping[i] = static_cast<int>(j);
      }
    }
    if (mapping[i] >= 0) continue;
    mapping[i] = static_cast<int>(exprs.size());
    names.push_back(fmt::format("$c{}", exprs.size()));
    exprs.push_back(ColumnOf(*d.plan, static_cast<int>(i)));
  }
  for (BoundExprPtr& predicate : d.predicates) predicate = MoveInner(predicate, mapping);
  d.plan = BuildProject(std::move(d.plan), std::move(exprs), std::move(names));
  return d;
}

Status Decorrelator::KeysOfPredicates(Decorrelated* d, std::string_view where, SqlPosition position,
                                      std::vector<int>* keys) {
  std::vector<BoundExprPtr> exprs = ColumnsOf(*d->plan);
  std::vector<std::string> names = NamesOf(*d->plan);
  for (BoundExprPtr& predicate : d->predicates) {
    const bool equality = predicate->kind == BoundExpr::Kind::kCall && predicate->name == "=";
    const int inner = !equality                                                              ? -1
                      : !ReadsOuter(*predicate->args[0]) && !ReadsInner(*predicate->args[1]) ? 0
                      : !ReadsOuter(*predicate->args[1]) && !ReadsInner(*predicate->args[0]) ? 1
                                                                                             : -1;
    if (inner < 0) {
      return Unsupported(
          fmt::format("A correlated condition other than inner = outer {} is not supported yet",
                      where),
          predicate->position.known() ? predicate->position : position);
    }
    const BoundExprPtr& key = predicate->args[static_cast<size_t>(inner)];
    if (key->kind == BoundExpr::Kind::kInput) {
      keys->push_back(key->input_index);
      continue;
    }
    const int column = static_cast<int>(exprs.size());
    names.push_back(fmt::format("$c{}", column));
    auto copy = std::make_shared<BoundExpr>(*predicate);
    copy->args[static_cast<size_t>(inner)] = MakeInput(column, names.back(), key->type);
    exprs.push_back(key);
    keys->push_back(column);
    predicate = std::move(copy);
  }
  d->plan = ProjectIfNeeded(std::move(d->plan), std::move(exprs), std::move(names));
  return {};
}

// The aggregate is computed for each value of the inner columns that are compared.
Result<Decorrelated> Decorrelator::RunAggregate(const LogicalAggregate& aggregate) {
  if (!aggregate.grouping_sets.empty()) {
    return NotHere("below GROUPING SETS", aggregate.position);
  }
  ASSIGN_OR_RETURN(Decorrelated d, Run(aggregate.inputs[0]));
  std::vector<int> added;
  RETURN_IF_ERROR(KeysOfPredicates(&d, "below an aggregate", aggregate.position, &added));
  auto grouped = std::make_shared<LogicalAggregate>(aggregate);
  const size_t keys = aggregate.keys.size();
  std::vector<Field> fields(aggregate.schema.fields.begin(),
                            aggregate.schema.fields.begin() + static_cast<ptrdiff_t>(keys));
  std::vector<int> mapping(d.plan->schema.size(), -1);
  for (const int column : added) {
    if (mapping[static_cast<size_t>(column)] >= 0) continue;
    mapping[static_cast<size_t>(column)] = static_cast<int>(grouped->keys.size());
    grouped->keys.push_back(column);
    Field field = d.plan->schema.fields[static_cast<size_t>(column)];
    field.type = field.type.WithTimeAttribute(TimeAttribute::kNone);
    fields.push_back(std::move(field));
  }
  const size_t extra = grouped->keys.size() - keys;
  fields.insert(fields.end(), aggregate.schema.fields.begin() + static_cast<ptrdiff_t>(keys),
                aggregate.schema.fields.end());
  grouped->schema.fields = std::move(fields);
  grouped->inputs = {d.plan};
  // The old order of columns, the new keys behind.
  std::vector<BoundExprPtr> exprs;
  std::vector<std::string> names;
  const size_t total = grouped->schema.size();
  std::vector<int> place(total, -1);
  const auto add = [&](size_t column) {
    place[column] = static_cast<int>(exprs.size());
    exprs.push_back(ColumnOf(*grouped, static_cast<int>(column)));
    names.push_back(grouped->schema.name(column));
  };
  for (size_t i = 0; i < keys; ++i) add(i);
  for (size_t i = keys + extra; i < total; ++i) add(i);
  for (size_t i = keys; i < keys + extra; ++i) add(i);
  for (int& column : mapping) {
    if (column >= 0) column = place[static_cast<size_t>(column)];
  }
  for (BoundExprPtr& predicate : d.predicates) predicate = MoveInner(predicate, mapping);
  d.plan = ProjectIfNeeded(std::move(grouped), std::move(exprs), std::move(names));
  return d;
}

Result<Decorrelated> Decorrelator::RunJoin(const LogicalJoin& join) {
  const bool inner = join.type == JoinType::kInner;
  if (!inner && HasOuterReferences(*join.inputs[1])) {
    return NotHere("below an outer join", join.position);
  }
  if (join.type == JoinType::kRight || join.type == JoinType::kFull) {
    return NotHere("below an outer join", join.position);
  }
  if (!inner && join.condition != nullptr && ReadsOuter(*join.condition)) {
    return NotHere("in the condition of an outer or semi join", join.position);
  }
  ASSIGN_OR_RETURN(Decorrelated left, Run(join.inputs[0]));
  ASSIGN_OR_RETURN(Decorrelated right, Run(join.inputs[1]));
  const size_t old_left = join.inputs[0]->schema.size();
  const size_t old_right = join.inputs[1]->schema.size();
  const size_t new_left = left.plan->schema.size();
  const size_t new_right = right.plan->schema.size();
  // From old join columns to new ones.
  std::vector<int> moved;
  for (size_t i = 0; i < old_left; ++i) moved.push_back(static_cast<int>(i));
  for (size_t i = 0; i < old_right; ++i) moved.push_back(static_cast<int>(new_left + i));
  std::vector<BoundExprPtr> correlated;
  BoundExprPtr condition;
  if (join.condition != nullptr) {
    std::vector<BoundExprPtr> plain;
    SplitOff(MoveInner(join.condition, moved), &correlated, &plain);
    ASSIGN_OR_RETURN(condition, Conjunction(context_, std::move(plain)));
  }
  auto joined = BuildJoin(left.plan, right.plan, join.type, std::move(condition));
  joined->hints = join.hints;
  joined->left_ttl_ms = join.left_ttl_ms;
  joined->right_ttl_ms = join.right_ttl_ms;
  joined->position = join.position;
  Decorrelated d;
  std::vector<int> right_shift;
  for (size_t i = 0; i < new_right; ++i) right_shift.push_back(static_cast<int>(new_left + i));
  d.predicates = left.predicates;
  for (const BoundExprPtr& predicate : right.predicates) {
    d.predicates.push_back(MoveInner(predicate, right_shift));
  }
  d.predicates.insert(d.predicates.end(), correlated.begin(), correlated.end());
  // Old columns first.
  std::vector<BoundExprPtr> exprs;
  std::vector<std::string> names;
  const size_t total = joined->schema.size();
  std::vector<int> place(std::max(total, new_left + new_right), -1);
  const auto add = [&](size_t column) {
    if (place[column] >= 0) return;
    place[column] = static_cast<int>(exprs.size());
    exprs.push_back(ColumnOf(*joined, static_cast<int>(column)));
    names.push_back(joined->schema.name(column));
  };
  for (const int column : moved) {
    if (static_cast<size_t>(column) < total) add(static_cast<size_t>(column));
  }
  for (size_t i = 0; i < total; ++i) add(i);
  for (BoundExprPtr& predicate : d.predicates) predicate = MoveInner(predicate, place);
  d.plan = ProjectIfNeeded(std::move(joined), std::move(exprs), std::move(names));
  return d;
}

// ORDER BY ... LIMIT n of a correlated query is the first n rows for each outer value: a row
// number for each value of the compared columns.
Result<Decorrelated> Decorrelator::RunSort(const LogicalSort& sort) {
  ASSIGN_OR_RETURN(Decorrelated d, Run(sort.inputs[0]));
  if (sort.limit < 0 && sort.offset == 0) return d;
  auto over = std::make_shared<LogicalOver>();
  RETURN_IF_ERROR(KeysOfPredicates(&d, "below LIMIT", sort.position, &over->partition));
  over->order = sort.order;
  over->schema = d.plan->schema;
  const DataType type = DataType::BigInt(false);
  const int rank = static_cast<int>(d.plan->schema.size());
  over->schema.fields.push_back({"$rank", type, ""});
  OverCall call;
  call.name = "ROW_NUMBER";
  call.type = type;
  over->calls.push_back(std::move(call));
  over->inputs = {d.plan};
  over->position = sort.position;
  std::vector<BoundExprPtr> terms;
  const BoundExprPtr number = MakeInput(rank, "$rank", type);
  if (sort.limit >= 0) {
    ASSIGN_OR_RETURN(
        BoundExprPtr term,
        BuildCall(context_, "<=", {number, MakeLiteral(Value::Int(sort.offset + sort.limit), type)},
                  sort.position));
    terms.push_back(std::move(term));
  }
  if (sort.offset > 0) {
    ASSIGN_OR_RETURN(BoundExprPtr term,
                     BuildCall(context_, ">", {number, MakeLiteral(Value::Int(sort.offset), type)},
                               sort.position));
    terms.push_back(std::move(term));
  }
  ASSIGN_OR_RETURN(BoundExprPtr condition, Conjunction(context_, std::move(terms)));
  std::vector<BoundExprPtr> columns = ColumnsOf(*d.plan);
  std::vector<std::string> names = NamesOf(*d.plan);
  d.plan = BuildProject(BuildFilter(std::move(over), std::move(condition)), std::move(columns),
                        std::move(names));
  return d;
}

Result<Decorrelated> Decorrelator::RunOver(const LogicalOver& over) {
  for (const OverCall& call : over.calls) {
    for (const BoundExprPtr& arg : call.args) {
      if (ReadsOuter(*arg)) return NotHere("in a window function", over.position);
    }
  }
  ASSIGN_OR_RETURN(Decorrelated d, Run(over.inputs[0]));
  auto node = std::make_shared<LogicalOver>(over);
  RETURN_IF_ERROR(KeysOfPredicates(&d, "below OVER", over.position, &node->partition));
  // The calls' columns stand behind the input's: move them in front of what was added.
  const size_t old_input = over.inputs[0]->schema.size();
  const size_t new_input = d.plan->schema.size();
  node->schema = d.plan->schema;
  node->schema.fields.insert(node->schema.fields.end(),
                             over.schema.fields.begin() + static_cast<ptrdiff_t>(old_input),
                             over.schema.fields.end());
  node->inputs = {d.plan};
  std::vector<BoundExprPtr> exprs;
  std::vector<std::string> names;
  std::vector<int> place(node->schema.size(), -1);
  const auto add = [&](size_t column) {
    place[column] = static_cast<int>(exprs.size());
    exprs.push_back(ColumnOf(*node, static_cast<int>(column)));
    names.push_back(node->schema.name(column));
  };
  for (size_t i = 0; i < old_input; ++i) add(i);
  for (size_t i = new_input; i < node->schema.size(); ++i) add(i);
  for (size_t i = old_input; i < new_input; ++i) add(i);
  for (BoundExprPtr& predicate : d.predicates) predicate = MoveInner(predicate, place);
  d.plan = ProjectIfNeeded(std::move(node), std::move(exprs), std::move(names));
  return d;
}

}  // namespace

bool HasOuterReferences(const LogicalNode& plan) {
  const auto any = [](const std::vector<BoundExprPtr>& exprs) {
    return std::any_of(exprs.begin(), exprs.end(), [](const BoundExprPtr& expr) {
      return expr != nullptr && ReadsOuter(*expr);
    });
  };
  switch (plan.kind) {
    case LogicalKind::kProject:
      if (any(static_cast<const LogicalProject&>(plan).expressions)) return true;
      break;
    case LogicalKind::kFilter:
      if (any({static_cast<const LogicalFilter&>(plan).condition})) return true;
      break;
    case LogicalKind::kJoin:
      if (any({static_cast<const LogicalJoin&>(plan).condition})) return true;
      break;
    case LogicalKind::kTemporalJoin:
      if (any({static_cast<const LogicalTemporalJoin&>(plan).condition})) return true;
      break;
    case LogicalKind::kUnnest:
      if (any({static_cast<const LogicalUnnest&>(plan).collection})) return true;
      break;
    case LogicalKind::kOver:
      for (const OverCall& call : static_cast<const LogicalOver&>(plan).calls) {
        if (any(call.args)) return true;
      }
      break;
    default: break;
  }
  return std::any_of(plan.inputs.begin(), plan.inputs.end(),
                     [](const LogicalNodePtr& input) { return HasOuterReferences(*input); });
}

Result<Decorrelated> Decorrelate(const BindContext& context, const LogicalNodePtr& plan) {
  return Decorrelator(context).Run(plan);
}

bool IsSingleRow(const LogicalNode& plan) {
  switch (plan.kind) {
    case LogicalKind::kProject: return IsSingleRow(*plan.inputs[0]);
    case LogicalKind::kAggregate: {
      const auto& aggregate = static_cast<const LogicalAggregate&>(plan);
      return aggregate.keys.empty() && aggregate.grouping_sets.empty() &&
             !aggregate.aggregates.empty();
    }
    case LogicalKind::kValues: return static_cast<const LogicalValues&>(plan).rows.size() == 1;
    default: return false;
  }
}

BoundExprPtr ValueOnEmpty(const LogicalNode& plan, int column) {
  if (plan.kind == LogicalKind::kAggregate) {
    const auto& aggregate = static_cast<const LogicalAggregate&>(plan);
    const BoundAggregate& call =
        aggregate.aggregates[static_cast<size_t>(column) - aggregate.keys.size()];
    if (call.name == "COUNT") return MakeLiteral(Value::Int(0), call.type);
    return nullptr;
  }
  if (plan.kind != LogicalKind::kProject) return nullptr;
  const auto& project = static_cast<const LogicalProject&>(plan);
  const BoundExprPtr& expr = project.expressions[static_cast<size_t>(column)];
  if (expr->kind == BoundExpr::Kind::kInput) {
    return ValueOnEmpty(*project.inputs[0], expr->input_index);
  }
  return RewriteInputs(expr, [&](const BoundExpr& input) {
    BoundExprPtr value = ValueOnEmpty(*project.inputs[0], input.input_index);
    if (value != nullptr) return value;
    return MakeLiteral(Value(), input.type.WithNullable(true));
  });
}

int EqualityColumn(const BoundExpr& predicate) {
  if (predicate.kind != BoundExpr::Kind::kCall || predicate.name != "=") return -1;
  for (size_t i = 0; i < 2; ++i) {
    const BoundExpr& side = *predicate.args[i];
    if (side.kind == BoundExpr::Kind::kInput && side.input_index < kOuterBase &&
        !ReadsInner(*predicate.args[1 - i])) {
      return side.input_index;
    }
  }
  return -1;
}

}  // namespace rhei
