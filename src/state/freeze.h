#pragma once
// What the keyed states (tables, slices, multimaps, timers) share to be frozen while they are
// written to; state/chain.h reads it back.
//
// Epochs. The state counts barriers: what is written between barrier N - 1 and barrier N belongs to
// epoch N. Every row has an EpochWord: the epoch of its last change, and whether any freeze has
// seen the row (only such a row leaves a tombstone behind when it is erased).
//
// A freeze of epoch N (BeginFreeze, then StepFreeze until it says true) gathers the content of the
// barrier although the state goes on changing: a sweep goes over the rows in small steps, and a row
// that the sweep has not reached is saved just before its first change of epoch N + 1. Wanted are
// the rows changed after the newest published epoch, and all rows of the key groups that get a
// base.
//
// Records. A section is a sequence of records, each with a 4-byte head (its length and its kind).
// Within one section a key is either erased, or written, or erased and then written; the order of
// its records is free.
// Thread-safety: one thread.
#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/memory_pool.h"
#include "base/status.h"
#include "columnar/hash.h"
#include "state/state_bytes.h"

namespace rhei {

class ChainStream;  // state/chain.h

using KeyGroupSet = std::bitset<kKeyGroupCount>;

// How many live rows each key group has.
class KeyGroupRows {
 public:
  void Add(int group) {
    if (rows_[static_cast<size_t>(group)]++ == 0) groups_.set(static_cast<size_t>(group));
  }
  void Remove(int group) {
    if (--rows_[static_cast<size_t>(group)] == 0) groups_.reset(static_cast<size_t>(group));
  }
  void Clear() { *this = {}; }
  const KeyGroupSet& groups() const { return groups_; }  // that have any

 private:
  std::array<uint32_t, kKeyGroupCount> rows_{};
  KeyGroupSet groups_;
};

// epoch * 2, plus one when a freeze has seen the row.
using EpochWord = uint32_t;
constexpr EpochWord kSeenBit = 1;
constexpr EpochWord FirstWordOf(uint32_t epoch) {
  return epoch << 1;
}
constexpr uint32_t EpochOf(EpochWord word) {
  return word >> 1;
}

enum class RecordKind : uint32_t {
  kRow = 0,          // identity, then the row
  kErased = 1,       // the identity of a row that is gone
  kErasedAll = 2,    // many at once, see the state at hand
  kPlace = 3,        // the records that follow belong to this slice
  kValue = 4,        // a row's key and a value of it (state/value_counts.h), then its count
  kValueErased = 5,  // the same without the count: the value is gone
};
constexpr int kRecordKindBits = 3;  // of a record's head, the lowest; its length is above

// What a freeze writes of one state, per key group: sections, each the text of the schema and then
// records. A section of some size is followed by another one, so that no string grows for long;
// what was erased is always in the first.
class FreezeBuffers {
 public:
  // No section is larger by more than its last record.
  static constexpr size_t kSectionBytes = size_t{4} << 20;
  // A longer record is left out, and oversized() is true from then on.
  static constexpr size_t kRecordBytesMax = (size_t{1} << (32 - kRecordKindBits)) - 1;

  void Begin(std::string_view schema, const KeyGroupSet& bases);
  // About so many bytes are to come of the group: its string need not grow step by step.
  void Expect(int group, uint64_t bytes) {
    groups_[static_cast<size_t>(group)].expected_bytes = bytes;
  }
  // A record of key group `group` in slice `place` (0 where there are none): write its bytes to the
  // string that StartRecord gives, then end it.
  std::string* StartRecord(int group, int64_t place, RecordKind kind);
  void EndRecord();
  void AddRecord(int group, int64_t place, RecordKind kind, std::string_view payload);

  const KeyGroupSet& bases() const { return bases_; }
  bool oversized() const { return oversized_; }
  // Memory that the sections hold. Looks at all of them: for once a step, not once a record.
  int64_t bytes() const;
  // The sections of a group; none: nothing was written. The caller may move them away at the end.
  std::vector<std::string>& SectionsOf(int group) {
    return groups_[static_cast<size_t>(group)].sections;
  }

 private:
  struct Group {
    std::vector<std::string> sections;
    int64_t first_place = 0;
    int64_t last_place = 0;
    uint64_t expected_bytes = 0;  // of the sections to come
  };
  std::string* StringFor(int group, int64_t place, RecordKind kind);

  std::string schema_;
  KeyGroupSet bases_;
  std::vector<Group> groups_;
  std::string* open_ = nullptr;
  size_t open_start_ = 0;
  RecordKind open_kind_ = RecordKind::kRow;
  bool oversized_ = false;
};

struct FreezeOrder {
  uint32_t epoch = 0;      // the barrier's
  uint32_t published = 0;  // rows of later epochs are wanted, in groups without a base
  FreezeBuffers* out = nullptr;
};

// What one step of a sweep may do: rows looked at and bytes written, in bytes.
struct FreezeBudget {
  static constexpr int64_t kUnlimited = INT64_MAX / 2;
  static constexpr int64_t kPerRow = 8;
  int64_t left = kUnlimited;
};

// Tombstones: what was erased, until a published checkpoint holds it. At first in the order of the
// epochs; records of one epoch are swept while those of the next are added.
class ErasureLog {
 public:
  explicit ErasureLog(MemoryPool* pool) : pool_(pool) {}
  ~ErasureLog() { Clear(); }
  ErasureLog(const ErasureLog&) = delete;
  ErasureLog& operator=(const ErasureLog&) = delete;

  // Add takes the string for the record's payload and EndAdd closes the record.
  std::string* StartAdd(uint32_t epoch, int group, RecordKind kind);
  void EndAdd();
  void Clear();
  void DropThrough(uint32_t epoch);
  int64_t bytes() const { return bytes_; }

  // Writes the records of epochs in (published, epoch] for groups without a base; true at the end.
  void BeginSweep(const FreezeOrder& order);
  bool StepSweep(const FreezeOrder& order, int64_t place, FreezeBudget* budget);

 private:
  struct Epoch {  // or a piece of one
    uint32_t epoch = 0;
    std::string records;  // group (1 byte), kind (1 byte), length (4 bytes), payload
  };
  MemoryPool* pool_;
  std::vector<Epoch> epochs_;
  int64_t bytes_ = 0;
  size_t record_start_ = 0;
  size_t sweep_epoch_ = 0;
  size_t sweep_at_ = 0;
};

// What SHOW STATE says of one state.
struct StateReading {
  std::string name;
  std::string kind;  // "table", "slices", "multimap", "timers", "list"
  int64_t rows = 0;  // with the values of a table's rows
  int64_t keys = 0;
  int64_t bytes = 0;
  int64_t oldest_write_ms = -1;  // with a TTL: of the rows looked at; else -1
  struct HotKey {
    std::string key;
    int64_t rows = 0;
  };
  std::vector<HotKey> hottest;  // multimaps, tables with values: the keys with most of them
};

// A state whose rows belong to key groups.
class KeyedState {
 public:
  virtual ~KeyedState() = default;

  // Before the first write: the epoch of what is written now. `tracked`: a published checkpoint
  // holds what Load will bring, and deltas will follow it.
  virtual void SetEpoch(uint32_t epoch, bool tracked) = 0;
  virtual Status Load(ChainStream* chains) = 0;
  // Epochs below this need a new base in every key group.
  virtual uint32_t base_from() const = 0;
  // What is written from now on belongs to order.epoch + 1. `order.out` stays until the end.
  virtual void BeginFreeze(const FreezeOrder& order) = 0;
  // True when all that is wanted is in the buffers.
  virtual bool StepFreeze(FreezeBudget* budget) = 0;
  virtual void Published(uint32_t epoch) = 0;
  // Of the records of all rows; 0 where that is not known beforehand.
  virtual uint64_t RecordBytes() const { return 0; }
};

}  // namespace rhei
