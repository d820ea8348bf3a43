#include "conformance/program_kind.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "checkpoint/checkpoint.h"
#include "conformance/case_session.h"
#include "conformance/isolated_case.h"
#include "types/java_text.h"

namespace rhei {
namespace {

// The rows before the savepoint must be through in this time.
constexpr int64_t kFirstHalfMicrosMax = 20'000'000;
constexpr int64_t kPollMicros = 10'000;
// So long a case by processing time may wait for the rows of windows that close by the clock.
constexpr int64_t kClockWindowsMicrosMax = 20'000'000;
// A job whose counters stand still for so many polls has nothing in flight.
constexpr int kQuietPolls = 20;
// One half of a case in a process of its own.
constexpr int kHalfSecondsMax = 60;
// The member of a case that RunSavepointCase adds for its halves: "directory" holds all they write;
// the second has what the first printed: "path" of the savepoint, "clock_offset", and "rows" by
// sink.
constexpr const char* kSavepoint = "rhei-savepoint";

// The machine's clock, moved so that a case begins one second past a full minute: which rows share
// a window of some seconds must not depend on when the case is run.
class AlignedClock final : public Clock {
 public:
  explicit AlignedClock(Clock* clock) : clock_(clock) {
    constexpr int64_t kMinute = 60'000'000;
    offset_ = kMinute - clock->WallMicros() % kMinute + 1'000'000;
  }
  int64_t offset() const { return offset_; }
  void SetOffset(int64_t offset) { offset_ = offset; }
  int64_t WallMicros() override { return clock_->WallMicros() + offset_; }
  int64_t MonotonicNanos() override { return clock_->MonotonicNanos(); }
  void SleepMicros(int64_t micros) override { clock_->SleepMicros(micros); }

 private:
  Clock* clock_;
  int64_t offset_ = 0;
};

Environment WithClock(Clock* clock) {
  Environment env = RealEnvironment();
  env.clock = clock;
  return env;
}

struct TextRow {
  ChangeKind kind;
  std::string text;              // Row.toString
  std::vector<std::string> key;  // of the primary key, or of the fields to keep one row each
};

using Texts = std::vector<std::string>;

Texts Sorted(Texts texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

Texts StringsOf(const nlohmann::json& list) {
  return list.is_array() ? list.get<Texts>() : Texts();
}

std::vector<std::string> CellsAt(const ReceivedRow& row, const Schema& schema,
                                 const std::vector<int>& columns) {
  std::vector<std::string> cells;
  for (const int column : columns) {
    const auto at = static_cast<size_t>(column);
    if (at >= schema.size()) continue;
    std::string cell;
    AppendJavaText(row.values[at], schema.type(at), &cell);
    cells.push_back(std::move(cell));
  }
  return cells;
}

// The table that a changelog makes: by key where there is one, else by whole rows.
Texts FinalTable(const std::vector<TextRow>& changelog) {
  std::vector<std::pair<std::vector<std::string>, std::string>> table;
  for (const TextRow& row : changelog) {
    const std::string text = "+I" + row.text.substr(2);
    const std::vector<std::string> key = row.key.empty() ? Texts{text} : row.key;
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&key](const auto& entry) { return entry.first == key; });
    if (!IsAddition(row.kind)) {
      if (found != table.end()) table.erase(found);
    } else if (!row.key.empty() && found != table.end()) {
      found->second = text;
    } else {
      table.emplace_back(key, text);
    }
  }
  Texts rows;
  for (auto& entry : table) rows.push_back(std::move(entry.second));
  return Sorted(std::move(rows));
}

// A case whose rows come in two halves, with a restore between them.
bool HasSecondHalf(const nlohmann::json& test_case) {
  for (const auto& source : test_case.at("sources")) {
    if (!source.at("rows_after_restore").empty()) return true;
  }
  for (const auto& sink : test_case.at("sinks")) {
    if (!sink.at("expected_after_restore").empty()) return true;
  }
  return false;
}

// Whether a statement has windows over a column that is PROCTIME().
bool HasWindowsByClock(const nlohmann::json& test_case) {
  std::string sql;
  for (const auto& statement : test_case.at("run_sql")) sql += statement.get<std::string>();
  for (const auto& source : test_case.at("sources")) {
    const std::string ddl = source.at("ddl").get<std::string>();
    const size_t at = ddl.find(" AS PROCTIME()");
    if (at == std::string::npos) continue;
    std::string name = ddl.substr(0, at);
    name.erase(0, name.find_last_of(" \n(") + 1);
    std::erase(name, '`');
    for (const char* function : {"DESCRIPTOR(", "TUMBLE(", "HOP(", "CUMULATE(", "SESSION("}) {
      if (sql.find(function + name) != std::string::npos) return true;
    }
  }
  return false;
}

// What of a case runs in this process.
enum class Part {
  kWhole,  // both halves, the restore from a checkpoint in memory
  kUntilSavepoint,
  kFromSavepoint,
};

class ProgramRun {
 public:
  ProgramRun(const nlohmann::json& test_case, Part part)
      : case_(test_case), part_(part), clock_(RealEnvironment().clock), env_(WithClock(&clock_)) {
    by_clock_ = HasWindowsByClock(test_case);
    if (part == Part::kFromSavepoint) {
      clock_.SetOffset(test_case.at(kSavepoint).at("clock_offset").get<int64_t>());
    }
  }

  Outcome Run() {
    Outcome outcome;
    const Status status = RunAll();
    const bool refusal_due = case_.contains("expect_error");
    if (!status.ok()) {
      outcome.details["message"] = status.message();
      outcome.status = status.code() == ErrorCode::kUnsupported ? CaseStatus::kUnsupported
                       : refusal_due                            ? StatusOfRefusal(status)
                                                                : CaseStatus::kError;
    }
    for (const auto& sink : case_.at("sinks")) {
      const std::string name = sink.at("name").get<std::string>();
      outcome.details["actual"][name] = Print(name, 0, restored_ ? first_half_[name] : SIZE_MAX);
      if (restored_) {
        outcome.details["after_restore"][name] = Print(name, first_half_[name], SIZE_MAX);
      }
    }
    if (!status.ok()) return outcome;
    outcome.status = CaseStatus::kPass;
    if (part_ == Part::kUntilSavepoint) {
      outcome.details[kSavepoint] = ForSecondHalf();
      return outcome;
    }
    if (refusal_due) outcome.status = CaseStatus::kFail;
    for (const auto& sink : case_.at("sinks")) {
      if (!SinkIsRight(sink)) outcome.status = CaseStatus::kFail;
    }
    return outcome;
  }

 private:
  // The texts of the two errors have the same words; a message of another kind is another error.
  CaseStatus StatusOfRefusal(const Status& status) const {
    const std::string wanted = case_["expect_error"].value("message", "");
    const bool same = status.message().find(wanted) != std::string::npos;
    return same ? CaseStatus::kPass : CaseStatus::kError;
  }

  Status RunAll() {
    // Row by row, as Flink: sources take turns, and each row that raises a watermark sends it.
    session_.session().AdjustJobs([](JobOptions* options) {
      options->settings.batch_rows_max = 1;
      options->ring_capacity = 1;
      options->local_capacity = 1;
    });
    for (const auto& [key, value] : case_.at("config").items()) {
      RETURN_IF_ERROR(session_.session().settings().Set(
          key, value.is_string() ? value.get<std::string>() : value.dump()));
    }
    for (const char* part : {"sources", "sinks"}) {
      for (const auto& table : case_.at(part)) {
        RETURN_IF_ERROR(session_.session().Execute(DdlOf(table)).status());
      }
    }
    for (const auto& sql : case_.at("setup_sql")) {
      RETURN_IF_ERROR(session_.session().Execute(sql.get<std::string>()).status());
    }
    const bool has_second_half = HasSecondHalf(case_);
    RETURN_IF_ERROR(FillSources(has_second_half));
    if (has_second_half) return RunWithRestore();
    for (const auto& sql : case_.at("run_sql")) {
      RETURN_IF_ERROR(Await(sql.get<std::string>()));
    }
    return {};
  }

  // Some sources send changes without saying so, which Flink's test connector lets pass.
  static std::string DdlOf(const nlohmann::json& table) {
    std::string ddl = table.at("ddl").get<std::string>();
    bool changes = false;
    for (const char* part : {"rows", "rows_after_restore"}) {
      if (!table.contains(part)) continue;
      for (const auto& row : table.at(part)) changes = changes || row.at("k") != "+I";
    }
    constexpr std::string_view kConnector = "'connector' = 'values'";
    const size_t at = ddl.find(kConnector);
    if (changes && at != std::string::npos && ddl.find("'changelog-mode'") == std::string::npos) {
      ddl.insert(at, "'changelog-mode' = 'I,UB,UA,D', ");
    }
    return ddl;
  }

  Status FillSources(bool pause) {
    for (const auto& source : case_.at("sources")) {
      const std::string name = source.at("name").get<std::string>();
      ASSIGN_OR_RETURN(ScriptedSource rows, session_.SourceOf(name, source.at("rows")));
      if (pause) {
        rows.pause_after = static_cast<int64_t>(rows.elements.size());
        ASSIGN_OR_RETURN(ScriptedSource rest,
                         session_.SourceOf(name, source.at("rows_after_restore")));
        rows.elements.insert(rows.elements.end(), rest.elements.begin(), rest.elements.end());
      }
      session_.store().sources[session_.PathOf(name).Summary()] = std::move(rows);
    }
    return {};
  }

  Status Await(const std::string& sql) {
    ASSIGN_OR_RETURN(std::unique_ptr<Operation> operation, session_.session().Execute(sql));
    const std::shared_ptr<Job> job = operation->job();
    return job == nullptr ? Status() : job->Wait();
  }

  // Stops behind the first rows, and goes on from there with the rest.
  Status RunWithRestore() {
    if (case_.at("run_sql").size() != 1) {
      return Unsupported("A restore of several jobs is not supported yet");
    }
    ASSIGN_OR_RETURN(const PreparedJob prepared,
                     session_.session().Prepare(case_["run_sql"][0].get<std::string>()));
    if (part_ == Part::kUntilSavepoint) return RunUntilSavepoint(prepared);
    if (part_ == Part::kFromSavepoint) return RunFromSavepoint(prepared);
    MemoryCheckpointStore checkpoints;
    JobOptions options = session_.session().OptionsFor(prepared);
    options.store = &checkpoints;
    {
      ASSIGN_OR_RETURN(std::shared_ptr<Job> job, session_.session().Start(options));
      RETURN_IF_ERROR(AwaitFirstHalf(job.get()));
      job->Stop();
      RETURN_IF_ERROR(job->Wait());
    }
    for (const auto& sink : case_.at("sinks")) {
      const std::string name = sink.at("name").get<std::string>();
      first_half_[name] = Received(name).size();
    }
    const bool waits = LetSourcesGoOn();
    const int64_t before = Written();
    ASSIGN_OR_RETURN(std::shared_ptr<Job> job, session_.session().Start(options));
    return AwaitSecondHalf(job.get(), waits, before);
  }

  // A durable job, as users run them. Between its first and its last checkpoint there is none,
  // because a checkpoint ends a mini-batch early.
  Status SetDurable(std::string_view checkpoints) {
    Settings& settings = session_.session().settings();
    const std::string directory = case_.at(kSavepoint).at("directory").get<std::string>();
    RETURN_IF_ERROR(settings.Set("pipeline.name", "case"));
    RETURN_IF_ERROR(settings.Set("execution.checkpointing.interval", "1 h"));
    RETURN_IF_ERROR(
        settings.Set("execution.checkpointing.dir", fmt::format("{}/{}", directory, checkpoints)));
    return settings.Set("execution.checkpointing.savepoint-dir", directory + "/savepoints");
  }

  Status RunUntilSavepoint(const PreparedJob& prepared) {
    RETURN_IF_ERROR(SetDurable("checkpoints-of-first-half"));
    ASSIGN_OR_RETURN(std::shared_ptr<Job> job, session_.session().Start(prepared));
    RETURN_IF_ERROR(AwaitFirstHalf(job.get()));
    ASSIGN_OR_RETURN(
        std::unique_ptr<Operation> stop,
        session_.session().Execute(fmt::format("STOP JOB '{}' WITH SAVEPOINT", job->id())));
    QueryRows rows;
    RETURN_IF_ERROR(CollectRows(stop.get(), &rows));
    if (rows.rows.size() != 1) return DataError("STOP JOB gave no path");
    savepoint_path_ = rows.rows[0].values[0].text();
    return {};
  }

  Status RunFromSavepoint(const PreparedJob& prepared) {
    RETURN_IF_ERROR(SetDurable("checkpoints-of-second-half"));
    const nlohmann::json& before = case_.at(kSavepoint);
    RETURN_IF_ERROR(session_.session().settings().Set("execution.state-recovery.path",
                                                      before.at("path").get<std::string>()));
    for (const auto& [name, rows] : before.at("rows").items()) {
      for (const auto& row : rows) {
        TextRow text{ChangeKind::kInsert, row.at("text").get<std::string>(), {}};
        CHECK(ParseChangeKind(row.at("kind").get<std::string>(), &text.kind));
        text.key = row.at("key").get<std::vector<std::string>>();
        from_first_half_[name].push_back(std::move(text));
      }
      first_half_[name] = from_first_half_[name].size();
    }
    const bool waits = LetSourcesGoOn();
    ASSIGN_OR_RETURN(std::shared_ptr<Job> job, session_.session().Start(prepared));
    return AwaitSecondHalf(job.get(), waits, 0);
  }

  // What the process that goes on must know.
  nlohmann::ordered_json ForSecondHalf() {
    nlohmann::ordered_json carried;
    carried["path"] = savepoint_path_;
    carried["clock_offset"] = clock_.offset();
    carried["rows"] = nlohmann::ordered_json::object();
    for (const auto& sink : case_.at("sinks")) {
      const std::string name = sink.at("name").get<std::string>();
      auto& rows = carried["rows"][name] = nlohmann::ordered_json::array();
      for (const TextRow& row : Rows(name, KeyColumns(sink), 0, SIZE_MAX)) {
        rows.push_back(
            {{"kind", ChangeKindSymbol(row.kind)}, {"text", row.text}, {"key", row.key}});
      }
    }
    return carried;
  }

  // Windows by the clock fire while the sources wait; with the input's end they would never. True
  // when the sources wait behind their last rows.
  bool LetSourcesGoOn() {
    restored_ = true;
    const bool waits = by_clock_ && Awaited("expected_after_restore") > 0;
    for (auto& [name, source] : session_.store().sources) {
      source.pause_after = waits ? static_cast<int64_t>(source.elements.size()) : -1;
    }
    return waits;
  }

  Status AwaitSecondHalf(Job* job, bool waits, int64_t written_before) {
    if (!waits) return job->Wait();
    AwaitWritten(job, written_before + Awaited("expected_after_restore"));
    job->Stop();
    return job->Wait();
  }

  int64_t Awaited(const char* which) const {
    size_t rows = 0;
    for (const auto& sink : case_.at("sinks")) rows += StringsOf(sink.at(which)).size();
    return static_cast<int64_t>(rows);
  }

  int64_t Written() {
    int64_t rows = 0;
    for (const auto& sink : case_.at("sinks")) {
      const std::string name = sink.at("name").get<std::string>();
      rows += session_.store().Written(session_.PathOf(name).Summary());
    }
    return rows;
  }

  // Rows that do not come show in what is compared.
  void AwaitWritten(Job* job, int64_t rows) {
    for (int64_t waited = 0; waited < kClockWindowsMicrosMax; waited += kPollMicros) {
      if (Written() >= rows || job->WaitFor(kPollMicros)) return;
    }
  }

  Status AwaitFirstHalf(Job* job) {
    std::vector<int64_t> before;
    int quiet = 0;
    for (int64_t waited = 0; waited < kFirstHalfMicrosMax; waited += kPollMicros) {
      if (job->WaitFor(kPollMicros)) return job->status();  // A failure, or sources without rows.
      std::vector<int64_t> now;
      for (const JobRun::TaskReading& task : job->Read()) {
        now.insert(now.end(), {task.rows_in, task.rows_out, task.output_watermark_ms});
      }
      quiet = now == before ? quiet + 1 : 0;
      before = std::move(now);
      if (quiet < kQuietPolls || !session_.store().AllPaused()) continue;
      if (by_clock_) AwaitWritten(job, Awaited("expected"));
      return {};
    }
    return DataError("the rows before the savepoint took too long");
  }

  std::vector<ReceivedRow> Received(const std::string& sink) {
    return session_.store().Received(session_.PathOf(sink).Summary());
  }

  // The columns a sink writes, in order; the same that the store received.
  Schema SinkSchema(const std::string& sink) {
    const Table* table = session_.session().catalog().FindTable(session_.PathOf(sink));
    return table == nullptr ? Schema() : SinkColumns(*table);
  }

  std::vector<TextRow> Rows(const std::string& sink, const std::vector<int>& key_columns,
                            size_t begin, size_t end) {
    std::vector<TextRow> rows = from_first_half_[sink];
    const Schema schema = SinkSchema(sink);
    for (const ReceivedRow& row : Received(sink)) {
      rows.push_back(
          {row.kind, JavaRowText(row.kind, row.values, schema), CellsAt(row, schema, key_columns)});
    }
    end = std::min(end, rows.size());
    begin = std::min(begin, end);
    return {rows.begin() + static_cast<ptrdiff_t>(begin),
            rows.begin() + static_cast<ptrdiff_t>(end)};
  }

  Texts Print(const std::string& sink, size_t begin, size_t end) {
    Texts texts;
    for (TextRow& row : Rows(sink, {}, begin, end)) texts.push_back(std::move(row.text));
    return texts;
  }

  std::vector<int> KeyColumns(const nlohmann::json& sink) {
    if (sink.at("dedup_fields").is_array()) return sink["dedup_fields"].get<std::vector<int>>();
    const std::string name = sink.at("name").get<std::string>();
    const Table* table = session_.session().catalog().FindTable(session_.PathOf(name));
    std::vector<int> columns;
    if (table == nullptr) return columns;
    const Schema schema = SinkSchema(name);
    for (const std::string& column : table->primary_key) columns.push_back(schema.IndexOf(column));
    return columns;
  }

  bool SinkIsRight(const nlohmann::json& sink) {
    const std::string name = sink.at("name").get<std::string>();
    const Texts wanted = Sorted(StringsOf(sink.at("expected")));
    const Texts after = Sorted(StringsOf(sink.at("expected_after_restore")));
    const size_t middle = restored_ ? first_half_[name] : SIZE_MAX;
    if (sink.at("compare") == "changelog") {
      return Sorted(Print(name, 0, middle)) == wanted &&
             (!restored_ || Sorted(Print(name, middle, SIZE_MAX)) == after);
    }
    const std::vector<int> keys = KeyColumns(sink);
    if (FinalTable(Rows(name, keys, 0, middle)) != wanted) return false;
    if (!restored_) return true;
    // The cases hold what the second run adds, or by key the whole table.
    const Texts table = FinalTable(Rows(name, keys, 0, SIZE_MAX));
    Texts both = wanted;
    both.insert(both.end(), after.begin(), after.end());
    return table == Sorted(both) || table == after ||
           FinalTable(Rows(name, keys, middle, SIZE_MAX)) == after;
  }

  const nlohmann::json& case_;
  const Part part_;
  AlignedClock clock_;
  Environment env_;
  bool by_clock_ = false;
  CaseSession session_{1, &env_};
  bool restored_ = false;
  std::map<std::string, size_t> first_half_;                     // rows by sink
  std::map<std::string, std::vector<TextRow>> from_first_half_;  // of another process
  std::string savepoint_path_;
};

Outcome RunPart(const nlohmann::json& test_case, Part part) {
  ProgramRun run(test_case, part);
  return run.Run();
}

Outcome RunUntilSavepoint(const nlohmann::json& test_case, const std::string&) {
  return RunPart(test_case, Part::kUntilSavepoint);
}

Outcome RunFromSavepoint(const nlohmann::json& test_case, const std::string&) {
  return RunPart(test_case, Part::kFromSavepoint);
}

}  // namespace

Outcome RunProgramCase(const nlohmann::json& test_case, const std::string&) {
  return RunPart(test_case, Part::kWhole);
}

bool HasSavepoint(const nlohmann::json& test_case) {
  return test_case.is_object() && test_case.contains("sources") && test_case.contains("sinks") &&
         HasSecondHalf(test_case);
}

Outcome RunSavepointCase(const nlohmann::json& test_case, const std::string& file) {
  char directory[] = "/tmp/rhei-conformance-XXXXXX";
  if (mkdtemp(directory) == nullptr) {
    Outcome outcome;
    outcome.details["message"] = "no directory for the savepoint";
    return outcome;
  }
  nlohmann::json half = test_case;
  half[kSavepoint]["directory"] = directory;
  Outcome outcome = RunIsolated(&RunUntilSavepoint, half, file, kHalfSecondsMax);
  if (outcome.details.contains(kSavepoint)) {
    for (const auto& [key, value] : outcome.details[kSavepoint].items()) {
      half[kSavepoint][key] = nlohmann::json::parse(value.dump());
    }
    outcome = RunIsolated(&RunFromSavepoint, half, file, kHalfSecondsMax);
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  return outcome;
}

}  // namespace rhei
