#include "runtime/input_gate.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "columnar/batch_builder.h"

namespace rhei {
namespace {

constexpr int kCapacity = 64;

// Channels by input, filled by hand; Drain prints what the gate delivers.
class InputGateTest : public ::testing::Test {
 protected:
  void Make(const std::vector<int>& channels_per_input) {
    std::vector<std::vector<Channel*>> inputs;
    for (const int count : channels_per_input) {
      inputs.emplace_back();
      for (int i = 0; i < count; ++i) {
        channels_.push_back(std::make_unique<Channel>(kCapacity, nullptr, nullptr));
        rows_sent_.push_back(0);
        inputs.back().push_back(channels_.back().get());
      }
    }
    gate_ = std::make_unique<InputGate>(std::move(inputs));
  }
  // `row_count` rows and a watermark behind them.
  void Rows(size_t channel, int row_count, int64_t watermark_ms = kNoWatermark) {
    const Schema schema{{{"v", DataType::BigInt(), ""}}};
    BatchBuilder builder(schema);
    for (int i = 0; i < row_count; ++i) {
      builder.column(0).Append<int64_t>(i);
      builder.FinishRow();
    }
    if (watermark_ms != kNoWatermark) builder.AddWatermark(watermark_ms);
    rows_sent_[channel] += row_count;
    channels_[channel]->Push({ChannelKind::kBatch, builder.Finish(), 0, 0});
  }
  // One batch: rows and a watermark behind them, again and again.
  void Steps(size_t channel, const std::vector<std::pair<int, int64_t>>& steps) {
    const Schema schema{{{"v", DataType::BigInt(), ""}}};
    BatchBuilder builder(schema);
    for (const auto& [row_count, watermark_ms] : steps) {
      for (int i = 0; i < row_count; ++i) {
        builder.column(0).Append<int64_t>(i);
        builder.FinishRow();
      }
      builder.AddWatermark(watermark_ms);
      rows_sent_[channel] += row_count;
    }
    channels_[channel]->Push({ChannelKind::kBatch, builder.Finish(), 0, 0});
  }
  void Control(size_t channel, ChannelKind kind, uint64_t number = 0) {
    channels_[channel]->Push({kind, {}, number, rows_sent_[channel]});
  }
  void End(size_t channel) {
    Rows(channel, 0, kFinalWatermark);
    Control(channel, ChannelKind::kEnd);
  }
  std::string Drain(int wanted = -1) {
    std::string text;
    InputGate::Delivery delivery;
    while (true) {
      Result<bool> delivered = gate_->Next(wanted, nullptr, &delivery);
      if (!delivered.ok()) return text + delivered.status().message();
      if (!*delivered) break;
      text += Print(delivery) + " ";
    }
    if (gate_->aligned_epoch() != 0) {
      text += fmt::format("barrier {} ", gate_->aligned_epoch());
      gate_->Release();
      text += Drain(wanted);
    }
    return text;
  }
  static std::string Print(const InputGate::Delivery& delivery) {
    switch (delivery.element.kind) {
      case ElementKind::kBatch: {
        std::string text = fmt::format("{}:{}", delivery.input, delivery.element.batch.row_count);
        for (const WatermarkPoint point : delivery.element.batch.points) {
          text += point.watermark_ms == kFinalWatermark
                      ? fmt::format("@{}=final", point.row)
                      : fmt::format("@{}={}", point.row, point.watermark_ms);
        }
        return text;
      }
      case ElementKind::kIdle: return fmt::format("{}:idle", delivery.input);
      case ElementKind::kActive: return fmt::format("{}:active", delivery.input);
      case ElementKind::kBundleEnd: return fmt::format("bundle {}", delivery.bundle);
      case ElementKind::kEnd: return fmt::format("{}:end", delivery.input);
    }
    return "?";
  }

  std::vector<std::unique_ptr<Channel>> channels_;
  std::vector<int64_t> rows_sent_;
  std::unique_ptr<InputGate> gate_;
};

TEST_F(InputGateTest, TheLowestChannelIsTheWatermark) {
  Make({2});
  Rows(0, 2, 10);
  EXPECT_EQ(Drain(), "0:2 ");
  Rows(1, 1, 5);
  EXPECT_EQ(Drain(), "0:1@1=5 ");
  Rows(1, 1, 20);
  EXPECT_EQ(Drain(), "0:1@1=10 ");
  Rows(1, 0, 30);  // without consequence
  EXPECT_EQ(Drain(), "");
}

TEST_F(InputGateTest, TwoInputsAreCombinedAndNeverFall) {
  Make({1, 1});
  Rows(0, 0, 10);
  EXPECT_EQ(Drain(), "");
  Rows(1, 1, 7);
  EXPECT_EQ(Drain(), "1:1@1=7 ");
  Rows(1, 0, 6);
  EXPECT_EQ(Drain(), "");
  Rows(1, 0, 12);
  EXPECT_EQ(Drain(), "1:0@0=10 ");
}

TEST_F(InputGateTest, ByTimeNoInputIsAhead) {
  Make({1, 1});
  gate_->OrderByTime();
  Steps(0, {{1, 10}, {2, 20}, {1, 30}});
  EXPECT_EQ(Drain(), "0:1 ");
  Steps(1, {{1, 10}, {2, 20}});
  EXPECT_EQ(Drain(), "1:3@1=10 0:3@2=20 ");
  Steps(1, {{4, 20}});  // still at 20
  EXPECT_EQ(Drain(), "1:4 ");
  Steps(1, {{0, 30}});
  EXPECT_EQ(Drain(), "1:0@0=30 ");
}

TEST_F(InputGateTest, ByTimeWhatIsIdleOrOverIsNotWaitedFor) {
  Make({1, 1});
  gate_->OrderByTime();
  Steps(0, {{1, 10}, {1, 20}});
  Control(0, ChannelKind::kIdle);
  EXPECT_EQ(Drain(), "0:1 ");
  Control(1, ChannelKind::kIdle);
  EXPECT_EQ(Drain(), "1:0@0=10 1:idle 0:1@1=20 0:idle ");
  Control(1, ChannelKind::kActive);
  Steps(1, {{1, 30}});
  End(1);
  EXPECT_EQ(Drain(), "1:active 1:1@1=30 1:end ");
  Control(0, ChannelKind::kActive);
  Steps(0, {{1, 40}, {1, 50}});
  End(0);
  EXPECT_EQ(Drain(), "0:active 0:2@1=40@2=50 0:0@0=final 0:end ");
}

TEST_F(InputGateTest, ByTimeABarrierLetsAllThrough) {
  Make({1, 1});
  gate_->OrderByTime();
  Steps(0, {{1, 10}, {1, 20}});
  Control(0, ChannelKind::kBarrier, 1);
  Rows(0, 1);
  EXPECT_EQ(Drain(), "0:1 ");
  Steps(1, {{1, 10}});
  Control(1, ChannelKind::kBarrier, 1);
  EXPECT_EQ(Drain(), "1:1@1=10 0:1 barrier 1 ");
  Steps(1, {{1, 20}});
  EXPECT_EQ(Drain(), "1:1@1=20 0:1 ");
}

TEST_F(InputGateTest, ByTimeEveryChannelCounts) {
  Make({1, 2});
  gate_->OrderByTime();
  Steps(0, {{1, 10}, {1, 20}});
  Steps(1, {{2, 10}, {1, 20}});
  EXPECT_EQ(Drain(), "0:1 1:2 ");
  Steps(2, {{0, 10}, {3, 20}});
  EXPECT_EQ(Drain(), "1:3@0=10 0:1 1:1@1=20 ");
}

TEST_F(InputGateTest, AnIdleChannelDoesNotHoldTimeBackAndMustCatchUp) {
  Make({2});
  Rows(0, 0, 10);
  Control(1, ChannelKind::kIdle);
  EXPECT_EQ(Drain(), "0:0@0=10 ");
  Control(1, ChannelKind::kActive);
  Rows(1, 1, 4);  // behind: does not count until it has caught up
  EXPECT_EQ(Drain(), "0:1 ");
  Rows(0, 0, 15);
  EXPECT_EQ(Drain(), "0:0@0=15 ");
  Rows(1, 0, 16);
  EXPECT_EQ(Drain(), "");
  Rows(0, 0, 30);
  EXPECT_EQ(Drain(), "0:0@0=16 ");
}

TEST_F(InputGateTest, AllIdleIsSaidOnceAndTakenBack) {
  Make({2});
  Rows(0, 0, 20);
  Rows(1, 0, 10);
  EXPECT_EQ(Drain(), "0:0@0=10 ");
  Control(0, ChannelKind::kIdle);
  EXPECT_EQ(Drain(), "");
  Control(1, ChannelKind::kIdle);
  EXPECT_EQ(Drain(), "0:0@0=20 0:idle ");
  EXPECT_TRUE(gate_->all_idle());
  Control(0, ChannelKind::kActive);
  EXPECT_EQ(Drain(), "0:active ");
  EXPECT_FALSE(gate_->all_idle());
}

TEST_F(InputGateTest, AnEndedChannelLeavesTheIdleOnesIdle) {
  Make({2});
  Rows(0, 0, 10);
  Rows(1, 0, 10);
  Control(1, ChannelKind::kIdle);
  End(0);
  // Time does not jump to its end because the only live channel is silent.
  EXPECT_EQ(Drain(), "0:0@0=10 0:idle ");
  End(1);
  EXPECT_EQ(Drain(), "0:active 0:0@0=final 0:end ");
  EXPECT_TRUE(gate_->all_ended());
}

TEST_F(InputGateTest, BarriersAlignAndHoldBackWhatFollows) {
  Make({1, 1});
  Rows(0, 1);
  Control(0, ChannelKind::kBarrier, 1);
  Rows(0, 2);
  Rows(1, 3);
  EXPECT_EQ(Drain(), "0:1 1:3 ");
  Rows(1, 4);
  Control(1, ChannelKind::kBarrier, 1);
  Rows(1, 5);
  EXPECT_EQ(Drain(), "1:4 barrier 1 0:2 1:5 ");
}

TEST_F(InputGateTest, BarriersComeAfterTheEndToo) {
  Make({2});
  End(0);
  End(1);
  EXPECT_EQ(Drain(), "0:0@0=final 0:end ");
  Control(0, ChannelKind::kBarrier, 3);
  EXPECT_EQ(Drain(), "");
  Control(1, ChannelKind::kBarrier, 3);
  EXPECT_EQ(Drain(), "barrier 3 ");
}

TEST_F(InputGateTest, ABundleEndsWhenEveryLiveChannelHasEndedIt) {
  Make({2});
  Control(0, ChannelKind::kBundleEnd, 4);
  Rows(0, 1);
  EXPECT_EQ(Drain(), "0:1 ");
  Control(1, ChannelKind::kBundleEnd, 5);
  EXPECT_EQ(Drain(), "bundle 4 ");
  Control(0, ChannelKind::kIdle);
  EXPECT_EQ(Drain(), "bundle 5 ");
}

TEST_F(InputGateTest, BundlesEndWhileEveryChannelIsIdle) {
  Make({2, 1});
  Rows(0, 3);
  for (size_t channel = 0; channel < 3; ++channel) Control(channel, ChannelKind::kIdle);
  EXPECT_EQ(Drain(), "0:3 1:idle 0:idle ");
  Control(0, ChannelKind::kBundleEnd, 4);
  Control(1, ChannelKind::kBundleEnd, 5);
  EXPECT_EQ(Drain(), "");
  Control(2, ChannelKind::kBundleEnd, 4);
  EXPECT_EQ(Drain(), "bundle 4 ");
  // A live one decides alone.
  Control(1, ChannelKind::kActive);
  Control(1, ChannelKind::kBundleEnd, 6);
  EXPECT_EQ(Drain(), "0:active bundle 6 ");
  Control(1, ChannelKind::kIdle);
  Control(0, ChannelKind::kBundleEnd, 7);
  Control(2, ChannelKind::kBundleEnd, 8);
  EXPECT_EQ(Drain(), "0:idle ");
  End(1);
  EXPECT_EQ(Drain(), "0:active bundle 7 0:idle ");
}

TEST_F(InputGateTest, TheWishForAnInputIsOverruledWhereItCouldStopTheJob) {
  Make({1, 1});
  Rows(0, 1);
  EXPECT_EQ(Drain(1), "");
  Rows(1, 2);
  EXPECT_EQ(Drain(1), "1:2 ");
  Control(1, ChannelKind::kBarrier, 1);
  EXPECT_EQ(Drain(1), "0:1 ");
}

TEST_F(InputGateTest, ALostRowIsFound) {
  Make({1});
  Rows(0, 3);
  rows_sent_[0] = 4;
  Control(0, ChannelKind::kBarrier, 1);
  EXPECT_NE(Drain().find("sent 4 is not received 3"), std::string::npos);
}

}  // namespace
}  // namespace rhei
