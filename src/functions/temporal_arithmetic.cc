#include "functions/temporal_arithmetic.h"

#include "base/check.h"
#include "functions/kernel.h"
#include "functions/typing.h"
#include "types/coercion.h"
#include "types/temporal.h"

namespace rhei {
namespace {

constexpr int64_t Wrap(int64_t a, int64_t b, bool minus) {
  const auto x = static_cast<uint64_t>(a);
  const auto y = static_cast<uint64_t>(b);
  return static_cast<int64_t>(minus ? x - y : x + y);
}

int64_t AddMonthsToMicros(int64_t micros, int64_t months) {
  const int64_t days = FloorDiv(micros, kMicrosPerDay);
  return AddMonths(days, months) * kMicrosPerDay + (micros - days * kMicrosPerDay);
}

// Kernels of (time, interval). kSign is 1 or -1.
template <int kSign>
void DatePlusMonths(FunctionState*, EvalContext& context, std::span<const Column> args,
                    Column* out) {
  MapBinary<int32_t, int32_t, int32_t>(
      context, args[0], args[1], PhysicalType::kInt32, out,
      [](int32_t date, int32_t months) { return AddMonths(date, int64_t{kSign} * months); });
}

template <int kSign>
void DatePlusMillis(FunctionState*, EvalContext& context, std::span<const Column> args,
                    Column* out) {
  MapBinary<int32_t, int32_t, int64_t>(
      context, args[0], args[1], PhysicalType::kInt32, out,
      [](int32_t date, int64_t millis) { return date + kSign * (millis / kMillisPerDay); });
}

template <int kSign>
void TimePlusMonths(FunctionState*, EvalContext& context, std::span<const Column> args,
                    Column* out) {
  MapBinary<int32_t, int32_t, int32_t>(context, args[0], args[1], PhysicalType::kInt32, out,
                                       [](int32_t time, int32_t) { return time; });
}

template <int kSign>
void TimePlusMillis(FunctionState*, EvalContext& context, std::span<const Column> args,
                    Column* out) {
  MapBinary<int32_t, int32_t, int64_t>(
      context, args[0], args[1], PhysicalType::kInt32, out, [](int32_t time, int64_t millis) {
        return FloorMod(time + kSign * (millis % kMillisPerDay), kMillisPerDay);
      });
}

template <int kSign>
void MicrosPlusMonths(FunctionState*, EvalContext& context, std::span<const Column> args,
                      Column* out) {
  MapBinary<int64_t, int64_t, int32_t>(context, args[0], args[1], PhysicalType::kInt64, out,
                                       [](int64_t micros, int32_t months) {
                                         return AddMonthsToMicros(micros, int64_t{kSign} * months);
                                       });
}

template <int kSign>
void MicrosPlusMillis(FunctionState*, EvalContext& context, std::span<const Column> args,
                      Column* out) {
  MapBinary<int64_t, int64_t, int64_t>(
      context, args[0], args[1], PhysicalType::kInt64, out, [](int64_t micros, int64_t millis) {
        const uint64_t delta = static_cast<uint64_t>(millis) * 1000;
        const auto base = static_cast<uint64_t>(micros);
        return static_cast<int64_t>(kSign > 0 ? base + delta : base - delta);
      });
}

template <int kSign>
void Timestamp9PlusMonths(FunctionState*, EvalContext& context, std::span<const Column> args,
                          Column* out) {
  MapBinary<Timestamp9, Timestamp9, int32_t>(
      context, args[0], args[1], PhysicalType::kTimestamp9, out, [](Timestamp9 t, int32_t months) {
        return Timestamp9{AddMonthsToMicros(t.micros, int64_t{kSign} * months), t.nanos};
      });
}

template <int kSign>
void Timestamp9PlusMillis(FunctionState*, EvalContext& context, std::span<const Column> args,
                          Column* out) {
  MapBinary<Timestamp9, Timestamp9, int64_t>(
      context, args[0], args[1], PhysicalType::kTimestamp9, out, [](Timestamp9 t, int64_t millis) {
        const int64_t delta = millis * kMicrosPerMilli;
        return Timestamp9{Wrap(t.micros, delta, kSign < 0), t.nanos};
      });
}

template <int kSign>
void MonthsPlusMonths(FunctionState*, EvalContext& context, std::span<const Column> args,
                      Column* out) {
  MapBinary<int32_t, int32_t, int32_t>(context, args[0], args[1], PhysicalType::kInt32, out,
                                       [](int32_t a, int32_t b) { return Wrap(a, b, kSign < 0); });
}

template <int kSign>
void MillisPlusMillis(FunctionState*, EvalContext& context, std::span<const Column> args,
                      Column* out) {
  MapBinary<int64_t, int64_t, int64_t>(context, args[0], args[1], PhysicalType::kInt64, out,
                                       [](int64_t a, int64_t b) { return Wrap(a, b, kSign < 0); });
}

void MonthsTimes(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  MapBinary<int32_t, int32_t, int64_t>(
      context, args[0], args[1], PhysicalType::kInt32, out, [](int32_t interval, int64_t factor) {
        return static_cast<int32_t>(static_cast<uint64_t>(interval) *
                                    static_cast<uint64_t>(factor));
      });
}

void MillisTimes(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  MapBinary<int64_t, int64_t, int64_t>(
      context, args[0], args[1], PhysicalType::kInt64, out, [](int64_t interval, int64_t factor) {
        return static_cast<int64_t>(static_cast<uint64_t>(interval) *
                                    static_cast<uint64_t>(factor));
      });
}

void NegateMonths(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  MapUnary<int32_t, int32_t>(context, args[0], PhysicalType::kInt32, out,
                             [](int32_t a) { return Wrap(0, a, true); });
}

void NegateMillis(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  MapUnary<int64_t, int64_t>(context, args[0], PhysicalType::kInt64, out,
                             [](int64_t a) { return Wrap(0, a, true); });
}

// The operands of + and * may come in either order: the kernels take the interval second (of *
// first).
template <EvalFn kKernel>
void Swapped(FunctionState* state, EvalContext& context, std::span<const Column> args,
             Column* out) {
  const Column swapped[] = {args[1], args[0]};
  kKernel(state, context, std::span<const Column>(swapped, 2), out);
}

#define RHEI_SIGNED(Kernel) (minus ? Kernel<-1> : (swap ? Swapped<Kernel<1>> : Kernel<1>))

EvalFn ChooseAddition(const DataType& time, bool months, bool minus, bool swap) {
  switch (PhysicalTypeOf(time)) {
    case PhysicalType::kInt32:
      if (time.root() == TypeRoot::kDate) {
        return months ? RHEI_SIGNED(DatePlusMonths) : RHEI_SIGNED(DatePlusMillis);
      }
      return months ? RHEI_SIGNED(TimePlusMonths) : RHEI_SIGNED(TimePlusMillis);
    case PhysicalType::kInt64:
      return months ? RHEI_SIGNED(MicrosPlusMonths) : RHEI_SIGNED(MicrosPlusMillis);
    default: return months ? RHEI_SIGNED(Timestamp9PlusMonths) : RHEI_SIGNED(Timestamp9PlusMillis);
  }
}

#undef RHEI_SIGNED

bool IsTimeOrInterval(const DataType& type) {
  return IsTemporal(type.root()) || IsInterval(type.root());
}

}  // namespace

bool IsTemporalArithmetic(const CallInfo& call) {
  for (const ArgumentInfo& argument : call.arguments) {
    if (IsTimeOrInterval(argument.type)) return true;
  }
  return false;
}

std::optional<CallTyping> InferTemporalArithmetic(char symbol, const CallInfo& call) {
  const DataType& a = call.arguments[0].type;
  if (call.arguments.size() == 1) {
    if (symbol != '-' || !IsInterval(a.root())) return std::nullopt;
    return CallTyping{a, {}};
  }
  const DataType& b = call.arguments[1].type;
  const bool nullable = AnyNullable(call);
  if (symbol == '*') {
    const bool interval_first = IsInterval(a.root());
    const DataType& interval = interval_first ? a : b;
    const DataType& number = interval_first ? b : a;
    if (!IsInterval(interval.root()) || !IsInteger(number.root())) return std::nullopt;
    const DataType factor = DataType::BigInt(number.nullable());
    std::vector<DataType> types = {interval_first ? interval : factor,
                                   interval_first ? factor : interval};
    return CallTyping{interval.WithNullable(nullable), std::move(types)};
  }
  if (IsInterval(a.root()) && a.root() == b.root()) {
    return CallTyping{CommonType(a, b)->WithNullable(nullable), {}};
  }
  const auto result = [&](const DataType& time) {
    return CallTyping{time.WithNullable(nullable).WithTimeAttribute(TimeAttribute::kNone), {}};
  };
  if (IsTemporal(a.root()) && IsInterval(b.root())) return result(a);
  if (symbol == '+' && IsInterval(a.root()) && IsTemporal(b.root())) return result(b);
  return std::nullopt;
}

EvalFn ChooseTemporalArithmetic(char symbol, const CallInfo& call) {
  const DataType& a = call.arguments[0].type;
  if (call.arguments.size() == 1) {
    return a.root() == TypeRoot::kIntervalYearMonth ? NegateMonths : NegateMillis;
  }
  const DataType& b = call.arguments[1].type;
  if (symbol == '*') {
    const bool interval_first = IsInterval(a.root());
    const bool months = (interval_first ? a : b).root() == TypeRoot::kIntervalYearMonth;
    if (interval_first) return months ? MonthsTimes : MillisTimes;
    return months ? Swapped<MonthsTimes> : Swapped<MillisTimes>;
  }
  const bool minus = symbol == '-';
  if (IsInterval(a.root()) && IsInterval(b.root())) {
    if (a.root() == TypeRoot::kIntervalYearMonth) {
      return minus ? MonthsPlusMonths<-1> : MonthsPlusMonths<1>;
    }
    return minus ? MillisPlusMillis<-1> : MillisPlusMillis<1>;
  }
  const bool swap = IsInterval(a.root());
  const DataType& interval = swap ? a : b;
  return ChooseAddition(swap ? b : a, interval.root() == TypeRoot::kIntervalYearMonth, minus, swap);
}

}  // namespace rhei
