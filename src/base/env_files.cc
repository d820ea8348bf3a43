#include "base/env_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace rhei {
namespace {

Status Failed(const std::string& path, std::string_view what, int error) {
  std::string message = path;
  message.append(": ").append(what).append(": ").append(strerror(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) return {ErrorCode::kResource, message};
  return {error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, message};
}

Status Exists(const std::string& path) {
  return IoError(path + ": exists");
}

// An open file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int Release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

int OpenRetrying(const std::string& path, int flags) {
  int fd = -1;
  do {
    fd = open(path.c_str(), flags | O_CLOEXEC, 0644);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

class PosixReader final : public RandomAccessFile {
 public:
  PosixReader(std::string path, int fd) : path_(std::move(path)), file_(fd) {}

  Result<size_t> ReadAt(uint64_t offset, char* out, size_t size) override {
    while (true) {
      const ssize_t got = pread(file_.get(), out, size, static_cast<off_t>(offset));
      if (got >= 0) return static_cast<size_t>(got);
      if (errno != EINTR) return Failed(path_, "cannot read", errno);
    }
  }

 private:
  std::string path_;
  Descriptor file_;
};

class PosixWriter final : public WritableFile {
 public:
  PosixWriter(std::string path, int fd) : path_(std::move(path)), file_(fd) {}

  Status Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = write(file_.get(), bytes.data(), bytes.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        return Failed(path_, "cannot write", errno);
      }
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return {};
  }

  Status Sync() override {
    if (!sync_status_.ok()) return sync_status_;
    if (fsync(file_.get()) != 0) sync_status_ = Failed(path_, "cannot fsync", errno);
    return sync_status_;
  }

  Status Close() override {
    const int fd = file_.Release();
    // Linux frees the descriptor even when close is interrupted.
    if (fd >= 0 && close(fd) != 0 && errno != EINTR) return Failed(path_, "cannot close", errno);
    return {};
  }

 private:
  std::string path_;
  Descriptor file_;
  Status sync_status_;
};

FileInfo InfoOf(const std::string& path, const struct stat& stat) {
  FileInfo info;
  info.path = path;
  info.bytes = stat.st_size;
  info.modified_micros =
      int64_t{stat.st_mtim.tv_sec} * 1'000'000 + int64_t{stat.st_mtim.tv_nsec} / 1000;
  info.is_directory = S_ISDIR(stat.st_mode);
  return info;
}

class PosixLock final : public FileSystem::Lock {
 public:
  explicit PosixLock(int fd) : file_(fd) {}

 private:
  Descriptor file_;
};

std::string HolderOf(int fd) {
  char digits[24];
  const ssize_t got = pread(fd, digits, sizeof(digits), 0);
  std::string holder;
  for (ssize_t i = 0; i < got && digits[i] >= '0' && digits[i] <= '9'; ++i) holder += digits[i];
  return holder.empty() ? "another process" : "process " + holder;
}

// `to` exists. Where it is the same file, a process died between link and unlink. (With one link
// both are spellings of one name.)
Status FinishRename(const std::string& from, const std::string& to) {
  struct stat source {
  }, target{};
  const bool same = lstat(from.c_str(), &source) == 0 && lstat(to.c_str(), &target) == 0 &&
                    source.st_dev == target.st_dev && source.st_ino == target.st_ino &&
                    source.st_nlink > 1;
  if (!same) return Exists(to);
  return unlink(from.c_str()) == 0 ? Status() : Failed(from, "cannot remove", errno);
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<RandomAccessFile>> OpenForRead(const std::string& path) override {
    const int fd = OpenRetrying(path, O_RDONLY);
    if (fd < 0) return Failed(path, "cannot open", errno);
    return std::unique_ptr<RandomAccessFile>(std::make_unique<PosixReader>(path, fd));
  }

  Result<std::unique_ptr<WritableFile>> Create(const std::string& path, bool truncate) override {
    const int fd = OpenRetrying(path, O_WRONLY | O_CREAT | (truncate ? O_TRUNC : O_EXCL));
    if (fd < 0) return errno == EEXIST ? Exists(path) : Failed(path, "cannot create", errno);
    return std::unique_ptr<WritableFile>(std::make_unique<PosixWriter>(path, fd));
  }

  Result<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path) override {
    const int fd = OpenRetrying(path, O_WRONLY | O_APPEND);
    if (fd < 0) return Failed(path, "cannot open for appending", errno);
    return std::unique_ptr<WritableFile>(std::make_unique<PosixWriter>(path, fd));
  }

  Result<FileInfo> Stat(const std::string& path) override {
    struct stat found {};
    if (stat(path.c_str(), &found) != 0) return Failed(path, "cannot look up", errno);
    return InfoOf(path, found);
  }

  Result<std::vector<FileInfo>> List(const std::string& directory) override {
    DIR* opened = opendir(directory.c_str());
    if (opened == nullptr) return Failed(directory, "cannot list", errno);
    std::vector<FileInfo> entries;
    Status status;
    while (true) {
      errno = 0;
      const dirent* entry = readdir(opened);
      if (entry == nullptr) {
        if (errno != 0) status = Failed(directory, "cannot list", errno);
        break;
      }
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      std::string path = directory;
      if (path.back() != '/') path += '/';
      path += name;
      struct stat found {};
      // An entry that vanishes between the two calls was never there.
      if (stat(path.c_str(), &found) == 0) entries.push_back(InfoOf(path, found));
    }
    closedir(opened);
    if (!status.ok()) return status;
    std::sort(entries.begin(), entries.end(),
              [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
    return entries;
  }

  Status MakeDirectories(const std::string& path) override {
    for (size_t end = path.find('/', 1); true; end = path.find('/', end + 1)) {
      const std::string part = path.substr(0, end);
      if (!part.empty() && mkdir(part.c_str(), 0755) != 0 && errno != EEXIST) {
        return Failed(part, "cannot make directory", errno);
      }
      if (end == std::string::npos) break;
    }
    struct stat found {};
    if (stat(path.c_str(), &found) != 0) return Failed(path, "cannot look up", errno);
    return S_ISDIR(found.st_mode) ? Status() : Failed(path, "cannot make directory", ENOTDIR);
  }

  Status Remove(const std::string& path) override {
    return remove(path.c_str()) == 0 ? Status() : Failed(path, "cannot remove", errno);
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (rename(from.c_str(), to.c_str()) == 0) return {};
    return Failed(from, "cannot rename to " + to, errno);
  }

  Status RenameNoReplace(const std::string& from, const std::string& to) override {
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno == EEXIST) return FinishRename(from, to);
    if (errno != EINVAL && errno != ENOSYS) return Failed(from, "cannot rename to " + to, errno);
    // File systems without the flag: a hard link never replaces either.
    if (link(from.c_str(), to.c_str()) != 0) {
      return errno == EEXIST ? FinishRename(from, to)
                             : Failed(from, "cannot rename to " + to, errno);
    }
    return unlink(from.c_str()) == 0 ? Status() : Failed(from, "cannot remove", errno);
  }

  Status Truncate(const std::string& path, int64_t bytes) override {
    if (truncate(path.c_str(), bytes) == 0) return {};
    return Failed(path, "cannot truncate", errno);
  }

  Status SyncDirectory(const std::string& path) override {
    const Descriptor directory(OpenRetrying(path, O_RDONLY | O_DIRECTORY));
    if (directory.get() < 0) return Failed(path, "cannot open directory", errno);
    return fsync(directory.get()) == 0 ? Status() : Failed(path, "cannot fsync", errno);
  }

  Result<std::unique_ptr<Lock>> LockFile(const std::string& path) override {
    const int fd = OpenRetrying(path, O_RDWR | O_CREAT);
    if (fd < 0) return Failed(path, "cannot open", errno);
    auto lock = std::make_unique<PosixLock>(fd);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return IoError(path + ": held by " + HolderOf(fd));
      return Failed(path, "cannot lock", errno);
    }
    // For people only: the lock itself is the kernel's.
    const std::string holder = std::to_string(getpid()) + "\n";
    if (ftruncate(fd, 0) != 0 || write(fd, holder.data(), holder.size()) < 0) {
      return Failed(path, "cannot write", errno);
    }
    return std::unique_ptr<Lock>(std::move(lock));
  }
};

}  // namespace

std::unique_ptr<FileSystem> MakePosixFileSystem() {
  return std::make_unique<PosixFileSystem>();
}

}  // namespace rhei
