#include "state/freeze_sweep.h"

#include "base/check.h"

namespace rhei {

namespace {

// Tombstones may take this much, or as much as the rows.
constexpr int64_t kErasedBytesMin = 64 << 10;

}  // namespace

void FreezeSweep::SetEpoch(uint32_t epoch, bool tracked) {
  epoch_word_ = FirstWordOf(epoch);
  tracked_ = tracked;
}

std::string* FreezeSweep::StartErasure(int group, RecordKind kind) {
  const uint32_t epoch = EpochOf(epoch_word_);
  if (base_from_ == epoch) return nullptr;
  return erased_.StartAdd(epoch, group, kind);
}

void FreezeSweep::EndErasure(int64_t state_bytes) {
  erased_.EndAdd();
  if (!active_ && erased_.bytes() > kErasedBytesMin && erased_.bytes() > state_bytes) NeedBases();
}

void FreezeSweep::NeedBases() {
  if (!tracked_) return;
  erased_.Clear();
  base_from_ = EpochOf(epoch_word_);
}

void FreezeSweep::Begin(const FreezeOrder& order, int64_t place, const KeyGroupSet& groups,
                        uint32_t end_id) {
  CHECK(!active_);
  SetEpoch(order.epoch + 1, true);
  active_ = true;
  erasures_done_ = false;
  every_block_ = (order.out->bases() & groups).any();
  order_ = order;
  place_ = place;
  next_id_ = ahead_from_ = 0;
  end_id_ = end_id;
  erased_.BeginSweep(order);
}

void FreezeSweep::End() {
  active_ = false;
  ahead_from_ = UINT32_MAX;
  if (published_meanwhile_ > 0) erased_.DropThrough(published_meanwhile_);
  published_meanwhile_ = 0;
}

void FreezeSweep::Published(uint32_t epoch) {
  if (active_) {
    published_meanwhile_ = epoch;
  } else {
    erased_.DropThrough(epoch);
  }
}

void FreezeSweep::RowsGone() {
  blocks_.Clear();
  next_id_ = end_id_;
  ahead_from_ = UINT32_MAX;
}

void FreezeSweep::Abandon() {
  active_ = false;
  ahead_from_ = UINT32_MAX;
}

}  // namespace rhei
