#include "checkpoint/stored_sections.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <span>

#include <fmt/format.h>

#include "base/checksum.h"

namespace rhei {
namespace {

// Verifies sections that lie one behind the other; the first failure ends it.
class SectionVerifier final : public Threads::Work {
 public:
  SectionVerifier(FileSystem* files, const std::string* directory,
                  std::span<const SectionPlace* const> places, Status* status)
      : files_(files), directory_(directory), places_(places), status_(status) {}

  void Run() override { *status_ = VerifyAll(); }

 private:
  Status VerifyAll() {
    std::unique_ptr<SegmentReader> reader;
    for (const SectionPlace* place : places_) {
      if (reader == nullptr || place->segment->name != reader->info().name) {
        ASSIGN_OR_RETURN(reader, OpenSegment(*files_, *directory_, *place->segment));
      }
      RETURN_IF_ERROR(reader->Verify(place->offset, place->size));
    }
    return {};
  }

  FileSystem* files_;
  const std::string* directory_;
  std::span<const SectionPlace* const> places_;
  Status* status_;
};

// The open segments of one checkpoint.
class SegmentShelf {
 public:
  SegmentShelf(FileSystem* files, std::string directory)
      : files_(files), directory_(std::move(directory)) {}

  Result<std::string> Read(const SectionPlace& place, std::string_view state_name) {
    const std::shared_ptr<Open> open = Find(place.segment->name);
    const std::lock_guard lock(open->mutex);
    if (open->reader == nullptr) {
      ASSIGN_OR_RETURN(open->reader, OpenSegment(*files_, directory_, *place.segment));
    }
    std::string bytes(static_cast<size_t>(place.size), '\0');
    RETURN_IF_ERROR(open->reader->Read(place.offset, place.size, bytes.data()));
    if (Checksum(bytes) == place.checksum) return bytes;
    return Status(ErrorCode::kStateMismatch,
                  fmt::format("{}/{}: damaged: the checksum of state '{}' is wrong", directory_,
                              place.segment->name, state_name));
  }

 private:
  // A process may not open files without end.
  static constexpr size_t kOpenMax = 128;
  struct Open {
    std::mutex mutex;
    std::unique_ptr<SegmentReader> reader;
  };

  std::shared_ptr<Open> Find(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (open_.size() >= kOpenMax && !open_.contains(name)) open_.clear();
    std::shared_ptr<Open>& found = open_[name];
    if (found == nullptr) found = std::make_shared<Open>();
    return found;
  }

  FileSystem* files_;
  const std::string directory_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Open>> open_;
};

class StoredSection final : public StoredBytes {
 public:
  StoredSection(std::shared_ptr<SegmentShelf> shelf, SectionPlace place, std::string state_name)
      : shelf_(std::move(shelf)), place_(std::move(place)), state_name_(std::move(state_name)) {}
  uint64_t size() const override { return place_.size; }
  Result<std::string> Read() const override { return shelf_->Read(place_, state_name_); }

 private:
  const std::shared_ptr<SegmentShelf> shelf_;
  const SectionPlace place_;
  const std::string state_name_;
};

}  // namespace

Result<std::unique_ptr<SegmentReader>> OpenSegment(FileSystem& files, const std::string& directory,
                                                   const SegmentInfo& info) {
  const std::string path = directory + "/" + info.name;
  ASSIGN_OR_RETURN(auto file, files.OpenForRead(path));
  ASSIGN_OR_RETURN(const FileInfo found, files.Stat(path));
  return SegmentReader::Open(std::move(file), static_cast<uint64_t>(found.bytes), path, &info);
}

// Cuts the sections into runs of about equal bytes and verifies each on a thread of its own.
Status VerifySections(const Environment& env, const std::string& directory,
                      const Manifest& manifest, int threads) {
  std::vector<const SectionPlace*> places;
  uint64_t bytes_left = 0;
  for (const auto& [key, chain] : manifest.chains.all()) {
    for (const SectionPlace& place : chain) {
      places.push_back(&place);
      bytes_left += place.size;
    }
  }
  std::sort(places.begin(), places.end(), [](const SectionPlace* a, const SectionPlace* b) {
    const int order = a->segment->name.compare(b->segment->name);
    return order != 0 ? order < 0 : a->offset < b->offset;
  });
  // Below this a thread costs more than it gains.
  constexpr uint64_t kThreadBytes = uint64_t{1} << 20;
  if (threads <= 0) threads = CoreCount();
  if (env.threads == nullptr || bytes_left < kThreadBytes) threads = 1;
  std::vector<Status> statuses(static_cast<size_t>(threads));
  {
    std::vector<std::unique_ptr<Thread>> running;
    std::span<const SectionPlace* const> left = places;
    for (int i = 0; i < threads; ++i) {
      const uint64_t share = bytes_left / static_cast<uint64_t>(threads - i);
      size_t count = 0;
      uint64_t bytes = 0;
      while (count < left.size() && (bytes < share || i + 1 == threads)) {
        bytes += left[count++]->size;
      }
      bytes_left -= bytes;
      auto verifier = std::make_unique<SectionVerifier>(env.files, &directory, left.first(count),
                                                        &statuses[static_cast<size_t>(i)]);
      left = left.subspan(count);
      if (i + 1 == threads) {
        verifier->Run();
      } else {
        running.push_back(env.threads->Start("rhei-restore", std::move(verifier)));
      }
    }
  }
  for (Status& status : statuses) RETURN_IF_ERROR(status);
  return {};
}

std::shared_ptr<const Checkpoint> OpenCheckpoint(const Environment& env,
                                                 const std::string& directory,
                                                 const Manifest& manifest) {
  const auto shelf = std::make_shared<SegmentShelf>(env.files, directory);
  std::vector<std::pair<ChainKey, std::vector<StateSection>>> sections;
  for (const auto& [key, places] : manifest.chains.all()) {
    std::vector<StateSection>& chain =
        sections.emplace_back(key, std::vector<StateSection>{}).second;
    for (const SectionPlace& place : places) {
      StateSection& section = chain.emplace_back();
      section.state_name = key.state_name;
      section.key_group = key.key_group;
      section.is_delta = place.is_delta;
      section.stored = std::make_shared<StoredSection>(shelf, place, key.state_name);
    }
  }
  auto checkpoint = std::make_shared<Checkpoint>();
  checkpoint->epoch = manifest.epoch;
  checkpoint->shard_count = manifest.shard_count;
  checkpoint->created_micros = manifest.created_micros;
  checkpoint->last = manifest.last;
  checkpoint->carried_seals = manifest.carried_seals;
  checkpoint->instances = WithWholeChains(manifest.instances, manifest.shard_count, manifest.epoch,
                                          std::move(sections));
  return checkpoint;
}

}  // namespace rhei
