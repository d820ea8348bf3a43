#include "connectors/filesystem/side_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <set>

#include "base/crc32.h"
#include "connectors/filesystem/forwarding_files_test_kit.h"
#include "connectors/filesystem/staged_files.h"

namespace rhei {
namespace {

// A disk on which looking a file up fails, and that tells what was synced.
class Disk final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  bool stat_fails = false;
  std::multiset<std::string> synced;

  Result<FileInfo> Stat(const std::string& path) override {
    if (stat_fails) return IoError(path + ": cannot look up: Input/output error");
    return ForwardingFiles::Stat(path);
  }
  Status SyncDirectory(const std::string& path) override {
    synced.insert(path);
    return ForwardingFiles::SyncDirectory(path);
  }
};

class SideLogTest : public testing::Test {
 protected:
  SideLogTest() : env_(RealEnvironment()), disk_(env_.files) {
    char name[] = "/tmp/rhei-side-log-XXXXXX";
    root_ = mkdtemp(name);
    env_.files = &disk_;
    EXPECT_TRUE(disk_.MakeDirectories(root_ + "/1").ok());
    part_ = {root_ + "/1/.part.inprogress", root_ + "/1/part", "", 2, ContinueCrc32(0, "a\n")};
    EXPECT_TRUE(WriteFile(disk_, part_.temporary, "a\n").ok());
    StagedFiles staged;
    staged.finished.push_back(part_);
    staged_ = {staged.Print()};
    SinkRequest request;
    request.options = {{"connector", "side-log"}, {"path", root_}};
    request.env = &env_;
    committer_ = SideLogConnector()->MakeCommitter(request).value();
  }
  ~SideLogTest() override { (void)!system(("rm -rf " + root_).c_str()); }

  bool IsThere(const std::string& path) { return env_.files->Stat(path).ok(); }

  Environment env_;
  Disk disk_;
  std::string root_;
  StagedFiles::FinishedPart part_;
  std::vector<std::string> staged_;
  std::unique_ptr<SinkCommitter> committer_;
};

TEST_F(SideLogTest, AnErrorIsNoSignOfACommit) {
  disk_.stat_fails = true;
  EXPECT_EQ(committer_->Commit(1, staged_).code(), ErrorCode::kIo);
  EXPECT_EQ(committer_->Outcome(1, staged_).status().code(), ErrorCode::kIo);
  disk_.stat_fails = false;
  EXPECT_EQ(*committer_->Outcome(1, staged_), CommitOutcome::kAborted);
  EXPECT_TRUE(committer_->Commit(1, staged_).ok());
  EXPECT_TRUE(IsThere(part_.final));
  EXPECT_EQ(*committer_->Outcome(1, staged_), CommitOutcome::kCommitted);
}

TEST_F(SideLogTest, ARepeatedCommitIsDurableToo) {
  // An attempt that was killed behind the rename.
  ASSERT_TRUE(disk_.RenameNoReplace(part_.temporary, part_.final).ok());
  EXPECT_TRUE(committer_->Commit(1, staged_).ok());
  EXPECT_EQ(disk_.synced.count(root_ + "/1"), 1U);
  // And trimmed since.
  ASSERT_TRUE(disk_.Remove(part_.final).ok());
  EXPECT_TRUE(committer_->Commit(1, staged_).ok());
  ASSERT_TRUE(disk_.Remove(root_ + "/1").ok());
  EXPECT_TRUE(committer_->Commit(1, staged_).ok());
}

TEST_F(SideLogTest, ARenameByTwoLinksIsFinished) {
  ASSERT_EQ(link(part_.temporary.c_str(), part_.final.c_str()), 0);
  EXPECT_EQ(*committer_->Outcome(1, staged_), CommitOutcome::kCommitted);
  EXPECT_TRUE(committer_->Commit(1, staged_).ok());
  EXPECT_TRUE(IsThere(part_.final));
  EXPECT_FALSE(IsThere(part_.temporary));
}

}  // namespace
}  // namespace rhei
