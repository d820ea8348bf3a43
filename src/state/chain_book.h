#pragma once
// ChainBook: what the published checkpoints hold of one keyed state: per key group a base and the
// deltas behind it. It says which groups get a new base at a barrier.
//
// Order of calls: Restored (per group, once), then per barrier Bases, Froze (per group), and, when
// its checkpoint has been published, Published. A barrier whose checkpoint fails is never
// published; whether it was is not known before. Thread-safety: one thread.
#include <array>
#include <cstdint>

#include "state/chain.h"

namespace rhei {

class ChainBook {
 public:
  // The checkpoint that was restored has this chain. `continues`: the next checkpoints may go on
  // with it; otherwise it must be replaced.
  void Restored(const SectionChain& chain, uint32_t epoch, bool continues);
  // The groups that need a base; `base_from` as KeyedState has it.
  KeyGroupSet Bases(uint32_t base_from) const;
  // A checkpoint may hold something of the group: without rows it needs an empty base.
  bool MayBeKept(int group) const { return At(group).kept; }
  // About the bytes that a base or a delta of the group will have: those of the one before.
  uint64_t BytesExpected(int group, bool is_base) const {
    return is_base ? At(group).base_bytes : At(group).last_delta_bytes;
  }
  // The section that epoch's barrier has written (`bytes` 0: an empty base).
  void Froze(int group, uint32_t epoch, bool is_base, uint64_t bytes);
  void Published(uint32_t epoch);

 private:
  struct Group {
    bool kept = false;
    uint32_t base_epoch = 0;  // of the newest published base; 0: none
    uint32_t delta_count = 0;
    uint64_t base_bytes = 0;
    uint64_t delta_bytes = 0;
    uint64_t last_delta_bytes = 0;
    uint32_t frozen_epoch = 0;  // the newest barrier with a section, not yet published
    bool frozen_base = false;
    uint64_t frozen_bytes = 0;
  };
  Group& At(int group) { return groups_[static_cast<size_t>(group)]; }
  const Group& At(int group) const { return groups_[static_cast<size_t>(group)]; }

  std::array<Group, kKeyGroupCount> groups_{};
};

}  // namespace rhei
