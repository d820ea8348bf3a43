#pragma once
// Recovery: what a durable job does before it starts: takes its directory of checkpoints, decides
// from where it goes on, compares an edited file with the stored state, and says so.
//
// Rules. A stopped, failed or killed job goes on from its newest checkpoint with the id it had; a
// finished one begins anew, once all jobs of its file have finished. `fresh` begins anew whatever
// is there; old checkpoints stay on disk until the new run's push them out. A savepoint given on
// the command line always wins over checkpoints; one given by a setting of the file only counts
// where there is no checkpoint to go on from. What a sink had sealed that is in the file no more is
// committed here, as nobody else would. Thread-safety: one thread; calls wait for the disk.
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/env.h"
#include "checkpoint/checkpoint_directory.h"
#include "engine/job_identity.h"
#include "engine/plan_difference.h"
#include "runtime/connector.h"

namespace rhei {

struct RecoveryRequest {
  const Environment* env = nullptr;
  const PhysicalPlan* plan = nullptr;
  const JobSettings* settings = nullptr;
  IoService* io = nullptr;
  const ConnectorTable* connectors = nullptr;
  std::string job_name;
  std::string new_job_id;
  JobIdentity identity;
  // What the identity would be if the file had other jobs too, or, where it has, had none.
  std::optional<JobIdentity> other_identity = {};
  // The sinks of the file's other jobs, and the folders that those already have which have started.
  std::vector<std::set<std::string>> other_jobs = {};
  std::set<std::string> taken_folders = {};
  // The run of the file that this job takes part in, by what its first job found (empty: this is
  // the first), and the runs that its other jobs go on with: a job of one of those has not
  // finished, though it may be marked already.
  std::string run = {};
  std::set<std::string> continued_runs = {};
  std::string directory;  // that holds the identity's folder; empty: checkpoints stay in memory
  int retained_count = 3;
  bool fresh = false;
  bool allow_dropped_state = false;
  std::string savepoint_path;
  bool savepoint_wins = false;  // over checkpoints
  uint64_t from_epoch = 0;      // go on from this checkpoint; 0: the newest
  bool accept_duplicates = false;
};

struct Recovery {
  std::shared_ptr<CheckpointStore> store;             // null: the job's own, in memory
  std::shared_ptr<DirectoryCheckpointStore> durable;  // the same, when it is durable
  std::string run;
  bool goes_on = false;  // from a checkpoint
  std::string folder;    // of its checkpoints, when it is durable
  std::string job_id;
  std::set<std::string> dropped_operators;
  uint64_t dropped_epoch = 0;
  std::string told;  // lines for people: from where it goes on, the difference, damage
};

// kStateMismatch with the difference when state does not fit and may not be dropped.
Result<Recovery> RecoverJob(const RecoveryRequest& request);

// "2026-11-21 14:03:11 UTC".
std::string TimeText(int64_t wall_micros);
// One line per source: "  source a.b.clicks: /data/x.log at byte 1234, ...".
std::string SourcePositionsText(const Checkpoint& checkpoint, const PhysicalPlan& plan);

}  // namespace rhei
