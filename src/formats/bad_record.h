#pragma once
// ReportBadRecord: what a decoder does with a record that it cannot decode, after it has taken back
// the rows that the record had given.
#include "formats/format.h"

namespace rhei {

// Follows `policy`: a DataError that names the record, or ok after counting it (and, for kReject,
// adding it to out->rejects). `byte` counts from the start of the record.
Status ReportBadRecord(ErrorPolicy policy, const RecordChunk& chunk, size_t record, int64_t byte,
                       std::string_view field, std::string_view reason, DecodeOutput* out);

// "clicks.json record 3 at byte 120", "topic clicks partition 0 at 42": for messages.
std::string PlaceOfRecord(const RecordChunk& chunk, size_t record);

// The bytes of a record. REQUIRES: not null.
inline std::string_view RecordBytes(const RecordChunk& chunk, ByteSpan span) {
  return {chunk.buffer->chars() + span.offset, span.size};
}

// The spans that a decoder of `part` reads.
inline const std::vector<ByteSpan>& RecordSpans(const RecordChunk& chunk, RecordPart part) {
  return part == RecordPart::kKey ? chunk.keys : chunk.values;
}

// Empties `out` for a new chunk.
void ClearOutput(DecodeOutput* out);

}  // namespace rhei
