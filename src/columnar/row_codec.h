#pragma once
// RowCodec: rows of some columns as self-delimiting byte strings (keys of state tables, stored
// rows, snapshots). The form is fixed in docs/formats/row.md. Two rows are equal exactly when their
// bytes are (floats normalised as in columnar/hash.h when `normalise_floats`). Not order
// preserving.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "columnar/column_builder.h"

namespace rhei {

class RowCodec {
 public:
  explicit RowCodec(std::vector<DataType> types, bool normalise_floats = false);

  // Appends the row's bytes to `out`. columns[i] has types[i]. Column i lies in `out` from
  // (*bounds)[i] to (*bounds)[i + 1], for who asks.
  void Encode(std::span<const Column* const> columns, int32_t row, std::string* out,
              std::vector<size_t>* bounds = nullptr) const;
  void EncodeValues(std::span<const Value> values, std::string* out) const;
  // Appends one value to each builder and moves `bytes` past the row; a DataError on damage.
  // A null builder passes over a value that is not wanted; not over one of a nested type.
  // share_strings: the builders point into `bytes`, which the caller keeps alive with them.
  Status Decode(std::string_view* bytes, std::span<ColumnBuilder* const> builders,
                bool share_strings = false) const;
  const std::vector<DataType>& types() const { return types_; }

 private:
  std::vector<DataType> types_;
  bool normalise_floats_;
};

}  // namespace rhei
