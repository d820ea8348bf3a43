#pragma once
// Zeroed memory for large tables: from 4 MB on it is mapped, costs nothing until it is used, and
// goes back to the system when it is freed.
//
// Huge pages halve the cost of a random access to a gigabyte, but a first touch may then wait tens
// of milliseconds for the system to find one (measured: 30). So memory is filled in small pages,
// and PreferHugePages, called when it is full, has the system join them in its own time.
//
// Ownership: the caller's; free with the same number of bytes. Thread-safety: from any thread.
#include <cstddef>

namespace rhei {

// Never null: CHECKs that the system had it.
std::byte* AllocateZeroed(size_t bytes);
void PreferHugePages(std::byte* memory, size_t bytes);
void FreeZeroed(std::byte* memory, size_t bytes);

}  // namespace rhei
