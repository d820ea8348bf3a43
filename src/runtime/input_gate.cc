#include "runtime/input_gate.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"

namespace rhei {

InputGate::InputGate(std::vector<std::vector<Channel*>> channels) {
  for (size_t input = 0; input < channels.size(); ++input) {
    InputState state;
    CHECK(!channels[input].empty());
    for (Channel* channel : channels[input]) {
      state.channels.push_back(static_cast<int>(channels_.size()));
      ChannelState one;
      one.channel = channel;
      one.input = static_cast<int>(input);
      channels_.push_back(one);
    }
    inputs_.push_back(std::move(state));
  }
}

Result<bool> InputGate::Next(int wanted, Random* shuffle, Delivery* out) {
  while (ready_.empty()) {
    if (aligned_epoch_ != 0) return false;
    const int chosen = by_time_ ? TakeAndChoose() : Choose(wanted, shuffle);
    if (chosen < 0) return false;
    ChannelState& state = channels_[static_cast<size_t>(chosen)];
    if (by_time_) {
      RETURN_IF_ERROR(Move(state, TakeWaiting(state)));
    } else {
      ++moved_count_;
      RETURN_IF_ERROR(Move(state, state.channel->Pop()));
    }
  }
  *out = std::move(ready_.front());
  ready_.pop_front();
  return true;
}

int InputGate::Choose(int wanted, Random* shuffle) {
  const size_t count = channels_.size();
  const size_t first = shuffle == nullptr ? next_channel_ : shuffle->Next() % count;
  int other = -1;
  for (size_t i = 0; i < count; ++i) {
    const size_t at = (first + i) % count;
    const ChannelState& state = channels_[at];
    if (state.at_barrier || state.channel->Front() == nullptr) continue;
    if (wanted < 0 || state.input == wanted) {
      next_channel_ = at + 1 < count ? at + 1 : 0;
      return static_cast<int>(at);
    }
    // The wish is overruled where waiting for it could stop the producer of both inputs.
    const bool must = at_barrier_count_ > 0 || state.channel->full() ||
                      inputs_[static_cast<size_t>(wanted)].ended;
    if (must && other < 0) other = static_cast<int>(at);
  }
  return other;
}

void InputGate::OrderByTime() {
  by_time_ = true;
}

int InputGate::TakeAndChoose() {
  for (ChannelState& state : channels_) {
    while (state.channel->Front() != nullptr) {
      state.waiting.push_back(state.channel->Pop());
      ++moved_count_;
    }
  }
  for (size_t i = 0; i < channels_.size(); ++i) {
    const ChannelState& state = channels_[i];
    if (state.waiting.empty() || state.at_barrier) continue;
    const bool ahead = state.watermark_ms > LowestOfOthers(state);
    if (!ahead || state.idle || state.time_over()) return static_cast<int>(i);
  }
  return -1;
}

int64_t InputGate::LowestOfOthers(const ChannelState& than) const {
  int64_t lowest = kFinalWatermark;
  for (const ChannelState& state : channels_) {
    if (&state == &than || state.idle || state.at_barrier || state.time_over()) continue;
    lowest = std::min(lowest, state.watermark_ms);
  }
  return lowest;
}

ChannelElement InputGate::TakeWaiting(ChannelState& state) {
  ChannelElement& front = state.waiting.front();
  const std::vector<WatermarkPoint>& points = front.batch.points;
  const int32_t begin = state.taken_rows;
  const auto first = points.begin() + static_cast<ptrdiff_t>(state.taken_points);
  const int64_t others = LowestOfOthers(state);
  auto cut = std::find_if(first, points.end(), [others](const WatermarkPoint& point) {
    return point.watermark_ms > others;
  });
  const int32_t end = cut == points.end() ? front.batch.row_count : cut->row;
  while (cut != points.end() && cut->row == end) ++cut;
  const bool all = cut == points.end() && end == front.batch.row_count;
  ChannelElement taken;
  if (all && begin == 0 && state.taken_points == 0) {
    taken = std::move(front);
  } else {
    taken.batch = SliceRows(front.batch, begin, end - begin);
    taken.batch.points.assign(first, cut);
    for (WatermarkPoint& point : taken.batch.points) point.row -= begin;
  }
  state.taken_rows = all ? 0 : end;
  state.taken_points = all ? 0 : static_cast<size_t>(cut - points.begin());
  if (all) state.waiting.pop_front();
  return taken;
}

Status InputGate::Move(ChannelState& state, ChannelElement element) {
  switch (element.kind) {
    case ChannelKind::kBatch: MoveBatch(state, std::move(element.batch)); return {};
    case ChannelKind::kIdle: SetIdle(state, true); return {};
    case ChannelKind::kActive: SetIdle(state, false); return {};
    case ChannelKind::kBundleEnd: MoveBundleEnd(state, element.number); return {};
    case ChannelKind::kBarrier:
    case ChannelKind::kEnd: break;
  }
  if (element.rows_sent != state.rows_received) {
    return DataError(
        fmt::format("rows are unaccounted for between two operators: sent {} is not "
                    "received {}",
                    element.rows_sent, state.rows_received));
  }
  if (element.kind == ChannelKind::kEnd) {
    MoveEnd(state);
    return {};
  }
  CHECK(barrier_epoch_ == 0 || barrier_epoch_ == element.number);
  barrier_epoch_ = element.number;
  state.at_barrier = true;
  if (++at_barrier_count_ == static_cast<int>(channels_.size())) aligned_epoch_ = barrier_epoch_;
  return {};
}

void InputGate::Release() {
  CHECK(aligned_epoch_ != 0);
  for (ChannelState& state : channels_) state.at_barrier = false;
  at_barrier_count_ = 0;
  aligned_epoch_ = 0;
  barrier_epoch_ = 0;
}

void InputGate::MoveBatch(ChannelState& state, Batch batch) {
  state.rows_received += batch.row_count;
  rows_received_ += batch.row_count;
  size_t kept = 0;
  for (const WatermarkPoint point : batch.points) {
    if (!Advance(state, point.watermark_ms)) continue;
    if (kept > 0 && batch.points[kept - 1].row == point.row) --kept;
    batch.points[kept++] = {point.row, combined_ms_};
  }
  batch.points.resize(kept);
  if (batch.empty()) return;
  Delivery delivery;
  delivery.input = state.input;
  delivery.element.batch = std::move(batch);
  ready_.push_back(std::move(delivery));
}

bool InputGate::Advance(ChannelState& state, int64_t watermark_ms) {
  if (watermark_ms <= state.watermark_ms) return false;
  state.watermark_ms = watermark_ms;
  InputState& input = inputs_[static_cast<size_t>(state.input)];
  // The end of an idle split is not idle.
  if (state.idle && watermark_ms == kFinalWatermark) SetIdle(state, false);
  if (!state.idle && watermark_ms >= input.watermark_ms) state.caught_up = true;
  return RefreshInput(input);
}

bool InputGate::RefreshInput(InputState& input) {
  int64_t lowest = kFinalWatermark;
  bool any_live = false;
  bool any_counts = false;
  for (const int index : input.channels) {
    const ChannelState& state = channels_[static_cast<size_t>(index)];
    if (state.time_over()) continue;
    any_live = true;
    if (state.idle || !state.caught_up) continue;
    any_counts = true;
    lowest = std::min(lowest, state.watermark_ms);
  }
  // With no live channel left time is over; with none that counts it stands still.
  if (any_live && !any_counts) return false;
  if (lowest <= input.watermark_ms) return false;
  input.watermark_ms = lowest;
  return RefreshCombined();
}

bool InputGate::RefreshCombined() {
  int64_t lowest = kFinalWatermark;
  bool any_counts = false;
  bool any_live = false;
  for (const InputState& input : inputs_) {
    if (input.watermark_ms == kFinalWatermark) continue;
    any_live = true;
    if (input.idle) continue;
    any_counts = true;
    lowest = std::min(lowest, input.watermark_ms);
  }
  if (any_live && !any_counts) return false;
  if (lowest <= combined_ms_) return false;
  combined_ms_ = lowest;
  return true;
}

void InputGate::SetIdle(ChannelState& state, bool idle) {
  if (state.idle == idle) return;
  state.idle = idle;
  InputState& input = inputs_[static_cast<size_t>(state.input)];
  if (!idle) {
    state.caught_up = state.watermark_ms >= input.watermark_ms;
    SetInputIdle(state.input, false);
    return;
  }
  bool all_idle = true;
  int64_t highest = kNoWatermark;
  for (const int index : input.channels) {
    const ChannelState& other = channels_[static_cast<size_t>(index)];
    if (other.time_over()) continue;
    all_idle = all_idle && other.idle;
    highest = std::max(highest, other.watermark_ms);
  }
  bool risen = false;
  if (!all_idle) {
    risen = RefreshInput(input);
  } else if (state.watermark_ms == input.watermark_ms && highest > input.watermark_ms) {
    // Flink: the last channel that held time back no longer does, so it goes on to what the others
    // had reached before they fell silent.
    input.watermark_ms = highest;
    risen = RefreshCombined();
  }
  if (risen) DeliverWatermark(state.input);
  if (all_idle) SetInputIdle(state.input, true);
  RefreshBundle();
}

void InputGate::SetInputIdle(int index, bool idle) {
  InputState& input = inputs_[static_cast<size_t>(index)];
  if (input.idle == idle) return;
  input.idle = idle;
  if (idle && RefreshCombined()) DeliverWatermark(index);
  Deliver(index, idle ? ElementKind::kIdle : ElementKind::kActive);
}

bool InputGate::all_idle() const {
  bool any_idle = false;
  for (const InputState& input : inputs_) {
    if (input.ended) continue;
    if (!input.idle) return false;
    any_idle = true;
  }
  return any_idle;
}

void InputGate::MoveBundleEnd(ChannelState& state, uint64_t number) {
  state.bundle = std::max(state.bundle, number);
  RefreshBundle();
}

void InputGate::RefreshBundle() {
  constexpr uint64_t kNone = UINT64_MAX;
  uint64_t lowest = kNone;
  uint64_t lowest_idle = kNone;
  for (const ChannelState& state : channels_) {
    if (state.ended) continue;
    uint64_t& of_kind = state.idle ? lowest_idle : lowest;
    of_kind = std::min(of_kind, state.bundle);
  }
  // Idle channels go on ending bundles. Where nobody else is left, the rows from before the silence
  // must not wait for its end.
  if (lowest == kNone) lowest = lowest_idle;
  if (lowest == kNone || lowest <= bundle_) return;
  bundle_ = lowest;
  Delivery delivery;
  delivery.element.kind = ElementKind::kBundleEnd;
  delivery.bundle = bundle_;
  ready_.push_back(std::move(delivery));
}

void InputGate::MoveEnd(ChannelState& state) {
  CHECK(!state.ended);
  // An end without a final watermark (a task that stopped early) still ends the channel's time.
  const bool risen = Advance(state, kFinalWatermark);
  state.ended = true;
  ++ended_count_;
  if (risen) DeliverWatermark(state.input);
  InputState& input = inputs_[static_cast<size_t>(state.input)];
  bool all_ended = true;
  bool others_idle = true;
  for (const int index : input.channels) {
    const ChannelState& other = channels_[static_cast<size_t>(index)];
    all_ended = all_ended && other.ended;
    others_idle = others_idle && (other.ended || other.idle);
  }
  RefreshBundle();
  if (all_ended) {
    input.ended = true;
    input.idle = false;
    Deliver(state.input, ElementKind::kEnd);
  } else if (others_idle) {
    SetInputIdle(state.input, true);
  }
}

void InputGate::Deliver(int input, ElementKind kind) {
  Delivery delivery;
  delivery.input = input;
  delivery.element.kind = kind;
  ready_.push_back(std::move(delivery));
}

void InputGate::DeliverWatermark(int input) {
  Delivery delivery;
  delivery.input = input;
  delivery.element.batch.points.push_back({0, combined_ms_});
  ready_.push_back(std::move(delivery));
}

void InputGate::CloseEarly() {
  for (ChannelState& state : channels_) state.channel->CloseEarly();
}

void InputGate::RestoreChannel(int input, int channel, int64_t watermark_ms, bool idle) {
  const InputState& state = inputs_[static_cast<size_t>(input)];
  ChannelState& target =
      channels_[static_cast<size_t>(state.channels[static_cast<size_t>(channel)])];
  target.watermark_ms = watermark_ms;
  target.idle = idle;
}

void InputGate::RestoreCombined(const std::vector<int64_t>& input_watermarks_ms,
                                int64_t combined_ms) {
  CHECK(input_watermarks_ms.size() == inputs_.size());
  for (size_t i = 0; i < inputs_.size(); ++i) {
    InputState& input = inputs_[i];
    input.watermark_ms = input_watermarks_ms[i];
    bool all_idle = true;
    for (const int index : input.channels) {
      ChannelState& state = channels_[static_cast<size_t>(index)];
      state.caught_up = state.watermark_ms >= input.watermark_ms;
      all_idle = all_idle && state.idle;
    }
    input.idle = all_idle;
  }
  combined_ms_ = combined_ms;
}

std::vector<int64_t> InputGate::input_watermarks_ms() const {
  std::vector<int64_t> watermarks;
  for (const InputState& input : inputs_) watermarks.push_back(input.watermark_ms);
  return watermarks;
}

}  // namespace rhei
