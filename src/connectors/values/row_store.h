#pragma once
// RowStore: the rows that test tables give and take: what the connectors 'values', 'script',
// 'oracle-values' read, and what 'values' and 'oracle-sink' tables received.
//
// A test runner fills in sources by full table name before a job starts, and reads sinks after it.
// Thread-safety: sources are const while jobs run, except `pause_after`; sinks are locked.
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
};

struct ScriptedSource {
  std::vector<ScriptElement> elements;
  bool bounded = true;
  // Elements from here on come only in a later run of the job (after a restore); -1: none.
  int64_t pause_after = -1;
  int64_t start_delay_micros = 0;
  int64_t row_delay_micros = 0;
};

struct ReceivedRow {
  ChangeKind kind = ChangeKind::kInsert;
  std::vector<Value> values;
};

class RowStore {
 public:
  std::map<std::string, ScriptedSource> sources;

  void Receive(const std::string& table, ReceivedRow row);
  // Rows received so far, in order of arrival.
  std::vector<ReceivedRow> Received(const std::string& table) const;
  std::vector<std::string> ReceivingTables() const;
  void ClearReceived();

  // Readers of paused sources report how far they are; true when each has come to its pause.
  void ReportPosition(const void* reader, bool paused);
  void ForgetReader(const void* reader);
  bool AllPaused() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<ReceivedRow>> received_;
  std::map<const void*, bool> readers_;
};

}  // namespace rhei
