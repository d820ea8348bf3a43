#include "base/env.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>

namespace rhei {
namespace {

class EnvTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/rhei_env_test_XXXXXX";
    ASSERT_NE(mkdtemp(path), nullptr);
    directory_ = path;
  }
  void TearDown() override {
    const auto entries = files().List(directory_);
    if (entries.ok()) {
      for (const FileInfo& entry : *entries) (void)files().Remove(entry.path);
    }
    (void)files().Remove(directory_);
  }
  FileSystem& files() { return *RealEnvironment().files; }
  std::string At(std::string_view name) { return directory_ + "/" + std::string(name); }
  void Write(std::string_view name, std::string_view text) {
    auto file = files().Create(At(name), true);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Append(text).ok());
    ASSERT_TRUE((*file)->Sync().ok());
    ASSERT_TRUE((*file)->Close().ok());
  }
  std::string directory_;
};

TEST_F(EnvTest, WritesAppendsTruncatesAndReads) {
  Write("a", "hello ");
  auto file = files().OpenForAppend(At("a"));
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("world").ok());
  ASSERT_TRUE((*file)->Close().ok());
  EXPECT_EQ(*ReadFile(files(), At("a")), "hello world");
  EXPECT_EQ(files().Stat(At("a"))->bytes, 11);
  ASSERT_TRUE(files().Truncate(At("a"), 5).ok());
  EXPECT_EQ(*ReadFile(files(), At("a")), "hello");
  EXPECT_EQ(ReadFile(files(), At("a"), 4).status().code(), ErrorCode::kResource);
  ASSERT_TRUE(files().SyncDirectory(directory_).ok());
}

TEST_F(EnvTest, CreateAndRenameRefuseToReplace) {
  Write("a", "1");
  Write("b", "2");
  EXPECT_EQ(files().Create(At("a"), false).status().message(), At("a") + ": exists");
  EXPECT_EQ(files().RenameNoReplace(At("a"), At("b")).message(), At("b") + ": exists");
  EXPECT_EQ(*ReadFile(files(), At("b")), "2");
  ASSERT_TRUE(files().RenameNoReplace(At("a"), At("c")).ok());
  ASSERT_TRUE(files().Rename(At("c"), At("b")).ok());
  EXPECT_EQ(*ReadFile(files(), At("b")), "1");
}

TEST_F(EnvTest, ARenameByTwoLinksThatWasCutShortIsFinished) {
  Write("a", "1");
  ASSERT_EQ(link(At("a").c_str(), At("b").c_str()), 0);
  EXPECT_TRUE(files().RenameNoReplace(At("a"), At("b")).ok());
  EXPECT_EQ(files().Stat(At("a")).status().code(), ErrorCode::kNotFound);
  EXPECT_EQ(*ReadFile(files(), At("b")), "1");
}

TEST_F(EnvTest, MissingFilesAreNotFoundByName) {
  const Status missing = files().OpenForRead(At("none")).status();
  EXPECT_EQ(missing.code(), ErrorCode::kNotFound);
  EXPECT_EQ(missing.message(), At("none") + ": cannot open: No such file or directory");
  EXPECT_EQ(files().List(At("none")).status().code(), ErrorCode::kNotFound);
}

TEST_F(EnvTest, ListsSortedAndMakesDirectories) {
  ASSERT_TRUE(files().MakeDirectories(At("x/y")).ok());
  ASSERT_TRUE(files().MakeDirectories(At("x/y")).ok());
  Write("b", "");
  Write("a", "");
  const auto entries = files().List(directory_);
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[0].path, At("a"));
  EXPECT_EQ((*entries)[2].path, At("x"));
  EXPECT_TRUE((*entries)[2].is_directory);
  EXPECT_FALSE(files().MakeDirectories(At("a/z")).ok());
  ASSERT_TRUE(files().Remove(At("x/y")).ok());
}

TEST_F(EnvTest, ALockIsHeldOnce) {
  auto first = files().LockFile(At("lock"));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(files().LockFile(At("lock")).status().code(), ErrorCode::kIo);
  first->reset();
  EXPECT_TRUE(files().LockFile(At("lock")).ok());
}

TEST_F(EnvTest, ThreadsAreJoinedAndTimeMovesOn) {
  const Environment& env = RealEnvironment();
  std::atomic<int> ran{0};
  struct Work final : Threads::Work {
    explicit Work(std::atomic<int>* target) : ran(target) {}
    void Run() override {
      RealEnvironment().clock->SleepMicros(2000);
      ran->store(1);
    }
    std::atomic<int>* ran;
  };
  const int64_t start = env.clock->MonotonicNanos();
  env.threads->Start("env-test", std::make_unique<Work>(&ran)).reset();
  EXPECT_EQ(ran.load(), 1);
  EXPECT_GE(env.clock->MonotonicNanos() - start, 2'000'000);
  EXPECT_GT(env.clock->WallMicros(), 1'500'000'000'000'000);
  EXPECT_NE(env.random->Next(), env.random->Next());
}

}  // namespace
}  // namespace rhei
