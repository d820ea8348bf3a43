// Columns and single Values: the slow path between them.
#include "base/check.h"
#include "columnar/column.h"
#include "columnar/column_builder.h"

namespace rhei {
namespace {

Column ConstantOf(ColumnBuilder* builder, int32_t row_count) {
  Column column = builder->Finish();
  column.encoding = Encoding::kConstant;
  column.row_count = row_count;
  return column;
}

Value::List ListValues(const Column& column, int32_t row, const DataType& type) {
  Value::List list;
  const int32_t* offsets = column.data<int32_t>();
  const bool map = column.type == PhysicalType::kMap;
  const DataType second = type.root() == TypeRoot::kMultiset ? DataType::Int(false)
                          : map                              ? type.child(1)
                                                             : DataType();
  for (int32_t at = offsets[row]; at < offsets[row + 1]; ++at) {
    list.push_back(GetValue(column.children[0], at, type.child(0)));
    if (map) list.push_back(GetValue(column.children[1], at, second));
  }
  return list;
}

}  // namespace

Column MakeConstant(const Value& value, const DataType& type, int32_t row_count) {
  ColumnBuilder builder(type);
  builder.AppendValue(value);
  return ConstantOf(&builder, row_count);
}

Column MakeNulls(const DataType& type, int32_t row_count) {
  ColumnBuilder builder(type);
  builder.AppendNull();
  return ConstantOf(&builder, row_count);
}

Value GetValue(const Column& column, int32_t row, const DataType& type) {
  if (column.IsNull(row)) return Value::Null();
  const int32_t index = column.ValueIndex(row);
  if (column.encoding == Encoding::kDictionary) return GetValue(column.dictionary(), index, type);
  switch (column.type) {
    case PhysicalType::kBool: return Value::Bool(column.data<uint8_t>()[index] != 0);
    case PhysicalType::kInt8: return Value::Int(column.data<int8_t>()[index]);
    case PhysicalType::kInt16: return Value::Int(column.data<int16_t>()[index]);
    case PhysicalType::kInt32: return Value::Int(column.data<int32_t>()[index]);
    case PhysicalType::kInt64: return Value::Int(column.data<int64_t>()[index]);
    case PhysicalType::kFloat32: return Value::Double(column.data<float>()[index]);
    case PhysicalType::kFloat64: return Value::Double(column.data<double>()[index]);
    case PhysicalType::kInt128: return Value::Big(column.data<Int128>()[index]);
    case PhysicalType::kTimestamp9: return Value::Time9(column.data<Timestamp9>()[index]);
    case PhysicalType::kString:
      return Value::Text(std::string(column.data<StringView>()[index].view()));
    case PhysicalType::kArray:
    case PhysicalType::kMap: return Value::Nested(ListValues(column, index, type));
    case PhysicalType::kRow: {
      Value::List fields;
      for (size_t i = 0; i < column.children.size(); ++i) {
        fields.push_back(GetValue(column.children[i], index, type.child(i)));
      }
      return Value::Nested(std::move(fields));
    }
  }
  CHECK(false);
}

}  // namespace rhei
