#include "operators/operator_harness.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "columnar/batch_builder.h"
#include "columnar/hash.h"
#include "operators/builtin.h"

namespace rhei {

ScriptStep Row(std::string_view change, std::vector<Value> row, int input) {
  ScriptStep step;
  step.input = input;
  step.row = std::move(row);
  bool known = false;
  for (const ChangeKind kind : {ChangeKind::kInsert, ChangeKind::kUpdateBefore,
                                ChangeKind::kUpdateAfter, ChangeKind::kDelete}) {
    if (ChangeKindSymbol(kind) != change) continue;
    step.change = kind;
    known = true;
  }
  CHECK(known);
  return step;
}

ScriptStep Watermark(int64_t watermark_ms, int input) {
  ScriptStep step;
  step.kind = ScriptStep::Kind::kWatermark;
  step.input = input;
  step.time_ms = watermark_ms;
  return step;
}

ScriptStep BundleEnd() {
  ScriptStep step;
  step.kind = ScriptStep::Kind::kBundleEnd;
  return step;
}

ScriptStep End(int input) {
  ScriptStep step;
  step.kind = ScriptStep::Kind::kEnd;
  step.input = input;
  return step;
}

ScriptStep ClockAt(int64_t wall_ms) {
  ScriptStep step;
  step.kind = ScriptStep::Kind::kClock;
  step.time_ms = wall_ms;
  return step;
}

Schema SchemaOf(std::vector<std::pair<std::string, DataType>> columns) {
  Schema schema;
  for (auto& [name, type] : columns) schema.fields.push_back({name, type, ""});
  return schema;
}

namespace {

class ScriptClock final : public Clock {
 public:
  int64_t WallMicros() override { return wall_micros; }
  int64_t MonotonicNanos() override { return wall_micros * 1000; }
  void SleepMicros(int64_t micros) override { wall_micros += micros; }
  int64_t wall_micros = 0;
};

class ScriptWakeups final : public WakeupService {
 public:
  void WakeAtMicros(int64_t wall_micros) override { times.push_back(wall_micros); }
  void WakeNow() override {}
  std::vector<int64_t> times;
};

// One operator under one regime.
class Runner {
 public:
  Runner(const OperatorCase& test, const OperatorRegime& regime)
      : test_(test), regime_(regime), pool_("test", MemoryPool::kUnlimited) {
    settings_.time_zone = test.time_zone;
    settings_.batch_mode = test.batch_mode;
    settings_.batch_rows_max = regime.output_rows;
    environment_.clock = &clock_;
    for (const Schema& schema : test.inputs) {
      builders_.push_back(std::make_unique<BatchBuilder>(schema, &pool_));
    }
    watermarks_.assign(test.inputs.size(), kNoWatermark);
    ended_.assign(test.inputs.size(), false);
  }

  std::string Run() {
    Start(nullptr);
    for (const ScriptStep& step : test_.script) {
      if (!failed_.empty()) break;
      Apply(step);
    }
    for (size_t i = 0; i < builders_.size(); ++i) Flush(static_cast<int>(i));
    FalsifyCounters();
    operator_.reset();
    store_.reset();
    builders_.clear();
    FinishWatermark();
    if (!failed_.empty()) return lines_ + failed_;
    if (pool_.used_bytes() != 0) return lines_ + "REGIME memory is not given back\n";
    return lines_;
  }

 private:
  void Start(std::shared_ptr<const FrozenState> frozen) {
    store_ = std::make_unique<StateStore>("op", KeyGroupRange{0, kKeyGroupCount}, &pool_);
    counters_ = std::make_unique<Counters>();
    if (frozen != nullptr) Expect(store_->Restore({frozen}));
    Result<std::unique_ptr<Operator>> made = MakeOperator(*test_.spec);
    if (!made.ok()) return Expect(made.status());
    operator_ = std::move(made).value();
    context_ = {};
    context_.operator_id = "op";
    context_.operator_name = "op";
    context_.input_count = static_cast<int>(test_.inputs.size());
    context_.env = &environment_;
    context_.settings = &settings_;
    context_.state = store_.get();
    context_.pool = &pool_;
    context_.counters = counters_.get();
    context_.wakeup = &wakeups_;
    context_.restored = frozen != nullptr;
    context_.restored_epoch = epoch_;
    Expect(operator_->Open(context_));
  }

  void Expect(const Status& status) {
    if (!status.ok() && failed_.empty()) failed_ = "ERROR " + status.message() + "\n";
  }

  void Apply(const ScriptStep& step) {
    const auto input = static_cast<size_t>(step.input);
    switch (step.kind) {
      case ScriptStep::Kind::kRow:
        Switch(step.input);
        builders_[input]->AppendRow(step.row, step.change);
        if (builders_[input]->row_count() >= regime_.batch_rows) Flush(step.input);
        return;
      case ScriptStep::Kind::kWatermark:
        Switch(step.input);
        Advance(step.input, step.time_ms);
        if (regime_.batch_rows == 1) Flush(step.input);
        return;
      case ScriptStep::Kind::kBundleEnd:
        Switch(-1);
        Feed(0, {ElementKind::kBundleEnd, {}});
        return;
      case ScriptStep::Kind::kEnd:
        Switch(step.input);
        Advance(step.input, kFinalWatermark);
        Flush(step.input);
        ended_[input] = true;
        Feed(step.input, {ElementKind::kEnd, {}});
        return;
      case ScriptStep::Kind::kClock:
        Switch(-1);
        SetClock(step.time_ms);
        return;
    }
  }

  // One row too many on any counter of the equation must be found.
  void FalsifyCounters() {
    int caught = 0;
    for (const Counters::Reading& reading : counters_->Read()) {
      Counter* counter = counters_->Get(reading.name);
      counter->Add(1);
      const bool found = !counters_->Check("op").ok();
      counter->Add(-1);
      if (found) ++caught;
      // Pairs of row and window are counted beside the equation.
      if (!found && reading.name != "late_pairs") {
        failed_ += "REGIME nobody checks the counter " + reading.name + "\n";
      }
    }
    if (caught < 2) failed_ += "REGIME the operator has no equation\n";
  }

  void SetClock(int64_t wall_ms) {
    clock_.wall_micros = wall_ms * 1000;
    bool due = false;
    std::erase_if(wakeups_.times, [&](int64_t time) {
      due = due || time <= clock_.wall_micros;
      return time <= clock_.wall_micros;
    });
    if (!due) return;
    Expect(operator_->OnWake(clock_.wall_micros));
    Drain();
  }

  // Elements of different inputs do not mix: what the other inputs have gathered goes first.
  void Switch(int input) {
    for (size_t i = 0; i < builders_.size(); ++i) {
      if (static_cast<int>(i) != input) Flush(static_cast<int>(i));
    }
  }

  void Advance(int input, int64_t watermark_ms) {
    int64_t& mine = watermarks_[static_cast<size_t>(input)];
    mine = std::max(mine, watermark_ms);
    const int64_t combined = *std::min_element(watermarks_.begin(), watermarks_.end());
    if (combined <= combined_) return;
    combined_ = combined;
    builders_[static_cast<size_t>(input)]->AddWatermark(combined);
  }

  void Flush(int input) {
    BatchBuilder& builder = *builders_[static_cast<size_t>(input)];
    if (builder.empty() || !failed_.empty()) return;
    Feed(input, {ElementKind::kBatch, builder.Finish()});
  }

  void Feed(int input, Element element) {
    if (!failed_.empty()) return;
    Expect(operator_->Accept(input, std::move(element)));
    Drain();
    if (!failed_.empty()) return;
    Expect(counters_->Check("op"));
    if (regime_.restore_every == 0 || ++elements_ % regime_.restore_every != 0) return;
    ++epoch_;
    Expect(operator_->BeforeBarrier(epoch_).status());
    Result<std::shared_ptr<const FrozenState>> frozen = store_->Freeze(epoch_);
    if (!frozen.ok()) return Expect(frozen.status());
    operator_.reset();
    store_.reset();
    Start(frozen.value());
    Drain();
  }

  void Drain() {
    while (failed_.empty()) {
      PulledBatch pulled;
      Result<PullResult> result = operator_->Pull(&pulled);
      if (!result.ok()) return Expect(result.status());
      if (result.value() == PullResult::kBatch) Print(pulled);
      if (result.value() != PullResult::kBatch) return;
    }
  }

  void Print(const PulledBatch& pulled) {
    const Batch& batch = pulled.batch;
    if (batch.row_count > regime_.output_rows) failed_ += "REGIME a batch is too long\n";
    const bool late = pulled.port == kLatePort;
    if (late && !test_.print_late) return;
    const Schema& schema = late ? test_.side_output : test_.output;
    if (batch.columns.size() != schema.size() && batch.row_count > 0) {
      failed_ += "REGIME a batch has " + std::to_string(batch.columns.size()) + " columns\n";
      return;
    }
    size_t point = 0;
    for (int32_t row = 0; row <= batch.row_count; ++row) {
      for (; point < batch.points.size() && batch.points[point].row == row; ++point) {
        watermark_ = batch.points[point].watermark_ms;
        has_watermark_ = true;
      }
      if (row == batch.row_count) break;
      FinishWatermark();
      lines_ += (late ? "LATE " : "") + DebugRow(batch, row, schema) + "\n";
    }
    if (point != batch.points.size()) failed_ += "REGIME a point lies outside of its batch\n";
  }

  // Of several watermarks between two rows the last one counts.
  void FinishWatermark() {
    if (!has_watermark_) return;
    has_watermark_ = false;
    if (!test_.print_watermarks) return;
    lines_ += "WM " + (watermark_ == kFinalWatermark ? "final" : std::to_string(watermark_)) + "\n";
  }

  const OperatorCase& test_;
  OperatorRegime regime_;
  MemoryPool pool_;
  JobSettings settings_;
  ScriptClock clock_;
  ScriptWakeups wakeups_;
  Environment environment_;
  OperatorContext context_;
  std::unique_ptr<Counters> counters_;
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<Operator> operator_;
  std::vector<std::unique_ptr<BatchBuilder>> builders_;
  std::vector<int64_t> watermarks_;
  std::vector<bool> ended_;
  int64_t combined_ = kNoWatermark;
  int elements_ = 0;
  uint64_t epoch_ = 0;
  std::string lines_;
  std::string failed_;
  int64_t watermark_ = kNoWatermark;
  bool has_watermark_ = false;
};

}  // namespace

std::string RunOperator(const OperatorCase& test, const OperatorRegime& regime) {
  return Runner(test, regime).Run();
}

std::string CheckOperator(const OperatorCase& test) {
  const std::string expected = RunOperator(test, {});
  for (const int32_t batch_rows : {1, 2, 3, kBatchRowsMax}) {
    for (const int32_t output_rows : {1, 3, kBatchRowsMax}) {
      for (const int restore_every : {0, 1, 2, 3}) {
        // Batch jobs take no snapshots, and an operator counts the ends of its inputs.
        if (restore_every > 0 && test.batch_mode && test.inputs.size() > 1) continue;
        const std::string found = RunOperator(test, {batch_rows, output_rows, restore_every});
        if (found == expected) continue;
        return "REGIME batches of " + std::to_string(batch_rows) + ", output of " +
               std::to_string(output_rows) + ", restore every " + std::to_string(restore_every) +
               " gives\n" + found + "instead of\n" + expected;
      }
    }
  }
  return expected;
}

}  // namespace rhei
