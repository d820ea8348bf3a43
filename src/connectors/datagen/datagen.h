#pragma once
// Connector 'datagen': rows made up by column, at random or in sequence.
#include "runtime/connector.h"

namespace rhei {
const ConnectorFactory* DatagenConnector();
}  // namespace rhei
