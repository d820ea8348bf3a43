// A row's record: hash and key (its identity), its place in the iteration when the table keeps
// order, its last write when it has a TTL, then the slots.
#include <algorithm>
#include <cstring>

#include "state/table.h"

namespace rhei {

void StateTable::TouchFirst(StateRow* row) {
  SaveBeforeChange(row);
  row->epoch = sweep_.epoch_word() | kSeenBit;
  sweep_.Note(row->id, row->epoch);
}

void StateTable::LogErasure(const StateRow* row) {
  if (!sweep_.MayBeKept(row->epoch)) return;
  std::string* out = sweep_.StartErasure(KeyGroupOf(row->hash_and_flags), RecordKind::kErased);
  if (out == nullptr) return;
  SaveKey(row, out);
  sweep_.EndErasure(bytes());
}

void StateTable::BeginFreeze(const FreezeOrder& order, int64_t slice) {
  sweep_.Begin(order, slice, groups_, next_id_);
}

bool StateTable::StepFreeze(FreezeBudget* budget) {
  return sweep_.Step(budget, [this](uint32_t id) {
    StateRow* row = RowAt(id);
    const bool wanted = IsLive(row) && sweep_.IsWanted(row->epoch, KeyGroupOf(row->hash_and_flags));
    return wanted ? SaveRow(row) : 0;
  });
}

void StateTable::SaveKey(const StateRow* row, std::string* out) const {
  WriteFixed(HashOf(row), out);
  codec_.Write(KeyOf(row), NullsOf(row), out);
}

int64_t StateTable::SaveRow(StateRow* row) {
  std::string* out = sweep_.StartRow(KeyGroupOf(row->hash_and_flags));
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
  return sweep_.EndRow();
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
  row->epoch = sweep_.restored_word();
  sweep_.Note(row->id, row->epoch);
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
