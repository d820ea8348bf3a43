// SESSION as a table function: rows wait until their session is over, then go out by arrival with
// window_start, window_end and window_time behind their columns. A row whose time is NULL is
// dropped, as in Flink. in = kept + late + null_time.
#include <algorithm>

#include "operators/batch_cursor.h"
#include "operators/keyed_batch.h"
#include "operators/open_sessions.h"
#include "operators/row_writer.h"
#include "operators/watermark_state.h"
#include "plan/physical/aggregate_spec.h"
#include "runtime/operator.h"
#include "state/multimap.h"

namespace rhei {
namespace {

class SessionTableFunction final : public Operator {
 public:
  explicit SessionTableFunction(const WindowTableFunctionSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    Schema output = spec_.input;
    for (const char* name : {"window_start", "window_end", "window_time"}) {
      output.fields.push_back({name, DataType::Timestamp(3), ""});
    }
    writer_ =
        std::make_unique<RowWriter>(output, &out_, context.settings->batch_rows_max, context.pool);
    ASSIGN_OR_RETURN(times_, WindowTimes::Make(spec_.window));
    const std::vector<DataType> keys = TypesOf(spec_.input, spec_.window.session_partition);
    RETURN_IF_ERROR(
        sessions_.Open(context.state, keys, spec_.window.size_ms, &times_, context.pool));
    MultimapSpec rows;
    rows.name = "rows";
    rows.key_types = keys;
    rows.row_types = TypesOf(spec_.input);
    rows.find_rows = false;
    ASSIGN_OR_RETURN(rows_, context.state->OpenMultimap(rows));
    RETURN_IF_ERROR(progress_.Open(context));
    in_ = context.counters->Get("in");
    kept_ = context.counters->Get("kept");
    late_ = context.counters->Get("late");
    null_time_ = context.counters->Get("null_time");
    context.counters->DeclareEquation({"in"}, {"kept", "late", "null_time"});
    Wake();
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
    if (cursor_.batch.row_count > 0) keyed_.Begin(cursor_.batch, spec_.window.session_partition);
    if (!spec_.window.event_time) Advance(ProgressAt(context_->env->clock->WallMicros()));
    return {};
  }

  Status OnWake(int64_t wall_micros) override {
    if (!spec_.window.event_time) Advance(ProgressAt(wall_micros));
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    while (out_.empty()) {
      if (advancing_) {
        FireSome();
      } else if (cursor_.AtPoint()) {
        const int64_t watermark_ms = cursor_.TakePoint();
        if (spec_.window.event_time) {
          Advance(watermark_ms);
        } else {
          out_.PushWatermark(watermark_ms);
        }
      } else if (cursor_.HasRows()) {
        RETURN_IF_ERROR(TakeRows());
      } else {
        cursor_.End();
        return PullResult::kNeedInput;
      }
    }
    return out_.Pull(out);
  }

 private:
  void Advance(int64_t target_ms) {
    target_ = target_ms;
    advancing_ = true;
  }

  void Wake() {
    if (spec_.window.event_time || sessions_.NextTime() == INT64_MAX) return;
    context_->wakeup->WakeAtMicros(WallMicrosOf(sessions_.NextTime()));
  }

  // Rows up to the next point, which may close sessions.
  Status TakeRows() {
    const int32_t end = cursor_.RunEnd();
    const Column& times = cursor_.batch.columns[static_cast<size_t>(spec_.window.time_column)];
    selected_.clear();
    for (; cursor_.row < end; ++cursor_.row) {
      if (!IsAddition(cursor_.batch.change(cursor_.row))) {
        return Unsupported("SESSION over updates or deletes is not supported yet");
      }
      if (spec_.window.event_time && times.IsNull(cursor_.row)) {
        null_time_->Add(1);
      } else {
        selected_.push_back(cursor_.row);
      }
    }
    sessions_.Find(keyed_.keys(), keyed_.hashes(), selected_);
    found_.resize(selected_.size());
    rows_->FindOrInsertKeys(keyed_.keys(), keyed_.hashes(), selected_, found_.data());
    for (size_t i = 0; i < selected_.size(); ++i) {
      const int64_t time_micros = spec_.window.event_time
                                      ? ColumnReader<int64_t>(times)[selected_[i]]
                                      : WallMicrosOf(progress_.value());
      sessions_.Take(i, times_.LocalMillis(time_micros), progress_.value(), &taken_);
      if (taken_.late) {
        late_->Add(1);
        continue;
      }
      kept_->Add(1);
      if (!taken_.joined.empty()) Relabel(found_[i]);
      rows_->Add(found_[i], keyed_.columns(), selected_[i])->associations = taken_.number;
    }
    sessions_.EraseEmpty();
    rows_->EraseEmptyKeys(found_);
    Wake();
    return {};
  }

  // Entries say by `associations` which session they are in.
  void Relabel(StateRow* key) {
    for (MultimapEntry* entry = rows_->First(key); entry != nullptr; entry = rows_->Next(entry)) {
      if (std::find(taken_.joined.begin(), taken_.joined.end(), entry->associations) ==
          taken_.joined.end()) {
        continue;
      }
      rows_->Touch(entry);
      entry->associations = taken_.number;
    }
  }

  // Goes on with the session that is being emitted, or begins the next one.
  void FireSome() {
    while (out_.empty()) {
      if (next_session_ < fired_.sessions.size()) {
        EmitSession(fired_.sessions[next_session_]);
        continue;
      }
      if (key_ != nullptr) rows_->EraseEmptyKeys({&key_, 1});
      key_ = nullptr;
      next_session_ = 0;
      if (!sessions_.Fire(target_, &fired_)) break;
      std::vector<const Column*> keys;
      for (const Column& column : fired_.keys) keys.push_back(&column);
      const int32_t rows[] = {0};
      rows_->FindKeys(keys, &fired_.hash, rows, &key_);
      entry_ = key_ == nullptr ? nullptr : rows_->First(key_);
    }
    if (!out_.empty()) return;
    fired_.sessions.clear();
    advancing_ = false;
    if (target_ > progress_.value()) progress_.Set(target_);
    if (spec_.window.event_time) writer_->Watermark(target_);
    writer_->Flush();
    Wake();
  }

  void EmitSession(const Session& session) {
    while (entry_ != nullptr && out_.empty()) {
      MultimapEntry* next = rows_->Next(entry_);
      if (entry_->associations == session.number) {
        writer_->Stored(*rows_, entry_);
        writer_->Value(session.start * 1000);
        writer_->Value(session.end * 1000);
        writer_->Value(times_.EpochMillis(session.end - 1) * 1000);
        writer_->Finish(ChangeKind::kInsert);
        rows_->Remove(entry_);
      }
      entry_ = next;
    }
    if (entry_ != nullptr) return;
    ++next_session_;
    entry_ = rows_->First(key_);
  }

  WindowTableFunctionSpec spec_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  std::unique_ptr<RowWriter> writer_;
  WindowTimes times_;
  OpenSessions sessions_;
  StateMultimap* rows_ = nullptr;
  WatermarkState progress_;
  Counter* in_ = nullptr;
  Counter* kept_ = nullptr;
  Counter* late_ = nullptr;
  Counter* null_time_ = nullptr;

  BatchCursor cursor_;
  KeyedBatch keyed_;
  std::vector<int32_t> selected_;
  std::vector<StateRow*> found_;
  OpenSessions::Taken taken_;

  // Firing, between pulls.
  bool advancing_ = false;
  int64_t target_ = kNoWatermark;
  OpenSessions::Fired fired_;
  size_t next_session_ = 0;
  StateRow* key_ = nullptr;
  MultimapEntry* entry_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeSessionTableFunction(const WindowTableFunctionSpec& spec) {
  return std::unique_ptr<Operator>(std::make_unique<SessionTableFunction>(spec));
}

}  // namespace rhei
