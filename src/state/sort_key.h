#pragma once
// SortKeyCodec: the sort columns of a row as one byte string whose order by unsigned bytes is the
// order of ORDER BY: NULLs first or last, descending columns inverted, NaN above every number, -0.0
// equal to 0.0, text by its bytes. For comparing rows in state and in sorts.
//
// Thread-safety: const after construction.
#include <span>
#include <string>
#include <vector>

#include "columnar/column.h"

namespace rhei {

struct SortColumn {
  int column = 0;  // index into the row's columns
  PhysicalType type = PhysicalType::kInt64;
  bool descending = false;
  bool nulls_first = true;
};

class SortKeyCodec {
 public:
  SortKeyCodec() = default;
  // REQUIRES: IsSortable(type) of every column.
  explicit SortKeyCodec(std::vector<SortColumn> columns) : columns_(std::move(columns)) {}
  // False for nested types, which have no order.
  static bool IsSortable(PhysicalType type);

  // Appends the key of `row`; `columns` are all columns of the rows.
  void Encode(std::span<const Column* const> columns, int32_t row, std::string* out) const;
  const std::vector<SortColumn>& columns() const { return columns_; }

 private:
  std::vector<SortColumn> columns_;
};

}  // namespace rhei
