#include "columnar/buffer.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "base/check.h"

namespace rhei {
namespace {

constexpr size_t kAlignment = 64;

}  // namespace

std::shared_ptr<Buffer> Buffer::Allocate(size_t bytes, MemoryPool* pool) {
  const size_t capacity = (bytes + kBufferPadding + kAlignment - 1) / kAlignment * kAlignment;
  auto* data = static_cast<std::byte*>(std::aligned_alloc(kAlignment, capacity));
  CHECK(data != nullptr);
  std::memset(data + bytes, 0, capacity - bytes);
  if (pool != nullptr) pool->Charge(static_cast<int64_t>(capacity));
  return std::shared_ptr<Buffer>(new Buffer(data, bytes, capacity, pool));
}

std::shared_ptr<Buffer> Buffer::AllocateZeroed(size_t bytes, MemoryPool* pool) {
  std::shared_ptr<Buffer> buffer = Allocate(bytes, pool);
  std::memset(buffer->data_, 0, bytes);
  return buffer;
}

std::shared_ptr<Buffer> Buffer::CopyOf(std::string_view bytes, MemoryPool* pool) {
  std::shared_ptr<Buffer> buffer = Allocate(bytes.size(), pool);
  if (!bytes.empty()) std::memcpy(buffer->data_, bytes.data(), bytes.size());
  return buffer;
}

Buffer::~Buffer() {
  if (pool_ != nullptr) pool_->Release(static_cast<int64_t>(capacity_));
  std::free(data_);
}

void Buffer::Shrink(size_t bytes) {
  CHECK(bytes <= size_);
  size_ = bytes;
}

}  // namespace rhei
