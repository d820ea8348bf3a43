#include "formats/format.h"

#include <gtest/gtest.h>

#include "columnar/batch_builder.h"
#include "formats/cells.h"
#include "formats/testing.h"

namespace rhei {
namespace {

std::vector<std::string> Split(const Framing& framing, std::string_view bytes, bool at_end,
                               size_t* consumed) {
  std::vector<ByteSpan> spans;
  const Status status = SplitRecords(framing, bytes, at_end, 100, 1000, &spans, consumed);
  std::vector<std::string> records;
  for (const ByteSpan& span : spans) records.emplace_back(bytes.substr(span.offset, span.size));
  if (!status.ok()) records.push_back("error");
  return records;
}

using Records = std::vector<std::string>;

TEST(SplitRecords, CutsLinesAndLeavesTheUnfinishedOne) {
  size_t consumed;
  EXPECT_EQ(Split({}, "a\r\n\nbc\nde", false, &consumed), (Records{"a", "", "bc"}));
  EXPECT_EQ(consumed, 7u);
  EXPECT_EQ(Split({}, "a\nde", true, &consumed), (Records{"a", "de"}));
  EXPECT_EQ(consumed, 4u);
  EXPECT_EQ(Split({}, "a\n", true, &consumed), (Records{"a"}));
  EXPECT_EQ(Split({}, "", true, &consumed), Records{});
}

TEST(SplitRecords, QuotesHoldLineEnds) {
  size_t consumed;
  const Framing csv{.quote = '"', .delimiter = ','};
  EXPECT_EQ(Split(csv, "1,\"a\nb\"\n2,\"x\"\"\ny\"\n3\n", false, &consumed),
            (Records{"1,\"a\nb\"", "2,\"x\"\"\ny\"", "3"}));
  EXPECT_EQ(Split(csv, "5\" disk,x\n2\n", false, &consumed), (Records{"5\" disk,x", "2"}));
  EXPECT_EQ(Split(csv, "1,\"a\nb", false, &consumed), Records{});
  EXPECT_EQ(consumed, 0u);
  EXPECT_EQ(Split({.quote = '"', .escape = '\\', .delimiter = ','}, "\"a\\\"\nb\"\nc\n", false,
                  &consumed),
            (Records{"\"a\\\"\nb\"", "c"}));
}

TEST(SplitRecords, ARecordThatIsTooLongIsRefusedWithoutWaitingForItsEnd) {
  size_t consumed;
  const std::string longer(101, 'x');
  EXPECT_EQ(Split({}, "ok\n" + longer, false, &consumed), (Records{"ok", "error"}));
  EXPECT_EQ(consumed, 3u);
}

TEST(Utf8, IsReplacedAsJavaDoes) {
  const std::string r = "\xef\xbf\xbd";
  EXPECT_EQ(ReplaceInvalidUtf8("a\xff"
                               "b"),
            "a" + r + "b");
  EXPECT_EQ(ReplaceInvalidUtf8("\xc3\xa4 \xf0\x9f\x98\x80"), "\xc3\xa4 \xf0\x9f\x98\x80");
  EXPECT_EQ(ReplaceInvalidUtf8("\xe2\x82."), r + ".");  // one for a character that breaks off
  EXPECT_EQ(ReplaceInvalidUtf8("\xf0\x9f\x98"), r);
  EXPECT_EQ(ReplaceInvalidUtf8("\xf0\x9f."), r + ".");
  EXPECT_EQ(ReplaceInvalidUtf8("\xed\xa0\x80"), r);  // a surrogate
  EXPECT_EQ(ReplaceInvalidUtf8("\xc0\xaf"), r + r);  // longer than needed
  EXPECT_EQ(ReplaceInvalidUtf8("\xe0\x80"), r + r);
  EXPECT_EQ(ReplaceInvalidUtf8("\xf5\x80\x80"), r + r + r);  // beyond U+10FFFF
  EXPECT_EQ(ReplaceInvalidUtf8("\x80\xe2"), r + r);
}

TEST(CompleteOptions, FillsInDefaultsAndRefusesTheRest) {
  const FormatDef& raw = *FindFormat("raw");
  const Schema schema = {{{"a", DataType::Int(), ""}}};
  EXPECT_EQ(CompleteOptions(raw, {}, schema).value().at("charset"), "UTF-8");
  EXPECT_EQ(
      CompleteOptions(raw, {{"endianness", "LITTLE-ENDIAN"}}, schema).value().at("endianness"),
      "little-endian");
  EXPECT_FALSE(CompleteOptions(raw, {{"endianness", "middle"}}, schema).ok());
  const Status unknown = CompleteOptions(raw, {{"charsett", "x"}}, schema).status();
  EXPECT_TRUE(unknown.message().starts_with("Unsupported options found for 'raw'."))
      << unknown.message();
  EXPECT_EQ(OptionsBelow({{"a", "1"}, {"raw.x", "2"}, {"raw.y", "3"}, {"s", "4"}}, "raw."),
            (Options{{"x", "2"}, {"y", "3"}}));
}

TEST(Raw, ReadsAndWritesItsOnlyColumn) {
  FormatTest text("raw", {}, {{{"a", DataType::String(), ""}}});
  EXPECT_EQ(text.Decode({"x", "", "a string beyond the inline limit"}),
            (Records{"+I[x]", "+I[]", "+I[a string beyond the inline limit]"}));
  EXPECT_EQ(text.Decode({FormatTest::kNullRecord}), (Records{"+I[NULL]"}));
  EXPECT_EQ(text.Encode({{Value::Text("y")}, {Value()}}), (Records{"y", "(null)"}));

  FormatTest number("raw", {{"endianness", "little-endian"}}, {{{"a", DataType::Int(), ""}}});
  EXPECT_EQ(number.Decode({std::string("\1\2\0\0", 4)}), (Records{"+I[513]"}));
  EXPECT_EQ(number.Encode({{Value::Int(513)}}), (Records{std::string("\1\2\0\0", 4)}));
  EXPECT_EQ(number.Decode({"xyz"}),
            (Records{"error: test at 0, byte 0: Size of data received for deserializing INT type "
                     "is not 4."}));
  FormatTest latin("raw", {{"charset", "ISO-8859-1"}}, {{{"a", DataType::String(), ""}}});
  EXPECT_EQ(latin.Decode({"\xe9"}), (Records{"+I[\xc3\xa9]"}));
  EXPECT_EQ(latin.Encode({{Value::Text("\xc3\xa9\xe2\x82\xac")}}), (Records{"\xe9?"}));
}

TEST(Raw, BadRecordsFollowThePolicy) {
  FormatTest number("raw", {}, {{{"a", DataType::SmallInt(), ""}}});
  number.spec.on_error = ErrorPolicy::kReject;
  EXPECT_EQ(number.Decode({"abc", std::string("\0\1", 2)}), (Records{"+I[1]"}));
  ASSERT_EQ(number.output.rejects.size(), 1u);
  EXPECT_EQ(number.output.rejects[0].record, 0);
  EXPECT_EQ(number.output.record_of_row, (std::vector<int32_t>{1}));
  EXPECT_EQ(number.output.rejected, 1);
  number.spec.on_error = ErrorPolicy::kSkip;
  number.Decode({"abc", std::string("\0\1", 2)});
  EXPECT_EQ(number.output.skipped, 1);
  EXPECT_EQ(number.output.decoded, 1);
}

TEST(Raw, TakesOneColumnOfASimpleType) {
  const FormatDef& raw = *FindFormat("raw");
  EXPECT_FALSE(
      CompleteOptions(raw, {}, {{{"a", DataType::Int(), ""}, {"b", DataType::Int(), ""}}}).ok());
  EXPECT_FALSE(CompleteOptions(raw, {}, {{{"a", DataType::Date(), ""}}}).ok());
  EXPECT_FALSE(CompleteOptions(raw, {{"charset", "EBCDIC"}}, {{{"a", DataType::Int(), ""}}}).ok());
}

}  // namespace
}  // namespace rhei
