#pragma once
// Where a source stands, read from what a barrier preserved of it, for people.
// Thread-safety: pure function.
#include <string>
#include <vector>

#include "runtime/source.h"
#include "state/state_store.h"

namespace rhei {

// The splits in work and those nobody has begun, by id; state is the connector's text for the
// position ("1234": a byte of a file, an offset). A source of typed rows is one split without an id
// whose state is the number of its rows. Empty when the state is no source's.
std::vector<SourceSplit> PositionsOf(const FrozenState& state);

}  // namespace rhei
