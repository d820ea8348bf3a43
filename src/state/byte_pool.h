#pragma once
// BytePool: memory for many small byte strings that come and go (stored rows, long keys). Freed
// pieces are reused by size class, so that no row costs a malloc.
//
// Ownership: the pool frees every chunk at its end or at Clear. Thread-safety: one thread.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/held_bytes.h"
#include "columnar/string_view16.h"

namespace rhei {

class BytePool {
 public:
  explicit BytePool(MemoryPool* pool) : held_(pool) {}
  ~BytePool() { Clear(); }
  BytePool(const BytePool&) = delete;
  BytePool& operator=(const BytePool&) = delete;

  char* Allocate(size_t bytes);
  // REQUIRES: `bytes` is what Allocate was told.
  void Free(char* data, size_t bytes);

  // A view that owns a copy of `text` in this pool (or holds it inline). Give it back with
  // FreeView.
  StringView Copy(std::string_view text) {
    return text.size() <= StringView::kInlineMax ? StringView(text) : CopyLong(text);
  }
  void FreeView(const StringView& view) {
    if (!view.is_inline()) Free(const_cast<char*>(view.data()), view.size());
  }

  void Clear();
  int64_t bytes() const { return held_.bytes(); }

 private:
  StringView CopyLong(std::string_view text);
  struct FreePiece {
    FreePiece* next;
  };
  static constexpr size_t kClassCount = 32;
  static constexpr size_t kPooledMax = 8192;
  static size_t ClassOf(size_t bytes);
  static size_t ClassBytes(size_t size_class);

  HeldBytes held_;
  std::array<FreePiece*, kClassCount> free_{};
  std::vector<char*> chunks_;
  std::vector<char*> large_;  // not found again by address: freed one by one, the rest at Clear
  char* chunk_at_ = nullptr;
  size_t chunk_left_ = 0;
  size_t next_chunk_bytes_ = 1024;
};

}  // namespace rhei
