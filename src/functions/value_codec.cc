#include "functions/value_codec.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "base/check.h"

namespace rhei {

ValueCodec::ValueCodec(const DataType& type) : type_(type), physical_(PhysicalTypeOf(type)) {
  if (IsFixedWidth(physical_)) {
    width_ = static_cast<size_t>(PhysicalWidth(physical_));
  } else if (physical_ != PhysicalType::kString) {
    nested_.emplace(std::vector<DataType>{type});
  }
}

std::string_view ValueCodec::Encode(const Column& column, int32_t row, bool normalise) {
  if (nested_.has_value()) {
    scratch_.clear();
    const Column* const columns[] = {&column};
    nested_->Encode(columns, row, &scratch_);
    return scratch_;
  }
  const Column& values = column.encoding == Encoding::kDictionary ? column.dictionary() : column;
  const auto index = static_cast<size_t>(column.ValueIndex(row));
  if (width_ == 0) return values.data<StringView>()[index].view();
  const char* bytes = values.values->chars() + index * width_;
  if (normalise && physical_ == PhysicalType::kFloat64) {
    double value;
    std::memcpy(&value, bytes, sizeof(value));
    if (value == 0) value = 0;
    if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
    scratch_.assign(reinterpret_cast<const char*>(&value), sizeof(value));
    return scratch_;
  }
  if (normalise && physical_ == PhysicalType::kFloat32) {
    float value;
    std::memcpy(&value, bytes, sizeof(value));
    if (value == 0) value = 0;
    if (std::isnan(value)) value = std::numeric_limits<float>::quiet_NaN();
    scratch_.assign(reinterpret_cast<const char*>(&value), sizeof(value));
    return scratch_;
  }
  return {bytes, width_};
}

void ValueCodec::Append(std::string_view bytes, ColumnBuilder* builder) const {
  if (nested_.has_value()) {
    ColumnBuilder* const builders[] = {builder};
    const Status status = nested_->Decode(&bytes, builders);
    CHECK(status.ok());
  } else if (width_ == 0) {
    builder->AppendString(bytes);
  } else {
    CHECK(bytes.size() == width_);
    VisitFixedType(physical_, [&](auto zero) {
      std::memcpy(&zero, bytes.data(), sizeof(zero));
      builder->Append(zero);
    });
  }
}

}  // namespace rhei
