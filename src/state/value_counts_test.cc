#include "state/value_counts.h"

#include <gtest/gtest.h>

#include "base/memory_pool.h"
#include "state/multimap.h"
#include "state/slice_tables.h"
#include "state/state_test_kit.h"

namespace rhei {
namespace {

constexpr KeyGroupRange kAllGroups{0, kKeyGroupCount};
const TableSpec kSpec{"t", {DataType::BigInt()}, {SlotSpec::Counts()}, 0, false};

int64_t Add(StateTable* table, int64_t key, std::string_view value, int64_t delta) {
  const Column column = BigIntColumn({key});
  const Column* columns[] = {&column};
  StateRow* row;
  table->FindOrInsert(columns, HashesOf({&column}, 1).data(), AllRows(1), &row, nullptr);
  return table->counts()->Add(row, 0, value, ValueCounts::HashOf(row, 0, value), delta);
}

// Values that expire are freed as fast as others come, however large the batches are.
TEST(ValueCountsTest, ExpiryKeepsUpWithManyNewValues) {
  constexpr int64_t kTtl = 10;
  constexpr int64_t kPerBatch = 1000;
  StateTable table({"t", {}, {SlotSpec::Counts()}, kTtl, false}, nullptr);
  for (int64_t now = 1; now <= 100; ++now) {
    table.SetNow(now);
    StateRow* row = table.FindOrInsertOnly();
    for (int64_t i = 0; i < kPerBatch; ++i) {
      const std::string value = std::to_string(now * kPerBatch + i);
      ASSERT_TRUE(table.counts()->AddNew(row, 0, value, ValueCounts::HashOf(row, 0, value)));
    }
  }
  EXPECT_LT(table.value_count(), static_cast<uint64_t>(2 * kTtl * kPerBatch));
}

// A record that does not belong into the state it lies in is damage.
TEST(ValueCountsTest, RecordsOfAnotherKindAreDamage) {
  StateStore store("op", kAllGroups, nullptr);
  StateTable* table = store.OpenTable(kSpec).value();
  Add(table, 7, "a", 1);
  const auto frozen = store.Freeze(1).value();
  ASSERT_EQ(frozen->sections.size(), 1U);
  const auto with = [&](std::string_view schema, RecordKind kind) {
    // The value's record, made of another kind; both have a key of 17 bytes.
    const std::string& bytes = frozen->sections[0].bytes;
    ByteReader reader(bytes);
    reader.ReadBytes();
    auto out = std::make_shared<FrozenState>(*frozen);
    std::string& changed = out->sections[0].bytes;
    changed.clear();
    WriteBytes(schema, &changed);
    while (!reader.at_end()) {
      const auto head = reader.ReadFixed<uint32_t>();
      const std::string_view payload = reader.ReadRaw(head >> kRecordKindBits);
      const bool is_value = (head & 7) == static_cast<uint32_t>(RecordKind::kValue);
      WriteFixed(is_value ? (head & ~7U) | static_cast<uint32_t>(kind) : head, &changed);
      changed.append(payload);
    }
    return out;
  };
  const auto opens = [](const std::shared_ptr<const FrozenState>& state, const TableSpec& spec) {
    StateStore again("op", kAllGroups, nullptr);
    EXPECT_TRUE(again.Restore({state}, true).ok());
    return again.OpenTable(spec).ok();
  };
  EXPECT_TRUE(opens(with(SchemaOf(kSpec), RecordKind::kValue), kSpec));
  EXPECT_FALSE(opens(with(SchemaOf(kSpec), static_cast<RecordKind>(6)), kSpec));
  EXPECT_FALSE(opens(with(SchemaOf(kSpec), static_cast<RecordKind>(7)), kSpec));
  for (const bool keep_order : {false, true}) {
    const TableSpec without{"t", {DataType::BigInt()}, {}, 0, keep_order};
    EXPECT_FALSE(opens(with(SchemaOf(without), RecordKind::kValue), without));
  }
  MultimapSpec map;
  map.name = "t";
  map.key_types = map.row_types = {DataType::BigInt()};
  StateStore again("op", kAllGroups, nullptr);
  ASSERT_TRUE(again.Restore({with(SchemaOf(map), RecordKind::kValue)}, true).ok());
  EXPECT_FALSE(again.OpenMultimap(map).ok());
}

// Whatever the bytes say, a restore ends with a state that can be used, or with an error.
TEST(ValueCountsTest, DamagedBytesDoNoHarm) {
  for (const bool in_slices : {false, true}) {
    for (const bool keep_order : {false, true}) {
      TableSpec spec = kSpec;
      spec.slots.push_back(SlotSpec::String());
      spec.keep_order = keep_order;
      const auto open = [&](StateStore* store) -> Result<StateTable*> {
        if (!in_slices) return store->OpenTable(spec);
        ASSIGN_OR_RETURN(SliceTables* const slices, store->OpenSlices(spec));
        return slices->FindOrMake(5);
      };
      StateStore store("op", kAllGroups, nullptr);
      StateTable* table = open(&store).value();
      for (int64_t i = 0; i < 6; ++i) Add(table, i % 2, "a value " + std::to_string(i), 1 + i);
      auto whole = std::make_shared<FrozenState>(*store.Freeze(1).value());
      store.Published(1);
      Add(table, 0, "a value 2", -3);
      Add(table, 1, "another", 1);
      uint32_t id = 0;
      table->Erase(table->Next(&id));
      Add(table, 0, "after all", 1);
      const auto delta = store.Freeze(2).value();
      for (const StateSection& section : delta->sections) whole->sections.push_back(section);
      uint64_t seed = 1;
      int restored = 0;
      for (int trial = 0; trial < 20000; ++trial) {
        auto damaged = std::make_shared<FrozenState>(*whole);
        const auto draw = [&](size_t below) {
          seed = seed * 6364136223846793005U + 1442695040888963407U;
          return static_cast<size_t>(seed >> 33) % below;
        };
        for (size_t changes = 1 + draw(2); changes > 0; --changes) {
          std::string& bytes = damaged->sections[draw(damaged->sections.size())].bytes;
          // Behind the schema.
          const size_t first = 1 + SchemaOf(spec).size() + (in_slices ? 7 : 0);
          if (bytes.size() <= first) continue;
          char& byte = bytes[first + draw(bytes.size() - first)];
          byte =
              static_cast<char>(draw(2) == 0 ? byte ^ (1 << draw(8)) : static_cast<int>(draw(9)));
        }
        StateStore again("op", kAllGroups, nullptr);
        ASSERT_TRUE(again.Restore({damaged}, true).ok());
        const Result<StateTable*> opened = open(&again);
        if (!opened.ok()) continue;
        ++restored;
        Add(*opened, 1, "another", 1);
        for (uint32_t at = 0; StateRow* row = (*opened)->Next(&at); ++at) {
          (*opened)->Touch(row);
          if (at % 2 == 0) (*opened)->counts()->RemoveAll(row, 0);
          if (at % 3 == 0) (*opened)->Erase(row);
        }
        ASSERT_TRUE(again.Freeze(3).ok());
        (*opened)->Clear();
      }
      EXPECT_GT(restored, 0);
      EXPECT_LT(restored, 20000);
    }
  }
}

}  // namespace
}  // namespace rhei
