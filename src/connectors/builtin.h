#pragma once
// The connectors every session has. The one list: a new connector is a folder and a line in
// builtin.cc.
#include "runtime/connector.h"

namespace rhei {

// Adds filesystem, kafka, datagen, print, blackhole.
void AddBuiltinConnectors(ConnectorTable* table);

}  // namespace rhei
