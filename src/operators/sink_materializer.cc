// SinkMaterializer: keeps all rows of a primary key in order of arrival, so that an upsert sink
// sees the newest that is left: +I or +U for a row that comes; when the newest is taken back, +U of
// the one before it or -D of the last; nothing when an older one is. in = absorbed + dropped.
#include "operators/keyed_batch.h"
#include "operators/row_writer.h"
#include "plan/physical/sink_spec.h"
#include "runtime/operator.h"
#include "state/state_store.h"

namespace rhei {
namespace {

class SinkMaterializer final : public Operator {
 public:
  explicit SinkMaterializer(const SinkMaterializerSpec& spec) : spec_(spec) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    out_.Open(context.settings->batch_rows_max, context.pool);
    writer_ = std::make_unique<RowWriter>(spec_.input, &out_, context.settings->batch_rows_max,
                                          context.pool);
    MultimapSpec rows;
    rows.name = "rows";
    rows.key_types = TypesOf(spec_.input, spec_.primary_key);
    rows.row_types = TypesOf(spec_.input);
    rows.ttl_ms = spec_.ttl_ms;
    ASSIGN_OR_RETURN(rows_, context.state->OpenMultimap(rows));
    in_ = context.counters->Get("in");
    absorbed_ = context.counters->Get("absorbed");
    dropped_ = context.counters->Get("dropped");
    context.counters->DeclareEquation({"in"}, {"absorbed", "dropped"});
    return {};
  }

  Status Accept(int /*input*/, Element element) override {
    if (element.kind != ElementKind::kBatch) return {};
    const Batch& batch = element.batch;
    in_->Add(batch.row_count);
    keyed_.Begin(batch, spec_.primary_key);
    rows_->SetNow(context_->env->clock->WallMicros() / 1000);
    keys_.resize(keyed_.row_count());
    rows_->FindOrInsertKeys(keyed_.keys(), keyed_.hashes(), keyed_.rows(), keys_.data());
    size_t point = 0;
    for (int32_t row = 0; row <= batch.row_count; ++row) {
      for (; point < batch.points.size() && batch.points[point].row <= row; ++point) {
        writer_->Watermark(batch.points[point].watermark_ms);
      }
      if (row < batch.row_count) TakeRow(batch, row);
    }
    writer_->Flush();
    rows_->EraseEmptyKeys(keys_);
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override { return out_.Pull(out); }

 private:
  // The rows of a key are one state: a change of one renews the time to live of all.
  void KeepAlive(StateRow* key) {
    if (spec_.ttl_ms <= 0) return;
    for (MultimapEntry* at = rows_->First(key); at != nullptr; at = rows_->Next(at)) {
      rows_->Touch(at);
    }
  }

  void TakeRow(const Batch& batch, int32_t row) {
    StateRow* key = keys_[static_cast<size_t>(row)];
    if (IsAddition(batch.change(row))) {
      absorbed_->Add(1);
      const bool known = rows_->First(key) != nullptr;
      rows_->Add(key, keyed_.columns(), row);
      KeepAlive(key);
      writer_->Input(batch, row);
      writer_->Finish(known ? ChangeKind::kUpdateAfter : ChangeKind::kInsert);
      return;
    }
    MultimapEntry* entry = rows_->FindEqual(key, keyed_.columns(), row);
    if (entry == nullptr) return dropped_->Add(1);
    absorbed_->Add(1);
    const bool newest = rows_->Next(entry) == nullptr;
    rows_->Remove(entry);
    KeepAlive(key);
    if (!newest) return;
    const MultimapEntry* left = rows_->Last(key);
    if (left != nullptr) {
      writer_->Stored(*rows_, left);
      writer_->Finish(ChangeKind::kUpdateAfter);
    } else {
      writer_->Input(batch, row);
      writer_->Finish(ChangeKind::kDelete);
    }
  }

  SinkMaterializerSpec spec_;
  OperatorContext* context_ = nullptr;
  OutputQueue out_;
  std::unique_ptr<RowWriter> writer_;
  StateMultimap* rows_ = nullptr;
  KeyedBatch keyed_;
  std::vector<StateRow*> keys_;
  Counter* in_ = nullptr;
  Counter* absorbed_ = nullptr;
  Counter* dropped_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeSinkMaterializer(const OperatorSpec& spec) {
  return std::unique_ptr<Operator>(
      std::make_unique<SinkMaterializer>(static_cast<const SinkMaterializerSpec&>(spec)));
}

}  // namespace rhei
