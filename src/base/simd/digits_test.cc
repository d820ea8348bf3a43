#include "base/simd/digits.h"

#include <gtest/gtest.h>

#include <string>

namespace rhei {
namespace {

TEST(LeadingDigits, StopsAtTheFirstByteThatIsNoDigit) {
  const std::string digits = "90817263";
  for (size_t count = 0; count <= digits.size(); ++count) {
    int64_t number = 0;
    for (size_t i = 0; i < count; ++i) number = number * 10 + (digits[i] - '0');
    for (int c = 0; c < 256; ++c) {
      if (c >= '0' && c <= '9') continue;
      std::string bytes = digits;
      if (count < digits.size()) bytes[count] = static_cast<char>(c);
      int64_t value = -1;
      EXPECT_EQ(LeadingDigits(bytes.data(), &value), static_cast<int>(count));
      EXPECT_EQ(value, number);
    }
  }
}

}  // namespace
}  // namespace rhei
