#pragma once
// MergeRows: one column out of the branches of a CASE.
#include <span>

#include "expr/row_mask.h"

namespace rhei {

struct MergePart {
  Column column;  // all rows of the batch
  RowMask rows;   // those to take
};

// Row r is taken from the part whose mask has it; the masks are disjoint. A row in no mask is
// NULL. REQUIRES: at least one part; all of one physical type.
Column MergeRows(std::span<const MergePart> parts, int32_t row_count, MemoryPool* pool);

}  // namespace rhei
