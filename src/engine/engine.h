#pragma once
// Engine: what all sessions of a process share: connectors, worker threads, memory.
// Ownership: outlives sessions and jobs. Thread-safety: const after construction; AddConnector
// comes before the first session.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/memory_pool.h"
#include "engine/job_list.h"
#include "runtime/connector.h"
#include "runtime/scheduler.h"

namespace rhei {

struct EngineOptions {
  const Environment* env = nullptr;
  int cores = 1;                                  // worker threads
  int64_t memory_bytes = MemoryPool::kUnlimited;  // the pool tree's root
  Scheduler* scheduler = nullptr;                 // null: worker threads of its own
  // Where side tables (and, without a directory in the settings, checkpoints) lie; empty: nowhere.
  std::string state_directory = {};
};

class Engine {
 public:
  explicit Engine(const EngineOptions& options);
  ~Engine();

  void AddConnector(std::unique_ptr<ConnectorFactory> factory);  // besides the built-in ones
  ConnectorTable& connectors() { return connectors_; }
  const Environment& env() const { return *env_; }
  Scheduler* scheduler() { return scheduler_; }
  MemoryPool* pool() { return &pool_; }
  int cores() const { return cores_; }
  const std::string& state_directory() const { return state_directory_; }
  JobList& jobs() { return jobs_; }

 private:
  const Environment* env_;
  int cores_;
  std::string state_directory_;
  MemoryPool pool_;
  ConnectorTable connectors_;
  std::vector<std::unique_ptr<ConnectorFactory>> owned_;
  std::unique_ptr<Scheduler> owned_scheduler_;
  Scheduler* scheduler_;
  JobList jobs_;  // goes first
};

}  // namespace rhei
