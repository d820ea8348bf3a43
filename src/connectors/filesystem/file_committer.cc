// The commit of a filesystem sink: renames, marks of complete partitions, and what earlier runs
// left. Everything here may be done again.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/durable_directories.h"
#include "base/kill_point.h"
#include "columnar/hash.h"
#include "connectors/filesystem/file_sink.h"
#include "connectors/filesystem/paths.h"
#include "connectors/filesystem/publish_part.h"
#include "connectors/filesystem/staged_files.h"

namespace rhei {
namespace {

Status Publish(FileSystem& files, const StagedFiles::FinishedPart& part) {
  const Result<bool> published = PublishPart(files, part);
  if (!published.ok()) return published.status().WithContext("filesystem commit");
  if (*published) return {};
  return Status(ErrorCode::kStateMismatch,
                fmt::format("filesystem commit: neither {} nor {} exists: {} bytes of output are "
                            "lost; somebody has removed the file",
                            part.temporary, part.final, part.bytes));
}

// Partitions that are complete by what the shards say: every one that knows the partition has
// closed it, and, where the watermark decides, the watermark of them all is past it.
std::set<std::string> CompletePartitions(const std::vector<StagedFiles>& seals,
                                         bool by_partition_time) {
  uint64_t newest = 0;
  for (const StagedFiles& seal : seals) newest = std::max(newest, seal.epoch);
  int64_t watermark_ms = INT64_MAX;
  std::set<std::string> complete;
  std::set<std::string> waiting;
  for (const StagedFiles& seal : seals) {
    // What was carried over from an epoch that was given up is in the newer seal too.
    if (seal.epoch == newest) watermark_ms = std::min(watermark_ms, seal.watermark_ms);
  }
  for (const StagedFiles& seal : seals) {
    if (seal.epoch != newest) continue;
    for (const StagedFiles::PendingPartition& each : seal.pending) {
      // The final watermark is past everything.
      const bool due = !by_partition_time || watermark_ms > each.due_ms;
      (each.ready && due ? complete : waiting).insert(each.partition);
    }
  }
  for (const std::string& partition : waiting) complete.erase(partition);
  return complete;
}

// Files of earlier runs of the sink below `directory` that no seal knows.
class Leftovers {
 public:
  Leftovers(const Environment& env, const FileSinkRun& run, const std::vector<StagedFiles>& seals)
      : env_(env), begin_(".part-" + run.sink() + "-"), end_("-" + run.run() + ".inprogress") {
    for (const StagedFiles& seal : seals) {
      for (const StagedFiles::FinishedPart& part : seal.finished) known_.insert(part.temporary);
      for (const StagedFiles::OpenPart& part : seal.open) known_.insert(part.temporary);
    }
  }

  Status RemoveBelow(const std::string& directory) {
    const Result<std::vector<FileInfo>> entries = env_.files->List(directory);
    if (!entries.ok()) {
      // No row has come yet.
      return entries.status().code() == ErrorCode::kNotFound ? Status() : entries.status();
    }
    bool removed_any = false;
    for (const FileInfo& entry : *entries) {
      const std::string_view name = BaseName(entry.path);
      if (entry.is_directory) {
        if (!IsHiddenName(name)) RETURN_IF_ERROR(RemoveBelow(entry.path));
        continue;
      }
      if (!name.starts_with(begin_) || !name.ends_with(".inprogress") || name.ends_with(end_) ||
          known_.contains(entry.path)) {
        continue;
      }
      PassKillPoint(env_, KillPoint::kSweep);
      const Status removed = env_.files->Remove(entry.path);
      if (!removed.ok() && removed.code() != ErrorCode::kNotFound) return removed;
      removed_any = true;
    }
    return removed_any ? env_.files->SyncDirectory(directory) : Status();
  }

 private:
  const Environment& env_;
  const std::string begin_;
  const std::string end_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace

std::string FileSinkName(const std::string& job_id, const std::string& operator_id) {
  const std::string both = job_id + '\0' + operator_id;
  return fmt::format("{:016x}", HashBytes(both.data(), both.size()));
}

FileSinkRun::FileSinkRun(std::string sink, Random* random)
    : sink_(std::move(sink)), run_(fmt::format("{:08x}", random->Next() >> 32)) {}

void FileSinkRun::SetMarked(uint64_t epoch, std::vector<std::string> partitions) {
  const std::lock_guard<std::mutex> lock(mutex_);
  marked_.clear();
  for (std::string& partition : partitions) marked_[std::move(partition)] = epoch;
}

std::optional<uint64_t> FileSinkRun::MarkedAt(const std::string& partition) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = marked_.find(partition);
  return found == marked_.end() ? std::nullopt : std::optional<uint64_t>(found->second);
}

FileCommitter::FileCommitter(const Environment* env, std::string directory,
                             PartitionCommitOptions partitions, std::shared_ptr<FileSinkRun> run)
    : env_(env),
      directory_(std::move(directory)),
      partitions_(std::move(partitions)),
      run_(std::move(run)) {}

Status FileCommitter::Commit(uint64_t epoch, const std::vector<std::string>& staged) {
  std::vector<StagedFiles> seals;
  for (const std::string& text : staged) {
    ASSIGN_OR_RETURN(StagedFiles seal, StagedFiles::Parse(text));
    if (!text.empty()) seals.push_back(std::move(seal));
  }
  std::set<std::string> directories;
  for (const StagedFiles& seal : seals) {
    for (const StagedFiles::FinishedPart& part : seal.finished) {
      PassKillPoint(*env_,
                    directories.empty() ? KillPoint::kCommitFirst : KillPoint::kCommitBetween);
      RETURN_IF_ERROR(Publish(*env_->files, part));
      PassKillPoint(*env_, KillPoint::kCommitRenamed);
      directories.insert(DirectoryOf(part.final));
    }
  }
  // Also where an earlier attempt has renamed: it may have died before this.
  for (const std::string& directory : directories) {
    RETURN_IF_ERROR(env_->files->SyncDirectory(directory));
  }
  if (partitions_.enabled) {
    std::vector<std::string> marked;
    for (const std::string& partition : CompletePartitions(seals, partitions_.by_partition_time)) {
      PassKillPoint(*env_, KillPoint::kCommitPartition);
      const std::string path = directory_ + "/" + partition.substr(0, partition.size() - 1);
      // It is gone where somebody has moved the partition away, and not made yet where the table's
      // path was edited.
      RETURN_IF_ERROR(MakeDurableDirectories(*env_->files, path));
      ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file,
                       env_->files->Create(path + "/" + partitions_.success_file, true));
      RETURN_IF_ERROR(file->Sync());
      RETURN_IF_ERROR(file->Close());
      RETURN_IF_ERROR(env_->files->SyncDirectory(path));
      marked.push_back(partition);
    }
    run_->SetMarked(epoch, std::move(marked));
  }
  if (swept_ || directory_.empty()) return {};
  swept_ = true;
  return Leftovers(*env_, *run_, seals).RemoveBelow(directory_);
}

Result<CommitOutcome> FileCommitter::Outcome(uint64_t /*epoch*/,
                                             const std::vector<std::string>& staged) {
  for (const std::string& text : staged) {
    ASSIGN_OR_RETURN(const StagedFiles files, StagedFiles::Parse(text));
    for (const StagedFiles::FinishedPart& part : files.finished) {
      const Status found = env_->files->Stat(part.final).status();
      if (found.code() == ErrorCode::kNotFound) return CommitOutcome::kAborted;
      RETURN_IF_ERROR(found);
    }
  }
  return CommitOutcome::kCommitted;
}

Status FileCommitter::Abort(uint64_t /*epoch*/, const std::vector<std::string>& staged) {
  for (const std::string& text : staged) {
    ASSIGN_OR_RETURN(const StagedFiles files, StagedFiles::Parse(text));
    for (const StagedFiles::FinishedPart& part : files.finished) {
      const Status removed = env_->files->Remove(part.temporary);
      if (!removed.ok() && removed.code() != ErrorCode::kNotFound) return removed;
    }
  }
  return {};
}

namespace {

// Owns the environment that it is made from.
class PlainFileCommitter final : public SinkCommitter {
 public:
  explicit PlainFileCommitter(FileSystem* files) : committer_(&env_, "", {}, nullptr) {
    env_.files = files;
  }
  Status Commit(uint64_t epoch, const std::vector<std::string>& staged) override {
    return committer_.Commit(epoch, staged);
  }
  Result<CommitOutcome> Outcome(uint64_t epoch, const std::vector<std::string>& staged) override {
    return committer_.Outcome(epoch, staged);
  }
  Status Abort(uint64_t epoch, const std::vector<std::string>& staged) override {
    return committer_.Abort(epoch, staged);
  }

 private:
  Environment env_;
  FileCommitter committer_;
};

class OrphanFileCommitter final : public SinkCommitter {
 public:
  explicit OrphanFileCommitter(const Environment& env) : files_(env.files), plain_(env.files) {}

  Status Commit(uint64_t /*epoch*/, const std::vector<std::string>& staged) override {
    std::vector<StagedFiles> seals;
    uint64_t newest = 0;
    for (const std::string& text : staged) {
      ASSIGN_OR_RETURN(seals.emplace_back(), StagedFiles::Parse(text));
      newest = std::max(newest, seals.back().epoch);
    }
    for (const StagedFiles& seal : seals) {
      for (const StagedFiles::FinishedPart& part : seal.finished) RETURN_IF_ERROR(Finish(part));
      // An open part of an epoch that was given up is in a newer seal too, and longer there.
      if (seal.epoch != newest) continue;
      for (const StagedFiles::OpenPart& part : seal.open) {
        RETURN_IF_ERROR(Finish({part.temporary, part.final, part.partition, part.bytes, part.crc}));
      }
    }
    return {};
  }
  Result<CommitOutcome> Outcome(uint64_t epoch, const std::vector<std::string>& staged) override {
    return plain_.Outcome(epoch, staged);
  }
  Status Abort(uint64_t epoch, const std::vector<std::string>& staged) override {
    return plain_.Abort(epoch, staged);
  }

 private:
  Status Finish(const StagedFiles::FinishedPart& part) {
    const Result<FileInfo> found = files_->Stat(part.temporary);
    if (found.status().code() == ErrorCode::kNotFound) return {};
    RETURN_IF_ERROR(found.status());
    if (found->bytes > part.bytes) {
      // What was written behind the checkpoint.
      RETURN_IF_ERROR(files_->Truncate(part.temporary, part.bytes));
      ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file,
                       files_->OpenForAppend(part.temporary));
      RETURN_IF_ERROR(file->Sync());
      RETURN_IF_ERROR(file->Close());
    }
    RETURN_IF_ERROR(Publish(*files_, part));
    return files_->SyncDirectory(DirectoryOf(part.final));
  }

  FileSystem* files_;
  PlainFileCommitter plain_;
};

}  // namespace

std::unique_ptr<SinkCommitter> MakeOrphanFileCommitter(const Environment& env) {
  return std::make_unique<OrphanFileCommitter>(env);
}

std::unique_ptr<SinkCommitter> MakeFileCommitter(FileSystem* files) {
  return std::make_unique<PlainFileCommitter>(files);
}

}  // namespace rhei
