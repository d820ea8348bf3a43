// What the state tables cost: GROUP BY k with count and sum, at 1e4 to 2e7 keys.
//
//   state_bench [keys-max]      (default 20000000; about 3 GB of memory)
//
// 1. ns per update of a table that is full, beside a hand-written loop over one open-addressing
//    table, both in batches of 1024 with hashes first and prefetching; the rounds take turns, the
//    least counts. Then the quotient of the largest to the smallest, of each.
// 2. Bytes per key (what the table has charged) and the longest batch while it grows from nothing.
// 3. A freeze of a table of 1 GB of which a tenth has changed: the longest gap between two batches.
//    Three times, each with a table of its own.
// All times are the thread's CPU time; wall time stands beside the longest ones. A virtual machine
// that its host stops counts that as CPU time: the jitter is the longest gap that a loop without
// any state sees. What the state itself does comes again in every round.
#include <sys/mman.h>

#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "base/memory_pool.h"
#include "base/zeroed_memory.h"
#include "columnar/column_builder.h"
#include "columnar/hash.h"
#include "state/freeze.h"
#include "state/state_store.h"
#include "state/table.h"

namespace {

using rhei::Column;

constexpr size_t kBatch = 1024;

double Seconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}
double Cpu() {
  return Seconds(CLOCK_THREAD_CPUTIME_ID);
}
double Wall() {
  return Seconds(CLOCK_MONOTONIC);
}

uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

// Keys are spread over the integers; `at` is the place in the stream.
int64_t KeyOf(uint64_t at) {
  return static_cast<int64_t>(Mix(at + 1) >> 1);
}

struct Batch {
  Column keys;
  const int64_t* values() const { return keys.data<int64_t>(); }
};

Batch MakeBatch(const std::vector<int64_t>& keys) {
  rhei::ColumnBuilder builder(rhei::DataType::BigInt());
  for (const int64_t key : keys) builder.Append(key);
  return {builder.Finish()};
}

// `count` batches of random keys out of `keys`.
std::vector<Batch> RandomBatches(uint64_t keys, size_t count, uint64_t seed) {
  std::vector<Batch> out;
  std::vector<int64_t> values(kBatch);
  for (size_t b = 0; b < count; ++b) {
    for (int64_t& value : values) value = KeyOf(Mix(seed++) % keys);
    out.push_back(MakeBatch(values));
  }
  return out;
}

// --- The loop ---

class Loop {
 public:
  explicit Loop(uint64_t keys) {
    uint64_t capacity = 16;
    while (capacity * 7 / 10 < keys) capacity *= 2;
    mask_ = capacity - 1;
    slots_ = reinterpret_cast<Slot*>(rhei::AllocateZeroed(capacity * sizeof(Slot)));
  }
  ~Loop() { rhei::FreeZeroed(reinterpret_cast<std::byte*>(slots_), (mask_ + 1) * sizeof(Slot)); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Update(const Batch& batch) {
    const int64_t* keys = batch.values();
    uint64_t hashes[kBatch];
    for (size_t i = 0; i < kBatch; ++i) {
      hashes[i] = static_cast<uint64_t>(keys[i]) * 0x9E3779B97F4A7C15U;
      hashes[i] ^= hashes[i] >> 32;
    }
    constexpr size_t kAhead = 16;
    for (size_t i = 0; i < kAhead; ++i) __builtin_prefetch(&slots_[hashes[i] & mask_], 1);
    for (size_t i = 0; i < kBatch; ++i) {
      if (i + kAhead < kBatch) __builtin_prefetch(&slots_[hashes[i + kAhead] & mask_], 1);
      uint64_t at = hashes[i] & mask_;
      while (slots_[at].count != 0 && slots_[at].key != keys[i]) at = (at + 1) & mask_;
      Slot& slot = slots_[at];
      slot.key = keys[i];
      ++slot.count;
      slot.sum += keys[i] & 0xffff;
    }
  }

 private:
  struct Slot {
    int64_t key;
    int64_t count;
    int64_t sum;
  };
  uint64_t mask_;
  Slot* slots_;
};

// --- The table ---

rhei::TableSpec Spec() {
  return {"sums",
          {rhei::DataType::BigInt()},
          {rhei::SlotSpec::Fixed(8), rhei::SlotSpec::Fixed(8)},
          0,
          false};
}

void Update(rhei::StateTable* table, const Batch& batch) {
  static std::vector<int32_t> all;
  static std::vector<uint64_t> hashes(kBatch);
  static std::vector<rhei::StateRow*> rows(kBatch);
  while (all.size() < kBatch) all.push_back(static_cast<int32_t>(all.size()));
  const Column* keys[] = {&batch.keys};
  rhei::HashRows(keys, static_cast<int32_t>(kBatch), hashes.data());
  table->FindOrInsert(keys, hashes.data(), all, rows.data(), nullptr);
  const int64_t* values = batch.values();
  for (size_t i = 0; i < kBatch; ++i) ++table->Value<int64_t>(rows[i], 0);
  for (size_t i = 0; i < kBatch; ++i) table->Value<int64_t>(rows[i], 1) += values[i] & 0xffff;
}

struct Gap {
  double cpu = 0;
  double wall = 0;
  template <typename Work>
  void Measure(Work&& work) {
    const double cpu_before = Cpu(), wall_before = Wall();
    work();
    cpu = std::max(cpu, Cpu() - cpu_before);
    wall = std::max(wall, Wall() - wall_before);
  }
};

// The longest gaps of a loop without any state: one that touches no memory, and one that touches
// fresh memory 64 KiB at a time, as everything that grows must.
void PrintJitter() {
  constexpr double kSeconds = 3;
  Gap still, fresh;
  const double end = Wall() + kSeconds;
  while (Wall() < end) {
    still.Measure([] {
      for (volatile int i = 0; i < 10'000; i = i + 1) {
      }
    });
  }
  constexpr size_t kBytes = size_t{1} << 30, kStep = size_t{64} << 10, kPage = 4096;
  std::byte* memory = rhei::AllocateZeroed(kBytes);
  for (size_t at = 0; at < kBytes; at += kStep) {
    fresh.Measure([&] {
      for (size_t page = at; page < at + kStep; page += kPage) memory[page] = std::byte{1};
    });
  }
  rhei::FreeZeroed(memory, kBytes);
  std::printf("jitter: longest gap of a loop without state: %.2f ms CPU (%.2f wall) in %.0f s\n",
              still.cpu * 1e3, still.wall * 1e3, kSeconds);
  std::printf("jitter: the same while it touches 1 GB of fresh memory: %.2f ms CPU (%.2f wall)\n\n",
              fresh.cpu * 1e3, fresh.wall * 1e3);
}

std::string Milliseconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof(text), " %.2f", seconds * 1e3);
  return text;
}

struct Growth {
  double bytes_per_key = 0;
  double ns_per_key = 0;
  Gap longest;
};

Growth Grow(rhei::StateTable* table, uint64_t keys) {
  Growth out;
  std::vector<int64_t> values(kBatch);
  double cpu = 0;
  for (uint64_t at = 0; at < keys; at += kBatch) {
    for (size_t i = 0; i < kBatch; ++i) {
      values[i] = KeyOf(std::min(at + i, keys - 1));
    }
    const Batch batch = MakeBatch(values);
    const double before = Cpu();
    out.longest.Measure([&] { Update(table, batch); });
    cpu += Cpu() - before;
  }
  out.bytes_per_key = static_cast<double>(table->bytes()) / static_cast<double>(keys);
  out.ns_per_key = cpu / static_cast<double>(keys) * 1e9;
  return out;
}

template <typename Work>
double NanosPerUpdate(const std::vector<Batch>& batches, Work&& work) {
  const double before = Cpu();
  for (const Batch& batch : batches) work(batch);
  return (Cpu() - before) / static_cast<double>(batches.size() * kBatch) * 1e9;
}

void Tables(uint64_t keys_max) {
  constexpr int kRounds = 5, kGrowths = 3;
  std::vector<uint64_t> sizes;
  for (const uint64_t keys : {10'000ULL, 100'000ULL, 1'000'000ULL, 10'000'000ULL, 20'000'000ULL}) {
    if (keys <= keys_max) sizes.push_back(keys);
  }
  std::vector<std::unique_ptr<rhei::StateTable>> tables;
  std::vector<std::unique_ptr<Loop>> loops;
  std::vector<std::vector<Batch>> batches;
  std::printf(
      "| keys | bytes a key | ns a new key | longest batch of 1024, each round: CPU ms | wall ms "
      "|\n");
  std::printf("|---|---|---|---|---|\n");
  for (const uint64_t keys : sizes) {
    tables.emplace_back();
    Growth growth;
    std::string cpu, wall;
    for (int round = 0; round < kGrowths; ++round) {
      tables.back() = std::make_unique<rhei::StateTable>(Spec(), nullptr);
      growth = Grow(tables.back().get(), keys);
      cpu += Milliseconds(growth.longest.cpu);
      wall += Milliseconds(growth.longest.wall);
    }
    std::printf("| %" PRIu64 " | %.1f | %.1f |%s |%s |\n", keys, growth.bytes_per_key,
                growth.ns_per_key, cpu.c_str(), wall.c_str());
    std::fflush(stdout);
    loops.push_back(std::make_unique<Loop>(keys));
    batches.push_back(RandomBatches(keys, 4000, keys));
    for (uint64_t at = 0; at < keys; at += kBatch) {
      std::vector<int64_t> values(kBatch);
      for (size_t i = 0; i < kBatch; ++i) values[i] = KeyOf(std::min(at + i, keys - 1));
      loops.back()->Update(MakeBatch(values));
    }
  }
  PrintJitter();
  std::vector<double> table_ns(sizes.size(), 1e9), loop_ns(sizes.size(), 1e9);
  for (int round = 0; round < kRounds; ++round) {
    for (size_t i = 0; i < sizes.size(); ++i) {
      loop_ns[i] = std::min(loop_ns[i], NanosPerUpdate(batches[i], [&](const Batch& batch) {
                              loops[i]->Update(batch);
                            }));
      table_ns[i] = std::min(table_ns[i], NanosPerUpdate(batches[i], [&](const Batch& batch) {
                               Update(tables[i].get(), batch);
                             }));
    }
  }
  std::printf("| keys | table: ns an update | loop: ns an update |\n|---|---|---|\n");
  for (size_t i = 0; i < sizes.size(); ++i) {
    std::printf("| %" PRIu64 " | %.1f | %.1f |\n", sizes[i], table_ns[i], loop_ns[i]);
  }
  const double table_quotient = table_ns.back() / table_ns.front();
  const double loop_quotient = loop_ns.back() / loop_ns.front();
  std::printf("| largest / smallest | %.2f | %.2f |\n", table_quotient, loop_quotient);
  std::printf("quotient of the table / quotient of the loop: %.2f (target: at most 1.50)\n\n",
              table_quotient / loop_quotient);
}

void Freezes(uint64_t keys_max) {
  rhei::MemoryPool pool("bench", rhei::MemoryPool::kUnlimited);
  rhei::StateStore store("op", {0, rhei::kKeyGroupCount}, &pool);
  rhei::StateTable* table = store.OpenTable(Spec()).value();
  const uint64_t keys = std::min<uint64_t>(keys_max, 17'000'000);
  Grow(table, keys);
  std::printf(
      "| freeze of %.2f GB | barrier CPU ms (wall) | longest gap CPU ms (wall) | sweep CPU ms"
      " | MB written | ns an update meanwhile | before |\n|---|---|---|---|---|---|---|\n",
      static_cast<double>(pool.used_bytes()) / 1e9);
  uint64_t seed = 1;
  for (uint64_t epoch = 1; epoch <= 4; ++epoch) {
    const size_t changed = static_cast<size_t>(keys / 10 / kBatch);
    const std::vector<Batch> before = RandomBatches(keys, changed, seed);
    seed += changed * kBatch;
    const std::vector<Batch> meanwhile = RandomBatches(keys, 4000, seed);
    seed += 4000 * kBatch;
    const double before_ns =
        NanosPerUpdate(before, [&](const Batch& batch) { Update(table, batch); });
    Gap barrier, gap;
    barrier.Measure([&] { store.BeginFreeze(epoch); });
    bool done = false;
    double sweep = 0, update = 0;
    size_t batches = 0;
    // As a task does it: a step of the sweep, then a batch.
    for (; !done; ++batches) {
      gap.Measure([&] {
        const double start = Cpu();
        done = store.StepFreeze(256 << 10);
        const double middle = Cpu();
        sweep += middle - start;
        Update(table, meanwhile[batches % meanwhile.size()]);
        update += Cpu() - middle;
      });
    }
    std::shared_ptr<const rhei::FrozenState> frozen;
    gap.Measure([&] { frozen = store.TakeFrozen().value(); });
    int64_t bytes = 0;
    for (const rhei::StateSection& section : frozen->sections) {
      bytes += static_cast<int64_t>(section.bytes.size());
    }
    std::printf(
        "| %s, epoch %" PRIu64 " | %.2f (%.2f) | %.2f (%.2f) | %.0f | %.0f | %.1f | %.1f |\n",
        epoch == 1 ? "all" : "a tenth changed", epoch, barrier.cpu * 1e3, barrier.wall * 1e3,
        gap.cpu * 1e3, gap.wall * 1e3, sweep * 1e3, static_cast<double>(bytes) / 1e6,
        update / static_cast<double>(batches * kBatch) * 1e9, before_ns);
    std::fflush(stdout);
    frozen.reset();
    store.Published(epoch);
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t keys_max = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20'000'000;
  Tables(keys_max);
  for (int round = 0; round < 3; ++round) Freezes(keys_max);
  PrintJitter();
  return 0;
}
