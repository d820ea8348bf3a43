#pragma once
// RowRounds: the rows of a batch dealt into rounds in which every key appears at most once: round k
// holds the (k+1)-th row of each key. Within a round all rows can be worked on at once, and the
// result is as if they had come one by one.
//
// Keys are told apart by their state row. Thread-safety: one thread. Reused from batch to batch.
#include <cstdint>
#include <span>
#include <vector>

#include "state/table.h"

namespace rhei {

class RowRounds {
 public:
  void Build(std::span<StateRow* const> rows);

  // Distinct keys in order of first appearance, and the key of each row.
  const std::vector<StateRow*>& groups() const { return groups_; }
  const std::vector<int32_t>& groups_of_rows() const { return group_of_; }
  int32_t group_of(int32_t row) const { return group_of_[static_cast<size_t>(row)]; }
  size_t round_count() const { return round_begin_.size() - 1; }
  // Row numbers of a round, ascending.
  std::span<const int32_t> round(size_t index) const {
    return std::span(by_round_).subspan(round_begin_[index],
                                        round_begin_[index + 1] - round_begin_[index]);
  }

 private:
  std::vector<StateRow*> groups_;
  std::vector<int32_t> group_of_;
  std::vector<uint32_t> occurrence_;
  std::vector<uint32_t> rows_of_group_;
  std::vector<int32_t> by_round_;
  std::vector<size_t> round_begin_;
  std::vector<uint64_t> places_;  // generation << 32, group
  uint32_t generation_ = 0;
};

}  // namespace rhei
