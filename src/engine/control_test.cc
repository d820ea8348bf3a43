// The control socket from end to end: a server over an engine, and a client of the same process.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/local_socket.h"
#include "columnar/column.h"
#include "engine/control_client.h"
#include "engine/control_protocol.h"
#include "engine/control_server.h"
#include "functions/value_text.h"

namespace rhei {
namespace {

class ControlTest : public ::testing::Test {
 protected:
  ControlTest() {
    char name[] = "/tmp/rhei-control-XXXXXX";
    root_ = mkdtemp(name);
    EngineOptions options;
    options.env = &RealEnvironment();
    engine_ = std::make_unique<Engine>(options);
    Result<std::unique_ptr<ControlServer>> server =
        ControlServer::Start(engine_.get(), root_ + "/1.sock");
    EXPECT_TRUE(server.ok()) << server.status().message();
    server_ = std::move(server).value();
    client_ = ControlClient::Connect(root_ + "/1.sock").value();
  }
  ~ControlTest() override {
    client_.reset();
    server_.reset();
    (void)!system(("rm -rf " + root_).c_str());
  }

  // Rows as text, "+I a|b", behind the line of names; or the error.
  std::string Ask(std::string_view statement) {
    Result<std::unique_ptr<Operation>> operation = client_->Execute(statement);
    if (!operation.ok()) return "error: " + operation.status().message();
    std::string text;
    const Schema& schema = (*operation)->schema();
    for (const Field& field : schema.fields) text += field.name + "|";
    while (true) {
      Batch batch;
      const Result<FetchResult> fetched = (*operation)->Fetch(1'000'000, &batch);
      if (!fetched.ok()) return text + "error: " + fetched.status().message();
      if (*fetched == FetchResult::kEnd) return text;
      if (*fetched != FetchResult::kRows) continue;
      for (int32_t row = 0; row < batch.row_count; ++row) {
        text += "\n" + std::string(ChangeKindSymbol(batch.change(row))) + " ";
        for (size_t c = 0; c < schema.size(); ++c) {
          const Value value = GetValue(batch.columns[c], row, schema.type(c));
          text += ValueToString(value, schema.type(c), *TimeZone::Find("UTC")) + "|";
        }
      }
    }
  }

  std::string root_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<ControlServer> server_;
  std::unique_ptr<ControlClient> client_;
};

TEST_F(ControlTest, RowsComeWithTheirTypesAndKinds) {
  EXPECT_EQ(Ask("SHOW JOBS"), "job id|job name|status|start time|");
  EXPECT_EQ(
      Ask("SELECT 1 AS a, 'x\n\"y' AS a, CAST(1.50 AS DECIMAL(5, 2)), TRUE, DATE '2024-05-01', "
          "CAST(NULL AS INT), ARRAY[1, 2], x'00ff'"),
      "a|a0|EXPR$2|EXPR$3|EXPR$4|EXPR$5|EXPR$6|EXPR$7|\n"
      "+I 1|x\n\"y|1.50|TRUE|2024-05-01|NULL|[1, 2]|x'00ff'|");
  EXPECT_EQ(Ask("SELECT k, COUNT(*) AS n FROM (VALUES ('a'), ('a')) AS t(k) GROUP BY k"),
            "k|n|\n+I a|1|\n-U a|1|\n+U a|2|");
}

TEST_F(ControlTest, SettingsHoldForTheConnection) {
  EXPECT_EQ(Ask("SET 'pipeline.name' = 'x'"), "result|\n+I OK|");
  EXPECT_EQ(Ask("SET"), "key|value|\n+I pipeline.name|x|");
  client_ = ControlClient::Connect(root_ + "/1.sock").value();
  EXPECT_EQ(Ask("SET"), "key|value|");
}

TEST_F(ControlTest, ErrorsComeWithTheirPlace) {
  const Result<std::unique_ptr<Operation>> wrong = client_->Execute("SELECT\n nix FROM nowhere");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.status().code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(wrong.status().position().line, 2);
  EXPECT_EQ(Ask("STOP JOB 'abc'"), "error: Job ID 'abc' was not found.");
  EXPECT_EQ(Ask("DESCRIBE JOB 'abc'"), "error: Job ID 'abc' was not found.");
  // A query that fails while it runs.
  EXPECT_NE(Ask("SELECT CAST(x AS INT) FROM (VALUES ('a')) AS t(x)").find("error: "),
            std::string::npos);
  EXPECT_EQ(Ask("SELECT 1 AS a"), "a|\n+I 1|");
}

TEST_F(ControlTest, AQueryThatIsDroppedIsCancelled) {
  EXPECT_EQ(Ask("CREATE TABLE g (id BIGINT) WITH ('connector' = 'datagen')"), "result|\n+I OK|");
  {
    Result<std::unique_ptr<Operation>> query = client_->Execute("SELECT id FROM g");
    ASSERT_TRUE(query.ok()) << query.status().message();
    Batch batch;
    Result<FetchResult> fetched = FetchResult::kNotReady;
    while (fetched.ok() && *fetched == FetchResult::kNotReady) {
      fetched = (*query)->Fetch(100'000, &batch);
    }
    ASSERT_TRUE(fetched.ok() && *fetched == FetchResult::kRows);
    EXPECT_EQ(engine_->jobs().All().size(), 1U);
  }
  EXPECT_EQ(Ask("SELECT 1 AS a"), "a|\n+I 1|");
  // The server lets go of an operation a little after its end was sent.
  for (int i = 0; i < 500 && !engine_->jobs().All().empty(); ++i) {
    RealEnvironment().clock->SleepMicros(10'000);
  }
  EXPECT_TRUE(engine_->jobs().All().empty());
}

TEST_F(ControlTest, WhatIsNoFrameIsRefused) {
  FrameStream stream(ConnectLocal(root_ + "/1.sock").value());
  for (const std::string text : {"nonsense", "[]", "{\"execute\":1}", "{\"rows\":[]}", "{}"}) {
    ASSERT_TRUE(stream.Send(text).ok());
    const Result<std::optional<std::string>> answer = stream.Next(2'000'000);
    ASSERT_TRUE(answer.ok() && answer->has_value()) << text;
    EXPECT_EQ(ParseFrame(**answer)->kind, Frame::Kind::kError) << **answer;
  }
  ASSERT_TRUE(stream.Send(PrintExecute("SELECT 1")).ok());
  EXPECT_TRUE(stream.Next(2'000'000).ok());
}

}  // namespace
}  // namespace rhei
