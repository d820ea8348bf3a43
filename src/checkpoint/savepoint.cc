#include "checkpoint/savepoint.h"

#include <fmt/format.h>

#include "checkpoint/checkpoint_files.h"

namespace rhei {
namespace {

constexpr const char* kManifestName = "manifest";

}  // namespace

Status WriteSavepoint(const Environment& env, const Checkpoint& checkpoint,
                      const JobDescription& job, const std::string& path) {
  FileSystem& files = *env.files;
  RETURN_IF_ERROR(MakeDurableDirectories(files, path));
  ASSIGN_OR_RETURN(const std::vector<FileInfo> entries, files.List(path));
  if (!entries.empty()) {
    return IoError(path + ": is not empty; a savepoint needs a directory of its own");
  }
  Manifest manifest;
  manifest.generation = 1;
  manifest.epoch = checkpoint.epoch;
  manifest.shard_count = checkpoint.shard_count;
  manifest.last = checkpoint.last;
  manifest.created_micros = checkpoint.created_micros;
  manifest.job = job;
  manifest.carried_seals = checkpoint.carried_seals;
  manifest.instances = checkpoint.instances;
  for (InstanceSnapshot& instance : manifest.instances) instance.state.reset();
  RETURN_IF_ERROR(WriteSegments(env, path, "segment-", checkpoint, &manifest).status());
  manifest.completed_micros = env.clock->WallMicros();
  return WriteManifest(env, path, kManifestName, manifest).status;
}

Result<Savepoint> ReadSavepoint(const Environment& env, const std::string& path,
                                int restore_threads) {
  Result<Manifest> manifest = ReadManifest(*env.files, path, kManifestName);
  if (!manifest.ok()) {
    const Status& status = manifest.status();
    if (status.code() == ErrorCode::kNotFound) {
      return NotFound(
          fmt::format("{}: is not a savepoint: it has no file '{}'", path, kManifestName));
    }
    return Status(
        status.code() == ErrorCode::kUnsupported ? ErrorCode::kStateMismatch : status.code(),
        status.message());
  }
  Savepoint savepoint;
  ASSIGN_OR_RETURN(savepoint.checkpoint, ReadCheckpoint(env, path, *manifest, restore_threads));
  savepoint.job = std::move(manifest->job);
  return savepoint;
}

}  // namespace rhei
