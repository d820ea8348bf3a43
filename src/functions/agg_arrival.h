#pragma once
// ArrivalList: values (byte strings) in order of arrival, from which a retraction takes the first
// equal one: the state of FIRST_VALUE, LAST_VALUE, LISTAGG and ARRAY_AGG over changing input.
//
// Adding and removing cost O(log n). A retraction without its addition is remembered, and undone
// by the next addition of that value. Thread-safety: one thread.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"

namespace rhei {

class ArrivalList {
 public:
  ArrivalList() = default;
  ArrivalList(const ArrivalList&) = delete;
  ArrivalList& operator=(const ArrivalList&) = delete;

  void Add(std::string_view value);
  void Retract(std::string_view value);
  void Merge(const ArrivalList& later);  // `later`'s values come after those here
  bool empty() const { return by_order_.empty(); }
  size_t size() const { return by_order_.size(); }
  // REQUIRES: !empty().
  std::string_view first() const { return *by_order_.begin()->second; }
  std::string_view last() const { return *by_order_.rbegin()->second; }
  template <typename F>
  void ForEach(F f) const {
    for (const auto& [order, value] : by_order_) f(std::string_view(*value));
  }
  int64_t bytes() const { return bytes_; }
  void Save(std::string* out) const;
  Status Load(std::string_view bytes);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view value) const { return std::hash<std::string_view>()(value); }
  };
  struct Places {
    std::vector<uint64_t> orders;  // ascending
    int64_t owed = 0;              // retractions still without an addition
  };
  std::unordered_map<std::string, Places, Hash, std::equal_to<>> places_;
  std::map<uint64_t, const std::string*> by_order_;  // the keys of places_, which do not move
  uint64_t next_order_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace rhei
