// WindowRank: Top-N within the windows that the input carries: when the watermark passes a
// window's end, the rows rank_start to rank_end of each partition, in order, with their rank.
// Insert-only; ties by arrival. Rows whose window is over are late, and go to the side output.
// in = absorbed + outranked + late.
#include "operators/carried_windows.h"
#include "operators/row_writer.h"
#include "operators/watermark_state.h"
#include "plan/physical/rank_spec.h"
#include "runtime/operator.h"
#include "state/state_store.h"

namespace rhei {
namespace {

class WindowRank final : public Operator {
 public:
  explicit WindowRank(const WindowRankSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    Schema output = spec_.input;
    if (spec_.output_rank) output.fields.push_back({"rank", DataType::BigInt(false), ""});
    writer_ =
        std::make_unique<RowWriter>(output, &out_, context.settings->batch_rows_max, context.pool);
    MultimapSpec rows;
    rows.name = "rows";
    rows.key_types = KeyTypes(spec_);
    rows.row_types = TypesOf(spec_.input);
    rows.find_rows = false;
    for (const SortKey& key : spec_.order) {
      const PhysicalType type = PhysicalTypeOf(rows.row_types[static_cast<size_t>(key.column)]);
      if (!SortKeyCodec::IsSortable(type)) {
        return Unsupported("ORDER BY a nested type is not supported yet");
      }
      rows.order.push_back({key.column, type, key.descending, key.nulls_first});
    }
    ASSIGN_OR_RETURN(rows_, context.state->OpenMultimap(rows));
    RETURN_IF_ERROR(windows_.Open(context.state, spec_.time_zone, KeyTypes(spec_), "window Top-N",
                                  context.pool));
    RETURN_IF_ERROR(watermark_.Open(context));
    in_ = context.counters->Get("in");
    absorbed_ = context.counters->Get("absorbed");
    outranked_ = context.counters->Get("outranked");
    late_ = context.counters->Get("late");
    context.counters->DeclareEquation({"in"}, {"absorbed", "outranked", "late"});
    return {};
  }

  Result<bool> BeforeBarrier(uint64_t /*epoch*/) override {
    watermark_.Save();
    return true;
  }

  Status Accept(int /*input*/, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    cursor_.Begin(std::move(element.batch));
    in_->Add(cursor_.batch.row_count);
    if (cursor_.batch.row_count > 0) keyed_.Begin(cursor_.batch, spec_.partition);
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    while (out_.empty()) {
      if (firing_) {
        FireSome();
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
  static std::vector<DataType> KeyTypes(const WindowRankSpec& spec) {
    std::vector<DataType> out = TypesOf(spec.input, spec.partition);
    out.push_back(spec.input.type(static_cast<size_t>(spec.window_start_column)));
    out.push_back(spec.input.type(static_cast<size_t>(spec.window_end_column)));
    return out;
  }

  Status TakeRows() {
    RETURN_IF_ERROR(windows_.Take(&cursor_, keyed_, spec_.window_start_column,
                                  spec_.window_end_column, watermark_.value()));
    const std::vector<int32_t>& late = windows_.late();
    late_->Add(static_cast<int64_t>(late.size()));
    if (!late.empty()) {
      Batch rows = GatherRows(cursor_.batch, late, context_->pool);
      rows.points.clear();
      out_.Push(std::move(rows), kLatePort);
    }
    const std::vector<int32_t>& taken = windows_.rows();
    found_.resize(taken.size());
    rows_->FindOrInsertKeys(windows_.keys(), windows_.hashes(), taken, found_.data());
    for (size_t i = 0; i < taken.size(); ++i) {
      if (rows_->entry_count(found_[i]) == 0) {
        windows_.SetTimer(taken[i]);
      } else if (!MakePlace(found_[i], taken[i])) {
        outranked_->Add(1);
        continue;
      }
      absorbed_->Add(1);
      rows_->Add(found_[i], keyed_.columns(), taken[i]);
    }
    return {};
  }

  // False when the row comes after rank_end rows already.
  bool MakePlace(StateRow* key, int32_t row) {
    if (rows_->entry_count(key) < spec_.rank_end) return true;
    MultimapEntry* worst = rows_->Last(key);
    sort_bytes_.clear();
    rows_->EncodeSortKey(keyed_.columns(), row, &sort_bytes_);
    if (sort_bytes_ >= worst->sort_key.view()) return false;
    rows_->Remove(worst);
    return true;
  }

  // Goes on with the partition that fires, or begins the next one.
  void FireSome() {
    if (key_ == nullptr && !NextKey()) {
      firing_ = false;
      writer_->Watermark(watermark_.value());
      writer_->Flush();
      return;
    }
    // With N large one partition is more than a batch.
    while (entry_ != nullptr && out_.empty()) {
      if (rank_ >= spec_.rank_start) {
        writer_->Stored(*rows_, entry_);
        if (spec_.output_rank) writer_->Value(rank_);
        writer_->Finish(ChangeKind::kInsert);
      }
      ++rank_;
      entry_ = rows_->Next(entry_);
    }
    if (entry_ != nullptr) return;
    rows_->RemoveAll(key_);
    rows_->EraseEmptyKeys({&key_, 1});
    key_ = nullptr;
  }

  bool NextKey() {
    KeyTimer fired;
    while (windows_.Fire(watermark_.value(), &fired)) {
      const std::vector<const Column*> keys = fired.keys();
      const int32_t rows[] = {0};
      const uint64_t hash = CarriedWindows::HashOf(fired);
      rows_->FindKeys(keys, &hash, rows, &key_);
      if (key_ == nullptr) continue;
      entry_ = rows_->First(key_);
      rank_ = 1;
      return true;
    }
    return false;
  }

  WindowRankSpec spec_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  std::unique_ptr<RowWriter> writer_;
  CarriedWindows windows_;
  StateMultimap* rows_ = nullptr;
  WatermarkState watermark_;
  Counter* in_ = nullptr;
  Counter* absorbed_ = nullptr;
  Counter* outranked_ = nullptr;
  Counter* late_ = nullptr;

  BatchCursor cursor_;
  KeyedBatch keyed_;
  std::vector<StateRow*> found_;
  std::string sort_bytes_;
  bool firing_ = false;
  StateRow* key_ = nullptr;
  MultimapEntry* entry_ = nullptr;
  int64_t rank_ = 1;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeWindowRank(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(
      std::make_unique<WindowRank>(static_cast<const WindowRankSpec&>(spec)));
}

}  // namespace rhei
