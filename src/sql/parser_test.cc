#include "sql/parser.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

std::string ErrorOf(std::string_view sql) {
  Result<std::vector<ast::StatementPtr>> result = ParseScript(sql);
  return result.ok() ? "no error"
                     : result.status().message().substr(0, result.status().message().find('\n'));
}

TEST(Parser, ParsesAScript) {
  auto script = ParseScript(
      "SET 'a' = 'b'; -- comment; with a semicolon\n"
      "CREATE TABLE t (a INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)\n"
      "  WITH ('connector' = 'x;y');\n"
      "CREATE VIEW v AS SELECT a, COUNT(*) AS n FROM t GROUP BY a;\n"
      "EXECUTE STATEMENT SET BEGIN INSERT INTO s SELECT * FROM v; INSERT INTO s2 SELECT 1; END;\n"
      "EXPLAIN PLAN FOR SELECT 1");
  ASSERT_TRUE(script.ok()) << script.status().message();
  ASSERT_EQ(script->size(), 5u);
  const auto& set = ast::As<ast::Set>(*(*script)[0]);
  EXPECT_EQ(set.option->key, "a");
  EXPECT_EQ(set.option->value, "b");
  const auto& table = ast::As<ast::CreateTable>(*(*script)[1]);
  EXPECT_EQ(table.position.line, 2);
  EXPECT_EQ(table.position.column, 1);
  ASSERT_EQ(table.schema.columns.size(), 2u);
  EXPECT_EQ(table.schema.columns[1].type->kind, ast::TypeKind::kTimestamp);
  EXPECT_EQ(table.schema.columns[1].type->precision, 3);
  EXPECT_TRUE(table.schema.watermark.has_value());
  const auto& view = ast::As<ast::CreateView>(*(*script)[2]);
  EXPECT_EQ(view.query->range.end - view.query->range.begin,
            std::string_view("SELECT a, COUNT(*) AS n FROM t GROUP BY a").size());
  EXPECT_EQ(ast::As<ast::StatementSet>(*(*script)[3]).statements.size(), 2u);
}

TEST(Parser, SettingsMayComeWithoutQuotes) {
  auto script = ParseScript("SET execution.runtime-mode = batch; SET a.b='c d'; RESET a.b-c");
  ASSERT_TRUE(script.ok()) << script.status().message();
  EXPECT_EQ(ast::As<ast::Set>(*(*script)[0]).option->key, "execution.runtime-mode");
  EXPECT_EQ(ast::As<ast::Set>(*(*script)[0]).option->value, "batch");
  EXPECT_EQ(ast::As<ast::Set>(*(*script)[1]).option->value, "c d");
  EXPECT_EQ(ast::As<ast::Reset>(*(*script)[2]).key, "a.b-c");
  EXPECT_FALSE(ParseScript("SET a = b c").ok());
}

TEST(Parser, PositionsCoverTheNode) {
  auto expr = ParseExpression("a +\n foo(bé, 2)");
  ASSERT_TRUE(expr.ok());
  const auto& plus = ast::As<ast::Call>(**expr);
  EXPECT_EQ(plus.op, ast::Operator::kPlus);
  EXPECT_EQ(plus.position.line, 1);
  EXPECT_EQ(plus.position.end_line, 2);
  EXPECT_EQ(plus.position.end_column, 12);
  const auto& call = ast::As<ast::Call>(*plus.args[1]);
  EXPECT_EQ(call.position.line, 2);
  EXPECT_EQ(call.position.column, 2);
  EXPECT_EQ(call.args[1]->position.column, 10);  // Columns count characters, not bytes.
}

TEST(Parser, Precedence) {
  auto expr = ParseExpression("NOT a = 1 + 2 * 3 AND b IS NULL OR c");
  ASSERT_TRUE(expr.ok());
  const auto& top = ast::As<ast::Call>(**expr);
  EXPECT_EQ(top.op, ast::Operator::kOr);
  const auto& both = ast::As<ast::Call>(*top.args[0]);
  EXPECT_EQ(both.op, ast::Operator::kAnd);
  const auto& negation = ast::As<ast::Call>(*both.args[0]);
  EXPECT_EQ(negation.op, ast::Operator::kNot);
  EXPECT_EQ(ast::As<ast::Call>(*negation.args[0]).op, ast::Operator::kEquals);
  EXPECT_EQ(ast::As<ast::Call>(*both.args[1]).op, ast::Operator::kIsNull);
}

TEST(Parser, SpecialFormsBecomeCalls) {
  auto expr = ParseExpression("EXTRACT(day FROM x)");
  ASSERT_TRUE(expr.ok());
  const auto& extract = ast::As<ast::Call>(**expr);
  ASSERT_EQ(extract.args.size(), 2u);
  EXPECT_EQ(ast::As<ast::Symbol>(*extract.args[0]).text, "DAY");
  expr = ParseExpression("TRIM(x)");
  ASSERT_TRUE(expr.ok());
  ASSERT_EQ(ast::As<ast::Call>(**expr).args.size(), 3u);
  EXPECT_EQ(ast::As<ast::Literal>(*ast::As<ast::Call>(**expr).args[1]).text, " ");
  expr = ParseExpression("JSON_VALUE(j, '$.a' RETURNING INT NULL ON EMPTY DEFAULT 4 ON ERROR)");
  ASSERT_TRUE(expr.ok()) << expr.status().message();
  const auto& json = ast::As<ast::Call>(**expr);
  EXPECT_EQ(json.returning->kind, ast::TypeKind::kInteger);
  ASSERT_EQ(json.args.size(), 5u);
  EXPECT_EQ(ast::As<ast::Symbol>(*json.args[2]).text, "NULL ON EMPTY");
  EXPECT_EQ(ast::As<ast::Symbol>(*json.args[3]).text, "DEFAULT ON ERROR");
}

TEST(Parser, WindowTableFunctionsWithNamedArguments) {
  auto query = ParseQuery(
      "SELECT window_start, COUNT(*) FROM TUMBLE(DATA => TABLE bid, TIMECOL => DESCRIPTOR(ts), "
      "SIZE => INTERVAL '10' MINUTES) GROUP BY window_start, window_end");
  ASSERT_TRUE(query.ok()) << query.status().message();
  const auto& select = ast::As<ast::Select>(*(*query)->body);
  const auto& function = ast::As<ast::TableFunction>(*select.from);
  const auto& call = ast::As<ast::Call>(*function.call);
  ASSERT_EQ(call.argument_names.size(), 3u);
  EXPECT_EQ(call.argument_names[0]->text, "DATA");
  EXPECT_EQ(call.args[0]->kind, ast::ExprKind::kTableArgument);
  EXPECT_EQ(ast::As<ast::Call>(*call.args[1]).op, ast::Operator::kDescriptor);
  EXPECT_EQ(ast::As<ast::Literal>(*call.args[2]).interval.start, ast::TimeUnit::kMinute);
}

TEST(Parser, QueriesInParentheses) {
  for (const std::string_view sql : {
           "SELECT * FROM ((SELECT 1) UNION ALL (SELECT 2)) AS t",
           "SELECT * FROM ((SELECT 1) AS a JOIN b ON TRUE)",
           "(SELECT 1) UNION (SELECT 2 ORDER BY 1 LIMIT 1) ORDER BY 1",
           "SELECT ((SELECT 1) + 1), ((SELECT 1) UNION (SELECT 2))",
           "SELECT 1 FROM t WHERE a IN ((SELECT 1) UNION SELECT 2) AND (b, c) IN (SELECT 1, 2)",
           "SELECT EXISTS (SELECT 1), a = ANY (SELECT 2) FROM t",
           "WITH x AS (SELECT 1), y(a) AS (VALUES (1), (2)) SELECT * FROM x, y",
       }) {
    auto result = ParseScript(sql);
    EXPECT_TRUE(result.ok()) << sql << ": " << result.status().message();
  }
}

TEST(Parser, ErrorsAreFlinks) {
  EXPECT_EQ(ErrorOf("show catalogs likes"),
            "SQL parse failed. Encountered \"likes\" at line 1, column 15.");
  EXPECT_EQ(ErrorOf("SELECT * FROM"),
            "SQL parse failed. Encountered \"<EOF>\" at line 1, column 13.");
  EXPECT_EQ(ErrorOf("SELECT VALUE FROM t"),
            "SQL parse failed. Incorrect syntax near the keyword 'VALUE' at line 1, column 8.");
  EXPECT_EQ(ErrorOf("load module 'core'"),
            "SQL parse failed. Encountered \"\\'core\\'\" at line 1, column 13.");
  EXPECT_EQ(ErrorOf("SELECT 'abc"), "SQL parse failed. Encountered \"\\'\" at line 1, column 8.");
  EXPECT_EQ(ErrorOf("CREATE TABLE t (a INT PRIMARY KEY, PRIMARY KEY (a) NOT ENFORCED)"),
            "SQL parse failed. Duplicate primary key definition");
  EXPECT_EQ(ErrorOf("MERGE INTO t USING s"), "MERGE is not supported yet");
  EXPECT_EQ(ErrorOf("SELECT 1 +; SELECT 2"),
            "SQL parse failed. Encountered \"<EOF>\" at line 1, column 10.");
  EXPECT_EQ(ErrorOf("SELECT a != b"),
            "SQL parse failed. Bang equal '!=' is not allowed under the current SQL conformance "
            "level");
}

// Found by fuzzing.
TEST(Parser, RefusesOddTexts) {
  for (const std::string_view sql : {
           "SELECT 1 FROM TABLE ((a) (b, c))",
           "SELECT 1 FROM DESCRIPTOR (a)",
           "((SELECT w FROM TABLE ( (a ) ( , b) (HOP",
           "SELECT ((SELECT a).*).b, (t.*)[1]",
       }) {
    EXPECT_FALSE(ParseScript(sql).ok()) << sql;
  }
}

TEST(Parser, SuggestsTheNearestKeyword) {
  auto result = ParseScript("SELEC 1");
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find("Did you mean SELECT?"), std::string::npos);
  EXPECT_EQ(result.status().position().line, 1);
}

TEST(Parser, DepthIsLimited) {
  const auto repeat = [](std::string_view part, size_t n) {
    std::string out;
    for (size_t i = 0; i < n; ++i) out += part;
    return out;
  };
  EXPECT_TRUE(ParseExpression(repeat("(", 200) + "1" + repeat(")", 200)).ok());
  for (const std::string& sql : {
           "SELECT " + repeat("(", 100000),
           "SELECT " + repeat("- ", 100000) + "1",
           "SELECT " + repeat("NOT ", 100000) + "a",
           "SELECT 1" + repeat(" + 1", 100000),
           "SELECT a" + repeat("[1]", 100000),
           "SELECT 1" + repeat(" UNION SELECT 1", 100000),
           "SELECT * FROM t" + repeat(" JOIN t ON TRUE", 100000),
           "SELECT " + repeat("CASE WHEN ", 100000),
           "SELECT CAST(a AS INT" + repeat(" ARRAY", 100000),
           "SELECT CAST(a AS " + repeat("ARRAY<", 100000),
           "SELECT * FROM " + repeat("(SELECT * FROM ", 100000),
           "SELECT 1 FROM t GROUP BY " + repeat("ROLLUP(", 100000),
       }) {
    auto result = ParseScript(sql);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.status().code(), ErrorCode::kResource) << sql.substr(0, 40);
  }
}

TEST(Parser, StringsAreDecoded) {
  const auto text = [](std::string_view sql) {
    auto expr = ParseExpression(sql);
    return expr.ok() ? ast::As<ast::Literal>(**expr).text : expr.status().message();
  };
  EXPECT_EQ(text("'it''s'"), "it's");
  EXPECT_EQ(text("U&'\\263A'"), "\xE2\x98\xBA");
  EXPECT_EQ(text("U&'#263A' UESCAPE '#'"), "\xE2\x98\xBA");
  EXPECT_EQ(text("U&'\\D83D\\DE00'"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(text("E'a\\n\\u0061\\x61\\141\\''"), "a\naaa'");
  EXPECT_EQ(text("x'aB'"), "AB");
}

}  // namespace
}  // namespace rhei
