// ARRAY[...], MAP[...] and ROW(...).
#include <fmt/format.h>

#include "functions/families.h"
#include "functions/list_kernel.h"
#include "types/coercion.h"

namespace rhei {
namespace {

// The common type of every `step`-th argument from `first`.
Result<DataType> CommonArgumentType(const CallInfo& call, size_t first, size_t step,
                                    std::string_view name, const DataType& of_null) {
  std::vector<DataType> types;
  for (size_t i = first; i < call.arguments.size(); i += step) {
    const DataType& type = call.arguments[i].type;
    types.push_back(type.root() == TypeRoot::kNull ? of_null : type);
  }
  const std::optional<DataType> common = CommonType(types);
  if (!common.has_value() || common->root() == TypeRoot::kNull) {
    return BadArguments(call, name, "(values of one type)");
  }
  return *common;
}

Result<CallTyping> InferArray(const CallInfo& call) {
  if (call.arguments.empty()) return InvalidSql("Require at least 1 argument");
  ASSIGN_OR_RETURN(const DataType element,
                   CommonArgumentType(call, 0, 1, "ARRAY", DataType::Null()));
  CallTyping typing{DataType::Array(element, false), {}};
  for (const ArgumentInfo& argument : call.arguments) {
    typing.argument_types.push_back(element.WithNullable(argument.type.nullable()));
  }
  return typing;
}

void MakeArray(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
               Column* out) {
  ColumnBuilder result(static_cast<TypedState*>(state)->result, context.pool);
  result.ReserveRows(context.row_count);
  for (int32_t row = 0; row < context.row_count; ++row) {
    for (const Column& column : arguments) result.child(0).AppendFrom(column, row);
    result.CloseNested();
  }
  *out = result.Finish();
}

Result<CallTyping> InferMap(const CallInfo& call) {
  if (call.arguments.empty()) return InvalidSql("Map requires at least 2 arguments");
  if (call.arguments.size() % 2 != 0) {
    return InvalidSql("Map requires an even number of arguments");
  }
  // Flink takes an untyped NULL, key or value, for one of the first argument's type.
  const DataType of_null = call.arguments[0].type.WithNullable(true);
  ASSIGN_OR_RETURN(const DataType key, CommonArgumentType(call, 0, 2, "MAP", of_null));
  ASSIGN_OR_RETURN(const DataType value, CommonArgumentType(call, 1, 2, "MAP", of_null));
  CallTyping typing{DataType::Map(key, value, false), {}};
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    typing.argument_types.push_back(
        (i % 2 == 0 ? key : value).WithNullable(call.arguments[i].type.nullable()));
  }
  return typing;
}

// Of equal keys the last one's value stays, in the place of the first.
void MakeMap(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
             Column* out) {
  const DataType& type = static_cast<TypedState*>(state)->result;
  ColumnBuilder result(type, context.pool);
  result.ReserveRows(context.row_count);
  ElementKeys reader(type.child(0));
  std::vector<std::string> keys;
  std::vector<size_t> chosen;
  std::string key;
  for (int32_t row = 0; row < context.row_count; ++row) {
    keys.clear();
    chosen.clear();
    for (size_t i = 0; i < arguments.size(); i += 2) {
      reader.Read(arguments[i], row, &key);
      const auto found = std::find(keys.begin(), keys.end(), key);
      if (found != keys.end()) {
        chosen[static_cast<size_t>(found - keys.begin())] = i;
      } else {
        keys.push_back(key);
        chosen.push_back(i);
      }
    }
    for (size_t i : chosen) {
      result.child(0).AppendFrom(arguments[i], row);
      result.child(1).AppendFrom(arguments[i + 1], row);
    }
    result.CloseNested();
  }
  *out = result.Finish();
}

Result<CallTyping> InferRow(const CallInfo& call) {
  std::vector<Field> fields;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    fields.push_back({fmt::format("EXPR${}", i), call.arguments[i].type, {}});
  }
  return CallTyping{DataType::Row(std::move(fields), false), {}};
}

void MakeRow(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  *out = Column();
  out->type = PhysicalType::kRow;
  out->row_count = context.row_count;
  for (const Column& column : arguments) {
    out->children.push_back(column.is_flat() ? column : Flatten(column, context.pool));
  }
}

constexpr FunctionDef kConstruction[] = {
    {.name = "ARRAY",
     .group = "value construction",
     .signature = "ARRAY[value, ...] -> ARRAY",
     .doc = "The array of the values.",
     .example = "ARRAY[1, 2][2] = 2",
     .min_arguments = 0,
     .max_arguments = -1,
     .infer = InferArray,
     .open = OpenTyped,
     .eval = MakeArray,
     .null_rule = NullRule::kCustom},
    {.name = "MAP",
     .group = "value construction",
     .signature = "MAP[key, value, ...] -> MAP",
     .doc = "The map of the pairs; of equal keys the last counts.",
     .example = "MAP['a', 1, 'b', 2]['b'] = 2",
     .min_arguments = 0,
     .max_arguments = -1,
     .infer = InferMap,
     .open = OpenTyped,
     .eval = MakeMap,
     .null_rule = NullRule::kCustom},
    {.name = "ROW",
     .group = "value construction",
     .signature = "ROW(value, ...) -> ROW",
     .doc = "The row of the values.",
     .example = "CAST(ROW(1, 'a') AS STRING) = '(1, a)'",
     .min_arguments = 0,
     .max_arguments = -1,
     .infer = InferRow,
     .eval = MakeRow,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> ValueConstructionFunctions() {
  return kConstruction;
}

}  // namespace rhei
