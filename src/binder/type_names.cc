#include "binder/type_names.h"

#include <fmt/format.h>

namespace rhei {

std::string TypeInMessages(const DataType& type) {
  switch (type.root()) {
    case TypeRoot::kInt: return "INTEGER";
    case TypeRoot::kVarchar: return fmt::format("VARCHAR({})", type.length());
    case TypeRoot::kVarbinary: return fmt::format("VARBINARY({})", type.length());
    case TypeRoot::kArray: return TypeInMessages(type.child(0)) + " ARRAY";
    case TypeRoot::kMultiset: return TypeInMessages(type.child(0)) + " MULTISET";
    case TypeRoot::kMap:
      return fmt::format("({}, {}) MAP", TypeInMessages(type.child(0)),
                         TypeInMessages(type.child(1)));
    case TypeRoot::kRow: {
      std::string fields;
      for (const Field& field : type.fields()) {
        if (!fields.empty()) fields += ", ";
        fields += TypeInMessages(field.type) + " " + field.name;
      }
      return "RecordType:peek_no_expand(" + fields + ")";
    }
    case TypeRoot::kIntervalYearMonth:
    case TypeRoot::kIntervalDayTime: return "INTERVAL " + type.detail();
    default: return type.WithNullable(true).ToString();
  }
}

std::string FamilyInMessages(const DataType& type) {
  const TypeRoot root = type.root();
  if (IsNumeric(root)) return "NUMERIC";
  if (IsCharacter(root)) return "CHARACTER";
  if (IsBinaryString(root)) return "BINARY";
  switch (root) {
    case TypeRoot::kTimestamp: return "TIMESTAMP";
    case TypeRoot::kTimestampLtz: return "TIMESTAMP";
    case TypeRoot::kTime: return "TIME";
    case TypeRoot::kIntervalYearMonth: return "INTERVAL_YEAR_MONTH";
    case TypeRoot::kIntervalDayTime: return "INTERVAL_DAY_TIME";
    default: return TypeInMessages(type);
  }
}

std::string SignatureInMessages(std::string_view name, const std::vector<DataType>& types) {
  std::string text(name);
  text += '(';
  for (size_t i = 0; i < types.size(); ++i) {
    if (i > 0) text += ", ";
    text += "<" + FamilyInMessages(types[i]) + ">";
  }
  return text + ")";
}

std::string SchemaInMessages(const std::vector<Field>& fields) {
  std::string text;
  for (const Field& field : fields) {
    if (!text.empty()) text += ", ";
    text += field.name + ": " + field.type.ToString();
  }
  return text;
}

}  // namespace rhei
