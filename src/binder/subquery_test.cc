#include "binder/binder_test_kit.h"

namespace rhei {
namespace {

TEST_F(BinderTest, Subqueries) {
  EXPECT_EQ(
      Plan("SELECT a FROM t WHERE a IN (SELECT a FROM u WHERE u.d = t.b) AND EXISTS (SELECT 1 FROM "
           "u WHERE u.a = t.a AND u.d <> 'x') AND NOT EXISTS (SELECT * FROM u WHERE d = b)"),
      R"(
LogicalProject(a=[$0])
+- LogicalJoin(condition=[=($8, $1)], joinType=[anti])
   :- LogicalJoin(condition=[=($8, $0)], joinType=[semi])
   :  :- LogicalJoin(condition=[AND(=($0, $7), =($8, $1))], joinType=[semi])
   :  :  :- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
   :  :  :  +- LogicalTableScan(table=[[default_catalog, default_database, t]])
   :  :  +- LogicalProject(a=[$0], $c1=[$1])
   :  :     +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
   :  :        +- LogicalTableScan(table=[[default_catalog, default_database, u]])
   :  +- LogicalProject(EXPR$0=[1], $c1=[$0])
   :     +- LogicalFilter(condition=[<>($1, 'x')])
   :        +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
   :           +- LogicalTableScan(table=[[default_catalog, default_database, u]])
   +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
      +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT
)");
  EXPECT_EQ(Plan("SELECT a FROM s WHERE a NOT IN (SELECT a FROM u)"),
            R"(
LogicalProject(a=[$0])
+- LogicalJoin(condition=[OR(=($0, $2), IS NULL($0), IS NULL($2))], joinType=[anti])
   :- LogicalTableScan(table=[[default_catalog, default_database, s]])
   +- LogicalProject(a=[$0])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
         +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT
)");
  EXPECT_EQ(Plan("SELECT s.a, (SELECT COUNT(*) FROM u WHERE u.a = s.a) FROM s"),
            R"(
LogicalProject(a=[$0], EXPR$1=[CASE(IS NULL($3), 0, $2)])
+- LogicalJoin(condition=[=($3, $0)], joinType=[left])
   :- LogicalTableScan(table=[[default_catalog, default_database, s]])
   +- LogicalProject(EXPR$0=[$1], a=[$0])
      +- LogicalAggregate(group=[{0}], EXPR$0=[COUNT()])
         +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
            +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT | EXPR$1 BIGINT
)");
  EXPECT_EQ(Plan("SELECT a, (SELECT MAX(c) FROM t WHERE t.b = u.d) FROM u WHERE a > (SELECT AVG(a) "
                 "FROM t)"),
            R"(
LogicalProject(a=[$0], EXPR$1=[$4])
+- LogicalJoin(condition=[=($5, $1)], joinType=[left])
   :- LogicalFilter(condition=[>($0, $3)])
   :  +- LogicalJoin(condition=[true], joinType=[left])
   :     :- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
   :     :  +- LogicalTableScan(table=[[default_catalog, default_database, u]])
   :     +- LogicalAggregate(group=[{}], EXPR$0=[AVG($0)])
   :        +- LogicalProject(a=[$0])
   :           +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
   :              +- LogicalTableScan(table=[[default_catalog, default_database, t]])
   +- LogicalProject(EXPR$0=[$1], $c1=[$0])
      +- LogicalAggregate(group=[{1}], EXPR$0=[MAX($0)])
         +- LogicalProject(c=[$2], $c1=[$1])
            +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
               +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | a INT | EXPR$1 BIGINT
)");
  EXPECT_EQ(Plan("SELECT a FROM s WHERE EXISTS (SELECT 1 FROM u WHERE u.a = s.a) OR a = 1"),
            R"(
LogicalProject(a=[$0])
+- LogicalFilter(condition=[OR(IS NOT NULL($3), =($0, 1))])
   +- LogicalJoin(condition=[=($2, $0)], joinType=[left])
      :- LogicalTableScan(table=[[default_catalog, default_database, s]])
      +- LogicalAggregate(group=[{0, 1}])
         +- LogicalProject($c1=[$1], $mark=[true])
            +- LogicalProject(EXPR$0=[1], $c1=[$0])
               +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
                  +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT
)");
  EXPECT_EQ(Plan("SELECT a IN (SELECT a FROM u WHERE u.d = s.b) FROM s"),
            R"(
LogicalProject(EXPR$0=[CASE(IS NOT NULL($7), true, IS FALSE(CASE(OR(IS NULL($3), =($3, 0)), false, <($4, $3), null:BOOLEAN, true)), false, OR(IS NULL($0), IS NULL(CASE(OR(IS NULL($3), =($3, 0)), false, <($4, $3), null:BOOLEAN, true))), null:BOOLEAN, false)])
+- LogicalJoin(condition=[AND(=($0, $5), =($6, $1))], joinType=[left])
   :- LogicalJoin(condition=[=($2, $1)], joinType=[left])
   :  :- LogicalTableScan(table=[[default_catalog, default_database, s]])
   :  +- LogicalAggregate(group=[{1}], $rows=[COUNT()], $values=[COUNT($0)])
   :     +- LogicalProject(a=[$0], $c1=[$1])
   :        +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
   :           +- LogicalTableScan(table=[[default_catalog, default_database, u]])
   +- LogicalAggregate(group=[{0, 1, 2}])
      +- LogicalProject(a=[$0], $c1=[$1], $mark=[true])
         +- LogicalProject(a=[$0], $c1=[$1])
            +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
               +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | EXPR$0 BOOLEAN
)");
  EXPECT_EQ(Plan("SELECT a FROM s WHERE (a, b) IN (SELECT a, d FROM u) AND (a, b) IN ((1, 'x'), "
                 "(2, 'y'))"),
            R"(
LogicalProject(a=[$0])
+- LogicalJoin(condition=[AND(=($0, $2), =($1, $3))], joinType=[semi])
   :- LogicalFilter(condition=[OR(AND(=($0, 1), =($1, 'x')), AND(=($0, 2), =($1, 'y')))])
   :  +- LogicalTableScan(table=[[default_catalog, default_database, s]])
   +- LogicalProject(a=[$0], d=[$1])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
         +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT
)");
  EXPECT_EQ(Plan("SELECT a, (SELECT COUNT(*) FROM u WHERE u.a = s.a) FROM s GROUP BY a HAVING a > "
                 "(SELECT MIN(a) FROM u)"),
            R"(
LogicalProject(a=[$0], EXPR$1=[CASE(IS NULL($2), 0, $1)])
+- LogicalFilter(condition=[>($0, $3)])
   +- LogicalJoin(condition=[true], joinType=[left])
      :- LogicalJoin(condition=[=($2, $0)], joinType=[left])
      :  :- LogicalAggregate(group=[{0}])
      :  :  +- LogicalProject(a=[$0])
      :  :     +- LogicalTableScan(table=[[default_catalog, default_database, s]])
      :  +- LogicalProject(EXPR$0=[$1], a=[$0])
      :     +- LogicalAggregate(group=[{0}], EXPR$0=[COUNT()])
      :        +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
      :           +- LogicalTableScan(table=[[default_catalog, default_database, u]])
      +- LogicalAggregate(group=[{}], EXPR$0=[MIN($0)])
         +- LogicalProject(a=[$0])
            +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[$2])
               +- LogicalTableScan(table=[[default_catalog, default_database, u]])
 | a INT | EXPR$1 BIGINT
)");
}

}  // namespace
}  // namespace rhei
