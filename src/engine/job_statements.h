#pragma once
// The statements about running jobs: SHOW JOBS, DESCRIBE JOB, STOP JOB, SAVEPOINT JOB, SHOW
// CHECKPOINTS, SHOW STATE. They see every job of the process, whatever session started it.
// Thread-safety: any thread; STOP and SAVEPOINT wait for the job.
#include <memory>
#include <string>

#include "engine/engine.h"
#include "engine/operation.h"
#include "engine/settings.h"
#include "sql/ast_statement.h"

namespace rhei {

// RUNNING, RESTARTING, FINISHED, STOPPED, CANCELED, FAILED, CREATED: Flink's words where it has
// one.
std::string_view JobStatusWord(JobState state);

Result<std::unique_ptr<Operation>> ShowJobs(Engine& engine);
Result<std::unique_ptr<Operation>> DescribeJob(Engine& engine, const std::string& job_id);
Result<std::unique_ptr<Operation>> StopJob(Engine& engine, const Settings& settings,
                                           const ast::StopJob& stop);
Result<std::unique_ptr<Operation>> SavepointJob(Engine& engine, const Settings& settings,
                                                const std::string& job_id);
// Empty id: of all jobs.
Result<std::unique_ptr<Operation>> ShowCheckpoints(Engine& engine, const std::string& job_id);
Result<std::unique_ptr<Operation>> ShowState(Engine& engine, const std::string& job_id);

}  // namespace rhei
