#pragma once
// LeadingDigits: reads up to eight decimal digits at once, as one word, without a branch per digit.
#include <bit>
#include <cstdint>
#include <cstring>

namespace rhei {

// How many of the eight bytes at `p` are digits before the first that is none; `*value` is their
// number (0 for none). Reads eight bytes, whatever they are. (Buffers are padded.)
inline int LeadingDigits(const char* p, int64_t* value) {
  static_assert(std::endian::native == std::endian::little);
  uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  word ^= 0x3030303030303030;  // digits are 0 to 9 now
  // The high bit of each byte that is above 9. Adding 0x76 carries out of a byte only when it is
  // above 0x89, which is none itself: bytes behind the first that is no digit do not matter.
  const uint64_t others = ((word + 0x7676767676767676) | word) & 0x8080808080808080;
  const int count = others == 0 ? 8 : std::countr_zero(others) >> 3;
  if (count == 0) {
    *value = 0;
    return 0;
  }
  word <<= 64 - 8 * count;  // leading zeros in the place of what follows
  word = word * 10 + (word >> 8);
  const uint64_t pairs = 0x000000ff000000ff;
  const uint64_t hundreds = 100 + (uint64_t{1000000} << 32);
  const uint64_t ones = 1 + (uint64_t{10000} << 32);
  *value = static_cast<int64_t>(((word & pairs) * hundreds + (word >> 16 & pairs) * ones) >> 32);
  return count;
}

}  // namespace rhei
