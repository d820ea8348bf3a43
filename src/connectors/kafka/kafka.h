#pragma once
// 'kafka': topics of Apache Kafka as tables, by librdkafka. docs/connectors/kafka.md is its page.
#include "runtime/connector.h"

namespace rhei {

const ConnectorFactory* KafkaConnector();

}  // namespace rhei
