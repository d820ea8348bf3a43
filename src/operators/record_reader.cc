#include "operators/record_reader.h"

namespace rhei {

RecordReader::RecordReader(std::unique_ptr<SourceReader> reader, Clock* clock,
                           WakeupService* wakeup, int64_t idle_timeout_ms)
    : reader_(std::move(reader)),
      clock_(clock),
      wakeup_(wakeup),
      idle_timeout_micros_(idle_timeout_ms * 1000) {}

RecordReader::~RecordReader() {
  handle_.reset();
}

void RecordReader::Start(IoService* io) {
  handle_ = io->Start("rhei-reader", this);
}

void RecordReader::AddSplit(const SourceSplit& split, int32_t number) {
  {
    const std::lock_guard lock(mutex_);
    added_.emplace_back(split, number);
  }
  if (handle_ != nullptr) handle_->Resume();
}

bool RecordReader::Take(Entry* entry) {
  bool had_been_full = false;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return false;
    *entry = std::move(queue_.front());
    queue_.pop_front();
    if (entry->kind == Entry::Kind::kChunk) had_been_full = chunk_count_-- == kQueueChunksMax;
  }
  if (had_been_full) handle_->Resume();
  return true;
}

Status RecordReader::failure() {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void RecordReader::CheckpointComplete(std::vector<SourceSplit> positions) {
  {
    const std::lock_guard lock(mutex_);
    completed_.push_back(std::move(positions));
  }
  if (handle_ != nullptr) handle_->Resume();
}

Status RecordReader::Close() {
  handle_.reset();
  Status told = TellCompleted();
  Status closed = reader_->Close();
  return told.ok() ? closed : told;
}

IoResult RecordReader::Step(int64_t wait_micros) {
  if (Status status = RunCommands(); !status.ok()) return Fail(status);
  {
    const std::lock_guard lock(mutex_);
    if (chunk_count_ >= kQueueChunksMax) {
      was_full_ = true;
      return IoResult::kPause;
    }
  }
  if (silences_.empty()) return IoResult::kPause;
  const int64_t now_micros = clock_->WallMicros();
  if (was_full_) {
    // While nobody read, silence meant nothing.
    was_full_ = false;
    for (auto& [split, silence] : silences_) silence.since_micros = now_micros;
  }
  Entry entry;
  Result<PollResult> polled = reader_->Poll(wait_micros, &entry.chunk);
  if (!polled.ok()) return Fail(polled.status());
  entry.split = entry.chunk.split;
  switch (*polled) {
    case PollResult::kChunk: {
      const auto silence = silences_.find(entry.split);
      if (silence != silences_.end()) silence->second = {clock_->WallMicros(), false};
      Push(std::move(entry));
      FindIdle(now_micros);
      return IoResult::kAgain;
    }
    case PollResult::kSplitEnd:
      silences_.erase(entry.split);
      entry.kind = Entry::Kind::kSplitEnd;
      Push(std::move(entry));
      return IoResult::kAgain;
    case PollResult::kEnd:
      for (const auto& [split, silence] : silences_) {
        Entry end;
        end.kind = Entry::Kind::kSplitEnd;
        end.split = split;
        Push(std::move(end));
      }
      silences_.clear();
      return IoResult::kPause;
    case PollResult::kNothing:
      FindIdle(clock_->WallMicros());
      // A reader that has not been allowed to wait would be asked in circles.
      return wait_micros > 0 ? IoResult::kAgain : IoResult::kPause;
  }
  return IoResult::kDone;
}

Status RecordReader::RunCommands() {
  std::vector<std::pair<SourceSplit, int32_t>> added;
  {
    const std::lock_guard lock(mutex_);
    added.swap(added_);
  }
  for (const auto& [split, number] : added) {
    RETURN_IF_ERROR(reader_->AddSplit(split, number));
    silences_[number] = {clock_->WallMicros(), false};
  }
  return TellCompleted();
}

Status RecordReader::TellCompleted() {
  std::vector<std::vector<SourceSplit>> completed;
  {
    const std::lock_guard lock(mutex_);
    completed.swap(completed_);
  }
  for (const std::vector<SourceSplit>& positions : completed) {
    RETURN_IF_ERROR(reader_->OnCheckpointComplete(positions));
  }
  return {};
}

void RecordReader::FindIdle(int64_t now_micros) {
  if (idle_timeout_micros_ <= 0) return;
  for (auto& [split, silence] : silences_) {
    if (silence.idle || now_micros - silence.since_micros < idle_timeout_micros_) continue;
    if (!reader_->CaughtUp(split)) continue;
    silence.idle = true;
    Entry entry;
    entry.kind = Entry::Kind::kSplitIdle;
    entry.split = split;
    Push(std::move(entry));
  }
}

void RecordReader::Push(Entry entry) {
  {
    const std::lock_guard lock(mutex_);
    if (entry.kind == Entry::Kind::kChunk) ++chunk_count_;
    queue_.push_back(std::move(entry));
  }
  wakeup_->WakeNow();
}

IoResult RecordReader::Fail(const Status& status) {
  {
    const std::lock_guard lock(mutex_);
    failure_ = status;
  }
  wakeup_->WakeNow();
  return IoResult::kDone;
}

}  // namespace rhei
