#pragma once
// StagedFiles: what a file writer hands its committer at a barrier, as bytes: part files that are
// complete, those still open with their length, and the partitions that wait to be marked as
// complete. Fields are ended by NUL, which no path holds.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rhei {

struct StagedFiles {
  struct FinishedPart {
    std::string temporary;
    std::string final;
    std::string partition;
    int64_t bytes = 0;
    uint32_t crc = 0;  // of these bytes
  };
  struct OpenPart {
    std::string temporary;
    std::string final;
    std::string partition;
    int64_t bytes = 0;
    uint32_t crc = 0;
    int64_t created_micros = 0;
  };
  struct PendingPartition {
    std::string partition;
    int64_t created_ms = 0;   // wall time of its first row since it was marked
    int64_t due_ms = 0;       // by the watermark or the wall time, as the trigger says
    uint64_t last_epoch = 0;  // of its newest row
    bool ready = false;       // the writer has seen that time, and holds no open part of it
  };
  uint64_t epoch = 0;
  int64_t watermark_ms = INT64_MIN;
  std::vector<FinishedPart> finished;
  std::vector<OpenPart> open;
  std::vector<PendingPartition> pending;

  std::string Print() const;
  // An empty string is an empty list.
  static Result<StagedFiles> Parse(std::string_view bytes);
};

}  // namespace rhei
