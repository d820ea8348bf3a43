#include "state/multimap.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "state/state_test_kit.h"
#include "state/timers.h"

namespace rhei {
namespace {

MultimapSpec Spec(bool ordered, bool counted) {
  MultimapSpec spec;
  spec.name = "rows";
  spec.key_types = {DataType::BigInt()};
  spec.row_types = {DataType::BigInt(), DataType::BigInt()};
  if (ordered) spec.order = {{0, PhysicalType::kInt64, true, false}};
  spec.counted = counted;
  return spec;
}

StateRow* KeyOf(StateMultimap* map, int64_t key) {
  const Column column = BigIntColumn({key});
  StateRow* row;
  map->FindOrInsertKeys(std::vector<const Column*>{&column}, HashesOf({&column}, 1).data(),
                        AllRows(1), &row);
  return row;
}

struct Pair {
  int64_t a, b;
  bool operator==(const Pair&) const = default;
};

MultimapEntry* Add(StateMultimap* map, StateRow* key, Pair row) {
  const Column a = BigIntColumn({row.a});
  const Column b = BigIntColumn({row.b});
  return map->Add(key, std::vector<const Column*>{&a, &b}, 0);
}
MultimapEntry* FindEqual(StateMultimap* map, StateRow* key, Pair row) {
  const Column a = BigIntColumn({row.a});
  const Column b = BigIntColumn({row.b});
  return map->FindEqual(key, std::vector<const Column*>{&a, &b}, 0);
}

std::vector<Pair> RowsOf(StateMultimap* map, StateRow* key, bool forward = true) {
  ColumnBuilder a(DataType::BigInt()), b(DataType::BigInt());
  ColumnBuilder* out[] = {&a, &b};
  for (MultimapEntry* entry = forward ? map->First(key) : map->Last(key); entry != nullptr;
       entry = forward ? map->Next(entry) : map->Previous(entry)) {
    map->AppendRow(entry, out);
  }
  const Column column_a = a.Finish(), column_b = b.Finish();
  std::vector<Pair> rows;
  for (int32_t i = 0; i < column_a.row_count; ++i) {
    rows.push_back({ColumnReader<int64_t>(column_a)[i], ColumnReader<int64_t>(column_b)[i]});
  }
  return rows;
}

TEST(MultimapTest, ArrivalOrderKeepsEqualRowsApart) {
  StateMultimap map(Spec(false, false), nullptr);
  StateRow* key = KeyOf(&map, 1);
  for (const int64_t a : {5, 7, 5, 6}) Add(&map, key, {a, 0});
  map.Remove(FindEqual(&map, key, {5, 0}));  // the first one
  EXPECT_EQ(RowsOf(&map, key), (std::vector<Pair>{{7, 0}, {5, 0}, {6, 0}}));
  EXPECT_EQ(FindEqual(&map, key, {9, 0}), nullptr);
  map.RemoveAll(key);
  EXPECT_EQ(RowsOf(&map, key), std::vector<Pair>{});
  map.EraseEmptyKeys(std::vector<StateRow*>{key, nullptr, key});
  EXPECT_EQ(map.key_count(), 0U);
}

TEST(MultimapTest, CountedRowsShareAnEntry) {
  StateMultimap map(Spec(false, true), nullptr);
  StateRow* key = KeyOf(&map, 1);
  for (const int64_t a : {5, 7, 5}) Add(&map, key, {a, 0});
  EXPECT_EQ(map.entry_count(key), 2U);
  MultimapEntry* five = FindEqual(&map, key, {5, 0});
  EXPECT_EQ(five->count, 2);
  map.RemoveOne(five);
  EXPECT_EQ(FindEqual(&map, key, {5, 0})->count, 1);
  map.RemoveOne(five);
  EXPECT_EQ(FindEqual(&map, key, {5, 0}), nullptr);
}

// A sorted vector is the model: descending by a, then by arrival.
TEST(MultimapTest, DeclaredOrderAgreesWithASortedVector) {
  StateMultimap map(Spec(true, false), nullptr);
  StateRow* key = KeyOf(&map, 3);
  std::vector<Pair> model;
  uint64_t seed = 5;
  for (int step = 0; step < 4000; ++step) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    const Pair row{static_cast<int64_t>((seed >> 33) % 50), static_cast<int64_t>((seed >> 45) % 3)};
    if ((seed >> 60) % 5 < 3) {
      Add(&map, key, row);
      const auto at = std::upper_bound(model.begin(), model.end(), row,
                                       [](const Pair& x, const Pair& y) { return x.a > y.a; });
      model.insert(at, row);
    } else {
      const auto at = std::find(model.begin(), model.end(), row);
      MultimapEntry* entry = FindEqual(&map, key, row);
      ASSERT_EQ(entry == nullptr, at == model.end());
      if (entry == nullptr) continue;
      map.Remove(entry);
      model.erase(at);
    }
    if (step % 97 == 0) {
      ASSERT_EQ(RowsOf(&map, key), model);
    }
    if (step % 301 == 0 && !model.empty()) {
      map.Remove(map.Last(key));
      model.pop_back();
    }
  }
  EXPECT_EQ(RowsOf(&map, key), model);
  std::reverse(model.begin(), model.end());
  EXPECT_EQ(RowsOf(&map, key, false), model);
}

TEST(MultimapTest, IdentityColumnsReplaceARowInItsPlace) {
  MultimapSpec spec = Spec(false, false);
  const std::string whole_rows = SchemaOf(spec);
  spec.identity = {0};
  EXPECT_NE(SchemaOf(spec), whole_rows);  // stored rows would not be found again
  StateMultimap map(spec, nullptr);
  StateRow* key = KeyOf(&map, 1);
  Add(&map, key, {1, 10});
  Add(&map, key, {2, 20});
  MultimapEntry* one = FindEqual(&map, key, {1, 99});
  ASSERT_NE(one, nullptr);
  const Column a = BigIntColumn({1});
  const Column b = BigIntColumn({11});
  map.Replace(one, std::vector<const Column*>{&a, &b}, 0);
  EXPECT_EQ(RowsOf(&map, key), (std::vector<Pair>{{1, 11}, {2, 20}}));
}

TEST(MultimapTest, EntriesExpireByThemselves) {
  MultimapSpec spec = Spec(false, false);
  spec.ttl_ms = 100;
  StateMultimap map(spec, nullptr);
  map.SetNow(0);
  StateRow* key = KeyOf(&map, 1);
  Add(&map, key, {1, 0});
  map.SetNow(50);
  Add(&map, key, {2, 0});
  map.SetNow(100);
  EXPECT_EQ(RowsOf(&map, KeyOf(&map, 1)), (std::vector<Pair>{{2, 0}}));
  map.SetNow(150);
  map.SetNow(151);
  EXPECT_EQ(map.key_count(), 0U);
}

TEST(MultimapTest, ExpiredEntriesGoAsFastAsOthersCome) {
  constexpr int64_t kTtl = 10;
  constexpr int64_t kPerBatch = 1000;
  MultimapSpec spec = Spec(false, false);
  spec.ttl_ms = kTtl;
  StateMultimap map(spec, nullptr);
  for (int64_t now = 1; now <= 50; ++now) {
    map.SetNow(now);
    StateRow* key = KeyOf(&map, 1);
    for (int64_t i = 0; i < kPerBatch; ++i) Add(&map, key, {now * kPerBatch + i, 0});
  }
  EXPECT_LT(map.entry_count(), static_cast<uint64_t>(2 * kTtl * kPerBatch));
}

TEST(SortKeyTest, OrdersNullsNumbersAndText) {
  const SortKeyCodec ascending({{0, PhysicalType::kFloat64, false, true}});
  ColumnBuilder builder(DataType::Double());
  builder.AppendNull();
  for (const double value : {-1e300, -1.5, 0.0, 2.5, 1e300}) builder.Append(value);
  builder.Append(std::numeric_limits<double>::quiet_NaN());
  builder.Append(-0.0);
  const Column column = builder.Finish();
  const Column* columns[] = {&column};
  std::vector<std::string> keys(8);
  for (int32_t i = 0; i < 8; ++i) ascending.Encode(columns, i, &keys[static_cast<size_t>(i)]);
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.begin() + 7));
  EXPECT_EQ(keys[7], keys[3]);

  const SortKeyCodec text({{0, PhysicalType::kString, true, false}});
  const Column words = TextColumn({"b", "ab", std::string("a\0b", 3), "a", ""});
  const Column* word_columns[] = {&words};
  std::vector<std::string> word_keys(5);
  for (int32_t i = 0; i < 5; ++i) text.Encode(word_columns, i, &word_keys[static_cast<size_t>(i)]);
  EXPECT_TRUE(std::is_sorted(word_keys.begin(), word_keys.end()));
}

TEST(TimersTest, ComeByTimeThenByArrivalAndOnlyOnce) {
  TimerQueue timers({"timers"}, nullptr);
  timers.Add(20, 1, "b");
  timers.Add(10, 2, "late in line");
  timers.Add(20, 1, "a");
  timers.Add(20, 1, "b");
  timers.Add(30, 1, "gone");
  timers.Remove(30, 1, "gone");
  timers.Remove(31, 1, "never was");
  EXPECT_EQ(timers.NextTime(), 10);
  std::string order;
  Timer timer;
  EXPECT_FALSE(timers.PopDue(9, &timer));
  while (timers.PopDue(100, &timer)) order += timer.key + ",";
  EXPECT_EQ(order, "late in line,b,a,");
  EXPECT_EQ(timers.NextTime(), INT64_MAX);
}

TEST(MemoryTest, ManyKeysThatComeAndGoLeaveNothingBehind) {
  MemoryPool pool("test", MemoryPool::kUnlimited);
  StateMultimap map(Spec(true, false), &pool);
  TimerQueue timers({"timers"}, &pool);
  const int64_t idle = pool.used_bytes();
  int64_t peak = 0;
  for (int round = 0; round < 3; ++round) {
    std::vector<StateRow*> keys;
    for (int64_t key = 0; key < 20000; ++key) {
      keys.push_back(KeyOf(&map, key));
      Add(&map, keys.back(), {key, key});
      timers.Add(key, StateTable::HashOf(keys.back()), "a key that is longer than twelve bytes");
    }
    if (round == 0) peak = pool.used_bytes();
    EXPECT_LE(pool.used_bytes(), peak + peak / 20);
    EXPECT_GT(peak, idle + 20000 * 100);
    for (StateRow* key : keys) map.RemoveAll(key);
    map.EraseEmptyKeys(keys);
    map.SetNow(0);
    Timer timer;
    while (timers.PopDue(INT64_MAX, &timer)) {
    }
    EXPECT_EQ(pool.used_bytes(), idle);
  }
}

}  // namespace
}  // namespace rhei
