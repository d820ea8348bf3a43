// What a freeze writes: how many sections and bytes, and what is not in them. That it is right is
// freeze_test.cc's.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "state/freeze.h"
#include "state/multimap.h"
#include "state/state_store.h"
#include "state/state_test_kit.h"
#include "state/table.h"

namespace rhei {
namespace {

// One key with 12 MB of rows: a barrier gives its key group several sections.
TEST(SectionsTest, LargeKeyGroupsHaveSeveralSections) {
  MultimapSpec spec;
  spec.name = "rows";
  spec.row_types = {DataType::BigInt(), DataType::String()};
  std::vector<StateSection> chain;
  const auto restored = [&] {
    auto whole = std::make_shared<FrozenState>();
    whole->operator_id = "op";
    whole->sections = chain;
    auto store = std::make_unique<StateStore>("op", KeyGroupRange{0, kKeyGroupCount}, nullptr);
    EXPECT_TRUE(store->Restore({whole}, true).ok());
    StateMultimap* map = store->OpenMultimap(spec).value();
    std::string numbers;
    StateRow* key = map->OnlyKey();
    for (MultimapEntry* at = map->First(key); at != nullptr; at = map->Next(at)) {
      EXPECT_GT(at->row.size(), 1U << 20);
      numbers += std::to_string(at->associations) + " ";
    }
    return numbers;
  };
  const auto freeze = [&chain](StateStore* store, uint64_t epoch) {
    const auto frozen = store->Freeze(epoch).value();
    for (const StateSection& section : frozen->sections) {
      if (!section.is_delta) chain.clear();
      chain.push_back(section);
    }
    store->Published(epoch);
    return frozen->sections.size();
  };
  StateStore store("op", {0, kKeyGroupCount}, nullptr);
  StateMultimap* map = store.OpenMultimap(spec).value();
  StateRow* key = map->OnlyKey();
  std::vector<MultimapEntry*> entries;
  for (int64_t i = 0; i < 12; ++i) {
    const Column number = BigIntColumn({i});
    const Column text = TextColumn({std::string((1U << 20) + 1, static_cast<char>('a' + i))});
    const std::vector<const Column*> columns{&number, &text};
    entries.push_back(map->Add(key, columns, 0));
    entries.back()->associations = i;
  }
  EXPECT_EQ(freeze(&store, 1), 3U);
  EXPECT_EQ(restored(), "0 1 2 3 4 5 6 7 8 9 10 11 ");
  for (size_t i = 0; i < 8; ++i) {
    map->Touch(entries[i]);
    entries[i]->associations += 20;
  }
  map->Remove(entries[3]);
  map->Remove(entries[10]);
  EXPECT_EQ(freeze(&store, 2), 2U);
  EXPECT_TRUE(chain.back().is_delta);
  EXPECT_EQ(restored(), "20 21 22 24 25 26 27 8 9 11 ");
}

// One row with 12 MB of values, which change while the sweep is at them: those lie in sections
// before that of their row too.
TEST(SectionsTest, ValuesMayComeBeforeTheirRow) {
  const TableSpec spec{"t", {}, {SlotSpec::Fixed(8), SlotSpec::Counts()}, 0, false};
  constexpr int64_t kValues = 24;
  const auto value = [](int64_t i) {
    return std::string(size_t{1} << 19, static_cast<char>('a' + i));
  };
  StateStore store("op", {0, kKeyGroupCount}, nullptr);
  StateTable* table = store.OpenTable(spec).value();
  StateRow* row = table->FindOrInsertOnly();
  table->Value<int64_t>(row, 0) = 7;
  ValueCounts& counts = *table->counts();
  const auto add = [&](int64_t i, int64_t delta) {
    const std::string bytes = value(i);
    return counts.Add(row, 1, bytes, ValueCounts::HashOf(row, 1, bytes), delta);
  };
  for (int64_t i = 0; i < kValues; ++i) add(i, i + 1);
  store.BeginFreeze(1);
  // Values are saved as they were, and before the row.
  for (int64_t i = 0; i < kValues; i += 2) add(i, -i - 1);
  EXPECT_EQ(counts.size(), static_cast<uint64_t>(kValues / 2));
  EXPECT_TRUE(store.StepFreeze(FreezeBudget::kUnlimited));
  auto frozen = std::make_shared<FrozenState>(*store.TakeFrozen().value());
  ASSERT_GT(frozen->sections.size(), 2U);
  StateStore restored("op", {0, kKeyGroupCount}, nullptr);
  ASSERT_TRUE(restored.Restore({frozen}, true).ok());
  StateTable* again = restored.OpenTable(spec).value();
  ASSERT_EQ(again->row_count(), 1U);
  EXPECT_EQ(again->value_count(), static_cast<uint64_t>(kValues));
  StateRow* found = again->FindOnly();
  EXPECT_EQ(again->Value<int64_t>(found, 0), 7);
  for (int64_t i = 0; i < kValues; ++i) {
    const std::string bytes = value(i);
    const uint32_t hash = ValueCounts::HashOf(found, 1, bytes);
    EXPECT_EQ(again->counts()->CountOf(found, 1, bytes, hash), i + 1);
  }
}

// One value of many that changes is one record.
TEST(SectionsTest, OfManyValuesThatWhichHasChangedIsWritten) {
  const TableSpec spec{"t", {}, {SlotSpec::Counts()}, 0, false};
  MemoryPool pool("test", MemoryPool::kUnlimited);
  StateStore store("op", {0, kKeyGroupCount}, &pool);
  StateTable* table = store.OpenTable(spec).value();
  ValueCounts& counts = *table->counts();
  const int64_t empty_bytes = table->bytes();
  const auto add = [&](int64_t i, int64_t delta) {
    StateRow* row = table->FindOrInsertOnly();
    const std::string value = "value " + std::to_string(i);
    return counts.Add(row, 0, value, ValueCounts::HashOf(row, 0, value), delta);
  };
  constexpr int64_t kValues = 100'000;
  for (int64_t i = 0; i < kValues; ++i) ASSERT_EQ(add(i, 1), 1);
  store.PublishReading();
  const StateReading reading = store.reading()->front();
  EXPECT_EQ(reading.rows, kValues + 1);
  EXPECT_EQ(reading.keys, 1);
  ASSERT_EQ(reading.hottest.size(), 1U);
  EXPECT_EQ(reading.hottest[0].rows, kValues);
  EXPECT_GT(pool.used_bytes(), kValues * 48);
  EXPECT_LT(pool.used_bytes(), kValues * 80);
  EXPECT_EQ(pool.used_bytes(), table->bytes());
  const auto bytes = [&](uint64_t epoch) {
    const auto frozen = store.Freeze(epoch).value();
    store.Published(epoch);
    size_t out = 0;
    for (const StateSection& section : frozen->sections) out += section.bytes.size();
    return out;
  };
  EXPECT_GT(bytes(1), size_t{kValues} * 20);
  add(17, -1);
  add(18, 1);
  add(kValues, 1);
  EXPECT_LT(bytes(2), 300U);
  table->Erase(table->FindOnly());
  EXPECT_EQ(table->value_count(), 0U);
  EXPECT_LT(bytes(3), 100U);
  table->SetNow(1);
  EXPECT_EQ(table->bytes(), empty_bytes);
}

// Half a gigabyte of one row is an error of the job, not its end without a word.
TEST(SectionsTest, ARowThatNoRecordCanHoldIsAnError) {
  class HugeCodec final : public ObjectCodec {
   public:
    void Destroy(void* object) const override { delete static_cast<size_t*>(object); }
    void Save(const void* object, std::string* out) const override {
      out->resize(*static_cast<const size_t*>(object));
    }
    Result<void*> Load(std::string_view bytes) const override {
      return static_cast<void*>(new size_t(bytes.size()));
    }
  };
  const TableSpec spec{"huge", {}, {SlotSpec::Object(std::make_shared<HugeCodec>())}, 0, false};
  StateStore store("op", {0, kKeyGroupCount}, nullptr);
  StateTable* table = store.OpenTable(spec).value();
  table->Value<void*>(table->FindOrInsertOnly(), 0) = new size_t(FreezeBuffers::kRecordBytesMax);
  const auto frozen = store.Freeze(1);
  ASSERT_FALSE(frozen.ok());
  EXPECT_EQ(frozen.status().code(), ErrorCode::kResource);
  EXPECT_EQ(
      frozen.status().message(),
      "the state huge holds a row of more than 512 MiB, which a checkpoint cannot hold: spread "
      "it over more keys");
}

// A barrier looks at what has changed, also when a key group has lost its last row.
TEST(SectionsTest, AnEmptyKeyGroupCostsNothing) {
  constexpr int64_t kKeys = 10'000;
  StateStore store("op", {0, kKeyGroupCount}, nullptr);
  StateTable* table = store.OpenTable({"t", {DataType::BigInt()}, {}, 0, false}).value();
  const int group = KeyGroupOf(BigIntKey(0).hash);
  const auto insert = [table](const BigIntKey& key) {
    const int32_t rows[] = {0};
    StateRow* row;
    table->FindOrInsert(key.columns, &key.hash, rows, &row, nullptr);
    return row;
  };
  StateRow* only = insert(BigIntKey(0));
  for (int64_t i = 1; i < kKeys; ++i) {
    const BigIntKey key(i);
    if (KeyGroupOf(key.hash) != group) insert(key);
  }
  uint64_t epoch = 0;
  const auto steps = [&] {
    store.BeginFreeze(++epoch);
    int count = 1;
    while (!store.StepFreeze(kKeys / 4 * FreezeBudget::kPerRow)) ++count;
    (void)store.TakeFrozen().value();
    store.Published(epoch);
    return count;
  };
  EXPECT_GT(steps(), 3);  // all of it
  EXPECT_EQ(steps(), 1);
  table->Erase(only);
  (void)steps();
  EXPECT_EQ(steps(), 1);
  EXPECT_EQ(steps(), 1);
}

}  // namespace
}  // namespace rhei
