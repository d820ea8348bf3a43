// WindowJoin: joins the rows of equal windows of two windowed inputs when the watermark passes the
// window's end, then forgets them. Insert-only. Rows whose window is over are late and dropped.
// in = absorbed + late.
//
// Rows are kept under (join keys, window start, window end); one timer per such key.
#include "columnar/batch_builder.h"
#include "operators/carried_windows.h"
#include "operators/join_writer.h"
#include "operators/watermark_state.h"
#include "runtime/operator.h"
#include "state/state_store.h"

namespace rhei {
namespace {

class WindowJoin final : public Operator {
 public:
  explicit WindowJoin(const WindowJoinSpec& spec)
      : spec_(spec), right_outer_(spec.type == JoinType::kRight || spec.type == JoinType::kFull) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    ASSIGN_OR_RETURN(sides_[0], OpenSide("left", spec_.left));
    ASSIGN_OR_RETURN(sides_[1], OpenSide("right", spec_.right));
    RETURN_IF_ERROR(windows_.Open(context.state, spec_.time_zone, KeyTypes(spec_), "window join",
                                  context.pool));
    RETURN_IF_ERROR(watermark_.Open(context));
    RETURN_IF_ERROR(writer_.Open(context, spec_.type, spec_.left.schema, spec_.right.schema,
                                 spec_.residual, &out_));
    in_ = context.counters->Get("in");
    absorbed_ = context.counters->Get("absorbed");
    late_ = context.counters->Get("late");
    context.counters->DeclareEquation({"in"}, {"absorbed", "late"});
    return {};
  }

  Result<bool> BeforeBarrier(uint64_t /*epoch*/) override {
    watermark_.Save();
    return true;
  }

  Status Accept(int input, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    input_ = input;
    cursor_.Begin(std::move(element.batch));
    in_->Add(cursor_.batch.row_count);
    if (cursor_.batch.row_count > 0)
      keyed_.Begin(cursor_.batch, input == 0 ? spec_.left.keys : spec_.right.keys);
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    while (out_.empty()) {
      if (writer_.full()) {
        writer_.Flush();
      } else if (firing_) {
        RETURN_IF_ERROR(FireStep());
      } else if (cursor_.AtPoint()) {
        watermark_.Set(cursor_.TakePoint());
        firing_ = true;
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
  static std::vector<DataType> KeyTypes(const WindowJoinSpec& spec) {
    std::vector<DataType> out = TypesOf(spec.left.schema, spec.left.keys);
    out.push_back(DataType::Timestamp(3));
    out.push_back(DataType::Timestamp(3));
    return out;
  }

  Result<StateMultimap*> OpenSide(const char* name, const JoinSide& side) {
    MultimapSpec rows;
    rows.name = name;
    rows.key_types = KeyTypes(spec_);
    rows.row_types = TypesOf(side.schema);
    rows.find_rows = false;
    return context_->state->OpenMultimap(rows);
  }

  // Rows up to the next point, which may close windows.
  Status TakeRows() {
    RETURN_IF_ERROR(windows_.Take(
        &cursor_, keyed_, input_ == 0 ? spec_.left_window_start : spec_.right_window_start,
        input_ == 0 ? spec_.left_window_end : spec_.right_window_end, watermark_.value()));
    late_->Add(static_cast<int64_t>(windows_.late().size()));
    const std::vector<int32_t>& rows = windows_.rows();
    absorbed_->Add(static_cast<int64_t>(rows.size()));
    found_.resize(rows.size());
    sides_[input_]->FindOrInsertKeys(windows_.keys(), windows_.hashes(), rows, found_.data());
    for (size_t i = 0; i < rows.size(); ++i) {
      const bool first = sides_[input_]->entry_count(found_[i]) == 0;
      sides_[input_]->Add(found_[i], keyed_.columns(), rows[i]);
      if (first) windows_.SetTimer(rows[i]);
    }
    return {};
  }

  Status FireStep() {
    if (chunk_row_ < chunk_.row_count) return ContinueRow();
    if (key_open_) {
      if (NextLeftRows()) return {};
      if (right_outer_ && !WriteUnmatchedRight()) return {};
      CloseKey();
      return {};
    }
    KeyTimer fired;
    if (!windows_.Fire(watermark_.value(), &fired)) {
      firing_ = false;
      writer_.Watermark(watermark_.value());
      writer_.Flush();
      return {};
    }
    OpenKey(fired);
    return {};
  }

  void OpenKey(const KeyTimer& fired) {
    const std::vector<const Column*> keys = fired.keys();
    const int32_t rows[] = {0};
    const uint64_t hash = CarriedWindows::HashOf(fired);
    for (int s = 0; s < 2; ++s) sides_[s]->FindKeys(keys, &hash, rows, &key_[s]);
    matchable_ = true;
    for (size_t i = 0; i < spec_.left.keys.size(); ++i) {
      const bool null_safe = i < spec_.null_safe.size() && spec_.null_safe[i];
      matchable_ = matchable_ && (null_safe || !fired.columns[i].IsNull(0));
    }
    key_open_ = true;
    left_next_ = key_[0] == nullptr ? nullptr : sides_[0]->First(key_[0]);
    right_next_ = key_[1] == nullptr ? nullptr : sides_[1]->First(key_[1]);
  }

  void CloseKey() {
    writer_.Flush();
    for (int s = 0; s < 2; ++s) {
      if (key_[s] == nullptr) continue;
      sides_[s]->RemoveAll(key_[s]);
      sides_[s]->EraseEmptyKeys({&key_[s], 1});
    }
    key_open_ = false;
    chunk_ = {};
    chunk_row_ = 0;
  }

  // The next left rows of the key, as a batch.
  bool NextLeftRows() {
    if (left_next_ == nullptr) return false;
    writer_.Flush();
    BatchBuilder builder(spec_.left.schema, context_->pool);
    std::vector<ColumnBuilder*> columns;
    for (size_t i = 0; i < builder.column_count(); ++i) columns.push_back(&builder.column(i));
    for (; left_next_ != nullptr && builder.row_count() < context_->settings->batch_rows_max;
         left_next_ = sides_[0]->Next(left_next_)) {
      sides_[0]->AppendRow(left_next_, columns);
      builder.FinishRow();
    }
    chunk_ = builder.Finish();
    chunk_row_ = 0;
    row_started_ = false;
    writer_.Begin(&chunk_, true);
    return true;
  }

  Status ContinueRow() {
    if (!row_started_) {
      RETURN_IF_ERROR(
          writer_.Match(sides_[1], matchable_ ? key_[1] : nullptr, chunk_row_, &matches_));
      match_ = 0;
      row_started_ = true;
      if (WritesLeftAlone()) {
        writer_.Write(chunk_row_, nullptr, nullptr, ChangeKind::kInsert);
      }
      if (spec_.type == JoinType::kSemi || spec_.type == JoinType::kAnti) matches_.clear();
    }
    for (; match_ < matches_.size(); ++match_) {
      if (writer_.full()) return {};
      sides_[1]->Touch(matches_[match_]);
      matches_[match_]->associations = 1;
      writer_.Write(chunk_row_, sides_[1], matches_[match_], ChangeKind::kInsert);
    }
    row_started_ = false;
    ++chunk_row_;
    return {};
  }

  bool WritesLeftAlone() const {
    switch (spec_.type) {
      case JoinType::kSemi: return !matches_.empty();
      case JoinType::kAnti:
      case JoinType::kLeft:
      case JoinType::kFull: return matches_.empty();
      case JoinType::kInner:
      case JoinType::kRight: return false;
    }
    return false;
  }

  // True when all are written.
  bool WriteUnmatchedRight() {
    writer_.Begin(&chunk_, true);
    for (; right_next_ != nullptr; right_next_ = sides_[1]->Next(right_next_)) {
      if (right_next_->associations != 0) continue;
      if (writer_.full()) return false;
      writer_.Write(-1, sides_[1], right_next_, ChangeKind::kInsert);
    }
    return true;
  }

  WindowJoinSpec spec_;
  bool right_outer_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  JoinWriter writer_;
  CarriedWindows windows_;
  StateMultimap* sides_[2] = {nullptr, nullptr};
  WatermarkState watermark_;
  Counter* in_ = nullptr;
  Counter* absorbed_ = nullptr;
  Counter* late_ = nullptr;

  int input_ = 0;
  BatchCursor cursor_;
  KeyedBatch keyed_;
  std::vector<StateRow*> found_;

  // Firing, between pulls.
  bool firing_ = false;
  bool key_open_ = false;
  StateRow* key_[2] = {nullptr, nullptr};
  bool matchable_ = true;
  MultimapEntry* left_next_ = nullptr;
  MultimapEntry* right_next_ = nullptr;
  Batch chunk_;  // left rows of the key
  int32_t chunk_row_ = 0;
  bool row_started_ = false;
  std::vector<MultimapEntry*> matches_;
  size_t match_ = 0;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeWindowJoin(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(
      std::make_unique<WindowJoin>(static_cast<const WindowJoinSpec&>(spec)));
}

}  // namespace rhei
