#pragma once
// MemoryPool: a node in the tree process / job / shard / operator that counts the bytes held below
// it. The one knob is the root's limit.
//
// Reserve may refuse (the caller spills, waits or fails with a clear error); Charge never does and
// may overshoot: the task looks at over_limit() between batches and stops the job with Describe().
// Ownership: a child must die before its parent. Thread-safety: all calls from any thread.
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace rhei {

class MemoryPool {
 public:
  static constexpr int64_t kUnlimited = INT64_MAX;

  MemoryPool(std::string_view name, int64_t limit_bytes, MemoryPool* parent = nullptr);
  ~MemoryPool();
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;

  // Adds `bytes` here and in every ancestor, or nowhere and returns false.
  bool Reserve(int64_t bytes);
  void Charge(int64_t bytes);
  void Release(int64_t bytes);

  int64_t used_bytes() const { return used_.load(std::memory_order_relaxed); }
  int64_t peak_bytes() const { return peak_.load(std::memory_order_relaxed); }
  bool over_limit() const;
  const std::string& name() const { return name_; }
  // "process 812 MB: job 800 MB: group_agg[3] 790 MB ...": who holds what, largest first.
  std::string Describe() const;

 private:
  struct Children;
  std::string name_;
  int64_t limit_;
  MemoryPool* parent_;
  std::atomic<int64_t> used_{0};
  std::atomic<int64_t> peak_{0};
  std::unique_ptr<Children> children_;
};

}  // namespace rhei
