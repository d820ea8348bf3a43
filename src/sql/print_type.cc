// Prints data types.
#include "sql/syntax_printer.h"

namespace rhei {
namespace {

std::string_view KindText(ast::TypeKind kind) {
  using ast::TypeKind;
  switch (kind) {
    case TypeKind::kBoolean: return "BOOLEAN";
    case TypeKind::kTinyInt: return "TINYINT";
    case TypeKind::kSmallInt: return "SMALLINT";
    case TypeKind::kInteger: return "INTEGER";
    case TypeKind::kBigInt: return "BIGINT";
    case TypeKind::kFloat: return "FLOAT";
    case TypeKind::kDouble: return "DOUBLE";
    case TypeKind::kDecimal: return "DECIMAL";
    case TypeKind::kChar: return "CHAR";
    case TypeKind::kVarChar: return "VARCHAR";
    case TypeKind::kString: return "STRING";
    case TypeKind::kBinary: return "BINARY";
    case TypeKind::kVarBinary: return "VARBINARY";
    case TypeKind::kBytes: return "BYTES";
    case TypeKind::kDate: return "DATE";
    case TypeKind::kTime: return "TIME";
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampLtz:
    case TypeKind::kTimestampTz: return "TIMESTAMP";
    case TypeKind::kIntervalYearMonth:
    case TypeKind::kIntervalDayTime: return "INTERVAL";
    case TypeKind::kArray: return "ARRAY";
    case TypeKind::kMultiset: return "MULTISET";
    case TypeKind::kMap: return "MAP";
    case TypeKind::kRow: return "ROW";
    case TypeKind::kStructured: return "STRUCTURED";
    case TypeKind::kRaw: return "RAW";
    case TypeKind::kNull: return "NULL";
    case TypeKind::kVariant: return "VARIANT";
    case TypeKind::kBitmap: return "BITMAP";
    case TypeKind::kUserDefined: return "";
  }
  CHECK(false);
}

}  // namespace

void SyntaxPrinter::Fields(const std::vector<ast::RowField>& fields) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) Put(", ");
    PutName(fields[i].name);
    Put(" ");
    Type(*fields[i].type);
    if (fields[i].comment) {
      Put(" ");
      PutString(*fields[i].comment);
    }
  }
}

void SyntaxPrinter::Type(const ast::TypeName& type) {
  using ast::TypeKind;
  const bool ltz = type.kind == TypeKind::kTimestampLtz;
  switch (type.kind) {
    case TypeKind::kUserDefined: PutPath(type.user_name); break;
    case TypeKind::kIntervalYearMonth:
    case TypeKind::kIntervalDayTime:
      Put("INTERVAL ");
      Interval(type.interval);
      break;
    case TypeKind::kArray:
    case TypeKind::kMultiset:
    case TypeKind::kMap:
      if (type.postfix) {
        Type(*type.children[0]);
        Put(" ");
        Put(KindText(type.kind));
        break;
      }
      Put(KindText(type.kind));
      Put("< ");
      Type(*type.children[0]);
      if (type.children.size() > 1) {
        Put(", ");
        Type(*type.children[1]);
      }
      Put(" >");
      break;
    case TypeKind::kRow:
      if (type.fields.empty()) {
        Put(type.parentheses ? "ROW()" : "ROW<>");
        break;
      }
      Put(type.parentheses ? "ROW(" : "ROW< ");
      Fields(type.fields);
      Put(type.parentheses ? ")" : " >");
      break;
    case TypeKind::kStructured:
      Put("STRUCTURED< ");
      PutString(type.class_name);
      if (!type.fields.empty()) Put(", ");
      Fields(type.fields);
      Put(" >");
      break;
    case TypeKind::kRaw:
      Put("RAW(");
      PutString(type.class_name);
      Put(", ");
      PutString(type.raw_serializer);
      Put(")");
      break;
    default:
      Put(ltz && type.abbreviated ? "TIMESTAMP_LTZ" : KindText(type.kind));
      if (type.precision) {
        Put("(" + std::to_string(*type.precision));
        if (type.scale) Put(", " + std::to_string(*type.scale));
        Put(")");
      }
      if (ltz && !type.abbreviated) Put(" WITH LOCAL TIME ZONE");
      if (type.kind == TypeKind::kTimestampTz) Put(" WITH TIME ZONE");
  }
  if (type.not_null) Put(" NOT NULL");
}

}  // namespace rhei
