#include "checkpoint/checkpoint_directory.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/checksum.h"
#include "checkpoint/checkpoint_test_kit.h"
#include "checkpoint/directory_scan.h"
#include "checkpoint/memory_files_test_kit.h"
#include "checkpoint/savepoint.h"

namespace rhei {
namespace {

using Store = DirectoryCheckpointStore;

class CheckpointDirectoryTest : public ::testing::Test {
 protected:
  CheckpointDirectoryTest() : env_(RealEnvironment()) { env_.files = &files_; }

  Result<std::unique_ptr<Store>> TryOpen(const std::function<void(Store::Options*)>& change = {}) {
    Store::Options options;
    options.env = &env_;
    options.directory = "state/job";
    options.job.job_name = "job";
    options.job.operators = {{"agg", "GroupAggregate", {}}, {"src", "Source", {}}};
    options.restore_threads = 1;
    if (change) change(&options);
    return Store::Open(std::move(options));
  }
  std::unique_ptr<Store> Open(const std::function<void(Store::Options*)>& change = {}) {
    auto store = TryOpen(change);
    EXPECT_TRUE(store.ok()) << store.status().message();
    return store.ok() ? std::move(store).value() : nullptr;
  }

  // Epoch 1 is a base of groups 0 and 100; the later ones change group 0 only.
  static std::shared_ptr<Checkpoint> Take(uint64_t epoch) {
    const std::string number = std::to_string(epoch);
    std::vector<StateSection> agg0 = {
        MakeSection("sums", 0, (epoch == 1 ? "base " : "delta ") + number, epoch > 1)};
    std::vector<StateSection> agg1;
    if (epoch == 1) agg1.push_back(MakeSection("sums", 100, "base 1"));
    return MakeCheckpoint(
        epoch, 2,
        {MakeInstance("agg", 0, epoch, std::move(agg0)),
         MakeInstance("agg", 1, epoch, std::move(agg1)),
         MakeInstance("src", 0, epoch, {MakeSection("splits", -1, "at " + number)}),
         MakeInstance("src", 1, epoch, {})});
  }
  void Publish(Store* store, uint64_t epoch, bool commit = true) {
    ASSERT_TRUE(store->Publish(Take(epoch)).ok());
    if (!commit) return;
    ASSERT_TRUE(store->MarkCommitting(epoch).ok());
    ASSERT_TRUE(store->MarkCommitted(epoch).ok());
  }
  static std::string Latest(Store* store) {
    auto latest = store->Latest();
    EXPECT_TRUE(latest.ok()) << latest.status().message();
    if (!latest.ok() || *latest == nullptr) return "none";
    return Describe(**latest);
  }
  // The first file whose path begins so.
  std::string& FileLike(const std::string& prefix) {
    for (auto& [path, bytes] : files_.files) {
      if (path.starts_with("state/job/" + prefix)) return bytes;
    }
    ADD_FAILURE() << "no file " << prefix;
    return files_.files[""];
  }
  int CountFiles(const std::string& prefix) {
    return static_cast<int>(std::count_if(
        files_.files.begin(), files_.files.end(),
        [&](const auto& file) { return file.first.starts_with("state/job/" + prefix); }));
  }
  static void Flip(std::string* bytes, size_t bit) {
    (*bytes)[bit / 8] = static_cast<char>((*bytes)[bit / 8] ^ (1 << (bit % 8)));
  }

  MemoryFiles files_;
  Environment env_;
};

constexpr const char* kWholeOfTwo =
    "epoch 2 shards 2 created 2000000 last false\n"
    "agg shard 0 epoch 2 combined -9223372036854775808 output -9223372036854775808 idle false "
    "done false seal -\n"
    "  sums 0 \x0eschema of sumsbase 1\n"
    "  sums 0 +\x0eschema of sumsdelta 2\n"
    "agg shard 1 epoch 2 combined -9223372036854775808 output -9223372036854775808 idle false "
    "done false seal -\n"
    "  sums 100 \x0eschema of sumsbase 1\n"
    "src shard 0 epoch 2 combined -9223372036854775808 output -9223372036854775808 idle false "
    "done false seal -\n"
    "  splits -1 \x10schema of splitsat 2\n"
    "src shard 1 epoch 2 combined -9223372036854775808 output -9223372036854775808 idle false "
    "done false seal -\n";

TEST_F(CheckpointDirectoryTest, ReadsEveryManifestOnceAtAStart) {
  {
    const std::unique_ptr<Store> store = Open();
    for (const uint64_t epoch : {1, 2, 3}) Publish(store.get(), epoch);
  }
  for (const uint64_t from : {0, 2}) {
    std::map<std::string, int> reads;
    files_.fault = [&](std::string_view operation, const std::string& path) {
      if (operation == "read" && path.find("/manifest-") != std::string::npos) ++reads[path];
      return Status();
    };
    const std::unique_ptr<Store> store = Open([&](Store::Options* options) {
      options->from_epoch = from;
      options->accept_duplicates = true;
    });
    EXPECT_EQ((*store->Latest())->epoch, from == 0 ? 3U : from);
    files_.fault = nullptr;
    EXPECT_EQ(reads.size(), 3U);
    for (const auto& [path, count] : reads) EXPECT_EQ(count, 1) << path;
  }
}

TEST_F(CheckpointDirectoryTest, GivesWholeChainsNowAndToTheNextProcess) {
  auto store = Open();
  EXPECT_EQ(Latest(store.get()), "none");
  Publish(store.get(), 1);
  Publish(store.get(), 2);
  EXPECT_EQ(Latest(store.get()), kWholeOfTwo);
  EXPECT_GT(store->published_bytes(), 100);
  store.reset();
  store = Open();
  EXPECT_EQ(Latest(store.get()), kWholeOfTwo);
  EXPECT_EQ(store->highest_epoch(), 2u);
  EXPECT_TRUE(store->notes().empty());
  EXPECT_FALSE(store->is_at_end());
  ASSERT_NE(store->stored_job(), nullptr);
  EXPECT_EQ(store->stored_job()->operators,
            (std::vector<JobDescription::OperatorEntry>{
                {"agg", "GroupAggregate", {{"sums", "schema of sums"}}},
                {"src", "Source", {{"splits", "schema of splits"}}}}));
  // And goes on.
  Publish(store.get(), 3);
  store.reset();
  store = Open();
  EXPECT_NE(Latest(store.get()).find("+\x0eschema of sumsdelta 3"), std::string::npos);
}

TEST_F(CheckpointDirectoryTest, AgreesWithTheStoreInMemory) {
  auto store = Open();
  MemoryCheckpointStore memory;
  uint64_t draw = 5;
  const auto next = [&](uint64_t bound) {
    draw = draw * 6364136223846793005u + 1442695040888963407u;
    return (draw >> 33) % bound;
  };
  for (uint64_t epoch = 1; epoch <= 60; ++epoch) {
    const int shards = 1 + static_cast<int>(next(3));
    std::vector<InstanceSnapshot> instances;
    for (const char* id : {"a", "b"}) {
      if (epoch > 30 && *id == 'b') continue;  // the operator has gone
      for (int shard = 0; shard < shards; ++shard) {
        std::vector<StateSection> sections;
        for (int group = 0; group < 8; ++group) {
          if (group % shards != shard || next(2) == 0) continue;
          const uint64_t kind = next(8);
          if (kind == 0) {
            sections.push_back({"s", group, "", false});
          } else {
            sections.push_back(MakeSection("s", group, std::to_string(draw), kind > 2));
          }
        }
        if (next(4) > 0) sections.push_back(MakeSection("list", -1, std::to_string(draw)));
        instances.push_back(MakeInstance(id, shard, epoch, std::move(sections)));
      }
    }
    auto checkpoint = MakeCheckpoint(epoch, shards, std::move(instances));
    ASSERT_TRUE(memory.Publish(checkpoint).ok());
    ASSERT_TRUE(store->Publish(checkpoint).ok());
    if (next(3) > 0) {
      ASSERT_TRUE(memory.MarkCommitted(epoch).ok());
      ASSERT_TRUE(store->MarkCommitted(epoch).ok());
    }
    if (next(4) == 0) {
      store.reset();
      store = Open();
    }
    ASSERT_EQ(Latest(store.get()), Describe(**memory.Latest())) << "epoch " << epoch;
  }
}

TEST_F(CheckpointDirectoryTest, ASecondProcessIsRefusedByItsHolder) {
  auto store = Open();
  EXPECT_EQ(TryOpen().status().message(),
            "state/job/lock: held by process 1234; a job's checkpoints belong to one process at a "
            "time. Stop that one, or give this job another pipeline.name");
}

TEST_F(CheckpointDirectoryTest, WhoeverLostTheLockPublishesNothing) {
  auto stale = Open();
  Publish(stale.get(), 1);
  files_.LoseLock("state/job/lock");
  auto owner = Open();
  EXPECT_EQ(stale->Publish(Take(2)).message(),
            "state/job: another process has taken it over (generation 2, this one is 1); this job "
            "cannot go on");
  EXPECT_FALSE(stale->MarkCommitting(1).ok());
  EXPECT_FALSE(stale->MarkCommitted(1).ok());
  EXPECT_FALSE(stale->MarkFinished().ok());
  Publish(owner.get(), 2);
  // A manifest that it managed to publish in spite of that does not count.
  const std::string bytes = FileLike("manifest-2-2");
  files_.files["state/job/manifest-9-1"] = bytes;
  owner.reset();
  EXPECT_EQ(Latest(Open().get()), kWholeOfTwo);
}

TEST_F(CheckpointDirectoryTest, KeepsTheNewestAndSweepsTheRest) {
  auto store = Open([](Store::Options* options) { options->retained_count = 2; });
  for (uint64_t epoch = 1; epoch <= 6; ++epoch) Publish(store.get(), epoch);
  EXPECT_EQ(CountFiles("manifest-"), 2);
  EXPECT_EQ(CountFiles("commits/"), 2);
  // The base of epoch 1 and every delta are still part of the chain; only the splits' are not, but
  // they share their segment.
  EXPECT_EQ(CountFiles("segments/"), 7);
  const auto retained = store->Retained();
  ASSERT_EQ(retained.size(), 2u);
  EXPECT_EQ(retained[0].epoch, 6u);
  EXPECT_TRUE(retained[0].committed);
  EXPECT_GT(retained[0].total_bytes, retained[0].written_bytes);
  EXPECT_EQ(retained[0].created_micros, 6'000'000);
  // A new base for both groups: what came before goes once no manifest needs it.
  for (uint64_t epoch = 7; epoch <= 9; ++epoch) {
    ASSERT_TRUE(store
                    ->Publish(MakeCheckpoint(epoch, 1,
                                             {MakeInstance("agg", 0, epoch,
                                                           {MakeSection("sums", 0, "new"),
                                                            MakeSection("sums", 100, "new")})}))
                    .ok());
    ASSERT_TRUE(store->MarkCommitted(epoch).ok());
  }
  EXPECT_EQ(CountFiles("segments/"), 2);
  EXPECT_EQ(CountFiles("generations/"), 1);
  // Every retained one can be restored.
  store.reset();
  const auto kept = files_.files;
  for (const uint64_t epoch : {8u, 9u}) {
    files_.files = kept;
    auto from = Open([&](Store::Options* options) {
      options->from_epoch = epoch;
      options->accept_duplicates = true;
    });
    EXPECT_TRUE(Latest(from.get()).starts_with(fmt::format("epoch {} ", epoch)));
  }
  EXPECT_EQ(TryOpen([](Store::Options* options) { options->from_epoch = 5; }).status().message(),
            "state/job: has no checkpoint 5; SHOW CHECKPOINTS lists those it has");
}

TEST_F(CheckpointDirectoryTest, LeftoversOfACrashAreSweptAtOpen) {
  auto store = Open();
  Publish(store.get(), 1);
  const int segments = CountFiles("segments/");
  // The manifest of epoch 2 was never renamed.
  files_.fault = [](std::string_view operation, const std::string& path) {
    return operation == "rename" && path.ends_with(".tmp") ? IoError("the process is gone")
                                                           : Status();
  };
  EXPECT_FALSE(store->Publish(Take(2)).ok());
  files_.fault = nullptr;
  files_.files["state/job/segments/2-1-0"] = "half a segment";
  files_.files["state/job/manifest-2-1.tmp"] = "half a manifest";
  store.reset();
  store = Open();
  EXPECT_EQ(CountFiles("segments/"), segments);
  EXPECT_EQ(CountFiles("manifest-"), 1);
  EXPECT_TRUE(Latest(store.get()).starts_with("epoch 1 "));
}

// What was committed is as good when old files cannot be removed; they go with the next ones.
TEST_F(CheckpointDirectoryTest, AFailedSweepHarmsNothing) {
  auto store = Open([](Store::Options* options) { options->retained_count = 1; });
  for (const char* failing : {"manifest-1-", "commits/3-"}) {
    const uint64_t epoch = store->highest_epoch() + 1;
    Publish(store.get(), epoch);
    EXPECT_EQ(store->TakeNote(), "");
    files_.fault = [failing](std::string_view operation, const std::string& path) {
      return operation == "remove" && path.find(failing) != std::string::npos
                 ? IoError(path + ": is held by somebody")
                 : Status();
    };
    ASSERT_TRUE(store->Publish(Take(epoch + 1)).ok());
    EXPECT_TRUE(store->MarkCommitted(epoch + 1).ok());
    EXPECT_NE(store->TakeNote().find("is held by somebody"), std::string::npos) << failing;
    EXPECT_EQ(store->TakeNote(), "");
    files_.fault = nullptr;
  }
  Publish(store.get(), store->highest_epoch() + 1);
  EXPECT_EQ(CountFiles("manifest-"), 1);
  EXPECT_EQ(CountFiles("commits/"), 1);
}

TEST_F(CheckpointDirectoryTest, FilesOfOthersStayWhereTheyAre) {
  auto store = Open();
  Publish(store.get(), 1);
  files_.files["state/job/segments/notes.txt"] = "mine";
  files_.directories.insert("state/job/segments/copy");
  Publish(store.get(), 2);
  store.reset();
  store = Open();
  EXPECT_TRUE(Latest(store.get()).starts_with("epoch 2 "));
  EXPECT_EQ(files_.files["state/job/segments/notes.txt"], "mine");
}

TEST_F(CheckpointDirectoryTest, AFailedPublishLeavesNothingAndIsNotRepeated) {
  auto store = Open();
  Publish(store.get(), 1);
  const auto before = files_.files;
  for (const char* failing : {"create", "append", "sync"}) {
    for (const char* what : {"segments/", "manifest-"}) {
      files_.fault = [&](std::string_view operation, const std::string& path) {
        return operation == failing && path.find(what) != std::string::npos
                   ? IoError(path + ": disk is broken")
                   : Status();
      };
      EXPECT_EQ(store->Publish(Take(2)).code(), ErrorCode::kIo) << failing << what;
      files_.fault = nullptr;
      EXPECT_EQ(files_.files, before) << failing << what;
    }
  }
  Publish(store.get(), 3);
  EXPECT_TRUE(Latest(store.get()).starts_with("epoch 3 "));
}

// After a failed fsync of the directory nobody knows whether the manifest's name is there.
TEST_F(CheckpointDirectoryTest, AnUncertainManifestNeverComesBack) {
  for (const bool restart : {false, true}) {
    files_.files.clear();
    files_.directories = {".", "/"};
    auto store = Open();
    Publish(store.get(), 1);
    files_.fault = [](std::string_view operation, const std::string& path) {
      return operation == "sync directory" && path == "state/job" ? IoError("cannot fsync")
                                                                  : Status();
    };
    EXPECT_EQ(store->Publish(Take(2)).message(), "cannot fsync");
    files_.fault = nullptr;
    EXPECT_EQ(CountFiles("manifest-2-1"), 1);
    if (restart) {
      // The run goes back to epoch 1: from here on epoch 2 must not be seen again.
      EXPECT_TRUE(Latest(store.get()).starts_with("epoch 1 "));
    } else {
      Publish(store.get(), 3, false);
    }
    EXPECT_EQ(store->highest_epoch(), restart ? 2u : 3u);
    store.reset();
    store = Open();
    EXPECT_TRUE(Latest(store.get()).starts_with(restart ? "epoch 1 " : "epoch 3 "));
  }
}

TEST_F(CheckpointDirectoryTest, FallsBackWhenNothingLaterIsCommitted) {
  auto store = Open();
  Publish(store.get(), 1);
  Publish(store.get(), 2, false);
  store.reset();
  Flip(&FileLike("manifest-2"), 333);
  store = Open();
  EXPECT_TRUE(Latest(store.get()).starts_with("epoch 1 "));
  EXPECT_EQ(store->notes(), std::vector<std::string>{
                                "state/job/manifest-2-1: damaged: its checksum is wrong; no sink "
                                "has committed it: going on from checkpoint 1 instead"});
  // The next one has a number of its own, and the damaged one does not come back.
  EXPECT_EQ(store->highest_epoch(), 2u);
  Publish(store.get(), 3, false);
  store.reset();
  store = Open();
  EXPECT_TRUE(Latest(store.get()).starts_with("epoch 3 "));
  EXPECT_TRUE(store->notes().empty());
}

TEST_F(CheckpointDirectoryTest, DamageInASegmentIsFoundBeforeAnythingIsGivenOut) {
  auto store = Open();
  Publish(store.get(), 1);
  Publish(store.get(), 2, false);
  store.reset();
  std::string& segment = FileLike("segments/2-1-0");
  Flip(&segment, 8 * 40);
  store = Open();
  EXPECT_TRUE(Latest(store.get()).starts_with("epoch 1 "));
  ASSERT_EQ(store->notes().size(), 1u);
  EXPECT_EQ(store->notes()[0],
            "state/job/segments/2-1-0: damaged: the checksum of block 0 at byte 32 is wrong; no "
            "sink has committed it: going on from checkpoint 1 instead");
  store.reset();
  // The fallback is remembered.
  store = Open();
  EXPECT_TRUE(Latest(store.get()).starts_with("epoch 1 "));
}

TEST_F(CheckpointDirectoryTest, NeverGoesBackBehindACommit) {
  for (const bool begun_only : {false, true}) {
    for (const char* damage : {"manifest-2-1", "segments/2-1-0", "missing"}) {
      files_.files.clear();
      files_.directories = {".", "/"};
      auto store = Open();
      Publish(store.get(), 1);
      Publish(store.get(), 2, !begun_only);
      if (begun_only) {
        ASSERT_TRUE(store->MarkCommitting(2).ok());
      }
      store.reset();
      std::string expected;
      if (damage == std::string("missing")) {
        files_.files.erase("state/job/manifest-2-1");
        expected = "state/job/manifest-2-1: missing. ";
      } else {
        Flip(&FileLike(damage), 8 * 33);
        expected = damage == std::string("manifest-2-1")
                       ? "state/job/manifest-2-1: damaged: its checksum is wrong. "
                       : "state/job/segments/2-1-0: damaged: the checksum of block 0 at byte 32 "
                         "is wrong. ";
      }
      expected += fmt::format(
          "Sinks {} committed epoch 2, so that going on from checkpoint 1 would repeat the output "
          "of epoch 2: restore what is named, accept that with --from 1 --accept-duplicates, or "
          "start anew with --fresh",
          begun_only ? "may have" : "have");
      auto opened = TryOpen();
      const Status status = opened.ok() ? (*opened)->Latest().status() : opened.status();
      EXPECT_EQ(status.code(), ErrorCode::kStateMismatch);
      EXPECT_EQ(status.message(), expected);
      if (opened.ok()) opened->reset();
      // As it says.
      store = Open([](Store::Options* options) {
        options->from_epoch = 1;
        options->accept_duplicates = true;
      });
      EXPECT_TRUE(Latest(store.get()).starts_with("epoch 1 "));
      EXPECT_EQ(store->notes(),
                std::vector<std::string>{
                    "going on from checkpoint 1: the output of epoch 2 is repeated"});
      Publish(store.get(), 3);
      store.reset();
      EXPECT_TRUE(Latest(Open().get()).starts_with("epoch 3 "));
    }
  }
}

TEST_F(CheckpointDirectoryTest, WithoutAnyManifestItBeginsOnlyIfNothingIsCommitted) {
  auto store = Open();
  Publish(store.get(), 1, false);
  store.reset();
  Flip(&FileLike("manifest-1"), 100);
  store = Open();
  EXPECT_EQ(Latest(store.get()), "none");
  EXPECT_EQ(store->notes().size(), 1u);
  Publish(store.get(), 2);
  store.reset();
  files_.files.erase("state/job/manifest-2-2");
  EXPECT_EQ(TryOpen().status().message(),
            "state/job/manifest-2-2: missing. Sinks have committed epoch 2, so that going on from "
            "the beginning would repeat the output of epochs 1 to 2: restore what is named, start "
            "anew with --fresh");
  EXPECT_EQ(Latest(Open([](Store::Options* options) { options->fresh = true; }).get()), "none");
}

TEST_F(CheckpointDirectoryTest, AnOldVersionIsRefusedAndNotPassedOver) {
  auto store = Open();
  Publish(store.get(), 1);
  Publish(store.get(), 2, false);
  store.reset();
  std::string& manifest = FileLike("manifest-2");
  manifest.resize(manifest.size() - 8);
  manifest[8] = 9;
  WriteFixed(Checksum(manifest), &manifest);
  const Status status = TryOpen().status();
  EXPECT_EQ(status.code(), ErrorCode::kStateMismatch);
  EXPECT_NE(status.message().find("manifest-2-1: is of checkpoint format version 9"),
            std::string::npos);
}

TEST_F(CheckpointDirectoryTest, ADiskThatDoesNotAnswerIsNoDamage) {
  auto store = Open();
  Publish(store.get(), 1);
  Publish(store.get(), 2, false);
  store.reset();
  for (const std::string failing : {"manifest-2-1", "segments/2-1-0", "manifest-1-1"}) {
    files_.fault = [&](std::string_view operation, const std::string& path) {
      return operation == "read" && path.ends_with(failing) ? IoError(path + ": cannot read")
                                                            : Status();
    };
    auto opened = TryOpen();
    const Status status = opened.ok() ? (*opened)->Latest().status() : opened.status();
    if (failing == "manifest-1-1") {
      // Nobody needs that one.
      EXPECT_TRUE(status.ok()) << status.message();
    } else {
      EXPECT_EQ(status.message(), "state/job/" + failing + ": cannot read");
    }
    files_.fault = nullptr;
    if (opened.ok()) opened->reset();
    EXPECT_TRUE(Latest(Open().get()).starts_with("epoch 2 "));
  }
}

TEST_F(CheckpointDirectoryTest, FreshDoesNotContinueAndKeepsCounting) {
  auto store = Open();
  Publish(store.get(), 1);
  Publish(store.get(), 2);
  store.reset();
  store = Open([](Store::Options* options) { options->fresh = true; });
  EXPECT_EQ(Latest(store.get()), "none");
  EXPECT_EQ(store->highest_epoch(), 2u);
  EXPECT_TRUE(store->Retained().empty());
  // Also after a crash before its first checkpoint.
  store.reset();
  store = Open();
  EXPECT_EQ(Latest(store.get()), "none");
  EXPECT_EQ(CountFiles("manifest-"), 2);
  ASSERT_TRUE(store->Publish(Take(3)).ok());
  EXPECT_EQ(Latest(store.get()).find("base 1"), std::string::npos);
  ASSERT_TRUE(store->MarkCommitted(3).ok());
  EXPECT_EQ(CountFiles("manifest-"), 3);
  Publish(store.get(), 4);
  Publish(store.get(), 5);
  EXPECT_EQ(CountFiles("manifest-"), 3);
  EXPECT_EQ(CountFiles("manifest-1-"), 0);
  EXPECT_EQ(CountFiles("manifest-2-"), 0);
}

TEST_F(CheckpointDirectoryTest, AFinishedJobStartsAnewAndTheLastCheckpointOnlyCommits) {
  auto store = Open();
  Publish(store.get(), 1);
  auto last = Take(2);
  last->last = true;
  ASSERT_TRUE(store->Publish(last).ok());
  store.reset();
  store = Open();
  EXPECT_TRUE(store->is_at_end());
  EXPECT_FALSE(store->was_finished());
  ASSERT_TRUE(store->MarkCommitting(2).ok());
  ASSERT_TRUE(store->MarkCommitted(2).ok());
  ASSERT_TRUE(store->MarkFinished().ok());
  ASSERT_TRUE(store->MarkFinished().ok());
  EXPECT_TRUE(ListCheckpointDirectory(files_, "state/job")->finished);
  store.reset();
  const auto before = files_.files;
  store = Open();
  EXPECT_EQ(files_.files, before);
  store.reset();
  store = Open();
  EXPECT_TRUE(store->was_finished());
  EXPECT_FALSE(store->is_at_end());
  EXPECT_EQ(Latest(store.get()), "none");
  store.reset();
  store = Open();
  EXPECT_FALSE(store->was_finished());
  EXPECT_EQ(Latest(store.get()), "none");
}

TEST_F(CheckpointDirectoryTest, StateLeftBehindIsInNoLaterCheckpoint) {
  auto store = Open();
  Publish(store.get(), 1);
  store->DropState("agg", "sums");
  EXPECT_EQ(Latest(store.get()).find("sums"), std::string::npos);
  Publish(store.get(), 2);
  store.reset();
  EXPECT_EQ(Latest(Open().get()).find("base 1"), std::string::npos);
}

TEST_F(CheckpointDirectoryTest, CanBeListedWhileItIsInUse) {
  EXPECT_EQ(ListCheckpointDirectory(files_, "state/none").status().code(), ErrorCode::kNotFound);
  auto store = Open();
  Publish(store.get(), 1);
  Publish(store.get(), 2, false);
  const auto before = files_.files;
  auto listing = ListCheckpointDirectory(files_, "state/job");
  ASSERT_TRUE(listing.ok());
  EXPECT_EQ(files_.files, before);
  ASSERT_EQ(listing->retained.size(), 2u);
  EXPECT_EQ(listing->retained[0].epoch, 2u);
  EXPECT_FALSE(listing->retained[0].committed);
  EXPECT_TRUE(listing->retained[1].committed);
  EXPECT_EQ(listing->retained[1].written_bytes, store->Retained()[1].written_bytes);
  EXPECT_EQ(listing->job.job_name, "job");
  EXPECT_FALSE(listing->finished);
  Flip(&FileLike("manifest-2"), 99);
  listing = ListCheckpointDirectory(files_, "state/job");
  EXPECT_EQ(listing->retained.size(), 1u);
  EXPECT_EQ(listing->notes.size(), 1u);
}

// 1,000 sampled flips, 20,000 with RHEI_LONG_TESTS: a restore sees each of them in every segment
// that it needs, and never gives out anything else than what was put in.
TEST_F(CheckpointDirectoryTest, SampledFlipsInSegmentsAreSeen) {
  auto store = Open();
  uint64_t draw = 11;
  const auto next = [&](uint64_t bound) {
    draw = draw * 6364136223846793005u + 1442695040888963407u;
    return (draw >> 33) % bound;
  };
  for (uint64_t epoch = 1; epoch <= 3; ++epoch) {
    std::vector<InstanceSnapshot> instances;
    for (int shard = 0; shard < 2; ++shard) {
      std::vector<StateSection> sections;
      for (int group = shard * 64; group < shard * 64 + 64; ++group) {
        std::string content;
        for (uint64_t i = next(200); i > 0; --i) WriteFixed(next(1000), &content);
        sections.push_back(MakeSection("sums", group, content, epoch > 1));
      }
      instances.push_back(MakeInstance("agg", shard, epoch, std::move(sections)));
    }
    ASSERT_TRUE(store->Publish(MakeCheckpoint(epoch, 2, std::move(instances))).ok());
  }
  std::vector<std::string> paths;
  for (const auto& [path, bytes] : files_.files) {
    if (path.find("/segments/") != std::string::npos) paths.push_back(path);
  }
  ASSERT_EQ(paths.size(), 6u);
  store.reset();
  const std::string bytes = FileLike("manifest-3");
  const int flips = std::getenv("RHEI_LONG_TESTS") != nullptr ? 20'000 : 1'000;
  auto savepoint_like = [&] { files_.files["state/job/manifest"] = bytes; };
  savepoint_like();
  ASSERT_TRUE(ReadSavepoint(env_, "state/job", 1).ok());
  for (int i = 0; i < flips; ++i) {
    std::string& segment = files_.files[paths[next(paths.size())]];
    const size_t bit = next(segment.size() * 8);
    Flip(&segment, bit);
    const auto read = ReadSavepoint(env_, "state/job", 1);
    ASSERT_EQ(read.status().code(), ErrorCode::kStateMismatch) << "bit " << bit;
    ASSERT_NE(read.status().message().find("segments/"), std::string::npos);
    Flip(&segment, bit);
  }
  ASSERT_TRUE(ReadSavepoint(env_, "state/job", 1).ok());
}

TEST_F(CheckpointDirectoryTest, ASavepointCanBeMovedAndBecomesTheFirstCheckpoint) {
  auto store = Open();
  Publish(store.get(), 1);
  Publish(store.get(), 2);
  auto latest = store->Latest();
  JobDescription job;
  job.job_name = "job";
  ASSERT_TRUE(WriteSavepoint(env_, **latest, job, "saved/one").ok());
  EXPECT_EQ(WriteSavepoint(env_, **latest, job, "saved/one").message(),
            "saved/one: is not empty; a savepoint needs a directory of its own");
  std::map<std::string, std::string> moved;
  for (const auto& [path, bytes] : files_.files) {
    if (path.starts_with("saved/one/")) moved["elsewhere/" + path.substr(10)] = bytes;
  }
  files_.files = moved;
  files_.directories.insert("elsewhere");
  auto savepoint = ReadSavepoint(env_, "elsewhere", 1);
  ASSERT_TRUE(savepoint.ok()) << savepoint.status().message();
  EXPECT_EQ(Describe(*savepoint->checkpoint), kWholeOfTwo);
  EXPECT_EQ(savepoint->job.operators.size(), 2u);
  EXPECT_EQ(ReadSavepoint(env_, "state/job").status().message(),
            "state/job: is not a savepoint: it has no file 'manifest'");

  store.reset();
  files_.directories = {".", "/"};
  store = Open([](Store::Options* options) { options->fresh = true; });
  EXPECT_EQ(store->highest_epoch(), 0u);
  ASSERT_TRUE(store->Publish(savepoint->checkpoint).ok());
  EXPECT_EQ(Latest(store.get()), kWholeOfTwo);
  Publish(store.get(), 3);
  store.reset();
  const std::string latest_text = Latest(Open().get());
  EXPECT_NE(latest_text.find("delta 2"), std::string::npos);
  EXPECT_NE(latest_text.find("delta 3"), std::string::npos);
}

TEST_F(CheckpointDirectoryTest, ASavepointCanBeCopiedWithoutReadingTheState) {
  auto store = Open();
  Publish(store.get(), 1);
  Publish(store.get(), 2);
  ASSERT_TRUE(store->CopyLatestTo("saved/two").ok());
  auto savepoint = ReadSavepoint(env_, "saved/two", 1);
  ASSERT_TRUE(savepoint.ok()) << savepoint.status().message();
  EXPECT_EQ(Describe(*savepoint->checkpoint), kWholeOfTwo);
  EXPECT_EQ(savepoint->job, *store->stored_job());
  EXPECT_FALSE(store->CopyLatestTo("saved/two").ok());
  // Damage is found when it is written, not when it is needed.
  Flip(&FileLike("segments/1-1-0"), 8 * 40);
  EXPECT_EQ(store->CopyLatestTo("saved/three").message(),
            "state/job/segments/1-1-0: damaged: the checksum of block 0 at byte 32 is wrong");
  EXPECT_FALSE(ReadSavepoint(env_, "saved/three", 1).ok());
}

TEST_F(CheckpointDirectoryTest, ASavepointOfAnotherVersionIsRefused) {
  ASSERT_TRUE(WriteSavepoint(env_, *Take(1), {}, "saved").ok());
  std::string& manifest = files_.files["saved/manifest"];
  manifest.resize(manifest.size() - 8);
  manifest[8] = 7;
  WriteFixed(Checksum(manifest), &manifest);
  const Status status = ReadSavepoint(env_, "saved", 1).status();
  EXPECT_EQ(status.code(), ErrorCode::kStateMismatch);
  EXPECT_TRUE(status.message().starts_with("saved/manifest: is of checkpoint format version 7"));
}

// A manifest whose places do not fit their segment: no bytes of another state are given out.
TEST_F(CheckpointDirectoryTest, ASectionMustBeWhatItsManifestMeans) {
  ASSERT_TRUE(WriteSavepoint(env_, *Take(1), {}, "saved").ok());
  const Manifest good = *DecodeManifest(files_.files["saved/manifest"], "m");
  const ChainKey key{"agg", "sums", 0, -1};
  for (const uint64_t wrong : {0u, 1u}) {
    Manifest manifest = good;
    SectionPlace place = good.chains.all().at(key)[0];
    if (wrong == 0) place.offset += 1;
    if (wrong == 1) place.size = uint64_t{1} << 50;
    manifest.chains.Set(key, {place});
    files_.files["saved/manifest"] = EncodeManifest(manifest);
    const Result<Savepoint> read = ReadSavepoint(env_, "saved", 1);
    const Status status = read.ok() ? InMemory(read->checkpoint).status() : read.status();
    EXPECT_EQ(status.code(), ErrorCode::kStateMismatch);
    EXPECT_EQ(status.message(), wrong == 0
                                    ? "saved/segment-0: damaged: the checksum of state 'sums' is "
                                      "wrong"
                                    : "saved/segment-0: damaged: it has no bytes 0 to "
                                      "1125899906842624");
  }
}

// Sections are read when they are wanted; what has changed since they were verified is seen then,
// and a store that is opened later goes back.
TEST_F(CheckpointDirectoryTest, ASectionIsVerifiedAgainWhenItIsRead) {
  auto store = Open();
  Publish(store.get(), 1);
  Publish(store.get(), 2, false);
  const auto latest = *store->Latest();
  Flip(&FileLike("segments/2-1-0"), 8 * 40);
  EXPECT_EQ(InMemory(latest).status().message(),
            "state/job/segments/2-1-0: damaged: the checksum of block 0 at byte 32 is wrong");
  store.reset();
  store = Open();
  EXPECT_TRUE(Latest(store.get()).starts_with("epoch 1 "));
  EXPECT_EQ(store->notes().size(), 1U);
}

// An operator that has fewer instances than the job has shards gets all its chains all the same.
TEST_F(CheckpointDirectoryTest, ChainsGoToAnInstanceThatThereIs) {
  auto store = Open();
  ASSERT_TRUE(
      store
          ->Publish(MakeCheckpoint(
              1, 4,
              {MakeInstance("one", 0, 1, {MakeSection("s", 0, "a"), MakeSection("s", 127, "b")})}))
          .ok());
  auto latest = store->Latest();
  ASSERT_TRUE(latest.ok());
  ASSERT_EQ((*latest)->instances.size(), 1u);
  EXPECT_EQ((*latest)->instances[0].state->sections.size(), 2u);
}

// The same on a real disk, with threads that read.
TEST(CheckpointDirectoryOnDiskTest, LargeStateComesBack) {
  const std::string directory =
      (std::filesystem::temp_directory_path() / fmt::format("rhei-store-{}", getpid())).string();
  std::filesystem::remove_all(directory);
  Store::Options options;
  options.env = &RealEnvironment();
  options.directory = directory + "/a/b/job";
  options.restore_threads = 3;
  std::string expected;
  {
    auto store = Store::Open(options);
    ASSERT_TRUE(store.ok()) << store.status().message();
    std::vector<InstanceSnapshot> instances;
    for (int shard = 0; shard < 2; ++shard) {
      std::vector<StateSection> sections;
      for (int group = shard * 64; group < shard * 64 + 64; ++group) {
        std::string content;
        for (uint64_t i = 0; i < 10'000; ++i) {
          WriteFixed(i * static_cast<uint64_t>(group), &content);
        }
        sections.push_back(MakeSection("sums", group, content));
      }
      instances.push_back(MakeInstance("agg", shard, 1, std::move(sections)));
    }
    auto checkpoint = MakeCheckpoint(1, 2, std::move(instances));
    expected = Describe(*checkpoint);
    ASSERT_TRUE((*store)->Publish(checkpoint).ok());
    const Status second = Store::Open(options).status();
    EXPECT_NE(second.message().find(fmt::format("held by process {}", getpid())), std::string::npos)
        << second.message();
  }
  auto store = Store::Open(options);
  ASSERT_TRUE(store.ok()) << store.status().message();
  auto latest = (*store)->Latest();
  ASSERT_TRUE(latest.ok()) << latest.status().message();
  EXPECT_EQ(Describe(**latest), expected);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace rhei
