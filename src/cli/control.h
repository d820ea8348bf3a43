#pragma once
// The control sockets of this user's processes: where they are, who listens, and this process's
// own.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "engine/control_client.h"
#include "engine/control_server.h"

namespace rhei {

// Where processes of this user may have their sockets, as far as this one knows, the best first:
// $XDG_RUNTIME_DIR/rhei (without the variable, as under cron and su: where a login has it), and
// `run` below the state directory.
std::vector<std::string> ControlDirectories();

// This process's socket, DIRECTORY/PID.sock in the first directory that can be its own.
class ControlSocket {
 public:
  // The first call opens it. A failure is told once; jobs run without it.
  void Open(Engine* engine, bool quiet, const Environment& env);

 private:
  bool tried_ = false;
  std::unique_ptr<ControlServer> server_;
};

struct ControlledProcess {
  int pid = 0;
  std::unique_ptr<ControlClient> client;  // null: it does not answer; it was halted, say
};
// As a literal of SQL.
std::string Quoted(std::string_view text);

// Every process that listens, by pid. Sockets that nobody listens on any more are removed.
Result<std::vector<ControlledProcess>> FindProcesses(const Environment& env);
// The one with that pid; pid 0: the only one there is. kNotFound, with the choice, otherwise.
Result<ControlledProcess> FindProcess(int pid, const Environment& env);

}  // namespace rhei
