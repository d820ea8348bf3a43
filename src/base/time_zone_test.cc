#include "base/time_zone.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

TimeZone Zone(std::string_view id) {
  Result<TimeZone> zone = TimeZone::Find(id);
  EXPECT_TRUE(zone.ok()) << id;
  return zone.ok() ? *zone : TimeZone();
}

TEST(TimeZoneTest, FindsJavaNamesAndOffsets) {
  EXPECT_EQ(Zone("UTC").OffsetAt(0), 0);
  EXPECT_EQ(Zone("GMT+8").OffsetAt(0), 8 * 3600);
  EXPECT_EQ(Zone("UTC+1").OffsetAt(0), 3600);
  EXPECT_EQ(Zone("-05:30").OffsetAt(0), -(5 * 3600 + 1800));
  EXPECT_EQ(Zone("+0830").OffsetAt(0), 8 * 3600 + 1800);
  EXPECT_EQ(Zone("PST").OffsetAt(0), -8 * 3600);
  EXPECT_EQ(Zone("Asia/Shanghai").OffsetAt(1600000000), 8 * 3600);
  EXPECT_FALSE(TimeZone::Find("Mars/Olympus").ok());
  EXPECT_FALSE(TimeZone::Find("+25:00").ok());
  EXPECT_FALSE(TimeZone::Find("../../etc/passwd").ok());
}

// Berlin, 2021: clocks go forward at 2021-03-28T01:00Z and back at 2021-10-31T01:00Z.
constexpr int64_t kForward = 1616893200;
constexpr int64_t kBack = 1635642000;

TEST(TimeZoneTest, LocalTimesAroundClockChanges) {
  const TimeZone berlin = Zone("Europe/Berlin");
  EXPECT_EQ(berlin.OffsetAt(kForward - 1), 3600);
  EXPECT_EQ(berlin.OffsetAt(kForward), 7200);
  // 02:30 on that day does not exist: it is 03:30.
  EXPECT_EQ(berlin.InstantFromLocal(kForward + 3600 + 1800), kForward + 1800);
  // 02:30 comes twice: the first is meant.
  EXPECT_EQ(berlin.InstantFromLocal(kBack + 3600 + 1800), kBack - 1800);
}

TEST(TimeZoneTest, TheCursorAgreesWithTheZone) {
  const TimeZone berlin = Zone("Europe/Berlin");
  TimeZoneCursor cursor(berlin);
  for (int64_t change : {kForward, kBack}) {
    for (int64_t delta = -200000; delta <= 200000; delta += 1799) {
      const int64_t at = change + delta;
      EXPECT_EQ(cursor.LocalFromInstant(at), berlin.LocalFromInstant(at)) << at;
      EXPECT_EQ(cursor.InstantFromLocal(at), berlin.InstantFromLocal(at)) << at;
    }
  }
  EXPECT_EQ(cursor.LocalFromInstant(kForward), kForward + 7200);
  TimeZoneCursor fixed(Zone("GMT+8"));
  EXPECT_EQ(fixed.LocalFromInstant(0), 8 * 3600);
  EXPECT_EQ(fixed.InstantFromLocal(0), -8 * 3600);
}

}  // namespace
}  // namespace rhei
