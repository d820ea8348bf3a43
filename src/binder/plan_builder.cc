#include "binder/plan_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace rhei {

LogicalNodePtr BuildProject(LogicalNodePtr input, std::vector<BoundExprPtr> exprs,
                            std::vector<std::string> names) {
  CHECK(exprs.size() == names.size());
  auto project = std::make_shared<LogicalProject>();
  for (size_t i = 0; i < exprs.size(); ++i) {
    project->schema.fields.push_back({names[i], exprs[i]->type, ""});
  }
  project->position = input->position;
  project->inputs = {std::move(input)};
  project->expressions = std::move(exprs);
  return project;
}

LogicalNodePtr ProjectIfNeeded(LogicalNodePtr input, std::vector<BoundExprPtr> exprs,
                               std::vector<std::string> names) {
  bool same = exprs.size() == input->schema.size();
  for (size_t i = 0; same && i < exprs.size(); ++i) {
    same = exprs[i]->kind == BoundExpr::Kind::kInput &&
           exprs[i]->input_index == static_cast<int>(i) && names[i] == input->schema.name(i);
  }
  if (same) return input;
  return BuildProject(std::move(input), std::move(exprs), std::move(names));
}

LogicalNodePtr BuildFilter(LogicalNodePtr input, BoundExprPtr condition) {
  if (condition == nullptr) return input;
  auto filter = std::make_shared<LogicalFilter>();
  filter->schema = input->schema;
  filter->position = condition->position;
  filter->inputs = {std::move(input)};
  filter->condition = std::move(condition);
  return filter;
}

DataType DeepNullable(const DataType& type) {
  if (type.root() != TypeRoot::kRow) return type.WithNullable(true);
  std::vector<Field> fields = type.fields();
  for (Field& field : fields) field.type = DeepNullable(field.type);
  return DataType::Row(std::move(fields));
}

std::shared_ptr<LogicalJoin> BuildJoin(LogicalNodePtr left, LogicalNodePtr right, JoinType type,
                                       BoundExprPtr condition) {
  auto join = std::make_shared<LogicalJoin>();
  const bool left_nullable = type == JoinType::kRight || type == JoinType::kFull;
  const bool right_nullable = type == JoinType::kLeft || type == JoinType::kFull;
  for (const Field& field : left->schema.fields) {
    join->schema.fields.push_back(field);
    if (!left_nullable) continue;
    const TimeAttribute attribute = field.type.time_attribute();
    join->schema.fields.back().type = DeepNullable(field.type).WithTimeAttribute(attribute);
  }
  if (type != JoinType::kSemi && type != JoinType::kAnti) {
    for (const Field& field : right->schema.fields) {
      join->schema.fields.push_back(field);
      if (!right_nullable) continue;
      const TimeAttribute attribute = field.type.time_attribute();
      join->schema.fields.back().type = DeepNullable(field.type).WithTimeAttribute(attribute);
    }
  }
  join->type = type;
  join->condition = std::move(condition);
  join->inputs = {std::move(left), std::move(right)};
  return join;
}

LogicalNodePtr BuildDistinct(LogicalNodePtr input, int64_t ttl_ms) {
  auto aggregate = std::make_shared<LogicalAggregate>();
  aggregate->schema = input->schema;
  for (size_t i = 0; i < input->schema.size(); ++i) {
    aggregate->keys.push_back(static_cast<int>(i));
    Field& field = aggregate->schema.fields[i];
    if (field.name != "window_time") {
      field.type = field.type.WithTimeAttribute(TimeAttribute::kNone);
    }
  }
  aggregate->ttl_ms = ttl_ms;
  aggregate->position = input->position;
  aggregate->inputs = {std::move(input)};
  return aggregate;
}

LogicalNodePtr BuildOneRow() {
  auto values = std::make_shared<LogicalValues>();
  const DataType type = DataType::Int(false);
  values->rows.push_back({MakeLiteral(Value::Int(0), type)});
  values->schema.fields.push_back({"ZERO", type, ""});
  return values;
}

BoundExprPtr ColumnOf(const LogicalNode& plan, int index) {
  const Field& field = plan.schema.fields[static_cast<size_t>(index)];
  return MakeInput(index, field.name, field.type);
}

std::vector<BoundExprPtr> ColumnsOf(const LogicalNode& plan) {
  std::vector<BoundExprPtr> columns;
  for (size_t i = 0; i < plan.schema.size(); ++i) {
    columns.push_back(ColumnOf(plan, static_cast<int>(i)));
  }
  return columns;
}

std::vector<std::string> NamesOf(const LogicalNode& plan) {
  std::vector<std::string> names;
  for (const Field& field : plan.schema.fields) names.push_back(field.name);
  return names;
}

std::string UniqueName(const std::string& name, const std::vector<std::string>& names) {
  const auto taken = [&](const std::string& candidate) {
    return std::find(names.begin(), names.end(), candidate) != names.end();
  };
  if (!taken(name)) return name;
  for (int i = 0;; ++i) {
    std::string candidate = fmt::format("{}{}", name, i);
    if (!taken(candidate)) return candidate;
  }
}

}  // namespace rhei
