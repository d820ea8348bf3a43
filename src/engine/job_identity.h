#pragma once
// JobIdentity: by what a job finds its checkpoints again when its file is run once more.
//
// It is the `pipeline.name`, else the absolute path of the file; and, where a file has several
// jobs, the full names of the sinks too. A job without a name and without a file (standard input,
// -e, the shell) has none and does not resume. Thread-safety: pure functions.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rhei {

struct JobIdentity {
  std::string text;    // for people: "/home/ann/job.sql", "clicks -> default_catalog.a.b"
  std::string folder;  // below the directory of checkpoints: "job.sql-3f2a9c1b0d4e5f60"
  // The same for all jobs of a file, except for a second one with the same sinks: by it a job is
  // found that had other neighbours or other sinks before.
  std::string base = {};
};

struct IdentityRequest {
  std::string pipeline_name = {};
  std::string script_path = {};         // absolute; empty: not from a file
  std::vector<std::string> sinks = {};  // full names
  bool several = false;                 // the file has other jobs too
  int repeated = 0;                     // jobs before this one with the same sinks
};
std::optional<JobIdentity> IdentifyJob(const IdentityRequest& request);

// "/data/cp", "file:///data/cp" and "file:/data/cp" to a plain path; Unsupported for other schemes.
Result<std::string> LocalPathOf(std::string_view uri);

}  // namespace rhei
