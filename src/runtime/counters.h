#pragma once
// Counters and their equation: "nothing unaccounted". Each operator instance owns named counters,
// incremented where the event happens, none computed as a difference, and declares one equation
// over them (in = out + filtered). The task checks it at every barrier; a violation fails the job.
//
// Thread-safety: written by the shard, read by any thread (relaxed atomics; one add per batch).
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rhei {

class Counter {
 public:
  explicit Counter(std::string_view name) : name_(name) {}
  void Add(int64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::atomic<int64_t> value_{0};
};

class Counters {
 public:
  // The counter called `name`, made at the first call. The pointer stays valid.
  Counter* Get(std::string_view name);
  // Declares: sum of `left` == sum of `right` at every barrier. Names a counter by Get's name.
  void DeclareEquation(std::vector<std::string> left, std::vector<std::string> right);
  // kDataError with the numbers when the equation does not hold.
  Status Check(std::string_view operator_name) const;
  struct Reading {
    std::string name;
    int64_t value;
  };
  std::vector<Reading> Read() const;

 private:
  std::vector<std::unique_ptr<Counter>> counters_;
  struct Equation {
    std::vector<std::string> left, right;
  };
  std::vector<Equation> equations_;
};

}  // namespace rhei
