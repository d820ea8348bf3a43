#pragma once
// Bitmap: a set of unsigned 32-bit numbers, the value of the BITMAP type. Stored in the portable
// format of RoaringBitmap (32-bit), always in its smallest form, so that equal sets have equal
// bytes.
//
// Held as containers of 65536 numbers each: sorted 16-bit numbers up to 4096 of them, a bit field
// beyond. Thread-safety: as for std::vector.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rhei {

class Bitmap {
 public:
  // A DataError for bytes that are not in the format.
  static Result<Bitmap> Parse(std::string_view bytes);
  std::string Serialize() const;

  // False: it was there. Fast for rising numbers.
  bool Add(uint32_t number);
  int64_t cardinality() const;
  bool empty() const { return containers_.empty(); }
  // Calls f(number) in rising order.
  template <typename F>
  void ForEach(F f) const {
    for (const Container& container : containers_) {
      const uint32_t high = uint32_t{container.key} << 16;
      for (uint16_t low : container.array) f(high | low);
      for (size_t word = 0; word < container.words.size(); ++word) {
        for (uint64_t bits = container.words[word]; bits != 0; bits &= bits - 1) {
          f(high | static_cast<uint32_t>(word * 64) | static_cast<uint32_t>(__builtin_ctzll(bits)));
        }
      }
    }
  }
  enum class Operation : uint8_t { kAnd, kOr, kXor, kAndNot };
  static Bitmap Combine(const Bitmap& a, const Bitmap& b, Operation operation);
  // "{1,2,3}"; very long texts end in "...".
  std::string ToString() const;

 private:
  // One of `array` and `words` is in use.
  struct Container {
    uint16_t key = 0;
    std::vector<uint16_t> array;
    std::vector<uint64_t> words;  // 1024
    size_t cardinality() const;
    void Spread(std::vector<uint64_t>* out) const;
  };
  static Container FromWords(uint16_t key, std::vector<uint64_t> words);

  std::vector<Container> containers_;  // by key
};

}  // namespace rhei
