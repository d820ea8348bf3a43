#include <gtest/gtest.h>

#include "functions/java_regex.h"
#include "functions/java_regex_subset.h"
#include "functions/test_call.h"

namespace rhei {
namespace {

std::string Show(const Called& called) {
  if (!called.status.ok()) return "!" + called.status.message();
  const Value& value = called.value;
  if (value.is_null()) return "NULL";
  if (called.type.root() == TypeRoot::kBoolean) return value.bool_value() ? "TRUE" : "FALSE";
  if (value.is_int()) return std::to_string(value.int_value());
  if (value.is_text()) return value.text();
  std::string items;
  for (const Value& item : value.nested()) {
    items += "<" + (item.is_null() ? "NULL" : item.text()) + ">";
  }
  return items;
}
std::string Call(std::string_view name, const std::vector<TestArgument>& arguments) {
  return Show(CallFunction(name, arguments));
}

TEST(JavaRegexSubset, KeepsToWhatBothEnginesMean) {
  const auto inside = [](std::string_view pattern) {
    std::string re2;
    RegexSubset subset;
    return TranslateToRe2(pattern, &re2, &subset);
  };
  for (const char* pattern : {"foo(.*?)(bar)", "[a-z_]+@[^.]+\\.com$", "^\\d{2,4}-\\w+\\s*", "a|b|",
                              "channel_id=([^&]*)", "\\bword\\b", "(?:ab)+?", "\\u00e9"}) {
    EXPECT_TRUE(inside(pattern)) << pattern;
  }
  for (const char* pattern : {"(?=a)", "a++", "\\1", "[a&&b]", "[[a]b]", "\\p{L}", "(?i)a", "(a*)*",
                              "(", "a{2", "*", "[]a]", "\\Qa\\E", "a{1001}"}) {
    EXPECT_FALSE(inside(pattern)) << pattern;
  }
}

TEST(JavaRegex, LineEndsAreJavas) {
  const auto count = [](const std::string& text, const std::string& pattern) {
    return Call("REGEXP_COUNT", {Varying(Text(text)), Text(pattern)});
  };
  EXPECT_EQ(count("a\rb\u2028c", "a.b"), "0");
  EXPECT_EQ(count("ab\n", "b$"), "1");
  EXPECT_EQ(count("ab", "b$"), "1");
  EXPECT_EQ(count("ab\nb", "b$"), "1");
  EXPECT_EQ(count("a\x0B", "a\\s"), "1");
  EXPECT_EQ(count("éa", "\\ba"), "0");
  EXPECT_EQ(count("-a", "\\ba"), "1");
}

TEST(JavaRegex, LeavesHardPatternsToIcu) {
  const auto extract = [](const std::string& text, const std::string& pattern) {
    return Call("REGEXP_EXTRACT", {Varying(Text(text)), Text(pattern), Int(0)});
  };
  EXPECT_EQ(extract("price: 42 EUR", "(?<=price: )\\d+"), "42");
  EXPECT_EQ(extract("abab", "(ab)\\1"), "abab");
  EXPECT_EQ(extract("日本語x", "\\p{IsHan}+"), "日本語");
  EXPECT_EQ(extract("aaa", "a++a"), "NULL");
  EXPECT_EQ(extract("ABC", "(?i)b"), "B");
  EXPECT_EQ(extract("é٣a1", "(?=.)[\\w\\d]+"), "a1");
  EXPECT_EQ(extract("x\\dy", "(?=.)\\Q\\d\\E"), "\\d");
}

TEST(JavaRegex, GivesUpOnCatastrophes) {
  const std::string text(60, 'a');
  const std::string outcome =
      Call("REGEXP", {Varying(Text(text + "!")), Text("(?=a)((a+)+)+\\1?$")});
  EXPECT_TRUE(outcome == "FALSE" || outcome.substr(0, 4) == "!the") << outcome;
}

TEST(Regexp, FollowsTheOracle) {
  EXPECT_EQ(Call("REGEXP_REPLACE", {Text("foobar"), Text("oo|ar"), Text("")}), "fb");
  EXPECT_EQ(Call("REGEXP_REPLACE", {Text("foobar"), Text("o"), Text("$1")}), "f$1$1bar");
  EXPECT_EQ(Call("REGEXP_REPLACE", {Text("abc"), Text(""), Text("-")}), "-a-b-c-");
  EXPECT_EQ(Call("REGEXP_REPLACE", {Text(""), Text("^$"), Text("x")}), "x");
  EXPECT_EQ(Call("REGEXP_REPLACE", {Text("foobar"), Text("("), Text("x")}), "NULL");
  EXPECT_EQ(Call("REGEXP_EXTRACT", {Text("foothebar"), Text("foo(.*?)(bar)"), Int(1)}), "the");
  EXPECT_EQ(Call("REGEXP_EXTRACT", {Text("foothebar"), Text("foo(.*?)(bar)")}), "foothebar");
  EXPECT_EQ(Call("REGEXP_EXTRACT", {Text("foothebar"), Text("foo(.*?)(bar)"), Int(3)}), "NULL");
  EXPECT_EQ(Call("REGEXP_EXTRACT", {Text("foothebar"), Text("foo(.*?)(bar)"), Int(-1)}), "NULL");
  EXPECT_EQ(Call("REGEXP_EXTRACT", {Text("foothebar"), Text("foo(x)?"), Int(1)}), "NULL");
  EXPECT_EQ(Call("REGEXP", {Text("abc"), Text("b")}), "TRUE");
  EXPECT_EQ(Call("REGEXP", {Text("abc"), Text("")}), "FALSE");
  EXPECT_EQ(Call("REGEXP", {Text("abc"), Text("(")}), "FALSE");
  EXPECT_EQ(Call("REGEXP_COUNT", {Text("aaa"), Text("a*")}), "2");
  EXPECT_EQ(Call("REGEXP_COUNT", {Text("abc"), Text("")}), "4");
  EXPECT_EQ(Call("REGEXP_INSTR", {Text("hello\U0001F600 world"), Text("w")}), "9");
  EXPECT_EQ(Call("REGEXP_INSTR", {Text("Helloworld!  Hello all"), Text("\\bHello\\b")}), "14");
  EXPECT_EQ(Call("REGEXP_SUBSTR", {Text("hello world"), Text("w.*")}), "world");
  EXPECT_EQ(Call("REGEXP_SUBSTR", {Text("hello world"), Text("(")}), "NULL");
  const TestArgument text = Text("a1b22c");
  EXPECT_EQ(Call("REGEXP_EXTRACT_ALL", {text, Text("([a-z])(\\d+)"), Int(2)}), "<1><22>");
  EXPECT_EQ(Call("REGEXP_EXTRACT_ALL", {text, Text("([a-z])(\\d+)")}), "<a><b>");
  EXPECT_EQ(Call("REGEXP_EXTRACT_ALL", {text, Text("x"), Int(0)}), "");
  EXPECT_EQ(Call("REGEXP_EXTRACT_ALL", {text, Text("[0-9]"), Int(1)}), "NULL");
}

TEST(SimilarTo, FollowsTheOracle) {
  const auto similar = [](const std::string& text, const std::string& pattern,
                          const std::string& escape = "") {
    std::vector<TestArgument> arguments{Varying(Text(text)), Text(pattern)};
    if (!escape.empty()) arguments.push_back(Text(escape));
    return Call("SIMILAR TO", arguments);
  };
  EXPECT_EQ(similar("TEST", "T(E|S)+T"), "TRUE");
  EXPECT_EQ(similar("TEST", ".EST"), "TRUE");
  EXPECT_EQ(similar("TEST", "T%"), "TRUE");
  EXPECT_EQ(similar("TEST", "T_S"), "FALSE");
  EXPECT_EQ(similar("abc", "[[:alpha:]]+"), "TRUE");
  EXPECT_EQ(similar("a1", "[[:ALNUM:]]+"), "TRUE");
  EXPECT_EQ(similar("a|b", "a\\|b", "\\"), "TRUE");
  EXPECT_EQ(similar("a\nb", "a_b"), "FALSE");
  EXPECT_EQ(similar("a\nb", "a%b"), "TRUE");
  EXPECT_EQ(similar("*_This is", "&*&__*", "&"), "TRUE");
  EXPECT_EQ(similar("a$", "a$"), "TRUE");
  EXPECT_EQ(similar("a", "a]")[0], '!');
}

TEST(StrToMap, SplitsByRegularExpressions) {
  EXPECT_EQ(Call("STR_TO_MAP", {Text("a=1,b=2,a=3")}), "<a><3><b><2>");
  EXPECT_EQ(Call("STR_TO_MAP", {Text("a=1=2,b")}), "<a><1=2><b><NULL>");
  EXPECT_EQ(Call("STR_TO_MAP", {Text("")}), "");
  EXPECT_EQ(Call("STR_TO_MAP", {Text("k1$$v1|k2$$ v2"), Text("\\|"), Text("\\$\\$")}),
            "<k1><v1><k2>< v2>");
  EXPECT_EQ(Call("STR_TO_MAP", {Text("a1b2c"), Text("[0-9]"), Text("x")}),
            "<a><NULL><b><NULL><c><NULL>");
  EXPECT_EQ(Call("STR_TO_MAP", {Text("a"), Text(";")})[0], '!');
}

}  // namespace
}  // namespace rhei
