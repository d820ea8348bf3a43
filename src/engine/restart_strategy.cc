#include "engine/restart_strategy.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"

namespace rhei {

RestartStrategy::RestartStrategy(const RestartOptions& options, Random* random)
    : options_(options),
      random_(random),
      backoff_ms_(static_cast<double>(options.backoff_initial_ms)) {}

std::optional<int64_t> RestartStrategy::OnFailure(int64_t now_micros) {
  ++failure_count_;
  switch (options_.kind) {
    case RestartOptions::Kind::kNone: return std::nullopt;
    case RestartOptions::Kind::kFixedDelay:
      if (failure_count_ > options_.attempts) return std::nullopt;
      return options_.delay_ms * 1000;
    case RestartOptions::Kind::kFailureRate: {
      const int64_t oldest = now_micros - options_.failure_interval_ms * 1000;
      while (!failures_micros_.empty() && failures_micros_.front() <= oldest) {
        failures_micros_.pop_front();
      }
      failures_micros_.push_back(now_micros);
      if (static_cast<int64_t>(failures_micros_.size()) > options_.failures_max) {
        return std::nullopt;
      }
      return options_.delay_ms * 1000;
    }
    case RestartOptions::Kind::kExponentialDelay: return Exponential(now_micros);
  }
  CHECK(false);
}

std::optional<int64_t> RestartStrategy::Exponential(int64_t now_micros) {
  if (running_since_micros_ != 0 &&
      now_micros - running_since_micros_ >= options_.backoff_reset_ms * 1000) {
    backoff_ms_ = static_cast<double>(options_.backoff_initial_ms);
    failure_count_ = 1;
  }
  if (failure_count_ > options_.backoff_attempts_max) return std::nullopt;
  const double unit = static_cast<double>(random_->Next() >> 11) * 0x1p-53;
  const double jittered = backoff_ms_ * (1 + options_.jitter * (2 * unit - 1));
  const auto delay_micros = static_cast<int64_t>(jittered * 1000);
  backoff_ms_ = std::min(backoff_ms_ * options_.backoff_multiplier,
                         static_cast<double>(options_.backoff_max_ms));
  running_since_micros_ = now_micros + delay_micros;
  return delay_micros;
}

std::string RestartStrategy::Describe() const {
  switch (options_.kind) {
    case RestartOptions::Kind::kNone: return "";
    case RestartOptions::Kind::kFixedDelay:
      return fmt::format("restart-strategy fixed-delay: {} restarts were made", options_.attempts);
    case RestartOptions::Kind::kFailureRate:
      return fmt::format("restart-strategy failure-rate: more than {} failures within {} s",
                         options_.failures_max, options_.failure_interval_ms / 1000);
    case RestartOptions::Kind::kExponentialDelay:
      return fmt::format("restart-strategy exponential-delay: {} restarts were made",
                         options_.backoff_attempts_max);
  }
  CHECK(false);
}

bool MayRestart(const Status& failure) {
  switch (failure.code()) {
    case ErrorCode::kOk:
    case ErrorCode::kInvalidSql:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupported:
    case ErrorCode::kCancelled:
    case ErrorCode::kStateMismatch: return false;
    case ErrorCode::kResource:
      // A disk may be given room; a job over its memory would only come there again.
      return failure.message().find("memory limit reached") == std::string::npos;
    case ErrorCode::kNotFound:
    case ErrorCode::kDataError:
    case ErrorCode::kIo: return true;
  }
  CHECK(false);
}

}  // namespace rhei
