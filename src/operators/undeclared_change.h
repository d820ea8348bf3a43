#pragma once
// Change kinds that a source sends though its table does not declare them: operators that keep rows
// in a form without deletion refuse them.
#include <string_view>

#include "base/status.h"
#include "columnar/batch.h"
#include "types/change_kind.h"

namespace rhei {

// kDataError naming the first row's kind when `batch` takes rows back though `declared` only adds.
Status CheckOnlyAdditions(const Batch& batch, const ChangelogMode& declared);

}  // namespace rhei
