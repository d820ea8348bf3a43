// Arrival order is a linked list per key; a declared order is a treap per key, whose priorities
// are a hash of the sequence, so that the shape does not depend on anything but the content.
#include "state/multimap.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "base/zeroed_memory.h"
#include "columnar/hash.h"

namespace rhei {

namespace {

constexpr uint32_t kFirstSlabBits = 4;

uint64_t Priority(uint64_t sequence) {
  uint64_t x = sequence + 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

bool Before(const MultimapEntry* a, const MultimapEntry* b) {
  const int order = a->sort_key.view().compare(b->sort_key.view());
  return order != 0 ? order < 0 : a->sequence < b->sequence;
}

TableSpec KeySpec(const MultimapSpec& spec) {
  return {spec.name, spec.key_types, {SlotSpec::Fixed(16)}, 0, spec.keep_order};
}

std::vector<DataType> TypesAt(const std::vector<DataType>& types, const std::vector<int>& columns) {
  std::vector<DataType> out;
  for (const int column : columns) out.push_back(types[static_cast<size_t>(column)]);
  return out;
}

}  // namespace

std::string SchemaOf(const MultimapSpec& spec) {
  std::string out = "multimap(";
  for (const DataType& type : spec.key_types) out += type.WithNullable(true).ToString() + ";";
  out += ")(";
  for (const DataType& type : spec.row_types) out += type.WithNullable(true).ToString() + ";";
  out += ")";
  for (const SortColumn& sort : spec.order) {
    out += " " + std::to_string(sort.column) + (sort.descending ? "d" : "a") +
           (sort.nulls_first ? "f" : "l");
  }
  if (spec.keep_order) out += " ordered";
  // Stored with each entry, as it was when the entry came.
  if (!spec.identity.empty()) out += " by";
  for (const int column : spec.identity) out += " " + std::to_string(column);
  return out;
}

StateMultimap::StateMultimap(const MultimapSpec& spec, MemoryPool* pool)
    : SweptState(pool),
      spec_(spec),
      keys_(KeySpec(spec), pool),
      held_(pool),
      index_(pool),
      strings_(pool),
      row_codec_(spec.row_types),
      identity_codec_(TypesAt(spec.row_types, spec.identity), true),
      sort_codec_(spec.order) {
  static_assert(sizeof(Head) == 16);
}

StateMultimap::~StateMultimap() {
  FreeSlabs();
}

MultimapEntry* StateMultimap::At(uint32_t id_plus_one) const {
  if (id_plus_one == 0) return nullptr;
  const uint64_t n = uint64_t{id_plus_one} - 1 + (1U << kFirstSlabBits);
  const auto log = static_cast<uint32_t>(std::bit_width(n)) - 1;
  const uint64_t within = n - (uint64_t{1} << log);
  return reinterpret_cast<MultimapEntry*>(slabs_[log - kFirstSlabBits] +
                                          within * sizeof(MultimapEntry));
}

MultimapEntry* StateMultimap::NewEntry(StateRow* key) {
  MultimapEntry* entry;
  uint32_t id;
  if (free_id_ != 0) {
    id = free_id_ - 1;
    entry = At(free_id_);
    free_id_ = entry->left;
  } else {
    id = next_id_++;
    const uint64_t n = uint64_t{id} + (1U << kFirstSlabBits);
    if (std::has_single_bit(n)) {
      if (!slabs_.empty()) PreferHugePages(slabs_.back(), n / 2 * sizeof(MultimapEntry));
      slabs_.push_back(AllocateZeroed(n * sizeof(MultimapEntry)));
    }
    held_.Add(sizeof(MultimapEntry));
    entry = At(id + 1);
  }
  sweep_.Note(id, sweep_.epoch_word());
  *entry = MultimapEntry{};
  entry->id = id;
  entry->epoch = sweep_.epoch_word();
  entry->key = key;
  ++live_count_;
  return entry;
}

void StateMultimap::FreeEntry(MultimapEntry* entry) {
  strings_.FreeView(entry->row);
  strings_.FreeView(entry->sort_key);
  strings_.FreeView(entry->identity);
  entry->count = 0;
  entry->left = free_id_;
  free_id_ = entry->id + 1;
  --live_count_;
  if (live_count_ > 0) return;
  // All entries are gone: give the memory back.
  FreeSlabs();
  sweep_.RowsGone();
  strings_.Clear();
  index_.Clear();
  next_id_ = 0;
  free_id_ = 0;
  expiry_.Clear();
}

void StateMultimap::FreeSlabs() {
  for (size_t s = 0; s < slabs_.size(); ++s) {
    FreeZeroed(slabs_[s], (size_t{1} << (kFirstSlabBits + s)) * sizeof(MultimapEntry));
  }
  slabs_.clear();
  held_.Clear();
}

void StateMultimap::FindOrInsertKeys(std::span<const Column* const> keys, const uint64_t* hashes,
                                     std::span<const int32_t> rows, StateRow** out) {
  keys_.FindOrInsert(keys, hashes, rows, out, nullptr);
}

void StateMultimap::FindKeys(std::span<const Column* const> keys, const uint64_t* hashes,
                             std::span<const int32_t> rows, StateRow** out) {
  keys_.Find(keys, hashes, rows, out);
}

void StateMultimap::EraseEmptyKeys(std::span<StateRow* const> keys) {
  for (StateRow* key : keys) {
    if (key != nullptr && StateTable::IsLive(key) && HeadOf(key).entries == 0) keys_.Erase(key);
  }
}

void StateMultimap::EncodeRow(std::span<const Column* const> columns, int32_t row) {
  row_bytes_.clear();
  row_codec_.Encode(columns, row, &row_bytes_);
  identity_bytes_.clear();
  if (!spec_.identity.empty()) {
    const Column* picked[64];
    CHECK(spec_.identity.size() <= 64);
    for (size_t i = 0; i < spec_.identity.size(); ++i) {
      picked[i] = columns[static_cast<size_t>(spec_.identity[i])];
    }
    identity_codec_.Encode({picked, spec_.identity.size()}, row, &identity_bytes_);
  }
  sort_bytes_.clear();
  if (ordered()) sort_codec_.Encode(columns, row, &sort_bytes_);
}

uint32_t StateMultimap::HashRow(const StateRow* key, std::string_view identity) const {
  return static_cast<uint32_t>(
      HashBytes(identity.data(), identity.size(), StateTable::HashOf(key)) >> 16);
}

MultimapEntry* StateMultimap::FindByIdentity(StateRow* key, std::string_view identity,
                                             uint32_t hash) const {
  const uint32_t id = index_.Find(hash, [&](uint32_t candidate) {
    const MultimapEntry* entry = At(candidate + 1);
    return entry->key == key && IdentityOf(entry) == identity;
  });
  return id == kNone ? nullptr : At(id + 1);
}

MultimapEntry* StateMultimap::FindEqual(StateRow* key, std::span<const Column* const> columns,
                                        int32_t row) {
  CHECK(spec_.find_rows);
  if (HeadOf(key).entries == 0) return nullptr;
  EncodeRow(columns, row);
  const std::string_view identity = spec_.identity.empty() ? row_bytes_ : identity_bytes_;
  while (true) {
    MultimapEntry* entry = FindByIdentity(key, identity, HashRow(key, identity));
    if (entry == nullptr || !Expired(entry)) return entry;
    Remove(entry);
    if (HeadOf(key).entries == 0) return nullptr;
  }
}

MultimapEntry* StateMultimap::Add(StateRow* key, std::span<const Column* const> columns,
                                  int32_t row) {
  if (spec_.counted) {
    if (MultimapEntry* equal = FindEqual(key, columns, row); equal != nullptr) {
      Touch(equal);
      ++equal->count;
      return equal;
    }
  }
  EncodeRow(columns, row);
  return AddEncoded(key, next_sequence_++);
}

MultimapEntry* StateMultimap::AddEncoded(StateRow* key, uint64_t sequence) {
  MultimapEntry* entry = NewEntry(key);
  entry->row = strings_.Copy(row_bytes_);
  entry->identity = strings_.Copy(identity_bytes_);
  entry->sort_key = strings_.Copy(sort_bytes_);
  entry->count = 1;
  entry->sequence = sequence;
  Touch(entry);
  Link(entry);
  if (spec_.find_rows) LinkEqual(entry);
  return entry;
}

void StateMultimap::LinkEqual(MultimapEntry* entry) {
  const std::string_view identity = IdentityOf(entry);
  entry->row_hash = HashRow(entry->key, identity);
  MultimapEntry* head = FindByIdentity(entry->key, identity, entry->row_hash);
  if (head == nullptr) {
    entry->equal_previous = entry->id + 1;
    index_.Insert(entry->row_hash, entry->id);
    return;
  }
  MultimapEntry* tail = At(head->equal_previous);
  tail->equal_next = entry->id + 1;
  entry->equal_previous = tail->id + 1;
  head->equal_previous = entry->id + 1;
}

void StateMultimap::UnlinkEqual(MultimapEntry* entry) {
  const std::string_view identity = IdentityOf(entry);
  MultimapEntry* head = FindByIdentity(entry->key, identity, entry->row_hash);
  MultimapEntry* next = At(entry->equal_next);
  if (head == entry) {
    if (next == nullptr) {
      index_.Erase(entry->row_hash, entry->id);
    } else {
      next->equal_previous = head->equal_previous;
      index_.Replace(entry->row_hash, entry->id, next->id);
    }
    return;
  }
  MultimapEntry* previous = At(entry->equal_previous);
  previous->equal_next = entry->equal_next;
  if (next == nullptr) {
    head->equal_previous = entry->equal_previous;
  } else {
    next->equal_previous = entry->equal_previous;
  }
}

void StateMultimap::Link(MultimapEntry* entry) {
  Head& head = HeadOf(entry->key);
  ++head.entries;
  if (ordered()) return TreeInsert(entry);
  entry->left = head.tail;
  entry->right = 0;
  if (MultimapEntry* tail = At(head.tail); tail != nullptr) {
    tail->right = entry->id + 1;
  } else {
    head.root = entry->id + 1;
  }
  head.tail = entry->id + 1;
}

void StateMultimap::Unlink(MultimapEntry* entry) {
  Head& head = HeadOf(entry->key);
  --head.entries;
  if (ordered()) return TreeRemove(entry);
  if (MultimapEntry* previous = At(entry->left); previous != nullptr) {
    previous->right = entry->right;
  } else {
    head.root = entry->right;
  }
  if (MultimapEntry* next = At(entry->right); next != nullptr) {
    next->left = entry->left;
  } else {
    head.tail = entry->left;
  }
}

void StateMultimap::SetChild(MultimapEntry* parent, StateRow* key, uint32_t old_id,
                             uint32_t new_id) {
  if (parent == nullptr) {
    HeadOf(key).root = new_id;
  } else if (parent->left == old_id) {
    parent->left = new_id;
  } else {
    parent->right = new_id;
  }
}

// Lifts `child` above its parent.
void StateMultimap::Rotate(MultimapEntry* child) {
  MultimapEntry* parent = At(child->parent);
  const uint32_t child_id = child->id + 1;
  const uint32_t parent_id = parent->id + 1;
  SetChild(At(parent->parent), child->key, parent_id, child_id);
  child->parent = parent->parent;
  parent->parent = child_id;
  if (parent->left == child_id) {
    parent->left = child->right;
    if (MultimapEntry* moved = At(parent->left); moved != nullptr) moved->parent = parent_id;
    child->right = parent_id;
  } else {
    parent->right = child->left;
    if (MultimapEntry* moved = At(parent->right); moved != nullptr) moved->parent = parent_id;
    child->left = parent_id;
  }
}

void StateMultimap::TreeInsert(MultimapEntry* entry) {
  Head& head = HeadOf(entry->key);
  entry->left = entry->right = entry->parent = 0;
  if (head.root == 0) {
    head.root = entry->id + 1;
    return;
  }
  MultimapEntry* at = At(head.root);
  while (true) {
    uint32_t& child = Before(entry, at) ? at->left : at->right;
    if (child == 0) {
      child = entry->id + 1;
      entry->parent = at->id + 1;
      break;
    }
    at = At(child);
  }
  const uint64_t priority = Priority(entry->sequence);
  while (entry->parent != 0 && Priority(At(entry->parent)->sequence) < priority) Rotate(entry);
}

void StateMultimap::TreeRemove(MultimapEntry* entry) {
  while (entry->left != 0 && entry->right != 0) {
    MultimapEntry* left = At(entry->left);
    MultimapEntry* right = At(entry->right);
    Rotate(Priority(left->sequence) > Priority(right->sequence) ? left : right);
  }
  const uint32_t child_id = entry->left != 0 ? entry->left : entry->right;
  SetChild(At(entry->parent), entry->key, entry->id + 1, child_id);
  if (MultimapEntry* child = At(child_id); child != nullptr) child->parent = entry->parent;
}

MultimapEntry* StateMultimap::EndRaw(StateRow* key, bool first) const {
  const Head& head = HeadOf(key);
  if (!ordered()) return At(first ? head.root : head.tail);
  MultimapEntry* at = At(head.root);
  while (at != nullptr) {
    MultimapEntry* next = At(first ? at->left : at->right);
    if (next == nullptr) return at;
    at = next;
  }
  return nullptr;
}

MultimapEntry* StateMultimap::StepRaw(MultimapEntry* entry, bool forward) const {
  MultimapEntry* at = At(forward ? entry->right : entry->left);
  if (!ordered()) return at;
  if (at != nullptr) {
    while (MultimapEntry* deeper = At(forward ? at->left : at->right)) at = deeper;
    return at;
  }
  MultimapEntry* below = entry;
  MultimapEntry* up = At(entry->parent);
  while (up != nullptr && (forward ? up->right : up->left) == below->id + 1) {
    below = up;
    up = At(up->parent);
  }
  return up;
}

MultimapEntry* StateMultimap::SkipExpired(MultimapEntry* entry, bool forward) {
  while (entry != nullptr && Expired(entry)) {
    MultimapEntry* next = StepRaw(entry, forward);
    Remove(entry);
    entry = next;
  }
  return entry;
}

MultimapEntry* StateMultimap::First(StateRow* key) {
  return SkipExpired(EndRaw(key, true), true);
}
MultimapEntry* StateMultimap::Last(StateRow* key) {
  return SkipExpired(EndRaw(key, false), false);
}
MultimapEntry* StateMultimap::Next(MultimapEntry* entry) {
  return SkipExpired(StepRaw(entry, true), true);
}
MultimapEntry* StateMultimap::Previous(MultimapEntry* entry) {
  return SkipExpired(StepRaw(entry, false), false);
}

void StateMultimap::Remove(MultimapEntry* entry) {
  SaveBeforeChange(entry);
  if (sweep_.MayBeKept(entry->epoch)) LogErasure(RecordKind::kErased, entry->key, entry->sequence);
  Unstore(entry);
}

void StateMultimap::Unstore(MultimapEntry* entry) {
  if (spec_.find_rows) UnlinkEqual(entry);
  Unlink(entry);
  FreeEntry(entry);
}

void StateMultimap::RemoveAll(StateRow* key) {
  bool seen = false;
  MultimapEntry* entry = EndRaw(key, true);
  while (entry != nullptr) {
    MultimapEntry* next = StepRaw(entry, true);
    SaveBeforeChange(entry);
    seen |= sweep_.MayBeKept(entry->epoch);
    Unstore(entry);
    entry = next;
  }
  if (seen) LogErasure(RecordKind::kErasedAll, key, next_sequence_);
}

void StateMultimap::Replace(MultimapEntry* entry, std::span<const Column* const> columns,
                            int32_t row) {
  EncodeRow(columns, row);
  const bool moves = sort_bytes_ != entry->sort_key.view();
  const bool same_identity = spec_.identity.empty() ? row_bytes_ == entry->row.view()
                                                    : identity_bytes_ == entry->identity.view();
  CHECK(same_identity);
  Touch(entry);
  if (moves) Unlink(entry);
  const StringView new_row = strings_.Copy(row_bytes_);
  strings_.FreeView(entry->row);
  entry->row = new_row;
  if (moves) {
    const StringView new_key = strings_.Copy(sort_bytes_);
    strings_.FreeView(entry->sort_key);
    entry->sort_key = new_key;
    Link(entry);
  }
}

void StateMultimap::AppendRow(const MultimapEntry* entry, std::span<ColumnBuilder* const> out,
                              bool share_strings) const {
  std::string_view bytes = entry->row.view();
  CHECK(row_codec_.Decode(&bytes, out, share_strings).ok());
}

void StateMultimap::SetNow(int64_t now_ms) {
  now_ms_ = now_ms;
  keys_.SetNow(now_ms);
  if (spec_.ttl_ms <= 0) return;
  expiry_.Step([this] { return live_count_; }, [this] { return next_id_; },
               [this](uint32_t id) {
                 MultimapEntry* entry = At(id + 1);
                 if (entry->count == 0 || !Expired(entry)) return;
                 StateRow* key = entry->key;
                 Remove(entry);
                 if (HeadOf(key).entries == 0) keys_.Erase(key);
               });
}

}  // namespace rhei
