#include "cli/result_printer.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/time_zone.h"
#include "cli/display_width.h"
#include "formats/format.h"
#include "functions/value_text.h"
#include "types/java_text.h"

namespace rhei {
namespace {

bool IsRightAligned(const DataType& type) {
  return IsNumeric(type.root());
}

// A width that most values of the type fit, for rows that are printed before the others are known.
size_t TypicalWidth(const DataType& type) {
  switch (type.root()) {
    case TypeRoot::kBoolean: return 7;
    case TypeRoot::kTinyInt: return 4;
    case TypeRoot::kSmallInt: return 6;
    case TypeRoot::kInt: return 11;
    case TypeRoot::kBigInt: return 20;
    case TypeRoot::kFloat:
    case TypeRoot::kDouble: return 20;
    case TypeRoot::kDecimal: return static_cast<size_t>(type.precision()) + 2;
    case TypeRoot::kDate: return 10;
    case TypeRoot::kTime:
      return type.precision() == 0 ? 8 : 9 + static_cast<size_t>(type.precision());
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz:
      return type.precision() == 0 ? 19 : 20 + static_cast<size_t>(type.precision());
    default: return 20;
  }
}

class TablePrinter final : public ResultPrinter {
 public:
  TablePrinter(const Schema& schema, const PrinterOptions& options, TimeZone zone)
      : schema_(schema),
        with_op_(options.is_query && !options.insert_only),
        streaming_(options.is_query),
        out_(options.out),
        zone_(std::move(zone)) {
    if (with_op_) widths_.push_back(2);
    for (const Field& field : schema_.fields) {
      widths_.push_back(
          std::max(DisplayWidth(field.name), streaming_ ? TypicalWidth(field.type) : 1));
    }
  }

  Status Print(const Batch& rows) override {
    std::string text;
    std::vector<std::string> cells;
    for (int32_t row = 0; row < rows.row_count; ++row) {
      cells.clear();
      if (with_op_) cells.emplace_back(ChangeKindSymbol(rows.change(row)));
      for (size_t c = 0; c < schema_.size(); ++c) {
        std::string cell;
        AppendColumnText(rows.columns[c], row, schema_.type(c), zone_, &cell);
        std::replace(cell.begin(), cell.end(), '\n', ' ');
        cells.push_back(std::move(cell));
      }
      ++row_count_;
      if (streaming_) {
        if (!header_printed_) AppendHeader(&text);
        AppendLine(cells, &text);
      } else {
        kept_.push_back(cells);
      }
    }
    return out_->Write(text);
  }

  Status End() override {
    std::string text;
    if (!streaming_) {
      for (const std::vector<std::string>& cells : kept_) {
        for (size_t i = 0; i < cells.size(); ++i) {
          widths_[i] = std::max(widths_[i], DisplayWidth(cells[i]));
        }
      }
    }
    if (!header_printed_) AppendHeader(&text);
    for (const std::vector<std::string>& cells : kept_) AppendLine(cells, &text);
    AppendRule(&text);
    text += row_count_ == 1 ? "1 row\n" : fmt::format("{} rows\n", row_count_);
    return out_->Write(text);
  }

 private:
  void AppendRule(std::string* text) const {
    *text += '+';
    for (size_t width : widths_) *text += std::string(width + 2, '-') + "+";
    *text += '\n';
  }
  void AppendHeader(std::string* text) {
    header_printed_ = true;
    AppendRule(text);
    std::vector<std::string> names;
    if (with_op_) names.emplace_back("op");
    for (const Field& field : schema_.fields) names.push_back(field.name);
    AppendLine(names, text);
    AppendRule(text);
  }
  void AppendLine(const std::vector<std::string>& cells, std::string* text) const {
    *text += '|';
    for (size_t i = 0; i < cells.size(); ++i) {
      const size_t width = DisplayWidth(cells[i]);
      const std::string blanks(widths_[i] > width ? widths_[i] - width : 0, ' ');
      const size_t column = i - (with_op_ ? 1 : 0);
      const bool right = !(with_op_ && i == 0) && IsRightAligned(schema_.type(column));
      *text += ' ';
      *text += right ? blanks + cells[i] : cells[i] + blanks;
      *text += " |";
    }
    *text += '\n';
  }

  Schema schema_;
  bool with_op_;
  bool streaming_;
  OutputStream* out_;
  TimeZoneCursor zone_;
  std::vector<size_t> widths_;
  bool header_printed_ = false;
  std::vector<std::vector<std::string>> kept_;
};

class ChangelogPrinter final : public ResultPrinter {
 public:
  ChangelogPrinter(const Schema& schema, const PrinterOptions& options)
      : schema_(schema), out_(options.out) {}
  Status Print(const Batch& rows) override {
    std::string text;
    std::vector<Value> values(schema_.size());
    for (int32_t row = 0; row < rows.row_count; ++row) {
      for (size_t c = 0; c < schema_.size(); ++c) {
        values[c] = GetValue(rows.columns[c], row, schema_.type(c));
      }
      text += JavaRowText(rows.change(row), values, schema_) + "\n";
      ++row_count_;
    }
    return out_->Write(text);
  }
  Status End() override { return {}; }

 private:
  Schema schema_;
  OutputStream* out_;
};

// JSON and CSV by the encoders of the formats.
class EncodedPrinter final : public ResultPrinter {
 public:
  EncodedPrinter(const Schema& schema, const PrinterOptions& options,
                 std::unique_ptr<Encoder> encoder)
      : schema_(schema), options_(options), encoder_(std::move(encoder)) {}

  Status Print(const Batch& rows) override {
    RETURN_IF_ERROR(encoder_->Encode(rows, &encoded_));
    const bool with_op = options_.is_query && !options_.insert_only;
    const bool json = options_.format == ResultFormat::kJson;
    std::string text = json ? "" : Header();
    for (int32_t row = 0; row < rows.row_count; ++row) {
      const ByteSpan span = encoded_.records[static_cast<size_t>(row)];
      const std::string_view record(encoded_.bytes.data() + span.offset, span.size);
      const std::string_view op = ChangeKindSymbol(rows.change(row));
      if (with_op && json) {
        text += fmt::format("{{\"op\":\"{}\",\"row\":{}}}\n", op, record);
      } else if (with_op) {
        text += fmt::format("{},{}\n", op, record);
      } else {
        text += fmt::format("{}\n", record);
      }
      ++row_count_;
    }
    return options_.out->Write(text);
  }
  Status End() override {
    return options_.format == ResultFormat::kJson ? Status() : options_.out->Write(Header());
  }

 private:
  // The CSV header, the first time.
  std::string Header() {
    if (header_printed_) return "";
    header_printed_ = true;
    std::string text = options_.is_query && !options_.insert_only ? "op," : "";
    for (size_t c = 0; c < schema_.size(); ++c) {
      const std::string& name = schema_.name(c);
      const bool quoted = name.find_first_of(",\"\n") != std::string::npos;
      text += (c > 0 ? "," : "") + (quoted ? "\"" + name + "\"" : name);
    }
    return text + "\n";
  }

  Schema schema_;
  PrinterOptions options_;
  std::unique_ptr<Encoder> encoder_;
  EncodeOutput encoded_;
  bool header_printed_ = false;
};

}  // namespace

Result<ResultFormat> ParseResultFormat(std::string_view name) {
  if (name == "table") return ResultFormat::kTable;
  if (name == "json") return ResultFormat::kJson;
  if (name == "csv") return ResultFormat::kCsv;
  if (name == "changelog") return ResultFormat::kChangelog;
  return InvalidArgument(
      fmt::format("'{}' is not a result format: table, json, csv or changelog", name));
}

Result<std::unique_ptr<ResultPrinter>> MakeResultPrinter(const Schema& schema,
                                                         const PrinterOptions& options) {
  switch (options.format) {
    case ResultFormat::kTable: {
      ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Find(options.time_zone));
      return std::unique_ptr<ResultPrinter>(
          std::make_unique<TablePrinter>(schema, options, std::move(zone)));
    }
    case ResultFormat::kChangelog:
      return std::unique_ptr<ResultPrinter>(std::make_unique<ChangelogPrinter>(schema, options));
    case ResultFormat::kJson:
    case ResultFormat::kCsv: break;
  }
  const FormatDef* format = FindFormat(options.format == ResultFormat::kJson ? "json" : "csv");
  if (format == nullptr) return Unsupported("this result format is not supported yet");
  ASSIGN_OR_RETURN(const Options completed, CompleteOptions(*format, {}, schema));
  ASSIGN_OR_RETURN(std::unique_ptr<Encoder> encoder, format->make_encoder(completed));
  RETURN_IF_ERROR(encoder->Open(schema));
  return std::unique_ptr<ResultPrinter>(
      std::make_unique<EncodedPrinter>(schema, options, std::move(encoder)));
}

}  // namespace rhei
