#pragma once
// RecordReader: a connector's SourceReader on its I/O work, with a bounded queue of chunks between
// it and the shard. A full queue stops the reading, so a slow job is not read for.
//
// Idleness is judged here, where it can be told from slowness: a split is idle when it is caught up
// and has given no record for the timeout while the reader was free to read.
// Thread-safety: the shard calls everything but Step.
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "columnar/record_chunk.h"
#include "runtime/operator.h"
#include "runtime/source.h"

namespace rhei {

class RecordReader final : public IoWork {
 public:
  struct Entry {
    enum class Kind : uint8_t { kChunk, kSplitEnd, kSplitIdle };
    Kind kind = Kind::kChunk;
    int32_t split = 0;
    RecordChunk chunk;
  };

  RecordReader(std::unique_ptr<SourceReader> reader, Clock* clock, WakeupService* wakeup,
               int64_t idle_timeout_ms);
  ~RecordReader() override;

  void Start(IoService* io);
  void AddSplit(const SourceSplit& split, int32_t number);
  // False: nothing has arrived.
  bool Take(Entry* entry);
  Status failure();
  std::string StateAfter(int32_t split, int64_t next_offset) {
    return reader_->StateAfter(split, next_offset);
  }
  void CheckpointComplete(std::vector<SourceSplit> positions);
  // Ends the reading, and tells the connector what it has not heard yet of checkpoints. May wait.
  Status Close();

  IoResult Step(int64_t wait_micros) override;
  int64_t pause_micros() const override { return 20'000; }

 private:
  static constexpr size_t kQueueChunksMax = 4;

  struct Silence {
    int64_t since_micros = 0;
    bool idle = false;
  };
  Status RunCommands();
  Status TellCompleted();
  void Push(Entry entry);
  void FindIdle(int64_t now_micros);
  IoResult Fail(const Status& status);

  std::unique_ptr<SourceReader> reader_;
  Clock* clock_;
  WakeupService* wakeup_;
  const int64_t idle_timeout_micros_;
  std::map<int32_t, Silence> silences_;  // the I/O work's
  bool was_full_ = false;

  std::mutex mutex_;
  std::deque<Entry> queue_;
  size_t chunk_count_ = 0;
  std::vector<std::pair<SourceSplit, int32_t>> added_;
  std::vector<std::vector<SourceSplit>> completed_;
  Status failure_;
  std::unique_ptr<IoHandle> handle_;
};

}  // namespace rhei
