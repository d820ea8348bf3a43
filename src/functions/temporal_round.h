#pragma once
// FLOOR and CEIL of dates and times to a unit: FLOOR(x TO DAY) arrives as FLOOR(x, symbol DAY).
//
// Weeks begin on Sunday. TIMESTAMP_LTZ is rounded in the session's zone. Two quirks of Flink are
// kept: CEIL to a month or more looks at the date only, and CEIL(DATE TO DAY) is the next day.
#include "functions/function.h"

namespace rhei {

Result<CallTyping> InferTemporalRound(const CallInfo& call, bool floor);
Result<std::unique_ptr<FunctionState>> OpenTemporalRound(const OpenContext& context, bool floor);
EvalFn ChooseTemporalRound(const DataType& type);

}  // namespace rhei
