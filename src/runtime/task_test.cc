#include "runtime/task.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "columnar/batch_builder.h"
#include "columnar/hash.h"

namespace rhei {
namespace {

class FixedClock final : public Clock {
 public:
  int64_t WallMicros() override { return 0; }
  int64_t MonotonicNanos() override { return 0; }
  void SleepMicros(int64_t) override {}
};

class CountingHost final : public TaskHost {
 public:
  void Wake() override {}
  void WakeAt(int64_t wall_micros) override { times.push_back(wall_micros); }
  std::vector<int64_t> times;
};

class SilentListener final : public RunListener {
 public:
  void OnSnapshot(InstanceSnapshot) override {}
  void OnSourcesDone() override {}
  void OnSourceBatch() override {}
  void OnFailure(const Status&) override {}
};

// Hands its input on, and asks for `deadline` with every batch, as a processing-time window does.
class DeadlineOperator final : public Operator {
 public:
  Status Open(OperatorContext& context) override {
    wakeup_ = context.wakeup;
    return {};
  }
  Status Accept(int, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    held_ = std::move(element.batch);
    wakeup_->WakeAtMicros(deadline);
    return {};
  }
  Result<PullResult> Pull(PulledBatch* out) override {
    if (held_.empty()) return PullResult::kNeedInput;
    out->batch = std::move(held_);
    held_ = {};
    return PullResult::kBatch;
  }
  Status OnWake(int64_t) override {
    ++wakes;
    return {};
  }
  int64_t deadline = 86'400'000'000;
  int wakes = 0;

 private:
  WakeupService* wakeup_ = nullptr;
  Batch held_;
};

Batch RowsOf(int row_count) {
  const Schema schema{{{"v", DataType::BigInt(), ""}}};
  BatchBuilder builder(schema);
  for (int i = 0; i < row_count; ++i) {
    builder.column(0).Append<int64_t>(i);
    builder.FinishRow();
  }
  return builder.Finish();
}

class EndlessSource final : public Operator {
 public:
  Status Open(OperatorContext&) override { return {}; }
  Status Accept(int, Element) override { return {}; }
  Result<PullResult> Pull(PulledBatch* out) override {
    out->batch = RowsOf(1);
    return PullResult::kBatch;
  }
};

// A task with two inputs and one output, whose channels are filled and read by hand.
class TaskTest : public ::testing::Test {
 protected:
  TaskTest() {
    environment_.clock = &clock_;
    Task::Config config;
    config.context.env = &environment_;
    config.context.settings = &settings_;
    config.context.operator_name = "op";
    config.pool = &pool_;
    config.key_groups = {0, kKeyGroupCount};
    config.gate = std::make_unique<InputGate>(
        std::vector<std::vector<Channel*>>{{&inputs_[0]}, {&inputs_[1]}});
    config.edges.emplace_back();
    config.edge_channels = {{&output_}};
    config.control = &control_;
    config.host = &host_;
    task_ = std::make_unique<Task>(std::move(config));
    auto made = std::make_unique<DeadlineOperator>();
    operator_ = made.get();
    task_->SetOperator(std::move(made));
    EXPECT_TRUE(task_->Open().ok());
  }
  void Rows(size_t input, int row_count) {
    inputs_[input].Push({ChannelKind::kBatch, RowsOf(row_count), 0, 0});
  }
  void Control(size_t input, ChannelKind kind) { inputs_[input].Push({kind, {}, 0, 0}); }
  // Runs the task until it has nothing to do; what it has sent.
  std::string Run() {
    std::string text;
    while (true) {
      const Result<bool> stepped = task_->Step(nullptr);
      EXPECT_TRUE(stepped.ok());
      while (output_.Front() != nullptr) text += Print(output_.Pop()) + " ";
      if (!stepped.ok() || !*stepped) return text;
    }
  }
  static std::string Print(const ChannelElement& element) {
    switch (element.kind) {
      case ChannelKind::kBatch: return fmt::format("{}", element.batch.row_count);
      case ChannelKind::kIdle: return "idle";
      case ChannelKind::kActive: return "active";
      case ChannelKind::kBundleEnd: return fmt::format("bundle {}", element.number);
      case ChannelKind::kBarrier: return fmt::format("barrier {}", element.number);
      case ChannelKind::kEnd: return "end";
    }
    return "?";
  }

  FixedClock clock_;
  Environment environment_;
  JobSettings settings_;
  MemoryPool pool_{"test", MemoryPool::kUnlimited};
  SilentListener listener_;
  RunControl control_{&listener_, 1};
  CountingHost host_;
  Channel inputs_[2] = {{64, nullptr, nullptr}, {64, nullptr, nullptr}};
  Channel output_{64, nullptr, nullptr};
  std::unique_ptr<Task> task_;
  DeadlineOperator* operator_ = nullptr;
};

TEST_F(TaskTest, ADeadlineIsHandedOnOnce) {
  for (int i = 0; i < 20; ++i) {
    Rows(0, 1);
    Run();
  }
  EXPECT_EQ(host_.times, std::vector<int64_t>{operator_->deadline});
  EXPECT_TRUE(task_->RunTimers(operator_->deadline - 1).ok());
  EXPECT_EQ(operator_->wakes, 0);
  EXPECT_TRUE(task_->RunTimers(operator_->deadline).ok());
  EXPECT_EQ(operator_->wakes, 1);
  Run();
  EXPECT_TRUE(task_->RunTimers(operator_->deadline).ok());
  EXPECT_EQ(operator_->wakes, 1);
  // It has passed: to ask for it again is to ask for a new one.
  Rows(0, 1);
  Run();
  EXPECT_EQ(host_.times.size(), 2u);
}

TEST_F(TaskTest, ASourceWhoseRowsNobodyWantsEndsWithoutAPause) {
  Task::Config config;
  config.context.env = &environment_;
  config.context.settings = &settings_;
  config.pool = &pool_;
  config.key_groups = {0, kKeyGroupCount};
  config.edges.emplace_back();
  config.edge_channels = {{&output_}};
  config.control = &control_;
  config.host = &host_;
  Task source(std::move(config));
  source.SetOperator(std::make_unique<EndlessSource>());
  ASSERT_TRUE(source.Open().ok());
  std::string text;
  for (int steps = 0; steps < 10; ++steps) {
    if (steps == 3) output_.CloseEarly();
    ASSERT_TRUE(source.Step(nullptr).ok());
    while (output_.Front() != nullptr) text += Print(output_.Pop()) + " ";
  }
  EXPECT_EQ(text, "1 1 1 0 end ");
}

TEST_F(TaskTest, TheEndOfTheLastLiveInputLeavesTheOutputIdle) {
  Control(1, ChannelKind::kIdle);
  EXPECT_EQ(Run(), "");
  Control(0, ChannelKind::kEnd);
  EXPECT_EQ(Run(), "idle ");
  Control(1, ChannelKind::kActive);
  EXPECT_EQ(Run(), "active ");
  Control(1, ChannelKind::kIdle);
  EXPECT_EQ(Run(), "idle ");
  Control(1, ChannelKind::kEnd);
  EXPECT_EQ(Run(), "active 0 end ");
}

}  // namespace
}  // namespace rhei
