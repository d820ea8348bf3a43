#pragma once
// Environment: everything that is not a pure function of its inputs, passed in and never global, so
// that the whole runtime runs unchanged in the deterministic simulator (virtual time, a disk that
// loses unsynced writes, a seeded scheduler).
//
// RealEnvironment() is the machine. Thread-safety: every interface may be called from any thread
// unless it says otherwise. Paths are plain absolute or relative paths; schemes are the
// connectors'.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace rhei {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t WallMicros() = 0;      // since 1970-01-01 UTC
  virtual int64_t MonotonicNanos() = 0;  // never falls
  // Of the monotonic clock: for deadlines, which a step of the wall clock must not move.
  int64_t MonotonicMicros() { return MonotonicNanos() / 1000; }
  virtual void SleepMicros(int64_t micros) = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t Next() = 0;
};

struct FileInfo {
  std::string path;
  int64_t bytes = 0;
  int64_t modified_micros = 0;
  bool is_directory = false;
};

class RandomAccessFile {
 public:
  virtual ~RandomAccessFile() = default;
  // Reads up to size bytes at offset; 0 at the end of the file.
  virtual Result<size_t> ReadAt(uint64_t offset, char* out, size_t size) = 0;
};

class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Status Append(std::string_view bytes) = 0;
  virtual Status Sync() = 0;  // data and length are durable afterwards
  virtual Status Close() = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<RandomAccessFile>> OpenForRead(const std::string& path) = 0;
  // Creates an empty file (kIo "exists" when there is one and !truncate).
  virtual Result<std::unique_ptr<WritableFile>> Create(const std::string& path, bool truncate) = 0;
  virtual Result<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path) = 0;
  virtual Result<FileInfo> Stat(const std::string& path) = 0;
  // Entries of a directory, names sorted; full paths.
  virtual Result<std::vector<FileInfo>> List(const std::string& directory) = 0;
  virtual Status MakeDirectories(const std::string& path) = 0;
  virtual Status Remove(const std::string& path) = 0;  // a file or an empty directory
  virtual Status Rename(const std::string& from, const std::string& to) = 0;  // replaces `to`
  // Fails with kIo "exists" instead of replacing `to`; only where both names are of one file, as a
  // rename that was cut short may leave them, `from` goes.
  virtual Status RenameNoReplace(const std::string& from, const std::string& to) = 0;
  virtual Status Truncate(const std::string& path, int64_t bytes) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  // Takes a lock that ends with the process; kIo "held by process PID" when another handle has it.
  // Released by destroying the handle.
  class Lock {
   public:
    virtual ~Lock() = default;
  };
  virtual Result<std::unique_ptr<Lock>> LockFile(const std::string& path) = 0;
};

// A thread that runs one function to its end. Joined by its destructor.
class Thread {
 public:
  virtual ~Thread() = default;
};

// Where work that may wait (files, brokers, databases) runs.
class Threads {
 public:
  virtual ~Threads() = default;
  class Work {
   public:
    virtual ~Work() = default;
    virtual void Run() = 0;
  };
  // The machine having no thread to give ends the process.
  virtual std::unique_ptr<Thread> Start(std::string_view name, std::unique_ptr<Work> work) = 0;
  // It is kResource here: for work that can be done without. `work` is then gone.
  virtual Result<std::unique_ptr<Thread>> TryStart(std::string_view name,
                                                   std::unique_ptr<Work> work) {
    return Start(name, std::move(work));
  }
};

// Standard output or error. Write is atomic: lines of two threads do not mix. kIo with "closed"
// when the reader has gone (`| head`).
class OutputStream {
 public:
  virtual ~OutputStream() = default;
  virtual Status Write(std::string_view text) = 0;
  // The reader has gone (`| head`), as a Write has found: nothing arrives any more.
  virtual bool closed() const { return false; }
};

class KillPoints;  // base/kill_point.h

struct Environment {
  Clock* clock = nullptr;
  FileSystem* files = nullptr;
  Random* random = nullptr;
  Threads* threads = nullptr;
  OutputStream* standard_output = nullptr;
  OutputStream* standard_error = nullptr;
  KillPoints* kill_points = nullptr;  // null: nobody listens
};

// The machine itself; one object for the process.
const Environment& RealEnvironment();
// Cores that this process may use.
int CoreCount();

// Reads a whole file. kResource when it is longer than bytes_max.
Result<std::string> ReadFile(FileSystem& files, const std::string& path,
                             int64_t bytes_max = int64_t{1} << 30);

// Makes the file hold `bytes`, whatever it held; not synced.
Status WriteFile(FileSystem& files, const std::string& path, std::string_view bytes);

}  // namespace rhei
