#include "runtime/run_control.h"

namespace rhei {

void RunControl::Fail(const Status& status) {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_.ok()) return;
    failure_ = status;
  }
  failed_.store(true, std::memory_order_release);
  cancelled.store(true);
  listener_->OnFailure(status);
}

Status RunControl::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void RunControl::SourceDone() {
  if (sources_left_.fetch_sub(1) == 1) listener_->OnSourcesDone();
}

}  // namespace rhei
