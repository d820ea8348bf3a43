#include "cli/control.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fmt/format.h>

#include "base/local_socket.h"
#include "engine/state_directory.h"
#include "types/number_text.h"

namespace rhei {

std::string ControlDirectory() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/') return std::string(runtime) + "/rhei";
  const std::string state = DefaultStateDirectory();
  return state.empty() ? "" : state + "/run";
}

void ControlSocket::Open(Engine* engine, bool quiet, const Environment& env) {
  if (tried_) return;
  tried_ = true;
  const std::string directory = ControlDirectory();
  if (directory.empty()) return;
  Status status = MakePrivateDirectory(directory);
  if (status.ok()) {
    Result<std::unique_ptr<ControlServer>> server =
        ControlServer::Start(engine, fmt::format("{}/{}.sock", directory, getpid()));
    if (server.ok()) {
      server_ = std::move(server).value();
      return;
    }
    status = server.status();
  }
  if (quiet) return;
  (void)env.standard_error->Write(
      fmt::format("note: `rhei jobs` does not see this process: {}\n", status.message()));
}

Result<std::vector<ControlledProcess>> FindProcesses(const Environment& env) {
  std::vector<ControlledProcess> processes;
  const std::string directory = ControlDirectory();
  if (directory.empty()) return processes;
  const Result<std::vector<FileInfo>> entries = env.files->List(directory);
  if (!entries.ok()) {
    if (entries.status().code() == ErrorCode::kNotFound) return processes;
    return entries.status();
  }
  constexpr std::string_view kEnding = ".sock";
  for (const FileInfo& entry : *entries) {
    std::string_view name = entry.path;
    name.remove_prefix(name.rfind('/') + 1);
    int64_t pid = 0;
    if (!name.ends_with(kEnding)) continue;
    name.remove_suffix(kEnding.size());
    if (ParseInteger(name, 1, INT32_MAX, &pid) != NumberParse::kOk) continue;
    Result<std::unique_ptr<ControlClient>> client = ControlClient::Connect(entry.path);
    if (client.ok()) {
      processes.push_back({static_cast<int>(pid), std::move(client).value()});
    } else if (kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) {
      (void)env.files->Remove(entry.path);  // its process was killed
    }
  }
  std::sort(processes.begin(), processes.end(),
            [](const ControlledProcess& a, const ControlledProcess& b) { return a.pid < b.pid; });
  return processes;
}

Result<ControlledProcess> FindProcess(int pid, const Environment& env) {
  ASSIGN_OR_RETURN(std::vector<ControlledProcess> processes, FindProcesses(env));
  std::vector<int> pids;
  for (ControlledProcess& process : processes) {
    if (process.pid == pid || (pid == 0 && processes.size() == 1)) return std::move(process);
    pids.push_back(process.pid);
  }
  if (processes.empty()) return NotFound("no process of yours runs jobs");
  if (pid != 0) {
    return NotFound(
        fmt::format("process {} runs no jobs of yours; these do: {}", pid, fmt::join(pids, ", ")));
  }
  return NotFound(fmt::format("several processes run jobs; which one? {}", fmt::join(pids, ", ")));
}

}  // namespace rhei
