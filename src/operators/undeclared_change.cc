#include "operators/undeclared_change.h"

#include <fmt/format.h>

namespace rhei {

Status CheckOnlyAdditions(const Batch& batch, const ChangelogMode& declared) {
  if (batch.changes == nullptr || !declared.insert_only()) return {};
  for (int32_t row = 0; row < batch.row_count; ++row) {
    const ChangeKind kind = batch.change(row);
    if (IsAddition(kind)) continue;
    return DataError(
        fmt::format("a {} row has come, but the table it comes from declares that it only inserts: "
                    "its changelog mode is wrong",
                    ChangeKindSymbol(kind)));
  }
  return {};
}

}  // namespace rhei
