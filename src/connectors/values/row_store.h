#pragma once
// RowStore: the rows that test tables give and take: what the connectors 'values', 'script',
// 'oracle-values' read, and what 'values' and 'oracle-sink' tables received.
//
// A test runner fills in sources by full table name before a job starts, and reads sinks after it.
// Rows may wait for a clock, which only makes sense where it is virtual
// (runtime/seeded_scheduler.h). Rows that a sink has sealed are staged under a token, and received
// when that token is committed: once, however often the commit is repeated; what a restart throws
// away is never seen. Thread-safety: sources are const while jobs run, except `pause_after`; sinks
// are locked.
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "types/change_kind.h"
#include "types/value.h"

namespace rhei {

// One line of a scripted source: a row, or a watermark of its own.
struct ScriptElement {
  bool is_watermark = false;
  int64_t watermark_ms = 0;
  ChangeKind kind = ChangeKind::kInsert;
  std::vector<Value> values;  // by the table's physical columns
  // It comes no earlier than so long after RowStore::start_micros, by the environment's clock.
  int64_t clock_micros = 0;
};

struct ScriptedSource {
  std::vector<ScriptElement> elements;
  bool bounded = true;
  // Elements from here on come only in a later run of the job (after a restore); -1: none.
  int64_t pause_after = -1;
  int64_t end_clock_micros = 0;  // as an element's, of the end of a bounded source
  int64_t start_delay_micros = 0;
  int64_t row_delay_micros = 0;
};

// What may change places in a source. Never moved past each other: rows around a watermark or a
// move of the clock, and two rows of one key of a changelog or a keyed table.
struct ShuffleRule {
  uint64_t seed = 0;          // 0: nothing is moved
  int rowtime_column = -1;    // a row above all before it raises the watermark
  bool fixed = false;         // a changelog without a key, or a watermark of another kind
  std::vector<int> key = {};  // empty: every row is its own
};
void ShuffleRows(const ShuffleRule& rule, std::vector<ScriptElement>* elements);

struct ReceivedRow {
  ChangeKind kind = ChangeKind::kInsert;
  std::vector<Value> values;
};

class RowStore {
 public:
  std::map<std::string, ScriptedSource> sources;
  std::map<std::string, ShuffleRule> shuffles;  // by full table name
  int64_t start_micros = 0;                     // wall time that scripts count from

  // The token of what was staged, for Commit.
  std::string Stage(const std::string& table, std::vector<ReceivedRow> rows);
  void Commit(const std::string& token);
  bool IsStaged(const std::string& token) const;
  // Rows that writers were given, committed or not, those written again after a restart included.
  void CountWritten(const std::string& table, int64_t rows);
  int64_t Written(const std::string& table) const;
  // Rows received so far, in order of arrival.
  std::vector<ReceivedRow> Received(const std::string& table) const;
  std::vector<std::string> ReceivingTables() const;
  void ClearReceived();
  void ClearReceived(const std::string& table);

  // Readers of paused sources report how far they are; true when each has come to its pause.
  void ReportPosition(const void* reader, bool paused);
  void ForgetReader(const void* reader);
  bool AllPaused() const;

 private:
  mutable std::mutex mutex_;
  struct Staged {
    std::string table;
    std::vector<ReceivedRow> rows;
  };
  std::map<std::string, std::vector<ReceivedRow>> received_;
  std::map<std::string, int64_t> written_;
  std::map<std::string, Staged> staged_;  // by token
  int64_t next_token_ = 0;
  std::map<const void*, bool> readers_;
};

}  // namespace rhei
