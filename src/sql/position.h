#pragma once
// The position of a piece of SQL text, as every syntax-tree node carries it (base/status.h).
#include "base/status.h"
