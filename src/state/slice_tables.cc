#include "state/slice_tables.h"

#include <algorithm>
#include <set>

#include "state/chain.h"

namespace rhei {

StateTable* SliceTables::Find(int64_t slice) {
  const auto found = tables_.find(slice);
  return found == tables_.end() ? nullptr : found->second.get();
}

StateTable* SliceTables::FindOrMake(int64_t slice) {
  std::unique_ptr<StateTable>& table = tables_[slice];
  if (table == nullptr) {
    table = std::make_unique<StateTable>(spec_, pool_);
    table->SetEpoch(epoch_, tracked_);
  }
  return table.get();
}

void SliceTables::Drop(int64_t slice) {
  const auto found = tables_.find(slice);
  if (found == tables_.end()) return;
  StateTable& table = *found->second;
  base_from_ = std::max(base_from_, table.base_from());
  if (tracked_ && table.groups().any()) dropped_.push_back({slice, epoch_, table.groups()});
  const bool to_be_swept = std::find(sweeps_.begin(), sweeps_.end(), &table) != sweeps_.end();
  if (to_be_swept) detached_.push_back(std::move(found->second));
  tables_.erase(found);
}

bool SliceTables::FirstFrom(int64_t from, int64_t* slice) const {
  const auto found = tables_.lower_bound(from);
  if (found == tables_.end()) return false;
  *slice = found->first;
  return true;
}

uint64_t SliceTables::row_count() const {
  uint64_t out = 0;
  for (const auto& [slice, table] : tables_) out += table->row_count();
  return out;
}

uint64_t SliceTables::value_count() const {
  uint64_t out = 0;
  for (const auto& [slice, table] : tables_) out += table->value_count();
  return out;
}

int64_t SliceTables::bytes() const {
  int64_t out = 0;
  for (const auto& [slice, table] : tables_) out += table->bytes();
  return out;
}

void SliceTables::SetEpoch(uint32_t epoch, bool tracked) {
  epoch_ = epoch;
  tracked_ = tracked;
  for (const auto& [slice, table] : tables_) table->SetEpoch(epoch, tracked);
}

uint32_t SliceTables::base_from() const {
  uint32_t out = base_from_;
  for (const auto& [slice, table] : tables_) out = std::max(out, table->base_from());
  return out;
}

void SliceTables::BeginFreeze(const FreezeOrder& order) {
  epoch_ = order.epoch + 1;
  tracked_ = true;
  for (const Dropped& dropped : dropped_) {
    if (dropped.epoch <= order.published) continue;
    const KeyGroupSet groups = dropped.groups & ~order.out->bases();
    for (int group = 0; group < kKeyGroupCount; ++group) {
      if (!groups.test(static_cast<size_t>(group))) continue;
      order.out->AddRecord(group, dropped.slice, RecordKind::kErasedAll, {});
    }
  }
  for (auto at = tables_.rbegin(); at != tables_.rend(); ++at) {
    at->second->BeginFreeze(order, at->first);
    sweeps_.push_back(at->second.get());
  }
}

bool SliceTables::StepFreeze(FreezeBudget* budget) {
  while (!sweeps_.empty()) {
    StateTable* table = sweeps_.back();
    if (!table->StepFreeze(budget)) return false;
    budget->left -= FreezeBudget::kPerRow;
    sweeps_.pop_back();
    std::erase_if(detached_, [table](const auto& detached) { return detached.get() == table; });
  }
  return true;
}

uint64_t SliceTables::RecordBytes() const {
  uint64_t out = 0;
  for (const auto& [slice, table] : tables_) out += table->RecordBytes();
  return out;
}

void SliceTables::Published(uint32_t epoch) {
  std::erase_if(dropped_, [epoch](const Dropped& dropped) { return dropped.epoch <= epoch; });
  for (const auto& [slice, table] : tables_) table->Published(epoch);
}

// The rows of all slices, told apart by the place; tables know how to read the rest.
class SliceTables::Shape final : public ChainShape {
 public:
  explicit Shape(const StateTable* rows) : rows_(rows) {}
  void ReadIdentity(ByteReader* reader, ChainRecord* record) const override {
    uint64_t hash;
    record->key = rows_->ReadKey(reader, &hash);
    record->hash = static_cast<uint32_t>(
        (hash ^ static_cast<uint64_t>(record->place)) * 0x9E3779B97F4A7C15U >> 32);
  }
  void EraseAll(int64_t place, ByteReader* /*reader*/) override { dropped_.insert(place); }
  bool IsErased(const ChainRecord& record) const override {
    return dropped_.count(record.place) != 0;
  }
  bool HasValues() const override { return rows_->counts() != nullptr; }
  void BeginChain() override { dropped_.clear(); }

 private:
  const StateTable* rows_;
  std::set<int64_t> dropped_;
};

Status SliceTables::Load(ChainStream* chains) {
  const StateTable reads_keys(spec_, nullptr);
  Shape shape(&reads_keys);
  std::vector<ChainRecord> records;
  std::vector<GroupChain> held;
  std::map<int64_t, std::vector<ChainRecord>> by_slice;
  bool more = true;
  while (more) {
    GroupChain& chain = held.emplace_back();
    ASSIGN_OR_RETURN(more, chains->Next(&chain));
    records.clear();
    if (!ReadChain(chain, &shape, &records)) {
      return {ErrorCode::kStateMismatch, spec_.name + ": a section is damaged"};
    }
    for (const ChainRecord& record : records) by_slice[record.place].push_back(record);
    // Order is a matter of a whole slice; without it a group's rows are enough at a time.
    if (spec_.keep_order && more) continue;
    for (auto& [slice, rows] : by_slice) {
      RETURN_IF_ERROR(FindOrMake(slice)->LoadRecords(rows));
      rows.clear();
    }
    held.clear();
  }
  return {};
}

}  // namespace rhei
