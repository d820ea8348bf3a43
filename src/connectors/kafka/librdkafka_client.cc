// The client interfaces by Debian's librdkafka (2.0.2). Its older "simple consumer" calls are used:
// each partition is started once at an absolute offset into one common queue, and never paused or
// sought, which is where versions of that age lose or repeat records.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "base/check.h"
#include "connectors/kafka/kafka_client.h"
#include "connectors/kafka/kafka_headers.h"

namespace rhei {
namespace {

// How long a commit to the group may hold up the reading.
constexpr int64_t kCommitMillis = 3000;

struct ConfDelete {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using ConfPtr = std::unique_ptr<rd_kafka_conf_t, ConfDelete>;
struct ListDelete {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using ListPtr = std::unique_ptr<rd_kafka_topic_partition_list_t, ListDelete>;

Result<ConfPtr> MakeConf(const KafkaSettings& settings) {
  ConfPtr conf(rd_kafka_conf_new());
  char text[256];
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text, sizeof(text)) !=
        RD_KAFKA_CONF_OK) {
      // Not librdkafka's text: it repeats the value, which may be a secret.
      return InvalidArgument(fmt::format(
          "the value of the Kafka setting '{}' is not one that the client takes", name));
    }
  }
  return conf;
}

// What one handle has heard of its brokers; filled by callbacks inside of rd_kafka_poll.
struct Heard {
  bool scram = false;  // the login is by SCRAM
  std::string last_error;
  Status fatal;
  int64_t delivered = 0;
  Status undelivered;
};

void OnError(rd_kafka_t* handle, int error, const char* reason, void* opaque) {
  auto* heard = static_cast<Heard*>(opaque);
  const auto code = static_cast<rd_kafka_resp_err_t>(error);
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !heard->last_error.empty()) return;
  heard->last_error = reason;
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION) {
    // Older versions send a nonce that Kafka 4 refuses, whatever the password.
    constexpr int kScramFixed = 0x020601ff;
    const bool broken = heard->scram && rd_kafka_version() < kScramFixed;
    heard->fatal = InvalidArgument(fmt::format(
        "the broker refuses the login: {}{}", reason,
        broken ? fmt::format(" (librdkafka {} cannot log in by SCRAM to Kafka 4; 2.6.1 and newer "
                             "can, and PLAIN works with every version)",
                             rd_kafka_version_str())
               : ""));
  } else if (code == RD_KAFKA_RESP_ERR__SSL) {
    heard->fatal = InvalidArgument(fmt::format("no secure connection: {}", reason));
  } else if (code == RD_KAFKA_RESP_ERR__FATAL) {
    char text[512];
    rd_kafka_fatal_error(handle, text, sizeof(text));
    heard->fatal = IoError(text);
  }
}

void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto* heard = static_cast<Heard*>(opaque);
  ++heard->delivered;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || !heard->undelivered.ok()) return;
  heard->undelivered =
      IoError(fmt::format("a record for topic '{}' was not delivered: {}",
                          rd_kafka_topic_name(message->rkt), rd_kafka_err2str(message->err)));
}

void NoLog(const rd_kafka_t*, int, const char*, const char*) {}

Status StatusOf(rd_kafka_resp_err_t error, const std::string& what, const std::string& servers) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return {};
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return NotFound(fmt::format("{} does not exist on {}", what, servers));
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return InvalidArgument(fmt::format("{}: this user has not the right to it on {}: {}", what,
                                         servers, rd_kafka_err2str(error)));
    default: return IoError(fmt::format("{} on {}: {}", what, servers, rd_kafka_err2str(error)));
  }
}

// A handle of librdkafka, made at the first use.
class Handle {
 public:
  Handle(KafkaClientConfig config, rd_kafka_type_t type)
      : config_(std::move(config)), type_(type) {}
  ~Handle() {
    for (auto& [name, topic] : topics_) rd_kafka_topic_destroy(topic);
    if (handle_ == nullptr) return;
    // Without group membership there is nothing to leave.
    rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  Status Open() {
    if (handle_ != nullptr) return {};
    ASSIGN_OR_RETURN(ConfPtr conf, MakeConf(config_.settings));
    for (const auto& [name, value] : config_.settings) {
      if (name == "sasl.mechanisms") heard_.scram = value.starts_with("SCRAM");
    }
    rd_kafka_conf_set_opaque(conf.get(), &heard_);
    rd_kafka_conf_set_error_cb(conf.get(), OnError);
    rd_kafka_conf_set_log_cb(conf.get(), NoLog);
    if (type_ == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf.get(), OnDelivery);
    char text[512];
    handle_ = rd_kafka_new(type_, conf.get(), text, sizeof(text));
    if (handle_ == nullptr) {
      return InvalidArgument(fmt::format("Kafka client: {}", text));
    }
    static_cast<void>(conf.release());  // The handle owns it now.
    return {};
  }

  rd_kafka_t* get() { return handle_; }
  Heard& heard() { return heard_; }
  const KafkaClientConfig& config() const { return config_; }

  // REQUIRES: Open.
  rd_kafka_topic_t* Topic(const std::string& name, void* opaque = nullptr) {
    rd_kafka_topic_t*& topic = topics_[name];
    if (topic == nullptr) {
      rd_kafka_topic_conf_t* conf = rd_kafka_default_topic_conf_dup(handle_);
      rd_kafka_topic_conf_set_opaque(conf, opaque);
      topic = rd_kafka_topic_new(handle_, name.c_str(), conf);
    }
    return topic;
  }

  // Repeats `ask(milliseconds)` until it succeeds, fails for good, or the time is over.
  template <typename Ask>
  Status Persist(const std::string& what, Ask&& ask) {
    RETURN_IF_ERROR(Open());
    const int64_t start = config_.clock->MonotonicNanos();
    while (true) {
      const rd_kafka_resp_err_t error = ask(1000);
      rd_kafka_poll(handle_, 0);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
      if (!heard_.fatal.ok()) return heard_.fatal.WithContext("kafka at " + config_.servers);
      const int64_t waited_ms = (config_.clock->MonotonicNanos() - start) / 1'000'000;
      const bool transient =
          error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__TIMED_OUT ||
          error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || error == RD_KAFKA_RESP_ERR__WAIT_COORD ||
          error == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
          error == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
          error == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
          error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
          error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
      // A topic that was just made may not be known to every broker yet.
      const bool missing = error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
      if (!(transient && waited_ms < kKafkaAnswerMillis) && !(missing && waited_ms < 3000)) {
        if (!transient) return StatusOf(error, what, config_.servers);
        return IoError(fmt::format("no answer from Kafka at {} within {} s{}{}", config_.servers,
                                   kKafkaAnswerMillis / 1000, heard_.last_error.empty() ? "" : ": ",
                                   heard_.last_error));
      }
      rd_kafka_poll(handle_, 100);
    }
  }

  Result<int32_t> PartitionCount(const std::string& topic) {
    RETURN_IF_ERROR(Open());
    int32_t count = 0;
    RETURN_IF_ERROR(Persist(fmt::format("topic '{}'", topic), [&](int wait_ms) {
      const rd_kafka_metadata_t* metadata = nullptr;
      rd_kafka_resp_err_t error = rd_kafka_metadata(handle_, 0, Topic(topic), &metadata, wait_ms);
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
      error = metadata->topic_cnt == 1 ? metadata->topics[0].err
                                       : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) count = metadata->topics[0].partition_cnt;
      rd_kafka_metadata_destroy(metadata);
      return error;
    }));
    return count;
  }

 private:
  KafkaClientConfig config_;
  rd_kafka_type_t type_;
  Heard heard_;
  rd_kafka_t* handle_ = nullptr;
  std::map<std::string, rd_kafka_topic_t*> topics_;
};

struct EventDelete {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
struct QueueDelete {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
struct NewTopicDelete {
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
};

ListPtr ListOf(const KafkaPartition& partition, int64_t offset) {
  ListPtr list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
      ->offset = offset;
  return list;
}

class RdKafkaAdmin final : public KafkaAdmin {
 public:
  explicit RdKafkaAdmin(KafkaClientConfig config) : handle_(std::move(config), RD_KAFKA_CONSUMER) {}

  Result<std::vector<std::string>> Topics() override {
    std::vector<std::string> topics;
    RETURN_IF_ERROR(handle_.Persist("the list of topics", [&](int wait_ms) {
      const rd_kafka_metadata_t* metadata = nullptr;
      const rd_kafka_resp_err_t error =
          rd_kafka_metadata(handle_.get(), 1, nullptr, &metadata, wait_ms);
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
      for (int i = 0; i < metadata->topic_cnt; ++i) {
        const std::string name = metadata->topics[i].topic;
        const bool internal = name == "__consumer_offsets" || name == "__transaction_state" ||
                              name == "__share_group_state";
        if (!internal) topics.push_back(name);
      }
      rd_kafka_metadata_destroy(metadata);
      return error;
    }));
    std::sort(topics.begin(), topics.end());
    return topics;
  }

  Status CreateTopic(const std::string& topic, int32_t partitions) override {
    // Finds out whether the broker answers at all, with the messages that all calls give.
    RETURN_IF_ERROR(Topics().status());
    char text[256];
    constexpr int kDefaultReplication = -1;
    const std::unique_ptr<rd_kafka_NewTopic_t, NewTopicDelete> made(
        rd_kafka_NewTopic_new(topic.c_str(), partitions, kDefaultReplication, text, sizeof(text)));
    if (made == nullptr) return InvalidArgument(fmt::format("topic '{}': {}", topic, text));
    const std::unique_ptr<rd_kafka_queue_t, QueueDelete> queue(rd_kafka_queue_new(handle_.get()));
    rd_kafka_NewTopic_t* topics[] = {made.get()};
    rd_kafka_CreateTopics(handle_.get(), topics, 1, nullptr, queue.get());
    const std::unique_ptr<rd_kafka_event_t, EventDelete> event(
        rd_kafka_queue_poll(queue.get(), static_cast<int>(kKafkaAnswerMillis)));
    const std::string& servers = handle_.config().servers;
    if (event == nullptr) {
      return IoError(
          fmt::format("no answer from Kafka at {} to the request for topic '{}'", servers, topic));
    }
    rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const rd_kafka_CreateTopics_result_t* result =
          rd_kafka_event_CreateTopics_result(event.get());
      size_t count = 0;
      const rd_kafka_topic_result_t** results = rd_kafka_CreateTopics_result_topics(result, &count);
      if (count == 1) error = rd_kafka_topic_result_error(results[0]);
    }
    if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      return InvalidArgument(fmt::format("topic '{}' exists already on {}", topic, servers));
    }
    return StatusOf(error, fmt::format("topic '{}'", topic), servers);
  }

  Result<int32_t> PartitionCount(const std::string& topic) override {
    return handle_.PartitionCount(topic);
  }
  Result<int64_t> EarliestOffset(const KafkaPartition& partition) override {
    return Edge(partition, false);
  }
  Result<int64_t> LatestOffset(const KafkaPartition& partition) override {
    return Edge(partition, true);
  }

  Result<int64_t> OffsetAtTime(const KafkaPartition& partition, int64_t timestamp_ms) override {
    int64_t offset = kKafkaNoOffset;
    RETURN_IF_ERROR(handle_.Persist(partition.Name(), [&](int wait_ms) {
      const ListPtr list = ListOf(partition, timestamp_ms);
      rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(handle_.get(), list.get(), wait_ms);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = list->elems[0].err;
      offset = list->elems[0].offset;
      return error;
    }));
    return offset < 0 ? kKafkaNoOffset : offset;
  }

  Result<int64_t> CommittedOffset(const KafkaPartition& partition) override {
    int64_t offset = kKafkaNoOffset;
    const std::string what =
        fmt::format("offset of group '{}' in {}", handle_.config().group_id, partition.Name());
    RETURN_IF_ERROR(handle_.Persist(what, [&](int wait_ms) {
      const ListPtr list = ListOf(partition, RD_KAFKA_OFFSET_INVALID);
      rd_kafka_resp_err_t error = rd_kafka_committed(handle_.get(), list.get(), wait_ms);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = list->elems[0].err;
      offset = list->elems[0].offset;
      return error;
    }));
    return offset < 0 ? kKafkaNoOffset : offset;
  }

 private:
  Result<int64_t> Edge(const KafkaPartition& partition, bool latest) {
    int64_t low = 0, high = 0;
    RETURN_IF_ERROR(handle_.Persist(partition.Name(), [&](int wait_ms) {
      return rd_kafka_query_watermark_offsets(handle_.get(), partition.topic.c_str(),
                                              partition.partition, &low, &high, wait_ms);
    }));
    return latest ? high : low;
  }

  Handle handle_;
};

class RdKafkaConsumer final : public KafkaConsumer {
 public:
  RdKafkaConsumer(KafkaClientConfig config, bool with_headers, int32_t records_max)
      : handle_(std::move(config), RD_KAFKA_CONSUMER),
        with_headers_(with_headers),
        taken_(static_cast<size_t>(records_max)) {}
  ~RdKafkaConsumer() override {
    Release();
    for (const auto& [number, started] : started_) {
      rd_kafka_consume_stop(started.topic, started.partition);
    }
    if (queue_ != nullptr) rd_kafka_queue_destroy(queue_);
  }

  Status Start(const KafkaPartition& partition, int64_t offset, int32_t number) override {
    RETURN_IF_ERROR(handle_.Open());
    if (queue_ == nullptr) queue_ = rd_kafka_queue_new(handle_.get());
    Numbers& numbers = numbers_[partition.topic];
    const auto at = static_cast<size_t>(partition.partition);
    if (numbers.size() <= at) numbers.resize(at + 1, -1);
    numbers[at] = number;
    rd_kafka_topic_t* topic = handle_.Topic(partition.topic, &numbers);
    if (rd_kafka_consume_start_queue(topic, partition.partition, offset, queue_) != 0) {
      return StatusOf(rd_kafka_last_error(), partition.Name(), handle_.config().servers);
    }
    started_[number] = {topic, partition.partition};
    return {};
  }

  Status Stop(int32_t number) override {
    const auto found = started_.find(number);
    CHECK(found != started_.end());
    rd_kafka_consume_stop(found->second.topic, found->second.partition);
    started_.erase(found);
    return {};
  }

  Status Fetch(int64_t wait_micros, std::vector<KafkaMessage>* messages) override {
    messages->clear();
    Release();
    if (queue_ == nullptr) return {};
    rd_kafka_poll(handle_.get(), 0);
    if (!handle_.heard().fatal.ok()) {
      return handle_.heard().fatal.WithContext("kafka at " + handle_.config().servers);
    }
    // The call waits until all its room is filled, so it may wait for the first message only.
    taken_count_ = std::max<ssize_t>(
        0, rd_kafka_consume_batch_queue(queue_, static_cast<int>((wait_micros + 999) / 1000),
                                        taken_.data(), 1));
    if (taken_count_ == 0) return {};
    if (taken_.size() > 1) {
      taken_count_ += std::max<ssize_t>(
          0, rd_kafka_consume_batch_queue(queue_, 0, taken_.data() + 1, taken_.size() - 1));
    }
    headers_.clear();
    header_spans_.clear();
    for (ssize_t i = 0; i < taken_count_; ++i) {
      RETURN_IF_ERROR(Add(taken_[static_cast<size_t>(i)], messages));
    }
    // Only now does the text stay where it is.
    for (size_t i = 0; i < header_spans_.size(); ++i) {
      const auto& [message, from] = header_spans_[i];
      const size_t to =
          i + 1 < header_spans_.size() ? header_spans_[i + 1].second : headers_.size();
      (*messages)[message].headers = std::string_view(headers_).substr(from, to - from);
    }
    return {};
  }

  Status Commit(const std::vector<std::pair<KafkaPartition, int64_t>>& positions) override {
    RETURN_IF_ERROR(handle_.Open());
    const ListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
    for (const auto& [partition, offset] : positions) {
      rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
          ->offset = offset;
    }
    // Through a queue of its own, so that the wait has an end.
    Answer answer;
    rd_kafka_queue_t* queue = rd_kafka_queue_new(handle_.get());
    rd_kafka_resp_err_t error = rd_kafka_commit_queue(
        handle_.get(), list.get(), queue,
        [](rd_kafka_t*, rd_kafka_resp_err_t result, rd_kafka_topic_partition_list_t*,
           void* opaque) {
          *static_cast<Answer*>(opaque) = {true, result};
        },
        &answer);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const int64_t start = handle_.config().clock->MonotonicNanos();
      while (!answer.come &&
             handle_.config().clock->MonotonicNanos() - start < kCommitMillis * 1'000'000) {
        rd_kafka_queue_poll_callback(queue, 100);
      }
      error = answer.come ? answer.error : RD_KAFKA_RESP_ERR__TIMED_OUT;
    }
    rd_kafka_queue_destroy(queue);
    return StatusOf(error, fmt::format("commit of group '{}'", handle_.config().group_id),
                    handle_.config().servers);
  }

 private:
  using Numbers = std::vector<int32_t>;  // by partition
  struct Started {
    rd_kafka_topic_t* topic = nullptr;
    int32_t partition = 0;
  };
  struct Answer {
    bool come = false;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  };

  Status Add(const rd_kafka_message_t* taken, std::vector<KafkaMessage>* messages) {
    KafkaMessage message;
    if (taken->rkt != nullptr) {
      const auto& numbers = *static_cast<Numbers*>(rd_kafka_topic_opaque(taken->rkt));
      message.number = numbers[static_cast<size_t>(taken->partition)];
    }
    message.offset = taken->offset;
    if (taken->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      message.at_end = true;
      messages->push_back(message);
      return {};
    }
    if (taken->err != RD_KAFKA_RESP_ERR_NO_ERROR) return ErrorOf(taken);
    message.has_key = taken->key != nullptr;
    message.has_value = taken->payload != nullptr;
    if (message.has_key) {
      message.key = {static_cast<const char*>(taken->key), taken->key_len};
    }
    if (message.has_value) {
      message.value = {static_cast<const char*>(taken->payload), taken->len};
    }
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    message.timestamp_ms = rd_kafka_message_timestamp(taken, &type);
    if (type == RD_KAFKA_TIMESTAMP_CREATE_TIME) {
      message.timestamp_type = KafkaTimestampType::kCreateTime;
    } else if (type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME) {
      message.timestamp_type = KafkaTimestampType::kLogAppendTime;
    }
    messages->push_back(message);
    if (with_headers_) AddHeaders(taken, messages->size() - 1);
    return {};
  }

  void AddHeaders(const rd_kafka_message_t* taken, size_t message) {
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(taken, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    header_spans_.emplace_back(message, headers_.size());
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      WriteKafkaHeader(name, static_cast<const char*>(value),
                       value == nullptr ? -1 : static_cast<int32_t>(size), &headers_);
    }
  }

  // An error in the stream: most pass by themselves, since librdkafka goes on trying.
  Status ErrorOf(const rd_kafka_message_t* taken) const {
    std::string name = handle_.config().servers;
    if (taken->rkt != nullptr) {
      name = KafkaPartition{rd_kafka_topic_name(taken->rkt), taken->partition}.Name();
    }
    switch (taken->err) {
      case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        return IoError(fmt::format(
            "{}: the broker no longer has the records from the position of the job on ({}); set "
            "'properties.auto.offset.reset' to 'earliest' or 'latest' to go on with what it has",
            name, rd_kafka_message_errstr(taken)));
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        return StatusOf(taken->err, name, handle_.config().servers);
      case RD_KAFKA_RESP_ERR__BAD_MSG:
      case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
      case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
      case RD_KAFKA_RESP_ERR__FATAL:
        return IoError(
            fmt::format("{} at offset {}: {}", name, taken->offset, rd_kafka_err2str(taken->err)));
      default: return {};
    }
  }

  void Release() {
    for (ssize_t i = 0; i < taken_count_; ++i) {
      rd_kafka_message_destroy(taken_[static_cast<size_t>(i)]);
    }
    taken_count_ = 0;
  }

  Handle handle_;
  const bool with_headers_;
  rd_kafka_queue_t* queue_ = nullptr;
  std::map<std::string, Numbers> numbers_;  // their addresses are the topics' opaques
  std::map<int32_t, Started> started_;
  std::vector<rd_kafka_message_t*> taken_;
  ssize_t taken_count_ = 0;
  std::string headers_;
  std::vector<std::pair<size_t, size_t>> header_spans_;  // message, start in headers_
};

class RdKafkaProducer final : public KafkaProducer {
 public:
  RdKafkaProducer(KafkaClientConfig config, std::string topic)
      : handle_(std::move(config), RD_KAFKA_PRODUCER), topic_name_(std::move(topic)) {}
  ~RdKafkaProducer() override {
    // What has not been sealed is not promised to anybody.
    if (handle_.get() != nullptr) rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE);
  }

  Result<int32_t> PartitionCount() override {
    ASSIGN_OR_RETURN(const int32_t count, handle_.PartitionCount(topic_name_));
    topic_ = handle_.Topic(topic_name_);
    return count;
  }

  Result<bool> Send(const KafkaRecord& record) override {
    CHECK(topic_ != nullptr);
    rd_kafka_headers_t* headers = nullptr;
    if (!record.headers.empty()) {
      headers = rd_kafka_headers_new(8);
      std::string_view rest = record.headers;
      KafkaHeader header;
      while (ReadKafkaHeader(&rest, &header)) {
        rd_kafka_header_add(headers, header.key.data(), static_cast<ssize_t>(header.key.size()),
                            header.has_value ? header.value.data() : nullptr,
                            static_cast<ssize_t>(header.value.size()));
      }
    }
    rd_kafka_vu_t parts[7];
    size_t count = 0;
    parts[count].vtype = RD_KAFKA_VTYPE_RKT;
    parts[count++].u.rkt = topic_;
    parts[count].vtype = RD_KAFKA_VTYPE_PARTITION;
    parts[count++].u.i32 = record.partition < 0 ? RD_KAFKA_PARTITION_UA : record.partition;
    parts[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[count++].u.i = RD_KAFKA_MSG_F_COPY;
    parts[count].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[count].u.mem.ptr = record.has_value ? const_cast<char*>(record.value.data()) : nullptr;
    parts[count++].u.mem.size = record.value.size();
    parts[count].vtype = RD_KAFKA_VTYPE_KEY;
    parts[count].u.mem.ptr = record.has_key ? const_cast<char*>(record.key.data()) : nullptr;
    parts[count++].u.mem.size = record.key.size();
    if (record.timestamp_ms >= 0) {
      parts[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
      parts[count++].u.i64 = record.timestamp_ms;
    }
    if (headers != nullptr) {
      parts[count].vtype = RD_KAFKA_VTYPE_HEADERS;
      parts[count++].u.headers = headers;
    }
    rd_kafka_error_t* error = rd_kafka_produceva(handle_.get(), parts, count);
    if (error == nullptr) {
      ++sent_;
      return true;
    }
    if (headers != nullptr) rd_kafka_headers_destroy(headers);  // Ours again after a failure.
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    const std::string reason = rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
      return DataError(
          fmt::format("a record of {} bytes for topic '{}' is larger than "
                      "'properties.max.request.size'",
                      record.value.size() + record.key.size(), topic_name_));
    }
    return IoError(fmt::format("topic '{}': {}", topic_name_, reason));
  }

  Status Poll(int64_t wait_micros) override {
    RETURN_IF_ERROR(handle_.Open());
    rd_kafka_poll(handle_.get(), static_cast<int>(wait_micros / 1000));
    if (!handle_.heard().fatal.ok()) return handle_.heard().fatal;
    return handle_.heard().undelivered;
  }
  int64_t unacknowledged() const override { return sent_ - handle_.heard().delivered; }

 private:
  mutable Handle handle_;
  std::string topic_name_;
  rd_kafka_topic_t* topic_ = nullptr;
  int64_t sent_ = 0;
};

}  // namespace

std::unique_ptr<KafkaAdmin> MakeKafkaAdmin(KafkaClientConfig config) {
  return std::make_unique<RdKafkaAdmin>(std::move(config));
}
std::unique_ptr<KafkaConsumer> MakeKafkaConsumer(KafkaClientConfig config, bool with_headers,
                                                 int32_t records_max) {
  return std::make_unique<RdKafkaConsumer>(std::move(config), with_headers, records_max);
}
std::unique_ptr<KafkaProducer> MakeKafkaProducer(KafkaClientConfig config, std::string topic) {
  return std::make_unique<RdKafkaProducer>(std::move(config), std::move(topic));
}

Status CheckKafkaSettings(const KafkaSettings& settings) {
  return MakeConf(settings).status();
}

}  // namespace rhei
