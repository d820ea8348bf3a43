#include "binder/type_binder.h"

#include <fmt/format.h>

namespace rhei {
namespace {

Result<int> InRange(std::optional<int32_t> written, int fallback, int low, int high,
                    std::string_view what, SqlPosition position) {
  if (!written) return fallback;
  if (*written < low || *written > high) {
    return InvalidSql(
        fmt::format("{} must be between {} and {} (both inclusive).", what, low, high), position);
  }
  return static_cast<int>(*written);
}

constexpr int kAnyLength = DataType::kMaxLength;

Result<DataType> BindTextType(const ast::TypeName& type) {
  using ast::TypeKind;
  const SqlPosition at = type.position;
  switch (type.kind) {
    case TypeKind::kChar: {
      ASSIGN_OR_RETURN(int n,
                       InRange(type.precision, 1, 1, kAnyLength, "Character string length", at));
      return DataType::Char(n);
    }
    case TypeKind::kVarChar: {
      ASSIGN_OR_RETURN(int n, InRange(type.precision, kAnyLength, 1, kAnyLength,
                                      "Variable character string length", at));
      return DataType::Varchar(n);
    }
    case TypeKind::kBinary: {
      ASSIGN_OR_RETURN(int n,
                       InRange(type.precision, 1, 1, kAnyLength, "Binary string length", at));
      return DataType::Binary(n);
    }
    default: {
      ASSIGN_OR_RETURN(int n, InRange(type.precision, kAnyLength, 1, kAnyLength,
                                      "Variable binary string length", at));
      return DataType::Varbinary(n);
    }
  }
}

Result<DataType> BindRowType(const ast::TypeName& type) {
  std::vector<Field> fields;
  for (const ast::RowField& field : type.fields) {
    for (const Field& other : fields) {
      if (other.name == field.name.text) {
        return InvalidSql(
            fmt::format("Field names must be unique. Found duplicates: [{}]", field.name.text),
            field.name.position);
      }
    }
    ASSIGN_OR_RETURN(DataType field_type, BindType(*field.type));
    fields.push_back({field.name.text, std::move(field_type), field.comment.value_or("")});
  }
  return DataType::Row(std::move(fields));
}

Result<DataType> BindNullableType(const ast::TypeName& type) {
  using ast::TypeKind;
  const SqlPosition at = type.position;
  switch (type.kind) {
    case TypeKind::kBoolean: return DataType::Boolean();
    case TypeKind::kTinyInt: return DataType::TinyInt();
    case TypeKind::kSmallInt: return DataType::SmallInt();
    case TypeKind::kInteger: return DataType::Int();
    case TypeKind::kBigInt: return DataType::BigInt();
    case TypeKind::kFloat: return DataType::Float();
    case TypeKind::kDouble: return DataType::Double();
    case TypeKind::kDecimal: {
      ASSIGN_OR_RETURN(int p, InRange(type.precision, 10, 1, 38, "Decimal precision", at));
      ASSIGN_OR_RETURN(int s, InRange(type.scale, 0, 0, p,
                                      "Decimal scale must not exceed the precision: it", at));
      return DataType::Decimal(p, s);
    }
    case TypeKind::kChar:
    case TypeKind::kVarChar:
    case TypeKind::kBinary:
    case TypeKind::kVarBinary: return BindTextType(type);
    case TypeKind::kString: return DataType::String();
    case TypeKind::kBytes: return DataType::Bytes();
    case TypeKind::kDate: return DataType::Date();
    case TypeKind::kTime: {
      ASSIGN_OR_RETURN(int p, InRange(type.precision, 0, 0, 9, "Time precision", at));
      return DataType::Time(p);
    }
    case TypeKind::kTimestamp: {
      ASSIGN_OR_RETURN(int p, InRange(type.precision, 6, 0, 9, "Timestamp precision", at));
      return DataType::Timestamp(p);
    }
    case TypeKind::kTimestampLtz: {
      ASSIGN_OR_RETURN(
          int p, InRange(type.precision, 6, 0, 9, "Timestamp with local time zone precision", at));
      return DataType::TimestampLtz(p);
    }
    case TypeKind::kTimestampTz:
      return Unsupported("TIMESTAMP WITH TIME ZONE is not supported yet", at);
    case TypeKind::kIntervalYearMonth:
    case TypeKind::kIntervalDayTime: return BindIntervalType(type.interval);
    case TypeKind::kArray: {
      ASSIGN_OR_RETURN(DataType element, BindType(*type.children[0]));
      return DataType::Array(std::move(element));
    }
    case TypeKind::kMultiset: {
      ASSIGN_OR_RETURN(DataType element, BindType(*type.children[0]));
      return DataType::Multiset(std::move(element));
    }
    case TypeKind::kMap: {
      ASSIGN_OR_RETURN(DataType key, BindType(*type.children[0]));
      ASSIGN_OR_RETURN(DataType value, BindType(*type.children[1]));
      return DataType::Map(std::move(key), std::move(value));
    }
    case TypeKind::kRow: return BindRowType(type);
    case TypeKind::kStructured: return Unsupported("STRUCTURED types are not supported yet", at);
    case TypeKind::kRaw: return DataType::Raw(type.class_name);
    case TypeKind::kNull: return DataType::Null();
    case TypeKind::kVariant: return DataType::Variant();
    case TypeKind::kBitmap: return DataType::Bitmap();
    case TypeKind::kUserDefined:
      return InvalidSql(fmt::format("Unknown identifier '{}'", ast::JoinPath(type.user_name)), at);
  }
  return InvalidSql("Unknown type", at);
}

}  // namespace

Result<DataType> BindType(const ast::TypeName& type) {
  ASSIGN_OR_RETURN(DataType bound, BindNullableType(type));
  return type.not_null ? bound.WithNullable(false) : bound;
}

}  // namespace rhei
