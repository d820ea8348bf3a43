// State: per key the list of its sessions, and timers. A timer may come too early for a session
// that has grown; then a new one is set.
#include "operators/open_sessions.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace rhei {

Status OpenSessions::Open(StateStore* state, const std::vector<DataType>& key_types, int64_t gap_ms,
                          WindowTimes* times, MemoryPool* pool) {
  times_ = times;
  pool_ = pool;
  gap_ms_ = gap_ms;
  key_codec_ = RowCodec(key_types, true);
  ASSIGN_OR_RETURN(lists_,
                   state->OpenTable({"sessions", key_types, {SlotSpec::String()}, 0, false}));
  ASSIGN_OR_RETURN(timers_, state->OpenTimers({"timers"}));
  return {};
}

std::vector<Session>& OpenSessions::Load(const StateRow* list) {
  const std::string_view bytes = lists_->String(list, 0);
  sessions_.resize(bytes.size() / sizeof(Session));
  if (!bytes.empty()) std::memcpy(sessions_.data(), bytes.data(), bytes.size());
  return sessions_;
}

void OpenSessions::Store(StateRow* list) {
  lists_->Touch(list);
  lists_->SetString(
      list, 0,
      {reinterpret_cast<const char*>(sessions_.data()), sessions_.size() * sizeof(Session)});
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
  Session own{local_ms, local_ms + gap_ms_, 0};
  out->late = false;
  out->joined.clear();
  std::vector<Session>& sessions = Load(found_[index]);
  const auto touches = [&own](const Session& session) {
    return session.start <= own.end && session.end >= own.start;
  };
  // Sessions lie apart from each other: those that touch the row's own window become one, and the
  // union reaches no other.
  const auto first = std::find_if(sessions.begin(), sessions.end(), touches);
  const auto last = std::find_if_not(first, sessions.end(), touches);
  if (first != last) {
    own = {std::min(own.start, first->start), std::max(own.end, (last - 1)->end), first->number};
    for (auto joined = first + 1; joined != last; ++joined) out->joined.push_back(joined->number);
    *first = own;
    sessions.erase(first + 1, last);
  } else {
    out->late = times_->Over(own.end, progress_ms);
    if (out->late) return;
    for (const Session& session : sessions) own.number = std::max(own.number, session.number + 1);
    const auto place =
        std::find_if(sessions.begin(), sessions.end(),
                     [&own](const Session& session) { return session.start > own.start; });
    sessions.insert(place, own);
    key_bytes_.clear();
    key_codec_.Encode(keys_, rows_[index], &key_bytes_);
    timers_->Add(times_->TimerMillis(own.end - 1), hashes_[rows_[index]], key_bytes_);
  }
  out->number = own.number;
  Store(found_[index]);
}

void OpenSessions::EraseEmpty() {
  for (StateRow* list : found_) {
    if (StateTable::IsLive(list) && lists_->String(list, 0).empty()) lists_->Erase(list);
  }
  found_.clear();
}

bool OpenSessions::Fire(int64_t progress_ms, Fired* out) {
  out->sessions.clear();
  Timer timer;
  while (out->sessions.empty()) {
    if (!timers_->PopDue(progress_ms, &timer)) return false;
    std::vector<ColumnBuilder> builders;
    for (const DataType& type : key_codec_.types()) builders.emplace_back(type, pool_);
    std::vector<ColumnBuilder*> pointers;
    for (ColumnBuilder& builder : builders) pointers.push_back(&builder);
    std::string_view bytes = timer.key;
    CHECK(key_codec_.Decode(&bytes, pointers).ok());
    out->hash = timer.hash;
    out->keys.clear();
    for (ColumnBuilder& builder : builders) out->keys.push_back(builder.Finish());
    std::vector<const Column*> keys;
    for (const Column& column : out->keys) keys.push_back(&column);
    const int32_t rows[] = {0};
    StateRow* list;
    lists_->Find(keys, &timer.hash, rows, &list);
    if (list == nullptr) continue;
    std::vector<Session>& sessions = Load(list);
    const auto over = [&](const Session& session) {
      return times_->TimerMillis(session.end - 1) <= timer.time_ms;
    };
    for (const Session& session : sessions) {
      if (over(session)) {
        out->sessions.push_back(session);
      } else {
        timers_->Add(times_->TimerMillis(session.end - 1), timer.hash, timer.key);
      }
    }
    std::erase_if(sessions, over);
    if (sessions.empty()) {
      lists_->Erase(list);
    } else if (!out->sessions.empty()) {
      Store(list);
    }
  }
  return true;
}

}  // namespace rhei
