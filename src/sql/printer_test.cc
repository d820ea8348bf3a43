#include "sql/printer.h"

#include <gtest/gtest.h>

#include "sql/parser.h"

namespace rhei {
namespace {

std::string Expr(std::string_view sql) {
  auto expr = ParseExpression(sql);
  return expr.ok() ? PrintExpr(**expr) : expr.status().message();
}

std::string Statement(std::string_view sql) {
  auto statement = ParseStatementUnchecked(sql);
  return statement.ok() ? PrintStatement(**statement) : statement.status().message();
}

TEST(Printer, Expressions) {
  EXPECT_EQ(Expr("a.b+-1*c"), "(`a`.`b` + (-1 * `c`))");
  EXPECT_EQ(Expr("not a in (1,2) or b is not null"),
            "((NOT (`a` IN (1, 2))) OR (`b` IS NOT NULL))");
  EXPECT_EQ(Expr("a not between 1 and 2 and c"), "((`a` NOT BETWEEN ASYMMETRIC 1 AND 2) AND `c`)");
  EXPECT_EQ(Expr("count(distinct x) filter (where y > 1)"),
            "COUNT(DISTINCT `x`) FILTER (WHERE (`y` > 1))");
  EXPECT_EQ(
      Expr("sum(x) over (partition by a order by b rows between 2 preceding and current row)"),
      "(SUM(`x`) OVER (PARTITION BY `a` ORDER BY `b` ROWS BETWEEN 2 PRECEDING AND CURRENT "
      "ROW))");
  EXPECT_EQ(Expr("f(m['k'], r[1].x, (q).y)"), "`f`(`m`['k'], `r`[1].`x`, (`q`).`y`)");
  EXPECT_EQ(Expr("trim(both 'x' from s)"), "TRIM(BOTH 'x' FROM `s`)");
  EXPECT_EQ(Expr("interval '1 2' day to hour"), "INTERVAL '1 2' DAY TO HOUR");
  EXPECT_EQ(Expr("json_object(key 'a' value 1, 'b' : c format json absent on null)"),
            "JSON_OBJECT(KEY 'a' VALUE 1, KEY 'b' VALUE `c` FORMAT JSON ABSENT ON NULL)");
  EXPECT_EQ(Expr("json_query(j, '$.a' with wrapper error on error)"),
            "JSON_QUERY(`j`, '$.a' WITH UNCONDITIONAL ARRAY WRAPPER NULL ON EMPTY ERROR ON ERROR)");
  EXPECT_EQ(Expr("case when a then 1 end"), "(CASE WHEN `a` THEN 1 ELSE NULL END)");
  EXPECT_EQ(Expr("cast(null as row<a int not null, b array<string>>)"),
            "CAST(NULL AS ROW< `a` INTEGER NOT NULL, `b` ARRAY< STRING > >)");
}

TEST(Printer, Queries) {
  EXPECT_EQ(Statement("select a x, t.* from t /*+ options('k'='v') */ left outer join u for "
                      "system_time as of t.p as v on t.a=v.a where b group by rollup(a,(b,c)) "
                      "having d order by 1 desc nulls last limit 5"),
            "SELECT `a` AS `x`, `t`.*\nFROM `t`\n/*+ `options`('k' = 'v') */\nLEFT JOIN `u` FOR "
            "SYSTEM_TIME AS OF `t`.`p` AS `v` ON (`t`.`a` = `v`.`a`)\nWHERE `b`\nGROUP BY "
            "ROLLUP(`a`, (`b`, `c`))\nHAVING `d`\nORDER BY 1 DESC NULLS LAST\nFETCH NEXT 5 ROWS "
            "ONLY");
  EXPECT_EQ(Statement("values (1, 2), (3, 4)"), "VALUES (ROW(1, 2)),\n(ROW(3, 4))");
  EXPECT_EQ(Statement("select 1 union select 2 intersect select 3 except all (select 4 limit 1)"),
            "SELECT 1\nUNION\nSELECT 2\nINTERSECT\nSELECT 3\nEXCEPT ALL\n(SELECT 4\nFETCH NEXT 1 "
            "ROWS ONLY)");
}

// Each prints to text that parses and prints the same.
TEST(Printer, RoundTrips) {
  for (const std::string_view sql : {
           "SELECT * FROM TABLE(SESSION(TABLE t PARTITION BY a, DESCRIPTOR(ts), INTERVAL '5' "
           "MINUTES))",
           "SELECT * FROM f(input => (SELECT 1) PARTITION BY (a, b) ORDER BY c, on_time => "
           "DESCRIPTOR(ts), uid => 'x')",
           "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY a ORDER BY ts MEASURES FINAL LAST(A.x) "
           "AS l, MATCH_ROWTIME() AS r ONE ROW PER MATCH AFTER MATCH SKIP TO LAST B PATTERN (^ A "
           "B+? (C | D){2,3} PERMUTE(E, F) {- G -} $) WITHIN INTERVAL '1' HOUR SUBSET S = (A, B) "
           "DEFINE A AS A.x > 1, B AS PREV(B.x, 1) < 2) AS m",
           "SELECT a FROM (t1 JOIN t2 USING (k)) CROSS JOIN UNNEST(t1.arr) WITH ORDINALITY AS u "
           "(x, o), LATERAL TABLE(split(a)) AS s(w)",
           "WITH RECURSIVE c (a, b) AS (VALUES (1, 2)) SELECT ALL a, COUNT(*) FROM c GROUP BY "
           "GROUPING SETS ((a), (a, b), ()) WINDOW w AS (ORDER BY a) QUALIFY ROW_NUMBER() OVER w "
           "= 1",
           "SELECT DATE '2020-01-01', TIMESTAMP '2020-01-01 00:00:00', X'0A', N'x', U&'\\00e9', "
           "INTERVAL -'1' SECOND(3, 2), 1E5, .5, (1, 2) = ROW(3, 4), ARRAY(SELECT 1), MAP['a', 1]",
           "SELECT a = ANY (SELECT 1), b > ALL (1, 2), (x, y) OVERLAPS (z, w), a MEMBER OF b",
           "SELECT OVERLAY(a PLACING b FROM 1 FOR 2), POSITION(a IN b), SUBSTRING(a, 1, 2), "
           "FLOOR(t TO DAY), EXTRACT(DOW FROM t), TIMESTAMPADD(SQL_TSI_DAY, 1, t), CEIL(x)",
           "SELECT JSON_ARRAYAGG(a ORDER BY b NULL ON NULL), JSON_EXISTS(a, '$' TRUE ON ERROR), "
           "JSON_VALUE(a, '$' RETURNING INT DEFAULT 1 ON EMPTY ERROR ON ERROR), JSON_ARRAY()",
           "SELECT LISTAGG(a, ',') WITHIN GROUP (ORDER BY b), FIRST_VALUE(a) IGNORE NULLS OVER (w "
           "RANGE INTERVAL '1' DAY PRECEDING)",
           "CREATE TABLE t (a INT COMMENT 'x', b STRING METADATA FROM 'k' VIRTUAL, c AS a + 1, "
           "CONSTRAINT pk PRIMARY KEY (a) NOT ENFORCED, WATERMARK FOR ts AS ts - INTERVAL '5' "
           "SECOND) COMMENT 'c' DISTRIBUTED BY HASH(a) INTO 3 BUCKETS PARTITIONED BY (a) WITH "
           "('a' = 'b') LIKE p (EXCLUDING ALL INCLUDING OPTIONS)",
           "CREATE OR ALTER MATERIALIZED TABLE m (a, b) START_MODE = FROM_NOW(INTERVAL '1' DAY) "
           "FRESHNESS = INTERVAL '3' MINUTE REFRESH_MODE = FULL AS SELECT 1, 2",
           "CREATE TEMPORARY SYSTEM FUNCTION f AS 'c' LANGUAGE JAVA USING JAR 'a', JAR 'b'",
           "INSERT INTO t /*+ OPTIONS('a' = 'b') */ PARTITION (p = -1) (a, b.c) SELECT 1, 2",
           "UPDATE t SET a = 1, b = 2 WHERE c",
           "DELETE FROM t AS x WHERE a",
           "CALL c.d.p(a => 1, b => 'x')",
           "EXPLAIN ESTIMATED_COST, PLAN_ADVICE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END",
       }) {
    const std::string once = Statement(sql);
    EXPECT_EQ(Statement(once), once) << sql;
    EXPECT_EQ(once.find("parse failed"), std::string::npos) << sql << "\n" << once;
  }
}

}  // namespace
}  // namespace rhei
