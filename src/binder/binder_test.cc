#include "binder/binder.h"

#include <gtest/gtest.h>

#include "catalog/print_ddl.h"
#include "plan/logical/print.h"
#include "sql/parser.h"

namespace rhei {
namespace {

class BinderTest : public ::testing::Test {
 protected:
  BinderTest() {
    context_.catalog = &catalog_;
    Define(
        "CREATE TABLE t (a INT, b STRING, c BIGINT NOT NULL, r ROW<x INT, y ROW<z STRING>>, "
        "arr ARRAY<INT>, m MAP<STRING, INT>, ts TIMESTAMP(3), "
        "WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'test')");
    Define(
        "CREATE TABLE u (a INT, d STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) "
        "WITH ('connector' = 'test')");
    Define("CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'test')");
    Define(
        "CREATE TABLE k (id INT PRIMARY KEY NOT ENFORCED, v DECIMAL(10, 2), w BIGINT NOT NULL) "
        "WITH ('connector' = 'test')");
  }

  void Define(const std::string& sql) { EXPECT_EQ(TryDefine(sql), "ok"); }

  std::string TryDefine(const std::string& sql) {
    Result<ast::StatementPtr> statement = ParseStatement(sql);
    if (!statement.ok()) return "parse: " + statement.status().message();
    context_.text = sql;
    const Status status = ApplyDefinition(**statement, context_);
    return status.ok() ? "ok" : Message(status);
  }

  static std::string Message(const Status& status) {
    const SqlPosition at = status.position();
    return status.message() +
           (at.known() ? " @" + std::to_string(at.line) + ":" + std::to_string(at.column) : "");
  }

  Result<LogicalNodePtr> Bind(const std::string& sql) {
    Result<ast::StatementPtr> statement = ParseStatement(sql);
    if (!statement.ok()) return statement.status();
    context_.text = sql;
    if ((*statement)->kind == ast::StatementKind::kInsert) {
      return BindInsert(ast::As<ast::Insert>(**statement), context_);
    }
    return BindQuery(*ast::As<ast::QueryStatement>(**statement).query, context_);
  }

  // The plan and the types of its columns, or the error.
  std::string Plan(const std::string& sql) {
    Result<LogicalNodePtr> plan = Bind(sql);
    if (!plan.ok()) return Message(plan.status());
    std::string text = "\n" + PrintLogical(**plan);
    for (const Field& field : (*plan)->schema.fields) {
      text += " | " + field.name + " " + field.type.ToString();
      if (field.type.is_rowtime()) text += " *ROWTIME*";
      if (field.type.is_proctime()) text += " *PROCTIME*";
    }
    return text + "\n";
  }

  // The message and its place, of a query or a definition.
  std::string Error(const std::string& sql) {
    Result<ast::StatementPtr> statement = ParseStatement(sql);
    if (!statement.ok()) return Message(statement.status());
    const ast::StatementKind kind = (*statement)->kind;
    if (kind != ast::StatementKind::kQuery && kind != ast::StatementKind::kInsert) {
      return TryDefine(sql);
    }
    Result<LogicalNodePtr> plan = Bind(sql);
    return plan.ok() ? "bound" : Message(plan.status());
  }

  Catalog catalog_;
  BindContext context_;
};

// The TTLs of hints that the plan's aggregates and joins have, from the top down.
void AppendTtls(const LogicalNode& node, std::string* out) {
  if (node.kind == LogicalKind::kAggregate) {
    *out += " agg " + std::to_string(static_cast<const LogicalAggregate&>(node).ttl_ms);
  } else if (node.kind == LogicalKind::kJoin) {
    const auto& join = static_cast<const LogicalJoin&>(node);
    *out += " join " + std::to_string(join.left_ttl_ms) + "," + std::to_string(join.right_ttl_ms);
  }
  for (const auto& input : node.inputs) AppendTtls(*input, out);
}

// As Flink's compiled plans have it.
TEST_F(BinderTest, StateTtlHints) {
  const auto ttls = [this](const std::string& sql) {
    Result<LogicalNodePtr> plan = Bind(sql);
    if (!plan.ok()) return Message(plan.status());
    std::string out;
    AppendTtls(**plan, &out);
    return out;
  };
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('x' = '2s') */ a, COUNT(*) FROM u AS x GROUP BY a"),
            " agg 2000");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('default_database.u' = '2s') */ DISTINCT a FROM u"),
            " agg 2000");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '2s') */ u.a, COUNT(*) FROM u JOIN s ON u.a = s.a "
                 "GROUP BY u.a"),
            " agg -1 join 2000,-1");
  // The left side of the second join is no table.
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '2s', 'z' = '0s') */ u.a FROM u JOIN s ON u.a = s.a "
                 "JOIN s AS z ON u.a = z.a"),
            " join -1,0 join 2000,-1");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '1s', 'u' = '2s'), STATE_TTL('u' = '3s') */ a, "
                 "COUNT(*) FROM u GROUP BY a"),
            " agg 2000");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('v' = '2s') */ v.a, COUNT(*) FROM (SELECT a FROM u GROUP BY "
                 "a) v GROUP BY v.a"),
            " agg 2000 agg -1");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '2s') */ a FROM u WHERE a IN (SELECT a FROM s)"),
            " join -1,-1");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '2s') */ x.a, COUNT(*) FROM u AS x GROUP BY x.a"),
            "The options of following hints cannot match the name of input tables or views: \n`u` "
            "in `STATE_TTL` @1:12");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '-1s') */ a, COUNT(*) FROM u GROUP BY a"),
            "Invalid STATE_TTL hint value: text does not start with a number, and is not a valid "
            "ISO-8601 duration format: -1s @1:12");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u') */ a, COUNT(*) FROM u GROUP BY a"),
            "Invalid list options in STATE_TTL hint, only support key-value options. @1:12");
}

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

TEST_F(BinderTest, Inserts) {
  EXPECT_EQ(Plan("INSERT INTO s SELECT a, b FROM t WHERE a > 1"),
            R"(
LogicalSink(table=[default_catalog.default_database.s], fields=[a, b])
+- LogicalProject(a=[$0], b=[$1])
   +- LogicalFilter(condition=[>($0, 1)])
      +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
         +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | a INT | b STRING
)");
  EXPECT_EQ(Plan("INSERT INTO s (b) VALUES ('x'), ('yz')"),
            R"(
LogicalSink(table=[default_catalog.default_database.s], fields=[a, b])
+- LogicalProject(a=[null:INT], b=[$0])
   +- LogicalValues(tuples=[[{ CAST('x'):VARCHAR(2) NOT NULL }, { CAST('yz'):VARCHAR(2) NOT NULL }]])
 | a INT | b STRING
)");
  EXPECT_EQ(Plan("INSERT INTO k (w, id) SELECT a, a FROM s"),
            R"(
LogicalSink(table=[default_catalog.default_database.k], fields=[id, v, w])
+- LogicalProject(id=[$1], v=[null:DECIMAL(10, 2)], w=[CAST($0):BIGINT])
   +- LogicalProject(a=[$0], a0=[$1])
      +- LogicalProject(a=[$0], a=[$0])
         +- LogicalTableScan(table=[[default_catalog, default_database, s]])
 | id INT NOT NULL | v DECIMAL(10, 2) | w BIGINT NOT NULL
)");
  EXPECT_EQ(Plan("INSERT INTO k SELECT a, a, c FROM t"),
            R"(
LogicalSink(table=[default_catalog.default_database.k], fields=[id, v, w])
+- LogicalProject(id=[$0], v=[CAST($1):DECIMAL(10, 2)], w=[$2])
   +- LogicalProject(a=[$0], a0=[$1], c=[$2])
      +- LogicalProject(a=[$0], a=[$0], c=[$2])
         +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
            +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | id INT NOT NULL | v DECIMAL(10, 2) | w BIGINT NOT NULL
)");
}

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
            "in `STATE_TTL` @1:12");
  EXPECT_EQ(Error("SELECT * FROM s, LATERAL TABLE(foo(1)) AS x(y)"),
            "No match found for function signature foo(<NUMERIC>) @1:32");
  EXPECT_EQ(Error("SELECT u.a, s.b FROM u JOIN s ON u.a = s.a AND EXISTS (SELECT 1 FROM u)"),
            "A subquery in ON is not supported yet @1:48");
}

// Hand-written below.

TEST_F(BinderTest, ViewsKeepTheirNames) {
  Define("CREATE VIEW v (x, y) AS SELECT a, COUNT(*) FROM t AS q GROUP BY q.a");
  Define("CREATE DATABASE other");
  Define("USE other");
  EXPECT_EQ(Plan("SELECT y FROM default_database.v WHERE x > 1"), R"(
LogicalProject(y=[$1])
+- LogicalFilter(condition=[>($0, 1)])
   +- LogicalProject(x=[$0], y=[$1])
      +- LogicalProject(a=[$0], EXPR$1=[$1])
         +- LogicalAggregate(group=[{0}], EXPR$0=[COUNT()])
            +- LogicalProject(a=[$0])
               +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($6, 5000:INTERVAL SECOND(3))])
                  +- LogicalTableScan(table=[[default_catalog, default_database, t]])
 | y BIGINT NOT NULL
)");
  Define("USE default_database");
  Define("DROP TABLE t");
  EXPECT_EQ(Error("SELECT * FROM v"),
            "View default_catalog.default_database.v: Object 't' not found @1:15");
}

TEST_F(BinderTest, PrintsDefinitions) {
  Define(
      "CREATE TABLE full_table (id BIGINT, `offset` BIGINT METADATA VIRTUAL, "
      "k STRING METADATA FROM 'key' COMMENT 'it''s', twice AS id * 2 + 1, ts TIMESTAMP(3), "
      "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND, PRIMARY KEY (id) NOT ENFORCED) "
      "COMMENT 'c' PARTITIONED BY (id) WITH ('a' = '1')");
  const Table* table = catalog_.FindTable(catalog_.Resolve({"full_table"}));
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(PrintCreateTable(*table),
            R"(CREATE TABLE `default_catalog`.`default_database`.`full_table` (
  `id` BIGINT NOT NULL,
  `offset` BIGINT METADATA VIRTUAL,
  `k` VARCHAR(2147483647) METADATA FROM 'key' COMMENT 'it''s',
  `twice` AS (`id` * 2) + 1,
  `ts` TIMESTAMP(3),
  WATERMARK FOR `ts` AS `ts` - INTERVAL '1' SECOND,
  CONSTRAINT `PK_id` PRIMARY KEY (`id`) NOT ENFORCED
)
COMMENT 'c'
PARTITIONED BY (`id`)
WITH (
  'a' = '1'
)
)");
  EXPECT_EQ(Plan("SELECT * FROM full_table"), R"(
LogicalWatermarkAssigner(rowtime=[ts], watermark=[-($4, 1000:INTERVAL SECOND(3))])
+- LogicalProject(id=[$0], offset=[$2], k=[$3], twice=[+(*($0, 2), 1)], ts=[$1])
   +- LogicalTableScan(table=[[default_catalog, default_database, full_table]])
 | id BIGINT NOT NULL | offset BIGINT | k STRING | twice BIGINT NOT NULL | ts TIMESTAMP(3) *ROWTIME*
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

// What an engine's connectors would say; `test` tables take and give everything.
Status Describe(Table* table) {
  table->description = {};
  table->description.connector = table->options["connector"];
  table->description.can_scan = table->options["connector"] != "sink-only";
  table->description.can_sink = table->options["connector"] != "source-only";
  table->description.metadata = {{"offset", DataType::BigInt(false), false},
                                 {"key", DataType::Bytes(), true}};
  return {};
}

TEST_F(BinderTest, ConnectorsSayWhatTheyCan) {
  catalog_.describe_table = Describe;
  Define("CREATE TABLE from_only (a INT) WITH ('connector' = 'source-only')");
  Define("CREATE TABLE to_only (a INT) WITH ('connector' = 'sink-only')");
  Define(
      "CREATE TABLE meta (k STRING METADATA FROM 'key', dt STRING, o INT METADATA FROM 'offset' "
      "VIRTUAL, a INT, bad INT METADATA FROM 'nope' VIRTUAL) PARTITIONED BY (dt) "
      "WITH ('connector' = 'test')");
  EXPECT_EQ(Error("SELECT * FROM to_only"),
            "Connector 'sink-only' can only be used as a sink. It cannot be used as a source. "
            "@1:15");
  EXPECT_EQ(Error("INSERT INTO from_only VALUES (1)"),
            "Connector 'source-only' can only be used as a source. It cannot be used as a sink. "
            "@1:13");
  EXPECT_EQ(Error("INSERT INTO to_only /*+ OPTIONS('connector' = 'source-only') */ VALUES (1)"),
            "Connector 'source-only' can only be used as a source. It cannot be used as a sink. "
            "@1:13");
  EXPECT_EQ(Error("SELECT a FROM meta"),
            "Invalid metadata key 'nope' in column 'bad' of table "
            "'`default_catalog`.`default_database`.`meta`'. The connector 'test' supports the "
            "following metadata keys for reading:\noffset\nkey @1:15");
  EXPECT_EQ(Plan("INSERT INTO meta PARTITION (dt = '2024-01-01') SELECT b, a FROM s"), R"(
LogicalSink(table=[default_catalog.default_database.meta], fields=[dt, a, k])
+- LogicalProject(dt=[CAST('2024-01-01'):STRING NOT NULL], a=[$1], k=[CAST($0):BYTES])
   +- LogicalProject(b=[$1], a=[$0])
      +- LogicalTableScan(table=[[default_catalog, default_database, s]])
 | dt STRING | a INT | k BYTES
)");
  Define("ALTER TABLE meta DROP bad");
  EXPECT_EQ(Plan("SELECT * FROM meta /*+ OPTIONS('x' = 'y') */"), R"(
LogicalProject(k=[CAST($2):STRING], dt=[$0], o=[CAST($3):INT NOT NULL], a=[$1])
+- LogicalTableScan(table=[[default_catalog, default_database, meta]])
 | k STRING | dt STRING | o INT | a INT
)");
}

TEST_F(BinderTest, AltersTables) {
  Define("ALTER TABLE t ADD (x INT FIRST, y STRING COMMENT 'c' AFTER a, z AS a + 1)");
  EXPECT_EQ(Error("ALTER TABLE t DROP a"),
            "Failed to execute ALTER TABLE statement.\nThe column `a` is referenced by computed "
            "column `z`. @1:20");
  Define("ALTER TABLE t DROP (a, z)");
  Define("ALTER TABLE t DROP WATERMARK");
  Define("ALTER TABLE t ADD PRIMARY KEY (c) NOT ENFORCED");
  Define("ALTER TABLE t RENAME b TO bb");
  Define("ALTER TABLE t SET ('k' = 'v')");
  Define("ALTER TABLE t RENAME TO t2");
  EXPECT_EQ(Plan("SELECT * FROM t2"), R"(
LogicalTableScan(table=[[default_catalog, default_database, t2]])
 | x INT | y STRING | bb STRING | c BIGINT NOT NULL | r ROW<`x` INT, `y` ROW<`z` STRING>> | arr ARRAY<INT> | m MAP<STRING, INT> | ts TIMESTAMP(3)
)");
}

TEST_F(BinderTest, LikeTakesAndOverwrites) {
  Define("CREATE TABLE l (extra INT) WITH ('connector' = 'new') LIKE t (EXCLUDING WATERMARKS)");
  const Table* table = catalog_.FindTable(catalog_.Resolve({"l"}));
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->columns.size(), 8U);
  EXPECT_EQ(table->columns.back().name, "extra");
  EXPECT_EQ(table->options.at("connector"), "new");
  EXPECT_FALSE(table->watermark.has_value());
}

TEST_F(BinderTest, CreatesTablesFromQueries) {
  Define(
      "CREATE TABLE c1 (id BIGINT, n INT, PRIMARY KEY (id) NOT ENFORCED) "
      "WITH ('connector' = 'x') AS SELECT a AS id, b FROM s");
  const std::string sql = "CREATE TABLE c2 (b, a) AS SELECT a, b FROM s";
  Define(sql);
  const Table* table = catalog_.FindTable(catalog_.Resolve({"c1"}));
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(DescribedColumns(*table).ToString(),
            "ROW<`n` INT, `id` BIGINT NOT NULL, `b` STRING> NOT NULL");
  Result<ast::StatementPtr> statement = ParseStatement(sql);
  ASSERT_TRUE(statement.ok());
  Result<LogicalNodePtr> insert =
      BindCreateTableAs(ast::As<ast::CreateTable>(**statement),
                        *catalog_.FindTable(catalog_.Resolve({"c2"})), context_);
  ASSERT_TRUE(insert.ok());
  EXPECT_EQ(PrintLogical(**insert),
            R"(LogicalSink(table=[default_catalog.default_database.c2], fields=[b, a])
+- LogicalProject(b=[$1], a=[$0])
   +- LogicalTableScan(table=[[default_catalog, default_database, s]])
)");
}

}  // namespace
}  // namespace rhei
