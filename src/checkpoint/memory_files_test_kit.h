#pragma once
// MemoryFiles: files in memory for tests that damage them or make an operation fail. It forgets
// nothing: power loss is the business of sim/. Thread-safety: any thread.
#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "base/env.h"

namespace rhei {

class MemoryFiles final : public FileSystem {
 public:
  std::map<std::string, std::string> files;
  std::set<std::string> directories = {".", "/"};
  // Asked before most operations, with their name and path; a failure is their result.
  std::function<Status(std::string_view operation, const std::string& path)> fault;

  Result<std::unique_ptr<RandomAccessFile>> OpenForRead(const std::string& path) override {
    RETURN_IF_ERROR(Ask("read", path));
    const std::lock_guard lock(mutex_);
    if (!files.contains(path)) return NotFound(path + ": no such file");
    return std::unique_ptr<RandomAccessFile>(std::make_unique<Reader>(files.at(path)));
  }
  Result<std::unique_ptr<WritableFile>> Create(const std::string& path, bool truncate) override {
    RETURN_IF_ERROR(Ask("create", path));
    const std::lock_guard lock(mutex_);
    if (!truncate && files.contains(path)) return IoError(path + ": exists");
    if (!directories.contains(path.substr(0, path.rfind('/')))) return NotFound(path);
    files[path].clear();
    return std::unique_ptr<WritableFile>(std::make_unique<Writer>(this, path));
  }
  Result<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path) override {
    return std::unique_ptr<WritableFile>(std::make_unique<Writer>(this, path));
  }
  Result<FileInfo> Stat(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    if (directories.contains(path)) return FileInfo{path, 0, 0, true};
    if (!files.contains(path)) return NotFound(path + ": no such file");
    return FileInfo{path, static_cast<int64_t>(files.at(path).size()), 0, false};
  }
  Result<std::vector<FileInfo>> List(const std::string& directory) override {
    const std::lock_guard lock(mutex_);
    if (!directories.contains(directory)) return NotFound(directory + ": no such directory");
    std::vector<FileInfo> entries;
    const auto is_child = [&](const std::string& path) {
      return path.starts_with(directory + "/") &&
             path.find('/', directory.size() + 1) == std::string::npos;
    };
    for (const std::string& path : directories) {
      if (is_child(path)) entries.push_back({path, 0, 0, true});
    }
    for (const auto& [path, bytes] : files) {
      if (is_child(path)) entries.push_back({path, static_cast<int64_t>(bytes.size()), 0, false});
    }
    std::sort(entries.begin(), entries.end(),
              [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
    return entries;
  }
  Status MakeDirectories(const std::string& path) override {
    RETURN_IF_ERROR(Ask("mkdir", path));
    const std::lock_guard lock(mutex_);
    for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
      directories.insert(path.substr(0, at));
    }
    directories.insert(path);
    return {};
  }
  Status Remove(const std::string& path) override {
    RETURN_IF_ERROR(Ask("remove", path));
    const std::lock_guard lock(mutex_);
    if (files.erase(path) + directories.erase(path) == 0) return NotFound(path);
    return {};
  }
  Status Rename(const std::string& from, const std::string& to) override {
    RETURN_IF_ERROR(Ask("rename", from));
    const std::lock_guard lock(mutex_);
    if (!files.contains(from)) return NotFound(from);
    files[to] = files.at(from);
    files.erase(from);
    return {};
  }
  Status RenameNoReplace(const std::string& from, const std::string& to) override {
    if (Stat(to).ok()) return IoError(to + ": exists");
    return Rename(from, to);
  }
  Status Truncate(const std::string& path, int64_t bytes) override {
    const std::lock_guard lock(mutex_);
    files.at(path).resize(static_cast<size_t>(bytes));
    return {};
  }
  Status SyncDirectory(const std::string& path) override {
    if (!directories.contains(path)) return NotFound(path);
    return Ask("sync directory", path);
  }
  Result<std::unique_ptr<Lock>> LockFile(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    if (!locked_.insert(path).second) return IoError(path + ": held by process 1234");
    files[path];
    return std::unique_ptr<Lock>(std::make_unique<Held>(this, path));
  }
  // The lock's file was removed and made again: its holder knows nothing of it.
  void LoseLock(const std::string& path) { locked_.erase(path); }

 private:
  class Reader final : public RandomAccessFile {
   public:
    explicit Reader(std::string bytes) : bytes_(std::move(bytes)) {}
    Result<size_t> ReadAt(uint64_t offset, char* out, size_t size) override {
      if (offset >= bytes_.size()) return size_t{0};
      return bytes_.copy(out, size, static_cast<size_t>(offset));
    }

   private:
    std::string bytes_;
  };
  class Writer final : public WritableFile {
   public:
    Writer(MemoryFiles* owner, std::string path) : owner_(owner), path_(std::move(path)) {}
    Status Append(std::string_view bytes) override {
      RETURN_IF_ERROR(owner_->Ask("append", path_));
      const std::lock_guard lock(owner_->mutex_);
      owner_->files.at(path_).append(bytes);
      return {};
    }
    Status Sync() override { return owner_->Ask("sync", path_); }
    Status Close() override { return {}; }

   private:
    MemoryFiles* owner_;
    std::string path_;
  };
  class Held final : public Lock {
   public:
    Held(MemoryFiles* owner, std::string path) : owner_(owner), path_(std::move(path)) {}
    ~Held() override { owner_->locked_.erase(path_); }

   private:
    MemoryFiles* owner_;
    std::string path_;
  };
  Status Ask(std::string_view operation, const std::string& path) {
    return fault ? fault(operation, path) : Status();
  }

  std::mutex mutex_;
  std::set<std::string> locked_;
};

}  // namespace rhei
