#pragma once
// MemoryCharge: bytes that outlive who counts them. The pool stays as long as they do, and gets
// them back with the destructor. Thread-safety: Set on one thread at a time.
#include <cstdint>
#include <memory>
#include <utility>

#include "base/memory_pool.h"

namespace rhei {

class MemoryCharge {
 public:
  explicit MemoryCharge(std::shared_ptr<MemoryPool> pool) : pool_(std::move(pool)) {}
  ~MemoryCharge() { Set(0); }
  MemoryCharge(const MemoryCharge&) = delete;
  MemoryCharge& operator=(const MemoryCharge&) = delete;

  void Set(int64_t bytes) {
    if (bytes > bytes_) pool_->Charge(bytes - bytes_);
    if (bytes < bytes_) pool_->Release(bytes_ - bytes);
    bytes_ = bytes;
  }

 private:
  std::shared_ptr<MemoryPool> pool_;
  int64_t bytes_ = 0;
};

}  // namespace rhei
