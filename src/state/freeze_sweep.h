#pragma once
// FreezeSweep: the part of a freeze (state/freeze.h) that is the same for every state of rows: the
// epoch that is written now, the newest epoch of each block of rows, the tombstones, and how far
// the sweep has come.
//
// Rows have ids, given out from 0 on; a row of the state has the EpochWord of its last change
// beside it. Call order of the state: Note for each row that is added or changed; MustSave before
// an old row changes or goes, and where it says so the row's record (StartRow, EndRow) comes first;
// StartErasure when a row goes that MayBeKept; RowsGone when all went at once.
// Thread-safety: one thread.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "state/freeze.h"

namespace rhei {

// The newest epoch in each block of rows: a sweep passes over the blocks that did not change.
class BlockEpochs {
 public:
  static constexpr uint32_t kBlockRows = 64;
  void Note(uint32_t id, EpochWord word) {
    const size_t block = id / kBlockRows;
    if (block >= words_.size()) words_.resize(block + 1);
    words_[block] = word;
  }
  EpochWord newest(uint32_t id) const { return words_[id / kBlockRows]; }
  void Clear() { words_.clear(); }

 private:
  std::vector<EpochWord> words_;
};

class FreezeSweep {
 public:
  explicit FreezeSweep(MemoryPool* pool) : erased_(pool) {}

  void SetEpoch(uint32_t epoch, bool tracked);
  EpochWord epoch_word() const { return epoch_word_; }
  // The epoch before this one, which a checkpoint has seen: that of restored rows.
  EpochWord restored_word() const { return epoch_word_ == 0 ? 0 : (epoch_word_ - 1) | kSeenBit; }
  // A checkpoint may hold the row, so that its end needs a tombstone.
  bool MayBeKept(EpochWord word) const {
    return tracked_ && (word < epoch_word_ || (word & kSeenBit) != 0);
  }
  void Note(uint32_t id, EpochWord word) { blocks_.Note(id, word); }

  // Whether the freeze that is under way still wants the row, which is about to change or to go.
  bool MustSave(uint32_t id, EpochWord word, int group) const {
    return id >= ahead_from_ && IsWanted(word, group);
  }
  // A row's record; EndRow gives its bytes.
  std::string* StartRow(int group, RecordKind kind = RecordKind::kRow) {
    open_ = order_.out->StartRecord(group, place_, kind);
    open_start_ = open_->size();
    return open_;
  }
  int64_t EndRow() {
    const size_t bytes = open_->size() - open_start_;
    order_.out->EndRecord();
    return static_cast<int64_t>(bytes);
  }
  // The same with the whole record at hand.
  int64_t AddRow(int group, std::string_view record) {
    order_.out->AddRecord(group, place_, RecordKind::kRow, record);
    return static_cast<int64_t>(record.size());
  }

  // For a row that MayBeKept. Null when the next freeze writes bases only; else write the payload,
  // and tell EndErasure the bytes of the state without its tombstones.
  std::string* StartErasure(int group, RecordKind kind);
  void EndErasure(int64_t state_bytes);
  int64_t erased_bytes() const { return erased_.bytes(); }
  // What is gone left no tombstones.
  void NeedBases();
  uint32_t base_from() const { return base_from_; }

  // A freeze of the rows below `end_id`; `groups`: those of the live ones, whatever was erased.
  // `place` goes with every record.
  void Begin(const FreezeOrder& order, int64_t place, const KeyGroupSet& groups, uint32_t end_id);
  bool active() const { return active_; }
  // save(id) writes the row when it is live and IsWanted, and gives its bytes or 0. True at the
  // end.
  template <typename Save>
  bool Step(FreezeBudget* budget, Save&& save) {
    if (!active_) return true;
    if (!erasures_done_) erasures_done_ = erased_.StepSweep(order_, place_, budget);
    while (next_id_ < end_id_) {
      if (budget->left <= 0) return false;
      const uint32_t end = std::min((next_id_ | (BlockEpochs::kBlockRows - 1)) + 1, end_id_);
      budget->left -= FreezeBudget::kPerRow;
      if (every_block_ || EpochOf(blocks_.newest(next_id_)) > order_.published) {
        for (uint32_t id = next_id_; id < end; ++id) budget->left -= save(id);
        budget->left -= FreezeBudget::kPerRow * (end - next_id_);
      }
      next_id_ = ahead_from_ = end;
    }
    if (!erasures_done_) return false;
    End();
    return true;
  }
  bool IsWanted(EpochWord word, int group) const {
    return word < epoch_word_ && (EpochOf(word) > order_.published ||
                                  order_.out->bases().test(static_cast<size_t>(group)));
  }
  void Published(uint32_t epoch);
  // Every row is gone, saved before where that was wanted; ids begin at 0 again.
  void RowsGone();
  // The state dies: the buffers of a freeze may be gone.
  void Abandon();

 private:
  void End();

  EpochWord epoch_word_ = 0;
  // The first row that the sweep has not reached.
  uint32_t ahead_from_ = UINT32_MAX;
  bool tracked_ = false;  // a checkpoint may hold what is erased
  uint32_t base_from_ = 0;
  BlockEpochs blocks_;
  ErasureLog erased_;

  bool active_ = false;
  bool erasures_done_ = false;
  bool every_block_ = false;
  FreezeOrder order_;
  int64_t place_ = 0;
  uint32_t next_id_ = 0;
  uint32_t end_id_ = 0;
  uint32_t published_meanwhile_ = 0;
  std::string* open_ = nullptr;
  size_t open_start_ = 0;
};

// A keyed state with one sweep over its rows.
class SweptState : public KeyedState {
 public:
  void SetEpoch(uint32_t epoch, bool tracked) override { sweep_.SetEpoch(epoch, tracked); }
  uint32_t base_from() const override { return sweep_.base_from(); }
  void Published(uint32_t epoch) override { sweep_.Published(epoch); }

 protected:
  explicit SweptState(MemoryPool* pool) : sweep_(pool) {}
  FreezeSweep sweep_;
};

}  // namespace rhei
