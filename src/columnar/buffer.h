#pragma once
// Buffer: a shared, 64-byte aligned block of bytes, charged to a memory pool while it lives.
//
// Written by its one creator, then published inside a Column and const for everybody. Readers may
// read up to kBufferPadding bytes past size() (SIMD loads); those bytes are zero when allocated.
// Thread-safety: const access from any thread after publication.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/memory_pool.h"

namespace rhei {

inline constexpr size_t kBufferPadding = 64;

class Buffer {
 public:
  // Never fails: the pool is charged even past its limit; the task checks the limit between
  // batches.
  static std::shared_ptr<Buffer> Allocate(size_t bytes, MemoryPool* pool = nullptr);
  static std::shared_ptr<Buffer> AllocateZeroed(size_t bytes, MemoryPool* pool = nullptr);
  static std::shared_ptr<Buffer> CopyOf(std::string_view bytes, MemoryPool* pool = nullptr);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  char* chars() { return reinterpret_cast<char*>(data_); }
  const char* chars() const { return reinterpret_cast<const char*>(data_); }
  size_t size() const { return size_; }
  // Lowers size(); the capacity stays.
  void Shrink(size_t bytes);
  template <typename T>
  T* as() {
    return reinterpret_cast<T*>(data_);
  }
  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(data_);
  }

 private:
  Buffer(std::byte* data, size_t size, size_t capacity, MemoryPool* pool)
      : data_(data), size_(size), capacity_(capacity), pool_(pool) {}
  std::byte* data_;
  size_t size_;
  size_t capacity_;
  MemoryPool* pool_;
};

using BufferPtr = std::shared_ptr<Buffer>;

}  // namespace rhei
