// raw: the record's bytes are the value of the only column. NULL is a record without bytes.
#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "base/check.h"
#include "columnar/column_builder.h"
#include "formats/bad_record.h"
#include "formats/builtin.h"
#include "formats/options.h"

namespace rhei {
namespace {

constexpr OptionDef kOptions[] = {
    {.key = "charset",
     .type = OptionType::kString,
     .default_value = "UTF-8",
     .doc = "Encoding of strings: UTF-8, US-ASCII or ISO-8859-1."},
    {.key = "endianness",
     .type = OptionType::kEnum,
     .default_value = "big-endian",
     .choices = "big-endian|little-endian",
     .doc = "Byte order of numbers."},
};

enum class Charset : uint8_t { kUtf8, kLatin1, kAscii };

bool FindCharset(std::string_view name, Charset* charset) {
  std::string upper;
  for (const char c : name) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  if (upper == "UTF-8" || upper == "UTF8") {
    *charset = Charset::kUtf8;
  } else if (upper == "ISO-8859-1" || upper == "LATIN1") {
    *charset = Charset::kLatin1;
  } else if (upper == "US-ASCII" || upper == "ASCII") {
    *charset = Charset::kAscii;
  } else {
    return false;
  }
  return true;
}

bool IsFixedWidth(PhysicalType type) {
  return type != PhysicalType::kString;
}

Status Check(const Options& options, const Schema& columns) {
  if (columns.size() != 1) {
    std::string names;
    for (const Field& field : columns.fields) {
      if (!names.empty()) names += ", ";
      names += field.name;
    }
    return InvalidArgument(
        fmt::format("The 'raw' format only supports single physical column. But the defined schema "
                    "contains multiple physical columns: [{}]",
                    names));
  }
  switch (columns.type(0).root()) {
    case TypeRoot::kChar:
    case TypeRoot::kVarchar:
    case TypeRoot::kBinary:
    case TypeRoot::kVarbinary:
    case TypeRoot::kRaw:
    case TypeRoot::kBoolean:
    case TypeRoot::kTinyInt:
    case TypeRoot::kSmallInt:
    case TypeRoot::kInt:
    case TypeRoot::kBigInt:
    case TypeRoot::kFloat:
    case TypeRoot::kDouble: break;
    default:
      return InvalidArgument(fmt::format("The 'raw' format doesn't supports '{}' as column type.",
                                         columns.type(0).ToString()));
  }
  Charset charset;
  const std::string& name = TextOption(options, "charset");
  if (FindCharset(name, &charset)) return {};
  return InvalidArgument(fmt::format("Unsupported 'raw.charset' name: {}.", name));
}

template <typename T>
T SwapBytes(T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  for (size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(bytes[i], bytes[sizeof(T) - 1 - i]);
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

class RawDecoder final : public Decoder {
 public:
  RawDecoder(Charset charset, bool swap) : charset_(charset), swap_(swap) {}

  Status Open(const ScanSpec& spec, MemoryPool* pool, RecordPart part) override {
    CHECK(spec.table.size() == 1 && spec.columns.size() <= 1);
    policy_ = spec.on_error;
    part_ = part;
    field_ = spec.table.name(0);
    type_ = spec.table.type(0);
    physical_ = PhysicalTypeOf(type_);
    wanted_ = !spec.columns.empty();
    builder_ = std::make_unique<ColumnBuilder>(type_, pool);
    return {};
  }

  Status Decode(const RecordChunk& chunk, DecodeOutput* out) override {
    ClearOutput(out);
    const std::vector<ByteSpan>& spans = RecordSpans(chunk, part_);
    const auto width = static_cast<size_t>(PhysicalWidth(physical_));
    for (size_t i = 0; i < spans.size(); ++i) {
      if (spans[i].is_null()) {
        builder_->AppendNull();
      } else if (IsFixedWidth(physical_) && spans[i].size != width) {
        const std::string reason =
            fmt::format("Size of data received for deserializing {} type is not {}.",
                        TypeRootName(type_.root()), width);
        const Status status = ReportBadRecord(policy_, chunk, i, 0, field_, reason, out);
        if (!status.ok()) {
          builder_->Truncate(0);
          return status;
        }
        continue;
      } else {
        Append(RecordBytes(chunk, spans[i]));
      }
      out->record_of_row.push_back(static_cast<int32_t>(i));
      ++out->decoded;
    }
    out->row_count = builder_->row_count();
    if (!IsFixedWidth(physical_)) builder_->AddHeap(chunk.buffer);
    Column column = builder_->Finish();
    if (wanted_) out->columns.push_back(std::move(column));
    return {};
  }

 private:
  template <typename T>
  void AppendFixed(std::string_view bytes) {
    T value;
    std::memcpy(&value, bytes.data(), sizeof(T));
    builder_->Append(swap_ ? SwapBytes(value) : value);
  }

  void Append(std::string_view bytes) {
    switch (physical_) {
      case PhysicalType::kBool: builder_->Append<uint8_t>(bytes[0] != 0 ? 1 : 0); return;
      case PhysicalType::kInt8: AppendFixed<int8_t>(bytes); return;
      case PhysicalType::kInt16: AppendFixed<int16_t>(bytes); return;
      case PhysicalType::kInt32: AppendFixed<int32_t>(bytes); return;
      case PhysicalType::kInt64: AppendFixed<int64_t>(bytes); return;
      case PhysicalType::kFloat32: AppendFixed<float>(bytes); return;
      case PhysicalType::kFloat64: AppendFixed<double>(bytes); return;
      default: break;
    }
    if (!IsCharacter(type_.root()) || charset_ == Charset::kUtf8) {
      builder_->AppendShared(StringView(bytes));
      return;
    }
    text_.clear();
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x80) {
        text_ += c;
      } else if (charset_ == Charset::kAscii) {
        text_ += "\xef\xbf\xbd";  // What Java makes of a byte that is not ASCII.
      } else {
        text_ += static_cast<char>(0xc0 | byte >> 6);
        text_ += static_cast<char>(0x80 | (byte & 0x3f));
      }
    }
    builder_->AppendString(text_);
  }

  Charset charset_;
  bool swap_;
  ErrorPolicy policy_ = ErrorPolicy::kFail;
  RecordPart part_ = RecordPart::kValue;
  std::string field_;
  DataType type_;
  PhysicalType physical_ = PhysicalType::kBool;
  bool wanted_ = true;
  std::unique_ptr<ColumnBuilder> builder_;
  std::string text_;
};

class RawEncoder final : public Encoder {
 public:
  RawEncoder(Charset charset, bool swap) : charset_(charset), swap_(swap) {}

  Status Open(const Schema& schema) override {
    CHECK(schema.size() == 1);
    type_ = schema.type(0);
    return {};
  }

  Status Encode(const Batch& batch, EncodeOutput* out) override {
    out->bytes.clear();
    out->records.clear();
    const Column column = Flatten(batch.columns[0]);
    for (int32_t row = 0; row < batch.row_count; ++row) {
      if (column.IsNull(row)) {
        out->records.push_back({0, ByteSpan::kNull});
        continue;
      }
      const size_t begin = out->bytes.size();
      Put(column, row, &out->bytes);
      out->records.push_back(
          {static_cast<uint32_t>(begin), static_cast<uint32_t>(out->bytes.size() - begin)});
    }
    return {};
  }

 private:
  template <typename T>
  void PutFixed(T value, std::string* out) const {
    if (swap_) value = SwapBytes(value);
    out->append(reinterpret_cast<const char*>(&value), sizeof(T));
  }

  void Put(const Column& column, int32_t row, std::string* out) const {
    switch (column.type) {
      case PhysicalType::kBool:
      case PhysicalType::kInt8: return PutFixed(column.data<uint8_t>()[row], out);
      case PhysicalType::kInt16: return PutFixed(column.data<int16_t>()[row], out);
      case PhysicalType::kInt32: return PutFixed(column.data<int32_t>()[row], out);
      case PhysicalType::kInt64: return PutFixed(column.data<int64_t>()[row], out);
      case PhysicalType::kFloat32: return PutFixed(column.data<float>()[row], out);
      case PhysicalType::kFloat64: return PutFixed(column.data<double>()[row], out);
      default: break;
    }
    const std::string_view text = column.data<StringView>()[row].view();
    if (!IsCharacter(type_.root()) || charset_ == Charset::kUtf8) {
      out->append(text);
      return;
    }
    for (size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if (byte < 0x80) {
        *out += text[i];
        continue;
      }
      const bool latin = charset_ == Charset::kLatin1 && (byte & 0xfc) == 0xc0;
      *out += latin ? static_cast<char>(byte << 6 | (text[i + 1] & 0x3f)) : '?';
      while (i + 1 < text.size() && (text[i + 1] & 0xc0) == 0x80) ++i;
    }
  }

  Charset charset_;
  bool swap_;
  DataType type_;
};

bool NeedsSwap(const Options& options) {
  return (TextOption(options, "endianness") == "little-endian") !=
         (std::endian::native == std::endian::little);
}

Result<std::unique_ptr<Decoder>> MakeDecoder(const Options& options) {
  Charset charset = Charset::kUtf8;
  FindCharset(TextOption(options, "charset"), &charset);
  return std::unique_ptr<Decoder>(std::make_unique<RawDecoder>(charset, NeedsSwap(options)));
}

Result<std::unique_ptr<Encoder>> MakeEncoder(const Options& options) {
  Charset charset = Charset::kUtf8;
  FindCharset(TextOption(options, "charset"), &charset);
  return std::unique_ptr<Encoder>(std::make_unique<RawEncoder>(charset, NeedsSwap(options)));
}

}  // namespace

const FormatDef kRawFormat = {.name = "raw",
                              .doc = "The bytes of a record are the value of the only column.",
                              .options = kOptions,
                              .produces = ChangelogMode::InsertOnly(),
                              .accepts = ChangelogMode::InsertOnly(),
                              .check = Check,
                              .framing = nullptr,
                              .make_decoder = MakeDecoder,
                              .make_encoder = MakeEncoder};

}  // namespace rhei
