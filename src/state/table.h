#pragma once
// StateTable: key -> row of typed slots; the state of aggregates, deduplication, joins.
//
// Access is by batch: FindOrInsert takes key columns, hashes and a selection, and gives a row
// pointer per selected row; the operator then works on the slots through these pointers, column by
// column. A row pointer stays valid until that row is erased (or the table dies): rows lie in slabs
// that never move. A new row's slots are all zero (empty strings, null objects).
//
// Writing. Rows from FindOrInsert may be written until the next barrier; a row from Find or an
// iteration is for reading until Touch was called on it. Touch comes before the change: this is
// where the epoch of the last change is kept, and where a freeze that is under way saves the row as
// it was (state/freeze.h).
//
// TTL. With ttl_ms > 0 a row expires ttl_ms after its last write (insert, FindOrInsert or Touch),
// measured by SetNow; an expired row is never returned. Expired rows are freed when met and by a
// slow sweep, which keeps up with what is new.
//
// Order. With keep_order iteration is by insertion, also after a restore; without it the places of
// erased rows are used again. Thread-safety: one thread. Cost: 16 bytes a row besides key and
// slots, and 15 of index.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/held_bytes.h"
#include "base/status.h"
#include "state/byte_pool.h"
#include "state/expiry_sweep.h"
#include "state/freeze_sweep.h"
#include "state/hash_index.h"
#include "state/key_codec.h"
#include "state/value_counts.h"

namespace rhei {

// How the objects of a kObject slot are saved, restored and destroyed. An object is what the
// operator has put into the slot; the table owns it from then on.
class ObjectCodec {
 public:
  virtual ~ObjectCodec() = default;
  virtual void Destroy(void* object) const = 0;
  virtual void Save(const void* object, std::string* out) const = 0;
  virtual Result<void*> Load(std::string_view bytes) const = 0;
  // The memory that StateTable::CountObject was told of, or that Load has taken.
  virtual int64_t counted_bytes(const void* /*object*/) const { return 0; }
};

struct SlotSpec {
  enum class Kind : uint8_t {
    kFixed,   // `bytes` bytes, 8-byte aligned, saved as they are
    kString,  // a byte string owned by the table
    kObject,  // one pointer, owned by the table, see ObjectCodec
    kCounts,  // how often each of some values occurs, see StateTable::counts
  };
  Kind kind = Kind::kFixed;
  uint32_t bytes = 8;
  std::shared_ptr<const ObjectCodec> codec;

  static SlotSpec Fixed(size_t bytes) {
    return {Kind::kFixed, static_cast<uint32_t>(bytes), nullptr};
  }
  static SlotSpec String() { return {Kind::kString, sizeof(StringView), nullptr}; }
  static SlotSpec Object(std::shared_ptr<const ObjectCodec> codec) {
    return {Kind::kObject, sizeof(void*), std::move(codec)};
  }
  static SlotSpec Counts() { return {Kind::kCounts, ValueCounts::kHeadBytes, nullptr}; }
};

struct TableSpec {
  std::string name;
  std::vector<DataType> key_types;  // may be empty: one key
  std::vector<SlotSpec> slots;
  int64_t ttl_ms = 0;  // 0: never expires
  bool keep_order = false;
};
// What must not change between freezing and restoring: key and slot types.
std::string SchemaOf(const TableSpec& spec);

// The head of a row; the key and the slots follow it.
struct StateRow {
  uint64_t hash_and_flags;  // hash in the upper 57 bits; bit 0 live, bits 1 to 6 NULLs of the key
  EpochWord epoch;          // of the last change; of a free row: the next free id
  uint32_t id;
};

struct ChainRecord;  // state/chain.h
struct GroupChain;

class StateTable final : public SweptState {
 public:
  StateTable(const TableSpec& spec, MemoryPool* pool);
  ~StateTable() override;
  StateTable(const StateTable&) = delete;
  StateTable& operator=(const StateTable&) = delete;

  // hashes[i] is the hash of row i (not of the i-th selected row), as HashRows gives it. Writes one
  // row pointer per selected row to `out`, and 1 to inserted[i] where the row is new (once: the
  // second row of the batch with that key finds it). `inserted` may be null.
  void FindOrInsert(std::span<const Column* const> keys, const uint64_t* hashes,
                    std::span<const int32_t> rows, StateRow** out, uint8_t* inserted);
  // The same without inserting: null where the key is unknown.
  void Find(std::span<const Column* const> keys, const uint64_t* hashes,
            std::span<const int32_t> rows, StateRow** out);
  // The rows of this table with the keys of `from`, rows of another table of the same key types.
  void FindOrInsertKeysOf(const StateTable& other, std::span<StateRow* const> from, StateRow** out,
                          uint8_t* inserted);
  // The only row of a table without key columns.
  StateRow* FindOrInsertOnly(bool* inserted = nullptr);
  StateRow* FindOnly();
  void Erase(StateRow* row);
  // False for a row that was erased since the last FindOrInsert, SetNow or Clear.
  static bool IsLive(const StateRow* row) { return (row->hash_and_flags & kLive) != 0; }
  // The row is about to change.
  void Touch(StateRow* row) {
    if (row->epoch < sweep_.epoch_word()) TouchFirst(row);
    if (spec_.ttl_ms > 0) LastWrite(row) = now_ms_;
  }
  void Clear();

  std::byte* Slot(StateRow* row, size_t slot) const {
    return reinterpret_cast<std::byte*>(row) + offsets_[slot];
  }
  size_t slot_offset(size_t slot) const { return offsets_[slot]; }
  template <typename T>
  T& Value(StateRow* row, size_t slot) const {
    return *reinterpret_cast<T*>(Slot(row, slot));
  }
  std::string_view String(const StateRow* row, size_t slot) const {
    return reinterpret_cast<const StringView*>(reinterpret_cast<const std::byte*>(row) +
                                               offsets_[slot])
        ->view();
  }
  void SetString(StateRow* row, size_t slot, std::string_view text);
  // An object in a slot holds more memory than before, or less.
  void CountObject(int64_t change_bytes) { held_.Change(change_bytes); }
  // What the slots of kind kCounts hold; null without any.
  ValueCounts* counts() const { return counts_.get(); }
  // Appends the key of `row`, one value per key column.
  void AppendKey(const StateRow* row, std::span<ColumnBuilder* const> out) const {
    codec_.AppendTo(KeyOf(row), NullsOf(row), out);
  }
  // For people to read.
  std::string KeyText(const StateRow* row) const;
  static uint64_t HashOf(const StateRow* row) { return row->hash_and_flags & ~kFlagMask; }

  // Iteration: the first live row with an id of at least *id (which is set to its id), or null.
  // Expired rows are skipped.
  //   for (uint32_t id = 0; StateRow* row = table.Next(&id); ++id) ...
  StateRow* Next(uint32_t* id);
  uint64_t row_count() const { return live_count_; }
  uint64_t value_count() const { return counts_ == nullptr ? 0 : counts_->size(); }
  int64_t bytes() const {
    return held_.bytes() + index_.bytes() + strings_.bytes() +
           (counts_ == nullptr ? 0 : counts_->bytes());
  }
  const TableSpec& spec() const { return spec_; }

  // Wall clock for TTL; also frees some expired rows. Call once per batch.
  void SetNow(int64_t now_ms);

  void SetEpoch(uint32_t epoch, bool tracked) override;
  uint32_t base_from() const override;
  void Published(uint32_t epoch) override;
  Status Load(ChainStream* chains) override;
  void BeginFreeze(const FreezeOrder& order) override { BeginFreeze(order, 0); }
  bool StepFreeze(FreezeBudget* budget) override;
  uint64_t RecordBytes() const override;
  // For a table of one slice: the slice's number goes with every record.
  void BeginFreeze(const FreezeOrder& order, int64_t slice);
  Status LoadRecords(const std::vector<ChainRecord>& records);
  // The key groups that have or had rows, and those that have.
  const KeyGroupSet& groups() const { return groups_; }
  const KeyGroupSet& live_groups() const { return live_rows_.groups(); }
  // Hash and key of one row; FindOrLoadKey gives the row that has them. ReadKey reads over them.
  void SaveKey(const StateRow* row, std::string* out) const;
  StateRow* FindOrLoadKey(ByteReader* reader);
  std::string_view ReadKey(ByteReader* reader, uint64_t* hash) const;
  // The oldest last write of some rows spread over the table, or -1 without a TTL.
  int64_t OldestWrite() const;
  // The row with an id, live or not. REQUIRES: there was one.
  StateRow* RowAt(uint32_t id) const {
    // Slab s holds 2^(kFirstSlabBits + s) rows, so that 28 pointers reach 2^32 rows.
    const uint64_t n = uint64_t{id} + (1U << kFirstSlabBits);
    const auto log = static_cast<uint32_t>(std::bit_width(n)) - 1;
    const uint64_t within = n - (uint64_t{1} << log);
    return reinterpret_cast<StateRow*>(slabs_[log - kFirstSlabBits] + within * row_bytes_);
  }

 private:
  class Shape;
  static constexpr uint64_t kLive = 1;
  static constexpr uint64_t kFlagMask = 127;
  static constexpr uint32_t kFirstSlabBits = 4;
  static constexpr uint32_t kNoRow = HashIndex::kNone;

  static uint32_t IndexHash(uint64_t hash) { return static_cast<uint32_t>(hash >> 7); }
  static uint8_t NullsOf(const StateRow* row) {
    return static_cast<uint8_t>((row->hash_and_flags & kFlagMask) >> 1);
  }
  const std::byte* KeyOf(const StateRow* row) const {
    return reinterpret_cast<const std::byte*>(row) + sizeof(StateRow);
  }
  std::byte* KeyOf(StateRow* row) const {
    return reinterpret_cast<std::byte*>(row) + sizeof(StateRow);
  }
  int64_t& LastWrite(StateRow* row) const {
    return *reinterpret_cast<int64_t*>(reinterpret_cast<std::byte*>(row) + last_write_offset_);
  }
  bool Expired(StateRow* row) const {
    return spec_.ttl_ms > 0 && LastWrite(row) <= now_ms_ - spec_.ttl_ms;
  }
  template <KeyCodec::Kind kind>
  bool SameKey(const StateRow* row, uint64_t hash, const PackedKeys& keys, size_t i) const;
  template <KeyCodec::Kind kind, bool insert>
  void Probe(const uint64_t* hashes, std::span<const int32_t> rows, StateRow** out,
             uint8_t* inserted);
  template <bool insert>
  void ProbeAny(const uint64_t* hashes, std::span<const int32_t> rows, StateRow** out,
                uint8_t* inserted);
  StateRow* NewRow(uint64_t hash, uint8_t nulls);
  void DropSlots(StateRow* row);
  void DropObjects();
  void DropObject(StateRow* row, size_t slot);
  // Gives a row back that is in no index any more.
  void Free(StateRow* row);
  // An emptied table gives all its memory back, at the next call that may insert.
  void ClearWhenEmpty();
  // The first change of a row in this epoch.
  void TouchFirst(StateRow* row);
  // Before a row changes or goes.
  void SaveBeforeChange(StateRow* row) {
    if (sweep_.MustSave(row->id, row->epoch, KeyGroupOf(row->hash_and_flags))) SaveRow(row);
  }
  void LogErasure(const StateRow* row);
  int64_t SaveRow(StateRow* row);

  // A row's identity as a record has it.
  struct StoredKey {
    uint64_t hash;
    uint64_t words[2];
    std::string_view text;
    uint8_t nulls;
  };
  bool ReadStoredKey(ByteReader* reader, StoredKey* key) const;
  // By an index of this table, or of some of its rows.
  StateRow* FindStored(const StoredKey& key, const HashIndex& index) const;
  // A new row that is in no index yet.
  StateRow* AddStored(const StoredKey& key);
  Status LoadBody(StateRow* row, std::string_view body);
  Status LoadChain(const GroupChain& chain);
  Status EraseStored(std::string_view image, HashIndex* group);
  // `bodiless`: rows of which only values have been read.
  Status LoadRows(std::string_view image, HashIndex* group, std::set<StateRow*>* bodiless);
  Status LoadValues(std::string_view image, HashIndex* group, std::set<StateRow*>* bodiless);
  // The slot and the value of a record behind the row's key.
  bool ReadValue(ByteReader* reader, size_t* slot, std::string_view* value) const;
  void IndexRows();
  Status LoadInOrder(ChainStream* chains);
  Status LoadRecord(const ChainRecord& record);
  Status LoadValueRecord(const ChainRecord& record);
  Status Damaged() const;

  TableSpec spec_;
  KeyCodec codec_;
  HeldBytes held_;
  size_t last_write_offset_ = 0;
  std::vector<size_t> offsets_;  // of the slots within a row
  size_t row_bytes_ = 0;
  // Key, last write and slots, where a record has them as they lie in the row; else 0.
  static constexpr size_t kCopiedMax = 240;
  size_t copied_bytes_ = 0;
  HashIndex index_;
  BytePool strings_;
  std::unique_ptr<ValueCounts> counts_;
  std::vector<std::byte*> slabs_;
  uint32_t next_id_ = 0;
  uint32_t free_id_ = kNoRow;
  uint64_t live_count_ = 0;
  KeyGroupSet groups_;
  KeyGroupRows live_rows_;
  int64_t now_ms_ = 0;
  ExpirySweep expiry_;
  PackedKeys packed_;
  std::vector<uint64_t> copied_hashes_;
  std::vector<int32_t> copied_rows_;
};

}  // namespace rhei
