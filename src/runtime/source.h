#pragma once
// The source side of a connector: an enumerator finds splits, a reader turns splits into chunks of
// raw records. The runtime's source operator (operators/source.cc) owns decoding, watermarks and
// counting, so a connector knows nothing of them.
//
// Threads: the enumerator and the reader live on the source's own I/O thread, where they may wait;
// chunks go to the shard through a bounded queue, so a slow job stops the reader. Split state is an
// opaque byte string of the connector (path and offset, topic, partition and offset).
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "columnar/batch.h"
#include "columnar/record_chunk.h"

namespace rhei {

struct SourceSplit {
  std::string id;     // stable: "/data/access.log", "clicks-2"
  std::string state;  // position; empty: from the start mode of the table
  int64_t size = -1;  // how far positions go, where that is known when the split is found
};

class SplitEnumerator {
 public:
  virtual ~SplitEnumerator() = default;
  // New splits since the last call, in the order in which they should be read. Called again every
  // discovery interval while not `*finished`; bounded sources set it at once.
  virtual Result<std::vector<SourceSplit>> Discover(bool* finished) = 0;
  virtual int64_t discovery_interval_ms() const { return 0; }
  // True (files): a shard gets the next split when it has read its last one to the end. False
  // (partitions): every split is dealt at once, round robin.
  virtual bool one_split_at_a_time() const { return true; }
  // Ids handed out and done, so that a restored enumerator does not hand them out again.
  virtual std::string Snapshot() = 0;
  virtual Status Restore(std::string_view state) = 0;
};

enum class PollResult : uint8_t {
  kChunk,     // *chunk holds records
  kNothing,   // nothing now; every split is caught up (a source may call itself idle)
  kSplitEnd,  // chunk->split is read to its end
  kEnd,       // every split is at its end (bounded)
};

class SourceReader {
 public:
  virtual ~SourceReader() = default;
  // `split_number` is what chunks carry in RecordChunk::split.
  virtual Status AddSplit(const SourceSplit& split, int32_t split_number) = 0;
  // Waits at most wait_micros. Chunks of one split come in order.
  virtual Result<PollResult> Poll(int64_t wait_micros, RecordChunk* chunk) = 0;
  // The state from which a reader would go on at `next_offset` of that split. Called from the
  // shard: it must not look at anything that Poll or AddSplit change.
  virtual std::string StateAfter(int32_t split_number, int64_t next_offset) = 0;
  // Whether nothing waits to be read in the split; asked of splits that have been silent for their
  // idle timeout, so that a slow one is never called idle.
  virtual bool CaughtUp(int32_t /*split_number*/) { return true; }
  // The barrier's checkpoint is published: positions by split (Kafka: commit to the group).
  virtual Status OnCheckpointComplete(const std::vector<SourceSplit>& /*positions*/) { return {}; }
  virtual Status Close() { return {}; }
};

// Already typed rows, without a format: datagen, values, script. Runs on the shard and never waits.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // Fills at most rows_max rows. kNothing: ask again at *wake_micros (wall clock).
  virtual Result<PollResult> Next(int32_t rows_max, Batch* batch, int64_t* wake_micros) = 0;
  virtual std::string Snapshot() = 0;
  virtual Status Restore(std::string_view state) = 0;
};

}  // namespace rhei
