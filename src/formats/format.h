#pragma once
// Formats: bytes to columns and back. A format is one folder below formats/ and one line in
// formats/builtin.cc; connectors meet it through FindFormat.
//
// Options here carry the format's own keys ("ignore-parse-errors"): the connector has cut the
// prefix off ("json.", "value.json.") with OptionsBelow.
//
// Bad records. Whether a record is bad is Flink's rule for the format (2.3, asked of the oracle):
// it is judged over the columns that the query needs, as Flink pushes the projection into its
// formats too. What happens then is ScanSpec::on_error; the option ignore-parse-errors comes before
// it and follows Flink (a field that does not fit is NULL, a record that cannot be read is
// skipped).
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "columnar/batch.h"
#include "columnar/record_chunk.h"
#include "types/connector_description.h"
#include "types/scan_spec.h"

namespace rhei {

struct RejectedRecord {
  int32_t record = 0;  // index into the chunk
  int64_t byte = 0;    // where in the record it went wrong, from 0
  std::string field;   // the column, or empty when the record as a whole is bad
  std::string reason;
};

// What came out of one chunk. Cleared and filled by Decode, so that it can be used again.
// Invariant: decoded + skipped + rejected == records of the chunk; one record may give no row (an
// empty line counts as decoded) or many.
struct DecodeOutput {
  std::vector<Column> columns;  // those of ScanSpec::columns; may exceed kBatchRowsMax rows
  int32_t row_count = 0;
  BufferPtr changes;                   // as Batch::changes
  std::vector<int32_t> record_of_row;  // the record each row comes from; ascending
  std::vector<RejectedRecord> rejects;
  int64_t decoded = 0;
  int64_t skipped = 0;
  int64_t rejected = 0;
};

// Which bytes of the records a decoder reads.
enum class RecordPart : uint8_t { kValue, kKey };

// Thread-safety: one thread. Call order: Open, then Decode any number of times.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Unsupported or kInvalidArgument for types that the format does not know.
  virtual Status Open(const ScanSpec& spec, MemoryPool* pool,
                      RecordPart part = RecordPart::kValue) = 0;
  // With ErrorPolicy::kFail the first bad record is a DataError that names split, position, byte
  // and field. Under the other policies only a broken environment fails.
  virtual Status Decode(const RecordChunk& chunk, DecodeOutput* out) = 0;
};

// The rows of a batch as bytes, one record a row. Reused between calls.
struct EncodeOutput {
  std::string bytes;
  std::vector<ByteSpan> records;  // one a row; null: no bytes at all (raw's NULL, a tombstone)
};

class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual Status Open(const Schema& schema) = 0;
  // Clears `out` first. A DataError names the row's field (a NULL map key, ...).
  virtual Status Encode(const Batch& batch, EncodeOutput* out) = 0;
};

// How records lie in a file: each ends with "\n" ("\r" before it is cut off). With a quote
// character, line ends inside quotes belong to the record; a quote counts at the start of a cell.
struct Framing {
  char quote = 0;      // 0: none
  char escape = 0;     // inside and outside quotes: the next character has no meaning
  char delimiter = 0;  // behind it a cell begins
  bool spaces_before_quote = false;
};

// Finds the records at the start of `bytes`, as spans into it, until `records_max` of them are
// found; `*consumed` is where the rest begins. With `at_end` the last record needs no line end. A
// DataError when a record is longer than `record_bytes_max` (its position is *consumed).
Status SplitRecords(const Framing& framing, std::string_view bytes, bool at_end,
                    int64_t record_bytes_max, size_t records_max, std::vector<ByteSpan>* records,
                    size_t* consumed);

struct FormatDef {
  std::string_view name;  // "json"
  std::string_view doc;   // one sentence
  std::span<const OptionDef> options;
  ChangelogMode produces;  // of a scan
  ChangelogMode accepts;   // of a sink
  // Rules between options, and types of the table's columns that the format refuses. May be null.
  Status (*check)(const Options& options, const Schema& columns) = nullptr;
  Framing (*framing)(const Options& options) = nullptr;  // null: plain lines
  // Null when the format cannot read (or write). REQUIRES: complete options (CompleteOptions).
  Result<std::unique_ptr<Decoder>> (*make_decoder)(const Options& options) = nullptr;
  Result<std::unique_ptr<Encoder>> (*make_encoder)(const Options& options) = nullptr;
};

// Null when there is none.
const FormatDef* FindFormat(std::string_view name);
std::span<const FormatDef* const> AllFormats();

// The options whose key begins with `prefix`, without it.
Options OptionsBelow(const Options& options, std::string_view prefix);
// `options` with the defaults filled in; kInvalidArgument for a key that the format does not have
// or a value that does not fit, and whatever `check` refuses.
Result<Options> CompleteOptions(const FormatDef& format, const Options& options,
                                const Schema& columns);

}  // namespace rhei
