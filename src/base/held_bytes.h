#pragma once
// HeldBytes: the bytes that one structure holds, counted in a pool where it has one. Ownership: the
// pool outlives it; what is held to the end is given back with the destructor.
// Thread-safety: one thread.
#include <cstdint>

#include "base/memory_pool.h"

namespace rhei {

class HeldBytes {
 public:
  explicit HeldBytes(MemoryPool* pool) : pool_(pool) {}
  ~HeldBytes() { Clear(); }
  HeldBytes(const HeldBytes&) = delete;
  HeldBytes& operator=(const HeldBytes&) = delete;

  void Add(int64_t bytes) {
    bytes_ += bytes;
    if (pool_ != nullptr) pool_->Charge(bytes);
  }
  void Remove(int64_t bytes) {
    bytes_ -= bytes;
    if (pool_ != nullptr) pool_->Release(bytes);
  }
  void Change(int64_t bytes) { bytes >= 0 ? Add(bytes) : Remove(-bytes); }
  void Clear() { Remove(bytes_); }
  int64_t bytes() const { return bytes_; }

 private:
  MemoryPool* pool_;
  int64_t bytes_ = 0;
};

}  // namespace rhei
