#include "binder/binder_test_kit.h"
#include "catalog/print_ddl.h"

namespace rhei {
namespace {

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
