#pragma once
// The connectors of tests: 'values' and 'script' (source and sink over a RowStore), 'oracle-values'
// (a source whose rows stand in its options) and 'oracle-sink'. Registered only by rhei test and
// rhei-conformance.
#include <memory>
#include <vector>

#include "connectors/values/row_store.h"
#include "runtime/connector.h"

namespace rhei {

// The four factories over `store`. Ownership: the caller keeps both alive as long as sessions use
// them.
std::vector<std::unique_ptr<ConnectorFactory>> MakeTestConnectors(std::shared_ptr<RowStore> store);

// "I,UB,UA,D" or "all" -> mode; "I" is insert-only.
Result<ChangelogMode> ParseChangelogMode(std::string_view text);

}  // namespace rhei
