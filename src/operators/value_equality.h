#pragma once
// Which pairs of rows of one flat column hold different values: for suppressing updates that change
// nothing. NULL equals NULL; floats are compared by their bits, so that NaN equals itself.
// Thread-safety: pure.
#include <cstdint>
#include <span>

#include "columnar/column.h"
#include "types/data_type.h"

namespace rhei {

// different[i] |= value a[i] of the column is not value b[i]. `column` is flat.
void MarkDifferent(const Column& column, const DataType& type, std::span<const int32_t> a,
                   std::span<const int32_t> b, uint8_t* different);

}  // namespace rhei
