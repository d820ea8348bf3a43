#include <gtest/gtest.h>

#include "functions/test_call.h"
#include "functions/text.h"

namespace rhei {
namespace {

const TestArgument kNullText = Null(DataType::String());

// The text of a call's result; "NULL", or "!message" when it failed.
std::string Call(std::string_view name, const std::vector<TestArgument>& arguments) {
  const Called called = CallFunction(name, arguments);
  if (!called.status.ok()) return "!" + called.status.message();
  if (called.value.is_null()) return "NULL";
  return called.value.text();
}
int64_t RunInt(std::string_view name, const std::vector<TestArgument>& arguments) {
  const Called called = CallFunction(name, arguments);
  EXPECT_TRUE(called.status.ok()) << called.status.message();
  return called.value.is_null() ? INT64_MIN : called.value.int_value();
}
bool RunBool(std::string_view name, const std::vector<TestArgument>& arguments) {
  const Called called = CallFunction(name, arguments);
  EXPECT_TRUE(called.status.ok()) << called.status.message();
  return called.value.bool_value();
}

const std::string kSmile = "\U0001F600";
const std::string kText = "héllo" + kSmile + " wörld";

TEST(StringCase, MapsUnicodeAndInitcapAsciiOnly) {
  EXPECT_EQ(Call("UPPER", {Text("straße")}), "STRASSE");
  EXPECT_EQ(Call("UPPER", {Text(kText)}), "HÉLLO" + kSmile + " WÖRLD");
  EXPECT_EQ(Call("LOWER", {Text("ΑΣ İ")}), "ας i̇");
  EXPECT_EQ(Call("LOWER", {Text("A[Z@")}), "a[z@");
  EXPECT_EQ(Call("INITCAP", {Text("hELLO wORLD-foo_bar éTé 9ab")}), "Hello World-Foo_Bar éTé 9ab");
  const TestArgument fixed{DataType::Char(3), Value::Text("abc")};
  EXPECT_EQ(CallFunction("UPPER", {fixed}).type, DataType::Char(3));
}

TEST(StringEdit, SubstringCountsCodePoints) {
  EXPECT_EQ(Call("SUBSTRING", {Text(kText), Int(5), Int(3)}), "o" + kSmile + " ");
  EXPECT_EQ(Call("SUBSTRING", {Text(kText), Int(-3)}), "rld");
  EXPECT_EQ(Call("SUBSTRING", {Text(kText), Int(0), Int(2)}), "hé");
  EXPECT_EQ(Call("SUBSTRING", {Text(kText), Int(-30), Int(28)}), "");
  EXPECT_EQ(Call("SUBSTRING", {Text("abc"), Int(2147483647), Int(2147483647)}), "");
  EXPECT_EQ(Call("SUBSTRING", {Text("abc"), Int(1), Int(-1)}), "NULL");
  EXPECT_EQ(Call("SUBSTR", {Text("hello world"), Int(2), Int(300)}), "ello world");
  EXPECT_EQ(Call("SUBSTR", {kNullText, Int(2)}), "NULL");
  const TestArgument fixed{DataType::Char(3, false), Value::Text("abc")};
  EXPECT_EQ(CallFunction("SUBSTR", {fixed, Int(2)}).type, DataType::Varchar(3));
  EXPECT_EQ(Call("LEFT", {Text(kText), Int(6)}), "héllo" + kSmile);
  EXPECT_EQ(Call("RIGHT", {Text(kText), Int(6)}), " wörld");
  EXPECT_EQ(Call("LEFT", {Text("abc"), Int(-1)}), "");
  EXPECT_EQ(Call("RIGHT", {Text("abc"), Int(0)}), "");
  EXPECT_EQ(Call("RIGHT", {Text("abc"), Int(5)}), "abc");
  EXPECT_EQ(Call("REVERSE", {Text("a" + kSmile + "é")}), "é" + kSmile + "a");
}

TEST(StringEdit, TrimTakesASetOfCharacters) {
  EXPECT_EQ(Call("TRIM", {Symbol("BOTH"), Text("ab"), Text("abcab")}), "c");
  EXPECT_EQ(Call("TRIM", {Symbol("BOTH"), Text("开心"), Text("心情开开心心")}), "情");
  EXPECT_EQ(Call("TRIM", {Symbol("TRAILING"), Text("e"), Text("example")}), "exampl");
  EXPECT_EQ(Call("TRIM", {Symbol("LEADING"), Text(""), Text("abc")}), "abc");
  EXPECT_EQ(Call("LTRIM", {Text("abcddcba"), Text("abd")}), "cddcba");
  EXPECT_EQ(Call("RTRIM", {Text("a" + kSmile), Text(kSmile)}), "a");
  EXPECT_EQ(Call("BTRIM", {Text("  a long text that is not inline \f")}),
            "a long text that is not inline \f");
}

TEST(StringEdit, PadsAndOverlaysInUtf16Units) {
  EXPECT_EQ(Call("LPAD", {Text("hi"), Int(5), Text("??")}), "???hi");
  EXPECT_EQ(Call("LPAD", {Text(kSmile + "b"), Int(2), Text("x")}), kSmile);
  EXPECT_EQ(Call("LPAD", {Text(kText), Int(15), Text("é")}), "éé" + kText);
  EXPECT_EQ(Call("RPAD", {Text(kText), Int(6), Text("x")}), "héllo?");
  EXPECT_EQ(Call("LPAD", {Text("Hello"), Int(-1), Text("x")}), "NULL");
  EXPECT_EQ(Call("RPAD", {Text("abcd"), Int(5), Text("")}), "NULL");
  EXPECT_EQ(Call("LPAD", {Text("a"), Int(0), Text("x")}), "");
  EXPECT_EQ(Call("LPAD", {Text("a"), Int(5), kNullText}), "NULL");
  EXPECT_EQ(Call("OVERLAY", {Text(kSmile + "bc"), Text("X"), Int(2)}), "?Xbc");
  EXPECT_EQ(Call("OVERLAY", {Text(kText), Text("ZZ"), Int(2), Int(-1)}), "hZZ");
  EXPECT_EQ(Call("OVERLAY", {Text("abcdef"), Text("X"), Int(2), Int(0)}), "aX");
  EXPECT_EQ(Call("OVERLAY", {Text("abc"), Text("XXXXXX"), Int(2)}), "aXXXXXX");
  EXPECT_EQ(Call("OVERLAY", {Text("abc"), Text("Z"), Int(0)}), "abc");
  EXPECT_EQ(Call("OVERLAY", {Text("abc"), Text("Z"), Int(100)}), "abc");
  EXPECT_EQ(Call("OVERLAY", {Text("This is a old string"), Text("new"), Int(11), Int(3)}),
            "This is a new string");
}

TEST(StringEdit, RepeatReplaceTranslate) {
  EXPECT_EQ(Call("REPEAT", {Text("ab"), Int(2)}), "abab");
  EXPECT_EQ(Call("REPEAT", {Text("ab"), Int(-1)}), "");
  EXPECT_EQ(Call("REPEAT", {Text("ab"), Int(2147483647)}).substr(0, 7), "!REPEAT");
  EXPECT_EQ(Call("REPLACE", {Text("aaa"), Text(""), Text("x")}), "xaxaxax");
  EXPECT_EQ(Call("REPLACE", {Text("aaa"), Text("aa"), Text("b")}), "ba");
  EXPECT_EQ(Call("REPLACE", {Text("abc"), Text("z"), Text("b")}), "abc");
  EXPECT_EQ(Call("TRANSLATE", {Text("www.apache.org"), Text("abcde."), Text("123")}),
            "www1p13horg");
  EXPECT_EQ(Call("TRANSLATE", {Text("www.apache.org"), Text("..."), Text("123")}),
            "www1apache1org");
  EXPECT_EQ(Call("TRANSLATE", {Text("a" + kSmile + "b"), Text(kSmile), Text("xy")}), "axb");
  EXPECT_EQ(Call("TRANSLATE", {Text("abc"), kNullText, Text("123")}), "abc");
}

TEST(StringSearch, PositionsCountCodePoints) {
  EXPECT_EQ(RunInt("CHAR_LENGTH", {Text(kText)}), 12);
  EXPECT_EQ(RunInt("POSITION", {Text("w"), Text(kText)}), 8);
  EXPECT_EQ(RunInt("POSITION", {Text(""), Text("abc")}), 1);
  EXPECT_EQ(RunInt("LOCATE", {Text("l"), Text(kText), Int(4)}), 4);
  EXPECT_EQ(RunInt("LOCATE", {Text("b"), Text("abc"), Int(-1)}), 2);
  EXPECT_EQ(RunInt("LOCATE", {Text("b"), Text("abcabc"), Int(3)}), 5);
  EXPECT_EQ(RunInt("INSTR", {Text(kText), Text("l"), Int(-1)}), 11);
  EXPECT_EQ(RunInt("INSTR", {Text(kText), Text("l"), Int(-1), Int(2)}), 4);
  EXPECT_EQ(RunInt("INSTR", {Text("Corporate Floor"), Text("or"), Int(3), Int(2)}), 14);
  EXPECT_EQ(RunInt("INSTR", {Text("abcabc"), Text("b"), Int(0)}), 0);
  EXPECT_EQ(RunInt("INSTR", {Text(""), Text("a")}), 0);
}

TEST(Like, MatchesItsShapes) {
  const auto like = [](const std::string& text, const std::string& pattern) {
    return RunBool("LIKE", {Varying(Text(text)), Text(pattern)});
  };
  EXPECT_TRUE(like("abcxxxdef", "abcxxxdef"));
  EXPECT_TRUE(like("abcxxxdef", "abc%def%"));
  EXPECT_TRUE(like("abcxxxdef", "%abc%def"));
  EXPECT_FALSE(like("abcxxxdef", "%abc%qef"));
  EXPECT_TRUE(like("TE-ST", "%E_S%"));
  EXPECT_FALSE(like("TE_ST", "%E\\_S%"));
  EXPECT_FALSE(like("a", " _"));
  EXPECT_TRUE(like("", "%"));
  EXPECT_TRUE(like("", ""));
  EXPECT_FALSE(like("", "_"));
  EXPECT_TRUE(like(kSmile, "_"));
  EXPECT_FALSE(like("a\nb", "a_b"));
  EXPECT_TRUE(like("a\nb", "a%b"));
  EXPECT_FALSE(like("aba", "ab%ba"));
  EXPECT_TRUE(like("aXbXc", "a_b%_c"));
  EXPECT_FALSE(like("abc", "a_b%_c"));
  EXPECT_TRUE(like("xxab", "%_ab"));
  EXPECT_FALSE(like("ab", "%_ab"));
  EXPECT_TRUE(like("t\"es\"t", "_\"__\"_"));
}

TEST(Like, EscapesOnlyWhatItMay) {
  const auto like = [](const std::string& text, const std::string& pattern,
                       const std::string& escape) {
    const Called called = CallFunction("LIKE", {Varying(Text(text)), Text(pattern), Text(escape)});
    return !called.status.ok() ? called.status.message()
                               : std::string(called.value.bool_value() ? "true" : "false");
  };
  EXPECT_EQ(like("test%", "test!%", "!"), "true");
  EXPECT_EQ(like("testx", "test!%", "!"), "false");
  EXPECT_EQ(like("te_st", "te__st", "_"), "true");
  EXPECT_EQ(like("te_st", "te_st", "_"), "Invalid escape sequence 'te_st', 2");
  EXPECT_EQ(like("test%", "test%", "%"), "Invalid escape sequence 'test%', 4");
  EXPECT_EQ(like("test", "test", std::string(1, '\0')),
            "Invalid escape character '" + std::string(1, '\0') + "'");
  EXPECT_EQ(like("TE-ST", "%E_S%", "\\c"), "Invalid escape character '\\c'");
  // A pattern that is no literal fails by row.
  const Called late = CallFunction("LIKE", {Text("a"), Varying(Text("a!b")), Varying(Text("!"))});
  EXPECT_EQ(late.status.message(), "Invalid escape sequence 'a!b', 1");
}

TEST(StringConcat, TypesAndNulls) {
  const TestArgument a{DataType::Char(1, false), Value::Text("a")};
  const TestArgument v{DataType::Varchar(10), Value::Text("xyz")};
  EXPECT_EQ(CallFunction("||", {a, a}).type, DataType::Char(2, false));
  EXPECT_EQ(CallFunction("||", {a, v}).type, DataType::Varchar(11));
  EXPECT_EQ(CallFunction("||", {Text("a"), v}).type, DataType::String());
  EXPECT_EQ(Call("CONCAT", {Text("a"), kNullText}), "NULL");
  EXPECT_EQ(Call("CONCAT_WS", {Text(","), Text("a"), kNullText, Text("")}), "a,");
  EXPECT_EQ(Call("CONCAT_WS", {Text(","), kNullText}), "");
  EXPECT_EQ(Call("CONCAT_WS", {kNullText, Text("a")}), "NULL");
  EXPECT_EQ(Call("ELT", {Int(2), Text("a"), Text("b")}), "b");
  EXPECT_EQ(Call("ELT", {Int(3), Text("a"), Text("b")}), "NULL");
  EXPECT_EQ(Call("ELT", {Int(1), Text("a"), kNullText}), "a");
}

TEST(StringSplit, ByTextByCodeAndByCharacter) {
  EXPECT_EQ(Call("SPLIT_INDEX", {Text("a,b,,c"), Text(","), Int(2)}), "");
  EXPECT_EQ(Call("SPLIT_INDEX", {Text("a,b"), Text(","), Int(5)}), "NULL");
  EXPECT_EQ(Call("SPLIT_INDEX", {Text("a,b"), Text(""), Int(0)}), "a,b");
  EXPECT_EQ(Call("SPLIT_INDEX", {Text("abab"), Text("ab"), Int(2)}), "");
  EXPECT_EQ(Call("SPLIT_INDEX", {Text(""), Text(","), Int(0)}), "NULL");
  EXPECT_EQ(Call("SPLIT_INDEX", {Text("AQIDBA=="), Int(73), Int(0)}), "AQ");
  EXPECT_EQ(Call("SPLIT_INDEX", {Text("AQIDBA=="), Int(0), Int(0)}), "NULL");
  const auto split = [](const std::string& text, const std::string& separator) {
    std::string parts;
    const Called called = CallFunction("SPLIT", {Text(text), Text(separator)});
    for (const Value& part : called.value.nested()) {
      parts += "<" + part.text() + ">";
    }
    return parts;
  };
  EXPECT_EQ(split("a,b,", ","), "<a><b><>");
  EXPECT_EQ(split("", "a"), "<>");
  EXPECT_EQ(split(kSmile + "b", ""), "<?><?><b>");
}

TEST(StringEncode, CodesAndBase64) {
  EXPECT_EQ(RunInt("ASCII", {Text("é")}), -61);
  EXPECT_EQ(RunInt("ASCII", {Text("")}), 0);
  EXPECT_EQ(Call("CHR", {Int(353)}), "a");
  EXPECT_EQ(Call("CHR", {Int(233)}), "é");
  EXPECT_EQ(Call("CHR", {Int(256)}), std::string(1, '\0'));
  EXPECT_EQ(Call("CHR", {Int(-10)}), "");
  EXPECT_EQ(Call("TO_BASE64", {Text("héllo")}), "aMOpbGxv");
  EXPECT_EQ(Call("FROM_BASE64", {Text("aGVsbG8")}), "hello");
  EXPECT_EQ(Call("FROM_BASE64", {Text("aGVsbG8gd29ybGQ=")}), "hello world");
  EXPECT_EQ(Call("FROM_BASE64", {Text("!!")}), "!Illegal base64 character 21");
  EXPECT_EQ(Call("FROM_BASE64", {Text("aGVs bG8=")}), "!Illegal base64 character 20");
}

TEST(StringEncode, CharacterSets) {
  EXPECT_EQ(Call("ENCODE", {Text("é"), Text("UTF-16")}), "\xFE\xFF" + std::string("\0\xE9", 2));
  EXPECT_EQ(Call("ENCODE", {Text("é"), Text("us-ascii")}), "?");
  EXPECT_EQ(Call("ENCODE", {Text("é"), Text("foo")}), "!Unsupported encoding: foo");
  const TestArgument byte{DataType::Bytes(), Value::Text("\xE9")};
  EXPECT_EQ(Call("DECODE", {byte, Text("ISO-8859-1")}), "é");
  EXPECT_EQ(Call("DECODE", {byte, Text("UTF-8")}), "\uFFFD");
  const TestArgument wide{DataType::Bytes(), Value::Text("\xFE\xFF" + std::string("\0\xE9", 2))};
  EXPECT_EQ(Call("DECODE", {wide, Text("UTF-16")}), "é");
}

TEST(StringEncode, UrlsAndAddresses) {
  EXPECT_EQ(Call("URL_ENCODE", {Text("a b&c=d/é~*-_.!'()")}),
            "a+b%26c%3Dd%2F%C3%A9%7E*-_.%21%27%28%29");
  EXPECT_EQ(Call("URL_DECODE", {Text("a+b%26%C3%A9")}), "a b&é");
  EXPECT_EQ(Call("URL_DECODE", {Text("%zz")}), "NULL");
  EXPECT_EQ(Call("URL_DECODE", {Text("%C3")}), "\uFFFD");
  EXPECT_EQ(RunInt("INET_ATON", {Text("1.2.3")}), 16908291);
  EXPECT_EQ(RunInt("INET_ATON", {Text("127.1")}), 2130706433);
  EXPECT_EQ(RunInt("INET_ATON", {Text("192.168.001.001")}), 3232235777);
  for (const char* bad : {"", "1", "1.2.3.4.5", "1.2.3.", "256.0.0.1", "1..2.3", "a.b.c.d"}) {
    EXPECT_TRUE(CallFunction("INET_ATON", {Text(bad)}).value.is_null()) << bad;
  }
  EXPECT_EQ(Call("INET_NTOA", {Int(167772161)}), "10.0.0.1");
  EXPECT_EQ(Call("INET_NTOA", {Int(-1)}), "NULL");
}

TEST(StringUrl, SplitsAsJava) {
  const std::string url = "http://user:pw@host.com:8080/p/a.html?k1=v1&k2=v2#Ref";
  const auto part = [](const std::string& text, const std::string& name) {
    return Call("PARSE_URL", {Text(text), Text(name)});
  };
  EXPECT_EQ(part(url, "HOST"), "host.com");
  EXPECT_EQ(part(url, "PATH"), "/p/a.html");
  EXPECT_EQ(part(url, "QUERY"), "k1=v1&k2=v2");
  EXPECT_EQ(part(url, "REF"), "Ref");
  EXPECT_EQ(part(url, "PROTOCOL"), "http");
  EXPECT_EQ(part(url, "AUTHORITY"), "user:pw@host.com:8080");
  EXPECT_EQ(part(url, "FILE"), "/p/a.html?k1=v1&k2=v2");
  EXPECT_EQ(part(url, "USERINFO"), "user:pw");
  EXPECT_EQ(part(url, "host"), "NULL");
  EXPECT_EQ(part("http://host", "PATH"), "");
  EXPECT_EQ(part("http://host", "QUERY"), "NULL");
  EXPECT_EQ(part("http:///p", "HOST"), "");
  EXPECT_EQ(part("https://[::1]:80/x", "HOST"), "[::1]");
  EXPECT_EQ(part("mailto:a@b.c", "PATH"), "a@b.c");
  EXPECT_EQ(part("foo://h/p", "HOST"), "NULL");
  EXPECT_EQ(part("nonsense", "HOST"), "NULL");
  EXPECT_EQ(Call("PARSE_URL", {Text(url), Text("QUERY"), Text("k2")}), "v2");
  EXPECT_EQ(Call("PARSE_URL", {Text(url), Text("QUERY"), Text("k")}), "NULL");
  EXPECT_EQ(Call("PARSE_URL", {Text(url), Text("PATH"), Text("k1")}), "NULL");
}

TEST(Printf, FollowsJava) {
  const TestArgument real{DataType::Double(), Value::Double(12345.678)};
  const TestArgument small{DataType::Double(), Value::Double(0.0001)};
  const TestArgument yes{DataType::Boolean(), Value::Bool(true)};
  EXPECT_EQ(Call("PRINTF", {Text("%d-%s-%05d-%x-%.2f-%b-%c-%%"), Int(1), Text("x"), Int(42),
                            Int(255), real, yes, Int(65)}),
            "1-x-00042-ff-12345.68-true-A-%");
  EXPECT_EQ(Call("PRINTF", {Text("%,d|%+d|%-5d|%5s|%e|%g"), Int(1234567), Int(5), Int(3), Text("a"),
                            real, small}),
            "1,234,567|+5|3    |    a|1.234568e+04|0.000100000");
  EXPECT_EQ(Call("PRINTF", {Text("%S %h %n"), Text("abc"), Text("abc")}), "ABC 4ed2cbb4 \n");
  EXPECT_EQ(Call("PRINTF", {Text("%2$s %1$s"), Text("a"), Text("b")}), "b a");
  EXPECT_EQ(Call("PRINTF", {Text("%s %s"), Int(1), kNullText}), "1 null");
  EXPECT_EQ(Call("PRINTF", {Text("%d"), Text("x")}), "NULL");
  EXPECT_EQ(Call("PRINTF", {Text("%s")}), "NULL");
  EXPECT_EQ(Call("PRINTF", {Text("%q"), Int(1)}), "NULL");
  EXPECT_EQ(Call("PRINTF", {kNullText}), "NULL");
  const TestArgument decimal{DataType::Decimal(5, 2), Value::Int(225)};
  EXPECT_EQ(Call("PRINTF", {Text("%.1f"), decimal}), "NULL");
  EXPECT_EQ(Call("PRINTF", {Text("%s %x"), decimal, Int(-1)}), "2.25 ffffffff");
}

TEST(Hash, DigestsAndTypes) {
  EXPECT_EQ(Call("MD5", {Text("abc")}), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(Call("SHA1", {Text("test")}), "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3");
  EXPECT_EQ(Call("SHA2", {Text("test"), Int(224)}), Call("SHA224", {Text("test")}));
  EXPECT_EQ(Call("SHA2", {Text("abc"), Int(100)}), "!Unsupported algorithm.");
  EXPECT_EQ(RunInt("HASH_CODE", {Text("abc")}), 96354);
  EXPECT_EQ(CallFunction("SHA256", {Text("")}).type, DataType::Char(64, false));
}

TEST(Text, RepairsBytesAsJavaDoes) {
  const auto repaired = [](std::string_view bytes) {
    std::string out;
    AppendRepairedUtf8(bytes, &out);
    return out;
  };
  EXPECT_EQ(repaired("a\xC3\xA9"), "aé");
  EXPECT_EQ(repaired("\xE2\x82z"), "\uFFFDz");
  EXPECT_EQ(repaired("\xF0\x9F\x98"), "\uFFFD");
  EXPECT_EQ(repaired("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(repaired("\xC0\x80"), "\uFFFD\uFFFD");
  EXPECT_EQ(ToUtf8(ToUtf16(kText)), kText);
  EXPECT_EQ(ToUtf8(std::u16string_view(u"\xD83Dx")), "?x");
}

}  // namespace
}  // namespace rhei
