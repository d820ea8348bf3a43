#pragma once
// JobDescription: what a checkpoint says about the job that took it, to compare it with the job
// that is to go on from it. Plain data.
#include <string>
#include <vector>

namespace rhei {

struct JobDescription {
  struct State {
    std::string name;
    std::string schema;  // as its sections begin
    bool operator==(const State&) const = default;
  };
  struct OperatorEntry {
    std::string id;
    std::string name;           // for people
    std::vector<State> states;  // those with content, by name; filled in by the store
    bool operator==(const OperatorEntry&) const = default;
  };
  std::string job_name;
  std::string plan_fingerprint;
  std::vector<OperatorEntry> operators;
  bool operator==(const JobDescription&) const = default;
};

}  // namespace rhei
