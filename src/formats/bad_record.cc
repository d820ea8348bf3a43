#include "formats/bad_record.h"

#include <fmt/format.h>

namespace rhei {

Status ReportBadRecord(ErrorPolicy policy, const RecordChunk& chunk, size_t record, int64_t byte,
                       std::string_view field, std::string_view reason, DecodeOutput* out) {
  switch (policy) {
    case ErrorPolicy::kSkip: ++out->skipped; return {};
    case ErrorPolicy::kReject:
      ++out->rejected;
      out->rejects.push_back(
          {static_cast<int32_t>(record), byte, std::string(field), std::string(reason)});
      return {};
    case ErrorPolicy::kFail: break;
  }
  return DataError(fmt::format("{}, byte {}: {}", PlaceOfRecord(chunk, record), byte, reason));
}

std::string PlaceOfRecord(const RecordChunk& chunk, size_t record) {
  std::string where = chunk.split_name.empty() ? "record" : chunk.split_name;
  // Files: people look for the record, programs for the byte.
  if (chunk.first_record > 0) {
    where += fmt::format(" record {} at byte {}", chunk.first_record + static_cast<int64_t>(record),
                         chunk.offsets[record]);
  } else if (record < chunk.offsets.size()) {
    where += fmt::format(" at {}", chunk.offsets[record]);
  }
  return where;
}

void ClearOutput(DecodeOutput* out) {
  out->columns.clear();
  out->row_count = 0;
  out->changes.reset();
  out->record_of_row.clear();
  out->rejects.clear();
  out->decoded = out->skipped = out->rejected = 0;
}

}  // namespace rhei
