#include "base/nearest_name.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

TEST(NearestName, FindsTyposAndLeavesStrangersAlone) {
  constexpr std::string_view kNames[] = {"filesystem", "kafka", "print"};
  EXPECT_EQ(NearestName("filesytem", kNames), "filesystem");
  EXPECT_EQ(NearestName("KAFKA", kNames), "kafka");
  EXPECT_EQ(NearestName("elasticsearch", kNames), "");
  EXPECT_EQ(DidYouMean("pint", kNames), " Did you mean 'print'?");
}

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
}

}  // namespace
}  // namespace rhei
