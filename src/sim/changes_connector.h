#pragma once
// Connector 'sim-changes': tables with updates on the simulated disk, which no file format carries.
//
// As a source it reads JSON lines whose first field says what the row does: {"op":"+U","id":7}.
// 'kinds' says which changes come: 'upsert' (no -U) or 'all'. As a sink it writes lines
// "+U<TAB>7<TAB>text" into part files of the filesystem connector's own writer; with a primary key
// and 'kinds' = 'upsert' it asks for upserts.
#include <memory>

#include "runtime/connector.h"

namespace rhei {

std::unique_ptr<ConnectorFactory> MakeChangesConnector();

}  // namespace rhei
