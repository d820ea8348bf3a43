#pragma once
// StateStore: all the state of one operator instance on one shard. Operators declare their tables,
// multimaps, timers and lists at Open and never snapshot anything themselves: at a barrier the task
// freezes the store, and sweeps it in small steps while the operator goes on (state/freeze.h).
//
// Frozen state is bytes by section: one section per (state name, key group), so that a restore may
// deal key groups to another number of shards. List states are not keyed: their elements are dealt
// to the shards again (every shard sees them all through ListState::restored() and takes its own).
// Thread-safety: one shard at a time; a FrozenState is immutable and may be read by any thread;
// RequestReading and reading() from any thread.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/memory_charge.h"
#include "base/memory_pool.h"
#include "base/status.h"

namespace rhei {

class Threads;        // base/env.h
class StateTable;     // state/table.h: key -> row of typed slots
class SliceTables;    // state/slice_tables.h: such a table per slice of time
class StateMultimap;  // state/multimap.h: key -> counted rows in order
class TimerQueue;     // state/timers.h: (time, key) in order of time
class ListState;      // state/list_state.h: unkeyed byte strings (splits, staged files)
struct StateReading;  // state/freeze.h: what SHOW STATE says of one state
struct TableSpec;
struct MultimapSpec;
struct TimerSpec;

// The bytes of a section that a checkpoint leaves on its disk until they are wanted.
// Thread-safety: any thread; Read may wait. What it gives is verified.
class StoredBytes {
 public:
  virtual ~StoredBytes() = default;
  virtual uint64_t size() const = 0;
  virtual Result<std::string> Read() const = 0;
};

// What one barrier preserved of one operator instance.
// One state of one key group has a chain of sections: a base, then deltas in the order of their
// epochs. A base replaces the whole chain before it (an empty base ends it); a keyed state without
// a section in a barrier has not changed since the newest published one. Unkeyed states (lists)
// always come as bases, one per shard.
struct StateSection {
  std::string state_name;
  int key_group = -1;  // -1: not keyed
  std::string bytes;
  bool is_delta = false;
  std::shared_ptr<const StoredBytes> stored = nullptr;  // instead of `bytes`

  uint64_t size() const { return stored == nullptr ? bytes.size() : stored->size(); }
  // The bytes wherever they are; `buffer` holds them if they were stored.
  Result<std::string_view> Read(std::string* buffer) const;
};

struct FrozenState {
  std::string operator_id;
  uint64_t epoch = 0;
  std::vector<StateSection> sections;
  // Of their bytes, where they are counted; copies share it.
  std::shared_ptr<MemoryCharge> charge = nullptr;
};

// The key groups a shard owns: [first, last).
struct KeyGroupRange {
  int first = 0;
  int last = 0;
  bool contains(int key_group) const { return key_group >= first && key_group < last; }
};

class StateStore {
 public:
  StateStore(std::string operator_id, KeyGroupRange key_groups, MemoryPool* pool);
  ~StateStore();
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  const std::string& operator_id() const;
  KeyGroupRange key_groups() const;
  MemoryPool* pool() const;

  // Open calls: at the operator's Open only, names unique within the operator. When the store was
  // restored, the opened state holds the restored content. A spec that does not fit the stored
  // schema is a kStateMismatch.
  Result<StateTable*> OpenTable(const TableSpec& spec);
  Result<SliceTables*> OpenSlices(const TableSpec& spec);
  Result<StateMultimap*> OpenMultimap(const MultimapSpec& spec);
  Result<TimerQueue*> OpenTimers(const TimerSpec& spec);
  Result<ListState*> OpenList(std::string_view name);

  // Gives the store the whole chains of this operator (from any number of shards), before the
  // operator's Open. Sections of foreign key groups are left out. `continues`: what is frozen goes
  // to where the chains lie, and may be deltas to them; otherwise all of it is bases at first.
  // `threads`: for reading what is stored ahead of loading it; may be null.
  Status Restore(const std::vector<std::shared_ptr<const FrozenState>>& frozen,
                 bool continues = false, Threads* threads = nullptr);
  // Behind the operator's Open: lets go of what was restored. States that were not opened again are
  // ended at the next barrier.
  void EndRestore();

  // A consistent view as of now: what has changed since the newest published epoch. BeginFreeze,
  // then StepFreeze until it says true, then TakeFrozen; the state may be written between the steps
  // but not be frozen again. `budget_bytes`: about how much a step may look at and write.
  void BeginFreeze(uint64_t epoch);
  // Where frozen bytes are counted as long as anybody holds them; null: nowhere.
  void CountFrozenIn(std::shared_ptr<MemoryPool> pool);
  bool StepFreeze(int64_t budget_bytes);
  // kResource: a row is too large for a record; nothing can be saved of this state.
  Result<std::shared_ptr<const FrozenState>> TakeFrozen();
  // All of it at once.
  Result<std::shared_ptr<const FrozenState>> Freeze(uint64_t epoch);
  // A checkpoint of `epoch` is published: what it holds need not be saved again.
  void Published(uint64_t epoch);

  // What the states hold. It is as of the last barrier, or of the last PublishReading, which the
  // shard calls when reading_wanted(); null before the first.
  void RequestReading();
  bool reading_wanted() const;
  void PublishReading();
  std::shared_ptr<const std::vector<StateReading>> reading() const;

  struct Size {
    int64_t rows = 0;
    int64_t bytes = 0;
  };
  Size size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rhei
