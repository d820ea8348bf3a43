#include "checkpoint/checkpoint.h"

#include "base/check.h"

namespace rhei {

std::vector<std::string> Checkpoint::SealsOf(const std::string& operator_id) const {
  std::vector<std::string> seals;
  for (const CarriedSeal& carried : carried_seals) {
    if (carried.operator_id == operator_id) seals.push_back(*carried.seal);
  }
  for (const InstanceSnapshot& instance : instances) {
    if (instance.operator_id != operator_id) continue;
    seals.push_back(instance.seal == nullptr ? std::string() : *instance.seal);
  }
  return seals;
}

Status MemoryCheckpointStore::Publish(std::shared_ptr<const Checkpoint> checkpoint) {
  CHECK(latest_ == nullptr || checkpoint->epoch > latest_->epoch);
  chains_.Begin(checkpoint->instances);
  for (const InstanceSnapshot& instance : checkpoint->instances) {
    if (instance.state == nullptr) continue;
    for (const StateSection& section : instance.state->sections) {
      chains_.Add(ChainKey::Of(instance, section), section,
                  std::shared_ptr<const StateSection>(instance.state, &section));
    }
  }
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
  if (latest_ == nullptr) return std::shared_ptr<const Checkpoint>();
  auto whole = std::make_shared<Checkpoint>(*latest_);
  std::vector<std::pair<ChainKey, std::vector<StateSection>>> sections;
  for (const auto& [key, chain] : chains_.all()) {
    std::vector<StateSection>& copies =
        sections.emplace_back(key, std::vector<StateSection>{}).second;
    for (const auto& piece : chain) copies.push_back(*piece);
  }
  whole->instances = WithWholeChains(std::move(whole->instances), whole->shard_count, whole->epoch,
                                     std::move(sections));
  return std::shared_ptr<const Checkpoint>(std::move(whole));
}

}  // namespace rhei
