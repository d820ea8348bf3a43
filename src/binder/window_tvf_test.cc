#include "binder/binder_test_kit.h"

namespace rhei {
namespace {

TEST_F(BinderTest, Windows) {
  EXPECT_EQ(Plan("SELECT window_start, window_end, b, COUNT(*), SUM(a) FROM TABLE(TUMBLE(TABLE t, "
                 "DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, b"),
            R"(
LogicalProject(window_start=[$0], window_end=[$1], b=[$2], EXPR$3=[$3], EXPR$4=[$4])
+- LogicalAggregate(group=[{0, 1, 2}], EXPR$0=[COUNT()], EXPR$1=[SUM($3)])
   +- LogicalProject(window_start=[$7], window_end=[$8], b=[$1], a=[$0])
      +- LogicalTableFunctionScan(invocation=[TUMBLE(time=[$6], size=[60000 ms])])
         +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
            +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | window_start TIMESTAMP(3) NOT NULL | window_end TIMESTAMP(3) NOT NULL | b STRING | EXPR$3 BIGINT NOT NULL | EXPR$4 INT
)");
  EXPECT_EQ(Plan("SELECT window_time, COUNT(*) FROM HOP(DATA => TABLE t, TIMECOL => "
                 "DESCRIPTOR(ts), SLIDE => INTERVAL '1' MINUTE, SIZE => INTERVAL '2' MINUTES) "
                 "GROUP BY window_start, window_end, window_time"),
            R"(
LogicalProject(window_time=[$2], EXPR$1=[$3])
+- LogicalAggregate(group=[{0, 1, 2}], EXPR$0=[COUNT()])
   +- LogicalProject(window_start=[$7], window_end=[$8], window_time=[$9])
      +- LogicalTableFunctionScan(invocation=[HOP(time=[$6], size=[120000 ms], step=[60000 ms])])
         +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
            +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | window_time TIMESTAMP(3) NOT NULL *ROWTIME* | EXPR$1 BIGINT NOT NULL
)");
  EXPECT_EQ(Plan("SELECT a, window_end FROM TABLE(SESSION(TABLE t PARTITION BY a, DESCRIPTOR(ts), "
                 "INTERVAL '1' MINUTE))"),
            R"(
LogicalProject(a=[$0], window_end=[$8])
+- LogicalTableFunctionScan(invocation=[SESSION(time=[$6], gap=[60000 ms], partition=[{0}])])
   +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
      +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | a INT | window_end TIMESTAMP(3) NOT NULL
)");
  EXPECT_EQ(Plan("SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE), TUMBLE_ROWTIME(ts, INTERVAL '1' "
                 "MINUTE), b, COUNT(*) FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), b"),
            R"(
LogicalProject(EXPR$0=[$2], EXPR$1=[$3], b=[$0], EXPR$3=[$1])
+- LogicalWindowAggregate(group=[{0}], EXPR$0=[COUNT()], window=[TUMBLE(time=[$1], size=[60000 ms])])
   +- LogicalProject(b=[$1], ts=[$6])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
         +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | EXPR$0 TIMESTAMP(3) NOT NULL | EXPR$1 TIMESTAMP(3) *ROWTIME* | b STRING | EXPR$3 BIGINT NOT NULL
)");
  EXPECT_EQ(Plan("SELECT LAG(a, 1) OVER w, SUM(a) OVER (PARTITION BY b ORDER BY ts ROWS BETWEEN 2 "
                 "PRECEDING AND CURRENT ROW) FROM t WINDOW w AS (PARTITION BY b ORDER BY ts)"),
            R"(
LogicalProject(EXPR$0=[$7], EXPR$1=[$8])
+- LogicalOver(partition=[{1}], order=[$6 ASC-nulls-first], frame=[ROWS 2 PRECEDING], calls=[SUM($0)])
   +- LogicalOver(partition=[{1}], order=[$6 ASC-nulls-first], frame=[RANGE UNBOUNDED PRECEDING], calls=[LAG($0, 1)])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
         +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | EXPR$0 INT | EXPR$1 INT
)");
  EXPECT_EQ(Plan("SELECT b, c FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c DESC) "
                 "AS rn FROM t) WHERE rn <= 3"),
            R"(
LogicalProject(b=[$1], c=[$2])
+- LogicalFilter(condition=[<=($7, 3)])
   +- LogicalProject(a=[$0], b=[$1], c=[$2], r=[$3], arr=[$4], m=[$5], ts=[$6], rn=[$7])
      +- LogicalOver(partition=[{1}], order=[$2 DESC-nulls-last], frame=[RANGE UNBOUNDED PRECEDING], calls=[ROW_NUMBER()])
         +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
            +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | b STRING | c BIGINT NOT NULL
)");
  EXPECT_EQ(
      Plan("SELECT a, ROW_NUMBER() OVER (PARTITION BY a ORDER BY ts) AS rn FROM t QUALIFY rn = 1"),
      R"(
LogicalProject(a=[$0], rn=[$7])
+- LogicalFilter(condition=[=($7, 1)])
   +- LogicalOver(partition=[{0}], order=[$6 ASC-nulls-first], frame=[RANGE UNBOUNDED PRECEDING], calls=[ROW_NUMBER()])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
         +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | a INT | rn BIGINT NOT NULL
)");
}

}  // namespace
}  // namespace rhei
