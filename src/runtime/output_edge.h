#pragma once
// OutputEdge: one consumer of a task's output: routes batches to the consumer's instances.
//
// A keyed edge scatters rows into one builder per destination. A builder goes out when it is large
// enough, when a few batches have passed, or when the task runs dry (Flush). Every destination gets
// every watermark point, of several between two rows the last. What finds no room in its channel
// waits here; each destination is drained on its own, so a full one never holds up another, and the
// task is not run while anything waits.
// Thread-safety: the producing shard's.
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/memory_pool.h"
#include "runtime/channel.h"
#include "runtime/job_graph.h"

namespace rhei {

class OutputEdge {
 public:
  struct Config {
    int port = kMainPort;
    Routing routing = Routing::kForward;
    std::vector<int> hash_columns;
    int32_t flush_rows = 1024;
    MemoryPool* pool = nullptr;
  };
  // One channel per instance of the consumer (kForward: one).
  OutputEdge(Config config, std::vector<Channel*> channels);

  int port() const { return config_.port; }
  void PushBatch(Batch batch);
  // Builders first, then the element to every destination.
  void PushControl(ChannelKind kind, uint64_t number);
  // Sends what the builders hold.
  void Flush();
  bool has_built() const { return built_; }
  // Moves what waits into the channels. True when something moved.
  bool Drain();
  bool blocked() const { return waiting_count_ > 0; }
  bool closed_early() const;
  int64_t rows_sent() const;

 private:
  struct Destination {
    Channel* channel = nullptr;
    std::vector<Batch> parts;  // the builder
    int32_t part_rows = 0;
    int32_t batches_seen = 0;  // since the last flush
    std::deque<ChannelElement> waiting;
    int64_t rows_sent = 0;
    std::vector<int32_t> rows;  // scratch of Scatter
  };

  void Scatter(const Batch& batch);
  void Add(Destination& to, Batch part);
  void FlushOne(Destination& to);
  void Send(Destination& to, ChannelElement element);

  Config config_;
  std::vector<Destination> destinations_;
  std::vector<uint64_t> hashes_;
  size_t next_destination_ = 0;
  int waiting_count_ = 0;
  bool built_ = false;
};

// One batch of all rows and points of `parts` (same columns; at least one).
Batch ConcatenateBatches(std::vector<Batch> parts, MemoryPool* pool);

}  // namespace rhei
