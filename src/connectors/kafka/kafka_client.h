#pragma once
// KafkaAdmin, KafkaConsumer, KafkaProducer: all that this connector knows of a Kafka client, so
// that librdkafka (librdkafka_client.cc) can be replaced by a fake or by a fetch path of our own.
//
// Nothing is touched before the first call; every call may wait, up to kKafkaAnswerMillis for a
// broker that does not answer (kIo, naming the servers), so calls belong on I/O work.
// Errors: kIo for brokers that do not answer, kNotFound for a missing topic, kInvalidArgument for
// settings, credentials and rights. Thread-safety: one thread at a time.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/env.h"
#include "base/status.h"

namespace rhei {

inline constexpr int64_t kKafkaAnswerMillis = 10'000;
inline constexpr int64_t kKafkaNoOffset = -1;

// Name and value, in the names of librdkafka.
using KafkaSettings = std::vector<std::pair<std::string, std::string>>;

struct KafkaClientConfig {
  std::string servers;   // for messages
  std::string group_id;  // empty: none; nothing is committed then
  KafkaSettings settings;
  Clock* clock = nullptr;
};

struct KafkaPartition {
  std::string topic;
  int32_t partition = 0;
  // "clicks/2", as messages name it.
  std::string Name() const { return topic + "/" + std::to_string(partition); }
};

class KafkaAdmin {
 public:
  virtual ~KafkaAdmin() = default;
  virtual Result<std::vector<std::string>> Topics() = 0;  // without Kafka's internal ones
  // With the broker's defaults for all else. kInvalidArgument when it exists.
  virtual Status CreateTopic(const std::string& topic, int32_t partitions) = 0;
  virtual Result<int32_t> PartitionCount(const std::string& topic) = 0;
  virtual Result<int64_t> EarliestOffset(const KafkaPartition& partition) = 0;
  virtual Result<int64_t> LatestOffset(const KafkaPartition& partition) = 0;
  // Of the first record at or after that time; kKafkaNoOffset when there is none.
  virtual Result<int64_t> OffsetAtTime(const KafkaPartition& partition, int64_t timestamp_ms) = 0;
  // Of config.group_id; kKafkaNoOffset when it has committed none.
  virtual Result<int64_t> CommittedOffset(const KafkaPartition& partition) = 0;
};

enum class KafkaTimestampType : uint8_t { kNone, kCreateTime, kLogAppendTime };

struct KafkaMessage {
  int32_t number = 0;      // of the partition, as given to Start
  bool at_end = false;     // no record: the partition has none at or after `offset` now
  bool has_key = false;    // else the key is null
  bool has_value = false;  // else the value is null
  KafkaTimestampType timestamp_type = KafkaTimestampType::kNone;
  int64_t offset = 0;
  int64_t timestamp_ms = -1;
  std::string_view key;
  std::string_view value;
  std::string_view headers;  // as kafka_headers.h writes them; only when asked for
};

class KafkaConsumer {
 public:
  virtual ~KafkaConsumer() = default;
  // Begins to read at `offset`. A partition is started once in the life of a consumer.
  virtual Status Start(const KafkaPartition& partition, int64_t offset, int32_t number) = 0;
  virtual Status Stop(int32_t number) = 0;
  // Waits at most wait_micros for the first message and takes what has arrived. The messages point
  // into memory of the consumer that lasts until the next call.
  virtual Status Fetch(int64_t wait_micros, std::vector<KafkaMessage>* messages) = 0;
  // Positions (the next offset to read) for the group.
  virtual Status Commit(const std::vector<std::pair<KafkaPartition, int64_t>>& positions) = 0;
};

struct KafkaRecord {
  bool has_key = false;
  bool has_value = false;
  std::string_view key;
  std::string_view value;
  std::string_view headers;   // as kafka_headers.h writes them
  int32_t partition = -1;     // -1: by the key (murmur2, as Java does), any without one
  int64_t timestamp_ms = -1;  // -1: now
};

class KafkaProducer {
 public:
  virtual ~KafkaProducer() = default;
  virtual Result<int32_t> PartitionCount() = 0;
  // Copies the record. False: no room, call Poll and try again.
  virtual Result<bool> Send(const KafkaRecord& record) = 0;
  // Takes acknowledgements, waiting at most wait_micros for the first; fails with the first record
  // that could not be delivered.
  virtual Status Poll(int64_t wait_micros) = 0;
  virtual int64_t unacknowledged() const = 0;
};

std::unique_ptr<KafkaAdmin> MakeKafkaAdmin(KafkaClientConfig config);
std::unique_ptr<KafkaConsumer> MakeKafkaConsumer(KafkaClientConfig config, bool with_headers,
                                                 int32_t records_max);
std::unique_ptr<KafkaProducer> MakeKafkaProducer(KafkaClientConfig config, std::string topic);

// Whether librdkafka takes the settings; kInvalidArgument with its own words.
Status CheckKafkaSettings(const KafkaSettings& settings);

}  // namespace rhei
