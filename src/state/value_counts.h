#pragma once
// ValueCounts: how often each value (a byte string) occurs in a slot of a table's row; the state of
// DISTINCT. A checkpoint has a record for each value, so that of millions of which one changes one
// is written.
//
// A StateTable owns one for all its slots of kind kCounts and gives it by counts(). `row` is a row
// that may be written (FindOrInsert, Touch); with the row its values go. A count may be negative (a
// retraction that came before its addition); a value whose count comes to 0 is gone.
//
// TTL: with that of the table, a value expires that long after its count was last changed, also
// while its row lives on (as Flink's map state does by entry). Thread-safety: one thread. Cost: 48
// bytes a value (56 with a TTL), 15 of index, and values longer than 12 bytes themselves.
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/held_bytes.h"
#include "columnar/string_view16.h"
#include "state/byte_pool.h"
#include "state/expiry_sweep.h"
#include "state/freeze_sweep.h"
#include "state/hash_index.h"

namespace rhei {

class StateTable;
struct StateRow;

class ValueCounts {
 public:
  static constexpr uint32_t kHeadBytes = 16;  // of a slot

  ValueCounts(const StateTable* table, int64_t ttl_ms, MemoryPool* pool);
  ~ValueCounts();
  ValueCounts(const ValueCounts&) = delete;
  ValueCounts& operator=(const ValueCounts&) = delete;

  // Of a value at its place, for the calls below.
  static uint32_t HashOf(const StateRow* row, size_t slot, std::string_view value);
  // Has the memory of values that are about to be looked up come near.
  void Prefetch(std::span<const uint32_t> hashes) const;

  // About so many values are to come into an empty one.
  void Reserve(uint64_t count);

  // 0: the value is not there.
  int64_t CountOf(StateRow* row, size_t slot, std::string_view value, uint32_t hash);
  // Puts the value in with a count of 1; false, and no write, when it is there.
  bool AddNew(StateRow* row, size_t slot, std::string_view value, uint32_t hash);
  // Returns the new count. REQUIRES: delta != 0.
  int64_t Add(StateRow* row, size_t slot, std::string_view value, uint32_t hash, int64_t delta);
  // Calls f(std::string_view value, int64_t count) in the order of arrival (of which a restore
  // keeps most). f may add to other rows.
  template <typename F>
  void ForEach(const StateRow* row, size_t slot, F&& f) const {
    for (uint32_t at = HeadOf(row, slot).first; at != 0; at = At(at - 1)->next) {
      const Entry* entry = At(at - 1);
      if (!Expired(entry)) f(entry->value.view(), entry->count);
    }
  }
  void RemoveAll(StateRow* row, size_t slot);

  uint64_t size() const { return live_count_; }
  // The rows with most values in one slot.
  std::vector<std::pair<const StateRow*, int64_t>> HottestRows(size_t count) const;
  int64_t bytes() const {
    return held_.bytes() + index_.bytes() + strings_.bytes() + sweep_.erased_bytes();
  }

 private:
  friend class StateTable;
  struct Entry {
    StringView value;
    int64_t count;   // 0: free
    uint32_t owner;  // the row's id
    uint32_t slot;
    uint32_t hash;
    uint32_t next, previous;  // of the slot; ids plus one, 0: none. Of a free one: the next free
    EpochWord epoch;          // of the last change
    // With a TTL the last change in ms follows.
  };
  // What the row's slot holds.
  struct Head {
    uint32_t first, last;  // ids plus one
    uint64_t size;
  };
  static_assert(sizeof(Entry) == 48 && sizeof(Head) == kHeadBytes);
  static constexpr uint32_t kFirstSlabBits = 4;

  // --- What the table calls. ---
  void SetEpoch(uint32_t epoch, bool tracked) { sweep_.SetEpoch(epoch, tracked); }
  void Published(uint32_t epoch) { sweep_.Published(epoch); }
  uint32_t base_from() const { return sweep_.base_from(); }
  void BeginFreeze(const FreezeOrder& order, int64_t slice, const KeyGroupSet& groups) {
    sweep_.Begin(order, slice, groups, next_id_);
  }
  bool StepFreeze(FreezeBudget* budget);
  // Frees some of those that have expired.
  void SetNow(int64_t now_ms);
  // The row goes, and its own tombstone stands for those of its values.
  void RowGoes(StateRow* row, size_t slot);
  // All rows go, and what was to be frozen of them is.
  void Clear();
  // A restore: `body` is what the record has behind the value. False: it is damaged.
  bool Load(StateRow* row, size_t slot, std::string_view value, std::string_view body);
  void LoadErasure(StateRow* row, size_t slot, std::string_view value);

  Head& HeadOf(const StateRow* row, size_t slot) const;
  Entry* At(uint32_t id) const {
    const uint64_t n = uint64_t{id} + (1U << kFirstSlabBits);
    const auto log = static_cast<uint32_t>(std::bit_width(n)) - 1;
    const uint64_t within = n - (uint64_t{1} << log);
    return reinterpret_cast<Entry*>(slabs_[log - kFirstSlabBits] + within * entry_bytes_);
  }
  int64_t& LastWrite(Entry* entry) const { return *reinterpret_cast<int64_t*>(entry + 1); }
  bool Expired(const Entry* entry) const {
    return ttl_ms_ > 0 && *reinterpret_cast<const int64_t*>(entry + 1) <= now_ms_ - ttl_ms_;
  }
  int GroupOf(const Entry* entry) const;
  uint32_t Find(const StateRow* row, size_t slot, std::string_view value, uint32_t hash) const;
  // The same; what has expired is removed and not found.
  uint32_t FindLive(const StateRow* row, size_t slot, std::string_view value, uint32_t hash);
  uint32_t Insert(StateRow* row, size_t slot, std::string_view value, uint32_t hash);
  void Touch(uint32_t id, Entry* entry);
  void SaveBeforeChange(uint32_t id, const Entry* entry) {
    if (sweep_.MustSave(id, entry->epoch, GroupOf(entry))) Save(entry);
  }
  void WriteIdentity(const Entry* entry, std::string* out) const;
  int64_t Save(const Entry* entry);
  void Remove(uint32_t id);
  // Without a trace.
  void Detach(uint32_t id, Entry* entry);
  void Free(uint32_t id, Entry* entry);

  const StateTable* table_;
  int64_t ttl_ms_;
  size_t entry_bytes_;
  HeldBytes held_;
  FreezeSweep sweep_;
  HashIndex index_;
  BytePool strings_;
  std::vector<std::byte*> slabs_;
  uint32_t next_id_ = 0;
  uint32_t free_id_ = 0;  // plus one
  uint64_t live_count_ = 0;
  int64_t now_ms_ = 0;
  ExpirySweep expiry_;
};

}  // namespace rhei
