#pragma once
// Channel: what one operator instance sends to another: a bounded ring with one producer and one
// consumer, within a shard or between two.
//
// A full ring is backpressure: the producer's task is not run until there is room. The side that
// waits is woken by the other one: the consumer's shard on every push, the producer's shard on the
// first pop after it has found the ring full. Within one shard nobody needs waking.
// Thread-safety: one producing and one consuming thread at a time.
#include <atomic>
#include <cstdint>
#include <vector>

#include "columnar/batch.h"

namespace rhei {

enum class ChannelKind : uint8_t { kBatch, kIdle, kActive, kBundleEnd, kBarrier, kEnd };

// As Element (runtime/operator.h), and what only tasks see. Barriers follow kEnd too: an operator
// that is done still takes part in checkpoints.
struct ChannelElement {
  ChannelKind kind = ChannelKind::kBatch;
  Batch batch;
  uint64_t number = 0;    // kBarrier: epoch; kBundleEnd: number of the bundle, rising
  int64_t rows_sent = 0;  // kBarrier, kEnd: rows sent on this channel so far
};

// Who is to be woken; a shard.
class Wakeable {
 public:
  virtual ~Wakeable() = default;
  virtual void Wake() = 0;  // from any thread
};

class Channel {
 public:
  // The sides may be null (within one shard).
  Channel(int capacity, Wakeable* producer, Wakeable* consumer);

  // Producer. HasRoom's false promises a wake-up.
  bool HasRoom();
  void Push(ChannelElement element);  // REQUIRES: HasRoom().

  // Consumer.
  const ChannelElement* Front() const;  // null when empty
  ChannelElement Pop();                 // REQUIRES: Front() is not null.
  bool full() const;
  // The consumer wants no more rows (LIMIT); whatever still comes is thrown away.
  void CloseEarly();
  bool closed_early() const { return closed_early_.load(std::memory_order_acquire); }

 private:
  std::vector<ChannelElement> slots_;
  Wakeable* producer_;
  Wakeable* consumer_;
  alignas(64) std::atomic<uint64_t> pushed_{0};
  alignas(64) std::atomic<uint64_t> popped_{0};
  std::atomic<bool> producer_waits_{false};
  std::atomic<bool> closed_early_{false};
};

}  // namespace rhei
