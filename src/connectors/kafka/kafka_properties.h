#pragma once
// Options 'properties.*': the settings of Java's Kafka client that this connector takes, in the
// names and values of librdkafka. What is not in the list is refused by name; values are never put
// into messages, since they may be secrets.
#include <cstdint>
#include <string>

#include "connectors/kafka/kafka_client.h"
#include "types/connector_description.h"

namespace rhei {

struct KafkaProperties {
  std::string servers;
  std::string group_id;
  std::string auto_offset_reset;  // "earliest", "latest", "none" or empty
  int32_t records_max = 8192;     // max.poll.records: of one fetch
  KafkaSettings consumer;
  KafkaSettings producer;
};

// `options`: the table's, all of them.
Result<KafkaProperties> ParseKafkaProperties(const Options& options);

}  // namespace rhei
