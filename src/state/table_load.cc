// Without order, the rows of a key group are found by an index of the group alone while its chain
// is read, oldest section first; the index of the table is made at the end of all rows.
#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "state/chain.h"
#include "state/table.h"

namespace rhei {

Status StateTable::Damaged() const {
  return {ErrorCode::kStateMismatch, spec_.name + ": a section is damaged"};
}

bool StateTable::ReadStoredKey(ByteReader* reader, StoredKey* key) const {
  key->hash = reader->ReadFixed<uint64_t>();
  codec_.Read(reader, key->words, &key->text, &key->nulls);
  return reader->ok() && key->nulls <= kFlagMask >> 1;
}

std::string_view StateTable::ReadKey(ByteReader* reader, uint64_t* hash) const {
  const std::string_view all = reader->rest();
  StoredKey key;
  ReadStoredKey(reader, &key);
  *hash = key.hash;
  return all.substr(0, all.size() - reader->left());
}

StateRow* StateTable::FindStored(const StoredKey& key, const HashIndex& index) const {
  const uint64_t expected = (key.hash & ~kFlagMask) | (uint64_t{key.nulls} << 1) | kLive;
  const uint32_t id = index.Find(IndexHash(key.hash), [&](uint32_t candidate) {
    const StateRow* row = RowAt(candidate);
    if (row->hash_and_flags != expected) return false;
    if (!codec_.has_string()) return std::memcmp(KeyOf(row), key.words, codec_.key_bytes()) == 0;
    StringView text;
    std::memcpy(&text, KeyOf(row), sizeof(text));
    return text.view() == key.text;
  });
  return id == kNoRow ? nullptr : RowAt(id);
}

StateRow* StateTable::AddStored(const StoredKey& key) {
  StateRow* row = NewRow(key.hash, key.nulls);
  if (codec_.has_string()) {
    const StringView text = strings_.Copy(key.text);
    std::memcpy(KeyOf(row), &text, sizeof(text));
  } else {
    std::memcpy(KeyOf(row), key.words, codec_.key_bytes());
  }
  row->epoch = sweep_.restored_word();
  sweep_.Note(row->id, row->epoch);
  return row;
}

StateRow* StateTable::FindOrLoadKey(ByteReader* reader) {
  StoredKey key;
  if (!ReadStoredKey(reader, &key)) return nullptr;
  StateRow* row = FindStored(key, index_);
  if (row != nullptr) return row;
  row = AddStored(key);
  index_.Insert(IndexHash(key.hash), row->id);
  return row;
}

// What the row had before goes.
Status StateTable::LoadBody(StateRow* row, std::string_view body) {
  ByteReader reader(body);
  if (spec_.keep_order) reader.ReadVarint();
  if (spec_.ttl_ms > 0) LastWrite(row) = reader.ReadFixed<int64_t>();
  for (size_t i = 0; i < spec_.slots.size(); ++i) {
    const SlotSpec& slot = spec_.slots[i];
    if (slot.kind == SlotSpec::Kind::kFixed) {
      const std::string_view bytes = reader.ReadRaw(slot.bytes);
      if (reader.ok()) std::memcpy(Slot(row, i), bytes.data(), slot.bytes);
    } else if (slot.kind == SlotSpec::Kind::kString) {
      SetString(row, i, reader.ReadBytes());
    } else if (slot.kind == SlotSpec::Kind::kObject) {
      DropObject(row, i);
      auto& object = Value<void*>(row, i);
      object = nullptr;
      if (reader.ReadFixed<char>() == 0) continue;
      const std::string_view bytes = reader.ReadBytes();
      if (!reader.ok()) break;
      ASSIGN_OR_RETURN(object, slot.codec->Load(bytes));
      held_.Add(slot.codec->counted_bytes(object));
    }
  }
  return reader.ok() && reader.left() == 0 ? Status() : Damaged();
}

Status StateTable::Load(ChainStream* chains) {
  if (spec_.keep_order) return LoadInOrder(chains);
  GroupChain chain;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, chains->Next(&chain));
    if (!more) break;
    RETURN_IF_ERROR(LoadChain(chain));
  }
  IndexRows();
  return {};
}

Status StateTable::LoadChain(const GroupChain& chain) {
  HashIndex group(nullptr);  // of this chain's rows: small enough for the caches
  if (!chain.images.empty()) group.Reserve(chain.images[0].size() / row_bytes_);
  std::set<StateRow*> bodiless;
  for (size_t i = 0; i < chain.images.size(); ++i) {
    // What an image erases and writes, it erases first.
    if (i > 0) RETURN_IF_ERROR(EraseStored(chain.images[i], &group));
    RETURN_IF_ERROR(LoadRows(chain.images[i], &group, &bodiless));
    if (counts_ != nullptr) RETURN_IF_ERROR(LoadValues(chain.images[i], &group, &bodiless));
  }
  return bodiless.empty() ? Status() : Damaged();
}

Status StateTable::EraseStored(std::string_view image, HashIndex* group) {
  ImageReader records(image);
  RawRecord raw;
  while (records.Next(&raw)) {
    if (raw.kind == RecordKind::kRow || raw.kind == RecordKind::kValue) continue;
    ByteReader reader(raw.payload);
    StoredKey key;
    if (raw.kind == RecordKind::kErasedAll || !ReadStoredKey(&reader, &key)) return Damaged();
    StateRow* row = FindStored(key, *group);
    if (raw.kind == RecordKind::kValueErased) {
      size_t slot;
      std::string_view value;
      if (!ReadValue(&reader, &slot, &value)) return Damaged();
      if (row != nullptr) counts_->LoadErasure(row, slot, value);
      continue;
    }
    if (row == nullptr) continue;
    group->Erase(IndexHash(key.hash), row->id);
    Free(row);
  }
  return records.ok() ? Status() : Damaged();
}

bool StateTable::ReadValue(ByteReader* reader, size_t* slot, std::string_view* value) const {
  *slot = reader->ReadVarint();
  *value = reader->ReadBytes();
  return reader->ok() && *slot < spec_.slots.size() &&
         spec_.slots[*slot].kind == SlotSpec::Kind::kCounts;
}

// A value may lie in a section before that of its row: it was about to change while the sweep was
// at other rows.
Status StateTable::LoadValues(std::string_view image, HashIndex* group,
                              std::set<StateRow*>* bodiless) {
  ImageReader records(image);
  RawRecord raw;
  while (records.Next(&raw)) {
    if (raw.kind != RecordKind::kValue) continue;
    ByteReader reader(raw.payload);
    StoredKey key;
    size_t slot;
    std::string_view value;
    if (!ReadStoredKey(&reader, &key) || !ReadValue(&reader, &slot, &value)) return Damaged();
    StateRow* row = FindStored(key, *group);
    if (row == nullptr) {
      row = AddStored(key);
      group->Insert(IndexHash(key.hash), row->id);
      bodiless->insert(row);
    }
    if (!counts_->Load(row, slot, value, reader.rest())) return Damaged();
  }
  return records.ok() ? Status() : Damaged();
}

// By blocks, so that the entries of the group's index are on their way when they are looked at.
Status StateTable::LoadRows(std::string_view image, HashIndex* group,
                            std::set<StateRow*>* bodiless) {
  constexpr size_t kBlock = 32;
  StoredKey keys[kBlock];
  std::string_view bodies[kBlock];
  ImageReader records(image);
  RawRecord raw;
  bool more = true;
  while (more) {
    size_t count = 0;
    while (count < kBlock && (more = records.Next(&raw))) {
      if (raw.kind == RecordKind::kValue && counts_ == nullptr) return Damaged();
      if (raw.kind != RecordKind::kRow) continue;
      ByteReader reader(raw.payload);
      if (!ReadStoredKey(&reader, &keys[count])) return Damaged();
      bodies[count] = reader.rest();
      group->Prefetch(IndexHash(keys[count].hash));
      ++count;
    }
    for (size_t i = 0; i < count; ++i) {
      StateRow* row = FindStored(keys[i], *group);
      if (row == nullptr) {
        row = AddStored(keys[i]);
        group->Insert(IndexHash(keys[i].hash), row->id);
      } else if (!bodiless->empty()) {
        bodiless->erase(row);
      }
      RETURN_IF_ERROR(LoadBody(row, bodies[i]));
    }
  }
  return records.ok() ? Status() : Damaged();
}

// Inserted as they come, rows would each touch another page of a large index.
void StateTable::IndexRows() {
  if (index_.size() == 0) index_.Reserve(live_count_);
  constexpr uint32_t kRowsAtATime = 1U << 21;
  constexpr size_t kAhead = 16;
  struct Entry {
    uint32_t hash;
    uint32_t id;
  };
  std::vector<Entry> entries, by_part;
  for (uint32_t id = 0; id < next_id_;) {
    const uint32_t end = id + std::min(kRowsAtATime, next_id_ - id);
    std::array<size_t, HashIndex::kPartCount + 1> ends{};
    entries.clear();
    for (; id < end; ++id) {
      const StateRow* row = RowAt(id);
      if (!IsLive(row)) continue;
      entries.push_back({IndexHash(row->hash_and_flags), id});
      ++ends[HashIndex::PartOf(entries.back().hash) + 1];
    }
    std::partial_sum(ends.begin(), ends.end(), ends.begin());
    by_part.resize(entries.size());
    for (const Entry& entry : entries) by_part[ends[HashIndex::PartOf(entry.hash)]++] = entry;
    for (size_t i = 0; i < by_part.size(); ++i) {
      if (i + kAhead < by_part.size()) index_.Prefetch(by_part[i + kAhead].hash);
      index_.Insert(by_part[i].hash, by_part[i].id);
    }
  }
}

class StateTable::Shape final : public ChainShape {
 public:
  explicit Shape(const StateTable* table) : table_(table) {}
  void ReadIdentity(ByteReader* reader, ChainRecord* record) const override {
    uint64_t hash;
    record->key = table_->ReadKey(reader, &hash);
    record->hash = IndexHash(hash);
  }
  void EraseAll(int64_t /*place*/, ByteReader* reader) override { reader->Fail(); }
  bool IsErased(const ChainRecord& /*record*/) const override { return false; }
  bool HasValues() const override { return table_->counts() != nullptr; }
  void BeginChain() override {}

 private:
  const StateTable* table_;
};

// Order is a matter of the whole table: all chains are held until the rows can be sorted.
Status StateTable::LoadInOrder(ChainStream* chains) {
  std::vector<GroupChain> held;
  std::vector<ChainRecord> records;
  Shape shape(this);
  while (true) {
    GroupChain& chain = held.emplace_back();
    ASSIGN_OR_RETURN(const bool more, chains->Next(&chain));
    if (!more) return LoadRecords(records);
    if (!ReadChain(chain, &shape, &records)) return Damaged();
  }
}

Status StateTable::LoadRecords(const std::vector<ChainRecord>& records) {
  // The order of insertion; of several shards, the lower key group goes first.
  std::vector<std::pair<uint64_t, uint32_t>> order;
  for (uint32_t i = 0; i < records.size(); ++i) {
    if (records[i].is_value) continue;
    ByteReader reader(records[i].body);
    order.emplace_back(spec_.keep_order ? reader.ReadVarint() : 0, i);
  }
  if (spec_.keep_order) std::sort(order.begin(), order.end());
  for (const auto& [ordinal, i] : order) RETURN_IF_ERROR(LoadRecord(records[i]));
  for (const ChainRecord& record : records) {
    if (record.is_value) RETURN_IF_ERROR(LoadValueRecord(record));
  }
  return {};
}

Status StateTable::LoadValueRecord(const ChainRecord& record) {
  ByteReader reader(record.key);
  StoredKey key;
  size_t slot;
  std::string_view value;
  if (!ReadStoredKey(&reader, &key) || !ReadValue(&reader, &slot, &value)) return Damaged();
  StateRow* row = FindStored(key, index_);
  if (row == nullptr || !counts_->Load(row, slot, value, record.body)) return Damaged();
  return {};
}

Status StateTable::LoadRecord(const ChainRecord& record) {
  ByteReader reader(record.key);
  StoredKey key;
  if (!ReadStoredKey(&reader, &key)) return Damaged();
  StateRow* row = AddStored(key);
  index_.Insert(IndexHash(key.hash), row->id);
  return LoadBody(row, record.body);
}

}  // namespace rhei
