#pragma once
// Numbers as text, as Java prints and reads them. Thread-safety: pure functions.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rhei {

// Enough for any number printed below.
inline constexpr size_t kNumberTextMax = 32;

// Double.toString and Float.toString: shortest digits, at least one after the point, exponent form
// from 1.0E7 and below 0.001 ("1.0E10", "NaN", "Infinity"). Returns the length.
size_t PrintDouble(double value, char* out);
size_t PrintFloat(float value, char* out);
size_t PrintInt(int64_t value, char* out);
std::string DoubleToString(double value);
std::string FloatToString(float value);

enum class NumberParse : uint8_t { kOk, kEmpty, kInvalid, kOverflow };

// CAST(text AS integer type): spaces around, a sign, digits, and a fraction that is cut off.
NumberParse ParseInteger(std::string_view text, int64_t min, int64_t max, int64_t* value);
// Double.parseDouble and Float.parseFloat, which also take "NaN", "Infinity", hex and a trailing d
// or f.
NumberParse ParseDouble(std::string_view text, double* value);
NumberParse ParseFloat(std::string_view text, float* value);

}  // namespace rhei
