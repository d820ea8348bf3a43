#pragma once
// Simulator: runs a seed. A seed is a job, its input, its settings, an order of steps and a plan of
// faults; the job runs on the simulated disk until it has finished, restarted after every fault,
// and what it has committed must be what the same job commits without faults.
//
// The plan of each job is made once. Everything that a run prints comes from the seed.
// Thread-safety: one thread.
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "plan/physical/operator_spec.h"

namespace rhei {

// Bugs to be found, done by what surrounds the engine in the simulation.
enum class PlantedBug : uint8_t {
  kNone,
  kSkippedFsync,
  kRenameBeforeFsync,
  kWatermarkNotRestored,
  kTimerLost,
  kWrongEpochSegment,
  kLiveSegmentSwept,
};
std::string_view PlantedBugName(PlantedBug bug);
// "skipped-fsync", ...; kInvalidArgument with the list.
Result<PlantedBug> ParsePlantedBug(std::string_view name);

struct SimulationReport {
  uint64_t seed = 0;
  bool equal = false;
  bool refused = false;  // after damage that it may refuse; what it committed is right
  std::string job;
  // What the seed drew, one fact a line; the same for the same seed.
  std::vector<std::string> scenario;
  // What happened: faults that struck, how processes ended.
  std::vector<std::string> events;
  // Why it is not equal.
  std::string difference;
  // What lies on the disk at the end: bytes by path.
  std::map<std::string, std::string> files;
  uint64_t trace = 0;  // of every operation on the disk
  int64_t step_count = 0;
  int restart_count = 0;
  int64_t checkpoint_count = 0;
};

class Simulator {
 public:
  Simulator();
  ~Simulator();

  Result<SimulationReport> Run(uint64_t seed, PlantedBug bug = PlantedBug::kNone);

  // The operators in the plans of all jobs: for the test that looks for one without a job.
  Result<std::set<OperatorKind>> PlannedOperators();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rhei
