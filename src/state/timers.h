#pragma once
// TimerQueue: (time, key) pairs in order of time, each at most once; pairs of one time come in the
// order in which they were added, also after a restore.
//
// A key is a byte string of the operator's with the row hash it belongs to (for the key group).
// Thread-safety: one thread.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "state/byte_pool.h"
#include "state/hash_index.h"
#include "state/state_bytes.h"

namespace rhei {

struct TimerSpec {
  std::string name;
};

struct Timer {
  int64_t time_ms = 0;
  uint64_t hash = 0;
  std::string key;
};

class TimerQueue {
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
    return index_.bytes() + strings_.bytes() +
           static_cast<int64_t>(entries_.size() * sizeof(Entry) + heap_.size() * sizeof(Place));
  }
  void Save(std::span<std::string> out);
  Status Load(std::span<const std::string_view> images);

 private:
  struct Entry {
    int64_t time_ms;
    uint64_t hash;
    StringView key;
    uint64_t sequence;
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
  void AddWith(int64_t time_ms, uint64_t hash, std::string_view key, uint64_t sequence);
  void Kill(uint32_t id);
  void DropDead();

  TimerSpec spec_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> free_;
  std::vector<Place> heap_;
  HashIndex index_;
  BytePool strings_;
  uint64_t next_sequence_ = 0;
};

}  // namespace rhei
