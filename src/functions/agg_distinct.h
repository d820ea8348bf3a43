#pragma once
// CountedValues: how often each value (a byte string) occurs, in order of first arrival; and
// DistinctValues, the same as an AggregateObject: what the operators keep beside a DISTINCT
// aggregate.
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

class DistinctValues : public AggregateObject {
 public:
  // True when the value was not there and now is: hand the row to the aggregate as an addition.
  bool Add(std::string_view value) { return values_.Add(value, 1) == 1; }
  // True when this was the last of its kind: hand the row over as a retraction.
  bool Retract(std::string_view value) { return values_.Add(value, -1) == 0; }
  // Takes over `from`'s values; calls appeared(value) for each that was not here.
  template <typename F>
  void Merge(const DistinctValues& from, F appeared) {
    from.values_.ForEach([&](std::string_view value, int64_t count) {
      const int64_t now = values_.Add(value, count);
      if (now > 0 && now - count <= 0) appeared(value);
    });
  }
  const CountedValues& values() const { return values_; }

  void Save(std::string* out) const override { values_.Save(out); }
  Status Load(std::string_view bytes) override { return values_.Load(bytes); }
  int64_t bytes() const override { return static_cast<int64_t>(sizeof(*this)) + values_.bytes(); }

 private:
  CountedValues values_;
};

}  // namespace rhei
