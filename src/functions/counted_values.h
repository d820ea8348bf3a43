#pragma once
// CountedValues: how often each value (a byte string) occurs, in order of first arrival. What the
// operators keep beside a DISTINCT aggregate is state/value_counts.h.
//
// Counts may be negative (a retraction that came before its addition). Memory: about 32 bytes a
// value, plus the bytes of values longer than 12. Thread-safety: one thread.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/string_view16.h"
#include "functions/aggregate.h"

namespace rhei {

class CountedValues {
 public:
  // Changes the count of `value` by `delta` and returns the new count.
  int64_t Add(std::string_view value, int64_t delta);
  int64_t CountOf(std::string_view value) const;
  // Calls f(std::string_view value, int64_t count) for every count that is not 0.
  template <typename F>
  void ForEach(F f) const {
    for (const Entry& entry : entries_) {
      if (entry.count != 0) f(entry.value.view(), entry.count);
    }
  }
  void Merge(const CountedValues& other);
  size_t live_values() const { return entries_.size() - dead_; }  // with a count other than 0
  bool empty() const { return live_values() == 0; }
  int64_t bytes() const;
  void Save(std::string* out) const;
  Status Load(std::string_view bytes);

 private:
  struct Entry {
    StringView value;
    int64_t count;
  };
  // Position in index_ of the entry of `value`, or of the free place where it belongs.
  size_t Find(std::string_view value) const;
  void Rebuild(size_t places);
  StringView Own(std::string_view value);

  std::vector<Entry> entries_;
  std::vector<uint32_t> index_;  // entry + 1; 0 is free
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_used_ = 0;
  size_t block_size_ = 0;
  size_t block_bytes_ = 0;
  size_t dead_ = 0;
};

}  // namespace rhei
