// csv, writing. A text is quoted when it is long or has a character that might mean something, by
// the rules of the writer that Flink uses (Jackson, loose quoting); numbers never are.
#include <algorithm>

#include "base/check.h"
#include "formats/cells.h"
#include "formats/csv/csv.h"
#include "formats/json/json_writer.h"
#include "types/decimal.h"
#include "types/number_text.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

// Longer texts (in UTF-16 units) are quoted without a look at them.
constexpr size_t kLookedAtMax = 24;

size_t Utf16Length(std::string_view text) {
  size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    length += (byte & 0xc0) != 0x80 ? 1 : 0;
    length += byte >= 0xf0 ? 1 : 0;
  }
  return length;
}

class CsvEncoder final : public Encoder {
 public:
  explicit CsvEncoder(const CsvOptions& options) : options_(options) {
    const auto highest =
        std::max({static_cast<unsigned char>(options.delimiter),
                  static_cast<unsigned char>(options.quote), static_cast<unsigned char>('\r')});
    for (size_t c = 0; c <= highest; ++c) doubtful_[c] = true;
    doubtful_[static_cast<unsigned char>('\\')] = true;
    if (options.escape != 0) doubtful_[static_cast<unsigned char>(options.escape)] = true;
  }

  Status Open(const Schema& schema) override {
    for (const Field& field : schema.fields) RETURN_IF_ERROR(CheckCsvType(field.type, field.name));
    schema_ = schema;
    return {};
  }

  Status Encode(const Batch& batch, EncodeOutput* out) override {
    out->bytes.clear();
    out->records.clear();
    const std::vector<Column> columns = JsonRowWriter::Prepare(batch);
    for (int32_t row = 0; row < batch.row_count; ++row) {
      const size_t begin = out->bytes.size();
      for (size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) out->bytes += options_.delimiter;
        WriteCell(columns[i], row, schema_.type(i), &out->bytes);
      }
      out->records.push_back(
          {static_cast<uint32_t>(begin), static_cast<uint32_t>(out->bytes.size() - begin)});
    }
    return {};
  }

 private:
  void WriteCell(const Column& column, int32_t row, const DataType& type, std::string* out) {
    if (column.IsNull(row)) {
      if (options_.null_literal) out->append(*options_.null_literal);
      return;
    }
    const int32_t index = column.ValueIndex(row);
    switch (type.root()) {
      case TypeRoot::kChar:
      case TypeRoot::kVarchar: return WriteText(column.data<StringView>()[index].view(), out);
      case TypeRoot::kArray:
      case TypeRoot::kRow:
        text_.clear();
        AppendNested(column, index, type, &text_);
        return WriteText(text_, out);
      case TypeRoot::kDate:
      case TypeRoot::kTime:
      case TypeRoot::kTimestamp:
      case TypeRoot::kTimestampLtz:
      case TypeRoot::kBinary:
      case TypeRoot::kVarbinary:
        text_.clear();
        AppendPlain(column, index, type, &text_);
        return WriteText(text_, out);
      default: return AppendPlain(column, index, type, out);
    }
  }

  bool NeedsQuotes(std::string_view text) const {
    if (text.size() > kLookedAtMax && Utf16Length(text) > kLookedAtMax) return true;
    return std::any_of(text.begin(), text.end(),
                       [&](char c) { return doubtful_[static_cast<unsigned char>(c)]; });
  }

  void WriteText(std::string_view text, std::string* out) const {
    if (ValidUtf8Prefix(text) < text.size()) return WriteText(ReplaceInvalidUtf8(text), out);
    if (options_.quote == 0 || !NeedsQuotes(text)) {
      out->append(text);
      return;
    }
    *out += options_.quote;
    for (const char c : text) {
      if (c == options_.quote || (options_.escape != 0 && c == options_.escape)) *out += c;
      *out += c;
    }
    *out += options_.quote;
  }

  void AppendNested(const Column& column, int32_t index, const DataType& type, std::string* out) {
    const bool row = type.root() == TypeRoot::kRow;
    const int32_t begin = row ? 0 : column.data<int32_t>()[index];
    const int32_t end =
        row ? static_cast<int32_t>(type.child_count()) : column.data<int32_t>()[index + 1];
    for (int32_t at = begin; at < end; ++at) {
      if (at > begin) out->append(options_.array_delimiter);
      const size_t child = row ? static_cast<size_t>(at) : 0;
      const Column& values = column.children[child];
      const int32_t position = row ? index : at;
      if (values.IsNull(position)) {
        if (options_.null_literal) out->append(*options_.null_literal);
      } else {
        AppendPlain(values, values.ValueIndex(position), type.child(child), out);
      }
    }
  }

  void AppendPlain(const Column& column, int32_t index, const DataType& type,
                   std::string* out) const {
    char text[kTemporalTextMax];
    switch (type.root()) {
      case TypeRoot::kBoolean:
        out->append(column.data<uint8_t>()[index] != 0 ? "true" : "false");
        return;
      case TypeRoot::kFloat:
        out->append(text, PrintFloat(column.data<float>()[index], text));
        return;
      case TypeRoot::kDouble:
        out->append(text, PrintDouble(column.data<double>()[index], text));
        return;
      case TypeRoot::kDecimal: return AppendDecimalCell(column, index, type, out);
      case TypeRoot::kDate:
        out->append(text, PrintDate(column.data<int32_t>()[index], text));
        return;
      case TypeRoot::kTime: {
        const int32_t millis = column.data<int32_t>()[index];
        out->append(text, PrintTime(millis, millis % 1000 == 0 ? 0 : 3, text));
        return;
      }
      case TypeRoot::kTimestamp:
      case TypeRoot::kTimestampLtz: {
        const Timestamp9 time = column.type == PhysicalType::kTimestamp9
                                    ? column.data<Timestamp9>()[index]
                                    : Timestamp9{column.data<int64_t>()[index], 0};
        out->append(text, PrintIsoTimestampSeconds(time, ' ', text));
        if (type.root() == TypeRoot::kTimestampLtz) *out += 'Z';
        return;
      }
      case TypeRoot::kBinary:
      case TypeRoot::kVarbinary: return EncodeBase64(column.data<StringView>()[index].view(), out);
      default: break;
    }
    int64_t number = 0;
    switch (column.type) {
      case PhysicalType::kInt8: number = column.data<int8_t>()[index]; break;
      case PhysicalType::kInt16: number = column.data<int16_t>()[index]; break;
      case PhysicalType::kInt32: number = column.data<int32_t>()[index]; break;
      case PhysicalType::kInt64: number = column.data<int64_t>()[index]; break;
      case PhysicalType::kString: out->append(column.data<StringView>()[index].view()); return;
      default: CHECK(false);
    }
    out->append(text, PrintInt(number, text));
  }

  void AppendDecimalCell(const Column& column, int32_t index, const DataType& type,
                         std::string* out) const {
    Int128 value = column.type == PhysicalType::kInt128 ? column.data<Int128>()[index]
                                                        : Int128{column.data<int64_t>()[index]};
    if (options_.scientific_decimals) return AppendJavaDecimal(value, type.scale(), out);
    int scale = type.scale();
    for (; scale > 0 && value % 10 == 0; --scale) value /= 10;
    AppendDecimal(value, scale, out);
  }

  CsvOptions options_;
  bool doubtful_[256] = {};
  Schema schema_;
  std::string text_;
};

}  // namespace

std::unique_ptr<Encoder> MakeCsvEncoder(const CsvOptions& options) {
  return std::make_unique<CsvEncoder>(options);
}

}  // namespace rhei
