#pragma once
// What the fuzz targets of the decoders share: a record is decoded under the policy "reject", so
// nothing may fail; the output must add up; and what was decoded must survive being written and
// read again.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "columnar/batch_builder.h"
#include "formats/format.h"

namespace rhei {

inline RecordChunk ChunkOf(const std::vector<std::string>& records) {
  RecordChunk chunk;
  std::string bytes;
  for (const std::string& record : records) {
    chunk.values.push_back(
        {static_cast<uint32_t>(bytes.size()), static_cast<uint32_t>(record.size())});
    bytes += record;
  }
  chunk.buffer = Buffer::CopyOf(bytes);
  return chunk;
}

// Decodes and checks the sums. Returns the rows.
inline Batch DecodeChecked(const FormatDef& format, const Options& options, const Schema& schema,
                           const std::vector<std::string>& records, DecodeOutput* out) {
  Result<Options> complete = CompleteOptions(format, options, schema);
  CHECK(complete.ok());
  ScanSpec spec;
  spec.table = schema;
  spec.on_error = ErrorPolicy::kReject;
  for (size_t i = 0; i < schema.size(); ++i) {
    spec.columns.push_back({static_cast<int>(i), schema.type(i)});
  }
  Result<std::unique_ptr<Decoder>> decoder = format.make_decoder(*complete);
  CHECK(decoder.ok() && (*decoder)->Open(spec, nullptr).ok());
  CHECK((*decoder)->Decode(ChunkOf(records), out).ok());
  CHECK(out->decoded + out->skipped + out->rejected == static_cast<int64_t>(records.size()));
  CHECK(out->rejects.size() == static_cast<size_t>(out->rejected));
  CHECK(out->record_of_row.size() == static_cast<size_t>(out->row_count));
  Batch batch;
  batch.row_count = out->row_count;
  batch.columns = out->columns;
  for (const Column& column : batch.columns) CHECK(column.row_count == out->row_count);
  return batch;
}

// Decodes `text`, as one record and cut into records, then writes the rows and reads them back.
inline void FuzzFormat(std::string_view name, const Options& options, const Schema& schema,
                       std::string_view text, bool round_trip) {
  const FormatDef& format = *FindFormat(name);
  Result<Options> complete = CompleteOptions(format, options, schema);
  CHECK(complete.ok());
  std::vector<ByteSpan> spans;
  size_t consumed;
  const Framing framing = format.framing == nullptr ? Framing() : format.framing(*complete);
  CHECK(SplitRecords(framing, text, true, 1 << 20, 1 << 20, &spans, &consumed).ok());
  CHECK(consumed == text.size());
  std::vector<std::string> records = {std::string(text)};
  for (const ByteSpan& span : spans) records.emplace_back(text.substr(span.offset, span.size));
  DecodeOutput out;
  const Batch batch = DecodeChecked(format, options, schema, records, &out);
  if (!round_trip) return;
  Result<std::unique_ptr<Encoder>> encoder = format.make_encoder(*complete);
  CHECK(encoder.ok() && (*encoder)->Open(schema).ok());
  EncodeOutput encoded;
  CHECK((*encoder)->Encode(batch, &encoded).ok());
  std::vector<std::string> written;
  for (const ByteSpan& span : encoded.records) {
    written.push_back(encoded.bytes.substr(span.offset, span.size));
  }
  DecodeOutput again;
  const Batch same = DecodeChecked(format, options, schema, written, &again);
  CHECK(same.row_count == batch.row_count);
  for (int32_t row = 0; row < batch.row_count; ++row) {
    CHECK(DebugRow(same, row, schema) == DebugRow(batch, row, schema));
  }
}

}  // namespace rhei
