// Sink: NOT NULL and length enforcers, then the connector's writer; seals at each barrier.
// in = written + dropped + rejected. Flink's enforcers look at every row, deletes too; a refused
// row goes by the table's 'rhei.on-error', when it has one, to the error port or nowhere.
#include "operators/connector_operators.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "columnar/batch_builder.h"
#include "columnar/column_builder.h"
#include "functions/text.h"
#include "operators/output_queue.h"
#include "operators/row_json.h"
#include "state/list_state.h"
#include "types/side_tables.h"

namespace rhei {
namespace {

class CollectWriter final : public SinkWriter {
 public:
  CollectWriter(std::shared_ptr<CollectQueue> queue, Schema schema, WakeupService* wakeup)
      : queue_(std::move(queue)), schema_(std::move(schema)), wakeup_(wakeup) {}
  ~CollectWriter() override { queue_->Forget(wakeup_); }

  Result<WriteResult> Write(const Batch& batch, uint64_t epoch) override {
    return queue_->Push(batch, schema_, epoch, wakeup_) ? WriteResult::kWritten
                                                        : WriteResult::kFull;
  }
  Result<std::unique_ptr<std::string>> Seal(uint64_t) override {
    return std::make_unique<std::string>();
  }

 private:
  std::shared_ptr<CollectQueue> queue_;
  Schema schema_;
  WakeupService* wakeup_;
};

class CollectCommitter final : public SinkCommitter {
 public:
  explicit CollectCommitter(std::shared_ptr<CollectQueue> queue) : queue_(std::move(queue)) {}
  Status Commit(uint64_t epoch, const std::vector<std::string>&) override {
    queue_->Commit(epoch);
    return {};
  }
  Result<CommitOutcome> Outcome(uint64_t, const std::vector<std::string>&) override {
    return CommitOutcome::kUnknown;
  }
  Status Abort(uint64_t, const std::vector<std::string>&) override { return {}; }

 private:
  std::shared_ptr<CollectQueue> queue_;
};

struct SharedCommitter final : NodeShared {
  SinkCommitter* committer() override { return made.get(); }
  std::unique_ptr<SinkCommitter> made;
};

size_t CharacterCount(std::string_view text, bool bytes) {
  return bytes ? text.size() : static_cast<size_t>(CountCodePoints(text));
}

class Sink final : public Operator {
 public:
  Sink(const SinkSpec& spec, std::unique_ptr<SinkWriter> writer, std::shared_ptr<NodeShared> shared)
      : spec_(spec), shared_(std::move(shared)), writer_(std::move(writer)) {}

  Status Open(OperatorContext& context) override {
    context_ = &context;
    next_epoch_ = context.restored_epoch + 1;
    in_ = context.counters->Get("in");
    written_ = context.counters->Get("written");
    dropped_ = context.counters->Get("dropped");
    rejected_ = context.counters->Get("rejected");
    if (spec_.on_error == ErrorPolicy::kReject) {
      refused_.Open(context.settings->batch_rows_max, context.pool);
      RETURN_IF_ERROR(row_json_.Open(spec_.schema, context.settings->time_zone, context.pool));
    }
    context.counters->DeclareEquation({"in"}, {"written", "dropped", "rejected"});
    for (size_t i = 0; i < spec_.schema.size(); ++i) {
      const DataType& type = spec_.schema.type(i);
      if (!type.nullable()) not_null_.push_back(i);
      const bool sized = IsCharacter(type.root()) || IsBinaryString(type.root());
      if (spec_.length != LengthEnforcer::kIgnore && sized &&
          (type.length() != DataType::kMaxLength)) {
        limited_.push_back(i);
      }
    }
    ASSIGN_OR_RETURN(list_, context.state->OpenList("writer"));
    const std::vector<std::string>& saved = list_->restored();
    const auto shard_count = static_cast<size_t>(context.shard_count);
    for (auto at = static_cast<size_t>(context.shard); at < saved.size(); at += shard_count) {
      if (!saved[at].empty()) RETURN_IF_ERROR(writer_->Restore(saved[at]));
    }
    if (context.forgets_final_time) writer_->ForgetFinalTime();
    return {};
  }

  Status Accept(int, Element element) override {
    if (element.kind == ElementKind::kEnd) writer_->Finish();
    if (element.kind == ElementKind::kBatch && !element.batch.points.empty()) {
      writer_->OnWatermark(element.batch.last_watermark());
    }
    if (element.kind != ElementKind::kBatch || element.batch.row_count == 0) return {};
    batch_ = std::move(element.batch);
    batch_.points.clear();
    in_->Add(batch_.row_count);
    refusals_.clear();
    if (!not_null_.empty()) RETURN_IF_ERROR(EnforceNotNull());
    for (const size_t column : limited_) RETURN_IF_ERROR(EnforceLength(column));
    if (!refusals_.empty()) RETURN_IF_ERROR(TakeRefusedOut());
    has_batch_ = batch_.row_count > 0;
    return {};
  }

  Result<PullResult> Pull(PulledBatch* out) override {
    if (!refused_.empty()) {
      refused_.Pull(out);
      return PullResult::kBatch;
    }
    if (!has_batch_) return PullResult::kNeedInput;
    ASSIGN_OR_RETURN(const WriteResult result, writer_->Write(batch_, next_epoch_));
    if (result == WriteResult::kFull) return PullResult::kWait;
    written_->Add(batch_.row_count);
    has_batch_ = false;
    batch_ = {};
    return PullResult::kNeedInput;
  }

  Status BeforeStop() override {
    writer_->Finish();
    return {};
  }

  void BeforeSavepoint() override { writer_->FinishOnce(); }

  Result<bool> BeforeBarrier(uint64_t epoch) override {
    ASSIGN_OR_RETURN(seal_, writer_->Seal(epoch));
    if (seal_ == nullptr) return false;
    next_epoch_ = epoch + 1;
    list_->Set({writer_->Snapshot()});
    return true;
  }
  std::unique_ptr<std::string> TakeSeal() override { return std::move(seal_); }

  Status Close() override { return writer_->Close(); }

 private:
  // A row that an enforcer refuses, and why; by row, the first reason stays.
  struct Refusal {
    size_t column;
    std::string reason;
  };

  Status EnforceNotNull() {
    for (const size_t at : not_null_) {
      const Column& column = batch_.columns[at];
      if (!column.may_have_nulls()) continue;
      for (int32_t row = 0; row < batch_.row_count; ++row) {
        if (!column.IsNull(row)) continue;
        const bool drops = spec_.not_null == NotNullEnforcer::kDrop;
        if (!drops && spec_.on_error == ErrorPolicy::kFail) {
          const Status found = DataError(NullText(at));
          return spec_.table.empty() ? found : found.WithContext(spec_.table);
        }
        refusals_.try_emplace(row, Refusal{at, NullText(at)});
      }
    }
    return {};
  }

  std::string NullText(size_t column) const {
    return fmt::format(
        "Column '{}' is NOT NULL, however, a null value is being written into it. You can set job "
        "configuration 'table.exec.sink.not-null-enforcer'='DROP' to suppress this exception and "
        "drop such records silently.",
        spec_.schema.name(column));
  }

  // Refused rows leave the batch: to the error port, or dropped.
  Status TakeRefusedOut() {
    std::vector<int32_t> kept, refused;
    for (int32_t row = 0; row < batch_.row_count; ++row) {
      (refusals_.contains(row) ? refused : kept).push_back(row);
    }
    if (spec_.on_error == ErrorPolicy::kReject) {
      rejected_->Add(static_cast<int64_t>(refused.size()));
      RETURN_IF_ERROR(PushRefused(GatherRows(batch_, refused, context_->pool)));
    } else {
      dropped_->Add(static_cast<int64_t>(refused.size()));
    }
    batch_ = GatherRows(batch_, kept, context_->pool);
    return {};
  }

  Status PushRefused(const Batch& rows) {
    // Metadata columns, which follow the schema's, are the connector's.
    Batch persisted = rows;
    persisted.columns.resize(spec_.schema.size());
    RETURN_IF_ERROR(row_json_.Write(persisted));
    BatchBuilder builder(ErrorTableSchema(), context_->pool);
    const int64_t now_ms = context_->env->clock->WallMicros() / 1000;
    int32_t row = 0;
    for (const auto& [place, refusal] : refusals_) {
      builder.column(0).Append<int64_t>(now_ms * 1000);
      builder.column(1).AppendString(refusal.reason);
      builder.column(2).AppendString(spec_.schema.name(refusal.column));
      for (size_t column = 3; column < 7; ++column) builder.column(column).AppendNull();
      builder.column(7).AppendString(ChangeKindSymbol(rows.change(row)));
      builder.column(8).AppendString(row_json_.row(row));
      builder.FinishRow();
      ++row;
    }
    refused_.Push(builder.Finish(), kErrorPort);
    return {};
  }

  Status EnforceLength(size_t index) {
    const DataType& type = spec_.schema.type(index);
    const bool bytes = IsBinaryString(type.root());
    const bool pads = type.root() == TypeRoot::kChar || type.root() == TypeRoot::kBinary;
    const auto length = static_cast<size_t>(type.length());
    const Column& column = batch_.columns[index];
    const ColumnReader<StringView> values(column);
    const auto fits = [&](size_t count) { return pads ? count == length : count <= length; };
    bool all_fit = true;
    for (int32_t row = 0; row < batch_.row_count && all_fit; ++row) {
      all_fit = column.IsNull(row) || fits(CharacterCount(values[row].view(), bytes));
    }
    if (all_fit) return {};
    ColumnBuilder builder(type, context_->pool);
    std::string changed;
    for (int32_t row = 0; row < batch_.row_count; ++row) {
      if (column.IsNull(row)) {
        builder.AppendNull();
        continue;
      }
      const std::string_view text = values[row].view();
      const size_t count = CharacterCount(text, bytes);
      if (!fits(count) && spec_.length == LengthEnforcer::kError) {
        std::string reason = fmt::format(
            "Column '{}' is {}, however, a string of length {} is being written into it. You can "
            "set job configuration 'table.exec.sink.type-length-enforcer' to control this "
            "behaviour.",
            spec_.schema.name(index), type.WithNullable(true).ToString(), count);
        if (spec_.on_error == ErrorPolicy::kFail && !refusals_.contains(row)) {
          return DataError(std::move(reason)).WithContext(spec_.table);
        }
        refusals_.try_emplace(row, Refusal{index, std::move(reason)});
        builder.AppendString(text);
        continue;
      }
      changed =
          count > length ? text.substr(0, bytes ? length : Advance(text, 0, type.length())) : text;
      if (pads && count < length) changed.append(length - count, bytes ? '\0' : ' ');
      builder.AppendString(changed);
    }
    batch_.columns[index] = builder.Finish();
    return {};
  }

  const SinkSpec& spec_;
  std::shared_ptr<NodeShared> shared_;
  std::unique_ptr<SinkWriter> writer_;
  OperatorContext* context_ = nullptr;
  ListState* list_ = nullptr;
  Counter* in_ = nullptr;
  Counter* written_ = nullptr;
  Counter* dropped_ = nullptr;
  Counter* rejected_ = nullptr;
  std::vector<size_t> not_null_;
  std::vector<size_t> limited_;
  std::map<int32_t, Refusal> refusals_;  // rows of batch_
  RowJson row_json_;
  OutputQueue refused_;
  Batch batch_;
  bool has_batch_ = false;
  uint64_t next_epoch_ = 1;
  std::unique_ptr<std::string> seal_;
};

SinkRequest RequestOf(const SinkSpec& spec, const ConnectorOperatorContext& context) {
  SinkRequest request;
  request.table = spec.table;
  request.options = spec.options;
  request.schema = spec.schema;
  for (const MetadataColumn& column : spec.metadata) {
    request.schema.fields.push_back({column.key, column.type, ""});
  }
  request.metadata = spec.metadata;
  request.primary_key = spec.primary_key;
  request.partition_columns = spec.partition_columns;
  request.input_changelog = spec.input_changelog;
  request.overwrite = spec.overwrite;
  request.job_id = context.job_id;
  request.operator_id = context.op->operator_id;
  request.shard_count = context.op->shard_count;
  request.env = context.op->env;
  request.settings = context.op->settings;
  return request;
}

}  // namespace

Result<std::unique_ptr<Operator>> MakeSink(const SinkSpec& spec,
                                           const ConnectorOperatorContext& context,
                                           std::shared_ptr<CollectQueue> collect) {
  const bool first = *context.shared == nullptr;
  auto shared = first ? std::make_shared<SharedCommitter>()
                      : std::static_pointer_cast<SharedCommitter>(*context.shared);
  std::unique_ptr<SinkWriter> writer;
  if (spec.table.empty()) {
    if (first) shared->made = std::make_unique<CollectCommitter>(collect);
    writer = std::make_unique<CollectWriter>(collect, spec.schema, context.op->wakeup);
  } else {
    SinkRequest request = RequestOf(spec, context);
    if (first) {
      request.shard = -1;
      ASSIGN_OR_RETURN(shared->made, context.factory->MakeCommitter(request));
    }
    request.shard = context.op->shard;
    request.pool = context.op->pool;
    request.wakeup = context.op->wakeup;
    request.io = context.op->io;
    request.committer = shared->made.get();
    ASSIGN_OR_RETURN(writer, context.factory->MakeWriter(request));
  }
  *context.shared = shared;
  return std::unique_ptr<Operator>(
      std::make_unique<Sink>(spec, std::move(writer), std::move(shared)));
}

}  // namespace rhei
