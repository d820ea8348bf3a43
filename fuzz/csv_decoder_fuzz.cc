// Any bytes as CSV records. The first byte chooses options.
#include "formats_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using rhei::DataType;
  static const rhei::Schema kTable = {{{"a", DataType::Int(), ""},
                                       {"b", DataType::String(), ""},
                                       {"c", DataType::Double(), ""},
                                       {"d", DataType::Decimal(10, 3), ""},
                                       {"e", DataType::Timestamp(9), ""},
                                       {"f", DataType::Boolean(), ""},
                                       {"g", DataType::Bytes(), ""},
                                       {"h", DataType::Date(), ""}}};
  static const rhei::Schema kNested = {
      {{"a", DataType::Array(DataType::String()), ""},
       {"b", DataType::Row({{"x", DataType::Int(), ""}, {"y", DataType::String(), ""}}), ""}}};
  if (size == 0) return 0;
  rhei::Options options = {{"null-literal", "\\N"}};
  if ((data[0] & 1) != 0) options["ignore-parse-errors"] = "true";
  if ((data[0] & 2) != 0) options["escape-character"] = "/";
  if ((data[0] & 4) != 0) options["allow-comments"] = "true";
  if ((data[0] & 8) != 0) options["ignore-trailing-unmappable"] = "true";
  if ((data[0] & 16) != 0) options["trim-spaces"] = "true";
  if ((data[0] & 32) != 0) options["field-delimiter"] = "|";
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool nested = (data[0] & 64) != 0;
  // A text that begins with # reads as a comment, and Flink does not write the escape character it
  // reads: only then what is written is not what is read.
  const bool round_trip = !nested && (data[0] & (2 | 4 | 16)) == 0;
  rhei::FuzzFormat("csv", options, nested ? kNested : kTable, text, round_trip);
  return 0;
}
