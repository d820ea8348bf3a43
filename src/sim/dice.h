#pragma once
// Dice: the random decisions of a simulation, all from one 64-bit seed. Two dice of different seeds
// or topics are independent, so that drawing one thing more here does not change what is drawn
// there.
// Thread-safety: one thread.
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "base/env.h"

namespace rhei {

class Dice final : public Random {
 public:
  explicit Dice(uint64_t seed, uint64_t topic = 0)
      : state_(Mix(seed + 0x9e3779b97f4a7c15u) ^ Mix(topic * 0xd1342543de82ef95u + 1)) {}

  uint64_t Next() override {
    state_ += 0x9e3779b97f4a7c15u;
    return Mix(state_);
  }
  // 0 .. bound - 1. REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  // True in `percent` of 100 draws.
  bool Chance(int percent) { return Below(100) < static_cast<uint64_t>(percent); }
  int64_t OneOf(std::initializer_list<int64_t> values) {
    return values.begin()[Below(values.size())];
  }

  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

}  // namespace rhei
