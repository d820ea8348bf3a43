#include "checkpoint/checkpoint_chains.h"

#include "columnar/hash.h"

namespace rhei {

std::vector<InstanceSnapshot> WithWholeChains(
    std::vector<InstanceSnapshot> instances, int shard_count, uint64_t epoch,
    std::vector<std::pair<ChainKey, std::vector<StateSection>>> sections) {
  std::map<std::pair<std::string, int>, std::shared_ptr<FrozenState>> states;
  std::map<std::string, int> first_shards;
  for (InstanceSnapshot& instance : instances) {
    auto state = std::make_shared<FrozenState>();
    state->operator_id = instance.operator_id;
    state->epoch = epoch;
    states[{instance.operator_id, instance.shard}] = state;
    first_shards.emplace(instance.operator_id, instance.shard);
    instance.state = std::move(state);
  }
  for (auto& [key, chain] : sections) {
    const int shard = key.key_group < 0 ? key.shard : ShardOfKeyGroup(key.key_group, shard_count);
    auto found = states.find({key.operator_id, shard});
    // An operator with fewer instances than the job has shards.
    if (found == states.end()) {
      const auto first = first_shards.find(key.operator_id);
      if (first == first_shards.end()) continue;
      found = states.find({key.operator_id, first->second});
    }
    for (StateSection& section : chain) {
      found->second->sections.push_back(std::move(section));
    }
  }
  return instances;
}

}  // namespace rhei
