#include "base/simd/byte_match.h"

#include <gtest/gtest.h>

#include <string>

namespace rhei {
namespace {

TEST(MatchBytes, FindsBothCharactersAndHighBytesAtEveryPlace) {
  for (size_t at = 0; at < kMatchedBytes; ++at) {
    std::string bytes(kMatchedBytes, 'x');
    const uint32_t bit = uint32_t{1} << at;
    EXPECT_EQ(MatchBytes(bytes.data(), '"', '\\').equal, 0u);
    for (const char c : {'"', '\\'}) {
      bytes[at] = c;
      EXPECT_EQ(MatchBytes(bytes.data(), '"', '\\').equal, bit);
      EXPECT_EQ(MatchBytes(bytes.data(), '"', '\\').high, 0u);
    }
    bytes[at] = '\x80';
    EXPECT_EQ(MatchBytes(bytes.data(), '"', '\\').equal, 0u);
    EXPECT_EQ(MatchBytes(bytes.data(), '"', '\\').high, bit);
  }
}

TEST(EqualBytes32, TellsEveryPlace) {
  const std::string a(32, 'x');
  EXPECT_EQ(EqualBytes32(a.data(), a.data()), ~uint32_t{0});
  for (size_t at = 0; at < a.size(); ++at) {
    std::string b = a;
    b[at] = 'y';
    EXPECT_EQ(EqualBytes32(a.data(), b.data()), ~(uint32_t{1} << at));
  }
}

}  // namespace
}  // namespace rhei
