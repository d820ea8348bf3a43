#pragma once
// Exact decimal arithmetic. A DECIMAL(p, s) is its unscaled value v, standing for v / 10^s, with
// |v| < 10^p. Results are rounded HALF_UP (away from zero at one half) to the result's scale;
// nothing (std::nullopt) when they need more than its precision. Intermediates have 256 bits.
// Thread-safety: pure functions.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "types/int128.h"

namespace rhei {

// Precision and scale of a result.
struct DecimalShape {
  int precision = 38;
  int scale = 0;
};

// 10^exponent. REQUIRES: 0 <= exponent <= 38.
Int128 PowerOfTen(int exponent);
// |value| < 10^precision?
bool FitsPrecision(Int128 value, int precision);

std::optional<Int128> RescaleDecimal(Int128 value, int scale, DecimalShape to);
std::optional<Int128> AddDecimals(Int128 a, int a_scale, Int128 b, int b_scale, DecimalShape to);
std::optional<Int128> SubtractDecimals(Int128 a, int a_scale, Int128 b, int b_scale,
                                       DecimalShape to);
std::optional<Int128> MultiplyDecimals(Int128 a, int a_scale, Int128 b, int b_scale,
                                       DecimalShape to);
// REQUIRES: b != 0. Rounds to 38 significant digits first, as Flink does, then to the scale.
std::optional<Int128> DivideDecimals(Int128 a, int a_scale, Int128 b, int b_scale, DecimalShape to);
// The sign follows a. REQUIRES: b != 0.
std::optional<Int128> RemainderOfDecimals(Int128 a, int a_scale, Int128 b, int b_scale,
                                          DecimalShape to);
// -1, 0, 1.
int CompareDecimals(Int128 a, int a_scale, Int128 b, int b_scale);

// The integer part, cut off toward zero.
Int128 TruncateDecimal(Int128 value, int scale);
// Rounds to `digits` digits after the point (negative: before it), HALF_UP, keeping the scale.
Int128 RoundDecimal(Int128 value, int scale, int digits);
// Toward negative and positive infinity, as an integer.
Int128 FloorDecimal(Int128 value, int scale);
Int128 CeilDecimal(Int128 value, int scale);

double DecimalToDouble(Int128 value, int scale);
// By the digits that Double.toString prints; nothing for overflow. REQUIRES: finite.
std::optional<Int128> DecimalFromDouble(double value, DecimalShape to);

// "-12.340": all digits of the scale, no exponent. Printing to `out`, which has kDecimalTextMax
// bytes, returns the length.
inline constexpr size_t kDecimalTextMax = 48;
size_t PrintDecimal(Int128 value, int scale, char* out);
void AppendDecimal(Int128 value, int scale, std::string* out);
std::string DecimalToString(Int128 value, int scale);

enum class DecimalParse : uint8_t { kOk, kInvalid, kOverflow };
// Digits with an optional sign, point and exponent, spaces around them; rounded HALF_UP.
DecimalParse ParseDecimal(std::string_view text, DecimalShape to, Int128* value);

}  // namespace rhei
