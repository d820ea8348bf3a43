// Sort: ORDER BY. In batch mode all rows in order at the end; in streaming (kTemporalSort) the
// order begins with the ascending rowtime, and rows go out, in order, as the watermark passes
// them. A row not later than the last timestamp that has gone out is late and dropped.
// in = kept + late.
#include "base/check.h"
#include "operators/batch_cursor.h"
#include "operators/keyed_batch.h"
#include "operators/row_writer.h"
#include "operators/undeclared_change.h"
#include "operators/watermark_state.h"
#include "plan/physical/rank_spec.h"
#include "runtime/operator.h"
#include "state/list_state.h"
#include "state/state_store.h"
#include "types/temporal.h"

namespace rhei {
namespace {

class Sort final : public Operator {
 public:
  explicit Sort(const SortSpec& spec)
      : spec_(spec),
        temporal_(spec.kind == OperatorKind::kTemporalSort),
        passes_(temporal_ && !spec.event_time) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    writer_ = std::make_unique<RowWriter>(spec_.input, &out_, context.settings->batch_rows_max,
                                          context.pool);
    MultimapSpec rows;
    rows.name = "rows";
    rows.row_types = TypesOf(spec_.input);
    rows.find_rows = !spec_.input_changelog.insert_only();
    for (const SortKey& key : spec_.order) {
      const PhysicalType type = PhysicalTypeOf(rows.row_types[static_cast<size_t>(key.column)]);
      if (!SortKeyCodec::IsSortable(type)) {
        return Unsupported("ORDER BY a nested type is not supported yet");
      }
      rows.order.push_back({key.column, type, key.descending, key.nulls_first});
    }
    ASSIGN_OR_RETURN(rows_, context.state->OpenMultimap(rows));
    ASSIGN_OR_RETURN(fired_list_, context.state->OpenList("fired"));
    for (const std::string& element : fired_list_->restored()) {
      fired_ms_ = std::max(fired_ms_, ByteReader(element).ReadFixed<int64_t>());
    }
    RETURN_IF_ERROR(watermark_.Open(context));
    in_ = context.counters->Get("in");
    kept_ = context.counters->Get("kept");
    late_ = context.counters->Get("late");
    context.counters->DeclareEquation({"in"}, {"kept", "late"});
    return {};
  }

  Result<bool> BeforeBarrier(uint64_t /*epoch*/) override {
    watermark_.Save();
    std::string element;
    WriteFixed(fired_ms_, &element);
    fired_list_->Set({std::move(element)});
    return true;
  }

  Status Accept(int /*input*/, Element element) override {
    if (element.kind == ElementKind::kEnd && !temporal_) {
      firing_ = true;
      finishing_ = true;
    }
    if (element.kind != ElementKind::kBatch) return {};
    RETURN_IF_ERROR(CheckOnlyAdditions(element.batch, spec_.input_changelog));
    cursor_.Begin(std::move(element.batch));
    in_->Add(cursor_.batch.row_count);
    if (passes_) {
      kept_->Add(cursor_.batch.row_count);
      out_.Push(std::move(cursor_.batch));
      cursor_.End();
      return {};
    }
    keyed_.Begin(cursor_.batch, {});
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    while (out_.empty()) {
      if (firing_) {
        FireSome();
      } else if (!cursor_.Done()) {
        RETURN_IF_ERROR(Step());
      } else {
        return PullResult::kNeedInput;
      }
    }
    return out_.Pull(out);
  }

 private:
  Status Step() {
    if (cursor_.AtPoint()) {
      watermark_.Set(cursor_.TakePoint());
      firing_ = temporal_;
    } else {
      RETURN_IF_ERROR(TakeRow());
      ++cursor_.row;
    }
    if (cursor_.Done()) {
      cursor_.End();
    }
    return {};
  }

  Status TakeRow() {
    if (temporal_) {
      const Column& column = cursor_.batch.columns[static_cast<size_t>(spec_.order[0].column)];
      if (column.IsNull(cursor_.row)) {
        return DataError(
            "RowTime field should not be null, please convert it to a non-null long value.");
      }
      if (MillisOfMicros(ColumnReader<int64_t>(column)[cursor_.row]) <= fired_ms_) {
        late_->Add(1);
        return {};
      }
    }
    kept_->Add(1);
    StateRow* key = rows_->OnlyKey();
    if (IsAddition(cursor_.batch.change(cursor_.row))) {
      rows_->Add(key, keyed_.columns(), cursor_.row);
    } else if (MultimapEntry* entry = rows_->FindEqual(key, keyed_.columns(), cursor_.row);
               entry != nullptr) {
      rows_->Remove(entry);
    }
    return {};
  }

  // The timestamp (milliseconds) that the sort key begins with: a marker, then big-endian micros.
  static int64_t TimeOf(const MultimapEntry* entry) {
    const std::string_view key = entry->sort_key.view();
    CHECK(key.size() >= 9 && key[0] == 1);
    uint64_t bits = 0;
    for (size_t i = 1; i <= 8; ++i) bits = bits << 8 | static_cast<uint8_t>(key[i]);
    return MillisOfMicros(static_cast<int64_t>(bits ^ (uint64_t{1} << 63)));
  }

  void FireSome() {
    StateRow* key = rows_->FindOnlyKey();
    int32_t written = 0;
    while (key != nullptr && written < context_->settings->batch_rows_max) {
      MultimapEntry* entry = rows_->First(key);
      if (entry == nullptr) break;
      if (temporal_) {
        const int64_t time_ms = TimeOf(entry);
        if (time_ms > watermark_.value()) break;
        fired_ms_ = std::max(fired_ms_, time_ms);
      }
      ++written;
      if (InRange()) {
        writer_->Stored(*rows_, entry);
        writer_->Finish(ChangeKind::kInsert);
      }
      rows_->Remove(entry);
    }
    writer_->Flush();
    if (written > 0) return;
    firing_ = false;
    if (temporal_ || finishing_) {
      if (watermark_.value() != kNoWatermark) out_.PushWatermark(watermark_.value());
    }
  }

  bool InRange() {
    const int64_t index = emitted_++;
    return index >= spec_.offset && (spec_.limit < 0 || index < spec_.offset + spec_.limit);
  }

  SortSpec spec_;
  bool temporal_;
  bool passes_;  // by processing time: rows are in order as they come
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  std::unique_ptr<RowWriter> writer_;
  StateMultimap* rows_ = nullptr;
  ListState* fired_list_ = nullptr;
  int64_t fired_ms_ = INT64_MIN;
  WatermarkState watermark_;
  KeyedBatch keyed_;
  BatchCursor cursor_;
  bool firing_ = false;
  bool finishing_ = false;
  int64_t emitted_ = 0;
  Counter* in_ = nullptr;
  Counter* kept_ = nullptr;
  Counter* late_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeSort(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(std::make_unique<Sort>(static_cast<const SortSpec&>(spec)));
}

}  // namespace rhei
