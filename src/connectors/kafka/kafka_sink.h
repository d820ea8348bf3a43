#pragma once
// The writing half of 'kafka'. A writer encodes on its shard and produces on an I/O thread; a seal
// waits until everything before it is acknowledged, so that a checkpoint never names rows that a
// broker does not have (at-least-once). There is nothing to commit.
#include <memory>
#include <vector>

#include "connectors/kafka/kafka_client.h"
#include "connectors/kafka/kafka_table.h"
#include "formats/format.h"
#include "runtime/operator.h"
#include "runtime/sink.h"

namespace rhei {

struct KafkaSinkOptions {
  KafkaPartitioner partitioner = KafkaPartitioner::kByKey;
  int shard = 0;
  std::vector<size_t> key_columns;  // of the rows that arrive; empty: no key
  std::vector<size_t> value_columns;
  int timestamp_column = -1;  // written metadata; -1: not written
  int headers_column = -1;
};

// The encoders are open.
std::unique_ptr<SinkWriter> MakeKafkaWriter(KafkaSinkOptions options, std::unique_ptr<Encoder> key,
                                            std::unique_ptr<Encoder> value,
                                            std::unique_ptr<KafkaProducer> producer,
                                            WakeupService* wakeup, IoService* io);

}  // namespace rhei
