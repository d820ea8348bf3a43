#include "operators/aggregate_set.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace rhei {

namespace {

// AggregateObjects in a table's slots.
class AggregateObjectCodec final : public ObjectCodec {
 public:
  AggregateObjectCodec(AggregateCall call, const AggregateDef::Kernel& kernel)
      : call_(std::move(call)), make_(kernel.make_object) {}
  void Destroy(void* object) const override { delete static_cast<AggregateObject*>(object); }
  void Save(const void* object, std::string* out) const override {
    static_cast<const AggregateObject*>(object)->Save(out);
  }
  Result<void*> Load(std::string_view bytes) const override {
    std::unique_ptr<AggregateObject> object = make_(call_);
    RETURN_IF_ERROR(object->Load(bytes));
    object->CountBytes();
    return static_cast<void*>(object.release());
  }
  int64_t counted_bytes(const void* object) const override {
    return static_cast<const AggregateObject*>(object)->counted_bytes();
  }

 private:
  AggregateCall call_;
  std::unique_ptr<AggregateObject> (*make_)(const AggregateCall& call);
};

}  // namespace

Result<std::unique_ptr<AggregateSet>> AggregateSet::Make(
    const std::vector<BoundAggregate>& aggregates, bool retracts, MemoryPool* pool) {
  auto set = std::make_unique<AggregateSet>();
  set->pool_ = pool;
  for (const BoundAggregate& aggregate : aggregates) {
    auto call = std::make_unique<Call>();
    call->call.argument_types = aggregate.argument_types;
    call->call.result_type = aggregate.type;
    call->call.retracts = retracts && !aggregate.additions_only;
    call->additions_only = aggregate.additions_only;
    call->call.respect_nulls = aggregate.respect_nulls;
    call->args = aggregate.args;
    for (size_t i = 0; i < aggregate.args.size(); ++i) {
      const BoundExpr& arg = *aggregate.args[i];
      if (call->call.argument_types.size() <= i) call->call.argument_types.push_back(arg.type);
      const bool literal = arg.kind == BoundExpr::Kind::kLiteral;
      CHECK(literal || arg.kind == BoundExpr::Kind::kInput);
      call->call.literals.push_back(literal ? arg.literal : Value());
      if (aggregate.distinct && !literal) {
        call->value_codecs.push_back(std::make_unique<ValueCodec>(arg.type));
      }
    }
    ASSIGN_OR_RETURN(call->kernel, aggregate.aggregate->kernel(call->call));
    call->filter_column = aggregate.filter_column;
    call->distinct = aggregate.distinct && !call->value_codecs.empty();
    call->null_arguments = aggregate.aggregate->null_arguments;
    set->calls_.push_back(std::move(call));
  }
  return set;
}

void AggregateSet::AddSlots(std::vector<SlotSpec>* slots) {
  for (const std::unique_ptr<Call>& call : calls_) {
    call->slot = slots->size();
    slots->push_back(
        call->kernel.is_object
            ? SlotSpec::Object(std::make_shared<AggregateObjectCodec>(call->call, call->kernel))
            : SlotSpec::Fixed(call->kernel.state_bytes));
    if (!call->distinct) continue;
    call->distinct_slot = slots->size();
    slots->push_back(SlotSpec::Counts());
  }
}

void AggregateSet::BeginBatch(const Batch& batch) {
  batch_ = &batch;
  for (const std::unique_ptr<Call>& call : calls_) {
    call->columns.clear();
    call->checks_rows = call->filter_column >= 0;
    for (size_t i = 0; i < call->args.size(); ++i) {
      const BoundExpr& arg = *call->args[i];
      if (arg.kind == BoundExpr::Kind::kLiteral) {
        call->columns.push_back(MakeConstant(arg.literal, arg.type, batch.row_count));
      } else {
        call->columns.push_back(batch.columns[static_cast<size_t>(arg.input_index)]);
        if (!call->null_arguments && call->columns.back().may_have_nulls()) {
          call->checks_rows = true;
        }
      }
    }
  }
}

std::string_view AggregateSet::DistinctValue(const Call& call, int32_t row) {
  size_t codec = 0;
  distinct_bytes_.clear();
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (call.args[i]->kind == BoundExpr::Kind::kLiteral) continue;
    const std::string_view value = call.value_codecs[codec]->Encode(call.columns[i], row, true);
    if (call.value_codecs.size() == 1) {
      if (!call.null_arguments) return value;
      // A NULL is a value of its own; the bytes under it are those of 0 or ''.
      const bool null = call.columns[i].IsNull(row);
      distinct_bytes_.push_back(null ? '\0' : '\1');
      return null ? distinct_bytes_ : distinct_bytes_.append(value);
    }
    WriteBytes(value, &distinct_bytes_);
    ++codec;
  }
  return distinct_bytes_;
}

// In blocks, so that the values' places are on their way when they are looked at.
void AggregateSet::SelectDistinct(const Call& call, StateTable& table, const uint8_t* additions) {
  constexpr size_t kBlock = 32;
  const size_t offset = table.slot_offset(call.slot);
  const size_t slot = call.distinct_slot;
  ValueCounts& counts = *table.counts();
  uint32_t hashes[kBlock];
  size_t kept = 0;
  for (size_t begin = 0; begin < selected_rows_.size(); begin += kBlock) {
    const size_t end = std::min(begin + kBlock, selected_rows_.size());
    const auto state_of = [&](size_t i) {
      return reinterpret_cast<StateRow*>(selected_states_[i] - offset);
    };
    for (size_t i = begin; i < end; ++i) {
      const std::string_view value = DistinctValue(call, selected_rows_[i]);
      hashes[i - begin] = ValueCounts::HashOf(state_of(i), slot, value);
    }
    counts.Prefetch({hashes, end - begin});
    for (size_t i = begin; i < end; ++i) {
      const int32_t row = selected_rows_[i];
      const bool addition = additions == nullptr || additions[row] != 0;
      const std::string_view value = DistinctValue(call, row);
      const uint32_t hash = hashes[i - begin];
      const bool passes = call.call.retracts ? counts.Add(state_of(i), slot, value, hash,
                                                          addition ? 1 : -1) == (addition ? 1 : 0)
                                             : counts.AddNew(state_of(i), slot, value, hash);
      selected_states_[kept] = selected_states_[i];
      selected_rows_[kept] = row;
      if (additions != nullptr) selected_additions_[kept] = additions[row];
      kept += passes ? 1 : 0;
    }
  }
  selected_states_.resize(kept);
  selected_rows_.resize(kept);
  if (additions != nullptr) selected_additions_.resize(kept);
}

// FILTER and NULL arguments.
bool AggregateSet::Counts(const Call& call, const Column* filter, int32_t row) const {
  if (filter != nullptr && (filter->IsNull(row) || ColumnReader<uint8_t>(*filter)[row] == 0)) {
    return false;
  }
  if (call.null_arguments) return true;
  for (const Column& column : call.columns) {
    if (column.IsNull(row)) return false;
  }
  return true;
}

// Counts of rows 0 to `rows`, into counting_.
void AggregateSet::FindCounting(const Call& call, const Column* filter, size_t rows) {
  counting_.resize(rows);
  const bool plain_filter = filter == nullptr || (filter->is_flat() && !filter->may_have_nulls());
  const bool nulls = !call.null_arguments &&
                     std::any_of(call.columns.begin(), call.columns.end(),
                                 [](const Column& column) { return column.may_have_nulls(); });
  if (plain_filter && !nulls) {
    if (filter == nullptr) {
      counting_.assign(rows, 1);
    } else {
      std::copy_n(filter->data<uint8_t>(), rows, counting_.begin());
    }
    return;
  }
  for (size_t i = 0; i < rows; ++i) {
    counting_[i] = Counts(call, filter, static_cast<int32_t>(i)) ? 1 : 0;
  }
}

void AggregateSet::Select(const Call& call, StateTable& table, std::span<StateRow* const> states,
                          std::span<const int32_t> rows, const uint8_t* additions) {
  const size_t offset = table.slot_offset(call.slot);
  const Column* filter =
      call.filter_column >= 0 ? &batch_->columns[static_cast<size_t>(call.filter_column)] : nullptr;
  for (size_t i = 0; i < rows.size(); ++i) {
    const int32_t row = rows[i];
    if (call.additions_only && additions != nullptr && additions[row] == 0) continue;
    if (call.checks_rows && !Counts(call, filter, row)) continue;
    selected_states_.push_back(reinterpret_cast<std::byte*>(states[i]) + offset);
    selected_rows_.push_back(row);
    if (additions != nullptr) selected_additions_.push_back(additions[row]);
  }
  if (call.distinct) SelectDistinct(call, table, additions);
}

// After a change of some.
void AggregateSet::CountObjects(StateTable& table, std::span<std::byte* const> objects) {
  int64_t change = 0;
  for (const std::byte* place : objects) {
    auto* object = *reinterpret_cast<AggregateObject* const*>(place);
    if (object != nullptr) change += object->CountBytes();
  }
  if (change != 0) table.CountObject(change);
}

void AggregateSet::Accumulate(StateTable& table, std::span<StateRow* const> states,
                              std::span<const int32_t> rows, const uint8_t* additions) {
  for (const std::unique_ptr<Call>& call : calls_) {
    selected_states_.clear();
    selected_rows_.clear();
    selected_additions_.clear();
    Select(*call, table, states, rows, additions);
    if (selected_rows_.empty()) continue;
    AggregateRows input;
    input.states = selected_states_;
    input.rows = selected_rows_;
    input.arguments = call->columns;
    if (additions != nullptr && !call->additions_only) {
      input.additions = selected_additions_.data();
    }
    call->kernel.accumulate(call->call, input);
    if (call->kernel.is_object) CountObjects(table, selected_states_);
  }
}

bool AggregateSet::running() const {
  for (const std::unique_ptr<Call>& call : calls_) {
    if (!call->kernel.running || call->kernel.is_object || call->distinct) return false;
  }
  return true;
}

void AggregateSet::AccumulateRunning(const StateTable& table, std::span<StateRow* const> groups,
                                     std::span<const int32_t> group_of, std::vector<Column>* out) {
  const size_t rows = group_of.size();
  out->clear();
  for (const std::unique_ptr<Call>& call : calls_) {
    const size_t offset = table.slot_offset(call->slot);
    const size_t words = call->kernel.state_bytes / sizeof(uint64_t);
    DCHECK(words * sizeof(uint64_t) == call->kernel.state_bytes);
    const Column* filter = call->filter_column >= 0
                               ? &batch_->columns[static_cast<size_t>(call->filter_column)]
                               : nullptr;
    if (call->checks_rows) FindCounting(*call, filter, rows);
    images_.resize(rows * words);
    selected_states_.resize(rows);
    from_states_.resize(rows);
    selected_rows_.resize(rows);
    result_states_.resize(groups.size() + rows);
    for (size_t g = 0; g < groups.size(); ++g) {
      result_states_[g] = reinterpret_cast<std::byte*>(groups[g]) + offset;
    }
    latest_states_.assign(result_states_.begin(),
                          result_states_.begin() + static_cast<ptrdiff_t>(groups.size()));
    size_t selected = 0;
    for (size_t i = 0; i < rows; ++i) {
      std::byte*& latest = latest_states_[static_cast<size_t>(group_of[i])];
      // Written in any case, and kept when the row counts.
      from_states_[selected] = latest;
      selected_rows_[selected] = static_cast<int32_t>(i);
      const bool counts = !call->checks_rows || counting_[i] != 0;
      latest = counts ? reinterpret_cast<std::byte*>(images_.data() + i * words) : latest;
      selected_states_[selected] = latest;
      selected += counts ? 1 : 0;
      result_states_[groups.size() + i] = latest;
    }
    selected_states_.resize(selected);
    from_states_.resize(selected);
    selected_rows_.resize(selected);
    if (!selected_rows_.empty()) {
      AggregateRows input;
      input.states = selected_states_;
      input.rows = selected_rows_;
      input.arguments = call->columns;
      input.before = from_states_;
      input.state_bytes = call->kernel.state_bytes;
      call->kernel.accumulate(call->call, input);
    }
    call->kernel.emit(call->call, result_states_, pool_, &out->emplace_back());
    for (size_t g = 0; g < groups.size(); ++g) {
      if (latest_states_[g] == result_states_[g]) continue;
      std::memcpy(result_states_[g], latest_states_[g], call->kernel.state_bytes);
    }
  }
}

void AggregateSet::AppendArguments(const Call& call, std::string_view value,
                                   std::vector<ColumnBuilder>* out) {
  if (out->size() == 1 && call.null_arguments) {
    if (value[0] == '\0') return out->front().AppendNull();
    value.remove_prefix(1);
  }
  ByteReader parts(value);
  for (size_t i = 0; i < out->size(); ++i) {
    call.value_codecs[i]->Append(out->size() == 1 ? value : parts.ReadBytes(), &(*out)[i]);
  }
}

// Values that `into` has not seen are handed to the aggregate as additions, and those of which none
// is left as retractions.
void AggregateSet::MergeDistinct(Call* call, StateTable& table, std::span<StateRow* const> into,
                                 const StateTable& from_table, std::span<StateRow* const> from) {
  std::vector<ColumnBuilder> builders;
  for (const BoundExprPtr& arg : call->args) {
    if (arg->kind != BoundExpr::Kind::kLiteral) builders.emplace_back(arg->type, pool_);
  }
  selected_states_.clear();
  selected_rows_.clear();
  selected_additions_.clear();
  const size_t slot = call->distinct_slot;
  ValueCounts& counts = *table.counts();
  // In blocks, as in SelectDistinct.
  struct Moved {
    StateRow* into;
    std::string_view value;
    int64_t count;
  };
  constexpr size_t kBlock = 32;
  std::vector<Moved> block;
  std::vector<uint32_t> hashes;
  const auto move_block = [&] {
    counts.Prefetch(hashes);
    for (size_t i = 0; i < block.size(); ++i) {
      const auto& [row, value, count] = block[i];
      if (!call->call.retracts) {
        if (!counts.AddNew(row, slot, value, hashes[i])) continue;
      } else {
        const int64_t now = counts.Add(row, slot, value, hashes[i], count);
        const bool is_there = now > 0;
        if (is_there == (now - count > 0)) continue;
        selected_additions_.push_back(is_there ? 1 : 0);
      }
      AppendArguments(*call, value, &builders);
      selected_states_.push_back(table.Slot(row, call->slot));
      selected_rows_.push_back(static_cast<int32_t>(selected_rows_.size()));
    }
    block.clear();
    hashes.clear();
  };
  for (size_t i = 0; i < into.size(); ++i) {
    from_table.counts()->ForEach(from[i], slot, [&](std::string_view value, int64_t count) {
      block.push_back({into[i], value, count});
      hashes.push_back(ValueCounts::HashOf(into[i], slot, value));
      if (block.size() == kBlock) move_block();
    });
  }
  move_block();
  if (selected_rows_.empty()) return;
  std::vector<Column> columns;
  size_t built = 0;
  for (const BoundExprPtr& arg : call->args) {
    columns.push_back(
        arg->kind == BoundExpr::Kind::kLiteral
            ? MakeConstant(arg->literal, arg->type, static_cast<int32_t>(selected_rows_.size()))
            : builders[built++].Finish());
  }
  AggregateRows input;
  input.states = selected_states_;
  input.rows = selected_rows_;
  input.arguments = columns;
  if (call->call.retracts) input.additions = selected_additions_.data();
  call->kernel.accumulate(call->call, input);
  if (call->kernel.is_object) CountObjects(table, selected_states_);
}

void AggregateSet::Merge(StateTable& table, std::span<StateRow* const> into,
                         const StateTable& from_table, std::span<StateRow* const> from) {
  for (const std::unique_ptr<Call>& call : calls_) {
    if (call->distinct) {
      MergeDistinct(call.get(), table, into, from_table, from);
      continue;
    }
    selected_states_.clear();
    from_states_.clear();
    for (size_t i = 0; i < into.size(); ++i) {
      std::byte* source = from_table.Slot(from[i], call->slot);
      // A group that no row has reached has no object yet.
      if (call->kernel.is_object && *reinterpret_cast<AggregateObject**>(source) == nullptr) {
        continue;
      }
      selected_states_.push_back(table.Slot(into[i], call->slot));
      from_states_.push_back(source);
    }
    if (from_states_.empty()) continue;
    call->kernel.merge(call->call, selected_states_, from_states_);
    if (call->kernel.is_object) CountObjects(table, selected_states_);
  }
}

void AggregateSet::Emit(const StateTable& table, std::span<StateRow* const> states,
                        std::vector<Column>* out) {
  out->clear();
  for (const std::unique_ptr<Call>& call : calls_) {
    const size_t offset = table.slot_offset(call->slot);
    selected_states_.clear();
    for (StateRow* state : states) {
      selected_states_.push_back(reinterpret_cast<std::byte*>(state) + offset);
    }
    call->kernel.emit(call->call, selected_states_, pool_, &out->emplace_back());
  }
}

void AggregateSet::Reset(StateTable& table, StateRow* row) {
  for (const std::unique_ptr<Call>& call : calls_) {
    if (call->kernel.is_object) {
      auto& object = table.Value<AggregateObject*>(row, call->slot);
      if (object != nullptr) table.CountObject(-object->counted_bytes());
      delete object;
      object = nullptr;
    } else {
      std::memset(table.Slot(row, call->slot), 0, call->kernel.state_bytes);
    }
    if (call->distinct) table.counts()->RemoveAll(row, call->distinct_slot);
  }
}

}  // namespace rhei
