#include "state/chain_book.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace rhei {
namespace {

// Barriers of a state whose groups have `base_bytes`, of which `delta_bytes` change each time.
struct Barriers {
  // The number of groups that got a base.
  int Next(uint64_t base_bytes, uint64_t delta_bytes, bool published = true) {
    ++epoch;
    const KeyGroupSet bases = book.Bases(0);
    for (int g = 0; g < kKeyGroupCount; ++g) {
      const bool is_base = bases.test(static_cast<size_t>(g));
      book.Froze(g, epoch, is_base, is_base ? base_bytes : delta_bytes);
      if (!published) continue;
      uint64_t& deltas = delta_bytes_of[static_cast<size_t>(g)];
      deltas = is_base ? 0 : deltas + delta_bytes;
    }
    if (published) book.Published(epoch);
    return static_cast<int>(bases.count());
  }
  uint64_t AllDeltas() const {
    uint64_t out = 0;
    for (const uint64_t bytes : delta_bytes_of) out += bytes;
    return out;
  }

  ChainBook book;
  uint32_t epoch = 0;
  std::array<uint64_t, kKeyGroupCount> delta_bytes_of{};
};

TEST(ChainBookTest, DeltasStayBelowAPartOfTheBasesAndBasesAreSpread) {
  Barriers barriers;
  constexpr uint64_t kBase = 1'000'000;
  EXPECT_EQ(barriers.Next(kBase, 0), kKeyGroupCount);
  int without = 0, bases = 0;
  constexpr int kSettled = 200, kAll = 1200;
  for (int i = 0; i < kAll; ++i) {
    const int got = barriers.Next(kBase, kBase / 100);
    EXPECT_LE(barriers.AllDeltas(), kBase * kKeyGroupCount * 64 / 100);
    // Never all at one barrier again.
    EXPECT_LE(got, kKeyGroupCount / 4) << i;
    if (i < kSettled) continue;
    bases += got;
    without += got == 0 ? 1 : 0;
  }
  // Of most barriers no row is looked at that did not change.
  EXPECT_GT(without, (kAll - kSettled) * 8 / 10);
  // About as many bytes of bases as of deltas.
  EXPECT_NEAR(bases, (kAll - kSettled) * kKeyGroupCount / 100, kKeyGroupCount * 2);
}

TEST(ChainBookTest, OfLargeDeltasSomeAreReplacedAtMostBarriers) {
  Barriers barriers;
  constexpr uint64_t kBase = 1'000'000;
  barriers.Next(kBase, 0);
  int bases = 0;
  for (int i = 0; i < 120; ++i) {
    const int got = barriers.Next(kBase, kBase / 10);
    EXPECT_LE(got, kKeyGroupCount / 4) << i;
    if (i >= 20) bases += got;
  }
  EXPECT_NEAR(bases, 100 * kKeyGroupCount / 10, 3 * kKeyGroupCount);
}

TEST(ChainBookTest, ChainsStayShort) {
  Barriers barriers;
  barriers.Next(1'000'000, 0);
  int most = 0;
  for (int i = 0; i < 1000; ++i) most = std::max(most, barriers.Next(1'000'000, 1));
  EXPECT_LE(most, kKeyGroupCount / 4);
  int bases = 0;
  for (int i = 0; i < 160; ++i) bases += barriers.Next(1'000'000, 1);
  EXPECT_GE(bases, kKeyGroupCount);
}

TEST(ChainBookTest, AGroupThatAlonePassesItsBaseIsReplacedAlone) {
  ChainBook book;
  for (int g = 0; g < kKeyGroupCount; ++g) book.Froze(g, 1, true, 1000);
  book.Published(1);
  for (uint32_t epoch = 2; epoch <= 4; ++epoch) {
    EXPECT_TRUE(book.Bases(0).none());
    book.Froze(7, epoch, false, 900);
    book.Published(epoch);
  }
  EXPECT_EQ(book.Bases(0), KeyGroupSet().set(7));
}

// The base of a large group has several sections.
TEST(ChainBookTest, ARestoredBaseGoesToTheEndOfItsSections) {
  const size_t full = FreezeBuffers::kSectionBytes + 1;
  const StateSection base{"s", 0, std::string(full, 'a'), false};
  const StateSection more{"s", 0, std::string(full / 2, 'b'), true};
  const StateSection delta{"s", 0, std::string(full / 2, 'c'), true};
  ChainBook book;
  for (int g = 0; g < kKeyGroupCount; ++g) {
    book.Restored({g, {&base, &more, &delta}}, 5, true);
    EXPECT_EQ(book.BytesExpected(g, true), full + full / 2);
  }
  EXPECT_TRUE(book.Bases(0).none());
}

TEST(ChainBookTest, ABaseThatMayNotBePublishedIsWrittenAgain) {
  Barriers barriers;
  EXPECT_EQ(barriers.Next(1000, 0, false), kKeyGroupCount);
  EXPECT_EQ(barriers.Next(1000, 0), kKeyGroupCount);
  EXPECT_EQ(barriers.Next(1000, 10, false), 0);
  EXPECT_EQ(barriers.Next(1000, 10), 0);
}

}  // namespace
}  // namespace rhei
