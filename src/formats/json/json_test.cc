#include "formats/json/json.h"

#include <gtest/gtest.h>

#include "formats/testing.h"

namespace rhei {
namespace {

using Rows = std::vector<std::string>;

Schema IntAndText() {
  return {{{"a", DataType::Int(), ""}, {"s", DataType::String(), ""}}};
}

TEST(Json, FindsFieldsInAnyOrder) {
  FormatTest json("json", {}, IntAndText());
  EXPECT_EQ(json.Decode({R"({"a":1,"s":"x"})", R"({"a":2,"s":"y"})", R"({"s":"z","a":3})",
                         R"({"other":[1,{"a":9}],"a":4,"s":"w"})", R"({"a":5})",
                         R"({"a":6,"s":"v","t":0})"}),
            (Rows{"+I[1, x]", "+I[2, y]", "+I[3, z]", "+I[4, w]", "+I[5, NULL]", "+I[6, v]"}));
  // A key that is the start of another.
  EXPECT_EQ(json.Decode({R"({"a":1})", R"({"ab":1})", R"({"a" : 2})"}),
            (Rows{"+I[1, NULL]", "+I[NULL, NULL]", "+I[2, NULL]"}));
}

TEST(Json, OnlyNeededColumnsAreReadAndJudged) {
  FormatTest json("json", {}, IntAndText());
  json.Project({1});
  EXPECT_EQ(json.Decode({R"({"a":"no number","s":"x"})"}), (Rows{"+I[x]"}));
  json.Project({});
  EXPECT_EQ(json.Decode({R"({"a":1})", "[{},{}]"}), (Rows{"+I[]", "+I[]", "+I[]"}));
  EXPECT_EQ(json.output.record_of_row, (std::vector<int32_t>{0, 1, 1}));
}

TEST(Json, FieldsNobodyReadsStayNullButAreJudged) {
  const DataType row = DataType::Row({{"a", DataType::Int(), ""},
                                      {"s", DataType::String(), ""},
                                      {"b", DataType::Int(), ""},
                                      {"t", DataType::Timestamp(3), ""}});
  const Schema table{{{"r", row, ""}}};
  FormatTest json("json", {}, table);
  json.spec.columns[0].fields = {true, false, false, false};
  EXPECT_EQ(
      json.Decode({R"({"r":{"a":1,"s":"x","b":2,"t":"2020-01-01 00:00:00"}})", R"({"r":null})",
                   R"({"r":{"b":3,"s":{"x":[1]}}})", R"({"r":{"b":1,"b":2,"b":3,"b":4,"a":5}})"}),
      (Rows{"+I[(1, NULL, NULL, NULL)]", "+I[NULL]", "+I[(NULL, NULL, NULL, NULL)]",
            "+I[(NULL, NULL, NULL, NULL)]"}));
  json.spec.on_error = ErrorPolicy::kReject;
  EXPECT_EQ(json.Decode({R"({"r":{"a":1,"b":"x"}})", R"({"r":{"a":2,"b":99999999999}})",
                         R"({"r":{"a":3,"t":"never"}})", R"({"r":{"a":4}})", R"({"r":{"s":"x)"}),
            (Rows{"+I[(4, NULL, NULL, NULL)]"}));
  EXPECT_EQ(json.output.rejected, 4);

  FormatTest strict("json", {{"fail-on-missing-field", "true"}}, table);
  strict.spec.columns[0].fields = {true, false, false, false};
  strict.spec.on_error = ErrorPolicy::kReject;
  EXPECT_EQ(strict.Decode({R"({"r":{"a":1,"s":"x","b":2}})"}), Rows{});

  FormatTest lenient("json", {{"ignore-parse-errors", "true"}}, table);
  lenient.spec.columns[0].fields = {true, false, false, false};
  EXPECT_EQ(lenient.Decode({R"({"r":{"b":"x","t":7,"a":1}})"}), Rows{"+I[(1, NULL, NULL, NULL)]"});
}

// Whatever shapes the decoder has met before, a record gives the same.
TEST(Json, ARecordMeansTheSameBehindAnyOther) {
  const DataType inner = DataType::Row({{"x", DataType::Int(), ""},
                                        {"t", DataType::Timestamp(3), ""},
                                        {"l", DataType::Array(DataType::BigInt()), ""}});
  const Schema table{{{"a", DataType::Int(), ""},
                      {"s", DataType::String(), ""},
                      {"r", inner, ""},
                      {"t", DataType::Timestamp(3), ""},
                      {"d", DataType::Double(), ""},
                      {"b", DataType::BigInt(), ""}}};
  const std::string long_key(70, 'k');
  const std::vector<std::string> records = {
      R"({"a":1,"s":"x","r":{"x":1,"t":"2020-01-02 03:04:05.678","l":[1,2]},"b":12345678})",
      R"({"a":1,"s":"x","r":{"x":1,"t":"2020-01-02 03:04:05.678","l":[1,2]},"b":12345678 })",
      R"({"a":-7,"s":"longer than it is inline","r":{"x":0,"t":"2021-01-02 03:04:05","l":null},"b":-123456789012345678})",
      R"({"a":1,"s":"ü","r":{"x":null,"t":null,"l":[]},"b":1234567890123456789})",
      R"({"a":1,"s":"q\"\u00fc","r":{"x":"5","t":"2020-01-02 03:04:05.6789","l":[1]},"b":9999999999999999999})",
      R"({"a":1,"s":5,"r":null,"b":1.5})",
      R"({"a":1,"s":null,"r":null,"b":null})",
      R"({"a":1,"s":{"y":[1 , 2]},"r":null,"b":1e3})",
      R"({"a":01,"s":"x","r":null,"b":1})",
      R"({"a":1,"s":"x","r":null,"b":1,"a":2})",
      R"({"a":1,"s":"x","r":null,"b":1)",
      R"({"a":1,"s":"x","r":nulL,"b":1})",
      R"({"a":1,"s":"x","r":5,"b":1})",
      R"({"a":3000000000,"s":"x","r":null,"b":1})",
      R"({"a":1,"s":"x)",
      R"({"a":12345)",
      R"({"s":"x","a":1})",
      R"({"s":"x","a":1,"z":{"q":[true,{}]}})",
      R"({"s":"x","a":1,"z":[1,})",
      R"({"t":"2020-01-02 03:04:05.123456","d":1.25,"a":4})",
      R"({"t":"2020-01-02 24:00:00","d":1,"a":4})",
      R"({"t":"12020-01-02 01:00:00","d":"2","a":4})",
      R"({"t":"2020-1-2 01:00:00.123456","d":"x","a":4})",
      "{\"a\":1,\"" + long_key + "\":1,\"s\":\"y\"}",
      "{\"a\":1,\"s\":\"bad \xff\"}",
      R"({})",
      R"([{"a":1,"s":"x"},{"a":2,"s":"y"},{"a":3,"s":"z"}])",
      R"( {"a":1,"s":"x"} trailing)",
      R"({"\u0061":1,"s":"x"})",
  };
  for (const bool lenient : {false, true}) {
    for (const bool left_out : {false, true}) {
      const Options options = lenient ? Options{{"ignore-parse-errors", "true"}} : Options{};
      FormatTest json("json", options, table);
      json.spec.on_error = ErrorPolicy::kSkip;
      if (left_out) json.spec.columns[2].fields = {false, true, false};
      for (const std::string& record : records) {
        const Rows alone = json.Decode({record});
        const int64_t rejected = json.output.rejected;
        for (const std::string& before : records) {
          const Rows prefix = json.Decode({before});
          const int64_t rejected_before = json.output.rejected;
          Rows expected = prefix;
          expected.insert(expected.end(), prefix.begin(), prefix.end());
          expected.insert(expected.end(), alone.begin(), alone.end());
          expected.insert(expected.end(), alone.begin(), alone.end());
          EXPECT_EQ(json.Decode({before, before, record, record}), expected) << record;
          EXPECT_EQ(json.output.rejected, 2 * (rejected + rejected_before));
        }
      }
    }
  }
}

TEST(Json, RecordsOfManyShapesAreReadToo) {
  FormatTest json("json", {}, IntAndText());
  std::vector<std::string> records;
  Rows expected;
  for (int i = 0; i < 40000; ++i) {
    const std::string key = "k" + std::to_string(i % 97);
    records.push_back("{\"" + key + "\":null,\"a\":" + std::to_string(i) + "}");
    expected.push_back("+I[" + std::to_string(i) + ", NULL]");
  }
  EXPECT_EQ(json.Decode(records), expected);
}

TEST(Json, ABadRecordNamesPlaceFieldAndReason) {
  FormatTest json("json", {}, IntAndText());
  EXPECT_EQ(json.Decode({R"({"a":1})", R"({"a":"x"})"}),
            (Rows{"error: test at 1, byte 8: Failed to deserialize JSON: Fail to deserialize at "
                  "field: a."}));
  json.spec.on_error = ErrorPolicy::kReject;
  EXPECT_EQ(json.Decode({R"([{"a":1},{"a":"x"}])", R"({"a":7})", R"({"a":1 "s")", "\xff"}),
            (Rows{"+I[7, NULL]"}));
  EXPECT_EQ(json.output.record_of_row, (std::vector<int32_t>{1}));
  ASSERT_EQ(json.output.rejects.size(), 3u);
  EXPECT_EQ(json.output.rejects[0].field, "a");
  EXPECT_EQ(json.output.rejects[1].record, 2);
  EXPECT_EQ(json.output.rejects[1].byte, 7);
  EXPECT_EQ(
      json.output.rejects[1].reason,
      "Failed to deserialize JSON: Unexpected character ('\"' (code 34)): was expecting comma "
      "to separate Object entries");
  json.spec.on_error = ErrorPolicy::kSkip;
  json.Decode({R"({"a":1})", "{"});
  EXPECT_EQ(json.output.skipped, 1);
  EXPECT_EQ(json.output.decoded, 1);
}

TEST(Json, HalfReadNestedValuesAreTakenBack) {
  const DataType rows = DataType::Array(
      DataType::Row({{"m", DataType::Map(DataType::String(), DataType::Int()), ""}}));
  FormatTest json("json", {}, {{{"r", rows, ""}, {"a", DataType::Int(), ""}}});
  json.spec.on_error = ErrorPolicy::kSkip;
  EXPECT_EQ(json.Decode({R"({"r":[{"m":{"k":1}}],"a":1})", R"({"r":[{"m":{"k":2,"l":"x"}}],"a":2})",
                         R"({"r":[{"m":{"k":3}},{"m":null}],"a":3})"}),
            (Rows{"+I[[({k=1})], 1]", "+I[[({k=3}), (NULL)], 3]"}));
}

TEST(Json, DepthIsLimited) {
  FormatTest json("json", {}, IntAndText());
  const auto nested = [](size_t depth) {
    return R"({"z":)" + std::string(depth, '[') + std::string(depth, ']') + R"(,"a":1})";
  };
  EXPECT_EQ(json.Decode({nested(1000)}), (Rows{"+I[1, NULL]"}));
  EXPECT_TRUE(json.Decode({nested(1001)})[0].starts_with("error: "));
  const std::string text = R"({"s":)" + std::string(100000, '[') + "}";
  EXPECT_TRUE(json.Decode({text})[0].starts_with("error: "));
}

TEST(Json, StringsStayInTheChunkWhileTheyAreMostOfIt) {
  const Schema schema = {{{"s", DataType::String(), ""}}};
  FormatTest json("json", {}, schema);
  const std::string text = "a string of more than twelve bytes";
  EXPECT_EQ(json.Decode({R"({"s":")" + text + R"("})"}), (Rows{"+I[" + text + "]"}));
  ASSERT_EQ(json.output.columns[0].heaps.size(), 1u);
  // A chunk of which little is kept: the decoder copies from the next chunk on.
  auto decoder = json.def->make_decoder(json.complete).value();
  ASSERT_TRUE(decoder->Open(json.spec, nullptr).ok());
  RecordChunk chunk;
  const std::string record =
      R"({"s":")" + text + R"(","other":")" + std::string(1000, 'x') + R"("})";
  chunk.buffer = Buffer::CopyOf(record);
  chunk.values.push_back({0, static_cast<uint32_t>(record.size())});
  DecodeOutput out;
  ASSERT_TRUE(decoder->Decode(chunk, &out).ok());
  EXPECT_EQ(out.columns[0].heaps[0], chunk.buffer);
  ASSERT_TRUE(decoder->Decode(chunk, &out).ok());
  ASSERT_EQ(out.columns[0].heaps.size(), 1u);
  EXPECT_NE(out.columns[0].heaps[0], chunk.buffer);
  EXPECT_EQ(out.columns[0].data<StringView>()[0].view(), text);
}

TEST(Json, OptionsContradict) {
  FormatTest json("json", {{"fail-on-missing-field", "true"}, {"ignore-parse-errors", "true"}},
                  IntAndText());
  EXPECT_EQ(json.status.message(),
            "fail-on-missing-field and ignore-parse-errors shouldn't both be true.");
}

// The answers below are the oracle's.
TEST(Json, WritesWhatFlinkWrites) {
  const Schema schema = {{{"a", DataType::Boolean(), ""},
                          {"f", DataType::Double(), ""},
                          {"g", DataType::Decimal(10, 2), ""},
                          {"h", DataType::String(), ""},
                          {"i", DataType::Date(), ""},
                          {"j", DataType::Time(3), ""},
                          {"k", DataType::Timestamp(3), ""},
                          {"l", DataType::TimestampLtz(3), ""},
                          {"m", DataType::Bytes(), ""}}};
  const std::vector<Value> row = {Value::Bool(true),
                                  Value::Double(1e10),
                                  Value::Int(17000),
                                  Value::Text("a\"b\\,\n\t\xc3\xa9/<>\x01 ;\xf0\x9f\x98\x80"),
                                  Value::Int(18263),
                                  Value::Int(45296700),
                                  Value::Int(1577934245600000),
                                  Value::Int(1577934240000000),
                                  Value::Text(std::string("\0\xff\x41", 3))};
  EXPECT_EQ(FormatTest("json", {}, schema).Encode({row}),
            (Rows{R"({"a":true,"f":1.0E10,"g":1.7E+2,"h":"a\"b\\,\n\t)"
                  "\xc3\xa9"
                  R"(/<>\u0001 ;\uD83D\uDE00","i":"2020-01-02","j":"12:34:56.7",)"
                  R"("k":"2020-01-02 03:04:05.6","l":"2020-01-02 03:04:00Z","m":"AP9B"})"}));
  FormatTest other(
      "json",
      {{"timestamp-format.standard", "ISO-8601"}, {"encode.decimal-as-plain-number", "true"}},
      schema);
  EXPECT_EQ(other.Encode({row})[0].substr(21, 10), R"("g":170.00)");
  EXPECT_NE(
      other.Encode({row})[0].find(R"("k":"2020-01-02T03:04:05.6","l":"2020-01-02T03:04:00Z")"),
      std::string::npos);
  FormatTest dense("json", {{"encode.ignore-null-fields", "true"}}, schema);
  EXPECT_EQ(dense.Encode({std::vector<Value>(9)}), (Rows{"{}"}));
}

TEST(Json, DecimalsLookAsJavaPrintsThem) {
  const auto print = [](Int128 value, int scale) {
    std::string text;
    AppendJavaDecimal(value, scale, &text);
    return text;
  };
  EXPECT_EQ(print(12000, 0), "1.2E+4");
  EXPECT_EQ(print(10010, 2), "100.1");
  EXPECT_EQ(print(-100000000, 2), "-1E+6");
  EXPECT_EQ(print(0, 2), "0");
  EXPECT_EQ(print(1, 11), "1E-11");
  EXPECT_EQ(print(-15, 8), "-1.5E-7");
  EXPECT_EQ(print(1, 6), "0.000001");
  EXPECT_EQ(print(50, 2), "0.5");
}

TEST(Json, WritesNestedValuesAndNullKeys) {
  const DataType map = DataType::Map(DataType::String(), DataType::Int());
  const DataType row = DataType::Row({{"x", DataType::Int(), ""}, {"y", DataType::String(), ""}});
  const Schema schema = {
      {{"a", DataType::Array(DataType::Int()), ""}, {"b", map, ""}, {"c", row, ""}}};
  const std::vector<Value> values = {
      Value::Nested({Value::Int(1), Value()}),
      Value::Nested({Value::Text("k"), Value::Int(1), Value(), Value::Int(2)}),
      Value::Nested({Value::Int(1), Value()})};
  const auto encode = [&](const Options& options) {
    return FormatTest("json", options, schema).Encode({values})[0];
  };
  EXPECT_TRUE(encode({}).starts_with("error: b: JSON format doesn't support to serialize map"));
  EXPECT_EQ(encode({{"map-null-key.mode", "DROP"}, {"encode.ignore-null-fields", "true"}}),
            R"({"a":[1,null],"b":{"k":1},"c":{"x":1}})");
  EXPECT_EQ(encode({{"map-null-key.mode", "LITERAL"}, {"map-null-key.literal", "nk"}}),
            R"({"a":[1,null],"b":{"k":1,"nk":2},"c":{"x":1,"y":null}})");
}

TEST(Json, WhatIsWrittenReadsBack) {
  const Schema schema = {{{"d", DataType::Decimal(38, 20), ""},
                          {"t", DataType::Timestamp(9), ""},
                          {"f", DataType::Float(), ""},
                          {"s", DataType::String(), ""},
                          {"b", DataType::Bytes(), ""}}};
  FormatTest json("json", {}, schema);
  const std::vector<std::vector<Value>> rows = {
      {Value::Big(-1), Value::Time9({-1, 999}), Value::Double(0.1f),
       Value::Text("\xf0\x9f\x98\x80\x7f"), Value::Text("\xff\xfe")},
      {Value(), Value(), Value(), Value(), Value()}};
  Rows expected;
  BatchBuilder builder(schema);
  for (const std::vector<Value>& row : rows) builder.AppendRow(row);
  const Batch batch = builder.Finish();
  for (int32_t i = 0; i < 2; ++i) expected.push_back(DebugRow(batch, i, schema));
  EXPECT_EQ(json.Decode(json.Encode(rows)), expected);
}

}  // namespace
}  // namespace rhei
