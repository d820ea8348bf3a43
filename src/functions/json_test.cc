#include <gtest/gtest.h>

#include "functions/function_test_kit.h"
#include "functions/json_path.h"
#include "functions/json_text.h"

namespace rhei::function_test {
namespace {

// JSON_VALUE and JSON_QUERY with keyword arguments; "DEFAULT x ON EMPTY" brings its value along.
std::string Query(std::string_view function, const std::string& document, const std::string& path,
                  const std::vector<std::string>& clauses = {}, const DataType* type = nullptr) {
  std::vector<TestArgument> arguments{Str(document), Str(path)};
  for (const std::string& clause : clauses) {
    if (clause.starts_with("DEFAULT ")) {
      const size_t on = clause.find(" ON ");
      arguments.push_back(Word("DEFAULT" + clause.substr(on)));
      arguments.push_back(Str(clause.substr(8, on - 8)));
    } else {
      arguments.push_back(Word(clause));
    }
  }
  TestOptions options;
  options.target_type = type;
  return CallValue(function, arguments, options);
}
std::string ValueOf(const std::string& document, const std::string& path,
                    const std::vector<std::string>& clauses = {}, const DataType* type = nullptr) {
  return Query("JSON_VALUE", document, path, clauses, type);
}
std::string QueryOf(const std::string& document, const std::string& path,
                    const std::vector<std::string>& clauses = {}, const DataType* type = nullptr) {
  return Query("JSON_QUERY", document, path, clauses, type);
}
const std::vector<std::string> kBoth = {"DEFAULT e ON EMPTY", "DEFAULT r ON ERROR"};

TEST(JsonNumber, PrintsAsBigDecimal) {
  const auto print = [](std::string_view number) {
    std::string out;
    AppendJavaNumber(number, &out);
    return out;
  };
  EXPECT_EQ(print("1e3"), "1E+3");
  EXPECT_EQ(print("1.50"), "1.50");
  EXPECT_EQ(print("-0"), "0");
  EXPECT_EQ(print("1E-10"), "1E-10");
  EXPECT_EQ(print("1.0E10"), "1.0E+10");
  EXPECT_EQ(print("0.00001234"), "0.00001234");
  EXPECT_EQ(print("0.0000001234"), "1.234E-7");
  EXPECT_EQ(print("-12.5e1"), "-125");
  EXPECT_EQ(print("12345678901234567890"), "12345678901234567890");
  EXPECT_EQ(print("0.0"), "0.0");
}

TEST(IsJson, FollowsJackson) {
  const auto is_json = [](const std::string& text, const std::string& shape) {
    return CallValue("IS JSON " + shape, {Str(text)});
  };
  for (const char* good :
       {"{\"a\":1} x", " 1 ", "1 2", "null", "[1,{}]", "\"a\\u0041\"", "1 // c"}) {
    EXPECT_EQ(is_json(good, "VALUE"), "TRUE") << good;
  }
  for (const char* bad : {"", "01", "{\"a\":1,}", "nul", "\"abc", "[1", "NaN", "{a:1}", "'a'", "1x",
                          "\"\\u00zz\"", "\"\\z\"", "[1,]", "1.", "-", "1e", "\"a\nb\""}) {
    EXPECT_EQ(is_json(bad, "VALUE"), "FALSE") << bad;
  }
  EXPECT_EQ(is_json("null", "SCALAR"), "TRUE");
  EXPECT_EQ(is_json("{}", "SCALAR"), "FALSE");
  EXPECT_EQ(is_json(" [1]", "ARRAY"), "TRUE");
  EXPECT_EQ(is_json("[1]", "OBJECT"), "FALSE");
  const std::vector<TestArgument> null{NullOf(DataType::String())};
  EXPECT_EQ(CallValue("IS JSON VALUE", null), "FALSE");
  EXPECT_EQ(CallValue("IS NOT JSON VALUE", null), "TRUE");
  EXPECT_EQ(Call("IS JSON VALUE", null), "FALSE: BOOLEAN NOT NULL");
}

TEST(JsonValue, FindsScalars) {
  EXPECT_EQ(ValueOf("{\"a\":{\"b\":7}}", "$.a.b"), "7");
  EXPECT_EQ(ValueOf("{\"a\":1,\"a\":2}", "$.a"), "2");
  EXPECT_EQ(ValueOf("{\"a\":1} trailing", "$.a"), "1");
  EXPECT_EQ(ValueOf("{\"a\":[1,2,3]}", "$.a[1]"), "2");
  EXPECT_EQ(ValueOf("{\"a\":[1,2,3]}", "$.a[-1]"), "3");
  EXPECT_EQ(ValueOf("{\"a\":[1,2,3]}", "$.a.length()"), "3");
  EXPECT_EQ(ValueOf("{\"a b\":1}", "$['a b']"), "1");
  EXPECT_EQ(ValueOf("{\"a b\":1}", "strict $.[\"a b\"]"), "1");
  EXPECT_EQ(ValueOf("{\"\\u0061\":\"long text that is shared\"}", "$.a"),
            "long text that is shared");
  EXPECT_EQ(ValueOf("{\"a\":\"\\u00e9\\n\\ud83d\\ude00\"}", "$.a"), "é\n\U0001F600");
  EXPECT_EQ(ValueOf("5", "$"), "5");
  EXPECT_EQ(ValueOf("{\"a\":1}", "a"), "1");
  EXPECT_EQ(ValueOf("{\"a\":true}", "LAX $.a"), "true");
  EXPECT_EQ(ValueOf("{\"a\":1}", "$."), "NULL");
  EXPECT_EQ(ValueOf("{\"a\":1}", "$x"), "NULL");
  EXPECT_EQ(ValueOf("{\"a\":1}", ""), "NULL");
}

TEST(JsonValue, StrictErrsWhereLaxIsEmpty) {
  EXPECT_EQ(ValueOf("{\"a\":null}", "$.a", kBoth), "r");
  EXPECT_EQ(ValueOf("{\"a\":null}", "lax $.a", kBoth), "e");
  EXPECT_EQ(ValueOf("{\"a\":[1]}", "$.a", kBoth), "r");
  EXPECT_EQ(ValueOf("{\"a\":[1]}", "lax $.a", kBoth), "e");
  EXPECT_EQ(ValueOf("{\"a\":1}", "$.b", kBoth), "r");
  EXPECT_EQ(ValueOf("{\"a\":1}", "lax $.b", kBoth), "e");
  EXPECT_EQ(ValueOf("{bad", "lax $.b", kBoth), "e");
  EXPECT_EQ(ValueOf("{\"b\":1, bad", "$.b", kBoth), "r");
  EXPECT_EQ(ValueOf("", "$", kBoth), "r");
  EXPECT_EQ(ValueOf("[{\"x\":1}]", "$[*].x", kBoth), "r");
  EXPECT_EQ(ValueOf("{\"a\":1}", "$.b", {"ERROR ON ERROR"}), "fails: No results for path: $['b']");
  EXPECT_EQ(ValueOf("{bad", "$.b", {"ERROR ON ERROR"}),
            "fails: Unexpected character ('b' (code 98)): was expecting double-quote to start "
            "field name");
  EXPECT_EQ(ValueOf("{\"a\":null}", "$.a", {"ERROR ON ERROR"}),
            "fails: Strict jsonpath mode requires a non empty returned value, but is null");
}

TEST(JsonValue, ReturningTakesOnlyItsOwnKind) {
  const DataType integer = DataType::Int();
  const DataType real = DataType::Double();
  const DataType boolean = DataType::Boolean();
  const DataType big = DataType::BigInt();
  EXPECT_EQ(ValueOf("{\"a\":12}", "$.a", {}, &integer), "12");
  EXPECT_TRUE(ValueOf("{\"a\":\"12\"}", "$.a", {}, &integer).starts_with("fails: "));
  EXPECT_TRUE(ValueOf("{\"a\":3000000000}", "$.a", {}, &integer).starts_with("fails: "));
  EXPECT_EQ(ValueOf("{\"a\":1.5}", "$.a", {}, &real), "1.5");
  EXPECT_TRUE(ValueOf("{\"a\":1}", "$.a", {}, &real).starts_with("fails: "));
  EXPECT_EQ(ValueOf("{\"a\":false}", "$.a", {}, &boolean), "FALSE");
  EXPECT_EQ(ValueOf("{\"a\":1}", "$.a", {}, &big),
            "error: Unsupported type 'BIGINT' for RETURNING in JSON_VALUE().");
}

TEST(JsonQuery, PrintsSortedAndCompact) {
  EXPECT_EQ(QueryOf("{\"b\":{\"z\":1,\"a\":[1,2.50,\"x\",null,true]}}", "$.b"),
            "{\"a\":[1,2.50,\"x\",null,true],\"z\":1}");
  EXPECT_EQ(QueryOf("[{\"x\":1},{\"x\":2}]", "$[*].x"), "[1,2]");
  EXPECT_EQ(QueryOf("[{\"x\":1},{\"x\":2}]", "$..x"), "[1,2]");
  EXPECT_EQ(QueryOf("[1,2,3]", "$[0:2]"), "[1,2]");
  EXPECT_EQ(QueryOf("[1,2,3]", "$[0,2]"), "[1,3]");
  EXPECT_EQ(QueryOf("[{\"x\":1},{\"x\":2},{\"x\":3}]", "$[?(@.x>1)]"), "[{\"x\":2},{\"x\":3}]");
  EXPECT_EQ(QueryOf("[{\"x\":\"a\"},{\"x\":\"b\"}]", "$[?(@.x == 'b' && !(@.y))].x"), "[\"b\"]");
  EXPECT_EQ(QueryOf("{\"a\":1,\"b\":2,\"c\":3}", "$['a','c']"), "{\"a\":1,\"c\":3}");
  EXPECT_EQ(QueryOf("{\"a\":1,\"b\":{\"c\":3}}", "$.*"), "[1,{\"c\":3}]");
}

TEST(JsonQuery, WrapsAndFallsBack) {
  const std::vector<std::string> conditional = {"WITH CONDITIONAL ARRAY WRAPPER"};
  const std::vector<std::string> fallbacks = {"EMPTY ARRAY ON EMPTY", "EMPTY OBJECT ON ERROR"};
  EXPECT_EQ(QueryOf("{\"a\":1}", "$.a", {"WITH UNCONDITIONAL ARRAY WRAPPER"}), "[1]");
  EXPECT_EQ(QueryOf("{\"a\":\"x\"}", "$.a", conditional), "[\"x\"]");
  EXPECT_EQ(QueryOf("{\"a\":{\"x\":1}}", "$.a", conditional), "[{\"x\":1}]");
  EXPECT_EQ(QueryOf("{\"a\":[1]}", "$.a", conditional), "[1]");
  EXPECT_EQ(QueryOf("{\"a\":null}", "$.a", fallbacks), "{}");
  EXPECT_EQ(QueryOf("{\"a\":null}", "lax $.a", fallbacks), "[]");
  EXPECT_EQ(QueryOf("{\"a\":1}", "$.a", fallbacks), "{}");
  EXPECT_EQ(QueryOf("{\"a\":1}", "lax $.a", fallbacks), "[]");
  EXPECT_EQ(
      QueryOf("{\"a\":1}", "$.a", {"ERROR ON ERROR"}),
      "fails: Strict jsonpath mode requires array or object value, and the actual value is: ''1''");
  const DataType texts = DataType::Array(DataType::String());
  EXPECT_EQ(QueryOf("{\"a\":[1,\"b\",{\"c\":1},[2],null,1.50]}", "$.a", {}, &texts),
            "[1, b, {\"c\":1}, [2], NULL, 1.50]");
  EXPECT_EQ(QueryOf("{\"a\":{}}", "$.a", {"EMPTY ARRAY ON ERROR"}, &texts), "[]");
}

TEST(JsonExists, TellsNullFromValues) {
  const auto exists = [](const std::string& document, const std::string& path,
                         const std::vector<std::string>& clauses = {}) {
    return Query("JSON_EXISTS", document, path, clauses);
  };
  EXPECT_EQ(exists("{\"a\":1}", "$.a"), "TRUE");
  EXPECT_EQ(exists("{\"a\":1}", "$.b"), "FALSE");
  EXPECT_EQ(exists("{\"a\":null}", "$.a"), "FALSE");
  EXPECT_EQ(exists("[]", "$[*]"), "TRUE");
  EXPECT_EQ(exists("{bad", "$.a", {"UNKNOWN ON ERROR"}), "NULL");
  EXPECT_EQ(exists("{bad", "$.a", {"TRUE ON ERROR"}), "TRUE");
  EXPECT_EQ(exists("{bad", "lax $.a", {"ERROR ON ERROR"}), "FALSE");
  EXPECT_EQ(exists("{\"a\":1}", "$.b", {"ERROR ON ERROR"}), "fails: No results for path: $['b']");
}

TEST(JsonBuild, WritesValuesOfAllTypes) {
  const auto json = [](DataType type, Value value) {
    return CallValue("JSON_STRING", {TestArgument{std::move(type), std::move(value)}});
  };
  EXPECT_EQ(json(DataType::Decimal(5, 2), Value::Int(110)), "1.10");
  EXPECT_EQ(json(DataType::Decimal(10, 8), Value::Int(1)), "1E-8");
  EXPECT_EQ(json(DataType::Double(), Value::Double(1e7)), "1.0E+7");
  EXPECT_EQ(json(DataType::Double(), Value::Double(1e-5)), "0.000010");
  EXPECT_EQ(json(DataType::Double(), Value::Double(0.0 / 0.0)), "\"NaN\"");
  EXPECT_EQ(json(DataType::Float(), Value::Double(3.4028234663852886e38)),
            "3.4028234663852886E+38");
  EXPECT_EQ(json(DataType::Bytes(), Value::Text("Test")), "\"VGVzdA==\"");
  EXPECT_EQ(json(DataType::Timestamp(3), Value::Int(644333862001000)),
            "\"1990-06-02T13:37:42.001\"");
  EXPECT_EQ(json(DataType::TimestampLtz(3), Value::Int(1000000)), "\"1970-01-01T00:00:01Z\"");
  const DataType map = DataType::Map(DataType::String(), DataType::Int());
  EXPECT_EQ(
      json(map, Value::Nested({Value::Text("b"), Value::Int(1), Value::Text("a"), Value::Null()})),
      "{\"a\":null,\"b\":1}");
  const DataType row = DataType::Row(
      {{"z", DataType::Array(DataType::Boolean()), {}}, {"f\"q", DataType::String(), {}}});
  EXPECT_EQ(
      json(row, Value::Nested({Value::Nested({Value::Bool(true)}), Value::Text("\x01\xC3\xA9\n")})),
      "{\"f\\\"q\":\"\\u0001é\\n\",\"z\":[true]}");
  EXPECT_EQ(json(DataType::Date(false), Value::Int(1)),
            "error: Type 'DATE NOT NULL' is not scalar or cannot be converted into JSON.");
}

TEST(JsonBuild, ObjectsAndArrays) {
  const auto build = [](std::string_view name, const std::vector<TestArgument>& arguments) {
    return CallValue(name, arguments);
  };
  const TestArgument null = NullOf(DataType::String());
  EXPECT_EQ(build("JSON_OBJECT", {}), "{}");
  EXPECT_EQ(build("JSON_OBJECT",
                  {Str("b"), Int(1), Str("a"), Int(2), Str("b"), Int(3), Word("NULL ON NULL")}),
            "{\"a\":2,\"b\":3}");
  EXPECT_EQ(build("JSON_OBJECT", {Str("K"), null, Word("NULL ON NULL")}), "{\"K\":null}");
  EXPECT_EQ(build("JSON_OBJECT", {Str("K"), null, Word("ABSENT ON NULL")}), "{}");
  EXPECT_EQ(build("JSON_OBJECT", {Str("x"), Str("{\"b\":1.50,\"a\":1e3}"), Word("FORMAT JSON"),
                                  Word("NULL ON NULL")}),
            "{\"x\":{\"a\":1E+3,\"b\":1.50}}");
  EXPECT_EQ(build("JSON_OBJECT", {Str("x"), Str("  "), Word("FORMAT JSON")}), "{\"x\":null}");
  EXPECT_EQ(build("JSON_OBJECT", {Str("x"), Str("bad"), Word("FORMAT JSON")}).substr(0, 31),
            "fails: Unrecognized token 'bad'");
  EXPECT_EQ(build("JSON_ARRAY", {null, Int(1), Str("[1, 2]"), Word("FORMAT JSON"), Str("q"),
                                 Word("ABSENT ON NULL")}),
            "[1,[1,2],\"q\"]");
  EXPECT_EQ(build("JSON_ARRAY", {null, Word("NULL ON NULL")}), "[null]");
  EXPECT_EQ(build("JSON", {Str(" ")}), "NULL");
}

TEST(JsonNotation, QuotesAndUnquotes) {
  const auto call = [](std::string_view name, const std::string& text) {
    return CallValue(name, {Str(text)});
  };
  EXPECT_EQ(call("JSON_QUOTE", "a\"b/c\té\U0001F600\x01"),
            "\"a\\\"b\\/c\\t\\u00e9\\u1f600\\ude00\x01\"");
  EXPECT_EQ(call("JSON_UNQUOTE", "\"a\\/b\\u00e9\\ud83d\\ude00\""), "a/bé\U0001F600");
  EXPECT_EQ(call("JSON_UNQUOTE", "\"a\"b\""), "a\"b");
  EXPECT_EQ(call("JSON_UNQUOTE", "\"[1, 2, 3}"), "\"[1, 2, 3}");
  EXPECT_EQ(call("JSON_UNQUOTE", "\""), "\"");
  EXPECT_EQ(call("JSON_UNQUOTE", " \"a\" "), " \"a\" ");
  EXPECT_EQ(call("JSON_UNQUOTE", "\"\\u006z\""), "\"\\u006z\"");
  EXPECT_EQ(call("JSON_UNQUOTE", "\"x\" \"\\u006z\""), "\"x\" \"\\u006z\"");
  EXPECT_EQ(call("JSON_UNQUOTE", "[]"), "[]");
}

TEST(Variant, ParsesAndIsAccessed) {
  const auto parse = [](std::string_view name, const std::vector<TestArgument>& arguments) {
    return CallValue(name, arguments);
  };
  EXPECT_EQ(parse("PARSE_JSON", {Str("{\"b\":1.50,\"a\":[1,null,\"x\"]}")}),
            "{\"a\":[1,null,\"x\"],\"b\":1.5}");
  EXPECT_EQ(parse("PARSE_JSON", {Str("[1.0, 1e3, 123456789012345678901234567890, 1.5e-10]")}),
            "[1,1000.0,123456789012345678901234567890,1.5E-10]");
  EXPECT_EQ(parse("PARSE_JSON", {Str("{\"a\":1,\"a\":2}")}), "fails: VARIANT_DUPLICATE_KEY");
  const TestArgument yes{DataType::Boolean(), Value::Bool(true)};
  EXPECT_EQ(parse("PARSE_JSON", {Str("{\"a\":1,\"a\":2}"), yes}), "{\"a\":2}");
  EXPECT_EQ(parse("TRY_PARSE_JSON", {Str("bad")}), "NULL");
  const TestArgument variant = TestArgument{DataType::Variant(), Value::Text("{\"a\":[1,2]}")};
  EXPECT_EQ(parse("ITEM", {variant, Str("a")}), "[1,2]");
  EXPECT_EQ(parse("ITEM", {variant, Str("z")}), "NULL");
  EXPECT_TRUE(parse("ITEM", {variant, Int(1)}).starts_with("fails: "));
  EXPECT_EQ(parse("JSON_STRING", {variant}), "{\"a\":[1,2]}");
}

}  // namespace
}  // namespace rhei::function_test
