#pragma once
// What the aggregate kernels share: loops over the selected rows, writers of result columns, the
// bytes of saved objects. Thread-safety: as the columns.
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "columnar/column_builder.h"
#include "functions/aggregate.h"
#include "functions/value_codec.h"
#include "types/int128.h"

namespace rhei {

// The state of one group seen as S. REQUIRES: S is trivially copyable and needs no more than 8-byte
// alignment.
template <typename S>
S& StateAt(std::byte* state) {
  static_assert(alignof(S) <= 8 && std::is_trivially_copyable_v<S>);
  return *reinterpret_cast<S*>(state);
}

// The object of a group, made on first use.
template <typename T>
T& ObjectAt(std::byte* state, const AggregateCall& call) {
  AggregateObject*& object = *reinterpret_cast<AggregateObject**>(state);
  if (object == nullptr) object = new T(call);
  return static_cast<T&>(*object);
}
// The object of a group, or null when the group is new.
template <typename T>
T* ObjectOrNull(std::byte* state) {
  return static_cast<T*>(*reinterpret_cast<AggregateObject**>(state));
}
template <typename T>
std::unique_ptr<AggregateObject> MakeAggregateObject(const AggregateCall& call) {
  return std::make_unique<T>(call);
}

// Int128 has 16-byte alignment, which states do not promise.
struct StoredInt128 {
  uint64_t low = 0;
  uint64_t high = 0;
  StoredInt128() = default;
  StoredInt128(Int128 v)  // NOLINT: implicit on purpose.
      : low(static_cast<uint64_t>(v)), high(static_cast<uint64_t>(static_cast<UInt128>(v) >> 64)) {}
  operator Int128() const {  // NOLINT: implicit on purpose.
    return static_cast<Int128>((static_cast<UInt128>(high) << 64) | low);
  }
};
template <typename T>
using Stored = std::conditional_t<std::is_same_v<T, Int128>, StoredInt128, T>;

// Calls f(state, value of argument `argument`, is an addition) for every selected row. A kernel
// that uses nothing else on its states may say `running`.
template <typename T, typename F>
void ForEachValue(const AggregateRows& rows, size_t argument, F f) {
  const Column& column = rows.arguments[argument];
  const size_t count = rows.states.size();
  if (column.is_flat() && rows.additions == nullptr) {
    const T* values = column.data<T>();
    for (size_t i = 0; i < count; ++i) {
      rows.Begin(i);
      f(rows.states[i], values[rows.rows[i]], true);
    }
  } else {
    const ColumnReader<T> values(column);
    for (size_t i = 0; i < count; ++i) {
      rows.Begin(i);
      f(rows.states[i], values[rows.rows[i]], rows.additions == nullptr || rows.additions[i] != 0);
    }
  }
}

// A result column of fixed-width values. A NULL in a NOT NULL result becomes -1, as Flink's
// generated code leaves it.
template <typename T>
class FixedResult {
 public:
  FixedResult(const AggregateCall& call, size_t row_count, MemoryPool* pool)
      : row_count_(static_cast<int32_t>(row_count)), nullable_(call.result_type.nullable()) {
    column_.type = PhysicalTypeOf(call.result_type);
    column_.row_count = row_count_;
    column_.values = Buffer::AllocateZeroed(row_count * sizeof(T), pool);
    values_ = column_.values->as<T>();
    pool_ = pool;
  }
  void Set(size_t row, T value) { values_[row] = value; }
  void SetNull(size_t row) {
    if (!nullable_) {
      if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, uint8_t>) {
        values_[row] = static_cast<T>(-1);
      }
      return;
    }
    if (column_.validity == nullptr) column_.validity = MakeValidity(row_count_, pool_);
    column_.validity->template as<uint64_t>()[row >> 6] &= ~(uint64_t{1} << (row & 63));
  }
  Column Finish() { return std::move(column_); }

 private:
  Column column_;
  T* values_;
  int32_t row_count_;
  bool nullable_;
  MemoryPool* pool_;
};

// Little-endian numbers and length-prefixed bytes for Save and Load.
void PutUint64(uint64_t value, std::string* out);
void PutBytes(std::string_view bytes, std::string* out);
class SavedBytes {
 public:
  explicit SavedBytes(std::string_view bytes) : rest_(bytes) {}
  uint64_t Uint64();
  std::string_view Bytes();
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  // A StateMismatch unless everything was read.
  Status Finish() const;

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// The usual error of a call with arguments of the wrong type, in Flink's words.
Status WrongArgumentTypes(std::string_view name, const CallInfo& call, std::string_view forms);

}  // namespace rhei
