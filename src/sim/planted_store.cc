#include "sim/planted_store.h"

namespace rhei {
namespace {

// The instance without the states of that name.
InstanceSnapshot Without(const InstanceSnapshot& instance, std::string_view state_name) {
  InstanceSnapshot changed = instance;
  if (instance.state == nullptr) return changed;
  auto state = std::make_shared<FrozenState>(*instance.state);
  std::erase_if(state->sections,
                [&](const StateSection& section) { return section.state_name == state_name; });
  changed.state = std::move(state);
  return changed;
}

InstanceSnapshot WithoutWatermarks(const InstanceSnapshot& instance) {
  InstanceSnapshot changed = Without(instance, "watermark");
  for (int64_t& watermark_ms : changed.input_watermarks_ms) watermark_ms = kNoWatermark;
  changed.combined_watermark_ms = changed.output_watermark_ms = kNoWatermark;
  return changed;
}

}  // namespace

Status PlantedStore::Publish(std::shared_ptr<const Checkpoint> checkpoint) {
  RETURN_IF_ERROR(store_->Publish(std::move(checkpoint)));
  if (plant_ != StorePlant::kOlderState) return {};
  ASSIGN_OR_RETURN(std::shared_ptr<const Checkpoint> whole, store_->Latest());
  ASSIGN_OR_RETURN(whole, InMemory(std::move(whole)));
  memory_->before = std::move(memory_->newest);
  memory_->newest = std::move(whole);
  return {};
}

Result<std::shared_ptr<const Checkpoint>> PlantedStore::Latest() {
  ASSIGN_OR_RETURN(const std::shared_ptr<const Checkpoint> latest, store_->Latest());
  if (plant_ == StorePlant::kNone || latest == nullptr) return latest;
  auto changed = std::make_shared<Checkpoint>(*latest);
  for (size_t i = 0; i < changed->instances.size(); ++i) {
    InstanceSnapshot& instance = changed->instances[i];
    switch (plant_) {
      case StorePlant::kNone: break;
      case StorePlant::kNoWatermarks: instance = WithoutWatermarks(instance); break;
      case StorePlant::kNoTimers: instance = Without(instance, "timers"); break;
      case StorePlant::kOlderState: {
        // One shard's keyed state is that of the epoch before.
        const Checkpoint* before = memory_->before.get();
        const bool fits = before != nullptr && before->epoch < latest->epoch &&
                          before->instances.size() == changed->instances.size();
        const bool keyed = instance.state != nullptr && !instance.state->sections.empty() &&
                           instance.state->sections[0].key_group >= 0;
        if (fits && keyed) instance.state = before->instances[i].state;
        break;
      }
    }
  }
  return std::shared_ptr<const Checkpoint>(std::move(changed));
}

}  // namespace rhei
