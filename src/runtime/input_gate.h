#pragma once
// InputGate: the input side of a task. It merges an operator's channels into one sequence of
// elements, so that the operator need not know how many there are.
//
// Watermarks: per input the minimum over its live channels (neither idle nor ended; one that comes
// back from idleness counts again when it has caught up), then the minimum over the inputs that are
// not idle; it never falls. The points of a batch are rewritten to that combined watermark.
// Barriers: a channel whose barrier has come is not read until the barrier has come on all of them,
// also on those that have ended. Bundle ends count when every live channel has one, or every idle
// one where none is live.
// Edges: a barrier and an end carry the number of rows sent, which must be the number received.
// By time: channels that all come from one single instance of a source differ only in how long
// their paths are. Which of their rows are late must not depend on that, nor on the size of
// batches, so what is ahead waits here until the others have the same watermark; it is never more
// than what is on the way, as long as no operator there holds time back. Thread-safety: the
// shard's.
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "runtime/channel.h"
#include "runtime/operator.h"

namespace rhei {

class InputGate {
 public:
  struct Delivery {
    int input = 0;
    Element element;
    uint64_t bundle = 0;  // kBundleEnd: its number
  };

  // channels[i]: those of input i, at least one each.
  explicit InputGate(std::vector<std::vector<Channel*>> channels);

  // Before the first Next: elements are moved by time.
  void OrderByTime();

  // Moves channel elements until one delivery is ready. False: nothing to deliver now (no input, or
  // a barrier is complete: aligned_epoch()). `wanted`: Operator::WantedInput. `shuffle` null: round
  // robin.
  Result<bool> Next(int wanted, Random* shuffle, Delivery* out);

  // Epoch of the barrier that has come on all channels, or 0. Nothing is delivered until Release.
  uint64_t aligned_epoch() const { return aligned_epoch_; }
  void Release();

  int input_count() const { return static_cast<int>(inputs_.size()); }
  int64_t watermark_ms() const { return combined_ms_; }
  bool all_ended() const { return ended_count_ == static_cast<int>(channels_.size()); }
  bool all_idle() const;  // every input that has not ended is idle, and there is one
  int64_t rows_received() const { return rows_received_; }
  // Elements taken from the channels; it rises also where Next had nothing to deliver.
  uint64_t moved_count() const { return moved_count_; }

  // Tells the producers that no more rows are wanted.
  void CloseEarly();

  // State across a restore: what the upstream instance of each channel had sent (kept by the
  // upstream's snapshot), and what this gate had made of it.
  void RestoreChannel(int input, int channel, int64_t watermark_ms, bool idle);
  void RestoreCombined(const std::vector<int64_t>& input_watermarks_ms, int64_t combined_ms);
  std::vector<int64_t> input_watermarks_ms() const;

 private:
  struct ChannelState {
    Channel* channel = nullptr;
    int input = 0;
    int64_t watermark_ms = kNoWatermark;
    uint64_t bundle = 0;
    int64_t rows_received = 0;
    bool idle = false;
    bool caught_up = true;  // takes part in the minimum
    bool ended = false;
    bool at_barrier = false;
    std::deque<ChannelElement> waiting;  // by time: taken from the channel and not yet moved
    int32_t taken_rows = 0;              // of the batch that waits first
    size_t taken_points = 0;
    // Has nothing more to say about time.
    bool time_over() const { return ended || watermark_ms == kFinalWatermark; }
  };
  struct InputState {
    std::vector<int> channels;
    int64_t watermark_ms = kNoWatermark;
    bool idle = false;
    bool ended = false;
  };

  int Choose(int wanted, Random* shuffle);
  // By time: takes what has come, and gives the index of the channel that is behind, or -1.
  int TakeAndChoose();
  int64_t LowestOfOthers(const ChannelState& than) const;
  // By time: the first element that waits, a batch only up to where the channel is ahead.
  ChannelElement TakeWaiting(ChannelState& state);
  Status Move(ChannelState& state, ChannelElement element);
  void MoveBatch(ChannelState& state, Batch batch);
  // True when the combined watermark has risen.
  bool Advance(ChannelState& state, int64_t watermark_ms);
  bool RefreshInput(InputState& input);
  bool RefreshCombined();
  void SetIdle(ChannelState& state, bool idle);
  void SetInputIdle(int input, bool idle);
  void MoveBundleEnd(ChannelState& state, uint64_t number);
  void RefreshBundle();
  void MoveEnd(ChannelState& state);
  void Deliver(int input, ElementKind kind);
  void DeliverWatermark(int input);

  std::vector<ChannelState> channels_;
  std::vector<InputState> inputs_;
  std::deque<Delivery> ready_;
  int64_t combined_ms_ = kNoWatermark;
  uint64_t bundle_ = 0;
  uint64_t aligned_epoch_ = 0;
  uint64_t barrier_epoch_ = 0;
  int at_barrier_count_ = 0;
  int ended_count_ = 0;
  int64_t rows_received_ = 0;
  uint64_t moved_count_ = 0;
  size_t next_channel_ = 0;
  bool by_time_ = false;
};

}  // namespace rhei
