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

namespace {

std::string RuntimeDirectory() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return runtime != nullptr && *runtime == '/' ? std::string(runtime) + "/rhei" : "";
}

std::string StateRunDirectory() {
  const std::string state = DefaultStateDirectory();
  return state.empty() ? "" : state + "/run";
}

// The process id that a socket is named after; 0: it is none.
int PidOf(std::string_view path) {
  constexpr std::string_view kEnding = ".sock";
  std::string_view name = path.substr(path.rfind('/') + 1);
  int64_t pid = 0;
  if (!name.ends_with(kEnding)) return 0;
  name.remove_suffix(kEnding.size());
  const bool good = ParseInteger(name, 1, INT32_MAX, &pid) == NumberParse::kOk;
  return good ? static_cast<int>(pid) : 0;
}

Status FindProcessesIn(const std::string& directory, const Environment& env,
                       std::vector<ControlledProcess>* processes) {
  const Result<std::vector<FileInfo>> entries = env.files->List(directory);
  if (entries.status().code() == ErrorCode::kNotFound) return {};
  RETURN_IF_ERROR(entries.status());
  for (const FileInfo& entry : *entries) {
    const int pid = PidOf(entry.path);
    if (pid == 0) continue;
    Result<std::unique_ptr<ControlClient>> client = ControlClient::Connect(entry.path);
    if (client.ok()) {
      processes->push_back({pid, std::move(client).value()});
    } else if (client.status().code() != ErrorCode::kNotFound) {
      processes->push_back({pid, nullptr});
    } else if (kill(pid, 0) != 0 && errno == ESRCH) {
      (void)env.files->Remove(entry.path);  // its process was killed
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> ControlDirectories() {
  std::vector<std::string> directories{RuntimeDirectory(), StateRunDirectory()};
  if (directories[0].empty()) directories[0] = fmt::format("/run/user/{}/rhei", getuid());
  std::erase(directories, "");
  return directories;
}

void ControlSocket::Open(Engine* engine, bool quiet, const Environment& env) {
  if (tried_) return;
  tried_ = true;
  Status status;
  for (const std::string& directory : {RuntimeDirectory(), StateRunDirectory()}) {
    if (directory.empty()) continue;
    status = MakePrivateDirectory(directory);
    if (!status.ok()) continue;  // another user's, after `su`
    Result<std::unique_ptr<ControlServer>> server =
        ControlServer::Start(engine, fmt::format("{}/{}.sock", directory, getpid()));
    if (server.ok()) {
      server_ = std::move(server).value();
      return;
    }
    status = server.status();
  }
  if (quiet || status.ok()) return;
  (void)env.standard_error->Write(
      fmt::format("note: `rhei jobs` does not see this process: {}\n", status.message()));
}

Result<std::vector<ControlledProcess>> FindProcesses(const Environment& env) {
  std::vector<ControlledProcess> processes;
  Status failed;
  for (const std::string& directory : ControlDirectories()) {
    const Status status = FindProcessesIn(directory, env, &processes);
    if (!status.ok()) failed = status;
  }
  // One that cannot be read may be another user's, after `su`; then it holds nothing for this one.
  if (processes.empty()) RETURN_IF_ERROR(failed);
  std::sort(processes.begin(), processes.end(),
            [](const ControlledProcess& a, const ControlledProcess& b) { return a.pid < b.pid; });
  return processes;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c;
    if (c == '\'') quoted += c;
  }
  return quoted + "'";
}

Result<ControlledProcess> FindProcess(int pid, const Environment& env) {
  ASSIGN_OR_RETURN(std::vector<ControlledProcess> processes, FindProcesses(env));
  std::vector<int> pids;
  for (ControlledProcess& process : processes) {
    if (process.pid == pid || (pid == 0 && processes.size() == 1)) {
      if (process.client != nullptr) return std::move(process);
      return IoError(fmt::format("process {} does not answer", process.pid));
    }
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
