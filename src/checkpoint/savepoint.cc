#include "checkpoint/savepoint.h"

#include <map>

#include <fmt/format.h>

#include "checkpoint/checkpoint_files.h"
#include "checkpoint/stored_sections.h"

namespace rhei {
namespace {

constexpr const char* kManifestName = "manifest";

// An empty directory at `path`.
Status MakeRoom(FileSystem& files, const std::string& path) {
  RETURN_IF_ERROR(MakeDurableDirectories(files, path));
  ASSIGN_OR_RETURN(const std::vector<FileInfo> entries, files.List(path));
  if (entries.empty()) return {};
  return IoError(path + ": is not empty; a savepoint needs a directory of its own");
}

Status CopySegment(FileSystem& files, const std::string& from, const std::string& directory,
                   const SegmentInfo& info) {
  const std::string to = directory + "/" + info.name;
  ASSIGN_OR_RETURN(const auto source, files.OpenForRead(from));
  ASSIGN_OR_RETURN(const auto target, files.Create(to, false));
  std::string buffer(size_t{1} << 20, '\0');
  uint64_t offset = 0;
  while (true) {
    ASSIGN_OR_RETURN(const size_t got, source->ReadAt(offset, buffer.data(), buffer.size()));
    if (got == 0) break;
    RETURN_IF_ERROR(target->Append(std::string_view(buffer).substr(0, got)));
    offset += got;
  }
  RETURN_IF_ERROR(target->Sync());
  RETURN_IF_ERROR(target->Close());
  // Damage should be found now, while there is a job that can take another savepoint.
  ASSIGN_OR_RETURN(auto copied, files.OpenForRead(to));
  ASSIGN_OR_RETURN(auto reader, SegmentReader::Open(std::move(copied), offset, from, &info));
  return reader->Verify(0, reader->raw_bytes());
}

Result<Manifest> ReadSavepointManifest(const Environment& env, const std::string& path) {
  Result<Manifest> manifest = ReadManifest(*env.files, path, kManifestName);
  if (manifest.ok()) return manifest;
  const Status& status = manifest.status();
  if (status.code() == ErrorCode::kNotFound) {
    return NotFound(
        fmt::format("{}: is not a savepoint: it has no file '{}'", path, kManifestName));
  }
  return Status(
      status.code() == ErrorCode::kUnsupported ? ErrorCode::kStateMismatch : status.code(),
      status.message());
}

}  // namespace

Status CopyToSavepoint(const Environment& env, const std::string& directory, Manifest manifest,
                       const std::string& path) {
  FileSystem& files = *env.files;
  RETURN_IF_ERROR(MakeRoom(files, path));
  std::map<std::string, std::shared_ptr<const SegmentInfo>> copies;
  for (const auto& segment : manifest.Segments()) {
    auto copy = std::make_shared<SegmentInfo>(*segment);
    copy->name = fmt::format("segment-{}", copies.size());
    RETURN_IF_ERROR(CopySegment(files, directory + "/" + segment->name, path, *copy));
    copies.emplace(segment->name, std::move(copy));
  }
  CheckpointChains<SectionPlace> chains;
  for (const auto& [key, places] : manifest.chains.all()) {
    std::vector<SectionPlace> moved = places;
    for (SectionPlace& place : moved) place.segment = copies.at(place.segment->name);
    chains.Set(key, std::move(moved));
  }
  manifest.chains = std::move(chains);
  return WriteManifest(env, path, kManifestName, manifest).status;
}

Status WriteSavepoint(const Environment& env, const Checkpoint& checkpoint,
                      const JobDescription& job, const std::string& path) {
  FileSystem& files = *env.files;
  RETURN_IF_ERROR(MakeRoom(files, path));
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

Result<JobDescription> ReadSavepointJob(const Environment& env, const std::string& path) {
  ASSIGN_OR_RETURN(Manifest manifest, ReadSavepointManifest(env, path));
  return std::move(manifest.job);
}

Result<Savepoint> ReadSavepoint(const Environment& env, const std::string& path,
                                int restore_threads) {
  ASSIGN_OR_RETURN(Manifest manifest, ReadSavepointManifest(env, path));
  RETURN_IF_ERROR(VerifySections(env, path, manifest, restore_threads));
  Savepoint savepoint;
  savepoint.checkpoint = OpenCheckpoint(env, path, manifest);
  savepoint.job = std::move(manifest.job);
  return savepoint;
}

}  // namespace rhei
