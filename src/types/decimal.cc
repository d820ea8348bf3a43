#include "types/decimal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/check.h"

namespace rhei {
namespace {

constexpr int kMaxDigits = 38;

constexpr std::array<UInt128, 39> MakePowers() {
  std::array<UInt128, 39> powers{};
  UInt128 power = 1;
  for (UInt128& slot : powers) {
    slot = power;
    power *= 10;
  }
  return powers;
}
constexpr std::array<UInt128, 39> kPowers = MakePowers();

UInt128 Magnitude(Int128 value) {
  return value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
}
Int128 Signed(UInt128 magnitude, bool negative) {
  return negative ? -static_cast<Int128>(magnitude) : static_cast<Int128>(magnitude);
}

// An unsigned 256-bit integer in 32-bit limbs, lowest first: small and simple; the common cases
// never get here.
struct Wide {
  std::array<uint32_t, 8> limb{};

  static Wide Of(UInt128 value) {
    Wide wide;
    for (size_t i = 0; i < 4; ++i) {
      wide.limb[i] = static_cast<uint32_t>(value);
      value >>= 32;
    }
    return wide;
  }
  bool fits128() const { return (limb[4] | limb[5] | limb[6] | limb[7]) == 0; }
  UInt128 low() const {
    UInt128 value = 0;
    for (size_t i = 4; i-- > 0;) value = value << 32 | limb[i];
    return value;
  }
  bool zero() const {
    return std::all_of(limb.begin(), limb.end(), [](uint32_t l) { return l == 0; });
  }
  size_t size() const {
    size_t used = 8;
    while (used > 0 && limb[used - 1] == 0) --used;
    return used;
  }
};

int Compare(const Wide& a, const Wide& b) {
  for (size_t i = 8; i-- > 0;) {
    if (a.limb[i] != b.limb[i]) return a.limb[i] < b.limb[i] ? -1 : 1;
  }
  return 0;
}

// a * b; false when it needs more than 256 bits.
bool Multiply(const Wide& a, const Wide& b, Wide* product) {
  std::array<uint32_t, 16> limbs{};
  for (size_t i = 0; i < 8; ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < 8; ++j) {
      const uint64_t sum = uint64_t{a.limb[i]} * b.limb[j] + limbs[i + j] + carry;
      limbs[i + j] = static_cast<uint32_t>(sum);
      carry = sum >> 32;
    }
    limbs[i + 8] = static_cast<uint32_t>(carry);
  }
  std::copy_n(limbs.begin(), 8, product->limb.begin());
  return std::all_of(limbs.begin() + 8, limbs.end(), [](uint32_t l) { return l == 0; });
}

// value * 10^exponent; false on overflow. exponent >= 0, of any size.
bool ScaleUp(Wide value, int exponent, Wide* out) {
  while (exponent > 0 && !value.zero()) {
    const int step = std::min(exponent, kMaxDigits);
    Wide next;
    if (!Multiply(value, Wide::Of(kPowers[static_cast<size_t>(step)]), &next)) return false;
    value = next;
    exponent -= step;
  }
  *out = value;
  return true;
}

Wide Add(const Wide& a, const Wide& b) {
  Wide sum;
  uint64_t carry = 0;
  for (size_t i = 0; i < 8; ++i) {
    carry += uint64_t{a.limb[i]} + b.limb[i];
    sum.limb[i] = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
  return sum;
}

// a - b. REQUIRES: a >= b.
Wide Subtract(const Wide& a, const Wide& b) {
  Wide difference;
  int64_t borrow = 0;
  for (size_t i = 0; i < 8; ++i) {
    int64_t part = int64_t{a.limb[i]} - b.limb[i] + borrow;
    borrow = part < 0 ? -1 : 0;
    difference.limb[i] = static_cast<uint32_t>(part);
  }
  return difference;
}

// Schoolbook long division (Knuth's algorithm D). REQUIRES: divisor != 0.
void Divide(const Wide& dividend, const Wide& divisor, Wide* quotient, Wide* remainder) {
  *quotient = {};
  const size_t n = divisor.size();
  const size_t m = dividend.size();
  if (m < n || Compare(dividend, divisor) < 0) {
    *remainder = dividend;
    return;
  }
  if (n == 1) {
    uint64_t rest = 0;
    for (size_t i = m; i-- > 0;) {
      const uint64_t part = rest << 32 | dividend.limb[i];
      quotient->limb[i] = static_cast<uint32_t>(part / divisor.limb[0]);
      rest = part % divisor.limb[0];
    }
    *remainder = Wide::Of(rest);
    return;
  }
  // Shift both so that the divisor's top bit is set: then a guessed digit is at most two too large.
  const int shift = std::countl_zero(divisor.limb[n - 1]);
  std::array<uint32_t, 8> v{};
  std::array<uint32_t, 9> u{};
  for (size_t i = n; i-- > 0;) {
    const uint64_t low = i == 0 ? 0 : divisor.limb[i - 1];
    v[i] = static_cast<uint32_t>((uint64_t{divisor.limb[i]} << 32 | low) << shift >> 32);
  }
  u[m] = static_cast<uint32_t>(uint64_t{dividend.limb[m - 1]} << shift >> 32);
  for (size_t i = m; i-- > 0;) {
    const uint64_t low = i == 0 ? 0 : dividend.limb[i - 1];
    u[i] = static_cast<uint32_t>((uint64_t{dividend.limb[i]} << 32 | low) << shift >> 32);
  }
  for (size_t j = m - n + 1; j-- > 0;) {
    const uint64_t top = uint64_t{u[j + n]} << 32 | u[j + n - 1];
    uint64_t digit = top / v[n - 1];
    uint64_t rest = top % v[n - 1];
    while (digit >> 32 != 0 || digit * v[n - 2] > (rest << 32 | u[j + n - 2])) {
      --digit;
      rest += v[n - 1];
      if (rest >> 32 != 0) break;
    }
    int64_t borrow = 0;
    uint64_t carry = 0;
    for (size_t i = 0; i < n; ++i) {
      const uint64_t product = digit * v[i] + carry;
      carry = product >> 32;
      const int64_t part = int64_t{u[i + j]} - static_cast<int64_t>(product & 0xffffffffU) + borrow;
      u[i + j] = static_cast<uint32_t>(part);
      borrow = part >> 32;
    }
    const int64_t part = int64_t{u[j + n]} - static_cast<int64_t>(carry) + borrow;
    u[j + n] = static_cast<uint32_t>(part);
    if (part < 0) {  // One too large after all: add the divisor back.
      --digit;
      uint64_t back = 0;
      for (size_t i = 0; i < n; ++i) {
        back += uint64_t{u[i + j]} + v[i];
        u[i + j] = static_cast<uint32_t>(back);
        back >>= 32;
      }
      u[j + n] += static_cast<uint32_t>(back);
    }
    quotient->limb[j] = static_cast<uint32_t>(digit);
  }
  *remainder = {};
  for (size_t i = 0; i < n; ++i) {
    const uint64_t high = i + 1 <= n ? u[i + 1] : 0;
    remainder->limb[i] = static_cast<uint32_t>((high << 32 | u[i]) >> shift);
  }
}

// magnitude / 10^exponent, HALF_UP, when it fits the precision.
std::optional<UInt128> RoundDown(const Wide& magnitude, int exponent, int precision) {
  Wide quotient = magnitude;
  while (exponent > kMaxDigits) {  // More digits than any result has: only zero comes out.
    Wide remainder;
    Divide(quotient, Wide::Of(kPowers[kMaxDigits]), &quotient, &remainder);
    exponent -= kMaxDigits;
  }
  if (exponent > 0) {
    const UInt128 divisor = kPowers[static_cast<size_t>(exponent)];
    Wide value = quotient;
    Wide remainder;
    Divide(value, Wide::Of(divisor), &quotient, &remainder);
    if (remainder.low() >= divisor / 2) quotient = Add(quotient, Wide::Of(1));
  }
  if (!quotient.fits128()) return std::nullopt;
  const UInt128 result = quotient.low();
  if (result >= kPowers[static_cast<size_t>(precision)]) return std::nullopt;
  return result;
}

int CountDigits(UInt128 value) {
  int digits = 0;
  while (digits <= kMaxDigits && value >= kPowers[static_cast<size_t>(digits)]) ++digits;
  return digits;
}

std::optional<Int128> WithSign(std::optional<UInt128> magnitude, bool negative) {
  if (!magnitude.has_value()) return std::nullopt;
  return Signed(*magnitude, negative);
}

}  // namespace

Int128 PowerOfTen(int exponent) {
  DCHECK(exponent >= 0 && exponent <= kMaxDigits);
  return static_cast<Int128>(kPowers[static_cast<size_t>(exponent)]);
}

bool FitsPrecision(Int128 value, int precision) {
  return Magnitude(value) < kPowers[static_cast<size_t>(precision)];
}

std::optional<Int128> RescaleDecimal(Int128 value, int scale, DecimalShape to) {
  const bool negative = value < 0;
  const UInt128 magnitude = Magnitude(value);
  if (to.scale >= scale) {
    const int up = to.scale - scale;
    const int room = to.precision - up;
    if (magnitude == 0) return 0;
    if (room < 0 || magnitude >= kPowers[static_cast<size_t>(room)]) return std::nullopt;
    return Signed(magnitude * kPowers[static_cast<size_t>(up)], negative);
  }
  const UInt128 divisor = kPowers[static_cast<size_t>(scale - to.scale)];
  UInt128 quotient = magnitude / divisor;
  if (magnitude % divisor >= divisor / 2) ++quotient;
  if (quotient >= kPowers[static_cast<size_t>(to.precision)]) return std::nullopt;
  return Signed(quotient, negative);
}

std::optional<Int128> AddDecimals(Int128 a, int a_scale, Int128 b, int b_scale, DecimalShape to) {
  const int scale = std::max(a_scale, b_scale);
  Int128 x, y, sum;
  const bool fits = !__builtin_mul_overflow(a, PowerOfTen(scale - a_scale), &x) &&
                    !__builtin_mul_overflow(b, PowerOfTen(scale - b_scale), &y) &&
                    !__builtin_add_overflow(x, y, &sum);
  if (fits) return RescaleDecimal(sum, scale, to);
  Wide u, v;
  CHECK(ScaleUp(Wide::Of(Magnitude(a)), scale - a_scale, &u));
  CHECK(ScaleUp(Wide::Of(Magnitude(b)), scale - b_scale, &v));
  bool negative = a < 0;
  Wide magnitude;
  if ((a < 0) == (b < 0)) {
    magnitude = Add(u, v);
  } else if (Compare(u, v) >= 0) {
    magnitude = Subtract(u, v);
  } else {
    magnitude = Subtract(v, u);
    negative = !negative;
  }
  if (to.scale > scale) CHECK(ScaleUp(Wide(magnitude), to.scale - scale, &magnitude));
  return WithSign(RoundDown(magnitude, std::max(0, scale - to.scale), to.precision), negative);
}

std::optional<Int128> SubtractDecimals(Int128 a, int a_scale, Int128 b, int b_scale,
                                       DecimalShape to) {
  return AddDecimals(a, a_scale, -b, b_scale, to);
}

std::optional<Int128> MultiplyDecimals(Int128 a, int a_scale, Int128 b, int b_scale,
                                       DecimalShape to) {
  const int scale = a_scale + b_scale;
  Int128 product;
  if (!__builtin_mul_overflow(a, b, &product) && scale <= kMaxDigits) {
    return RescaleDecimal(product, scale, to);
  }
  Wide wide;
  CHECK(Multiply(Wide::Of(Magnitude(a)), Wide::Of(Magnitude(b)), &wide));
  if (to.scale > scale && !ScaleUp(Wide(wide), to.scale - scale, &wide)) return std::nullopt;
  return WithSign(RoundDown(wide, std::max(0, scale - to.scale), to.precision), (a < 0) != (b < 0));
}

std::optional<Int128> DivideDecimals(Int128 a, int a_scale, Int128 b, int b_scale,
                                     DecimalShape to) {
  const bool negative = (a < 0) != (b < 0);
  const UInt128 b_size = Magnitude(b);
  const int up = to.scale + b_scale - a_scale;
  UInt128 numerator;
  if (up >= 0 && up <= kMaxDigits &&
      !__builtin_mul_overflow(Magnitude(a), kPowers[static_cast<size_t>(up)], &numerator)) {
    UInt128 result = numerator / b_size;
    const UInt128 rest = numerator % b_size;
    const int digits = CountDigits(result);
    // With a divisor this short no remainder is close enough to one half to be lifted there.
    if (digits <= kMaxDigits && b_size < kPowers[static_cast<size_t>(kMaxDigits - digits)]) {
      if (rest >= b_size - rest) ++result;
      if (result >= kPowers[static_cast<size_t>(to.precision)]) return std::nullopt;
      return Signed(result, negative);
    }
  }
  Wide dividend = Wide::Of(Magnitude(a));
  Wide divisor = Wide::Of(b_size);
  const int exponent = to.scale + b_scale - a_scale;
  if (exponent >= 0) {
    // Too large for 256 bits divided by at most 38 digits has more than 38 digits.
    if (!ScaleUp(Wide(dividend), exponent, &dividend)) return std::nullopt;
  } else {
    CHECK(ScaleUp(Wide(divisor), -exponent, &divisor));
  }
  Wide quotient, remainder;
  Divide(dividend, divisor, &quotient, &remainder);
  if (!quotient.fits128()) return std::nullopt;
  UInt128 result = quotient.low();
  const Wide twice = Add(remainder, remainder);
  if (Compare(twice, divisor) >= 0) {
    ++result;
  } else {
    // Rounding to 38 digits first may lift a remainder just below one half to one half.
    const int spare = kMaxDigits - CountDigits(result);
    Wide gap;
    if (spare >= 0 && ScaleUp(Subtract(divisor, twice), spare, &gap) &&
        Compare(gap, divisor) <= 0) {
      ++result;
    }
  }
  if (result >= kPowers[static_cast<size_t>(to.precision)]) return std::nullopt;
  return Signed(result, negative);
}

std::optional<Int128> RemainderOfDecimals(Int128 a, int a_scale, Int128 b, int b_scale,
                                          DecimalShape to) {
  const int scale = std::max(a_scale, b_scale);
  Int128 x, y;
  if (!__builtin_mul_overflow(a, PowerOfTen(scale - a_scale), &x) &&
      !__builtin_mul_overflow(b, PowerOfTen(scale - b_scale), &y)) {
    return RescaleDecimal(x % y, scale, to);
  }
  Wide u, v, quotient, remainder;
  CHECK(ScaleUp(Wide::Of(Magnitude(a)), scale - a_scale, &u));
  CHECK(ScaleUp(Wide::Of(Magnitude(b)), scale - b_scale, &v));
  Divide(u, v, &quotient, &remainder);
  if (to.scale > scale) CHECK(ScaleUp(Wide(remainder), to.scale - scale, &remainder));
  return WithSign(RoundDown(remainder, std::max(0, scale - to.scale), to.precision), a < 0);
}

int CompareDecimals(Int128 a, int a_scale, Int128 b, int b_scale) {
  if (a_scale == b_scale) return a < b ? -1 : (a > b ? 1 : 0);
  if ((a < 0) != (b < 0)) return a < b ? -1 : 1;
  const int scale = std::max(a_scale, b_scale);
  Wide u, v;
  CHECK(ScaleUp(Wide::Of(Magnitude(a)), scale - a_scale, &u));
  CHECK(ScaleUp(Wide::Of(Magnitude(b)), scale - b_scale, &v));
  return a < 0 ? Compare(v, u) : Compare(u, v);
}

Int128 TruncateDecimal(Int128 value, int scale) {
  return value / PowerOfTen(scale);
}

Int128 RoundDecimal(Int128 value, int scale, int digits) {
  const int cut = scale - digits;
  if (cut <= 0) return value;
  if (cut > kMaxDigits) return 0;
  const UInt128 unit = kPowers[static_cast<size_t>(cut)];
  const UInt128 magnitude = Magnitude(value);
  const UInt128 rest = magnitude % unit;
  UInt128 rounded = magnitude - rest;
  if (rest >= unit / 2) rounded += unit;
  return Signed(rounded, value < 0);
}

Int128 FloorDecimal(Int128 value, int scale) {
  const Int128 unit = PowerOfTen(scale);
  return value / unit - (value % unit < 0 ? 1 : 0);
}

Int128 CeilDecimal(Int128 value, int scale) {
  const Int128 unit = PowerOfTen(scale);
  return value / unit + (value % unit > 0 ? 1 : 0);
}

double DecimalToDouble(Int128 value, int scale) {
  constexpr int64_t kExact = int64_t{1} << 53;
  if (value > -kExact && value < kExact && scale <= 22) {
    // Both are exact doubles, so that the division rounds once.
    static constexpr double kTens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    return static_cast<double>(static_cast<int64_t>(value)) / kTens[scale];
  }
  const std::string text = DecimalToString(value, scale);
  double result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

std::optional<Int128> DecimalFromDouble(double value, DecimalShape to) {
  DCHECK(std::isfinite(value));
  char text[40];
  const std::to_chars_result end =
      std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific);
  Int128 result;
  const std::string_view digits(text, static_cast<size_t>(end.ptr - text));
  if (ParseDecimal(digits, to, &result) != DecimalParse::kOk) return std::nullopt;
  return result;
}

size_t PrintDecimal(Int128 value, int scale, char* out) {
  char digits[kDecimalTextMax];
  char* end = digits + sizeof(digits);
  char* at = end;
  UInt128 magnitude = Magnitude(value);
  int written = 0;
  // Nineteen digits at a time keep the 128-bit divisions few.
  while (magnitude != 0 || written <= scale) {
    uint64_t chunk = static_cast<uint64_t>(magnitude % kPowers[19]);
    magnitude /= kPowers[19];
    for (int i = 0; i < 19; ++i) {
      if (magnitude == 0 && chunk == 0 && written > scale) break;
      if (written == scale && scale > 0) *--at = '.';
      *--at = static_cast<char>('0' + chunk % 10);
      chunk /= 10;
      ++written;
    }
  }
  if (value < 0) *--at = '-';
  std::memcpy(out, at, static_cast<size_t>(end - at));
  return static_cast<size_t>(end - at);
}

void AppendDecimal(Int128 value, int scale, std::string* out) {
  char text[kDecimalTextMax];
  out->append(text, PrintDecimal(value, scale, text));
}

std::string DecimalToString(Int128 value, int scale) {
  std::string text;
  AppendDecimal(value, scale, &text);
  return text;
}

DecimalParse ParseDecimal(std::string_view text, DecimalShape to, Int128* value) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  UInt128 digits = 0;
  int kept = 0;          // Digits in `digits`; those beyond 39 only count.
  int64_t exponent = 0;  // value = digits * 10^exponent
  bool any = false;
  bool point = false;
  bool round_up = false;  // The first digit that was cut off is 5 or more.
  bool cut = false;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      if (point) return DecimalParse::kInvalid;
      point = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    any = true;
    if (kept < kMaxDigits || digits == 0) {
      digits = digits * 10 + static_cast<UInt128>(c - '0');
      if (digits != 0) ++kept;
      if (point) --exponent;
    } else {
      if (!cut) round_up = c >= '5';
      cut = true;
      if (!point) ++exponent;
    }
  }
  if (!any) return DecimalParse::kInvalid;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return DecimalParse::kInvalid;
    ++i;
    if (i < text.size() && text[i] == '+') ++i;
    int32_t written = 0;
    const std::from_chars_result end =
        std::from_chars(text.data() + i, text.data() + text.size(), written);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size()) {
      return DecimalParse::kInvalid;
    }
    exponent += written;
  }
  *value = 0;
  if (digits == 0) return DecimalParse::kOk;
  const int64_t shift = exponent + to.scale;
  if (shift > kMaxDigits) return DecimalParse::kOverflow;
  UInt128 magnitude;
  if (shift >= 0) {
    const int64_t room = to.precision - shift;
    if (room < 0 || digits >= kPowers[static_cast<size_t>(room)]) return DecimalParse::kOverflow;
    magnitude = digits * kPowers[static_cast<size_t>(shift)];
    if (shift == 0 && round_up) ++magnitude;
  } else if (shift < -kMaxDigits) {
    magnitude = 0;
  } else {
    const UInt128 divisor = kPowers[static_cast<size_t>(-shift)];
    magnitude = digits / divisor + (digits % divisor >= divisor / 2 ? 1 : 0);
  }
  if (magnitude >= kPowers[static_cast<size_t>(to.precision)]) return DecimalParse::kOverflow;
  *value = Signed(magnitude, negative);
  return DecimalParse::kOk;
}

}  // namespace rhei
