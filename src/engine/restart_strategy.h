#pragma once
// RestartStrategy: whether and when a job that failed is started again inside the process, by
// Flink's `restart-strategy.*` settings with Flink's defaults.
//
// Without a type it is exponential-delay for a job with checkpoints, none for one without. A
// failure that another attempt cannot mend (state that does not fit, a wrong option, the memory
// limit) never restarts. Thread-safety: one thread.
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/env.h"
#include "base/status.h"

namespace rhei {

struct RestartOptions {
  enum class Kind : uint8_t { kNone, kFixedDelay, kFailureRate, kExponentialDelay };
  Kind kind = Kind::kNone;
  // fixed-delay and failure-rate.
  int64_t delay_ms = 1000;
  int64_t attempts = 1;  // fixed-delay
  // failure-rate: this many failures within the interval end the job.
  int64_t failures_max = 1;
  int64_t failure_interval_ms = 60'000;
  // exponential-delay.
  int64_t backoff_initial_ms = 1000;
  int64_t backoff_max_ms = 60'000;
  double backoff_multiplier = 1.5;
  int64_t backoff_reset_ms = 3'600'000;  // running so long without a failure starts anew
  double jitter = 0.1;
  int64_t backoff_attempts_max = INT64_MAX;
};

class RestartStrategy {
 public:
  // `random` must outlive the strategy; it draws the jitter.
  RestartStrategy(const RestartOptions& options, Random* random);

  // A failure at that wall time: how long to wait before the next attempt, or none when the job has
  // failed for good.
  std::optional<int64_t> OnFailure(int64_t now_micros);
  // Failures since the strategy last began anew.
  int64_t failure_count() const { return failure_count_; }
  // Why OnFailure gave up: "fixed-delay: 3 attempts were made"; empty for none.
  std::string Describe() const;

 private:
  std::optional<int64_t> Exponential(int64_t now_micros);

  const RestartOptions options_;
  Random* random_;
  int64_t failure_count_ = 0;
  std::deque<int64_t> failures_micros_;  // failure-rate
  double backoff_ms_ = 0;
  int64_t running_since_micros_ = 0;  // when the last delay ended; 0: no failure yet
};

// Whether another attempt could go better.
bool MayRestart(const Status& failure);

}  // namespace rhei
