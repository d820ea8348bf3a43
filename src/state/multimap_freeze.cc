// An entry's record: the key's hash and bytes and the entry's sequence (its identity), the key's
// place in the iteration when the map keeps order, count, associations, last write, then the row,
// its identity columns and its sort key.
#include <algorithm>
#include <bit>
#include <map>

#include "base/check.h"
#include "columnar/debug_text.h"
#include "state/multimap.h"

namespace rhei {

namespace {

constexpr int64_t kErasedBytesMin = 64 << 10;

uint32_t MixedHash(uint64_t hash, uint64_t sequence) {
  return static_cast<uint32_t>(
      ((hash >> 7) ^ (sequence * 0x9E3779B97F4A7C15U)) * 0xBF58476D1CE4E5B9U >> 32);
}

uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

}  // namespace

void StateMultimap::SetEpoch(uint32_t epoch, bool tracked) {
  epoch_word_ = FirstWordOf(epoch);
  tracked_ = tracked;
}

void StateMultimap::TouchFirst(MultimapEntry* entry) {
  SaveBeforeChange(entry);
  entry->epoch = epoch_word_ | kSeenBit;
  block_epochs_[entry->id >> kBlockBits] = epoch_word_;
}

void StateMultimap::LogErasure(RecordKind kind, const StateRow* key, uint64_t sequence) {
  const uint32_t epoch = EpochOf(epoch_word_);
  // The next freeze writes bases only.
  if (base_from_ == epoch) return;
  std::string* out = erased_.StartAdd(epoch, GroupOf(key), kind);
  keys_.SaveKey(key, out);
  WriteVarint(sequence, out);
  erased_.EndAdd();
  if (!freeze_.active && erased_.bytes() > kErasedBytesMin && 2 * erased_.bytes() > bytes()) {
    erased_.Clear();
    base_from_ = epoch;
  }
}

void StateMultimap::BeginFreeze(const FreezeOrder& order) {
  CHECK(!freeze_.active);
  epoch_word_ = FirstWordOf(order.epoch + 1);
  tracked_ = true;
  freeze_.active = true;
  freeze_.erasures_done = false;
  freeze_.every_block = (order.out->bases() & keys_.groups()).any();
  freeze_.order = order;
  freeze_.next_id = 0;
  freeze_.end_id = next_id_;
  erased_.BeginSweep(order);
}

bool StateMultimap::StepFreeze(FreezeBudget* budget) {
  if (!freeze_.active) return true;
  if (!freeze_.erasures_done) freeze_.erasures_done = erased_.StepSweep(freeze_.order, 0, budget);
  // Entries may have gone, and their memory with them.
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

void StateMultimap::SweepBlock(FreezeBudget* budget) {
  const uint32_t block = freeze_.next_id >> kBlockBits;
  const uint32_t end = std::min((block + 1) << kBlockBits, freeze_.end_id);
  const bool changed = EpochOf(block_epochs_[block]) > freeze_.order.published;
  budget->left -= FreezeBudget::kPerRow;
  if (changed || freeze_.every_block) {
    for (uint32_t id = freeze_.next_id; id < end; ++id) {
      const MultimapEntry* entry = At(id + 1);
      const bool old = entry->count != 0 && entry->epoch < epoch_word_;
      if (old && Wanted(entry)) budget->left -= static_cast<int64_t>(SaveEntry(entry));
    }
    budget->left -= FreezeBudget::kPerRow * (end - freeze_.next_id);
  }
  freeze_.next_id = end;
}

void StateMultimap::Published(uint32_t epoch) {
  if (freeze_.active) {
    freeze_.published_meanwhile = epoch;
  } else {
    erased_.DropThrough(epoch);
  }
}

size_t StateMultimap::SaveEntry(const MultimapEntry* entry) {
  std::string* out = freeze_.order.out->StartRecord(GroupOf(entry->key), 0, RecordKind::kRow);
  const size_t before = out->size();
  keys_.SaveKey(entry->key, out);
  WriteVarint(entry->sequence, out);
  if (spec_.keep_order) WriteVarint(entry->key->id, out);
  WriteVarint(ZigZag(entry->count), out);
  WriteVarint(ZigZag(entry->associations), out);
  WriteVarint(ZigZag(entry->last_write_ms), out);
  WriteBytes(entry->row.view(), out);
  WriteBytes(entry->identity.view(), out);
  WriteBytes(entry->sort_key.view(), out);
  freeze_.order.out->EndRecord();
  return out->size() - before;
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

Status StateMultimap::Load(std::span<const GroupChain> chains) {
  const Status damaged{ErrorCode::kStateMismatch, spec_.name + ": a section is damaged"};
  std::vector<ChainRecord> records;
  std::vector<std::pair<uint64_t, uint32_t>> order;  // (the key's place, record)
  keys_.SetEpoch(0, false);
  Shape shape(&keys_);
  for (size_t i = 0; i < chains.size(); ++i) {
    const size_t first = records.size();
    if (!ReadChain(chains[i], &shape, &records)) return damaged;
    // Arrival is a matter of one key; the order of keys one of the whole map.
    std::sort(records.begin() + static_cast<std::ptrdiff_t>(first), records.end(),
              [](const ChainRecord& a, const ChainRecord& b) { return a.number < b.number; });
    for (size_t at = first; at < records.size(); ++at) {
      ByteReader body(records[at].body);
      order.emplace_back(spec_.keep_order ? body.ReadVarint() : 0, static_cast<uint32_t>(at));
    }
    if (spec_.keep_order && i + 1 < chains.size()) continue;
    if (spec_.keep_order) std::sort(order.begin(), order.end());
    for (const auto& [place, at] : order) {
      if (!LoadEntry(records[at])) return damaged;
    }
    records.clear();
    order.clear();
  }
  return {};
}

bool StateMultimap::LoadEntry(const ChainRecord& record) {
  ByteReader key_reader(record.key);
  StateRow* key = keys_.FindOrLoadKey(&key_reader);
  ByteReader reader(record.body);
  if (spec_.keep_order) reader.ReadVarint();
  const int64_t count = UnZigZag(reader.ReadVarint());
  const int64_t associations = UnZigZag(reader.ReadVarint());
  const int64_t last_write_ms = UnZigZag(reader.ReadVarint());
  row_bytes_ = reader.ReadBytes();
  identity_bytes_ = reader.ReadBytes();
  sort_bytes_ = reader.ReadBytes();
  if (key == nullptr || !reader.ok() || reader.left() > 0) return false;
  MultimapEntry* entry = AddEncoded(key, record.number);
  entry->epoch = epoch_word_ == 0 ? 0 : (epoch_word_ - 1) | kSeenBit;
  block_epochs_[entry->id >> kBlockBits] = entry->epoch;
  entry->count = count;
  entry->associations = associations;
  entry->last_write_ms = last_write_ms;
  next_sequence_ = std::max(next_sequence_, record.number + 1);
  return true;
}

std::vector<std::pair<const StateRow*, int64_t>> StateMultimap::HottestKeys(size_t count) const {
  std::vector<std::pair<const StateRow*, int64_t>> out;
  constexpr uint32_t kLookedAt = 4096;
  const uint32_t step = next_id_ / kLookedAt + 1;
  // Looked at by entry: a key with many entries is met for certain, one with few seldom.
  for (uint32_t id = 0; id < next_id_; id += step) {
    const MultimapEntry* entry = At(id + 1);
    if (entry->count == 0) continue;
    const bool known = std::any_of(out.begin(), out.end(),
                                   [entry](const auto& key) { return key.first == entry->key; });
    if (known) continue;
    const int64_t entries = HeadOf(entry->key).entries;
    if (out.size() == count && entries <= out.back().second) continue;
    if (out.size() == count) out.pop_back();
    out.emplace_back(entry->key, entries);
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
  }
  return out;
}

std::string StateMultimap::KeyText(const StateRow* key) const {
  std::vector<ColumnBuilder> builders;
  std::vector<ColumnBuilder*> out;
  for (const DataType& type : spec_.key_types) builders.emplace_back(type);
  for (ColumnBuilder& builder : builders) out.push_back(&builder);
  keys_.AppendKey(key, out);
  std::string text;
  for (size_t i = 0; i < builders.size(); ++i) {
    const Column column = builders[i].Finish();
    const DataType& type = spec_.key_types[i];
    text += (i == 0 ? "" : ", ") + DebugText(GetValue(column, 0, type), type);
  }
  return text;
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
