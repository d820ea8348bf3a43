#include "cli/interrupt.h"

#include <unistd.h>

#include <csignal>

#include "cli/exit_code.h"

namespace rhei {
namespace {

volatile std::sig_atomic_t interrupts = 0;
volatile std::sig_atomic_t interrupts_max = 2;

void OnInterrupt(int) {
  interrupts = interrupts + 1;
  if (interrupts >= interrupts_max) _exit(static_cast<int>(ExitCode::kInterrupted));
}

}  // namespace

void InstallInterruptHandler(int presses_that_end) {
  interrupts_max = presses_that_end;
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int InterruptCount() {
  return interrupts;
}
void ResetInterrupts() {
  interrupts = 0;
}

}  // namespace rhei
