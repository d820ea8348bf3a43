#pragma once
// Building blocks of kernels: making the result column, reading arguments that are flat or
// constant, writing strings. Included by .cc files only.
//
// The loops are written out per combination of flat and constant, so that the compiler can turn
// each into vector code. Thread-safety: one thread.
#include <cstdint>
#include <cstring>
#include <string_view>

#include "columnar/column.h"
#include "functions/function.h"

namespace rhei {

// Makes *out a flat column of context.row_count values of `type` and returns its value array.
template <typename T>
T* StartFlat(const EvalContext& context, PhysicalType type, Column* out) {
  out->type = type;
  out->encoding = Encoding::kFlat;
  out->row_count = context.row_count;
  out->values = Buffer::Allocate(static_cast<size_t>(context.row_count) * sizeof(T), context.pool);
  return out->values->as<T>();
}

// The value of an argument by row: flat or constant.
template <typename T>
class Operand {
 public:
  explicit Operand(const Column& column)
      : data_(column.data<T>()), step_(column.is_constant() ? 0 : 1) {}
  const T& operator[](int32_t row) const { return data_[row * step_]; }

 private:
  const T* data_;
  int32_t step_;
};

// out[i] = f(a[i]).
template <typename R, typename A, typename F>
void MapUnary(EvalContext& context, const Column& a, PhysicalType type, Column* out, F f) {
  R* result = StartFlat<R>(context, type, out);
  const A* x = a.data<A>();
  const int32_t rows = context.row_count;
  if (a.is_constant()) {
    const R value = static_cast<R>(f(x[0]));
    for (int32_t i = 0; i < rows; ++i) result[i] = value;
  } else {
    for (int32_t i = 0; i < rows; ++i) result[i] = static_cast<R>(f(x[i]));
  }
}

// out[i] = f(a[i], b[i]).
template <typename R, typename A, typename B, typename F>
void MapBinary(EvalContext& context, const Column& a, const Column& b, PhysicalType type,
               Column* out, F f) {
  R* result = StartFlat<R>(context, type, out);
  const A* x = a.data<A>();
  const B* y = b.data<B>();
  const int32_t rows = context.row_count;
  if (b.is_constant()) {
    const B right = y[0];
    if (a.is_constant()) {
      const R value = rows > 0 ? static_cast<R>(f(x[0], right)) : R{};
      for (int32_t i = 0; i < rows; ++i) result[i] = value;
    } else {
      for (int32_t i = 0; i < rows; ++i) result[i] = static_cast<R>(f(x[i], right));
    }
  } else if (a.is_constant()) {
    const A left = x[0];
    for (int32_t i = 0; i < rows; ++i) result[i] = static_cast<R>(f(left, y[i]));
  } else {
    for (int32_t i = 0; i < rows; ++i) result[i] = static_cast<R>(f(x[i], y[i]));
  }
}

// Makes rows of *out NULL one by one; the bitmap exists from the first one on.
class NullMarker {
 public:
  NullMarker(const EvalContext& context, Column* out) : context_(context), out_(out) {}
  void Set(int32_t row) {
    if (words_ == nullptr) Start();
    words_[static_cast<uint32_t>(row) >> 6] &= ~(uint64_t{1} << (row & 63));
  }

 private:
  void Start();
  const EvalContext& context_;
  Column* out_;
  uint64_t* words_ = nullptr;
};

// The rows valid in all arguments, for kernels under NullRule::kCustom; null when none is NULL.
BufferPtr ArgumentValidity(const EvalContext& context, std::span<const Column> arguments);

// Writes the string result of a kernel. Every row must be set once (rows left out are empty).
// Short strings are stored inline; long ones go to heaps that double in size.
class StringWriter {
 public:
  StringWriter(const EvalContext& context, Column* out);

  // Copies the text.
  void Set(int32_t row, std::string_view text) {
    if (text.size() <= StringView::kInlineMax) {
      views_[row] = StringView(text);
      return;
    }
    char* space = Reserve(text.size());
    std::memcpy(space, text.data(), text.size());
    Commit(row, text.size());
  }
  // Space for a string of up to `bytes`, to be written and then committed with its true length.
  char* Reserve(size_t bytes) {
    if (bytes > room_) Grow(bytes);
    return at_;
  }
  void Commit(int32_t row, size_t bytes) {
    views_[row] = StringView(std::string_view(at_, bytes));
    if (bytes > StringView::kInlineMax) {
      at_ += bytes;
      room_ -= bytes;
    }
  }
  // Takes a view into an argument as it is; Share(argument) must have been called. Only for views
  // that are inline or point into a heap, never into another view.
  void SetShared(int32_t row, StringView text) { views_[row] = text; }
  void Share(const Column& argument);
  // A part of the string of `source`, sharing its bytes when long; see Share.
  void SetPart(int32_t row, std::string_view part) { views_[row] = StringView(part); }

 private:
  void Grow(size_t bytes);

  const EvalContext& context_;
  Column* out_;
  StringView* views_;
  char* at_ = nullptr;
  size_t room_ = 0;
  size_t next_size_ = 4096;
};

// The text of an argument by row. The view stays valid as long as the column.
class TextOperand {
 public:
  explicit TextOperand(const Column& column)
      : data_(column.data<StringView>()), step_(column.is_constant() ? 0 : 1) {}
  std::string_view operator[](int32_t row) const { return data_[row * step_].view(); }
  const StringView& slot(int32_t row) const { return data_[row * step_]; }

 private:
  const StringView* data_;
  int32_t step_;
};

}  // namespace rhei
