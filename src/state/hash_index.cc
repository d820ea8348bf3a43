// Growing, splitting and removing; the probes are in the header.
#include "state/hash_index.h"

#include <cstdlib>
#include <utility>

#include "base/check.h"

namespace rhei {

HashIndex::HashIndex(MemoryPool* pool) : pool_(pool) {
  directory_.push_back(NewSegment(0));
}

HashIndex::~HashIndex() {
  FreeAll();
}

void HashIndex::FreeAll() {
  // A segment stands in the directory several times; its lowest place, met last, frees it.
  for (size_t i = directory_.size(); i-- > 0;) {
    if (i < (size_t{1} << directory_[i]->depth)) FreeSegment(directory_[i]);
  }
  directory_.clear();
}

void HashIndex::Hold(int64_t bytes) {
  held_bytes_ += bytes;
  if (pool_ == nullptr) return;
  if (bytes >= 0) {
    pool_->Charge(bytes);
  } else {
    pool_->Release(-bytes);
  }
}

HashIndex::Segment* HashIndex::NewSegment(uint32_t depth) {
  auto* segment = static_cast<Segment*>(std::calloc(1, SegmentBytes()));
  CHECK(segment != nullptr);
  segment->depth = depth;
  Hold(static_cast<int64_t>(SegmentBytes()));
  return segment;
}

void HashIndex::FreeSegment(Segment* segment) {
  Hold(-static_cast<int64_t>(SegmentBytes()));
  std::free(segment);
}

void HashIndex::Place(Segment* segment, uint64_t entry) const {
  uint32_t at = HashOf(entry) & mask_;
  while (segment->entries[at] != 0) at = (at + 1) & mask_;
  segment->entries[at] = entry;
  ++segment->used;
}

// Doubles the only segment of a small index.
void HashIndex::GrowFirst() {
  Segment* old = directory_[0];
  const uint32_t old_mask = mask_;
  const auto old_bytes = static_cast<int64_t>(SegmentBytes());
  mask_ = mask_ * 2 + 1;
  Segment* grown = NewSegment(0);
  for (uint32_t i = 0; i <= old_mask; ++i) {
    if (old->entries[i] != 0) Place(grown, old->entries[i]);
  }
  directory_[0] = grown;
  Hold(-old_bytes);
  std::free(old);
}

void HashIndex::Split(uint32_t hash) {
  Segment* old = SegmentOf(hash);
  const uint32_t depth = old->depth;
  CHECK(depth < 32 - kSegmentBits);
  if (depth == directory_depth_) {
    const size_t size = directory_.size();
    directory_.resize(size * 2);
    for (size_t i = 0; i < size; ++i) directory_[size + i] = directory_[i];
    ++directory_depth_;
  }
  Segment* zero = NewSegment(depth + 1);
  Segment* one = NewSegment(depth + 1);
  for (uint32_t i = 0; i <= mask_; ++i) {
    const uint64_t entry = old->entries[i];
    if (entry == 0) continue;
    const bool bit = ((HashOf(entry) >> (kSegmentBits + depth)) & 1) != 0;
    Place(bit ? one : zero, entry);
  }
  const size_t low = (hash >> kSegmentBits) & ((size_t{1} << depth) - 1);
  for (size_t i = low; i < directory_.size(); i += size_t{1} << depth) {
    directory_[i] = ((i >> depth) & 1) != 0 ? one : zero;
  }
  FreeSegment(old);
}

void HashIndex::Insert(uint32_t hash, uint32_t id) {
  Segment* segment = SegmentOf(hash);
  while (segment->used >= (mask_ + 1) / 4 * 3) {
    if (mask_ + 1 < (uint32_t{1} << kSegmentBits)) {
      GrowFirst();
    } else if (segment->depth < 32 - kSegmentBits) {
      Split(hash);
    } else {
      CHECK(segment->used < mask_);  // three thousand rows share 32 bits of a 64-bit hash
      break;
    }
    segment = SegmentOf(hash);
  }
  Place(segment, EntryOf(hash, id));
  ++size_;
}

void HashIndex::Erase(uint32_t hash, uint32_t id) {
  Segment* segment = SegmentOf(hash);
  const uint64_t entry = EntryOf(hash, id);
  uint32_t hole = hash & mask_;
  while (segment->entries[hole] != entry) {
    CHECK(segment->entries[hole] != 0);
    hole = (hole + 1) & mask_;
  }
  for (uint32_t at = (hole + 1) & mask_; segment->entries[at] != 0; at = (at + 1) & mask_) {
    const uint32_t home = HashOf(segment->entries[at]) & mask_;
    // An entry may move back to the hole when its home does not lie between hole and itself.
    if (((at - home) & mask_) >= ((at - hole) & mask_)) {
      segment->entries[hole] = segment->entries[at];
      hole = at;
    }
  }
  segment->entries[hole] = 0;
  --segment->used;
  --size_;
}

void HashIndex::Replace(uint32_t hash, uint32_t id, uint32_t new_id) {
  Segment* segment = SegmentOf(hash);
  const uint64_t entry = EntryOf(hash, id);
  uint32_t at = hash & mask_;
  while (segment->entries[at] != entry) {
    CHECK(segment->entries[at] != 0);
    at = (at + 1) & mask_;
  }
  segment->entries[at] = EntryOf(hash, new_id);
}

void HashIndex::Clear() {
  FreeAll();
  directory_depth_ = 0;
  mask_ = kFirstEntries - 1;
  size_ = 0;
  directory_.push_back(NewSegment(0));
}

}  // namespace rhei
