#pragma once
// JobList: the jobs of a process, for SHOW JOBS, STOP JOB and the like. Jobs of INSERTs stay listed
// after their end; those of SELECTs go with their operation.
// Thread-safety: all calls from any thread.
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "engine/job.h"

namespace rhei {

class JobList {
 public:
  void Add(const std::shared_ptr<Job>& job, bool keep);
  // In the order of their start.
  std::vector<std::shared_ptr<Job>> All() const;
  // By the id, or by a beginning of it that only one job has; kNotFound.
  Result<std::shared_ptr<Job>> Find(std::string_view id) const;

 private:
  struct Entry {
    std::shared_ptr<Job> kept;  // null: listed while somebody else keeps it
    std::weak_ptr<Job> job;
  };
  mutable std::mutex mutex_;
  mutable std::vector<Entry> entries_;
};

}  // namespace rhei
