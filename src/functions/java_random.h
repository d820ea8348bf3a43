#pragma once
// java.util.Random: RAND(seed) must give the numbers that Flink gives. Thread-safety: one thread.
#include <cstdint>

namespace rhei {

class JavaRandom {
 public:
  explicit JavaRandom(int64_t seed) : state_((static_cast<uint64_t>(seed) ^ kMultiplier) & kMask) {}

  double NextDouble() {
    const int64_t high = int64_t{Next(26)} << 27;
    return static_cast<double>(high + Next(27)) * 0x1.0p-53;
  }
  // In [0, bound). REQUIRES: bound > 0.
  int32_t NextInt(int32_t bound) {
    int32_t bits = Next(31);
    const int32_t mask = bound - 1;
    if ((bound & mask) == 0) return static_cast<int32_t>((int64_t{bound} * bits) >> 31);
    // Drawn again where the last, incomplete run of remainders begins.
    int32_t value = bits % bound;
    while (int64_t{bits} - value + mask > INT32_MAX) {
      bits = Next(31);
      value = bits % bound;
    }
    return value;
  }

 private:
  static constexpr uint64_t kMultiplier = 0x5DEECE66DULL;
  static constexpr uint64_t kMask = (uint64_t{1} << 48) - 1;
  int32_t Next(int bits) {
    state_ = (state_ * kMultiplier + 0xB) & kMask;
    return static_cast<int32_t>(static_cast<int64_t>(state_ >> (48 - bits)));
  }
  uint64_t state_;
};

}  // namespace rhei
