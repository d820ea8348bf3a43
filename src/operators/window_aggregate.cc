// WindowAggregate: aggregates per key and window of TUMBLE, HOP and CUMULATE, or of windows that
// the input carries. Every window gives its rows once, when the watermark passes its end.
//
// A row is added to one slice (window_times.h), one state table per slice; a window merges its
// slices when it fires, and a slice is dropped as a whole after its last window. CUMULATE keeps a
// running table per longest window instead. A row is late, and goes to the side output, when all
// windows of its slice have fired; a HOP row that is late for some windows still counts in the
// others. in = absorbed + late + outside (between the windows of a HOP with gaps); late_pairs
// counts (row, window) pairs that were missed.
//
// SESSION windows are in session_aggregate.cc.
#include <algorithm>

#include "columnar/hash.h"
#include "operators/aggregate_set.h"
#include "operators/batch_cursor.h"
#include "operators/output_queue.h"
#include "operators/watermark_state.h"
#include "operators/window_output.h"
#include "operators/window_times.h"
#include "runtime/operator.h"
#include "state/slice_tables.h"

namespace rhei {

Result<std::unique_ptr<Operator>> MakeSessionAggregate(const WindowAggregateSpec& spec);

namespace {

class WindowAggregate final : public Operator {
 public:
  explicit WindowAggregate(const WindowAggregateSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    retracts_ = !spec_.input_changelog.insert_only();
    carried_ = spec_.window_start_column >= 0;
    cumulate_ = !carried_ && spec_.window.kind == WindowKind::kCumulate;
    if (carried_) {
      ASSIGN_OR_RETURN(times_, WindowTimes::MakeZoneOnly(spec_.window.time_zone));
    } else {
      ASSIGN_OR_RETURN(times_, WindowTimes::Make(spec_.window));
    }
    ASSIGN_OR_RETURN(aggregates_, AggregateSet::Make(spec_.aggregates, retracts_, context.pool));
    table_spec_.name = "slices";
    table_spec_.keep_order = true;
    key_columns_ = spec_.keys;
    // Windows of one end may differ in their start (sessions): the start is part of the key.
    if (carried_) key_columns_.push_back(spec_.window_start_column);
    for (const int key : key_columns_) {
      table_spec_.key_types.push_back(spec_.input.type(static_cast<size_t>(key)));
    }
    aggregates_->AddSlots(&table_spec_.slots);
    count_slot_ = table_spec_.slots.size();
    if (retracts_) table_spec_.slots.push_back(SlotSpec::Fixed(sizeof(int64_t)));
    ASSIGN_OR_RETURN(slices_, context.state->OpenSlices(table_spec_));
    if (cumulate_) {
      TableSpec running = table_spec_;
      running.name = "running";
      ASSIGN_OR_RETURN(running_, context.state->OpenSlices(running));
    }
    RETURN_IF_ERROR(progress_.Open(context));
    in_ = context.counters->Get("in");
    absorbed_ = context.counters->Get("absorbed");
    late_ = context.counters->Get("late");
    late_pairs_ = context.counters->Get("late_pairs");
    outside_ = context.counters->Get("outside");
    context.counters->DeclareEquation({"in"}, {"absorbed", "late", "outside"});
    FindDeadline();
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
    if (!spec_.window.event_time) {
      target_ = ProgressAt(context_->env->clock->WallMicros());
      advancing_ = true;
    }
    return {};
  }

  Status OnWake(int64_t wall_micros) override {
    if (spec_.window.event_time) return {};
    target_ = ProgressAt(wall_micros);
    advancing_ = true;
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    while (out_.empty()) {
      if (firing_) {
        FireSome();
      } else if (advancing_) {
        Advance();
      } else if (!cursor_.Done()) {
        RETURN_IF_ERROR(AbsorbSome());
      } else {
        cursor_.End();
        return PullResult::kNeedInput;
      }
    }
    out_.Pull(out);
    return PullResult::kBatch;
  }

 private:
  struct Bucket {
    int64_t slice;
    std::vector<int32_t> rows;
  };

  void BeginBatch() {
    keys_.clear();
    for (const int key : key_columns_) {
      keys_.push_back(&cursor_.batch.columns[static_cast<size_t>(key)]);
    }
    hashes_.resize(static_cast<size_t>(cursor_.batch.row_count));
    // The window's start is no part of the hash, so that key groups are those of the exchange.
    HashRows({keys_.data(), spec_.keys.size()}, cursor_.batch.row_count, hashes_.data());
    aggregates_->BeginBatch(cursor_.batch);
    additions_.clear();
    if (cursor_.batch.changes == nullptr) return;
    for (int32_t row = 0; row < cursor_.batch.row_count; ++row) {
      additions_.push_back(IsAddition(cursor_.batch.change(row)) ? 1 : 0);
    }
  }

  // Takes rows up to a point at which a window fires, and that point.
  Status AbsorbSome() {
    const int time_column = carried_ ? spec_.window_end_column : spec_.window.time_column;
    late_rows_.clear();
    for (Bucket& bucket : buckets_) bucket.rows.clear();
    last_slice_known_ = false;
    bool cut = false;
    const int64_t now_micros = spec_.window.event_time ? 0 : WallMicrosOf(progress_.value());
    while (!cut && !cursor_.Done()) {
      if (cursor_.AtPoint()) {
        cut = PassPoint(cursor_.TakePoint());
        continue;
      }
      int64_t time_micros = now_micros;
      if (spec_.window.event_time || carried_) {
        const Column& column = cursor_.batch.columns[static_cast<size_t>(time_column)];
        if (column.IsNull(cursor_.row)) {
          return DataError(
              "RowTime field should not be null, please convert it to a non-null long value.");
        }
        time_micros = ColumnReader<int64_t>(column)[cursor_.row];
      }
      Assign(time_micros);
      ++cursor_.row;
    }
    AddToSlices();
    PushLateRows();
    return {};
  }

  // True when windows fire at this watermark.
  bool PassPoint(int64_t watermark_ms) {
    if (!spec_.window.event_time) {
      out_.PushWatermark(watermark_ms);
      return false;
    }
    last_slice_known_ = false;
    if (watermark_ms >= deadline_) {
      target_ = watermark_ms;
      advancing_ = true;
      return true;
    }
    progress_.Set(watermark_ms);
    out_.PushWatermark(watermark_ms);
    return false;
  }

  // Puts the row into a bucket, or among the late rows.
  void Assign(int64_t time_micros) {
    const int64_t slice =
        carried_ ? time_micros / 1000 : times_.SliceEnd(times_.LocalMillis(time_micros));
    if (!last_slice_known_ || slice != last_slice_) Judge(slice);
    late_pairs_->Add(missed_windows_);
    if (bucket_ != nullptr) {
      bucket_->rows.push_back(cursor_.row);
    } else if (outside_slice_) {
      outside_->Add(1);
    } else {
      late_rows_.push_back(cursor_.row);
    }
  }

  void Judge(int64_t slice) {
    last_slice_known_ = true;
    last_slice_ = slice;
    missed_windows_ = 0;
    bucket_ = nullptr;
    int64_t first = slice;
    int64_t last = slice;
    if (!carried_) {
      first = times_.FirstWindowEnd(slice);
      last = times_.LastWindowEnd(slice);
    }
    outside_slice_ = last < first;
    if (outside_slice_) return;
    while (first <= last && times_.Over(first, progress_.value())) {
      ++missed_windows_;
      if (carried_) return;
      first += times_.step();
    }
    if (first > last) return;
    // The slice of a fired cumulating window is no more: the row counts from the next one on.
    if (cumulate_) slice = first;
    const int64_t trigger = times_.TimerMillis(first - 1);
    if (trigger < deadline_) {
      deadline_ = trigger;
      if (!spec_.window.event_time) context_->wakeup->WakeAtMicros(WallMicrosOf(deadline_));
    }
    for (Bucket& bucket : buckets_) {
      if (bucket.slice == slice || bucket.rows.empty()) {
        bucket.slice = slice;
        bucket_ = &bucket;
        return;
      }
    }
    buckets_.push_back({slice, {}});
    bucket_ = &buckets_.back();
  }

  void AddToSlices() {
    for (const Bucket& bucket : buckets_) {
      if (bucket.rows.empty()) continue;
      StateTable* table = slices_->FindOrMake(bucket.slice);
      states_.resize(bucket.rows.size());
      table->FindOrInsert(keys_, hashes_.data(), bucket.rows, states_.data(), nullptr);
      const uint8_t* additions = additions_.empty() ? nullptr : additions_.data();
      aggregates_->Accumulate(*table, states_, bucket.rows, additions);
      for (size_t i = 0; retracts_ && i < states_.size(); ++i) {
        const bool adds = additions == nullptr || additions[bucket.rows[i]] != 0;
        table->Value<int64_t>(states_[i], count_slot_) += adds ? 1 : -1;
      }
      absorbed_->Add(static_cast<int64_t>(bucket.rows.size()));
    }
  }

  void PushLateRows() {
    if (late_rows_.empty()) return;
    late_->Add(static_cast<int64_t>(late_rows_.size()));
    Batch late = GatherRows(cursor_.batch, late_rows_, context_->pool);
    late.points.clear();
    out_.Push(std::move(late), kLatePort);
  }

  // The end of the first window that has rows, has not fired, and comes after fired_end_.
  bool NextWindow(int64_t* window_end) {
    bool found = false;
    int64_t slice = INT64_MIN;
    while (slices_->FirstFrom(INT64_MIN, &slice)) {
      const int64_t last = carried_ ? slice : times_.LastWindowEnd(slice);
      int64_t end = carried_ ? slice : times_.FirstWindowEnd(slice);
      while (end <= last && !IsNext(end)) end += carried_ ? 1 : times_.step();
      if (end <= last) {
        *window_end = end;
        found = true;
        break;
      }
      slices_->Drop(slice);
    }
    int64_t parent = INT64_MIN;
    for (int64_t from = INT64_MIN; cumulate_ && running_->FirstFrom(from, &parent);
         from = parent + 1) {
      const int64_t last = parent + spec_.window.size_ms;
      int64_t end = parent + times_.step();
      while (end <= last && !IsNext(end)) end += times_.step();
      if (end <= last && (!found || end < *window_end)) {
        *window_end = end;
        found = true;
      }
    }
    return found;
  }

  bool IsNext(int64_t window_end) {
    return window_end > fired_end_ && !times_.Over(window_end, progress_.value());
  }

  void FindDeadline() {
    int64_t end;
    deadline_ = NextWindow(&end) ? times_.TimerMillis(end - 1) : INT64_MAX;
    if (!spec_.window.event_time && deadline_ != INT64_MAX) {
      context_->wakeup->WakeAtMicros(WallMicrosOf(deadline_));
    }
  }

  // Progress goes to target_: begins the next window that is due, or is done with it.
  void Advance() {
    int64_t end;
    if (deadline_ <= target_ && NextWindow(&end) && times_.Over(end, target_)) {
      BeginFiring(end);
      return;
    }
    advancing_ = false;
    fired_end_ = INT64_MIN;
    if (target_ > progress_.value()) progress_.Set(target_);
    FindDeadline();
    if (spec_.window.event_time) out_.PushWatermark(target_);
  }

  void BeginFiring(int64_t window_end) {
    firing_ = true;
    fired_end_ = window_end;
    next_id_ = 0;
    merged_.reset();
    if (cumulate_) {
      source_ = running_->FindOrMake(times_.WindowStart(window_end));
      if (StateTable* slice = slices_->Find(window_end); slice != nullptr) {
        MergeTable(source_, slice);
        slices_->Drop(window_end);
      }
      return;
    }
    if (carried_ || spec_.window.kind == WindowKind::kTumble) {
      source_ = slices_->Find(window_end);
      return;
    }
    std::vector<StateTable*> tables;
    uint64_t values = 0;
    int64_t slice;
    for (int64_t from = times_.WindowStart(window_end) + 1;
         slices_->FirstFrom(from, &slice) && slice <= window_end; from = slice + 1) {
      tables.push_back(slices_->Find(slice));
      values += tables.back()->value_count();
    }
    source_ = tables.empty() ? nullptr : tables[0];
    if (tables.size() < 2) return;
    merged_ = std::make_unique<StateTable>(table_spec_, context_->pool);
    if (values > 0) merged_->counts()->Reserve(values);
    for (StateTable* table : tables) MergeTable(merged_.get(), table);
    source_ = merged_.get();
  }

  void MergeTable(StateTable* into, StateTable* from) {
    uint32_t id = 0;
    while (true) {
      from_states_.clear();
      for (; from_states_.size() < kBatchRowsMax; ++id) {
        StateRow* row = from->Next(&id);
        if (row == nullptr) break;
        from_states_.push_back(row);
      }
      if (from_states_.empty()) return;
      states_.resize(from_states_.size());
      into->FindOrInsertKeysOf(*from, from_states_, states_.data(), nullptr);
      aggregates_->Merge(*into, states_, *from, from_states_);
      for (size_t i = 0; retracts_ && i < states_.size(); ++i) {
        into->Value<int64_t>(states_[i], count_slot_) +=
            from->Value<int64_t>(from_states_[i], count_slot_);
      }
    }
  }

  // At most batch_rows_max rows of the window that fires.
  void FireSome() {
    states_.clear();
    const auto rows_max = static_cast<size_t>(context_->settings->batch_rows_max);
    for (; source_ != nullptr && states_.size() < rows_max; ++next_id_) {
      StateRow* row = source_->Next(&next_id_);
      if (row == nullptr) break;
      // All rows of the window may have been taken back.
      if (!retracts_ || source_->Value<int64_t>(row, count_slot_) != 0) states_.push_back(row);
    }
    if (states_.empty()) return EndFiring();
    Batch out;
    out.row_count = static_cast<int32_t>(states_.size());
    std::vector<ColumnBuilder> builders;
    for (const DataType& type : table_spec_.key_types) builders.emplace_back(type, context_->pool);
    std::vector<ColumnBuilder*> pointers;
    for (ColumnBuilder& builder : builders) pointers.push_back(&builder);
    for (const StateRow* state : states_) source_->AppendKey(state, pointers);
    for (size_t i = 0; i < spec_.keys.size(); ++i) out.columns.push_back(builders[i].Finish());
    std::vector<Column> results;
    aggregates_->Emit(*source_, states_, &results);
    for (Column& column : results) out.columns.push_back(std::move(column));
    const size_t first_property = out.columns.size();
    const int64_t start = carried_ ? 0 : times_.WindowStart(fired_end_);
    AppendWindowProperties(spec_.properties, start, fired_end_, &times_, out.row_count,
                           context_->pool, &out.columns);
    if (carried_) {
      const Column starts = builders.back().Finish();
      for (size_t i = 0; i < spec_.properties.size(); ++i) {
        if (spec_.properties[i] == WindowProperty::kStart) out.columns[first_property + i] = starts;
      }
    }
    out_.Push(std::move(out));
  }

  void EndFiring() {
    firing_ = false;
    source_ = nullptr;
    merged_.reset();
    if (cumulate_) {
      const int64_t parent = times_.WindowStart(fired_end_);
      if (fired_end_ == parent + spec_.window.size_ms) running_->Drop(parent);
      return;
    }
    int64_t slice;
    while (slices_->FirstFrom(INT64_MIN, &slice)) {
      const int64_t last = carried_ ? slice : times_.LastWindowEnd(slice);
      if (last > fired_end_) break;
      slices_->Drop(slice);
    }
  }

  WindowAggregateSpec spec_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  WindowTimes times_;
  std::unique_ptr<AggregateSet> aggregates_;
  TableSpec table_spec_;
  SliceTables* slices_ = nullptr;
  SliceTables* running_ = nullptr;  // CUMULATE: by window start
  WatermarkState progress_;         // watermark, or wall clock with a processing-time attribute
  bool retracts_ = false;
  bool carried_ = false;
  bool cumulate_ = false;
  size_t count_slot_ = 0;
  std::vector<int> key_columns_;
  int64_t deadline_ = INT64_MAX;  // progress at which the next window fires
  Counter* in_ = nullptr;
  Counter* absorbed_ = nullptr;
  Counter* late_ = nullptr;
  Counter* late_pairs_ = nullptr;
  Counter* outside_ = nullptr;

  // The batch at hand and the place in it.
  BatchCursor cursor_;
  std::vector<const Column*> keys_;
  std::vector<uint64_t> hashes_;
  std::vector<uint8_t> additions_;
  std::vector<Bucket> buckets_;
  std::vector<int32_t> late_rows_;
  // What Judge found for the last slice.
  bool last_slice_known_ = false;
  int64_t last_slice_ = 0;
  Bucket* bucket_ = nullptr;
  bool outside_slice_ = false;
  int64_t missed_windows_ = 0;

  // Firing, between pulls.
  bool advancing_ = false;
  int64_t target_ = kNoWatermark;
  bool firing_ = false;
  int64_t fired_end_ = INT64_MIN;
  StateTable* source_ = nullptr;
  std::unique_ptr<StateTable> merged_;
  uint32_t next_id_ = 0;
  std::vector<StateRow*> states_;
  std::vector<StateRow*> from_states_;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeWindowAggregate(const OperatorSpec& spec) {
  const auto& window = static_cast<const WindowAggregateSpec&>(spec);
  if (window.window_start_column < 0 && window.window.kind == WindowKind::kSession) {
    return MakeSessionAggregate(window);
  }
  return std::unique_ptr<Operator>(std::make_unique<WindowAggregate>(window));
}

}  // namespace rhei
