#pragma once
// Settings: what SET, -D and configuration files say, by Flink's own keys (rhei.* where Flink has
// none). Any key is accepted, as in Flink; the table in settings.cc lists those that have an effect
// here, with type, default and one sentence, and feeds SET, the manual and the list of settings
// that are accepted but do nothing. Thread-safety: one session thread.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "engine/restart_strategy.h"
#include "planner/planner.h"
#include "runtime/operator.h"
#include "types/connector_description.h"

namespace rhei {

// The rows of the table: key, type, default, doc (types/connector_description.h).
std::span<const OptionDef> KnownSettings();

class Settings {
 public:
  // Refuses a value that does not fit a known key; unknown keys are kept.
  Status Set(std::string_view key, std::string_view value);
  void Reset(std::string_view key) { values_.erase(std::string(key)); }
  void ResetAll() { values_ = initial_; }
  // What ResetAll goes back to: the settings as they are now.
  void KeepAsInitial() { initial_ = values_; }

  // What was set, or the default ("" when there is none). Old names of a key are looked up too.
  std::string Get(std::string_view key) const;
  bool IsSet(std::string_view key) const { return values_.find(key) != values_.end(); }
  // REQUIRES: a known key of that type (Set has checked the value).
  bool GetBool(std::string_view key) const;
  int64_t GetInt(std::string_view key) const;
  int64_t GetDurationMillis(std::string_view key) const;
  int64_t GetBytes(std::string_view key) const;

  const Options& values() const { return values_; }
  // Keys that were set and have no effect in Rhei, in order.
  std::vector<std::string> WithoutEffect() const;

  bool flink_dialect() const { return Get("rhei.sql.dialect") == "flink-2.3"; }
  bool batch_mode() const;

  SessionSettings ForFunctions() const;
  PlannerSettings ForPlanner() const;
  JobSettings ForJob() const;
  // restart-strategy.*; without a type by whether there is a checkpoint interval.
  RestartOptions ForRestart() const;
  // Shards of a job: parallelism.default, else `cores` (1 in the flink-2.3 dialect).
  int Parallelism(int cores) const;

 private:
  bool BundlesByMiniBatch() const;

  Options values_;
  Options initial_;
};

// "Asia/Shanghai", "UTC", "default" (UTC), "GMT+8": checked by Set.
Status CheckTimeZone(std::string_view name);

}  // namespace rhei
