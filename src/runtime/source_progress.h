#pragma once
// SourceProgress: where a source instance stands, for people: told by the operator a few times a
// second, read by whoever shows it. Thread-safety: everything from any thread.
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "columnar/batch.h"

namespace rhei {

struct SplitReading {
  std::string id;
  std::string position;  // the connector's text, as SourceSplit::state
  int64_t watermark_ms = kNoWatermark;
  bool idle = false;
};

struct SourceReading {
  std::vector<SplitReading> splits;  // in work
  int64_t done = 0;                  // bytes (or what the connector counts) read so far
  int64_t total = -1;                // of all splits of the whole source; -1: unknown or unbounded
};

class SourceProgress {
 public:
  void Tell(SourceReading reading) {
    const std::lock_guard lock(mutex_);
    reading_ = std::move(reading);
  }
  SourceReading Read() const {
    const std::lock_guard lock(mutex_);
    return reading_;
  }

 private:
  mutable std::mutex mutex_;
  SourceReading reading_;
};

}  // namespace rhei
