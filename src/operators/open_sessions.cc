// State: per key the list of its sessions, in order and apart from each other, and timers. One is
// set when a session opens. It may come too early for a session that has grown: for the first one
// of a list there always is one that does not come too late.
#include "operators/open_sessions.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace rhei {

Status OpenSessions::Open(StateStore* state, const std::vector<DataType>& key_types, int64_t gap_ms,
                          WindowTimes* times, MemoryPool* pool) {
  times_ = times;
  gap_ms_ = gap_ms;
  ASSIGN_OR_RETURN(lists_,
                   state->OpenTable({"sessions", key_types, {SlotSpec::String()}, 0, false}));
  return timers_.Open(state, key_types, pool);
}

size_t OpenSessions::Count(const StateRow* list) const {
  return lists_->String(list, 0).size() / sizeof(Session);
}

Session OpenSessions::At(const StateRow* list, size_t index) const {
  Session session;
  std::memcpy(&session, lists_->String(list, 0).data() + index * sizeof(Session), sizeof(Session));
  return session;
}

size_t OpenSessions::FirstThatEndsFrom(const StateRow* list, int64_t time_ms) const {
  size_t low = 0, high = Count(list);
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (At(list, middle).end >= time_ms) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

// Where it lies: most rows only make a session longer.
void OpenSessions::Overwrite(StateRow* list, size_t index, const Session& session) {
  static_assert(sizeof(Session) > StringView::kInlineMax);
  lists_->Touch(list);
  auto& held = lists_->Value<StringView>(list, 0);
  std::memcpy(const_cast<char*>(held.data()) + index * sizeof(Session), &session, sizeof(Session));
  held = StringView(held.view());  // which repeats the first bytes
}

void OpenSessions::Replace(StateRow* list, size_t from, size_t to,
                           std::span<const Session> sessions) {
  lists_->Touch(list);
  const std::string_view held = lists_->String(list, 0);
  list_bytes_.assign(held.substr(0, from * sizeof(Session)));
  list_bytes_.append(reinterpret_cast<const char*>(sessions.data()), sessions.size_bytes());
  list_bytes_.append(held.substr(to * sizeof(Session)));
  lists_->SetString(list, 0, list_bytes_);
}

void OpenSessions::Find(std::span<const Column* const> keys, const uint64_t* hashes,
                        std::span<const int32_t> rows) {
  keys_ = keys;
  hashes_ = hashes;
  rows_.assign(rows.begin(), rows.end());
  found_.resize(rows.size());
  lists_->FindOrInsert(keys, hashes, rows, found_.data(), nullptr);
}

void OpenSessions::Take(size_t index, int64_t local_ms, int64_t progress_ms, Taken* out) {
  StateRow* list = found_[index];
  Session own{local_ms, local_ms + gap_ms_, local_ms};
  out->late = false;
  out->joined.clear();
  // Those that touch the row's own window become one, and the union reaches no other.
  const size_t count = Count(list);
  const size_t first = FirstThatEndsFrom(list, own.start);
  size_t last = first;
  for (; last < count; ++last) {
    const Session touched = At(list, last);
    if (touched.start > local_ms + gap_ms_) break;
    if (last > first) {
      out->joined.push_back(touched.number);
    } else {
      own.start = std::min(own.start, touched.start);
      own.number = touched.number;
    }
    own.end = std::max(own.end, touched.end);
  }
  out->number = own.number;
  if (first == last) {
    out->late = times_->Over(own.end, progress_ms);
    if (out->late) return;
    const int32_t row = rows_[index];
    timers_.Add(times_->TimerMillis(own.end - 1), hashes_[row], keys_, row);
  }
  if (last - first == 1) {
    Overwrite(list, first, own);
  } else {
    Replace(list, first, last, {&own, 1});
  }
}

void OpenSessions::EraseEmpty() {
  for (StateRow* list : found_) {
    if (StateTable::IsLive(list) && lists_->String(list, 0).empty()) lists_->Erase(list);
  }
  found_.clear();
}

bool OpenSessions::Fire(int64_t progress_ms, Fired* out) {
  out->sessions.clear();
  KeyTimer timer;
  while (out->sessions.empty()) {
    if (!timers_.PopDue(progress_ms, &timer)) return false;
    const std::vector<const Column*> keys = timer.keys();
    const int32_t rows[] = {0};
    StateRow* list;
    lists_->Find(keys, &timer.timer.hash, rows, &list);
    if (list == nullptr) continue;
    // They end in their order.
    const size_t count = Count(list);
    size_t over = 0;
    for (; over < count; ++over) {
      const Session session = At(list, over);
      const int64_t time_ms = times_->TimerMillis(session.end - 1);
      if (time_ms > timer.timer.time_ms) {
        timers_.Add(time_ms, timer);
        break;
      }
      out->sessions.push_back(session);
    }
    if (over == count) {
      lists_->Erase(list);
    } else if (over > 0) {
      Replace(list, 0, over, {});
    }
  }
  out->hash = timer.timer.hash;
  out->keys = std::move(timer.columns);
  return true;
}

}  // namespace rhei
