#pragma once
// + and - of dates, times, timestamps and intervals, and intervals times numbers: the part of the
// arithmetic operators that is not about numbers.
//
// Results keep the type of the date or time: DATE + INTERVAL '1' HOUR is that DATE. TIME wraps at
// midnight. Months are added by calendar, clamped to the end of the month, in UTC also for
// TIMESTAMP_LTZ. Thread-safety: pure functions.
#include <optional>

#include "functions/function.h"

namespace rhei {

// True when an operand is a date, time, timestamp or interval.
bool IsTemporalArithmetic(const CallInfo& call);
// `symbol` is '+', '-' or '*'. REQUIRES: IsTemporalArithmetic(call), one or two arguments.
std::optional<CallTyping> InferTemporalArithmetic(char symbol, const CallInfo& call);
EvalFn ChooseTemporalArithmetic(char symbol, const CallInfo& call);

}  // namespace rhei
