#pragma once
// FormatTest: a format seen through strings. For tests only.
#include <initializer_list>
#include <string>
#include <vector>

#include "base/check.h"
#include "columnar/batch_builder.h"
#include "formats/format.h"

namespace rhei {

struct FormatTest {
  // A record without bytes.
  static inline const std::string kNullRecord = "\1null\1";

  FormatTest(std::string_view format, const Options& options, const Schema& table)
      : def(FindFormat(format)) {
    CHECK(def != nullptr);
    spec.table = table;
    for (size_t i = 0; i < table.size(); ++i) {
      spec.columns.push_back({static_cast<int>(i), table.type(i)});
    }
    Result<Options> completed = CompleteOptions(*def, options, table);
    status = completed.status();
    if (completed.ok()) complete = *completed;
  }

  // Only the table's columns `columns` are needed.
  void Project(std::initializer_list<int> columns) {
    spec.columns.clear();
    for (const int column : columns) {
      spec.columns.push_back({column, spec.table.type(static_cast<size_t>(column))});
    }
  }

  // The rows as DebugRow prints them, or one line with the error.
  std::vector<std::string> Decode(const std::vector<std::string>& records) {
    if (!status.ok()) return {"error: " + status.message()};
    std::string bytes;
    RecordChunk chunk;
    for (size_t i = 0; i < records.size(); ++i) {
      const bool null = records[i] == kNullRecord;
      chunk.values.push_back({static_cast<uint32_t>(bytes.size()),
                              null ? ByteSpan::kNull : static_cast<uint32_t>(records[i].size())});
      chunk.offsets.push_back(static_cast<int64_t>(i));
      if (!null) bytes += records[i];
    }
    chunk.buffer = Buffer::CopyOf(bytes);
    chunk.split_name = "test";
    Result<std::unique_ptr<Decoder>> decoder = def->make_decoder(complete);
    CHECK(decoder.ok());
    Status opened = (*decoder)->Open(spec, nullptr);
    if (!opened.ok()) return {"error: " + opened.message()};
    const Status decoded = (*decoder)->Decode(chunk, &output);
    if (!decoded.ok()) return {"error: " + decoded.message()};
    CHECK(static_cast<size_t>(output.decoded + output.skipped + output.rejected) == records.size());
    CHECK(output.record_of_row.size() == static_cast<size_t>(output.row_count));
    Batch batch;
    batch.row_count = output.row_count;
    batch.columns = output.columns;
    batch.changes = output.changes;
    Schema schema;
    for (const ScanColumn& column : spec.columns) {
      schema.fields.push_back({"", column.type, ""});
      CHECK(batch.columns[schema.size() - 1].row_count == batch.row_count);
    }
    std::vector<std::string> rows;
    for (int32_t row = 0; row < batch.row_count; ++row)
      rows.push_back(DebugRow(batch, row, schema));
    return rows;
  }

  // The records, "(null)" for one without bytes, or one line with the error.
  std::vector<std::string> Encode(const std::vector<std::vector<Value>>& rows) {
    if (!status.ok()) return {"error: " + status.message()};
    BatchBuilder builder(spec.table);
    for (const std::vector<Value>& row : rows) builder.AppendRow(row);
    Result<std::unique_ptr<Encoder>> encoder = def->make_encoder(complete);
    CHECK(encoder.ok());
    Status opened = (*encoder)->Open(spec.table);
    if (!opened.ok()) return {"error: " + opened.message()};
    EncodeOutput out;
    const Status encoded = (*encoder)->Encode(builder.Finish(), &out);
    if (!encoded.ok()) return {"error: " + encoded.message()};
    std::vector<std::string> records;
    for (const ByteSpan& span : out.records) {
      records.push_back(span.is_null() ? "(null)" : out.bytes.substr(span.offset, span.size));
    }
    return records;
  }

  const FormatDef* def;
  Status status;
  Options complete;
  ScanSpec spec;
  DecodeOutput output;
};

}  // namespace rhei
