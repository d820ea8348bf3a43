#pragma once
// DataType: a logical type of Flink SQL (dialect: "Types"), nullability and time attribute
// included.
//
// A value type: cheap to copy (children are shared and immutable). Equality compares everything but
// field descriptions and the time attribute. Printed forms are Flink's: ToString() is the summary
// string of DESCRIBE ("DECIMAL(10, 2) NOT NULL", "ROW<`a` INT>").
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rhei {

enum class TypeRoot : uint8_t {
  kNull,
  kBoolean,
  kTinyInt,
  kSmallInt,
  kInt,
  kBigInt,
  kFloat,
  kDouble,
  kDecimal,            // precision 1..38, scale 0..precision
  kChar,               // length in code points
  kVarchar,            // STRING is VARCHAR(kMaxLength)
  kBinary,             // length in bytes
  kVarbinary,          // BYTES is VARBINARY(kMaxLength)
  kDate,               // days since 1970-01-01
  kTime,               // milliseconds of the day; precision 0..9 is printed, 3 is kept
  kTimestamp,          // without time zone; precision 0..9
  kTimestampLtz,       // an instant; precision 0..9
  kIntervalYearMonth,  // months
  kIntervalDayTime,    // milliseconds
  kArray,              // one child
  kMultiset,           // one child; stored as a MAP from element to INT count
  kMap,                // two children
  kRow,                // named children
  kRaw,                // opaque bytes
  kVariant,            // semi-structured value, stored as JSON text
  kBitmap,             // serialised roaring bitmap
  kSymbol,  // a keyword argument (EXTRACT's unit, JSON_VALUE's behaviour); never a column
};

// How a value lies in a column; several logical types share one (PhysicalTypeOf).
enum class PhysicalType : uint8_t {
  kBool,  // uint8_t, 0 or 1
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFloat32,
  kFloat64,
  kInt128,      // DECIMAL(p > 18): unscaled value
  kTimestamp9,  // TIMESTAMP(p > 6): struct Timestamp9 (types/temporal.h)
  kString,      // StringView (columnar/string_view16.h): text and bytes
  kArray,
  kMap,
  kRow,
};

enum class TimeAttribute : uint8_t { kNone, kRowtime, kProctime };

struct Field;

class DataType {
 public:
  static constexpr int32_t kMaxLength = 2147483647;

  DataType() = default;  // NULL type
  static DataType Null();
  static DataType Boolean(bool nullable = true);
  static DataType TinyInt(bool nullable = true);
  static DataType SmallInt(bool nullable = true);
  static DataType Int(bool nullable = true);
  static DataType BigInt(bool nullable = true);
  static DataType Float(bool nullable = true);
  static DataType Double(bool nullable = true);
  static DataType Decimal(int precision, int scale, bool nullable = true);
  static DataType Char(int32_t length, bool nullable = true);
  static DataType Varchar(int32_t length, bool nullable = true);
  static DataType String(bool nullable = true);
  static DataType Binary(int32_t length, bool nullable = true);
  static DataType Varbinary(int32_t length, bool nullable = true);
  static DataType Bytes(bool nullable = true);
  static DataType Date(bool nullable = true);
  static DataType Time(int precision, bool nullable = true);
  static DataType Timestamp(int precision, bool nullable = true);
  static DataType TimestampLtz(int precision, bool nullable = true);
  // `unit` fields are those of the printed form: leading precision and, for day-time, fraction.
  static DataType IntervalYearMonth(std::string_view resolution = "YEAR TO MONTH",
                                    int precision = 2, bool nullable = true);
  static DataType IntervalDayTime(std::string_view resolution = "DAY TO SECOND", int precision = 2,
                                  int fraction = 3, bool nullable = true);
  static DataType Array(DataType element, bool nullable = true);
  static DataType Multiset(DataType element, bool nullable = true);
  static DataType Map(DataType key, DataType value, bool nullable = true);
  static DataType Row(std::vector<Field> fields, bool nullable = true);
  static DataType Variant(bool nullable = true);
  static DataType Bitmap(bool nullable = true);
  static DataType Raw(std::string_view class_name, bool nullable = true);
  static DataType Symbol();

  TypeRoot root() const { return root_; }
  bool nullable() const { return nullable_; }
  int32_t length() const { return length_; }  // CHAR, VARCHAR, BINARY, VARBINARY
  int precision() const { return length_; }   // DECIMAL, TIME, TIMESTAMP, intervals
  int scale() const { return scale_; }        // DECIMAL; fraction of day-time intervals
  TimeAttribute time_attribute() const { return time_attribute_; }
  bool is_rowtime() const { return time_attribute_ == TimeAttribute::kRowtime; }
  bool is_proctime() const { return time_attribute_ == TimeAttribute::kProctime; }
  // Interval qualifier ("DAY TO SECOND") or RAW class name; empty otherwise.
  const std::string& detail() const;
  // Children: ARRAY and MULTISET 1, MAP 2 (key, value), ROW n. REQUIRES: index < child_count().
  size_t child_count() const;
  const DataType& child(size_t index) const;
  const std::vector<Field>& fields() const;  // ROW (others: the children with empty names)

  DataType WithNullable(bool nullable) const;
  DataType WithTimeAttribute(TimeAttribute attribute) const;

  bool operator==(const DataType& other) const;
  // As ==, but the nullability of the outermost type is ignored.
  bool EqualsIgnoringNullability(const DataType& other) const;

  // Flink's summary string. A time attribute is not printed (DESCRIBE adds it).
  std::string ToString() const;

 private:
  struct Nested;
  TypeRoot root_ = TypeRoot::kNull;
  bool nullable_ = true;
  TimeAttribute time_attribute_ = TimeAttribute::kNone;
  int32_t length_ = 0;
  int32_t scale_ = 0;
  std::shared_ptr<const Nested> nested_;
};

// A named, typed member of a row type, a table or a batch.
struct Field {
  std::string name;
  DataType type;
  std::string description;
};

struct DataType::Nested {
  std::vector<Field> fields;
  std::string detail;
};

PhysicalType PhysicalTypeOf(const DataType& type);
// Bytes of one value in a flat column (arrays and maps: one int32 offset; rows: 0).
int PhysicalWidth(PhysicalType type);

bool IsInteger(TypeRoot root);       // TINYINT .. BIGINT
bool IsExactNumeric(TypeRoot root);  // integers and DECIMAL
bool IsApproximateNumeric(TypeRoot root);
bool IsNumeric(TypeRoot root);
bool IsCharacter(TypeRoot root);     // CHAR, VARCHAR
bool IsBinaryString(TypeRoot root);  // BINARY, VARBINARY
bool IsInterval(TypeRoot root);
bool IsTemporal(TypeRoot root);   // DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ
bool IsTimestamp(TypeRoot root);  // TIMESTAMP, TIMESTAMP_LTZ
std::string_view TypeRootName(TypeRoot root);

// Ordered, named columns: the row type of a table, an operator's output, a decoder's target.
struct Schema {
  std::vector<Field> fields;

  size_t size() const { return fields.size(); }
  const DataType& type(size_t index) const { return fields[index].type; }
  const std::string& name(size_t index) const { return fields[index].name; }
  // Position of the column called exactly `name`, or -1.
  int IndexOf(std::string_view name) const;
  std::string ToString() const;  // "ROW<...> NOT NULL"
};

}  // namespace rhei
