#include "base/cpu.h"

#include <gtest/gtest.h>

#include <string_view>

namespace rhei {
namespace {

// The other answer cannot be had on the machine that runs the tests: without the instructions the
// test program itself would not start.
TEST(Cpu, AcceptsTheMachineThatRunsThisTest) {
  const char* reason = CpuTooOld();
  EXPECT_EQ(reason, nullptr) << (reason == nullptr ? std::string_view() : reason);
}

}  // namespace
}  // namespace rhei
