#include "binder/binder_test_kit.h"

namespace rhei {
namespace {

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

}  // namespace
}  // namespace rhei
