#pragma once
// HashIndex: from a 32-bit hash to the ids of the rows that have it; the rows themselves lie
// elsewhere and the caller compares them.
//
// Extendible hashing: a directory of fixed segments of 4096 entries of 8 bytes (hash, id). A full
// segment splits in two, so that growing costs microseconds at any size and never a pass over the
// whole table. Within a segment: linear probing, removal by shifting back, no tombstones.
// Thread-safety: one thread. Cost: about 15 bytes an entry.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/held_bytes.h"

namespace rhei {

class HashIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  explicit HashIndex(MemoryPool* pool);
  ~HashIndex();
  HashIndex(const HashIndex&) = delete;
  HashIndex& operator=(const HashIndex&) = delete;

  // The first id with this hash for which equal(id) holds, else kNone.
  template <typename Equal>
  uint32_t Find(uint32_t hash, Equal&& equal) const {
    const Segment& segment = *SegmentOf(hash);
    for (uint32_t at = hash & mask_;; at = (at + 1) & mask_) {
      const uint64_t entry = segment.entries[at];
      if (entry == 0) return kNone;
      if (HashOf(entry) == hash && equal(IdOf(entry))) return IdOf(entry);
    }
  }
  // The first id with this hash, to prefetch its row; it may be another row.
  uint32_t Candidate(uint32_t hash) const {
    return Find(hash, [](uint32_t) { return true; });
  }
  void Prefetch(uint32_t hash) const {
    __builtin_prefetch(&SegmentOf(hash)->entries[hash & mask_]);
  }
  // Entries of the same part lie together: who inserts many is faster part by part.
  static constexpr uint32_t kPartCount = 256;
  static uint32_t PartOf(uint32_t hash) { return (hash >> kSegmentBits) % kPartCount; }
  // About so many entries will come: the segments that they need are there at once. REQUIRES: the
  // index is empty.
  void Reserve(uint64_t count);
  // REQUIRES: (hash, id) is not in the index.
  void Insert(uint32_t hash, uint32_t id);
  // REQUIRES: (hash, id) is in the index.
  void Erase(uint32_t hash, uint32_t id);
  void Replace(uint32_t hash, uint32_t id, uint32_t new_id);
  void Clear();

  uint64_t size() const { return size_; }
  int64_t bytes() const { return held_.bytes(); }

 private:
  struct Segment {
    uint32_t used;
    uint32_t depth;      // how many directory bits tell it from its siblings
    uint64_t unused[7];  // entries begin a cache line
    uint64_t entries[1];
  };
  struct Chunk {
    std::byte* memory;
    size_t bytes;
  };
  static constexpr uint32_t kSegmentBits = 12;
  static constexpr uint32_t kFirstEntries = 16;

  static uint32_t HashOf(uint64_t entry) { return static_cast<uint32_t>(entry >> 32); }
  static uint32_t IdOf(uint64_t entry) { return static_cast<uint32_t>(entry) - 1; }
  static uint64_t EntryOf(uint32_t hash, uint32_t id) {
    return (static_cast<uint64_t>(hash) << 32) | (id + 1);
  }
  Segment* SegmentOf(uint32_t hash) const {
    return directory_[(hash >> kSegmentBits) & (directory_.size() - 1)];
  }
  // Entries of a segment before it grows or splits.
  uint64_t FullAt() const { return (mask_ + 1) / 4 * 3; }
  Segment* NewSegment(uint32_t depth);
  void FreeAll();
  void Place(Segment* segment, uint64_t entry) const;
  void GrowFirst();
  void Split(uint32_t hash);
  size_t SegmentBytes() const { return sizeof(Segment) + mask_ * sizeof(uint64_t); }

  HeldBytes held_;
  std::vector<Segment*> directory_;  // size is a power of two
  std::vector<Chunk> chunks_;        // segments are cut from them and stay until Clear
  size_t chunk_used_ = 0;            // bytes of the newest chunk
  uint32_t directory_depth_ = 0;
  uint32_t mask_ = kFirstEntries - 1;  // the same in all segments
  uint64_t size_ = 0;
};

}  // namespace rhei
