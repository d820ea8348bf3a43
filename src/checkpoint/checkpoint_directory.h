#pragma once
// DirectoryCheckpointStore: the checkpoints of one job in a directory, durable and checked
// (docs/formats/checkpoint.md). Savepoints are written and read by savepoint.h.
//
// <directory>/ lock, generations/G, manifest-EPOCH-G, segments/EPOCH-G-SHARD, commits/EPOCH-G,
// finished-G. A writer holds the lock and has a generation number of its own; what an older
// generation publishes after a newer one began is never read. Everything is published by write,
// fsync, rename, fsync of the directory. A failed fsync ends the attempt: its files are never used.
// Call order: Open, Latest, then Publish, MarkCommitting, MarkCommitted, ... per epoch,
// MarkFinished at the end. Ownership: the environment outlives the store, which holds the lock.
// Thread-safety: one thread at a time, except Retained, which any may call.
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/env.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/job_description.h"

namespace rhei {

// A line of SHOW CHECKPOINTS.
struct CheckpointRecord {
  uint64_t epoch = 0;
  int64_t created_micros = 0;   // wall time of its barrier
  int64_t duration_micros = 0;  // until its manifest was written
  int64_t written_bytes = 0;    // by this checkpoint alone
  int64_t total_bytes = 0;      // of all segments that it needs
  int shard_count = 0;
  bool last = false;
  bool committed = false;
};

class DirectoryCheckpointStore final : public CheckpointStore {
 public:
  struct Options {
    const Environment* env = nullptr;
    std::string directory;  // <dir>/<identity>; made when missing
    JobDescription job;     // written into every manifest
    int retained_count = 3;
    int restore_threads = 0;  // 0: one per core where the environment has threads
    // Do not continue: what is there stays until newer checkpoints push it out.
    bool fresh = false;
    // A mark that says the job has finished does not count.
    bool ignores_finished = false;
    // Continue from this epoch instead of the newest (0). Refused when a later one is committed,
    // unless accept_duplicates.
    uint64_t from_epoch = 0;
    bool accept_duplicates = false;
  };

  // Takes the lock, finds the newest usable checkpoint, begins a new generation, sweeps leftovers.
  // A directory in use, damage that must not be passed over and a format of another version are
  // failures that say what to do. A finished job starts anew: was_finished is true and Latest null;
  // nothing is changed before Latest or Publish is called.
  static Result<std::unique_ptr<DirectoryCheckpointStore>> Open(Options options);
  ~DirectoryCheckpointStore() override;

  Status Publish(std::shared_ptr<const Checkpoint> checkpoint) override;
  Status MarkCommitting(uint64_t epoch) override;
  Status MarkCommitted(uint64_t epoch) override;
  std::string TakeNote() override;
  Status MarkFinished() override;
  // Verifies everything before it gives any of it out. Damage found here is treated as at Open: an
  // older checkpoint, if no sink has committed a later one. The sections stay on the disk until
  // they are read (stored_sections.h), which must be before the next Publish; InMemory for later.
  Result<std::shared_ptr<const Checkpoint>> Latest() override;
  uint64_t highest_epoch() const override;
  int64_t published_bytes() const override;

  // Copies the newest checkpoint to `path` as a savepoint (savepoint.h), for states that should not
  // go through memory. REQUIRES: there is one.
  Status CopyLatestTo(const std::string& path);

  // The user asked to leave this state behind: it is in no later checkpoint.
  void DropState(const std::string& operator_id, const std::string& state_name);
  // Of the checkpoint that Latest gives; null without one.
  const JobDescription* stored_job() const;
  // The newest checkpoint was marked `last` and nothing but its commits is left to do.
  bool is_at_end() const;
  bool was_finished() const;
  // What the user should know of how it was opened: damage, and what is used instead.
  std::vector<std::string> notes() const;
  // Newest first.
  std::vector<CheckpointRecord> Retained() const;
  const std::string& directory() const;

 private:
  struct Impl;
  explicit DirectoryCheckpointStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// For a look from outside, while the job runs or not: takes no lock and changes nothing.
struct CheckpointDirectoryListing {
  std::vector<CheckpointRecord> retained;  // newest first
  JobDescription job;                      // of the newest
  bool finished = false;
  std::vector<std::string> notes;  // damaged files
};
Result<CheckpointDirectoryListing> ListCheckpointDirectory(FileSystem& files,
                                                           const std::string& directory);

}  // namespace rhei
