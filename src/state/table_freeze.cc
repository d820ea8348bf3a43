// A row's record: hash and key (its identity), its place in the iteration when the table keeps
// order, its last write when it has a TTL, then the slots.
#include <algorithm>
#include <cstring>

#include "columnar/debug_text.h"
#include "state/table.h"

namespace rhei {

namespace {

// Of a record that is a copy of the row's bytes: what stands before them, the hash and the NULLs.
constexpr size_t kHeadBytes = 9;

}  // namespace

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

void StateTable::SetEpoch(uint32_t epoch, bool tracked) {
  sweep_.SetEpoch(epoch, tracked);
  if (counts_ != nullptr) counts_->SetEpoch(epoch, tracked);
}

uint32_t StateTable::base_from() const {
  return std::max(sweep_.base_from(), counts_ == nullptr ? 0 : counts_->base_from());
}

void StateTable::Published(uint32_t epoch) {
  sweep_.Published(epoch);
  if (counts_ != nullptr) counts_->Published(epoch);
}

void StateTable::BeginFreeze(const FreezeOrder& order, int64_t slice) {
  sweep_.Begin(order, slice, live_groups(), next_id_);
  if (counts_ != nullptr) counts_->BeginFreeze(order, slice, live_groups());
}

bool StateTable::StepFreeze(FreezeBudget* budget) {
  const bool rows_done = sweep_.Step(budget, [this](uint32_t id) {
    StateRow* row = RowAt(id);
    const bool wanted = IsLive(row) && sweep_.IsWanted(row->epoch, KeyGroupOf(row->hash_and_flags));
    return wanted ? SaveRow(row) : 0;
  });
  return rows_done && (counts_ == nullptr || counts_->StepFreeze(budget));
}

uint64_t StateTable::RecordBytes() const {
  return copied_bytes_ == 0 ? 0 : live_count_ * (sizeof(uint32_t) + kHeadBytes + copied_bytes_);
}

void StateTable::SaveKey(const StateRow* row, std::string* out) const {
  WriteFixed(HashOf(row), out);
  codec_.Write(KeyOf(row), NullsOf(row), out);
}

int64_t StateTable::SaveRow(StateRow* row) {
  if (copied_bytes_ > 0) {
    char record[kHeadBytes + kCopiedMax];
    const uint64_t hash = HashOf(row);
    std::memcpy(record, &hash, sizeof(hash));
    record[sizeof(hash)] = static_cast<char>(NullsOf(row));
    std::memcpy(record + kHeadBytes, KeyOf(row), copied_bytes_);
    return sweep_.AddRow(KeyGroupOf(hash), {record, kHeadBytes + copied_bytes_});
  }
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
      case SlotSpec::Kind::kCounts: break;  // have records of their own
    }
  }
  return sweep_.EndRow();
}

std::string StateTable::KeyText(const StateRow* row) const {
  std::vector<ColumnBuilder> builders;
  std::vector<ColumnBuilder*> out;
  for (const DataType& type : spec_.key_types) builders.emplace_back(type);
  for (ColumnBuilder& builder : builders) out.push_back(&builder);
  AppendKey(row, out);
  std::string text;
  for (size_t i = 0; i < builders.size(); ++i) {
    const Column column = builders[i].Finish();
    const DataType& type = spec_.key_types[i];
    text += (i == 0 ? "" : ", ") + DebugText(GetValue(column, 0, type), type);
  }
  return text;
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
