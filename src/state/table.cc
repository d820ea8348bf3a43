// Probing in blocks of 32 rows: prefetch the index entries, then the candidate rows, then compare.
#include "state/table.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/zeroed_memory.h"
#include "columnar/hash.h"

namespace rhei {

namespace {

constexpr size_t kProbeBlock = 32;

size_t RoundUp8(size_t bytes) {
  return (bytes + 7) / 8 * 8;
}

}  // namespace

std::string SchemaOf(const TableSpec& spec) {
  std::string out = "table(";
  for (const DataType& type : spec.key_types) out += type.WithNullable(true).ToString() + ";";
  out += ")";
  for (const SlotSpec& slot : spec.slots) {
    switch (slot.kind) {
      case SlotSpec::Kind::kFixed: out += " fixed" + std::to_string(slot.bytes); break;
      case SlotSpec::Kind::kString: out += " string"; break;
      case SlotSpec::Kind::kObject: out += " object"; break;
      case SlotSpec::Kind::kCounts: out += " counts"; break;
    }
  }
  if (spec.ttl_ms > 0) out += " ttl";
  if (spec.keep_order) out += " ordered";
  return out;
}

StateTable::StateTable(const TableSpec& spec, MemoryPool* pool)
    : SweptState(pool),
      spec_(spec),
      codec_(spec.key_types),
      held_(pool),
      index_(pool),
      strings_(pool) {
  size_t at = sizeof(StateRow) + codec_.key_bytes();
  if (spec_.ttl_ms > 0) {
    last_write_offset_ = at;
    at += 8;
  }
  for (const SlotSpec& slot : spec_.slots) {
    offsets_.push_back(at);
    at += RoundUp8(slot.bytes);
  }
  row_bytes_ = at;
  const size_t copied = row_bytes_ - sizeof(StateRow);
  bool as_it_lies = !codec_.has_string() && !spec_.keep_order && copied <= kCopiedMax;
  for (const SlotSpec& slot : spec_.slots) {
    as_it_lies &= slot.kind == SlotSpec::Kind::kFixed && slot.bytes % 8 == 0;
    if (slot.kind == SlotSpec::Kind::kCounts && counts_ == nullptr) {
      counts_ = std::make_unique<ValueCounts>(this, spec_.ttl_ms, pool);
    }
  }
  if (as_it_lies) copied_bytes_ = copied;
}

StateTable::~StateTable() {
  sweep_.Abandon();
  if (counts_ != nullptr) counts_->sweep_.Abandon();
  Clear();
}

void StateTable::Clear() {
  // Rows that were erased one by one were saved then, and have left their tombstones.
  if (live_count_ > 0) {
    FreezeBudget all;
    StepFreeze(&all);
    sweep_.NeedBases();
    DropObjects();
    if (counts_ != nullptr) counts_->Clear();
  }
  for (size_t s = 0; s < slabs_.size(); ++s) {
    FreeZeroed(slabs_[s], (size_t{1} << (kFirstSlabBits + s)) * row_bytes_);
  }
  slabs_.clear();
  sweep_.RowsGone();
  index_.Clear();
  strings_.Clear();
  next_id_ = 0;
  free_id_ = kNoRow;
  live_count_ = 0;
  live_rows_.Clear();
  expiry_.Clear();
  held_.Clear();
}

void StateTable::DropObjects() {
  const bool objects =
      std::any_of(spec_.slots.begin(), spec_.slots.end(),
                  [](const SlotSpec& slot) { return slot.kind == SlotSpec::Kind::kObject; });
  if (!objects) return;
  for (uint32_t id = 0; id < next_id_; ++id) {
    StateRow* row = RowAt(id);
    if ((row->hash_and_flags & kLive) == 0) continue;
    for (size_t i = 0; i < spec_.slots.size(); ++i) {
      if (spec_.slots[i].kind == SlotSpec::Kind::kObject) DropObject(row, i);
    }
  }
}

void StateTable::DropObject(StateRow* row, size_t slot) {
  if (void* object = Value<void*>(row, slot); object != nullptr) {
    held_.Remove(spec_.slots[slot].codec->counted_bytes(object));
    spec_.slots[slot].codec->Destroy(object);
  }
}

template <KeyCodec::Kind kind>
bool StateTable::SameKey(const StateRow* row, uint64_t hash, const PackedKeys& keys,
                         size_t i) const {
  const uint64_t expected = (hash & ~kFlagMask) | (uint64_t{keys.nulls[i]} << 1) | kLive;
  if (row->hash_and_flags != expected) return false;
  const std::byte* key = KeyOf(row);
  if constexpr (kind == KeyCodec::Kind::kFixed8) {
    uint64_t low;
    std::memcpy(&low, key, 8);
    return low == keys.low[i];
  } else if constexpr (kind == KeyCodec::Kind::kFixed16) {
    uint64_t words[2];
    std::memcpy(words, key, 16);
    return words[0] == keys.low[i] && words[1] == keys.high[i];
  } else {
    StringView text;
    std::memcpy(&text, key, sizeof(text));
    return text == keys.strings[i];
  }
}

StateRow* StateTable::NewRow(uint64_t hash, uint8_t nulls) {
  uint32_t id = free_id_;
  StateRow* row;
  if (id != kNoRow) {
    row = RowAt(id);
    free_id_ = row->epoch;
    std::memset(static_cast<void*>(row), 0, row_bytes_);
  } else {
    id = next_id_++;
    CHECK(id < kNoRow - 1);
    const uint64_t n = uint64_t{id} + (1U << kFirstSlabBits);
    if (std::has_single_bit(n)) {
      if (!slabs_.empty()) PreferHugePages(slabs_.back(), n / 2 * row_bytes_);
      slabs_.push_back(AllocateZeroed(n * row_bytes_));
    }
    // Some rows at a time: the pools above are shared with other threads.
    constexpr uint32_t kHeldRows = 1U << kFirstSlabBits;
    if (id % kHeldRows == 0) held_.Add(static_cast<int64_t>(kHeldRows * row_bytes_));
    row = RowAt(id);
  }
  sweep_.Note(id, sweep_.epoch_word());
  groups_.set(static_cast<size_t>(KeyGroupOf(hash)));
  live_rows_.Add(KeyGroupOf(hash));
  row->epoch = sweep_.epoch_word();
  row->hash_and_flags = (hash & ~kFlagMask) | (uint64_t{nulls} << 1) | kLive;
  row->id = id;
  ++live_count_;
  return row;
}

template <KeyCodec::Kind kind, bool insert>
void StateTable::Probe(const uint64_t* hashes, std::span<const int32_t> rows, StateRow** out,
                       uint8_t* inserted) {
  for (size_t begin = 0; begin < rows.size(); begin += kProbeBlock) {
    const size_t end = std::min(begin + kProbeBlock, rows.size());
    for (size_t i = begin; i < end; ++i) index_.Prefetch(IndexHash(hashes[rows[i]]));
    StateRow* candidates[kProbeBlock];
    for (size_t i = begin; i < end; ++i) {
      const uint32_t id = index_.Candidate(IndexHash(hashes[rows[i]]));
      candidates[i - begin] = id == kNoRow ? nullptr : RowAt(id);
      if (id == kNoRow) continue;
      __builtin_prefetch(candidates[i - begin], 1);
      __builtin_prefetch(reinterpret_cast<std::byte*>(candidates[i - begin]) + row_bytes_ - 1, 1);
    }
    for (size_t i = begin; i < end; ++i) {
      const uint64_t hash = hashes[rows[i]];
      StateRow* row = candidates[i - begin];
      // A row of this block may have been put in since, and two keys may share 32 bits.
      if (row == nullptr || !SameKey<kind>(row, hash, packed_, i)) {
        const uint32_t id = index_.Find(IndexHash(hash), [&](uint32_t candidate) {
          return SameKey<kind>(RowAt(candidate), hash, packed_, i);
        });
        row = id == kNoRow ? nullptr : RowAt(id);
      }
      if (row != nullptr && Expired(row)) {
        Erase(row);
        row = nullptr;
      }
      if constexpr (insert) {
        const bool is_new = row == nullptr;
        if (is_new) {
          row = NewRow(hash, packed_.nulls[i]);
          std::byte* key = KeyOf(row);
          if constexpr (kind == KeyCodec::Kind::kFixed8) {
            std::memcpy(key, &packed_.low[i], 8);
          } else if constexpr (kind == KeyCodec::Kind::kFixed16) {
            const uint64_t words[2] = {packed_.low[i], packed_.high[i]};
            std::memcpy(key, words, 16);
          } else {
            const StringView text = strings_.Copy(packed_.strings[i].view());
            std::memcpy(key, &text, sizeof(text));
          }
          index_.Insert(IndexHash(hash), row->id);
        }
        Touch(row);
        if (inserted != nullptr) inserted[i] = is_new ? 1 : 0;
      }
      out[i] = row;
    }
  }
}

template <bool insert>
void StateTable::ProbeAny(const uint64_t* hashes, std::span<const int32_t> rows, StateRow** out,
                          uint8_t* inserted) {
  switch (codec_.kind()) {
    case KeyCodec::Kind::kFixed8:
      return Probe<KeyCodec::Kind::kFixed8, insert>(hashes, rows, out, inserted);
    case KeyCodec::Kind::kFixed16:
      return Probe<KeyCodec::Kind::kFixed16, insert>(hashes, rows, out, inserted);
    case KeyCodec::Kind::kString:
      return Probe<KeyCodec::Kind::kString, insert>(hashes, rows, out, inserted);
    case KeyCodec::Kind::kBytes:
      return Probe<KeyCodec::Kind::kBytes, insert>(hashes, rows, out, inserted);
  }
}

void StateTable::FindOrInsert(std::span<const Column* const> keys, const uint64_t* hashes,
                              std::span<const int32_t> rows, StateRow** out, uint8_t* inserted) {
  if (rows.empty()) return;  // A batch without rows may have no columns either.
  ClearWhenEmpty();
  codec_.Pack(keys, rows, &packed_);
  ProbeAny<true>(hashes, rows, out, inserted);
}

void StateTable::Find(std::span<const Column* const> keys, const uint64_t* hashes,
                      std::span<const int32_t> rows, StateRow** out) {
  if (live_count_ == 0 || rows.empty()) {
    std::fill(out, out + rows.size(), nullptr);
    return;
  }
  codec_.Pack(keys, rows, &packed_);
  ProbeAny<false>(hashes, rows, out, nullptr);
}

void StateTable::FindOrInsertKeysOf(const StateTable& other, std::span<StateRow* const> from,
                                    StateRow** out, uint8_t* inserted) {
  ClearWhenEmpty();
  copied_hashes_.resize(from.size());
  packed_.nulls.resize(from.size());
  packed_.low.resize(from.size());
  packed_.high.resize(from.size());
  packed_.strings.resize(from.size());
  while (copied_rows_.size() < from.size()) {
    copied_rows_.push_back(static_cast<int32_t>(copied_rows_.size()));
  }
  for (size_t i = 0; i < from.size(); ++i) {
    copied_hashes_[i] = HashOf(from[i]);
    packed_.nulls[i] = NullsOf(from[i]);
    const std::byte* key = other.KeyOf(static_cast<const StateRow*>(from[i]));
    if (codec_.has_string()) {
      std::memcpy(&packed_.strings[i], key, sizeof(StringView));
    } else {
      std::memcpy(&packed_.low[i], key, 8);
      if (codec_.key_bytes() == 16) std::memcpy(&packed_.high[i], key + 8, 8);
    }
  }
  ProbeAny<true>(copied_hashes_.data(), {copied_rows_.data(), from.size()}, out, inserted);
}

namespace {
const int32_t kOneRow[1] = {0};
}  // namespace

StateRow* StateTable::FindOrInsertOnly(bool* inserted) {
  CHECK(spec_.key_types.empty());
  uint64_t hash;
  HashRows({}, 1, &hash);
  StateRow* row;
  uint8_t is_new;
  FindOrInsert({}, &hash, kOneRow, &row, &is_new);
  if (inserted != nullptr) *inserted = is_new != 0;
  return row;
}

StateRow* StateTable::FindOnly() {
  uint64_t hash;
  HashRows({}, 1, &hash);
  StateRow* row;
  Find({}, &hash, kOneRow, &row);
  return row;
}

void StateTable::DropSlots(StateRow* row) {
  for (size_t i = 0; i < spec_.slots.size(); ++i) {
    const SlotSpec& slot = spec_.slots[i];
    if (slot.kind == SlotSpec::Kind::kString) {
      strings_.FreeView(Value<StringView>(row, i));
    } else if (slot.kind == SlotSpec::Kind::kObject) {
      DropObject(row, i);
    } else if (slot.kind == SlotSpec::Kind::kCounts) {
      counts_->RowGoes(row, i);
    }
  }
}

void StateTable::Erase(StateRow* row) {
  SaveBeforeChange(row);
  LogErasure(row);
  index_.Erase(IndexHash(row->hash_and_flags), row->id);
  Free(row);
}

void StateTable::Free(StateRow* row) {
  DropSlots(row);
  if (codec_.has_string()) {
    StringView text;
    std::memcpy(&text, KeyOf(row), sizeof(text));
    strings_.FreeView(text);
  }
  live_rows_.Remove(KeyGroupOf(row->hash_and_flags));
  row->hash_and_flags = 0;
  --live_count_;
  if (!spec_.keep_order) {
    row->epoch = free_id_;
    free_id_ = row->id;
  }
}

void StateTable::SetString(StateRow* row, size_t slot, std::string_view text) {
  auto& held = Value<StringView>(row, slot);
  if (!held.is_inline() && held.size() == text.size()) {
    std::memmove(const_cast<char*>(held.data()), text.data(), text.size());
    held = StringView(std::string_view(held.data(), text.size()));
    return;
  }
  const StringView copy = strings_.Copy(text);
  strings_.FreeView(held);
  held = copy;
}

StateRow* StateTable::Next(uint32_t* id) {
  for (; *id < next_id_; ++*id) {
    StateRow* row = RowAt(*id);
    if ((row->hash_and_flags & kLive) != 0 && !Expired(row)) return row;
  }
  return nullptr;
}

void StateTable::ClearWhenEmpty() {
  if (live_count_ == 0 && next_id_ > 0) Clear();
}

void StateTable::SetNow(int64_t now_ms) {
  ClearWhenEmpty();
  now_ms_ = now_ms;
  if (spec_.ttl_ms <= 0) return;
  if (counts_ != nullptr) counts_->SetNow(now_ms);
  expiry_.Step([this] { return live_count_; }, [this] { return next_id_; },
               [this](uint32_t id) {
                 StateRow* row = RowAt(id);
                 if (IsLive(row) && Expired(row)) Erase(row);
               });
}

}  // namespace rhei
