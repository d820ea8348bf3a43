#include "conformance/isolated_case.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace rhei {
namespace {

Outcome Broken(std::string message) {
  Outcome outcome;
  outcome.details["message"] = std::move(message);
  return outcome;
}

void WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

[[noreturn]] void RunChild(RunCase run, const nlohmann::json& test_case, const std::string& file,
                           int fd) {
  const Outcome outcome = run(test_case, file);
  nlohmann::ordered_json line;
  line["status"] = static_cast<int>(outcome.status);
  line["details"] = outcome.details;
  WriteAll(fd, line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  close(fd);
  _exit(0);
}

int64_t NowMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

}  // namespace

Outcome RunIsolated(RunCase run, const nlohmann::json& test_case, const std::string& file,
                    int seconds_max) {
  int pipe_fds[2];
  if (pipe(pipe_fds) != 0) return Broken("no pipe");
  fflush(stdout);
  const pid_t child = fork();
  if (child < 0) return Broken("no process");
  if (child == 0) {
    close(pipe_fds[0]);
    RunChild(run, test_case, file, pipe_fds[1]);
  }
  close(pipe_fds[1]);
  std::string text;
  const int64_t deadline = NowMs() + int64_t{seconds_max} * 1000;
  bool late = false;
  while (true) {
    const int64_t left = deadline - NowMs();
    pollfd poll_fd{pipe_fds[0], POLLIN, 0};
    if (left <= 0 || poll(&poll_fd, 1, static_cast<int>(left)) == 0) {
      late = true;
      kill(child, SIGKILL);
      break;
    }
    char buffer[65536];
    const ssize_t size = read(pipe_fds[0], buffer, sizeof(buffer));
    if (size <= 0) break;
    text.append(buffer, static_cast<size_t>(size));
  }
  close(pipe_fds[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (late) return Broken(fmt::format("took longer than {} s", seconds_max));
  if (WIFSIGNALED(status)) return Broken(fmt::format("crashed: signal {}", WTERMSIG(status)));
  const auto line = nlohmann::ordered_json::parse(text, nullptr, false);
  if (line.is_discarded()) return Broken("ended without an outcome");
  Outcome outcome;
  outcome.status = static_cast<CaseStatus>(line["status"].get<int>());
  outcome.details = line["details"];
  return outcome;
}

}  // namespace rhei
