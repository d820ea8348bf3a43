#include "engine/settings.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/time_zone.h"
#include "types/number_text.h"
#include "types/option_values.h"

namespace rhei {
namespace {

using T = OptionType;

constexpr OptionDef kSettings[] = {
    {.key = "execution.runtime-mode",
     .type = T::kEnum,
     .default_value = "STREAMING",
     .choices = "STREAMING|BATCH|AUTOMATIC",
     .doc = "STREAMING keeps results up to date; BATCH reads bounded input and gives final rows."},
    {.key = "execution.checkpointing.interval",
     .type = T::kDuration,
     .doc = "Time between checkpoints, from which the job goes on when it is run again. Without it "
            "nothing is kept, and every 5 s sinks flush and files become visible."},
    {.key = "execution.checkpointing.mode",
     .type = T::kEnum,
     .default_value = "EXACTLY_ONCE",
     .choices = "EXACTLY_ONCE|AT_LEAST_ONCE",
     .doc = "Both are exactly once here."},
    {.key = "execution.checkpointing.timeout",
     .type = T::kDuration,
     .default_value = "10 min",
     .doc = "A checkpoint that takes longer has failed."},
    {.key = "execution.checkpointing.min-pause",
     .type = T::kDuration,
     .default_value = "0 ms",
     .doc = "Least time between the end of a checkpoint and the next."},
    {.key = "execution.checkpointing.tolerable-failed-checkpoints",
     .type = T::kInt,
     .default_value = "0",
     .doc = "Failed checkpoints in a row that do not fail the job."},
    {.key = "execution.checkpointing.dir",
     .doc = "Directory of checkpoints, absolute; $XDG_STATE_HOME/rhei/jobs by default."},
    {.key = "execution.checkpointing.num-retained",
     .type = T::kInt,
     .default_value = "3",
     .doc = "Checkpoints that are kept."},
    {.key = "execution.checkpointing.savepoint-dir",
     .doc = "Directory in which savepoints are made."},
    {.key = "execution.state-recovery.path",
     .doc = "Savepoint from which the jobs that follow start."},
    {.key = "execution.state-recovery.ignore-unclaimed-state",
     .type = T::kBool,
     .default_value = "false",
     .doc = "State that fits no operator is dropped, instead of stopping the job at its start."},
    {.key = "restart-strategy.type",
     .type = T::kEnum,
     .choices = "none|off|disable|fixed-delay|fixeddelay|failure-rate|failurerate|"
                "exponential-delay|exponentialdelay",
     .doc = "What follows a failure; exponential-delay with a checkpoint interval, none without."},
    {.key = "restart-strategy.fixed-delay.attempts",
     .type = T::kInt,
     .default_value = "1",
     .doc = "Restarts of a job at most."},
    {.key = "restart-strategy.fixed-delay.delay",
     .type = T::kDuration,
     .default_value = "1 s",
     .doc = "Time between a failure and the restart."},
    {.key = "restart-strategy.failure-rate.max-failures-per-interval",
     .type = T::kInt,
     .default_value = "1",
     .doc = "More failures than these within the interval end the job."},
    {.key = "restart-strategy.failure-rate.failure-rate-interval",
     .type = T::kDuration,
     .default_value = "1 min",
     .doc = "The interval in which failures are counted."},
    {.key = "restart-strategy.failure-rate.delay",
     .type = T::kDuration,
     .default_value = "1 s",
     .doc = "Time between a failure and the restart."},
    {.key = "restart-strategy.exponential-delay.initial-backoff",
     .type = T::kDuration,
     .default_value = "1 s",
     .doc = "Time between the first failure and its restart."},
    {.key = "restart-strategy.exponential-delay.max-backoff",
     .type = T::kDuration,
     .default_value = "1 min",
     .doc = "The longest time between a failure and its restart."},
    {.key = "restart-strategy.exponential-delay.backoff-multiplier",
     .default_value = "1.5",
     .doc = "By what each delay is longer than the last."},
    {.key = "restart-strategy.exponential-delay.reset-backoff-threshold",
     .type = T::kDuration,
     .default_value = "1 h",
     .doc = "Running so long without a failure begins with the first delay again."},
    {.key = "restart-strategy.exponential-delay.jitter-factor",
     .default_value = "0.1",
     .doc = "Part of a delay that is left to chance."},
    {.key = "restart-strategy.exponential-delay.attempts-before-reset-backoff",
     .type = T::kInt,
     .doc = "Restarts in a row at most; no bound by default."},
    {.key = "parallelism.default",
     .type = T::kInt,
     .doc = "Shards of a job; the machine's cores by default, 1 in the flink-2.3 dialect."},
    {.key = "table.exec.resource.default-parallelism",
     .type = T::kInt,
     .doc = "As parallelism.default, and wins over it."},
    {.key = "pipeline.name", .doc = "Name of the jobs that follow."},
    {.key = "pipeline.auto-watermark-interval",
     .type = T::kDuration,
     .default_value = "200 ms",
     .doc = "Least time between watermarks of a source; 0 sends one after every row."},
    {.key = "table.local-time-zone",
     .default_value = "default",
     .doc = "Session time zone; 'default' is UTC."},
    {.key = "table.dml-sync",
     .type = T::kBool,
     .default_value = "false",
     .doc = "INSERT waits for its job; several run one after another."},
    {.key = "table.exec.state.ttl",
     .type = T::kDuration,
     .default_value = "0 ms",
     .doc = "How long state that is not written to is kept; 0 keeps it."},
    {.key = "table.exec.mini-batch.enabled",
     .type = T::kBool,
     .default_value = "false",
     .doc = "Aggregates emit net changes per bundle."},
    {.key = "table.exec.mini-batch.allow-latency",
     .type = T::kDuration,
     .default_value = "0 ms",
     .doc = "Time between bundle ends."},
    {.key = "table.exec.mini-batch.size",
     .type = T::kInt,
     .default_value = "-1",
     .doc = "Rows of a bundle at most."},
    {.key = "rhei.trigger.interval",
     .type = T::kDuration,
     .default_value = "0 ms",
     .doc = "Micro-batch mode: results are brought up to date once per interval."},
    {.key = "table.exec.source.idle-timeout",
     .type = T::kDuration,
     .default_value = "0 ms",
     .doc = "A source without rows for so long no longer holds the watermark back."},
    {.key = "table.exec.source.cdc-events-duplicate",
     .type = T::kBool,
     .default_value = "false",
     .doc = "Change sources may repeat events; they are normalised by primary key."},
    {.key = "table.exec.sink.not-null-enforcer",
     .type = T::kEnum,
     .default_value = "ERROR",
     .choices = "ERROR|DROP",
     .doc = "What NULL in a NOT NULL column of a sink does."},
    {.key = "table.exec.sink.type-length-enforcer",
     .type = T::kEnum,
     .default_value = "IGNORE",
     .choices = "IGNORE|TRIM_PAD|ERROR",
     .doc = "What a value of the wrong length does in a sink."},
    {.key = "table.exec.sink.nested-constraint-enforcer",
     .type = T::kEnum,
     .default_value = "IGNORE",
     .choices = "IGNORE|ROWS|ROWS_AND_COLLECTIONS",
     .doc = "Whether the enforcers look into nested values (only IGNORE so far)."},
    {.key = "__table.exec.sort.non-temporal.enabled__",
     .type = T::kBool,
     .default_value = "false",
     .doc = "Streaming mode sorts by any column, when its bounded input has ended."},
    {.key = "table.exec.sink.upsert-materialize",
     .type = T::kEnum,
     .default_value = "AUTO",
     .choices = "NONE|AUTO|FORCE",
     .doc = "Keeps rows by primary key before an upsert sink whose key differs from the query's."},
    {.key = "table.exec.sink.require-on-conflict",
     .type = T::kBool,
     .doc = "INSERT needs ON CONFLICT when the query's key is not the sink's (true in flink-2.3)."},
    {.key = "table.exec.legacy-cast-behaviour",
     .type = T::kEnum,
     .default_value = "DISABLED",
     .choices = "ENABLED|DISABLED",
     .doc = "Casts as before Flink 1.15: failures give NULL."},
    {.key = "scan.watermark.emit.strategy",
     .type = T::kEnum,
     .default_value = "on-periodic",
     .choices = "on-periodic|on-event",
     .doc = "on-event sends a watermark after every row."},
    {.key = "rhei.sql.dialect",
     .type = T::kEnum,
     .default_value = "rhei",
     .choices = "rhei|flink-2.3",
     .doc = "flink-2.3 refuses Rhei's extensions and takes its defaults."},
    {.key = "rhei.memory",
     .type = T::kBytes,
     .doc = "Memory of the process, with -D only; a job over it stops."},
    {.key = "sql-client.execution.result-mode",
     .default_value = "TABLE",
     .doc = "Shell: TABLE, CHANGELOG or TABLEAU."},
    {.key = "sql-client.execution.max-table-result.rows",
     .type = T::kInt,
     .default_value = "1000000",
     .doc = "Shell: rows of a result that are kept."},
    {.key = "table.display.max-column-width",
     .type = T::kInt,
     .default_value = "30",
     .doc = "Shell: widest column of a streaming result."},
};

// Old names that Flink still reads.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"table.planner.mini-batch.enabled", "table.exec.mini-batch.enabled"},
    {"state.checkpoints.dir", "execution.checkpointing.dir"},
    {"state.savepoints.dir", "execution.checkpointing.savepoint-dir"},
    {"state.checkpoints.num-retained", "execution.checkpointing.num-retained"},
    {"execution.savepoint.path", "execution.state-recovery.path"},
    {"execution.savepoint.ignore-unclaimed-state",
     "execution.state-recovery.ignore-unclaimed-state"},
    {"restart-strategy", "restart-strategy.type"},
    {"sql-client.verbose", "sql-client.verbose"},
};

const OptionDef* FindSetting(std::string_view key) {
  for (const OptionDef& def : kSettings) {
    if (def.key == key) return &def;
  }
  return nullptr;
}

std::string UpperCase(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace

std::span<const OptionDef> KnownSettings() {
  return kSettings;
}

Status CheckTimeZone(std::string_view name) {
  if (name == "default") return {};
  return TimeZone::Find(name).status();
}

Status Settings::Set(std::string_view key, std::string_view value) {
  for (const auto& [old_key, new_key] : kAliases) {
    if (key == old_key) key = new_key;
  }
  if (key == "table.local-time-zone") {
    if (const Status status = CheckTimeZone(value); !status.ok()) {
      return status.WithContext("Invalid value for option 'table.local-time-zone'");
    }
  }
  for (std::string_view number : {"restart-strategy.exponential-delay.backoff-multiplier",
                                  "restart-strategy.exponential-delay.jitter-factor"}) {
    double parsed = 0;
    if (key == number && (ParseDouble(value, &parsed) != NumberParse::kOk || !(parsed >= 0))) {
      return InvalidArgument(
          fmt::format("Invalid value for option '{}': '{}' is not a number "
                      "from 0 on",
                      key, value));
    }
  }
  if (const OptionDef* def = FindSetting(key); def != nullptr) {
    const OptionDef table[] = {*def};
    const std::span<const OptionDef> tables[] = {table};
    RETURN_IF_ERROR(CheckOptions("SET", tables, {{std::string(key), std::string(value)}}));
  }
  values_[std::string(key)] = value;
  return {};
}

std::string Settings::Get(std::string_view key) const {
  if (const auto found = values_.find(key); found != values_.end()) return found->second;
  const OptionDef* def = FindSetting(key);
  return def == nullptr ? "" : std::string(def->default_value);
}

bool Settings::GetBool(std::string_view key) const {
  return UpperCase(Get(key)) == "TRUE";
}

int64_t Settings::GetInt(std::string_view key) const {
  Result<int64_t> value = ParseIntOption(Get(key));
  CHECK(value.ok());
  return *value;
}

int64_t Settings::GetDurationMillis(std::string_view key) const {
  Result<int64_t> value = ParseDurationMillis(Get(key));
  CHECK(value.ok());
  return *value;
}

int64_t Settings::GetBytes(std::string_view key) const {
  Result<int64_t> value = ParseByteSize(Get(key));
  CHECK(value.ok());
  return *value;
}

std::vector<std::string> Settings::WithoutEffect() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : values_) {
    if (FindSetting(key) == nullptr) keys.push_back(key);
  }
  return keys;
}

bool Settings::batch_mode() const {
  return UpperCase(Get("execution.runtime-mode")) == "BATCH";
}

SessionSettings Settings::ForFunctions() const {
  SessionSettings settings;
  const std::string zone = Get("table.local-time-zone");
  settings.time_zone = zone == "default" ? "UTC" : zone;
  settings.batch_mode = batch_mode();
  settings.legacy_cast = UpperCase(Get("table.exec.legacy-cast-behaviour")) == "ENABLED";
  return settings;
}

bool Settings::BundlesByMiniBatch() const {
  return GetBool("table.exec.mini-batch.enabled");
}

PlannerSettings Settings::ForPlanner() const {
  PlannerSettings settings;
  settings.session = ForFunctions();
  settings.batch_mode = batch_mode();
  settings.state_ttl_ms = GetDurationMillis("table.exec.state.ttl");
  settings.mini_batch = BundlesByMiniBatch() || GetDurationMillis("rhei.trigger.interval") > 0;
  if (BundlesByMiniBatch() && GetDurationMillis("table.exec.mini-batch.allow-latency") <= 0) {
    settings.mini_batch_fault =
        "MiniBatch Latency must be greater than 0 ms: SET 'table.exec.mini-batch.allow-latency'";
  } else if (BundlesByMiniBatch() && GetInt("table.exec.mini-batch.size") <= 0) {
    settings.mini_batch_fault = "'table.exec.mini-batch.size' must be > 0";
  }
  settings.not_null = UpperCase(Get("table.exec.sink.not-null-enforcer")) == "DROP"
                          ? NotNullEnforcer::kDrop
                          : NotNullEnforcer::kError;
  const std::string length = UpperCase(Get("table.exec.sink.type-length-enforcer"));
  settings.length = length == "TRIM_PAD" ? LengthEnforcer::kTrimPad
                    : length == "ERROR"  ? LengthEnforcer::kError
                                         : LengthEnforcer::kIgnore;
  settings.nested_enforcers =
      UpperCase(Get("table.exec.sink.nested-constraint-enforcer")) != "IGNORE";
  settings.non_temporal_sort = GetBool("__table.exec.sort.non-temporal.enabled__");
  const std::string materialize = UpperCase(Get("table.exec.sink.upsert-materialize"));
  settings.upsert_materialize = materialize == "NONE"    ? UpsertMaterialize::kNone
                                : materialize == "FORCE" ? UpsertMaterialize::kForce
                                                         : UpsertMaterialize::kAuto;
  settings.require_on_conflict = IsSet("table.exec.sink.require-on-conflict")
                                     ? GetBool("table.exec.sink.require-on-conflict")
                                     : flink_dialect();
  settings.cdc_events_duplicate = GetBool("table.exec.source.cdc-events-duplicate");
  settings.source_idle_timeout_ms = GetDurationMillis("table.exec.source.idle-timeout");
  settings.watermark_on_event = Get("scan.watermark.emit.strategy") == "on-event";
  return settings;
}

JobSettings Settings::ForJob() const {
  JobSettings settings;
  settings.time_zone = ForFunctions().time_zone;
  settings.batch_mode = batch_mode();
  settings.state_ttl_ms = GetDurationMillis("table.exec.state.ttl");
  settings.auto_watermark_interval_ms = GetDurationMillis("pipeline.auto-watermark-interval");
  settings.source_idle_timeout_ms = GetDurationMillis("table.exec.source.idle-timeout");
  // As in ForPlanner, which refuses aggregates whose bundles would never end.
  if (settings.batch_mode) return settings;
  if (BundlesByMiniBatch()) {
    settings.bundle_interval_ms = GetDurationMillis("table.exec.mini-batch.allow-latency");
    settings.bundle_rows_max = std::max<int64_t>(GetInt("table.exec.mini-batch.size"), 0);
  } else {
    settings.bundle_interval_ms = GetDurationMillis("rhei.trigger.interval");
  }
  return settings;
}

RestartOptions Settings::ForRestart() const {
  using Kind = RestartOptions::Kind;
  RestartOptions restart;
  const std::string type = UpperCase(Get("restart-strategy.type"));
  if (type.empty()) {
    restart.kind =
        IsSet("execution.checkpointing.interval") ? Kind::kExponentialDelay : Kind::kNone;
  } else if (type.starts_with("FIXED")) {
    restart.kind = Kind::kFixedDelay;
  } else if (type.starts_with("FAILURE")) {
    restart.kind = Kind::kFailureRate;
  } else if (type.starts_with("EXPONENTIAL")) {
    restart.kind = Kind::kExponentialDelay;
  }
  const auto number = [this](std::string_view key) {
    double value = 0;
    CHECK(ParseDouble(Get(key), &value) == NumberParse::kOk);
    return value;
  };
  restart.delay_ms =
      GetDurationMillis(restart.kind == Kind::kFailureRate ? "restart-strategy.failure-rate.delay"
                                                           : "restart-strategy.fixed-delay.delay");
  restart.attempts = GetInt("restart-strategy.fixed-delay.attempts");
  restart.failures_max = GetInt("restart-strategy.failure-rate.max-failures-per-interval");
  restart.failure_interval_ms =
      GetDurationMillis("restart-strategy.failure-rate.failure-rate-interval");
  restart.backoff_initial_ms =
      GetDurationMillis("restart-strategy.exponential-delay.initial-backoff");
  restart.backoff_max_ms = GetDurationMillis("restart-strategy.exponential-delay.max-backoff");
  restart.backoff_multiplier = number("restart-strategy.exponential-delay.backoff-multiplier");
  restart.backoff_reset_ms =
      GetDurationMillis("restart-strategy.exponential-delay.reset-backoff-threshold");
  restart.jitter = number("restart-strategy.exponential-delay.jitter-factor");
  constexpr std::string_view kAttempts =
      "restart-strategy.exponential-delay.attempts-before-reset-backoff";
  if (IsSet(kAttempts)) restart.backoff_attempts_max = GetInt(kAttempts);
  return restart;
}

int Settings::Parallelism(int cores) const {
  for (std::string_view key : {"table.exec.resource.default-parallelism", "parallelism.default"}) {
    if (IsSet(key) && GetInt(key) > 0) {
      return static_cast<int>(std::min<int64_t>(GetInt(key), 128));
    }
  }
  return flink_dialect() ? 1 : cores;
}

}  // namespace rhei
