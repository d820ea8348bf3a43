// STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP and VARIANCE by Welford's method, which can also take
// values back. Results have the type AVG would have; integers are truncated.
#include <array>
#include <cmath>

#include "functions/agg_tables.h"
#include "functions/agg_value.h"

namespace rhei {
namespace {

using Kernel = AggregateDef::Kernel;

struct VarianceState {
  int64_t count;
  double mean;
  double m2;  // sum of squared distances from the mean

  void Add(double value) {
    ++count;
    if (count == 0) return Clear();
    const double delta = value - mean;
    mean += delta / static_cast<double>(count);
    m2 += delta * (value - mean);
  }
  void Retract(double value) {
    --count;
    if (count == 0) return Clear();
    const double delta = value - mean;
    mean -= delta / static_cast<double>(count);
    m2 -= delta * (value - mean);
  }
  void Clear() { mean = m2 = 0; }
};

double DecimalAsDouble(Int128 unscaled, double divisor) {
  return static_cast<double>(unscaled) / divisor;
}

template <typename T>
void Accumulate(const AggregateCall& call, const AggregateRows& rows) {
  const DataType& type = call.argument_types[0];
  const double divisor = type.root() == TypeRoot::kDecimal ? std::pow(10.0, type.scale()) : 1.0;
  ForEachValue<T>(rows, 0, [divisor](std::byte* bytes, T value, bool add) {
    double x;
    if constexpr (std::is_same_v<T, Int128>) {
      x = DecimalAsDouble(value, divisor);
    } else {
      x = static_cast<double>(value) / divisor;
    }
    VarianceState& state = StateAt<VarianceState>(bytes);
    if (add) {
      state.Add(x);
    } else {
      state.Retract(x);
    }
  });
}

void Merge(const AggregateCall&, std::span<std::byte* const> into,
           std::span<std::byte* const> from) {
  for (size_t i = 0; i < into.size(); ++i) {
    VarianceState& state = StateAt<VarianceState>(into[i]);
    const VarianceState& other = StateAt<VarianceState>(from[i]);
    if (other.count == 0) continue;
    if (state.count == 0) {
      state = other;
      continue;
    }
    const int64_t count = state.count + other.count;
    if (count == 0) {
      state = {};
      continue;
    }
    const double delta = other.mean - state.mean;
    const auto total = static_cast<double>(count);
    state.mean += delta * (static_cast<double>(other.count) / total);
    state.m2 += other.m2 +
                delta * delta *
                    (static_cast<double>(state.count) * static_cast<double>(other.count) / total);
    state.count = count;
  }
}

// Java's cast of a double: NaN to 0, out of range to the nearest end; narrow types wrap the int.
template <typename T>
T JavaCast(double value) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value);
  } else if constexpr (std::is_same_v<T, int64_t>) {
    if (std::isnan(value)) return 0;
    if (value >= 9223372036854775808.0) return INT64_MAX;
    if (value <= -9223372036854775808.0) return INT64_MIN;
    return static_cast<int64_t>(value);
  } else {
    if (std::isnan(value)) return 0;
    return static_cast<T>(static_cast<int32_t>(std::clamp(value, -2147483648.0, 2147483647.0)));
  }
}

// Rounds half up to `scale` decimals; false when the value has more than 38 digits.
bool DoubleToDecimal(double value, int scale, Int128* unscaled) {
  const long double scaled =
      static_cast<long double>(value) * std::pow(10.0L, static_cast<long double>(scale));
  if (!(std::fabs(scaled) < 1e38L)) return false;
  *unscaled = static_cast<Int128>(std::round(scaled));
  return true;
}

template <typename T, bool kSample, bool kRoot>
void Emit(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
          Column* out) {
  FixedResult<T> result(call, states.size(), pool);
  for (size_t i = 0; i < states.size(); ++i) {
    const VarianceState& state = StateAt<VarianceState>(states[i]);
    const int64_t divisor = state.count - (kSample ? 1 : 0);
    if (state.count <= 0 || divisor == 0) {
      result.SetNull(i);
      continue;
    }
    double value = state.m2 / static_cast<double>(divisor);
    if (kRoot) value = std::sqrt(value);
    if constexpr (std::is_same_v<T, Int128>) {
      Int128 unscaled;
      if (DoubleToDecimal(value, call.result_type.scale(), &unscaled)) {
        result.Set(i, unscaled);
      } else {
        result.SetNull(i);
      }
    } else {
      result.Set(i, JavaCast<T>(value));
    }
  }
  *out = result.Finish();
}

template <bool kSample, bool kRoot>
Result<Kernel> VarianceKernel(const AggregateCall& call) {
  Kernel kernel{.state_bytes = sizeof(VarianceState), .merge = Merge};
  const PhysicalType input = PhysicalTypeOf(call.argument_types[0]);
  VisitFixedType(input, [&]<typename T>(T) {
    if constexpr (!std::is_same_v<T, Timestamp9>) kernel.accumulate = Accumulate<T>;
  });
  VisitFixedType(PhysicalTypeOf(call.result_type), [&]<typename T>(T) {
    if constexpr (!std::is_same_v<T, Timestamp9>) kernel.emit = Emit<T, kSample, kRoot>;
  });
  return kernel;
}

Result<AggregateTyping> InferVariance(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  if (!IsNumeric(type.root())) {
    return WrongArgumentTypes("STDDEV and VARIANCE", call, "(<NUMERIC>)");
  }
  if (type.root() != TypeRoot::kDecimal) return AggregateTyping{type, {type}};
  return AggregateTyping{DataType::Decimal(38, std::max(6, type.scale()), type.nullable()), {type}};
}

constexpr std::string_view kSignature = "(NUMERIC) -> as AVG";
constexpr std::array kTable = {
    AggregateDef{.name = "STDDEV_POP",
                 .signature = kSignature,
                 .doc = "The population standard deviation of the values that are not NULL.",
                 .example = "STDDEV_POP(x)",
                 .infer = InferVariance,
                 .kernel = VarianceKernel<false, true>},
    AggregateDef{.name = "STDDEV_SAMP",
                 .signature = kSignature,
                 .doc = "The sample standard deviation; NULL for fewer than two values.",
                 .example = "STDDEV_SAMP(x)",
                 .infer = InferVariance,
                 .kernel = VarianceKernel<true, true>},
    AggregateDef{.name = "STDDEV",
                 .signature = kSignature,
                 .doc = "The same as STDDEV_SAMP.",
                 .example = "STDDEV(x)",
                 .infer = InferVariance,
                 .kernel = VarianceKernel<true, true>},
    AggregateDef{.name = "VAR_POP",
                 .signature = kSignature,
                 .doc = "The population variance of the values that are not NULL.",
                 .example = "VAR_POP(x)",
                 .infer = InferVariance,
                 .kernel = VarianceKernel<false, false>},
    AggregateDef{.name = "VAR_SAMP",
                 .signature = kSignature,
                 .doc = "The sample variance; NULL for fewer than two values.",
                 .example = "VAR_SAMP(x)",
                 .infer = InferVariance,
                 .kernel = VarianceKernel<true, false>},
    AggregateDef{.name = "VARIANCE",
                 .signature = kSignature,
                 .doc = "The same as VAR_SAMP.",
                 .example = "VARIANCE(x)",
                 .infer = InferVariance,
                 .kernel = VarianceKernel<true, false>},
};

}  // namespace

std::span<const AggregateDef> VarianceAggregates() {
  return kTable;
}

}  // namespace rhei
