#include "base/kill_point.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rhei {
namespace {

TEST(KillPoint, NamesAreUniqueAndFound) {
  std::set<std::string_view> names;
  for (int i = 0; i < kKillPointCount; ++i) {
    const std::string_view name = KillPointName(static_cast<KillPoint>(i));
    EXPECT_FALSE(name.empty());
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_TRUE(MakeProcessKill(std::string(name) + ":2").ok());
  }
}

TEST(KillPoint, WrongTextIsRefused) {
  EXPECT_NE(MakeProcessKill("sealled").status().message().find("'sealed'"), std::string::npos);
  EXPECT_FALSE(MakeProcessKill("sealed:0").ok());
  EXPECT_FALSE(MakeProcessKill("sealed:2x").ok());
  EXPECT_FALSE(MakeProcessKill("sealed:").ok());
}

TEST(KillPoint, NobodyListens) {
  const Environment env;
  PassKillPoint(env, KillPoint::kSealed);
}

TEST(KillPointDeathTest, KillsAtTheNthPassing) {
  Environment env;
  const auto kill = MakeProcessKill("sealed:3");
  ASSERT_TRUE(kill.ok());
  env.kill_points = kill->get();
  PassKillPoint(env, KillPoint::kSealed);
  PassKillPoint(env, KillPoint::kSealed);
  PassKillPoint(env, KillPoint::kSnapshot);
  EXPECT_EXIT(PassKillPoint(env, KillPoint::kSealed), testing::KilledBySignal(SIGKILL), "");
}

}  // namespace
}  // namespace rhei
