// A timer's record: time and sequence (its identity), hash, key. kErasedAll holds time and sequence
// of the last timer that fired.
#include <algorithm>
#include <limits>

#include "base/check.h"
#include "state/timers.h"

namespace rhei {

void TimerQueue::SetEpoch(uint32_t epoch, bool tracked) {
  epoch_ = epoch;
  tracked_ = tracked;
}

void TimerQueue::BeginFreeze(const FreezeOrder& order) {
  CHECK(!freeze_.active);
  epoch_ = order.epoch + 1;
  tracked_ = true;
  freeze_.active = true;
  freeze_.erasures_done = false;
  freeze_.order = order;
  freeze_.next_id = 0;
  freeze_.end_id = static_cast<uint32_t>(entries_.size());
  erased_.BeginSweep(order);
  WriteFired(order);
}

// When a timer is taken out, whatever is left stands behind it. Timers that are added later may
// stand before it again; a checkpoint has them beside this record.
void TimerQueue::NoteFired(const Entry& entry) {
  const int group = KeyGroupOf(entry.hash);
  Fired& fired = fired_[static_cast<size_t>(group)];
  const std::pair<int64_t, uint64_t> last{entry.time_ms, entry.sequence};
  if (fired.epoch != epoch_) {
    if (fired.epoch != 0) fired_before_.push_back(fired);
    fired = {epoch_, group, last};
  }
  fired.last = std::max(fired.last, last);
}

void TimerQueue::WriteFired(const FreezeOrder& order) const {
  const auto write = [&order](const Fired& fired) {
    const bool is_base = order.out->bases().test(static_cast<size_t>(fired.group));
    if (fired.epoch <= order.published || is_base) return;
    std::string record;
    WriteFixed(fired.last.first, &record);
    WriteFixed(fired.last.second, &record);
    order.out->AddRecord(fired.group, 0, RecordKind::kErasedAll, record);
  };
  for (const Fired& fired : fired_before_) write(fired);
  for (const Fired& fired : fired_) write(fired);
}

bool TimerQueue::StepFreeze(FreezeBudget* budget) {
  if (!freeze_.active) return true;
  if (!freeze_.erasures_done) freeze_.erasures_done = erased_.StepSweep(freeze_.order, 0, budget);
  while (freeze_.next_id < freeze_.end_id) {
    if (budget->left <= 0) return false;
    const Entry& entry = entries_[freeze_.next_id];
    budget->left -= FreezeBudget::kPerRow;
    if (entry.live) {
      SaveEntry(entry);
      budget->left -= entry.key.size();
    }
    ++freeze_.next_id;
  }
  if (!freeze_.erasures_done) return false;
  freeze_.active = false;
  if (freeze_.published_meanwhile > 0) erased_.DropThrough(freeze_.published_meanwhile);
  freeze_.published_meanwhile = 0;
  return true;
}

void TimerQueue::Published(uint32_t epoch) {
  std::erase_if(fired_before_, [epoch](const Fired& fired) { return fired.epoch <= epoch; });
  if (freeze_.active) {
    freeze_.published_meanwhile = epoch;
  } else {
    erased_.DropThrough(epoch);
  }
}

// When the timer is wanted.
void TimerQueue::SaveEntry(const Entry& entry) {
  const FreezeOrder& order = freeze_.order;
  if (entry.epoch > order.epoch) return;
  const int group = KeyGroupOf(entry.hash);
  if (entry.epoch <= order.published && !order.out->bases().test(static_cast<size_t>(group))) {
    return;
  }
  std::string* out = order.out->StartRecord(group, 0, RecordKind::kRow);
  WriteFixed(entry.time_ms, out);
  WriteFixed(entry.sequence, out);
  WriteFixed(entry.hash, out);
  WriteBytes(entry.key.view(), out);
  order.out->EndRecord();
}

class TimerQueue::Shape final : public ChainShape {
 public:
  void ReadIdentity(ByteReader* reader, ChainRecord* record) const override {
    record->place = reader->ReadFixed<int64_t>();
    record->number = reader->ReadFixed<uint64_t>();
    record->hash = static_cast<uint32_t>(
        (record->number ^ static_cast<uint64_t>(record->place) << 20) * 0x9E3779B97F4A7C15U >> 32);
  }
  void EraseAll(int64_t /*place*/, ByteReader* reader) override {
    const auto time_ms = reader->ReadFixed<int64_t>();
    const auto sequence = reader->ReadFixed<uint64_t>();
    bound_ = std::max(bound_, std::pair{time_ms, sequence});
  }
  bool IsErased(const ChainRecord& record) const override {
    return std::pair{record.place, record.number} <= bound_;
  }
  void BeginChain() override { bound_ = {std::numeric_limits<int64_t>::min(), 0}; }

 private:
  std::pair<int64_t, uint64_t> bound_;
};

Status TimerQueue::Load(std::span<const GroupChain> chains) {
  const Status damaged{ErrorCode::kStateMismatch, spec_.name + ": a section is damaged"};
  std::vector<ChainRecord> records;
  Shape shape;
  const uint32_t epoch = epoch_;
  // What a checkpoint has seen.
  epoch_ = epoch == 0 ? 0 : epoch - 1;
  for (const GroupChain& chain : chains) {
    records.clear();
    if (!ReadChain(chain, &shape, &records)) return damaged;
    for (const ChainRecord& record : records) {
      ByteReader reader(record.body);
      const auto hash = reader.ReadFixed<uint64_t>();
      const std::string_view key = reader.ReadBytes();
      if (!reader.ok() || reader.left() > 0) return damaged;
      AddWith(record.place, hash, key, record.number);
      next_sequence_ = std::max(next_sequence_, record.number + 1);
    }
  }
  epoch_ = epoch;
  return {};
}

}  // namespace rhei
