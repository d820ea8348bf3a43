#pragma once
// Kill points: the places between two durable acts where a crash is worth a test. docs/TESTING.md
// lists them.
//
// A run passes them with PassKillPoint(env, KillPoint::k...), which costs one comparison unless
// somebody listens: the simulator, or `RHEI_KILL_AT=NAME:NTH`, with which main makes the process
// kill itself (SIGKILL, nothing is flushed) at the NTH passing.
// Ownership: Environment::kill_points outlives the run. Thread-safety: Pass may come from any
// thread.
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/env.h"
#include "base/status.h"

namespace rhei {

enum class KillPoint : uint8_t {
  kSourcePosition,     // a source has handed out rows; no checkpoint knows its position yet
  kBarrier,            // a barrier has been requested
  kSealUnsynced,       // a sink's rows of the epoch are written and not synced
  kSealed,             // they are synced; the task's state is not frozen yet
  kSnapshot,           // an instance's state is frozen
  kSegmentPart,        // a segment is half written
  kSegmentWritten,     // a segment is written and not synced
  kSegmentSynced,      // and synced
  kManifestWritten,    // the manifest is written under its first name and not synced
  kManifestSynced,     // and synced
  kManifestRenamed,    // it has its name; the directory is not synced
  kManifestPublished,  // it is durable
  kCommitMark,         // the mark that commits begin is durable
  kCommitFirst,        // before a sink's first commit
  kCommitBetween,      // between two files of one commit
  kCommitRenamed,      // a file has its final name; the directory is not synced
  kCommitPartition,    // the files of a partition are there; it is not marked as complete
  kCommitDone,         // all sinks have committed; no mark says so
  kCommittedMark,      // a mark says so
  kSweep,              // before each removal of a file that no checkpoint needs any more
  kLastCommitted,      // the last epoch is committed; the job is not marked as finished
  kFinishedMark,       // it is; the process has not ended
  kRestoreRead,        // the checkpoint is read; nothing has been done with it
  kRestoreCommits,     // its commits are repeated; the run has not started
  kRestoreSink,        // before a sink cuts its open file back to the checkpoint's length
};
inline constexpr int kKillPointCount = static_cast<int>(KillPoint::kRestoreSink) + 1;

// "seal-unsynced"
std::string_view KillPointName(KillPoint point);

class KillPoints {
 public:
  virtual ~KillPoints() = default;
  virtual void Pass(KillPoint point) = 0;
};

inline void PassKillPoint(const Environment& env, KillPoint point) {
  if (env.kill_points != nullptr) [[unlikely]] {
    env.kill_points->Pass(point);
  }
}

// "commit-between:3". kInvalidArgument with the nearest name.
Result<std::unique_ptr<KillPoints>> MakeProcessKill(std::string_view text);

}  // namespace rhei
