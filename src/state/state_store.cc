// A section's bytes: the schema of the state as text, then what the primitive's Save wrote.
#include "state/state_store.h"

#include "base/check.h"
#include "columnar/hash.h"
#include "state/list_state.h"
#include "state/multimap.h"
#include "state/slice_tables.h"
#include "state/table.h"
#include "state/timers.h"

namespace rhei {

namespace {

constexpr std::string_view kTimerSchema = "timers";
constexpr std::string_view kListSchema = "list";

// The sections of one keyed state, empty ones left out.
void AppendSections(const std::string& name, std::string_view schema,
                    const std::vector<std::string>& groups, std::vector<StateSection>* out) {
  for (size_t g = 0; g < groups.size(); ++g) {
    if (groups[g].empty()) continue;
    StateSection section{name, static_cast<int>(g), {}};
    WriteBytes(schema, &section.bytes);
    section.bytes += groups[g];
    out->push_back(std::move(section));
  }
}

}  // namespace

struct StateStore::Impl {
  std::string operator_id;
  KeyGroupRange key_groups;
  MemoryPool* pool;
  std::vector<std::shared_ptr<const FrozenState>> restored;
  std::vector<std::unique_ptr<StateTable>> tables;
  std::vector<std::unique_ptr<SliceTables>> slices;
  std::vector<std::unique_ptr<StateMultimap>> multimaps;
  std::vector<std::unique_ptr<TimerQueue>> timers;
  std::vector<std::pair<std::string, std::unique_ptr<ListState>>> lists;
  std::vector<std::string> names;
  uint32_t epoch = 0;

  void TakeName(std::string_view name) {
    for (const std::string& taken : names) CHECK(taken != name);
    names.emplace_back(name);
  }

  // The restored content of one state without its schema text, in the order of the frozen shards.
  Status Collect(std::string_view name, std::string_view schema,
                 std::vector<std::string_view>* out) const {
    for (const auto& frozen : restored) {
      for (const StateSection& section : frozen->sections) {
        if (section.state_name != name) continue;
        if (section.key_group >= 0 && !key_groups.contains(section.key_group)) continue;
        ByteReader reader(section.bytes);
        const std::string_view stored = reader.ReadBytes();
        if (!reader.ok() || stored != schema) {
          return {ErrorCode::kStateMismatch, operator_id + ": state " + std::string(name) +
                                                 " was stored as " + std::string(stored) +
                                                 ", now it is " + std::string(schema)};
        }
        out->push_back(
            std::string_view(section.bytes)
                .substr(static_cast<size_t>(stored.data() - section.bytes.data()) + stored.size()));
      }
    }
    return {};
  }

  template <typename Primitive, typename Spec>
  Result<Primitive*> Open(const Spec& spec, std::string_view schema,
                          std::vector<std::unique_ptr<Primitive>>* into) {
    TakeName(spec.name);
    std::vector<std::string_view> images;
    RETURN_IF_ERROR(Collect(spec.name, schema, &images));
    auto primitive = std::make_unique<Primitive>(spec, pool);
    RETURN_IF_ERROR(primitive->Load(images));
    if constexpr (requires { primitive->SetEpoch(epoch); }) primitive->SetEpoch(epoch);
    into->push_back(std::move(primitive));
    return into->back().get();
  }
};

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
  return impl_->Open(spec, SchemaOf(spec), &impl_->tables);
}
Result<SliceTables*> StateStore::OpenSlices(const TableSpec& spec) {
  return impl_->Open(spec, "sliced " + SchemaOf(spec), &impl_->slices);
}
Result<StateMultimap*> StateStore::OpenMultimap(const MultimapSpec& spec) {
  return impl_->Open(spec, SchemaOf(spec), &impl_->multimaps);
}
Result<TimerQueue*> StateStore::OpenTimers(const TimerSpec& spec) {
  return impl_->Open(spec, kTimerSchema, &impl_->timers);
}

Result<ListState*> StateStore::OpenList(std::string_view name) {
  impl_->TakeName(name);
  std::vector<std::string_view> images;
  RETURN_IF_ERROR(impl_->Collect(name, kListSchema, &images));
  auto list = std::make_unique<ListState>();
  for (const std::string_view image : images) {
    ByteReader reader(image);
    while (!reader.at_end()) list->restored_.emplace_back(reader.ReadBytes());
    if (!reader.ok()) {
      return Status(ErrorCode::kStateMismatch, std::string(name) + ": a section is cut short");
    }
  }
  impl_->lists.emplace_back(name, std::move(list));
  return impl_->lists.back().second.get();
}

Status StateStore::Restore(const std::vector<std::shared_ptr<const FrozenState>>& frozen) {
  CHECK(impl_->names.empty());
  for (const auto& state : frozen) {
    if (state->operator_id != impl_->operator_id) {
      return {ErrorCode::kStateMismatch,
              "state of " + state->operator_id + " given to " + impl_->operator_id};
    }
    impl_->epoch = std::max(impl_->epoch, static_cast<uint32_t>(state->epoch) + 1);
  }
  impl_->restored = frozen;
  return {};
}

Result<std::shared_ptr<const FrozenState>> StateStore::Freeze(uint64_t epoch) {
  auto out = std::make_shared<FrozenState>();
  out->operator_id = impl_->operator_id;
  out->epoch = epoch;
  const auto freeze = [&](auto& primitive, std::string_view schema) {
    std::vector<std::string> groups(kKeyGroupCount);
    primitive.Save(groups);
    AppendSections(primitive.spec().name, schema, groups, &out->sections);
  };
  for (auto& table : impl_->tables) freeze(*table, SchemaOf(table->spec()));
  for (auto& slices : impl_->slices) freeze(*slices, "sliced " + SchemaOf(slices->spec()));
  for (auto& multimap : impl_->multimaps) freeze(*multimap, SchemaOf(multimap->spec()));
  for (auto& timers : impl_->timers) freeze(*timers, kTimerSchema);
  for (auto& [name, list] : impl_->lists) {
    StateSection section{name, -1, {}};
    WriteBytes(kListSchema, &section.bytes);
    for (const std::string& element : list->elements()) WriteBytes(element, &section.bytes);
    out->sections.push_back(std::move(section));
  }
  // Rows changed from now on belong to the next epoch.
  impl_->epoch = static_cast<uint32_t>(epoch) + 1;
  for (auto& table : impl_->tables) table->SetEpoch(impl_->epoch);
  for (auto& slices : impl_->slices) slices->SetEpoch(impl_->epoch);
  for (auto& multimap : impl_->multimaps) multimap->SetEpoch(impl_->epoch);
  return std::shared_ptr<const FrozenState>(std::move(out));
}

StateStore::Size StateStore::size() const {
  Size out;
  for (const auto& table : impl_->tables) {
    out.rows += static_cast<int64_t>(table->row_count());
    out.bytes += table->bytes();
  }
  for (const auto& slices : impl_->slices) {
    out.rows += static_cast<int64_t>(slices->row_count());
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
