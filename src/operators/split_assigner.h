#pragma once
// SplitAssigner: deals the splits of one source to its shards; one per source and job, shared by
// the instances. The connector's enumerator lives on its I/O work.
//
// Snapshots without coordination: shard 0 keeps the enumerator's state and the splits that no shard
// had at its barrier; each shard keeps the splits that it had at its own. A split dealt between the
// two barriers of one epoch may stand in both (the shard's entry wins) but never in none, because
// every deal remembers the dealt-to shard's last barrier. A split that a shard has read to its end
// is kept for one more barrier for the same reason.
// Thread-safety: everything from any thread.
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/operator.h"
#include "runtime/source.h"
#include "state/state_bytes.h"

namespace rhei {

// A split as it was found or restored.
struct SplitStart {
  SourceSplit split;
  int64_t watermark_ms = kNoWatermark;  // that its rows had reached
  int64_t ordinal = 0;                  // its place in the order of discovery
  int32_t shard = -1;                   // the only one that may take it; -1: any
};

void WriteSplit(const SplitStart& start, std::string* out);
SplitStart ReadSplit(ByteReader* reader);

class SplitAssigner final : public IoWork {
 public:
  SplitAssigner(std::unique_ptr<SplitEnumerator> enumerator, int shard_count, Clock* clock);
  ~SplitAssigner() override;

  // Before Start. `known`: ids that must not be dealt again beside `unread`, which are dealt first.
  Status Restore(std::string_view enumerator_state, std::vector<SplitStart> unread,
                 std::vector<std::string> known);
  // Who is woken when splits have come; null before the shard's service goes away.
  void Register(int shard, WakeupService* wakeup);
  // Begins to discover, once; the first caller's service is used.
  void Start(IoService* io);

  // The shard's next split. `last_epoch`: that of its last barrier.
  std::optional<SplitStart> Take(int shard, uint64_t last_epoch);
  // No split will ever come for the shard.
  bool Exhausted(int shard);
  // Nothing is waiting for the shard, and the outside has been looked at.
  bool NothingNow(int shard);
  Status failure();
  bool one_at_a_time() const { return one_at_a_time_; }
  // Of all splits found since the start; -1 while more may come or when one's size is not known.
  int64_t total_size();

  // For shard 0's barrier: the enumerator's state, and splits that no shard's state for `epoch`
  // holds.
  std::string EnumeratorState();
  std::vector<SplitStart> Unread(uint64_t epoch);

  IoResult Step(int64_t wait_micros) override;
  int64_t pause_micros() const override;

 private:
  struct Dealt {
    SplitStart start;
    uint64_t last_epoch = 0;
  };
  // REQUIRES: mutex_ held.
  void Add(SplitStart start);

  std::unique_ptr<SplitEnumerator> enumerator_;
  Clock* clock_;
  const bool one_at_a_time_;
  std::mutex mutex_;
  std::vector<WakeupService*> wakeups_;
  std::deque<SplitStart> common_;                 // one at a time
  std::vector<std::deque<SplitStart>> by_shard_;  // all at once, or meant for that shard
  size_t next_shard_ = 0;
  int64_t next_ordinal_ = 0;
  std::vector<Dealt> dealt_;
  std::set<std::string> known_;
  std::string enumerator_state_;
  bool discovered_ = false;
  bool finished_ = false;
  int64_t total_size_ = 0;
  bool sizes_known_ = true;
  Status failure_;
  std::unique_ptr<IoHandle> handle_;
};

}  // namespace rhei
