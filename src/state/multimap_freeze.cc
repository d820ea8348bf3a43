// An entry's record: the key's hash and bytes and the entry's sequence (its identity), the key's
// place in the iteration when the map keeps order, count, associations, last write, then the row,
// its identity columns and its sort key.
#include <algorithm>
#include <bit>
#include <map>

#include "state/chain.h"
#include "state/hottest_rows.h"
#include "state/multimap.h"

namespace rhei {

namespace {

uint32_t MixedHash(uint64_t hash, uint64_t sequence) {
  return static_cast<uint32_t>(
      ((hash >> 7) ^ (sequence * 0x9E3779B97F4A7C15U)) * 0xBF58476D1CE4E5B9U >> 32);
}

}  // namespace

void StateMultimap::TouchFirst(MultimapEntry* entry) {
  SaveBeforeChange(entry);
  entry->epoch = sweep_.epoch_word() | kSeenBit;
  sweep_.Note(entry->id, entry->epoch);
}

void StateMultimap::LogErasure(RecordKind kind, const StateRow* key, uint64_t sequence) {
  std::string* out = sweep_.StartErasure(GroupOf(key), kind);
  if (out == nullptr) return;
  keys_.SaveKey(key, out);
  WriteVarint(sequence, out);
  sweep_.EndErasure(bytes() - sweep_.erased_bytes());
}

void StateMultimap::BeginFreeze(const FreezeOrder& order) {
  sweep_.Begin(order, 0, keys_.live_groups(), next_id_);
}

bool StateMultimap::StepFreeze(FreezeBudget* budget) {
  return sweep_.Step(budget, [this](uint32_t id) {
    const MultimapEntry* entry = At(id + 1);
    const bool wanted = entry->count != 0 && sweep_.IsWanted(entry->epoch, GroupOf(entry->key));
    return wanted ? SaveEntry(entry) : 0;
  });
}

int64_t StateMultimap::SaveEntry(const MultimapEntry* entry) {
  std::string* out = sweep_.StartRow(GroupOf(entry->key));
  keys_.SaveKey(entry->key, out);
  WriteVarint(entry->sequence, out);
  if (spec_.keep_order) WriteVarint(entry->key->id, out);
  WriteZigZag(entry->count, out);
  WriteZigZag(entry->associations, out);
  WriteZigZag(entry->last_write_ms, out);
  WriteBytes(entry->row.view(), out);
  WriteBytes(entry->identity.view(), out);
  WriteBytes(entry->sort_key.view(), out);
  return sweep_.EndRow();
}

class StateMultimap::Shape final : public ChainShape {
 public:
  explicit Shape(const StateTable* keys) : keys_(keys) {}
  void ReadIdentity(ByteReader* reader, ChainRecord* record) const override {
    uint64_t hash;
    record->key = keys_->ReadKey(reader, &hash);
    record->number = reader->ReadVarint();
    record->hash = MixedHash(hash, record->number);
  }
  void EraseAll(int64_t /*place*/, ByteReader* reader) override {
    uint64_t hash;
    const std::string_view key = keys_->ReadKey(reader, &hash);
    uint64_t& bound = bounds_[key];
    bound = std::max(bound, reader->ReadVarint());
  }
  bool IsErased(const ChainRecord& record) const override {
    if (bounds_.empty()) return false;
    const auto found = bounds_.find(record.key);
    return found != bounds_.end() && record.number < found->second;
  }
  void BeginChain() override { bounds_.clear(); }

 private:
  const StateTable* keys_;
  std::map<std::string_view, uint64_t> bounds_;
};

Status StateMultimap::Load(ChainStream* chains) {
  const Status damaged{ErrorCode::kStateMismatch, spec_.name + ": a section is damaged"};
  std::vector<GroupChain> held;
  std::vector<ChainRecord> records;
  std::vector<std::pair<uint64_t, uint32_t>> order;  // (the key's place, record)
  keys_.SetEpoch(0, false);
  Shape shape(&keys_);
  bool more = true;
  while (more) {
    GroupChain& chain = held.emplace_back();
    ASSIGN_OR_RETURN(more, chains->Next(&chain));
    const size_t first = records.size();
    if (!ReadChain(chain, &shape, &records)) return damaged;
    // Arrival is a matter of one key; the order of keys one of the whole map.
    std::sort(records.begin() + static_cast<std::ptrdiff_t>(first), records.end(),
              [](const ChainRecord& a, const ChainRecord& b) { return a.number < b.number; });
    for (size_t at = first; at < records.size(); ++at) {
      ByteReader body(records[at].body);
      order.emplace_back(spec_.keep_order ? body.ReadVarint() : 0, static_cast<uint32_t>(at));
    }
    if (spec_.keep_order && more) continue;
    if (spec_.keep_order) std::sort(order.begin(), order.end());
    for (const auto& [place, at] : order) {
      if (!LoadEntry(records[at])) return damaged;
    }
    records.clear();
    order.clear();
    held.clear();
  }
  return {};
}

bool StateMultimap::LoadEntry(const ChainRecord& record) {
  ByteReader key_reader(record.key);
  StateRow* key = keys_.FindOrLoadKey(&key_reader);
  ByteReader reader(record.body);
  if (spec_.keep_order) reader.ReadVarint();
  const int64_t count = reader.ReadZigZag();
  const int64_t associations = reader.ReadZigZag();
  const int64_t last_write_ms = reader.ReadZigZag();
  row_bytes_ = reader.ReadBytes();
  identity_bytes_ = reader.ReadBytes();
  sort_bytes_ = reader.ReadBytes();
  if (key == nullptr || !reader.ok() || reader.left() > 0) return false;
  if (count <= 0 || count > kStoredCountMax) return false;
  MultimapEntry* entry = AddEncoded(key, record.number);
  entry->epoch = sweep_.restored_word();
  sweep_.Note(entry->id, entry->epoch);
  entry->count = count;
  entry->associations = associations;
  entry->last_write_ms = last_write_ms;
  next_sequence_ = std::max(next_sequence_, record.number + 1);
  return true;
}

std::vector<std::pair<const StateRow*, int64_t>> StateMultimap::HottestKeys(size_t count) const {
  return HottestRows(
      next_id_, count,
      [this](uint32_t id) {
        const MultimapEntry* entry = At(id + 1);
        return entry->count == 0 ? nullptr : entry->key;
      },
      [this](const StateRow* key) { return int64_t{HeadOf(const_cast<StateRow*>(key)).entries}; });
}

int64_t StateMultimap::OldestWrite() const {
  if (spec_.ttl_ms <= 0) return -1;
  constexpr uint32_t kLookedAt = 4096;
  int64_t oldest = -1;
  const uint32_t step = next_id_ / kLookedAt + 1;
  for (uint32_t id = 0; id < next_id_; id += step) {
    const MultimapEntry* entry = At(id + 1);
    if (entry->count == 0 || Expired(entry)) continue;
    if (oldest < 0 || entry->last_write_ms < oldest) oldest = entry->last_write_ms;
  }
  return oldest;
}

}  // namespace rhei
