// A row's record: hash and key (its identity), its place in the iteration when the table keeps
// order, its last write when it has a TTL, then the slots.
#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "state/table.h"

namespace rhei {

namespace {

// Tombstones may take this much, or as much as the table has.
constexpr int64_t kErasedBytesMin = 64 << 10;

}  // namespace

void StateTable::SetEpoch(uint32_t epoch, bool tracked) {
  epoch_word_ = FirstWordOf(epoch);
  tracked_ = tracked;
}

void StateTable::TouchFirst(StateRow* row) {
  SaveBeforeChange(row);
  row->epoch = epoch_word_ | kSeenBit;
  block_epochs_[row->id >> kBlockBits] = epoch_word_;
}

void StateTable::LogErasure(const StateRow* row) {
  const bool seen = row->epoch < epoch_word_ || (row->epoch & kSeenBit) != 0;
  const uint32_t epoch = EpochOf(epoch_word_);
  // The next freeze writes bases only.
  if (!seen || base_from_ == epoch) return;
  SaveKey(row, erased_.StartAdd(epoch, KeyGroupOf(row->hash_and_flags), RecordKind::kErased));
  erased_.EndAdd();
  if (!freeze_.active && erased_.bytes() > kErasedBytesMin && erased_.bytes() > bytes()) {
    erased_.Clear();
    base_from_ = epoch;
  }
}

void StateTable::BeginFreeze(const FreezeOrder& order, int64_t slice) {
  CHECK(!freeze_.active);
  epoch_word_ = FirstWordOf(order.epoch + 1);
  tracked_ = true;
  freeze_.active = true;
  freeze_.erasures_done = false;
  freeze_.every_block = (order.out->bases() & groups_).any();
  freeze_.order = order;
  freeze_.slice = slice;
  freeze_.next_id = 0;
  freeze_.end_id = next_id_;
  erased_.BeginSweep(order);
}

bool StateTable::StepFreeze(FreezeBudget* budget) {
  if (!freeze_.active) return true;
  if (!freeze_.erasures_done) {
    freeze_.erasures_done = erased_.StepSweep(freeze_.order, freeze_.slice, budget);
  }
  // Rows may have gone, and their memory with them.
  freeze_.end_id = std::min(freeze_.end_id, next_id_);
  while (freeze_.next_id < freeze_.end_id) {
    if (budget->left <= 0) return false;
    SweepBlock(budget);
  }
  if (!freeze_.erasures_done) return false;
  freeze_.active = false;
  if (freeze_.published_meanwhile > 0) erased_.DropThrough(freeze_.published_meanwhile);
  freeze_.published_meanwhile = 0;
  return true;
}

void StateTable::SweepBlock(FreezeBudget* budget) {
  const uint32_t block = freeze_.next_id >> kBlockBits;
  const uint32_t end = std::min((block + 1) << kBlockBits, freeze_.end_id);
  const bool changed = EpochOf(block_epochs_[block]) > freeze_.order.published;
  budget->left -= FreezeBudget::kPerRow;
  if (changed || freeze_.every_block) {
    for (uint32_t id = freeze_.next_id; id < end; ++id) {
      StateRow* row = RowAt(id);
      const bool old = (row->hash_and_flags & kLive) != 0 && row->epoch < epoch_word_;
      if (old && Wanted(row)) budget->left -= static_cast<int64_t>(SaveRow(row));
    }
    budget->left -= FreezeBudget::kPerRow * (end - freeze_.next_id);
  }
  freeze_.next_id = end;
}

void StateTable::Published(uint32_t epoch) {
  if (freeze_.active) {
    freeze_.published_meanwhile = epoch;
  } else {
    erased_.DropThrough(epoch);
  }
}

void StateTable::SaveKey(const StateRow* row, std::string* out) const {
  WriteFixed(HashOf(row), out);
  codec_.Write(KeyOf(row), NullsOf(row), out);
}

size_t StateTable::SaveRow(StateRow* row) {
  const int group = KeyGroupOf(row->hash_and_flags);
  std::string* out = freeze_.order.out->StartRecord(group, freeze_.slice, RecordKind::kRow);
  const size_t before = out->size();
  SaveKey(row, out);
  if (spec_.keep_order) WriteVarint(row->id, out);
  if (spec_.ttl_ms > 0) WriteFixed(LastWrite(row), out);
  std::string object_bytes;
  for (size_t i = 0; i < spec_.slots.size(); ++i) {
    const SlotSpec& slot = spec_.slots[i];
    switch (slot.kind) {
      case SlotSpec::Kind::kFixed:
        out->append(reinterpret_cast<const char*>(Slot(row, i)), slot.bytes);
        break;
      case SlotSpec::Kind::kString: WriteBytes(String(row, i), out); break;
      case SlotSpec::Kind::kObject: {
        const void* object = Value<void*>(row, i);
        out->push_back(object == nullptr ? 0 : 1);
        if (object == nullptr) break;
        object_bytes.clear();
        slot.codec->Save(object, &object_bytes);
        WriteBytes(object_bytes, out);
        break;
      }
    }
  }
  freeze_.order.out->EndRecord();
  return out->size() - before;
}

std::string_view StateTable::ReadKey(ByteReader* reader, uint64_t* hash) const {
  const std::string_view all = reader->rest();
  *hash = reader->ReadFixed<uint64_t>();
  uint64_t words[2];
  std::string_view text;
  uint8_t nulls;
  codec_.Read(reader, words, &text, &nulls);
  return all.substr(0, all.size() - reader->left());
}

class StateTable::Shape final : public ChainShape {
 public:
  explicit Shape(const StateTable* table) : table_(table) {}
  void ReadIdentity(ByteReader* reader, ChainRecord* record) const override {
    uint64_t hash;
    record->key = table_->ReadKey(reader, &hash);
    record->hash = IndexHash(hash);
  }
  void EraseAll(int64_t /*place*/, ByteReader* reader) override { reader->ReadRaw(SIZE_MAX); }
  bool IsErased(const ChainRecord& /*record*/) const override { return false; }
  void BeginChain() override {}

 private:
  const StateTable* table_;
};

Status StateTable::Load(std::span<const GroupChain> chains) {
  std::vector<ChainRecord> records;
  Shape shape(this);
  for (const GroupChain& chain : chains) {
    if (!ReadChain(chain, &shape, &records)) {
      return {ErrorCode::kStateMismatch, spec_.name + ": a section is damaged"};
    }
    // Order is a matter of the whole table; without it a group's records are enough at a time.
    if (spec_.keep_order) continue;
    RETURN_IF_ERROR(LoadRecords(records));
    records.clear();
  }
  return LoadRecords(records);
}

Status StateTable::LoadRecords(const std::vector<ChainRecord>& records) {
  if (!spec_.keep_order) {
    for (const ChainRecord& record : records) RETURN_IF_ERROR(LoadRecord(record));
    return {};
  }
  // The order of insertion; of several shards, the lower key group goes first.
  std::vector<std::pair<uint64_t, uint32_t>> order;
  for (uint32_t i = 0; i < records.size(); ++i) {
    ByteReader reader(records[i].body);
    order.emplace_back(reader.ReadVarint(), i);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [ordinal, i] : order) RETURN_IF_ERROR(LoadRecord(records[i]));
  return {};
}

Status StateTable::LoadRecord(const ChainRecord& record) {
  ByteReader key(record.key);
  const auto hash = key.ReadFixed<uint64_t>();
  uint64_t words[2] = {0, 0};
  std::string_view text;
  uint8_t nulls;
  codec_.Read(&key, words, &text, &nulls);
  StateRow* row = InsertLoaded(hash, nulls, words, text);
  ByteReader reader(record.body);
  if (spec_.keep_order) reader.ReadVarint();
  if (spec_.ttl_ms > 0) LastWrite(row) = reader.ReadFixed<int64_t>();
  for (size_t i = 0; i < spec_.slots.size(); ++i) {
    const SlotSpec& slot = spec_.slots[i];
    if (slot.kind == SlotSpec::Kind::kFixed) {
      const std::string_view bytes = reader.ReadRaw(slot.bytes);
      if (reader.ok()) std::memcpy(Slot(row, i), bytes.data(), slot.bytes);
    } else if (slot.kind == SlotSpec::Kind::kString) {
      SetString(row, i, reader.ReadBytes());
    } else if (reader.ReadFixed<char>() != 0) {
      const std::string_view bytes = reader.ReadBytes();
      if (!reader.ok()) break;
      ASSIGN_OR_RETURN(Value<void*>(row, i), slot.codec->Load(bytes));
    }
  }
  if (!reader.ok() || reader.left() > 0) {
    return {ErrorCode::kStateMismatch, spec_.name + ": a section is damaged"};
  }
  return {};
}

StateRow* StateTable::InsertLoaded(uint64_t hash, uint8_t nulls, const uint64_t words[2],
                                   std::string_view text) {
  StateRow* row = NewRow(hash, nulls);
  if (codec_.has_string()) {
    const StringView key = strings_.Copy(text);
    std::memcpy(KeyOf(row), &key, sizeof(key));
  } else {
    std::memcpy(KeyOf(row), words, codec_.key_bytes());
  }
  index_.Insert(IndexHash(hash), row->id);
  // The epoch before this one, which a checkpoint has seen.
  row->epoch = epoch_word_ == 0 ? 0 : (epoch_word_ - 1) | kSeenBit;
  block_epochs_[row->id >> kBlockBits] = row->epoch;
  return row;
}

StateRow* StateTable::FindOrLoadKey(ByteReader* reader) {
  const auto hash = reader->ReadFixed<uint64_t>();
  uint64_t words[2] = {0, 0};
  std::string_view text;
  uint8_t nulls = 0;
  codec_.Read(reader, words, &text, &nulls);
  if (!reader->ok()) return nullptr;
  const uint64_t expected = (hash & ~kFlagMask) | (uint64_t{nulls} << 1) | kLive;
  const uint32_t id = index_.Find(IndexHash(hash), [&](uint32_t candidate) {
    const StateRow* row = RowAt(candidate);
    if (row->hash_and_flags != expected) return false;
    if (!codec_.has_string()) return std::memcmp(KeyOf(row), words, codec_.key_bytes()) == 0;
    StringView key;
    std::memcpy(&key, KeyOf(row), sizeof(key));
    return key.view() == text;
  });
  return id != kNoRow ? RowAt(id) : InsertLoaded(hash, nulls, words, text);
}

int64_t StateTable::OldestWrite() const {
  if (spec_.ttl_ms <= 0) return -1;
  constexpr uint32_t kLookedAt = 4096;
  int64_t oldest = -1;
  const uint32_t step = next_id_ / kLookedAt + 1;
  for (uint32_t id = 0; id < next_id_; id += step) {
    StateRow* row = RowAt(id);
    if ((row->hash_and_flags & kLive) == 0 || Expired(row)) continue;
    const int64_t written = LastWrite(row);
    if (oldest < 0 || written < oldest) oldest = written;
  }
  return oldest;
}

}  // namespace rhei
