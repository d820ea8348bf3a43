#include "base/memory_pool.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

TEST(MemoryPool, ReserveIsRefusedWhereAnAncestorIsFullAndLeavesNoTrace) {
  MemoryPool process("process", 100);
  MemoryPool job("job", MemoryPool::kUnlimited, &process);
  EXPECT_TRUE(job.Reserve(80));
  EXPECT_FALSE(job.Reserve(30));
  EXPECT_EQ(process.used_bytes(), 80);
  EXPECT_EQ(job.used_bytes(), 80);
  EXPECT_FALSE(job.over_limit());
  job.Charge(30);
  EXPECT_TRUE(job.over_limit());
  job.Release(110);
  EXPECT_EQ(process.used_bytes(), 0);
  EXPECT_EQ(process.peak_bytes(), 110);
}

TEST(MemoryPool, DescribesTheLargestFirst) {
  MemoryPool process("process", MemoryPool::kUnlimited);
  MemoryPool small("small", MemoryPool::kUnlimited, &process);
  MemoryPool large("large", MemoryPool::kUnlimited, &process);
  small.Charge(10);
  large.Charge(64 << 20);
  EXPECT_EQ(process.Describe(), "process 64 MB: [large 64 MB, small 10 B]");
}

TEST(MemoryPool, AChildThatDiesGivesBackWhatItHeld) {
  MemoryPool process("process", 100);
  { MemoryPool("job", 50, &process).Charge(70); }
  EXPECT_EQ(process.used_bytes(), 0);
  EXPECT_EQ(process.Describe(), "process 0 B");
}

}  // namespace
}  // namespace rhei
