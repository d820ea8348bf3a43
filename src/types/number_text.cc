#include "types/number_text.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace rhei {
namespace {

size_t Put(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return text.size();
}

template <typename T>
size_t PrintFloating(T value, char* out) {
  if (std::isnan(value)) return Put("NaN", out);
  if (std::isinf(value)) return Put(value < 0 ? "-Infinity" : "Infinity", out);
  char* at = out;
  if (std::signbit(value)) *at++ = '-';
  const T size = std::fabs(value);
  if (size == 0) return static_cast<size_t>(at - out) + Put("0.0", at);
  // Shortest digits as d.ddde+xx, then laid out anew.
  char text[40];
  std::to_chars_result end =
      std::to_chars(text, text + sizeof(text), size, std::chars_format::scientific);
  if (text[1] == 'e') {
    // Java prints two digits at least, and takes the nearest two (4.9E-324, not 5.0E-324).
    end = std::to_chars(text, text + sizeof(text), size, std::chars_format::scientific, 1);
  }
  char digits[24];
  int count = 0;
  const char* p = text;
  for (; p != end.ptr && *p != 'e'; ++p) {
    if (*p != '.') digits[count++] = *p;
  }
  while (count > 1 && digits[count - 1] == '0') --count;
  int exponent = 0;
  const char* exponent_start = p + 1;
  if (*exponent_start == '+') ++exponent_start;
  std::from_chars(exponent_start, end.ptr, exponent);
  const auto put = [&](int from, int until) {
    for (int i = from; i < until; ++i) *at++ = i < count ? digits[i] : '0';
  };
  if (exponent >= -3 && exponent < 7) {
    if (exponent < 0) {
      *at++ = '0';
      *at++ = '.';
      for (int i = -1; i > exponent; --i) *at++ = '0';
      put(0, count);
    } else {
      put(0, exponent + 1);
      *at++ = '.';
      put(exponent + 1, count > exponent + 1 ? count : exponent + 2);
    }
  } else {
    *at++ = digits[0];
    *at++ = '.';
    put(1, count > 1 ? count : 2);
    *at++ = 'E';
    at = std::to_chars(at, at + 8, exponent).ptr;
  }
  return static_cast<size_t>(at - out);
}

std::string_view TrimSpaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <typename T>
NumberParse ParseFloating(std::string_view text, T* value) {
  // Java trims everything up to the space character.
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  if (text.empty()) return NumberParse::kEmpty;
  bool negative = false;
  if (text[0] == '+' || text[0] == '-') {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text == "NaN" || text == "Infinity") {
    *value = text == "NaN" ? std::numeric_limits<T>::quiet_NaN()
                           : std::numeric_limits<T>::infinity() * (negative ? T{-1} : T{1});
    return NumberParse::kOk;
  }
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const bool number_follows =
      !text.empty() && ((text[0] >= '0' && text[0] <= '9') || (text[0] == '.' && text.size() > 1));
  if (!number_follows) return NumberParse::kInvalid;
  if (hex) {
    text.remove_prefix(2);
    if (text.find_first_of("pP") == std::string_view::npos) return NumberParse::kInvalid;
  }
  const char last = text.back();
  if ((last == 'd' || last == 'D' || last == 'f' || last == 'F') && text.size() > 1) {
    text.remove_suffix(1);
  }
  T parsed{};
  const std::from_chars_result end =
      std::from_chars(text.data(), text.data() + text.size(), parsed,
                      hex ? std::chars_format::hex : std::chars_format::general);
  if (end.ec == std::errc::invalid_argument || end.ptr != text.data() + text.size()) {
    return NumberParse::kInvalid;
  }
  if (end.ec == std::errc::result_out_of_range) {
    // Too large is infinity, too small is zero: told apart by the exponent's sign.
    const size_t e = text.find_first_of(hex ? "pP" : "eE");
    const bool tiny = e == std::string_view::npos ? text.starts_with("0") || text.starts_with(".")
                                                  : text.find('-', e) != std::string_view::npos;
    parsed = tiny ? T{0} : std::numeric_limits<T>::infinity();
  }
  *value = negative ? -parsed : parsed;
  return NumberParse::kOk;
}

}  // namespace

size_t PrintDouble(double value, char* out) {
  return PrintFloating(value, out);
}

size_t PrintFloat(float value, char* out) {
  return PrintFloating(value, out);
}

size_t PrintInt(int64_t value, char* out) {
  return static_cast<size_t>(std::to_chars(out, out + kNumberTextMax, value).ptr - out);
}

std::string DoubleToString(double value) {
  char text[kNumberTextMax];
  return {text, PrintDouble(value, text)};
}

std::string FloatToString(float value) {
  char text[kNumberTextMax];
  return {text, PrintFloat(value, text)};
}

NumberParse ParseInteger(std::string_view text, int64_t min, int64_t max, int64_t* value) {
  text = TrimSpaces(text);
  if (text.empty()) return NumberParse::kEmpty;
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') {
    text.remove_prefix(1);
    if (text.empty()) return NumberParse::kInvalid;
  }
  // Counted downwards, because the negative range is the larger one.
  int64_t number = 0;
  bool overflow = false;
  size_t i = 0;
  for (; i < text.size() && text[i] != '.'; ++i) {
    if (text[i] < '0' || text[i] > '9') return NumberParse::kInvalid;
    overflow = overflow || __builtin_mul_overflow(number, 10, &number) ||
               __builtin_sub_overflow(number, text[i] - '0', &number);
  }
  for (++i; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return NumberParse::kInvalid;
  }
  if (!negative) overflow = overflow || __builtin_sub_overflow(int64_t{0}, number, &number);
  if (overflow || number < min || number > max) return NumberParse::kOverflow;
  *value = number;
  return NumberParse::kOk;
}

NumberParse ParseDouble(std::string_view text, double* value) {
  return ParseFloating(text, value);
}

NumberParse ParseFloat(std::string_view text, float* value) {
  return ParseFloating(text, value);
}

}  // namespace rhei
