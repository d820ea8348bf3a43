#include "types/data_type.h"

#include <fmt/format.h>

#include "base/check.h"

namespace rhei {
namespace {

const std::vector<Field>& NoFields() {
  static const std::vector<Field> none;
  return none;
}

std::string QuoteName(std::string_view name) {
  std::string quoted = "`";
  for (char c : name) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  return quoted + "`";
}

}  // namespace

// Each factory sets the few members its type has; the rest keep their defaults.
#define RHEI_SIMPLE_TYPE(Name, Root)       \
  DataType DataType::Name(bool nullable) { \
    DataType type;                         \
    type.root_ = TypeRoot::Root;           \
    type.nullable_ = nullable;             \
    return type;                           \
  }
RHEI_SIMPLE_TYPE(Boolean, kBoolean)
RHEI_SIMPLE_TYPE(TinyInt, kTinyInt)
RHEI_SIMPLE_TYPE(SmallInt, kSmallInt)
RHEI_SIMPLE_TYPE(Int, kInt)
RHEI_SIMPLE_TYPE(BigInt, kBigInt)
RHEI_SIMPLE_TYPE(Float, kFloat)
RHEI_SIMPLE_TYPE(Double, kDouble)
RHEI_SIMPLE_TYPE(Date, kDate)
RHEI_SIMPLE_TYPE(Variant, kVariant)
RHEI_SIMPLE_TYPE(Bitmap, kBitmap)
#undef RHEI_SIMPLE_TYPE

#define RHEI_LENGTH_TYPE(Name, Root, Unit)              \
  DataType DataType::Name(Unit length, bool nullable) { \
    DataType type;                                      \
    type.root_ = TypeRoot::Root;                        \
    type.nullable_ = nullable;                          \
    type.length_ = length;                              \
    return type;                                        \
  }
RHEI_LENGTH_TYPE(Char, kChar, int32_t)
RHEI_LENGTH_TYPE(Varchar, kVarchar, int32_t)
RHEI_LENGTH_TYPE(Binary, kBinary, int32_t)
RHEI_LENGTH_TYPE(Varbinary, kVarbinary, int32_t)
RHEI_LENGTH_TYPE(Time, kTime, int)
RHEI_LENGTH_TYPE(Timestamp, kTimestamp, int)
RHEI_LENGTH_TYPE(TimestampLtz, kTimestampLtz, int)
#undef RHEI_LENGTH_TYPE

DataType DataType::Null() {
  return {};
}
DataType DataType::String(bool nullable) {
  return Varchar(kMaxLength, nullable);
}
DataType DataType::Bytes(bool nullable) {
  return Varbinary(kMaxLength, nullable);
}

DataType DataType::Decimal(int precision, int scale, bool nullable) {
  DataType type;
  type.root_ = TypeRoot::kDecimal;
  type.nullable_ = nullable;
  type.length_ = precision;
  type.scale_ = scale;
  return type;
}

DataType DataType::IntervalYearMonth(std::string_view resolution, int precision, bool nullable) {
  DataType type;
  type.root_ = TypeRoot::kIntervalYearMonth;
  type.nullable_ = nullable;
  type.length_ = precision;
  type.nested_ = std::make_shared<Nested>(Nested{{}, std::string(resolution)});
  return type;
}

DataType DataType::IntervalDayTime(std::string_view resolution, int precision, int fraction,
                                   bool nullable) {
  DataType type;
  type.root_ = TypeRoot::kIntervalDayTime;
  type.nullable_ = nullable;
  type.length_ = precision;
  type.scale_ = fraction;
  type.nested_ = std::make_shared<Nested>(Nested{{}, std::string(resolution)});
  return type;
}

DataType DataType::Row(std::vector<Field> fields, bool nullable) {
  DataType type;
  type.root_ = TypeRoot::kRow;
  type.nullable_ = nullable;
  type.nested_ = std::make_shared<Nested>(Nested{std::move(fields), {}});
  return type;
}

DataType DataType::Array(DataType element, bool nullable) {
  DataType type = Row({{"", std::move(element), ""}}, nullable);
  type.root_ = TypeRoot::kArray;
  return type;
}

DataType DataType::Multiset(DataType element, bool nullable) {
  DataType type = Array(std::move(element), nullable);
  type.root_ = TypeRoot::kMultiset;
  return type;
}

DataType DataType::Map(DataType key, DataType value, bool nullable) {
  DataType type = Row({{"", std::move(key), ""}, {"", std::move(value), ""}}, nullable);
  type.root_ = TypeRoot::kMap;
  return type;
}

DataType DataType::Raw(std::string_view class_name, bool nullable) {
  DataType type;
  type.root_ = TypeRoot::kRaw;
  type.nullable_ = nullable;
  type.nested_ = std::make_shared<Nested>(Nested{{}, std::string(class_name)});
  return type;
}

DataType DataType::Symbol() {
  DataType type;
  type.root_ = TypeRoot::kSymbol;
  type.nullable_ = false;
  return type;
}

const std::string& DataType::detail() const {
  static const std::string none;
  return nested_ == nullptr ? none : nested_->detail;
}

const std::vector<Field>& DataType::fields() const {
  return nested_ == nullptr ? NoFields() : nested_->fields;
}

size_t DataType::child_count() const {
  return fields().size();
}

const DataType& DataType::child(size_t index) const {
  CHECK(index < child_count());
  return nested_->fields[index].type;
}

DataType DataType::WithNullable(bool nullable) const {
  DataType type = *this;
  type.nullable_ = nullable;
  return type;
}

DataType DataType::WithTimeAttribute(TimeAttribute attribute) const {
  DataType type = *this;
  type.time_attribute_ = attribute;
  return type;
}

bool DataType::EqualsIgnoringNullability(const DataType& other) const {
  if (root_ != other.root_ || length_ != other.length_ || scale_ != other.scale_) return false;
  if (child_count() != other.child_count()) return false;
  if (root_ == TypeRoot::kRaw && detail() != other.detail()) return false;
  for (size_t i = 0; i < child_count(); ++i) {
    if (fields()[i].name != other.fields()[i].name) return false;
    if (!(child(i) == other.child(i))) return false;
  }
  return true;
}

bool DataType::operator==(const DataType& other) const {
  return nullable_ == other.nullable_ && EqualsIgnoringNullability(other);
}

namespace {

std::string BaseString(const DataType& type) {
  switch (type.root()) {
    case TypeRoot::kNull: return "NULL";
    case TypeRoot::kBoolean:
    case TypeRoot::kTinyInt:
    case TypeRoot::kSmallInt:
    case TypeRoot::kInt:
    case TypeRoot::kBigInt:
    case TypeRoot::kFloat:
    case TypeRoot::kDouble:
    case TypeRoot::kDate:
    case TypeRoot::kVariant:
    case TypeRoot::kBitmap:
    case TypeRoot::kSymbol: return std::string(TypeRootName(type.root()));
    case TypeRoot::kDecimal: return fmt::format("DECIMAL({}, {})", type.precision(), type.scale());
    case TypeRoot::kChar: return fmt::format("CHAR({})", type.length());
    case TypeRoot::kVarchar:
      return type.length() == DataType::kMaxLength ? "STRING"
                                                   : fmt::format("VARCHAR({})", type.length());
    case TypeRoot::kBinary: return fmt::format("BINARY({})", type.length());
    case TypeRoot::kVarbinary:
      return type.length() == DataType::kMaxLength ? "BYTES"
                                                   : fmt::format("VARBINARY({})", type.length());
    case TypeRoot::kTime: return fmt::format("TIME({})", type.precision());
    case TypeRoot::kTimestamp: return fmt::format("TIMESTAMP({})", type.precision());
    case TypeRoot::kTimestampLtz: return fmt::format("TIMESTAMP_LTZ({})", type.precision());
    case TypeRoot::kIntervalYearMonth:
    case TypeRoot::kIntervalDayTime: {
      // The leading unit carries the precision, SECOND the fraction: DAY(2) TO SECOND(3).
      std::string_view text = type.detail();
      const size_t to = text.find(" TO ");
      std::string first(text.substr(0, to));
      std::string last(to == std::string_view::npos ? std::string_view() : text.substr(to + 4));
      if (first != "MONTH" && first != "SECOND" && first != "HOUR" && first != "MINUTE") {
        first += fmt::format("({})", type.precision());
      }
      if (first == "SECOND") first += fmt::format("({})", type.scale());
      if (last == "SECOND") last += fmt::format("({})", type.scale());
      return "INTERVAL " + first + (last.empty() ? "" : " TO " + last);
    }
    case TypeRoot::kArray: return "ARRAY<" + type.child(0).ToString() + ">";
    case TypeRoot::kMultiset: return "MULTISET<" + type.child(0).ToString() + ">";
    case TypeRoot::kMap:
      return "MAP<" + type.child(0).ToString() + ", " + type.child(1).ToString() + ">";
    case TypeRoot::kRow: {
      std::string text = "ROW<";
      for (const Field& field : type.fields()) {
        if (text.size() > 4) text += ", ";
        text += QuoteName(field.name) + " " + field.type.ToString();
        if (!field.description.empty()) text += " '" + field.description + "'";
      }
      return text + ">";
    }
    case TypeRoot::kRaw: return "RAW('" + type.detail() + "', ?)";
  }
  CHECK(false);
}

}  // namespace

std::string DataType::ToString() const {
  return BaseString(*this) + (nullable_ || root_ == TypeRoot::kNull ? "" : " NOT NULL");
}

PhysicalType PhysicalTypeOf(const DataType& type) {
  switch (type.root()) {
    case TypeRoot::kNull:
    case TypeRoot::kBoolean: return PhysicalType::kBool;
    case TypeRoot::kTinyInt: return PhysicalType::kInt8;
    case TypeRoot::kSmallInt: return PhysicalType::kInt16;
    case TypeRoot::kInt:
    case TypeRoot::kDate:
    case TypeRoot::kTime:
    case TypeRoot::kIntervalYearMonth: return PhysicalType::kInt32;
    case TypeRoot::kBigInt:
    case TypeRoot::kIntervalDayTime: return PhysicalType::kInt64;
    case TypeRoot::kFloat: return PhysicalType::kFloat32;
    case TypeRoot::kDouble: return PhysicalType::kFloat64;
    case TypeRoot::kDecimal:
      return type.precision() <= 18 ? PhysicalType::kInt64 : PhysicalType::kInt128;
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz:
      return type.precision() <= 6 ? PhysicalType::kInt64 : PhysicalType::kTimestamp9;
    case TypeRoot::kChar:
    case TypeRoot::kVarchar:
    case TypeRoot::kBinary:
    case TypeRoot::kVarbinary:
    case TypeRoot::kRaw:
    case TypeRoot::kVariant:
    case TypeRoot::kBitmap:
    case TypeRoot::kSymbol: return PhysicalType::kString;
    case TypeRoot::kArray: return PhysicalType::kArray;
    case TypeRoot::kMultiset:
    case TypeRoot::kMap: return PhysicalType::kMap;
    case TypeRoot::kRow: return PhysicalType::kRow;
  }
  CHECK(false);
}

int PhysicalWidth(PhysicalType type) {
  switch (type) {
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return 1;
    case PhysicalType::kInt16: return 2;
    case PhysicalType::kInt32:
    case PhysicalType::kFloat32:
    case PhysicalType::kArray:
    case PhysicalType::kMap: return 4;
    case PhysicalType::kInt64:
    case PhysicalType::kFloat64: return 8;
    case PhysicalType::kInt128:
    case PhysicalType::kTimestamp9:
    case PhysicalType::kString: return 16;
    case PhysicalType::kRow: return 0;
  }
  CHECK(false);
}

bool IsInteger(TypeRoot root) {
  return root >= TypeRoot::kTinyInt && root <= TypeRoot::kBigInt;
}
bool IsExactNumeric(TypeRoot root) {
  return IsInteger(root) || root == TypeRoot::kDecimal;
}
bool IsApproximateNumeric(TypeRoot root) {
  return root == TypeRoot::kFloat || root == TypeRoot::kDouble;
}
bool IsNumeric(TypeRoot root) {
  return IsExactNumeric(root) || IsApproximateNumeric(root);
}
bool IsCharacter(TypeRoot root) {
  return root == TypeRoot::kChar || root == TypeRoot::kVarchar;
}
bool IsBinaryString(TypeRoot root) {
  return root == TypeRoot::kBinary || root == TypeRoot::kVarbinary;
}
bool IsInterval(TypeRoot root) {
  return root == TypeRoot::kIntervalYearMonth || root == TypeRoot::kIntervalDayTime;
}
bool IsTimestamp(TypeRoot root) {
  return root == TypeRoot::kTimestamp || root == TypeRoot::kTimestampLtz;
}
bool IsTemporal(TypeRoot root) {
  return root == TypeRoot::kDate || root == TypeRoot::kTime || IsTimestamp(root);
}

std::string_view TypeRootName(TypeRoot root) {
  static constexpr std::string_view kNames[] = {"NULL",
                                                "BOOLEAN",
                                                "TINYINT",
                                                "SMALLINT",
                                                "INT",
                                                "BIGINT",
                                                "FLOAT",
                                                "DOUBLE",
                                                "DECIMAL",
                                                "CHAR",
                                                "VARCHAR",
                                                "BINARY",
                                                "VARBINARY",
                                                "DATE",
                                                "TIME",
                                                "TIMESTAMP",
                                                "TIMESTAMP_LTZ",
                                                "INTERVAL YEAR TO MONTH",
                                                "INTERVAL DAY TO SECOND",
                                                "ARRAY",
                                                "MULTISET",
                                                "MAP",
                                                "ROW",
                                                "RAW",
                                                "VARIANT",
                                                "BITMAP",
                                                "SYMBOL"};
  return kNames[static_cast<size_t>(root)];
}

int Schema::IndexOf(std::string_view wanted) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == wanted) return static_cast<int>(i);
  }
  return -1;
}

std::string Schema::ToString() const {
  return DataType::Row(fields, false).ToString();
}

}  // namespace rhei
