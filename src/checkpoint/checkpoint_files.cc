#include "checkpoint/checkpoint_files.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/checksum.h"
#include "base/kill_point.h"
#include "state/state_bytes.h"

namespace rhei {
namespace {

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Notes the schemas of the sections' states; those without a chain are gone.
class SchemaBook {
 public:
  explicit SchemaBook(const JobDescription& job) {
    for (const JobDescription::OperatorEntry& entry : job.operators) {
      for (const JobDescription::State& state : entry.states) {
        schemas_[entry.id][state.name] = state.schema;
      }
    }
  }
  void Note(const std::string& operator_id, const StateSection& section, std::string_view bytes) {
    ByteReader reader(bytes);
    const std::string_view schema = reader.ReadBytes();
    if (reader.ok() && !section.is_delta) schemas_[operator_id][section.state_name] = schema;
  }
  void Print(const CheckpointChains<SectionPlace>& chains, JobDescription* job) {
    for (JobDescription::OperatorEntry& entry : job->operators) entry.states.clear();
    for (const auto& [key, places] : chains.all()) {
      const std::string& id = key.operator_id;
      auto found = std::find_if(job->operators.begin(), job->operators.end(),
                                [&](const auto& entry) { return entry.id == id; });
      if (found == job->operators.end()) {
        found = job->operators.insert(found, {key.operator_id, "", {}});
      }
      // Chains come by operator and name.
      if (!found->states.empty() && found->states.back().name == key.state_name) continue;
      found->states.push_back({key.state_name, schemas_[key.operator_id][key.state_name]});
    }
  }

 private:
  std::map<std::string, std::map<std::string, std::string>> schemas_;
};

Status WriteTemporary(const Environment& env, const std::string& path, std::string_view bytes) {
  ASSIGN_OR_RETURN(auto file, env.files->Create(path, true));
  RETURN_IF_ERROR(file->Append(bytes));
  PassKillPoint(env, KillPoint::kManifestWritten);
  RETURN_IF_ERROR(file->Sync());
  PassKillPoint(env, KillPoint::kManifestSynced);
  return file->Close();
}

}  // namespace

Result<bool> Exists(FileSystem& files, const std::string& path) {
  const Status found = files.Stat(path).status();
  if (!found.ok() && found.code() != ErrorCode::kNotFound) return found;
  return found.ok();
}

Status CreateMarker(FileSystem& files, const std::string& directory, const std::string& name) {
  ASSIGN_OR_RETURN(auto file, files.Create(directory + "/" + name, false));
  RETURN_IF_ERROR(file->Sync());
  RETURN_IF_ERROR(file->Close());
  return files.SyncDirectory(directory);
}

WrittenManifest WriteManifest(const Environment& env, const std::string& directory,
                              const std::string& name, const Manifest& manifest) {
  WrittenManifest written;
  const std::string bytes = EncodeManifest(manifest);
  written.bytes = static_cast<int64_t>(bytes.size());
  const std::string path = directory + "/" + name;
  written.status = WriteTemporary(env, path + ".tmp", bytes);
  if (!written.status.ok()) {
    // A full disk should not stay full of it.
    (void)env.files->Remove(path + ".tmp");
    return written;
  }
  written.status = env.files->RenameNoReplace(path + ".tmp", path);
  PassKillPoint(env, KillPoint::kManifestRenamed);
  if (written.status.ok()) written.status = env.files->SyncDirectory(directory);
  written.certain = written.status.ok();
  return written;
}

Result<int64_t> WriteSegments(const Environment& env, const std::string& directory,
                              const std::string& prefix, const Checkpoint& checkpoint,
                              Manifest* manifest) {
  FileSystem& files = *env.files;
  SchemaBook schemas(manifest->job);
  manifest->chains.Begin(checkpoint.instances);
  std::map<int, std::vector<const InstanceSnapshot*>> by_shard;
  for (const InstanceSnapshot& instance : checkpoint.instances) {
    if (instance.state != nullptr && !instance.state->sections.empty()) {
      by_shard[instance.shard].push_back(&instance);
    }
  }
  int64_t bytes_written = 0;
  std::set<std::string> directories;
  std::string buffer;  // of sections that a savepoint has on its disk
  for (const auto& [shard, instances] : by_shard) {
    SegmentInfo info;
    info.name = prefix + std::to_string(shard);
    info.generation = manifest->generation;
    info.epoch = manifest->epoch;
    info.shard = shard;
    ASSIGN_OR_RETURN(auto writer, SegmentWriter::Create(files, directory, info));
    // Filled in when the segment is complete; the places point to it meanwhile.
    auto segment = std::make_shared<SegmentInfo>(info);
    for (const InstanceSnapshot* instance : instances) {
      for (const StateSection& section : instance->state->sections) {
        ASSIGN_OR_RETURN(const std::string_view bytes, section.Read(&buffer));
        SectionPlace place;
        place.segment = segment;
        place.size = bytes.size();
        place.checksum = Checksum(bytes);
        place.is_delta = section.is_delta;
        ASSIGN_OR_RETURN(place.offset, writer->Append(bytes));
        PassKillPoint(env, KillPoint::kSegmentPart);
        schemas.Note(instance->operator_id, section, bytes);
        manifest->chains.Add(ChainKey::Of(*instance, section), section, std::move(place));
      }
    }
    ASSIGN_OR_RETURN(*segment, writer->Finish(env));
    bytes_written += static_cast<int64_t>(segment->file_bytes);
    directories.insert(ParentOf(directory + "/" + info.name));
  }
  for (const std::string& changed : directories) RETURN_IF_ERROR(files.SyncDirectory(changed));
  schemas.Print(manifest->chains, &manifest->job);
  return bytes_written;
}

Result<Manifest> ReadManifest(FileSystem& files, const std::string& directory,
                              const std::string& name, int64_t* bytes) {
  const std::string path = directory + "/" + name;
  ASSIGN_OR_RETURN(const std::string text, ReadFile(files, path));
  ASSIGN_OR_RETURN(Manifest manifest, DecodeManifest(text, path));
  if (bytes != nullptr) *bytes = static_cast<int64_t>(text.size());
  for (const auto& segment : manifest.Segments()) {
    const std::string segment_path = directory + "/" + segment->name;
    const Result<FileInfo> info = files.Stat(segment_path);
    if (!info.ok() && info.status().code() != ErrorCode::kNotFound) return info.status();
    if (!info.ok()) {
      return Status(ErrorCode::kStateMismatch,
                    fmt::format("{}: missing, and {} needs it", segment_path, name));
    }
    if (static_cast<uint64_t>(info->bytes) != segment->file_bytes) {
      return Status(ErrorCode::kStateMismatch,
                    fmt::format("{}: damaged: it has {} bytes, its manifest says {}", segment_path,
                                info->bytes, segment->file_bytes));
    }
  }
  return manifest;
}

}  // namespace rhei
