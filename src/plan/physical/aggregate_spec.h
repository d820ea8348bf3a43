#pragma once
// Specs of grouping operators. Aggregate arguments are input columns (a Calc below has computed
// them) or literals.
#include <string>
#include <vector>

#include "plan/expr.h"
#include "plan/physical/operator_spec.h"
#include "types/change_kind.h"

namespace rhei {

// Output: the key columns, then one column per aggregate. DISTINCT is a group aggregate without
// aggregates.
struct GroupAggregateSpec : OperatorSpec {
  GroupAggregateSpec() : OperatorSpec(OperatorKind::kGroupAggregate) {}
  Schema input;
  std::vector<int> keys;
  std::vector<BoundAggregate> aggregates;
  ChangelogMode input_changelog;
  bool generate_update_before = true;
  bool final_rows_only =
      false;             // batch mode: emit +I per group at the end; global on empty: one row
  bool bundled = false;  // mini-batch or trigger: emit net changes at bundle ends
  int64_t ttl_ms = 0;
};

enum class WindowKind : uint8_t { kTumble, kHop, kCumulate, kSession };

struct WindowSpec {
  WindowKind kind = WindowKind::kTumble;
  int64_t size_ms = 0;  // SESSION: the gap
  int64_t step_ms = 0;  // HOP: slide; CUMULATE: step
  int64_t offset_ms = 0;
  int time_column = -1;  // the time attribute
  bool event_time = true;
  // Non-empty: the attribute is a TIMESTAMP_LTZ and windows align to this zone's wall clock.
  std::string time_zone;
  std::vector<int> session_partition;  // SESSION's PARTITION BY
};

// Aggregation over a window. The window is assigned from `window` (window_start_column < 0), or the
// input already carries window_start and window_end columns of an upstream window.
// Output: keys, aggregates, then the requested window properties.
enum class WindowProperty : uint8_t { kStart, kEnd, kTime };
struct WindowAggregateSpec : OperatorSpec {
  WindowAggregateSpec() : OperatorSpec(OperatorKind::kWindowAggregate) {}
  Schema input;
  WindowSpec window;
  int window_start_column = -1;
  int window_end_column = -1;
  std::vector<int> keys;  // without the window columns
  std::vector<BoundAggregate> aggregates;
  ChangelogMode input_changelog;
  std::vector<WindowProperty> properties;
};

// A window TVF that is not aggregated: the input columns, window_start, window_end, window_time; a
// row per window it belongs to. SESSION holds rows back until their window is closed.
struct WindowTableFunctionSpec : OperatorSpec {
  WindowTableFunctionSpec() : OperatorSpec(OperatorKind::kWindowTableFunction) {}
  Schema input;
  WindowSpec window;
};

}  // namespace rhei
