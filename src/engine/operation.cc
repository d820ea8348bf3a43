#include "engine/operation.h"

#include "base/check.h"
#include "columnar/batch_builder.h"

namespace rhei {

std::string_view OperationKindName(OperationKind kind) {
  switch (kind) {
    case OperationKind::kQuery: return "QUERY";
    case OperationKind::kInsert: return "INSERT";
    case OperationKind::kDdl: return "DDL";
    case OperationKind::kExplain: return "EXPLAIN";
    case OperationKind::kShow: return "SHOW";
    case OperationKind::kDescribe: return "DESCRIBE";
    case OperationKind::kSet: return "SET";
    case OperationKind::kReset: return "RESET";
    case OperationKind::kUse: return "USE";
    case OperationKind::kBegin: return "BEGIN";
    case OperationKind::kOther: return "OTHER";
  }
  CHECK(false);
}

namespace {

class TableResult final : public Operation {
 public:
  TableResult(OperationKind kind, Schema schema, std::vector<std::vector<Value>> rows)
      : kind_(kind), schema_(std::move(schema)), rows_(std::move(rows)) {}

  OperationKind kind() const override { return kind_; }
  const Schema& schema() const override { return schema_; }
  Result<FetchResult> Fetch(int64_t /*wait_micros*/, Batch* rows) override {
    if (next_ == rows_.size()) return FetchResult::kEnd;
    BatchBuilder builder(schema_);
    while (next_ < rows_.size() && builder.row_count() < kBatchRowsMax) {
      builder.AppendRow(rows_[next_++]);
    }
    *rows = builder.Finish();
    return FetchResult::kRows;
  }

 private:
  OperationKind kind_;
  Schema schema_;
  std::vector<std::vector<Value>> rows_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Operation> MakeTableResult(OperationKind kind, Schema schema,
                                           std::vector<std::vector<Value>> rows) {
  return std::make_unique<TableResult>(kind, std::move(schema), std::move(rows));
}

std::unique_ptr<Operation> MakeOk(OperationKind kind) {
  return MakeListResult(kind, "result", {"OK"});
}

std::unique_ptr<Operation> MakeListResult(OperationKind kind, std::string_view column,
                                          const std::vector<std::string>& values) {
  std::vector<std::vector<Value>> rows;
  for (const std::string& value : values) rows.push_back({Value::Text(value)});
  return MakeTableResult(kind, Schema{{{std::string(column), DataType::String(), ""}}},
                         std::move(rows));
}

}  // namespace rhei
