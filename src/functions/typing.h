#pragma once
// How function tables type their calls: the few InferFn building blocks that many families share.
// Thread-safety: pure functions.
#include <string>
#include <string_view>
#include <vector>

#include "functions/function.h"

namespace rhei {

// Any argument nullable?
bool AnyNullable(const CallInfo& call);
// The call with result `type`, NULL when an argument is NULL; arguments stay as they are.
CallTyping ResultPropagatingNulls(const CallInfo& call, const DataType& type);
// As the functions' error text: "Invalid arguments (INT, STRING) for NAME. Supported: SIGNATURE".
Status BadArguments(const CallInfo& call, std::string_view name, std::string_view signature);
// The types of the arguments in order.
std::vector<DataType> ArgumentTypes(const CallInfo& call);
// `type` as nullable as the argument `index`.
DataType AsNullableAs(const DataType& type, const CallInfo& call, size_t index);

// True when a value of `from` fits a parameter of family `to` as Flink's functions take it: the
// same family, a safe widening, or NULL. `to` is compared by root only.
bool FitsRoot(const DataType& from, TypeRoot to);

}  // namespace rhei
