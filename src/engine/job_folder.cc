#include "engine/job_folder.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/plan_difference.h"

namespace rhei {
namespace {

struct Candidate {
  JobFolder folder;
  std::set<std::string> sinks;
  std::string file;  // JobOrigin
  uint64_t epoch = 0;
  int64_t created_micros = 0;
  bool goes_on = false;  // there is something to go on from
};

Candidate LookAt(const JobFolderRequest& request, const std::string& folder) {
  Candidate candidate;
  candidate.folder.name = folder;
  Result<CheckpointDirectoryListing> listing =
      ListCheckpointDirectory(*request.files, request.directory + "/" + folder);
  // What is damaged is told by who opens it.
  if (!listing.ok() || listing->retained.empty()) return candidate;
  candidate.sinks = SinksOf(listing->job);
  candidate.file = OriginOf(listing->job).file;
  candidate.epoch = listing->retained[0].epoch;
  candidate.created_micros = listing->retained[0].created_micros;
  candidate.goes_on = !listing->finished;
  candidate.folder.listing = std::move(listing).value();
  return candidate;
}

// Other folders that this job may have had; newest first.
Result<std::vector<Candidate>> OthersOf(const JobFolderRequest& request) {
  std::vector<Candidate> others;
  constexpr size_t kHashCharacters = 17;  // with the dash
  const std::string& own = request.identity.folder;
  const std::string readable = own.substr(0, own.size() - kHashCharacters + 1);
  const Result<std::vector<FileInfo>> entries = request.files->List(request.directory);
  if (!entries.ok()) {
    if (entries.status().code() == ErrorCode::kNotFound) return others;
    return entries.status();
  }
  for (const FileInfo& entry : *entries) {
    const std::string folder = entry.path.substr(entry.path.rfind('/') + 1);
    if (folder == own || folder.size() != own.size() || !folder.starts_with(readable)) continue;
    if (request.taken_folders.contains(folder)) continue;
    Candidate candidate = LookAt(request, folder);
    const bool is_other_form =
        request.other_identity.has_value() && folder == request.other_identity->folder;
    if (!candidate.goes_on ||
        (candidate.file != request.identity.base && !(is_other_form && candidate.file.empty()))) {
      continue;
    }
    // Another job's of the file.
    if (candidate.sinks != request.sinks &&
        std::find(request.other_jobs.begin(), request.other_jobs.end(), candidate.sinks) !=
            request.other_jobs.end()) {
      continue;
    }
    others.push_back(std::move(candidate));
  }
  std::stable_sort(others.begin(), others.end(), [](const Candidate& a, const Candidate& b) {
    return a.created_micros > b.created_micros;
  });
  return others;
}

bool Overlap(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& each) { return b.contains(each); });
}

}  // namespace

Result<JobFolder> ChooseJobFolder(const JobFolderRequest& request) {
  Candidate own = LookAt(request, request.identity.folder);
  if (own.goes_on && (own.sinks == request.sinks || own.sinks.empty())) {
    return std::move(own.folder);
  }
  ASSIGN_OR_RETURN(std::vector<Candidate> others, OthersOf(request));
  // What is older than a run that has come to its end was left behind then.
  std::erase_if(others, [&](const Candidate& other) {
    return !own.goes_on && other.created_micros <= own.created_micros;
  });
  for (Candidate& other : others) {
    if (other.sinks == request.sinks) return std::move(other.folder);
  }
  if (own.goes_on) return std::move(own.folder);
  std::erase_if(others,
                [&](const Candidate& other) { return !Overlap(other.sinks, request.sinks); });
  if (others.empty() || request.fresh) return std::move(own.folder);
  const std::set<std::string>& were = others[0].sinks;
  if (others.size() == 1 &&
      std::includes(request.sinks.begin(), request.sinks.end(), were.begin(), were.end())) {
    return std::move(others[0].folder);
  }
  return Status(
      ErrorCode::kStateMismatch,
      fmt::format("{}: checkpoint {} in {}/{} is of a job of this file that writes {}; none of its "
                  "jobs writes the same tables now, so that it is not clear which goes on from it. "
                  "Write them by one job again, or begin anew with --fresh",
                  request.identity.text, others[0].epoch, request.directory, others[0].folder.name,
                  fmt::join(were, ", ")));
}

}  // namespace rhei
