#include "types/side_tables.h"

#include <fmt/format.h>

namespace rhei {
Schema ErrorTableSchema() {
  return {{{"rejected_at", DataType::TimestampLtz(3), ""},
           {"reason", DataType::String(), ""},
           {"column_name", DataType::String(), ""},
           {"origin", DataType::String(), ""},
           {"record_position", DataType::BigInt(), ""},
           {"error_byte", DataType::BigInt(), ""},
           {"raw_record", DataType::Bytes(), ""},
           {"change_kind", DataType::String(), ""},
           {"row_json", DataType::String(), ""}}};
}

Schema LateTableSchema() {
  return {{{"late_at", DataType::TimestampLtz(3), ""},
           {"operator_name", DataType::String(), ""},
           {"change_kind", DataType::String(), ""},
           {"row_json", DataType::String(), ""}}};
}

Schema SideTableSchema(SideTable side) {
  return side == SideTable::kErrors ? ErrorTableSchema() : LateTableSchema();
}

bool ParseSideTableName(std::string_view name, std::string* table, SideTable* side) {
  for (const SideTable each : {SideTable::kErrors, SideTable::kLate}) {
    const std::string_view suffix = each == SideTable::kErrors ? kErrorsSuffix : kLateSuffix;
    if (name.size() <= suffix.size() || !name.ends_with(suffix)) continue;
    *table = name.substr(0, name.size() - suffix.size());
    *side = each;
    return true;
  }
  return false;
}

std::string SideTableName(std::string_view table, SideTable side) {
  return fmt::format("{}{}", table, side == SideTable::kErrors ? kErrorsSuffix : kLateSuffix);
}

std::string SideTableDirectory(std::string_view root, std::string_view table, SideTable side) {
  std::string path = fmt::format("{}/", root);
  for (const char c : SideTableName(table, side)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-' || c == '$';
    path += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<uint8_t>(c));
  }
  return path;
}

}  // namespace rhei
