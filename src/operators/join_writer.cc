#include "operators/join_writer.h"

#include "operators/expressions.h"
#include "operators/keyed_batch.h"

namespace rhei {

namespace {
constexpr size_t kCandidatesMax = 1024;
}  // namespace

Status JoinWriter::Open(OperatorContext& context, JoinType type, const Schema& left,
                        const Schema& right, const BoundExprPtr& residual, OutputQueue* out) {
  context_ = &context;
  out_ = out;
  left_types_ = TypesOf(left);
  right_types_ = TypesOf(right);
  left_only_ = type == JoinType::kSemi || type == JoinType::kAnti;
  rows_max_ = static_cast<size_t>(context.settings->batch_rows_max);
  if (residual == nullptr) return {};
  ASSIGN_OR_RETURN(residual_, CompileFor(context, std::span(&residual, 1)));
  residual_uses_.assign(left_types_.size() + right_types_.size(), false);
  CollectInputs(*residual, &residual_uses_);
  return {};
}

void JoinWriter::Begin(const Batch* input, bool input_is_left) {
  input_ = input;
  input_is_left_ = input_is_left;
}

Status JoinWriter::Match(StateMultimap* other, StateRow* key, int32_t row,
                         std::vector<MultimapEntry*>* matches) {
  matches->clear();
  if (key == nullptr) return {};
  if (residual_ == nullptr) {
    for (MultimapEntry* entry = other->First(key); entry != nullptr; entry = other->Next(entry)) {
      matches->push_back(entry);
    }
    return {};
  }
  candidates_.clear();
  for (MultimapEntry* entry = other->First(key); entry != nullptr; entry = other->Next(entry)) {
    candidates_.push_back(entry);
    if (candidates_.size() == kCandidatesMax) RETURN_IF_ERROR(MatchChunk(other, row, matches));
  }
  return MatchChunk(other, row, matches);
}

// Evaluates the residual condition over `row` and all candidates.
Status JoinWriter::MatchChunk(StateMultimap* other, int32_t row,
                              std::vector<MultimapEntry*>* matches) {
  if (candidates_.empty()) return {};
  const auto count = static_cast<int32_t>(candidates_.size());
  const std::vector<int32_t> rows(candidates_.size(), row);
  std::vector<ColumnBuilder> builders;
  const std::vector<DataType>& other_types = input_is_left_ ? right_types_ : left_types_;
  for (const DataType& type : other_types) builders.emplace_back(type, context_->pool);
  const size_t first_other = input_is_left_ ? left_types_.size() : 0;
  std::vector<ColumnBuilder*> pointers;
  for (size_t i = 0; i < builders.size(); ++i) {
    const bool wanted = residual_uses_[first_other + i] || other_types[i].child_count() > 0;
    pointers.push_back(wanted ? &builders[i] : nullptr);
  }
  // The entries stay where they are until the condition has been evaluated.
  for (const MultimapEntry* entry : candidates_) other->AppendRow(entry, pointers, true);
  std::vector<Column> columns;
  const auto append_input = [&](size_t first, const std::vector<DataType>& types) {
    for (size_t i = 0; i < types.size(); ++i) {
      columns.push_back(residual_uses_[first + i] ? Gather(input_->columns[i], rows, context_->pool)
                                                  : MakeNulls(types[i], count));
    }
  };
  const auto append_other = [&] {
    for (size_t i = 0; i < builders.size(); ++i) {
      columns.push_back(pointers[i] != nullptr ? builders[i].Finish()
                                               : MakeNulls(other_types[i], count));
    }
  };
  if (input_is_left_) {
    append_input(0, left_types_);
    append_other();
  } else {
    append_other();
    append_input(left_types_.size(), right_types_);
  }
  std::vector<Column> result;
  RETURN_IF_ERROR(residual_->Evaluate(columns, count, RunNow(*context_), &result));
  std::vector<int32_t> kept;
  TrueRows(result[0], &kept);
  for (const int32_t index : kept) matches->push_back(candidates_[static_cast<size_t>(index)]);
  candidates_.clear();
  return {};
}

void JoinWriter::Watermark(int64_t watermark_ms) {
  const auto row = static_cast<int32_t>(items_.size());
  if (!points_.empty() && points_.back().row == row) points_.pop_back();
  points_.push_back({row, watermark_ms});
}

void JoinWriter::AppendInput(std::vector<Column>* out) {
  std::vector<int32_t> rows;
  size_t pads = 0;
  for (const Item& item : items_) {
    rows.push_back(item.row < 0 ? input_->row_count : item.row);
    if (item.row < 0) ++pads;
  }
  const std::vector<DataType>& types = input_is_left_ ? left_types_ : right_types_;
  for (size_t c = 0; c < types.size(); ++c) {
    if (pads == items_.size()) {
      out->push_back(MakeNulls(types[c], static_cast<int32_t>(pads)));
      continue;
    }
    if (pads == 0) {
      out->push_back(Gather(input_->columns[c], rows, context_->pool));
      continue;
    }
    // The values and, behind them, one NULL.
    const Column null = MakeNulls(types[c], 1);
    const Column* parts[] = {&input_->columns[c], &null};
    out->push_back(Gather(Concatenate(parts, context_->pool), rows, context_->pool));
  }
}

void JoinWriter::AppendEntries(std::vector<Column>* out) {
  const std::vector<DataType>& types = input_is_left_ ? right_types_ : left_types_;
  std::vector<ColumnBuilder> builders;
  for (const DataType& type : types) builders.emplace_back(type, context_->pool);
  std::vector<ColumnBuilder*> pointers;
  for (ColumnBuilder& builder : builders) pointers.push_back(&builder);
  for (const Item& item : items_) {
    if (item.entry != nullptr) {
      other_->AppendRow(item.entry, pointers);
    } else {
      for (ColumnBuilder* builder : pointers) builder->AppendNull();
    }
  }
  for (ColumnBuilder& builder : builders) out->push_back(builder.Finish());
}

void JoinWriter::Flush() {
  if (items_.empty() && points_.empty()) return;
  Batch out;
  out.row_count = static_cast<int32_t>(items_.size());
  out.points = std::move(points_);
  points_.clear();
  if (!items_.empty()) {
    if (input_is_left_) {
      AppendInput(&out.columns);
      if (!left_only_) AppendEntries(&out.columns);
    } else {
      AppendEntries(&out.columns);
      if (!left_only_) AppendInput(&out.columns);
    }
    bool insert_only = true;
    for (const Item& item : items_) insert_only = insert_only && item.kind == ChangeKind::kInsert;
    if (!insert_only) {
      out.changes = Buffer::Allocate(items_.size(), context_->pool);
      for (size_t i = 0; i < items_.size(); ++i) {
        out.changes->as<ChangeKind>()[i] = items_[i].kind;
      }
    }
  }
  items_.clear();
  out_->Push(std::move(out));
}

}  // namespace rhei
