#include "base/local_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/env.h"

namespace rhei {
namespace {

Status Failed(const std::string& path, std::string_view what, int error) {
  std::string message = path;
  message.append(": ").append(what).append(": ").append(strerror(error));
  const bool nobody = error == ENOENT || error == ECONNREFUSED;
  return {nobody ? ErrorCode::kNotFound : ErrorCode::kIo, message};
}

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// An address holds 107 bytes of path; a longer one is reached through its directory's descriptor.
struct Address {
  Descriptor directory;
  sockaddr_un name{};
};

Result<Address> AddressOf(const std::string& path) {
  Address address;
  std::string shown = path;
  if (path.size() >= sizeof(address.name.sun_path)) {
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int fd = open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return Failed(path, "cannot open the directory", errno);
    address.directory = Descriptor(fd);
    shown = "/proc/self/fd/" + std::to_string(fd) + "/" +
            (slash == std::string::npos ? path : path.substr(slash + 1));
    if (shown.size() >= sizeof(address.name.sun_path)) {
      return Failed(path, "socket", ENAMETOOLONG);
    }
  }
  address.name.sun_family = AF_UNIX;
  std::memcpy(address.name.sun_path, shown.data(), shown.size());
  return address;
}

const sockaddr* Plain(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address.name);
}

enum class Waited { kReady, kTimeOut, kInterrupted };

// Until the descriptor can be read (POLLIN) or written (POLLOUT), or is at its end.
Result<Waited> WaitFor(int16_t events, int fd, const std::string& path, int64_t wait_micros) {
  pollfd waits{fd, events, 0};
  const int64_t millis = std::clamp<int64_t>((wait_micros + 999) / 1000, 0, 1'000'000);
  const int ready = poll(&waits, 1, static_cast<int>(millis));
  if (ready < 0 && errno != EINTR) return Failed(path, "poll", errno);
  if (ready < 0) return Waited::kInterrupted;
  return ready > 0 ? Waited::kReady : Waited::kTimeOut;
}

class Connection final : public LocalConnection {
 public:
  Connection(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  Result<size_t> Read(char* out, size_t size, int64_t wait_micros) override {
    ASSIGN_OR_RETURN(const Waited waited, WaitFor(POLLIN, fd_.get(), path_, wait_micros));
    if (waited != Waited::kReady) return size_t{0};
    const ssize_t got = read(fd_.get(), out, size);
    if (got < 0 && errno == EINTR) return size_t{0};
    if (got < 0 && errno != ECONNRESET) return Failed(path_, "cannot read", errno);
    if (got <= 0) return IoError(path_ + ": closed");
    return static_cast<size_t>(got);
  }

  Status Write(std::string_view bytes, int64_t stall_micros_max) override {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        ASSIGN_OR_RETURN(const Waited waited, WaitFor(POLLOUT, fd_.get(), path_, stall_micros_max));
        if (waited == Waited::kTimeOut) return IoError(path_ + ": the other side does not read");
        continue;
      }
      if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return IoError(path_ + ": closed");
      if (sent < 0) return Failed(path_, "cannot write", errno);
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return {};
  }

  void Shutdown() override { (void)shutdown(fd_.get(), SHUT_RDWR); }

 private:
  std::string path_;
  Descriptor fd_;
};

bool IsOurs(int fd) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == geteuid() || peer.uid == 0;
}

class Listener final : public LocalListener {
 public:
  Listener(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  ~Listener() override { unlink(path_.c_str()); }

  Result<std::unique_ptr<LocalConnection>> Accept(int64_t wait_micros) override {
    ASSIGN_OR_RETURN(const Waited waited, WaitFor(POLLIN, fd_.get(), path_, wait_micros));
    if (waited != Waited::kReady) return std::unique_ptr<LocalConnection>();
    Descriptor peer(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (peer.get() < 0) {
      const bool gone = errno == EINTR || errno == ECONNABORTED || errno == EAGAIN;
      if (gone) return std::unique_ptr<LocalConnection>();
      return Failed(path_, "cannot accept", errno);
    }
    if (!IsOurs(peer.get())) return std::unique_ptr<LocalConnection>();
    return std::unique_ptr<LocalConnection>(std::make_unique<Connection>(path_, std::move(peer)));
  }

 private:
  std::string path_;
  Descriptor fd_;
};

}  // namespace

Result<std::unique_ptr<LocalListener>> ListenLocal(const std::string& path) {
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return Failed(path, "socket", errno);
  unlink(path.c_str());
  ASSIGN_OR_RETURN(const Address address, AddressOf(path));
  // The file gets the mode of the open socket, so that it is never open to others.
  fchmod(fd.get(), 0600);
  if (bind(fd.get(), Plain(address), sizeof(address.name)) != 0) {
    return Failed(path, "cannot bind", errno);
  }
  if (chmod(path.c_str(), 0600) != 0) return Failed(path, "chmod", errno);
  if (listen(fd.get(), 16) != 0) return Failed(path, "cannot listen", errno);
  return std::unique_ptr<LocalListener>(std::make_unique<Listener>(path, std::move(fd)));
}

Result<std::unique_ptr<LocalConnection>> ConnectLocal(const std::string& path,
                                                      int64_t wait_micros_max) {
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return Failed(path, "socket", errno);
  ASSIGN_OR_RETURN(const Address address, AddressOf(path));
  // It bounds a connect that waits for a place in the listener's queue, too.
  const timeval limit{wait_micros_max / 1'000'000, wait_micros_max % 1'000'000};
  if (setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0) {
    return Failed(path, "setsockopt", errno);
  }
  int connected;
  do {
    connected = connect(fd.get(), Plain(address), sizeof(address.name));
  } while (connected != 0 && errno == EINTR);
  if (connected != 0) {
    if (errno == EAGAIN) return IoError(path + ": the process does not answer");
    return Failed(path, "cannot connect", errno);
  }
  return std::unique_ptr<LocalConnection>(std::make_unique<Connection>(path, std::move(fd)));
}

Status MakePrivateDirectory(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    RETURN_IF_ERROR(RealEnvironment().files->MakeDirectories(path.substr(0, slash)));
  }
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return Failed(path, "cannot make the directory", errno);
  }
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return Failed(path, "stat", errno);
  if (!S_ISDIR(info.st_mode)) return Failed(path, "is no directory", ENOTDIR);
  if (info.st_uid != geteuid()) return IoError(path + ": belongs to another user");
  if ((info.st_mode & 0777) != 0700 && chmod(path.c_str(), 0700) != 0) {
    return Failed(path, "chmod", errno);
  }
  return {};
}

}  // namespace rhei
