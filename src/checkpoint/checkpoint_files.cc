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

// A section that is to be read and where it goes.
struct Wanted {
  const SectionPlace* place = nullptr;
  StateSection* section = nullptr;
};

// Reads sections that lie one behind the other; the first failure ends it.
class SectionReader final : public Threads::Work {
 public:
  SectionReader(FileSystem* files, const std::string* directory, std::span<const Wanted> wanted,
                Status* status)
      : files_(files), directory_(directory), wanted_(wanted), status_(status) {}

  void Run() override { *status_ = ReadAll(); }

 private:
  Status ReadAll() {
    for (const Wanted& wanted : wanted_) RETURN_IF_ERROR(ReadOne(wanted));
    return {};
  }

  Status ReadOne(const Wanted& wanted) {
    const SectionPlace& place = *wanted.place;
    const std::string path = *directory_ + "/" + place.segment->name;
    if (reader_ == nullptr || place.segment->name != reader_->info().name) {
      reader_.reset();
      ASSIGN_OR_RETURN(auto file, files_->OpenForRead(path));
      ASSIGN_OR_RETURN(const FileInfo info, files_->Stat(path));
      ASSIGN_OR_RETURN(reader_,
                       SegmentReader::Open(std::move(file), static_cast<uint64_t>(info.bytes), path,
                                           place.segment.get()));
    }
    // Before any memory is taken for it.
    if (place.size > reader_->raw_bytes()) {
      return Status(ErrorCode::kStateMismatch, path + ": damaged: a section does not fit into it");
    }
    std::string& bytes = wanted.section->bytes;
    bytes.resize(static_cast<size_t>(place.size));
    RETURN_IF_ERROR(reader_->Read(place.offset, place.size, bytes.data()));
    if (Checksum(bytes) != place.checksum) {
      return Status(ErrorCode::kStateMismatch,
                    fmt::format("{}: damaged: the checksum of state '{}' is wrong", path,
                                wanted.section->state_name));
    }
    return {};
  }

  FileSystem* files_;
  const std::string* directory_;
  std::span<const Wanted> wanted_;
  Status* status_;
  std::unique_ptr<SegmentReader> reader_;
};

// Cuts `wanted` into runs of about equal bytes and reads each on a thread of its own.
Status ReadSections(const Environment& env, const std::string& directory,
                    std::span<const Wanted> wanted, int thread_count) {
  uint64_t bytes_left = 0;
  for (const Wanted& one : wanted) bytes_left += one.place->size;
  // Below this a thread costs more than it gains.
  constexpr uint64_t kThreadBytes = uint64_t{1} << 20;
  if (env.threads == nullptr || bytes_left < kThreadBytes) thread_count = 1;
  std::vector<Status> statuses(static_cast<size_t>(thread_count));
  {
    std::vector<std::unique_ptr<Thread>> threads;
    for (int i = 0; i < thread_count; ++i) {
      const uint64_t share = bytes_left / static_cast<uint64_t>(thread_count - i);
      size_t count = 0;
      uint64_t bytes = 0;
      while (count < wanted.size() && (bytes < share || i + 1 == thread_count)) {
        bytes += wanted[count++].place->size;
      }
      bytes_left -= bytes;
      auto reader = std::make_unique<SectionReader>(env.files, &directory, wanted.first(count),
                                                    &statuses[static_cast<size_t>(i)]);
      wanted = wanted.subspan(count);
      if (i + 1 == thread_count) {
        reader->Run();
      } else {
        threads.push_back(env.threads->Start("rhei-restore", std::move(reader)));
      }
    }
  }
  for (Status& status : statuses) RETURN_IF_ERROR(status);
  return {};
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
  void Note(const std::string& operator_id, const StateSection& section) {
    ByteReader reader(section.bytes);
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
  if (!written.status.ok()) return written;
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
        SectionPlace place;
        place.segment = segment;
        place.size = section.bytes.size();
        place.checksum = Checksum(section.bytes);
        place.is_delta = section.is_delta;
        ASSIGN_OR_RETURN(place.offset, writer->Append(section.bytes));
        PassKillPoint(env, KillPoint::kSegmentPart);
        schemas.Note(instance->operator_id, section);
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
                              const std::string& name) {
  const std::string path = directory + "/" + name;
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(files, path));
  ASSIGN_OR_RETURN(Manifest manifest, DecodeManifest(bytes, path));
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

Result<std::shared_ptr<const Checkpoint>> ReadCheckpoint(const Environment& env,
                                                         const std::string& directory,
                                                         const Manifest& manifest, int threads) {
  std::vector<std::pair<ChainKey, std::vector<StateSection>>> sections;
  std::vector<Wanted> wanted;
  for (const auto& [key, places] : manifest.chains.all()) {
    std::vector<StateSection> chain(places.size());
    for (size_t i = 0; i < places.size(); ++i) {
      chain[i].state_name = key.state_name;
      chain[i].key_group = key.key_group;
      chain[i].is_delta = places[i].is_delta;
      wanted.push_back({&places[i], &chain[i]});
    }
    sections.emplace_back(key, std::move(chain));
  }
  std::sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) {
    const int order = a.place->segment->name.compare(b.place->segment->name);
    return order != 0 ? order < 0 : a.place->offset < b.place->offset;
  });
  if (threads <= 0) threads = env.threads == nullptr ? 1 : CoreCount();
  RETURN_IF_ERROR(ReadSections(env, directory, wanted, threads));
  auto checkpoint = std::make_shared<Checkpoint>();
  checkpoint->epoch = manifest.epoch;
  checkpoint->shard_count = manifest.shard_count;
  checkpoint->created_micros = manifest.created_micros;
  checkpoint->last = manifest.last;
  checkpoint->carried_seals = manifest.carried_seals;
  checkpoint->instances = WithWholeChains(manifest.instances, manifest.shard_count, manifest.epoch,
                                          std::move(sections));
  return std::shared_ptr<const Checkpoint>(std::move(checkpoint));
}

}  // namespace rhei
