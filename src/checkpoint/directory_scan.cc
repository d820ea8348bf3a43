#include "checkpoint/directory_scan.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace rhei {
namespace {

constexpr std::string_view kManifestPrefix = "manifest-";

std::string_view NameOf(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// "12-3" as {12, 3}: exactly `count` numbers.
std::optional<std::vector<uint64_t>> Numbers(std::string_view text, size_t count) {
  std::vector<uint64_t> numbers;
  while (true) {
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data()) return std::nullopt;
    numbers.push_back(number);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty()) break;
    if (text.front() != '-') return std::nullopt;
    text.remove_prefix(1);
  }
  if (numbers.size() != count) return std::nullopt;
  return numbers;
}

Result<std::vector<FileInfo>> ListIfThere(FileSystem& files, const std::string& directory) {
  Result<std::vector<FileInfo>> entries = files.List(directory);
  if (!entries.ok() && entries.status().code() == ErrorCode::kNotFound) {
    return std::vector<FileInfo>();
  }
  return entries;
}

Status ScanGenerations(FileSystem& files, const std::string& directory,
                       std::vector<GenerationRecord>* out) {
  ASSIGN_OR_RETURN(const std::vector<FileInfo> entries,
                   ListIfThere(files, fmt::format("{}/{}", directory, kGenerationsFolder)));
  for (const FileInfo& entry : entries) {
    const auto numbers = Numbers(NameOf(entry.path), 3);
    if (!numbers.has_value()) continue;
    out->push_back({(*numbers)[0], {(*numbers)[1], (*numbers)[2]}});
  }
  std::sort(out->begin(), out->end(), [](const GenerationRecord& a, const GenerationRecord& b) {
    return a.number < b.number;
  });
  return {};
}

}  // namespace

bool IsSegmentName(std::string_view name) {
  return Numbers(name, 3).has_value();
}

std::string ManifestId::FileName() const {
  return fmt::format("{}{}-{}", kManifestPrefix, epoch, generation);
}

std::string ManifestId::MarkName() const {
  return fmt::format("{}-{}", epoch, generation);
}

std::string GenerationRecord::FileName() const {
  return fmt::format("{}-{}-{}", number, base.epoch, base.generation);
}

GenerationLine::GenerationLine(const std::vector<GenerationRecord>& records, uint64_t newest) {
  uint64_t epoch_max = UINT64_MAX;
  while (newest != 0) {
    parts_.push_back({newest, epoch_max});
    const auto found = std::find_if(records.begin(), records.end(),
                                    [&](const auto& record) { return record.number == newest; });
    // Bases are older than what goes on from them: this ends.
    if (found == records.end() || found->base.generation >= newest) break;
    newest = found->base.generation;
    epoch_max = std::min(epoch_max, found->base.epoch);
  }
}

bool GenerationLine::Contains(const ManifestId& id) const {
  return std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
    return part.generation == id.generation && id.epoch <= part.epoch_max;
  });
}

void GenerationLine::Extend(const GenerationRecord& record) {
  while (!parts_.empty() && parts_.front().generation != record.base.generation) {
    parts_.erase(parts_.begin());
  }
  if (!parts_.empty()) {
    parts_.front().epoch_max = std::min(parts_.front().epoch_max, record.base.epoch);
  }
  parts_.insert(parts_.begin(), Part{record.number, UINT64_MAX});
}

uint64_t DirectoryScan::newest_generation() const {
  return generations.empty() ? 0 : generations.back().number;
}

uint64_t DirectoryScan::highest_epoch() const {
  uint64_t highest = 0;
  for (const GenerationRecord& record : generations) {
    highest = std::max(highest, record.base.epoch);
  }
  for (const ManifestId& id : manifests) highest = std::max(highest, id.epoch);
  for (const CommitMark& mark : marks) highest = std::max(highest, mark.id.epoch);
  return highest;
}

Result<DirectoryScan> ScanDirectory(FileSystem& files, const std::string& directory) {
  DirectoryScan scan;
  RETURN_IF_ERROR(ScanGenerations(files, directory, &scan.generations));
  ASSIGN_OR_RETURN(const std::vector<FileInfo> entries, ListIfThere(files, directory));
  for (const FileInfo& entry : entries) {
    const std::string_view name = NameOf(entry.path);
    if (name.ends_with(".tmp")) {
      scan.temporary_paths.push_back(entry.path);
    } else if (name.starts_with(kManifestPrefix)) {
      const auto numbers = Numbers(name.substr(kManifestPrefix.size()), 2);
      if (numbers.has_value()) scan.manifests.push_back({(*numbers)[0], (*numbers)[1]});
    } else if (name.starts_with(kFinishedPrefix)) {
      const auto numbers = Numbers(name.substr(kFinishedPrefix.size()), 1);
      if (numbers.has_value()) scan.finished.insert((*numbers)[0]);
    }
  }
  std::sort(scan.manifests.rbegin(), scan.manifests.rend());
  ASSIGN_OR_RETURN(const std::vector<FileInfo> marks,
                   ListIfThere(files, fmt::format("{}/{}", directory, kCommitsFolder)));
  for (const FileInfo& entry : marks) {
    std::string_view name = NameOf(entry.path);
    const bool begun_only = name.ends_with(kBegunEnding);
    if (begun_only) name.remove_suffix(kBegunEnding.size());
    const auto numbers = Numbers(name, 2);
    if (numbers.has_value()) scan.marks.push_back({{(*numbers)[0], (*numbers)[1]}, begun_only});
  }
  return scan;
}

Result<uint64_t> NewestGeneration(FileSystem& files, const std::string& directory) {
  std::vector<GenerationRecord> generations;
  RETURN_IF_ERROR(ScanGenerations(files, directory, &generations));
  return generations.empty() ? 0 : generations.back().number;
}

}  // namespace rhei
