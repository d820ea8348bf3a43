// The machine's clock, randomness and threads. Files are in env_files.cc.
#include "base/env.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include <pthread.h>

#include "base/check.h"
#include "base/env_files.h"

namespace rhei {
namespace {

int64_t NanosOf(clockid_t id) {
  timespec now{};
  CHECK(clock_gettime(id, &now) == 0);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

class RealClock final : public Clock {
 public:
  int64_t WallMicros() override { return NanosOf(CLOCK_REALTIME) / 1000; }
  int64_t MonotonicNanos() override { return NanosOf(CLOCK_MONOTONIC); }
  void SleepMicros(int64_t micros) override {
    if (micros <= 0) return;
    timespec left{micros / 1'000'000, (micros % 1'000'000) * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) != 0) {
    }
  }
};

class RealRandom final : public Random {
 public:
  uint64_t Next() override {
    uint64_t value = 0;
    // 8 bytes come whole or not at all; the call can only be interrupted while the machine boots.
    while (getrandom(&value, sizeof(value), 0) != sizeof(value)) {
    }
    return value;
  }
};

class RealThread final : public Thread {
 public:
  static Result<std::unique_ptr<Thread>> Make(std::string_view name,
                                              std::unique_ptr<Threads::Work> work) {
    std::unique_ptr<RealThread> thread(new RealThread(std::move(work)));
    const int error = pthread_create(&thread->handle_, nullptr, &RealThread::Run, thread.get());
    if (error != 0) {
      return Status(ErrorCode::kResource,
                    std::string("cannot start a thread: ") + std::strerror(error));
    }
    thread->started_ = true;
    // The kernel keeps 15 bytes of a thread's name.
    pthread_setname_np(thread->handle_, std::string(name.substr(0, 15)).c_str());
    return std::unique_ptr<Thread>(std::move(thread));
  }
  ~RealThread() override {
    if (started_) pthread_join(handle_, nullptr);
  }

 private:
  explicit RealThread(std::unique_ptr<Threads::Work> work) : work_(std::move(work)) {}
  static void* Run(void* self) {
    static_cast<RealThread*>(self)->work_->Run();
    return nullptr;
  }

  const std::unique_ptr<Threads::Work> work_;
  pthread_t handle_{};
  bool started_ = false;
};

class RealThreads final : public Threads {
 public:
  std::unique_ptr<Thread> Start(std::string_view name, std::unique_ptr<Work> work) override {
    Result<std::unique_ptr<Thread>> thread = RealThread::Make(name, std::move(work));
    CHECK(thread.ok());
    return std::move(thread).value();
  }
  Result<std::unique_ptr<Thread>> TryStart(std::string_view name,
                                           std::unique_ptr<Work> work) override {
    return RealThread::Make(name, std::move(work));
  }
};

class RealOutputStream final : public OutputStream {
 public:
  explicit RealOutputStream(int descriptor) : descriptor_(descriptor) {}
  Status Write(std::string_view text) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        if (errno == EPIPE) {
          closed_.store(true);
          return IoError("standard output: closed");
        }
        return Status(errno == ENOSPC ? ErrorCode::kResource : ErrorCode::kIo,
                      std::string("standard output: ") + std::strerror(errno));
      }
      text.remove_prefix(static_cast<size_t>(written));
    }
    return {};
  }
  bool closed() const override { return closed_.load(); }

 private:
  int descriptor_;
  std::mutex mutex_;
  std::atomic<bool> closed_{false};
};

}  // namespace

const Environment& RealEnvironment() {
  // Never destroyed: threads of the process may outlive main.
  static const Environment* const environment =
      new Environment{new RealClock,   MakePosixFileSystem().release(), new RealRandom,
                      new RealThreads, new RealOutputStream(1),         new RealOutputStream(2)};
  return *environment;
}

int CoreCount() {
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores < 1 ? 1 : static_cast<int>(std::min<long>(cores, 128));
}

Status WriteFile(FileSystem& files, const std::string& path, std::string_view bytes) {
  ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, files.Create(path, true));
  RETURN_IF_ERROR(file->Append(bytes));
  return file->Close();
}

Result<std::string> ReadFile(FileSystem& files, const std::string& path, int64_t bytes_max) {
  ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> file, files.OpenForRead(path));
  constexpr size_t kStepBytes = size_t{1} << 18;
  std::string bytes;
  while (true) {
    const size_t used = bytes.size();
    // Grown by doubling: a file that is still being written has no size to trust.
    bytes.resize(used + std::max(kStepBytes, used));
    Result<size_t> read = file->ReadAt(used, bytes.data() + used, bytes.size() - used);
    if (!read.ok()) return read.status();
    bytes.resize(used + *read);
    if (static_cast<int64_t>(bytes.size()) > bytes_max) {
      return Status(ErrorCode::kResource, path + ": file is too long");
    }
    if (*read == 0) return bytes;
  }
}

}  // namespace rhei
