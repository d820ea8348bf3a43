// The control socket from end to end: a server over an engine, and a client of the same process.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>

#include "base/local_socket.h"
#include "columnar/column.h"
#include "engine/control_client.h"
#include "engine/control_protocol.h"
#include "engine/control_server.h"
#include "functions/value_text.h"

namespace rhei {
namespace {

// The machine's, unless it is to have no more of them.
class TestThreads final : public Threads {
 public:
  std::unique_ptr<Thread> Start(std::string_view name, std::unique_ptr<Work> work) override {
    return RealEnvironment().threads->Start(name, std::move(work));
  }
  Result<std::unique_ptr<Thread>> TryStart(std::string_view name,
                                           std::unique_ptr<Work> work) override {
    if (none) return Status(ErrorCode::kResource, "no thread");
    return Start(name, std::move(work));
  }
  std::atomic<bool> none{false};
};

class ControlTest : public ::testing::Test {
 protected:
  ControlTest() {
    char name[] = "/tmp/rhei-control-XXXXXX";
    root_ = mkdtemp(name);
    env_.threads = &threads_;
    EngineOptions options;
    options.env = &env_;
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

  size_t EntriesOf(const std::string& directory) {
    const Result<std::vector<FileInfo>> entries = env_.files->List(directory);
    EXPECT_TRUE(entries.ok());
    return entries.ok() ? entries->size() : 0;
  }
  // Whether it comes true within a time that is ample.
  bool Comes(const std::function<bool()>& condition) {
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return true;
      env_.clock->SleepMicros(10'000);
    }
    return false;
  }
  // Ends the server; `rescue` is called when that hangs.
  void ExpectEnds(const std::function<void()>& rescue) {
    class Ending final : public Threads::Work {
     public:
      Ending(std::unique_ptr<ControlServer> server, std::atomic<bool>* done)
          : server_(std::move(server)), done_(done) {}
      void Run() override {
        server_.reset();
        done_->store(true);
      }

     private:
      std::unique_ptr<ControlServer> server_;
      std::atomic<bool>* done_;
    };
    std::atomic<bool> done{false};
    const std::unique_ptr<Thread> ending =
        env_.threads->Start("ending", std::make_unique<Ending>(std::move(server_), &done));
    EXPECT_TRUE(Comes([&] { return done.load(); })) << "the server does not end";
    if (!done.load()) rescue();
  }

  TestThreads threads_;
  Environment env_ = RealEnvironment();
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

TEST_F(ControlTest, WhoHasGoneLeavesNothingBehind) {
  EXPECT_EQ(Ask("SELECT 1 AS a"), "a|\n+I 1|");
  const size_t descriptors = EntriesOf("/proc/self/fd");
  // The first client stays attached all the while.
  for (int i = 0; i < 40; ++i) {
    const std::unique_ptr<ControlClient> other = ControlClient::Connect(root_ + "/1.sock").value();
    EXPECT_TRUE(other->Execute("SHOW JOBS").ok());
  }
  EXPECT_TRUE(Comes([&] { return EntriesOf("/proc/self/fd") <= descriptors; }))
      << EntriesOf("/proc/self/fd") << " descriptors, were " << descriptors;
}

TEST_F(ControlTest, WithoutAThreadTheClientIsSentAway) {
  threads_.none = true;
  EXPECT_NE(ControlClient::Connect(root_ + "/1.sock")
                .value()
                ->Execute("SHOW JOBS")
                .status()
                .message()
                .find("closed"),
            std::string::npos);
  threads_.none = false;
  client_ = ControlClient::Connect(root_ + "/1.sock").value();
  EXPECT_EQ(Ask("SELECT 1 AS a"), "a|\n+I 1|");
}

TEST_F(ControlTest, AClientThatDoesNotReadDoesNotHoldTheEnd) {
  std::optional<FrameStream> stream(ConnectLocal(root_ + "/1.sock").value());
  ASSERT_TRUE(
      stream->Send(PrintExecute("CREATE TABLE g (s STRING) WITH ('connector' = 'datagen')")).ok());
  ASSERT_TRUE(Comes([&] {
    const Result<std::optional<std::string>> frame = stream->Next(0);
    return frame.ok() && frame->has_value() && ParseFrame(**frame)->kind == Frame::Kind::kEnd;
  }));
  ASSERT_TRUE(stream->Send(PrintExecute("SELECT * FROM g")).ok());
  EXPECT_TRUE(Comes([&] { return !engine_->jobs().All().empty(); }));
  env_.clock->SleepMicros(1'000'000);  // it has filled the socket
  ExpectEnds([&] { stream.reset(); });
}

TEST_F(ControlTest, AnInsertThatIsWaitedForIsStoppedAtTheEnd) {
  EXPECT_EQ(Ask("CREATE TABLE g (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = "
                "'10')"),
            "result|\n+I OK|");
  EXPECT_EQ(Ask("CREATE TABLE b (id BIGINT) WITH ('connector' = 'blackhole')"), "result|\n+I OK|");
  EXPECT_EQ(Ask("SET 'table.dml-sync' = 'true'"), "result|\n+I OK|");
  EXPECT_FALSE(client_->Execute("INSERT INTO b SELECT id FROM g", 300'000).ok());
  std::shared_ptr<Job> job;
  EXPECT_TRUE(Comes([&] {
    const auto jobs = engine_->jobs().All();
    if (!jobs.empty()) job = jobs[0];
    return job != nullptr;
  }));
  ExpectEnds([&] { job->Stop(); });
  EXPECT_TRUE(job->WaitFor(0));
}

}  // namespace
}  // namespace rhei
