#include "engine/job_list.h"

#include <algorithm>

#include <fmt/format.h>

namespace rhei {

void JobList::Add(const std::shared_ptr<Job>& job, bool keep) {
  const std::lock_guard lock(mutex_);
  entries_.push_back({keep ? job : nullptr, job});
}

std::vector<std::shared_ptr<Job>> JobList::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Job>> jobs;
  std::erase_if(entries_, [&](const Entry& entry) {
    if (std::shared_ptr<Job> job = entry.job.lock()) {
      jobs.push_back(std::move(job));
      return false;
    }
    return true;
  });
  return jobs;
}

Result<std::shared_ptr<Job>> JobList::Find(std::string_view id) const {
  std::shared_ptr<Job> found;
  if (!id.empty()) {
    for (const std::shared_ptr<Job>& job : All()) {
      if (!job->id().starts_with(id)) continue;
      if (found != nullptr) {
        return NotFound(fmt::format("Job ID '{}' is the beginning of several jobs' ids.", id));
      }
      found = job;
    }
  }
  if (found == nullptr) return NotFound(fmt::format("Job ID '{}' was not found.", id));
  return found;
}

}  // namespace rhei
