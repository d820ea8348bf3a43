#pragma once
// Connector 'print': writes every row as a line, `[identifier[:subtask]> ]+I[1, a]`, to standard
// output (or standard error).
#include "runtime/connector.h"

namespace rhei {
const ConnectorFactory* PrintConnector();
}  // namespace rhei
