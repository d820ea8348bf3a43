// Join: the regular join of two changing inputs; both are kept, by join key.
//
// Inner: every match has the kind of the input row. Outer: a row without a partner is padded with
// NULLs; the first partner takes the padded row back (-D, then +I of the matches), losing the last
// one brings it back (-D of the match, then +I). SEMI and ANTI give left rows. How many partners
// the rows of an outer side have is kept with them. NULL keys match nothing, unless compared by IS
// NOT DISTINCT FROM. in = added + retracted + unmatchable.
//
// Batch mode: an inner join runs as it does in streaming; the others store both inputs and join at
// the end.
#include "columnar/batch_builder.h"
#include "operators/batch_cursor.h"
#include "operators/join_writer.h"
#include "operators/keyed_batch.h"
#include "operators/undeclared_change.h"
#include "runtime/operator.h"
#include "state/state_store.h"

namespace rhei {
namespace {

bool LeftIsOuter(JoinType type) {
  return type == JoinType::kLeft || type == JoinType::kFull;
}
bool RightIsOuter(JoinType type) {
  return type == JoinType::kRight || type == JoinType::kFull;
}

class Join final : public Operator {
 public:
  explicit Join(const JoinSpec& spec)
      : spec_(spec),
        semi_(spec.type == JoinType::kSemi || spec.type == JoinType::kAnti),
        at_end_(spec.batch_mode && spec.type != JoinType::kInner) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    ASSIGN_OR_RETURN(sides_[0], OpenSide("left", spec_.left));
    ASSIGN_OR_RETURN(sides_[1], OpenSide("right", spec_.right));
    RETURN_IF_ERROR(writer_.Open(context, spec_.type, spec_.left.schema, spec_.right.schema,
                                 spec_.residual, &out_));
    in_ = context.counters->Get("in");
    added_ = context.counters->Get("added");
    retracted_ = context.counters->Get("retracted");
    unmatchable_ = context.counters->Get("unmatchable");
    context.counters->DeclareEquation({"in"}, {"added", "retracted", "unmatchable"});
    return {};
  }

  Status Accept(int input, Element element) override {
    if (element.kind == ElementKind::kEnd && at_end_ && ++ended_inputs_ == 2) {
      writer_.Flush();
      finish_ = Finish::kLeft;
    }
    if (element.kind != ElementKind::kBatch) return {};
    RETURN_IF_ERROR(CheckOnlyAdditions(element.batch,
                                       input == 0 ? spec_.left.changelog : spec_.right.changelog));
    in_->Add(element.batch.row_count);
    return Begin(input, std::move(element.batch));
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    while (out_.empty()) {
      if (writer_.full()) {
        writer_.Flush();
      } else if (!cursor_.Done()) {
        RETURN_IF_ERROR(Step());
      } else if (finish_ != Finish::kNone) {
        RETURN_IF_ERROR(FinishStep());
      } else {
        return PullResult::kNeedInput;
      }
    }
    return out_.Pull(out);
  }

 private:
  enum class Phase : uint8_t { kStart, kTakePadsBack, kMatches, kBringPads };
  enum class Finish : uint8_t { kNone, kLeft, kRight };

  Result<StateMultimap*> OpenSide(const char* name, const JoinSide& side) {
    MultimapSpec rows;
    rows.name = name;
    rows.key_types = TypesOf(side.schema, side.keys);
    rows.row_types = TypesOf(side.schema);
    const bool append_only = side.changelog.insert_only();
    rows.counted = !append_only && side.upsert_key.empty();
    rows.find_rows = !append_only;
    rows.identity = append_only ? std::vector<int>() : side.upsert_key;
    rows.ttl_ms = spec_.batch_mode ? 0 : side.ttl_ms;
    rows.keep_order = at_end_;
    return context_->state->OpenMultimap(rows);
  }

  const JoinSide& side(int input) const { return input == 0 ? spec_.left : spec_.right; }

  Status Begin(int input, Batch batch) {
    input_ = input;
    cursor_.Begin(std::move(batch));
    phase_ = Phase::kStart;
    writer_.Begin(&cursor_.batch, input == 0);
    if (cursor_.batch.row_count == 0) return {};
    keyed_.Begin(cursor_.batch, side(input).keys);
    const int64_t now_ms = context_->env->clock->WallMicros() / 1000;
    if (finish_ == Finish::kNone) {
      for (StateMultimap* rows : sides_) rows->SetNow(now_ms);
      own_keys_.resize(keyed_.row_count());
      sides_[input]->FindOrInsertKeys(keyed_.keys(), keyed_.hashes(), keyed_.rows(),
                                      own_keys_.data());
    }
    other_keys_.resize(keyed_.row_count());
    sides_[1 - input]->FindKeys(keyed_.keys(), keyed_.hashes(), keyed_.rows(), other_keys_.data());
    return {};
  }

  bool HasNullKey(int32_t row) const {
    for (size_t i = 0; i < keyed_.keys().size(); ++i) {
      const bool null_safe = i < spec_.null_safe.size() && spec_.null_safe[i];
      if (!null_safe && keyed_.keys()[i]->IsNull(row)) return true;
    }
    return false;
  }

  Status Step() {
    if (cursor_.AtPoint() && phase_ == Phase::kStart) {
      const int64_t watermark_ms = cursor_.TakePoint();
      if (at_end_) {
        held_watermark_ = watermark_ms;  // the rows come after it
      } else {
        writer_.Watermark(watermark_ms);
      }
    } else {
      if (phase_ == Phase::kStart) RETURN_IF_ERROR(StartRow());
      if (!ContinueRow()) return {};
      phase_ = Phase::kStart;
      ++cursor_.row;
    }
    if (cursor_.Done()) EndBatch();
    return {};
  }

  void EndBatch() {
    writer_.Flush();
    if (finish_ == Finish::kNone) sides_[input_]->EraseEmptyKeys(own_keys_);
    own_keys_.clear();
    cursor_.End();
  }

  // Changes the own side's state and decides what the row gives.
  Status StartRow() {
    const ChangeKind kind = cursor_.batch.change(cursor_.row);
    const bool addition = IsAddition(kind);
    const auto i = static_cast<size_t>(cursor_.row);
    const bool own_outer = input_ == 0 ? LeftIsOuter(spec_.type) : RightIsOuter(spec_.type);
    other_outer_ = input_ == 0 ? RightIsOuter(spec_.type) : LeftIsOuter(spec_.type);
    const bool matchable = !HasNullKey(cursor_.row);
    matches_.clear();
    match_ = 0;
    copy_ = 0;
    if (at_end_ && finish_ == Finish::kNone && matchable) {
      StoreOwn(own_keys_[i], 0);
      added_->Add(1);
      phase_ = Phase::kBringPads;  // with no matches: nothing to give
      return {};
    }
    if (matchable) {
      RETURN_IF_ERROR(writer_.Match(sides_[1 - input_], other_keys_[i], cursor_.row, &matches_));
    }
    if (finish_ == Finish::kNone) {
      int64_t associations = 0;
      for (const MultimapEntry* entry : matches_) associations += entry->count;
      if (!matchable) {
        unmatchable_->Add(1);
      } else if (addition) {
        StoreOwn(own_keys_[i], associations);
        added_->Add(1);
      } else {
        if (MultimapEntry* own =
                sides_[input_]->FindEqual(own_keys_[i], keyed_.columns(), cursor_.row);
            own != nullptr) {
          sides_[input_]->RemoveOne(own);
        }
        retracted_->Add(1);
      }
    }
    adds_ = addition;
    if (semi_) {
      StartSemi(kind);
    } else if (matches_.empty()) {
      phase_ = Phase::kBringPads;
      if (own_outer) {
        writer_.Write(cursor_.row, nullptr, nullptr,
                      addition ? ChangeKind::kInsert : ChangeKind::kDelete);
      }
    } else {
      phase_ = addition && other_outer_ ? Phase::kTakePadsBack : Phase::kMatches;
      const bool plain = !own_outer && (!other_outer_ || !addition);
      match_kind_ = plain ? kind : addition ? ChangeKind::kInsert : ChangeKind::kDelete;
    }
    return {};
  }

  // A left row goes out by itself; a right row changes which left rows have a partner.
  void StartSemi(ChangeKind kind) {
    const bool anti = spec_.type == JoinType::kAnti;
    phase_ = Phase::kBringPads;
    if (input_ == 0) {
      if (matches_.empty() == anti) writer_.Write(cursor_.row, nullptr, nullptr, kind);
      matches_.clear();
      return;
    }
    phase_ = Phase::kTakePadsBack;
    if (adds_) {
      match_kind_ = anti ? ChangeKind::kDelete : kind;
    } else {
      match_kind_ = anti ? ChangeKind::kInsert : kind;
    }
  }

  void StoreOwn(StateRow* key, int64_t associations) {
    StateMultimap* own = sides_[input_];
    MultimapEntry* entry = nullptr;
    if (!own->spec().identity.empty()) entry = own->FindEqual(key, keyed_.columns(), cursor_.row);
    if (entry != nullptr) {
      own->Replace(entry, keyed_.columns(), cursor_.row);
    } else {
      entry = own->Add(key, keyed_.columns(), cursor_.row);
    }
    entry->associations = associations;
  }

  // Writes until the row is done (true) or the writer is full.
  bool ContinueRow() {
    if (finish_ != Finish::kNone) return ContinueFinal();
    if (phase_ == Phase::kTakePadsBack) {
      const bool counts_up = adds_;
      if (!WritePads(counts_up ? 0 : 1, counts_up ? 1 : -1,
                     semi_ ? match_kind_ : ChangeKind::kDelete)) {
        return false;
      }
      if (semi_) return true;
      phase_ = Phase::kMatches;
    }
    if (phase_ == Phase::kMatches) {
      if (!WriteMatches()) return false;
      if (adds_ || !other_outer_) return true;
      phase_ = Phase::kBringPads;
    }
    return matches_.empty() || WritePads(1, -1, ChangeKind::kInsert);
  }

  // Other rows that have `at` partners give their padded row, `kind`; all counts change by `step`.
  bool WritePads(int64_t at, int64_t step, ChangeKind kind) {
    StateMultimap* other = sides_[1 - input_];
    for (; match_ < matches_.size(); ++match_, copy_ = 0) {
      MultimapEntry* entry = matches_[match_];
      for (; entry->associations == at && copy_ < entry->count; ++copy_) {
        if (writer_.full()) return false;
        writer_.Write(-1, other, entry, kind);
      }
      other->Touch(entry);
      entry->associations += step;
    }
    match_ = 0;
    copy_ = 0;
    return true;
  }

  bool WriteMatches() {
    for (; match_ < matches_.size(); ++match_, copy_ = 0) {
      for (; copy_ < matches_[match_]->count; ++copy_) {
        if (writer_.full()) return false;
        writer_.Write(cursor_.row, sides_[1 - input_], matches_[match_], match_kind_);
      }
    }
    match_ = 0;
    copy_ = 0;
    return true;
  }

  // --- Batch mode: both sides are stored. ---

  // The left rows again, as input; what they join with is marked.
  bool ContinueFinal() {
    if (matches_.empty()) return true;  // padded by StartRow
    match_kind_ = ChangeKind::kInsert;
    if (!WriteMatches()) return false;
    for (MultimapEntry* entry : matches_) {
      sides_[1 - input_]->Touch(entry);
      entry->associations = 1;
    }
    return true;
  }

  Status FinishStep() {
    if (finish_ == Finish::kLeft) {
      Batch chunk;
      if (NextLeftRows(&chunk)) return Begin(0, std::move(chunk));
      finish_ = Finish::kRight;
      next_key_ = 0;
      next_entry_ = nullptr;
      writer_.Begin(&cursor_.batch, true);
      return {};
    }
    if (!RightIsOuter(spec_.type) || !WriteUnmatchedRight()) {
      finish_ = Finish::kNone;
      if (held_watermark_ != kNoWatermark) writer_.Watermark(held_watermark_);
      writer_.Flush();
    }
    return {};
  }

  bool NextEntry(StateMultimap* rows, MultimapEntry** entry) {
    while (next_entry_ == nullptr) {
      StateRow* key = rows->NextKey(&next_key_);
      if (key == nullptr) return false;
      ++next_key_;
      next_entry_ = rows->First(key);
    }
    *entry = next_entry_;
    next_entry_ = rows->Next(next_entry_);
    return true;
  }

  bool NextLeftRows(Batch* chunk) {
    BatchBuilder builder(spec_.left.schema, context_->pool);
    std::vector<ColumnBuilder*> columns;
    for (size_t i = 0; i < builder.column_count(); ++i) columns.push_back(&builder.column(i));
    MultimapEntry* entry;
    while (builder.row_count() < context_->settings->batch_rows_max &&
           NextEntry(sides_[0], &entry)) {
      for (int64_t copy = 0; copy < entry->count; ++copy) {
        sides_[0]->AppendRow(entry, columns);
        builder.FinishRow();
      }
    }
    *chunk = builder.Finish();
    return chunk->row_count > 0;
  }

  // False when there are no more.
  bool WriteUnmatchedRight() {
    MultimapEntry* entry;
    while (NextEntry(sides_[1], &entry)) {
      if (entry->associations != 0) continue;
      for (int64_t copy = 0; copy < entry->count; ++copy) {
        writer_.Write(-1, sides_[1], entry, ChangeKind::kInsert);
      }
      if (writer_.full()) return true;
    }
    return false;
  }

  JoinSpec spec_;
  bool semi_;
  bool at_end_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  JoinWriter writer_;
  StateMultimap* sides_[2] = {nullptr, nullptr};
  Counter* in_ = nullptr;
  Counter* added_ = nullptr;
  Counter* retracted_ = nullptr;
  Counter* unmatchable_ = nullptr;

  int input_ = 0;
  BatchCursor cursor_;
  KeyedBatch keyed_;
  std::vector<StateRow*> own_keys_, other_keys_;

  // The row at hand.
  Phase phase_ = Phase::kStart;
  std::vector<MultimapEntry*> matches_;
  size_t match_ = 0;
  int64_t copy_ = 0;
  bool adds_ = true;
  bool other_outer_ = false;
  ChangeKind match_kind_ = ChangeKind::kInsert;

  // Batch jobs take no snapshots.
  int64_t held_watermark_ = kNoWatermark;
  int ended_inputs_ = 0;
  Finish finish_ = Finish::kNone;
  uint32_t next_key_ = 0;
  MultimapEntry* next_entry_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeJoin(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(std::make_unique<Join>(static_cast<const JoinSpec&>(spec)));
}

}  // namespace rhei
