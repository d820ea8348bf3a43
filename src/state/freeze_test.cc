// A model of every keyed state against the real ones, under random writes, barriers whose sweep
// goes on between the writes, checkpoints that are published late, fail or never end, and restores
// with other numbers of shards. What a restore gives is what the model had at the barrier.
#include "state/freeze.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "base/check.h"
#include "state/multimap.h"
#include "state/slice_tables.h"
#include "state/state_store.h"
#include "state/state_test_kit.h"
#include "state/timers.h"

namespace rhei {
namespace {

constexpr int64_t kTtl = 40;
constexpr int64_t kSlices = 4;

struct Random {
  uint64_t state;
  uint64_t Next() {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return state >> 33;
  }
  int64_t Below(int64_t n) { return static_cast<int64_t>(Next() % static_cast<uint64_t>(n)); }
  bool OneIn(int64_t n) { return Below(n) == 0; }
};

using Key = BigIntKey;

struct Model {
  struct Row {
    int64_t number = 0;
    std::string text;
    std::string object;
    uint64_t place = 0;
    int64_t written = 0;
    struct Count {
      int64_t count = 0;
      int64_t written = 0;
    };
    std::map<std::pair<size_t, std::string>, Count> counts;  // by slot and value

    std::string CountsText(int64_t now, int64_t ttl) const {
      std::string out;
      for (const auto& [place_and_value, count] : counts) {
        if (ttl > 0 && count.written <= now - ttl) continue;
        out += " " + std::to_string(place_and_value.first) + place_and_value.second + "x" +
               std::to_string(count.count);
      }
      return out;
    }
  };
  struct Entry {
    int64_t sort = 0;
    std::string text;
    int64_t count = 0;
    int64_t associations = 0;
    uint64_t arrival = 0;
  };
  std::map<int64_t, Row> ordered, plain, expiring;
  std::map<std::pair<int64_t, int64_t>, Row> sliced;
  std::map<int64_t, std::vector<Entry>> sorted, arrived;
  std::map<std::pair<int64_t, int64_t>, uint64_t> timers;  // (time, key) -> arrival
  uint64_t next_place = 0;

  std::string Text(int64_t now, bool in_order) const {
    std::ostringstream out;
    std::map<uint64_t, std::string> by_place;
    for (const auto& [key, row] : ordered) {
      by_place[in_order ? row.place : by_place.size()] = std::to_string(key) + "=" +
                                                         std::to_string(row.number) + row.text +
                                                         row.CountsText(now, 0);
    }
    for (const auto& [place, text] : by_place) out << "ordered " << text << "\n";
    for (const auto& [key, row] : plain) {
      out << "plain " << key << "=" << row.number << row.text << row.object
          << row.CountsText(now, 0) << "\n";
    }
    for (const auto& [key, row] : expiring) {
      if (row.written <= now - kTtl) continue;
      out << "expiring " << key << "=" << row.number << row.CountsText(now, kTtl) << "\n";
    }
    for (const auto& [key, row] : sliced) {
      out << "slice " << key.first << " " << key.second << "=" << row.number
          << row.CountsText(now, 0) << "\n";
    }
    for (const auto& [name, map] : {std::pair{"sorted", &sorted}, std::pair{"arrived", &arrived}}) {
      for (const auto& [key, entries] : *map) {
        for (const Entry& entry : entries) {
          out << name << " " << key << ": " << entry.sort << entry.text << " x" << entry.count
              << " " << entry.associations << "\n";
        }
      }
    }
    std::map<std::pair<int64_t, uint64_t>, int64_t> in_time;
    for (const auto& [timer, arrival] : timers) {
      in_time[{timer.first, in_order ? arrival : static_cast<uint64_t>(timer.second)}] =
          timer.second;
    }
    for (const auto& [time, key] : in_time) out << "timer " << time.first << " " << key << "\n";
    return out.str();
  }
};

struct Shard {
  Shard(int index, int count) : range(Range(index, count)) {
    store = std::make_unique<StateStore>("op", range, &pool);
  }
  static KeyGroupRange Range(int index, int count) {
    KeyGroupRange out{0, 0};
    while (out.first < kKeyGroupCount && ShardOfKeyGroup(out.first, count) < index) ++out.first;
    out.last = out.first;
    while (out.last < kKeyGroupCount && ShardOfKeyGroup(out.last, count) == index) ++out.last;
    return out;
  }

  void Open() {
    const std::vector<DataType> key{DataType::BigInt()};
    const auto codec = std::make_shared<TextCodec>();
    ordered = store
                  ->OpenTable({"ordered",
                               key,
                               {SlotSpec::Fixed(8), SlotSpec::String(), SlotSpec::Counts()},
                               0,
                               true})
                  .value();
    plain = store
                ->OpenTable({"plain",
                             key,
                             {SlotSpec::Fixed(8), SlotSpec::String(), SlotSpec::Object(codec),
                              SlotSpec::Counts(), SlotSpec::Counts()},
                             0,
                             false})
                .value();
    expiring =
        store->OpenTable({"expiring", key, {SlotSpec::Fixed(8), SlotSpec::Counts()}, kTtl, false})
            .value();
    sliced = store->OpenSlices({"sliced", key, {SlotSpec::Fixed(8), SlotSpec::Counts()}, 0, false})
                 .value();
    MultimapSpec spec;
    spec.name = "sorted";
    spec.key_types = key;
    spec.row_types = {DataType::BigInt(), DataType::String()};
    spec.order = {{0, PhysicalType::kInt64, true, false}};
    sorted = store->OpenMultimap(spec).value();
    spec.name = "arrived";
    spec.order = {};
    spec.counted = true;
    arrived = store->OpenMultimap(spec).value();
    timers = store->OpenTimers({"timers"}).value();
    store->EndRestore();
  }

  MemoryPool pool{"test", MemoryPool::kUnlimited};
  KeyGroupRange range;
  std::unique_ptr<StateStore> store;
  StateTable* ordered = nullptr;
  StateTable* plain = nullptr;
  StateTable* expiring = nullptr;
  SliceTables* sliced = nullptr;
  StateMultimap* sorted = nullptr;
  StateMultimap* arrived = nullptr;
  TimerQueue* timers = nullptr;
  bool frozen = false;  // the current barrier's freeze has come to its end
};

int64_t KeyOf(const StateTable* table, const StateRow* row) {
  ColumnBuilder builder(DataType::BigInt());
  ColumnBuilder* out = &builder;
  table->AppendKey(row, {&out, 1});
  return builder.Finish().data<int64_t>()[0];
}

class Trial {
 public:
  Trial(uint64_t seed, int steps) : random_{seed * 977 + 13}, steps_(steps) {
    keys_ = 1 + random_.Below(random_.OneIn(3) ? 400 : 40);
    one_shard_ = random_.OneIn(2);
    MakeShards(one_shard_ ? 1 : 1 + static_cast<int>(random_.Below(4)), {}, false);
  }

  void Go() {
    for (int step = 0; step < steps_ && !::testing::Test::HasFailure(); ++step) {
      const int64_t draw = random_.Below(100);
      if (draw < 80) {
        const int64_t writes = 1 + random_.Below(random_.OneIn(10) ? 200 : 5);
        for (int64_t i = 0; i < writes; ++i) Write();
      } else if (draw < 86) {
        Sweep(1 + random_.Below(2000));
      } else if (draw < 92) {
        Barrier();
      } else if (draw < 96) {
        EndBarrier(random_.OneIn(4));
      } else if (draw < 98) {
        Deliver();
      } else if (draw < 99) {
        Restore();
      } else {
        now_ += random_.Below(kTtl);
      }
    }
    Restore();
  }

 private:
  using Chains = std::map<std::pair<std::string, int>, std::vector<StateSection>>;

  Shard& ShardOf(const Key& key) {
    return *shards_[static_cast<size_t>(
        ShardOfKeyGroup(KeyGroupOf(key.hash), static_cast<int>(shards_.size())))];
  }

  void MakeShards(int count, const std::vector<std::shared_ptr<const FrozenState>>& frozen,
                  bool continues) {
    shards_.clear();
    for (int i = 0; i < count; ++i) {
      shards_.push_back(std::make_unique<Shard>(i, count));
      if (!frozen.empty()) {
        ASSERT_TRUE(shards_.back()->store->Restore(frozen, continues).ok());
      }
      shards_.back()->Open();
    }
  }

  // --- Writes, to the states and to the model. ---

  void Write() {
    const Key key(random_.Below(keys_));
    Shard& shard = ShardOf(key);
    switch (random_.Below(8)) {
      case 0: return WriteTable(shard.ordered, &model_.ordered, key);
      case 1: return WriteTable(shard.plain, &model_.plain, key);
      case 2: return WriteExpiring(shard.expiring, key);
      case 3: return WriteSlice(shard.sliced, key);
      case 4: return WriteMap(shard.sorted, &model_.sorted, key);
      case 5: return WriteMap(shard.arrived, &model_.arrived, key);
      default: return WriteTimer(shard.timers, key);
    }
  }

  std::string SomeText() {
    return std::string(static_cast<size_t>(random_.Below(30)),
                       static_cast<char>('a' + random_.Below(3)));
  }

  void WriteTable(StateTable* table, std::map<int64_t, Model::Row>* model, const Key& key) {
    if (random_.OneIn(400)) {
      for (auto& shard : shards_) {
        StateTable* all = table == ShardOf(key).plain ? shard->plain : shard->ordered;
        all->Clear();
      }
      model->clear();
      return;
    }
    StateRow* row;
    if (random_.OneIn(3)) {
      table->Find(key.columns, &key.hash, AllRows(1), &row);
      ASSERT_EQ(row != nullptr, model->count(key.value) != 0);
      if (row == nullptr) return;
      if (random_.OneIn(3)) {
        table->Touch(row);
        Model::Row& to = model->at(key.value);
        to.number = table->Value<int64_t>(row, 0) += 7;
        return WriteCounts(table, row, &to);
      }
      model->erase(key.value);
      return table->Erase(row);
    }
    uint8_t inserted;
    table->FindOrInsert(key.columns, &key.hash, AllRows(1), &row, &inserted);
    ASSERT_EQ(inserted != 0, model->count(key.value) == 0);
    Model::Row& to = (*model)[key.value];
    if (inserted != 0) to.place = model_.next_place++;
    to.number = table->Value<int64_t>(row, 0) = random_.Below(1000);
    to.text = SomeText();
    table->SetString(row, 1, to.text);
    WriteCounts(table, row, &to);
    if (!HasObject(table) || random_.OneIn(2)) return;
    auto& object = table->Value<void*>(row, 2);
    if (object == nullptr) object = new std::string();
    to.object = SomeText();
    *static_cast<std::string*>(object) = to.object;
  }

  static bool HasObject(const StateTable* table) {
    return table->spec().slots.size() > 2 && table->spec().slots[2].kind == SlotSpec::Kind::kObject;
  }

  void WriteCounts(StateTable* table, StateRow* row, Model::Row* model) {
    for (size_t slot = 0; slot < table->spec().slots.size(); ++slot) {
      if (table->spec().slots[slot].kind != SlotSpec::Kind::kCounts || random_.OneIn(2)) continue;
      ValueCounts& counts = *table->counts();
      if (random_.OneIn(20)) {
        counts.RemoveAll(row, slot);
        std::erase_if(model->counts, [slot](const auto& one) { return one.first.first == slot; });
        continue;
      }
      const std::string value = SomeText();
      const uint32_t hash = ValueCounts::HashOf(row, slot, value);
      const uint32_t hashes[] = {hash};
      counts.Prefetch(hashes);
      const auto found = model->counts.try_emplace({slot, value}).first;
      const int64_t ttl = table->spec().ttl_ms;
      if (ttl > 0 && found->second.written <= now_ - ttl) found->second.count = 0;
      ASSERT_EQ(counts.CountOf(row, slot, value, hash), found->second.count);
      const int64_t delta = random_.OneIn(3) ? -1 : 1;
      found->second = {found->second.count + delta, now_};
      ASSERT_EQ(counts.Add(row, slot, value, hash, delta), found->second.count);
      if (found->second.count == 0) model->counts.erase(found);
    }
  }

  void WriteExpiring(StateTable* table, const Key& key) {
    table->SetNow(now_);
    StateRow* row;
    table->FindOrInsert(key.columns, &key.hash, AllRows(1), &row, nullptr);
    Model::Row& to = model_.expiring[key.value];
    if (to.written <= now_ - kTtl) to = {};
    to.written = now_;
    WriteCounts(table, row, &to);
    to.number = table->Value<int64_t>(row, 0) = random_.Below(1000);
  }

  void WriteSlice(SliceTables* slices, const Key& key) {
    const int64_t slice = first_slice_ + random_.Below(kSlices);
    if (random_.OneIn(30)) {
      for (auto& shard : shards_) shard->sliced->Drop(slice);
      std::erase_if(model_.sliced, [slice](const auto& row) { return row.first.first == slice; });
      if (random_.OneIn(2)) ++first_slice_;
      return;
    }
    StateTable* table = slices->FindOrMake(slice);
    StateRow* row;
    if (random_.OneIn(6)) {
      table->Find(key.columns, &key.hash, AllRows(1), &row);
      if (row != nullptr) table->Erase(row);
      model_.sliced.erase({slice, key.value});
      return;
    }
    table->FindOrInsert(key.columns, &key.hash, AllRows(1), &row, nullptr);
    Model::Row& to = model_.sliced[{slice, key.value}];
    to.number = table->Value<int64_t>(row, 0) = random_.Below(1000);
    WriteCounts(table, row, &to);
  }

  void WriteMap(StateMultimap* map, std::map<int64_t, std::vector<Model::Entry>>* model,
                const Key& key) {
    StateRow* found;
    map->FindOrInsertKeys(key.columns, &key.hash, AllRows(1), &found);
    std::vector<Model::Entry>& entries = (*model)[key.value];
    const auto pick = [&]() -> MultimapEntry* {
      if (entries.empty()) return nullptr;
      picked_ = static_cast<size_t>(random_.Below(static_cast<int64_t>(entries.size())));
      MultimapEntry* entry = map->First(found);
      for (size_t i = 0; i < picked_; ++i) entry = map->Next(entry);
      return entry;
    };
    const int64_t draw = random_.Below(10);
    if (draw < 5) {
      AddEntry(map, found, &entries);
    } else if (draw < 7) {
      if (MultimapEntry* entry = pick(); entry != nullptr) {
        map->RemoveOne(entry);
        if (--entries[picked_].count == 0) {
          entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(picked_));
        }
      }
    } else if (draw < 9) {
      if (MultimapEntry* entry = pick(); entry != nullptr) {
        map->Touch(entry);
        entries[picked_].associations = entry->associations += 3;
      }
    } else if (random_.OneIn(3)) {
      map->RemoveAll(found);
      entries.clear();
    }
    StateRow* const touched[] = {found};
    map->EraseEmptyKeys(touched);
    if (entries.empty()) model->erase(key.value);
  }

  void AddEntry(StateMultimap* map, StateRow* key, std::vector<Model::Entry>* entries) {
    Model::Entry added{random_.Below(4), SomeText(), 1, 0, model_.next_place++};
    const Column sort = BigIntColumn({added.sort});
    const Column text = TextColumn({added.text});
    const std::vector<const Column*> columns{&sort, &text};
    map->Add(key, columns, 0);
    if (map->spec().counted) {
      for (Model::Entry& entry : *entries) {
        if (entry.sort != added.sort || entry.text != added.text) continue;
        ++entry.count;
        return;
      }
    }
    auto at = entries->end();
    if (!map->spec().order.empty()) {
      // Descending, then by arrival.
      at = std::find_if(entries->begin(), entries->end(),
                        [&](const Model::Entry& entry) { return entry.sort < added.sort; });
    }
    entries->insert(at, added);
  }

  void WriteTimer(TimerQueue* timers, const Key& key) {
    const std::string text = std::to_string(key.value);
    const int64_t draw = random_.Below(10);
    if (draw < 5) {
      const int64_t time = random_.Below(100);
      timers->Add(time, key.hash, text);
      model_.timers.emplace(std::pair{time, key.value}, model_.next_place++);
    } else if (draw < 8) {
      if (model_.timers.empty()) return;
      auto at = model_.timers.lower_bound({random_.Below(100), 0});
      if (at == model_.timers.end()) at = model_.timers.begin();
      const Key other(at->first.second);
      ShardOf(other).timers->Remove(at->first.first, other.hash, std::to_string(other.value));
      model_.timers.erase(at);
    } else {
      Timer timer;
      if (timers->PopDue(random_.Below(40), &timer)) {
        ASSERT_EQ(model_.timers.erase({timer.time_ms, std::stoll(timer.key)}), 1U);
      }
    }
  }

  // --- Barriers. ---

  void Barrier() {
    if (barrier_ != 0) return EndBarrier(true);
    barrier_ = ++epoch_;
    at_barrier_ = model_;
    frozen_.clear();
    for (auto& shard : shards_) {
      shard->store->BeginFreeze(barrier_);
      shard->frozen = false;
    }
  }

  void Sweep(int64_t budget) {
    if (barrier_ == 0) return;
    for (auto& shard : shards_) {
      if (shard->frozen || !shard->store->StepFreeze(budget)) continue;
      shard->frozen = true;
      frozen_.push_back(shard->store->TakeFrozen().value());
    }
  }

  void EndBarrier(bool fails) {
    if (barrier_ == 0) return;
    Sweep(FreezeBudget::kUnlimited);
    ASSERT_EQ(frozen_.size(), shards_.size());
    if (!fails) {
      if (new_place_) chains_.clear();
      new_place_ = false;
      for (const auto& state : frozen_) {
        for (const StateSection& section : state->sections) {
          std::vector<StateSection>& chain = chains_[{section.state_name, section.key_group}];
          if (!section.is_delta) {
            chain.clear();
          } else {
            ASSERT_FALSE(chain.empty()) << "a delta without a base: " << section.state_name << " "
                                        << section.key_group << " epoch " << barrier_;
          }
          if (!section.bytes.empty()) chain.push_back(section);
          if (section.is_delta) ++deltas;
        }
      }
      published_ = barrier_;
      published_model_ = at_barrier_;
      undelivered_ = barrier_;
      if (random_.OneIn(2)) Deliver();
    }
    barrier_ = 0;
  }

  void Deliver() {
    if (undelivered_ == 0) return;
    for (auto& shard : shards_) shard->store->Published(undelivered_);
    undelivered_ = 0;
  }

  // --- Restores. ---

  void Restore() {
    if (published_ == 0) return;
    barrier_ = 0;
    undelivered_ = 0;
    auto whole = std::make_shared<FrozenState>();
    whole->operator_id = "op";
    whole->epoch = published_;
    for (const auto& [key, chain] : chains_) {
      for (const StateSection& section : chain) whole->sections.push_back(section);
    }
    for (size_t i = 0; i < whole->sections.size(); i += 2) PutAway(&whole->sections[i]);
    const int count = one_shard_ ? 1 : 1 + static_cast<int>(random_.Below(4));
    MakeShards(count, {whole}, true);
    model_ = published_model_;
    Compare();
    if (::testing::Test::HasFailure()) return;
    const bool continues = !random_.OneIn(4);
    MakeShards(count, {whole}, continues);
    // What comes from elsewhere is written to an empty place, or replaces what is there.
    new_place_ = !continues && random_.OneIn(2);
    if (random_.OneIn(2)) epoch_ = published_;
  }

  void Compare() {
    Model found;
    std::map<std::pair<int64_t, uint64_t>, int64_t> popped;
    for (auto& shard : shards_) {
      Read(shard->ordered, &found.ordered);
      Read(shard->plain, &found.plain);
      shard->expiring->SetNow(now_);
      Read(shard->expiring, &found.expiring);
      for (auto& [key, row] : found.expiring) {
        row.written = now_;
        for (auto& [value, count] : row.counts) count.written = now_;
      }
      int64_t slice;
      for (int64_t from = 0; shard->sliced->FirstFrom(from, &slice); from = slice + 1) {
        std::map<int64_t, Model::Row> rows;
        Read(shard->sliced->Find(slice), &rows);
        for (const auto& [key, row] : rows) found.sliced[{slice, key}] = row;
      }
      ReadMap(shard->sorted, &found.sorted);
      ReadMap(shard->arrived, &found.arrived);
      Timer timer;
      while (shard->timers->PopDue(INT64_MAX, &timer)) {
        found.timers[{timer.time_ms, std::stoll(timer.key)}] = found.next_place++;
      }
    }
    ASSERT_EQ(found.Text(now_, one_shard_), model_.Text(now_, one_shard_));
  }

  static void Read(StateTable* table, std::map<int64_t, Model::Row>* out) {
    const size_t slots = table->spec().slots.size();
    for (uint32_t id = 0; StateRow* row = table->Next(&id); ++id) {
      Model::Row& to = (*out)[KeyOf(table, row)];
      to.number = table->Value<int64_t>(row, 0);
      to.place = id;
      for (size_t slot = 0; slot < slots; ++slot) {
        if (table->spec().slots[slot].kind != SlotSpec::Kind::kCounts) continue;
        table->counts()->ForEach(row, slot, [&](std::string_view value, int64_t count) {
          EXPECT_TRUE(to.counts.try_emplace({slot, std::string(value)}, Model::Row::Count{count, 0})
                          .second);
        });
      }
      if (slots > 2) to.text = table->String(row, 1);
      if (!HasObject(table)) continue;
      const auto* object = static_cast<const std::string*>(table->Value<void*>(row, 2));
      if (object != nullptr) to.object = *object;
    }
  }

  static void ReadMap(StateMultimap* map, std::map<int64_t, std::vector<Model::Entry>>* out) {
    for (uint32_t id = 0; StateRow* key = map->NextKey(&id); ++id) {
      ColumnBuilder key_builder(DataType::BigInt());
      ColumnBuilder* key_out = &key_builder;
      map->AppendKey(key, {&key_out, 1});
      auto& entries = (*out)[key_builder.Finish().data<int64_t>()[0]];
      for (MultimapEntry* at = map->First(key); at != nullptr; at = map->Next(at)) {
        ColumnBuilder sort(DataType::BigInt()), text(DataType::String());
        ColumnBuilder* columns[] = {&sort, &text};
        map->AppendRow(at, columns);
        const Column texts = text.Finish();
        entries.push_back({sort.Finish().data<int64_t>()[0],
                           std::string(ColumnReader<StringView>(texts)[0].view()), at->count,
                           at->associations, 0});
      }
    }
  }

 public:
  int64_t deltas = 0;

 private:
  Random random_;
  int steps_;
  int64_t keys_ = 1;
  bool one_shard_ = true;
  int64_t now_ = 1000;
  int64_t first_slice_ = 0;
  size_t picked_ = 0;
  std::vector<std::unique_ptr<Shard>> shards_;
  Model model_, at_barrier_, published_model_;
  uint64_t epoch_ = 0;
  uint64_t barrier_ = 0;  // under way
  uint64_t published_ = 0;
  uint64_t undelivered_ = 0;
  bool new_place_ = false;
  std::vector<std::shared_ptr<const FrozenState>> frozen_;
  Chains chains_;
};

TEST(FreezeTest, ARestoreGivesWhatTheBarrierSaw) {
  const char* wanted = std::getenv("RHEI_STATE_SEEDS");
  const uint64_t seeds = wanted == nullptr ? 300 : std::strtoull(wanted, nullptr, 10);
  const char* first = std::getenv("RHEI_STATE_SEED");
  const uint64_t from = first == nullptr ? 1 : std::strtoull(first, nullptr, 10);
  int64_t deltas = 0;
  for (uint64_t seed = from; seed < from + seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Trial run(seed, 300);
    run.Go();
    deltas += run.deltas;
    if (HasFailure()) return;
  }
  if (first == nullptr) {
    EXPECT_GT(deltas, 1000);
  }
}

}  // namespace
}  // namespace rhei
