#pragma once
// ControlClient: executes statements in another process of the user, through its control socket.
// Thread-safety: one thread. An operation is read to its end, or dropped, before the next.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "engine/operation.h"

namespace rhei {

class FrameStream;

class ControlClient {
 public:
  // kNotFound when no process listens there.
  static Result<std::unique_ptr<ControlClient>> Connect(const std::string& path);
  ~ControlClient();

  // Waits for the statement, for STOP JOB until the job has ended. kIo when no answer has begun to
  // come within wait_micros_max; the connection is then of no more use.
  Result<std::unique_ptr<Operation>> Execute(std::string_view text,
                                             int64_t wait_micros_max = INT64_MAX);

 private:
  explicit ControlClient(std::shared_ptr<FrameStream> stream);
  std::shared_ptr<FrameStream> stream_;
};

}  // namespace rhei
