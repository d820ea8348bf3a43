#pragma once
// ForwardingFiles: a file system that passes every call on to another; tests override what is to go
// wrong or to be counted.
#include "base/env.h"

namespace rhei {

class ForwardingFiles : public FileSystem {
 public:
  explicit ForwardingFiles(FileSystem* files) : files_(files) {}
  Result<std::unique_ptr<RandomAccessFile>> OpenForRead(const std::string& path) override {
    return files_->OpenForRead(path);
  }
  Result<std::unique_ptr<WritableFile>> Create(const std::string& path, bool truncate) override {
    return files_->Create(path, truncate);
  }
  Result<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path) override {
    return files_->OpenForAppend(path);
  }
  Result<FileInfo> Stat(const std::string& path) override { return files_->Stat(path); }
  Result<std::vector<FileInfo>> List(const std::string& path) override {
    return files_->List(path);
  }
  Status MakeDirectories(const std::string& path) override { return files_->MakeDirectories(path); }
  Status Remove(const std::string& path) override { return files_->Remove(path); }
  Status Rename(const std::string& from, const std::string& to) override {
    return files_->Rename(from, to);
  }
  Status RenameNoReplace(const std::string& from, const std::string& to) override {
    return files_->RenameNoReplace(from, to);
  }
  Status Truncate(const std::string& path, int64_t bytes) override {
    return files_->Truncate(path, bytes);
  }
  Status SyncDirectory(const std::string& path) override { return files_->SyncDirectory(path); }
  Result<std::unique_ptr<Lock>> LockFile(const std::string& path) override {
    return files_->LockFile(path);
  }

 private:
  FileSystem* files_;
};

}  // namespace rhei
