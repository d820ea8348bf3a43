#include "state/chain.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/env.h"
#include "state/state_test_kit.h"
#include "state/table.h"

namespace rhei {
namespace {

constexpr int64_t kRows = 100'000;
constexpr KeyGroupRange kAllGroups{0, kKeyGroupCount};

TableSpec CountSpec() {
  return {"counts", {DataType::BigInt()}, {SlotSpec::Fixed(8)}, 0, false};
}

void Put(StateTable* table, int64_t from, int64_t to, int64_t value) {
  for (int64_t begin = from; begin < to; begin += 1000) {
    std::vector<int64_t> keys;
    for (int64_t key = begin; key < std::min(begin + 1000, to); ++key) keys.push_back(key);
    const Column column = BigIntColumn(keys);
    const std::vector<uint64_t> hashes = HashesOf({&column}, keys.size());
    std::vector<StateRow*> rows(keys.size());
    const Column* columns[] = {&column};
    table->FindOrInsert(columns, hashes.data(), AllRows(keys.size()), rows.data(), nullptr);
    for (StateRow* row : rows) table->Value<int64_t>(row, 0) = value;
  }
}

// The chains of 100,000 rows, about 3 MB: a base, and a delta that changes the first half.
std::shared_ptr<FrozenState> TwoEpochs() {
  StateStore store("op", kAllGroups, nullptr);
  StateTable* table = store.OpenTable(CountSpec()).value();
  Put(table, 0, kRows, 1);
  auto whole = std::make_shared<FrozenState>(*store.Freeze(1).value());
  store.Published(1);
  Put(table, 0, kRows / 2, 2);
  const auto delta = store.Freeze(2).value();
  EXPECT_TRUE(delta->sections.front().is_delta);
  for (const StateSection& section : delta->sections) whole->sections.push_back(section);
  return whole;
}

Result<StateTable*> OpenFrom(std::shared_ptr<const FrozenState> frozen, StateStore* store) {
  EXPECT_TRUE(store->Restore({std::move(frozen)}, true, RealEnvironment().threads).ok());
  return store->OpenTable(CountSpec());
}

TEST(ChainStreamTest, WhatIsStoredComesBack) {
  const auto whole = TwoEpochs();
  for (StateSection& section : whole->sections) PutAway(&section);
  StateStore store("op", kAllGroups, nullptr);
  const Result<StateTable*> table = OpenFrom(whole, &store);
  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_EQ((*table)->row_count(), static_cast<uint64_t>(kRows));
  int64_t sum = 0;
  for (uint32_t id = 0; StateRow* row = (*table)->Next(&id); ++id) {
    sum += (*table)->Value<int64_t>(row, 0);
  }
  EXPECT_EQ(sum, kRows + kRows / 2);
  // It goes on with what it was restored from.
  store.EndRestore();
  Put(*table, 0, 1, 3);
  const auto next = store.Freeze(3).value();
  ASSERT_EQ(next->sections.size(), 1U);
  EXPECT_TRUE(next->sections[0].is_delta);
}

TEST(ChainStreamTest, ADiskThatFailsEndsTheRestore) {
  for (const size_t failing : {0, 60, 127, 128, 255}) {
    const auto whole = TwoEpochs();
    for (size_t i = 0; i < whole->sections.size(); ++i) {
      PutAway(&whole->sections[i], i == failing ? IoError("the disk is gone") : Status());
    }
    StateStore store("op", kAllGroups, nullptr);
    EXPECT_EQ(OpenFrom(whole, &store).status().message(), "the disk is gone");
  }
}

// The reading thread is ahead when the first chain turns out not to fit.
TEST(ChainStreamTest, DamageEndsItWhileMoreIsRead) {
  const auto whole = TwoEpochs();
  whole->sections[0].bytes.pop_back();
  for (StateSection& section : whole->sections) PutAway(&section);
  StateStore store("op", kAllGroups, nullptr);
  EXPECT_EQ(OpenFrom(whole, &store).status().message(), "counts: a section is damaged");
}

}  // namespace
}  // namespace rhei
