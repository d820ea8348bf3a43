#include "state/freeze.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace rhei {

namespace {

constexpr uint64_t kFirstBytes = 256;
// Room for a record over the end.
constexpr uint64_t kMostReserved = FreezeBuffers::kSectionBytes + (64 << 10);
constexpr size_t kLogHeadBytes = 6;
constexpr size_t kLogPieceBytes = size_t{1} << 20;

uint32_t HeadOf(size_t length, RecordKind kind) {
  return static_cast<uint32_t>(length << kRecordKindBits) | static_cast<uint32_t>(kind);
}

}  // namespace

void FreezeBuffers::Begin(std::string_view schema, const KeyGroupSet& bases) {
  schema_ = schema;
  bases_ = bases;
  oversized_ = false;
  groups_.assign(kKeyGroupCount, {});
}

std::string* FreezeBuffers::StringFor(int group, int64_t place, RecordKind kind) {
  Group& to = groups_[static_cast<size_t>(group)];
  const bool is_row = kind == RecordKind::kRow || kind == RecordKind::kValue;
  if (to.sections.empty() || (is_row && to.sections.back().size() > kSectionBytes)) {
    to.last_place = 0;
    // Strings double when they are full; those of different groups do so at different times.
    const uint64_t first =
        kFirstBytes + kFirstBytes * static_cast<uint64_t>(group) / kKeyGroupCount;
    const uint64_t wanted = to.expected_bytes + to.expected_bytes / 8;
    to.sections.emplace_back().reserve(std::clamp(wanted, first, kMostReserved));
    to.expected_bytes -= std::min<uint64_t>(to.expected_bytes, kSectionBytes);
    WriteBytes(schema_, &to.sections.back());
  }
  std::string* out = is_row ? &to.sections.back() : &to.sections.front();
  int64_t& current = to.sections.size() > 1 && is_row ? to.last_place : to.first_place;
  if (place != current) {
    current = place;
    WriteFixed(HeadOf(sizeof(place), RecordKind::kPlace), out);
    WriteFixed(place, out);
  }
  return out;
}

std::string* FreezeBuffers::StartRecord(int group, int64_t place, RecordKind kind) {
  open_ = StringFor(group, place, kind);
  open_start_ = open_->size();
  open_kind_ = kind;
  open_->append(sizeof(uint32_t), '\0');
  return open_;
}

void FreezeBuffers::EndRecord() {
  const size_t length = open_->size() - open_start_ - sizeof(uint32_t);
  if (length > kRecordBytesMax) {
    open_->resize(open_start_);
    oversized_ = true;
    return;
  }
  const uint32_t head = HeadOf(length, open_kind_);
  std::memcpy(open_->data() + open_start_, &head, sizeof(head));
}

void FreezeBuffers::AddRecord(int group, int64_t place, RecordKind kind, std::string_view payload) {
  std::string* out = StringFor(group, place, kind);
  WriteFixed(HeadOf(payload.size(), kind), out);
  out->append(payload);
}

int64_t FreezeBuffers::bytes() const {
  size_t bytes = 0;
  for (const Group& group : groups_) {
    for (const std::string& section : group.sections) bytes += section.capacity();
  }
  return static_cast<int64_t>(bytes);
}

std::string* ErasureLog::StartAdd(uint32_t epoch, int group, RecordKind kind) {
  if (epochs_.empty() || epochs_.back().epoch != epoch ||
      epochs_.back().records.size() > kLogPieceBytes) {
    epochs_.push_back({epoch, {}});
  }
  std::string* out = &epochs_.back().records;
  record_start_ = out->size();
  WriteFixed(static_cast<uint8_t>(group), out);
  WriteFixed(static_cast<uint8_t>(kind), out);
  WriteFixed(uint32_t{0}, out);
  return out;
}

void ErasureLog::EndAdd() {
  std::string& records = epochs_.back().records;
  const auto length = static_cast<uint32_t>(records.size() - record_start_ - kLogHeadBytes);
  std::memcpy(records.data() + record_start_ + 2, &length, sizeof(length));
  const auto added = static_cast<int64_t>(records.size() - record_start_);
  bytes_ += added;
  if (pool_ != nullptr) pool_->Charge(added);
}

void ErasureLog::Clear() {
  epochs_.clear();
  if (pool_ != nullptr) pool_->Release(bytes_);
  bytes_ = 0;
}

void ErasureLog::DropThrough(uint32_t epoch) {
  while (!epochs_.empty() && epochs_.front().epoch <= epoch) {
    const auto dropped = static_cast<int64_t>(epochs_.front().records.size());
    bytes_ -= dropped;
    if (pool_ != nullptr) pool_->Release(dropped);
    epochs_.erase(epochs_.begin());
  }
}

void ErasureLog::BeginSweep(const FreezeOrder& order) {
  sweep_epoch_ = 0;
  sweep_at_ = 0;
  while (sweep_epoch_ < epochs_.size() && epochs_[sweep_epoch_].epoch <= order.published) {
    ++sweep_epoch_;
  }
}

bool ErasureLog::StepSweep(const FreezeOrder& order, int64_t place, FreezeBudget* budget) {
  for (; sweep_epoch_ < epochs_.size(); ++sweep_epoch_, sweep_at_ = 0) {
    const Epoch& swept = epochs_[sweep_epoch_];
    if (swept.epoch > order.epoch) return true;
    while (sweep_at_ < swept.records.size()) {
      if (budget->left <= 0) return false;
      const char* head = swept.records.data() + sweep_at_;
      uint32_t length;
      std::memcpy(&length, head + 2, sizeof(length));
      const int group = static_cast<unsigned char>(head[0]);
      if (!order.out->bases().test(static_cast<size_t>(group))) {
        order.out->AddRecord(group, place, static_cast<RecordKind>(head[1]),
                             {head + kLogHeadBytes, length});
      }
      sweep_at_ += kLogHeadBytes + length;
      budget->left -= FreezeBudget::kPerRow + length;
    }
  }
  return true;
}

}  // namespace rhei
