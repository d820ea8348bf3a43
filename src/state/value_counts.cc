// A value's record: the row's key, the slot and the value (its identity), the count, and the last
// change when the table has a TTL.
#include "state/value_counts.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/zeroed_memory.h"
#include "columnar/hash.h"
#include "state/hottest_rows.h"
#include "state/table.h"

namespace rhei {

namespace {
constexpr uint32_t kHeldEntries = 256;
}  // namespace

ValueCounts::ValueCounts(const StateTable* table, int64_t ttl_ms, MemoryPool* pool)
    : table_(table),
      ttl_ms_(ttl_ms),
      entry_bytes_(sizeof(Entry) + (ttl_ms > 0 ? sizeof(int64_t) : 0)),
      held_(pool),
      sweep_(pool),
      index_(pool),
      strings_(pool) {}

ValueCounts::~ValueCounts() {
  sweep_.Abandon();
  Clear();
}

ValueCounts::Head& ValueCounts::HeadOf(const StateRow* row, size_t slot) const {
  return table_->Value<Head>(const_cast<StateRow*>(row), slot);
}

int ValueCounts::GroupOf(const Entry* entry) const {
  return KeyGroupOf(table_->RowAt(entry->owner)->hash_and_flags);
}

uint32_t ValueCounts::HashOf(const StateRow* row, size_t slot, std::string_view value) {
  return static_cast<uint32_t>(
      HashBytes(value.data(), value.size(), StateTable::HashOf(row) + slot) >> 16);
}

void ValueCounts::Prefetch(std::span<const uint32_t> hashes) const {
  for (const uint32_t hash : hashes) index_.Prefetch(hash);
  for (const uint32_t hash : hashes) {
    const uint32_t id = index_.Candidate(hash);
    if (id != HashIndex::kNone) __builtin_prefetch(At(id), 1);
  }
}

void ValueCounts::Reserve(uint64_t count) {
  if (live_count_ == 0) index_.Reserve(count);
}

uint32_t ValueCounts::Find(const StateRow* row, size_t slot, std::string_view value,
                           uint32_t hash) const {
  const StringView wanted(value);
  return index_.Find(hash, [&](uint32_t candidate) {
    const Entry* entry = At(candidate);
    return entry->owner == row->id && entry->slot == slot && entry->value == wanted;
  });
}

uint32_t ValueCounts::FindLive(const StateRow* row, size_t slot, std::string_view value,
                               uint32_t hash) {
  const uint32_t id = Find(row, slot, value, hash);
  if (id == HashIndex::kNone || !Expired(At(id))) return id;
  Remove(id);
  return HashIndex::kNone;
}

int64_t ValueCounts::CountOf(StateRow* row, size_t slot, std::string_view value, uint32_t hash) {
  const uint32_t id = Find(row, slot, value, hash);
  return id == HashIndex::kNone || Expired(At(id)) ? 0 : At(id)->count;
}

bool ValueCounts::AddNew(StateRow* row, size_t slot, std::string_view value, uint32_t hash) {
  if (FindLive(row, slot, value, hash) != HashIndex::kNone) return false;
  Entry* entry = At(Insert(row, slot, value, hash));
  entry->count = 1;
  if (ttl_ms_ > 0) LastWrite(entry) = now_ms_;
  return true;
}

int64_t ValueCounts::Add(StateRow* row, size_t slot, std::string_view value, uint32_t hash,
                         int64_t delta) {
  uint32_t id = FindLive(row, slot, value, hash);
  if (id == HashIndex::kNone) id = Insert(row, slot, value, hash);
  Entry* entry = At(id);
  const int64_t count = entry->count + delta;
  if (count == 0) {
    Remove(id);
    return 0;
  }
  Touch(id, entry);
  entry->count = count;
  return count;
}

// With a count of 0, which the caller raises.
uint32_t ValueCounts::Insert(StateRow* row, size_t slot, std::string_view value, uint32_t hash) {
  uint32_t id;
  if (free_id_ != 0) {
    id = free_id_ - 1;
    free_id_ = At(id)->next;
  } else {
    id = next_id_++;
    CHECK(id < HashIndex::kNone - 1);
    const uint64_t n = uint64_t{id} + (1U << kFirstSlabBits);
    if (std::has_single_bit(n)) {
      if (!slabs_.empty()) PreferHugePages(slabs_.back(), n / 2 * entry_bytes_);
      slabs_.push_back(AllocateZeroed(n * entry_bytes_));
    }
    // Some at a time: the pools above are shared with other threads.
    const uint32_t held = id < kHeldEntries ? 1U << kFirstSlabBits : kHeldEntries;
    if (id % held == 0) held_.Add(static_cast<int64_t>(held * entry_bytes_));
  }
  Entry* entry = At(id);
  Head& head = HeadOf(row, slot);
  *entry = {strings_.Copy(value), 0, row->id, static_cast<uint32_t>(slot), hash, 0, head.last,
            sweep_.epoch_word()};
  (head.last == 0 ? head.first : At(head.last - 1)->next) = id + 1;
  head.last = id + 1;
  ++head.size;
  sweep_.Note(id, entry->epoch);
  index_.Insert(hash, id);
  ++live_count_;
  return id;
}

// Before a change.
void ValueCounts::Touch(uint32_t id, Entry* entry) {
  if (entry->epoch < sweep_.epoch_word()) {
    SaveBeforeChange(id, entry);
    entry->epoch = sweep_.epoch_word() | kSeenBit;
    sweep_.Note(id, entry->epoch);
  }
  if (ttl_ms_ > 0) LastWrite(entry) = now_ms_;
}

void ValueCounts::Remove(uint32_t id) {
  Entry* entry = At(id);
  SaveBeforeChange(id, entry);
  if (sweep_.MayBeKept(entry->epoch)) {
    std::string* out = sweep_.StartErasure(GroupOf(entry), RecordKind::kValueErased);
    if (out != nullptr) {
      WriteIdentity(entry, out);
      sweep_.EndErasure(bytes() - sweep_.erased_bytes());
    }
  }
  Detach(id, entry);
}

void ValueCounts::Detach(uint32_t id, Entry* entry) {
  Head& head = HeadOf(table_->RowAt(entry->owner), entry->slot);
  (entry->previous == 0 ? head.first : At(entry->previous - 1)->next) = entry->next;
  (entry->next == 0 ? head.last : At(entry->next - 1)->previous) = entry->previous;
  --head.size;
  Free(id, entry);
}

void ValueCounts::Free(uint32_t id, Entry* entry) {
  index_.Erase(entry->hash, id);
  strings_.FreeView(entry->value);
  entry->count = 0;
  entry->next = free_id_;
  free_id_ = id + 1;
  if (--live_count_ == 0) Clear();
}

void ValueCounts::RemoveAll(StateRow* row, size_t slot) {
  while (HeadOf(row, slot).first != 0) Remove(HeadOf(row, slot).first - 1);
}

void ValueCounts::RowGoes(StateRow* row, size_t slot) {
  uint32_t at = std::exchange(HeadOf(row, slot), {}).first;
  while (at != 0) {
    const uint32_t id = at - 1;
    Entry* entry = At(id);
    at = entry->next;
    SaveBeforeChange(id, entry);
    Free(id, entry);
  }
}

void ValueCounts::Clear() {
  for (size_t s = 0; s < slabs_.size(); ++s) {
    FreeZeroed(slabs_[s], (size_t{1} << (kFirstSlabBits + s)) * entry_bytes_);
  }
  slabs_.clear();
  sweep_.RowsGone();
  index_.Clear();
  strings_.Clear();
  next_id_ = 0;
  free_id_ = 0;
  live_count_ = 0;
  expiry_.Clear();
  held_.Clear();
}

void ValueCounts::SetNow(int64_t now_ms) {
  now_ms_ = now_ms;
  expiry_.Step([this] { return live_count_; }, [this] { return next_id_; },
               [this](uint32_t id) {
                 if (At(id)->count != 0 && Expired(At(id))) Remove(id);
               });
}

bool ValueCounts::StepFreeze(FreezeBudget* budget) {
  return sweep_.Step(budget, [this](uint32_t id) {
    const Entry* entry = At(id);
    const bool wanted = entry->count != 0 && sweep_.IsWanted(entry->epoch, GroupOf(entry));
    return wanted ? Save(entry) : 0;
  });
}

std::vector<std::pair<const StateRow*, int64_t>> ValueCounts::HottestRows(size_t count) const {
  return rhei::HottestRows(
      next_id_, count,
      [this](uint32_t id) -> const StateRow* {
        return At(id)->count == 0 ? nullptr : table_->RowAt(At(id)->owner);
      },
      [this](const StateRow* row) {
        uint64_t most = 0;
        for (size_t slot = 0; slot < table_->spec().slots.size(); ++slot) {
          if (table_->spec().slots[slot].kind != SlotSpec::Kind::kCounts) continue;
          most = std::max(most, HeadOf(row, slot).size);
        }
        return static_cast<int64_t>(most);
      });
}

void ValueCounts::WriteIdentity(const Entry* entry, std::string* out) const {
  table_->SaveKey(table_->RowAt(entry->owner), out);
  WriteVarint(entry->slot, out);
  WriteBytes(entry->value.view(), out);
}

int64_t ValueCounts::Save(const Entry* entry) {
  std::string* out = sweep_.StartRow(GroupOf(entry), RecordKind::kValue);
  WriteIdentity(entry, out);
  WriteZigZag(entry->count, out);
  if (ttl_ms_ > 0) WriteFixed(LastWrite(const_cast<Entry*>(entry)), out);
  return sweep_.EndRow();
}

bool ValueCounts::Load(StateRow* row, size_t slot, std::string_view value, std::string_view body) {
  ByteReader reader(body);
  const int64_t count = reader.ReadZigZag();
  const int64_t last_write_ms = ttl_ms_ > 0 ? reader.ReadFixed<int64_t>() : 0;
  if (!reader.ok() || reader.left() > 0) return false;
  if (count == 0 || count > kStoredCountMax || count < -kStoredCountMax) return false;
  const uint32_t hash = HashOf(row, slot, value);
  uint32_t id = Find(row, slot, value, hash);
  if (id == HashIndex::kNone) id = Insert(row, slot, value, hash);
  Entry* entry = At(id);
  entry->count = count;
  entry->epoch = sweep_.restored_word();
  sweep_.Note(id, entry->epoch);
  if (ttl_ms_ > 0) LastWrite(entry) = last_write_ms;
  return true;
}

void ValueCounts::LoadErasure(StateRow* row, size_t slot, std::string_view value) {
  const uint32_t id = Find(row, slot, value, HashOf(row, slot, value));
  if (id == HashIndex::kNone) return;
  Detach(id, At(id));
}

}  // namespace rhei
