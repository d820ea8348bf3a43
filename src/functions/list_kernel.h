#pragma once
// What the functions on arrays, maps and rows share. Thread-safety: as the columns.
#include <string>
#include <vector>

#include "functions/function.h"
#include "functions/string_kernel.h"
#include "functions/value_codec.h"

namespace rhei {

// The lists of an ARRAY, MAP or MULTISET column by row, whatever its encoding: elements
// [begin(row), end(row)) of its children.
class Lists {
 public:
  explicit Lists(const Column& column) : column_(column), offsets_(column.data<int32_t>()) {}
  int32_t begin(int32_t row) const { return offsets_[column_.ValueIndex(row)]; }
  int32_t end(int32_t row) const { return offsets_[column_.ValueIndex(row) + 1]; }
  int32_t size(int32_t row) const { return end(row) - begin(row); }
  bool IsNull(int32_t row) const { return column_.IsNull(row); }
  const Column& elements() const { return column_.children[0]; }
  const Column& values() const { return column_.children[1]; }  // of a map

 private:
  const Column& column_;
  const int32_t* offsets_;
};

// Arrays made of elements of one column, by position.
class ListSelection {
 public:
  ListSelection(EvalContext& context) : context_(context), offsets_{0} {}  // NOLINT
  void Take(int32_t element) { elements_.push_back(element); }
  void CloseRow() { offsets_.push_back(static_cast<int32_t>(elements_.size())); }
  void Finish(const Column& source, Column* out);

 private:
  EvalContext& context_;
  std::vector<int32_t> elements_;
  std::vector<int32_t> offsets_;
};

// Values with NULL among them as comparable keys.
class ElementKeys {
 public:
  explicit ElementKeys(const DataType& type) : codec_(type) {}
  void Read(const Column& column, int32_t index, std::string* key) {
    key->clear();
    if (column.IsNull(index)) return;
    key->push_back('\1');
    key->append(codec_.Encode(column, index, true));
  }

 private:
  ValueCodec codec_;
};

// -1, 0, 1 for two values that are not NULL, in Java's order. REQUIRES: fixed width or string.
int CompareElements(const Column& column, int32_t a, int32_t b);

// The types of a call, kept for its kernel.
struct TypedState : FunctionState {
  DataType result;
  std::vector<DataType> arguments;
};
Result<std::unique_ptr<FunctionState>> OpenTyped(const OpenContext& context);

}  // namespace rhei
