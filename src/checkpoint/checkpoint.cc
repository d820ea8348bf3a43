#include "checkpoint/checkpoint.h"

#include "base/check.h"

namespace rhei {

std::vector<std::string> Checkpoint::SealsOf(const std::string& operator_id) const {
  std::vector<std::string> seals;
  for (const InstanceSnapshot& instance : instances) {
    if (instance.operator_id != operator_id) continue;
    seals.push_back(instance.seal == nullptr ? std::string() : *instance.seal);
  }
  return seals;
}

Status MemoryCheckpointStore::Publish(std::shared_ptr<const Checkpoint> checkpoint) {
  CHECK(latest_ == nullptr || checkpoint->epoch > latest_->epoch);
  latest_ = std::move(checkpoint);
  return {};
}

Status MemoryCheckpointStore::MarkCommitted(uint64_t epoch) {
  CHECK(latest_ != nullptr && epoch == latest_->epoch);
  committed_epoch_ = epoch;
  return {};
}

Status MemoryCheckpointStore::MarkFinished() {
  finished_ = true;
  return {};
}

Result<std::shared_ptr<const Checkpoint>> MemoryCheckpointStore::Latest() {
  return latest_;
}

}  // namespace rhei
