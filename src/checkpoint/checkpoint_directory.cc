#include "checkpoint/checkpoint_directory.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/check.h"
#include "base/kill_point.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/directory_scan.h"
#include "checkpoint/savepoint.h"
#include "checkpoint/stored_sections.h"

namespace rhei {
namespace {

CheckpointRecord RecordOf(const Manifest& manifest, int64_t manifest_bytes) {
  CheckpointRecord record;
  record.epoch = manifest.epoch;
  record.created_micros = manifest.created_micros;
  record.duration_micros =
      std::max<int64_t>(0, manifest.completed_micros - manifest.created_micros);
  record.written_bytes = manifest_bytes;
  record.total_bytes = manifest_bytes;
  record.shard_count = manifest.shard_count;
  record.last = manifest.last;
  for (const auto& segment : manifest.Segments()) {
    const auto bytes = static_cast<int64_t>(segment->file_bytes);
    record.total_bytes += bytes;
    if (segment->epoch == manifest.epoch && segment->generation == manifest.generation) {
      record.written_bytes += bytes;
    }
  }
  return record;
}

Status NotUsable(std::string_view message) {
  return {ErrorCode::kStateMismatch, message};
}

bool IsOfTheDisk(const Status& status) {
  return status.code() == ErrorCode::kIo || status.code() == ErrorCode::kResource;
}

std::string EpochRange(uint64_t first, uint64_t last) {
  return first >= last ? fmt::format("epoch {}", last)
                       : fmt::format("epochs {} to {}", first, last);
}

}  // namespace

struct DirectoryCheckpointStore::Impl {
  explicit Impl(Options given) : options(std::move(given)), files(options.env->files) {}

  Options options;
  FileSystem* files;
  std::unique_ptr<FileSystem::Lock> lock;
  uint64_t generation = 0;
  GenerationLine line;
  uint64_t highest_epoch = 0;
  // What Latest gives and the next checkpoint goes on from.
  std::optional<Manifest> base;
  // What `base` was when its sections were last verified.
  ManifestId verified;
  // Manifests that could not be read, and why.
  std::map<ManifestId, Status> damaged;
  // What can be read of those that are there, whatever their line.
  struct Known {
    CheckpointRecord record;
    std::vector<std::string> segments;
  };
  std::map<ManifestId, Known> known;
  bool was_finished = false;
  // The newest manifest may or may not be there: it must never be read.
  bool uncertain = false;
  int64_t published_bytes = 0;
  std::vector<std::string> notes;  // of the start
  std::string note;                // TakeNote
  mutable std::mutex records_mutex;
  std::vector<CheckpointRecord> records;  // newest first

  const std::string& directory() const { return options.directory; }
  std::string Folder(std::string_view name) const {
    return fmt::format("{}/{}", options.directory, name);
  }
  ManifestId base_id() const {
    return base.has_value() ? ManifestId{base->epoch, base->generation} : ManifestId();
  }

  Status TakeLock();
  // Of the line, and of the epoch that was asked for if one was.
  bool MayBeBase(const ManifestId& id) const {
    return line.Contains(id) && (options.from_epoch == 0 || id.epoch == options.from_epoch);
  }
  std::optional<Manifest> LoadAll(const DirectoryScan& scan);
  Status Choose(const DirectoryScan& scan, std::optional<Manifest> newest);
  Status MayGoOnFrom(const DirectoryScan& scan, const std::vector<ManifestId>& passed_over);
  Status VerifyBase();
  Status Claim();
  // A store of a finished job is claimed by the first call that goes on with it.
  Status EnsureClaimed();
  Status CheckOwner() const;
  Status SweepLeftovers(const DirectoryScan& scan);
  Status Retire();
  Status SweepSegments();
  void DiscardAttempt(const std::string& prefix);
  Status Publish(const Checkpoint& checkpoint);
  void RefreshRecords(const DirectoryScan* scan);
};

Status DirectoryCheckpointStore::Impl::TakeLock() {
  for (const std::string_view folder : {kGenerationsFolder, kSegmentsFolder, kCommitsFolder}) {
    RETURN_IF_ERROR(MakeDurableDirectories(*files, Folder(folder)));
  }
  Result<std::unique_ptr<FileSystem::Lock>> taken = files->LockFile(Folder("lock"));
  if (!taken.ok()) {
    const std::string& message = taken.status().message();
    if (message.find("held by") == std::string::npos) return taken.status();
    return IoError(message +
                   "; a job's checkpoints belong to one process at a time. Stop that one, or give "
                   "this job another pipeline.name");
  }
  lock = std::move(taken).value();
  // A process that died between a name and its fsync has left what can be seen and may still go.
  for (const std::string_view folder : {kGenerationsFolder, kSegmentsFolder, kCommitsFolder}) {
    RETURN_IF_ERROR(files->SyncDirectory(Folder(folder)));
  }
  return files->SyncDirectory(directory());
}

// Gives the newest that may be the base and is not damaged.
std::optional<Manifest> DirectoryCheckpointStore::Impl::LoadAll(const DirectoryScan& scan) {
  std::optional<Manifest> newest;
  for (const ManifestId& id : scan.manifests) {
    if (damaged.contains(id)) continue;
    int64_t bytes = 0;
    Result<Manifest> manifest = ReadManifest(*files, directory(), id.FileName(), &bytes);
    if (manifest.ok() && (manifest->epoch != id.epoch || manifest->generation != id.generation)) {
      manifest =
          NotUsable(fmt::format("{}/{}: damaged: it is the manifest of epoch {}, "
                                "generation {}",
                                directory(), id.FileName(), manifest->epoch, manifest->generation));
    }
    if (manifest.ok()) {
      Known& entry = known[id];
      entry.record = RecordOf(*manifest, bytes);
      entry.segments.clear();
      for (const auto& segment : manifest->Segments()) entry.segments.push_back(segment->name);
      if (!newest.has_value() && MayBeBase(id)) newest = std::move(manifest).value();
      continue;
    }
    damaged[id] = manifest.status();
  }
  return newest;
}

// Finds the newest usable manifest of the line, and judges what is passed over for it. `newest`:
// it, where it has been read.
Status DirectoryCheckpointStore::Impl::Choose(const DirectoryScan& scan,
                                              std::optional<Manifest> newest) {
  base.reset();
  std::vector<ManifestId> passed_over;
  std::optional<ManifestId> chosen;
  for (const ManifestId& id : scan.manifests) {
    if (!line.Contains(id)) continue;
    if (!MayBeBase(id)) {
      if (id.epoch > options.from_epoch) passed_over.push_back(id);
      continue;
    }
    const auto found = damaged.find(id);
    if (found == damaged.end()) {
      chosen = id;
      break;
    }
    // Another version is no damage: an older checkpoint in its place would not be what is wanted.
    if (found->second.code() == ErrorCode::kUnsupported) {
      return NotUsable(found->second.message());
    }
    // Nor is a disk that may answer another time.
    if (IsOfTheDisk(found->second)) return found->second;
    passed_over.push_back(id);
  }
  if (options.from_epoch != 0 && !chosen.has_value()) {
    for (const auto& [id, status] : damaged) {
      if (id.epoch == options.from_epoch) return NotUsable(status.message());
    }
    return NotFound(fmt::format("{}: has no checkpoint {}; SHOW CHECKPOINTS lists those it has",
                                directory(), options.from_epoch));
  }
  if (chosen.has_value() && newest.has_value()) {
    CHECK(newest->epoch == chosen->epoch && newest->generation == chosen->generation);
    base = std::move(newest);
  } else if (chosen.has_value()) {
    ASSIGN_OR_RETURN(base, ReadManifest(*files, directory(), chosen->FileName()));
  }
  return MayGoOnFrom(scan, passed_over);
}

Status DirectoryCheckpointStore::Impl::MayGoOnFrom(const DirectoryScan& scan,
                                                   const std::vector<ManifestId>& passed_over) {
  const uint64_t from = base_id().epoch;
  uint64_t committed = 0;
  bool begun_only = true;
  std::string wrong;
  for (const CommitMark& mark : scan.marks) {
    if (!line.Contains(mark.id) || mark.id.epoch <= from) continue;
    if (mark.id.epoch >= committed) begun_only = mark.begun_only;
    committed = std::max(committed, mark.id.epoch);
    const bool there =
        std::find(scan.manifests.begin(), scan.manifests.end(), mark.id) != scan.manifests.end();
    if (!there && options.from_epoch == 0) {
      wrong += fmt::format("{}/{}: missing. ", directory(), mark.id.FileName());
    }
  }
  for (const ManifestId& id : passed_over) {
    const auto found = damaged.find(id);
    if (found != damaged.end()) wrong += found->second.message() + ". ";
  }
  const std::string instead =
      from == 0 ? std::string("the beginning") : fmt::format("checkpoint {}", from);
  if (committed == 0) {
    for (const ManifestId& id : passed_over) {
      const auto found = damaged.find(id);
      if (found == damaged.end()) continue;
      notes.push_back(fmt::format("{}; no sink has committed it: going on from {} instead",
                                  found->second.message(), instead));
    }
    return {};
  }
  const std::string repeated = EpochRange(from + 1, committed);
  if (options.from_epoch != 0 && options.accept_duplicates) {
    notes.push_back(
        fmt::format("going on from {}: the output of {} is repeated", instead, repeated));
    return {};
  }
  const std::string way_out =
      from == 0 ? std::string("start anew with --fresh")
                : fmt::format(
                      "accept that with --from {} --accept-duplicates, or start anew "
                      "with --fresh",
                      from);
  return NotUsable(
      fmt::format("{}Sinks {} committed epoch {}, so that going on from {} would "
                  "repeat the output of {}: {}{}",
                  wrong, begun_only ? "may have" : "have", committed, instead, repeated,
                  wrong.empty() ? "" : "restore what is named, ", way_out));
}

// Once: a job asks for it to see what there is, and again to begin.
Status DirectoryCheckpointStore::Impl::VerifyBase() {
  if (verified == base_id()) return {};
  RETURN_IF_ERROR(VerifySections(*options.env, directory(), *base, options.restore_threads));
  verified = base_id();
  return {};
}

// A number of our own, and in its name what this generation goes on from.
Status DirectoryCheckpointStore::Impl::Claim() {
  ASSIGN_OR_RETURN(const DirectoryScan scan, ScanDirectory(*files, directory()));
  GenerationRecord record;
  record.number = scan.newest_generation() + 1;
  for (const ManifestId& id : scan.manifests) {
    record.number = std::max(record.number, id.generation + 1);
  }
  record.base = base_id();
  RETURN_IF_ERROR(CreateMarker(*files, Folder(kGenerationsFolder), record.FileName()));
  ASSIGN_OR_RETURN(const DirectoryScan after, ScanDirectory(*files, directory()));
  const auto same = std::count_if(after.generations.begin(), after.generations.end(),
                                  [&](const auto& one) { return one.number >= record.number; });
  if (same != 1) {
    return IoError(fmt::format("{}: another process has begun to use it", directory()));
  }
  generation = record.number;
  highest_epoch = std::max(highest_epoch, after.highest_epoch());
  line.Extend(record);
  uncertain = false;
  return {};
}

Status DirectoryCheckpointStore::Impl::EnsureClaimed() {
  if (generation != 0) return {};
  RETURN_IF_ERROR(Claim());
  ASSIGN_OR_RETURN(const DirectoryScan scan, ScanDirectory(*files, directory()));
  return SweepLeftovers(scan);
}

Status DirectoryCheckpointStore::Impl::CheckOwner() const {
  ASSIGN_OR_RETURN(const uint64_t newest, NewestGeneration(*files, directory()));
  if (newest == generation) return {};
  return IoError(
      fmt::format("{}: another process has taken it over (generation {}, this one is "
                  "{}); this job cannot go on",
                  directory(), newest, generation));
}

Status DirectoryCheckpointStore::Impl::SweepLeftovers(const DirectoryScan& scan) {
  for (const std::string& path : scan.temporary_paths) RETURN_IF_ERROR(files->Remove(path));
  for (const uint64_t finished : scan.finished) {
    if (finished == generation) continue;
    RETURN_IF_ERROR(files->Remove(fmt::format("{}/{}{}", directory(), kFinishedPrefix, finished)));
  }
  return SweepSegments();
}

// Mark and sweep: what no manifest in the directory needs goes.
Status DirectoryCheckpointStore::Impl::SweepSegments() {
  // Nobody knows what a damaged manifest needs.
  if (!damaged.empty()) return {};
  std::set<std::string> needed;
  for (const auto& [id, entry] : known) needed.insert(entry.segments.begin(), entry.segments.end());
  ASSIGN_OR_RETURN(const std::vector<FileInfo> entries, files->List(Folder(kSegmentsFolder)));
  for (const FileInfo& entry : entries) {
    const std::string name = entry.path.substr(directory().size() + 1);
    if (needed.contains(name) || !IsSegmentName(name.substr(kSegmentsFolder.size() + 1))) continue;
    PassKillPoint(*options.env, KillPoint::kSweep);
    RETURN_IF_ERROR(files->Remove(entry.path));
  }
  return {};
}

// A full disk should not stay full of what nobody will read. What remains is swept later.
void DirectoryCheckpointStore::Impl::DiscardAttempt(const std::string& prefix) {
  const Result<std::vector<FileInfo>> entries = files->List(Folder(kSegmentsFolder));
  if (!entries.ok()) return;
  for (const FileInfo& entry : *entries) {
    if (entry.path.starts_with(Folder(prefix))) (void)files->Remove(entry.path);
  }
}

// Keeps the newest manifests: of this line first, then of others until there are enough.
Status DirectoryCheckpointStore::Impl::Retire() {
  ASSIGN_OR_RETURN(const DirectoryScan scan, ScanDirectory(*files, directory()));
  std::vector<ManifestId> order;
  for (const bool of_line : {true, false}) {
    for (const ManifestId& id : scan.manifests) {
      if (line.Contains(id) == of_line) order.push_back(id);
    }
  }
  const auto kept = std::min(order.size(), static_cast<size_t>(options.retained_count));
  for (size_t i = kept; i < order.size(); ++i) {
    PassKillPoint(*options.env, KillPoint::kSweep);
    RETURN_IF_ERROR(files->Remove(fmt::format("{}/{}", directory(), order[i].FileName())));
    known.erase(order[i]);
    damaged.erase(order[i]);
  }
  order.resize(kept);
  const auto is_kept = [&](const ManifestId& id) {
    return std::find(order.begin(), order.end(), id) != order.end();
  };
  for (const CommitMark& mark : scan.marks) {
    if (is_kept(mark.id)) continue;
    RETURN_IF_ERROR(
        files->Remove(fmt::format("{}/{}/{}{}", directory(), kCommitsFolder, mark.id.MarkName(),
                                  mark.begun_only ? kBegunEnding : "")));
  }
  // The names of manifests go for good before what they need.
  RETURN_IF_ERROR(files->SyncDirectory(directory()));
  RETURN_IF_ERROR(SweepSegments());
  uint64_t oldest = generation;
  for (const ManifestId& id : order) oldest = std::min(oldest, id.generation);
  for (const GenerationRecord& record : scan.generations) {
    if (record.number >= oldest) continue;
    RETURN_IF_ERROR(
        files->Remove(fmt::format("{}/{}/{}", directory(), kGenerationsFolder, record.FileName())));
  }
  RefreshRecords(&scan);
  return {};
}

void DirectoryCheckpointStore::Impl::RefreshRecords(const DirectoryScan* scan) {
  if (scan != nullptr) {
    for (const CommitMark& mark : scan->marks) {
      const auto found = known.find(mark.id);
      if (found != known.end() && !mark.begun_only) found->second.record.committed = true;
    }
  }
  std::vector<CheckpointRecord> fresh;
  for (auto entry = known.rbegin(); entry != known.rend(); ++entry) {
    if (line.Contains(entry->first)) fresh.push_back(entry->second.record);
  }
  const std::lock_guard guard(records_mutex);
  records = std::move(fresh);
}

Status DirectoryCheckpointStore::Impl::Publish(const Checkpoint& checkpoint) {
  CHECK(checkpoint.epoch > base_id().epoch);
  RETURN_IF_ERROR(EnsureClaimed());
  if (uncertain) RETURN_IF_ERROR(Claim());
  RETURN_IF_ERROR(CheckOwner());
  highest_epoch = std::max(highest_epoch, checkpoint.epoch);
  Manifest manifest;
  manifest.generation = generation;
  manifest.epoch = checkpoint.epoch;
  manifest.shard_count = checkpoint.shard_count;
  manifest.last = checkpoint.last;
  manifest.created_micros = checkpoint.created_micros;
  manifest.carried_seals = checkpoint.carried_seals;
  manifest.instances = checkpoint.instances;
  for (InstanceSnapshot& instance : manifest.instances) instance.state.reset();
  manifest.job = options.job;
  if (base.has_value()) {
    manifest.chains = base->chains;
    // The schemas of what does not change in this checkpoint.
    for (const JobDescription::OperatorEntry& old : base->job.operators) {
      for (JobDescription::OperatorEntry& entry : manifest.job.operators) {
        if (entry.id == old.id) entry.states = old.states;
      }
    }
  }
  const std::string prefix =
      fmt::format("{}/{}-{}-", kSegmentsFolder, checkpoint.epoch, generation);
  Result<int64_t> segment_bytes =
      WriteSegments(*options.env, directory(), prefix, checkpoint, &manifest);
  // Writing may have taken long.
  if (Status status = segment_bytes.ok() ? CheckOwner() : segment_bytes.status(); !status.ok()) {
    DiscardAttempt(prefix);
    return status;
  }
  manifest.completed_micros = options.env->clock->WallMicros();
  const ManifestId id{manifest.epoch, manifest.generation};
  WrittenManifest written = WriteManifest(*options.env, directory(), id.FileName(), manifest);
  if (!written.status.ok()) {
    uncertain = uncertain || !written.certain;
    if (written.certain) DiscardAttempt(prefix);
    return written.status;
  }
  // Asked of the start only.
  options.from_epoch = 0;
  published_bytes = *segment_bytes + written.bytes;
  Known& entry = known[id];
  entry.record = RecordOf(manifest, written.bytes);
  for (const auto& segment : manifest.Segments()) entry.segments.push_back(segment->name);
  base = std::move(manifest);
  RefreshRecords(nullptr);
  return {};
}

DirectoryCheckpointStore::DirectoryCheckpointStore(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
DirectoryCheckpointStore::~DirectoryCheckpointStore() = default;

Result<std::unique_ptr<DirectoryCheckpointStore>> DirectoryCheckpointStore::Open(Options options) {
  CHECK(options.env != nullptr && options.retained_count >= 1);
  auto impl = std::make_unique<Impl>(std::move(options));
  RETURN_IF_ERROR(impl->TakeLock());
  ASSIGN_OR_RETURN(const DirectoryScan scan, ScanDirectory(*impl->files, impl->directory()));
  const uint64_t newest = scan.newest_generation();
  impl->highest_epoch = scan.highest_epoch();
  impl->was_finished = scan.finished.contains(newest) && impl->options.from_epoch == 0 &&
                       !impl->options.ignores_finished;
  const bool goes_on = !impl->options.fresh && !impl->was_finished;
  if (goes_on) impl->line = GenerationLine(scan.generations, newest);
  std::optional<Manifest> base = impl->LoadAll(scan);
  if (goes_on) RETURN_IF_ERROR(impl->Choose(scan, std::move(base)));
  if (!impl->was_finished) RETURN_IF_ERROR(impl->EnsureClaimed());
  impl->RefreshRecords(&scan);
  return std::unique_ptr<DirectoryCheckpointStore>(new DirectoryCheckpointStore(std::move(impl)));
}

Status DirectoryCheckpointStore::Publish(std::shared_ptr<const Checkpoint> checkpoint) {
  RETURN_IF_ERROR(impl_->Publish(*checkpoint));
  PassKillPoint(*impl_->options.env, KillPoint::kManifestPublished);
  return {};
}

Status DirectoryCheckpointStore::MarkCommitting(uint64_t epoch) {
  CHECK(impl_->base.has_value() && impl_->base->epoch == epoch);
  RETURN_IF_ERROR(impl_->CheckOwner());
  const std::string folder = impl_->Folder(kCommitsFolder);
  const std::string name = impl_->base_id().MarkName();
  const std::string begun = fmt::format("{}{}", name, kBegunEnding);
  // A repeated commit finds its mark, but perhaps one that nobody has made durable.
  ASSIGN_OR_RETURN(const bool is_committed, Exists(*impl_->files, folder + "/" + name));
  ASSIGN_OR_RETURN(const bool is_begun, Exists(*impl_->files, folder + "/" + begun));
  if (is_committed || is_begun) return impl_->files->SyncDirectory(folder);
  RETURN_IF_ERROR(CreateMarker(*impl_->files, folder, begun));
  PassKillPoint(*impl_->options.env, KillPoint::kCommitMark);
  return {};
}

Status DirectoryCheckpointStore::MarkCommitted(uint64_t epoch) {
  CHECK(impl_->base.has_value() && impl_->base->epoch == epoch);
  const std::string folder = impl_->Folder(kCommitsFolder);
  const std::string path = folder + "/" + impl_->base_id().MarkName();
  PassKillPoint(*impl_->options.env, KillPoint::kCommitDone);
  ASSIGN_OR_RETURN(const bool is_committed, Exists(*impl_->files, path));
  if (!is_committed) {
    RETURN_IF_ERROR(MarkCommitting(epoch));
    RETURN_IF_ERROR(impl_->files->Rename(fmt::format("{}{}", path, kBegunEnding), path));
  }
  RETURN_IF_ERROR(impl_->files->SyncDirectory(folder));
  PassKillPoint(*impl_->options.env, KillPoint::kCommittedMark);
  impl_->known[impl_->base_id()].record.committed = true;
  RETURN_IF_ERROR(impl_->CheckOwner());
  // The checkpoint is as good without it, and the next one tries again.
  if (const Status status = impl_->Retire(); !status.ok()) {
    impl_->note = fmt::format("old checkpoints could not be removed: {}", status.message());
  }
  return {};
}

std::string DirectoryCheckpointStore::TakeNote() {
  return std::exchange(impl_->note, {});
}

Status DirectoryCheckpointStore::MarkFinished() {
  RETURN_IF_ERROR(impl_->CheckOwner());
  PassKillPoint(*impl_->options.env, KillPoint::kLastCommitted);
  const std::string name = fmt::format("{}{}", kFinishedPrefix, impl_->generation);
  ASSIGN_OR_RETURN(const bool is_finished, Exists(*impl_->files, impl_->Folder(name)));
  if (is_finished) return impl_->files->SyncDirectory(impl_->directory());
  RETURN_IF_ERROR(CreateMarker(*impl_->files, impl_->directory(), name));
  PassKillPoint(*impl_->options.env, KillPoint::kFinishedMark);
  return {};
}

Result<std::shared_ptr<const Checkpoint>> DirectoryCheckpointStore::Latest() {
  // Whoever goes on from here undoes what came later; a manifest of it must not come back.
  RETURN_IF_ERROR(impl_->EnsureClaimed());
  if (impl_->uncertain) RETURN_IF_ERROR(impl_->Claim());
  while (impl_->base.has_value()) {
    const Status status = impl_->VerifyBase();
    if (status.ok()) {
      PassKillPoint(*impl_->options.env, KillPoint::kRestoreRead);
      return OpenCheckpoint(*impl_->options.env, impl_->directory(), *impl_->base);
    }
    if (IsOfTheDisk(status)) return status;
    // Damage that the lengths did not show.
    const ManifestId id = impl_->base_id();
    impl_->damaged[id] = status;
    impl_->known.erase(id);
    ASSIGN_OR_RETURN(const DirectoryScan scan, ScanDirectory(*impl_->files, impl_->directory()));
    RETURN_IF_ERROR(impl_->Choose(scan, {}));
    RETURN_IF_ERROR(impl_->Claim());
    impl_->RefreshRecords(&scan);
  }
  return std::shared_ptr<const Checkpoint>();
}

Status DirectoryCheckpointStore::CopyLatestTo(const std::string& path) {
  CHECK(impl_->base.has_value());
  return CopyToSavepoint(*impl_->options.env, impl_->directory(), *impl_->base, path);
}

uint64_t DirectoryCheckpointStore::highest_epoch() const {
  return impl_->highest_epoch;
}

int64_t DirectoryCheckpointStore::published_bytes() const {
  return impl_->published_bytes;
}

void DirectoryCheckpointStore::DropState(const std::string& operator_id,
                                         const std::string& state_name) {
  if (impl_->base.has_value()) impl_->base->chains.Drop(operator_id, state_name);
}

const JobDescription* DirectoryCheckpointStore::stored_job() const {
  return impl_->base.has_value() ? &impl_->base->job : nullptr;
}

bool DirectoryCheckpointStore::is_at_end() const {
  return impl_->base.has_value() && impl_->base->last;
}

bool DirectoryCheckpointStore::was_finished() const {
  return impl_->was_finished;
}

std::vector<std::string> DirectoryCheckpointStore::notes() const {
  return impl_->notes;
}

std::vector<CheckpointRecord> DirectoryCheckpointStore::Retained() const {
  const std::lock_guard guard(impl_->records_mutex);
  return impl_->records;
}

const std::string& DirectoryCheckpointStore::directory() const {
  return impl_->options.directory;
}

Result<CheckpointDirectoryListing> ListCheckpointDirectory(FileSystem& files,
                                                           const std::string& directory) {
  ASSIGN_OR_RETURN(const DirectoryScan scan, ScanDirectory(files, directory));
  if (scan.generations.empty() && scan.manifests.empty()) {
    return NotFound(directory + ": has no checkpoints");
  }
  const GenerationLine line(scan.generations, scan.newest_generation());
  CheckpointDirectoryListing listing;
  listing.finished = scan.finished.contains(scan.newest_generation());
  for (const ManifestId& id : scan.manifests) {
    if (!line.Contains(id)) continue;
    int64_t bytes = 0;
    const Result<Manifest> manifest = ReadManifest(files, directory, id.FileName(), &bytes);
    if (!manifest.ok()) {
      // Its job may have retired it meanwhile, and what it needs.
      ASSIGN_OR_RETURN(const bool is_there, Exists(files, directory + "/" + id.FileName()));
      if (is_there) listing.notes.push_back(manifest.status().message());
      continue;
    }
    if (listing.retained.empty()) listing.job = manifest->job;
    CheckpointRecord& record = listing.retained.emplace_back(RecordOf(*manifest, bytes));
    for (const CommitMark& mark : scan.marks) {
      record.committed = record.committed || (mark.id == id && !mark.begun_only);
    }
  }
  return listing;
}

}  // namespace rhei
