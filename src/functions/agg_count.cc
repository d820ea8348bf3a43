// COUNT, SUM, $SUM0 and AVG. Integers wrap in the result type, decimals become NULL when they
// overflow, an AVG of integers is an integer.
#include <array>
#include <cmath>

#include "functions/agg_tables.h"
#include "functions/agg_value.h"

namespace rhei {
namespace {

using Kernel = AggregateDef::Kernel;

// --- COUNT ------------------------------------------------------------------------------------

void CountRows(const AggregateCall&, const AggregateRows& rows) {
  const size_t count = rows.states.size();
  if (rows.additions == nullptr) {
    for (size_t i = 0; i < count; ++i) {
      rows.Begin(i);
      ++StateAt<int64_t>(rows.states[i]);
    }
  } else {
    for (size_t i = 0; i < count; ++i) {
      rows.Begin(i);
      StateAt<int64_t>(rows.states[i]) += rows.additions[i] != 0 ? 1 : -1;
    }
  }
}

void MergeCounts(const AggregateCall&, std::span<std::byte* const> into,
                 std::span<std::byte* const> from) {
  for (size_t i = 0; i < into.size(); ++i) {
    StateAt<int64_t>(into[i]) += StateAt<int64_t>(from[i]);
  }
}

void EmitCounts(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
                Column* out) {
  FixedResult<int64_t> result(call, states.size(), pool);
  for (size_t i = 0; i < states.size(); ++i) result.Set(i, StateAt<int64_t>(states[i]));
  *out = result.Finish();
}

Result<AggregateTyping> InferCount(const CallInfo& call) {
  AggregateTyping typing{DataType::BigInt(false), {}};
  for (const ArgumentInfo& argument : call.arguments) {
    typing.argument_types.push_back(argument.type);
  }
  return typing;
}

Result<Kernel> CountKernel(const AggregateCall&) {
  return Kernel{.state_bytes = sizeof(int64_t),
                .running = true,
                .accumulate = CountRows,
                .merge = MergeCounts,
                .emit = EmitCounts};
}

// --- SUM --------------------------------------------------------------------------------------

// S: what is added up in; T: what is read and written. Unsigned S, so that wrapping is defined.
template <typename S>
struct SumState {
  S sum;
  int64_t count;
};

template <typename S, typename T>
struct Summing {
  using State = SumState<S>;
  static void Accumulate(const AggregateCall&, const AggregateRows& rows) {
    ForEachValue<T>(rows, 0, [](std::byte* bytes, T value, bool add) {
      State& state = StateAt<State>(bytes);
      if (add) {
        state.sum = static_cast<S>(state.sum + static_cast<S>(value));
        ++state.count;
      } else {
        state.sum = static_cast<S>(state.sum - static_cast<S>(value));
        --state.count;
      }
    });
  }
  static void Merge(const AggregateCall&, std::span<std::byte* const> into,
                    std::span<std::byte* const> from) {
    for (size_t i = 0; i < into.size(); ++i) {
      State& state = StateAt<State>(into[i]);
      const State& other = StateAt<State>(from[i]);
      state.sum = static_cast<S>(state.sum + other.sum);
      state.count += other.count;
    }
  }
  template <bool kZeroWhenEmpty>
  static void EmitSum(const AggregateCall& call, std::span<std::byte* const> states,
                      MemoryPool* pool, Column* out) {
    FixedResult<T> result(call, states.size(), pool);
    for (size_t i = 0; i < states.size(); ++i) {
      const State& state = StateAt<State>(states[i]);
      if (state.count != 0 || kZeroWhenEmpty) {
        result.Set(i, static_cast<T>(state.sum));
      } else {
        result.SetNull(i);
      }
    }
    *out = result.Finish();
  }
  static void EmitAverage(const AggregateCall& call, std::span<std::byte* const> states,
                          MemoryPool* pool, Column* out) {
    FixedResult<T> result(call, states.size(), pool);
    for (size_t i = 0; i < states.size(); ++i) {
      const State& state = StateAt<State>(states[i]);
      if (state.count == 0) {
        result.SetNull(i);
      } else if constexpr (std::is_integral_v<S>) {
        const auto sum = static_cast<int64_t>(state.sum);
        // The one quotient that does not fit wraps to itself.
        result.Set(i, static_cast<T>(state.count == -1 ? static_cast<int64_t>(-state.sum)
                                                       : sum / state.count));
      } else {
        result.Set(i, static_cast<T>(state.sum / static_cast<S>(state.count)));
      }
    }
    *out = result.Finish();
  }
  template <bool kZeroWhenEmpty>
  static Kernel SumKernel() {
    return {.state_bytes = sizeof(State),
            .running = true,
            .accumulate = Accumulate,
            .merge = Merge,
            .emit = EmitSum<kZeroWhenEmpty>};
  }
  static Kernel AverageKernel() {
    return {.state_bytes = sizeof(State),
            .running = true,
            .accumulate = Accumulate,
            .merge = Merge,
            .emit = EmitAverage};
  }
};

// --- decimals ---------------------------------------------------------------------------------

constexpr int kMaxDigits = 38;

constexpr Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}
constexpr Int128 kDecimalLimit = PowerOfTen(kMaxDigits);

struct DecimalState {
  StoredInt128 sum;
  int64_t count;
  // SUM: there is a sum. AVG: 2 once a sum overflowed, and for good.
  int64_t flag;
};
constexpr int64_t kHasSum = 1;
constexpr int64_t kOverflowed = 2;

// Adds within 38 digits; false on overflow. |a|, |b| < 10^38, so the sum fits 128 bits.
bool AddDecimal(Int128 a, Int128 b, Int128* sum) {
  *sum = a + b;
  return *sum<kDecimalLimit&& * sum> - kDecimalLimit;
}

template <typename T>
void AccumulateDecimalSum(const AggregateCall&, const AggregateRows& rows) {
  ForEachValue<T>(rows, 0, [](std::byte* bytes, T value, bool add) {
    DecimalState& state = StateAt<DecimalState>(bytes);
    const Int128 signed_value = add ? Int128{value} : -Int128{value};
    state.count += add ? 1 : -1;
    Int128 sum = signed_value;
    // A sum that overflowed is NULL, and the next value starts a new one, as in Flink.
    const bool fits = state.flag == 0 || AddDecimal(state.sum, signed_value, &sum);
    state.flag = fits ? kHasSum : 0;
    state.sum = fits ? sum : Int128{0};
  });
}

void MergeDecimalSums(const AggregateCall&, std::span<std::byte* const> into,
                      std::span<std::byte* const> from) {
  for (size_t i = 0; i < into.size(); ++i) {
    DecimalState& state = StateAt<DecimalState>(into[i]);
    const DecimalState& other = StateAt<DecimalState>(from[i]);
    state.count += other.count;
    if (other.flag == 0) continue;
    Int128 sum = other.sum;
    const bool fits = state.flag == 0 || AddDecimal(state.sum, other.sum, &sum);
    state.flag = fits ? kHasSum : 0;
    state.sum = fits ? sum : Int128{0};
  }
}

template <bool kZeroWhenEmpty>
void EmitDecimalSums(const AggregateCall& call, std::span<std::byte* const> states,
                     MemoryPool* pool, Column* out) {
  FixedResult<Int128> result(call, states.size(), pool);
  for (size_t i = 0; i < states.size(); ++i) {
    const DecimalState& state = StateAt<DecimalState>(states[i]);
    if (state.count == 0 && kZeroWhenEmpty) continue;
    if (state.count == 0 || state.flag == 0) {
      result.SetNull(i);
    } else {
      result.Set(i, state.sum);
    }
  }
  *out = result.Finish();
}

template <typename T>
void AccumulateDecimalAverage(const AggregateCall&, const AggregateRows& rows) {
  ForEachValue<T>(rows, 0, [](std::byte* bytes, T value, bool add) {
    DecimalState& state = StateAt<DecimalState>(bytes);
    state.count += add ? 1 : -1;
    Int128 sum;
    if (AddDecimal(state.sum, add ? Int128{value} : -Int128{value}, &sum)) {
      state.sum = sum;
    } else {
      state.flag = kOverflowed;
    }
  });
}

void MergeDecimalAverages(const AggregateCall&, std::span<std::byte* const> into,
                          std::span<std::byte* const> from) {
  for (size_t i = 0; i < into.size(); ++i) {
    DecimalState& state = StateAt<DecimalState>(into[i]);
    const DecimalState& other = StateAt<DecimalState>(from[i]);
    state.count += other.count;
    state.flag |= other.flag;
    Int128 sum;
    if (AddDecimal(state.sum, other.sum, &sum)) {
      state.sum = sum;
    } else {
      state.flag = kOverflowed;
    }
  }
}

// sum / count with `extra_digits` more decimals, rounded half up; false on overflow.
bool DivideDecimal(Int128 sum, int64_t count, int extra_digits, Int128* quotient) {
  const Int128 scale = PowerOfTen(extra_digits);
  const Int128 whole = sum / count;
  const Int128 rest = (sum % count) * scale;  // < 2^63 * 10^6
  Int128 fraction = rest / count;
  const Int128 left = rest % count;
  const Int128 magnitude = left < 0 ? -left : left;
  const Int128 divisor = count < 0 ? -Int128{count} : Int128{count};
  if (magnitude * 2 >= divisor) fraction += ((sum < 0) != (count < 0)) ? -1 : 1;
  if (whole > kDecimalLimit / scale || whole < -(kDecimalLimit / scale)) return false;
  return AddDecimal(whole * scale, fraction, quotient);
}

void EmitDecimalAverages(const AggregateCall& call, std::span<std::byte* const> states,
                         MemoryPool* pool, Column* out) {
  FixedResult<Int128> result(call, states.size(), pool);
  const int extra_digits = call.result_type.scale() - call.argument_types[0].scale();
  for (size_t i = 0; i < states.size(); ++i) {
    const DecimalState& state = StateAt<DecimalState>(states[i]);
    Int128 quotient = 0;
    if (state.count != 0 && state.flag != kOverflowed &&
        DivideDecimal(state.sum, state.count, extra_digits, &quotient)) {
      result.Set(i, quotient);
    } else {
      result.SetNull(i);
    }
  }
  *out = result.Finish();
}

// --- typing and choice ------------------------------------------------------------------------

Result<AggregateTyping> InferSumOf(std::string_view name, const CallInfo& call, bool not_null) {
  const DataType& type = call.arguments[0].type;
  if (!IsNumeric(type.root())) {
    return WrongArgumentTypes(name, call, std::string(name) + "(<NUMERIC>)");
  }
  DataType result = type;
  if (type.root() == TypeRoot::kDecimal) {
    result = DataType::Decimal(kMaxDigits, type.scale(), type.nullable());
  }
  result = result.WithTimeAttribute(TimeAttribute::kNone);
  return AggregateTyping{not_null ? result.WithNullable(false) : result, {type}};
}
Result<AggregateTyping> InferSum(const CallInfo& call) {
  return InferSumOf("SUM", call, false);
}
Result<AggregateTyping> InferSum0(const CallInfo& call) {
  return InferSumOf("$SUM0", call, true);
}

template <bool kZeroWhenEmpty>
Result<Kernel> SumKernel(const AggregateCall& call) {
  switch (call.argument_types[0].root()) {
    case TypeRoot::kTinyInt: return Summing<uint64_t, int8_t>::SumKernel<kZeroWhenEmpty>();
    case TypeRoot::kSmallInt: return Summing<uint64_t, int16_t>::SumKernel<kZeroWhenEmpty>();
    case TypeRoot::kInt: return Summing<uint64_t, int32_t>::SumKernel<kZeroWhenEmpty>();
    case TypeRoot::kBigInt: return Summing<uint64_t, int64_t>::SumKernel<kZeroWhenEmpty>();
    case TypeRoot::kFloat: return Summing<float, float>::SumKernel<kZeroWhenEmpty>();
    case TypeRoot::kDouble: return Summing<double, double>::SumKernel<kZeroWhenEmpty>();
    default: break;
  }
  const bool wide = PhysicalTypeOf(call.argument_types[0]) == PhysicalType::kInt128;
  return Kernel{.state_bytes = sizeof(DecimalState),
                .running = true,
                .accumulate = wide ? AccumulateDecimalSum<Int128> : AccumulateDecimalSum<int64_t>,
                .merge = MergeDecimalSums,
                .emit = EmitDecimalSums<kZeroWhenEmpty>};
}

Result<AggregateTyping> InferAverage(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  if (!IsNumeric(type.root())) return WrongArgumentTypes("AVG", call, "AVG(<NUMERIC>)");
  if (type.root() != TypeRoot::kDecimal) return AggregateTyping{type, {type}};
  return AggregateTyping{DataType::Decimal(kMaxDigits, std::max(6, type.scale()), type.nullable()),
                         {type}};
}

Result<Kernel> AverageKernel(const AggregateCall& call) {
  switch (call.argument_types[0].root()) {
    case TypeRoot::kTinyInt: return Summing<uint64_t, int8_t>::AverageKernel();
    case TypeRoot::kSmallInt: return Summing<uint64_t, int16_t>::AverageKernel();
    case TypeRoot::kInt: return Summing<uint64_t, int32_t>::AverageKernel();
    case TypeRoot::kBigInt: return Summing<uint64_t, int64_t>::AverageKernel();
    case TypeRoot::kFloat: return Summing<double, float>::AverageKernel();
    case TypeRoot::kDouble: return Summing<double, double>::AverageKernel();
    default: break;
  }
  const bool wide = PhysicalTypeOf(call.argument_types[0]) == PhysicalType::kInt128;
  return Kernel{
      .state_bytes = sizeof(DecimalState),
      .running = true,
      .accumulate = wide ? AccumulateDecimalAverage<Int128> : AccumulateDecimalAverage<int64_t>,
      .merge = MergeDecimalAverages,
      .emit = EmitDecimalAverages};
}

constexpr std::array kTable = {
    AggregateDef{.name = "COUNT",
                 .signature = "(*) or (ANY, ...) -> BIGINT",
                 .doc = "The number of rows, or of rows where every argument is not NULL.",
                 .example = "COUNT(*)",
                 .min_arguments = 0,
                 .max_arguments = -1,
                 .infer = InferCount,
                 .never_null = true,
                 .kernel = CountKernel},
    AggregateDef{.name = "SUM",
                 .signature = "(NUMERIC) -> the same type; DECIMAL(38, s) of DECIMAL(p, s)",
                 .doc = "The sum of the values that are not NULL; NULL when there are none. "
                        "Integers wrap around.",
                 .example = "SUM(amount)",
                 .infer = InferSum,
                 .kernel = SumKernel<false>},
    AggregateDef{.name = "$SUM0",
                 .signature = "(NUMERIC) -> as SUM",
                 .doc = "SUM, but 0 when there is nothing to add up. Made by the planner.",
                 .example = "",
                 .infer = InferSum0,
                 .never_null = true,
                 .kernel = SumKernel<true>},
    AggregateDef{.name = "AVG",
                 .signature = "(NUMERIC) -> the same type; DECIMAL(38, max(6, s)) of DECIMAL(p, s)",
                 .doc = "The average of the values that are not NULL, truncated for integers; NULL "
                        "when there are none.",
                 .example = "AVG(amount)",
                 .infer = InferAverage,
                 .kernel = AverageKernel},
};

}  // namespace

std::span<const AggregateDef> CountAggregates() {
  return kTable;
}

}  // namespace rhei
