#include "formats/csv/csv.h"

#include <gtest/gtest.h>

#include "formats/testing.h"

namespace rhei {
namespace {

using Rows = std::vector<std::string>;

Schema IntAndText() {
  return {{{"a", DataType::Int(), ""}, {"s", DataType::String(), ""}}};
}

TEST(Csv, ABadRecordNamesPlaceFieldAndReason) {
  FormatTest csv("csv", {}, IntAndText());
  EXPECT_EQ(csv.Decode({"1,x", "2,y,z"}),
            (Rows{"error: test at 1, byte 4: Failed to deserialize CSV row: Too many entries: "
                  "expected at most 2 (value #2 (1 chars) \"z\")"}));
  csv.spec.on_error = ErrorPolicy::kReject;
  EXPECT_EQ(csv.Decode({"x,y", "1,\"two\nlines\"", "2,\"open", "3"}), (Rows{"+I[1, two\nlines]"}));
  EXPECT_EQ(csv.output.record_of_row, (std::vector<int32_t>{1}));
  ASSERT_EQ(csv.output.rejects.size(), 3u);
  EXPECT_EQ(csv.output.rejects[0].field, "a");
  EXPECT_EQ(csv.output.rejects[0].reason,
            "Failed to deserialize CSV row: Fail to deserialize at field: a. 'x' is not INT");
  EXPECT_EQ(csv.output.rejects[1].record, 2);
  EXPECT_EQ(csv.output.rejects[2].reason,
            "Failed to deserialize CSV row: Row length mismatch. 2 fields expected but was 1.");
}

TEST(Csv, StringsLongAndShortSurviveTheRecord) {
  FormatTest csv("csv", {}, IntAndText());
  const std::string text = "a string of more than twelve bytes";
  EXPECT_EQ(csv.Decode({"1," + text, "2,\"" + text + "\"", "3,\"say \"\"" + text + "\"\"\""}),
            (Rows{"+I[1, " + text + "]", "+I[2, " + text + "]", "+I[3, say \"" + text + "\"]"}));
}

TEST(Csv, OptionsAreChecked) {
  const auto status = [](const Options& options) {
    return FormatTest("csv", options, IntAndText()).status.message();
  };
  EXPECT_EQ(status({{"field-delimiter", "||"}}),
            "Option 'csv.field-delimiter' must be a string with single character, but was: ||");
  EXPECT_EQ(
      status({{"quote-character", "'"}, {"disable-quote-character", "true"}}),
      "Format cannot define a quote character and disabled quote character at the same time.");
  EXPECT_EQ(status({{"field-delimiter", "\\u0001"}}), "");
}

// One text column, as the oracle writes it.
std::string Write(const Options& options, std::string text) {
  return FormatTest("csv", options, {{{"s", DataType::String(), ""}}})
      .Encode({{Value::Text(std::move(text))}})[0];
}

TEST(Csv, QuotesWhatFlinkQuotes) {
  for (const std::string text : {"a;b", "a|b", "-1", "\xc3\xa9", "~", "=x", "<", ""}) {
    EXPECT_EQ(Write({}, text), text);
  }
  for (const std::string text : {"a b", " a", "'q'", "#x", "1,2", "a\tb", "a\nb", "x\\y"}) {
    EXPECT_EQ(Write({}, text), "\"" + text + "\"");
  }
  EXPECT_EQ(Write({}, "d\"q"), "\"d\"\"q\"");
  EXPECT_EQ(Write({}, std::string(24, 'a')), std::string(24, 'a'));
  EXPECT_EQ(Write({}, std::string(25, 'a')), "\"" + std::string(25, 'a') + "\"");
  EXPECT_EQ(Write({},
                  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
                  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"),
            "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
            "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9");
  EXPECT_EQ(Write({{"field-delimiter", ";"}}, "12"), "\"12\"");
  EXPECT_EQ(Write({{"field-delimiter", "|"}}, "~"), "~");
  EXPECT_EQ(Write({{"field-delimiter", "\\t"}}, "a,b"), "a,b");
  EXPECT_EQ(Write({{"field-delimiter", "\\t"}}, "\""), "\"\"\"\"");
  EXPECT_EQ(Write({{"quote-character", "|"}}, "a|b"), "|a||b|");
  EXPECT_EQ(Write({{"escape-character", "\\"}}, "c\\d"), "\"c\\\\d\"");
  EXPECT_EQ(Write({{"escape-character", "\\"}}, "a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(Write({{"disable-quote-character", "true"}}, "a,\"b"), "a,\"b");
  EXPECT_EQ(Write({{"null-literal", "NULL"}}, "NULL"), "NULL");
}

TEST(Csv, WritesWhatFlinkWrites) {
  const DataType row =
      DataType::Row({{"x", DataType::Timestamp(3), ""}, {"y", DataType::Decimal(10, 2), ""}});
  const Schema schema = {{{"a", DataType::Boolean(), ""},
                          {"f", DataType::Double(), ""},
                          {"g", DataType::Decimal(10, 2), ""},
                          {"i", DataType::Date(), ""},
                          {"j", DataType::Time(3), ""},
                          {"k", DataType::Timestamp(3), ""},
                          {"l", DataType::TimestampLtz(3), ""},
                          {"m", DataType::Bytes(), ""},
                          {"n", DataType::Array(DataType::Int()), ""},
                          {"o", row, ""}}};
  const std::vector<Value> values = {
      Value::Bool(true),
      Value::Double(1e10),
      Value::Int(17000),
      Value::Int(18263),
      Value::Int(45296700),
      Value::Int(1577934245600000),
      Value::Int(1577934240000000),
      Value::Text(std::string("\0\xff\x41", 3)),
      Value::Nested({Value::Int(1), Value()}),
      Value::Nested({Value::Int(1577934245000000), Value::Int(10000)})};
  EXPECT_EQ(FormatTest("csv", {}, schema).Encode({values}),
            (Rows{"true,1.0E10,1.7E+2,2020-01-02,12:34:56.7,\"2020-01-02 03:04:05.6\","
                  "\"2020-01-02 03:04:00Z\",AP9B,1;,\"2020-01-02 03:04:05;1E+2\""}));
  FormatTest named(
      "csv", {{"null-literal", "N"}, {"write-bigdecimal-in-scientific-notation", "false"}}, schema);
  EXPECT_EQ(named.Encode({std::vector<Value>(10)}), (Rows{"N,N,N,N,N,N,N,N,N,N"}));
  EXPECT_EQ(named.Encode({values})[0].substr(12, 4), "170,");
}

TEST(Csv, WhatIsWrittenReadsBack) {
  const Schema schema = {{{"s", DataType::String(), ""},
                          {"d", DataType::Double(), ""},
                          {"t", DataType::Timestamp(9), ""},
                          {"r", DataType::Array(DataType::String()), ""}}};
  FormatTest csv("csv", {{"null-literal", "NULL"}}, schema);
  const std::vector<std::vector<Value>> rows = {
      {Value::Text("a \"quoted\", text\r\nof two lines"), Value::Double(0.1),
       Value::Time9({-1, 999}), Value::Nested({Value::Text("x y"), Value(), Value::Text("z")})},
      {Value(), Value(), Value(), Value::Nested({})}};
  BatchBuilder builder(schema);
  for (const std::vector<Value>& row : rows) builder.AppendRow(row);
  const Batch batch = builder.Finish();
  Rows expected;
  for (int32_t i = 0; i < 2; ++i) expected.push_back(DebugRow(batch, i, schema));
  EXPECT_EQ(csv.Decode(csv.Encode(rows)), expected);
}

}  // namespace
}  // namespace rhei
