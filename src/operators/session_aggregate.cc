// Session windows of WindowAggregate (open_sessions.h): a window gives its row when the watermark
// passes its end; when windows become one, their aggregates are merged. in = absorbed + late.
#include "base/check.h"
#include "columnar/hash.h"
#include "operators/aggregate_set.h"
#include "operators/batch_cursor.h"
#include "operators/keyed_batch.h"
#include "operators/open_sessions.h"
#include "operators/output_queue.h"
#include "operators/watermark_state.h"
#include "operators/window_output.h"
#include "operators/window_times.h"
#include "runtime/operator.h"
#include "state/state_store.h"

namespace rhei {
namespace {

class SessionAggregate final : public Operator {
 public:
  explicit SessionAggregate(const WindowAggregateSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    retracts_ = !spec_.input_changelog.insert_only();
    ASSIGN_OR_RETURN(times_, WindowTimes::Make(spec_.window));
    ASSIGN_OR_RETURN(aggregates_, AggregateSet::Make(spec_.aggregates, retracts_, context.pool));
    const std::vector<DataType> key_types = TypesOf(spec_.input, spec_.keys);
    RETURN_IF_ERROR(
        sessions_.Open(context.state, key_types, spec_.window.size_ms, &times_, context.pool));
    TableSpec table{"aggregates", key_types, {}, 0, false};
    table.key_types.push_back(DataType::BigInt(false));
    aggregates_->AddSlots(&table.slots);
    count_slot_ = table.slots.size();
    if (retracts_) table.slots.push_back(SlotSpec::Fixed(sizeof(int64_t)));
    ASSIGN_OR_RETURN(table_, context.state->OpenTable(table));
    RETURN_IF_ERROR(progress_.Open(context));
    in_ = context.counters->Get("in");
    absorbed_ = context.counters->Get("absorbed");
    late_ = context.counters->Get("late");
    context.counters->DeclareEquation({"in"}, {"absorbed", "late"});
    WakeForTimers();
    return {};
  }

  Result<bool> BeforeBarrier(uint64_t /*epoch*/) override {
    progress_.Save();
    return true;
  }

  Status Accept(int /*input*/, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    cursor_.Begin(std::move(element.batch));
    in_->Add(cursor_.batch.row_count);
    if (cursor_.batch.row_count > 0) BeginBatch();
    if (!spec_.window.event_time) BeginAdvance(ProgressAt(context_->env->clock->WallMicros()));
    return {};
  }

  Status OnWake(int64_t wall_micros) override {
    if (!spec_.window.event_time) BeginAdvance(ProgressAt(wall_micros));
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    while (out_.empty()) {
      if (advancing_) {
        FireSome();
      } else if (!cursor_.Done()) {
        RETURN_IF_ERROR(AbsorbSome());
      } else {
        cursor_.End();
        numbers_ = {};
        return PullResult::kNeedInput;
      }
    }
    return out_.Pull(out);
  }

 private:
  void BeginAdvance(int64_t target_ms) {
    target_ = target_ms;
    advancing_ = true;
  }

  void WakeForTimers() {
    if (spec_.window.event_time || sessions_.NextTime() == INT64_MAX) return;
    context_->wakeup->WakeAtMicros(WallMicrosOf(sessions_.NextTime()));
  }

  void BeginBatch() {
    keyed_.Begin(cursor_.batch, spec_.keys);
    numbers_ = {};
    numbers_.type = PhysicalType::kInt64;
    numbers_.row_count = cursor_.batch.row_count;
    numbers_.values = Buffer::Allocate(
        static_cast<size_t>(cursor_.batch.row_count) * sizeof(int64_t), context_->pool);
    hashes_.resize(keyed_.row_count());
    aggregates_->BeginBatch(cursor_.batch);
    additions_.clear();
    if (cursor_.batch.changes == nullptr) return;
    for (int32_t row = 0; row < cursor_.batch.row_count; ++row) {
      additions_.push_back(IsAddition(cursor_.batch.change(row)) ? 1 : 0);
    }
  }

  // --- Taking rows. ---

  // Takes rows up to a point at which timers are due, and that point.
  Status AbsorbSome() {
    if (cursor_.AtPoint()) {
      const int64_t watermark_ms = cursor_.TakePoint();
      if (!spec_.window.event_time) {
        out_.PushWatermark(watermark_ms);
      } else {
        BeginAdvance(watermark_ms);
      }
      return {};
    }
    // Where a session may end the rows so far must be in; the rest is judged after it.
    const int32_t end = cursor_.RunEnd();
    rows_.clear();
    for (int32_t row = cursor_.row; row < end; ++row) rows_.push_back(row);
    sessions_.Find(keyed_.keys(), keyed_.hashes(), rows_);
    late_rows_.clear();
    pending_.clear();
    for (size_t i = 0; i < rows_.size(); ++i) RETURN_IF_ERROR(TakeRow(i));
    AddPending();
    sessions_.EraseEmpty();
    PushLateRows();
    WakeForTimers();
    cursor_.row = end;
    return {};
  }

  Status TakeRow(size_t index) {
    const int32_t row = rows_[index];
    int64_t time_micros = spec_.window.event_time ? 0 : WallMicrosOf(progress_.value());
    if (spec_.window.event_time) {
      const Column& column = cursor_.batch.columns[static_cast<size_t>(spec_.window.time_column)];
      if (column.IsNull(row)) {
        return DataError(
            "RowTime field should not be null, please convert it to a non-null long value.");
      }
      time_micros = ColumnReader<int64_t>(column)[row];
    }
    sessions_.Take(index, times_.LocalMillis(time_micros), progress_.value(), &taken_);
    if (taken_.late) {
      late_rows_.push_back(row);
      return {};
    }
    if (!taken_.joined.empty()) MergeStates(row);
    SetNumber(row, taken_.number);
    pending_.push_back(row);
    absorbed_->Add(1);
    return {};
  }

  void SetNumber(int32_t row, int64_t number) {
    numbers_.values->as<int64_t>()[row] = number;
    hashes_[static_cast<size_t>(row)] = ExtendHash(keyed_.hashes()[row], number);
  }

  // The aggregates of session numbers_[row] of the key of each of `rows`.
  void FindStates(std::span<const int32_t> rows, std::vector<StateRow*>* out) {
    std::vector<const Column*> keys(keyed_.keys().begin(), keyed_.keys().end());
    keys.push_back(&numbers_);
    out->resize(rows.size());
    table_->FindOrInsert(keys, hashes_.data(), rows, out->data(), nullptr);
  }

  // Adds the rows taken so far to their sessions.
  void AddPending() {
    if (pending_.empty()) return;
    FindStates(pending_, &states_);
    const uint8_t* additions = additions_.empty() ? nullptr : additions_.data();
    aggregates_->Accumulate(*table_, states_, pending_, additions);
    for (size_t i = 0; retracts_ && i < states_.size(); ++i) {
      const bool adds = additions == nullptr || additions[pending_[i]] != 0;
      table_->Value<int64_t>(states_[i], count_slot_) += adds ? 1 : -1;
    }
    pending_.clear();
  }

  // The sessions that Take has joined become part of the row's.
  void MergeStates(int32_t row) {
    AddPending();
    const int32_t rows[] = {row};
    std::vector<StateRow*> into, from;
    for (const int64_t joined : taken_.joined) {
      SetNumber(row, taken_.number);
      FindStates(rows, &into);
      SetNumber(row, joined);
      FindStates(rows, &from);
      aggregates_->Merge(*table_, into, *table_, from);
      if (retracts_) {
        table_->Value<int64_t>(into[0], count_slot_) +=
            table_->Value<int64_t>(from[0], count_slot_);
      }
      table_->Erase(from[0]);
    }
  }

  void PushLateRows() {
    if (late_rows_.empty()) return;
    late_->Add(static_cast<int64_t>(late_rows_.size()));
    Batch late = GatherRows(cursor_.batch, late_rows_, context_->pool);
    late.points.clear();
    out_.Push(std::move(late), kLatePort);
  }

  // --- Firing. ---

  void FireSome() {
    fired_.clear();
    fired_states_.clear();
    const auto rows_max = static_cast<size_t>(context_->settings->batch_rows_max);
    OpenSessions::Fired fired;
    while (fired_.size() < rows_max && sessions_.Fire(target_, &fired)) FindFired(fired);
    if (!fired_states_.empty()) return EmitFired();
    advancing_ = false;
    if (target_ > progress_.value()) progress_.Set(target_);
    if (spec_.window.event_time) out_.PushWatermark(target_);
    WakeForTimers();
  }

  void FindFired(const OpenSessions::Fired& fired) {
    for (const Session& session : fired.sessions) {
      ColumnBuilder builder(DataType::BigInt(false), context_->pool);
      builder.Append(session.number);
      const Column number = builder.Finish();
      std::vector<const Column*> keys;
      for (const Column& column : fired.keys) keys.push_back(&column);
      keys.push_back(&number);
      const int32_t rows[] = {0};
      StateRow* state;
      const uint64_t hash = ExtendHash(fired.hash, session.number);
      table_->Find(keys, &hash, rows, &state);
      CHECK(state != nullptr);
      fired_.push_back(session);
      fired_states_.push_back(state);
    }
  }

  void EmitFired() {
    std::vector<Session> kept;
    states_.clear();
    for (size_t i = 0; i < fired_.size(); ++i) {
      if (retracts_ && table_->Value<int64_t>(fired_states_[i], count_slot_) == 0) continue;
      kept.push_back(fired_[i]);
      states_.push_back(fired_states_[i]);
    }
    Batch out;
    out.row_count = static_cast<int32_t>(states_.size());
    std::vector<ColumnBuilder> builders;
    for (const DataType& type : table_->spec().key_types)
      builders.emplace_back(type, context_->pool);
    std::vector<ColumnBuilder*> pointers;
    for (ColumnBuilder& builder : builders) pointers.push_back(&builder);
    for (const StateRow* state : states_) table_->AppendKey(state, pointers);
    for (size_t i = 0; i < spec_.keys.size(); ++i) out.columns.push_back(builders[i].Finish());
    std::vector<Column> results;
    aggregates_->Emit(*table_, states_, &results);
    for (Column& column : results) out.columns.push_back(std::move(column));
    for (const WindowProperty property : spec_.properties) {
      ColumnBuilder bound(DataType::Timestamp(3), context_->pool);
      for (const Session& session : kept) {
        int64_t millis = 0;
        switch (property) {
          case WindowProperty::kStart: millis = session.start; break;
          case WindowProperty::kEnd: millis = session.end; break;
          case WindowProperty::kTime: millis = times_.EpochMillis(session.end - 1); break;
        }
        bound.Append(millis * 1000);
      }
      out.columns.push_back(bound.Finish());
    }
    for (StateRow* state : fired_states_) table_->Erase(state);
    out_.Push(std::move(out));
  }

  WindowAggregateSpec spec_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  WindowTimes times_;
  std::unique_ptr<AggregateSet> aggregates_;
  OpenSessions sessions_;
  StateTable* table_ = nullptr;
  WatermarkState progress_;
  bool retracts_ = false;
  size_t count_slot_ = 0;
  Counter* in_ = nullptr;
  Counter* absorbed_ = nullptr;
  Counter* late_ = nullptr;

  BatchCursor cursor_;
  KeyedBatch keyed_;
  std::vector<uint8_t> additions_;
  std::vector<int32_t> rows_;
  OpenSessions::Taken taken_;
  Column numbers_;  // by row: its session; written in place for the rows that are looked up
  std::vector<uint64_t> hashes_;  // by row: of its key and its session
  std::vector<int32_t> pending_;
  std::vector<int32_t> late_rows_;
  std::vector<StateRow*> states_;

  bool advancing_ = false;
  int64_t target_ = kNoWatermark;
  std::vector<Session> fired_;
  std::vector<StateRow*> fired_states_;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeSessionAggregate(const WindowAggregateSpec& spec) {
  return std::unique_ptr<Operator>(std::make_unique<SessionAggregate>(spec));
}

}  // namespace rhei
