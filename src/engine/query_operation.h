#pragma once
// Operations with a job behind them.
#include <memory>

#include "engine/job.h"
#include "engine/operation.h"

namespace rhei {

// The rows of a SELECT as its job makes them. Dropping it cancels the job.
std::unique_ptr<Operation> MakeQueryOperation(std::shared_ptr<Job> job, Schema schema,
                                              bool insert_only);
// One row: the job's id. The job goes on without the operation.
std::unique_ptr<Operation> MakeInsertOperation(std::shared_ptr<Job> job);

}  // namespace rhei
