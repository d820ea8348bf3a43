#pragma once
// AggregateSet: all aggregate calls of one operator over rows of a state table: their slots, and
// loops that add, retract, merge, emit and reset for many rows at once. Sees to NULL arguments,
// FILTER and DISTINCT.
//
// Call order: Make; AddSlots while the table's spec is built; BeginBatch per input batch, then
// Accumulate for selections of its rows. Rows of one key in one Accumulate are taken in order.
// Thread-safety: one thread.
#include <memory>
#include <span>
#include <vector>

#include "columnar/batch.h"
#include "functions/agg_value.h"
#include "functions/aggregate.h"
#include "plan/expr.h"
#include "state/table.h"

namespace rhei {

class AggregateSet {
 public:
  // `retracts`: the input has -U or -D.
  static Result<std::unique_ptr<AggregateSet>> Make(const std::vector<BoundAggregate>& aggregates,
                                                    bool retracts, MemoryPool* pool);

  void AddSlots(std::vector<SlotSpec>* slots);
  size_t size() const { return calls_.size(); }
  // Emit gives this type for aggregate i.
  const DataType& result_type(size_t i) const { return calls_[i]->call.result_type; }

  void BeginBatch(const Batch& batch);
  // states[i] is the row of `table` of input row rows[i]. `additions`: by input row, null: all.
  void Accumulate(StateTable& table, std::span<StateRow* const> states,
                  std::span<const int32_t> rows, const uint8_t* additions);
  // Whether AccumulateRunning can be used.
  bool running() const;
  // Adds all rows of the batch and gives the results after each of them: one column per aggregate
  // with first the results of `groups` (distinct rows of `table`) before the batch, then that of
  // the group of row 0, 1, ... after that row. group_of: by input row, an index into `groups`.
  void AccumulateRunning(const StateTable& table, std::span<StateRow* const> groups,
                         std::span<const int32_t> group_of, std::vector<Column>* out);
  // into[i] += from[i].
  void Merge(StateTable& table, std::span<StateRow* const> into, const StateTable& from_table,
             std::span<StateRow* const> from);
  // One column per aggregate, a value per row.
  void Emit(const StateTable& table, std::span<StateRow* const> states, std::vector<Column>* out);
  // The state of a new group.
  void Reset(StateTable& table, StateRow* row);

 private:
  struct Call {
    AggregateCall call;
    AggregateDef::Kernel kernel;
    std::vector<BoundExprPtr> args;
    int filter_column = -1;
    bool distinct = false;
    bool null_arguments = false;
    bool additions_only = false;
    size_t slot = 0;
    size_t distinct_slot = 0;
    std::vector<std::unique_ptr<ValueCodec>> value_codecs;  // DISTINCT: of the arguments
    std::vector<Column> columns;                            // arguments of the current batch
    bool checks_rows = false;  // some rows of the current batch may not count
  };
  // The rows that count for `call`, into selected_*_.
  void Select(const Call& call, StateTable& table, std::span<StateRow* const> states,
              std::span<const int32_t> rows, const uint8_t* additions);
  bool Counts(const Call& call, const Column* filter, int32_t row) const;
  void FindCounting(const Call& call, const Column* filter, size_t rows);
  // Leaves of the selected rows those whose value is new, or has gone.
  void SelectDistinct(const Call& call, StateTable& table, const uint8_t* additions);
  void CountObjects(StateTable& table, std::span<std::byte* const> objects);
  void MergeDistinct(Call* call, StateTable& table, std::span<StateRow* const> into,
                     const StateTable& from_table, std::span<StateRow* const> from);
  std::string_view DistinctValue(const Call& call, int32_t row);
  // The arguments that DistinctValue made `value` of, but for literals.
  static void AppendArguments(const Call& call, std::string_view value,
                              std::vector<ColumnBuilder>* out);

  std::vector<std::unique_ptr<Call>> calls_;
  MemoryPool* pool_ = nullptr;
  const Batch* batch_ = nullptr;
  std::vector<std::byte*> selected_states_;
  std::vector<std::byte*> from_states_;
  std::vector<std::byte*> latest_states_;  // by group
  std::vector<std::byte*> result_states_;
  std::vector<uint64_t> images_;  // a state after each row
  std::vector<int32_t> selected_rows_;
  std::vector<uint8_t> counting_;  // by row of the batch
  std::vector<uint8_t> selected_additions_;
  std::string distinct_bytes_;
};

}  // namespace rhei
