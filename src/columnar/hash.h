#pragma once
// Row hashes: one 64-bit hash per row over some columns. The function is fixed
// (docs/formats/hash.md): key groups are its top 7 bits, so stored state depends on it. Equal
// values hash equally whatever the encoding; NULL has a hash of its own. -0.0 hashes as 0.0 and
// every NaN alike.
#include <cstdint>
#include <span>

#include "columnar/column.h"

namespace rhei {

// Writes row_count hashes to `out`. With no columns every hash is the same constant.
void HashRows(std::span<const Column* const> columns, int32_t row_count, uint64_t* out);
// The hash of a key that goes on with `more` (a window's end, a session's number): another one for
// each, in the key group of `hash`. A state table whose rows share one hash is searched row by row.
uint64_t ExtendHash(uint64_t hash, int64_t more);
uint64_t HashBytes(const void* data, size_t size, uint64_t seed = 0);

inline constexpr int kKeyGroupBits = 7;
inline constexpr int kKeyGroupCount = 1 << kKeyGroupBits;
constexpr int KeyGroupOf(uint64_t hash) {
  return static_cast<int>(hash >> (64 - kKeyGroupBits));
}
// The shard that owns a key group when a job has `shard_count` shards: contiguous ranges.
constexpr int ShardOfKeyGroup(int key_group, int shard_count) {
  return key_group * shard_count / kKeyGroupCount;
}

}  // namespace rhei
