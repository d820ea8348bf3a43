// The limits differ from group to group, so that not all groups are written anew at one barrier.
#include "state/chain_book.h"

namespace rhei {

namespace {

// Deltas may have 3/4 to 5/4 of their base's bytes.
constexpr uint64_t LimitOf(uint64_t base_bytes, size_t group) {
  const uint64_t turned = (group * 77) % kKeyGroupCount;
  return base_bytes * 3 / 4 + base_bytes * turned / (2 * kKeyGroupCount);
}
// A restore reads them all, and the files of all stay.
constexpr uint32_t CountLimitOf(size_t group) {
  return 48 + static_cast<uint32_t>((group * 77) % kKeyGroupCount) / 4;
}

}  // namespace

void ChainBook::Restored(const SectionChain& chain, uint32_t epoch, bool continues) {
  Group& to = At(chain.key_group);
  to.kept = true;
  if (!continues) return;
  to.base_epoch = epoch;
  to.base_bytes = chain.sections.front()->size();
  to.delta_count = static_cast<uint32_t>(chain.sections.size() - 1);
  for (const StateSection* section : chain.sections) to.delta_bytes += section->size();
  to.delta_bytes -= to.base_bytes;
}

KeyGroupSet ChainBook::Bases(uint32_t base_from) const {
  KeyGroupSet out;
  for (size_t g = 0; g < groups_.size(); ++g) {
    const Group& group = groups_[g];
    // A base of which it is not known whether it was published may have ended the chain.
    const bool open_base = group.frozen_epoch != 0 && group.frozen_base;
    if (open_base || group.base_epoch == 0 || group.base_epoch < base_from ||
        group.delta_bytes > LimitOf(group.base_bytes, g) || group.delta_count > CountLimitOf(g)) {
      out.set(g);
    }
  }
  return out;
}

void ChainBook::Froze(int group, uint32_t epoch, bool is_base, uint64_t bytes) {
  Group& to = At(group);
  to.kept = true;
  to.frozen_epoch = epoch;
  to.frozen_base = is_base;
  to.frozen_bytes = bytes;
}

void ChainBook::Published(uint32_t epoch) {
  for (Group& group : groups_) {
    if (group.frozen_epoch != epoch) continue;
    group.frozen_epoch = 0;
    if (!group.frozen_base) {
      group.delta_bytes += group.frozen_bytes;
      ++group.delta_count;
      continue;
    }
    group.kept = group.frozen_bytes > 0;
    group.base_epoch = group.kept ? epoch : 0;
    group.base_bytes = group.frozen_bytes;
    group.delta_bytes = 0;
    group.delta_count = 0;
  }
}

}  // namespace rhei
