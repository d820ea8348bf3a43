// Growing, splitting and removing; the probes are in the header.
#include "state/hash_index.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/zeroed_memory.h"

namespace rhei {

namespace {

constexpr size_t kChunkBytesMax = size_t{8} << 20;

}  // namespace

HashIndex::HashIndex(MemoryPool* pool) : held_(pool) {
  directory_.push_back(NewSegment(0));
}

HashIndex::~HashIndex() {
  FreeAll();
}

void HashIndex::FreeAll() {
  for (const Chunk& chunk : chunks_) FreeZeroed(chunk.memory, chunk.bytes);
  chunks_.clear();
  chunk_used_ = 0;
  directory_.clear();
  held_.Clear();
}

HashIndex::Segment* HashIndex::NewSegment(uint32_t depth) {
  const size_t bytes = SegmentBytes();
  if (chunks_.empty() || chunk_used_ + bytes > chunks_.back().bytes) {
    // An eighth of what there is, so that little of it lies idle.
    const size_t segments = std::clamp<size_t>(static_cast<size_t>(held_.bytes()) / 8 / bytes, 1,
                                               kChunkBytesMax / bytes);
    if (!chunks_.empty()) PreferHugePages(chunks_.back().memory, chunks_.back().bytes);
    chunks_.push_back({AllocateZeroed(segments * bytes), segments * bytes});
    chunk_used_ = 0;
    held_.Add(static_cast<int64_t>(segments * bytes));
  }
  auto* segment = reinterpret_cast<Segment*>(chunks_.back().memory + chunk_used_);
  chunk_used_ += bytes;
  segment->depth = depth;
  return segment;
}

void HashIndex::Place(Segment* segment, uint64_t entry) const {
  uint32_t at = HashOf(entry) & mask_;
  while (segment->entries[at] != 0) at = (at + 1) & mask_;
  segment->entries[at] = entry;
  ++segment->used;
}

// Doubles the only segment of a small index.
void HashIndex::GrowFirst() {
  const Segment* old = directory_[0];
  const uint32_t old_mask = mask_;
  const std::vector<Chunk> old_chunks = std::move(chunks_);
  held_.Clear();
  chunks_.clear();
  mask_ = mask_ * 2 + 1;
  Segment* grown = NewSegment(0);
  for (uint32_t i = 0; i <= old_mask; ++i) {
    if (old->entries[i] != 0) Place(grown, old->entries[i]);
  }
  directory_[0] = grown;
  for (const Chunk& chunk : old_chunks) FreeZeroed(chunk.memory, chunk.bytes);
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
  std::array<uint64_t, size_t{1} << kSegmentBits> entries;
  std::copy_n(old->entries, entries.size(), entries.begin());
  std::fill_n(old->entries, entries.size(), 0);
  old->used = 0;
  old->depth = depth + 1;
  Segment* one = NewSegment(depth + 1);
  for (const uint64_t entry : entries) {
    if (entry == 0) continue;
    const bool bit = ((HashOf(entry) >> (kSegmentBits + depth)) & 1) != 0;
    Place(bit ? one : old, entry);
  }
  const size_t low = (hash >> kSegmentBits) & ((size_t{1} << depth) - 1);
  for (size_t i = low; i < directory_.size(); i += size_t{1} << depth) {
    if (((i >> depth) & 1) != 0) directory_[i] = one;
  }
}

void HashIndex::Reserve(uint64_t count) {
  CHECK(size_ == 0);
  FreeAll();
  mask_ = kFirstEntries - 1;
  while (count > FullAt() && mask_ + 1 < (uint32_t{1} << kSegmentBits)) mask_ = mask_ * 2 + 1;
  directory_depth_ = 0;
  while (count > FullAt() << directory_depth_ && directory_depth_ < 32 - kSegmentBits) {
    ++directory_depth_;
  }
  for (size_t i = 0; i < size_t{1} << directory_depth_; ++i) {
    directory_.push_back(NewSegment(directory_depth_));
  }
}

void HashIndex::Insert(uint32_t hash, uint32_t id) {
  Segment* segment = SegmentOf(hash);
  while (segment->used >= FullAt()) {
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
