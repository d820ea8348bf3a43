#pragma once
// ListState: unkeyed byte strings of one operator instance: its splits, its staged files. Written
// as a whole (usually in BeforeBarrier); after a restore every shard sees the elements of all
// shards and takes its own.
#include <string>
#include <utility>
#include <vector>

namespace rhei {

class ListState {
 public:
  // Elements of all frozen instances, in the order of the shards; empty without a restore.
  const std::vector<std::string>& restored() const { return restored_; }
  const std::vector<std::string>& elements() const { return elements_; }
  void Set(std::vector<std::string> elements) { elements_ = std::move(elements); }

 private:
  friend class StateStore;
  std::vector<std::string> restored_;
  std::vector<std::string> elements_;
};

}  // namespace rhei
