#include <gtest/gtest.h>

#include "functions/function_test_kit.h"
#include "functions/text.h"

namespace rhei::function_test {
namespace {

const TestArgument kNullText = NullOf(DataType::String());

const std::string kSmile = "\U0001F600";
const std::string kText = "héllo" + kSmile + " wörld";

TEST(StringCase, MapsUnicodeAndInitcapAsciiOnly) {
  EXPECT_EQ(CallValue("UPPER", {Str("straße")}), "STRASSE");
  EXPECT_EQ(CallValue("UPPER", {Str(kText)}), "HÉLLO" + kSmile + " WÖRLD");
  EXPECT_EQ(CallValue("LOWER", {Str("ΑΣ İ")}), "ας i̇");
  EXPECT_EQ(CallValue("LOWER", {Str("A[Z@")}), "a[z@");
  EXPECT_EQ(CallValue("INITCAP", {Str("hELLO wORLD-foo_bar éTé 9ab")}),
            "Hello World-Foo_Bar éTé 9ab");
  const TestArgument fixed{DataType::Char(3), Value::Text("abc")};
  EXPECT_EQ(Call("UPPER", {fixed}), "ABC: CHAR(3)");
}

TEST(StringEdit, SubstringCountsCodePoints) {
  EXPECT_EQ(CallValue("SUBSTRING", {Str(kText), Int(5), Int(3)}), "o" + kSmile + " ");
  EXPECT_EQ(CallValue("SUBSTRING", {Str(kText), Int(-3)}), "rld");
  EXPECT_EQ(CallValue("SUBSTRING", {Str(kText), Int(0), Int(2)}), "hé");
  EXPECT_EQ(CallValue("SUBSTRING", {Str(kText), Int(-30), Int(28)}), "");
  EXPECT_EQ(CallValue("SUBSTRING", {Str("abc"), Int(2147483647), Int(2147483647)}), "");
  EXPECT_EQ(CallValue("SUBSTRING", {Str("abc"), Int(1), Int(-1)}), "NULL");
  EXPECT_EQ(CallValue("SUBSTR", {Str("hello world"), Int(2), Int(300)}), "ello world");
  EXPECT_EQ(CallValue("SUBSTR", {kNullText, Int(2)}), "NULL");
  const TestArgument fixed{DataType::Char(3, false), Value::Text("abc")};
  EXPECT_EQ(Call("SUBSTR", {fixed, Int(2)}), "bc: VARCHAR(3)");
  EXPECT_EQ(CallValue("LEFT", {Str(kText), Int(6)}), "héllo" + kSmile);
  EXPECT_EQ(CallValue("RIGHT", {Str(kText), Int(6)}), " wörld");
  EXPECT_EQ(CallValue("LEFT", {Str("abc"), Int(-1)}), "");
  EXPECT_EQ(CallValue("RIGHT", {Str("abc"), Int(0)}), "");
  EXPECT_EQ(CallValue("RIGHT", {Str("abc"), Int(5)}), "abc");
  EXPECT_EQ(CallValue("REVERSE", {Str("a" + kSmile + "é")}), "é" + kSmile + "a");
}

TEST(StringEdit, TrimTakesASetOfCharacters) {
  EXPECT_EQ(CallValue("TRIM", {Word("BOTH"), Str("ab"), Str("abcab")}), "c");
  EXPECT_EQ(CallValue("TRIM", {Word("BOTH"), Str("开心"), Str("心情开开心心")}), "情");
  EXPECT_EQ(CallValue("TRIM", {Word("TRAILING"), Str("e"), Str("example")}), "exampl");
  EXPECT_EQ(CallValue("TRIM", {Word("LEADING"), Str(""), Str("abc")}), "abc");
  EXPECT_EQ(CallValue("LTRIM", {Str("abcddcba"), Str("abd")}), "cddcba");
  EXPECT_EQ(CallValue("RTRIM", {Str("a" + kSmile), Str(kSmile)}), "a");
  EXPECT_EQ(CallValue("BTRIM", {Str("  a long text that is not inline \f")}),
            "a long text that is not inline \f");
}

TEST(StringEdit, PadsAndOverlaysInUtf16Units) {
  EXPECT_EQ(CallValue("LPAD", {Str("hi"), Int(5), Str("??")}), "???hi");
  EXPECT_EQ(CallValue("LPAD", {Str(kSmile + "b"), Int(2), Str("x")}), kSmile);
  EXPECT_EQ(CallValue("LPAD", {Str(kText), Int(15), Str("é")}), "éé" + kText);
  EXPECT_EQ(CallValue("RPAD", {Str(kText), Int(6), Str("x")}), "héllo?");
  EXPECT_EQ(CallValue("LPAD", {Str("Hello"), Int(-1), Str("x")}), "NULL");
  EXPECT_EQ(CallValue("RPAD", {Str("abcd"), Int(5), Str("")}), "NULL");
  EXPECT_EQ(CallValue("LPAD", {Str("a"), Int(0), Str("x")}), "");
  EXPECT_EQ(CallValue("LPAD", {Str("a"), Int(5), kNullText}), "NULL");
  EXPECT_EQ(CallValue("OVERLAY", {Str(kSmile + "bc"), Str("X"), Int(2)}), "?Xbc");
  EXPECT_EQ(CallValue("OVERLAY", {Str(kText), Str("ZZ"), Int(2), Int(-1)}), "hZZ");
  EXPECT_EQ(CallValue("OVERLAY", {Str("abcdef"), Str("X"), Int(2), Int(0)}), "aX");
  EXPECT_EQ(CallValue("OVERLAY", {Str("abc"), Str("XXXXXX"), Int(2)}), "aXXXXXX");
  EXPECT_EQ(CallValue("OVERLAY", {Str("abc"), Str("Z"), Int(0)}), "abc");
  EXPECT_EQ(CallValue("OVERLAY", {Str("abc"), Str("Z"), Int(100)}), "abc");
  EXPECT_EQ(CallValue("OVERLAY", {Str("This is a old string"), Str("new"), Int(11), Int(3)}),
            "This is a new string");
}

TEST(StringEdit, RepeatReplaceTranslate) {
  EXPECT_EQ(CallValue("REPEAT", {Str("ab"), Int(2)}), "abab");
  EXPECT_EQ(CallValue("REPEAT", {Str("ab"), Int(-1)}), "");
  EXPECT_EQ(CallValue("REPEAT", {Str("ab"), Int(2147483647)}).substr(0, 13), "fails: REPEAT");
  EXPECT_EQ(CallValue("REPLACE", {Str("aaa"), Str(""), Str("x")}), "xaxaxax");
  EXPECT_EQ(CallValue("REPLACE", {Str("aaa"), Str("aa"), Str("b")}), "ba");
  EXPECT_EQ(CallValue("REPLACE", {Str("abc"), Str("z"), Str("b")}), "abc");
  EXPECT_EQ(CallValue("TRANSLATE", {Str("www.apache.org"), Str("abcde."), Str("123")}),
            "www1p13horg");
  EXPECT_EQ(CallValue("TRANSLATE", {Str("www.apache.org"), Str("..."), Str("123")}),
            "www1apache1org");
  EXPECT_EQ(CallValue("TRANSLATE", {Str("a" + kSmile + "b"), Str(kSmile), Str("xy")}), "axb");
  EXPECT_EQ(CallValue("TRANSLATE", {Str("abc"), kNullText, Str("123")}), "abc");
}

TEST(StringSearch, PositionsCountCodePoints) {
  EXPECT_EQ(CallValue("CHAR_LENGTH", {Str(kText)}), "12");
  EXPECT_EQ(CallValue("POSITION", {Str("w"), Str(kText)}), "8");
  EXPECT_EQ(CallValue("POSITION", {Str(""), Str("abc")}), "1");
  EXPECT_EQ(CallValue("LOCATE", {Str("l"), Str(kText), Int(4)}), "4");
  EXPECT_EQ(CallValue("LOCATE", {Str("b"), Str("abc"), Int(-1)}), "2");
  EXPECT_EQ(CallValue("LOCATE", {Str("b"), Str("abcabc"), Int(3)}), "5");
  EXPECT_EQ(CallValue("INSTR", {Str(kText), Str("l"), Int(-1)}), "11");
  EXPECT_EQ(CallValue("INSTR", {Str(kText), Str("l"), Int(-1), Int(2)}), "4");
  EXPECT_EQ(CallValue("INSTR", {Str("Corporate Floor"), Str("or"), Int(3), Int(2)}), "14");
  EXPECT_EQ(CallValue("INSTR", {Str("abcabc"), Str("b"), Int(0)}), "0");
  EXPECT_EQ(CallValue("INSTR", {Str(""), Str("a")}), "0");
}

TEST(Like, MatchesItsShapes) {
  const auto like = [](const std::string& text, const std::string& pattern) {
    return CallValue("LIKE", {Str(text), Str(pattern)}) == "TRUE";
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
    return CallValue("LIKE", {Str(text), Str(pattern), Str(escape)});
  };
  EXPECT_EQ(like("test%", "test!%", "!"), "TRUE");
  EXPECT_EQ(like("testx", "test!%", "!"), "FALSE");
  EXPECT_EQ(like("te_st", "te__st", "_"), "TRUE");
  EXPECT_EQ(like("te_st", "te_st", "_"), "error: Invalid escape sequence 'te_st', 2");
  EXPECT_EQ(like("test%", "test%", "%"), "error: Invalid escape sequence 'test%', 4");
  EXPECT_EQ(like("test", "test", std::string(1, '\0')),
            "error: Invalid escape character '" + std::string(1, '\0') + "'");
  EXPECT_EQ(like("TE-ST", "%E_S%", "\\c"), "error: Invalid escape character '\\c'");
  // A pattern that is no literal fails by row.
  EXPECT_EQ(CallValue("LIKE", {Str("a"), Varying(Str("a!b")), Varying(Str("!"))}),
            "fails: Invalid escape sequence 'a!b', 1");
}

TEST(StringConcat, TypesAndNulls) {
  const TestArgument a{DataType::Char(1, false), Value::Text("a")};
  const TestArgument v{DataType::Varchar(10), Value::Text("xyz")};
  EXPECT_EQ(Call("||", {a, a}), "aa: CHAR(2) NOT NULL");
  EXPECT_EQ(Call("||", {a, v}), "axyz: VARCHAR(11)");
  EXPECT_EQ(Call("||", {Str("a"), v}), "axyz: STRING");
  EXPECT_EQ(CallValue("CONCAT", {Str("a"), kNullText}), "NULL");
  EXPECT_EQ(CallValue("CONCAT_WS", {Str(","), Str("a"), kNullText, Str("")}), "a,");
  EXPECT_EQ(CallValue("CONCAT_WS", {Str(","), kNullText}), "");
  EXPECT_EQ(CallValue("CONCAT_WS", {kNullText, Str("a")}), "NULL");
  EXPECT_EQ(CallValue("ELT", {Int(2), Str("a"), Str("b")}), "b");
  EXPECT_EQ(CallValue("ELT", {Int(3), Str("a"), Str("b")}), "NULL");
  EXPECT_EQ(CallValue("ELT", {Int(1), Str("a"), kNullText}), "a");
}

TEST(StringSplit, ByTextByCodeAndByCharacter) {
  EXPECT_EQ(CallValue("SPLIT_INDEX", {Str("a,b,,c"), Str(","), Int(2)}), "");
  EXPECT_EQ(CallValue("SPLIT_INDEX", {Str("a,b"), Str(","), Int(5)}), "NULL");
  EXPECT_EQ(CallValue("SPLIT_INDEX", {Str("a,b"), Str(""), Int(0)}), "a,b");
  EXPECT_EQ(CallValue("SPLIT_INDEX", {Str("abab"), Str("ab"), Int(2)}), "");
  EXPECT_EQ(CallValue("SPLIT_INDEX", {Str(""), Str(","), Int(0)}), "NULL");
  EXPECT_EQ(CallValue("SPLIT_INDEX", {Str("AQIDBA=="), Int(73), Int(0)}), "AQ");
  EXPECT_EQ(CallValue("SPLIT_INDEX", {Str("AQIDBA=="), Int(0), Int(0)}), "NULL");
  const auto split = [](const std::string& text, const std::string& separator) {
    return CallValue("SPLIT", {Str(text), Str(separator)});
  };
  EXPECT_EQ(split("a,b,", ","), "[a, b, ]");
  EXPECT_EQ(split("", "a"), "[]");
  EXPECT_EQ(split(kSmile + "b", ""), "[?, ?, b]");
}

TEST(StringEncode, CodesAndBase64) {
  EXPECT_EQ(CallValue("ASCII", {Str("é")}), "-61");
  EXPECT_EQ(CallValue("ASCII", {Str("")}), "0");
  EXPECT_EQ(CallValue("CHR", {Int(353)}), "a");
  EXPECT_EQ(CallValue("CHR", {Int(233)}), "é");
  EXPECT_EQ(CallValue("CHR", {Int(256)}), std::string(1, '\0'));
  EXPECT_EQ(CallValue("CHR", {Int(-10)}), "");
  EXPECT_EQ(CallValue("TO_BASE64", {Str("héllo")}), "aMOpbGxv");
  EXPECT_EQ(CallValue("FROM_BASE64", {Str("aGVsbG8")}), "hello");
  EXPECT_EQ(CallValue("FROM_BASE64", {Str("aGVsbG8gd29ybGQ=")}), "hello world");
  EXPECT_EQ(CallValue("FROM_BASE64", {Str("!!")}), "fails: Illegal base64 character 21");
  EXPECT_EQ(CallValue("FROM_BASE64", {Str("aGVs bG8=")}), "fails: Illegal base64 character 20");
}

TEST(StringEncode, CharacterSets) {
  EXPECT_EQ(CallValue("ENCODE", {Str("é"), Str("UTF-16")}), "x'feff00e9'");
  EXPECT_EQ(CallValue("ENCODE", {Str("é"), Str("us-ascii")}), "x'3f'");
  EXPECT_EQ(CallValue("ENCODE", {Str("é"), Str("foo")}), "fails: Unsupported encoding: foo");
  const TestArgument byte{DataType::Bytes(), Value::Text("\xE9")};
  EXPECT_EQ(CallValue("DECODE", {byte, Str("ISO-8859-1")}), "é");
  EXPECT_EQ(CallValue("DECODE", {byte, Str("UTF-8")}), "\uFFFD");
  const TestArgument wide{DataType::Bytes(), Value::Text("\xFE\xFF" + std::string("\0\xE9", 2))};
  EXPECT_EQ(CallValue("DECODE", {wide, Str("UTF-16")}), "é");
}

TEST(StringEncode, UrlsAndAddresses) {
  EXPECT_EQ(CallValue("URL_ENCODE", {Str("a b&c=d/é~*-_.!'()")}),
            "a+b%26c%3Dd%2F%C3%A9%7E*-_.%21%27%28%29");
  EXPECT_EQ(CallValue("URL_DECODE", {Str("a+b%26%C3%A9")}), "a b&é");
  EXPECT_EQ(CallValue("URL_DECODE", {Str("%zz")}), "NULL");
  EXPECT_EQ(CallValue("URL_DECODE", {Str("%C3")}), "\uFFFD");
  EXPECT_EQ(CallValue("INET_ATON", {Str("1.2.3")}), "16908291");
  EXPECT_EQ(CallValue("INET_ATON", {Str("127.1")}), "2130706433");
  EXPECT_EQ(CallValue("INET_ATON", {Str("192.168.001.001")}), "3232235777");
  for (const char* bad : {"", "1", "1.2.3.4.5", "1.2.3.", "256.0.0.1", "1..2.3", "a.b.c.d"}) {
    EXPECT_EQ(CallValue("INET_ATON", {Str(bad)}), "NULL") << bad;
  }
  EXPECT_EQ(CallValue("INET_NTOA", {Int(167772161)}), "10.0.0.1");
  EXPECT_EQ(CallValue("INET_NTOA", {Int(-1)}), "NULL");
}

TEST(StringUrl, SplitsAsJava) {
  const std::string url = "http://user:pw@host.com:8080/p/a.html?k1=v1&k2=v2#Ref";
  const auto part = [](const std::string& text, const std::string& name) {
    return CallValue("PARSE_URL", {Str(text), Str(name)});
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
  EXPECT_EQ(CallValue("PARSE_URL", {Str(url), Str("QUERY"), Str("k2")}), "v2");
  EXPECT_EQ(CallValue("PARSE_URL", {Str(url), Str("QUERY"), Str("k")}), "NULL");
  EXPECT_EQ(CallValue("PARSE_URL", {Str(url), Str("PATH"), Str("k1")}), "NULL");
}

TEST(Printf, FollowsJava) {
  const TestArgument real{DataType::Double(), Value::Double(12345.678)};
  const TestArgument small{DataType::Double(), Value::Double(0.0001)};
  const TestArgument yes{DataType::Boolean(), Value::Bool(true)};
  EXPECT_EQ(CallValue("PRINTF", {Str("%d-%s-%05d-%x-%.2f-%b-%c-%%"), Int(1), Str("x"), Int(42),
                                 Int(255), real, yes, Int(65)}),
            "1-x-00042-ff-12345.68-true-A-%");
  EXPECT_EQ(CallValue("PRINTF", {Str("%,d|%+d|%-5d|%5s|%e|%g"), Int(1234567), Int(5), Int(3),
                                 Str("a"), real, small}),
            "1,234,567|+5|3    |    a|1.234568e+04|0.000100000");
  EXPECT_EQ(CallValue("PRINTF", {Str("%S %h %n"), Str("abc"), Str("abc")}), "ABC 4ed2cbb4 \n");
  EXPECT_EQ(CallValue("PRINTF", {Str("%2$s %1$s"), Str("a"), Str("b")}), "b a");
  EXPECT_EQ(CallValue("PRINTF", {Str("%s %s"), Int(1), kNullText}), "1 null");
  EXPECT_EQ(CallValue("PRINTF", {Str("%d"), Str("x")}), "NULL");
  EXPECT_EQ(CallValue("PRINTF", {Str("%s")}), "NULL");
  EXPECT_EQ(CallValue("PRINTF", {Str("%q"), Int(1)}), "NULL");
  EXPECT_EQ(CallValue("PRINTF", {kNullText}), "NULL");
  const TestArgument decimal{DataType::Decimal(5, 2), Value::Int(225)};
  EXPECT_EQ(CallValue("PRINTF", {Str("%.1f"), decimal}), "NULL");
  EXPECT_EQ(CallValue("PRINTF", {Str("%s %x"), decimal, Int(-1)}), "2.25 ffffffff");
}

TEST(Hash, DigestsAndTypes) {
  EXPECT_EQ(CallValue("MD5", {Str("abc")}), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(CallValue("SHA1", {Str("test")}), "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3");
  EXPECT_EQ(CallValue("SHA2", {Str("test"), Int(224)}), CallValue("SHA224", {Str("test")}));
  EXPECT_EQ(CallValue("SHA2", {Str("abc"), Int(100)}), "fails: Unsupported algorithm.");
  EXPECT_EQ(CallValue("HASH_CODE", {Str("abc")}), "96354");
  EXPECT_EQ(Call("SHA256", {Str("")}),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855: CHAR(64) NOT NULL");
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
}  // namespace rhei::function_test
