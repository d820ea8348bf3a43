#include "types/coercion.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace rhei {
namespace {

constexpr int kMaxPrecision = 38;

// The widest of two roots that are ordered by what they hold.
TypeRoot Wider(TypeRoot a, TypeRoot b) {
  return a < b ? b : a;
}

DataType IntegerType(TypeRoot root) {
  switch (root) {
    case TypeRoot::kTinyInt: return DataType::TinyInt();
    case TypeRoot::kSmallInt: return DataType::SmallInt();
    case TypeRoot::kInt: return DataType::Int();
    default: return DataType::BigInt();
  }
}

DataType CommonDecimal(const DataType& a, const DataType& b) {
  const DataType x = AsDecimal(a);
  const DataType y = AsDecimal(b);
  const int digits =
      std::min(std::max(x.precision() - x.scale(), y.precision() - y.scale()), kMaxPrecision);
  const int scale = std::min(std::max(x.scale(), y.scale()), kMaxPrecision - digits);
  return DataType::Decimal(digits + scale, scale);
}

DataType CommonNumeric(const DataType& a, const DataType& b) {
  const bool a_approximate = IsApproximateNumeric(a.root());
  const bool b_approximate = IsApproximateNumeric(b.root());
  if (a_approximate || b_approximate) {
    // Of FLOAT and DOUBLE the first one wins: Flink takes both for equally precise.
    if (a.root() == TypeRoot::kDecimal || b.root() == TypeRoot::kDecimal) return DataType::Double();
    return (a_approximate ? a : b).WithNullable(true);
  }
  if (a.root() == TypeRoot::kDecimal || b.root() == TypeRoot::kDecimal) return CommonDecimal(a, b);
  return IntegerType(Wider(a.root(), b.root()));
}

DataType CommonText(const DataType& a, const DataType& b) {
  const int32_t length = std::max(a.length(), b.length());
  const bool fixed = a.root() == TypeRoot::kChar && b.root() == TypeRoot::kChar;
  return fixed && a.length() == b.length() ? DataType::Char(length) : DataType::Varchar(length);
}

DataType CommonBytes(const DataType& a, const DataType& b) {
  const int32_t length = std::max(a.length(), b.length());
  const bool fixed = a.root() == TypeRoot::kBinary && b.root() == TypeRoot::kBinary;
  return fixed && a.length() == b.length() ? DataType::Binary(length) : DataType::Varbinary(length);
}

std::optional<DataType> CommonTemporal(const DataType& a, const DataType& b) {
  const TypeRoot x = a.root();
  const TypeRoot y = b.root();
  if (x == y) {
    if (x == TypeRoot::kDate) return DataType::Date();
    const int precision = std::max(a.precision(), b.precision());
    if (x == TypeRoot::kTime) return DataType::Time(precision);
    return x == TypeRoot::kTimestamp ? DataType::Timestamp(precision)
                                     : DataType::TimestampLtz(precision);
  }
  if (!IsTimestamp(x) || !IsTimestamp(y)) return std::nullopt;
  return DataType::TimestampLtz(std::max(a.precision(), b.precision()));
}

DataType CommonInterval(const DataType& a, const DataType& b) {
  const int precision = std::max(a.precision(), b.precision());
  if (a.root() == TypeRoot::kIntervalYearMonth) {
    return DataType::IntervalYearMonth(a.detail() == b.detail() ? a.detail() : "YEAR TO MONTH",
                                       precision);
  }
  return DataType::IntervalDayTime(a.detail() == b.detail() ? a.detail() : "DAY TO SECOND",
                                   precision, std::max(a.scale(), b.scale()));
}

std::optional<DataType> CommonNested(const DataType& a, const DataType& b) {
  if (a.child_count() != b.child_count()) return std::nullopt;
  std::vector<Field> fields;
  for (size_t i = 0; i < a.child_count(); ++i) {
    std::optional<DataType> child = CommonType(a.child(i), b.child(i));
    if (!child.has_value()) return std::nullopt;
    fields.push_back({a.fields()[i].name, *std::move(child), a.fields()[i].description});
  }
  switch (a.root()) {
    case TypeRoot::kArray: return DataType::Array(fields[0].type);
    case TypeRoot::kMultiset: return DataType::Multiset(fields[0].type);
    case TypeRoot::kMap: return DataType::Map(fields[0].type, fields[1].type);
    default: return DataType::Row(std::move(fields));
  }
}

std::optional<DataType> CommonNonNull(const DataType& a, const DataType& b) {
  const TypeRoot x = a.root();
  const TypeRoot y = b.root();
  if (x == TypeRoot::kNull) return b;
  if (y == TypeRoot::kNull) return a;
  if (a.EqualsIgnoringNullability(b)) return a;
  if (IsNumeric(x) && IsNumeric(y)) return CommonNumeric(a, b);
  if (IsCharacter(x) && IsCharacter(y)) return CommonText(a, b);
  if (IsBinaryString(x) && IsBinaryString(y)) return CommonBytes(a, b);
  if (IsTemporal(x) && IsTemporal(y)) return CommonTemporal(a, b);
  if (IsInterval(x) && x == y) return CommonInterval(a, b);
  const bool nested = x == TypeRoot::kArray || x == TypeRoot::kMultiset || x == TypeRoot::kMap ||
                      x == TypeRoot::kRow;
  if (nested && x == y) return CommonNested(a, b);
  return std::nullopt;
}

// The digits of a decimal result that would need more than 38: those before the point stay, of the
// scale at least six do.
DataType FitDecimal(int precision, int scale, bool nullable) {
  if (precision <= kMaxPrecision) return DataType::Decimal(precision, scale, nullable);
  const int digits = precision - scale;
  return DataType::Decimal(kMaxPrecision, std::max(kMaxPrecision - digits, std::min(scale, 6)),
                           nullable);
}

// Are the children of two nested types castable pairwise by `allowed`?
template <typename Allowed>
bool ChildrenAllowed(const DataType& from, const DataType& to, Allowed allowed) {
  if (from.child_count() != to.child_count()) return false;
  for (size_t i = 0; i < from.child_count(); ++i) {
    if (!allowed(from.child(i), to.child(i))) return false;
  }
  return true;
}

bool IsNested(TypeRoot root) {
  return root == TypeRoot::kArray || root == TypeRoot::kMultiset || root == TypeRoot::kMap ||
         root == TypeRoot::kRow;
}

}  // namespace

std::optional<DataType> CommonType(const DataType& a, const DataType& b) {
  std::optional<DataType> common = CommonNonNull(a, b);
  if (!common.has_value()) return std::nullopt;
  return common->WithNullable(a.nullable() || b.nullable());
}

std::optional<DataType> CommonType(std::span<const DataType> types) {
  CHECK(!types.empty());
  std::optional<DataType> common = types[0];
  for (const DataType& type : types.subspan(1)) {
    common = CommonType(*common, type);
    if (!common.has_value()) return std::nullopt;
  }
  return common;
}

std::optional<DataType> ComparisonType(const DataType& a, const DataType& b, bool equality) {
  if (std::optional<DataType> common = CommonType(a, b); common.has_value()) return common;
  const bool a_text = IsCharacter(a.root());
  const bool b_text = IsCharacter(b.root());
  if (a_text == b_text) return std::nullopt;
  const DataType& other = a_text ? b : a;
  const bool nullable = a.nullable() || b.nullable();
  if (IsTemporal(other.root())) return other.WithNullable(nullable);
  if (other.root() == TypeRoot::kBoolean) {
    return equality ? DataType::String(nullable) : DataType::Boolean(nullable);
  }
  if (IsNumeric(other.root()) && !equality) return other.WithNullable(nullable);
  return std::nullopt;
}

DataType AsDecimal(const DataType& type) {
  switch (type.root()) {
    case TypeRoot::kTinyInt: return DataType::Decimal(3, 0, type.nullable());
    case TypeRoot::kSmallInt: return DataType::Decimal(5, 0, type.nullable());
    case TypeRoot::kInt: return DataType::Decimal(10, 0, type.nullable());
    case TypeRoot::kBigInt: return DataType::Decimal(19, 0, type.nullable());
    default: CHECK(type.root() == TypeRoot::kDecimal); return type;
  }
}

DataType DecimalResultType(DecimalOperator op, const DataType& a, const DataType& b) {
  const DataType x = AsDecimal(a);
  const DataType y = AsDecimal(b);
  const bool nullable = a.nullable() || b.nullable();
  const int p1 = x.precision();
  const int s1 = x.scale();
  const int p2 = y.precision();
  const int s2 = y.scale();
  switch (op) {
    case DecimalOperator::kAdd: {
      const int scale = std::max(s1, s2);
      return FitDecimal(std::max(p1 - s1, p2 - s2) + scale + 1, scale, nullable);
    }
    case DecimalOperator::kMultiply: return FitDecimal(p1 + p2 + 1, s1 + s2, nullable);
    case DecimalOperator::kDivide: {
      const int scale = std::max(6, s1 + p2 + 1);
      return FitDecimal(p1 - s1 + s2 + scale, scale, nullable);
    }
    case DecimalOperator::kModulo: {
      if (s1 == 0 && s2 == 0) return b.WithNullable(nullable);
      const int scale = std::max(s1, s2);
      return FitDecimal(std::min(p1 - s1, p2 - s2) + scale, scale, nullable);
    }
  }
  CHECK(false);
}

bool ImplicitCastAllowed(const DataType& from, const DataType& to) {
  const TypeRoot f = from.root();
  const TypeRoot t = to.root();
  if (f == TypeRoot::kNull) return true;
  if (IsNested(t)) return f == t && ChildrenAllowed(from, to, ImplicitCastAllowed);
  if (f == t) return t != TypeRoot::kRaw || from.detail() == to.detail();
  switch (t) {
    case TypeRoot::kVarchar: return f == TypeRoot::kChar;
    case TypeRoot::kVarbinary: return f == TypeRoot::kBinary;
    case TypeRoot::kDecimal:
    case TypeRoot::kDouble: return IsNumeric(f);
    case TypeRoot::kFloat: return IsExactNumeric(f);
    case TypeRoot::kSmallInt:
    case TypeRoot::kInt:
    case TypeRoot::kBigInt: return IsInteger(f) && f < t;
    case TypeRoot::kDate:
    case TypeRoot::kTime: return f == TypeRoot::kTimestamp;
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz: return IsTimestamp(f);
    default: return false;
  }
}

bool CastAllowed(const DataType& from, const DataType& to) {
  const TypeRoot f = from.root();
  const TypeRoot t = to.root();
  if (ImplicitCastAllowed(from, to)) return true;
  if (f == TypeRoot::kVariant) {
    return t == TypeRoot::kBoolean || IsNumeric(t) || IsCharacter(t) || IsBinaryString(t) ||
           t == TypeRoot::kDate || IsTimestamp(t);
  }
  if (IsCharacter(t)) return f != TypeRoot::kSymbol;
  if (IsBinaryString(t)) {
    return IsCharacter(f) || IsBinaryString(f) || f == TypeRoot::kRaw || f == TypeRoot::kBitmap;
  }
  if (t == TypeRoot::kBoolean) return IsCharacter(f) || IsNumeric(f);
  if (IsNumeric(t)) {
    return IsNumeric(f) || IsCharacter(f) || f == TypeRoot::kBoolean;
  }
  switch (t) {
    case TypeRoot::kDate: return IsTimestamp(f) || IsCharacter(f);
    case TypeRoot::kTime: return IsTimestamp(f) || IsCharacter(f);
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz: return IsTemporal(f) || IsCharacter(f);
    case TypeRoot::kIntervalYearMonth:
    case TypeRoot::kIntervalDayTime: return IsExactNumeric(f) || IsCharacter(f);
    case TypeRoot::kArray:
    case TypeRoot::kMultiset:
    case TypeRoot::kMap:
    case TypeRoot::kRow: return f == t && ChildrenAllowed(from, to, CastAllowed);
    default: return false;
  }
}

std::string LongTypeName(const DataType& type) {
  if (type.root() == TypeRoot::kInt) return "INTEGER";
  if (type.root() == TypeRoot::kVarchar) return fmt::format("VARCHAR({})", type.length());
  if (type.root() == TypeRoot::kVarbinary) return fmt::format("VARBINARY({})", type.length());
  return type.WithNullable(true).ToString();
}

std::string CastRefusal(const DataType& from, const DataType& to) {
  if (IsNumeric(from.root()) && IsTimestamp(to.root())) {
    return to.root() == TypeRoot::kTimestamp
               ? "The cast from NUMERIC type to TIMESTAMP type is not allowed. It's recommended to "
                 "use TO_TIMESTAMP(FROM_UNIXTIME(numeric_col)) instead, note the numeric is in "
                 "seconds."
               : "The cast from NUMERIC type to TIMESTAMP_LTZ type is not allowed. It's "
                 "recommended to use TO_TIMESTAMP_LTZ(numeric_col, precision) instead.";
  }
  if (IsTimestamp(from.root()) && IsNumeric(to.root())) {
    return fmt::format(
        "The cast from {} type to NUMERIC type is not allowed. It's recommended to use "
        "UNIX_TIMESTAMP(CAST(timestamp_col AS STRING)) instead.",
        TypeRootName(from.root()));
  }
  return fmt::format("Cast function cannot convert value of type {} to type {}", LongTypeName(from),
                     LongTypeName(to));
}

}  // namespace rhei
