#pragma once
// SliceTables: one StateTable per slice of time (a window, a pane), so that what has expired goes
// away as a whole table. Slices are numbers that rise with time.
//
// A dropped slice is one record of a checkpoint per key group. Thread-safety: one thread. Pointers
// to tables stay valid until Drop.
#include <cstdint>
#include <map>
#include <memory>

#include "state/table.h"

namespace rhei {

class SliceTables final : public KeyedState {
 public:
  SliceTables(const TableSpec& spec, MemoryPool* pool) : spec_(spec), pool_(pool) {}

  StateTable* Find(int64_t slice);  // null when there is none
  StateTable* FindOrMake(int64_t slice);
  void Drop(int64_t slice);
  bool empty() const { return tables_.empty(); }
  // The first slice that is >= `from`; false when there is none.
  bool FirstFrom(int64_t from, int64_t* slice) const;

  const TableSpec& spec() const { return spec_; }
  uint64_t row_count() const;
  uint64_t value_count() const;
  int64_t bytes() const;
  size_t slice_count() const { return tables_.size(); }

  void SetEpoch(uint32_t epoch, bool tracked) override;
  Status Load(ChainStream* chains) override;
  uint32_t base_from() const override;
  void BeginFreeze(const FreezeOrder& order) override;
  bool StepFreeze(FreezeBudget* budget) override;
  uint64_t RecordBytes() const override;
  void Published(uint32_t epoch) override;

 private:
  class Shape;
  // A slice that is gone, until a published checkpoint knows it.
  struct Dropped {
    int64_t slice = 0;
    uint32_t epoch = 0;
    KeyGroupSet groups;
  };

  TableSpec spec_;
  MemoryPool* pool_;
  uint32_t epoch_ = 0;
  bool tracked_ = false;
  uint32_t base_from_ = 0;  // of the slices that are gone
  std::map<int64_t, std::unique_ptr<StateTable>> tables_;
  std::vector<Dropped> dropped_;
  std::vector<StateTable*> sweeps_;                    // still to be swept, the next one at the end
  std::vector<std::unique_ptr<StateTable>> detached_;  // dropped before they were swept
};

}  // namespace rhei
