#pragma once
// Savepoints: one whole checkpoint in a directory of its own that can be moved and copied; in the
// formats of docs/formats/checkpoint.md, with no lock, no generations and no deltas to elsewhere.
// To go on from one: open the job's store with `fresh`, read the savepoint, and publish what the
// job takes of it under an epoch that is new to the store: so it is the job's own first checkpoint.
// Thread-safety: any thread; calls wait for the disk.
#include <memory>
#include <string>

#include "base/env.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/job_description.h"
#include "checkpoint/manifest.h"

namespace rhei {

struct Savepoint {
  std::shared_ptr<const Checkpoint> checkpoint;
  JobDescription job;
};

// REQUIRES: `checkpoint` has whole chains (as CheckpointStore::Latest gives them). `path` must not
// exist or be an empty directory. Durable when it returns.
Status WriteSavepoint(const Environment& env, const Checkpoint& checkpoint,
                      const JobDescription& job, const std::string& path);
// The same from the files of a checkpoint in `directory`: copied as they are and verified, without
// holding more than a block of them.
Status CopyToSavepoint(const Environment& env, const std::string& directory, Manifest manifest,
                       const std::string& path);
// Of the savepoint at `path`, whose sections are not read.
Result<JobDescription> ReadSavepointJob(const Environment& env, const std::string& path);
// Everything is verified before any of it is given out; sections stay on the disk until they are
// read (stored_sections.h).
Result<Savepoint> ReadSavepoint(const Environment& env, const std::string& path,
                                int restore_threads = 0);

}  // namespace rhei
