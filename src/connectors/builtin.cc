#include "connectors/builtin.h"

#include "connectors/blackhole/blackhole.h"
#include "connectors/datagen/datagen.h"
#include "connectors/filesystem/filesystem.h"
#include "connectors/filesystem/side_log.h"
#include "connectors/kafka/kafka.h"
#include "connectors/print/print.h"

namespace rhei {

void AddBuiltinConnectors(ConnectorTable* table) {
  table->Add(FilesystemConnector());
  table->Add(KafkaConnector());
  table->Add(DatagenConnector());
  table->Add(PrintConnector());
  table->Add(BlackholeConnector());
  table->Add(SideLogConnector());
}

}  // namespace rhei
