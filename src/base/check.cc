#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace rhei {

void CheckFailed(const char* file, int line, const char* condition) noexcept {
  std::fflush(stdout);
  std::fprintf(stderr, "\nrhei: internal error: %s:%d: CHECK(%s) failed\n", file, line, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace rhei
