// Expand: GROUPING SETS. Every row once per set, columns outside of the set NULL, and the set's
// grouping id as the last column. in * sets = out.
#include "operators/output_queue.h"
#include "plan/physical/calc_spec.h"
#include "runtime/operator.h"

namespace rhei {
namespace {

class Expand final : public Operator {
 public:
  explicit Expand(const ExpandSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    expanded_ = context.counters->Get("expanded");
    passed_ = context.counters->Get("out");
    context.counters->DeclareEquation({"expanded"}, {"out"});
    return {};
  }

  // Column by column: set s of row r is output row r * sets + s.
  Status Accept(int /*input*/, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    const Batch& batch = element.batch;
    const auto sets = static_cast<int32_t>(spec_.ids.size());
    Batch out;
    out.row_count = batch.row_count * sets;
    expanded_->Add(int64_t{batch.row_count} * sets);
    std::vector<int32_t> source(static_cast<size_t>(out.row_count));
    for (size_t i = 0; i < source.size(); ++i) source[i] = static_cast<int32_t>(i) / sets;
    if (batch.changes != nullptr) {
      out.changes = Buffer::Allocate(source.size(), context_->pool);
      for (size_t i = 0; i < source.size(); ++i) {
        out.changes->as<ChangeKind>()[i] = batch.change(source[i]);
      }
    }
    for (size_t c = 0; c < batch.columns.size(); ++c) {
      out.columns.push_back(ExpandColumn(batch.columns[c], c, source));
    }
    Column ids;
    ids.type = PhysicalType::kInt64;
    ids.row_count = out.row_count;
    ids.values = Buffer::Allocate(source.size() * sizeof(int64_t), context_->pool);
    for (size_t i = 0; i < source.size(); ++i) {
      ids.values->as<int64_t>()[i] = spec_.ids[i % static_cast<size_t>(sets)];
    }
    out.columns.push_back(std::move(ids));
    for (const WatermarkPoint& point : batch.points) {
      out.points.push_back({point.row * sets, point.watermark_ms});
    }
    out_.Push(std::move(out));
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    const PullResult pulled = out_.Pull(out);
    if (pulled == PullResult::kBatch) passed_->Add(out->batch.row_count);
    return pulled;
  }

 private:
  Column ExpandColumn(const Column& column, size_t index, const std::vector<int32_t>& source) {
    bool kept_by_all = true;
    for (const std::vector<bool>& kept : spec_.kept) kept_by_all = kept_by_all && kept[index];
    if (kept_by_all) return Gather(column, source, context_->pool);
    // Two parts, the values and one NULL, and a gather from both.
    const Column null = MakeNulls(spec_.input_types[index], 1);
    const Column* parts[] = {&column, &null};
    const Column both = Concatenate(parts, context_->pool);
    std::vector<int32_t> rows(source.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i] = spec_.kept[i % spec_.ids.size()][index] ? source[i] : column.row_count;
    }
    return Gather(both, rows, context_->pool);
  }

  ExpandSpec spec_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  Counter* expanded_ = nullptr;
  Counter* passed_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeExpand(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(std::make_unique<Expand>(static_cast<const ExpandSpec&>(spec)));
}

}  // namespace rhei
