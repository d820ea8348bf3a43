#pragma once
// PhysicalPlan: the job as the runtime builds it: operators in topological order, each with its
// spec, its inputs and how rows travel to it. Pure data; EXPLAIN prints it.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plan/physical/operator_spec.h"
#include "types/change_kind.h"
#include "types/data_type.h"

namespace rhei {

enum class Distribution : uint8_t {
  kForward,    // same shard
  kHash,       // by the hash of hash_columns (columnar/hash.h): key group -> shard
  kSingleton,  // everything to shard 0
  kRebalance,  // batches dealt round robin
  kBroadcast,  // every shard gets every row
};

struct PhysicalInput {
  int node = -1;  // index into PhysicalPlan::nodes
  int port = 0;   // of that node (runtime/operator.h: 0 main, 1 late rows, 2 rejected rows)
  Distribution distribution = Distribution::kForward;
  std::vector<int> hash_columns;
};

struct PhysicalNode {
  std::string operator_id;  // structural and stable over edits elsewhere in the file
  std::string name;         // "GroupAggregate"
  std::string description;  // "groupBy=[name], select=[name, COUNT(*) AS n]": EXPLAIN's text
  std::shared_ptr<const OperatorSpec> spec;
  std::vector<PhysicalInput> inputs;
  Schema output;
  ChangelogMode changelog;
  bool singleton = false;                     // runs on shard 0 only
  std::vector<std::vector<int>> upsert_keys;  // output columns that identify a row
};

struct PhysicalPlan {
  std::vector<PhysicalNode> nodes;  // an input's node comes before its consumer
  std::vector<int> sinks;           // the nodes nothing reads
};

}  // namespace rhei
