// The durable store on the simulated disk: the process dies, the power goes, an operation fails or
// the disk is full, at every operation of a job's life from its first checkpoint to its end.
#include <gtest/gtest.h>

#include <cstdlib>

#include "checkpoint/checkpoint_directory.h"
#include "checkpoint/checkpoint_test_kit.h"
#include "sim/simulated_disk.h"

namespace rhei {
namespace {

class FixedClock final : public Clock {
 public:
  int64_t WallMicros() override { return 1'000'000; }
  int64_t MonotonicNanos() override { return 1'000'000'000; }
  void SleepMicros(int64_t) override {}
};

// What each key group's chain should hold, as text.
using Groups = std::map<int, std::string>;

// A job that has nothing but checkpoints: epoch after epoch changes some key groups. Knows what a
// restore must find.
class Job {
 public:
  explicit Job(uint64_t seed) : disk_(seed) { env_.clock = &clock_; }

  SimulatedDisk& disk() { return disk_; }
  int attempts() const { return attempts_; }
  uint64_t published() const { return published_; }

  // Until it has finished, through any number of processes.
  void Live() {
    while (!finished_ && !::testing::Test::HasFailure()) {
      ASSERT_LT(++attempts_, 40) << "it does not get on";
      const std::unique_ptr<FileSystem> files = disk_.Boot(&clock_);
      env_.files = files.get();
      LiveOnce();
    }
    // The end is durable.
    disk_.Plan({});
    const std::unique_ptr<FileSystem> files = disk_.Boot(&clock_);
    env_.files = files.get();
    auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status().message();
    EXPECT_TRUE((*store)->was_finished());
  }

 private:
  Result<std::unique_ptr<DirectoryCheckpointStore>> Open() {
    DirectoryCheckpointStore::Options options;
    options.env = &env_;
    options.directory = "/state/job";
    options.retained_count = 2;
    options.restore_threads = 1;
    return DirectoryCheckpointStore::Open(std::move(options));
  }

  // One process. Ends when the job has, or at the first failure that another process must mend.
  void LiveOnce() {
    auto opened = Open();
    if (!opened.ok()) return MayFail(opened.status());
    DirectoryCheckpointStore& store = **opened;
    if (store.was_finished()) {
      EXPECT_TRUE(finish_tried_);
      finished_ = true;
      return;
    }
    EXPECT_TRUE(store.notes().empty()) << store.notes()[0];
    // A failure ends an attempt within the process now and then.
    for (int attempt = 0; attempt < 3; ++attempt) {
      if (!Restore(&store)) return;
      Status status;
      while (status.ok() && !finished_) status = NextEpoch(&store);
      if (finished_) return;
      MayFail(status);
      if (disk_.process_is_dead()) return;
    }
  }

  void MayFail(const Status& status) {
    EXPECT_NE(status.code(), ErrorCode::kStateMismatch) << status.message();
  }

  bool Restore(DirectoryCheckpointStore* store) {
    auto latest = store->Latest();
    if (latest.ok() && *latest != nullptr) latest = InMemory(*latest);
    if (!latest.ok()) {
      MayFail(latest.status());
      return false;
    }
    restored_ = *latest == nullptr ? 0 : (*latest)->epoch;
    highest_ = store->highest_epoch();
    // Nothing that was published is lost.
    EXPECT_GE(restored_, published_);
    EXPECT_GE(restored_, committed_);
    last_ = *latest != nullptr && (*latest)->last;
    Groups found;
    if (*latest != nullptr) {
      for (const InstanceSnapshot& instance : (*latest)->instances) {
        for (const StateSection& section : instance.state->sections) {
          found[section.key_group] += (section.is_delta ? "+" : "=") + ContentOf(section);
        }
      }
    }
    EXPECT_EQ(found, attempted_[restored_]) << "epoch " << restored_;
    // The commits are repeated.
    if (restored_ > 0 && !CommitAndMark(store, restored_).ok()) return !disk_.process_is_dead();
    return true;
  }

  Status NextEpoch(DirectoryCheckpointStore* store) {
    constexpr int kEpochs = 6;
    if (!last_) {
      const uint64_t epoch = ++highest_;
      Groups groups = attempted_[restored_];
      auto checkpoint = Take(epoch, &groups);
      checkpoint->last = ++taken_ >= kEpochs;
      attempted_[epoch] = groups;
      RETURN_IF_ERROR(store->Publish(checkpoint));
      published_ = restored_ = epoch;
      last_ = checkpoint->last;
      RETURN_IF_ERROR(CommitAndMark(store, epoch));
    } else {
      RETURN_IF_ERROR(CommitAndMark(store, restored_));
      finish_tried_ = true;
      RETURN_IF_ERROR(store->MarkFinished());
      finished_ = true;
    }
    return {};
  }

  Status CommitAndMark(DirectoryCheckpointStore* store, uint64_t epoch) {
    RETURN_IF_ERROR(store->MarkCommitting(epoch));
    committed_ = std::max(committed_, epoch);
    return store->MarkCommitted(epoch);
  }

  static std::shared_ptr<Checkpoint> Take(uint64_t epoch, Groups* groups) {
    const bool all = groups->empty();
    std::vector<StateSection> sections[2];
    for (int group = 0; group < 128; group += 32) {
      const auto turn = (epoch + static_cast<uint64_t>(group) / 32) % 4;
      if (!all && turn > 1) continue;
      StateSection section = MakeSection("s", group, fmt::format("{}/{} ", epoch, group));
      section.is_delta = !all && turn == 0;
      if (!section.is_delta) (*groups)[group].clear();
      (*groups)[group] += (section.is_delta ? "+" : "=") + section.bytes;
      sections[group / 64].push_back(std::move(section));
    }
    return MakeCheckpoint(epoch, 2,
                          {MakeInstance("agg", 0, epoch, std::move(sections[0])),
                           MakeInstance("agg", 1, epoch, std::move(sections[1]))});
  }

  FixedClock clock_;
  SimulatedDisk disk_;
  Environment env_;
  int attempts_ = 0;
  std::map<uint64_t, Groups> attempted_ = {{0, {}}};  // by epoch
  uint64_t published_ = 0;                            // newest that Publish said is safe
  uint64_t committed_ = 0;                            // the sink's own memory
  uint64_t restored_ = 0;
  uint64_t highest_ = 0;
  int taken_ = 0;
  bool last_ = false;
  bool finish_tried_ = false;
  bool finished_ = false;
};

uint64_t OperationsOfAQuietLife() {
  Job job(1);
  job.Live();
  EXPECT_EQ(job.attempts(), 1);
  EXPECT_EQ(job.published(), 6u);
  return job.disk().operation_count();
}

int SeedCount() {
  return std::getenv("RHEI_LONG_TESTS") != nullptr ? 40 : 2;
}

class StoreFaultTest : public ::testing::TestWithParam<DiskFaultKind> {};

TEST_P(StoreFaultTest, AtEveryOperation) {
  const uint64_t operations = OperationsOfAQuietLife();
  ASSERT_GT(operations, 200u);
  int struck = 0;
  for (int seed = 1; seed <= SeedCount(); ++seed) {
    for (uint64_t operation = 0; operation <= operations; ++operation) {
      Job job(static_cast<uint64_t>(seed) * 100'000 + operation);
      // The second one strikes while it recovers, or later.
      const uint64_t gap = 1 + (operation * 7 + static_cast<uint64_t>(seed)) % 60;
      std::vector<DiskFault> faults = {{GetParam(), operation, 1 + operation % 5}};
      if (seed % 2 == 0) faults.push_back({DiskFaultKind::kPower, operation + gap, 1});
      job.disk().Plan(std::move(faults));
      job.Live();
      struck += static_cast<int>(job.disk().struck().size());
      if (HasFailure()) {
        for (const std::string& what : job.disk().struck()) ADD_FAILURE() << what;
        FAIL() << "seed " << seed << " operation " << operation;
      }
    }
  }
  EXPECT_GT(struck, static_cast<int>(operations) / 2);
}

INSTANTIATE_TEST_SUITE_P(Kinds, StoreFaultTest,
                         ::testing::Values(DiskFaultKind::kKill, DiskFaultKind::kPower,
                                           DiskFaultKind::kError, DiskFaultKind::kFull));

// Names that a killed process has made and not fsynced can be seen by the next one, which must not
// rely on them: the power goes a little later.
TEST(StoreFaultsTest, KilledAmongItsFirstOperationsAndThenWithoutPower) {
  for (uint64_t operation = 0; operation < 24; ++operation) {
    for (uint64_t gap = 1; gap < 70; gap += 2) {
      Job job(operation * 1000 + gap);
      job.disk().Plan(
          {{DiskFaultKind::kKill, operation, 1}, {DiskFaultKind::kPower, operation + gap, 1}});
      job.Live();
      ASSERT_FALSE(::testing::Test::HasFailure()) << operation << " and " << gap << " later";
    }
  }
}

// The same would not hold without its fsyncs.
TEST(StorePlantTest, ADiskThatIgnoresSyncsIsFoundOut) {
  DiskPlant plant;
  plant.ignore_sync = true;
  int lost = 0;
  for (uint64_t operation = 100; operation < 200; ++operation) {
    SimulatedDisk disk(operation);
    disk.Plant(plant);
    FixedClock clock;
    Environment env;
    env.clock = &clock;
    const auto open = [&](FileSystem* files) {
      env.files = files;
      DirectoryCheckpointStore::Options options;
      options.env = &env;
      options.directory = "/state/job";
      return DirectoryCheckpointStore::Open(std::move(options));
    };
    auto files = disk.Boot(&clock);
    auto store = open(files.get());
    ASSERT_TRUE(store.ok());
    ASSERT_TRUE((*store)
                    ->Publish(MakeCheckpoint(
                        1, 1, {MakeInstance("agg", 0, 1, {MakeSection("s", 0, "content")})}))
                    .ok());
    disk.LosePower();
    files = disk.Boot(&clock);
    store = open(files.get());
    if (!store.ok()) {
      ++lost;
      continue;
    }
    auto latest = (*store)->Latest();
    if (!latest.ok() || *latest == nullptr) ++lost;
  }
  EXPECT_GT(lost, 50);
}

}  // namespace
}  // namespace rhei
