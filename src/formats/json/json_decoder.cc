// json: one object a record, or an array of objects, each a row.
#include <fmt/format.h>

#include "formats/bad_record.h"
#include "formats/json/json.h"
#include "formats/json/json_value.h"

namespace rhei {
namespace {

class JsonDecoder final : public Decoder {
 public:
  explicit JsonDecoder(const JsonReadOptions& options) : options_(options) {}

  Status Open(const ScanSpec& spec, MemoryPool* pool, RecordPart part) override {
    policy_ = spec.on_error;
    part_ = part;
    scan_ = spec.columns;
    for (const ScanColumn& column : spec.columns) {
      const std::string& name = spec.table.name(static_cast<size_t>(column.table_column));
      RETURN_IF_ERROR(JsonRowReader::CheckType(column.type, name));
      builders_.emplace_back(JsonRowReader::BuiltType(column), pool);
    }
    rows_ = std::make_unique<JsonRowReader>(options_, spec, builders_);
    return {};
  }

  Status Decode(const RecordChunk& chunk, DecodeOutput* out) override {
    ClearOutput(out);
    rows_->ShareStrings(share_strings_);
    const std::vector<ByteSpan>& spans = RecordSpans(chunk, part_);
    size_t bytes = 0;
    row_ = 0;
    Status status;
    for (size_t i = 0; i < spans.size() && status.ok(); ++i) {
      // No bytes, no row: a tombstone, an empty line.
      if (spans[i].is_null() || spans[i].size == 0) {
        ++out->decoded;
        continue;
      }
      bytes += spans[i].size;
      status = DecodeRecord(chunk, i, RecordBytes(chunk, spans[i]), out);
    }
    if (!status.ok()) {
      TakeBack(0);
      return status;
    }
    out->row_count = row_;
    for (size_t i = 0; i < builders_.size(); ++i) {
      out->columns.push_back(builders_[i].Finish());
      JsonRowReader::AddLeftOut(scan_[i], &out->columns.back());
    }
    if (share_strings_ && rows_->shared_bytes() > 0) {
      for (Column& column : out->columns) AddHeap(chunk.buffer, &column);
    }
    // Strings stay in the chunk while they are a good part of it: a few must not pin it all.
    share_strings_ = !share_strings_ || rows_->shared_bytes() * 4 >= bytes;
    return {};
  }

 private:
  static void AddHeap(const BufferPtr& heap, Column* column) {
    if (column->type == PhysicalType::kString) column->heaps.push_back(heap);
    for (Column& child : column->children) AddHeap(heap, &child);
  }

  void TakeBack(int32_t row) {
    for (ColumnBuilder& builder : builders_) builder.Truncate(row);
    row_ = row;
  }

  Status DecodeRecord(const RecordChunk& chunk, size_t record, std::string_view text,
                      DecodeOutput* out) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    reader_.Start(text);
    const int32_t first_row = row_;
    const bool array = reader_.TakeIf('[');
    JsonOutcome outcome = JsonOutcome::kOk;
    std::string reason;
    if (!array) {
      outcome = ReadRow(record, &reason, out);
    } else if (!reader_.TakeIf(']')) {
      do {
        outcome = ReadRow(record, &reason, out);
      } while (outcome == JsonOutcome::kOk && reader_.TakeIf(','));
      if (outcome == JsonOutcome::kOk &&
          !reader_.Take(']', "was expecting comma to separate Array entries")) {
        outcome = JsonOutcome::kMalformed;
      }
    }
    if (outcome == JsonOutcome::kOk) {
      ++out->decoded;
      return {};
    }
    const bool malformed = outcome == JsonOutcome::kMalformed && reason.empty();
    if (malformed) reason = reader_.error();
    const int64_t byte = malformed ? reader_.error_byte() : reader_.byte();
    if (options_.ignore_parse_errors) {
      // What an array gave before it broke stays, as in Flink.
      TakeBack(row_);
      ++out->skipped;
      return {};
    }
    TakeBack(first_row);
    out->record_of_row.resize(static_cast<size_t>(first_row));
    const std::string field = outcome == JsonOutcome::kBad ? rows_->failed_field() : "";
    return ReportBadRecord(policy_, chunk, record, byte, field,
                           "Failed to deserialize JSON: " + reason, out);
  }

  // One object. kBad and kMalformed fill `reason`, unless it is the reader's error.
  JsonOutcome ReadRow(size_t record, std::string* reason, DecodeOutput* out) {
    if (reader_.Peek() != '{') {
      const bool empty = reader_.left() == 0;
      if (!empty && !reader_.SkipValue()) return JsonOutcome::kMalformed;
      *reason = empty ? "No content to map due to end-of-input" : "Illegal JSON object data";
      return JsonOutcome::kMalformed;
    }
    const JsonOutcome outcome = rows_->ReadObject(&reader_, row_);
    if (outcome == JsonOutcome::kOk) {
      out->record_of_row.push_back(static_cast<int32_t>(record));
      ++row_;
    } else if (outcome == JsonOutcome::kBad) {
      const std::string& field = rows_->failed_field();
      *reason = field.empty() ? "Some field is missing in the JSON data."
                              : fmt::format("Fail to deserialize at field: {}.", field);
    }
    return outcome;
  }

  JsonReadOptions options_;
  ErrorPolicy policy_ = ErrorPolicy::kFail;
  RecordPart part_ = RecordPart::kValue;
  std::vector<ScanColumn> scan_;
  std::vector<ColumnBuilder> builders_;
  std::unique_ptr<JsonRowReader> rows_;
  JsonReader reader_;
  int32_t row_ = 0;
  bool share_strings_ = true;
};

}  // namespace

std::unique_ptr<Decoder> MakeJsonDecoder(const JsonReadOptions& options) {
  return std::make_unique<JsonDecoder>(options);
}

}  // namespace rhei
