#include "engine/restart_strategy.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

constexpr int64_t kSecond = 1'000'000;

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(uint64_t value) : value_(value) {}
  uint64_t Next() override { return value_; }

 private:
  const uint64_t value_;
};

constexpr uint64_t kMiddle = uint64_t{1} << 63;

TEST(RestartStrategy, NoneGivesUpAtOnce) {
  FixedRandom random(kMiddle);
  RestartStrategy strategy({}, &random);
  EXPECT_FALSE(strategy.OnFailure(0).has_value());
  EXPECT_EQ(strategy.Describe(), "");
}

TEST(RestartStrategy, FixedDelayCountsAttempts) {
  FixedRandom random(kMiddle);
  RestartStrategy strategy(
      {.kind = RestartOptions::Kind::kFixedDelay, .delay_ms = 10'000, .attempts = 2}, &random);
  EXPECT_EQ(strategy.OnFailure(0), 10 * kSecond);
  // However long it ran: the attempts are the job's.
  EXPECT_EQ(strategy.OnFailure(1000 * kSecond), 10 * kSecond);
  EXPECT_FALSE(strategy.OnFailure(9000 * kSecond).has_value());
  EXPECT_EQ(strategy.Describe(), "restart-strategy fixed-delay: 2 restarts were made");
}

TEST(RestartStrategy, FailureRateForgetsOldFailures) {
  FixedRandom random(kMiddle);
  RestartStrategy strategy({.kind = RestartOptions::Kind::kFailureRate,
                            .delay_ms = 2000,
                            .failures_max = 2,
                            .failure_interval_ms = 60'000},
                           &random);
  EXPECT_EQ(strategy.OnFailure(0), 2 * kSecond);
  EXPECT_EQ(strategy.OnFailure(30 * kSecond), 2 * kSecond);
  EXPECT_EQ(strategy.OnFailure(61 * kSecond), 2 * kSecond);  // the first is forgotten
  EXPECT_FALSE(strategy.OnFailure(62 * kSecond).has_value());
}

TEST(RestartStrategy, ExponentialDelayGrowsToItsMaximum) {
  FixedRandom random(kMiddle);
  RestartStrategy strategy({.kind = RestartOptions::Kind::kExponentialDelay,
                            .backoff_initial_ms = 1000,
                            .backoff_max_ms = 4000,
                            .backoff_multiplier = 2,
                            .backoff_reset_ms = 60'000},
                           &random);
  int64_t now = 0;
  for (const int64_t seconds : {1, 2, 4, 4, 4}) {
    const std::optional<int64_t> delay = strategy.OnFailure(now);
    ASSERT_EQ(delay, seconds * kSecond);
    now += *delay + kSecond;
  }
  EXPECT_EQ(strategy.failure_count(), 5);
  // Running for the reset time begins anew. The last delay ended a second before `now`.
  EXPECT_EQ(strategy.OnFailure(now - kSecond + 60 * kSecond), kSecond);
  EXPECT_EQ(strategy.failure_count(), 1);
}

TEST(RestartStrategy, JitterStaysInItsBounds) {
  FixedRandom low(0);
  FixedRandom high(~uint64_t{0});
  const RestartOptions options{.kind = RestartOptions::Kind::kExponentialDelay, .jitter = 0.1};
  EXPECT_EQ(RestartStrategy(options, &low).OnFailure(0), 900'000);
  EXPECT_NEAR(static_cast<double>(*RestartStrategy(options, &high).OnFailure(0)), 1.1e6, 1);
}

TEST(RestartStrategy, ExponentialDelayMayBeBounded) {
  FixedRandom random(kMiddle);
  RestartStrategy strategy(
      {.kind = RestartOptions::Kind::kExponentialDelay, .backoff_attempts_max = 1}, &random);
  EXPECT_TRUE(strategy.OnFailure(0).has_value());
  EXPECT_FALSE(strategy.OnFailure(2 * kSecond).has_value());
}

TEST(RestartStrategy, KnowsWhatAnotherAttemptCannotMend) {
  EXPECT_TRUE(MayRestart(DataError("bad record")));
  EXPECT_TRUE(MayRestart(IoError("broker")));
  EXPECT_TRUE(MayRestart(Status(ErrorCode::kResource, "No space left on device")));
  EXPECT_FALSE(MayRestart(Status(ErrorCode::kResource, "Sink[3]: memory limit reached: ...")));
  EXPECT_FALSE(MayRestart(Status(ErrorCode::kStateMismatch, "x")));
  EXPECT_FALSE(MayRestart(Status(ErrorCode::kCancelled, "x")));
}

}  // namespace
}  // namespace rhei
