#include "engine/query_operation.h"

#include "base/check.h"

namespace rhei {
namespace {

class QueryOperation final : public Operation {
 public:
  QueryOperation(std::shared_ptr<Job> job, Schema schema, bool insert_only)
      : job_(std::move(job)), schema_(std::move(schema)), insert_only_(insert_only) {}
  ~QueryOperation() override { job_->Cancel(); }

  OperationKind kind() const override { return OperationKind::kQuery; }
  const Schema& schema() const override { return schema_; }
  bool insert_only() const override { return insert_only_; }
  Result<FetchResult> Fetch(int64_t wait_micros, Batch* rows) override {
    switch (job_->Fetch(wait_micros, rows)) {
      case Job::Fetched::kBatch: return FetchResult::kRows;
      case Job::Fetched::kNothing: return FetchResult::kNotReady;
      case Job::Fetched::kEnd: break;
    }
    RETURN_IF_ERROR(job_->Wait());
    return FetchResult::kEnd;
  }
  void Cancel() override { job_->Stop(); }
  std::shared_ptr<Job> job() const override { return job_; }

 private:
  std::shared_ptr<Job> job_;
  Schema schema_;
  bool insert_only_;
};

class InsertOperation final : public Operation {
 public:
  explicit InsertOperation(std::shared_ptr<Job> job)
      : job_(std::move(job)),
        row_(MakeListResult(OperationKind::kInsert, "job id", {job_->id()})) {}

  OperationKind kind() const override { return OperationKind::kInsert; }
  const Schema& schema() const override { return row_->schema(); }
  Result<FetchResult> Fetch(int64_t wait_micros, Batch* rows) override {
    return row_->Fetch(wait_micros, rows);
  }
  void Cancel() override { job_->Stop(); }
  std::shared_ptr<Job> job() const override { return job_; }

 private:
  std::shared_ptr<Job> job_;
  std::unique_ptr<Operation> row_;
};

}  // namespace

std::unique_ptr<Operation> MakeQueryOperation(std::shared_ptr<Job> job, Schema schema,
                                              bool insert_only) {
  return std::make_unique<QueryOperation>(std::move(job), std::move(schema), insert_only);
}

std::unique_ptr<Operation> MakeInsertOperation(std::shared_ptr<Job> job) {
  return std::make_unique<InsertOperation>(std::move(job));
}

}  // namespace rhei
