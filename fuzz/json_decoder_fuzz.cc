// Any bytes as JSON records of a table with every kind of column. The first byte chooses options.
#include "formats_fuzz.h"

namespace rhei {
namespace {

Schema TableOfAllTypes() {
  const DataType row =
      DataType::Row({{"x", DataType::Int(), ""}, {"y", DataType::Array(DataType::String()), ""}});
  return {{{"a", DataType::Int(), ""},
           {"b", DataType::String(), ""},
           {"c", DataType::Double(), ""},
           {"d", DataType::Decimal(10, 3), ""},
           {"e", DataType::Timestamp(3), ""},
           {"f", DataType::Boolean(), ""},
           {"g", row, ""},
           {"h", DataType::Map(DataType::String(), DataType::BigInt()), ""},
           {"i", DataType::Bytes(), ""},
           {"j", DataType::Date(), ""},
           {"k", DataType::TimestampLtz(9), ""},
           {"l", DataType::Time(3), ""},
           {"m", DataType::Decimal(38, 10), ""},
           {"n", DataType::TinyInt(), ""},
           {"o", DataType::Float(), ""},
           {"p", DataType::Multiset(DataType::String()), ""}}};
}

}  // namespace
}  // namespace rhei

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const rhei::Schema kTable = rhei::TableOfAllTypes();
  if (size == 0) return 0;
  rhei::Options options;
  if ((data[0] & 1) != 0) options["ignore-parse-errors"] = "true";
  if ((data[0] & 3) == 2) options["fail-on-missing-field"] = "true";
  if ((data[0] & 4) != 0) options["timestamp-format.standard"] = "ISO-8601";
  if ((data[0] & 8) != 0) options["encode.decimal-as-plain-number"] = "true";
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  rhei::FuzzFormat("json", options, kTable, text, true);
  return 0;
}
