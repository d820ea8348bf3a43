// GroupAggregate: aggregates per key over an unbounded input, with the changelog that Flink gives
// row by row: +I for a new group, nothing when the result is as before (unless state expires), else
// -U and +U, and -D when the last row of a group is retracted. A retraction for a group that is not
// there is dropped. in = absorbed + dropped.
//
// Every row's result must be known. Where all states are plain bytes, the state after each row is
// kept for the batch and the results are made of all of them at once; else a batch is worked on in
// rounds (row_rounds.h), so that the loops still run over many groups at once. Batch mode and
// bundles do without the results in between.
#include <algorithm>

#include "base/check.h"
#include "columnar/hash.h"
#include "columnar/row_codec.h"
#include "operators/aggregate_set.h"
#include "operators/output_queue.h"
#include "operators/row_rounds.h"
#include "operators/value_equality.h"
#include "operators/watermark_state.h"
#include "plan/physical/aggregate_spec.h"
#include "runtime/operator.h"

namespace rhei {
namespace {

// What became of one input row.
enum class Outcome : uint8_t { kDropped, kNew, kUpdated, kDeleted };

// The bundle's share of a group's state.
struct BundleMark {
  uint64_t place;  // in the order of the bundle's groups, from 1; 0: not in the bundle
  uint32_t existed;
  uint32_t accepted;
};

class GroupAggregate final : public Operator {
 public:
  explicit GroupAggregate(const GroupAggregateSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    retracts_ = !spec_.input_changelog.insert_only();
    ASSIGN_OR_RETURN(aggregates_, AggregateSet::Make(spec_.aggregates, retracts_, context.pool));
    TableSpec table;
    table.name = "groups";
    for (const int key : spec_.keys) {
      table.key_types.push_back(spec_.input.type(static_cast<size_t>(key)));
    }
    aggregates_->AddSlots(&table.slots);
    if (retracts_) {
      count_slot_ = table.slots.size();
      table.slots.push_back(SlotSpec::Fixed(sizeof(int64_t)));
    }
    if (spec_.bundled) {
      mark_slot_ = table.slots.size();
      table.slots.push_back(SlotSpec::Fixed(sizeof(BundleMark)));
      before_slot_ = table.slots.size();
      table.slots.push_back(SlotSpec::String());
    }
    table.ttl_ms = spec_.final_rows_only ? 0 : spec_.ttl_ms;
    table.keep_order = spec_.final_rows_only;
    ASSIGN_OR_RETURN(table_, context.state->OpenTable(table));
    for (size_t i = 0; i < aggregates_->size(); ++i) {
      result_types_.push_back(aggregates_->result_type(i));
    }
    result_codec_ = std::make_unique<RowCodec>(result_types_);
    if (spec_.bundled) FindBundle();
    if (spec_.bundled || spec_.final_rows_only) RETURN_IF_ERROR(held_watermark_.Open(context));
    in_ = context.counters->Get("in");
    absorbed_ = context.counters->Get("absorbed");
    dropped_ = context.counters->Get("dropped");
    context.counters->DeclareEquation({"in"}, {"absorbed", "dropped"});
    return {};
  }

  Result<bool> BeforeBarrier(uint64_t /*epoch*/) override {
    if (spec_.bundled || spec_.final_rows_only) held_watermark_.Save();
    return true;
  }

  Status Accept(int /*input*/, Element element) override {
    switch (element.kind) {
      case ElementKind::kBatch: break;
      case ElementKind::kBundleEnd: FlushBundle(); return {};
      case ElementKind::kEnd:
        if (spec_.final_rows_only) {
          finishing_ = true;
        } else {
          FlushBundle();
        }
        return {};
      case ElementKind::kIdle:
      case ElementKind::kActive: return {};
    }
    const Batch& batch = element.batch;
    in_->Add(batch.row_count);
    if (batch.row_count > 0) {
      FindGroups(batch);
      aggregates_->BeginBatch(batch);
      if (spec_.final_rows_only) {
        AbsorbAll(batch);
      } else if (spec_.bundled) {
        AbsorbIntoBundle(batch);
        bundle_rows_ += batch.row_count;
      } else {
        AbsorbAndEmit(batch);
      }
      EraseEmptyGroups();
    }
    ForwardPoints(batch);
    const int64_t bundle_rows_max = context_->settings->bundle_rows_max;
    if (bundle_rows_max > 0 && bundle_rows_ >= bundle_rows_max) FlushBundle();
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    if (out_.empty() && finishing_) FinishSome();
    if (out_.empty()) return PullResult::kNeedInput;
    out_.Pull(out);
    return PullResult::kBatch;
  }

 private:
  int64_t& CountOf(StateRow* row) { return table_->Value<int64_t>(row, count_slot_); }
  BundleMark& MarkOf(StateRow* row) { return table_->Value<BundleMark>(row, mark_slot_); }

  void FindGroups(const Batch& batch) {
    const auto rows = static_cast<size_t>(batch.row_count);
    key_columns_.clear();
    for (const int key : spec_.keys) {
      key_columns_.push_back(&batch.columns[static_cast<size_t>(key)]);
    }
    hashes_.resize(rows);
    HashRows(key_columns_, batch.row_count, hashes_.data());
    while (all_rows_.size() < rows) all_rows_.push_back(static_cast<int32_t>(all_rows_.size()));
    states_.resize(rows);
    inserted_.resize(rows);
    // Rows of an open bundle must not be swept away.
    if (bundle_.empty()) table_->SetNow(context_->env->clock->WallMicros() / 1000);
    table_->FindOrInsert(key_columns_, hashes_.data(), {all_rows_.data(), rows}, states_.data(),
                         inserted_.data());
    additions_.resize(rows);
    const bool mixed = batch.changes != nullptr;
    for (size_t i = 0; mixed && i < rows; ++i) {
      additions_[i] = IsAddition(batch.change(static_cast<int32_t>(i))) ? 1 : 0;
    }
    batch_additions_ = mixed ? additions_.data() : nullptr;
  }

  bool Adds(int32_t row) const { return batch_additions_ == nullptr || batch_additions_[row] != 0; }

  // Batch mode: no results in between.
  void AbsorbAll(const Batch& batch) {
    const auto rows = static_cast<size_t>(batch.row_count);
    if (retracts_) {
      for (int32_t i = 0; i < batch.row_count; ++i) {
        CountOf(states_[static_cast<size_t>(i)]) += Adds(i) ? 1 : -1;
      }
    }
    aggregates_->Accumulate(*table_, states_, {all_rows_.data(), rows}, batch_additions_);
    absorbed_->Add(batch.row_count);
  }

  void AbsorbAndEmit(const Batch& batch) {
    const auto rows = static_cast<size_t>(batch.row_count);
    rounds_.Build(states_);
    const std::vector<StateRow*>& groups = rounds_.groups();
    outcome_.assign(rows, Outcome::kDropped);
    before_.assign(rows, 0);
    after_.assign(rows, 0);
    latest_.resize(groups.size());
    exists_.assign(groups.size(), 1);
    for (size_t g = 0; g < groups.size(); ++g) latest_[g] = static_cast<int32_t>(g);
    for (size_t i = 0; i < rows; ++i) {
      if (inserted_[i] != 0) exists_[static_cast<size_t>(rounds_.group_of(all_rows_[i]))] = 0;
    }
    if (!retracts_ && aggregates_->running()) {
      AbsorbRunning();
      EmitChanges(batch);
      return;
    }
    parts_.clear();
    // Results of the groups before the batch; new groups have some value that is never used.
    aggregates_->Emit(*table_, groups, &parts_.emplace_back());
    auto result = static_cast<int32_t>(groups.size());
    for (size_t r = 0; r < rounds_.round_count(); ++r) {
      AbsorbRound(rounds_.round(r), &result);
    }
    Concatenate();
    EmitChanges(batch);
  }

  // Without rounds, of which a key that fills half of the batch would make thousands.
  void AbsorbRunning() {
    const std::vector<int32_t>& group_of = rounds_.groups_of_rows();
    aggregates_->AccumulateRunning(*table_, rounds_.groups(), group_of, &results_);
    auto result = static_cast<int32_t>(rounds_.groups().size());
    for (size_t i = 0; i < group_of.size(); ++i) {
      const auto group = static_cast<size_t>(group_of[i]);
      outcome_[i] = exists_[group] != 0 ? Outcome::kUpdated : Outcome::kNew;
      exists_[group] = 1;
      before_[i] = latest_[group];
      after_[i] = latest_[group] = result++;
    }
    absorbed_->Add(static_cast<int64_t>(group_of.size()));
  }

  void AbsorbRound(std::span<const int32_t> round, int32_t* result) {
    selected_.clear();
    selected_states_.clear();
    for (const int32_t row : round) {
      const auto i = static_cast<size_t>(row);
      const auto group = static_cast<size_t>(rounds_.group_of(row));
      if (!Adds(row) && exists_[group] == 0) continue;  // retraction of what is not there
      selected_.push_back(row);
      selected_states_.push_back(states_[i]);
      outcome_[i] = exists_[group] != 0 ? Outcome::kUpdated : Outcome::kNew;
    }
    dropped_->Add(static_cast<int64_t>(round.size() - selected_.size()));
    absorbed_->Add(static_cast<int64_t>(selected_.size()));
    if (selected_.empty()) return;
    aggregates_->Accumulate(*table_, selected_states_, selected_, batch_additions_);
    aggregates_->Emit(*table_, selected_states_, &parts_.emplace_back());
    for (size_t s = 0; s < selected_.size(); ++s) {
      const auto i = static_cast<size_t>(selected_[s]);
      const auto group = static_cast<size_t>(rounds_.group_of(selected_[s]));
      before_[i] = latest_[group];
      after_[i] = latest_[group] = *result + static_cast<int32_t>(s);
      exists_[group] = 1;
      if (!retracts_) continue;
      CountOf(states_[i]) += Adds(selected_[s]) ? 1 : -1;
      if (CountOf(states_[i]) != 0) continue;
      outcome_[i] = Outcome::kDeleted;
      exists_[group] = 0;
      aggregates_->Reset(*table_, states_[i]);
    }
    *result += static_cast<int32_t>(selected_.size());
  }

  // results_[c]: all parts of result column c, one after the other.
  void Concatenate() {
    results_.clear();
    for (size_t c = 0; c < aggregates_->size(); ++c) {
      std::vector<const Column*> columns;
      for (const std::vector<Column>& part : parts_) columns.push_back(&part[c]);
      results_.push_back(rhei::Concatenate(columns, context_->pool));
    }
  }

  void EmitChanges(const Batch& batch) {
    const auto rows = static_cast<size_t>(batch.row_count);
    changed_.assign(rows, spec_.ttl_ms > 0 ? 1 : 0);
    for (size_t c = 0; c < results_.size() && spec_.ttl_ms <= 0; ++c) {
      MarkDifferent(results_[c], result_types_[c], before_, after_, changed_.data());
    }
    ClearChanges();
    Batch out;
    auto point = batch.points.begin();
    for (size_t i = 0; i < rows; ++i) {
      for (; point != batch.points.end() && point->row <= all_rows_[i]; ++point) {
        AddPoint(point->watermark_ms, &out);
      }
      switch (outcome_[i]) {
        case Outcome::kDropped: break;
        case Outcome::kNew: AddChange(i, after_[i], ChangeKind::kInsert); break;
        case Outcome::kDeleted: AddChange(i, before_[i], ChangeKind::kDelete); break;
        case Outcome::kUpdated:
          if (changed_[i] == 0) break;
          if (spec_.generate_update_before) AddChange(i, before_[i], ChangeKind::kUpdateBefore);
          AddChange(i, after_[i], ChangeKind::kUpdateAfter);
          break;
      }
    }
    for (; point != batch.points.end(); ++point) AddPoint(point->watermark_ms, &out);
    for (const int key : spec_.keys) {
      out.columns.push_back(
          Gather(batch.columns[static_cast<size_t>(key)], out_rows_, context_->pool));
    }
    FinishChanges(std::move(out));
  }

  void ClearChanges() {
    out_rows_.clear();
    out_results_.clear();
    out_kinds_.clear();
    insert_only_ = true;
  }

  // Row `row` has the keys; `result` is an index into results_.
  void AddChange(size_t row, int32_t result, ChangeKind kind) {
    out_rows_.push_back(static_cast<int32_t>(row));
    out_results_.push_back(result);
    out_kinds_.push_back(kind);
    insert_only_ = insert_only_ && kind == ChangeKind::kInsert;
  }

  void AddPoint(int64_t watermark_ms, Batch* out) const {
    const auto row = static_cast<int32_t>(out_rows_.size());
    if (!out->points.empty() && out->points.back().row == row) out->points.pop_back();
    out->points.push_back({row, watermark_ms});
  }

  // The key columns of `out` are there; adds results and kinds.
  void FinishChanges(Batch out) {
    out.row_count = static_cast<int32_t>(out_rows_.size());
    for (const Column& column : results_) {
      out.columns.push_back(Gather(column, out_results_, context_->pool));
    }
    if (!insert_only_) {
      out.changes = Buffer::CopyOf(
          {reinterpret_cast<const char*>(out_kinds_.data()), out_kinds_.size()}, context_->pool);
    }
    out_.Push(std::move(out));
  }

  void EraseEmptyGroups() {
    if (!retracts_ || spec_.final_rows_only || spec_.bundled) return;
    for (StateRow* state : states_) {
      if (StateTable::IsLive(state) && CountOf(state) == 0) table_->Erase(state);
    }
  }

  // Without bundles the points have gone out between the rows.
  void ForwardPoints(const Batch& batch) {
    if (batch.points.empty()) return;
    if (spec_.final_rows_only || spec_.bundled) {
      held_watermark_.Set(batch.last_watermark());
      if (spec_.bundled && bundle_.empty()) ReleaseWatermark();
    } else if (batch.row_count == 0) {
      out_.PushWatermark(batch.last_watermark());
    }
  }

  void ReleaseWatermark() {
    if (held_watermark_.value() == kNoWatermark) return;
    out_.PushWatermark(held_watermark_.value());
    held_watermark_.Set(kNoWatermark);
  }

  // Output columns of the keys of `states`, from the table.
  void AppendKeyColumns(std::span<StateRow* const> states, std::vector<Column>* out) {
    std::vector<ColumnBuilder> builders;
    for (const int key : spec_.keys) {
      builders.emplace_back(spec_.input.type(static_cast<size_t>(key)), context_->pool);
    }
    std::vector<ColumnBuilder*> pointers;
    for (ColumnBuilder& builder : builders) pointers.push_back(&builder);
    for (const StateRow* state : states) table_->AppendKey(state, pointers);
    for (ColumnBuilder& builder : builders) out->push_back(builder.Finish());
  }

  // --- Batch mode: one +I per group at the end. ---

  void FinishSome() {
    finished_states_.clear();
    const auto rows_max = static_cast<size_t>(context_->settings->batch_rows_max);
    while (finished_states_.size() < rows_max) {
      StateRow* state = table_->Next(&next_id_);
      if (state == nullptr) break;
      ++next_id_;
      if (!retracts_ || CountOf(state) != 0) finished_states_.push_back(state);
    }
    if (finished_states_.empty() && spec_.keys.empty() && !emitted_final_rows_ &&
        context_->shard == 0) {
      // A global aggregate of nothing still has a row.
      finished_states_.push_back(table_->FindOrInsertOnly());
      next_id_ = finished_states_.back()->id + 1;
    }
    if (finished_states_.empty()) {
      finishing_ = false;
      ReleaseWatermark();
      return;
    }
    emitted_final_rows_ = true;
    Batch out;
    out.row_count = static_cast<int32_t>(finished_states_.size());
    AppendKeyColumns(finished_states_, &out.columns);
    std::vector<Column> results;
    aggregates_->Emit(*table_, finished_states_, &results);
    for (Column& column : results) out.columns.push_back(std::move(column));
    out_.Push(std::move(out));
  }

  // --- Bundles: net changes at the bundle's end. ---

  // After a restore: the groups of the bundle that was open.
  void FindBundle() {
    for (uint32_t id = 0; StateRow* row = table_->Next(&id); ++id) {
      if (MarkOf(row).place != 0) bundle_.push_back(row);
    }
    std::sort(bundle_.begin(), bundle_.end(),
              [this](StateRow* a, StateRow* b) { return MarkOf(a).place < MarkOf(b).place; });
  }

  void AbsorbIntoBundle(const Batch& batch) {
    const auto rows = static_cast<size_t>(batch.row_count);
    selected_states_.clear();
    for (size_t i = 0; i < rows; ++i) {
      BundleMark& mark = MarkOf(states_[i]);
      if (mark.place != 0) continue;
      bundle_.push_back(states_[i]);
      mark.place = bundle_.size();
      mark.existed = inserted_[i] == 0 ? 1 : 0;
      mark.accepted = 0;
      if (mark.existed != 0) selected_states_.push_back(states_[i]);
    }
    KeepResults(selected_states_);
    selected_.clear();
    selected_states_.clear();
    for (size_t i = 0; i < rows; ++i) {
      BundleMark& mark = MarkOf(states_[i]);
      if (!Adds(all_rows_[i]) && mark.existed == 0 && mark.accepted == 0) continue;
      mark.accepted = 1;
      if (retracts_) CountOf(states_[i]) += Adds(all_rows_[i]) ? 1 : -1;
      selected_.push_back(all_rows_[i]);
      selected_states_.push_back(states_[i]);
    }
    dropped_->Add(static_cast<int64_t>(rows - selected_.size()));
    absorbed_->Add(static_cast<int64_t>(selected_.size()));
    aggregates_->Accumulate(*table_, selected_states_, selected_, batch_additions_);
  }

  // Writes the results of `states` into their rows, for the -U or -D at the bundle's end.
  void KeepResults(std::span<StateRow* const> states) {
    if (states.empty()) return;
    std::vector<Column> results;
    aggregates_->Emit(*table_, states, &results);
    std::vector<const Column*> columns;
    for (const Column& column : results) columns.push_back(&column);
    std::string bytes;
    for (size_t i = 0; i < states.size(); ++i) {
      bytes.clear();
      result_codec_->Encode(columns, static_cast<int32_t>(i), &bytes);
      table_->SetString(states[i], before_slot_, bytes);
    }
  }

  void FlushBundle() {
    if (!bundle_.empty()) {
      parts_.clear();
      DecodeResults(&parts_.emplace_back());
      aggregates_->Emit(*table_, bundle_, &parts_.emplace_back());
      Concatenate();
      const auto groups = static_cast<int32_t>(bundle_.size());
      before_.clear();
      after_.clear();
      for (int32_t g = 0; g < groups; ++g) {
        before_.push_back(g);
        after_.push_back(groups + g);
      }
      changed_.assign(bundle_.size(), spec_.ttl_ms > 0 ? 1 : 0);
      for (size_t c = 0; c < results_.size() && spec_.ttl_ms <= 0; ++c) {
        MarkDifferent(results_[c], result_types_[c], before_, after_, changed_.data());
      }
      EmitBundle();
      for (StateRow* state : bundle_) {
        if (retracts_ && CountOf(state) == 0) {
          table_->Erase(state);
        } else {
          MarkOf(state) = {};
          table_->SetString(state, before_slot_, {});
        }
      }
      bundle_.clear();
    }
    bundle_rows_ = 0;
    ReleaseWatermark();
  }

  void EmitBundle() {
    ClearChanges();
    for (size_t g = 0; g < bundle_.size(); ++g) {
      const bool existed = MarkOf(bundle_[g]).existed != 0;
      const bool exists = !retracts_ || CountOf(bundle_[g]) != 0;
      if (existed && !exists) {
        AddChange(g, before_[g], ChangeKind::kDelete);
      } else if (!existed && exists) {
        AddChange(g, after_[g], ChangeKind::kInsert);
      } else if (existed && changed_[g] != 0) {
        if (spec_.generate_update_before) AddChange(g, before_[g], ChangeKind::kUpdateBefore);
        AddChange(g, after_[g], ChangeKind::kUpdateAfter);
      }
    }
    std::vector<Column> keys;
    AppendKeyColumns(bundle_, &keys);
    Batch out;
    for (const Column& key : keys) out.columns.push_back(Gather(key, out_rows_, context_->pool));
    FinishChanges(std::move(out));
  }

  // The kept results of the bundle's groups; NULLs where a group is new.
  void DecodeResults(std::vector<Column>* out) {
    std::vector<ColumnBuilder> builders;
    for (const DataType& type : result_types_) builders.emplace_back(type, context_->pool);
    std::vector<ColumnBuilder*> pointers;
    for (ColumnBuilder& builder : builders) pointers.push_back(&builder);
    for (StateRow* state : bundle_) {
      std::string_view bytes = table_->String(state, before_slot_);
      if (MarkOf(state).existed == 0) {
        for (ColumnBuilder* builder : pointers) builder->AppendNull();
      } else {
        CHECK(result_codec_->Decode(&bytes, pointers).ok());
      }
    }
    for (ColumnBuilder& builder : builders) out->push_back(builder.Finish());
  }

  GroupAggregateSpec spec_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  StateTable* table_ = nullptr;
  std::unique_ptr<AggregateSet> aggregates_;
  std::vector<DataType> result_types_;
  std::unique_ptr<RowCodec> result_codec_;
  bool retracts_ = false;
  size_t count_slot_ = 0;
  size_t mark_slot_ = 0;
  size_t before_slot_ = 0;
  Counter* in_ = nullptr;
  Counter* absorbed_ = nullptr;
  Counter* dropped_ = nullptr;

  // Of the current batch.
  std::vector<const Column*> key_columns_;
  std::vector<uint64_t> hashes_;
  std::vector<int32_t> all_rows_;  // 0, 1, 2, ...
  std::vector<StateRow*> states_;
  std::vector<uint8_t> inserted_;
  std::vector<uint8_t> additions_;
  const uint8_t* batch_additions_ = nullptr;
  RowRounds rounds_;
  std::vector<Outcome> outcome_;
  std::vector<int32_t> before_, after_;  // by row: indexes into results_
  std::vector<int32_t> latest_;          // by group: index of its newest result
  std::vector<uint8_t> exists_;          // by group
  std::vector<std::vector<Column>> parts_;
  std::vector<Column> results_;
  std::vector<uint8_t> changed_;
  std::vector<int32_t> selected_;
  std::vector<StateRow*> selected_states_;
  std::vector<int32_t> out_rows_, out_results_;
  std::vector<ChangeKind> out_kinds_;
  bool insert_only_ = true;

  std::vector<StateRow*> bundle_;
  int64_t bundle_rows_ = 0;
  WatermarkState held_watermark_;
  bool finishing_ = false;
  bool emitted_final_rows_ = false;
  uint32_t next_id_ = 0;
  std::vector<StateRow*> finished_states_;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeGroupAggregate(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(
      std::make_unique<GroupAggregate>(static_cast<const GroupAggregateSpec&>(spec)));
}

}  // namespace rhei
