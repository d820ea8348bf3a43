// Finds the files of a table: a path may be a file or a directory that is walked to its leaves.
// Hidden names are passed over. Each file is handed out once, also over restarts: the snapshot
// holds the paths handed out.
#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <re2/re2.h>

#include "connectors/filesystem/file_source.h"
#include "connectors/filesystem/paths.h"

namespace rhei {
namespace {

class FileEnumerator final : public SplitEnumerator {
 public:
  FileEnumerator(FileSourceOptions options, FileSystem* files)
      : options_(std::move(options)), files_(files) {
    if (!options_.path_pattern.empty()) {
      RE2::Options quiet;
      quiet.set_log_errors(false);
      pattern_ = std::make_unique<RE2>(options_.path_pattern, quiet);
    }
  }

  Result<std::vector<SourceSplit>> Discover(bool* finished) override {
    if (pattern_ != nullptr && !pattern_->ok()) {
      return InvalidArgument(
          fmt::format("option 'source.path.regex-pattern': {}", pattern_->error()));
    }
    *finished = options_.monitor_interval_ms == 0;
    std::vector<FileInfo> found;
    Result<FileInfo> root = files_->Stat(options_.path);
    if (!root.ok()) {
      // A directory that is watched may come later.
      if (root.status().code() == ErrorCode::kNotFound && !*finished) {
        return std::vector<SourceSplit>();
      }
      return root.status().WithContext("filesystem source");
    }
    if (root->is_directory) {
      RETURN_IF_ERROR(Walk(options_.path, &found));
    } else {
      found.push_back(*root);
    }
    std::sort(found.begin(), found.end(), [](const FileInfo& a, const FileInfo& b) {
      return a.modified_micros != b.modified_micros ? a.modified_micros < b.modified_micros
                                                    : a.path < b.path;
    });
    std::vector<SourceSplit> splits;
    for (const FileInfo& file : found) {
      if (!handed_out_.insert(file.path).second) continue;
      // Positions in a compressed file are those of what it holds, whose size is not known.
      const bool plain = !file.path.ends_with(".gz") && !file.path.ends_with(".zst");
      splits.push_back({file.path, "", plain ? file.bytes : -1});
    }
    return splits;
  }

  int64_t discovery_interval_ms() const override { return options_.monitor_interval_ms; }

  std::string Snapshot() override {
    std::string state;
    for (const std::string& path : handed_out_) {
      state += path;
      state += '\0';
    }
    return state;
  }
  Status Restore(std::string_view state) override {
    while (!state.empty()) {
      const size_t end = state.find('\0');
      handed_out_.emplace(state.substr(0, end));
      state.remove_prefix(end == std::string_view::npos ? state.size() : end + 1);
    }
    return {};
  }

 private:
  Status Walk(const std::string& directory, std::vector<FileInfo>* found) {
    ASSIGN_OR_RETURN(const std::vector<FileInfo> entries, files_->List(directory));
    for (const FileInfo& entry : entries) {
      if (IsHiddenName(BaseName(entry.path))) continue;
      if (entry.is_directory) {
        RETURN_IF_ERROR(Walk(entry.path, found));
      } else if (pattern_ == nullptr || RE2::FullMatch(entry.path, *pattern_)) {
        found->push_back(entry);
      }
    }
    return {};
  }

  FileSourceOptions options_;
  FileSystem* files_;
  std::unique_ptr<RE2> pattern_;
  std::set<std::string> handed_out_;
};

}  // namespace

std::unique_ptr<SplitEnumerator> MakeFileEnumerator(FileSourceOptions options, FileSystem* files) {
  return std::make_unique<FileEnumerator>(std::move(options), files);
}

}  // namespace rhei
