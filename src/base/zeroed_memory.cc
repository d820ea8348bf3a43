#include "base/zeroed_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

#include "base/check.h"

namespace rhei {

namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kMappedFrom = size_t{4} << 20;

size_t RoundUp(size_t bytes) {
  return (bytes + kHugePage - 1) / kHugePage * kHugePage;
}

}  // namespace

std::byte* AllocateZeroed(size_t bytes) {
  if (bytes < kMappedFrom) {
    auto* memory = static_cast<std::byte*>(std::calloc(1, bytes));
    CHECK(memory != nullptr);
    return memory;
  }
  // One page more than is needed, so that a whole number of huge pages can be cut out.
  const size_t size = RoundUp(bytes);
  void* mapped = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(mapped != MAP_FAILED);
  auto* begin = static_cast<std::byte*>(mapped);
  const size_t before =
      RoundUp(reinterpret_cast<uintptr_t>(begin)) - reinterpret_cast<uintptr_t>(begin);
  if (before > 0) munmap(begin, before);
  if (before < kHugePage) munmap(begin + before + size, kHugePage - before);
  return begin + before;
}

void PreferHugePages(std::byte* memory, size_t bytes) {
  // Refused where huge pages are off: it stays as it is.
  if (bytes >= kMappedFrom) (void)madvise(memory, RoundUp(bytes), MADV_HUGEPAGE);
}

void FreeZeroed(std::byte* memory, size_t bytes) {
  if (bytes < kMappedFrom) {
    std::free(memory);
  } else {
    munmap(memory, RoundUp(bytes));
  }
}

}  // namespace rhei
