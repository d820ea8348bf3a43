#pragma once
// The writing half of 'filesystem', exactly once. A writer encodes on its shard and appends on an
// I/O thread to part files whose names begin with "."; a committer renames those that are complete
// once the checkpoint that lists them is published.
//
// Names: part-SINK-SHARD-EPOCH-SEQUENCE-RUN, where SINK stands for the job and the operator and RUN
// is drawn anew by every start; so no two jobs, sinks, shards, epochs or attempts ever meet, and
// two jobs may write into one directory. A seal holds only what is durable: the files and the
// directories' entries are synced before it is given out. A part that stays open over a checkpoint
// is cut back to the seal's length by a restore. A commit may be repeated: a file that is at its
// final name with the size and the checksum of the seal is done; nothing is ever replaced. A failed
// fsync ends the attempt (reliability: B10).
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/env.h"
#include "connectors/filesystem/partition_commit.h"
#include "connectors/filesystem/paths.h"
#include "formats/format.h"
#include "runtime/operator.h"
#include "runtime/sink.h"

namespace rhei {

// What the committer of a sink tells its writers. Thread-safety: any thread.
class FileSinkRun {
 public:
  // `sink`: FileSinkName; `run` is of the start at hand.
  FileSinkRun(std::string sink, Random* random);
  const std::string& sink() const { return sink_; }
  const std::string& run() const { return run_; }
  // Partitions that were marked as complete by the newest commit, which was of `epoch`.
  void SetMarked(uint64_t epoch, std::vector<std::string> partitions);
  // The epoch with which the newest commit has marked it, or nothing.
  std::optional<uint64_t> MarkedAt(const std::string& partition) const;

 private:
  const std::string sink_;
  const std::string run_;
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> marked_;
};

// Sixteen hex digits that are the same over restarts.
std::string FileSinkName(const std::string& job_id, const std::string& operator_id);

struct FileSinkOptions {
  std::string directory;
  std::string job_id;
  std::string operator_id;
  int shard = 0;
  Schema schema;                       // all columns that arrive
  std::vector<int> partition_columns;  // of them; they are in the path and not in the file
  std::string default_partition = std::string(kDefaultPartition);
  int64_t file_bytes = 0;    // a part of this size is closed
  int64_t rollover_ms = 0;   // so is one this old
  bool seal_closes = false;  // and every one at a barrier
  PartitionCommitOptions partition_commit;
  // The rows of an open part may be there already, committed by a checkpoint that is left behind.
  bool accepts_duplicates = false;
  std::shared_ptr<FileSinkRun> run;  // the committer's; null: the writer draws one of its own
};

// Opened before the first Write; what is wrong with the directory shows there.
Result<std::unique_ptr<SinkWriter>> MakeFileWriter(FileSinkOptions options,
                                                   std::unique_ptr<Encoder> encoder,
                                                   const Environment* env, WakeupService* wakeup,
                                                   IoService* io);

class FileCommitter final : public SinkCommitter {
 public:
  // `directory` is searched once, behind the first commit, for what earlier runs of the sink left;
  // empty: it is not.
  FileCommitter(const Environment* env, std::string directory, PartitionCommitOptions partitions,
                std::shared_ptr<FileSinkRun> run);

  const std::shared_ptr<FileSinkRun>& run() const { return run_; }
  Status Commit(uint64_t epoch, const std::vector<std::string>& staged) override;
  Result<CommitOutcome> Outcome(uint64_t epoch, const std::vector<std::string>& staged) override;
  Status Abort(uint64_t epoch, const std::vector<std::string>& staged) override;

 private:
  const Environment* env_;
  const std::string directory_;
  const PartitionCommitOptions partitions_;
  const std::shared_ptr<FileSinkRun> run_;
  bool swept_ = false;
};

// Commits what sinks have sealed that are gone. Parts that were open then are cut to the length of
// the seal and get their names too: nobody goes on with them. What is not there any more was
// committed before, or somebody has taken it away.
std::unique_ptr<SinkCommitter> MakeOrphanFileCommitter(const Environment& env);

// A committer without partitions and leftovers to look after.
std::unique_ptr<SinkCommitter> MakeFileCommitter(FileSystem* files);

}  // namespace rhei
