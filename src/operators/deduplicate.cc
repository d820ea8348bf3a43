// Deduplicate: the first or the last row per key.
//
// First by arrival: +I of the row that comes first. First by event time: the row with the smallest
// timestamp, +I when the watermark reaches it; rows behind the watermark are late. Last by event
// time: at once, +I, then -U and +U whenever a row with the same or a later timestamp comes. Last
// by arrival is ChangelogNormalize's operator. Batch mode: +I per key at the end.
// in = absorbed + duplicates + late.
#include "columnar/row_codec.h"
#include "operators/batch_cursor.h"
#include "operators/kept_rows.h"
#include "operators/key_timers.h"
#include "operators/keyed_batch.h"
#include "operators/row_writer.h"
#include "operators/watermark_state.h"
#include "plan/physical/rank_spec.h"
#include "runtime/operator.h"
#include "state/state_store.h"
#include "state/table.h"
#include "types/temporal.h"

namespace rhei {

Result<std::unique_ptr<Operator>> MakeLastRowByArrival(const DeduplicateSpec& spec);

namespace {

class Deduplicate final : public Operator {
 public:
  explicit Deduplicate(const DeduplicateSpec& spec)
      : spec_(spec),
        codec_(TypesOf(spec.input)),
        by_arrival_(!spec.event_time),
        fires_(spec.event_time && spec.keep_first && !spec.final_rows_only) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    writer_ = std::make_unique<RowWriter>(spec_.input, &out_, context.settings->batch_rows_max,
                                          context.pool);
    TableSpec table{"rows", TypesOf(spec_.input, spec_.partition), {}, spec_.ttl_ms, false};
    if (spec_.final_rows_only) {
      table.ttl_ms = 0;
      table.keep_order = true;
    }
    // By arrival the key alone says that the row has been.
    if (!by_arrival_ || spec_.final_rows_only) {
      table.slots = {SlotSpec::Fixed(sizeof(int64_t)), SlotSpec::String()};
    }
    ASSIGN_OR_RETURN(table_, context.state->OpenTable(table));
    if (fires_) {
      RETURN_IF_ERROR(
          timers_.Open(context.state, TypesOf(spec_.input, spec_.partition), context.pool));
    }
    RETURN_IF_ERROR(watermark_.Open(context));
    in_ = context.counters->Get("in");
    absorbed_ = context.counters->Get("absorbed");
    duplicates_ = context.counters->Get("duplicates");
    late_ = context.counters->Get("late");
    context.counters->DeclareEquation({"in"}, {"absorbed", "duplicates", "late"});
    return {};
  }

  Result<bool> BeforeBarrier(uint64_t /*epoch*/) override {
    watermark_.Save();
    return true;
  }

  Status Accept(int /*input*/, Element element) override {
    if (element.kind == ElementKind::kEnd && spec_.final_rows_only) kept_rows_.Begin();
    if (element.kind != ElementKind::kBatch) return {};
    cursor_.Begin(std::move(element.batch));
    in_->Add(cursor_.batch.row_count);
    if (cursor_.batch.row_count == 0) return {};
    keyed_.Begin(cursor_.batch, spec_.partition);
    table_->SetNow(context_->env->clock->WallMicros() / 1000);
    found_.resize(keyed_.row_count());
    inserted_.resize(keyed_.row_count());
    if (by_arrival_ && !spec_.final_rows_only) return KeepFirstArrivals();
    FindOrPutKeys();
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    while (out_.empty()) {
      if (firing_) {
        FireSome();
      } else if (!cursor_.Done()) {
        RETURN_IF_ERROR(Step());
      } else if (kept_rows_.active()) {
        kept_rows_.WriteSome(table_, 1, codec_, writer_.get(), watermark_.value(), &out_);
      } else {
        return PullResult::kNeedInput;
      }
    }
    return out_.Pull(out);
  }

 private:
  // A row that is not kept does not renew the key's time to live, so keys are looked up before they
  // are put; what is kept is touched then.
  void FindOrPutKeys() {
    table_->Find(keyed_.keys(), keyed_.hashes(), keyed_.rows(), found_.data());
    std::vector<int32_t> unknown;
    for (const int32_t row : keyed_.rows()) {
      if (found_[static_cast<size_t>(row)] == nullptr) unknown.push_back(row);
    }
    std::vector<StateRow*> put(unknown.size());
    table_->FindOrInsert(keyed_.keys(), keyed_.hashes(), unknown, put.data(), nullptr);
    for (size_t i = 0; i < unknown.size(); ++i) found_[static_cast<size_t>(unknown[i])] = put[i];
  }

  // As FindOrPutKeys, but only new keys are of interest.
  Status KeepFirstArrivals() {
    table_->Find(keyed_.keys(), keyed_.hashes(), keyed_.rows(), found_.data());
    std::vector<int32_t> unknown;
    for (const int32_t row : keyed_.rows()) {
      if (found_[static_cast<size_t>(row)] == nullptr) unknown.push_back(row);
    }
    found_.resize(unknown.size());
    table_->FindOrInsert(keyed_.keys(), keyed_.hashes(), unknown, found_.data(), inserted_.data());
    std::vector<int32_t> first;
    for (size_t i = 0; i < unknown.size(); ++i) {
      if (inserted_[i] != 0) first.push_back(unknown[i]);
    }
    const auto kept = static_cast<int32_t>(first.size());
    absorbed_->Add(kept);
    duplicates_->Add(cursor_.batch.row_count - kept);
    out_.Push(GatherRows(cursor_.batch, first, context_->pool));
    cursor_.End();
    return {};
  }

  Status Step() {
    if (cursor_.AtPoint()) {
      const int64_t watermark_ms = cursor_.TakePoint();
      watermark_.Set(watermark_ms);
      if (fires_) {
        firing_ = true;
      } else if (!spec_.final_rows_only) {
        writer_->Watermark(watermark_ms);
      }
    } else {
      RETURN_IF_ERROR(TakeRow());
      ++cursor_.row;
    }
    if (!cursor_.Done()) return {};
    writer_->Flush();
    EraseForgotten();
    cursor_.End();
    return {};
  }

  // At the end of the batch, not before: found_ names the rows until then.
  void EraseForgotten() {
    for (StateRow* kept : forgotten_) {
      if (StateTable::IsLive(kept) && table_->String(kept, 1).empty()) table_->Erase(kept);
    }
    forgotten_.clear();
  }

  Status TakeRow() {
    StateRow* kept = found_[static_cast<size_t>(cursor_.row)];
    const bool known = !table_->String(kept, 1).empty();
    int64_t time = 0;
    if (!by_arrival_) {
      const Column& column = cursor_.batch.columns[static_cast<size_t>(spec_.time_column)];
      if (column.IsNull(cursor_.row)) {
        return DataError(
            "RowTime field should not be null, please convert it to a non-null long value.");
      }
      time = MillisOfMicros(ColumnReader<int64_t>(column)[cursor_.row]);
    }
    auto& kept_time = table_->Value<int64_t>(kept, 0);
    if (fires_ && time < watermark_.value()) {
      late_->Add(1);
      if (!known) forgotten_.push_back(kept);
      return {};
    }
    const bool keeps_old =
        known && (spec_.keep_first ? by_arrival_ || time >= kept_time : time < kept_time);
    if (keeps_old) {
      duplicates_->Add(1);
      return {};
    }
    absorbed_->Add(1);
    table_->Touch(kept);
    bytes_.clear();
    codec_.Encode(keyed_.columns(), cursor_.row, &bytes_);
    const bool emits = !fires_ && !spec_.final_rows_only;
    if (emits && known && spec_.generate_update_before) {
      writer_->Stored(codec_, table_->String(kept, 1));
      writer_->Finish(ChangeKind::kUpdateBefore);
    }
    if (fires_) {
      const uint64_t hash = keyed_.hashes()[cursor_.row];
      if (known) {
        timers_.Move(kept_time, time, hash, keyed_.keys(), cursor_.row);
      } else {
        timers_.Add(time, hash, keyed_.keys(), cursor_.row);
      }
    }
    table_->SetString(kept, 1, bytes_);
    kept_time = time;
    if (!emits) return {};
    writer_->Input(cursor_.batch, cursor_.row);
    writer_->Finish(known ? ChangeKind::kUpdateAfter : ChangeKind::kInsert);
    return {};
  }

  // Emits what the watermark has reached, a batch at most.
  void FireSome() {
    KeyTimer due;
    int32_t written = 0;
    while (written < context_->settings->batch_rows_max &&
           timers_.PopDue(watermark_.value(), &due)) {
      const std::vector<const Column*> keys = due.keys();
      const int32_t rows[] = {0};
      StateRow* kept;
      table_->Find(keys, &due.timer.hash, rows, &kept);
      if (kept == nullptr || table_->Value<int64_t>(kept, 0) != due.timer.time_ms) continue;
      writer_->Stored(codec_, table_->String(kept, 1));
      writer_->Finish(ChangeKind::kInsert);
      ++written;
    }
    if (written == 0) {
      firing_ = false;
      writer_->Watermark(watermark_.value());
    }
    writer_->Flush();
  }

  DeduplicateSpec spec_;
  RowCodec codec_;
  bool by_arrival_;
  bool fires_;  // rows wait for the watermark
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  std::unique_ptr<RowWriter> writer_;
  StateTable* table_ = nullptr;
  KeyTimers timers_;
  WatermarkState watermark_;
  Counter* in_ = nullptr;
  Counter* absorbed_ = nullptr;
  Counter* duplicates_ = nullptr;
  Counter* late_ = nullptr;

  BatchCursor cursor_;
  KeyedBatch keyed_;
  std::vector<StateRow*> found_;
  std::vector<uint8_t> inserted_;
  std::vector<StateRow*> forgotten_;  // keys of this batch that late rows were the first to name
  std::string bytes_;
  bool firing_ = false;
  KeptRows kept_rows_;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeDeduplicate(const OperatorSpec& spec) {
  const auto& deduplicate = static_cast<const DeduplicateSpec&>(spec);
  if (!deduplicate.event_time && !deduplicate.keep_first) return MakeLastRowByArrival(deduplicate);
  return std::unique_ptr<Operator>(std::make_unique<Deduplicate>(deduplicate));
}

}  // namespace rhei
