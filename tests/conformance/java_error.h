#pragma once
// How Flink would report an error of ours: the exceptions from the outermost to the cause, as
// flink-oracle prints them. The classes follow from the kind of failure and the words of the
// message; a text that differs stays different. Pure.
#include <string>
#include <vector>

#include "base/status.h"

namespace rhei {

struct JavaError {
  std::string text;         // the first line of the cause
  std::string error_class;  // its class; "unsupported" for what is refused by name
  std::vector<std::string> chain;
};

enum class FailedStage : uint8_t { kStatement, kQueryJob, kInsertJob };

JavaError ToJavaError(const Status& status, FailedStage stage);

}  // namespace rhei
