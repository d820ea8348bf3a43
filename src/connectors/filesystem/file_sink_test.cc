#include "connectors/filesystem/file_sink.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/format.h>

#include "columnar/batch_builder.h"
#include "connectors/filesystem/forwarding_files_test_kit.h"
#include "connectors/filesystem/staged_files.h"

namespace rhei {
namespace {

class TestClock final : public Clock {
 public:
  int64_t WallMicros() override { return now_ms * 1000; }
  int64_t MonotonicNanos() override { return now_ms * 1'000'000; }
  void SleepMicros(int64_t) override {}
  int64_t now_ms = 1'000'000;
};

class CountingRandom final : public Random {
 public:
  uint64_t Next() override { return ++count_ << 32; }

 private:
  uint64_t count_ = 0;
};

// Work is done when Run is called.
class ManualIo final : public IoService, public WakeupService {
 public:
  std::unique_ptr<IoHandle> Start(std::string_view, IoWork* work) override {
    class Handle final : public IoHandle {
     public:
      Handle(ManualIo* io, IoWork* work) : io_(io), work_(work) {}
      ~Handle() override { std::erase(io_->works_, work_); }
      void Resume() override {}

     private:
      ManualIo* io_;
      IoWork* work_;
    };
    works_.push_back(work);
    return std::make_unique<Handle>(this, work);
  }
  void WakeAtMicros(int64_t) override {}
  void WakeNow() override {}
  void Run() {
    for (IoWork* work : works_) {
      while (work->Step(0) == IoResult::kAgain) {
      }
    }
  }

 private:
  std::vector<IoWork*> works_;
};

// The lines themselves.
class LineEncoder final : public Encoder {
 public:
  Status Open(const Schema&) override { return {}; }
  Status Encode(const Batch& batch, EncodeOutput* out) override {
    *out = {};
    for (int32_t row = 0; row < batch.row_count; ++row) {
      const Value value = GetValue(batch.columns[0], row, DataType::String());
      const std::string text(value.text());
      out->records.push_back(
          {static_cast<uint32_t>(out->bytes.size()), static_cast<uint32_t>(text.size())});
      out->bytes += text;
    }
    return {};
  }
};

// A job's sink with some writers, over restarts.
class FileSinkTest : public testing::Test {
 protected:
  FileSinkTest() : env_(RealEnvironment()) {
    env_.clock = &clock_;
    env_.random = &random_;
    root_ = testing::TempDir() + "/file_sink_" +
            testing::UnitTest::GetInstance()->current_test_info()->name() +
            fmt::format("_{}", RealEnvironment().random->Next());
    EXPECT_TRUE(env_.files->MakeDirectories(root_).ok());
    options_.directory = root_ + "/out";
    options_.job_id = "job";
    options_.operator_id = "sink";
    options_.schema = {{{"line", DataType::String(), ""}}};
    options_.file_bytes = 1 << 20;
    options_.rollover_ms = 1'000'000;
  }

  void ByDay() {
    options_.schema.fields.push_back({"day", DataType::String(), ""});
    options_.partition_columns = {1};
    options_.partition_commit.enabled = true;
    options_.partition_commit.success_file = "_SUCCESS";
  }

  void Start(int shards) {
    End();
    committer_ = std::make_unique<FileCommitter>(
        &env_, options_.directory, options_.partition_commit,
        std::make_shared<FileSinkRun>(FileSinkName(options_.job_id, options_.operator_id),
                                      env_.random));
    for (int shard = 0; shard < shards; ++shard) {
      FileSinkOptions options = options_;
      options.shard = shard;
      options.run = committer_->run();
      auto made = MakeFileWriter(options, std::make_unique<LineEncoder>(), &env_, &io_, &io_);
      ASSERT_TRUE(made.ok());
      writers_.push_back(std::move(*made));
    }
  }
  // As a kill leaves things.
  void End() {
    writers_.clear();
    committer_.reset();
  }

  Status TryWrite(int shard, uint64_t epoch, const std::string& line, const std::string& day = "") {
    BatchBuilder builder(options_.schema);
    std::vector<Value> row = {Value::Text(line)};
    if (options_.schema.size() == 2) row.push_back(day.empty() ? Value::Null() : Value::Text(day));
    builder.AppendRow(row, ChangeKind::kInsert);
    const Result<WriteResult> result =
        writers_[static_cast<size_t>(shard)]->Write(builder.Finish(), epoch);
    io_.Run();
    return result.status();
  }
  void Write(int shard, uint64_t epoch, const std::string& line, const std::string& day = "") {
    const Status status = TryWrite(shard, epoch, line, day);
    EXPECT_TRUE(status.ok()) << status.message();
  }

  struct Saved {
    uint64_t epoch = 0;
    std::vector<std::string> seals;
    std::vector<std::string> states;
  };
  Saved Seal(uint64_t epoch) {
    Saved saved;
    saved.epoch = epoch;
    for (const auto& writer : writers_) {
      EXPECT_EQ(*writer->Seal(epoch), nullptr);
      io_.Run();
      auto seal = writer->Seal(epoch);
      EXPECT_TRUE(seal.ok() && *seal != nullptr) << seal.status().message();
      saved.seals.push_back(seal.ok() && *seal != nullptr ? **seal : "");
      saved.states.push_back(writer->Snapshot());
    }
    return saved;
  }
  Status Commit(const Saved& saved) { return committer_->Commit(saved.epoch, saved.seals); }
  void SealAndCommit(uint64_t epoch) {
    const Status status = Commit(Seal(epoch));
    EXPECT_TRUE(status.ok()) << status.message();
  }
  Status Restore(const Saved& saved) {
    for (size_t i = 0; i < saved.states.size(); ++i) {
      RETURN_IF_ERROR(writers_[i % writers_.size()]->Restore(saved.states[i]));
    }
    return Commit(saved);
  }
  void Watermark(int64_t watermark_ms) {
    for (const auto& writer : writers_) writer->OnWatermark(watermark_ms);
  }
  void Finish() {
    for (const auto& writer : writers_) writer->Finish();
  }

  std::vector<std::string> Paths(const std::string& directory) {
    std::vector<std::string> paths;
    auto entries = env_.files->List(directory);
    if (!entries.ok()) return paths;
    for (const FileInfo& entry : *entries) {
      if (!entry.is_directory) {
        paths.push_back(entry.path);
        continue;
      }
      for (std::string& path : Paths(entry.path)) paths.push_back(std::move(path));
    }
    return paths;
  }
  static bool IsHidden(const std::string& path) { return path[path.rfind('/') + 1] == '.'; }
  size_t HiddenCount() {
    const std::vector<std::string> paths = Paths(options_.directory);
    return static_cast<size_t>(std::count_if(paths.begin(), paths.end(), IsHidden));
  }
  // Every line that a reader sees, sorted.
  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    for (const std::string& path : Paths(options_.directory)) {
      if (IsHidden(path)) continue;
      std::string text = *ReadFile(*env_.files, path);
      while (!text.empty()) {
        const size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.erase(0, end == std::string::npos ? text.size() : end + 1);
      }
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  bool IsMarked(const std::string& day) {
    return env_.files->Stat(options_.directory + "/day=" + day + "/_SUCCESS").ok();
  }
  void Unmark(const std::string& day) {
    EXPECT_TRUE(env_.files->Remove(options_.directory + "/day=" + day + "/_SUCCESS").ok());
  }

  using Strings = std::vector<std::string>;
  TestClock clock_;
  CountingRandom random_;
  Environment env_;
  ManualIo io_;
  std::string root_;
  FileSinkOptions options_;
  std::unique_ptr<FileCommitter> committer_;
  std::vector<std::unique_ptr<SinkWriter>> writers_;
};

TEST_F(FileSinkTest, NothingShowsBeforeItsCommit) {
  options_.rollover_ms = 0;
  Start(1);
  Write(0, 1, "a");
  EXPECT_EQ(Lines(), Strings{});
  const Saved saved = Seal(1);
  EXPECT_EQ(Lines(), Strings{});
  EXPECT_EQ(*committer_->Outcome(1, saved.seals), CommitOutcome::kAborted);
  ASSERT_TRUE(Commit(saved).ok());
  EXPECT_EQ(Lines(), Strings{"a"});
  EXPECT_EQ(*committer_->Outcome(1, saved.seals), CommitOutcome::kCommitted);
}

TEST_F(FileSinkTest, ACommitMayBeRepeated) {
  options_.rollover_ms = 0;
  Start(2);
  Write(0, 1, "a");
  Write(1, 1, "b");
  const Saved saved = Seal(1);
  // The first file has its name already.
  const StagedFiles first = *StagedFiles::Parse(saved.seals[0]);
  ASSERT_TRUE(
      env_.files->RenameNoReplace(first.finished[0].temporary, first.finished[0].final).ok());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Commit(saved).ok());
  EXPECT_EQ(Lines(), (Strings{"a", "b"}));
}

// Its INSERT is not in the file any more: nobody will write on in its open parts.
TEST_F(FileSinkTest, WhatASinkThatIsGoneHasSealedIsFinished) {
  Start(2);
  Write(0, 1, "a");
  Write(1, 1, "b");
  const Saved saved = Seal(1);
  Write(0, 2, "behind the barrier");
  (void)Seal(2);
  End();
  ASSERT_EQ(StagedFiles::Parse(saved.seals[0])->open.size(), 1U);
  const std::unique_ptr<SinkCommitter> orphan = MakeOrphanFileCommitter(env_);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(orphan->Commit(1, saved.seals).ok());
    EXPECT_EQ(Lines(), (Strings{"a", "b"}));
    EXPECT_EQ(HiddenCount(), 0U);
  }
  EXPECT_FALSE(orphan->Commit(1, {"no seal"}).ok());
}

TEST_F(FileSinkTest, WithoutItsSinkASealIsStillCommittedOrTakenBack) {
  options_.rollover_ms = 0;
  Start(1);
  Write(0, 1, "a");
  const Saved committed = Seal(1);
  Write(0, 2, "b");
  const Saved aborted = Seal(2);
  End();
  for (const bool is_orphan : {false, true}) {
    const std::unique_ptr<SinkCommitter> committer =
        is_orphan ? MakeOrphanFileCommitter(env_) : MakeFileCommitter(env_.files);
    EXPECT_EQ(*committer->Outcome(1, committed.seals),
              is_orphan ? CommitOutcome::kCommitted : CommitOutcome::kAborted);
    ASSERT_TRUE(committer->Commit(1, committed.seals).ok());
    EXPECT_EQ(*committer->Outcome(1, committed.seals), CommitOutcome::kCommitted);
    ASSERT_TRUE(committer->Abort(2, aborted.seals).ok());
    EXPECT_EQ(*committer->Outcome(2, aborted.seals), CommitOutcome::kAborted);
    EXPECT_FALSE(committer->Abort(2, {"no seal"}).ok());
  }
  EXPECT_EQ(Lines(), Strings{"a"});
  EXPECT_EQ(HiddenCount(), 0U);
}

TEST_F(FileSinkTest, ACommitFailsWhereAFileIsLostOrForeign) {
  options_.rollover_ms = 0;
  Start(1);
  Write(0, 1, "a");
  const Saved saved = Seal(1);
  const StagedFiles::FinishedPart part = StagedFiles::Parse(saved.seals[0])->finished[0];
  // Somebody else's file under the final name is not replaced.
  ASSERT_TRUE(WriteFile(*env_.files, part.final, "z\n").ok());
  EXPECT_NE(Commit(saved).message().find("nothing is replaced"), std::string::npos);
  EXPECT_EQ(Lines(), Strings{"z"});
  // The same bytes are: a rename by link and unlink was cut short.
  ASSERT_TRUE(WriteFile(*env_.files, part.final, "a\n").ok());
  EXPECT_TRUE(Commit(saved).ok());
  EXPECT_EQ(HiddenCount(), 0U);
  ASSERT_TRUE(WriteFile(*env_.files, part.final, "b\n").ok());
  EXPECT_NE(Commit(saved).message().find("other content"), std::string::npos);
  ASSERT_TRUE(env_.files->Remove(part.final).ok());
  EXPECT_NE(Commit(saved).message().find("are lost"), std::string::npos);
}

TEST_F(FileSinkTest, AnOpenPartIsCutBackToTheCheckpoint) {
  Start(1);
  Write(0, 1, "a");
  const Saved saved = Seal(1);
  ASSERT_TRUE(Commit(saved).ok());
  EXPECT_EQ(Lines(), Strings{});
  Write(0, 2, "lost and read again");
  Start(1);
  ASSERT_TRUE(Restore(saved).ok());
  Write(0, 2, "b");
  Finish();
  const Saved last = Seal(2);
  ASSERT_TRUE(Commit(last).ok());
  EXPECT_EQ(Lines(), (Strings{"a", "b"}));
  EXPECT_EQ(Paths(options_.directory).size(), 1U);
  // The checksum went on over the restore.
  EXPECT_TRUE(Commit(last).ok());
}

TEST_F(FileSinkTest, AnOpenPartThatIsGoneOrShortIsAnError) {
  Start(1);
  Write(0, 1, "a");
  const Saved saved = Seal(1);
  const std::string path = StagedFiles::Parse(saved.states[0])->open[0].temporary;
  Start(1);
  ASSERT_TRUE(env_.files->Truncate(path, 1).ok());
  EXPECT_NE(Restore(saved).message().find("which has 1"), std::string::npos);
  ASSERT_TRUE(env_.files->Remove(path).ok());
  EXPECT_NE(Restore(saved).message().find("does not exist"), std::string::npos);
}

TEST_F(FileSinkTest, WithFewerShardsNoOpenPartIsForgotten) {
  Start(3);
  for (int shard = 0; shard < 3; ++shard) Write(shard, 1, fmt::format("row {}", shard));
  const Saved saved = Seal(1);
  Start(1);
  ASSERT_TRUE(Restore(saved).ok());
  Write(0, 2, "row 3");
  Finish();
  SealAndCommit(2);
  EXPECT_EQ(Lines(), (Strings{"row 0", "row 1", "row 2", "row 3"}));
}

TEST_F(FileSinkTest, WhatAKilledRunLeftIsRemoved) {
  options_.rollover_ms = 0;
  Start(2);
  Write(0, 1, "a");
  const Saved saved = Seal(1);
  Write(0, 2, "never published");
  Write(1, 2, "never published");
  Seal(2);
  Start(2);
  // Somebody else's.
  ASSERT_TRUE(WriteFile(*env_.files, options_.directory + "/.part-other.inprogress", "x").ok());
  ASSERT_TRUE(Restore(saved).ok());
  EXPECT_EQ(Lines(), Strings{"a"});
  EXPECT_EQ(HiddenCount(), 1U);
}

TEST_F(FileSinkTest, AStartWithoutACheckpointRemovesToo) {
  Start(1);
  Write(0, 1, "a");
  Start(1);
  Write(0, 1, "a");
  EXPECT_EQ(HiddenCount(), 2U);
  SealAndCommit(1);
  EXPECT_EQ(HiddenCount(), 1U);
  Finish();
  SealAndCommit(2);
  EXPECT_EQ(Lines(), Strings{"a"});
  EXPECT_EQ(HiddenCount(), 0U);
}

TEST_F(FileSinkTest, SinksShareADirectory) {
  options_.rollover_ms = 0;
  std::vector<std::string> names;
  for (const char* job : {"job", "other"}) {
    for (const char* sink : {"sink", "sink2"}) {
      options_.job_id = job;
      options_.operator_id = sink;
      Start(1);
      Write(0, 1, fmt::format("{} {}", job, sink));
      SealAndCommit(1);
    }
  }
  EXPECT_EQ(Lines(), (Strings{"job sink", "job sink2", "other sink", "other sink2"}));
}

TEST_F(FileSinkTest, PartsAreClosedBySizeAgeAndSavepoint) {
  options_.file_bytes = 4;
  Start(1);
  Write(0, 1, "abc");  // four bytes
  SealAndCommit(1);
  EXPECT_EQ(Lines(), Strings{"abc"});
  Write(0, 2, "d");
  SealAndCommit(2);
  EXPECT_EQ(Lines(), Strings{"abc"});
  clock_.now_ms += options_.rollover_ms;
  SealAndCommit(3);
  EXPECT_EQ(Lines(), (Strings{"abc", "d"}));
  Write(0, 4, "e");
  writers_[0]->FinishOnce();
  SealAndCommit(4);
  EXPECT_EQ(Lines(), (Strings{"abc", "d", "e"}));
  // Only once.
  Write(0, 5, "f");
  SealAndCommit(5);
  EXPECT_EQ(Lines(), (Strings{"abc", "d", "e"}));
}

TEST_F(FileSinkTest, NullIsInTheDefaultPartition) {
  ByDay();
  options_.default_partition = "none";
  Start(1);
  Write(0, 1, "a");
  SealAndCommit(1);
  EXPECT_TRUE(IsMarked("none"));
}

TEST_F(FileSinkTest, PartitionsAreMarkedByProcessTime) {
  ByDay();
  options_.partition_commit.delay_ms = 5000;
  Start(2);
  Write(0, 1, "a", "1");
  SealAndCommit(1);
  EXPECT_FALSE(IsMarked("1"));
  clock_.now_ms += 3000;
  // The other shard's first row: the partition waits for it too.
  Write(1, 2, "b", "1");
  clock_.now_ms += 3000;
  SealAndCommit(2);
  EXPECT_FALSE(IsMarked("1"));
  clock_.now_ms += 3000;
  SealAndCommit(3);
  EXPECT_TRUE(IsMarked("1"));
  // What is marked is complete for a reader.
  EXPECT_EQ(Lines(), (Strings{"a", "b"}));
  Unmark("1");
  SealAndCommit(4);
  SealAndCommit(5);
  EXPECT_FALSE(IsMarked("1"));
  // Late rows mark it again.
  Write(0, 6, "c", "1");
  clock_.now_ms += 6000;
  SealAndCommit(6);
  EXPECT_TRUE(IsMarked("1"));
}

TEST_F(FileSinkTest, PartitionsAreMarkedByTheWatermarkOfAllShards) {
  ByDay();
  options_.partition_commit.by_partition_time = true;
  options_.partition_commit.delay_ms = 24 * 3'600'000;
  Start(2);
  Write(0, 1, "a", "1970-01-02");
  writers_[0]->OnWatermark(3 * 24 * 3'600'000);
  SealAndCommit(1);
  EXPECT_FALSE(IsMarked("1970-01-02"));
  // Past it means after it.
  writers_[1]->OnWatermark(2 * 24 * 3'600'000);
  SealAndCommit(2);
  EXPECT_FALSE(IsMarked("1970-01-02"));
  writers_[1]->OnWatermark(2 * 24 * 3'600'000 + 1);
  SealAndCommit(3);
  EXPECT_TRUE(IsMarked("1970-01-02"));
  // The end of the input marks what is left; a stop does not.
  Write(0, 4, "b", "1970-01-09");
  Finish();
  SealAndCommit(4);
  EXPECT_FALSE(IsMarked("1970-01-09"));
  Watermark(kFinalWatermark);
  SealAndCommit(5);
  EXPECT_TRUE(IsMarked("1970-01-09"));
}

TEST_F(FileSinkTest, PendingPartitionsOutliveARestart) {
  ByDay();
  options_.partition_commit.by_partition_time = true;
  Start(3);
  Write(0, 1, "a", "1970-01-02");
  Write(2, 1, "b", "1970-01-02");
  Write(2, 1, "c", "1970-01-05");
  Watermark(100);
  const Saved saved = Seal(1);
  ASSERT_TRUE(Commit(saved).ok());
  Start(2);
  ASSERT_TRUE(Restore(saved).ok());
  SealAndCommit(2);
  EXPECT_FALSE(IsMarked("1970-01-02"));
  Watermark(3 * 24 * 3'600'000);
  SealAndCommit(3);
  EXPECT_TRUE(IsMarked("1970-01-02"));
  EXPECT_FALSE(IsMarked("1970-01-05"));
  EXPECT_EQ(Lines(), (Strings{"a", "b"}));
}

TEST_F(FileSinkTest, AMarkIsRepeatedWithItsCommitAndNotLater) {
  ByDay();
  Start(1);
  Write(0, 1, "a", "x");
  const Saved saved = Seal(1);
  ASSERT_TRUE(Commit(saved).ok());
  Unmark("x");
  Start(1);
  ASSERT_TRUE(Restore(saved).ok());
  EXPECT_TRUE(IsMarked("x"));
  Unmark("x");
  SealAndCommit(2);
  EXPECT_FALSE(IsMarked("x"));
}

TEST_F(FileSinkTest, AMarkMakesItsDirectoryAgain) {
  ByDay();
  options_.seal_closes = true;
  options_.partition_commit.delay_ms = 5000;
  Start(1);
  Write(0, 1, "a", "x");
  SealAndCommit(1);
  EXPECT_FALSE(IsMarked("x"));
  // Somebody has taken the partition away before it was complete.
  ASSERT_EQ(Lines(), (Strings{"a"}));
  for (const std::string& path : Paths(options_.directory)) {
    ASSERT_TRUE(env_.files->Remove(path).ok());
  }
  ASSERT_TRUE(env_.files->Remove(options_.directory + "/day=x").ok());
  ASSERT_TRUE(env_.files->Remove(options_.directory).ok());
  clock_.now_ms += 6000;
  SealAndCommit(2);
  EXPECT_TRUE(IsMarked("x"));
}

TEST_F(FileSinkTest, APartitionWithoutATimeEndsTheJobButNotAtTheEndOfInput) {
  ByDay();
  options_.partition_commit.by_partition_time = true;
  Start(1);
  Write(0, 1, "a", "x");
  EXPECT_EQ(*writers_[0]->Seal(1), nullptr);
  io_.Run();
  EXPECT_NE(writers_[0]->Seal(1).status().message().find("'day=x/': its time 'x'"),
            std::string::npos);
  Start(1);
  Write(0, 1, "a", "x");
  Watermark(kFinalWatermark);
  Finish();
  SealAndCommit(1);
  EXPECT_TRUE(IsMarked("x"));
}

// A disk whose fsync fails once.
class FailingSync final : public WritableFile {
 public:
  FailingSync(std::unique_ptr<WritableFile> file, int* failures)
      : file_(std::move(file)), failures_(failures) {}
  Status Append(std::string_view bytes) override { return file_->Append(bytes); }
  Status Sync() override {
    if (*failures_ == 0) return file_->Sync();
    --*failures_;
    return IoError("cannot fsync");
  }
  Status Close() override { return file_->Close(); }

 private:
  std::unique_ptr<WritableFile> file_;
  int* failures_;
};

TEST_F(FileSinkTest, AFailedSyncEndsTheAttempt) {
  Start(1);
  Write(0, 1, "a");
  const Saved saved = Seal(1);
  class Disk final : public ForwardingFiles {
   public:
    using ForwardingFiles::ForwardingFiles;
    int failures = 1;
    Result<std::unique_ptr<WritableFile>> Create(const std::string& path, bool truncate) override {
      ASSIGN_OR_RETURN(auto file, ForwardingFiles::Create(path, truncate));
      return std::unique_ptr<WritableFile>(
          std::make_unique<FailingSync>(std::move(file), &failures));
    }
    Result<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path) override {
      ASSIGN_OR_RETURN(auto file, ForwardingFiles::OpenForAppend(path));
      return std::unique_ptr<WritableFile>(
          std::make_unique<FailingSync>(std::move(file), &failures));
    }
  };
  Disk disk(env_.files);
  env_.files = &disk;
  Start(1);
  ASSERT_TRUE(Restore(saved).ok());
  Write(0, 2, "b");
  EXPECT_EQ(*writers_[0]->Seal(2), nullptr);
  io_.Run();
  // For good, although the next fsync would work.
  EXPECT_FALSE(writers_[0]->Seal(2).ok());
  EXPECT_FALSE(writers_[0]->Seal(2).ok());
  EXPECT_FALSE(TryWrite(0, 2, "c").ok());
  EXPECT_EQ(disk.failures, 0);
  Start(1);
  ASSERT_TRUE(Restore(saved).ok());
  Write(0, 2, "b");
  Finish();
  SealAndCommit(2);
  EXPECT_EQ(Lines(), (Strings{"a", "b"}));
}

TEST(StagedFiles, ReadsWhatItPrints) {
  StagedFiles staged;
  staged.epoch = 7;
  staged.watermark_ms = -5;
  staged.finished = {{"a/.p", "a/p", "day=1/", 12, 4'000'000'000U}};
  staged.open = {{"a/.q", "a/q", "", 3, 1, 99}};
  staged.pending = {{"day=1/", 1, 2, 3, true}};
  const std::string text = staged.Print();
  const StagedFiles read = *StagedFiles::Parse(text);
  EXPECT_EQ(read.Print(), text);
  EXPECT_EQ(read.finished[0].crc, 4'000'000'000U);
  for (size_t cut = 1; cut < text.size(); ++cut) {
    const auto part = StagedFiles::Parse(std::string_view(text).substr(0, cut));
    // Whole entries are a list of their own; everything else is damage.
    if (part.ok()) {
      EXPECT_TRUE(text.starts_with(part->Print())) << cut;
    }
  }
  EXPECT_FALSE(StagedFiles::Parse(std::string("X\0", 2)).ok());
}

}  // namespace
}  // namespace rhei
