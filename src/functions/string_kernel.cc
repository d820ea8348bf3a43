#include "functions/string_kernel.h"

namespace rhei {
namespace {

// The type an argument is read as, or false when it does not fit the parameter.
bool ParameterType(char letter, const DataType& type, DataType* out) {
  const TypeRoot root = type.root();
  *out = type;
  switch (letter) {
    case 't':
      if (root == TypeRoot::kNull) *out = DataType::String();
      return root == TypeRoot::kNull || IsCharacter(root);
    case 'b':
      if (root == TypeRoot::kNull) *out = DataType::String();
      return root == TypeRoot::kNull || IsCharacter(root) || IsBinaryString(root);
    case 'y':
      if (root == TypeRoot::kNull) *out = DataType::Bytes();
      return root == TypeRoot::kNull || IsBinaryString(root);
    case 'i':
      *out = DataType::Int(type.nullable());
      return root == TypeRoot::kNull || IsInteger(root);
    case 'l':
      *out = DataType::BigInt(type.nullable());
      return root == TypeRoot::kNull || IsInteger(root);
    case 'n':
      *out = DataType::Double(type.nullable());
      return root == TypeRoot::kNull || IsNumeric(root);
    case 'o':
      *out = DataType::Boolean(type.nullable());
      return root == TypeRoot::kNull || root == TypeRoot::kBoolean;
    case 's': return root == TypeRoot::kSymbol;
    default: return root != TypeRoot::kSymbol;
  }
}

}  // namespace

Result<CallTyping> TypeCall(const CallInfo& call, std::string_view name, std::string_view signature,
                            std::string_view parameters, const DataType& result) {
  CallTyping typing{result.WithNullable(AnyNullable(call)), {}};
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const char letter = parameters[std::min(i, parameters.size() - 1)];
    DataType type;
    if (!ParameterType(letter, call.arguments[i].type, &type)) {
      return BadArguments(call, name, signature);
    }
    typing.argument_types.push_back(std::move(type));
  }
  return typing;
}

Result<CallTyping> TypeNullableCall(const CallInfo& call, std::string_view name,
                                    std::string_view signature, std::string_view parameters,
                                    const DataType& result) {
  ASSIGN_OR_RETURN(CallTyping typing, TypeCall(call, name, signature, parameters, result));
  typing.result = typing.result.WithNullable(true);
  return typing;
}

DataType VarcharLike(const CallInfo& call, size_t index) {
  const DataType& type = call.arguments[index].type;
  return IsCharacter(type.root()) ? DataType::Varchar(type.length()) : DataType::String();
}

}  // namespace rhei
