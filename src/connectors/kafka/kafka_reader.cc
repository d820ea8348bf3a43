// Gathers the messages of one fetch by partition and copies each partition's into one chunk. Guards
// the order: what is not behind the last record of its partition is dropped, and what lies at or
// behind the stop ends it.
#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "connectors/kafka/kafka_source.h"

namespace rhei {
namespace {

class KafkaReader final : public SourceReader {
 public:
  KafkaReader(std::unique_ptr<KafkaConsumer> consumer, bool commits, bool with_keys,
              bool with_headers, OutputStream* warnings, MemoryPool* pool)
      : consumer_(std::move(consumer)),
        commits_(commits),
        with_keys_(with_keys),
        with_headers_(with_headers),
        warnings_(warnings),
        pool_(pool) {}

  Status AddSplit(const SourceSplit& split, int32_t split_number) override {
    const std::optional<KafkaPosition> position = KafkaPosition::Parse(split.state);
    if (!position.has_value()) {
      return DataError(fmt::format("{}: stored position '{}' is damaged", split.id, split.state));
    }
    Partition& partition = partitions_[split_number];
    partition.partition = KafkaPartitionOf(split.id);
    partition.name = partition.partition.Name();
    partition.next = position->offset;
    partition.stop = position->stop;
    {
      const std::lock_guard lock(stops_mutex_);
      stops_[split_number] = position->stop;
    }
    if (partition.stop != kKafkaNoOffset && partition.next >= partition.stop) {
      partition.ended = true;
      ended_.push_back(split_number);
      return {};
    }
    return consumer_->Start(partition.partition, partition.next, split_number);
  }

  Result<PollResult> Poll(int64_t wait_micros, RecordChunk* chunk) override {
    if (chunks_.empty() && ended_.empty()) RETURN_IF_ERROR(Fetch(wait_micros));
    if (!chunks_.empty()) {
      *chunk = std::move(chunks_.front());
      chunks_.pop_front();
      return PollResult::kChunk;
    }
    if (ended_.empty()) return PollResult::kNothing;
    *chunk = RecordChunk();
    chunk->split = ended_.front();
    ended_.pop_front();
    const Partition& partition = partitions_[chunk->split];
    chunk->split_name = partition.name;
    chunk->next_offset = partition.next;
    return PollResult::kSplitEnd;
  }

  std::string StateAfter(int32_t split_number, int64_t next_offset) override {
    const std::lock_guard lock(stops_mutex_);
    return KafkaPosition{next_offset, stops_[split_number]}.Print();
  }

  bool CaughtUp(int32_t split_number) override {
    const auto found = partitions_.find(split_number);
    return found == partitions_.end() || found->second.caught_up;
  }

  Status OnCheckpointComplete(const std::vector<SourceSplit>& positions) override {
    if (!commits_) return {};
    std::vector<std::pair<KafkaPartition, int64_t>> changed;
    for (const SourceSplit& split : positions) {
      const std::optional<KafkaPosition> position = KafkaPosition::Parse(split.state);
      if (!position.has_value()) continue;
      const auto known = committed_.find(split.id);
      if (known != committed_.end() && known->second == position->offset) continue;
      committed_[split.id] = position->offset;
      changed.emplace_back(KafkaPartitionOf(split.id), position->offset);
    }
    if (changed.empty()) return {};
    const Status status = consumer_->Commit(changed);
    if (status.ok()) return {};
    // The job's positions are its own; the group's are for those who look on. As in Flink, that
    // they could not be told ends nothing.
    committed_.clear();
    return warnings_->Write(fmt::format("warning: kafka: {}\n", status.message()));
  }

 private:
  struct Partition {
    KafkaPartition partition;
    std::string name;
    int64_t next = 0;  // no record before it is handed out
    int64_t stop = kKafkaNoOffset;
    bool caught_up = false;
    bool ended = false;
    std::vector<uint32_t> gathered;  // of the fetch at work
    size_t gathered_bytes = 0;
  };

  Status Fetch(int64_t wait_micros) {
    RETURN_IF_ERROR(consumer_->Fetch(wait_micros, &messages_));
    touched_.clear();
    int32_t last_number = -1;
    Partition* partition = nullptr;
    for (size_t i = 0; i < messages_.size(); ++i) {
      const KafkaMessage& message = messages_[i];
      if (partition == nullptr || message.number != last_number) {
        last_number = message.number;
        partition = &partitions_[last_number];
      }
      if (partition->ended) continue;
      if (message.at_end) {
        partition->caught_up = true;
      } else if (message.offset < partition->next) {
        continue;
      }
      if (partition->stop != kKafkaNoOffset && message.offset >= partition->stop) {
        End(message.number, partition);
        continue;
      }
      if (message.at_end) continue;
      if (partition->gathered.empty()) touched_.emplace_back(message.number, partition);
      partition->gathered.push_back(static_cast<uint32_t>(i));
      partition->gathered_bytes +=
          message.key.size() + message.value.size() + message.headers.size() + 1;
      partition->next = message.offset + 1;
      partition->caught_up = false;
      if (partition->next == partition->stop) End(message.number, partition);
    }
    for (const auto& [number, gathered] : touched_) MakeChunk(number, gathered);
    for (const int32_t number : to_stop_) RETURN_IF_ERROR(consumer_->Stop(number));
    to_stop_.clear();
    return {};
  }

  void End(int32_t number, Partition* partition) {
    partition->ended = true;
    partition->caught_up = true;
    ended_.push_back(number);
    to_stop_.push_back(number);
  }

  void MakeChunk(int32_t number, Partition* partition) {
    RecordChunk& chunk = chunks_.emplace_back();
    chunk.buffer = Buffer::Allocate(partition->gathered_bytes, pool_);
    chunk.split = number;
    chunk.split_name = partition->name;
    const size_t count = partition->gathered.size();
    chunk.values.reserve(count);
    chunk.offsets.reserve(count);
    chunk.timestamps_ms.reserve(count);
    if (with_keys_) chunk.keys.reserve(count);
    if (with_headers_) chunk.headers.reserve(count);
    char* const start = chunk.buffer->chars();
    char* at = start;
    const auto put = [&](std::string_view bytes) {
      const ByteSpan span{static_cast<uint32_t>(at - start), static_cast<uint32_t>(bytes.size())};
      if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
      at += bytes.size();
      return span;
    };
    constexpr ByteSpan kNullSpan{0, ByteSpan::kNull};
    for (const uint32_t index : partition->gathered) {
      const KafkaMessage& message = messages_[index];
      chunk.values.push_back(message.has_value ? put(message.value) : kNullSpan);
      if (with_keys_) chunk.keys.push_back(message.has_key ? put(message.key) : kNullSpan);
      if (with_headers_) {
        const char type = static_cast<char>(message.timestamp_type);
        ByteSpan span = put({&type, 1});
        span.size += put(message.headers).size;
        chunk.headers.push_back(span);
      }
      chunk.offsets.push_back(message.offset);
      chunk.timestamps_ms.push_back(message.timestamp_ms);
    }
    chunk.buffer->Shrink(static_cast<size_t>(at - start));
    chunk.next_offset = chunk.offsets.back() + 1;
    partition->gathered.clear();
    partition->gathered_bytes = 0;
  }

  std::unique_ptr<KafkaConsumer> consumer_;
  const bool commits_;
  const bool with_keys_;
  const bool with_headers_;
  OutputStream* warnings_;
  MemoryPool* pool_;
  std::map<int32_t, Partition> partitions_;  // by split number
  std::vector<KafkaMessage> messages_;
  std::vector<std::pair<int32_t, Partition*>> touched_;
  std::deque<RecordChunk> chunks_;
  std::deque<int32_t> ended_;
  std::vector<int32_t> to_stop_;
  std::map<std::string, int64_t> committed_;  // by split id
  std::mutex stops_mutex_;
  std::map<int32_t, int64_t> stops_;
};

}  // namespace

std::unique_ptr<SourceReader> MakeKafkaReader(std::unique_ptr<KafkaConsumer> consumer, bool commits,
                                              bool with_keys, bool with_headers,
                                              OutputStream* warnings, MemoryPool* pool) {
  return std::make_unique<KafkaReader>(std::move(consumer), commits, with_keys, with_headers,
                                       warnings, pool);
}

}  // namespace rhei
