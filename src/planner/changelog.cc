#include "planner/changelog.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "plan/physical/calc_spec.h"
#include "plan/physical/join_spec.h"
#include "plan/physical/rank_spec.h"
#include "plan/physical/sink_spec.h"
#include "plan/physical/source_spec.h"

namespace rhei {
namespace {

// A filter on other columns than the upsert key may let +U through and not its -U, or the reverse:
// then the old row must be seen too (FLINK-9528).
bool FiltersBeyondKey(const StreamNode& calc) {
  const auto& spec = static_cast<const CalcSpec&>(*calc.spec);
  if (spec.condition == nullptr) return false;
  const StreamNode& input = *calc.inputs[0].node;
  std::vector<bool> used(input.schema.size());
  CollectInputs(*spec.condition, &used);
  return std::none_of(
      input.upsert_keys.begin(), input.upsert_keys.end(), [&](const std::vector<int>& key) {
        for (size_t i = 0; i < used.size(); ++i) {
          const bool in_key = std::find(key.begin(), key.end(), static_cast<int>(i)) != key.end();
          if (used[i] && !in_key) return false;
        }
        return true;
      });
}

// True when every input has a key that contains its join key: then +U alone finds its row.
bool JoinTakesOnlyAfter(const StreamNode& join) {
  const auto& spec = static_cast<const JoinSpec&>(*join.spec);
  if (spec.type != JoinType::kInner) return false;
  for (size_t side = 0; side < 2; ++side) {
    const std::vector<int>& join_key = side == 0 ? spec.left.keys : spec.right.keys;
    const auto& keys = join.inputs[side].node->upsert_keys;
    const bool found = std::any_of(keys.begin(), keys.end(), [&](const std::vector<int>& key) {
      return std::all_of(join_key.begin(), join_key.end(), [&](int column) {
        return std::find(key.begin(), key.end(), column) != key.end();
      });
    });
    if (!found) return false;
  }
  return true;
}

// What `node` asks of its inputs.
UpdateKind Demand(const StreamNode& node) {
  switch (node.spec->kind) {
    case OperatorKind::kSink:
    case OperatorKind::kUnion:
    case OperatorKind::kExpand:
    case OperatorKind::kUnnest:
    case OperatorKind::kWatermarkAssigner:
    case OperatorKind::kWindowTableFunction: return node.required;
    case OperatorKind::kCalc:
      return FiltersBeyondKey(node) ? UpdateKind::kBeforeAndAfter : node.required;
    case OperatorKind::kJoin:
      return node.required == UpdateKind::kOnlyAfter && JoinTakesOnlyAfter(node)
                 ? UpdateKind::kOnlyAfter
                 : UpdateKind::kBeforeAndAfter;
    case OperatorKind::kChangelogNormalize:
    case OperatorKind::kDropUpdateBefore: return UpdateKind::kOnlyAfter;
    case OperatorKind::kRank:
      return static_cast<const RankSpec&>(*node.spec).only_improves ? UpdateKind::kOnlyAfter
                                                                    : UpdateKind::kBeforeAndAfter;
    case OperatorKind::kSortLimit:
      return static_cast<const SortSpec&>(*node.spec).only_improves ? UpdateKind::kOnlyAfter
                                                                    : UpdateKind::kBeforeAndAfter;
    case OperatorKind::kSource:
    case OperatorKind::kValues:
    case OperatorKind::kGroupAggregate:
    case OperatorKind::kWindowAggregate:
    case OperatorKind::kWindowRank:
    case OperatorKind::kDeduplicate:
    case OperatorKind::kWindowDeduplicate:
    case OperatorKind::kWindowJoin:
    case OperatorKind::kTemporalSort:
    case OperatorKind::kSort:
    case OperatorKind::kLimit:
    case OperatorKind::kLateRows:
    case OperatorKind::kSinkMaterializer: return UpdateKind::kBeforeAndAfter;
  }
  CHECK(false);
}

// A source gives what its connector gives, whatever is asked.
void SettleSource(StreamNode* node) {
  const auto& spec = static_cast<const SourceSpec&>(*node->spec);
  if (spec.changelog.update_after) {
    node->required =
        spec.changelog.update_before ? UpdateKind::kBeforeAndAfter : UpdateKind::kOnlyAfter;
  }
}

// A normalisation between an upsert source and sinks that read +U by key changes nothing for them:
// Flink leaves it out, and the sink gets what the source says.
void SkipNormalize(const std::vector<StreamNodePtr>& order) {
  // What some consumer needs of a node beyond +U by key: all, or whole rows in deletes.
  struct Needs {
    bool changelog = false;
    bool full_deletes = false;
  };
  std::map<const StreamNode*, Needs> needs;
  // Consumers come after their inputs.
  for (auto node = order.rbegin(); node != order.rend(); ++node) {
    Needs asks{.changelog = true};
    const OperatorKind kind = (*node)->spec->kind;
    if (kind == OperatorKind::kSink && (*node)->required == UpdateKind::kOnlyAfter) {
      const bool by_key = static_cast<const SinkSpec&>(*(*node)->spec).deletes_by_key;
      asks = {.changelog = false, .full_deletes = !by_key};
    } else if (kind == OperatorKind::kCalc &&
               static_cast<const CalcSpec&>(*(*node)->spec).condition == nullptr) {
      asks = needs[node->get()];
    }
    for (const StreamInput& input : (*node)->inputs) {
      needs[input.node.get()].changelog |= asks.changelog;
      needs[input.node.get()].full_deletes |= asks.full_deletes;
    }
  }
  for (const StreamNodePtr& node : order) {
    for (StreamInput& input : node->inputs) {
      if (input.node->spec->kind != OperatorKind::kChangelogNormalize) continue;
      const auto& spec = static_cast<const ChangelogNormalizeSpec&>(*input.node->spec);
      const Needs& asked = needs[input.node.get()];
      const bool upserts = input.node->inputs[0].node->changelog().upsert();
      if (asked.changelog || spec.condition != nullptr || !upserts) continue;
      if (asked.full_deletes && spec.input_deletes_by_key) continue;
      input = StreamInput(input.node->inputs[0]);
    }
  }
}

StreamNodePtr DropUpdateBefore(const StreamNodePtr& input) {
  StreamNodePtr node = MakeNode("DropUpdateBefore", std::make_shared<DropUpdateBeforeSpec>(),
                                {ForwardInput(input)}, input->schema);
  node->produces_updates = input->produces_updates;
  node->produces_deletes = input->produces_deletes;
  node->required = UpdateKind::kOnlyAfter;
  node->upsert_keys = input->upsert_keys;
  node->window = input->window;
  node->position = input->position;
  return node;
}

void WriteIntoSpec(StreamNode* node) {
  const bool before = node->required == UpdateKind::kBeforeAndAfter;
  const ChangelogMode in =
      node->inputs.empty() ? ChangelogMode::InsertOnly() : node->inputs[0].node->changelog();
  switch (node->spec->kind) {
    case OperatorKind::kGroupAggregate: {
      auto& spec = SpecOf<GroupAggregateSpec>(*node);
      spec.input_changelog = in;
      spec.generate_update_before = before;
      break;
    }
    case OperatorKind::kWindowAggregate:
      SpecOf<WindowAggregateSpec>(*node).input_changelog = in;
      break;
    case OperatorKind::kRank: {
      auto& spec = SpecOf<RankSpec>(*node);
      spec.input_changelog = in;
      spec.generate_update_before = before;
      break;
    }
    case OperatorKind::kDeduplicate: {
      auto& spec = SpecOf<DeduplicateSpec>(*node);
      spec.input_changelog = in;
      spec.generate_update_before = before;
      break;
    }
    case OperatorKind::kChangelogNormalize:
      SpecOf<ChangelogNormalizeSpec>(*node).generate_update_before = before;
      break;
    case OperatorKind::kTemporalSort:
    case OperatorKind::kSort:
    case OperatorKind::kLimit:
    case OperatorKind::kSortLimit: {
      auto& spec = SpecOf<SortSpec>(*node);
      spec.input_changelog = in;
      spec.generate_update_before = before;
      break;
    }
    case OperatorKind::kJoin: {
      auto& spec = SpecOf<JoinSpec>(*node);
      spec.left.changelog = in;
      spec.right.changelog = node->inputs[1].node->changelog();
      break;
    }
    case OperatorKind::kSink: SpecOf<SinkSpec>(*node).input_changelog = in; break;
    default: break;
  }
}

}  // namespace

void InferUpdateKinds(const std::vector<StreamNodePtr>& sinks) {
  std::vector<StreamNodePtr> order = TopologicalOrder(sinks);
  // Consumers before inputs, so that a node has heard all its consumers.
  for (auto node = order.rbegin(); node != order.rend(); ++node) {
    if ((*node)->spec->kind == OperatorKind::kSource) SettleSource(node->get());
    const UpdateKind demand = Demand(**node);
    for (StreamInput& input : (*node)->inputs) {
      if (!input.node->produces_updates) continue;
      input.node->required = std::max(input.node->required, demand);
    }
  }
  SkipNormalize(order);
  order = TopologicalOrder(sinks);
  // Where a node gives -U for the sake of another consumer, or because it is a source.
  for (const StreamNodePtr& node : order) {
    if (Demand(*node) != UpdateKind::kOnlyAfter) continue;
    for (StreamInput& input : node->inputs) {
      if (input.node->changelog().update_before) input.node = DropUpdateBefore(input.node);
    }
  }
  for (const StreamNodePtr& node : order) WriteIntoSpec(node.get());
}

}  // namespace rhei
