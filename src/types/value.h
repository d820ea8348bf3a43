#pragma once
// Value: one value of any type, for literals, options, tests and printing; never on the row path.
//
// A Value does not know its logical type; it goes with a DataType. The alternative in use follows
// the physical type: integers, DATE, TIME, intervals, TIMESTAMP(p <= 6) and DECIMAL(p <= 18) are
// int64_t; DECIMAL(p > 18) is Int128; FLOAT and DOUBLE are double; TIMESTAMP(p > 6) is Timestamp9;
// text and bytes are std::string; ARRAY holds its elements, ROW its fields, MAP and MULTISET
// key, value, key, value, ...
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "types/int128.h"
#include "types/temporal.h"

namespace rhei {

class Value {
 public:
  using List = std::vector<Value>;

  Value() = default;  // NULL
  static Value Null() { return {}; }
  static Value Bool(bool v) { return Value(Storage(v)); }
  static Value Int(int64_t v) { return Value(Storage(v)); }
  static Value Double(double v) { return Value(Storage(v)); }
  static Value Big(Int128 v) { return Value(Storage(v)); }
  static Value Time9(Timestamp9 v) { return Value(Storage(v)); }
  static Value Text(std::string v) { return Value(Storage(std::move(v))); }
  static Value Nested(List v) { return Value(Storage(std::move(v))); }

  bool is_null() const { return std::holds_alternative<std::monostate>(storage_); }
  // REQUIRES: the matching alternative is in use.
  bool bool_value() const { return std::get<bool>(storage_); }
  int64_t int_value() const { return std::get<int64_t>(storage_); }
  double double_value() const { return std::get<double>(storage_); }
  Int128 big_value() const { return std::get<Int128>(storage_); }
  Timestamp9 time9_value() const { return std::get<Timestamp9>(storage_); }
  const std::string& text() const { return std::get<std::string>(storage_); }
  const List& nested() const { return std::get<List>(storage_); }
  bool is_int() const { return std::holds_alternative<int64_t>(storage_); }
  bool is_text() const { return std::holds_alternative<std::string>(storage_); }

  bool operator==(const Value& other) const { return storage_ == other.storage_; }

 private:
  using Storage =
      std::variant<std::monostate, bool, int64_t, double, Int128, Timestamp9, std::string, List>;
  explicit Value(Storage storage) : storage_(std::move(storage)) {}
  Storage storage_;
};

}  // namespace rhei
