// csv, reading: cells by position, converted as Flink's CSV format does.
#include <fmt/format.h>

#include "base/check.h"
#include "columnar/column_builder.h"
#include "formats/bad_record.h"
#include "formats/cells.h"
#include "formats/csv/csv.h"
#include "formats/csv/csv_cells.h"
#include "types/decimal.h"
#include "types/number_text.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

bool IsNested(const DataType& type) {
  return type.root() == TypeRoot::kArray || type.root() == TypeRoot::kRow;
}

}  // namespace

Status CheckCsvType(const DataType& type, std::string_view field) {
  switch (type.root()) {
    case TypeRoot::kArray:
    case TypeRoot::kRow:
      for (size_t i = 0; i < type.child_count(); ++i) {
        if (IsNested(type.child(i))) {
          return InvalidArgument(fmt::format(
              "Only simple types are supported in the second level nesting of fields '{}' but was: "
              "{}",
              field, type.child(i).ToString()));
        }
        RETURN_IF_ERROR(CheckCsvType(type.child(i), field));
      }
      return {};
    case TypeRoot::kMap:
    case TypeRoot::kMultiset:
    case TypeRoot::kRaw:
    case TypeRoot::kVariant:
    case TypeRoot::kBitmap:
    case TypeRoot::kSymbol:
      return InvalidArgument(
          fmt::format("Unsupported type '{}' for field '{}'.", type.ToString(), field));
    default: return {};
  }
}

namespace {

class CsvDecoder final : public Decoder {
 public:
  explicit CsvDecoder(const CsvOptions& options) : options_(options), reader_(options) {}

  Status Open(const ScanSpec& spec, MemoryPool* pool, RecordPart part) override {
    policy_ = spec.on_error;
    part_ = part;
    table_size_ = spec.table.size();
    for (const ScanColumn& column : spec.columns) {
      const auto position = static_cast<size_t>(column.table_column);
      RETURN_IF_ERROR(CheckCsvType(column.type, spec.table.name(position)));
      positions_.push_back(position);
      names_.push_back(spec.table.name(position));
      builders_.emplace_back(column.type, pool);
    }
    return {};
  }

  Status Decode(const RecordChunk& chunk, DecodeOutput* out) override {
    ClearOutput(out);
    const std::vector<ByteSpan>& spans = RecordSpans(chunk, part_);
    shared_bytes_ = 0;
    size_t bytes = 0;
    row_ = 0;
    Status status;
    for (size_t i = 0; i < spans.size() && status.ok(); ++i) {
      if (spans[i].is_null()) {
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
    for (ColumnBuilder& builder : builders_) {
      if (share_strings_ && shared_bytes_ > 0) AddHeap(chunk.buffer, &builder);
      out->columns.push_back(builder.Finish());
    }
    // Strings stay in the chunk while they are a good part of it: a few must not pin it all.
    share_strings_ = !share_strings_ || shared_bytes_ * 4 >= bytes;
    return {};
  }

 private:
  static void AddHeap(const BufferPtr& heap, ColumnBuilder* builder) {
    const DataType& type = builder->data_type();
    if (PhysicalTypeOf(type) == PhysicalType::kString) builder->AddHeap(heap);
    for (size_t i = 0; i < type.child_count(); ++i) AddHeap(heap, &builder->child(i));
  }

  void TakeBack(int32_t row) {
    for (ColumnBuilder& builder : builders_) builder.Truncate(row);
    row_ = row;
  }

  // Where a record went wrong.
  struct Fault {
    std::string reason;
    std::string field;
    size_t byte = 0;
  };

  Status DecodeRecord(const RecordChunk& chunk, size_t record, std::string_view text,
                      DecodeOutput* out) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    const int32_t first_row = row_;
    Fault fault;
    bool ok = true;
    if (const size_t valid = ValidUtf8Prefix(text); valid < text.size()) {
      fault.reason = fmt::format("Invalid UTF-8 byte 0x{:02x}",
                                 static_cast<int>(static_cast<unsigned char>(text[valid])));
      fault.byte = valid;
      ok = false;
    }
    reader_.Start(text);
    while (ok && reader_.NextRow(&cells_)) {
      ok = AppendRow(&fault);
      if (!ok) break;
      out->record_of_row.push_back(static_cast<int32_t>(record));
      ++row_;
    }
    if (ok && !reader_.error().empty()) {
      fault.reason = reader_.error();
      fault.byte = reader_.byte();
      ok = false;
    }
    if (ok) {
      ++out->decoded;
      return {};
    }
    if (options_.ignore_parse_errors) {
      TakeBack(row_);
      ++out->skipped;
      return {};
    }
    TakeBack(first_row);
    out->record_of_row.resize(static_cast<size_t>(first_row));
    return ReportBadRecord(policy_, chunk, record, static_cast<int64_t>(fault.byte), fault.field,
                           "Failed to deserialize CSV row: " + fault.reason, out);
  }

  // Checks the number of cells, as Flink does: too many for the table is an error, and of the
  // needed columns all or none must be there.
  bool CheckCells(Fault* fault) {
    const bool trailing = options_.allow_trailing_comma && cells_.size() == table_size_ + 1 &&
                          cells_.back().text.empty();
    if (cells_.size() > table_size_ && (trailing || options_.ignore_trailing_unmappable)) {
      cells_.resize(table_size_);
    }
    if (cells_.size() > table_size_) {
      const CsvCell& extra = cells_[table_size_];
      fault->reason =
          fmt::format("Too many entries: expected at most {} (value #{} ({} chars) \"{}\")",
                      table_size_, table_size_, extra.text.size(), extra.text);
      fault->byte = extra.begin;
      return false;
    }
    if (options_.fail_on_missing_columns && cells_.size() < table_size_) {
      fault->reason = fmt::format("Not enough column values: expected {}, found {}", table_size_,
                                  cells_.size());
      return false;
    }
    if (options_.ignore_parse_errors || cells_.size() == table_size_) return true;
    size_t present = 0;
    for (const size_t position : positions_) present += position < cells_.size() ? 1 : 0;
    if (present == 0 || present == positions_.size()) return true;
    fault->reason = fmt::format("Row length mismatch. {} fields expected but was {}.",
                                positions_.size(), present);
    return false;
  }

  bool AppendRow(Fault* fault) {
    if (!CheckCells(fault)) return false;
    for (size_t i = 0; i < positions_.size(); ++i) {
      ColumnBuilder* builder = &builders_[i];
      if (positions_[i] >= cells_.size()) {
        builder->AppendNull();
        continue;
      }
      const CsvCell& cell = cells_[positions_[i]];
      const bool ok = IsNested(builder->data_type())
                          ? AppendNested(cell.text, builder)
                          : AppendScalar(cell.text, cell.in_record, builder);
      if (ok) continue;
      if (!options_.ignore_parse_errors) {
        fault->reason = fmt::format("Fail to deserialize at field: {}. '{}' is not {}", names_[i],
                                    cell.text.substr(0, 64), builder->data_type().ToString());
        fault->field = names_[i];
        fault->byte = cell.begin;
        return false;
      }
      builder->Truncate(row_);
      builder->AppendNull();
    }
    return true;
  }

  // Takes the text up to the next element delimiter.
  std::string_view CutElement(std::string_view* rest, bool* more) const {
    const std::string& delimiter = options_.array_delimiter;
    const size_t end = delimiter.empty() ? std::string_view::npos : rest->find(delimiter);
    *more = end != std::string_view::npos;
    const std::string_view element = rest->substr(0, end);
    rest->remove_prefix(*more ? end + delimiter.size() : rest->size());
    return options_.trim_spaces ? TrimCell(element) : element;
  }

  bool AppendNested(std::string_view text, ColumnBuilder* builder) {
    const DataType& type = builder->data_type();
    const bool row = type.root() == TypeRoot::kRow;
    const size_t fields = type.child_count();
    size_t count = 0;
    bool more = !TrimCell(text).empty();
    if (row && !more) return false;
    for (; more; ++count) {
      const std::string_view element = CutElement(&text, &more);
      if (row && count >= fields) return false;
      ColumnBuilder* child = &builder->child(row ? count : 0);
      if (AppendScalar(element, false, child)) continue;
      if (!options_.ignore_parse_errors) return false;
      child->AppendNull();
    }
    if (row && count < fields) {
      if (!options_.ignore_parse_errors) return false;
      for (; count < fields; ++count) builder->child(count).AppendNull();
    }
    builder->CloseNested();
    return true;
  }

  // `shared`: the text lies in the chunk.
  bool AppendScalar(std::string_view text, bool shared, ColumnBuilder* builder) {
    if ((options_.null_literal.has_value() && text == *options_.null_literal) ||
        (options_.empty_string_as_null && text.empty())) {
      builder->AppendNull();
      return true;
    }
    const DataType& type = builder->data_type();
    int32_t number;
    switch (type.root()) {
      case TypeRoot::kChar:
      case TypeRoot::kVarchar:
        if (shared && share_strings_) {
          shared_bytes_ += text.size();
          builder->AppendShared(StringView(text));
        } else {
          builder->AppendString(text);
        }
        return true;
      case TypeRoot::kBoolean:
        builder->Append<uint8_t>(BooleanOfCell(TrimCell(text)) ? 1 : 0);
        return true;
      case TypeRoot::kTinyInt: return AppendInteger<int8_t>(text, builder);
      case TypeRoot::kSmallInt: return AppendInteger<int16_t>(text, builder);
      case TypeRoot::kInt:
      case TypeRoot::kIntervalYearMonth: return AppendInteger<int32_t>(text, builder);
      case TypeRoot::kBigInt:
      case TypeRoot::kIntervalDayTime: return AppendInteger<int64_t>(text, builder);
      case TypeRoot::kFloat: {
        float value;
        if (ParseFloat(TrimCell(text), &value) != NumberParse::kOk) return false;
        builder->Append(value);
        return true;
      }
      case TypeRoot::kDouble: {
        double value;
        if (ParseDouble(TrimCell(text), &value) != NumberParse::kOk) return false;
        builder->Append(value);
        return true;
      }
      case TypeRoot::kDecimal: return AppendDecimalCell(text, type, builder);
      case TypeRoot::kDate:
        if (!ParseLenientDateCell(text, &number)) return false;
        builder->Append(number);
        return true;
      case TypeRoot::kTime:
        if (!ParseIsoTime(text, &number)) return false;
        builder->Append(number);
        return true;
      case TypeRoot::kTimestamp:
      case TypeRoot::kTimestampLtz: return AppendTimestamp(text, type, builder);
      case TypeRoot::kBinary:
      case TypeRoot::kVarbinary:
        bytes_.clear();
        if (!ReadBase64(text, &bytes_)) return false;
        builder->AppendString(bytes_);
        return true;
      default: CHECK(false);
    }
  }

  template <typename T>
  static bool AppendInteger(std::string_view text, ColumnBuilder* builder) {
    int64_t value;
    if (!ParseIntegerCell(TrimCell(text), std::numeric_limits<T>::min(),
                          std::numeric_limits<T>::max(), &value)) {
      return false;
    }
    builder->Append(static_cast<T>(value));
    return true;
  }

  static bool AppendDecimalCell(std::string_view text, const DataType& type,
                                ColumnBuilder* builder) {
    if (TrimCell(text).size() != text.size()) return false;  // BigDecimal does not trim.
    Int128 value;
    switch (ParseDecimal(text, {type.precision(), type.scale()}, &value)) {
      case DecimalParse::kInvalid: return false;
      case DecimalParse::kOverflow: builder->AppendNull(); return true;
      case DecimalParse::kOk: break;
    }
    if (PhysicalTypeOf(type) == PhysicalType::kInt128) {
      builder->Append(value);
    } else {
      builder->Append(static_cast<int64_t>(value));
    }
    return true;
  }

  bool AppendTimestamp(std::string_view text, const DataType& type, ColumnBuilder* builder) {
    Timestamp9 time;
    if (!timestamps_.Parse(text, type.root() == TypeRoot::kTimestampLtz, &time)) return false;
    time = TruncateTimestamp(time, type.precision());
    if (PhysicalTypeOf(type) == PhysicalType::kTimestamp9) {
      builder->Append(time);
    } else {
      builder->Append(time.micros);
    }
    return true;
  }

  CsvOptions options_;
  CsvReader reader_;
  TimestampParser timestamps_{TimestampStyle::kSql};
  ErrorPolicy policy_ = ErrorPolicy::kFail;
  RecordPart part_ = RecordPart::kValue;
  size_t table_size_ = 0;
  std::vector<size_t> positions_;  // of the needed columns in a record
  std::vector<std::string> names_;
  std::vector<ColumnBuilder> builders_;
  std::vector<CsvCell> cells_;
  std::string bytes_;
  int32_t row_ = 0;
  size_t shared_bytes_ = 0;
  bool share_strings_ = true;
};

}  // namespace

std::unique_ptr<Decoder> MakeCsvDecoder(const CsvOptions& options) {
  return std::make_unique<CsvDecoder>(options);
}

}  // namespace rhei
