#pragma once
// JsonRowWriter: rows of a batch as JSON objects, as Flink 2.3 writes them. Thread-safety: one
// thread.
#include <string>
#include <vector>

#include "base/status.h"
#include "columnar/batch.h"
#include "formats/cells.h"

namespace rhei {

struct JsonWriteOptions {
  enum class NullKey : uint8_t { kFail, kDrop, kLiteral };
  TimestampStyle timestamps = TimestampStyle::kSql;
  NullKey null_key = NullKey::kFail;
  std::string null_key_literal = "null";
  bool plain_decimals = false;      // else 170.00 is 1.7E+2
  bool ignore_null_fields = false;  // of rows, nested ones too; not of maps
};

class JsonRowWriter {
 public:
  JsonRowWriter(const JsonWriteOptions& options, const Schema& schema);

  // Appends the object of `row`. REQUIRES: columns are flat or constant, as Prepare makes them.
  Status WriteRow(const std::vector<Column>& columns, int32_t row, std::string* out) const;
  // The columns of a batch, ready for WriteRow.
  static std::vector<Column> Prepare(const Batch& batch);

 private:
  Status WriteFields(std::span<const Column> columns, std::span<const std::string> keys,
                     const std::vector<Field>& fields, int32_t row, std::string* out) const;
  Status WriteValue(const Column& column, int32_t row, const DataType& type,
                    std::string* out) const;
  Status WriteMap(const Column& column, int32_t index, const DataType& type,
                  std::string* out) const;
  void WriteScalar(const Column& column, int32_t index, const DataType& type,
                   std::string* out) const;

  JsonWriteOptions options_;
  Schema schema_;
  std::vector<std::string> keys_;  // "name": ready to copy
};

// BigDecimal without the zeros at its end, as Java prints it: "1.7E+2", "0.5", "1E-11".
void AppendJavaDecimal(Int128 value, int scale, std::string* out);
// As WriteJsonString, but characters beyond 16 bits become two \u escapes, as in what Flink sends.
void AppendWireJsonString(std::string_view text, std::string* out);

}  // namespace rhei
