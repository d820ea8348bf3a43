#include "binder/binder_test_kit.h"

namespace rhei {
namespace {

TEST_F(BinderTest, Errors) {
  EXPECT_EQ(Error("SELECT nope FROM t"), "Column 'nope' not found in any table @1:8");
  EXPECT_EQ(Error("SELECT A FROM t"), "Column 'A' not found in any table @1:8");
  EXPECT_EQ(Error("SELECT t.nope FROM t"), "Column 'nope' not found in table 't' @1:10");
  EXPECT_EQ(Error("SELECT q.a FROM t"), "Table 'q' not found @1:8");
  EXPECT_EQ(Error("SELECT a FROM t, u"), "Column 'a' is ambiguous @1:8");
  EXPECT_EQ(Error("SELECT * FROM nope"), "Object 'nope' not found @1:15");
  EXPECT_EQ(Error("SELECT * FROM T"), "Object 'T' not found @1:15");
  EXPECT_EQ(Error("SELECT foo(a, b, 1.5, r, arr, TRUE) FROM t"),
            "No match found for function signature foo(<NUMERIC>, <CHARACTER>, <NUMERIC>, "
            "<RecordType:peek_no_expand(INTEGER x, RecordType:peek_no_expand(VARCHAR(2147483647) "
            "z) y)>, <INTEGER ARRAY>, <BOOLEAN>) @1:8");
  EXPECT_EQ(Error("SELECT a, COUNT(*) FROM t GROUP BY b"),
            "Expression 'a' is not being grouped @1:8");
  EXPECT_EQ(Error("SELECT a FROM t WHERE a"), "WHERE clause must be a condition @1:23");
  EXPECT_EQ(Error("SELECT a FROM t WHERE b > arr"),
            "Cannot apply '>' to arguments of type '<VARCHAR(2147483647)> > <ARRAY<INT>>'. "
            "Supported form(s): '<COMPARABLE_TYPE> > <COMPARABLE_TYPE>' @1:23");
  EXPECT_EQ(Error("SELECT b + 1 FROM t"),
            "Cannot apply '+' to arguments of type '<VARCHAR(2147483647)> + <INTEGER>'. Supported "
            "form(s): '<NUMERIC> + <NUMERIC>' @1:8");
  EXPECT_EQ(Error("SELECT a FROM t WHERE COUNT(*) > 1"),
            "Aggregate expression is illegal in WHERE clause @1:23");
  EXPECT_EQ(Error("SELECT NULL"), "Illegal use of 'NULL' @1:8");
  EXPECT_EQ(Error("VALUES (1, NULL)"), "Illegal use of 'NULL' @1:12");
  EXPECT_EQ(Error("SELECT a + NULL FROM t"), "Illegal use of 'NULL' @1:12");
  EXPECT_EQ(Error("SELECT UPPER(NULL)"), "Illegal use of 'NULL' @1:14");
  EXPECT_EQ(Error("SELECT IF(TRUE, 1, NULL)"), "Illegal use of 'NULL' @1:20");
  EXPECT_EQ(Error("SELECT SUM(NULL) FROM t"), "Illegal use of 'NULL' @1:12");
  EXPECT_EQ(Error("SELECT a FROM t WHERE NULL OR a = 1"), "Illegal use of 'NULL' @1:23");
  EXPECT_EQ(Error("SELECT a FROM t GROUP BY a, NULL"), "Illegal use of 'NULL' @1:29");
  EXPECT_EQ(Error("SELECT ARRAY_CONTAINS(NULL, 1)"), "Illegal use of 'NULL' @1:23");
  EXPECT_EQ(Error("INSERT INTO s VALUES (1, NULL)"), "Illegal use of 'NULL' @1:26");
  EXPECT_EQ(Error("INSERT INTO s SELECT a FROM t"),
            "Column types of query result and sink for 'default_catalog.default_database.s' do not "
            "match.\nCause: Different number of columns.\n\nQuery schema: [a: INT]\nSink schema:  "
            "[a: INT, b: STRING] @1:15");
  EXPECT_EQ(Error("INSERT INTO s SELECT b, a FROM t"),
            "Column types of query result and sink for 'default_catalog.default_database.s' do not "
            "match.\nCause: Incompatible types for sink column 'a' at position 0.\n\nQuery schema: "
            "[b: STRING, a: INT]\nSink schema:  [a: INT, b: STRING] @1:15");
  EXPECT_EQ(Error("INSERT INTO s (nope) SELECT a FROM t"), "Unknown target column 'nope' @1:16");
  EXPECT_EQ(Error("INSERT INTO nope SELECT a FROM t"),
            "Cannot find table '`default_catalog`.`default_database`.`nope`' in any of the "
            "catalogs [default_catalog], nor as a temporary table. @1:13");
  EXPECT_EQ(Error("INSERT INTO s (a, a) SELECT a, a FROM t"),
            "Target column 'a' is assigned more than once @1:19");
  EXPECT_EQ(Error("INSERT INTO s (a, b) SELECT a FROM t"),
            "Number of columns must match number of query columns @1:22");
  EXPECT_EQ(Error("SELECT a FROM t UNION ALL SELECT a, b FROM t"),
            "Column count mismatch in UNION ALL @1:27");
  EXPECT_EQ(Error("SELECT a FROM t UNION ALL SELECT arr FROM t"),
            "Type mismatch in column 1 of UNION ALL @1:1");
  EXPECT_EQ(Error("SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(a), INTERVAL '1' MINUTE))"),
            "The window function TUMBLE(TABLE table_name, DESCRIPTOR(timecol), datetime interval[, "
            "datetime interval]) requires the timecol to be TIMESTAMP or TIMESTAMP_LTZ, but is "
            "INTEGER. @1:48");
  EXPECT_EQ(Error("SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(nope), INTERVAL '1' MINUTE))"),
            "Unknown identifier 'nope' @1:48");
  EXPECT_EQ(Error("SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MONTH))"),
            "Window aggregate only support SECOND, MINUTE, HOUR, DAY as the time unit. MONTH and "
            "YEAR time unit are not supported yet. @1:53");
  EXPECT_EQ(Error("SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts)))"),
            "Invalid number of arguments to function 'TUMBLE'. Was expecting 3 arguments @1:21");
  EXPECT_EQ(Error("SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), 5))"),
            "Cannot apply 'TUMBLE' to arguments of type 'TUMBLE(<TABLE>, <COLUMN_LIST>, "
            "<INTEGER>)'. Supported form(s): TUMBLE(TABLE table_name, DESCRIPTOR(timecol), "
            "datetime interval[, datetime interval]) @1:21");
  EXPECT_EQ(Error("SELECT * FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '2' MINUTE))"),
            "Invalid number of arguments to function 'HOP'. Was expecting 4 arguments @1:21");
  EXPECT_EQ(Error("SELECT * FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '2' MINUTE, "
                  "INTERVAL '3' MINUTE))"),
            "CUMULATE table function based aggregate requires maxSize must be an integral multiple "
            "of step, but got maxSize 180000 ms and step 120000 ms. @1:21");
  EXPECT_EQ(
      Error(
          "SELECT window_start, window_end, COUNT(*) FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), "
          "INTERVAL '2' MINUTE, INTERVAL '3' MINUTE)) GROUP BY window_start, window_end"),
      "CUMULATE table function based aggregate requires maxSize must be an integral multiple of "
      "step, but got maxSize 180000 ms and step 120000 ms. @1:54");
  EXPECT_EQ(Error("SELECT COUNT(*) FROM t GROUP BY TUMBLE(a, INTERVAL '1' MINUTE)"),
            "Cannot apply '$TUMBLE' to arguments of type '$TUMBLE(<INTEGER>, <INTERVAL SECOND>)'. "
            "Supported form(s): '$TUMBLE(<DATETIME>, <DATETIME_INTERVAL>)' @1:33");
  EXPECT_EQ(Error("SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE) FROM t"),
            "Call to auxiliary group function 'TUMBLE_START' must have matching call to group "
            "function '$TUMBLE' in GROUP BY clause @1:8");
  EXPECT_EQ(Error("SELECT TUMBLE_START(ts, INTERVAL '2' MINUTE) FROM t GROUP BY TUMBLE(ts, "
                  "INTERVAL '1' MINUTE)"),
            "Call to auxiliary group function 'TUMBLE_START' must have matching call to group "
            "function '$TUMBLE' in GROUP BY clause @1:8");
  EXPECT_EQ(Error("SELECT SUM(a) FILTER (WHERE b) FROM t"),
            "FILTER clause must be a condition @1:29");
  EXPECT_EQ(Error("SELECT SUM(SUM(a)) FROM t"), "Aggregate expressions cannot be nested @1:12");
  EXPECT_EQ(Error("SELECT ROW_NUMBER() OVER w FROM t"), "Window 'w' not found @1:26");
  EXPECT_EQ(Error("SELECT a FROM t ORDER BY nope"), "Column 'nope' not found in any table @1:26");
  EXPECT_EQ(Error("SELECT a FROM t ORDER BY 3 LIMIT 1"), "Ordinal out of range @1:26");
  EXPECT_EQ(Error("SELECT a FROM t GROUP BY 1"), "Expression 'a' is not being grouped @1:8");
  EXPECT_EQ(Error("SELECT r.nope FROM t"), "Column 'r.nope' not found in table 't' @1:10");
  EXPECT_EQ(Error("SELECT * FROM t JOIN u USING (nope)"),
            "Column 'nope' not found in any table @1:31");
  EXPECT_EQ(Error("SELECT (SELECT a, b FROM t) FROM u"),
            "Cannot apply '$SCALAR_QUERY' to arguments of type '$SCALAR_QUERY(<RECORDTYPE(INTEGER "
            "A, VARCHAR(2147483647) B)>)'. Supported form(s): '$SCALAR_QUERY(<RECORDTYPE(SINGLE "
            "FIELD)>)' @1:8");
  EXPECT_EQ(Error("SELECT a FROM t WHERE a IN (SELECT a, d FROM u)"),
            "Values passed to IN operator must have compatible types @1:23");
  EXPECT_EQ(Error("SELECT a IN ('x', TRUE) FROM t"),
            "Values in expression list must have compatible types @1:8");
  EXPECT_EQ(Error("SELECT CASE WHEN a THEN 1 END FROM t"), "Expected a boolean type @1:18");
  EXPECT_EQ(Error("SELECT CASE WHEN a=1 THEN 1 ELSE 'x' END FROM t"),
            "Illegal mixing of types in CASE or COALESCE statement @1:8");
  EXPECT_EQ(Error("SELECT CASE WHEN a=1 THEN 1 ELSE TRUE END FROM t"),
            "Illegal mixing of types in CASE or COALESCE statement @1:8");
  EXPECT_EQ(Error("SELECT CAST(a AS ROW<x INT>) FROM t"),
            "Cast function cannot convert value of type INTEGER to type ROW<`x` INT> @1:8");
  EXPECT_EQ(Error("SELECT COUNT(DISTINCT a, c) FROM t"),
            "We now only support the count of one field. @1:8");
  EXPECT_EQ(Error("SELECT GROUPING(a) FROM t"),
            "GROUPING operator may only occur in an aggregate query @1:8");
  EXPECT_EQ(Error("SELECT UPPER(b, b) FROM t"),
            "Invalid number of arguments to function 'UPPER'. Was expecting 1 arguments @1:8");
  EXPECT_EQ(Error("SELECT LAG(a) FROM t"), "OVER clause is necessary for window functions @1:8");
  EXPECT_EQ(Error("SELECT a0 FROM (SELECT t.a, u.a FROM t, u)"),
            "Column 'a0' not found in any table; did you mean 'a'? @1:8");
  EXPECT_EQ(Error("SELECT a AS b, b FROM t ORDER BY b LIMIT 2"), "Column 'b' is ambiguous @1:34");
  EXPECT_EQ(Error("SELECT COUNT(*) AS n FROM t HAVING n > 1"),
            "Column 'n' not found in any table @1:36");
  EXPECT_EQ(Error("SELECT a + 1 AS n, COUNT(*) FROM t GROUP BY n"),
            "Column 'n' not found in any table @1:45");
  EXPECT_EQ(Error("WITH x AS (SELECT 1) SELECT * FROM x, y"), "Object 'y' not found @1:39");
  EXPECT_EQ(Error("SELECT * FROM t AS x(a, b)"),
            "List of column aliases must have same degree as table; table has 7 columns ('a', 'b', "
            "'c', 'r', 'arr', 'm', 'ts'), whereas alias list has 2 columns @1:15");
  EXPECT_EQ(Error("SELECT * FROM t CROSS JOIN UNNEST(a) AS q(e)"),
            "Cannot apply 'UNNEST' to arguments of type 'UNNEST(<INTEGER>)'. Supported form(s): "
            "'UNNEST(<MULTISET>)'\n'UNNEST(<ARRAY>)'\n'UNNEST(<MAP>)' @1:35");
  EXPECT_EQ(Error("CREATE TABLE bad1 (a INT, a STRING) WITH ('connector'='oracle-sink')"),
            "A regular Column named 'a' already exists in the table. @1:27");
  EXPECT_EQ(
      Error("CREATE TABLE bad2 (a INT, WATERMARK FOR x AS x) WITH ('connector'='oracle-sink')"),
      "The rowtime attribute field 'x' is not defined in the table schema, at line 1, column 41 "
      "@1:41");
  EXPECT_EQ(
      Error("CREATE TABLE bad3 (a INT, WATERMARK FOR a AS a) WITH ('connector'='oracle-sink')"),
      "Invalid data type of time field for watermark definition. The field must be of type "
      "TIMESTAMP(p) or TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to 3, but the time "
      "field type is INT @1:27");
  EXPECT_EQ(Error("CREATE TABLE bad4 (a INT, PRIMARY KEY (b) NOT ENFORCED) WITH "
                  "('connector'='oracle-sink')"),
            "Primary key column 'b' is not defined in the schema at line 1, column 27 @1:27");
  EXPECT_EQ(
      Error("CREATE TABLE bad6 (a INT, b AS nope + 1) WITH ('connector'='oracle-sink')"),
      "Invalid expression for computed column 'b': Column 'nope' not found in any table @1:1");
  EXPECT_EQ(Error("CREATE TABLE bad9 (a INT) PARTITIONED BY (q) WITH ('connector'='oracle-sink')"),
            "Partition column 'q' not defined in the table schema. Available columns: ['a'] @1:43");
  EXPECT_EQ(Error("CREATE TABLE t (a INT) WITH ('connector'='oracle-sink')"),
            "Could not execute CreateTable in path `default_catalog`.`default_database`.`t`: Table "
            "(or view) default_database.t already exists in Catalog default_catalog. @1:1");
  EXPECT_EQ(Error("CREATE TABLE bad10 (a INT, ts TIMESTAMP(6), WATERMARK FOR ts AS ts) WITH "
                  "('connector'='oracle-sink')"),
            "Invalid data type of time field for watermark definition. The field must be of type "
            "TIMESTAMP(p) or TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to 3, but the "
            "time field type is TIMESTAMP(6) @1:45");
  EXPECT_EQ(Error("CREATE TABLE bad11 (a INT, ts TIMESTAMP(3), WATERMARK FOR ts AS a) WITH "
                  "('connector'='oracle-sink')"),
            "Invalid data type of expression for watermark definition. The field must be of type "
            "TIMESTAMP(p) or TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to 3, but the "
            "watermark expression type is INT @1:45");
  EXPECT_EQ(Error("DROP TABLE nope"),
            "Table with identifier 'default_catalog.default_database.nope' does not exist. @1:1");
  EXPECT_EQ(Error("DROP VIEW nope"),
            "View with identifier 'default_catalog.default_database.nope' does not exist. @1:1");
  EXPECT_EQ(Error("CREATE VIEW v AS SELECT a, a FROM t"),
            "A column with the same name `a` has been defined at line 1, column 28. @1:28");
  EXPECT_EQ(Error("CREATE VIEW v2 (x) AS SELECT a, b FROM t"),
            "VIEW definition and input fields not match:\n	Def fields: [x].\n	Input "
            "fields: [a, b]. @1:17");
  EXPECT_EQ(
      Error("ALTER TABLE t ADD a INT"),
      "Failed to execute ALTER TABLE statement.\nColumn `a` already exists in the table. @1:19");
  EXPECT_EQ(
      Error("ALTER TABLE t DROP nope"),
      "Failed to execute ALTER TABLE statement.\nColumn `nope` doesn't exist in the table. @1:20");
  EXPECT_EQ(
      Error("ALTER TABLE t RENAME nope TO x"),
      "Failed to execute ALTER TABLE statement.\nColumn `nope` doesn't exist in the table. @1:22");
  EXPECT_EQ(
      Error("ALTER TABLE t MODIFY nope INT"),
      "Failed to execute ALTER TABLE statement.\nColumn `nope` doesn't exist in the table. @1:22");
  EXPECT_EQ(Error("SELECT * FROM (SELECT a, a FROM t) x"), "Column 'a' is ambiguous @1:8");
  EXPECT_EQ(Error("SELECT a FROM t WHERE ROW_NUMBER() OVER (ORDER BY ts) = 1"),
            "Windowed aggregate expression is illegal in WHERE clause @1:23");
  EXPECT_EQ(Error("SELECT a FROM t, u u2 WHERE t.a = u.a"), "Table 'u' not found @1:35");
  EXPECT_EQ(Error("SELECT 9223372036854775808"),
            "Numeric literal '9223372036854775808' out of range @1:8");
  EXPECT_EQ(Error("SELECT INTERVAL '100' DAY"),
            "Interval field value 100 exceeds precision of DAY(2) field @1:8");
  EXPECT_EQ(Error("SELECT DATE '2020-02-30'"),
            "Illegal DATE literal '2020-02-30': not in format 'yyyy-MM-dd' @1:8");
  EXPECT_EQ(Error("SELECT CAST(1 AS DECIMAL(39, 1))"),
            "Decimal precision must be between 1 and 38 (both inclusive). @1:18");
  EXPECT_EQ(Error("SELECT a FROM t MATCH_RECOGNIZE (ORDER BY ts MEASURES A.a AS a PATTERN (A) "
                  "DEFINE A AS A.a > 1)"),
            "MATCH_RECOGNIZE is not supported yet @1:15");
  EXPECT_EQ(Error("CREATE TABLE b1 (a INT, b AS a + c) WITH ('connector' = 'test')"),
            "Invalid expression for computed column 'b': Column 'c' not found in any table @1:1");
  EXPECT_EQ(Error("CREATE TABLE b2 (k INT) LIKE nope"),
            "Source table '`default_catalog`.`default_database`.`nope`' of the LIKE clause not "
            "found in the catalog, at line 1, column 30 @1:30");
  EXPECT_EQ(Error("CREATE TABLE b3 WITH ('connector' = 'x') LIKE t (INCLUDING OPTIONS)"),
            "There already exists an option ['connector' -> 'test']  in the base table. You might "
            "want to specify EXCLUDING OPTIONS or OVERWRITING OPTIONS. @1:47");
  EXPECT_EQ(Error("CREATE TABLE b4 (b AS a) LIKE t"),
            "A generated column named 'b' already exists in the base table. You might want to "
            "specify EXCLUDING GENERATED or OVERWRITING GENERATED. @1:18");
  EXPECT_EQ(Error("DROP DATABASE nope"),
            "Database nope does not exist in Catalog default_catalog. @1:1");
  EXPECT_EQ(Error("USE nope"),
            "A database with name [nope] does not exist in the catalog: [default_catalog]. @1:1");
  EXPECT_EQ(Error("USE CATALOG nope"), "A catalog with name [nope] does not exist. @1:1");
  EXPECT_EQ(Error("SELECT /*+ STATE_TTL('x' = '1d') */ a, COUNT(*) FROM u GROUP BY a"),
            "The options of following hints cannot match the name of input tables or views: \n`x` "
            "in `STATE_TTL` Did you mean 'u'? @1:22");
  EXPECT_EQ(Error("SELECT * FROM s, LATERAL TABLE(foo(1)) AS x(y)"),
            "No match found for function signature foo(<NUMERIC>) @1:32");
  EXPECT_EQ(Error("SELECT u.a, s.b FROM u JOIN s ON u.a = s.a AND EXISTS (SELECT 1 FROM u)"),
            "A subquery in ON is not supported yet @1:48");
}

}  // namespace
}  // namespace rhei
