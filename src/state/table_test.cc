#include "state/table.h"

#include <gtest/gtest.h>

#include <map>

#include "state/state_test_kit.h"

namespace rhei {
namespace {

TableSpec CountSpec(std::vector<DataType> keys, int64_t ttl_ms = 0) {
  return {"counts", std::move(keys), {SlotSpec::Fixed(8), SlotSpec::String()}, ttl_ms, true};
}

// Adds one to the count of every key.
void CountAll(StateTable* table, const std::vector<const Column*>& keys, size_t rows) {
  std::vector<StateRow*> found(rows);
  std::vector<uint8_t> inserted(rows);
  table->FindOrInsert(keys, HashesOf(keys, rows).data(), AllRows(rows), found.data(),
                      inserted.data());
  for (size_t i = 0; i < rows; ++i) {
    if (inserted[i] != 0) {
      EXPECT_EQ(table->Value<int64_t>(found[i], 0), 0);
    }
    ++table->Value<int64_t>(found[i], 0);
  }
}

int64_t CountOf(StateTable* table, const std::vector<const Column*>& keys) {
  StateRow* row;
  table->Find(keys, HashesOf(keys, 1).data(), AllRows(1), &row);
  return row == nullptr ? -1 : table->Value<int64_t>(row, 0);
}

TEST(TableTest, FindsEachKeyAmongMany) {
  MemoryPool pool("test", MemoryPool::kUnlimited);
  {
    StateTable table(CountSpec({DataType::BigInt()}), &pool);
    std::map<int64_t, int64_t> model;
    uint64_t seed = 1;
    for (int batch = 0; batch < 200; ++batch) {
      std::vector<int64_t> values;
      for (int i = 0; i < 500; ++i) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        values.push_back(static_cast<int64_t>((seed >> 33) % 30000));
        ++model[values.back()];
      }
      const Column column = BigIntColumn(values);
      CountAll(&table, {&column}, values.size());
    }
    EXPECT_EQ(table.row_count(), model.size());
    for (const auto& [key, count] : model) {
      const Column column = BigIntColumn({key});
      EXPECT_EQ(CountOf(&table, {&column}), count);
    }
    const Column absent = BigIntColumn({-7});
    EXPECT_EQ(CountOf(&table, {&absent}), -1);
    EXPECT_GT(pool.used_bytes(), 0);
  }
  EXPECT_EQ(pool.used_bytes(), 0);
}

TEST(TableTest, NullIsAKeyOfItsOwn) {
  StateTable table(CountSpec({DataType::BigInt()}), nullptr);
  ColumnBuilder builder(DataType::BigInt());
  builder.Append(int64_t{0});
  builder.AppendNull();
  builder.AppendNull();
  const Column column = builder.Finish();
  CountAll(&table, {&column}, 3);
  EXPECT_EQ(table.row_count(), 2U);
  const Column zero = BigIntColumn({0});
  EXPECT_EQ(CountOf(&table, {&zero}), 1);
}

TEST(TableTest, KeysOfEveryKindComeBackAsTheyWere) {
  const std::string long_text = "a text that is longer than twelve bytes";
  const Column numbers = BigIntColumn({1, 1, 2});
  const Column texts = TextColumn({"x", long_text, ""});
  const std::vector<std::pair<std::vector<DataType>, std::vector<const Column*>>> cases = {
      {{DataType::BigInt()}, {&numbers}},
      {{DataType::BigInt(), DataType::BigInt()}, {&numbers, &numbers}},
      {{DataType::String()}, {&texts}},
      {{DataType::String(), DataType::BigInt()}, {&texts, &numbers}},
      {{DataType::BigInt(), DataType::BigInt(), DataType::BigInt()},
       {&numbers, &numbers, &numbers}}};
  for (const auto& [types, columns] : cases) {
    StateTable table(CountSpec(types), nullptr);
    CountAll(&table, columns, 3);
    std::vector<ColumnBuilder> builders;
    std::vector<ColumnBuilder*> out;
    for (const DataType& type : types) builders.emplace_back(type);
    for (ColumnBuilder& builder : builders) out.push_back(&builder);
    for (uint32_t id = 0; StateRow* row = table.Next(&id); ++id) table.AppendKey(row, out);
    const bool has_text = types[0].root() == TypeRoot::kVarchar;
    ASSERT_EQ(table.row_count(), has_text ? 3U : 2U);
    const Column first = builders[0].Finish();
    if (has_text) {
      EXPECT_EQ(ColumnReader<StringView>(first)[1].view(), long_text);
      EXPECT_EQ(ColumnReader<StringView>(first)[2].view(), "");
    } else {
      EXPECT_EQ(ColumnReader<int64_t>(first)[1], 2);
    }
  }
}

TEST(TableTest, ErasedRowsAreGoneAndMemoryComesBack) {
  MemoryPool pool("test", MemoryPool::kUnlimited);
  StateTable table(CountSpec({DataType::BigInt()}), &pool);
  const int64_t idle = pool.used_bytes();
  std::vector<int64_t> values(20000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int64_t>(i);
  const Column column = BigIntColumn(values);
  for (int round = 0; round < 3; ++round) {
    CountAll(&table, {&column}, values.size());
    std::vector<StateRow*> rows(values.size());
    table.Find(std::vector<const Column*>{&column}, HashesOf({&column}, rows.size()).data(),
               AllRows(rows.size()), rows.data());
    for (size_t i = 0; i < rows.size(); i += 2) {
      table.SetString(rows[i], 1, std::string(100, 'x'));
      table.Erase(rows[i]);
    }
    for (size_t i = 0; i < rows.size(); i += 997) {
      const Column one = BigIntColumn({values[i]});
      EXPECT_EQ(CountOf(&table, {&one}), i % 2 == 0 ? -1 : 1);
    }
    for (size_t i = 1; i < rows.size(); i += 2) table.Erase(rows[i]);
    EXPECT_EQ(table.row_count(), 0U);
    table.SetNow(0);
    EXPECT_EQ(pool.used_bytes(), idle);
  }
}

TEST(TableTest, RowsExpireAfterTheirLastWrite) {
  StateTable table(CountSpec({DataType::BigInt()}, 100), nullptr);
  const Column one = BigIntColumn({1});
  table.SetNow(1000);
  CountAll(&table, {&one}, 1);
  table.SetNow(1099);
  EXPECT_EQ(CountOf(&table, {&one}), 1);
  CountAll(&table, {&one}, 1);  // written: lives on
  table.SetNow(1198);
  EXPECT_EQ(CountOf(&table, {&one}), 2);
  table.SetNow(1199);
  EXPECT_EQ(CountOf(&table, {&one}), -1);
  EXPECT_EQ(table.row_count(), 0U);
}

// However large the batches are.
TEST(TableTest, ExpiredRowsGoAsFastAsOthersCome) {
  constexpr int64_t kTtl = 10;
  constexpr int64_t kPerBatch = 1000;
  TableSpec spec = CountSpec({DataType::BigInt()}, kTtl);
  spec.keep_order = false;
  StateTable table(spec, nullptr);
  for (int64_t now = 1; now <= 100; ++now) {
    std::vector<int64_t> keys;
    for (int64_t i = 0; i < kPerBatch; ++i) keys.push_back(now * kPerBatch + i);
    const Column column = BigIntColumn(keys);
    table.SetNow(now);
    CountAll(&table, {&column}, keys.size());
  }
  EXPECT_LT(table.row_count(), static_cast<uint64_t>(2 * kTtl * kPerBatch));
}

TEST(TableTest, StringSlotsKeepTheirBytes) {
  StateTable table(CountSpec({DataType::BigInt()}), nullptr);
  const Column one = BigIntColumn({1});
  CountAll(&table, {&one}, 1);
  uint32_t id = 0;
  StateRow* row = table.Next(&id);
  for (const size_t size : {0U, 5U, 12U, 13U, 40U, 40U, 9000U, 3U}) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    table.SetString(row, 1, text);
    EXPECT_EQ(table.String(row, 1), text);
  }
}

TEST(HashIndexTest, AgreesWithAModelUnderInsertAndErase) {
  HashIndex index(nullptr);
  std::map<uint32_t, uint32_t> model;  // id -> hash
  uint64_t seed = 7;
  uint32_t next_id = 0;
  for (int step = 0; step < 200000; ++step) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    const auto draw = static_cast<uint32_t>(seed >> 32);
    if (model.empty() || draw % 3 != 0) {
      const uint32_t hash = (draw % 8 == 0 ? draw % 999 : draw) * 2654435761U;  // some share one
      index.Insert(hash, next_id);
      model[next_id++] = hash;
    } else {
      auto at = model.lower_bound(draw % next_id);
      if (at == model.end()) at = model.begin();
      index.Erase(at->second, at->first);
      model.erase(at);
    }
  }
  EXPECT_EQ(index.size(), model.size());
  for (const auto& [id, hash] : model) {
    EXPECT_EQ(index.Find(hash, [&](uint32_t candidate) { return candidate == id; }), id);
  }
}

}  // namespace
}  // namespace rhei
