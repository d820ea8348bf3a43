#include "types/change_kind.h"

#include "base/check.h"

namespace rhei {

std::string_view ChangeKindSymbol(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kInsert: return "+I";
    case ChangeKind::kUpdateBefore: return "-U";
    case ChangeKind::kUpdateAfter: return "+U";
    case ChangeKind::kDelete: return "-D";
  }
  CHECK(false);
}

std::string ChangelogMode::ToString() const {
  std::string text = "I";
  if (update_before) text += ",UB";
  if (update_after) text += ",UA";
  if (deletes) text += ",D";
  return text;
}

}  // namespace rhei
