#pragma once
// SliceTables: one StateTable per slice of time (a window, a pane), so that what has expired goes
// away as a whole table. Slices are numbers that rise with time.
//
// Thread-safety: one thread. Pointers to tables stay valid until Drop.
#include <cstdint>
#include <map>
#include <memory>

#include "state/table.h"

namespace rhei {

class SliceTables {
 public:
  SliceTables(const TableSpec& spec, MemoryPool* pool) : spec_(spec), pool_(pool) {}

  StateTable* Find(int64_t slice);  // null when there is none
  StateTable* FindOrMake(int64_t slice);
  void Drop(int64_t slice) { tables_.erase(slice); }
  bool empty() const { return tables_.empty(); }
  // The first slice that is >= `from`; false when there is none.
  bool FirstFrom(int64_t from, int64_t* slice) const;

  const TableSpec& spec() const { return spec_; }
  uint64_t row_count() const;
  int64_t bytes() const;
  void SetEpoch(uint32_t epoch);
  void Save(std::span<std::string> out);
  Status Load(std::span<const std::string_view> images);

 private:
  TableSpec spec_;
  MemoryPool* pool_;
  uint32_t epoch_ = 0;
  std::map<int64_t, std::unique_ptr<StateTable>> tables_;
};

}  // namespace rhei
