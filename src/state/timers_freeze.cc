// A timer's record: time and sequence (its identity), hash, key. kErasedAll holds time and sequence
// of the last timer that fired.
#include <algorithm>
#include <limits>

#include "state/chain.h"
#include "state/timers.h"

namespace rhei {

void TimerQueue::BeginFreeze(const FreezeOrder& order) {
  sweep_.Begin(order, 0, live_.groups(), static_cast<uint32_t>(entries_.size()));
  WriteFired(order);
}

// When a timer is taken out, whatever is left stands behind it. Timers that are added later may
// stand before it again; a checkpoint has them beside this record.
void TimerQueue::NoteFired(const Entry& entry) {
  const int group = KeyGroupOf(entry.hash);
  Fired& fired = fired_[static_cast<size_t>(group)];
  const std::pair<int64_t, uint64_t> last{entry.time_ms, entry.sequence};
  const uint32_t epoch = EpochOf(sweep_.epoch_word());
  if (fired.epoch != epoch) {
    if (fired.epoch != 0) fired_before_.push_back(fired);
    fired = {epoch, group, last};
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
  return sweep_.Step(budget, [this](uint32_t id) {
    const Entry& entry = entries_[id];
    const bool wanted = entry.live && sweep_.IsWanted(entry.epoch, KeyGroupOf(entry.hash));
    return wanted ? SaveEntry(entry) : 0;
  });
}

void TimerQueue::Published(uint32_t epoch) {
  std::erase_if(fired_before_, [epoch](const Fired& fired) { return fired.epoch <= epoch; });
  sweep_.Published(epoch);
}

int64_t TimerQueue::SaveEntry(const Entry& entry) {
  std::string* out = sweep_.StartRow(KeyGroupOf(entry.hash));
  WriteFixed(entry.time_ms, out);
  WriteFixed(entry.sequence, out);
  WriteFixed(entry.hash, out);
  WriteBytes(entry.key.view(), out);
  return sweep_.EndRow();
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

Status TimerQueue::Load(ChainStream* chains) {
  const Status damaged{ErrorCode::kStateMismatch, spec_.name + ": a section is damaged"};
  std::vector<ChainRecord> records;
  Shape shape;
  GroupChain chain;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, chains->Next(&chain));
    if (!more) break;
    records.clear();
    if (!ReadChain(chain, &shape, &records)) return damaged;
    for (const ChainRecord& record : records) {
      ByteReader reader(record.body);
      const auto hash = reader.ReadFixed<uint64_t>();
      const std::string_view key = reader.ReadBytes();
      if (!reader.ok() || reader.left() > 0) return damaged;
      AddWith(record.place, hash, key, record.number, sweep_.restored_word());
      next_sequence_ = std::max(next_sequence_, record.number + 1);
    }
  }
  return {};
}

}  // namespace rhei
