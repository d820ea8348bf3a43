#pragma once
// OpenSessions: the session windows of every key that are not over: a row opens a window
// [t, t + gap), windows of one key that touch become one, and a window is over when progress passes
// its end. Any number may be open for a key: a row that reaches one costs a binary search, one that
// opens, joins or ends one a copy of the key's list. What a session holds (aggregates, rows) is the
// operator's, under the session's number.
//
// Call order: Open; per run of rows between two watermarks Find, Take for each row, EraseEmpty; at
// a watermark Fire until it says false. Thread-safety: one thread.
#include <span>
#include <string>
#include <vector>

#include "operators/key_timers.h"
#include "operators/window_times.h"
#include "state/state_store.h"
#include "state/table.h"

namespace rhei {

struct Session {
  int64_t start;  // local time (window_times.h)
  int64_t end;
  int64_t number;  // tells the open sessions of one key apart: the time of the row that opened it
};

class OpenSessions {
 public:
  Status Open(StateStore* state, const std::vector<DataType>& key_types, int64_t gap_ms,
              WindowTimes* times, MemoryPool* pool);

  void Find(std::span<const Column* const> keys, const uint64_t* hashes,
            std::span<const int32_t> rows);
  struct Taken {
    bool late = false;
    int64_t number = 0;
    std::vector<int64_t> joined;  // sessions that have become part of `number`
  };
  // The session of the index-th row of Find. A row is late when the window that it would make,
  // alone, is over; a row that reaches an open session never is.
  void Take(size_t index, int64_t local_ms, int64_t progress_ms, Taken* out);
  void EraseEmpty();

  // Sessions of one key that are over, in order of their ends; they are open no more.
  struct Fired {
    uint64_t hash = 0;
    std::vector<Column> keys;  // of one row
    std::vector<Session> sessions;
  };
  bool Fire(int64_t progress_ms, Fired* out);
  // When the next session may be over, or INT64_MAX.
  int64_t NextTime() { return timers_.NextTime(); }

 private:
  size_t Count(const StateRow* list) const;
  Session At(const StateRow* list, size_t index) const;
  size_t FirstThatEndsFrom(const StateRow* list, int64_t time_ms) const;
  void Overwrite(StateRow* list, size_t index, const Session& session);
  void Replace(StateRow* list, size_t from, size_t to, std::span<const Session> sessions);

  StateTable* lists_ = nullptr;
  KeyTimers timers_;
  WindowTimes* times_ = nullptr;
  int64_t gap_ms_ = 0;
  std::string list_bytes_;

  std::span<const Column* const> keys_;
  const uint64_t* hashes_ = nullptr;
  std::vector<int32_t> rows_;
  std::vector<StateRow*> found_;
};

}  // namespace rhei
