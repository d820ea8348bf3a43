// Session windows of WindowAggregate: a row opens a window [t, t + gap); windows of one key that
// touch become one, with their aggregates merged. A window gives its row when the watermark passes
// its end. A row is late when the window that it would make, alone, is over already; a row that
// reaches an open window never is. in = absorbed + late.
//
// State: per key the list of its open sessions (start, end, number); per (key, number) the
// aggregates; timers. A timer may come too early for a session that has grown: then a new one is
// set.
#include <algorithm>

#include "base/check.h"
#include "columnar/hash.h"
#include "operators/aggregate_set.h"
#include "operators/output_queue.h"
#include "operators/watermark_state.h"
#include "operators/window_output.h"
#include "operators/window_times.h"
#include "runtime/operator.h"
#include "state/state_store.h"
#include "state/timers.h"

namespace rhei {
namespace {

struct Session {
  int64_t start;
  int64_t end;
  int64_t number;
};

class SessionAggregate final : public Operator {
 public:
  explicit SessionAggregate(const WindowAggregateSpec& spec)
      : spec_(spec), key_codec_(KeyTypes(spec), true) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    retracts_ = !spec_.input_changelog.insert_only();
    ASSIGN_OR_RETURN(times_, WindowTimes::Make(spec_.window));
    ASSIGN_OR_RETURN(aggregates_, AggregateSet::Make(spec_.aggregates, retracts_, context.pool));
    ASSIGN_OR_RETURN(lists_, context.state->OpenTable(
                                 {"sessions", key_codec_.types(), {SlotSpec::String()}, 0, false}));
    TableSpec table{"aggregates", key_codec_.types(), {}, 0, false};
    table.key_types.push_back(DataType::BigInt(false));
    aggregates_->AddSlots(&table.slots);
    count_slot_ = table.slots.size();
    if (retracts_) table.slots.push_back(SlotSpec::Fixed(sizeof(int64_t)));
    ASSIGN_OR_RETURN(table_, context.state->OpenTable(table));
    ASSIGN_OR_RETURN(timers_, context.state->OpenTimers({"timers"}));
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
    batch_ = std::move(element.batch);
    row_ = 0;
    point_ = 0;
    in_->Add(batch_.row_count);
    if (batch_.row_count > 0) BeginBatch();
    if (!spec_.window.event_time) BeginAdvance(context_->env->clock->WallMicros() / 1000);
    return {};
  }

  Status OnWake(int64_t wall_micros) override {
    if (!spec_.window.event_time) BeginAdvance(wall_micros / 1000);
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    while (out_.empty()) {
      if (advancing_) {
        FireSome();
      } else if (row_ < batch_.row_count || point_ < batch_.points.size()) {
        RETURN_IF_ERROR(AbsorbSome());
      } else {
        batch_ = {};
        row_ = 0;
        point_ = 0;
        return PullResult::kNeedInput;
      }
    }
    out_.Pull(out);
    return PullResult::kBatch;
  }

 private:
  static std::vector<DataType> KeyTypes(const WindowAggregateSpec& spec) {
    std::vector<DataType> out;
    for (const int key : spec.keys) out.push_back(spec.input.type(static_cast<size_t>(key)));
    return out;
  }

  void BeginAdvance(int64_t target_ms) {
    target_ = target_ms;
    advancing_ = true;
  }

  void WakeForTimers() {
    if (spec_.window.event_time || timers_->NextTime() == INT64_MAX) return;
    context_->wakeup->WakeAtMicros(timers_->NextTime() * 1000);
  }

  void BeginBatch() {
    keys_.clear();
    for (const int key : spec_.keys) {
      keys_.push_back(&batch_.columns[static_cast<size_t>(key)]);
    }
    hashes_.resize(static_cast<size_t>(batch_.row_count));
    HashRows(keys_, batch_.row_count, hashes_.data());
    aggregates_->BeginBatch(batch_);
    additions_.clear();
    if (batch_.changes == nullptr) return;
    for (int32_t row = 0; row < batch_.row_count; ++row) {
      additions_.push_back(IsAddition(batch_.change(row)) ? 1 : 0);
    }
  }

  // --- The list of a key's open sessions. ---

  std::vector<Session>& Load(StateRow* list) {
    const std::string_view bytes = lists_->String(list, 0);
    sessions_.resize(bytes.size() / sizeof(Session));
    if (!bytes.empty()) std::memcpy(sessions_.data(), bytes.data(), bytes.size());
    return sessions_;
  }
  void Store(StateRow* list) {
    lists_->Touch(list);
    lists_->SetString(
        list, 0,
        {reinterpret_cast<const char*>(sessions_.data()), sessions_.size() * sizeof(Session)});
  }

  // --- Taking rows. ---

  // Takes rows up to a point at which timers are due, and that point.
  Status AbsorbSome() {
    const int32_t begin = row_;
    int32_t end = batch_.row_count;
    for (size_t p = point_; p < batch_.points.size(); ++p) {
      // Where a session may end the rows so far must be in; the rest is judged after it.
      if (batch_.points[p].row > begin) {
        end = std::min(end, batch_.points[p].row);
        break;
      }
    }
    if (point_ < batch_.points.size() && batch_.points[point_].row <= begin) {
      const int64_t watermark_ms = batch_.points[point_++].watermark_ms;
      if (!spec_.window.event_time) {
        out_.PushWatermark(watermark_ms);
      } else {
        BeginAdvance(watermark_ms);
      }
      return {};
    }
    rows_.clear();
    for (int32_t row = begin; row < end; ++row) rows_.push_back(row);
    found_lists_.resize(rows_.size());
    lists_->FindOrInsert(keys_, hashes_.data(), rows_, found_lists_.data(), nullptr);
    late_rows_.clear();
    pending_.clear();
    numbers_.assign(static_cast<size_t>(batch_.row_count), 0);
    for (size_t i = 0; i < rows_.size(); ++i) RETURN_IF_ERROR(TakeRow(rows_[i], found_lists_[i]));
    AddPending();
    for (StateRow* list : found_lists_) {
      if (StateTable::IsLive(list) && lists_->String(list, 0).empty()) lists_->Erase(list);
    }
    PushLateRows();
    WakeForTimers();
    row_ = end;
    return {};
  }

  Status TakeRow(int32_t row, StateRow* list) {
    int64_t time_micros = spec_.window.event_time ? 0 : progress_.value() * 1000;
    if (spec_.window.event_time) {
      const Column& column = batch_.columns[static_cast<size_t>(spec_.window.time_column)];
      if (column.IsNull(row)) {
        return DataError(
            "RowTime field should not be null, please convert it to a non-null long value.");
      }
      time_micros = ColumnReader<int64_t>(column)[row];
    }
    Session merged{times_.LocalMillis(time_micros), 0, -1};
    merged.end = merged.start + spec_.window.size_ms;
    std::vector<Session>& sessions = Load(list);
    const auto touches = [&merged](const Session& session) {
      return session.start <= merged.end && session.end >= merged.start;
    };
    // Sessions lie apart from each other, so that growing by one cannot reach another but through
    // the new row: all that touch the row's own window become one.
    const auto first = std::find_if(sessions.begin(), sessions.end(), touches);
    const auto last = std::find_if_not(first, sessions.end(), touches);
    if (first == last) {
      if (times_.Over(merged.end, progress_.value())) {
        late_rows_.push_back(row);
        return {};
      }
      merged.number = 0;
      for (const Session& session : sessions) {
        merged.number = std::max(merged.number, session.number + 1);
      }
      const auto place =
          std::find_if(sessions.begin(), sessions.end(),
                       [&merged](const Session& session) { return session.start > merged.start; });
      sessions.insert(place, merged);
      AddTimer(row, merged.end);
    } else {
      merged.number = first->number;
      const std::vector<Session> joined(first + 1, last);
      merged.start = std::min(merged.start, first->start);
      merged.end = std::max(merged.end, (last - 1)->end);
      *first = merged;
      sessions.erase(first + 1, last);
      if (!joined.empty()) MergeStates(row, merged.number, joined);
      // Load's list is one for all keys: nothing above has loaded another.
    }
    Store(list);
    numbers_[static_cast<size_t>(row)] = merged.number;
    pending_.push_back(row);
    absorbed_->Add(1);
    return {};
  }

  void AddTimer(int32_t row, int64_t end) {
    key_bytes_.clear();
    key_codec_.Encode(keys_, row, &key_bytes_);
    timers_->Add(times_.TimerMillis(end - 1), hashes_[static_cast<size_t>(row)], key_bytes_);
  }

  // The aggregates of session numbers_[row] of the key of each of `rows`.
  void FindStates(std::span<const int32_t> rows, std::vector<StateRow*>* out) {
    Column numbers;
    numbers.type = PhysicalType::kInt64;
    numbers.row_count = batch_.row_count;
    numbers.values = Buffer::CopyOf(
        {reinterpret_cast<const char*>(numbers_.data()), numbers_.size() * sizeof(int64_t)},
        context_->pool);
    std::vector<const Column*> keys = keys_;
    keys.push_back(&numbers);
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

  // Sessions `joined` of the key of `row` become part of session `number`.
  void MergeStates(int32_t row, int64_t number, const std::vector<Session>& joined) {
    AddPending();
    const int32_t rows[] = {row};
    std::vector<StateRow*> into, from;
    for (const Session& session : joined) {
      numbers_[static_cast<size_t>(row)] = number;
      FindStates(rows, &into);
      numbers_[static_cast<size_t>(row)] = session.number;
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
    Batch late;
    late.row_count = static_cast<int32_t>(late_rows_.size());
    for (const Column& column : batch_.columns) {
      late.columns.push_back(Gather(column, late_rows_, context_->pool));
    }
    out_.Push(std::move(late), kLatePort);
  }

  // --- Firing. ---

  void FireSome() {
    fired_.clear();
    fired_states_.clear();
    const auto rows_max = static_cast<size_t>(context_->settings->batch_rows_max);
    Timer timer;
    while (fired_.size() < rows_max && timers_->PopDue(target_, &timer)) FireTimer(timer);
    if (!fired_states_.empty()) {
      EmitFired();
      return;
    }
    // Timers are left when what was due had grown, or had no rows.
    if (timers_->size() > 0 && timers_->NextTime() <= target_) return;
    advancing_ = false;
    if (target_ > progress_.value()) progress_.Set(target_);
    if (spec_.window.event_time) out_.PushWatermark(target_);
    WakeForTimers();
  }

  // Takes the sessions of the timer's key that end at its time.
  void FireTimer(const Timer& timer) {
    std::vector<ColumnBuilder> builders;
    for (const DataType& type : key_codec_.types()) builders.emplace_back(type, context_->pool);
    std::vector<ColumnBuilder*> pointers;
    for (ColumnBuilder& builder : builders) pointers.push_back(&builder);
    std::string_view bytes = timer.key;
    CHECK(key_codec_.Decode(&bytes, pointers).ok());
    std::vector<Column> columns;
    for (ColumnBuilder& builder : builders) columns.push_back(builder.Finish());
    columns.push_back(Column());
    std::vector<const Column*> keys;
    for (const Column& column : columns) keys.push_back(&column);
    const int32_t rows[] = {0};
    StateRow* list;
    lists_->Find({keys.data(), keys.size() - 1}, &timer.hash, rows, &list);
    if (list == nullptr) return;
    std::vector<Session>& sessions = Load(list);
    const auto over = [&](const Session& session) {
      return times_.TimerMillis(session.end - 1) <= timer.time_ms;
    };
    for (const Session& session : sessions) {
      if (!over(session)) {
        timers_->Add(times_.TimerMillis(session.end - 1), timer.hash, timer.key);
        continue;
      }
      ColumnBuilder number(DataType::BigInt(false), context_->pool);
      number.Append(session.number);
      columns.back() = number.Finish();
      StateRow* state;
      table_->Find(keys, &timer.hash, rows, &state);
      CHECK(state != nullptr);
      fired_.push_back(session);
      fired_states_.push_back(state);
    }
    std::erase_if(sessions, over);
    if (sessions.empty()) {
      lists_->Erase(list);
    } else {
      Store(list);
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
  RowCodec key_codec_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  WindowTimes times_;
  std::unique_ptr<AggregateSet> aggregates_;
  StateTable* lists_ = nullptr;
  StateTable* table_ = nullptr;
  TimerQueue* timers_ = nullptr;
  WatermarkState progress_;
  bool retracts_ = false;
  size_t count_slot_ = 0;
  Counter* in_ = nullptr;
  Counter* absorbed_ = nullptr;
  Counter* late_ = nullptr;

  Batch batch_;
  int32_t row_ = 0;
  size_t point_ = 0;
  std::vector<const Column*> keys_;
  std::vector<uint64_t> hashes_;
  std::vector<uint8_t> additions_;
  std::vector<int32_t> rows_;
  std::vector<StateRow*> found_lists_;
  std::vector<Session> sessions_;
  std::vector<int64_t> numbers_;  // by row: its session
  std::vector<int32_t> pending_;
  std::vector<int32_t> late_rows_;
  std::vector<StateRow*> states_;
  std::string key_bytes_;

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
