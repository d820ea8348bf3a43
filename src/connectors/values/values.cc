// 'values', 'script', 'oracle-values', 'oracle-sink': test tables over a RowStore. Rows keep their
// order, so a scan runs on one shard.
#include "connectors/values/values.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "columnar/batch_builder.h"
#include "connectors/values/oracle_rows.h"
#include "types/option_values.h"

namespace rhei {
namespace {

constexpr OptionDef kSourceOptions[] = {
    {.key = "connector", .required = true, .doc = "'values' or 'script'."},
    {.key = "changelog-mode", .default_value = "I", .doc = "Kinds the source sends: I,UB,UA,D."},
    {.key = "bounded", .type = OptionType::kBool, .default_value = "true", .doc = "Ends."},
    {.key = "sink-insert-only",
     .type = OptionType::kBool,
     .default_value = "true",
     .doc = "Accepted."},
    {.key = "sink-changelog-mode-enforced", .doc = "Kinds the sink takes: I,UB,UA,D."},
    {.key = "*", .doc = "Other options of Flink's test connector are accepted."},
};

constexpr OptionDef kOracleSourceOptions[] = {
    {.key = "connector", .required = true, .doc = "'oracle-values'."},
    {.key = "rows", .default_value = "", .doc = "Inline rows, one a line."},
    {.key = "changelog-mode", .default_value = "I", .doc = "Kinds the source sends: I,UB,UA,D."},
    {.key = "bounded", .type = OptionType::kBool, .default_value = "true", .doc = "Ends."},
    {.key = "delimiter", .default_value = "|", .doc = "Between cells."},
    {.key = "null-literal", .default_value = "NULL", .doc = "A cell that is NULL."},
    {.key = "start-delay",
     .type = OptionType::kDuration,
     .default_value = "0 ms",
     .doc = "Wait before the first row."},
    {.key = "row-delay",
     .type = OptionType::kDuration,
     .default_value = "0 ms",
     .doc = "Wait between rows."},
};

constexpr OptionDef kOracleSinkOptions[] = {
    {.key = "connector", .required = true, .doc = "'oracle-sink'."},
    {.key = "changelog-mode", .doc = "Kinds the sink takes: I,UB,UA,D."},
};

class ScriptRows final : public RowSource {
 public:
  ScriptRows(std::shared_ptr<RowStore> store, ScriptedSource source, const SourceRequest& request)
      : store_(std::move(store)),
        source_(std::move(source)),
        scan_(request.scan),
        clock_(request.env->clock),
        builder_(request.output) {
    if (source_.pause_after >= 0) store_->ReportPosition(this, false);
  }
  ~ScriptRows() override { store_->ForgetReader(this); }

  Result<PollResult> Next(int32_t rows_max, Batch* batch, int64_t* wake_micros) override {
    const auto end = static_cast<int64_t>(source_.elements.size());
    while (next_ < end && next_ != source_.pause_after && builder_.row_count() < rows_max) {
      if (!IsDue(source_.elements[static_cast<size_t>(next_)], wake_micros)) {
        if (builder_.empty()) return PollResult::kNothing;
        break;
      }
      Append(source_.elements[static_cast<size_t>(next_++)]);
      last_row_micros_ = clock_->WallMicros();
    }
    if (!builder_.empty()) {
      *batch = builder_.Finish();
      return PollResult::kChunk;
    }
    if (next_ == end && source_.bounded && source_.pause_after < 0) {
      if (!HasComeTo(source_.end_clock_micros, wake_micros)) return PollResult::kNothing;
      return PollResult::kEnd;
    }
    if (source_.pause_after >= 0) store_->ReportPosition(this, true);
    *wake_micros = INT64_MAX;
    return PollResult::kNothing;
  }
  std::string Snapshot() override { return std::to_string(next_); }
  Status Restore(std::string_view state) override {
    std::from_chars(state.data(), state.data() + state.size(), next_);
    return {};
  }

 private:
  bool HasComeTo(int64_t clock_micros, int64_t* wake_micros) const {
    if (clock_micros == 0) return true;
    *wake_micros = store_->start_micros + clock_micros;
    return clock_->WallMicros() >= *wake_micros;
  }
  bool IsDue(const ScriptElement& element, int64_t* wake_micros) {
    if (!HasComeTo(element.clock_micros, wake_micros)) return false;
    if (source_.start_delay_micros == 0 && source_.row_delay_micros == 0) return true;
    const int64_t now = clock_->WallMicros();
    if (first_call_micros_ < 0) first_call_micros_ = now;
    const int64_t due = last_row_micros_ < 0 ? first_call_micros_ + source_.start_delay_micros
                                             : last_row_micros_ + source_.row_delay_micros;
    *wake_micros = due;
    return now >= due;
  }
  void Append(const ScriptElement& element) {
    if (element.is_watermark) {
      builder_.AddWatermark(element.watermark_ms);
      return;
    }
    for (size_t i = 0; i < scan_.columns.size(); ++i) {
      builder_.column(i).AppendValue(
          element.values[static_cast<size_t>(scan_.columns[i].table_column)]);
    }
    builder_.FinishRow(element.kind);
  }

  std::shared_ptr<RowStore> store_;
  ScriptedSource source_;
  ScanSpec scan_;
  Clock* clock_;
  BatchBuilder builder_;
  int64_t next_ = 0;
  int64_t first_call_micros_ = -1;
  int64_t last_row_micros_ = -1;
};

class StoreWriter final : public SinkWriter {
 public:
  StoreWriter(std::shared_ptr<RowStore> store, const SinkRequest& request)
      : store_(std::move(store)), table_(request.table), schema_(request.schema) {}

  Result<WriteResult> Write(const Batch& batch, uint64_t) override {
    for (int32_t i = 0; i < batch.row_count; ++i) {
      ReceivedRow row;
      row.kind = batch.change(i);
      for (size_t c = 0; c < schema_.size(); ++c) {
        row.values.push_back(GetValue(batch.columns[c], i, schema_.type(c)));
      }
      rows_.push_back(std::move(row));
    }
    store_->CountWritten(table_, batch.row_count);
    return WriteResult::kWritten;
  }
  Result<std::unique_ptr<std::string>> Seal(uint64_t) override {
    return std::make_unique<std::string>(store_->Stage(table_, std::exchange(rows_, {})));
  }

 private:
  std::shared_ptr<RowStore> store_;
  std::string table_;
  Schema schema_;
  std::vector<ReceivedRow> rows_;  // of the epoch that is open
};

class StoreCommitter final : public SinkCommitter {
 public:
  explicit StoreCommitter(std::shared_ptr<RowStore> store) : store_(std::move(store)) {}

  Status Commit(uint64_t, const std::vector<std::string>& staged) override {
    for (const std::string& token : staged) store_->Commit(token);
    return {};
  }
  Result<CommitOutcome> Outcome(uint64_t, const std::vector<std::string>& staged) override {
    for (const std::string& token : staged) {
      if (store_->IsStaged(token)) return CommitOutcome::kAborted;
    }
    return CommitOutcome::kCommitted;
  }
  // What is not committed is never seen.
  Status Abort(uint64_t, const std::vector<std::string>&) override { return {}; }

 private:
  std::shared_ptr<RowStore> store_;
};

class TestConnector final : public ConnectorFactory {
 public:
  TestConnector(std::string name, std::span<const OptionDef> options,
                std::shared_ptr<RowStore> store)
      : name_(std::move(name)), options_(options), store_(std::move(store)) {}

  std::string_view name() const override { return name_; }
  std::span<const OptionDef> options() const override { return options_; }
  bool makes_rows() const override { return true; }

  Result<ConnectorDescription> Describe(const Options& given, const Schema&) const override {
    const std::span<const OptionDef> tables[] = {options_};
    RETURN_IF_ERROR(CheckOptions(name_, tables, given));
    ConnectorDescription description;
    description.connector = name_;
    description.can_scan = name_ != "oracle-sink";
    description.can_sink = name_ != "oracle-values";
    description.accepts = ChangelogMode::All();
    description.sink_upsert_with_key = true;
    if (description.can_scan) {
      const auto mode = given.find("changelog-mode");
      ASSIGN_OR_RETURN(description.produces,
                       ParseChangelogMode(mode == given.end() ? "I" : mode->second));
      const auto by_key = given.find("source.produces-delete-by-key");
      description.produces_deletes_by_key = by_key != given.end() && by_key->second == "true";
      const auto bounded = given.find("bounded");
      description.bounded = bounded == given.end() || bounded->second != "false";
      const auto push_down = given.find("enable-watermark-push-down");
      description.watermark_per_split = push_down != given.end() && push_down->second == "true";
    }
    const auto enforced =
        given.find(name_ == "oracle-sink" ? "changelog-mode" : "sink-changelog-mode-enforced");
    if (description.can_sink && enforced != given.end()) {
      ASSIGN_OR_RETURN(description.accepts, ParseChangelogMode(enforced->second));
      description.sink_upsert_with_key = description.accepts.upsert();
    }
    const auto by_key = given.find("sink.supports-delete-by-key");
    description.accepts_deletes_by_key = name_ == "oracle-sink"
                                             ? enforced == given.end()
                                             : by_key != given.end() && by_key->second == "true";
    return description;
  }

  Result<std::unique_ptr<RowSource>> MakeRowSource(const SourceRequest& request) const override {
    ScriptedSource source;
    if (name_ == "oracle-values") {
      ASSIGN_OR_RETURN(source, ParseOracleRows(request, kOracleSourceOptions));
    } else if (const auto found = store_->sources.find(request.table);
               found != store_->sources.end()) {
      source = found->second;
    }
    if (const auto rule = store_->shuffles.find(request.table); rule != store_->shuffles.end()) {
      ShuffleRows(rule->second, &source.elements);
    }
    return std::unique_ptr<RowSource>(
        std::make_unique<ScriptRows>(store_, std::move(source), request));
  }

  Result<std::unique_ptr<SinkWriter>> MakeWriter(const SinkRequest& request) const override {
    return std::unique_ptr<SinkWriter>(std::make_unique<StoreWriter>(store_, request));
  }
  Result<std::unique_ptr<SinkCommitter>> MakeCommitter(const SinkRequest&) const override {
    return std::unique_ptr<SinkCommitter>(std::make_unique<StoreCommitter>(store_));
  }
  std::unique_ptr<SinkCommitter> MakeOrphanCommitter(const Environment&) const override {
    return std::make_unique<StoreCommitter>(store_);
  }

 private:
  std::string name_;
  std::span<const OptionDef> options_;
  std::shared_ptr<RowStore> store_;
};

}  // namespace

Result<ChangelogMode> ParseChangelogMode(std::string_view text) {
  if (text == "all") return ChangelogMode::All();
  ChangelogMode mode;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view kind = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (kind == "UB") {
      mode.update_before = true;
    } else if (kind == "UA") {
      mode.update_after = true;
    } else if (kind == "D") {
      mode.deletes = true;
    } else if (kind != "I") {
      return InvalidArgument(
          fmt::format("changelog-mode: '{}' is not one of I, UB, UA, D, all", kind));
    }
  }
  return mode;
}

std::vector<std::unique_ptr<ConnectorFactory>> MakeTestConnectors(std::shared_ptr<RowStore> store) {
  std::vector<std::unique_ptr<ConnectorFactory>> factories;
  factories.push_back(std::make_unique<TestConnector>("values", kSourceOptions, store));
  factories.push_back(std::make_unique<TestConnector>("script", kSourceOptions, store));
  factories.push_back(
      std::make_unique<TestConnector>("oracle-values", kOracleSourceOptions, store));
  factories.push_back(std::make_unique<TestConnector>("oracle-sink", kOracleSinkOptions, store));
  return factories;
}

}  // namespace rhei
