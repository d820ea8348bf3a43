#pragma once
// StateMultimap: key -> rows in an order declared at Open: by arrival, or by (sort columns,
// arrival). The state of joins, Top-N, sorts and materialisation.
//
// Keys are looked up by batch and give a StateRow pointer, as in StateTable; entries are then
// reached from the key. An entry holds one row as RowCodec bytes, a count (equal rows share an
// entry when `counted`) and a number of the operator's own (a join's associations). Steps, finding
// an equal row, insertion and removal take O(log n) of the key's rows at most. Entry pointers stay
// valid until the entry is removed; a key without entries is freed by EraseEmptyKeys, which an
// operator calls after each batch.
//
// Writing: a new entry may be written until the next barrier, any other after Touch, which comes
// before the change (as in StateTable).
//
// Sequences: every entry has a number that rises with arrival, kept over restores.
// TTL: an entry expires ttl_ms after it was last written and is then skipped. Thread-safety: one
// thread.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/held_bytes.h"
#include "state/sort_key.h"
#include "state/table.h"

namespace rhei {

struct MultimapSpec {
  std::string name;
  std::vector<DataType> key_types;
  std::vector<DataType> row_types;
  std::vector<SortColumn> order;  // columns of the row; empty: by arrival
  bool counted = false;           // equal rows share an entry, at the place of the first
  bool find_rows = true;          // false: FindEqual is never called, equal rows stay apart
  std::vector<int> identity;      // columns that make rows equal; empty: all
  int64_t ttl_ms = 0;
  bool keep_order = false;  // NextKey goes by the keys' insertion, also after a restore
};
std::string SchemaOf(const MultimapSpec& spec);

struct MultimapEntry {
  StringView row;       // RowCodec bytes
  StringView sort_key;  // SortKeyCodec bytes; empty without an order
  StringView identity;  // RowCodec bytes of the identity columns; empty when they are all columns
  StateRow* key;
  int64_t count;         // 0: free
  int64_t associations;  // the operator's
  uint64_t sequence;
  int64_t last_write_ms;
  uint32_t id;
  uint32_t row_hash;
  uint32_t left, right, parent;         // tree; or previous, next (arrival order)
  uint32_t equal_next, equal_previous;  // equal rows, by arrival; the head's previous is the tail
  EpochWord epoch;                      // of the last change
};

class StateMultimap final : public SweptState {
 public:
  StateMultimap(const MultimapSpec& spec, MemoryPool* pool);
  ~StateMultimap() override;

  // As StateTable.
  void FindOrInsertKeys(std::span<const Column* const> keys, const uint64_t* hashes,
                        std::span<const int32_t> rows, StateRow** out);
  void FindKeys(std::span<const Column* const> keys, const uint64_t* hashes,
                std::span<const int32_t> rows, StateRow** out);
  void AppendKey(const StateRow* key, std::span<ColumnBuilder* const> out) const {
    keys_.AppendKey(key, out);
  }
  // Frees the keys of `keys` (null and repeats allowed) that have no entries.
  void EraseEmptyKeys(std::span<StateRow* const> keys);
  // For a state without key columns.
  StateRow* OnlyKey() { return keys_.FindOrInsertOnly(); }
  StateRow* FindOnlyKey() { return keys_.FindOnly(); }
  StateRow* NextKey(uint32_t* id) { return keys_.Next(id); }

  // Adds `row` of `columns`; when counted and an equal row is there, raises its count by one.
  MultimapEntry* Add(StateRow* key, std::span<const Column* const> columns, int32_t row);
  // The first equal row (by all columns or by the identity columns), or null.
  MultimapEntry* FindEqual(StateRow* key, std::span<const Column* const> columns, int32_t row);
  // Puts another row with the same identity in the entry's place: it keeps its sequence, and moves
  // when its sort columns changed.
  void Replace(MultimapEntry* entry, std::span<const Column* const> columns, int32_t row);
  void Remove(MultimapEntry* entry);
  // Lowers the count; removes the entry at zero.
  void RemoveOne(MultimapEntry* entry) {
    if (entry->count == 1) return Remove(entry);
    Touch(entry);
    --entry->count;
  }
  void RemoveAll(StateRow* key);
  void Touch(MultimapEntry* entry) {
    if (entry->epoch < sweep_.epoch_word()) TouchFirst(entry);
    entry->last_write_ms = now_ms_;
  }

  // Null at the ends.
  MultimapEntry* First(StateRow* key);
  MultimapEntry* Last(StateRow* key);
  MultimapEntry* Next(MultimapEntry* entry);
  MultimapEntry* Previous(MultimapEntry* entry);
  // Entries of the key (equal rows of a counted entry once).
  uint32_t entry_count(StateRow* key) const { return HeadOf(key).entries; }
  uint64_t entry_count() const { return live_count_; }
  // The sort key that an entry with this row would have.
  void EncodeSortKey(std::span<const Column* const> columns, int32_t row, std::string* out) const {
    sort_codec_.Encode(columns, row, out);
  }

  // Appends the row, one value per row column; as RowCodec::Decode, which allows null builders.
  void AppendRow(const MultimapEntry* entry, std::span<ColumnBuilder* const> out,
                 bool share_strings = false) const;

  const MultimapSpec& spec() const { return spec_; }
  uint64_t key_count() const { return keys_.row_count(); }
  int64_t bytes() const {
    return held_.bytes() + keys_.bytes() + index_.bytes() + strings_.bytes() +
           sweep_.erased_bytes();
  }
  void SetNow(int64_t now_ms);
  // The keys with most entries, found by looking at some keys spread over the table.
  std::vector<std::pair<const StateRow*, int64_t>> HottestKeys(size_t count) const;
  std::string KeyText(const StateRow* key) const { return keys_.KeyText(key); }
  int64_t OldestWrite() const;

  Status Load(ChainStream* chains) override;
  void BeginFreeze(const FreezeOrder& order) override;
  bool StepFreeze(FreezeBudget* budget) override;

 private:
  class Shape;
  struct Head {
    uint32_t root;  // tree; or the first (arrival order)
    uint32_t tail;  // arrival order
    uint32_t entries;
    uint32_t unused;
  };
  static constexpr uint32_t kNone = HashIndex::kNone;

  // Ids in a Head and in an entry are stored plus one, so that zero means none.
  Head& HeadOf(StateRow* key) const { return keys_.Value<Head>(key, 0); }
  MultimapEntry* At(uint32_t id_plus_one) const;
  MultimapEntry* NewEntry(StateRow* key);
  void FreeEntry(MultimapEntry* entry);
  void FreeSlabs();
  uint32_t HashRow(const StateRow* key, std::string_view identity) const;
  MultimapEntry* FindByIdentity(StateRow* key, std::string_view identity, uint32_t hash) const;
  std::string_view IdentityOf(const MultimapEntry* entry) const {
    return spec_.identity.empty() ? entry->row.view() : entry->identity.view();
  }
  void TouchFirst(MultimapEntry* entry);
  static int GroupOf(const StateRow* key) { return KeyGroupOf(key->hash_and_flags); }
  void SaveBeforeChange(MultimapEntry* entry) {
    if (sweep_.MustSave(entry->id, entry->epoch, GroupOf(entry->key))) SaveEntry(entry);
  }
  // The key with a number: the entry's, or (kErasedAll) the first one that is not erased.
  void LogErasure(RecordKind kind, const StateRow* key, uint64_t sequence);
  void Unstore(MultimapEntry* entry);
  int64_t SaveEntry(const MultimapEntry* entry);
  bool LoadEntry(const ChainRecord& record);
  void EncodeRow(std::span<const Column* const> columns, int32_t row);
  MultimapEntry* AddEncoded(StateRow* key, uint64_t sequence);
  void LinkEqual(MultimapEntry* entry);
  void UnlinkEqual(MultimapEntry* entry);
  void Link(MultimapEntry* entry);
  void Unlink(MultimapEntry* entry);
  void TreeInsert(MultimapEntry* entry);
  void TreeRemove(MultimapEntry* entry);
  void Rotate(MultimapEntry* child);
  void SetChild(MultimapEntry* parent, StateRow* key, uint32_t old_id, uint32_t new_id);
  MultimapEntry* StepRaw(MultimapEntry* entry, bool forward) const;
  MultimapEntry* EndRaw(StateRow* key, bool first) const;
  MultimapEntry* SkipExpired(MultimapEntry* entry, bool forward);
  bool Expired(const MultimapEntry* entry) const {
    return spec_.ttl_ms > 0 && entry->last_write_ms <= now_ms_ - spec_.ttl_ms;
  }
  bool ordered() const { return !spec_.order.empty(); }

  MultimapSpec spec_;
  StateTable keys_;
  HeldBytes held_;
  HashIndex index_;  // (key, identity) -> first equal entry
  BytePool strings_;
  RowCodec row_codec_;
  RowCodec identity_codec_;
  SortKeyCodec sort_codec_;
  std::vector<std::byte*> slabs_;
  uint32_t next_id_ = 0;
  uint32_t free_id_ = 0;  // plus one
  uint64_t live_count_ = 0;
  uint64_t next_sequence_ = 0;
  int64_t now_ms_ = 0;
  ExpirySweep expiry_;
  std::string row_bytes_, identity_bytes_, sort_bytes_;  // of the row at hand
};

}  // namespace rhei
