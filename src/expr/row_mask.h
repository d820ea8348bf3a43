#pragma once
// Row masks: one bit per row of a batch, in 64-bit words. Bits past the last row are 0.
//
// BOOLEAN columns are handled as two masks (rows that are TRUE, rows that are FALSE; NULL is in
// neither), so that three-valued logic is a few word operations per 64 rows.
#include <cstdint>
#include <vector>

#include "columnar/column.h"

namespace rhei {

using RowMask = std::vector<uint64_t>;

// The mask with the first `row_count` bits set.
void FillMask(int32_t row_count, RowMask* mask);
bool AnySet(const RowMask& mask);
// True when every bit of `inner` is set in `outer`. REQUIRES: equal sizes.
bool Covers(const RowMask& outer, const RowMask& inner);
// The rows where `column` is not NULL.
void ValidMask(const Column& column, RowMask* mask);
// The rows where the BOOLEAN `column` is TRUE, and where it is FALSE.
void TruthMasks(const Column& column, RowMask* is_true, RowMask* is_false);
// A flat BOOLEAN column from its masks.
Column BoolColumn(const RowMask& is_true, const RowMask& is_false, int32_t row_count,
                  MemoryPool* pool);

// Calls visit(row) for each set bit, in order.
template <typename Visitor>
void ForEachRow(const RowMask& mask, Visitor&& visit) {
  for (size_t word = 0; word < mask.size(); ++word) {
    for (uint64_t bits = mask[word]; bits != 0; bits &= bits - 1) {
      visit(static_cast<int32_t>(word * 64) + __builtin_ctzll(bits));
    }
  }
}

}  // namespace rhei
