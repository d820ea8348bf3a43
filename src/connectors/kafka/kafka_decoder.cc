// Joins what the key's format and the value's format say of the same records.
#include <algorithm>

#include "connectors/kafka/kafka_source.h"

namespace rhei {
namespace {

class KeyedDecoder final : public Decoder {
 public:
  KeyedDecoder(std::unique_ptr<Decoder> key, std::unique_ptr<Decoder> value,
               std::vector<bool> from_key, MemoryPool* pool)
      : key_(std::move(key)),
        value_(std::move(value)),
        from_key_(std::move(from_key)),
        pool_(pool) {}

  Status Open(const ScanSpec&, MemoryPool*, RecordPart) override { return {}; }  // both are open

  Status Decode(const RecordChunk& chunk, DecodeOutput* out) override {
    RETURN_IF_ERROR(key_->Decode(chunk, &keys_));
    const auto records = static_cast<int32_t>(chunk.record_count());
    if (keys_.row_count == records) {
      // The usual case: a key a record, so that row and record are the same number.
      RETURN_IF_ERROR(value_->Decode(chunk, out));
      JoinColumns(out, out->record_of_row);
      return {};
    }
    return DecodeKeyed(chunk, out);
  }

 private:
  // Some keys gave no row, or several: values are decoded for the records that have one.
  Status DecodeKeyed(const RecordChunk& chunk, DecodeOutput* out) {
    RecordChunk kept;
    kept.buffer = chunk.buffer;
    kept.split = chunk.split;
    kept.split_name = chunk.split_name;
    kept.next_offset = chunk.next_offset;
    std::vector<int32_t> record_of_kept, key_of_kept;
    for (size_t row = 0; row < keys_.record_of_row.size(); ++row) {
      const int32_t record = keys_.record_of_row[row];
      // Of several keys of one record the first counts.
      if (!record_of_kept.empty() && record_of_kept.back() == record) continue;
      const auto at = static_cast<size_t>(record);
      kept.values.push_back(chunk.values[at]);
      kept.offsets.push_back(chunk.offsets[at]);
      record_of_kept.push_back(record);
      key_of_kept.push_back(static_cast<int32_t>(row));
    }
    RETURN_IF_ERROR(value_->Decode(kept, out));
    std::vector<int32_t> key_of_row;
    for (int32_t& record : out->record_of_row) {
      const auto at = static_cast<size_t>(record);
      key_of_row.push_back(key_of_kept[at]);
      record = record_of_kept[at];
    }
    for (RejectedRecord& reject : out->rejects) {
      reject.record = record_of_kept[static_cast<size_t>(reject.record)];
    }
    out->rejects.insert(out->rejects.end(), keys_.rejects.begin(), keys_.rejects.end());
    std::stable_sort(out->rejects.begin(), out->rejects.end(),
                     [](const auto& a, const auto& b) { return a.record < b.record; });
    out->skipped += keys_.skipped;
    out->rejected += keys_.rejected;
    out->decoded += static_cast<int64_t>(chunk.record_count()) -
                    static_cast<int64_t>(kept.record_count()) - keys_.skipped - keys_.rejected;
    JoinColumns(out, key_of_row);
    return {};
  }

  // The value's columns and the key's, in the order that was asked for.
  void JoinColumns(DecodeOutput* out, std::span<const int32_t> key_of_row) {
    bool same = static_cast<size_t>(keys_.row_count) == key_of_row.size();
    for (size_t row = 0; row < key_of_row.size() && same; ++row) {
      same = key_of_row[row] == static_cast<int32_t>(row);
    }
    std::vector<Column> columns;
    columns.reserve(from_key_.size());
    size_t key = 0, value = 0;
    for (const bool of_key : from_key_) {
      if (!of_key) {
        columns.push_back(std::move(out->columns[value++]));
      } else if (same) {
        columns.push_back(std::move(keys_.columns[key++]));
      } else {
        columns.push_back(Gather(keys_.columns[key++], key_of_row, pool_));
      }
    }
    out->columns = std::move(columns);
  }

  std::unique_ptr<Decoder> key_;
  std::unique_ptr<Decoder> value_;
  std::vector<bool> from_key_;  // by column of the scan
  MemoryPool* pool_;
  DecodeOutput keys_;
};

Result<std::unique_ptr<Decoder>> OpenDecoder(const FormatDef& format, const Options& options,
                                             const ScanSpec& spec, MemoryPool* pool,
                                             RecordPart part) {
  ASSIGN_OR_RETURN(const Options complete, CompleteOptions(format, options, spec.table));
  ASSIGN_OR_RETURN(std::unique_ptr<Decoder> decoder, format.make_decoder(complete));
  RETURN_IF_ERROR(decoder->Open(spec, pool, part));
  return decoder;
}

}  // namespace

Result<std::shared_ptr<Decoder>> MakeKafkaDecoder(const KafkaTable& table, const Options& options,
                                                  const ScanSpec& scan, MemoryPool* pool) {
  const Options value_options = OptionsBelow(options, table.value_prefix);
  // With the key's columns in the value too, Flink takes them from there.
  if (table.key_format == nullptr || table.value_has_key_fields) {
    ASSIGN_OR_RETURN(
        std::unique_ptr<Decoder> decoder,
        OpenDecoder(*table.value_format, value_options, scan, pool, RecordPart::kValue));
    return std::shared_ptr<Decoder>(std::move(decoder));
  }
  ScanSpec key_spec = scan, value_spec = scan;
  for (ScanSpec* spec : {&key_spec, &value_spec}) {
    spec->table.fields.clear();
    spec->columns.clear();
    spec->predicates.clear();  // an offer that is not taken up here
  }
  std::vector<int> index_in_part;
  for (const Field& field : scan.table.fields) {
    const bool of_key = table.IsKeyField(field.name);
    Schema& part = of_key ? key_spec.table : value_spec.table;
    index_in_part.push_back(static_cast<int>(part.size()));
    part.fields.push_back(field);
    if (of_key) part.fields.back().name = table.KeyName(field.name);
  }
  std::vector<bool> from_key;
  for (ScanColumn column : scan.columns) {
    const auto at = static_cast<size_t>(column.table_column);
    from_key.push_back(table.IsKeyField(scan.table.fields[at].name));
    column.table_column = index_in_part[at];
    (from_key.back() ? key_spec : value_spec).columns.push_back(column);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Decoder> key,
                   OpenDecoder(*table.key_format, OptionsBelow(options, table.key_prefix), key_spec,
                               pool, RecordPart::kKey));
  ASSIGN_OR_RETURN(
      std::unique_ptr<Decoder> value,
      OpenDecoder(*table.value_format, value_options, value_spec, pool, RecordPart::kValue));
  return std::shared_ptr<Decoder>(
      std::make_shared<KeyedDecoder>(std::move(key), std::move(value), std::move(from_key), pool));
}

}  // namespace rhei
