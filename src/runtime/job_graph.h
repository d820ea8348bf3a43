#pragma once
// JobGraph: what a job run is built from: operators by number, and how rows travel between them.
// The engine makes it from a PhysicalPlan; the runtime knows no plans.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "runtime/operator.h"

namespace rhei {

enum class Routing : uint8_t {
  kForward,    // to the same shard
  kHash,       // by the key group of hash_columns
  kSingleton,  // to shard 0
  kRebalance,  // whole batches, round robin
  kBroadcast,  // to every shard
};

struct JobGraph {
  struct Input {
    int node = -1;  // an earlier one
    int port = kMainPort;
    Routing routing = Routing::kForward;
    std::vector<int> hash_columns;
  };
  struct Node {
    std::string operator_id;
    std::string name;  // for people: "GroupAggregate[3]"
    std::vector<Input> inputs;
    bool singleton = false;  // one instance, on shard 0
    // Of an operator that compares the times of its inputs, which all come from the same sources
    // and whose time nothing on the way holds back: these; else empty.
    std::vector<int> same_sources = {};
  };
  std::vector<Node> nodes;
};

// Makes the operator of a node on a shard. Called once per instance when a run starts, all on one
// thread, shards of a node in order.
class OperatorMaker {
 public:
  virtual ~OperatorMaker() = default;
  virtual Result<std::unique_ptr<Operator>> Make(int node, OperatorContext& context) = 0;
};

}  // namespace rhei
