#include "operators/source_positions.h"

#include <algorithm>

#include "state/list_state.h"
#include "state/state_bytes.h"

namespace rhei {
namespace {

bool HasState(const FrozenState& state, std::string_view name) {
  return std::any_of(state.sections.begin(), state.sections.end(),
                     [&](const StateSection& section) { return section.state_name == name; });
}

std::vector<std::string> ElementsOf(const FrozenState& state, std::string_view name) {
  if (!HasState(state, name)) return {};
  auto own = std::make_shared<FrozenState>(state);
  MemoryPool pool("positions", MemoryPool::kUnlimited);
  StateStore store(state.operator_id, {0, 0}, &pool);
  if (!store.Restore({std::move(own)}).ok()) return {};
  Result<ListState*> list = store.OpenList(name);
  return list.ok() ? (*list)->restored() : std::vector<std::string>();
}

}  // namespace

std::vector<SourceSplit> PositionsOf(const FrozenState& state) {
  std::vector<SourceSplit> splits;
  for (const std::string& element : ElementsOf(state, "splits")) {
    // The elements of operators/record_source.cc: a split in work, one that nobody has begun.
    if (element.empty() || (element[0] != 'S' && element[0] != 'U')) continue;
    ByteReader reader(std::string_view(element).substr(1));
    SourceSplit split;
    split.id = reader.ReadBytes();
    split.state = reader.ReadBytes();
    if (reader.ok()) splits.push_back(std::move(split));
  }
  for (const std::string& element : ElementsOf(state, "position")) {
    ByteReader reader(element);
    splits.push_back({"", std::to_string(reader.ReadFixed<int64_t>())});
  }
  std::sort(splits.begin(), splits.end(),
            [](const SourceSplit& a, const SourceSplit& b) { return a.id < b.id; });
  return splits;
}

}  // namespace rhei
