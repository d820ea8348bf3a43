// The golden checkpoint: files that this format version wrote once, in tests/checkpoint/. They must
// be restored for as long as the version stands, and what is written today must hold the same bytes
// in its sections. After a change of a format on purpose: raise the version, and run
// tools/golden_checkpoint.sh (until the first release the old one is then dropped).
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "checkpoint/checkpoint_directory.h"
#include "checkpoint/checkpoint_test_kit.h"
#include "checkpoint/memory_files_test_kit.h"
#include "state/list_state.h"
#include "state/multimap.h"
#include "state/slice_tables.h"
#include "state/state_test_kit.h"
#include "state/table.h"
#include "state/timers.h"

namespace rhei {
namespace {

constexpr const char* kGolden = RHEI_TESTS "/checkpoint/golden-v3";

class FixedClock final : public Clock {
 public:
  int64_t WallMicros() override { return 1'700'000'000'000'000; }
  int64_t MonotonicNanos() override { return 1; }
  void SleepMicros(int64_t) override {}
};

// One shard of an operator with one state of every kind.
struct Shard {
  Shard(int index, int count)
      : shard(index),
        key_groups{index * kKeyGroupCount / count, (index + 1) * kKeyGroupCount / count},
        store("op", key_groups, &pool) {}

  void Open() {
    const std::vector<DataType> key{DataType::BigInt()};
    counts =
        store.OpenTable({"counts", key, {SlotSpec::Fixed(8), SlotSpec::String()}, 0, true}).value();
    expiring = store.OpenTable({"expiring", key, {SlotSpec::Fixed(8)}, 3'600'000, false}).value();
    slices = store.OpenSlices({"slices", key, {SlotSpec::Fixed(8)}, 0, false}).value();
    distinct = store.OpenTable({"distinct", key, {SlotSpec::Counts()}, 0, false}).value();
    MultimapSpec spec;
    spec.name = "rows";
    spec.key_types = key;
    spec.row_types = {DataType::BigInt(), DataType::String()};
    spec.order = {{0, PhysicalType::kInt64, true, false}};
    rows = store.OpenMultimap(spec).value();
    timers = store.OpenTimers({"timers"}).value();
    splits = store.OpenList("splits").value();
    store.EndRestore();
    expiring->SetNow(1'700'000'000'000);
  }

  // What the job does before its first barrier (1) and before its second one (2).
  void Work(uint64_t epoch) {
    for (int64_t number = 0; number < 60; ++number) {
      const Column key_column = BigIntColumn({number});
      const Column text_column = TextColumn({"text " + std::to_string(number)});
      const std::vector<const Column*> key = {&key_column};
      const std::vector<uint64_t> hash = HashesOf(key, 1);
      if (!key_groups.contains(KeyGroupOf(hash[0]))) continue;
      const std::vector<int32_t> row = {0};
      StateRow* found = nullptr;
      if (epoch == 1 || number % 5 == 0) {
        counts->FindOrInsert(key, hash.data(), row, &found, nullptr);
        counts->Value<int64_t>(found, 0) += number * 10;
        counts->SetString(found, 1, fmt::format("{} of epoch {}", number, epoch));
        expiring->FindOrInsert(key, hash.data(), row, &found, nullptr);
        expiring->Value<int64_t>(found, 0) += number;
        slices->FindOrMake(static_cast<int64_t>(1000 * epoch))
            ->FindOrInsert(key, hash.data(), row, &found, nullptr);
        slices->Find(static_cast<int64_t>(1000 * epoch))->Value<int64_t>(found, 0) = number;
        distinct->FindOrInsert(key, hash.data(), row, &found, nullptr);
        for (int64_t value = 0; value < number % 4; ++value) {
          // In the second epoch one value goes, and one comes.
          const std::string text = "value " + std::to_string(value + static_cast<int64_t>(epoch));
          const uint32_t value_hash = ValueCounts::HashOf(found, 0, text);
          const bool is_there = distinct->counts()->CountOf(found, 0, text, value_hash) != 0;
          distinct->counts()->Add(found, 0, text, value_hash, is_there ? -1 : 1);
        }
        rows->FindOrInsertKeys(key, hash.data(), row, &found);
        const Column sort_column = BigIntColumn({1000 - number * static_cast<int64_t>(epoch)});
        const std::vector<const Column*> stored = {&sort_column, &text_column};
        rows->Add(found, stored, 0);
        timers->Add(number * 100, hash[0], std::to_string(number));
      } else if (number % 7 == 0) {
        counts->Find(key, hash.data(), row, &found);
        counts->Erase(found);
        distinct->Find(key, hash.data(), row, &found);
        distinct->Erase(found);
        rows->FindKeys(key, hash.data(), row, &found);
        rows->RemoveAll(found);
        rows->EraseEmptyKeys({&found, 1});
      }
    }
    if (epoch == 2) slices->Drop(1000);
    Timer due;
    while (epoch == 2 && timers->PopDue(1500, &due)) {
    }
    splits->Set({fmt::format("split {} of epoch {}", shard, epoch)});
  }

  // Everything in it, as lines.
  void Describe(std::multiset<std::string>* out) {
    const auto each = [](StateTable* table, const auto& line) {
      for (uint32_t id = 0; StateRow* row = table->Next(&id); ++id) {
        ColumnBuilder builder(DataType::BigInt());
        ColumnBuilder* key = &builder;
        table->AppendKey(row, {&key, 1});
        line(builder.Finish().data<int64_t>()[0], row);
      }
    };
    each(counts, [&](int64_t key, StateRow* row) {
      out->insert(fmt::format("counts {} {} {}", key, counts->Value<int64_t>(row, 0),
                              counts->String(row, 1)));
    });
    each(expiring, [&](int64_t key, StateRow* row) {
      out->insert(fmt::format("expiring {} {}", key, expiring->Value<int64_t>(row, 0)));
    });
    each(distinct, [&](int64_t key, StateRow* row) {
      out->insert(fmt::format("distinct {}", key));
      distinct->counts()->ForEach(row, 0, [&](std::string_view value, int64_t count) {
        out->insert(fmt::format("distinct {} {} x{}", key, value, count));
      });
    });
    int64_t slice = 0;
    for (int64_t from = 0; slices->FirstFrom(from, &slice); from = slice + 1) {
      StateTable* table = slices->Find(slice);
      each(table, [&](int64_t key, StateRow* row) {
        out->insert(fmt::format("slice {} {} {}", slice, key, table->Value<int64_t>(row, 0)));
      });
    }
    for (uint32_t id = 0; StateRow* key = rows->NextKey(&id); ++id) {
      ColumnBuilder builder(DataType::BigInt());
      ColumnBuilder* key_out = &builder;
      rows->AppendKey(key, {&key_out, 1});
      std::string line = fmt::format("rows {}:", builder.Finish().data<int64_t>()[0]);
      for (MultimapEntry* entry = rows->First(key); entry != nullptr; entry = rows->Next(entry)) {
        ColumnBuilder number(DataType::BigInt());
        ColumnBuilder text(DataType::String());
        ColumnBuilder* columns[] = {&number, &text};
        rows->AppendRow(entry, columns);
        line += fmt::format(" {} x{}", number.Finish().data<int64_t>()[0], entry->count);
      }
      out->insert(line);
    }
    Timer timer;
    while (timers->PopDue(INT64_MAX - 1, &timer)) {
      out->insert(fmt::format("timer {} {}", timer.time_ms, timer.key));
    }
    for (const std::string& split : splits->restored()) out->insert(split);
  }

  int shard;
  KeyGroupRange key_groups;
  MemoryPool pool{"test", MemoryPool::kUnlimited};
  StateStore store;
  StateTable* counts = nullptr;
  StateTable* expiring = nullptr;
  SliceTables* slices = nullptr;
  StateTable* distinct = nullptr;
  StateMultimap* rows = nullptr;
  TimerQueue* timers = nullptr;
  ListState* splits = nullptr;
};

Result<std::unique_ptr<DirectoryCheckpointStore>> OpenStore(const Environment& env,
                                                            const std::string& directory) {
  DirectoryCheckpointStore::Options options;
  options.env = &env;
  options.directory = directory;
  options.job = {"golden", "plan 1", {{"op", "Everything[1]", {}}}};
  options.restore_threads = 1;
  return DirectoryCheckpointStore::Open(std::move(options));
}

// Two checkpoints of two shards: bases, then deltas. `lines`: what the states then hold.
void Write(const Environment& env, const std::string& directory,
           std::multiset<std::string>* lines) {
  auto store = OpenStore(env, directory);
  ASSERT_TRUE(store.ok()) << store.status().message();
  Shard first(0, 2);
  Shard second(1, 2);
  for (Shard* shard : {&first, &second}) shard->Open();
  for (const uint64_t epoch : {1u, 2u}) {
    std::vector<InstanceSnapshot> instances;
    for (Shard* shard : {&first, &second}) {
      shard->Work(epoch);
      InstanceSnapshot instance = MakeInstance("op", shard->shard, epoch, {});
      instance.state = shard->store.Freeze(epoch).value();
      instance.input_watermarks_ms = {100, 200};
      instance.combined_watermark_ms = 100;
      instance.output_watermark_ms = 99;
      instance.output_idle = shard->shard == 1;
      instance.seal = std::make_shared<const std::string>("a seal");
      instances.push_back(std::move(instance));
    }
    auto checkpoint = MakeCheckpoint(epoch, 2, std::move(instances));
    checkpoint->created_micros = 1'700'000'000'000'000;
    if (epoch == 2) {
      checkpoint->carried_seals.push_back(
          {"op", 1, 1, std::make_shared<const std::string>("an earlier seal")});
    }
    ASSERT_TRUE((*store)->Publish(checkpoint).ok());
    ASSERT_TRUE((*store)->MarkCommitting(epoch).ok());
    ASSERT_TRUE((*store)->MarkCommitted(epoch).ok());
    for (Shard* shard : {&first, &second}) shard->store.Published(epoch);
  }
  for (Shard* shard : {&first, &second}) {
    shard->Describe(lines);
    for (const std::string& split : shard->splits->elements()) lines->insert(split);
  }
}

TEST(GoldenCheckpointTest, IsRestoredAndStillWrittenAlike) {
  FixedClock clock;
  Environment env = RealEnvironment();
  env.clock = &clock;
  if (const char* directory = std::getenv("RHEI_WRITE_GOLDEN")) {
    std::multiset<std::string> lines;
    Write(env, directory, &lines);
    return;
  }
  std::multiset<std::string> expected;
  MemoryFiles memory;
  Environment memory_env = env;
  memory_env.files = &memory;
  Write(memory_env, "today", &expected);
  ASSERT_GT(expected.size(), 150u);
  auto today = OpenStore(memory_env, "today");
  ASSERT_TRUE(today.ok());
  const std::string written_today = Describe(**(*today)->Latest());

  // A copy, as opening writes.
  const std::string copy =
      (std::filesystem::temp_directory_path() / fmt::format("rhei-golden-{}", getpid())).string();
  std::filesystem::remove_all(copy);
  std::filesystem::copy(kGolden, copy, std::filesystem::copy_options::recursive);
  auto golden = OpenStore(env, copy);
  ASSERT_TRUE(golden.ok()) << golden.status().message();
  auto latest = (*golden)->Latest();
  ASSERT_TRUE(latest.ok()) << latest.status().message();
  EXPECT_EQ(Describe(**latest), written_today) << "the format has changed: raise its version";
  EXPECT_EQ((*golden)->stored_job()->plan_fingerprint, "plan 1");

  // And by the states themselves, on another number of shards.
  std::vector<std::shared_ptr<const FrozenState>> frozen;
  for (const InstanceSnapshot& instance : (*latest)->instances) frozen.push_back(instance.state);
  std::multiset<std::string> restored;
  for (int index = 0; index < 4; ++index) {
    Shard shard(index, 4);
    ASSERT_TRUE(shard.store.Restore(frozen, true).ok());
    shard.Open();
    std::multiset<std::string> lines;
    shard.Describe(&lines);
    // Every shard sees all elements of a list.
    if (index > 0) std::erase_if(lines, [](const auto& line) { return line.starts_with("split"); });
    restored.merge(lines);
  }
  std::vector<std::string> differ;
  std::set_symmetric_difference(restored.begin(), restored.end(), expected.begin(), expected.end(),
                                std::back_inserter(differ));
  EXPECT_EQ(differ, std::vector<std::string>());
  std::filesystem::remove_all(copy);
}

}  // namespace
}  // namespace rhei
