#include "plan/expr.h"

#include <fmt/format.h>

#include "base/check.h"

namespace rhei {

BoundExprPtr MakeInput(int index, std::string_view name, DataType type) {
  auto expr = std::make_shared<BoundExpr>();
  expr->kind = BoundExpr::Kind::kInput;
  expr->input_index = index;
  expr->name = name;
  expr->type = std::move(type);
  return expr;
}

BoundExprPtr MakeLiteral(Value value, DataType type) {
  auto expr = std::make_shared<BoundExpr>();
  expr->kind = BoundExpr::Kind::kLiteral;
  expr->literal = std::move(value);
  expr->type = std::move(type);
  return expr;
}

BoundExprPtr MakeSymbol(std::string_view word) {
  auto expr = std::make_shared<BoundExpr>();
  expr->kind = BoundExpr::Kind::kSymbol;
  expr->name = word;
  expr->type = DataType::Symbol();
  return expr;
}

BoundExprPtr MakeCall(const FunctionDef* function, std::string_view name, DataType type,
                      std::vector<BoundExprPtr> args, SqlPosition position) {
  auto expr = std::make_shared<BoundExpr>();
  expr->kind = BoundExpr::Kind::kCall;
  expr->function = function;
  expr->name = name;
  expr->type = std::move(type);
  expr->args = std::move(args);
  expr->position = position;
  return expr;
}

BoundExprPtr MakeField(BoundExprPtr row, int field, std::string_view name, DataType type) {
  auto expr = std::make_shared<BoundExpr>();
  expr->kind = BoundExpr::Kind::kField;
  expr->input_index = field;
  expr->name = name;
  expr->type = std::move(type);
  expr->args.push_back(std::move(row));
  return expr;
}

bool SameExpr(const BoundExpr& a, const BoundExpr& b) {
  if (a.kind != b.kind || a.input_index != b.input_index || a.function != b.function ||
      !(a.type == b.type) || a.args.size() != b.args.size()) {
    return false;
  }
  if (a.kind == BoundExpr::Kind::kLiteral && !(a.literal == b.literal)) return false;
  if (a.kind == BoundExpr::Kind::kSymbol && a.name != b.name) return false;
  for (size_t i = 0; i < a.args.size(); ++i) {
    if (!SameExpr(*a.args[i], *b.args[i])) return false;
  }
  return true;
}

void CollectInputs(const BoundExpr& expr, std::vector<bool>* used) {
  if (expr.kind == BoundExpr::Kind::kInput) {
    CHECK(static_cast<size_t>(expr.input_index) < used->size());
    (*used)[static_cast<size_t>(expr.input_index)] = true;
  }
  for (const BoundExprPtr& arg : expr.args) CollectInputs(*arg, used);
}

BoundExprPtr ReplaceInputs(const BoundExprPtr& expr,
                           const std::vector<BoundExprPtr>& replacements) {
  if (expr->kind == BoundExpr::Kind::kInput) {
    return replacements[static_cast<size_t>(expr->input_index)];
  }
  if (expr->args.empty()) return expr;
  auto copy = std::make_shared<BoundExpr>(*expr);
  for (BoundExprPtr& arg : copy->args) arg = ReplaceInputs(arg, replacements);
  return copy;
}

BoundExprPtr RemapInputs(const BoundExprPtr& expr, const std::vector<int>& mapping) {
  if (expr->kind == BoundExpr::Kind::kInput) {
    const int moved = mapping[static_cast<size_t>(expr->input_index)];
    CHECK(moved >= 0);
    auto copy = std::make_shared<BoundExpr>(*expr);
    copy->input_index = moved;
    return copy;
  }
  if (expr->args.empty()) return expr;
  auto copy = std::make_shared<BoundExpr>(*expr);
  for (BoundExprPtr& arg : copy->args) arg = RemapInputs(arg, mapping);
  return copy;
}

std::vector<BoundExprPtr> SplitConjunction(const BoundExprPtr& predicate) {
  std::vector<BoundExprPtr> terms;
  if (predicate == nullptr) return terms;
  if (predicate->kind == BoundExpr::Kind::kCall && predicate->name == "AND") {
    for (const BoundExprPtr& arg : predicate->args) {
      for (BoundExprPtr& term : SplitConjunction(arg)) terms.push_back(std::move(term));
    }
    return terms;
  }
  terms.push_back(predicate);
  return terms;
}

namespace {

std::string PrintLiteral(const BoundExpr& expr) {
  const Value& value = expr.literal;
  if (value.is_null()) return "null:" + expr.type.WithNullable(true).ToString();
  if (value.is_text() && IsBinaryString(expr.type.root())) {
    std::string hex = "X'";
    for (const char c : value.text()) hex += fmt::format("{:02X}", static_cast<unsigned char>(c));
    return hex + "'";
  }
  if (value.is_text()) return "'" + value.text() + "'";
  if (expr.type.root() == TypeRoot::kBoolean) return value.bool_value() ? "true" : "false";
  if (IsApproximateNumeric(expr.type.root())) return fmt::format("{}", value.double_value());
  if (value.is_int()) {
    const std::string digits = fmt::format("{}", value.int_value());
    if (IsInteger(expr.type.root())) return digits;
    return digits + ":" + expr.type.WithNullable(true).ToString();
  }
  return "?:" + expr.type.WithNullable(true).ToString();
}

}  // namespace

std::string PrintExpr(const BoundExpr& expr, const std::vector<std::string>* input_names) {
  switch (expr.kind) {
    case BoundExpr::Kind::kInput:
      if (input_names != nullptr) return (*input_names)[static_cast<size_t>(expr.input_index)];
      return fmt::format("${}", expr.input_index);
    case BoundExpr::Kind::kLiteral: return PrintLiteral(expr);
    case BoundExpr::Kind::kSymbol: return "FLAG(" + expr.name + ")";
    case BoundExpr::Kind::kField: return PrintExpr(*expr.args[0], input_names) + "." + expr.name;
    case BoundExpr::Kind::kCall: break;
  }
  std::string text = expr.name + "(";
  for (size_t i = 0; i < expr.args.size(); ++i) {
    if (i > 0) text += ", ";
    text += PrintExpr(*expr.args[i], input_names);
  }
  text += ")";
  if (expr.name == "CAST" || expr.name == "TRY_CAST") text += ":" + expr.type.ToString();
  return text;
}

}  // namespace rhei
