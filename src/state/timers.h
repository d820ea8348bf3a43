#pragma once
// TimerQueue: (time, key) pairs in order of time, each at most once; pairs of one time come in the
// order in which they were added, also after a restore.
//
// Timers are taken in their order, so what has fired is one record of a checkpoint per key group:
// the last one; what stood before it is gone. Only Remove leaves a tombstone of its own.
//
// A key is a byte string of the operator's with the row hash it belongs to (for the key group).
// Thread-safety: one thread.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/held_bytes.h"
#include "base/status.h"
#include "state/byte_pool.h"
#include "state/freeze_sweep.h"
#include "state/hash_index.h"

namespace rhei {

struct TimerSpec {
  std::string name;
};

struct Timer {
  int64_t time_ms = 0;
  uint64_t hash = 0;
  std::string key;
};

class TimerQueue final : public SweptState {
 public:
  TimerQueue(const TimerSpec& spec, MemoryPool* pool);

  void Add(int64_t time_ms, uint64_t hash, std::string_view key);
  void Remove(int64_t time_ms, uint64_t hash, std::string_view key);
  // Takes out the earliest timer when it is due (time_ms <= now_ms).
  bool PopDue(int64_t now_ms, Timer* out);
  // The earliest time, or INT64_MAX.
  int64_t NextTime();

  const TimerSpec& spec() const { return spec_; }
  uint64_t size() const { return index_.size(); }
  int64_t bytes() const {
    return index_.bytes() + strings_.bytes() + sweep_.erased_bytes() + held_.bytes();
  }

  Status Load(ChainStream* chains) override;
  void BeginFreeze(const FreezeOrder& order) override;
  bool StepFreeze(FreezeBudget* budget) override;
  void Published(uint32_t epoch) override;

 private:
  class Shape;
  struct Entry {
    int64_t time_ms;
    uint64_t hash;
    StringView key;
    uint64_t sequence;
    EpochWord epoch;  // in which it was added
    bool live;
  };
  struct Place {
    int64_t time_ms;
    uint64_t sequence;
    uint32_t id;
  };
  static uint32_t IndexHash(int64_t time_ms, uint64_t hash);
  static bool Later(const Place& a, const Place& b);
  uint32_t FindId(int64_t time_ms, uint64_t hash, std::string_view key) const;
  void AddWith(int64_t time_ms, uint64_t hash, std::string_view key, uint64_t sequence,
               EpochWord epoch);
  void Kill(uint32_t id);
  int64_t SaveEntry(const Entry& entry);
  void NoteFired(const Entry& entry);
  void WriteFired(const FreezeOrder& order) const;
  void DropDead();
  // When the last timer is gone: gives the memory back.
  void ClearWhenEmpty();

  TimerSpec spec_;
  HeldBytes held_;
  std::vector<Entry> entries_;
  KeyGroupRows live_;
  std::vector<uint32_t> free_;
  std::vector<Place> heap_;
  HashIndex index_;
  BytePool strings_;
  uint64_t next_sequence_ = 0;
  // The last timer of a key group that fired in an epoch, of those that a freeze had seen; kept
  // until the epoch is published.
  struct Fired {
    uint32_t epoch = 0;
    int group = 0;
    std::pair<int64_t, uint64_t> last;
  };
  std::array<Fired, kKeyGroupCount> fired_{};  // by group, of the newest epoch
  std::vector<Fired> fired_before_;
};

}  // namespace rhei
