#include "operators/key_timers.h"

#include "base/check.h"

namespace rhei {

Status KeyTimers::Open(StateStore* state, std::vector<DataType> key_types, MemoryPool* pool) {
  codec_ = RowCodec(std::move(key_types), true);
  pool_ = pool;
  ASSIGN_OR_RETURN(timers_, state->OpenTimers({"timers"}));
  return {};
}

std::string_view KeyTimers::Encode(std::span<const Column* const> keys, int32_t row) {
  bytes_.clear();
  codec_.Encode(keys, row, &bytes_);
  return bytes_;
}

void KeyTimers::Add(int64_t time_ms, uint64_t hash, std::span<const Column* const> keys,
                    int32_t row) {
  timers_->Add(time_ms, hash, Encode(keys, row));
}

void KeyTimers::Move(int64_t from_ms, int64_t to_ms, uint64_t hash,
                     std::span<const Column* const> keys, int32_t row) {
  const std::string_view key = Encode(keys, row);
  timers_->Remove(from_ms, hash, key);
  timers_->Add(to_ms, hash, key);
}

bool KeyTimers::PopDue(int64_t now_ms, KeyTimer* out) {
  if (!timers_->PopDue(now_ms, &out->timer)) return false;
  std::vector<ColumnBuilder> builders;
  for (const DataType& type : codec_.types()) builders.emplace_back(type, pool_);
  std::vector<ColumnBuilder*> pointers;
  for (ColumnBuilder& builder : builders) pointers.push_back(&builder);
  std::string_view bytes = out->timer.key;
  CHECK(codec_.Decode(&bytes, pointers).ok());
  out->columns.clear();
  for (ColumnBuilder& builder : builders) out->columns.push_back(builder.Finish());
  return true;
}

}  // namespace rhei
