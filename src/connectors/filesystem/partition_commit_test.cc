#include "connectors/filesystem/partition_commit.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

constexpr int64_t kHour = 3'600'000;

Result<int64_t> TimeOf(std::string_view pattern, std::string_view formatter,
                       std::string_view partition, std::string_view zone = "UTC") {
  PartitionCommitOptions options;
  options.timestamp_pattern = pattern;
  options.timestamp_formatter = formatter;
  options.time_zone = *TimeZone::Find(zone);
  return PartitionTimeMillis(options, partition);
}

TEST(PartitionCommit, TimesOfPartitions) {
  EXPECT_EQ(*TimeOf("", "", "day=1970-01-02/hour=3/"), 24 * kHour);
  EXPECT_EQ(*TimeOf("", "", "day=1970-1-2/"), 24 * kHour);
  EXPECT_EQ(*TimeOf("$day $hour:00:00", "", "day=1970-01-02/hour=3/"), 27 * kHour);
  EXPECT_EQ(*TimeOf("$dt", "", "dt=1970-01-01 01%3A00%3A00/"), kHour);
  EXPECT_EQ(*TimeOf("$y$m$d$h", "yyyyMMddHH", "y=1970/m=01/d=02/h=05/"), 29 * kHour);
  EXPECT_EQ(*TimeOf("$d", "yyyy-MM-dd'T'HH:mm:ss.SSS", "d=1970-01-01T00%3A00%3A01.500/"), 1500);
  EXPECT_EQ(*TimeOf("$d", "d.M.yyyy", "d=2.1.1970/"), 24 * kHour);
  EXPECT_EQ(*TimeOf("", "", "day=1970-01-01/", "America/New_York"), 5 * kHour);
  EXPECT_FALSE(TimeOf("", "", "day=__DEFAULT_PARTITION__/").ok());
  EXPECT_FALSE(TimeOf("$d", "yyyyMMdd", "d=19700230/").ok());
  EXPECT_FALSE(TimeOf("$d", "yyyyMM", "d=197002/").ok());
  EXPECT_FALSE(TimeOf("$d", "yyyyMMdd", "d=1970010/").ok());
  EXPECT_EQ(ReadLocalMillis("EEE", "Mon").status().code(), ErrorCode::kUnsupported);
}

TEST(PartitionCommit, OptionsThatCannotBe) {
  const auto read = [](const Options& options) {
    return ReadPartitionCommitOptions(options).status();
  };
  const std::string kind = "sink.partition-commit.policy.kind";
  EXPECT_TRUE(read({{kind, "success-file"}}).ok());
  EXPECT_NE(read({{kind, "metastore,success-file"}}).message().find("hive table"),
            std::string::npos);
  EXPECT_EQ(read({{kind, "success-file, custom"}}).code(), ErrorCode::kUnsupported);
  EXPECT_NE(read({{kind, "succes-file"}}).message().find("Did you mean 'success-file'"),
            std::string::npos);
  EXPECT_FALSE(read({{"sink.partition-commit.watermark-time-zone", "Mars"}}).ok());
  EXPECT_FALSE(read({{"sink.partition-commit.success-file.name", "a/b"}}).ok());
  EXPECT_EQ(read({{"partition.time-extractor.timestamp-formatter", "EEEE"}}).code(),
            ErrorCode::kUnsupported);
  EXPECT_EQ(read({{"partition.time-extractor.kind", "custom"}}).code(), ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace rhei
