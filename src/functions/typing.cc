#include "functions/typing.h"

namespace rhei {

bool AnyNullable(const CallInfo& call) {
  for (const ArgumentInfo& argument : call.arguments) {
    if (argument.type.root() != TypeRoot::kSymbol && argument.type.nullable()) return true;
  }
  return false;
}

CallTyping ResultPropagatingNulls(const CallInfo& call, const DataType& type) {
  return {type.WithNullable(AnyNullable(call)), {}};
}

std::vector<DataType> ArgumentTypes(const CallInfo& call) {
  std::vector<DataType> types;
  types.reserve(call.arguments.size());
  for (const ArgumentInfo& argument : call.arguments) types.push_back(argument.type);
  return types;
}

DataType AsNullableAs(const DataType& type, const CallInfo& call, size_t index) {
  return type.WithNullable(call.arguments[index].type.nullable());
}

Status BadArguments(const CallInfo& call, std::string_view name, std::string_view signature) {
  std::string text = "Invalid function call: ";
  text += name;
  text += "(";
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (i > 0) text += ", ";
    const ArgumentInfo& argument = call.arguments[i];
    text += argument.type.root() == TypeRoot::kSymbol ? std::string(argument.symbol)
                                                      : argument.type.ToString();
  }
  text += "). Supported: ";
  text += name;
  text += signature;
  return InvalidSql(text);
}

bool FitsRoot(const DataType& from, TypeRoot to) {
  const TypeRoot root = from.root();
  if (root == to || root == TypeRoot::kNull) return true;
  if (IsCharacter(to)) return IsCharacter(root);
  if (IsBinaryString(to)) return IsBinaryString(root);
  if (IsTimestamp(to)) return IsTimestamp(root) || root == TypeRoot::kDate;
  switch (to) {
    case TypeRoot::kSmallInt: return root == TypeRoot::kTinyInt;
    case TypeRoot::kInt: return root == TypeRoot::kTinyInt || root == TypeRoot::kSmallInt;
    case TypeRoot::kBigInt: return IsInteger(root);
    case TypeRoot::kDecimal: return IsInteger(root);
    case TypeRoot::kFloat: return IsExactNumeric(root);
    case TypeRoot::kDouble: return IsNumeric(root);
    default: return false;
  }
}

}  // namespace rhei
