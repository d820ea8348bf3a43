#pragma once
// 'side-log': reads and writes the logs of side tables (types/side_tables.h): JSON lines in files
// of one barrier each, hidden until its checkpoint is published. A log that nobody has written to
// is an empty table. What exceeds 'retain' goes, oldest files first, whenever files have been
// added.
#include "runtime/connector.h"

namespace rhei {

const ConnectorFactory* SideLogConnector();

}  // namespace rhei
