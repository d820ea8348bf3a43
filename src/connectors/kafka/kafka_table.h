#pragma once
// The options of a Kafka table, checked and read; the rules and messages are Flink's.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_properties.h"
#include "formats/format.h"
#include "types/connector_description.h"

namespace rhei {

enum class KafkaStart : uint8_t { kGroupOffsets, kEarliest, kLatest, kTimestamp, kSpecific };
enum class KafkaStop : uint8_t { kNever, kLatest, kGroupOffsets, kTimestamp, kSpecific };
enum class KafkaPartitioner : uint8_t { kByKey, kFixed };

struct KafkaTable {
  std::vector<std::string> topics;  // empty: by pattern
  std::string topic_pattern;
  KafkaProperties properties;
  KafkaStart start = KafkaStart::kGroupOffsets;
  int64_t start_timestamp_ms = 0;
  std::map<int32_t, int64_t> start_offsets;  // by partition
  KafkaStop stop = KafkaStop::kNever;
  int64_t stop_timestamp_ms = 0;
  std::map<int32_t, int64_t> stop_offsets;
  int64_t discovery_interval_ms = 0;  // 0: once
  KafkaPartitioner partitioner = KafkaPartitioner::kByKey;

  const FormatDef* value_format = nullptr;
  std::string value_prefix;               // of the format's options: "json." or "value.json."
  const FormatDef* key_format = nullptr;  // null: keys are not looked at
  std::string key_prefix;
  std::vector<std::string> key_fields;  // names in the table
  std::string key_fields_prefix;
  bool value_has_key_fields = true;

  KafkaClientConfig ConsumerConfig(Clock* clock) const;
  KafkaClientConfig ProducerConfig(Clock* clock) const;
  bool IsKeyField(std::string_view column) const;
  // The name inside the key's format.
  std::string KeyName(const std::string& column) const;
};

std::span<const OptionDef> KafkaOptions();
// `columns`: the table's physical columns.
Result<KafkaTable> ParseKafkaTable(const Options& options, const Schema& columns);

}  // namespace rhei
