#include "slt/slt_runner.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "connectors/values/oracle_rows.h"
#include "connectors/values/values.h"
#include "engine/session.h"
#include "functions/value_text.h"
#include "runtime/seeded_scheduler.h"
#include "types/option_values.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

// A query that gives nothing for so long hangs.
constexpr int64_t kQuietMicrosMax = 30'000'000;
// By a clock that jumps nobody waits: only a job that can never go on gives nothing for so long.
constexpr int64_t kVirtualQuietMicrosMax = int64_t{100} * 365 * 86'400'000'000;
constexpr int64_t kDayMicros = int64_t{86'400} * 1'000'000;
constexpr std::string_view kClockLine = "clock +";

struct ResultRow {
  ChangeKind kind;
  std::string cells;
};

std::string UpperCase(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// The table that a changelog ends with, sorted.
Result<std::vector<std::string>> Materialize(const std::vector<ResultRow>& changelog) {
  std::map<std::string, int64_t> table;
  for (const ResultRow& row : changelog) {
    if (IsAddition(row.kind)) {
      ++table[row.cells];
    } else if (--table[row.cells] < 0) {
      return DataError(fmt::format("{} {} takes back a row that is not there",
                                   ChangeKindSymbol(row.kind), row.cells));
    }
  }
  std::vector<std::string> rows;
  for (const auto& [cells, count] : table) {
    for (int64_t i = 0; i < count; ++i) rows.push_back(cells);
  }
  return rows;
}

std::string Difference(const std::vector<std::string>& expected,
                       const std::vector<std::string>& actual) {
  std::string text;
  for (size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
    const bool same = i < expected.size() && i < actual.size() && expected[i] == actual[i];
    if (same) {
      text += fmt::format("\n      {}", expected[i]);
    } else {
      if (i < expected.size()) text += fmt::format("\n    - {}", expected[i]);
      if (i < actual.size()) text += fmt::format("\n    + {}", actual[i]);
    }
  }
  return text.empty() ? " (nothing)" : text;
}

// What is not there needs no removal; nobody is told of what stays.
void RemoveTree(FileSystem& files, const std::string& directory) {
  Result<std::vector<FileInfo>> entries = files.List(directory);
  if (!entries.ok()) return;
  for (const FileInfo& entry : *entries) {
    if (entry.is_directory) {
      RemoveTree(files, entry.path);
    } else {
      (void)files.Remove(entry.path);
    }
  }
  (void)files.Remove(directory);
}

bool MovesClock(const SltFile& file) {
  for (const SltRecord& record : file.records) {
    if (record.kind != SltRecord::Kind::kScript) continue;
    for (const std::string& line : record.expected) {
      if (line.starts_with(kClockLine)) return true;
    }
  }
  return false;
}

class FileRun {
 public:
  FileRun(const SltFile& file, const SltRegime& regime, const Environment& env)
      : file_(file),
        regime_(regime),
        files_(*env.files),
        scheduler_(MovesClock(file) ? std::make_unique<SeededScheduler>(1) : nullptr),
        env_(scheduler_ != nullptr ? scheduler_->MakeEnvironment(env) : env),
        state_directory_(fmt::format("/tmp/rhei-test-{:016x}", env.random->Next())),
        store_(std::make_shared<RowStore>()),
        engine_({.env = &env_,
                 .cores = std::max(1, std::min(regime.shards, 2)),
                 .scheduler = scheduler_.get(),
                 .state_directory = state_directory_}) {
    for (std::unique_ptr<ConnectorFactory>& factory : MakeTestConnectors(store_)) {
      engine_.AddConnector(std::move(factory));
    }
    session_ = Session::Make(&engine_, {.name = file.path, .parallelism = regime.shards});
    // As on the oracle: which rows are late must not depend on timing.
    (void)session_->settings().Set("pipeline.auto-watermark-interval", "0 ms");
    (void)session_->settings().Set("table.dml-sync", "true");
    session_->settings().KeepAsInitial();
    session_->AdjustJobs([regime, virtual_clock = scheduler_ != nullptr](JobOptions* options) {
      // A jump of a day would be thousands of checkpoints.
      if (virtual_clock) options->checkpoint_interval_micros = 0;
      if (regime.batch_rows > 0) options->settings.batch_rows_max = regime.batch_rows;
      if (regime.restart_every > 0) {
        options->barrier_every_batches = 1;
        options->restart_every_checkpoints = regime.restart_every;
        // A few rows at a time, so that the state changes while it is swept.
        options->settings.freeze_step_bytes = 100;
      }
      if (regime.batch_rows > 0 || regime.restart_every > 0) {
        options->ring_capacity = 1;
        options->local_capacity = 1;
      }
    });
  }

  ~FileRun() { RemoveTree(files_, state_directory_); }

  SltOutcome Run() {
    outcome_.skipped = file_.skip;
    if (!file_.skip.empty()) return std::move(outcome_);
    CheckMarks();
    for (const SltRecord& record : file_.records) {
      ++outcome_.records;
      const Status status = RunRecord(record);
      if (!status.ok()) Fail(record.line, status.message());
    }
    return std::move(outcome_);
  }

 private:
  void Fail(int line, std::string_view what) {
    outcome_.failures.push_back(
        fmt::format("{}:{}: [{}] {}", file_.path, line, regime_.Name(), what));
  }

  void CheckMarks() {
    std::string all;
    for (const SltRecord& record : file_.records) all += UpperCase(record.sql + record.second_sql);
    for (const std::string& mark : file_.order_sensitive) {
      outcome_.order_sensitive = true;
      if (all.find(UpperCase(mark)) == std::string::npos) {
        Fail(1, fmt::format("order-sensitive: no statement has '{}'", mark));
      }
    }
    for (size_t i = 0; i < file_.records.size(); ++i) {
      const SltRecord& record = file_.records[i];
      if (record.order_sensitive.empty()) continue;
      ++outcome_.order_sensitive_records;
      // What a sink received is the doing of the statement before.
      const std::string sql = UpperCase(
          (record.kind == SltRecord::Kind::kSink && i > 0 ? file_.records[i - 1] : record).sql +
          record.second_sql);
      for (const std::string& mark : record.order_sensitive) {
        if (sql.find(UpperCase(mark)) == std::string::npos) {
          Fail(record.line, fmt::format("order-sensitive: the statement has no '{}'", mark));
        }
      }
    }
  }

  // Rows come in the order that the file says.
  bool Ordered() const { return regime_.shards == 1 && regime_.shuffle_seed == 0; }

  // Otherwise the rows of marked records depend on the interleaving.
  bool Incomparable() const {
    return !Ordered() && (outcome_.order_sensitive || record_is_sensitive_);
  }

  // Every job of a file with a virtual clock begins at midnight (UTC).
  void BeginDay() {
    if (scheduler_ == nullptr) return;
    env_.clock->SleepMicros(kDayMicros - env_.clock->WallMicros() % kDayMicros);
    store_->start_micros = env_.clock->WallMicros();
  }

  Status RunRecord(const SltRecord& record) {
    record_is_sensitive_ = !record.order_sensitive.empty();
    switch (record.kind) {
      case SltRecord::Kind::kStatementOk: return ExecuteToEnd(record.sql);
      case SltRecord::Kind::kSink: return CompareSink(record);
      case SltRecord::Kind::kStatementError: return ExpectError(record);
      case SltRecord::Kind::kScript: return FillScript(record);
      case SltRecord::Kind::kStream: {
        ASSIGN_OR_RETURN(last_, Collect(record.sql));
        return Ordered() ? CompareChangelog(record) : CompareTables(record);
      }
      case SltRecord::Kind::kQuery:
      case SltRecord::Kind::kFinal:
        if (!record.sql.empty()) {
          ASSIGN_OR_RETURN(last_, Collect(record.sql));
        }
        return CompareFinal(record);
      case SltRecord::Kind::kEqual: return CompareQueries(record);
    }
    return {};
  }

  Status ExecuteToEnd(const std::string& sql) {
    BeginDay();
    Result<std::unique_ptr<Operation>> operation = session_->Execute(sql);
    if (!operation.ok()) return operation.status();
    const std::shared_ptr<Job> job = (*operation)->job();
    if (job != nullptr) RETURN_IF_ERROR(job->Wait());
    if (regime_.shuffle_seed != 0) SetShuffles();
    return {};
  }

  // How each table's rows may move.
  void SetShuffles() {
    const ObjectPath here = session_->catalog().Resolve({"x"});
    for (const Table* table : session_->catalog().Tables(here.catalog, here.database)) {
      if (table->is_view) continue;
      ShuffleRule rule;
      rule.seed = regime_.shuffle_seed;
      int physical = 0;
      std::map<std::string, int> columns;
      for (const TableColumn& column : table->columns) {
        if (column.kind == TableColumn::Kind::kPhysical) columns[column.name] = physical++;
      }
      for (const std::string& name : table->primary_key) {
        const auto found = columns.find(name);
        if (found == columns.end()) rule.fixed = true;
        if (found != columns.end()) rule.key.push_back(found->second);
      }
      if (rule.key.empty() && !table->description.produces.insert_only()) rule.fixed = true;
      if (table->watermark) {
        const auto found = columns.find(table->watermark->rowtime_column);
        if (found != columns.end()) rule.rowtime_column = found->second;
        if (found == columns.end()) rule.fixed = true;
      }
      store_->shuffles[table->path.Summary()] = rule;
    }
  }

  // The rows as `stream` prints them.
  Result<std::vector<ResultRow>> TakeReceived(const Table& table) {
    ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Find(session_->settings().ForFunctions().time_zone));
    std::vector<ResultRow> rows;
    for (const ReceivedRow& row : store_->Received(table.path.Summary())) {
      std::string cells;
      size_t at = 0;
      for (const TableColumn& column : table.columns) {
        if (column.kind == TableColumn::Kind::kComputed) continue;
        const Value& value = row.values[at++];
        if (at > 1) cells += ' ';
        cells += QuoteCell(value.is_null() ? "" : ValueToString(value, column.type, zone),
                           value.is_null());
      }
      rows.push_back({row.kind, std::move(cells)});
    }
    store_->ClearReceived(table.path.Summary());
    return rows;
  }

  Status CompareSink(const SltRecord& record) {
    const Table* table = session_->catalog().FindTable(session_->catalog().Resolve({record.text}));
    if (table == nullptr) return NotFound("sink that does not exist: " + record.text);
    ASSIGN_OR_RETURN(last_, TakeReceived(*table));
    if (Ordered()) return CompareChangelog(record);
    if (Incomparable()) return {};
    // An upsert sink gets no -U: its rows replace each other by key.
    const std::vector<std::string> wanted = TableByKey(*table, ParseChanges(record.expected));
    const std::vector<std::string> actual = TableByKey(*table, last_);
    if (wanted == actual) return {};
    return DataError("the final table differs" + Difference(wanted, actual));
  }

  static std::vector<ResultRow> ParseChanges(const std::vector<std::string>& lines) {
    std::vector<ResultRow> rows;
    for (const std::string& line : lines) {
      for (ChangeKind kind : {ChangeKind::kInsert, ChangeKind::kUpdateBefore,
                              ChangeKind::kUpdateAfter, ChangeKind::kDelete}) {
        if (line.starts_with(ChangeKindSymbol(kind))) {
          rows.push_back({kind, line.size() > 3 ? line.substr(3) : ""});
        }
      }
    }
    return rows;
  }

  static std::vector<std::string> TableByKey(const Table& table,
                                             const std::vector<ResultRow>& changes) {
    std::map<std::string, std::string> by_key;
    std::multiset<std::string> rows;
    for (const ResultRow& change : changes) {
      if (table.primary_key.empty()) {
        if (IsAddition(change.kind)) {
          rows.insert(change.cells);
        } else if (const auto found = rows.find(change.cells); found != rows.end()) {
          rows.erase(found);
        }
        continue;
      }
      std::string key;
      const Result<std::vector<SltCell>> cells = SplitCells(change.cells);
      for (const std::string& name : table.primary_key) {
        const auto at = static_cast<size_t>(table.IndexOf(name));
        if (cells.ok() && at < cells->size()) key += (*cells)[at].text + "\n";
      }
      if (IsAddition(change.kind)) {
        by_key[key] = change.cells;
      } else if (const auto found = by_key.find(key);
                 found != by_key.end() &&
                 (change.kind == ChangeKind::kDelete || found->second == change.cells)) {
        by_key.erase(found);
      }
    }
    for (const auto& [key, cells] : by_key) rows.insert(cells);
    return {rows.begin(), rows.end()};
  }

  Status ExpectError(const SltRecord& record) {
    Result<std::unique_ptr<Operation>> operation = session_->Execute(record.sql);
    Status status = operation.status();
    if (operation.ok() && (*operation)->is_query()) status = Collect(record.sql).status();
    if (status.ok()) return DataError("succeeded, but an error is expected");
    if (status.message().find(record.text) == std::string::npos) {
      return DataError(fmt::format("another error is expected\n    - {}\n    + {}", record.text,
                                   status.message()));
    }
    return {};
  }

  Status FillScript(const SltRecord& record) {
    const ObjectPath path = session_->catalog().Resolve({record.text});
    const Table* table = session_->catalog().FindTable(path);
    if (table == nullptr) return NotFound("script for a table that does not exist: " + record.text);
    Schema schema;
    for (const TableColumn& column : table->columns) {
      if (column.kind == TableColumn::Kind::kPhysical) {
        schema.fields.push_back({column.name, column.type, ""});
      }
    }
    ScriptedSource source;
    std::vector<std::string> objects;
    int64_t clock_micros = 0;
    for (const std::string& line : record.expected) {
      if (line.starts_with(kClockLine)) {
        ASSIGN_OR_RETURN(const int64_t millis,
                         ParseDurationMillis(std::string_view(line).substr(kClockLine.size())));
        clock_micros += millis * 1000;
        continue;
      }
      ScriptElement element;
      element.clock_micros = clock_micros;
      RETURN_IF_ERROR(ParseScriptLine(line, schema, &element, &objects));
      source.elements.push_back(std::move(element));
    }
    source.end_clock_micros = clock_micros;
    ASSIGN_OR_RETURN(std::vector<std::vector<Value>> rows,
                     DecodeObjects(schema, objects, record.text, "UTC"));
    size_t next = 0;
    for (ScriptElement& element : source.elements) {
      if (!element.is_watermark) element.values = std::move(rows[next++]);
    }
    store_->sources[path.Summary()] = source;
    store_->sources[path.ToString()] = std::move(source);
    return {};
  }

  static Status ParseScriptLine(std::string_view line, const Schema& schema, ScriptElement* element,
                                std::vector<std::string>* objects) {
    constexpr std::string_view kWatermark = "watermark ";
    if (line.starts_with(kWatermark)) {
      Timestamp9 time;
      if (!ParseTimestamp(line.substr(kWatermark.size()), &time)) {
        return InvalidArgument(fmt::format("no timestamp: {}", line));
      }
      element->is_watermark = true;
      element->watermark_ms = MillisOfMicros(time.micros);
      return {};
    }
    const std::string_view kind = line.substr(0, 2);
    bool known = false;
    for (ChangeKind each : {ChangeKind::kInsert, ChangeKind::kUpdateBefore,
                            ChangeKind::kUpdateAfter, ChangeKind::kDelete}) {
      if (ChangeKindSymbol(each) == kind) {
        element->kind = each;
        known = true;
      }
    }
    if (!known) return InvalidArgument(fmt::format("no change kind: {}", line));
    ASSIGN_OR_RETURN(const std::vector<SltCell> cells, SplitCells(line.substr(2)));
    if (cells.size() != schema.size()) {
      return InvalidArgument(
          fmt::format("{} cells for {} columns: {}", cells.size(), schema.size(), line));
    }
    std::vector<std::optional<std::string>> texts;
    for (const SltCell& cell : cells) {
      if (cell.is_null) {
        texts.emplace_back(std::nullopt);
      } else {
        texts.emplace_back(cell.text);
      }
    }
    objects->push_back(JsonObjectOf(schema, texts));
    return {};
  }

  Result<std::vector<ResultRow>> Collect(const std::string& sql) {
    BeginDay();
    const int64_t wait_micros = scheduler_ != nullptr ? kVirtualQuietMicrosMax : kQuietMicrosMax;
    ASSIGN_OR_RETURN(std::unique_ptr<Operation> operation, session_->Execute(sql));
    std::vector<ResultRow> rows;
    const Schema& schema = operation->schema();
    ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Find(session_->settings().ForFunctions().time_zone));
    while (true) {
      Batch batch;
      ASSIGN_OR_RETURN(const FetchResult fetched, operation->Fetch(wait_micros, &batch));
      if (fetched == FetchResult::kEnd) return rows;
      if (fetched == FetchResult::kNotReady) return DataError("no row and no end for 30 s");
      for (int32_t i = 0; i < batch.row_count; ++i) {
        std::string cells;
        for (size_t c = 0; c < schema.size(); ++c) {
          const Value value = GetValue(batch.columns[c], i, schema.type(c));
          if (c > 0) cells += ' ';
          cells += QuoteCell(value.is_null() ? "" : ValueToString(value, schema.type(c), zone),
                             value.is_null());
        }
        rows.push_back({batch.change(i), std::move(cells)});
      }
    }
  }

  Status CompareChangelog(const SltRecord& record) {
    std::vector<std::string> actual;
    for (const ResultRow& row : last_) {
      actual.push_back(fmt::format("{} {}", ChangeKindSymbol(row.kind), row.cells));
    }
    if (actual == record.expected) return {};
    return DataError("the changelog differs" + Difference(record.expected, actual));
  }

  // The final tables of the expected and the actual changelog.
  Status CompareTables(const SltRecord& record) {
    if (Incomparable()) return {};
    const std::vector<ResultRow> expected = ParseChanges(record.expected);
    ASSIGN_OR_RETURN(const std::vector<std::string> wanted, Materialize(expected));
    ASSIGN_OR_RETURN(const std::vector<std::string> actual, Materialize(last_));
    if (wanted == actual) return {};
    return DataError("the final table differs" + Difference(wanted, actual));
  }

  Status CompareFinal(const SltRecord& record) {
    if (Incomparable()) return {};
    ASSIGN_OR_RETURN(const std::vector<std::string> actual, Materialize(last_));
    std::vector<std::string> expected = record.expected;
    std::sort(expected.begin(), expected.end());
    if (expected == actual) return {};
    return DataError("the rows differ" + Difference(expected, actual));
  }

  Status CompareQueries(const SltRecord& record) {
    ASSIGN_OR_RETURN(const std::vector<ResultRow> first, Collect(record.sql));
    ASSIGN_OR_RETURN(const std::vector<ResultRow> second, Collect(record.second_sql));
    ASSIGN_OR_RETURN(const std::vector<std::string> a, Materialize(first));
    ASSIGN_OR_RETURN(const std::vector<std::string> b, Materialize(second));
    if (a == b || Incomparable()) return {};
    return DataError("the two queries differ" + Difference(a, b));
  }

  const SltFile& file_;
  SltRegime regime_;
  FileSystem& files_;
  const std::unique_ptr<SeededScheduler> scheduler_;  // of a file that moves the clock
  const Environment env_;
  const std::string state_directory_;  // of side tables; made when a row goes there
  std::shared_ptr<RowStore> store_;
  Engine engine_;
  std::unique_ptr<Session> session_;
  SltOutcome outcome_;
  bool record_is_sensitive_ = false;
  std::vector<ResultRow> last_;
};

}  // namespace

std::string SltRegime::Name() const {
  std::string name = batch_rows > 0 ? fmt::format("batch={}", batch_rows) : "batch=default";
  if (shards > 1) name += fmt::format(" shards={}", shards);
  if (restart_every > 0) name += fmt::format(" restart={}", restart_every);
  if (shuffle_seed > 0) name += fmt::format(" shuffle={}", shuffle_seed);
  return name;
}

SltOutcome RunSltFile(const SltFile& file, const SltRegime& regime, const Environment& env) {
  FileRun run(file, regime, env);
  return run.Run();
}

}  // namespace rhei
