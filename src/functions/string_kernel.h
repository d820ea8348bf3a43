#pragma once
// What the string families share: reading arguments, writing results, and typing calls from a
// short description of their parameters. Thread-safety: as the columns.
#include <cstdint>
#include <string_view>

#include "columnar/column_builder.h"
#include "functions/function.h"
#include "functions/typing.h"

namespace rhei {

// Argument columns by row, whatever their encoding.
class Texts {
 public:
  explicit Texts(const Column& column) : reader_(column), column_(column) {}
  std::string_view operator[](int32_t row) const { return reader_[row].view(); }
  bool IsNull(int32_t row) const { return column_.IsNull(row); }
  bool is_constant() const { return column_.is_constant(); }

 private:
  ColumnReader<StringView> reader_;
  const Column& column_;
};
using Ints = ColumnReader<int32_t>;
using Longs = ColumnReader<int64_t>;

// Whether an argument is NULL at `row`.
inline bool AnyNull(std::span<const Column> arguments, int32_t row) {
  for (const Column& column : arguments) {
    if (column.IsNull(row)) return true;
  }
  return false;
}

// A text result that may point into the bytes of its arguments.
class TextResult {
 public:
  explicit TextResult(EvalContext& context, const DataType& type = DataType::String())
      : builder_(type, context.pool) {
    builder_.ReserveRows(context.row_count);
  }
  // `Append` views of this argument with Share.
  void Borrow(const Column& argument) {
    for (const BufferPtr& heap : argument.heaps) builder_.AddHeap(heap);
  }
  void Share(std::string_view part) { builder_.AppendShared(StringView(part)); }
  void Share(StringView part) { builder_.Append(part); }
  void Copy(std::string_view text) { builder_.AppendString(text); }
  void Null() { builder_.AppendNull(); }
  void Finish(Column* out) { *out = builder_.Finish(); }

 private:
  ColumnBuilder builder_;
};

// Space for one fixed-width value a row.
template <typename T>
T* FlatValues(EvalContext& context, PhysicalType type, Column* out) {
  out->type = type;
  out->encoding = Encoding::kFlat;
  out->row_count = context.row_count;
  out->values = Buffer::Allocate(static_cast<size_t>(context.row_count) * sizeof(T), context.pool);
  return out->values->as<T>();
}
inline uint8_t* BoolValues(EvalContext& context, Column* out) {
  return FlatValues<uint8_t>(context, PhysicalType::kBool, out);
}
inline int32_t* IntValues(EvalContext& context, Column* out) {
  return FlatValues<int32_t>(context, PhysicalType::kInt32, out);
}
// Marks `row` NULL under NullRule::kCustom; its value becomes 0.
template <typename T>
void SetNull(EvalContext& context, Column* out, int32_t row) {
  if (out->validity == nullptr) out->validity = MakeValidity(out->row_count, context.pool);
  const auto bit = static_cast<uint32_t>(row);
  out->validity->as<uint64_t>()[bit >> 6] &= ~(uint64_t{1} << (bit & 63));
  out->values->as<T>()[row] = T{};
}

// Types a call whose parameters are spelled one letter each: t text, b text or bytes, y bytes,
// i any integer (read as INT), l any integer (read as BIGINT), n number (read as DOUBLE),
// o BOOLEAN, * anything, s a keyword. A call with more arguments than letters repeats the last
// one. The result is `result`, NULL when an argument may be.
Result<CallTyping> TypeCall(const CallInfo& call, std::string_view name, std::string_view signature,
                            std::string_view parameters, const DataType& result);
// The same; the result may always be NULL.
Result<CallTyping> TypeNullableCall(const CallInfo& call, std::string_view name,
                                    std::string_view signature, std::string_view parameters,
                                    const DataType& result);

// VARCHAR as long as argument `index`; STRING when that is a NULL.
DataType VarcharLike(const CallInfo& call, size_t index);

}  // namespace rhei
