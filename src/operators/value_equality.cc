#include "operators/value_equality.h"

#include <cstring>
#include <string>

#include "columnar/row_codec.h"
#include "types/int128.h"
#include "types/temporal.h"

namespace rhei {

namespace {

template <typename T>
void MarkFixed(const Column& column, std::span<const int32_t> a, std::span<const int32_t> b,
               uint8_t* different) {
  const T* values = column.data<T>();
  if (!column.may_have_nulls()) {
    for (size_t i = 0; i < a.size(); ++i) {
      different[i] |= static_cast<uint8_t>(!(values[a[i]] == values[b[i]]));
    }
    return;
  }
  for (size_t i = 0; i < a.size(); ++i) {
    // Under a NULL the value is zero, so that the flags decide.
    const bool same = values[a[i]] == values[b[i]] && column.IsNull(a[i]) == column.IsNull(b[i]);
    different[i] |= static_cast<uint8_t>(!same);
  }
}

void MarkNested(const Column& column, const DataType& type, std::span<const int32_t> a,
                std::span<const int32_t> b, uint8_t* different) {
  const RowCodec codec({type}, true);
  const Column* columns[] = {&column};
  std::string left, right;
  for (size_t i = 0; i < a.size(); ++i) {
    if (different[i] != 0) continue;
    left.clear();
    right.clear();
    codec.Encode(columns, a[i], &left);
    codec.Encode(columns, b[i], &right);
    different[i] = left == right ? 0 : 1;
  }
}

}  // namespace

void MarkDifferent(const Column& column, const DataType& type, std::span<const int32_t> a,
                   std::span<const int32_t> b, uint8_t* different) {
  // Most often the first column of all, a count, differs everywhere.
  if (a.empty() || std::memchr(different, 0, a.size()) == nullptr) return;
  switch (column.type) {
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return MarkFixed<uint8_t>(column, a, b, different);
    case PhysicalType::kInt16: return MarkFixed<int16_t>(column, a, b, different);
    case PhysicalType::kInt32:
    case PhysicalType::kFloat32: return MarkFixed<int32_t>(column, a, b, different);
    case PhysicalType::kInt64:
    case PhysicalType::kFloat64: return MarkFixed<int64_t>(column, a, b, different);
    case PhysicalType::kInt128: return MarkFixed<Int128>(column, a, b, different);
    case PhysicalType::kTimestamp9: return MarkFixed<Timestamp9>(column, a, b, different);
    case PhysicalType::kString: return MarkFixed<StringView>(column, a, b, different);
    case PhysicalType::kArray:
    case PhysicalType::kMap:
    case PhysicalType::kRow: return MarkNested(column, type, a, b, different);
  }
}

}  // namespace rhei
