#include "binder/binder_test_kit.h"

namespace rhei {
namespace {

TEST_F(BinderTest, Joins) {
  EXPECT_EQ(Plan("SELECT t.a, u.d FROM t LEFT JOIN u ON t.a = u.a AND t.b <> u.d"),
            R"(
LogicalProject(a=[$0], d=[$8])
+- LogicalJoin(condition=[AND(=($0, $7), <>($1, $8))], joinType=[left])
   :- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
   :  +- LogicalTableScan(table=[[default_catalog, default_database, t]])
   +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
      +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT | d STRING
)");
  EXPECT_EQ(Plan("SELECT * FROM u JOIN s USING (a)"),
            R"(
LogicalProject(a=[$0], d=[$1], ts=[$2], b=[$4])
+- LogicalJoin(condition=[=($0, $3)], joinType=[inner])
   :- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
   :  +- LogicalTableScan(table=[[default_catalog, default_database, u]])
   +- LogicalTableScan(table=[[default_catalog, default_database, s]])
 | a INT | d STRING | ts TIMESTAMP(3) *ROWTIME* | b STRING
)");
  EXPECT_EQ(Plan("SELECT * FROM u NATURAL FULL JOIN s"),
            R"(
LogicalProject(a=[COALESCE($0, $3)], d=[$1], ts=[$2], b=[$4])
+- LogicalJoin(condition=[=($0, $3)], joinType=[full])
   :- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
   :  +- LogicalTableScan(table=[[default_catalog, default_database, u]])
   +- LogicalTableScan(table=[[default_catalog, default_database, s]])
 | a INT | d STRING | ts TIMESTAMP(3) *ROWTIME* | b STRING
)");
  EXPECT_EQ(Plan("SELECT /*+ STATE_TTL('u' = '1d', 's' = '2h') */ * FROM u, s"),
            R"(
LogicalProject(a=[$0], d=[$1], ts=[$2], a0=[$3], b=[$4])
+- LogicalJoin(condition=[true], joinType=[inner])
   :- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
   :  +- LogicalTableScan(table=[[default_catalog, default_database, u]])
   +- LogicalTableScan(table=[[default_catalog, default_database, s]])
 | a INT | d STRING | ts TIMESTAMP(3) *ROWTIME* | a0 INT | b STRING
)");
  EXPECT_EQ(Plan("SELECT o.a, r.d FROM t AS o JOIN u FOR SYSTEM_TIME AS OF o.ts AS r ON o.a = r.a"),
            R"(
LogicalProject(a=[$0], d=[$8])
+- LogicalTemporalJoin(condition=[=($0, $7)], joinType=[inner], time=[$6])
   :- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
   :  +- LogicalTableScan(table=[[default_catalog, default_database, t]])
   +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
      +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT | d STRING
)");
  EXPECT_EQ(Plan("SELECT a, e, k, v, o FROM t CROSS JOIN UNNEST(arr) AS q (e) LEFT JOIN UNNEST(m) "
                 "WITH ORDINALITY AS z (k, v, o) ON TRUE"),
            R"(
LogicalProject(a=[$0], e=[$7], k=[$8], v=[$9], o=[$10])
+- LogicalUnnest(collection=[$5], joinType=[left], ordinality=[true])
   +- LogicalUnnest(collection=[$4], joinType=[inner])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
         +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | a INT | e INT | k STRING | v INT | o INT
)");
  EXPECT_EQ(Plan("SELECT * FROM s, LATERAL (SELECT d, ts FROM u WHERE u.a = s.a ORDER BY ts DESC "
                 "LIMIT 2) AS x"),
            R"(
LogicalProject(a=[$0], b=[$1], d=[$2], ts=[$3])
+- LogicalJoin(condition=[=($4, $0)], joinType=[inner])
   :- LogicalTableScan(table=[[default_catalog, default_database, s]])
   +- LogicalProject(d=[$0], ts=[$1], $c2=[$2])
      +- LogicalFilter(condition=[<=($3, 2)])
         +- LogicalOver(partition=[{2}], order=[$1 DESC-nulls-last], frame=[RANGE UNBOUNDED PRECEDING], calls=[ROW_NUMBER()])
            +- LogicalProject(d=[$1], ts=[$2], $c2=[$0])
               +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
                  +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT | b STRING | d STRING | ts TIMESTAMP(3) *ROWTIME*
)");
}

TEST_F(BinderTest, SetOperations) {
  EXPECT_EQ(Plan("SELECT a FROM u UNION ALL SELECT c FROM t UNION ALL SELECT 1"),
            R"(
LogicalUnion(all=[true])
:- LogicalProject(a=[CAST($0):BIGINT])
:  +- LogicalProject(a=[$0])
:     +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
:        +- LogicalTableScan(table=[[default_catalog, default_database, u]])
:- LogicalProject(c=[$2])
:  +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
:     +- LogicalTableScan(table=[[default_catalog, default_database, t]])
+- LogicalProject(EXPR$0=[CAST($0):BIGINT NOT NULL])
   +- LogicalProject(EXPR$0=[1])
      +- LogicalValues(tuples=[[{ 0 }]])
 | a BIGINT
)");
  EXPECT_EQ(Plan("SELECT a, b FROM s EXCEPT SELECT a, d FROM u"),
            R"(
LogicalMinus(all=[false])
:- LogicalTableScan(table=[[default_catalog, default_database, s]])
+- LogicalProject(a=[$0], d=[$1])
   +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
      +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT | b STRING
)");
  EXPECT_EQ(Plan("(SELECT a FROM s ORDER BY a LIMIT 1) INTERSECT ALL SELECT a FROM u ORDER BY 1"),
            R"(
LogicalSort(sort0=[$0], dir0=[ASC-nulls-first])
+- LogicalIntersect(all=[true])
   :- LogicalSort(sort0=[$0], dir0=[ASC-nulls-first], fetch=[1])
   :  +- LogicalProject(a=[$0])
   :     +- LogicalTableScan(table=[[default_catalog, default_database, s]])
   +- LogicalProject(a=[$0])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
         +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT
)");
  EXPECT_EQ(Plan("VALUES (1, 'a'), (2.5, 'bcd')"),
            R"(
LogicalValues(tuples=[[{ CAST(1):DECIMAL(11, 1) NOT NULL, CAST('a'):VARCHAR(3) NOT NULL }, { CAST(25:DECIMAL(2, 1)):DECIMAL(11, 1) NOT NULL, CAST('bcd'):VARCHAR(3) NOT NULL }]])
 | EXPR$0 DECIMAL(11, 1) NOT NULL | EXPR$1 VARCHAR(3) NOT NULL
)");
  EXPECT_EQ(Plan("WITH x AS (SELECT a, b FROM t), y (q) AS (SELECT a FROM x) SELECT * FROM x JOIN "
                 "y ON x.a = y.q"),
            R"(
LogicalJoin(condition=[=($0, $2)], joinType=[inner])
:- LogicalProject(a=[$0], b=[$1])
:  +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
:     +- LogicalTableScan(table=[[default_catalog, default_database, t]])
+- LogicalProject(q=[$0])
   +- LogicalProject(a=[$0])
      +- LogicalProject(a=[$0], b=[$1])
         +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
            +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | a INT | b STRING | q INT
)");
}

}  // namespace
}  // namespace rhei
