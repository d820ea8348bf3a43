#include "sim/simulated_disk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/env_files.h"

namespace rhei {
namespace {

class FixedClock final : public Clock {
 public:
  int64_t WallMicros() override { return 1'000'000; }
  int64_t MonotonicNanos() override { return 1'000'000'000; }
  void SleepMicros(int64_t) override {}
};

struct Machine {
  explicit Machine(uint64_t seed) : disk(seed), files(disk.Boot(&clock)) {}
  void Restart() { files = disk.Boot(&clock); }
  FixedClock clock;
  SimulatedDisk disk;
  std::unique_ptr<FileSystem> files;
};

std::unique_ptr<WritableFile> Write(FileSystem* files, const std::string& path,
                                    std::string_view text) {
  Result<std::unique_ptr<WritableFile>> file = files->Create(path, false);
  EXPECT_TRUE(file.ok()) << file.status().message();
  EXPECT_TRUE((*file)->Append(text).ok());
  return std::move(file).value();
}

// The states in which a power loss leaves what `prepare` did, over many seeds.
std::map<std::string, int> StatesAfterPowerLoss(void (*prepare)(FileSystem* files)) {
  std::map<std::string, int> states;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    Machine machine(seed);
    machine.disk.Put("/d/old", "old", 0);
    prepare(machine.files.get());
    machine.disk.LosePower();
    std::string state;
    for (const auto& [path, bytes] : machine.disk.Files("/d")) {
      state += path.substr(3) + "=" + bytes + ";";
    }
    ++states[state];
  }
  return states;
}

TEST(SimulatedDiskTest, WhatIsSyncedWithItsNameSurvivesPowerLoss) {
  const auto states = StatesAfterPowerLoss([](FileSystem* files) {
    const auto file = Write(files, "/d/new", "text");
    EXPECT_TRUE(file->Sync().ok());
    EXPECT_TRUE(files->SyncDirectory("/d").ok());
  });
  EXPECT_EQ(states.size(), 1u);
  EXPECT_TRUE(states.contains("new=text;old=old;"));
}

TEST(SimulatedDiskTest, BytesThatAreNotSyncedAreLostKeptOrTorn) {
  const auto states = StatesAfterPowerLoss([](FileSystem* files) {
    const auto file = Write(files, "/d/new", "text");
    EXPECT_TRUE(files->SyncDirectory("/d").ok());
  });
  EXPECT_TRUE(states.contains("new=;old=old;"));
  EXPECT_TRUE(states.contains("new=text;old=old;"));
  EXPECT_TRUE(states.contains("new=te;old=old;"));
  EXPECT_TRUE(states.contains(std::string("new=\0\0\0\0;old=old;", 17)));
}

TEST(SimulatedDiskTest, ANameThatIsNotSyncedMayGoAlthoughTheFileIs) {
  const auto states = StatesAfterPowerLoss([](FileSystem* files) {
    const auto file = Write(files, "/d/new", "text");
    EXPECT_TRUE(file->Sync().ok());
  });
  EXPECT_EQ(states.size(), 2u);
  EXPECT_TRUE(states.contains("old=old;"));
  EXPECT_TRUE(states.contains("new=text;old=old;"));
}

TEST(SimulatedDiskTest, RenamesAreWholeAndMayBeReordered) {
  const auto states = StatesAfterPowerLoss([](FileSystem* files) {
    EXPECT_TRUE(files->Rename("/d/old", "/d/moved").ok());
    const auto file = Write(files, "/d/new", "");
  });
  EXPECT_EQ(states.size(), 4u);
  EXPECT_TRUE(states.contains("moved=old;"));
  EXPECT_TRUE(states.contains("old=old;"));
  EXPECT_TRUE(states.contains("new=;old=old;"));
  EXPECT_TRUE(states.contains("moved=old;new=;"));
}

TEST(SimulatedDiskTest, ANewDirectoryNeedsItsParentSynced) {
  const auto states = StatesAfterPowerLoss([](FileSystem* files) {
    EXPECT_TRUE(files->MakeDirectories("/d/sub").ok());
    const auto file = Write(files, "/d/sub/new", "text");
    EXPECT_TRUE(file->Sync().ok());
    EXPECT_TRUE(files->SyncDirectory("/d/sub").ok());
  });
  EXPECT_EQ(states.size(), 2u);
  EXPECT_TRUE(states.contains("old=old;"));
}

TEST(SimulatedDiskTest, KillingTheProcessLosesNothingButItsHandlesAndLocks) {
  Machine machine(7);
  machine.disk.Put("/d/old", "old", 0);
  const auto file = Write(machine.files.get(), "/d/new", "text");
  auto lock = machine.files->LockFile("/d/lock");
  ASSERT_TRUE(lock.ok());
  EXPECT_FALSE(machine.files->LockFile("/d/lock").ok());
  machine.disk.Kill();
  EXPECT_TRUE(machine.disk.process_is_dead());
  EXPECT_FALSE(file->Append("more").ok());
  EXPECT_FALSE(machine.files->Remove("/d/old").ok());
  machine.Restart();
  EXPECT_EQ(machine.disk.Files("/d").at("/d/new"), "text");
  EXPECT_EQ(machine.disk.Files("/d").at("/d/old"), "old");
  auto again = machine.files->LockFile("/d/lock");
  EXPECT_TRUE(again.ok());
  // The dead process's handle frees nothing of the live one.
  lock = IoError("gone");
  EXPECT_FALSE(machine.files->LockFile("/d/lock").ok());
}

TEST(SimulatedDiskTest, FaultsStrikeByTheNumberOfTheOperation) {
  Machine machine(1);
  machine.disk.Put("/d/old", "old", 0);
  machine.disk.Plan(
      {{DiskFaultKind::kError, 2, 1}, {DiskFaultKind::kFull, 4, 2}, {DiskFaultKind::kKill, 7, 1}});
  EXPECT_TRUE(machine.files->Stat("/d/old").ok());
  EXPECT_EQ(machine.files->Stat("/d/old").status().code(), ErrorCode::kIo);
  EXPECT_TRUE(machine.files->Stat("/d/old").ok());
  EXPECT_EQ(machine.files->Create("/d/a", false).status().code(), ErrorCode::kResource);
  EXPECT_EQ(machine.files->Create("/d/a", false).status().code(), ErrorCode::kResource);
  EXPECT_TRUE(machine.files->Create("/d/a", false).ok());
  EXPECT_FALSE(machine.files->Create("/d/b", false).ok());
  EXPECT_TRUE(machine.disk.process_is_dead());
  EXPECT_EQ(machine.disk.Files("/d").size(), 2u);
  EXPECT_EQ(machine.disk.struck().size(), 3u);
}

TEST(SimulatedDiskTest, AFailedSyncLosesTheBytesForGood) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Machine machine(seed);
    machine.disk.Put("/d/old", "old", 0);
    machine.disk.Plan({{DiskFaultKind::kError, 4, 1}});
    const auto file = Write(machine.files.get(), "/d/new", "text");
    EXPECT_TRUE(machine.files->SyncDirectory("/d").ok());
    EXPECT_FALSE(file->Sync().ok());
    EXPECT_TRUE(file->Sync().ok());
    machine.disk.LosePower();
    if (machine.disk.Files("/d").at("/d/new") != "text") return;
  }
  ADD_FAILURE() << "no seed lost the bytes";
}

TEST(SimulatedDiskTest, PlantedBugsAreThere) {
  bool lost = false, torn_final = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Machine machine(seed);
    machine.disk.Put("/d/old", "old", 0);
    machine.disk.Plant({.ignore_sync = true});
    const auto file = Write(machine.files.get(), "/d/new", "text");
    EXPECT_TRUE(file->Sync().ok());
    EXPECT_TRUE(machine.files->SyncDirectory("/d").ok());
    machine.disk.LosePower();
    lost |= machine.disk.Files("/d").size() == 1;
  }
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Machine machine(seed);
    machine.disk.Put("/d/old", "old", 0);
    machine.disk.Plant({.sync_after_rename = true});
    machine.disk.Plan({{DiskFaultKind::kPower, 5, 1}});
    const auto file = Write(machine.files.get(), "/d/new.tmp", "text");
    EXPECT_TRUE(file->Sync().ok());
    EXPECT_FALSE(machine.files->Rename("/d/new.tmp", "/d/new").ok());
    const auto files = machine.disk.Files("/d");
    torn_final |= files.contains("/d/new") && files.at("/d/new") != "text";
  }
  EXPECT_TRUE(lost);
  EXPECT_TRUE(torn_final);
}

// What a call gave, without the words of its error.
std::string Told(const Status& status) {
  if (status.ok()) return "ok";
  return std::string(ErrorCodeName(status.code())) +
         (status.message().find("exists") != std::string::npos ? " exists" : "");
}

std::string Tree(FileSystem* files, const std::string& directory) {
  std::string tree;
  Result<std::vector<FileInfo>> entries = files->List(directory);
  EXPECT_TRUE(entries.ok());
  for (const FileInfo& entry : *entries) {
    tree += entry.path.substr(entry.path.rfind('/') + 1);
    if (entry.is_directory) {
      tree += "{" + Tree(files, entry.path) + "}";
    } else {
      Result<std::string> bytes = ReadFile(*files, entry.path);
      EXPECT_TRUE(bytes.ok());
      tree += "=" + *bytes + fmt::format("({})", entry.bytes);
    }
    tree += ";";
  }
  return tree;
}

void RemoveTree(FileSystem* files, const std::string& path) {
  Result<std::vector<FileInfo>> entries = files->List(path);
  EXPECT_TRUE(entries.ok());
  for (const FileInfo& entry : *entries) {
    if (entry.is_directory) {
      RemoveTree(files, entry.path);
    } else {
      EXPECT_TRUE(files->Remove(entry.path).ok());
    }
  }
  EXPECT_TRUE(files->Remove(path).ok());
}

std::string DoAtRandom(FileSystem* files, const std::string& root, Dice* dice) {
  const auto path = [&] {
    std::string drawn = root;
    if (dice->Chance(40)) drawn += fmt::format("/d{}", dice->Below(2));
    return drawn + fmt::format("/f{}", dice->Below(4));
  };
  const std::string first = path();
  const std::string text = fmt::format("<{}>", dice->Below(100));
  switch (dice->Below(9)) {
    case 0: {
      Result<std::unique_ptr<WritableFile>> file = files->Create(first, dice->Chance(50));
      if (!file.ok()) return "create " + Told(file.status());
      EXPECT_TRUE((*file)->Append(text).ok());
      EXPECT_TRUE((*file)->Sync().ok());
      return "create " + Told((*file)->Close());
    }
    case 1: {
      Result<std::unique_ptr<WritableFile>> file = files->OpenForAppend(first);
      if (!file.ok()) return "append " + Told(file.status());
      return "append " + Told((*file)->Append(text));
    }
    case 2: return "rename " + Told(files->Rename(first, path()));
    case 3: return "move " + Told(files->RenameNoReplace(first, path()));
    case 4: return "remove " + Told(files->Remove(first));
    case 5: return "truncate " + Told(files->Truncate(first, dice->Between(0, 6)));
    case 6:
      return "mkdir " + Told(files->MakeDirectories(root + fmt::format("/d{}", dice->Below(2))));
    case 7: return "rmdir " + Told(files->Remove(root + fmt::format("/d{}", dice->Below(2))));
    default: {
      Result<FileInfo> info = files->Stat(first);
      return "stat " + (info.ok() ? fmt::format("{}", info->bytes) : Told(info.status()));
    }
  }
}

// Without faults the disk is the machine's.
TEST(SimulatedDiskTest, DoesWhatTheRealFileSystemDoes) {
  const std::string real_root =
      fmt::format("{}rhei-sim-{:x}", testing::TempDir(), RealEnvironment().random->Next());
  const std::unique_ptr<FileSystem> real = MakePosixFileSystem();
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const std::string root = real_root + fmt::format("/{}", seed);
    Machine machine(seed);
    ASSERT_TRUE(real->MakeDirectories(root).ok());
    ASSERT_TRUE(machine.files->MakeDirectories(root).ok());
    Dice real_dice(seed), simulated_dice(seed);
    for (int i = 0; i < 150; ++i) {
      const std::string expected = DoAtRandom(real.get(), root, &real_dice);
      ASSERT_EQ(DoAtRandom(machine.files.get(), root, &simulated_dice), expected)
          << "seed " << seed << " step " << i;
    }
    EXPECT_EQ(Tree(machine.files.get(), root), Tree(real.get(), root)) << "seed " << seed;
  }
  RemoveTree(real.get(), real_root);
}

}  // namespace
}  // namespace rhei
