#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "base/crc32.h"
#include "base/durable_directories.h"
#include "base/kill_point.h"
#include "connectors/filesystem/file_sink.h"
#include "connectors/filesystem/paths.h"
#include "connectors/filesystem/publish_part.h"
#include "connectors/filesystem/staged_files.h"
#include "types/java_text.h"

namespace rhei {
namespace {

// Encoded bytes that may wait for the disk before the shard is held back.
constexpr int64_t kQueueBytesMax = 16 << 20;

struct Command {
  enum Kind : uint8_t { kAppend, kSeal };
  Kind kind = kAppend;
  std::string partition;
  std::string bytes;
  uint64_t epoch = 0;
  // Of a seal.
  int64_t watermark_ms = kNoWatermark;
  bool closes = false;
};

// The part files of one writer, on its I/O thread. A path below the table names a partition:
// "day=2024-01-01/hour=3/"; the only one of a table without partitions is "".
class PartFiles {
 public:
  PartFiles(const FileSinkOptions* options, const Environment* env)
      : options_(options), env_(env) {}

  Status Restore(const StagedFiles& staged) {
    watermark_ms_ = std::max(watermark_ms_, staged.watermark_ms);
    for (const StagedFiles::OpenPart& part : staged.open) RETURN_IF_ERROR(Reopen(part));
    for (const StagedFiles::PendingPartition& each : staged.pending) {
      const auto [at, added] = pending_.emplace(each.partition, each);
      if (added) continue;
      StagedFiles::PendingPartition& known = at->second;
      known.created_ms = std::min(known.created_ms, each.created_ms);
      known.due_ms = std::min(known.due_ms, each.due_ms);
      known.last_epoch = std::max(known.last_epoch, each.last_epoch);
    }
    return {};
  }

  void ForgetFinalTime() {
    if (watermark_ms_ == kFinalWatermark) watermark_ms_ = kNoWatermark;
  }

  Status Append(const Command& command) {
    if (command.bytes.empty()) return {};
    if (options_->partition_commit.enabled && !command.partition.empty()) NotePending(command);
    Part& part = parts_[command.partition];
    if (part.file == nullptr) RETURN_IF_ERROR(OpenPart(command, &part));
    RETURN_IF_ERROR(part.file->Append(command.bytes));
    part.bytes += static_cast<int64_t>(command.bytes.size());
    part.crc = ContinueCrc32(part.crc, command.bytes);
    if (part.bytes >= options_->file_bytes || IsOld(part)) {
      RETURN_IF_ERROR(FinishPart(command.partition, &part));
      parts_.erase(command.partition);
    }
    return {};
  }

  // Everything is durable when it returns.
  Result<StagedFiles> Seal(const Command& command) {
    PassKillPoint(*env_, KillPoint::kSealUnsynced);
    watermark_ms_ = std::max(watermark_ms_, command.watermark_ms);
    RETURN_IF_ERROR(JudgePending());
    for (auto it = parts_.begin(); it != parts_.end();) {
      Part& part = it->second;
      if (command.closes || options_->seal_closes || IsOld(part) || IsReady(it->first)) {
        RETURN_IF_ERROR(FinishPart(it->first, &part));
        it = parts_.erase(it);
        continue;
      }
      if (part.synced_bytes != part.bytes) RETURN_IF_ERROR(part.file->Sync());
      part.synced_bytes = part.bytes;
      ++it;
    }
    for (const std::string& directory : unsynced_directories_) {
      RETURN_IF_ERROR(env_->files->SyncDirectory(directory));
    }
    unsynced_directories_.clear();
    StagedFiles staged;
    staged.epoch = command.epoch;
    staged.watermark_ms = watermark_ms_;
    staged.finished = std::move(finished_);
    finished_.clear();
    for (const auto& [partition, part] : parts_) {
      staged.open.push_back(
          {part.temporary, part.final, partition, part.bytes, part.crc, part.created_micros});
    }
    for (const auto& [partition, each] : pending_) staged.pending.push_back(each);
    return staged;
  }

 private:
  struct Part {
    std::string temporary;
    std::string final;
    int64_t bytes = 0;
    int64_t synced_bytes = -1;
    uint32_t crc = 0;
    int64_t created_micros = 0;
    std::unique_ptr<WritableFile> file;
  };

  bool IsOld(const Part& part) const {
    return (env_->clock->WallMicros() - part.created_micros) / 1000 >= options_->rollover_ms;
  }
  bool IsReady(const std::string& partition) const {
    const auto found = pending_.find(partition);
    return found != pending_.end() && found->second.ready;
  }

  // Cuts off what was written behind the checkpoint.
  Status Reopen(const StagedFiles::OpenPart& part) {
    PassKillPoint(*env_, KillPoint::kRestoreSink);
    const Result<FileInfo> found = env_->files->Stat(part.temporary);
    if (!found.ok() && found.status().code() != ErrorCode::kNotFound) return found.status();
    if (!found.ok() && options_->accepts_duplicates && env_->files->Stat(part.final).ok()) {
      ASSIGN_OR_RETURN(const bool is_there,
                       BeginsWith(*env_->files, part.final, part.bytes, part.crc));
      // The rows up to the checkpoint are visible; those behind it go into a new part.
      if (is_there) return {};
    }
    if (!found.ok() || found->bytes < part.bytes) {
      const bool committed = env_->files->Stat(part.final).ok();
      return Status(
          ErrorCode::kStateMismatch,
          fmt::format("the checkpoint goes on with {} bytes of {}, {}", part.bytes, part.temporary,
                      committed     ? "which a later checkpoint has committed as " + part.final
                      : !found.ok() ? "which does not exist"
                                    : fmt::format("which has {}", found->bytes)));
    }
    RETURN_IF_ERROR(env_->files->Truncate(part.temporary, part.bytes));
    // With fewer shards than before a partition may have several open parts: the last one goes on.
    if (const auto other = parts_.find(part.partition); other != parts_.end()) {
      RETURN_IF_ERROR(FinishPart(other->first, &other->second));
      parts_.erase(other);
    }
    Part restored;
    restored.temporary = part.temporary;
    restored.final = part.final;
    restored.bytes = part.bytes;
    restored.crc = part.crc;
    restored.created_micros = part.created_micros;
    ASSIGN_OR_RETURN(restored.file, env_->files->OpenForAppend(part.temporary));
    parts_[part.partition] = std::move(restored);
    return {};
  }

  Status OpenPart(const Command& command, Part* part) {
    std::string directory = options_->directory + "/" + command.partition;
    directory.resize(directory.find_last_not_of('/') + 1);
    RETURN_IF_ERROR(MakeDirectory(directory));
    const std::string name =
        fmt::format("part-{}-{}-{}-{}-{}", options_->run->sink(), options_->shard, command.epoch,
                    sequence_++, options_->run->run());
    part->temporary = directory + "/." + name + ".inprogress";
    part->final = directory + "/" + name;
    part->created_micros = env_->clock->WallMicros();
    ASSIGN_OR_RETURN(part->file, env_->files->Create(part->temporary, false));
    unsynced_directories_.insert(directory);
    return {};
  }

  // The first time in this run the directories above are synced too: who made them may have died
  // before doing so.
  Status MakeDirectory(const std::string& directory) {
    if (!known_directories_.insert(directory).second) return {};
    if (known_directories_.size() == 1) {
      RETURN_IF_ERROR(MakeDurableDirectories(*env_->files, options_->directory));
    }
    RETURN_IF_ERROR(env_->files->MakeDirectories(directory));
    std::string above = directory;
    while (above.size() > options_->directory.size()) {
      unsynced_directories_.insert(above);
      above.resize(above.rfind('/'));
    }
    unsynced_directories_.insert(options_->directory);
    return {};
  }

  Status FinishPart(const std::string& partition, Part* part) {
    if (part->synced_bytes != part->bytes) RETURN_IF_ERROR(part->file->Sync());
    RETURN_IF_ERROR(part->file->Close());
    finished_.push_back({part->temporary, part->final, partition, part->bytes, part->crc});
    return {};
  }

  void NotePending(const Command& command) {
    const auto [at, added] = pending_.try_emplace(command.partition);
    StagedFiles::PendingPartition& each = at->second;
    each.last_epoch = command.epoch;
    if (!added) return;
    each.partition = command.partition;
    Begin(&each);
  }

  void Begin(StagedFiles::PendingPartition* each) {
    const PartitionCommitOptions& commit = options_->partition_commit;
    each->created_ms = FloorDiv(env_->clock->WallMicros(), 1000);
    each->due_ms = commit.by_partition_time ? kNotAsked : each->created_ms + commit.delay_ms;
  }

  // Forgets what the committer has marked, and finds what it may mark with this seal.
  Status JudgePending() {
    const PartitionCommitOptions& commit = options_->partition_commit;
    const int64_t now_ms = FloorDiv(env_->clock->WallMicros(), 1000);
    for (auto it = pending_.begin(); it != pending_.end();) {
      StagedFiles::PendingPartition& each = it->second;
      if (const std::optional<uint64_t> marked = options_->run->MarkedAt(it->first)) {
        if (each.last_epoch <= *marked) {
          it = pending_.erase(it);
          continue;
        }
        // Rows have come since: it is marked once more.
        Begin(&each);
      }
      // At the end of the input a partition's time is not asked for, as in Flink.
      const bool ended = watermark_ms_ == kFinalWatermark;
      if (each.due_ms == kNotAsked && !ended) {
        ASSIGN_OR_RETURN(const int64_t time_ms, PartitionTimeMillis(commit, each.partition));
        each.due_ms = time_ms + commit.delay_ms;
      }
      each.ready =
          ended || (commit.by_partition_time ? watermark_ms_ > each.due_ms
                                             : commit.delay_ms == 0 || now_ms > each.due_ms);
      ++it;
    }
    return {};
  }

  // A partition's own time, which need not be readable before it counts.
  static constexpr int64_t kNotAsked = INT64_MIN;

  const FileSinkOptions* options_;
  const Environment* env_;
  std::map<std::string, Part> parts_;  // by partition
  std::map<std::string, StagedFiles::PendingPartition> pending_;
  std::vector<StagedFiles::FinishedPart> finished_;
  int64_t sequence_ = 0;
  int64_t watermark_ms_ = kNoWatermark;
  std::set<std::string> known_directories_;
  std::set<std::string> unsynced_directories_;
};

class FileWriter final : public SinkWriter, public IoWork {
 public:
  FileWriter(FileSinkOptions options, std::unique_ptr<Encoder> encoder, const Environment* env,
             WakeupService* wakeup)
      : options_(std::move(options)),
        encoder_(std::move(encoder)),
        env_(env),
        wakeup_(wakeup),
        parts_(&options_, env) {
    if (options_.run == nullptr) {
      options_.run = std::make_shared<FileSinkRun>(
          FileSinkName(options_.job_id, options_.operator_id), env->random);
    }
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

  void OnWatermark(int64_t watermark_ms) override { watermark_ms_ = watermark_ms; }

  Result<std::unique_ptr<std::string>> Seal(uint64_t epoch) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!failure_.ok()) return failure_;
    if (sealed_epoch_ == epoch) {
      sealed_epoch_ = 0;
      sealing_epoch_ = 0;
      PassKillPoint(*env_, KillPoint::kSealed);
      return std::make_unique<std::string>(std::move(sealed_));
    }
    if (sealing_epoch_ != epoch) {
      sealing_epoch_ = epoch;
      Command seal;
      seal.kind = Command::kSeal;
      seal.epoch = epoch;
      seal.watermark_ms = watermark_ms_;
      seal.closes = finishing_ || finishing_once_;
      finishing_once_ = false;
      queue_.push_back(std::move(seal));
      handle_->Resume();
    }
    wants_wake_ = true;
    return std::unique_ptr<std::string>();
  }

  void Finish() override { finishing_ = true; }
  void FinishOnce() override {
    // Asked again while the seal is under way.
    if (sealing_epoch_ == 0) finishing_once_ = true;
  }

  std::string Snapshot() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return continued_;
  }

  // Before the first step.
  Status Restore(std::string_view state) override {
    ASSIGN_OR_RETURN(const StagedFiles staged, StagedFiles::Parse(state));
    watermark_ms_ = std::max(watermark_ms_, staged.watermark_ms);
    return parts_.Restore(staged).WithContext("filesystem sink");
  }

  void ForgetFinalTime() override {
    if (watermark_ms_ == kFinalWatermark) watermark_ms_ = kNoWatermark;
    parts_.ForgetFinalTime();
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
    const Status status =
        command.kind == Command::kAppend ? parts_.Append(command) : SealParts(command);
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
  // "day=2024-01-01/hour=3/", with a slash at its end.
  std::string PartitionOf(const Batch& batch, int32_t row) const {
    std::string path;
    for (int column : options_.partition_columns) {
      const Field& field = options_.schema.fields[static_cast<size_t>(column)];
      const Value value = GetValue(batch.columns[static_cast<size_t>(column)], row, field.type);
      std::string text;
      if (!value.is_null()) AppendJavaText(value, field.type, &text);
      path += EscapePartition(field.name, options_.default_partition) + "=" +
              EscapePartition(text, options_.default_partition) + "/";
    }
    return path;
  }

  Status Enqueue(const Batch& batch, const std::string& partition, uint64_t epoch) {
    Batch written;
    written.row_count = batch.row_count;
    written.changes = batch.changes;
    for (size_t column : written_columns_) written.columns.push_back(batch.columns[column]);
    RETURN_IF_ERROR(encoder_->Encode(written, &encoded_));
    Command command;
    command.partition = partition;
    command.epoch = epoch;
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

  Status SealParts(const Command& command) {
    ASSIGN_OR_RETURN(StagedFiles staged, parts_.Seal(command));
    std::string sealed = staged.Print();
    staged.finished.clear();
    const std::lock_guard<std::mutex> lock(mutex_);
    sealed_ = std::move(sealed);
    continued_ = staged.Print();
    sealed_epoch_ = command.epoch;
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
  // Shard side only.
  int64_t watermark_ms_ = kNoWatermark;
  bool finishing_ = false;
  bool finishing_once_ = false;
  uint64_t sealing_epoch_ = 0;
  // I/O side only.
  PartFiles parts_;
  // Both sides.
  std::mutex mutex_;
  std::deque<Command> queue_;
  int64_t queued_bytes_ = 0;
  bool wants_wake_ = false;
  uint64_t sealed_epoch_ = 0;
  std::string sealed_;
  std::string continued_;
  Status failure_;
  std::unique_ptr<IoHandle> handle_;  // last: no step runs once it is gone
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

}  // namespace rhei
