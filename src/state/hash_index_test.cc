#include "state/hash_index.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

uint32_t HashOf(uint32_t id) {
  uint64_t x = (id + 1) * 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9U;
  return static_cast<uint32_t>(x >> 32);
}

void Fill(HashIndex* index, uint32_t count) {
  for (uint32_t id = 0; id < count; ++id) index->Insert(HashOf(id), id);
}

// Where entries are expected, the index is as if it had grown, whatever their number turns out.
TEST(HashIndexTest, WhatIsReservedIsWhatGrows) {
  for (const uint32_t count : {0U, 1U, 12U, 13U, 3071U, 3073U, 100'000U, 1'000'000U}) {
    HashIndex grown(nullptr);
    Fill(&grown, count);
    for (const uint32_t expected : {count, count / 3, count + 100}) {
      HashIndex index(nullptr);
      index.Reserve(expected);
      Fill(&index, count);
      EXPECT_EQ(index.size(), count);
      for (uint32_t id = 0; id < count + 10; ++id) {
        const uint32_t found = index.Find(HashOf(id), [id](uint32_t at) { return at == id; });
        ASSERT_EQ(found, id < count ? id : HashIndex::kNone) << count << " " << expected;
      }
      // The last chunk may lie idle.
      if (expected == count) {
        EXPECT_LE(index.bytes(), grown.bytes() * 5 / 4) << count;
      }
      for (uint32_t id = 0; id < count; ++id) index.Erase(HashOf(id), id);
      EXPECT_EQ(index.size(), 0U);
    }
  }
}

}  // namespace
}  // namespace rhei
