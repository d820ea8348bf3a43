#pragma once
// SimulatedDisk: a disk in memory that knows what was written and what is durable, as strictly as
// POSIX allows a machine to be.
//
// A process sees it through the FileSystem of Boot and loses it by Kill (the process ends, files
// stay as written) or LosePower. When power goes,
//   - bytes of a file that no Sync covered are lost, kept, cut at any length, or kept sector by
//     sector; what was never written reads as zeros or as rubbish;
//   - entries of a directory (created, renamed, removed) that no SyncDirectory of that directory
//     covered are lost, kept up to some change, or kept in any selection; a rename within one
//     directory is one change, a fsync of the file does not make its name durable;
//   - locks are gone.
// Every call is an operation with a number, counted over all processes. Faults are planned by these
// numbers: the process dies before the operation (of an Append any prefix may have happened), the
// operation fails, or the disk is full for a while. What a failed Sync should have made durable is
// lost unless it is written again: a later one that succeeds does not bring it back.
//
// Ownership: the disk outlives its file systems. Thread-safety: one thread.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "sim/dice.h"

namespace rhei {

enum class DiskFaultKind : uint8_t {
  kKill,   // the process dies
  kPower,  // the machine does
  kError,  // the operation fails
  kFull,   // operations that need room fail, for `length` operations
};

struct DiskFault {
  DiskFaultKind kind = DiskFaultKind::kError;
  uint64_t operation = 0;
  uint64_t length = 1;
};

// Bugs for the simulator to find: what a program could do wrong, done by the disk in its place.
struct DiskPlant {
  bool ignore_sync = false;  // Sync and SyncDirectory do nothing
  // The Sync of a file named ".x" or "x.tmp" happens when it has been renamed.
  bool sync_after_rename = false;
  // When a file is created whose path contains this, the first of its siblings goes.
  std::string sweep_sibling_of = {};
};

class SimulatedDisk {
 public:
  explicit SimulatedDisk(uint64_t seed);
  ~SimulatedDisk();

  // What a fresh process sees; it dies with the next Boot, Kill or LosePower: its calls then fail
  // and change nothing.
  std::unique_ptr<FileSystem> Boot(Clock* clock);
  void Kill();
  void LosePower();
  // A planned fault has ended the process; the disk is as its next process will find it.
  bool process_is_dead() const;

  void Plan(std::vector<DiskFault> faults);
  void Plant(DiskPlant plant);
  // Reads give less than was asked for, now and then.
  void ReadShort(bool on);

  // A durable file, and the directories on its way; outside of any process.
  void Put(const std::string& path, std::string_view bytes, int64_t modified_micros);
  // Every file below `directory`, by path.
  std::map<std::string, std::string> Files(const std::string& directory) const;
  // Removes everything below, durably.
  void Wipe(const std::string& directory);
  // XORs one bit. REQUIRES: the file has that byte.
  void FlipBit(const std::string& path, uint64_t bit);

  uint64_t operation_count() const;
  // Of all operations and their arguments: two runs that differ anywhere differ here.
  uint64_t trace() const;
  // Faults that have struck, in order: "operation 12: power lost at Sync /state/x".
  const std::vector<std::string>& struck() const;

 private:
  struct Impl;
  class View;
  class Reader;
  class Writer;
  class HeldLock;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rhei
