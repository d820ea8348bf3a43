#include "operators/row_rounds.h"

#include <bit>

namespace rhei {

void RowRounds::Build(std::span<StateRow* const> rows) {
  const size_t wanted = std::bit_ceil(rows.size() * 2 + 2);
  if (places_.size() < wanted || ++generation_ == 0) {
    places_.assign(std::max(wanted, places_.size()), 0);
    generation_ = 1;
  }
  const size_t mask = places_.size() - 1;
  groups_.clear();
  rows_of_group_.clear();
  group_of_.resize(rows.size());
  occurrence_.resize(rows.size());
  uint32_t rounds = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto address = reinterpret_cast<uintptr_t>(rows[i]);
    size_t at = (static_cast<uint64_t>(address) * 0x9E3779B97F4A7C15U) >> 40 & mask;
    uint32_t group;
    while (true) {
      const uint64_t place = places_[at];
      if (place >> 32 != generation_) {
        group = static_cast<uint32_t>(groups_.size());
        places_[at] = uint64_t{generation_} << 32 | group;
        groups_.push_back(rows[i]);
        rows_of_group_.push_back(0);
        break;
      }
      group = static_cast<uint32_t>(place);
      if (groups_[group] == rows[i]) break;
      at = (at + 1) & mask;
    }
    group_of_[i] = static_cast<int32_t>(group);
    occurrence_[i] = rows_of_group_[group]++;
    rounds = std::max(rounds, occurrence_[i] + 1);
  }
  // A counting sort by occurrence keeps the rows ascending.
  round_begin_.assign(rounds + 1, 0);
  for (const uint32_t occurrence : occurrence_) ++round_begin_[occurrence + 1];
  for (size_t r = 1; r < round_begin_.size(); ++r) round_begin_[r] += round_begin_[r - 1];
  by_round_.resize(rows.size());
  std::vector<size_t> next(round_begin_.begin(), round_begin_.end() - (rounds > 0 ? 1 : 0));
  for (size_t i = 0; i < rows.size(); ++i) {
    by_round_[next[occurrence_[i]]++] = static_cast<int32_t>(i);
  }
}

}  // namespace rhei
