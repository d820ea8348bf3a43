// Size classes: multiples of 16 up to 128, then four steps per power of two up to 8 KB. Longer
// strings are malloc's, with a header that links them for Clear.
#include "state/byte_pool.h"

#include <bit>
#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace rhei {

namespace {

constexpr size_t kChunkBytesMax = size_t{256} << 10;

// In front of a malloc'ed string: its place in large_.
struct LargeHeader {
  size_t index;
  size_t bytes;
};

}  // namespace

size_t BytePool::ClassOf(size_t bytes) {
  if (bytes <= 128) return bytes == 0 ? 0 : (bytes - 1) / 16;
  const size_t log =
      static_cast<size_t>(std::bit_width(bytes - 1)) - 1;  // 2^log < bytes <= 2^(log + 1)
  const size_t step = size_t{1} << (log - 2);
  const size_t quarter = (bytes - 1 - (size_t{1} << log)) / step;
  return 8 + (log - 7) * 4 + quarter;
}

size_t BytePool::ClassBytes(size_t size_class) {
  if (size_class < 8) return (size_class + 1) * 16;
  const size_t log = 7 + (size_class - 8) / 4;
  const size_t quarter = (size_class - 8) % 4;
  return (size_t{1} << log) + (quarter + 1) * (size_t{1} << (log - 2));
}

char* BytePool::Allocate(size_t bytes) {
  if (bytes > kPooledMax) {
    char* block = static_cast<char*>(std::malloc(sizeof(LargeHeader) + bytes));
    CHECK(block != nullptr);
    const LargeHeader header{large_.size(), bytes};
    std::memcpy(block, &header, sizeof(header));
    large_.push_back(block);
    held_.Add(static_cast<int64_t>(bytes));
    return block + sizeof(LargeHeader);
  }
  const size_t size_class = ClassOf(bytes);
  if (FreePiece* piece = free_[size_class]; piece != nullptr) {
    free_[size_class] = piece->next;
    return reinterpret_cast<char*>(piece);
  }
  const size_t size = ClassBytes(size_class);
  if (chunk_left_ < size) {
    // The rest of the old chunk is lost: at most one piece of 8 KB in a chunk of 256 KB.
    const size_t chunk = std::max(next_chunk_bytes_, size);
    next_chunk_bytes_ = std::min(next_chunk_bytes_ * 2, kChunkBytesMax);
    chunk_at_ = static_cast<char*>(std::malloc(chunk));
    CHECK(chunk_at_ != nullptr);
    chunk_left_ = chunk;
    chunks_.push_back(chunk_at_);
    held_.Add(static_cast<int64_t>(chunk));
  }
  char* out = chunk_at_;
  chunk_at_ += size;
  chunk_left_ -= size;
  return out;
}

void BytePool::Free(char* data, size_t bytes) {
  if (bytes > kPooledMax) {
    char* block = data - sizeof(LargeHeader);
    LargeHeader header;
    std::memcpy(&header, block, sizeof(header));
    char* last = large_.back();
    std::memcpy(last, &header.index, sizeof(header.index));
    large_[header.index] = last;
    large_.pop_back();
    held_.Remove(static_cast<int64_t>(bytes));
    std::free(block);
    return;
  }
  const size_t size_class = ClassOf(bytes);
  auto* piece = reinterpret_cast<FreePiece*>(data);
  piece->next = free_[size_class];
  free_[size_class] = piece;
}

StringView BytePool::CopyLong(std::string_view text) {
  char* data = Allocate(text.size());
  std::memcpy(data, text.data(), text.size());
  return StringView(std::string_view(data, text.size()));
}

void BytePool::Clear() {
  for (char* chunk : chunks_) std::free(chunk);
  for (char* block : large_) std::free(block);
  chunks_.clear();
  large_.clear();
  free_.fill(nullptr);
  chunk_at_ = nullptr;
  chunk_left_ = 0;
  next_chunk_bytes_ = 1024;
  held_.Clear();
}

}  // namespace rhei
