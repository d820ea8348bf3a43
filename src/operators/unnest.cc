// Unnest: CROSS or LEFT JOIN UNNEST: every row once per element of its ARRAY, MAP or MULTISET, the
// element's columns (a ROW's fields, a map's key and value) behind its own, then the ordinality
// from 1. LEFT keeps rows without elements. in = expanded + without_elements.
#include "operators/batch_cursor.h"
#include "operators/expressions.h"
#include "plan/physical/calc_spec.h"
#include "runtime/operator.h"

namespace rhei {
namespace {

class Unnest final : public Operator {
 public:
  explicit Unnest(const UnnestSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    ASSIGN_OR_RETURN(program_, CompileFor(context, std::span(&spec_.collection, 1)));
    in_ = context.counters->Get("in");
    expanded_ = context.counters->Get("expanded");
    without_elements_ = context.counters->Get("without_elements");
    context.counters->DeclareEquation({"in"}, {"expanded", "without_elements"});
    return {};
  }

  Status Accept(int /*input*/, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    cursor_.Begin(std::move(element.batch));
    element_ = 0;
    copy_ = 0;
    in_->Add(cursor_.batch.row_count);
    if (cursor_.batch.row_count == 0) return {};
    std::vector<Column> result;
    RETURN_IF_ERROR(program_->Evaluate(cursor_.batch.columns, cursor_.batch.row_count,
                                       RunNow(*context_), &result));
    collection_ = Flatten(result[0], context_->pool);
    TakeElements();
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    const auto rows_max = static_cast<size_t>(context_->settings->batch_rows_max);
    rows_.clear();
    elements_.clear();
    ordinals_.clear();
    Batch made;
    while (rows_.size() < rows_max && cursor_.HasRows()) {
      TakePoints(&made);
      ExpandRow(rows_max);
    }
    if (!cursor_.HasRows()) TakePoints(&made);
    if (rows_.empty() && made.points.empty()) {
      cursor_.End();
      collection_ = {};
      element_columns_.clear();
      return PullResult::kNeedInput;
    }
    cursor_.GatherInto(&made, rows_, context_->pool);
    if (!rows_.empty()) AppendElements(&made);
    out->batch = std::move(made);
    out->port = kMainPort;
    return PullResult::kBatch;
  }

 private:
  void TakePoints(Batch* made) {
    if (element_ == 0 && copy_ == 0) cursor_.TakePointsInto(made, rows_.size());
  }

  bool is_multiset() const { return spec_.collection->type.root() == TypeRoot::kMultiset; }

  void ExpandRow(size_t rows_max) {
    const int32_t* offsets = collection_.data<int32_t>();
    const int32_t begin = offsets[cursor_.row];
    const int32_t count = collection_.IsNull(cursor_.row) ? 0 : offsets[cursor_.row + 1] - begin;
    if (count == 0) {
      without_elements_->Add(1);
      if (spec_.outer) {
        rows_.push_back(cursor_.row);
        elements_.push_back(-1);
        ordinals_.push_back(0);
      }
      ++cursor_.row;
      return;
    }
    for (; element_ < count; ++element_, copy_ = 0) {
      const int32_t at = begin + element_;
      const int32_t copies = is_multiset() ? ColumnReader<int32_t>(collection_.children[1])[at] : 1;
      for (; copy_ < copies; ++copy_) {
        if (rows_.size() == rows_max) return;
        rows_.push_back(cursor_.row);
        elements_.push_back(at);
        ordinals_.push_back(++ordinal_);
      }
    }
    expanded_->Add(1);
    element_ = 0;
    copy_ = 0;
    ordinal_ = 0;
    ++cursor_.row;
  }

  // The elements of the whole batch, flat. Where a row without elements is kept a NULL stands
  // behind them, for all the batches that Pull makes of them.
  void TakeElements() {
    bool any_pads = false;
    const int32_t* offsets = collection_.data<int32_t>();
    for (int32_t row = 0; spec_.outer && row < cursor_.batch.row_count; ++row) {
      any_pads = any_pads || collection_.IsNull(row) || offsets[row] == offsets[row + 1];
    }
    const DataType& type = spec_.collection->type;
    for (size_t i = 0; i < (type.root() == TypeRoot::kMap ? 2 : 1); ++i) {
      const Column& child = collection_.children[i];
      if (!any_pads) {
        element_columns_.push_back(Flatten(child, context_->pool));
        continue;
      }
      const Column null = MakeNulls(type.child(i), 1);
      const Column* parts[] = {&child, &null};
      element_columns_.push_back(Concatenate(parts, context_->pool));
    }
  }

  // The values of element column `index` at elements_, NULL for -1.
  Column Pick(size_t index) {
    const Column& column = element_columns_[index];
    std::vector<int32_t> rows = elements_;
    for (int32_t& row : rows) {
      if (row < 0) row = column.row_count - 1;
    }
    return Gather(column, rows, context_->pool);
  }

  void AppendElements(Batch* made) {
    const DataType& type = spec_.collection->type;
    if (type.root() == TypeRoot::kMap) {
      for (size_t i = 0; i < 2; ++i) made->columns.push_back(Pick(i));
    } else if (type.child(0).root() == TypeRoot::kRow) {
      const Column rows = Pick(0);
      for (size_t i = 0; i < type.child(0).child_count(); ++i) {
        Column field = Flatten(rows.children[i], context_->pool);
        // A NULL row has NULL fields.
        field.validity = AndValidity(field.validity, rows.validity, rows.row_count, context_->pool);
        made->columns.push_back(std::move(field));
      }
    } else {
      made->columns.push_back(Pick(0));
    }
    if (!spec_.with_ordinality) return;
    Column ordinality;
    ordinality.type = PhysicalType::kInt32;
    ordinality.row_count = made->row_count;
    ordinality.values = Buffer::CopyOf(
        {reinterpret_cast<const char*>(ordinals_.data()), ordinals_.size() * sizeof(int32_t)},
        context_->pool);
    for (int32_t i = 0; i < made->row_count; ++i) {
      if (elements_[static_cast<size_t>(i)] >= 0) continue;
      if (ordinality.validity == nullptr) {
        ordinality.validity = MakeValidity(made->row_count, context_->pool);
      }
      ordinality.validity->as<uint64_t>()[i >> 6] &= ~(uint64_t{1} << (i & 63));
    }
    made->columns.push_back(std::move(ordinality));
  }

  UnnestSpec spec_;
  OperatorContext* context_ = nullptr;
  std::unique_ptr<ExprProgram> program_;
  BatchCursor cursor_;
  Column collection_;
  std::vector<Column> element_columns_;  // a map's keys and values; else one
  int32_t element_ = 0;
  int32_t copy_ = 0;
  int32_t ordinal_ = 0;
  std::vector<int32_t> rows_, elements_, ordinals_;
  Counter* in_ = nullptr;
  Counter* expanded_ = nullptr;
  Counter* without_elements_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeUnnest(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(std::make_unique<Unnest>(static_cast<const UnnestSpec&>(spec)));
}

}  // namespace rhei
