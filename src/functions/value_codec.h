#pragma once
// ValueCodec: one value of a column as bytes, to be compared, hashed and kept.
//
// Strings and bytes are themselves, fixed-width values their bytes in the memory order of
// little-endian machines, nested values RowCodec's form. Two values are equal exactly when their
// bytes are, but for floats, see Encode. Thread-safety: one thread.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/column_builder.h"
#include "columnar/row_codec.h"
#include "types/int128.h"
#include "types/temporal.h"

namespace rhei {

class ValueCodec {
 public:
  explicit ValueCodec(const DataType& type);
  // The bytes of the value at `row`; valid until the next call and while `column` lives. Floats:
  // -0.0 reads as 0.0 and every NaN as one NaN when `normalise`.
  std::string_view Encode(const Column& column, int32_t row, bool normalise = false);
  // Appends the value to a builder of the codec's type.
  void Append(std::string_view bytes, ColumnBuilder* builder) const;

 private:
  DataType type_;
  PhysicalType physical_;
  size_t width_ = 0;  // 0: strings and nested
  std::optional<RowCodec> nested_;
  std::string scratch_;
};

// Dispatches on the C++ type of a fixed-width physical type: f(T{}). REQUIRES: not a string and
// not nested.
template <typename F>
auto VisitFixedType(PhysicalType type, F f) {
  switch (type) {
    case PhysicalType::kBool: return f(uint8_t{});
    case PhysicalType::kInt8: return f(int8_t{});
    case PhysicalType::kInt16: return f(int16_t{});
    case PhysicalType::kInt32: return f(int32_t{});
    case PhysicalType::kInt64: return f(int64_t{});
    case PhysicalType::kFloat32: return f(float{});
    case PhysicalType::kFloat64: return f(double{});
    case PhysicalType::kInt128: return f(Int128{});
    default: return f(Timestamp9{});
  }
}
inline bool IsFixedWidth(PhysicalType type) {
  return type < PhysicalType::kString;
}

}  // namespace rhei
