#pragma once
// StagedFiles: what a file writer hands its committer at a barrier, as bytes: part files that are
// complete, and those still open with their length. Fields are ended by NUL, which no path holds.
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
  };
  struct OpenPart {
    std::string temporary;
    std::string final;
    std::string partition;
    int64_t bytes = 0;
  };
  std::vector<FinishedPart> finished;
  std::vector<OpenPart> open;

  std::string Print() const;
  static Result<StagedFiles> Parse(std::string_view bytes);
};

}  // namespace rhei
