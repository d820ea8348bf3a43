// ChangelogNormalize: an upsert stream made a full changelog. It keeps the newest row per key: +I
// for a new key; nothing for an equal row (unless state expires); else -U and +U; a delete gives
// the row that is kept. Changes of unknown keys are dropped. in = absorbed + dropped + unchanged.
// Columns of processing time make no row different: in Flink they have no value until they are
// read.
//
// With a condition only rows for which it is TRUE are shown: a shown row whose key moves on to a
// row that is not is deleted (-D), and the next one that passes is new (+I).
//
// Keeping the last row by processing time (Deduplicate) is the same operator.
#include "columnar/row_codec.h"
#include "operators/expressions.h"
#include "operators/kept_rows.h"
#include "operators/keyed_batch.h"
#include "operators/row_writer.h"
#include "operators/watermark_state.h"
#include "plan/physical/calc_spec.h"
#include "plan/physical/rank_spec.h"
#include "runtime/operator.h"
#include "state/state_store.h"
#include "state/table.h"

namespace rhei {
namespace {

struct LastRowSpec {
  Schema input;
  std::vector<int> key;
  BoundExprPtr condition;
  bool generate_update_before = true;
  bool final_rows_only = false;
  int64_t ttl_ms = 0;
};

class LastRow final : public Operator {
 public:
  explicit LastRow(LastRowSpec spec) : spec_(std::move(spec)), codec_(TypesOf(spec_.input)) {
    for (size_t i = 0; i < spec_.input.size(); ++i) {
      if (spec_.input.type(i).time_attribute() == TimeAttribute::kProctime) clocks_.push_back(i);
    }
  }

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    writer_ = std::make_unique<RowWriter>(spec_.input, &out_, context.settings->batch_rows_max,
                                          context.pool);
    TableSpec table{"rows",
                    TypesOf(spec_.input, spec_.key),
                    {SlotSpec::String()},
                    spec_.ttl_ms,
                    spec_.final_rows_only};
    if (spec_.condition != nullptr) {
      table.slots.push_back(SlotSpec::Fixed(sizeof(uint64_t)));
      ASSIGN_OR_RETURN(condition_, CompileFor(context, std::span(&spec_.condition, 1)));
    }
    ASSIGN_OR_RETURN(table_, context.state->OpenTable(table));
    if (spec_.final_rows_only) RETURN_IF_ERROR(held_watermark_.Open(context));
    in_ = context.counters->Get("in");
    absorbed_ = context.counters->Get("absorbed");
    dropped_ = context.counters->Get("dropped");
    unchanged_ = context.counters->Get("unchanged");
    context.counters->DeclareEquation({"in"}, {"absorbed", "dropped", "unchanged"});
    return {};
  }

  Result<bool> BeforeBarrier(uint64_t /*epoch*/) override {
    if (spec_.final_rows_only) held_watermark_.Save();
    return true;
  }

  Status Accept(int /*input*/, Element element) override {
    if (element.kind == ElementKind::kEnd && spec_.final_rows_only) kept_rows_.Begin();
    if (element.kind != ElementKind::kBatch) return {};
    const Batch& batch = element.batch;
    in_->Add(batch.row_count);
    keyed_.Begin(batch, spec_.key);
    table_->SetNow(context_->env->clock->WallMicros() / 1000);
    found_.resize(keyed_.row_count());
    table_->FindOrInsert(keyed_.keys(), keyed_.hashes(), keyed_.rows(), found_.data(), nullptr);
    RETURN_IF_ERROR(FindPassing(batch));
    size_t point = 0;
    for (int32_t row = 0; row <= batch.row_count; ++row) {
      for (; point < batch.points.size() && batch.points[point].row <= row; ++point) {
        if (spec_.final_rows_only) {
          held_watermark_.Set(batch.points[point].watermark_ms);
        } else {
          writer_->Watermark(batch.points[point].watermark_ms);
        }
      }
      if (row < batch.row_count) TakeRow(batch, row);
    }
    writer_->Flush();
    // A kept row is never empty: its bytes begin with the NULL bits.
    for (StateRow* kept : found_) {
      if (StateTable::IsLive(kept) && table_->String(kept, 0).empty()) table_->Erase(kept);
    }
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    if (kept_rows_.active()) {
      kept_rows_.WriteSome(table_, 0, codec_, writer_.get(), held_watermark_.value(), &out_);
    }
    return out_.Pull(out);
  }

 private:
  Status FindPassing(const Batch& batch) {
    if (condition_ == nullptr || batch.row_count == 0) return {};
    RETURN_IF_ERROR(
        condition_->Evaluate(batch.columns, batch.row_count, RunNow(*context_), &results_));
    true_rows_.clear();
    TrueRows(results_[0], &true_rows_);
    passes_.assign(static_cast<size_t>(batch.row_count), 0);
    for (const int32_t row : true_rows_) passes_[static_cast<size_t>(row)] = 1;
    return {};
  }

  bool Shown(StateRow* kept) const {
    return condition_ == nullptr || table_->Value<uint64_t>(kept, 1) != 0;
  }

  void TakeRow(const Batch& batch, int32_t row) {
    StateRow* kept = found_[static_cast<size_t>(row)];
    const bool known = !table_->String(kept, 0).empty();
    const bool shown = known && Shown(kept);
    if (!IsAddition(batch.change(row))) {
      if (!known) return dropped_->Add(1);
      absorbed_->Add(1);
      if (shown) Write(table_->String(kept, 0), ChangeKind::kDelete);
      table_->SetString(kept, 0, {});
      return;
    }
    bytes_.clear();
    codec_.Encode(keyed_.columns(), row, &bytes_, clocks_.empty() ? nullptr : &bounds_);
    if (known && spec_.ttl_ms <= 0 && IsSame(table_->String(kept, 0))) return unchanged_->Add(1);
    absorbed_->Add(1);
    const bool passes = condition_ == nullptr || passes_[static_cast<size_t>(row)] != 0;
    if (shown && !passes) {
      Write(table_->String(kept, 0), ChangeKind::kDelete);
    } else if (shown && spec_.generate_update_before) {
      Write(table_->String(kept, 0), ChangeKind::kUpdateBefore);
    }
    table_->SetString(kept, 0, bytes_);
    if (condition_ != nullptr) table_->Value<uint64_t>(kept, 1) = passes ? 1 : 0;
    if (spec_.final_rows_only || !passes) return;
    writer_->Input(batch, row);
    writer_->Finish(shown ? ChangeKind::kUpdateAfter : ChangeKind::kInsert);
  }

  // The row in bytes_ and a kept one, apart from columns of processing time. Up to the first
  // difference a column ends at the same place in both.
  bool IsSame(std::string_view kept) const {
    if (clocks_.empty()) return kept == bytes_;
    if (kept.size() != bytes_.size()) return false;
    const std::string_view row = bytes_;
    size_t at = 0;
    for (const size_t clock : clocks_) {
      const size_t end = bounds_[clock];
      if (kept.substr(at, end - at) != row.substr(at, end - at)) return false;
      at = bounds_[clock + 1];
    }
    return kept.substr(at) == row.substr(at);
  }

  void Write(std::string_view row, ChangeKind kind) {
    if (spec_.final_rows_only) return;
    writer_->Stored(codec_, row);
    writer_->Finish(kind);
  }

  LastRowSpec spec_;
  RowCodec codec_;
  std::vector<size_t> clocks_;  // the columns of processing time
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  std::unique_ptr<RowWriter> writer_;
  StateTable* table_ = nullptr;
  WatermarkState held_watermark_;
  KeyedBatch keyed_;
  std::vector<StateRow*> found_;
  std::unique_ptr<ExprProgram> condition_;
  std::vector<Column> results_;
  std::vector<int32_t> true_rows_;
  std::vector<uint8_t> passes_;  // by row of the batch
  std::string bytes_;
  std::vector<size_t> bounds_;  // of the columns in bytes_
  KeptRows kept_rows_;
  Counter* in_ = nullptr;
  Counter* absorbed_ = nullptr;
  Counter* dropped_ = nullptr;
  Counter* unchanged_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeChangelogNormalize(const OperatorSpec& spec) {
  const auto& normalize = static_cast<const ChangelogNormalizeSpec&>(spec);
  LastRowSpec last{.input = normalize.input,
                   .key = normalize.key,
                   .condition = normalize.condition,
                   .generate_update_before = normalize.generate_update_before,
                   .ttl_ms = normalize.ttl_ms};
  return std::unique_ptr<Operator>(std::make_unique<LastRow>(std::move(last)));
}

Result<std::unique_ptr<Operator>> MakeLastRowByArrival(const DeduplicateSpec& spec) {
  LastRowSpec last{.input = spec.input,
                   .key = spec.partition,
                   .condition = nullptr,
                   .generate_update_before = spec.generate_update_before,
                   .final_rows_only = spec.final_rows_only,
                   .ttl_ms = spec.final_rows_only ? 0 : spec.ttl_ms};
  return std::unique_ptr<Operator>(std::make_unique<LastRow>(std::move(last)));
}

}  // namespace rhei
