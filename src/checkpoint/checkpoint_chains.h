#pragma once
// CheckpointChains: what a restore needs of the sections of all checkpoints so far: per state and
// key group the newest base and the deltas after it (the rules: StateSection in state_store.h).
//
// A keyed chain belongs to its key group whichever shard wrote it, so that a run with another
// number of shards continues it; an unkeyed one belongs to a shard of the newest checkpoint only.
// Piece is where the bytes of a section are. Thread-safety: as for std::map.
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/snapshot.h"

namespace rhei {

struct ChainKey {
  std::string operator_id;
  std::string state_name;
  int key_group = -1;  // -1: not keyed
  int shard = -1;      // of unkeyed ones; -1: keyed
  auto operator<=>(const ChainKey&) const = default;

  static ChainKey Of(const InstanceSnapshot& instance, const StateSection& section) {
    const bool keyed = section.key_group >= 0;
    return {instance.operator_id, section.state_name, section.key_group,
            keyed ? -1 : instance.shard};
  }
};

template <typename Piece>
class CheckpointChains {
 public:
  // Call order for one checkpoint: Begin, then Add for every section in order.
  // Forgets the unkeyed chains and those of operators that the checkpoint does not have.
  void Begin(const std::vector<InstanceSnapshot>& instances) {
    std::set<std::string> operators;
    for (const InstanceSnapshot& instance : instances) operators.insert(instance.operator_id);
    std::erase_if(chains_, [&](const auto& entry) {
      return entry.first.key_group < 0 || !operators.contains(entry.first.operator_id);
    });
  }

  void Add(const ChainKey& key, const StateSection& section, Piece piece) {
    if (!section.is_delta && section.size() == 0) {
      chains_.erase(key);
      return;
    }
    std::vector<Piece>& chain = chains_[key];
    if (!section.is_delta) chain.clear();
    chain.push_back(std::move(piece));
  }

  // As read from a manifest: the pieces of one chain, oldest first.
  void Set(ChainKey key, std::vector<Piece> chain) { chains_[std::move(key)] = std::move(chain); }
  void Drop(const std::string& operator_id, const std::string& state_name) {
    std::erase_if(chains_, [&](const auto& entry) {
      return entry.first.operator_id == operator_id && entry.first.state_name == state_name;
    });
  }
  void Clear() { chains_.clear(); }

  const std::map<ChainKey, std::vector<Piece>>& all() const { return chains_; }

 private:
  std::map<ChainKey, std::vector<Piece>> chains_;
};

// Takes the states out of the newest checkpoint's instances and puts whole chains in their place:
// `sections` has for each chain its sections, base first. The chain of a key group goes to the
// shard that owns it when there are shard_count shards.
std::vector<InstanceSnapshot> WithWholeChains(
    std::vector<InstanceSnapshot> instances, int shard_count, uint64_t epoch,
    std::vector<std::pair<ChainKey, std::vector<StateSection>>> sections);

}  // namespace rhei
