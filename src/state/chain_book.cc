// A base costs a look at every row of the state, whichever groups it is for. So groups get theirs
// in batches; and all deltas together are kept below a part of all bases, by new bases for the
// groups with most deltas: at every barrier about as many bytes of bases are written as of deltas,
// and a restore reads a known multiple of the state. It settles so by itself, however it begins.
#include "state/chain_book.h"

#include <algorithm>
#include <vector>

namespace rhei {

namespace {

// Of all bases' bytes, all deltas may have this part.
constexpr uint64_t DeltasMax(uint64_t base_bytes) {
  return base_bytes / 8 * 5;
}
constexpr uint64_t DeltasOfAGroupMax(uint64_t base_bytes) {
  return base_bytes * 2;
}
// Below this part of its base a group's deltas are not worth a new one.
constexpr double kWorthwhile = 0.25;
constexpr size_t kBatchGroups = kKeyGroupCount / 4;
// A restore reads them all, and the files of all stay. Not the same for all groups, so that their
// turns do not come at one barrier.
constexpr uint32_t CountLimitOf(size_t group) {
  return 96 + static_cast<uint32_t>((group * 77) % kKeyGroupCount) / 2;
}

}  // namespace

void ChainBook::Restored(const SectionChain& chain, uint32_t epoch, bool continues) {
  Group& to = At(chain.key_group);
  to.kept = true;
  if (!continues) return;
  to.base_epoch = epoch;
  // A full section goes on in the next one.
  bool in_base = true;
  for (const StateSection* section : chain.sections) {
    (in_base ? to.base_bytes : to.delta_bytes) += section->size();
    if (!in_base) ++to.delta_count;
    in_base = in_base && section->size() > FreezeBuffers::kSectionBytes;
  }
}

KeyGroupSet ChainBook::Bases(uint32_t base_from) const {
  KeyGroupSet out;
  uint64_t base_bytes = 0, delta_bytes = 0;
  size_t replaced = 0;
  std::vector<size_t> order;
  for (size_t g = 0; g < groups_.size(); ++g) {
    const Group& group = groups_[g];
    // A base of which it is not known whether it was published may have ended the chain.
    const bool open_base = group.frozen_epoch != 0 && group.frozen_base;
    if (open_base || group.base_epoch == 0 || group.base_epoch < base_from) {
      out.set(g);
    } else if (group.delta_bytes > DeltasOfAGroupMax(group.base_bytes) ||
               group.delta_count > CountLimitOf(g)) {
      out.set(g);
      ++replaced;
    } else {
      base_bytes += group.base_bytes;
      delta_bytes += group.delta_bytes;
      order.push_back(g);
    }
  }
  if (replaced == 0 && delta_bytes <= DeltasMax(base_bytes)) return out;
  const auto part = [this](size_t g) {
    return static_cast<double>(groups_[g].delta_bytes) /
           static_cast<double>(groups_[g].base_bytes + 1);
  };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const double part_a = part(a), part_b = part(b);
    return part_a != part_b ? part_a > part_b : a < b;
  });
  for (const size_t g : order) {
    const bool enough = delta_bytes <= DeltasMax(base_bytes);
    // The rest of the batch: those that would have their turn soon.
    if (enough && (replaced >= kBatchGroups || part(g) < kWorthwhile)) break;
    out.set(g);
    ++replaced;
    delta_bytes -= groups_[g].delta_bytes;
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
      group.last_delta_bytes = group.frozen_bytes;
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
