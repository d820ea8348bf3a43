#include "connectors/filesystem/side_log.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "connectors/filesystem/file_sink.h"
#include "connectors/filesystem/filesystem.h"
#include "connectors/filesystem/paths.h"
#include "connectors/filesystem/publish_part.h"
#include "connectors/filesystem/staged_files.h"
#include "formats/format.h"
#include "types/option_values.h"
#include "types/side_tables.h"

namespace rhei {
namespace {

constexpr OptionDef kOptions[] = {
    {.key = "connector", .required = true, .doc = "'side-log'."},
    {.key = "path", .required = true, .doc = "Directory of the log."},
    {.key = "part", .default_value = "1", .doc = "Directory below it of one writer of a job."},
    {.key = "retain",
     .type = OptionType::kBytes,
     .default_value = "64mb",
     .doc = "Bytes that are kept; a file counts as 4 KiB at least."},
    {.key = "source.monitor-interval",
     .type = OptionType::kDuration,
     .doc = "Look for new files this often; without it the log is read once, to its end."},
};

// What a small file takes on a disk, and what bounds how many there are.
constexpr int64_t kFileBytesMin = 4096;

// The options of the same files for 'filesystem'.
Options FileOptions(const Options& options) {
  Options files = {{"connector", "filesystem"}, {"format", "json"}};
  for (const std::string_view key : {"path", "source.monitor-interval"}) {
    if (const auto found = options.find(key); found != options.end()) files.insert(*found);
  }
  return files;
}

SourceRequest FileRequest(SourceRequest request) {
  request.options = FileOptions(request.options);
  return request;
}

// Before the first row there is no directory.
class LogEnumerator final : public SplitEnumerator {
 public:
  explicit LogEnumerator(std::unique_ptr<SplitEnumerator> files) : files_(std::move(files)) {}
  Result<std::vector<SourceSplit>> Discover(bool* finished) override {
    Result<std::vector<SourceSplit>> found = files_->Discover(finished);
    if (found.ok() || found.status().code() != ErrorCode::kNotFound) return found;
    return std::vector<SourceSplit>();
  }
  int64_t discovery_interval_ms() const override { return files_->discovery_interval_ms(); }
  std::string Snapshot() override { return files_->Snapshot(); }
  Status Restore(std::string_view state) override { return files_->Restore(state); }

 private:
  std::unique_ptr<SplitEnumerator> files_;
};

// Makes the file writer, with its I/O work, when the first row comes: most logs stay empty.
class LogWriter final : public SinkWriter {
 public:
  LogWriter(FileSinkOptions options, const SinkRequest& request)
      : options_(std::move(options)), env_(request.env), wakeup_(request.wakeup), io_(request.io) {}

  Result<WriteResult> Write(const Batch& batch, uint64_t epoch) override {
    if (writer_ == nullptr) RETURN_IF_ERROR(MakeFiles());
    return writer_->Write(batch, epoch);
  }
  Result<std::unique_ptr<std::string>> Seal(uint64_t epoch) override {
    if (writer_ == nullptr) return std::make_unique<std::string>();
    return writer_->Seal(epoch);
  }
  void Finish() override {
    finished_ = true;
    if (writer_ != nullptr) writer_->Finish();
  }
  // Every seal closes all files: nothing is continued after a restore.
  Status Close() override { return writer_ == nullptr ? Status() : writer_->Close(); }

 private:
  Status MakeFiles() {
    const FormatDef* json = FindFormat("json");
    CHECK(json != nullptr);
    ASSIGN_OR_RETURN(const Options options, CompleteOptions(*json, {}, options_.schema));
    ASSIGN_OR_RETURN(std::unique_ptr<Encoder> encoder, json->make_encoder(options));
    ASSIGN_OR_RETURN(writer_, MakeFileWriter(options_, std::move(encoder), env_, wakeup_, io_));
    if (finished_) writer_->Finish();
    return {};
  }

  FileSinkOptions options_;
  const Environment* env_;
  WakeupService* wakeup_;
  IoService* io_;
  bool finished_ = false;
  std::unique_ptr<SinkWriter> writer_;
};

class LogCommitter final : public SinkCommitter {
 public:
  LogCommitter(std::string directory, int64_t retain_bytes, FileSystem* files)
      : directory_(std::move(directory)), retain_bytes_(retain_bytes), files_(files) {}

  Status Commit(uint64_t /*epoch*/, const std::vector<std::string>& staged) override {
    std::set<std::string> directories;
    for (const std::string& text : staged) {
      ASSIGN_OR_RETURN(const StagedFiles parts, StagedFiles::Parse(text));
      for (const StagedFiles::FinishedPart& part : parts.finished) {
        // Under neither name: committed by an earlier attempt, and trimmed since.
        RETURN_IF_ERROR(PublishPart(*files_, part).status().WithContext("side table"));
        directories.insert(DirectoryOf(part.final));
      }
    }
    // Also where an earlier attempt has renamed: it may have died before this.
    for (const std::string& directory : directories) {
      const Status synced = files_->SyncDirectory(directory);
      // A log that somebody has removed begins anew.
      if (!synced.ok() && synced.code() != ErrorCode::kNotFound) return synced;
    }
    return directories.empty() ? Status() : Trim();
  }

  Result<CommitOutcome> Outcome(uint64_t /*epoch*/,
                                const std::vector<std::string>& staged) override {
    for (const std::string& text : staged) {
      ASSIGN_OR_RETURN(const StagedFiles parts, StagedFiles::Parse(text));
      for (const StagedFiles::FinishedPart& part : parts.finished) {
        const Status committed = files_->Stat(part.final).status();
        if (committed.ok()) continue;
        if (committed.code() != ErrorCode::kNotFound) return committed;
        const Status staged_there = files_->Stat(part.temporary).status();
        if (staged_there.ok()) return CommitOutcome::kAborted;
        if (staged_there.code() != ErrorCode::kNotFound) return staged_there;
      }
    }
    return CommitOutcome::kCommitted;
  }

  Status Abort(uint64_t /*epoch*/, const std::vector<std::string>& staged) override {
    for (const std::string& text : staged) {
      ASSIGN_OR_RETURN(const StagedFiles parts, StagedFiles::Parse(text));
      for (const StagedFiles::FinishedPart& part : parts.finished) {
        RETURN_IF_ERROR(RemoveIfThere(part.temporary));
      }
    }
    return {};
  }

 private:
  Status RemoveIfThere(const std::string& path) {
    Status removed = files_->Remove(path);
    return removed.code() == ErrorCode::kNotFound ? Status() : removed;
  }

  // The newest file stays, however large it is.
  Status Trim() {
    std::vector<FileInfo> found;
    const Result<std::vector<FileInfo>> parts = files_->List(directory_);
    if (parts.status().code() == ErrorCode::kNotFound) return {};
    RETURN_IF_ERROR(parts.status());
    for (const FileInfo& part : *parts) {
      if (!part.is_directory) continue;
      ASSIGN_OR_RETURN(const std::vector<FileInfo> inside, files_->List(part.path));
      for (const FileInfo& file : inside) {
        if (!file.is_directory && !IsHiddenName(BaseName(file.path))) found.push_back(file);
      }
    }
    std::sort(found.begin(), found.end(), [](const FileInfo& a, const FileInfo& b) {
      return a.modified_micros != b.modified_micros ? a.modified_micros > b.modified_micros
                                                    : a.path > b.path;
    });
    int64_t kept = 0;
    for (size_t i = 0; i < found.size(); ++i) {
      kept += std::max(found[i].bytes, kFileBytesMin);
      if (i > 0 && kept > retain_bytes_) RETURN_IF_ERROR(RemoveIfThere(found[i].path));
    }
    return {};
  }

  std::string directory_;
  int64_t retain_bytes_;
  FileSystem* files_;
};

class SideLog final : public ConnectorFactory {
 public:
  std::string_view name() const override { return kSideLogConnector; }
  std::span<const OptionDef> options() const override { return kOptions; }
  bool is_listed() const override { return false; }

  Result<ConnectorDescription> Describe(const Options& given, const Schema& schema) const override {
    const std::span<const OptionDef> tables[] = {kOptions};
    RETURN_IF_ERROR(CheckOptions(name(), tables, given));
    ASSIGN_OR_RETURN(ConnectorDescription description,
                     FilesystemConnector()->Describe(FileOptions(given), schema));
    description.connector = name();
    description.can_sink = false;  // but by jobs, as side output
    description.metadata.clear();
    return description;
  }

  Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      const SourceRequest& request) const override {
    ASSIGN_OR_RETURN(std::unique_ptr<SplitEnumerator> files,
                     FilesystemConnector()->MakeEnumerator(FileRequest(request)));
    return std::unique_ptr<SplitEnumerator>(std::make_unique<LogEnumerator>(std::move(files)));
  }
  Result<std::unique_ptr<SourceReader>> MakeReader(const SourceRequest& request) const override {
    return FilesystemConnector()->MakeReader(FileRequest(request));
  }
  Result<std::shared_ptr<Decoder>> MakeDecoder(const SourceRequest& request) const override {
    return FilesystemConnector()->MakeDecoder(FileRequest(request));
  }

  Result<std::unique_ptr<SinkWriter>> MakeWriter(const SinkRequest& request) const override {
    FileSinkOptions options;
    options.directory = std::string(OptionValue(kOptions, request.options, "path")) + "/" +
                        std::string(OptionValue(kOptions, request.options, "part"));
    options.job_id = request.job_id;
    options.operator_id = request.operator_id;
    options.shard = request.shard;
    options.schema = request.schema;
    // A quarter of what is kept: trimming leaves the newest file.
    ASSIGN_OR_RETURN(const int64_t retain,
                     ParseByteSize(OptionValue(kOptions, request.options, "retain")));
    options.file_bytes = std::max<int64_t>(retain / 4, 1);
    options.rollover_ms = INT64_MAX;
    options.seal_closes = true;
    return std::unique_ptr<SinkWriter>(std::make_unique<LogWriter>(std::move(options), request));
  }

  Result<std::unique_ptr<SinkCommitter>> MakeCommitter(const SinkRequest& request) const override {
    ASSIGN_OR_RETURN(const int64_t retain,
                     ParseByteSize(OptionValue(kOptions, request.options, "retain")));
    return std::unique_ptr<SinkCommitter>(std::make_unique<LogCommitter>(
        std::string(OptionValue(kOptions, request.options, "path")), retain, request.env->files));
  }
  std::unique_ptr<SinkCommitter> MakeOrphanCommitter(const Environment& env) const override {
    return MakeOrphanFileCommitter(env);
  }
};

}  // namespace

const ConnectorFactory* SideLogConnector() {
  static const SideLog connector;
  return &connector;
}

}  // namespace rhei
