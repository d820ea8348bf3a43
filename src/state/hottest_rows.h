#pragma once
// HottestRows: which rows own most of what hangs on rows (a multimap's entries, a table's values).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace rhei {

struct StateRow;  // state/table.h

// At most `count` rows and what each owns, most first, found by looking at some of `end_id` things
// spread over all: a row that owns many is met for certain, one with few seldom. owner(id): the row
// of a thing, null where there is none; owned(row): how many it has.
template <typename Owner, typename Owned>
std::vector<std::pair<const StateRow*, int64_t>> HottestRows(uint32_t end_id, size_t count,
                                                             Owner&& owner, Owned&& owned) {
  std::vector<std::pair<const StateRow*, int64_t>> out;
  constexpr uint32_t kLookedAt = 4096;
  const uint32_t step = end_id / kLookedAt + 1;
  for (uint32_t id = 0; id < end_id; id += step) {
    const StateRow* row = owner(id);
    if (row == nullptr) continue;
    const bool known =
        std::any_of(out.begin(), out.end(), [row](const auto& hot) { return hot.first == row; });
    if (known) continue;
    const int64_t size = owned(row);
    if (out.size() == count && size <= out.back().second) continue;
    if (out.size() == count) out.pop_back();
    out.emplace_back(row, size);
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
  }
  return out;
}

}  // namespace rhei
