// Any records as the chain of a state: what a restore reads once the checksums of its segment are
// right. The bytes within a key that is stored as a row (several columns with a text), or within a
// row, are the checksum's to judge: there is no such key here. The framing of the records is made
// valid (or, by the first byte, left to the fuzzer); what is loaded is then read, changed, frozen
// and restored again.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/column_builder.h"
#include "state/multimap.h"
#include "state/slice_tables.h"
#include "state/state_bytes.h"
#include "state/state_store.h"
#include "state/state_test_kit.h"
#include "state/table.h"
#include "state/timers.h"

namespace rhei {
namespace {

void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

constexpr int kStateCount = 8;

// The states; one of them is opened. Each is a schema, and what is done to what was loaded.
class OneState {
 public:
  explicit OneState(int kind) : kind_(kind) {
    table_.name = "state";
    table_.key_types = {DataType::BigInt()};
    if (kind == 1) table_.key_types = {DataType::String()};
    if (kind == 2) table_.key_types = {DataType::Int(), DataType::BigInt()};
    if (kind == 3) table_.key_types = {};
    table_.slots = {SlotSpec::Fixed(8), SlotSpec::String(), SlotSpec::Counts(),
                    SlotSpec::Object(std::make_shared<TextCodec>())};
    if (kind == 0) table_.slots = {SlotSpec::Fixed(8)};
    if (kind == 4) table_.keep_order = true;
    if (kind == 1) table_.ttl_ms = 1000;
    map_.name = "state";
    map_.key_types = {DataType::BigInt()};
    map_.row_types = {DataType::BigInt(), DataType::String()};
    map_.order = {{0, PhysicalType::kInt64, false, true}};
    map_.counted = true;
  }

  std::string schema() const {
    if (kind_ == 7) return "timers";
    if (kind_ == 6) return SchemaOf(map_);
    return (kind_ == 5 ? "sliced " : "") + SchemaOf(table_);
  }

  Status Open(StateStore* store) {
    if (kind_ == 7) return Keep(store->OpenTimers({"state"}), &timers_);
    if (kind_ == 6) return Keep(store->OpenMultimap(map_), &rows_);
    if (kind_ == 5) return Keep(store->OpenSlices(table_), &slices_);
    return Keep(store->OpenTable(table_), &rows_of_table_);
  }

  // A number that depends on all that is there.
  uint64_t Read() {
    uint64_t sum = 0;
    if (rows_of_table_ != nullptr) sum += ReadTable(rows_of_table_);
    int64_t slice;
    for (int64_t from = INT64_MIN; slices_ != nullptr && slices_->FirstFrom(from, &slice);
         from = slice + 1) {
      sum += ReadTable(slices_->Find(slice)) + 7;
      if (slice == INT64_MAX) break;
    }
    for (uint32_t id = 0; rows_ != nullptr; ++id) {
      StateRow* key = rows_->NextKey(&id);
      if (key == nullptr) break;
      (void)rows_->KeyText(key);
      for (MultimapEntry* at = rows_->First(key); at != nullptr; at = rows_->Next(at)) {
        sum += static_cast<uint64_t>(at->count) + at->row.size();
      }
    }
    return sum + (timers_ == nullptr ? 0 : timers_->size());
  }

  void Change() {
    if (rows_of_table_ != nullptr) ChangeTable(rows_of_table_);
    int64_t slice;
    if (slices_ != nullptr && slices_->FirstFrom(INT64_MIN, &slice)) {
      ChangeTable(slices_->Find(slice));
      if (slice % 2 == 0) slices_->Drop(slice);
    }
    std::vector<StateRow*> keys;
    for (uint32_t id = 0; rows_ != nullptr; ++id) {
      StateRow* key = rows_->NextKey(&id);
      if (key == nullptr) break;
      keys.push_back(key);
      if (MultimapEntry* last = rows_->Last(key); last != nullptr) rows_->RemoveOne(last);
      if (id % 3 == 0) rows_->RemoveAll(key);
    }
    if (rows_ != nullptr) rows_->EraseEmptyKeys(keys);
    Timer timer;
    if (timers_ != nullptr) (void)timers_->PopDue(1000, &timer);
  }

 private:
  template <typename State>
  static Status Keep(Result<State*> opened, State** out) {
    if (opened.ok()) *out = *opened;
    return opened.ok() ? Status() : opened.status();
  }

  static uint64_t ReadTable(StateTable* table) {
    uint64_t sum = table->row_count() + table->value_count() * 3;
    for (uint32_t id = 0; StateRow* row = table->Next(&id); ++id) {
      (void)table->KeyText(row);
      for (size_t slot = 0; slot < table->spec().slots.size(); ++slot) {
        const SlotSpec::Kind kind = table->spec().slots[slot].kind;
        if (kind == SlotSpec::Kind::kString) sum += table->String(row, slot).size();
        if (kind == SlotSpec::Kind::kFixed) sum += table->Value<uint64_t>(row, slot);
        if (kind != SlotSpec::Kind::kCounts) continue;
        table->counts()->ForEach(row, slot, [&](std::string_view value, int64_t count) {
          Require(table->counts()->CountOf(row, slot, value,
                                           ValueCounts::HashOf(row, slot, value)) == count,
                  "a value is found by its hash");
          sum += value.size() + static_cast<uint64_t>(count);
        });
      }
    }
    return sum;
  }

  static void ChangeTable(StateTable* table) {
    for (uint32_t id = 0; StateRow* row = table->Next(&id); ++id) {
      if (id % 3 == 0) {
        table->Erase(row);
        continue;
      }
      table->Touch(row);
      for (size_t slot = 0; slot < table->spec().slots.size(); ++slot) {
        if (table->spec().slots[slot].kind == SlotSpec::Kind::kString) {
          table->SetString(row, slot, "changed to something longer than twelve bytes");
        }
        if (table->spec().slots[slot].kind != SlotSpec::Kind::kCounts) continue;
        if (id % 3 == 1) table->counts()->RemoveAll(row, slot);
        (void)table->counts()->Add(row, slot, "v", ValueCounts::HashOf(row, slot, "v"), 1);
      }
    }
  }

  int kind_;
  TableSpec table_;
  MultimapSpec map_;
  StateTable* rows_of_table_ = nullptr;
  SliceTables* slices_ = nullptr;
  StateMultimap* rows_ = nullptr;
  TimerQueue* timers_ = nullptr;
};

// (kind, length, payload) after (kind, length, payload); lengths of one byte.
std::string Framed(std::string_view bytes) {
  std::string out;
  while (bytes.size() >= 2) {
    const auto kind = static_cast<uint32_t>(bytes[0]) % 8;
    const size_t length = std::min<size_t>(static_cast<unsigned char>(bytes[1]), bytes.size() - 2);
    WriteFixed(static_cast<uint32_t>(length << kRecordKindBits) | kind, &out);
    out += bytes.substr(2, length);
    bytes.remove_prefix(2 + length);
  }
  return out;
}

std::shared_ptr<FrozenState> ChainOf(std::string_view schema, std::string_view bytes, bool framed) {
  auto whole = std::make_shared<FrozenState>();
  whole->operator_id = "op";
  whole->epoch = 3;
  while (!bytes.empty() && whole->sections.size() < 4) {
    const size_t length =
        std::min<size_t>(static_cast<unsigned char>(bytes[0]) * 4U, bytes.size() - 1);
    StateSection section{"state", 5, {}, !whole->sections.empty()};
    WriteBytes(schema, &section.bytes);
    const std::string_view image = bytes.substr(1, length);
    section.bytes += framed ? Framed(image) : std::string(image);
    whole->sections.push_back(std::move(section));
    bytes.remove_prefix(1 + length);
  }
  return whole;
}

void RunOne(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto head = static_cast<unsigned char>(bytes[0]);
  OneState state(head % kStateCount);
  MemoryPool pool("fuzz", MemoryPool::kUnlimited);
  {
    StateStore store("op", {0, kKeyGroupCount}, &pool);
    const auto chain = ChainOf(state.schema(), bytes.substr(1), head < 192);
    Require(store.Restore({chain}, true).ok(), "a chain is taken");
    if (state.Open(&store).ok()) {
      store.EndRestore();
      (void)state.Read();
      state.Change();
      (void)state.Read();
      // What does not fit may have been loaded (two rows of one key): it is only to end well.
      const auto frozen = store.Freeze(4);
      Require(frozen.ok(), "it freezes");
      StateStore second("op", {0, kKeyGroupCount}, &pool);
      OneState again(head % kStateCount);
      Require(second.Restore({chain, *frozen}, true).ok(), "its sections are taken");
      if (again.Open(&second).ok()) (void)again.Read();
    }
  }
  Require(pool.used_bytes() == 0, "memory is given back");
}

}  // namespace
}  // namespace rhei

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  rhei::RunOne({reinterpret_cast<const char*>(data), size});
  return 0;
}
