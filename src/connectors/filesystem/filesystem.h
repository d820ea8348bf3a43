#pragma once
// Connector 'filesystem': files and directories, read whole and in order of (modification time,
// path), and written as part files that appear when a checkpoint is complete.
#include "runtime/connector.h"

namespace rhei {
const ConnectorFactory* FilesystemConnector();
}  // namespace rhei
