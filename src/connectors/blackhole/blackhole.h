#pragma once
// Connector 'blackhole': takes every row and keeps none. For benchmarks and dry runs.
#include "runtime/connector.h"

namespace rhei {
const ConnectorFactory* BlackholeConnector();
}  // namespace rhei
