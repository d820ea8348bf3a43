#pragma once
// JsonTraces: reads objects along the traces of objects that were met before.
//
// A *trace* is an object taken apart into steps: the bytes up to the next value (punctuation, keys,
// spaces, the nulls of rows), which a record of the same shape has too and which one comparison
// takes, and what to do with that value. A record that differs anywhere is left to
// JsonRowReader::ReadRow, which alone decides what a record means: a trace only ever gives what
// ReadRow would give, and it is learned from a record that ReadRow took. Ownership: traces point to
// the fields of the reader that they were learned for. Thread-safety: one thread.
#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/json/json_value.h"

namespace rhei {

class JsonTraces {
 public:
  // Reads the object at `rows`' reader, one value into each builder, which had `row` of them. False
  // when no trace fits: then nothing has been read or appended.
  bool ReadRow(JsonRowReader* rows, int32_t row);
  // `object` is one that ReadRow of JsonRowReader has taken.
  void Learn(const JsonRowReader::RowShape& shape, std::string_view object);

 private:
  enum class Op : uint8_t {
    kNothing,  // bytes only
    kInt32,
    kInt64,
    kString,
    kTimestamp,  // stored as microseconds
    kField,      // any other value
    kNull,       // a ROW's null (its bytes are taken), or a field that the object lacks
    kCloseRow,   // behind the last field of a ROW
    kCheckString,
    kCheckInteger,
    kCheckField,
    kSkip,  // of a key that nobody knows
  };
  struct Step {
    static constexpr size_t kBytesMax = 32;
    char bytes[kBytesMax] = {};
    uint32_t mask = 0;  // a bit for each of `size` bytes
    uint8_t size = 0;
    Op op = Op::kNothing;
    JsonRowReader::Field* field = nullptr;
  };
  struct Trace {
    std::vector<Step> steps;
    uint32_t hits = 0;
  };
  class Maker;

  static Op OpOf(const JsonRowReader::Field& field);
  static bool Follow(const Trace& trace, JsonRowReader* rows);
  static bool TakeOther(Op op, JsonRowReader::Field* field, JsonRowReader* rows);
  void Count(bool hit);

  std::vector<Trace> traces_;  // those with more hits first
  // Records of many shapes are not worth the tries: then it pauses for a while.
  int32_t tries_ = 0;
  int32_t misses_ = 0;
  int32_t pause_ = 0;
};

}  // namespace rhei
