#pragma once
// JobFolder: in which folder below the directory of checkpoints a job of a file finds its own.
//
// It is the identity's, as a rule. But what stands beside a job in its file, and which sinks a
// statement set has, is part of the identity: a job whose neighbours come or go, or whose set
// grows, goes on in the folder that it had. What cannot be told is refused: a job never begins anew
// without a word while there are checkpoints with what it has already written. Thread-safety: one
// thread; calls wait for the disk.
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/env.h"
#include "checkpoint/checkpoint_directory.h"
#include "engine/job_identity.h"

namespace rhei {

struct JobFolderRequest {
  FileSystem* files = nullptr;
  std::string directory;
  JobIdentity identity;
  std::optional<JobIdentity> other_identity;  // RecoveryRequest
  std::set<std::string> sinks;                // of the job
  std::vector<std::set<std::string>> other_jobs;
  std::set<std::string> taken_folders;
  bool fresh = false;
};
struct JobFolder {
  std::string name;
  // What is in it; none when it has no checkpoints that can be read.
  std::optional<CheckpointDirectoryListing> listing = {};
};
Result<JobFolder> ChooseJobFolder(const JobFolderRequest& request);

}  // namespace rhei
