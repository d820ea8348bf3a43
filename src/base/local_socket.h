#pragma once
// Local sockets: how processes of one user on one machine talk to each other. A socket is a file
// that only its owner may open, in a directory that only its owner may enter; a peer of another
// user is turned away even where the file system would let it in.
//
// Nothing here waits for ever: a peer may be halted (Ctrl-Z, a debugger).
//
// Ownership: closed by the destructors; the listener's file goes with it. Thread-safety: one thread
// per object, but Write may be called beside a Read of the same connection, and Shutdown beside
// both.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace rhei {

class LocalConnection {
 public:
  virtual ~LocalConnection() = default;
  // Waits at most wait_micros for bytes and gives what has come: 0 when nothing has. kIo "closed"
  // at the end of the stream.
  virtual Result<size_t> Read(char* out, size_t size, int64_t wait_micros) = 0;
  // kIo when the peer has taken nothing for so long; a part may then have been sent.
  virtual Status Write(std::string_view bytes, int64_t stall_micros_max) = 0;
  // Ends the stream both ways: a Read or Write that waits, and every later one, fails with
  // "closed".
  virtual void Shutdown() = 0;
};

class LocalListener {
 public:
  virtual ~LocalListener() = default;
  // Null when nobody has come within wait_micros.
  virtual Result<std::unique_ptr<LocalConnection>> Accept(int64_t wait_micros) = 0;
};

// Makes `path` (mode 0600); a file that is there is replaced. Its directory must exist.
Result<std::unique_ptr<LocalListener>> ListenLocal(const std::string& path);
// kNotFound when nobody listens there; kIo when who does is so long behind with accepting.
Result<std::unique_ptr<LocalConnection>> ConnectLocal(const std::string& path,
                                                      int64_t wait_micros_max = 2'000'000);

// Makes the directory and those above it, or takes one that is there; gives it mode 0700. kIo when
// it belongs to another user.
Status MakePrivateDirectory(const std::string& path);

}  // namespace rhei
