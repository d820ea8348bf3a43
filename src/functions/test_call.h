#pragma once
// For tests: calls one scalar function of the registry on one row, typed, opened and run as the
// expression compiler does it.
//
//   Called result = CallFunction("LPAD", {Text("hi"), Int(4), Text("ab")});
#include <string>
#include <vector>

#include "functions/registry.h"

namespace rhei {

struct TestArgument {
  DataType type;
  Value value;
  bool literal = true;  // known when the call is typed and opened
};

struct Called {
  DataType type;
  Value value;
  Status status;  // why typing, opening or the row failed
};

inline TestArgument Text(std::string value) {
  return {DataType::String(false), Value::Text(std::move(value))};
}
inline TestArgument Int(int64_t value) {
  return {DataType::Int(false), Value::Int(value)};
}
inline TestArgument Null(DataType type) {
  return {std::move(type), Value::Null()};
}
inline TestArgument Symbol(std::string word) {
  return {DataType::Symbol(), Value::Text(std::move(word))};
}
// The same argument as a column, not known beforehand.
inline TestArgument Varying(TestArgument argument) {
  argument.literal = false;
  return argument;
}

inline Called CallFunction(std::string_view name, const std::vector<TestArgument>& arguments,
                           const DataType* target_type = nullptr) {
  const FunctionDef* function = FindFunction(name);
  if (function == nullptr) return {{}, {}, NotFound(name)};
  std::vector<ArgumentInfo> infos;
  for (const TestArgument& argument : arguments) {
    const bool symbol = argument.type.root() == TypeRoot::kSymbol;
    infos.push_back({argument.type, symbol || !argument.literal ? nullptr : &argument.value,
                     symbol ? std::string_view(argument.value.text()) : std::string_view()});
  }
  Result<CallTyping> typing = function->infer({infos, target_type});
  if (!typing.ok()) return {{}, {}, typing.status()};
  std::vector<Column> columns;
  bool null = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!typing->argument_types.empty() && infos[i].type.root() != TypeRoot::kSymbol) {
      infos[i].type = typing->argument_types[i];
    }
    columns.push_back(MakeConstant(arguments[i].value, infos[i].type, 1));
    if (!arguments[i].literal) columns.back() = Flatten(columns.back());
    null = null || arguments[i].value.is_null();
  }
  const CallInfo call{infos, &typing->result};
  if (null && function->null_rule == NullRule::kPropagate) return {typing->result, {}, {}};
  const EvalFn eval =
      function->eval != nullptr ? function->eval : function->choose(call, typing->result);
  const SessionSettings session;
  std::unique_ptr<FunctionState> state;
  if (function->open != nullptr) {
    Result<std::unique_ptr<FunctionState>> opened =
        function->open({call, &typing->result, &session, 0});
    if (!opened.ok()) return {typing->result, {}, opened.status()};
    state = std::move(opened).value();
  }
  EvalContext context;
  context.row_count = 1;
  context.session = &session;
  Column out;
  eval(state.get(), context, columns, &out);
  if (context.has_failures()) {
    return {typing->result, {}, DataError(context.failures()[0].message)};
  }
  return {typing->result, GetValue(out, 0, typing->result), {}};
}

}  // namespace rhei
