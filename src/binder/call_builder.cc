#include "binder/call_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "binder/null_literal.h"
#include "binder/type_names.h"
#include "functions/registry.h"

namespace rhei {
namespace {

bool IsOperatorName(std::string_view name) {
  return !name.empty() && (name[0] < 'A' || name[0] > 'Z');
}

bool AllConstant(const BoundExpr& expr) {
  if (expr.kind == BoundExpr::Kind::kInput) return false;
  if (expr.kind == BoundExpr::Kind::kCall &&
      (expr.function == nullptr || expr.function->determinism != Determinism::kAlways)) {
    return false;
  }
  return std::all_of(expr.args.begin(), expr.args.end(),
                     [](const BoundExprPtr& arg) { return AllConstant(*arg); });
}

// `+`: '<VARCHAR(2147483647)> + <INTEGER>'; UPPER: 'UPPER(<INTEGER>)'.
Status CannotApply(std::string_view name, const std::vector<BoundExprPtr>& args,
                   const Status& reason, SqlPosition position) {
  std::string call;
  if (IsOperatorName(name) && args.size() == 2) {
    call = fmt::format("<{}> {} <{}>", TypeInMessages(args[0]->type), name,
                       TypeInMessages(args[1]->type));
  } else {
    call = std::string(name) + "(";
    for (size_t i = 0; i < args.size(); ++i) {
      if (i > 0) call += ", ";
      call += "<" +
              (args[i]->kind == BoundExpr::Kind::kSymbol ? args[i]->name
                                                         : TypeInMessages(args[i]->type)) +
              ">";
    }
    call += ")";
  }
  return InvalidSql(
      fmt::format("Cannot apply '{}' to arguments of type '{}'. {}", name, call, reason.message()),
      position);
}

bool TakesTimeAttributes(std::string_view name) {
  return name == "CURRENT_WATERMARK";
}

}  // namespace

BoundExprPtr WithoutTimeAttribute(BoundExprPtr expr) {
  if (expr->type.time_attribute() == TimeAttribute::kNone) return expr;
  auto plain = std::make_shared<BoundExpr>(*expr);
  plain->type = plain->type.WithTimeAttribute(TimeAttribute::kNone);
  return plain;
}

std::optional<Value> ConstantValue(const BindContext& context, const BoundExprPtr& expr) {
  if (expr->kind == BoundExpr::Kind::kLiteral) return expr->literal;
  if (context.fold == nullptr || expr->kind == BoundExpr::Kind::kSymbol || !AllConstant(*expr)) {
    return std::nullopt;
  }
  Result<Value> value = context.fold(expr, context.settings);
  if (!value.ok()) return std::nullopt;
  return std::move(value).value();
}

Result<BoundExprPtr> BuildCall(const BindContext& context, std::string_view name,
                               std::vector<BoundExprPtr> args, SqlPosition position,
                               const DataType* target_type) {
  const FunctionDef* function = FindFunction(name);
  if (function == nullptr) {
    return Unsupported(fmt::format("{} is not supported yet", name), position);
  }
  const int count = static_cast<int>(args.size());
  if (count < function->min_arguments ||
      (function->max_arguments >= 0 && count > function->max_arguments)) {
    return InvalidSql(
        function->min_arguments == function->max_arguments
            ? fmt::format(
                  "Invalid number of arguments to function '{}'. Was expecting {} arguments", name,
                  function->min_arguments)
            : fmt::format("No match found for function signature {}. Supported: {}{}",
                          SignatureInMessages(name,
                                              [&] {
                                                std::vector<DataType> types;
                                                for (const auto& arg : args)
                                                  types.push_back(arg->type);
                                                return types;
                                              }()),
                          name, function->signature),
        position);
  }
  RETURN_IF_ERROR(CheckNullArguments(name, args));
  std::vector<std::optional<Value>> values(args.size());
  std::vector<ArgumentInfo> infos(args.size());
  for (size_t i = 0; i < args.size(); ++i) {
    if (!TakesTimeAttributes(name)) args[i] = WithoutTimeAttribute(args[i]);
    infos[i].type = args[i]->type;
    if (args[i]->kind == BoundExpr::Kind::kSymbol) {
      infos[i].symbol = args[i]->name;
      continue;
    }
    values[i] = ConstantValue(context, args[i]);
    if (values[i]) infos[i].literal = &*values[i];
  }
  CallInfo call{infos, target_type};
  Result<CallTyping> typing = function->infer(call);
  if (!typing.ok()) {
    if (typing.status().code() == ErrorCode::kInvalidSql &&
        typing.status().message().find("Cannot apply") == std::string::npos &&
        (IsOperatorName(name) || name == "ITEM")) {
      if (name != "ITEM") return CannotApply(name, args, typing.status(), position);
      return CannotApply(
          name, args,
          InvalidSql("Supported form(s): <ARRAY>[<INTEGER>]\n<MAP>[<ANY>]\n"
                     "<ROW>[<CHARACTER>|<INTEGER>]\n<VARIANT>[<CHARACTER>|<INTEGER>]"),
          position);
    }
    return typing.status().At(position);
  }
  const size_t casts = std::min(typing->argument_types.size(), args.size());
  for (size_t i = 0; i < casts; ++i) {
    if (args[i]->kind == BoundExpr::Kind::kSymbol) continue;
    ASSIGN_OR_RETURN(args[i], CastTo(context, std::move(args[i]), typing->argument_types[i]));
  }
  return MakeCall(function, function->name, std::move(typing->result), std::move(args), position);
}

Result<BoundExprPtr> CastTo(const BindContext& context, BoundExprPtr expr, const DataType& type) {
  if (expr->type.EqualsIgnoringNullability(type)) return expr;
  if (expr->kind == BoundExpr::Kind::kLiteral && expr->literal.is_null()) {
    auto typed = std::make_shared<BoundExpr>(*expr);
    typed->type = type.WithNullable(true);
    return BoundExprPtr(std::move(typed));
  }
  const DataType target = type.WithNullable(expr->type.nullable());
  // Widening an integer literal needs no call: 1 as a BIGINT.
  if (expr->kind == BoundExpr::Kind::kLiteral && IsInteger(expr->type.root()) &&
      IsInteger(type.root()) && expr->type.root() < type.root()) {
    auto widened = std::make_shared<BoundExpr>(*expr);
    widened->type = target;
    return BoundExprPtr(std::move(widened));
  }
  const SqlPosition position = expr->position;
  return BuildCall(context, "CAST", {std::move(expr)}, position, &target);
}

Result<BoundExprPtr> Conjunction(const BindContext& context, std::vector<BoundExprPtr> terms) {
  if (terms.empty()) return BoundExprPtr();
  if (terms.size() == 1) return terms[0];
  const SqlPosition position = terms[0]->position;
  return BuildCall(context, "AND", std::move(terms), position);
}

}  // namespace rhei
