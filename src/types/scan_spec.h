#pragma once
// ScanSpec: what a decoder is asked to produce, as plain data, so that formats know nothing of
// plans or of the runtime.
//
// A decoder fills `columns` only, in this order. Whether a record is *bad* is judged over these
// columns too, because Flink pushes the projection into its formats (formats/format.h).
#include <cstdint>
#include <string>
#include <vector>

#include "types/data_type.h"
#include "types/value.h"

namespace rhei {

// One physical column of the table that the query needs.
struct ScanColumn {
  int table_column = 0;  // index into ScanSpec::table
  DataType type;
  // Of a ROW: the fields that somebody reads; empty: all. A decoder may leave the others NULL, but
  // judges records by them all the same.
  std::vector<bool> fields = {};
};

// `column op literal`: a row for which it is not TRUE may be left out. Filtering is an offer; the
// plan keeps the full predicate.
struct SimplePredicate {
  enum class Op : uint8_t {
    kEq,
    kNotEq,
    kLess,
    kLessEq,
    kGreater,
    kGreaterEq,
    kIsNull,
    kIsNotNull
  };
  int column = 0;  // index into ScanSpec::columns
  Op op = Op::kEq;
  Value literal;
};

enum class ErrorPolicy : uint8_t {
  kFail,    // the job fails, naming the record
  kSkip,    // the record is dropped and counted
  kReject,  // the record goes to the table's error table and is counted
};

struct ScanSpec {
  Schema table;  // physical columns of the table that come from this format, in declared order
  std::vector<ScanColumn> columns;
  std::vector<SimplePredicate> predicates;
  ErrorPolicy on_error = ErrorPolicy::kFail;
  int64_t record_bytes_max = 64 << 20;
  std::string time_zone = "UTC";  // session time zone, for TIMESTAMP_LTZ
};

}  // namespace rhei
