#include "state/state_store.h"

#include <gtest/gtest.h>

#include <map>

#include "base/check.h"
#include "state/list_state.h"
#include "state/multimap.h"
#include "state/slice_tables.h"
#include "state/state_test_kit.h"
#include "state/timers.h"

namespace rhei {
namespace {

// A store with one primitive of each kind, filled with what depends on the key alone.
struct Shard {
  Shard(int index, int count) {
    KeyGroupRange range{0, 0};
    while (range.first < kKeyGroupCount && ShardOfKeyGroup(range.first, count) < index) {
      ++range.first;
    }
    range.last = range.first;
    while (range.last < kKeyGroupCount && ShardOfKeyGroup(range.last, count) == index) {
      ++range.last;
    }
    store = std::make_unique<StateStore>("op", range, nullptr);
  }

  void Open() {
    const auto codec = std::make_shared<TextCodec>();
    table = store
                ->OpenTable({"table",
                             {DataType::BigInt()},
                             {SlotSpec::Fixed(8), SlotSpec::String(), SlotSpec::Object(codec)},
                             0,
                             true})
                .value();
    slices =
        store->OpenSlices({"slices", {DataType::BigInt()}, {SlotSpec::Fixed(8)}, 0, true}).value();
    MultimapSpec spec;
    spec.name = "rows";
    spec.key_types = {DataType::BigInt()};
    spec.row_types = {DataType::BigInt(), DataType::String()};
    spec.order = {{0, PhysicalType::kInt64, true, false}};
    spec.keep_order = true;
    rows = store->OpenMultimap(spec).value();
    timers = store->OpenTimers({"timers"}).value();
    list = store->OpenList("list").value();
  }

  void Put(int64_t key) {
    const Column column = BigIntColumn({key});
    const Column text = TextColumn({"text number " + std::to_string(key)});
    const std::vector<const Column*> keys{&column};
    const std::vector<uint64_t> hash = HashesOf(keys, 1);
    if (!store->key_groups().contains(KeyGroupOf(hash[0]))) return;
    StateRow* row;
    table->FindOrInsert(keys, hash.data(), AllRows(1), &row, nullptr);
    table->Value<int64_t>(row, 0) = key * 3;
    table->SetString(row, 1, "text number " + std::to_string(key));
    auto& object = table->Value<void*>(row, 2);
    if (key % 2 == 0 && object == nullptr) object = new std::string(std::to_string(key));
    StateTable* slice = slices->FindOrMake(key % 3);
    slice->FindOrInsert(keys, hash.data(), AllRows(1), &row, nullptr);
    slice->Value<int64_t>(row, 0) = key;
    StateRow* map_key;
    rows->FindOrInsertKeys(keys, hash.data(), AllRows(1), &map_key);
    const std::vector<const Column*> columns{&column, &text};
    rows->Add(map_key, columns, 0);
    rows->Add(map_key, columns, 0)->associations = key;
    timers->Add(key, hash[0], std::to_string(key));
  }

  // All content, so that two sets of shards can be compared.
  void Describe(std::multimap<std::string, int>* out) {
    for (uint32_t id = 0; StateRow* row = table->Next(&id); ++id) {
      const auto* object = static_cast<const std::string*>(table->Value<void*>(row, 2));
      out->emplace("table " + std::to_string(table->Value<int64_t>(row, 0)) + " " +
                       std::string(table->String(row, 1)) + (object == nullptr ? "" : *object),
                   0);
    }
    int64_t slice;
    for (int64_t from = 0; slices->FirstFrom(from, &slice); from = slice + 1) {
      StateTable* one = slices->Find(slice);
      for (uint32_t id = 0; StateRow* row = one->Next(&id); ++id) {
        const auto key = one->Value<int64_t>(row, 0);
        out->emplace("slice " + std::to_string(slice) + " " + std::to_string(key), 0);
      }
    }
    for (uint32_t id = 0; StateRow* key = rows->NextKey(&id); ++id) {
      for (MultimapEntry* entry = rows->First(key); entry != nullptr; entry = rows->Next(entry)) {
        out->emplace("row " + std::string(entry->row.view()) + std::to_string(entry->associations),
                     0);
      }
    }
    Timer timer;
    while (timers->PopDue(INT64_MAX, &timer)) out->emplace("timer " + timer.key, 0);
  }

  std::unique_ptr<StateStore> store;
  StateTable* table = nullptr;
  SliceTables* slices = nullptr;
  StateMultimap* rows = nullptr;
  TimerQueue* timers = nullptr;
  ListState* list = nullptr;
};

TEST(StateStoreTest, ContentSurvivesFreezeAndRestoreWithOtherShards) {
  constexpr int kKeys = 500;
  std::vector<std::shared_ptr<const FrozenState>> frozen;
  std::multimap<std::string, int> expected;
  for (int from = 0; from < 2; ++from) {
    Shard shard(from, 2);
    shard.Open();
    for (int64_t key = 0; key < kKeys; ++key) shard.Put(key);
    shard.list->Set({"split of " + std::to_string(from)});
    frozen.push_back(shard.store->Freeze(7).value());
    shard.Describe(&expected);
  }
  // Per key a table row, a slice row, two equal entries and a timer.
  EXPECT_EQ(expected.size(), static_cast<size_t>(kKeys) * 5);
  for (const int to : {1, 2, 3}) {
    std::multimap<std::string, int> restored;
    for (int index = 0; index < to; ++index) {
      Shard shard(index, to);
      ASSERT_TRUE(shard.store->Restore(frozen).ok());
      shard.Open();
      EXPECT_EQ(shard.list->restored(), (std::vector<std::string>{"split of 0", "split of 1"}));
      shard.Describe(&restored);
    }
    EXPECT_EQ(restored, expected) << to << " shards";
  }
}

TEST(StateStoreTest, IterationOrderIsTheSameAfterARestore) {
  Shard shard(0, 1);
  shard.Open();
  for (const int64_t key : {9, 2, 7, 4, 1, 30, 12}) shard.Put(key);
  std::vector<int64_t> before, after;
  for (uint32_t id = 0; StateRow* row = shard.table->Next(&id); ++id) {
    before.push_back(shard.table->Value<int64_t>(row, 0));
  }
  Shard again(0, 1);
  ASSERT_TRUE(again.store->Restore({shard.store->Freeze(1).value()}).ok());
  again.Open();
  for (uint32_t id = 0; StateRow* row = again.table->Next(&id); ++id) {
    after.push_back(again.table->Value<int64_t>(row, 0));
  }
  EXPECT_EQ(before, after);
  EXPECT_EQ(before.size(), 7U);
}

TEST(StateStoreTest, AnotherSchemaIsAMismatch) {
  StateStore store("op", {0, kKeyGroupCount}, nullptr);
  StateTable* table = store.OpenTable({"t", {}, {SlotSpec::Fixed(8)}, 0, false}).value();
  table->Value<int64_t>(table->FindOrInsertOnly(), 0) = 1;
  const auto frozen = store.Freeze(1).value();
  StateStore again("op", {0, kKeyGroupCount}, nullptr);
  ASSERT_TRUE(again.Restore({frozen}).ok());
  const auto opened = again.OpenTable({"t", {}, {SlotSpec::Fixed(16)}, 0, false});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.status().code(), ErrorCode::kStateMismatch);
}

TEST(StateStoreTest, ACutSectionIsAMismatch) {
  Shard shard(0, 1);
  shard.Open();
  for (int64_t key = 0; key < 20; ++key) shard.Put(key);
  const auto frozen = shard.store->Freeze(1).value();
  for (size_t i = 0; i < frozen->sections.size(); ++i) {
    if (frozen->sections[i].state_name != "table") continue;
    auto damaged = std::make_shared<FrozenState>(*frozen);
    damaged->sections[i].bytes.pop_back();
    StateStore store("op", {0, kKeyGroupCount}, nullptr);
    ASSERT_TRUE(store.Restore({damaged}).ok());
    const auto codec = std::make_shared<TextCodec>();
    const auto opened =
        store.OpenTable({"table",
                         {DataType::BigInt()},
                         {SlotSpec::Fixed(8), SlotSpec::String(), SlotSpec::Object(codec)},
                         0,
                         true});
    EXPECT_FALSE(opened.ok());
  }
}

TEST(StateStoreTest, RowsCarryTheEpochOfTheirLastChange) {
  Shard shard(0, 1);
  shard.Open();
  shard.Put(1);
  shard.Put(2);
  ASSERT_TRUE(shard.store->Freeze(5).ok());
  shard.Put(2);
  std::vector<uint32_t> epochs;
  for (uint32_t id = 0; StateRow* row = shard.table->Next(&id); ++id)
    epochs.push_back(EpochOf(row->epoch));
  EXPECT_EQ(epochs, (std::vector<uint32_t>{0, 6}));
}

TEST(StateStoreTest, ReadingsSayWhatTheStatesHold) {
  Shard shard(0, 1);
  shard.Open();
  EXPECT_EQ(shard.store->reading(), nullptr);
  for (int64_t key = 0; key < 10; ++key) shard.Put(key);
  for (int i = 0; i < 5; ++i) shard.Put(7);
  shard.list->Set({"abc"});
  EXPECT_FALSE(shard.store->reading_wanted());
  shard.store->RequestReading();
  ASSERT_TRUE(shard.store->reading_wanted());
  shard.store->PublishReading();
  EXPECT_FALSE(shard.store->reading_wanted());
  std::map<std::string, StateReading> by_name;
  for (const StateReading& reading : *shard.store->reading()) by_name[reading.name] = reading;
  EXPECT_EQ(by_name["table"].rows, 10);
  EXPECT_EQ(by_name["table"].kind, "table");
  EXPECT_EQ(by_name["slices"].rows, 10);
  EXPECT_EQ(by_name["rows"].rows, 30);
  EXPECT_EQ(by_name["rows"].keys, 10);
  ASSERT_EQ(by_name["rows"].hottest.size(), 3U);
  EXPECT_EQ(by_name["rows"].hottest[0].key, "7");
  EXPECT_EQ(by_name["rows"].hottest[0].rows, 12);
  EXPECT_EQ(by_name["timers"].rows, 10);
  EXPECT_EQ(by_name["list"].bytes, 3);
  EXPECT_GT(by_name["rows"].bytes, 0);
}

TEST(StateStoreTest, StatesThatAreNotOpenedAgainEnd) {
  StateStore first("op", {0, kKeyGroupCount}, nullptr);
  StateTable* table = first.OpenTable({"gone", {}, {SlotSpec::Fixed(8)}, 0, false}).value();
  table->FindOrInsertOnly();
  const auto frozen = first.Freeze(1).value();
  StateStore second("op", {0, kKeyGroupCount}, nullptr);
  ASSERT_TRUE(second.Restore({frozen}, true).ok());
  ASSERT_TRUE(second.OpenTable({"other", {}, {SlotSpec::Fixed(8)}, 0, false}).ok());
  for (uint64_t epoch = 2; epoch < 4; ++epoch) {
    const auto again = second.Freeze(epoch).value();
    ASSERT_EQ(again->sections.size(), 1U);
    EXPECT_EQ(again->sections[0].state_name, "gone");
    EXPECT_EQ(again->sections[0].key_group, frozen->sections[0].key_group);
    EXPECT_FALSE(again->sections[0].is_delta);
    EXPECT_EQ(again->sections[0].bytes, "");
  }
  second.Published(3);
  EXPECT_TRUE(second.Freeze(4).value()->sections.empty());
}

TEST(StateStoreTest, OnlyWhatHasChangedIsSavedAgain) {
  Shard shard(0, 1);
  shard.Open();
  for (int64_t key = 0; key < 20000; ++key) shard.Put(key);
  const auto bytes_of = [](const FrozenState& frozen) {
    size_t bytes = 0;
    for (const StateSection& section : frozen.sections) bytes += section.bytes.size();
    return bytes;
  };
  const auto base = shard.store->Freeze(1).value();
  shard.store->Published(1);
  EXPECT_GT(bytes_of(*base), 20000U * 100);
  // Only the list, which always comes whole.
  EXPECT_EQ(shard.store->Freeze(2).value()->sections.size(), 1U);
  shard.Put(5);
  shard.slices->Drop(1);
  const auto delta = shard.store->Freeze(3).value();
  EXPECT_LT(bytes_of(*delta), 128U * 120);
  for (const StateSection& section : delta->sections) {
    EXPECT_TRUE(section.is_delta || section.key_group < 0);
  }
}

TEST(StateStoreTest, FrozenBytesAreCountedAsLongAsAnybodyHoldsThem) {
  MemoryPool process("process", MemoryPool::kUnlimited);
  auto pool = std::make_shared<MemoryPool>("checkpoints", MemoryPool::kUnlimited, &process);
  std::shared_ptr<const FrozenState> frozen;
  {
    Shard shard(0, 1);
    shard.store->CountFrozenIn(pool);
    shard.Open();
    for (int64_t key = 0; key < 20000; ++key) shard.Put(key);
    shard.store->BeginFreeze(1);
    while (!shard.store->StepFreeze(100'000)) EXPECT_GT(process.used_bytes(), 0);
    frozen = shard.store->TakeFrozen().value();
  }
  pool.reset();
  int64_t bytes = 0;
  for (const StateSection& section : frozen->sections) {
    bytes += static_cast<int64_t>(section.bytes.size());
  }
  EXPECT_GE(process.used_bytes(), bytes);
  EXPECT_LT(process.used_bytes(), bytes * 2);
  auto copy = std::make_unique<FrozenState>(*frozen);
  frozen.reset();
  EXPECT_GE(process.used_bytes(), bytes);
  copy.reset();
  EXPECT_EQ(process.used_bytes(), 0);
}

}  // namespace
}  // namespace rhei
