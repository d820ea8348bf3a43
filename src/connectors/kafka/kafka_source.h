#pragma once
// The reading half of 'kafka': finding partitions and where to read them, and turning what a client
// fetches into chunks of records.
//
// Splits are partitions: id "clicks-2", state "OFFSET" or "OFFSET/STOP": the next offset to read
// and the first that is not read any more. split_name of chunks is "clicks/2".
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/kafka/kafka_client.h"
#include "connectors/kafka/kafka_table.h"
#include "formats/format.h"
#include "runtime/source.h"

namespace rhei {

struct KafkaPosition {
  int64_t offset = 0;
  int64_t stop = kKafkaNoOffset;
  std::string Print() const;
  static std::optional<KafkaPosition> Parse(std::string_view text);
};
std::string KafkaSplitId(const KafkaPartition& partition);
KafkaPartition KafkaPartitionOf(std::string_view split_id);

std::unique_ptr<SplitEnumerator> MakeKafkaEnumerator(KafkaTable table,
                                                     std::unique_ptr<KafkaAdmin> admin);

// With `with_headers` the chunks' headers are, for each record, one byte of KafkaTimestampType and
// the headers as kafka_headers.h writes them.
std::unique_ptr<SourceReader> MakeKafkaReader(std::unique_ptr<KafkaConsumer> consumer, bool commits,
                                              bool with_keys, bool with_headers,
                                              OutputStream* warnings, MemoryPool* pool);

// Key columns from keys, the others from values. A record whose key gives no row gives none, as in
// Flink.
Result<std::shared_ptr<Decoder>> MakeKafkaDecoder(const KafkaTable& table, const Options& options,
                                                  const ScanSpec& scan, MemoryPool* pool);

}  // namespace rhei
