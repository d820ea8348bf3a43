#include <gtest/gtest.h>

#include "functions/function_test_kit.h"
#include "functions/java_regex.h"
#include "functions/java_regex_subset.h"

namespace rhei::function_test {
namespace {

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
    return CallValue("REGEXP_COUNT", {Str(text), Str(pattern)});
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
    return CallValue("REGEXP_EXTRACT", {Str(text), Str(pattern), Int(0)});
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
  const std::string outcome = CallValue("REGEXP", {Str(text + "!"), Str("(?=a)((a+)+)+\\1?$")});
  EXPECT_TRUE(outcome == "FALSE" || outcome.starts_with("fails: the")) << outcome;
}

TEST(Regexp, FollowsTheOracle) {
  EXPECT_EQ(CallValue("REGEXP_REPLACE", {Str("foobar"), Str("oo|ar"), Str("")}), "fb");
  EXPECT_EQ(CallValue("REGEXP_REPLACE", {Str("foobar"), Str("o"), Str("$1")}), "f$1$1bar");
  EXPECT_EQ(CallValue("REGEXP_REPLACE", {Str("abc"), Str(""), Str("-")}), "-a-b-c-");
  EXPECT_EQ(CallValue("REGEXP_REPLACE", {Str(""), Str("^$"), Str("x")}), "x");
  EXPECT_EQ(CallValue("REGEXP_REPLACE", {Str("foobar"), Str("("), Str("x")}), "NULL");
  EXPECT_EQ(CallValue("REGEXP_EXTRACT", {Str("foothebar"), Str("foo(.*?)(bar)"), Int(1)}), "the");
  EXPECT_EQ(CallValue("REGEXP_EXTRACT", {Str("foothebar"), Str("foo(.*?)(bar)")}), "foothebar");
  EXPECT_EQ(CallValue("REGEXP_EXTRACT", {Str("foothebar"), Str("foo(.*?)(bar)"), Int(3)}), "NULL");
  EXPECT_EQ(CallValue("REGEXP_EXTRACT", {Str("foothebar"), Str("foo(.*?)(bar)"), Int(-1)}), "NULL");
  EXPECT_EQ(CallValue("REGEXP_EXTRACT", {Str("foothebar"), Str("foo(x)?"), Int(1)}), "NULL");
  EXPECT_EQ(CallValue("REGEXP", {Str("abc"), Str("b")}), "TRUE");
  EXPECT_EQ(CallValue("REGEXP", {Str("abc"), Str("")}), "FALSE");
  EXPECT_EQ(CallValue("REGEXP", {Str("abc"), Str("(")}), "FALSE");
  EXPECT_EQ(CallValue("REGEXP_COUNT", {Str("aaa"), Str("a*")}), "2");
  EXPECT_EQ(CallValue("REGEXP_COUNT", {Str("abc"), Str("")}), "4");
  EXPECT_EQ(CallValue("REGEXP_INSTR", {Str("hello\U0001F600 world"), Str("w")}), "9");
  EXPECT_EQ(CallValue("REGEXP_INSTR", {Str("Helloworld!  Hello all"), Str("\\bHello\\b")}), "14");
  EXPECT_EQ(CallValue("REGEXP_SUBSTR", {Str("hello world"), Str("w.*")}), "world");
  EXPECT_EQ(CallValue("REGEXP_SUBSTR", {Str("hello world"), Str("(")}), "NULL");
  const TestArgument text = Str("a1b22c");
  EXPECT_EQ(CallValue("REGEXP_EXTRACT_ALL", {text, Str("([a-z])(\\d+)"), Int(2)}), "[1, 22]");
  EXPECT_EQ(CallValue("REGEXP_EXTRACT_ALL", {text, Str("([a-z])(\\d+)")}), "[a, b]");
  EXPECT_EQ(CallValue("REGEXP_EXTRACT_ALL", {text, Str("x"), Int(0)}), "[]");
  EXPECT_EQ(CallValue("REGEXP_EXTRACT_ALL", {text, Str("[0-9]"), Int(1)}), "NULL");
}

TEST(SimilarTo, FollowsTheOracle) {
  const auto similar = [](const std::string& text, const std::string& pattern,
                          const std::string& escape = "") {
    std::vector<TestArgument> arguments{Str(text), Str(pattern)};
    if (!escape.empty()) arguments.push_back(Str(escape));
    return CallValue("SIMILAR TO", arguments);
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
  EXPECT_TRUE(similar("a", "a]").starts_with("error: "));
}

TEST(StrToMap, SplitsByRegularExpressions) {
  EXPECT_EQ(CallValue("STR_TO_MAP", {Str("a=1,b=2,a=3")}), "{a=3, b=2}");
  EXPECT_EQ(CallValue("STR_TO_MAP", {Str("a=1=2,b")}), "{a=1=2, b=NULL}");
  EXPECT_EQ(CallValue("STR_TO_MAP", {Str("")}), "{}");
  EXPECT_EQ(CallValue("STR_TO_MAP", {Str("k1$$v1|k2$$ v2"), Str("\\|"), Str("\\$\\$")}),
            "{k1=v1, k2= v2}");
  EXPECT_EQ(CallValue("STR_TO_MAP", {Str("a1b2c"), Str("[0-9]"), Str("x")}),
            "{a=NULL, b=NULL, c=NULL}");
  EXPECT_TRUE(CallValue("STR_TO_MAP", {Str("a"), Str(";")}).starts_with("error: "));
}

}  // namespace
}  // namespace rhei::function_test
