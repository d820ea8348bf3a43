#pragma once
// ControlServer: listens on a local socket and executes the statements that come, each connection
// in a session of its own; so other processes of the user see and steer the jobs of this one.
//
// Ownership: the engine outlives the server; its destructor closes the socket, ends queries, stops
// jobs that a client waits for ('table.dml-sync'), lets answers be sent to clients that read, and
// waits for the connections' threads. Thread-safety: made and destroyed on one thread.
#include <memory>
#include <string>

#include "base/status.h"
#include "engine/engine.h"

namespace rhei {

class ControlServer {
 public:
  // `path` is replaced when it exists; its directory must (MakePrivateDirectory).
  static Result<std::unique_ptr<ControlServer>> Start(Engine* engine, const std::string& path);
  ~ControlServer();

 private:
  struct Impl;
  explicit ControlServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rhei
