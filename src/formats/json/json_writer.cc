#include "formats/json/json_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "base/check.h"
#include "formats/cells.h"
#include "formats/json/json.h"
#include "formats/json/json_reader.h"
#include "types/decimal.h"
#include "types/number_text.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

template <typename T>
void AppendFloating(T value, std::string* out) {
  char text[kNumberTextMax];
  size_t size;
  if constexpr (std::is_same_v<T, float>) {
    size = PrintFloat(value, text);
  } else {
    size = PrintDouble(value, text);
  }
  if (std::isfinite(value)) {
    out->append(text, size);
  } else {
    *out += '"';
    out->append(text, size);
    *out += '"';
  }
}

void AppendInt(int64_t value, std::string* out) {
  char text[kNumberTextMax];
  out->append(text, PrintInt(value, text));
}

Timestamp9 TimestampAt(const Column& column, int32_t index) {
  if (column.type == PhysicalType::kTimestamp9) return column.data<Timestamp9>()[index];
  return {column.data<int64_t>()[index], 0};
}

}  // namespace

void AppendJavaDecimal(Int128 value, int scale, std::string* out) {
  if (value == 0) {
    *out += '0';
    return;
  }
  while (value % 10 == 0) {
    value /= 10;
    --scale;
  }
  // BigDecimal.toString: plain when 0 <= scale and the first digit is not too far behind the point.
  const std::string digits = DecimalToString(value < 0 ? -value : value, 0);
  const int exponent = static_cast<int>(digits.size()) - 1 - scale;
  if (scale >= 0 && exponent >= -6) {
    AppendDecimal(value, scale, out);
    return;
  }
  if (value < 0) *out += '-';
  *out += digits[0];
  if (digits.size() > 1) {
    *out += '.';
    out->append(digits, 1);
  }
  *out += exponent < 0 ? "E-" : "E+";
  AppendInt(exponent < 0 ? -exponent : exponent, out);
}

void AppendWireJsonString(std::string_view text, std::string* out) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const auto wide = [&](size_t at) { return bytes[at] >= 0xf0 && at + 3 < text.size(); };
  size_t first = 0;
  uint64_t word = 0;
  for (; first + 8 <= text.size(); first += 8) {  // ASCII by eight
    std::memcpy(&word, bytes + first, sizeof(word));
    if ((word & 0x8080808080808080) != 0) break;
  }
  if (first + ValidUtf8Prefix(text.substr(first)) < text.size()) {
    return AppendWireJsonString(ReplaceInvalidUtf8(text), out);
  }
  while (first < text.size() && !wide(first)) ++first;
  if (first == text.size()) return WriteJsonString(text, out);
  std::string escaped;
  WriteJsonString(text.substr(0, first), &escaped);
  escaped.pop_back();
  for (size_t i = first; i < text.size();) {
    if (wide(i)) {
      const uint32_t code = (bytes[i] & 7u) << 18 | (bytes[i + 1] & 63u) << 12 |
                            (bytes[i + 2] & 63u) << 6 | (bytes[i + 3] & 63u);
      escaped += fmt::format("\\u{:04X}\\u{:04X}", 0xd800 + ((code - 0x10000) >> 10),
                             0xdc00 + (code & 0x3ff));
      i += 4;
      continue;
    }
    size_t end = i;
    while (end < text.size() && !wide(end)) ++end;
    std::string piece;
    WriteJsonString(text.substr(i, end - i), &piece);
    escaped.append(piece, 1, piece.size() - 2);
    i = end;
  }
  out->append(escaped);
  *out += '"';
}

JsonRowWriter::JsonRowWriter(const JsonWriteOptions& options, const Schema& schema)
    : options_(options), schema_(schema) {
  for (const Field& field : schema.fields) {
    std::string key;
    AppendWireJsonString(field.name, &key);
    keys_.push_back(key + ":");
  }
}

std::vector<Column> JsonRowWriter::Prepare(const Batch& batch) {
  std::vector<Column> columns;
  for (const Column& column : batch.columns) {
    const bool ready = column.is_constant() && column.children.empty();
    columns.push_back(ready ? column : Flatten(column));
  }
  return columns;
}

Status JsonRowWriter::WriteRow(const std::vector<Column>& columns, int32_t row,
                               std::string* out) const {
  return WriteFields(columns, keys_, schema_.fields, row, out);
}

Status JsonRowWriter::WriteFields(std::span<const Column> columns,
                                  std::span<const std::string> keys,
                                  const std::vector<Field>& fields, int32_t row,
                                  std::string* out) const {
  *out += '{';
  bool first = true;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (options_.ignore_null_fields && columns[i].IsNull(row)) continue;
    if (!first) *out += ',';
    first = false;
    if (keys.empty()) {
      AppendWireJsonString(fields[i].name, out);
      *out += ':';
    } else {
      out->append(keys[i]);
    }
    const Status status = WriteValue(columns[i], row, fields[i].type, out);
    if (!status.ok()) return status.WithContext(fields[i].name);
  }
  *out += '}';
  return {};
}

Status JsonRowWriter::WriteValue(const Column& column, int32_t row, const DataType& type,
                                 std::string* out) const {
  if (column.IsNull(row)) {
    out->append("null");
    return {};
  }
  const int32_t index = column.ValueIndex(row);
  switch (column.type) {
    case PhysicalType::kArray: {
      const int32_t* offsets = column.data<int32_t>();
      *out += '[';
      for (int32_t at = offsets[index]; at < offsets[index + 1]; ++at) {
        if (at > offsets[index]) *out += ',';
        RETURN_IF_ERROR(WriteValue(column.children[0], at, type.child(0), out));
      }
      *out += ']';
      return {};
    }
    case PhysicalType::kMap: return WriteMap(column, index, type, out);
    case PhysicalType::kRow: return WriteFields(column.children, {}, type.fields(), index, out);
    default: WriteScalar(column, index, type, out); return {};
  }
}

Status JsonRowWriter::WriteMap(const Column& column, int32_t index, const DataType& type,
                               std::string* out) const {
  const int32_t* offsets = column.data<int32_t>();
  const Column& keys = column.children[0];
  const DataType value_type =
      type.root() == TypeRoot::kMultiset ? DataType::Int(false) : type.child(1);
  *out += '{';
  bool first = true;
  for (int32_t at = offsets[index]; at < offsets[index + 1]; ++at) {
    const bool null_key = keys.IsNull(at);
    if (null_key && options_.null_key == JsonWriteOptions::NullKey::kDrop) continue;
    if (null_key && options_.null_key == JsonWriteOptions::NullKey::kFail) {
      return DataError(
          "JSON format doesn't support to serialize map data with null keys. You can drop null key "
          "entries or encode null in literals by specifying map-null-key.mode option.");
    }
    if (!first) *out += ',';
    first = false;
    AppendWireJsonString(
        null_key ? std::string_view(options_.null_key_literal) : keys.data<StringView>()[at].view(),
        out);
    *out += ':';
    RETURN_IF_ERROR(WriteValue(column.children[1], at, value_type, out));
  }
  *out += '}';
  return {};
}

void JsonRowWriter::WriteScalar(const Column& column, int32_t index, const DataType& type,
                                std::string* out) const {
  char text[kTemporalTextMax];
  const auto quoted = [&](size_t size, bool zulu) {
    *out += '"';
    out->append(text, size);
    out->append(zulu ? "Z\"" : "\"");
  };
  switch (type.root()) {
    case TypeRoot::kBoolean:
      out->append(column.data<uint8_t>()[index] != 0 ? "true" : "false");
      return;
    case TypeRoot::kFloat: return AppendFloating(column.data<float>()[index], out);
    case TypeRoot::kDouble: return AppendFloating(column.data<double>()[index], out);
    case TypeRoot::kDecimal: {
      const Int128 value = column.type == PhysicalType::kInt128
                               ? column.data<Int128>()[index]
                               : Int128{column.data<int64_t>()[index]};
      if (options_.plain_decimals) return AppendDecimal(value, type.scale(), out);
      return AppendJavaDecimal(value, type.scale(), out);
    }
    case TypeRoot::kDate: return quoted(PrintDate(column.data<int32_t>()[index], text), false);
    case TypeRoot::kTime: {
      const int32_t millis = column.data<int32_t>()[index];
      return quoted(PrintTime(millis, millis % 1000 == 0 ? 0 : 3, text), false);
    }
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz: {
      const char separator = options_.timestamps == TimestampStyle::kSql ? ' ' : 'T';
      const size_t size = PrintIsoTimestampSeconds(TimestampAt(column, index), separator, text);
      return quoted(size, type.root() == TypeRoot::kTimestampLtz);
    }
    case TypeRoot::kBinary:
    case TypeRoot::kVarbinary:
      *out += '"';
      EncodeBase64(column.data<StringView>()[index].view(), out);
      *out += '"';
      return;
    default: break;
  }
  switch (column.type) {
    case PhysicalType::kInt8: return AppendInt(column.data<int8_t>()[index], out);
    case PhysicalType::kInt16: return AppendInt(column.data<int16_t>()[index], out);
    case PhysicalType::kInt32: return AppendInt(column.data<int32_t>()[index], out);
    case PhysicalType::kInt64: return AppendInt(column.data<int64_t>()[index], out);
    case PhysicalType::kString:
      return AppendWireJsonString(column.data<StringView>()[index].view(), out);
    default: CHECK(false);
  }
}

namespace {

class JsonEncoder final : public Encoder {
 public:
  explicit JsonEncoder(const JsonWriteOptions& options) : options_(options) {}

  Status Open(const Schema& schema) override {
    for (const Field& field : schema.fields) {
      RETURN_IF_ERROR(JsonRowReader::CheckType(field.type, field.name));
    }
    writer_ = std::make_unique<JsonRowWriter>(options_, schema);
    return {};
  }

  Status Encode(const Batch& batch, EncodeOutput* out) override {
    out->bytes.clear();
    out->records.clear();
    const std::vector<Column> columns = JsonRowWriter::Prepare(batch);
    for (int32_t row = 0; row < batch.row_count; ++row) {
      const size_t begin = out->bytes.size();
      RETURN_IF_ERROR(writer_->WriteRow(columns, row, &out->bytes));
      out->records.push_back(
          {static_cast<uint32_t>(begin), static_cast<uint32_t>(out->bytes.size() - begin)});
    }
    return {};
  }

 private:
  JsonWriteOptions options_;
  std::unique_ptr<JsonRowWriter> writer_;
};

}  // namespace

std::unique_ptr<Encoder> MakeJsonEncoder(const JsonWriteOptions& options) {
  return std::make_unique<JsonEncoder>(options);
}

}  // namespace rhei
