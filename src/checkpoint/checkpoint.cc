#include "checkpoint/checkpoint.h"

#include <algorithm>

#include "base/check.h"

namespace rhei {

bool Checkpoint::is_drained() const {
  return !last && std::any_of(instances.begin(), instances.end(), [](const auto& instance) {
    const bool is_source = instance.input_watermarks_ms.empty();
    return is_source && !instance.done && instance.output_watermark_ms == kFinalWatermark;
  });
}

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

Result<std::shared_ptr<const Checkpoint>> InMemory(std::shared_ptr<const Checkpoint> checkpoint) {
  auto whole = std::make_shared<Checkpoint>(*checkpoint);
  for (InstanceSnapshot& instance : whole->instances) {
    const bool is_stored =
        instance.state != nullptr &&
        std::any_of(instance.state->sections.begin(), instance.state->sections.end(),
                    [](const auto& section) { return section.stored != nullptr; });
    if (!is_stored) continue;
    auto state = std::make_shared<FrozenState>(*instance.state);
    for (StateSection& section : state->sections) {
      if (section.stored == nullptr) continue;
      ASSIGN_OR_RETURN(section.bytes, section.stored->Read());
      section.stored = nullptr;
    }
    instance.state = std::move(state);
  }
  return std::shared_ptr<const Checkpoint>(std::move(whole));
}

Status MemoryCheckpointStore::Publish(std::shared_ptr<const Checkpoint> published) {
  ASSIGN_OR_RETURN(const auto checkpoint, InMemory(std::move(published)));
  CHECK(latest_ == nullptr || checkpoint->epoch > latest_->epoch);
  chains_.Begin(checkpoint->instances);
  for (const InstanceSnapshot& instance : checkpoint->instances) {
    if (instance.state == nullptr) continue;
    for (const StateSection& section : instance.state->sections) {
      chains_.Add(ChainKey::Of(instance, section), section,
                  std::shared_ptr<const StateSection>(instance.state, &section));
    }
  }
  latest_ = checkpoint;
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
