#pragma once
// JsonRowReader: reads JSON objects into the column builders of a row type, by Flink's rules of
// conversion. For the JSON format and those built on it (debezium-json, ...).
//
// Objects of a shape that was met before are read along its trace (json_trace.h). Others find each
// field by one comparison when their keys come in the order of the last object. Thread-safety: one
// thread.
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "columnar/column_builder.h"
#include "formats/cells.h"
#include "formats/json/json_reader.h"
#include "types/scan_spec.h"

namespace rhei {

struct JsonReadOptions {
  bool fail_on_missing_field = false;
  bool ignore_parse_errors = false;  // a field that does not fit becomes NULL
  TimestampStyle timestamps = TimestampStyle::kSql;
};

class JsonTraces;

enum class JsonOutcome : uint8_t {
  kOk,
  kBad,        // well-formed, but a value does not fit: failed_field() says which
  kMalformed,  // the reader's error() says why
};

class JsonRowReader {
 public:
  struct Field;
  struct RowShape;

  // Unsupported for types that JSON cannot hold.
  static Status CheckType(const DataType& type, std::string_view field);

  JsonRowReader(const JsonReadOptions& options, std::span<const std::string> names,
                std::span<ColumnBuilder> builders);
  // Only the wanted fields of ROW columns are made: builders[i] is of BuiltType(spec.columns[i]),
  // and AddLeftOut completes what it gives.
  JsonRowReader(const JsonReadOptions& options, const ScanSpec& spec,
                std::span<ColumnBuilder> builders);
  static DataType BuiltType(const ScanColumn& column);
  static void AddLeftOut(const ScanColumn& scan, Column* column);
  ~JsonRowReader();

  // Reads the object that is next and appends one value to every builder. Unless kOk, some
  // builders may have one: truncate them to `row`, the number of rows before.
  JsonOutcome ReadObject(JsonReader* reader, int32_t row);
  const std::string& failed_field() const { return failed_field_; }
  // Bytes of strings that point into the record's buffer; the caller adds that as a heap.
  size_t shared_bytes() const { return shared_bytes_; }
  // False: copy every string.
  void ShareStrings(bool share) {
    share_strings_ = share;
    shared_bytes_ = 0;
  }

 private:
  friend class JsonTraces;

  JsonOutcome ReadRow(RowShape* shape, int32_t row);
  int TakeKey(RowShape* shape, size_t position);
  JsonOutcome CheckField(Field* field);
  JsonOutcome ReadField(Field* field, int32_t row);
  JsonOutcome ReadValue(Field* field, char first);
  JsonOutcome ReadString(Field* field, char first);
  JsonOutcome ReadText(Field* field, std::string_view text);
  JsonOutcome ReadNumber(Field* field);
  JsonOutcome ReadInteger(Field* field, std::string_view text, bool is_float, int64_t min,
                          int64_t max, int64_t* value);
  JsonOutcome ReadDecimal(Field* field, std::string_view text);
  JsonOutcome ReadArray(Field* field, char first);
  JsonOutcome ReadMap(Field* field, char first);
  JsonOutcome ReadNested(Field* field, char first);
  std::string_view PlainText(const JsonString& string);

  JsonReadOptions options_;
  JsonReader* reader_ = nullptr;
  std::unique_ptr<RowShape> root_;
  std::unique_ptr<JsonTraces> traces_;
  TimestampParser timestamps_;
  bool share_strings_ = true;
  size_t shared_bytes_ = 0;
  std::string failed_field_;
  std::string plain_;  // an unescaped string
  std::string bytes_;
};

}  // namespace rhei
