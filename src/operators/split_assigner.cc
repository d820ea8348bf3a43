#include "operators/split_assigner.h"

#include <algorithm>

namespace rhei {

void WriteSplit(const SplitStart& start, std::string* out) {
  WriteBytes(start.split.id, out);
  WriteBytes(start.split.state, out);
  WriteFixed(start.watermark_ms, out);
  WriteFixed(start.ordinal, out);
  WriteFixed(start.shard, out);
}

SplitStart ReadSplit(ByteReader* reader) {
  SplitStart start;
  start.split.id = reader->ReadBytes();
  start.split.state = reader->ReadBytes();
  start.watermark_ms = reader->ReadFixed<int64_t>();
  start.ordinal = reader->ReadFixed<int64_t>();
  start.shard = reader->ReadFixed<int32_t>();
  return start;
}

SplitAssigner::SplitAssigner(std::unique_ptr<SplitEnumerator> enumerator, int shard_count,
                             Clock* clock)
    : enumerator_(std::move(enumerator)),
      clock_(clock),
      one_at_a_time_(enumerator_->one_split_at_a_time()),
      wakeups_(static_cast<size_t>(shard_count), nullptr),
      by_shard_(static_cast<size_t>(shard_count)) {
  enumerator_state_ = enumerator_->Snapshot();
}

SplitAssigner::~SplitAssigner() = default;

Status SplitAssigner::Restore(std::string_view enumerator_state, std::vector<SplitStart> unread,
                              std::vector<std::string> known) {
  RETURN_IF_ERROR(enumerator_->Restore(enumerator_state));
  const std::lock_guard lock(mutex_);
  enumerator_state_ = enumerator_->Snapshot();
  known_.insert(known.begin(), known.end());
  for (SplitStart& start : unread) {
    known_.insert(start.split.id);
    next_ordinal_ = std::max(next_ordinal_, start.ordinal + 1);
    Add(std::move(start));
  }
  return {};
}

void SplitAssigner::Register(int shard, WakeupService* wakeup) {
  const std::lock_guard lock(mutex_);
  wakeups_[static_cast<size_t>(shard)] = wakeup;
}

void SplitAssigner::Start(IoService* io) {
  if (handle_ == nullptr) handle_ = io->Start("rhei-splits", this);
}

void SplitAssigner::Add(SplitStart start) {
  sizes_known_ = sizes_known_ && start.split.size >= 0;
  total_size_ += start.split.size;
  if (start.shard >= 0) {
    by_shard_[static_cast<size_t>(start.shard)].push_back(std::move(start));
    return;
  }
  if (one_at_a_time_) {
    common_.push_back(std::move(start));
    return;
  }
  by_shard_[next_shard_].push_back(std::move(start));
  next_shard_ = (next_shard_ + 1) % by_shard_.size();
}

std::optional<SplitStart> SplitAssigner::Take(int shard, uint64_t last_epoch) {
  const std::lock_guard lock(mutex_);
  std::deque<SplitStart>& own = by_shard_[static_cast<size_t>(shard)];
  std::deque<SplitStart>& from = own.empty() && one_at_a_time_ ? common_ : own;
  if (from.empty()) return std::nullopt;
  SplitStart taken = std::move(from.front());
  from.pop_front();
  taken.shard = shard;
  dealt_.push_back({taken, last_epoch});
  return taken;
}

bool SplitAssigner::Exhausted(int shard) {
  const std::lock_guard lock(mutex_);
  return finished_ && common_.empty() && by_shard_[static_cast<size_t>(shard)].empty();
}

bool SplitAssigner::NothingNow(int shard) {
  const std::lock_guard lock(mutex_);
  return discovered_ && common_.empty() && by_shard_[static_cast<size_t>(shard)].empty();
}

Status SplitAssigner::failure() {
  const std::lock_guard lock(mutex_);
  return failure_;
}

int64_t SplitAssigner::total_size() {
  const std::lock_guard lock(mutex_);
  return finished_ && sizes_known_ ? total_size_ : -1;
}

std::string SplitAssigner::EnumeratorState() {
  const std::lock_guard lock(mutex_);
  return enumerator_state_;
}

std::vector<SplitStart> SplitAssigner::Unread(uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  std::vector<SplitStart> unread;
  // Dealt to a shard that had passed this barrier already.
  for (const Dealt& dealt : dealt_) {
    if (dealt.last_epoch >= epoch) unread.push_back(dealt.start);
  }
  std::erase_if(dealt_, [&](const Dealt& dealt) { return dealt.last_epoch < epoch; });
  for (const auto& of_shard : by_shard_) {
    unread.insert(unread.end(), of_shard.begin(), of_shard.end());
  }
  unread.insert(unread.end(), common_.begin(), common_.end());
  return unread;
}

IoResult SplitAssigner::Step(int64_t) {
  bool finished = false;
  Result<std::vector<SourceSplit>> found = enumerator_->Discover(&finished);
  const std::lock_guard lock(mutex_);
  discovered_ = true;
  if (!found.ok()) {
    failure_ = found.status();
  } else {
    // Known ids: a shard had them when the state of the enumerator was taken too early to know.
    for (SourceSplit& split : *found) {
      if (known_.count(split.id) != 0) continue;
      SplitStart start;
      start.split = std::move(split);
      start.ordinal = next_ordinal_++;
      Add(std::move(start));
    }
    enumerator_state_ = enumerator_->Snapshot();
    finished_ = finished;
  }
  for (WakeupService* wakeup : wakeups_) {
    if (wakeup != nullptr) wakeup->WakeNow();
  }
  return !found.ok() || finished ? IoResult::kDone : IoResult::kPause;
}

int64_t SplitAssigner::pause_micros() const {
  return std::max<int64_t>(enumerator_->discovery_interval_ms(), 1) * 1000;
}

}  // namespace rhei
