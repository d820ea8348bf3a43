// A binary heap; a removed timer stays in the heap, dead, until it comes to the top.
#include "state/timers.h"

#include <algorithm>
#include <limits>

#include "columnar/hash.h"

namespace rhei {

TimerQueue::TimerQueue(const TimerSpec& spec, MemoryPool* pool)
    : SweptState(pool), spec_(spec), held_(pool), index_(pool), strings_(pool) {}

uint32_t TimerQueue::IndexHash(int64_t time_ms, uint64_t hash) {
  const uint64_t mixed = (hash ^ static_cast<uint64_t>(time_ms)) * 0x9E3779B97F4A7C15U;
  return static_cast<uint32_t>(mixed >> 32);
}

bool TimerQueue::Later(const Place& a, const Place& b) {
  return a.time_ms != b.time_ms ? a.time_ms > b.time_ms : a.sequence > b.sequence;
}

uint32_t TimerQueue::FindId(int64_t time_ms, uint64_t hash, std::string_view key) const {
  return index_.Find(IndexHash(time_ms, hash), [&](uint32_t id) {
    const Entry& entry = entries_[id];
    return entry.time_ms == time_ms && entry.hash == hash && entry.key.view() == key;
  });
}

void TimerQueue::AddWith(int64_t time_ms, uint64_t hash, std::string_view key, uint64_t sequence,
                         EpochWord epoch) {
  uint32_t id;
  if (free_.empty()) {
    id = static_cast<uint32_t>(entries_.size());
    entries_.emplace_back();
    held_.Add(sizeof(Entry) + sizeof(Place));
  } else {
    id = free_.back();
    free_.pop_back();
  }
  entries_[id] = {time_ms, hash, strings_.Copy(key), sequence, epoch, true};
  sweep_.Note(id, epoch);
  live_.Add(KeyGroupOf(hash));
  index_.Insert(IndexHash(time_ms, hash), id);
  heap_.push_back({time_ms, sequence, id});
  std::push_heap(heap_.begin(), heap_.end(), Later);
}

void TimerQueue::Add(int64_t time_ms, uint64_t hash, std::string_view key) {
  if (FindId(time_ms, hash, key) == HashIndex::kNone) {
    AddWith(time_ms, hash, key, next_sequence_++, sweep_.epoch_word());
  }
}

void TimerQueue::Kill(uint32_t id) {
  Entry& entry = entries_[id];
  if (sweep_.MustSave(id, entry.epoch, KeyGroupOf(entry.hash))) SaveEntry(entry);
  index_.Erase(IndexHash(entry.time_ms, entry.hash), id);
  strings_.FreeView(entry.key);
  entry.key = StringView();
  entry.live = false;
  live_.Remove(KeyGroupOf(entry.hash));
}

void TimerQueue::Remove(int64_t time_ms, uint64_t hash, std::string_view key) {
  const uint32_t id = FindId(time_ms, hash, key);
  if (id == HashIndex::kNone) return;
  const Entry& entry = entries_[id];
  if (sweep_.MayBeKept(entry.epoch)) {
    std::string* out = sweep_.StartErasure(KeyGroupOf(hash), RecordKind::kErased);
    if (out != nullptr) {
      WriteFixed(entry.time_ms, out);
      WriteFixed(entry.sequence, out);
      sweep_.EndErasure(bytes() - sweep_.erased_bytes());
    }
  }
  Kill(id);
}

void TimerQueue::DropDead() {
  while (!heap_.empty() && !entries_[heap_.front().id].live) {
    free_.push_back(heap_.front().id);
    std::pop_heap(heap_.begin(), heap_.end(), Later);
    heap_.pop_back();
  }
}

int64_t TimerQueue::NextTime() {
  DropDead();
  return heap_.empty() ? std::numeric_limits<int64_t>::max() : heap_.front().time_ms;
}

bool TimerQueue::PopDue(int64_t now_ms, Timer* out) {
  DropDead();
  if (heap_.empty() || heap_.front().time_ms > now_ms) return false;
  const uint32_t id = heap_.front().id;
  const Entry& entry = entries_[id];
  out->time_ms = entry.time_ms;
  out->hash = entry.hash;
  out->key = entry.key.view();
  if (sweep_.MayBeKept(entry.epoch)) NoteFired(entry);
  Kill(id);
  DropDead();
  ClearWhenEmpty();
  return true;
}

void TimerQueue::ClearWhenEmpty() {
  constexpr size_t kKept = 64;
  if (!heap_.empty() || entries_.size() <= kKept) return;
  sweep_.RowsGone();
  entries_ = {};
  free_ = {};
  heap_ = {};
  index_.Clear();
  strings_.Clear();
  held_.Clear();
}

}  // namespace rhei
