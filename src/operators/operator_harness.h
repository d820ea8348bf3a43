#pragma once
// For tests of operators: a script of rows, watermarks and marks goes in, the changelog comes out
// as text.
//
//   OperatorCase test{.spec = &spec, .inputs = {input}, .output = output};
//   test.script = {Row(0, "+I", {1, "a"}), Watermark(0, 5000), Row(1, "-D", {1, "a"}), End(0)};
//   EXPECT_EQ(RunOperator(test, {.batch_rows = 2}), "+I[1, a]\n...");
//
// CheckOperator runs a case under every regime: batches of 1, 2, 3 and all rows, output batches of
// 1 row and of many, and a snapshot and restore into a fresh operator between any two elements; it
// gives the changelog, or a text that begins with "REGIME" when two regimes differ. With several
// inputs watermarks are combined as a task does it.
#include <memory>
#include <string>
#include <vector>

#include "plan/physical/operator_spec.h"
#include "runtime/operator.h"

namespace rhei {

struct ScriptStep {
  enum class Kind : uint8_t { kRow, kWatermark, kBundleEnd, kEnd, kClock };
  Kind kind = Kind::kRow;
  int input = 0;
  ChangeKind change = ChangeKind::kInsert;
  std::vector<Value> row;
  int64_t time_ms = 0;  // kWatermark; kClock: the wall clock from now on
};

ScriptStep Row(std::string_view change, std::vector<Value> row, int input = 0);
ScriptStep Watermark(int64_t watermark_ms, int input = 0);
ScriptStep BundleEnd();
// The final watermark of the input, then its end.
ScriptStep End(int input = 0);
ScriptStep ClockAt(int64_t wall_ms);

// Shorthand for rows.
inline Value I(int64_t v) {
  return Value::Int(v);
}
inline Value T(std::string v) {
  return Value::Text(std::move(v));
}
inline Value Null() {
  return Value::Null();
}
// Milliseconds as a TIMESTAMP value.
inline Value Ms(int64_t v) {
  return Value::Int(v * 1000);
}
// A Schema from "name TYPE" pairs.
Schema SchemaOf(std::vector<std::pair<std::string, DataType>> columns);

struct OperatorCase {
  const OperatorSpec* spec = nullptr;
  std::vector<Schema> inputs;
  Schema output;
  Schema side_output;  // of kLatePort
  std::vector<ScriptStep> script;
  std::string time_zone = "UTC";
  bool batch_mode = false;
  bool print_watermarks = false;  // "WM 5000" lines in the changelog
  bool print_late = false;        // "LATE +I[..]" lines
};

struct OperatorRegime {
  int32_t batch_rows = kBatchRowsMax;   // of input batches
  int32_t output_rows = kBatchRowsMax;  // JobSettings::batch_rows_max
  int restore_every = 0;                // snapshot and restore after every so many elements
};

std::string RunOperator(const OperatorCase& test, const OperatorRegime& regime);
std::string CheckOperator(const OperatorCase& test);

}  // namespace rhei
