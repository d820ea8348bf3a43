#include "binder/binder_test_kit.h"

namespace rhei {
namespace {

TEST_F(BinderTest, Projections) {
  EXPECT_EQ(Plan("SELECT a, b AS x, a + 1, r.x, r.y.z, t.c FROM t WHERE a > 1 AND b LIKE 'x%'"),
            R"(
LogicalProject(a=[$0], x=[$1], EXPR$2=[$2], x0=[$3], z=[$4], c=[$5])
+- LogicalProject(a=[$0], x=[$1], EXPR$2=[+($0, 1)], x=[$3.x], z=[$3.y.z], c=[$2])
   +- LogicalFilter(condition=[AND(>($0, 1), LIKE($1, 'x%'))])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
         +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | a INT | x STRING | EXPR$2 INT | x0 INT | z STRING | c BIGINT NOT NULL
)");
  EXPECT_EQ(Plan("SELECT * FROM (SELECT a, b FROM u AS u2 (a, b, c)) AS q (x, y)"),
            R"(
LogicalProject(x=[$0], y=[$1])
+- LogicalProject(a=[$0], b=[$1])
   +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
      +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | x INT | y STRING
)");
  EXPECT_EQ(Plan("SELECT u.*, t.r.* FROM t, u WHERE t.a = u.a"),
            R"(
LogicalProject(a=[$7], d=[$8], ts=[$9], x=[$3.x], y=[$3.y])
+- LogicalFilter(condition=[=($0, $7)])
   +- LogicalJoin(condition=[true], joinType=[inner])
      :- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
      :  +- LogicalTableScan(table=[[default_catalog, default_database, t]])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
         +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT | d STRING | ts TIMESTAMP(3) *ROWTIME* | x INT | y ROW<`z` STRING>
)");
  EXPECT_EQ(Plan("SELECT x, z, t.x, CASE x WHEN 1, 2 THEN 3 END FROM t"),
            R"(
LogicalProject(x=[$0], z=[$1], x0=[$2], EXPR$3=[$3])
+- LogicalProject(x=[$3.x], z=[$3.y.z], x=[$3.x], EXPR$3=[CASE(OR(=($3.x, 1), =($3.x, 2)), 3, null:INT)])
   +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
      +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | x INT | z STRING | x0 INT | EXPR$3 INT
)");
  EXPECT_EQ(Plan("SELECT -2147483648, -9223372036854775808, 0.0, .05, 0.908, '', 'é', x'AB', 1e0, "
                 "DATE '2020-01-31', TIMESTAMP '2020-01-01 00:00:00.123'"),
            R"(
LogicalProject(EXPR$0=[-2147483648], EXPR$1=[-9223372036854775808], EXPR$2=[0:DECIMAL(2, 1)], EXPR$3=[5:DECIMAL(2, 2)], EXPR$4=[908:DECIMAL(4, 3)], EXPR$5=[''], EXPR$6=['é'], EXPR$7=[X'AB'], EXPR$8=[1], EXPR$9=[18292:DATE], EXPR$10=[1577836800123000:TIMESTAMP(3)])
+- LogicalValues(tuples=[[{ 0 }]])
 | EXPR$0 INT NOT NULL | EXPR$1 BIGINT NOT NULL | EXPR$2 DECIMAL(2, 1) NOT NULL | EXPR$3 DECIMAL(2, 2) NOT NULL | EXPR$4 DECIMAL(4, 3) NOT NULL | EXPR$5 CHAR(0) NOT NULL | EXPR$6 CHAR(1) NOT NULL | EXPR$7 BINARY(1) NOT NULL | EXPR$8 DOUBLE NOT NULL | EXPR$9 DATE NOT NULL | EXPR$10 TIMESTAMP(3) NOT NULL
)");
  EXPECT_EQ(Plan("SELECT INTERVAL '1' DAY, INTERVAL '1 2:3:4.5' DAY TO SECOND, INTERVAL '1-2' YEAR "
                 "TO MONTH, INTERVAL -'10' MINUTES"),
            R"(
LogicalProject(EXPR$0=[86400000:INTERVAL SECOND(3)], EXPR$1=[93784500:INTERVAL SECOND(3)], EXPR$2=[14:INTERVAL MONTH], EXPR$3=[-600000:INTERVAL SECOND(3)])
+- LogicalValues(tuples=[[{ 0 }]])
 | EXPR$0 INTERVAL SECOND(3) NOT NULL | EXPR$1 INTERVAL SECOND(3) NOT NULL | EXPR$2 INTERVAL MONTH NOT NULL | EXPR$3 INTERVAL SECOND(3) NOT NULL
)");
  EXPECT_EQ(
      Plan("SELECT CASE WHEN a = 1 THEN 'one' ELSE 'other' END, CASE a WHEN 1 THEN a END, a "
           "BETWEEN 1 AND 2, a IN (1, 2), a NOT IN (b, c) FROM (SELECT a, 1 AS b, 2 AS c FROM u)"),
      R"(
LogicalProject(EXPR$0=[CASE(=($0, 1), CAST('one'):VARCHAR(5) NOT NULL, CAST('other'):VARCHAR(5) NOT NULL)], EXPR$1=[CASE(=($0, 1), $0, null:INT)], EXPR$2=[AND(>=($0, 1), <=($0, 2))], EXPR$3=[IN($0, 1, 2)], EXPR$4=[NOT(OR(=($0, $1), =($0, $2)))])
+- LogicalProject(a=[$0], b=[1], c=[2])
   +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
      +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | EXPR$0 VARCHAR(5) NOT NULL | EXPR$1 INT | EXPR$2 BOOLEAN | EXPR$3 BOOLEAN | EXPR$4 BOOLEAN
)");
}

TEST_F(BinderTest, Aggregates) {
  EXPECT_EQ(Plan("SELECT COUNT(*), SUM(a), MAX(c) FROM t"),
            R"(
LogicalAggregate(group=[{}], EXPR$0=[COUNT()], EXPR$1=[SUM($0)], EXPR$2=[MAX($1)])
+- LogicalProject(a=[$0], c=[$2])
   +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
      +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | EXPR$0 BIGINT NOT NULL | EXPR$1 INT | EXPR$2 BIGINT
)");
  EXPECT_EQ(Plan("SELECT b, SUM(c) + 1, COUNT(DISTINCT a) FILTER (WHERE a > 0) FROM t GROUP BY b "
                 "HAVING COUNT(*) > 1"),
            R"(
LogicalProject(b=[$0], EXPR$1=[+($1, 1)], EXPR$2=[$2])
+- LogicalFilter(condition=[>($3, 1)])
   +- LogicalAggregate(group=[{0}], EXPR$0=[SUM($1)], EXPR$1=[COUNT(DISTINCT $2) FILTER $3], EXPR$2=[COUNT()])
      +- LogicalProject(b=[$1], c=[$2], a=[$0], $f3=[>($0, 0)])
         +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
            +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | b STRING | EXPR$1 BIGINT NOT NULL | EXPR$2 BIGINT NOT NULL
)");
  EXPECT_EQ(Plan("SELECT a + 1, COUNT(*) FROM t GROUP BY a + 1"),
            R"(
LogicalProject(EXPR$0=[$0], EXPR$1=[$1])
+- LogicalAggregate(group=[{0}], EXPR$0=[COUNT()])
   +- LogicalProject($f0=[+($0, 1)])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
         +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | EXPR$0 INT | EXPR$1 BIGINT NOT NULL
)");
  EXPECT_EQ(Plan("SELECT DISTINCT a, b FROM t ORDER BY b DESC LIMIT 3 OFFSET 1"),
            R"(
LogicalSort(sort0=[$1], dir0=[DESC-nulls-last], offset=[1], fetch=[3])
+- LogicalAggregate(group=[{0, 1}])
   +- LogicalProject(a=[$0], b=[$1])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
         +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | a INT | b STRING
)");
  EXPECT_EQ(Plan("SELECT a, SUM(c) AS total FROM t GROUP BY a ORDER BY SUM(c) DESC LIMIT 2"),
            R"(
LogicalSort(sort0=[$1], dir0=[DESC-nulls-last], fetch=[2])
+- LogicalProject(a=[$0], total=[$1])
   +- LogicalAggregate(group=[{0}], EXPR$0=[SUM($1)])
      +- LogicalProject(a=[$0], c=[$2])
         +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
            +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | a INT | total BIGINT NOT NULL
)");
  EXPECT_EQ(Plan("SELECT a, b, SUM(c), GROUPING(a), GROUPING_ID(a, b) FROM t GROUP BY CUBE(a, b)"),
            R"(
LogicalProject(a=[$0], b=[$1], EXPR$2=[$2], EXPR$3=[CASE(=($3, 0), 0, =($3, 1), 0, =($3, 2), 1, 1)], EXPR$4=[CASE(=($3, 0), 0, =($3, 1), 1, =($3, 2), 2, 3)])
+- LogicalAggregate(group=[{0, 1}], EXPR$0=[SUM($2)], groups=[[{0, 1}, {0}, {1}, {}]])
   +- LogicalProject(a=[$0], b=[$1], c=[$2])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
         +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | a INT | b STRING | EXPR$2 BIGINT | EXPR$3 BIGINT NOT NULL | EXPR$4 BIGINT NOT NULL
)");
  EXPECT_EQ(Plan("SELECT a, SUM(SUM(c)) OVER (PARTITION BY a ORDER BY b) FROM t GROUP BY a, b"),
            R"(
LogicalProject(a=[$0], EXPR$1=[$3])
+- LogicalOver(partition=[{0}], order=[$1 ASC-nulls-first], frame=[RANGE UNBOUNDED PRECEDING], calls=[SUM($2)])
   +- LogicalAggregate(group=[{0, 1}], EXPR$0=[SUM($2)])
      +- LogicalProject(a=[$0], b=[$1], c=[$2])
         +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
            +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | a INT | EXPR$1 BIGINT NOT NULL
)");
}

TEST_F(BinderTest, TimeAttributes) {
  Define(
      "CREATE TABLE e (id INT, `user` STRING, millis BIGINT, ts AS TO_TIMESTAMP_LTZ(millis, 3), "
      "p AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'test')");
  EXPECT_EQ(Plan("SELECT ts, p, user FROM e WHERE ts > CURRENT_WATERMARK(ts)"), R"(
LogicalProject(ts=[$3], p=[$4], user=[$1])
+- LogicalFilter(condition=[>($3, CURRENT_WATERMARK($3))])
   +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($3, 1000:INTERVAL SECOND(3))])
      +- LogicalProject(id=[$0], user=[$1], millis=[$2], ts=[TO_TIMESTAMP_LTZ($2, 3)], p=[PROCTIME()])
         +- LogicalTableScan(table=[[default_catalog, default_database, e]])
 | ts TIMESTAMP_LTZ(3) *ROWTIME* | p TIMESTAMP_LTZ(3) NOT NULL *PROCTIME* | user STRING
)");
  EXPECT_EQ(Plan("SELECT window_time, COUNT(*) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(p), INTERVAL "
                 "'1' MINUTE)) GROUP BY window_start, window_end, window_time"),
            R"(
LogicalProject(window_time=[$2], EXPR$1=[$3])
+- LogicalAggregate(group=[{0, 1, 2}], EXPR$0=[COUNT()])
   +- LogicalProject(window_start=[$5], window_end=[$6], window_time=[$7])
      +- LogicalTableFunctionScan(invocation=[TUMBLE(time=[$4], size=[60000 ms])])
         +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($3, 1000:INTERVAL SECOND(3))])
            +- LogicalProject(id=[$0], user=[$1], millis=[$2], ts=[TO_TIMESTAMP_LTZ($2, 3)], p=[PROCTIME()])
               +- LogicalTableScan(table=[[default_catalog, default_database, e]])
 | window_time TIMESTAMP_LTZ(3) NOT NULL *PROCTIME* | EXPR$1 BIGINT NOT NULL
)");
  EXPECT_EQ(Error("SELECT CURRENT_WATERMARK(id) FROM e"),
            "CURRENT_WATERMARK() must be called with a single rowtime attribute argument, but "
            "'INT' cannot be a time attribute. @1:8");
  EXPECT_EQ(Error("SELECT * FROM TABLE(TUMBLE((SELECT MAX(ts) AS m FROM e), DESCRIPTOR(m), "
                  "INTERVAL '1' MINUTE))"),
            "The window function requires the timecol is a time attribute type, but is "
            "TIMESTAMP_LTZ(3). @1:69");
}

}  // namespace
}  // namespace rhei
