#pragma once
// DirectoryScan: what the names in a checkpoint directory say (docs/formats/checkpoint.md), and
// which manifests belong to the line of generations that the newest one continues.
// Plain data; Thread-safety: as for std::vector.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"

namespace rhei {

// A manifest by name; newer ones are greater.
struct ManifestId {
  uint64_t epoch = 0;
  uint64_t generation = 0;
  auto operator<=>(const ManifestId&) const = default;
  std::string FileName() const;  // "manifest-EPOCH-GENERATION"
  std::string MarkName() const;  // "EPOCH-GENERATION"
};

struct GenerationRecord {
  uint64_t number = 0;
  ManifestId base;  // what it went on from; zeros: nothing
  std::string FileName() const;
};

// Generations from the newest to the first, each with the last epoch that counts of it.
class GenerationLine {
 public:
  GenerationLine() = default;
  GenerationLine(const std::vector<GenerationRecord>& records, uint64_t newest);
  bool Contains(const ManifestId& id) const;
  // Goes on from `base` (zeros: from nothing) with a new generation.
  void Extend(const GenerationRecord& record);

 private:
  struct Part {
    uint64_t generation = 0;
    uint64_t epoch_max = UINT64_MAX;
  };
  std::vector<Part> parts_;
};

struct CommitMark {
  ManifestId id;
  bool begun_only = false;  // sinks may have committed it, or a part of it
};

struct DirectoryScan {
  std::vector<GenerationRecord> generations;  // by number
  std::vector<ManifestId> manifests;          // newest first
  std::vector<CommitMark> marks;
  std::set<uint64_t> finished;  // generations
  std::vector<std::string> temporary_paths;

  uint64_t newest_generation() const;
  uint64_t highest_epoch() const;
};

// A missing directory is an empty one.
Result<DirectoryScan> ScanDirectory(FileSystem& files, const std::string& directory);
Result<uint64_t> NewestGeneration(FileSystem& files, const std::string& directory);

inline constexpr std::string_view kGenerationsFolder = "generations";
inline constexpr std::string_view kSegmentsFolder = "segments";
// Epoch, generation and shard; anything else in the folder is not ours.
bool IsSegmentName(std::string_view name);
inline constexpr std::string_view kCommitsFolder = "commits";
inline constexpr std::string_view kFinishedPrefix = "finished-";
inline constexpr std::string_view kBegunEnding = ".begun";

}  // namespace rhei
