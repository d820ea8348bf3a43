#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "connectors/filesystem/file_sink.h"
#include "connectors/filesystem/paths.h"
#include "connectors/filesystem/staged_files.h"
#include "types/java_text.h"

namespace rhei {
namespace {

// Encoded bytes that may wait for the disk before the shard is held back.
constexpr int64_t kQueueBytesMax = 16 << 20;

class FileWriter final : public SinkWriter, public IoWork {
 public:
  FileWriter(FileSinkOptions options, std::unique_ptr<Encoder> encoder, const Environment* env,
             WakeupService* wakeup)
      : options_(std::move(options)), encoder_(std::move(encoder)), env_(env), wakeup_(wakeup) {
    for (size_t c = 0; c < options_.schema.size(); ++c) {
      const auto& partition = options_.partition_columns;
      if (std::find(partition.begin(), partition.end(), static_cast<int>(c)) == partition.end()) {
        written_columns_.push_back(c);
        written_schema_.fields.push_back(options_.schema.fields[c]);
      }
    }
  }
  Status Open(IoService* io) {
    RETURN_IF_ERROR(encoder_->Open(written_schema_));
    handle_ = io->Start("file-sink", this);
    return {};
  }

  // Shard side.

  Result<WriteResult> Write(const Batch& batch, uint64_t epoch) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!failure_.ok()) return failure_;
      if (queued_bytes_ > kQueueBytesMax) {
        wants_wake_ = true;
        return WriteResult::kFull;
      }
    }
    if (options_.partition_columns.empty()) {
      RETURN_IF_ERROR(Enqueue(batch, "", epoch));
    } else {
      std::map<std::string, std::vector<int32_t>> rows_of;
      for (int32_t row = 0; row < batch.row_count; ++row) {
        rows_of[PartitionOf(batch, row)].push_back(row);
      }
      for (const auto& [partition, rows] : rows_of) {
        RETURN_IF_ERROR(Enqueue(GatherRows(batch, rows), partition, epoch));
      }
    }
    handle_->Resume();
    return WriteResult::kWritten;
  }

  Result<std::unique_ptr<std::string>> Seal(uint64_t epoch) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!failure_.ok()) return failure_;
    if (sealed_epoch_ == epoch) {
      sealed_epoch_ = 0;
      return std::make_unique<std::string>(std::move(sealed_));
    }
    if (sealing_epoch_ != epoch) {
      sealing_epoch_ = epoch;
      queue_.push_back({Command::kSeal, "", "", epoch});
      handle_->Resume();
    }
    wants_wake_ = true;
    return std::unique_ptr<std::string>();
  }

  void Finish() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    finishing_ = true;
  }

  std::string Snapshot() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return open_parts_;
  }

  Status Restore(std::string_view state) override {
    ASSIGN_OR_RETURN(const StagedFiles staged, StagedFiles::Parse(state));
    for (const StagedFiles::OpenPart& part : staged.open) {
      RETURN_IF_ERROR(env_->files->Truncate(part.temporary, part.bytes));
      // With fewer shards than before a partition may have several open parts: only the last one
      // goes on.
      if (const auto other = parts_.find(part.partition); other != parts_.end()) {
        RETURN_IF_ERROR(FinishPart(other->first, &other->second));
      }
      Part restored;
      restored.temporary = part.temporary;
      restored.final = part.final;
      restored.bytes = part.bytes;
      restored.created_micros = env_->clock->WallMicros();
      ASSIGN_OR_RETURN(restored.file, env_->files->OpenForAppend(part.temporary));
      parts_[part.partition] = std::move(restored);
    }
    return {};
  }

  Status Close() override {
    handle_.reset();
    return {};
  }

  // I/O side.

  IoResult Step(int64_t /*wait_micros*/) override {
    Command command;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (queue_.empty() || !failure_.ok()) return IoResult::kPause;
      command = std::move(queue_.front());
      queue_.pop_front();
    }
    Status status;
    if (command.kind == Command::kAppend) {
      status = Append(command);
    } else {
      status = SealParts(command.epoch);
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    queued_bytes_ -= static_cast<int64_t>(command.bytes.size());
    if (!status.ok()) failure_ = status.WithContext("filesystem sink");
    if (wants_wake_ && (queued_bytes_ <= kQueueBytesMax / 2 || !failure_.ok())) {
      wants_wake_ = false;
      wakeup_->WakeNow();
    }
    return IoResult::kAgain;
  }

 private:
  struct Command {
    enum Kind : uint8_t { kAppend, kSeal };
    Kind kind = kAppend;
    std::string partition;
    std::string bytes;
    uint64_t epoch = 0;
  };
  struct Part {
    std::string temporary;
    std::string final;
    int64_t bytes = 0;
    int64_t created_micros = 0;
    std::unique_ptr<WritableFile> file;
  };

  // "day=2024-01-01/hour=3/", with a slash at its end.
  std::string PartitionOf(const Batch& batch, int32_t row) const {
    std::string path;
    for (int column : options_.partition_columns) {
      const Field& field = options_.schema.fields[static_cast<size_t>(column)];
      const Value value = GetValue(batch.columns[static_cast<size_t>(column)], row, field.type);
      std::string text;
      if (!value.is_null()) AppendJavaText(value, field.type, &text);
      path += EscapePartition(field.name) + "=" + EscapePartition(text) + "/";
    }
    return path;
  }

  Status Enqueue(const Batch& batch, const std::string& partition, uint64_t epoch) {
    Batch written;
    written.row_count = batch.row_count;
    written.changes = batch.changes;
    for (size_t column : written_columns_) written.columns.push_back(batch.columns[column]);
    RETURN_IF_ERROR(encoder_->Encode(written, &encoded_));
    Command command{Command::kAppend, partition, "", epoch};
    command.bytes.reserve(encoded_.bytes.size() + encoded_.records.size());
    for (const ByteSpan& record : encoded_.records) {
      if (record.is_null()) continue;
      command.bytes.append(encoded_.bytes, record.offset, record.size);
      command.bytes += '\n';
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    queued_bytes_ += static_cast<int64_t>(command.bytes.size());
    queue_.push_back(std::move(command));
    return {};
  }

  Status Append(const Command& command) {
    Part& part = parts_[command.partition];
    if (part.file == nullptr) RETURN_IF_ERROR(OpenPart(command, &part));
    RETURN_IF_ERROR(part.file->Append(command.bytes));
    part.bytes += static_cast<int64_t>(command.bytes.size());
    const int64_t age_ms = (env_->clock->WallMicros() - part.created_micros) / 1000;
    if (part.bytes >= options_.file_bytes || age_ms >= options_.rollover_ms) {
      RETURN_IF_ERROR(FinishPart(command.partition, &part));
      parts_.erase(command.partition);
    }
    return {};
  }

  Status OpenPart(const Command& command, Part* part) {
    const std::string directory = options_.directory + "/" + command.partition;
    RETURN_IF_ERROR(MakeDirectory(directory));
    const std::string name = fmt::format("part-{}-{}-{}-{}", options_.job_id.substr(0, 8),
                                         options_.shard, command.epoch, sequence_++);
    const std::string slash = directory.ends_with('/') ? "" : "/";
    part->temporary = directory + slash + "." + name + ".inprogress";
    part->final = directory + slash + name;
    part->bytes = 0;
    part->created_micros = env_->clock->WallMicros();
    // A part of this name belongs to an epoch that a dead process has not brought to its end.
    ASSIGN_OR_RETURN(part->file, env_->files->Create(part->temporary, true));
    unsynced_directories_.insert(directory);
    return {};
  }

  // The first time in this process the directories above are synced too, up to that which holds the
  // sink's: who made them may have died before doing so.
  Status MakeDirectory(const std::string& directory) {
    if (!known_directories_.insert(directory).second) return {};
    RETURN_IF_ERROR(env_->files->MakeDirectories(directory));
    std::string above = directory;
    while (above.size() > options_.directory.size()) {
      above.resize(above.find_last_not_of('/') + 1);
      unsynced_directories_.insert(above);
      above.resize(above.rfind('/'));
    }
    unsynced_directories_.insert(options_.directory);
    const size_t slash = options_.directory.rfind('/');
    unsynced_directories_.insert(slash == std::string::npos ? "."
                                 : slash == 0               ? "/"
                                                            : options_.directory.substr(0, slash));
    return {};
  }

  // The checkpoint will name the parts: they must not vanish with a directory that was not written.
  Status SyncDirectories() {
    for (const std::string& directory : unsynced_directories_) {
      RETURN_IF_ERROR(env_->files->SyncDirectory(directory));
    }
    unsynced_directories_.clear();
    return {};
  }

  Status FinishPart(const std::string& partition, Part* part) {
    RETURN_IF_ERROR(part->file->Sync());
    RETURN_IF_ERROR(part->file->Close());
    finished_.push_back({part->temporary, part->final, partition});
    return {};
  }

  Status SealParts(uint64_t epoch) {
    bool finishing;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      finishing = finishing_;
    }
    const int64_t now = env_->clock->WallMicros();
    for (auto it = parts_.begin(); it != parts_.end();) {
      const bool old = (now - it->second.created_micros) / 1000 >= options_.rollover_ms;
      if (finishing || old) {
        RETURN_IF_ERROR(FinishPart(it->first, &it->second));
        it = parts_.erase(it);
      } else {
        RETURN_IF_ERROR(it->second.file->Sync());
        ++it;
      }
    }
    RETURN_IF_ERROR(SyncDirectories());
    StagedFiles staged;
    staged.finished = std::move(finished_);
    finished_.clear();
    for (const auto& [partition, part] : parts_) {
      staged.open.push_back({part.temporary, part.final, partition, part.bytes});
    }
    StagedFiles only_open;
    only_open.open = staged.open;
    const std::lock_guard<std::mutex> lock(mutex_);
    sealed_ = staged.Print();
    open_parts_ = only_open.Print();
    sealed_epoch_ = epoch;
    wants_wake_ = false;
    wakeup_->WakeNow();
    return {};
  }

  FileSinkOptions options_;
  std::unique_ptr<Encoder> encoder_;
  const Environment* env_;
  WakeupService* wakeup_;
  std::vector<size_t> written_columns_;
  Schema written_schema_;
  EncodeOutput encoded_;
  // I/O side only.
  std::map<std::string, Part> parts_;  // by partition path
  std::vector<StagedFiles::FinishedPart> finished_;
  int64_t sequence_ = 0;
  std::set<std::string> known_directories_;
  std::set<std::string> unsynced_directories_;
  // Both sides.
  std::mutex mutex_;
  std::deque<Command> queue_;
  int64_t queued_bytes_ = 0;
  bool wants_wake_ = false;
  bool finishing_ = false;
  uint64_t sealing_epoch_ = 0;
  uint64_t sealed_epoch_ = 0;
  std::string sealed_;
  std::string open_parts_;
  Status failure_;
  std::unique_ptr<IoHandle> handle_;  // last: no step runs once it is gone
};

class FileCommitter final : public SinkCommitter {
 public:
  explicit FileCommitter(FileSystem* files) : files_(files) {}

  Status Commit(uint64_t /*epoch*/, const std::vector<std::string>& staged) override {
    std::set<std::string> directories;
    for (const std::string& text : staged) {
      ASSIGN_OR_RETURN(const StagedFiles files, StagedFiles::Parse(text));
      for (const StagedFiles::FinishedPart& part : files.finished) {
        RETURN_IF_ERROR(Publish(part));
        directories.insert(part.final.substr(0, part.final.rfind('/')));
      }
    }
    for (const std::string& directory : directories) {
      RETURN_IF_ERROR(files_->SyncDirectory(directory));
    }
    return {};
  }

  Result<CommitOutcome> Outcome(uint64_t /*epoch*/,
                                const std::vector<std::string>& staged) override {
    for (const std::string& text : staged) {
      ASSIGN_OR_RETURN(const StagedFiles files, StagedFiles::Parse(text));
      for (const StagedFiles::FinishedPart& part : files.finished) {
        if (!files_->Stat(part.final).ok()) return CommitOutcome::kAborted;
      }
    }
    return CommitOutcome::kCommitted;
  }

  Status Abort(uint64_t /*epoch*/, const std::vector<std::string>& staged) override {
    for (const std::string& text : staged) {
      ASSIGN_OR_RETURN(const StagedFiles files, StagedFiles::Parse(text));
      for (const StagedFiles::FinishedPart& part : files.finished) {
        const Status removed = files_->Remove(part.temporary);
        if (!removed.ok() && removed.code() != ErrorCode::kNotFound) return removed;
      }
    }
    return {};
  }

 private:
  Status Publish(const StagedFiles::FinishedPart& part) {
    const Status found = files_->Stat(part.temporary).status();
    if (found.ok()) return files_->RenameNoReplace(part.temporary, part.final);
    if (found.code() != ErrorCode::kNotFound) return found;
    // Already renamed by an earlier attempt at this commit, which may have died before the
    // directory was synced.
    return files_->Stat(part.final).status().WithContext("filesystem commit");
  }

  FileSystem* files_;
};

}  // namespace

Result<std::unique_ptr<SinkWriter>> MakeFileWriter(FileSinkOptions options,
                                                   std::unique_ptr<Encoder> encoder,
                                                   const Environment* env, WakeupService* wakeup,
                                                   IoService* io) {
  auto writer = std::make_unique<FileWriter>(std::move(options), std::move(encoder), env, wakeup);
  RETURN_IF_ERROR(writer->Open(io));
  return std::unique_ptr<SinkWriter>(std::move(writer));
}

std::unique_ptr<SinkCommitter> MakeFileCommitter(FileSystem* files) {
  return std::make_unique<FileCommitter>(files);
}

}  // namespace rhei
