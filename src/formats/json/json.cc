// json: the definition of the format.
#include "formats/json/json.h"

#include "formats/builtin.h"
#include "formats/options.h"

namespace rhei {
namespace {

constexpr OptionDef kOptions[] = {
    {.key = "fail-on-missing-field",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "A record without a needed field is bad; else the field is NULL."},
    {.key = "ignore-parse-errors",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "A field that does not fit is NULL and a record that is not JSON is skipped."},
    {.key = "timestamp-format.standard",
     .type = OptionType::kEnum,
     .default_value = "SQL",
     .choices = "SQL|ISO-8601",
     .doc = "'2020-12-30 12:13:14.123' or '2020-12-30T12:13:14.123'; TIMESTAMP_LTZ with a Z."},
    {.key = "map-null-key.mode",
     .type = OptionType::kEnum,
     .default_value = "FAIL",
     .choices = "FAIL|DROP|LITERAL",
     .doc = "What becomes of an entry whose key is NULL when a map is written."},
    {.key = "map-null-key.literal",
     .type = OptionType::kString,
     .default_value = "null",
     .doc = "The key written for NULL when map-null-key.mode is LITERAL."},
    {.key = "encode.decimal-as-plain-number",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "Write 0.00000027 instead of 2.7E-7."},
    {.key = "encode.ignore-null-fields",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "Leave out fields that are NULL."},
    {.key = "decode.json-parser.enabled",
     .type = OptionType::kBool,
     .default_value = "true",
     .doc = "Accepted as in Flink; there is one parser here."},
};

JsonReadOptions ReadOptions(const Options& options) {
  JsonReadOptions out;
  out.fail_on_missing_field = BoolOption(options, "fail-on-missing-field");
  out.ignore_parse_errors = BoolOption(options, "ignore-parse-errors");
  const bool iso = TextOption(options, "timestamp-format.standard") == "ISO-8601";
  out.timestamps = iso ? TimestampStyle::kIso : TimestampStyle::kSql;
  return out;
}

JsonWriteOptions WriteOptions(const Options& options) {
  JsonWriteOptions out;
  const bool iso = TextOption(options, "timestamp-format.standard") == "ISO-8601";
  out.timestamps = iso ? TimestampStyle::kIso : TimestampStyle::kSql;
  const std::string& mode = TextOption(options, "map-null-key.mode");
  out.null_key = mode == "DROP"      ? JsonWriteOptions::NullKey::kDrop
                 : mode == "LITERAL" ? JsonWriteOptions::NullKey::kLiteral
                                     : JsonWriteOptions::NullKey::kFail;
  out.null_key_literal = TextOption(options, "map-null-key.literal");
  out.plain_decimals = BoolOption(options, "encode.decimal-as-plain-number");
  out.ignore_null_fields = BoolOption(options, "encode.ignore-null-fields");
  return out;
}

Status Check(const Options& options, const Schema& columns) {
  if (BoolOption(options, "fail-on-missing-field") && BoolOption(options, "ignore-parse-errors")) {
    return InvalidArgument("fail-on-missing-field and ignore-parse-errors shouldn't both be true.");
  }
  for (const Field& field : columns.fields) {
    RETURN_IF_ERROR(JsonRowReader::CheckType(field.type, field.name));
  }
  return {};
}

Result<std::unique_ptr<Decoder>> MakeDecoder(const Options& options) {
  return MakeJsonDecoder(ReadOptions(options));
}

Result<std::unique_ptr<Encoder>> MakeEncoder(const Options& options) {
  return MakeJsonEncoder(WriteOptions(options));
}

}  // namespace

const FormatDef kJsonFormat = {.name = "json",
                               .doc = "One JSON object a record, or an array of them.",
                               .options = kOptions,
                               .produces = ChangelogMode::InsertOnly(),
                               .accepts = ChangelogMode::InsertOnly(),
                               .check = Check,
                               .framing = nullptr,
                               .make_decoder = MakeDecoder,
                               .make_encoder = MakeEncoder};

}  // namespace rhei
