#pragma once
// PlanDifference: what an edited file means for the state of a job: which operators of the stored
// checkpoint go on, which state fits no longer, what is new.
//
// Operators are matched by their structural ids. A source fits when it reads the same table from
// the same place, a sink when it writes the same one by the same connector; any other operator with
// keyed state fits when it is defined as it was and its states have the same schemas. Operators
// without state always fit.
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint_directory.h"
#include "plan/physical/physical_plan.h"
#include "runtime/connector.h"
#include "runtime/operator.h"

namespace rhei {

// Where a job comes from.
struct JobOrigin {
  std::string file = {};  // JobIdentity::base
  std::string run = {};  // of the file: the same for all its jobs from their beginning to their end
};

// What the checkpoints of a job say about it. `job_id` goes with it, so that a job that goes on
// keeps its id.
JobDescription DescribePlan(const PhysicalPlan& plan, const std::string& job_name,
                            const std::string& job_id, const JobOrigin& origin = {});
JobOrigin OriginOf(const JobDescription& description);
// The full names of the tables that it writes.
std::set<std::string> SinksOf(const JobDescription& description);
// The id that DescribePlan was given; empty when there is none.
std::string JobIdOf(const JobDescription& description);

// The connector of every sink, by operator id.
std::map<std::string, std::string> SinkConnectorsOf(const JobDescription& description);

struct PlanDifference {
  struct Entry {
    std::string id;
    std::string was;  // definition; empty: unknown
    std::string is;
    std::vector<JobDescription::State> states;  // stored ones that are given up
    std::string reason;                         // why they do not fit
  };
  int kept_count = 0;          // operators that go on
  std::vector<Entry> changed;  // whose stored state does not fit
  std::vector<Entry> dropped;  // not in the plan any more, with state
  std::vector<Entry> added;    // new in the plan
  std::vector<Entry> renewed;  // without state, defined differently

  bool nothing() const {
    return changed.empty() && dropped.empty() && added.empty() && renewed.empty();
  }
  // No state is lost.
  bool fits() const { return changed.empty() && dropped.empty(); }
  // One line per operator, for people.
  std::string Print() const;
};

// What is needed to ask an operator for the states it wants.
struct OperatorTrial {
  const Environment* env = nullptr;
  const JobSettings* settings = nullptr;
  IoService* io = nullptr;
};

// `wanted` by DescribePlan(plan).
PlanDifference ComparePlans(const JobDescription& stored, const JobDescription& wanted,
                            const PhysicalPlan& plan, const OperatorTrial& trial);

}  // namespace rhei
