// Rank: Top-N per partition over an unbounded input, ties by arrival, with Flink's changelog.
//
// Without a rank column only rows that enter or leave are emitted: -D of the row that falls out,
// then +I of the new one; for N = 1 over an input without deletes -U and +U. With a rank column, or
// an offset, every rank whose row has changed gives -U and +U, a rank that is new +I, and one that
// is gone -D. An input without deletes keeps N rows per partition, else all rows are kept, so that
// one can move up. in = absorbed + dropped (dropped: retractions of unknown rows, and rows that can
// never be in the Top-N).
#include <algorithm>

#include "operators/batch_cursor.h"
#include "operators/keyed_batch.h"
#include "operators/row_writer.h"
#include "operators/watermark_state.h"
#include "plan/physical/rank_spec.h"
#include "runtime/operator.h"
#include "state/state_store.h"

namespace rhei {
namespace {

class Rank final : public Operator {
 public:
  explicit Rank(const RankSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    Schema output = spec_.input;
    if (spec_.output_rank) output.fields.push_back({"rank", DataType::BigInt(false), ""});
    writer_ =
        std::make_unique<RowWriter>(output, &out_, context.settings->batch_rows_max, context.pool);
    by_rank_ = spec_.output_rank || spec_.rank_start > 1;
    // Rows only ever get better: what falls out of the Top-N never comes back.
    keeps_all_ = spec_.input_changelog.deletes || spec_.input_changelog.update_before ||
                 spec_.input_changelog.update_after;
    MultimapSpec rows;
    rows.name = "rows";
    rows.key_types = TypesOf(spec_.input, spec_.partition);
    rows.row_types = TypesOf(spec_.input);
    for (const SortKey& key : spec_.order) {
      const PhysicalType type = PhysicalTypeOf(rows.row_types[static_cast<size_t>(key.column)]);
      if (!SortKeyCodec::IsSortable(type)) {
        return Unsupported("ORDER BY a nested type is not supported yet");
      }
      rows.order.push_back({key.column, type, key.descending, key.nulls_first});
    }
    rows.find_rows = keeps_all_;
    rows.identity = spec_.input_upsert_key;
    rows.ttl_ms = spec_.final_rows_only ? 0 : spec_.ttl_ms;
    rows.keep_order = spec_.final_rows_only;
    ASSIGN_OR_RETURN(rows_, context.state->OpenMultimap(rows));
    if (spec_.rank_end_column >= 0) {
      ASSIGN_OR_RETURN(
          bounds_,
          context.state->OpenTable(
              {"bounds", rows.key_types, {SlotSpec::Fixed(sizeof(int64_t))}, rows.ttl_ms, false}));
    }
    if (spec_.final_rows_only) RETURN_IF_ERROR(held_watermark_.Open(context));
    in_ = context.counters->Get("in");
    absorbed_ = context.counters->Get("absorbed");
    dropped_ = context.counters->Get("dropped");
    context.counters->DeclareEquation({"in"}, {"absorbed", "dropped"});
    return {};
  }

  Result<bool> BeforeBarrier(uint64_t /*epoch*/) override {
    if (spec_.final_rows_only) held_watermark_.Save();
    return true;
  }

  Status Accept(int /*input*/, Element element) override {
    if (element.kind == ElementKind::kEnd && spec_.final_rows_only) finishing_ = true;
    if (element.kind != ElementKind::kBatch) return {};
    cursor_.Begin(std::move(element.batch));
    in_->Add(cursor_.batch.row_count);
    if (cursor_.batch.row_count == 0) return {};
    keyed_.Begin(cursor_.batch, spec_.partition);
    const int64_t now_ms = context_->env->clock->WallMicros() / 1000;
    rows_->SetNow(now_ms);
    keys_.resize(keyed_.row_count());
    rows_->FindOrInsertKeys(keyed_.keys(), keyed_.hashes(), keyed_.rows(), keys_.data());
    if (bounds_ != nullptr) FindBounds(now_ms);
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    while (out_.empty()) {
      if (!cursor_.Done()) {
        Step();
      } else if (finishing_) {
        FinishSome();
      } else {
        return PullResult::kNeedInput;
      }
    }
    return out_.Pull(out);
  }

 private:
  // The next point or row; at the batch's end what is written goes out.
  void Step() {
    if (cursor_.AtPoint()) {
      const int64_t watermark_ms = cursor_.TakePoint();
      if (spec_.final_rows_only) {
        held_watermark_.Set(watermark_ms);
      } else {
        writer_->Watermark(watermark_ms);
      }
    } else {
      TakeRow();
      ++cursor_.row;
    }
    if (!cursor_.Done()) return;
    writer_->Flush();
    rows_->EraseEmptyKeys(keys_);
    keys_.clear();
    cursor_.End();
  }

  // Variable N: the bound that the first row of a partition gave holds for the partition.
  void FindBounds(int64_t now_ms) {
    bounds_->SetNow(now_ms);
    std::vector<StateRow*> found(keyed_.row_count());
    std::vector<uint8_t> inserted(keyed_.row_count());
    bounds_->FindOrInsert(keyed_.keys(), keyed_.hashes(), keyed_.rows(), found.data(),
                          inserted.data());
    const Column& column = cursor_.batch.columns[static_cast<size_t>(spec_.rank_end_column)];
    row_bounds_.resize(found.size());
    for (size_t i = 0; i < found.size(); ++i) {
      auto& bound = bounds_->Value<int64_t>(found[i], 0);
      if (inserted[i] != 0) {
        const auto row = static_cast<int32_t>(i);
        bound = column.IsNull(row)                    ? 0
                : column.type == PhysicalType::kInt64 ? ColumnReader<int64_t>(column)[row]
                                                      : ColumnReader<int32_t>(column)[row];
      }
      row_bounds_[i] = bound;
    }
  }

  int64_t RankEnd() const {
    return bounds_ != nullptr ? row_bounds_[static_cast<size_t>(cursor_.row)] : spec_.rank_end;
  }

  void TakeRow() {
    StateRow* key = keys_[static_cast<size_t>(cursor_.row)];
    const bool addition = IsAddition(cursor_.batch.change(cursor_.row));
    const int64_t end = RankEnd();
    if (spec_.final_rows_only && !keeps_all_) return AddBounded(key, end, true);
    if (!keeps_all_ && !by_rank_) return AddBounded(key, end, false);
    if (!keeps_all_ && !Enters(key, end)) return dropped_->Add(1);
    MultimapEntry* old = nullptr;
    if (!addition || !spec_.input_upsert_key.empty()) {
      old = keeps_all_ ? rows_->FindEqual(key, keyed_.columns(), cursor_.row) : nullptr;
    }
    if (!addition && old == nullptr) return dropped_->Add(1);
    absorbed_->Add(1);
    if (spec_.final_rows_only) {
      if (old != nullptr) rows_->Remove(old);
      if (addition) rows_->Add(key, keyed_.columns(), cursor_.row);
      return;
    }
    if (by_rank_) {
      ChangeByRank(key, end, old, addition);
    } else {
      ChangeMembers(key, end, old, addition);
    }
  }

  // True when the row would be among the first `end`: ties stay behind.
  bool Enters(StateRow* key, int64_t end) {
    if (rows_->entry_count(key) < end) return true;
    const MultimapEntry* worst = end > 0 ? rows_->Last(key) : nullptr;
    if (worst == nullptr) return end > 0;
    sort_bytes_.clear();
    rows_->EncodeSortKey(keyed_.columns(), cursor_.row, &sort_bytes_);
    return sort_bytes_ < worst->sort_key.view();
  }

  // Input without deletes, no rank column: the worst row makes place.
  void AddBounded(StateRow* key, int64_t end, bool silent) {
    if (!Enters(key, end)) return dropped_->Add(1);
    absorbed_->Add(1);
    const bool update = end == 1 && bounds_ == nullptr;  // Flink has its Top-1 for constants only
    const bool full = rows_->entry_count(key) >= end;
    if (full) {
      MultimapEntry* worst = rows_->Last(key);
      if (!silent && (!update || spec_.generate_update_before)) {
        writer_->Stored(*rows_, worst);
        writer_->Finish(update ? ChangeKind::kUpdateBefore : ChangeKind::kDelete);
      }
      rows_->Remove(worst);
    }
    rows_->Add(key, keyed_.columns(), cursor_.row);
    if (silent) return;
    writer_->Input(cursor_.batch, cursor_.row);
    writer_->Finish(full && update ? ChangeKind::kUpdateAfter : ChangeKind::kInsert);
  }

  // The first `end` entries of the partition.
  void FirstEntries(StateRow* key, int64_t end, std::vector<MultimapEntry*>* out) {
    out->clear();
    MultimapEntry* entry = rows_->First(key);
    for (int64_t rank = 1; rank <= end && entry != nullptr; ++rank) {
      out->push_back(entry);
      entry = rows_->Next(entry);
    }
  }

  // True when the change leaves the first `end` entries, which are in before_, as they are: `old`
  // is not one of them, and the input row, if it comes, stays behind them all. A new row is behind
  // those that it ties with; one that takes old's place may be from before them.
  bool LeavesFirst(int64_t end, const MultimapEntry* old, bool addition) {
    if (old != nullptr && std::find(before_.begin(), before_.end(), old) != before_.end()) {
      return false;
    }
    if (!addition) return true;
    if (static_cast<int64_t>(before_.size()) < end) return false;
    if (before_.empty()) return true;
    sort_bytes_.clear();
    rows_->EncodeSortKey(keyed_.columns(), cursor_.row, &sort_bytes_);
    const std::string_view last = before_.back()->sort_key.view();
    return old == nullptr ? sort_bytes_ >= last : sort_bytes_ > last;
  }

  void ChangeBehind(StateRow* key, MultimapEntry* old, bool addition) {
    if (old == nullptr) {
      rows_->Add(key, keyed_.columns(), cursor_.row);
    } else if (addition) {
      rows_->Replace(old, keyed_.columns(), cursor_.row);
    } else {
      rows_->Remove(old);
    }
  }

  // With deletes or updates by key, no rank column: `old` goes (or is replaced), the input row may
  // come.
  void ChangeMembers(StateRow* key, int64_t end, MultimapEntry* old, bool addition) {
    FirstEntries(key, end, &before_);
    if (LeavesFirst(end, old, addition)) return ChangeBehind(key, old, addition);
    const bool old_in =
        old != nullptr && std::find(before_.begin(), before_.end(), old) != before_.end();
    if (old != nullptr && addition) return ReplaceMember(key, end, old, old_in);
    if (!addition) {
      writer_->Stored(*rows_, old);
      writer_->Finish(ChangeKind::kDelete);
      rows_->Remove(old);
      FirstEntries(key, end, &after_);
      if (static_cast<int64_t>(after_.size()) < end) return;
      writer_->Stored(*rows_, after_.back());  // moved up
      writer_->Finish(ChangeKind::kInsert);
      return;
    }
    MultimapEntry* added = rows_->Add(key, keyed_.columns(), cursor_.row);
    FirstEntries(key, end, &after_);
    if (std::find(after_.begin(), after_.end(), added) == after_.end()) return;
    PushOut(static_cast<int64_t>(before_.size()) == end ? before_.back() : nullptr);
  }

  void ReplaceMember(StateRow* key, int64_t end, MultimapEntry* old, bool old_in) {
    const std::string old_row(old->row.view());
    MultimapEntry* last_before = before_.empty() ? nullptr : before_.back();
    rows_->Replace(old, keyed_.columns(), cursor_.row);
    FirstEntries(key, end, &after_);
    const bool new_in = std::find(after_.begin(), after_.end(), old) != after_.end();
    const RowCodec codec(rows_->spec().row_types);
    if (old_in && new_in) {
      if (spec_.generate_update_before) {
        writer_->Stored(codec, old_row);
        writer_->Finish(ChangeKind::kUpdateBefore);
      }
      writer_->Input(cursor_.batch, cursor_.row);
      writer_->Finish(ChangeKind::kUpdateAfter);
    } else if (old_in) {
      writer_->Stored(codec, old_row);
      writer_->Finish(ChangeKind::kDelete);
      if (!after_.empty() && static_cast<int64_t>(after_.size()) == end) {
        writer_->Stored(*rows_, after_.back());
        writer_->Finish(ChangeKind::kInsert);
      }
    } else if (new_in) {
      PushOut(last_before);
    }
  }

  // The input row comes, and `last`, the worst so far (null: none), falls out. A Top-1 that rows
  // only ever enter is an update.
  void PushOut(const MultimapEntry* last) {
    const bool update =
        last != nullptr && spec_.only_improves && spec_.rank_end == 1 && bounds_ == nullptr;
    if (last != nullptr && (!update || spec_.generate_update_before)) {
      writer_->Stored(*rows_, last);
      writer_->Finish(update ? ChangeKind::kUpdateBefore : ChangeKind::kDelete);
    }
    writer_->Input(cursor_.batch, cursor_.row);
    writer_->Finish(update ? ChangeKind::kUpdateAfter : ChangeKind::kInsert);
  }

  // Compares the ranks' rows before and after the change.
  void ChangeByRank(StateRow* key, int64_t end, MultimapEntry* old, bool addition) {
    FirstEntries(key, end, &before_);
    if (keeps_all_ && LeavesFirst(end, old, addition)) return ChangeBehind(key, old, addition);
    // The row that goes is read before it is gone.
    std::string old_row;
    if (old != nullptr) old_row = old->row.view();
    MultimapEntry* changed = nullptr;  // an entry whose row is not what it was
    if (old != nullptr && addition) {
      rows_->Replace(old, keyed_.columns(), cursor_.row);
      changed = old;
    } else if (old != nullptr) {
      rows_->Remove(old);
    } else {
      rows_->Add(key, keyed_.columns(), cursor_.row);
    }
    FirstEntries(key, end, &after_);
    const size_t ranks = std::max(before_.size(), after_.size());
    for (size_t i = static_cast<size_t>(spec_.rank_start - 1); i < ranks; ++i) {
      MultimapEntry* was = i < before_.size() ? before_[i] : nullptr;
      MultimapEntry* is = i < after_.size() ? after_[i] : nullptr;
      if (was == is && was != changed) continue;
      const auto rank = static_cast<int64_t>(i) + 1;
      if (was != nullptr && (is == nullptr || spec_.generate_update_before)) {
        WriteRanked(was == old ? nullptr : was, old_row, rank,
                    is == nullptr ? ChangeKind::kDelete : ChangeKind::kUpdateBefore);
      }
      if (is != nullptr) {
        WriteRanked(is, {}, rank, was == nullptr ? ChangeKind::kInsert : ChangeKind::kUpdateAfter);
      }
    }
    if (!keeps_all_ && static_cast<int64_t>(rows_->entry_count(key)) > end) {
      rows_->Remove(rows_->Last(key));
    }
  }

  // `entry`, or the stored row `row` when it is null.
  void WriteRanked(const MultimapEntry* entry, std::string_view row, int64_t rank,
                   ChangeKind kind) {
    if (entry != nullptr) {
      writer_->Stored(*rows_, entry);
    } else {
      writer_->Stored(RowCodec(rows_->spec().row_types), row);
    }
    if (spec_.output_rank) writer_->Value(rank);
    writer_->Finish(kind);
  }

  // Batch mode: the ranks' rows, partition by partition.
  void FinishSome() {
    StateRow* key = rows_->NextKey(&next_key_);
    if (key == nullptr) {
      finishing_ = false;
      writer_->Flush();
      if (held_watermark_.value() != kNoWatermark) out_.PushWatermark(held_watermark_.value());
      return;
    }
    MultimapEntry* entry = finish_entry_ == nullptr ? rows_->First(key) : finish_entry_;
    int64_t end = spec_.rank_end;
    if (bounds_ != nullptr) end = INT64_MAX;  // bounded while rows came
    for (; entry != nullptr && finish_rank_ <= end && out_.empty(); entry = rows_->Next(entry)) {
      if (finish_rank_ >= spec_.rank_start) {
        WriteRanked(entry, {}, finish_rank_, ChangeKind::kInsert);
      }
      ++finish_rank_;
    }
    if (entry != nullptr && finish_rank_ <= end) {
      finish_entry_ = entry;
      return;
    }
    ++next_key_;
    finish_entry_ = nullptr;
    finish_rank_ = 1;
  }

  RankSpec spec_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  std::unique_ptr<RowWriter> writer_;
  StateMultimap* rows_ = nullptr;
  StateTable* bounds_ = nullptr;
  WatermarkState held_watermark_;
  bool by_rank_ = false;
  bool keeps_all_ = false;
  Counter* in_ = nullptr;
  Counter* absorbed_ = nullptr;
  Counter* dropped_ = nullptr;

  BatchCursor cursor_;
  KeyedBatch keyed_;
  std::vector<StateRow*> keys_;
  std::vector<int64_t> row_bounds_;
  std::vector<MultimapEntry*> before_, after_;
  std::string sort_bytes_;

  bool finishing_ = false;
  uint32_t next_key_ = 0;
  MultimapEntry* finish_entry_ = nullptr;
  int64_t finish_rank_ = 1;
};

// LIMIT and ORDER BY .. LIMIT are a Top-N of one partition without a rank column.
Result<std::unique_ptr<Operator>> MakeOfSort(const SortSpec& sort) {
  RankSpec rank;
  rank.input = sort.input;
  rank.order = sort.order;
  rank.rank_start = sort.offset + 1;
  rank.rank_end = sort.limit < 0 ? INT64_MAX : sort.offset + sort.limit;
  rank.input_changelog = sort.input_changelog;
  rank.input_upsert_key = sort.input_upsert_key;
  rank.only_improves = sort.only_improves;
  rank.generate_update_before = sort.generate_update_before;
  rank.final_rows_only = sort.batch_mode;
  return std::unique_ptr<Operator>(std::make_unique<Rank>(rank));
}

}  // namespace

Result<std::unique_ptr<Operator>> MakeRank(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(std::make_unique<Rank>(static_cast<const RankSpec&>(spec)));
}

Result<std::unique_ptr<Operator>> MakeSortLimit(const OperatorSpec& spec) {
  return MakeOfSort(static_cast<const SortSpec&>(spec));
}

}  // namespace rhei
