// A section's bytes: the schema of the state as text, then records (state/freeze.h); of a list, its
// elements.
#include "state/state_store.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "columnar/hash.h"
#include "state/chain.h"
#include "state/chain_book.h"
#include "state/list_state.h"
#include "state/multimap.h"
#include "state/slice_tables.h"
#include "state/table.h"
#include "state/timers.h"

namespace rhei {

namespace {

constexpr std::string_view kTimerSchema = "timers";
constexpr std::string_view kListSchema = "list";
constexpr size_t kHottestKeys = 3;

}  // namespace

Result<std::string_view> StateSection::Read(std::string* buffer) const {
  if (stored == nullptr) return std::string_view(bytes);
  ASSIGN_OR_RETURN(*buffer, stored->Read());
  return std::string_view(*buffer);
}

struct StateStore::Impl {
  // A keyed state and what is published of it.
  struct Keyed {
    std::string name;
    std::string schema;
    KeyedState* state = nullptr;
    ChainBook book;
    FreezeBuffers buffers;
  };

  std::string operator_id;
  KeyGroupRange key_groups;
  MemoryPool* pool;
  std::vector<std::shared_ptr<const FrozenState>> restored;
  bool continues = false;
  Threads* threads = nullptr;
  std::vector<StateSection> ended;  // of states that were not opened again, until published
  uint32_t ended_epoch = 0;
  std::vector<std::unique_ptr<StateTable>> tables;
  std::vector<std::unique_ptr<SliceTables>> slices;
  std::vector<std::unique_ptr<StateMultimap>> multimaps;
  std::vector<std::unique_ptr<TimerQueue>> timers;
  std::vector<std::pair<std::string, std::unique_ptr<ListState>>> lists;
  std::vector<std::unique_ptr<Keyed>> keyed;
  std::vector<std::string> names;
  uint32_t epoch = 0;
  uint32_t published = 0;
  std::shared_ptr<FrozenState> freezing;
  std::shared_ptr<MemoryPool> frozen_pool;  // may be null

  std::atomic<bool> reading_wanted{false};
  mutable std::mutex reading_mutex;
  std::shared_ptr<const std::vector<StateReading>> reading;

  void TakeName(std::string_view name) {
    for (const std::string& taken : names) CHECK(taken != name);
    names.emplace_back(name);
  }

  // The restored chains of one state by key group.
  std::vector<SectionChain> ChainsOf(std::string_view name) const {
    std::map<int, SectionChain> chains;
    for (const auto& frozen : restored) {
      for (const StateSection& section : frozen->sections) {
        if (section.state_name != name) continue;
        if (section.key_group >= 0 && !key_groups.contains(section.key_group)) continue;
        SectionChain& chain = chains[section.key_group];
        chain.key_group = section.key_group;
        if (!section.is_delta && section.key_group >= 0) chain.sections.clear();
        if (section.size() > 0) chain.sections.push_back(&section);
      }
    }
    std::vector<SectionChain> out;
    for (auto& [group, chain] : chains) {
      if (!chain.sections.empty()) out.push_back(std::move(chain));
    }
    return out;
  }

  // `keeps_order`: the places of the rows in their order hold within one run only.
  template <typename Primitive, typename Spec>
  Result<Primitive*> Open(const Spec& spec, std::string schema, bool keeps_order,
                          std::vector<std::unique_ptr<Primitive>>* into) {
    TakeName(spec.name);
    ChainStream chains({operator_id, spec.name, schema}, ChainsOf(spec.name), threads);
    auto primitive = std::make_unique<Primitive>(spec, pool);
    const bool goes_on = continues && !keeps_order;
    primitive->SetEpoch(epoch, goes_on);
    RETURN_IF_ERROR(primitive->Load(&chains));
    auto& entry = *keyed.emplace_back(std::make_unique<Keyed>());
    entry.name = spec.name;
    for (const SectionChain& chain : chains.chains()) {
      entry.book.Restored(chain, published, goes_on);
    }
    entry.schema = std::move(schema);
    entry.state = primitive.get();
    into->push_back(std::move(primitive));
    return into->back().get();
  }

  KeyGroupSet BasesOf(const Keyed& entry) const {
    KeyGroupSet bases = entry.book.Bases(entry.state->base_from());
    for (int g = 0; g < kKeyGroupCount; ++g) {
      if (!key_groups.contains(g)) bases.reset(static_cast<size_t>(g));
    }
    return bases;
  }

  // Strings that grew step by step would be copied again and again, at 4 MB for milliseconds.
  void BeginBuffers(Keyed* entry) const {
    const KeyGroupSet bases = BasesOf(*entry);
    entry->buffers.Begin(entry->schema, bases);
    const auto group_count = static_cast<uint64_t>(std::max(key_groups.last - key_groups.first, 1));
    const uint64_t even_share = entry->state->RecordBytes() / group_count;
    for (int g = key_groups.first; g < key_groups.last; ++g) {
      const bool is_base = bases.test(static_cast<size_t>(g));
      uint64_t bytes = entry->book.BytesExpected(g, is_base);
      if (is_base && bytes == 0) bytes = even_share;
      entry->buffers.Expect(g, bytes);
    }
  }

  // Moves the sections of a state out of its buffers.
  void TakeSections(Keyed* entry) {
    const auto now = static_cast<uint32_t>(freezing->epoch);
    for (int g = 0; g < kKeyGroupCount; ++g) {
      const bool is_base = entry->buffers.bases().test(static_cast<size_t>(g));
      std::vector<std::string>& sections = entry->buffers.SectionsOf(g);
      // Rows that another shard owns would be lost in a restore.
      CHECK(sections.empty() || key_groups.contains(g));
      if (sections.empty()) {
        if (!is_base || !entry->book.MayBeKept(g)) continue;
        sections.emplace_back();
      }
      uint64_t bytes = 0;
      for (size_t i = 0; i < sections.size(); ++i) {
        bytes += sections[i].size();
        freezing->sections.push_back({entry->name, g, std::move(sections[i]), !is_base || i > 0});
      }
      entry->book.Froze(g, now, is_base, bytes);
    }
    entry->buffers = FreezeBuffers();
  }

  void CountFrozen() const {
    if (freezing->charge == nullptr) return;
    int64_t bytes = 0;
    for (const StateSection& section : freezing->sections) {
      bytes += static_cast<int64_t>(section.bytes.capacity());
    }
    for (const auto& entry : keyed) bytes += entry->buffers.bytes();
    freezing->charge->Set(bytes);
  }

  std::vector<StateReading> Read() const;
};

std::vector<StateReading> StateStore::Impl::Read() const {
  std::vector<StateReading> out;
  const auto add = [&out](std::string_view kind, const auto& state, uint64_t rows, uint64_t keys) {
    StateReading& one = out.emplace_back();
    one.name = state.spec().name;
    one.kind = kind;
    one.rows = static_cast<int64_t>(rows);
    one.keys = static_cast<int64_t>(keys);
    one.bytes = state.bytes();
    return &one;
  };
  const auto add_hottest = [](const auto& keys, const auto& owner, StateReading* one) {
    for (const auto& [key, rows] : keys) one->hottest.push_back({owner.KeyText(key), rows});
  };
  for (const auto& table : tables) {
    const uint64_t keys = table->row_count();
    StateReading* one = add("table", *table, keys + table->value_count(), keys);
    one->oldest_write_ms = table->OldestWrite();
    if (table->counts() == nullptr) continue;
    add_hottest(table->counts()->HottestRows(kHottestKeys), *table, one);
  }
  for (const auto& sliced : slices) {
    const uint64_t keys = sliced->row_count();
    add("slices", *sliced, keys + sliced->value_count(), keys);
  }
  for (const auto& multimap : multimaps) {
    StateReading* one = add("multimap", *multimap, multimap->entry_count(), multimap->key_count());
    one->oldest_write_ms = multimap->OldestWrite();
    add_hottest(multimap->HottestKeys(kHottestKeys), *multimap, one);
  }
  for (const auto& queue : timers) add("timers", *queue, queue->size(), queue->size());
  for (const auto& [name, list] : lists) {
    StateReading& one = out.emplace_back();
    one.name = name;
    one.kind = "list";
    for (const std::string& element : list->elements()) {
      ++one.rows;
      one.bytes += static_cast<int64_t>(element.size());
    }
  }
  return out;
}

StateStore::StateStore(std::string operator_id, KeyGroupRange key_groups, MemoryPool* pool)
    : impl_(std::make_unique<Impl>()) {
  impl_->operator_id = std::move(operator_id);
  impl_->key_groups = key_groups;
  impl_->pool = pool;
}

StateStore::~StateStore() = default;

const std::string& StateStore::operator_id() const {
  return impl_->operator_id;
}
KeyGroupRange StateStore::key_groups() const {
  return impl_->key_groups;
}
MemoryPool* StateStore::pool() const {
  return impl_->pool;
}

Result<StateTable*> StateStore::OpenTable(const TableSpec& spec) {
  return impl_->Open(spec, SchemaOf(spec), spec.keep_order, &impl_->tables);
}
Result<SliceTables*> StateStore::OpenSlices(const TableSpec& spec) {
  return impl_->Open(spec, "sliced " + SchemaOf(spec), spec.keep_order, &impl_->slices);
}
Result<StateMultimap*> StateStore::OpenMultimap(const MultimapSpec& spec) {
  return impl_->Open(spec, SchemaOf(spec), spec.keep_order, &impl_->multimaps);
}
Result<TimerQueue*> StateStore::OpenTimers(const TimerSpec& spec) {
  return impl_->Open(spec, std::string(kTimerSchema), false, &impl_->timers);
}

Result<ListState*> StateStore::OpenList(std::string_view name) {
  impl_->TakeName(name);
  ChainStream chains({impl_->operator_id, name, kListSchema}, impl_->ChainsOf(name), nullptr);
  GroupChain chain;  // at most one: the lists of all shards, in their order
  RETURN_IF_ERROR(chains.Next(&chain).status());
  auto list = std::make_unique<ListState>();
  for (const std::string_view image : chain.images) {
    ByteReader reader(image);
    while (!reader.at_end()) list->restored_.emplace_back(reader.ReadBytes());
    if (!reader.ok()) {
      return Status(ErrorCode::kStateMismatch, std::string(name) + ": a section is cut short");
    }
  }
  impl_->lists.emplace_back(name, std::move(list));
  return impl_->lists.back().second.get();
}

Status StateStore::Restore(const std::vector<std::shared_ptr<const FrozenState>>& frozen,
                           bool continues, Threads* threads) {
  CHECK(impl_->names.empty());
  for (const auto& state : frozen) {
    if (state->operator_id != impl_->operator_id) {
      return {ErrorCode::kStateMismatch,
              "state of " + state->operator_id + " given to " + impl_->operator_id};
    }
    impl_->published = std::max(impl_->published, static_cast<uint32_t>(state->epoch));
  }
  impl_->epoch = impl_->published + 1;
  impl_->continues = continues;
  impl_->threads = threads;
  impl_->restored = frozen;
  return {};
}

void StateStore::EndRestore() {
  std::set<std::pair<std::string, int>> ended;
  for (const auto& frozen : impl_->restored) {
    for (const StateSection& section : frozen->sections) {
      const bool opened = std::find(impl_->names.begin(), impl_->names.end(), section.state_name) !=
                          impl_->names.end();
      if (!opened && impl_->key_groups.contains(section.key_group)) {
        ended.emplace(section.state_name, section.key_group);
      }
    }
  }
  for (const auto& [name, group] : ended) impl_->ended.push_back({name, group, {}, false});
  impl_->restored.clear();
}

void StateStore::BeginFreeze(uint64_t epoch) {
  Impl& self = *impl_;
  CHECK(self.freezing == nullptr && epoch >= self.epoch);
  EndRestore();
  const auto barrier = static_cast<uint32_t>(epoch);
  self.freezing = std::make_shared<FrozenState>();
  self.freezing->operator_id = self.operator_id;
  self.freezing->epoch = epoch;
  if (self.frozen_pool != nullptr) {
    self.freezing->charge = std::make_shared<MemoryCharge>(self.frozen_pool);
  }
  self.freezing->sections = self.ended;
  self.ended_epoch = barrier;
  for (auto& [name, list] : self.lists) {
    StateSection section{name, -1, {}, false};
    WriteBytes(kListSchema, &section.bytes);
    for (const std::string& element : list->elements()) WriteBytes(element, &section.bytes);
    self.freezing->sections.push_back(std::move(section));
  }
  for (const auto& entry : self.keyed) {
    self.BeginBuffers(entry.get());
    entry->state->BeginFreeze({barrier, self.published, &entry->buffers});
  }
  // What is written from now on belongs to the next epoch.
  self.epoch = barrier + 1;
  PublishReading();
}

void StateStore::CountFrozenIn(std::shared_ptr<MemoryPool> pool) {
  impl_->frozen_pool = std::move(pool);
}

bool StateStore::StepFreeze(int64_t budget_bytes) {
  FreezeBudget budget{budget_bytes};
  bool done = true;
  for (const auto& entry : impl_->keyed) {
    done = entry->state->StepFreeze(&budget);
    if (!done) break;
  }
  impl_->CountFrozen();
  return done;
}

Result<std::shared_ptr<const FrozenState>> StateStore::TakeFrozen() {
  for (const auto& entry : impl_->keyed) {
    if (!entry->buffers.oversized()) continue;
    return Status(ErrorCode::kResource,
                  fmt::format("the state {} holds a row of more than {} MiB, which a checkpoint "
                              "cannot hold: spread it over more keys",
                              entry->name, (FreezeBuffers::kRecordBytesMax + 1) >> 20));
  }
  for (const auto& entry : impl_->keyed) impl_->TakeSections(entry.get());
  return std::shared_ptr<const FrozenState>(std::move(impl_->freezing));
}

Result<std::shared_ptr<const FrozenState>> StateStore::Freeze(uint64_t epoch) {
  BeginFreeze(epoch);
  CHECK(StepFreeze(FreezeBudget::kUnlimited));
  return TakeFrozen();
}

void StateStore::Published(uint64_t epoch) {
  Impl& self = *impl_;
  const auto published = static_cast<uint32_t>(epoch);
  CHECK(published < self.epoch);
  if (published <= self.published) return;
  self.published = published;
  if (published >= self.ended_epoch && self.freezing == nullptr) self.ended.clear();
  for (const auto& entry : self.keyed) {
    entry->book.Published(published);
    entry->state->Published(published);
  }
}

void StateStore::RequestReading() {
  impl_->reading_wanted.store(true, std::memory_order_release);
}
bool StateStore::reading_wanted() const {
  return impl_->reading_wanted.load(std::memory_order_relaxed);
}
void StateStore::PublishReading() {
  impl_->reading_wanted.store(false, std::memory_order_relaxed);
  auto reading = std::make_shared<const std::vector<StateReading>>(impl_->Read());
  const std::lock_guard lock(impl_->reading_mutex);
  impl_->reading = std::move(reading);
}
std::shared_ptr<const std::vector<StateReading>> StateStore::reading() const {
  const std::lock_guard lock(impl_->reading_mutex);
  return impl_->reading;
}

StateStore::Size StateStore::size() const {
  Size out;
  for (const auto& table : impl_->tables) {
    out.rows += static_cast<int64_t>(table->row_count() + table->value_count());
    out.bytes += table->bytes();
  }
  for (const auto& slices : impl_->slices) {
    out.rows += static_cast<int64_t>(slices->row_count() + slices->value_count());
    out.bytes += slices->bytes();
  }
  for (const auto& multimap : impl_->multimaps) {
    out.rows += static_cast<int64_t>(multimap->entry_count());
    out.bytes += multimap->bytes();
  }
  for (const auto& timers : impl_->timers) {
    out.rows += static_cast<int64_t>(timers->size());
    out.bytes += timers->bytes();
  }
  for (const auto& [name, list] : impl_->lists) {
    for (const std::string& element : list->elements()) {
      ++out.rows;
      out.bytes += static_cast<int64_t>(element.size());
    }
  }
  return out;
}

}  // namespace rhei
