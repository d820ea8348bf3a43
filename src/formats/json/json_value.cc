#include "formats/json/json_value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/check.h"
#include "formats/json/json_fields.h"
#include "formats/json/json_trace.h"
#include "types/decimal.h"
#include "types/number_text.h"
#include "types/temporal_text.h"

namespace rhei {

namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// A plain number of at most 18 digits, of which `scale` at most behind the point, as unscaled
// value.
bool ParseShortDecimal(std::string_view text, int scale, int64_t* unscaled) {
  if (text.size() > 19) return false;
  size_t i = !text.empty() && text[0] == '-' ? 1 : 0;
  const bool negative = i == 1;
  int64_t value = 0;
  int fraction = -1;  // digits behind the point
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && fraction < 0) {
      fraction = 0;
    } else if (IsDigit(text[i])) {
      value = value * 10 + (text[i] - '0');
      if (fraction >= 0) ++fraction;
    } else {
      return false;
    }
  }
  const int zeros = scale - std::max(fraction, 0);
  if (zeros < 0 || zeros + static_cast<int>(text.size()) > 18) return false;
  for (int z = 0; z < zeros; ++z) value *= 10;
  *unscaled = negative ? -value : value;
  return true;
}

template <typename T>
T ParseJsonFloating(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc()) return value;
  // Out of range: the reader of Java's forms knows infinity from zero.
  if constexpr (std::is_same_v<T, float>) {
    (void)ParseFloat(text, &value);
  } else {
    (void)ParseDouble(text, &value);
  }
  return value;
}

}  // namespace

namespace {

// The values that an integer-like type can have, none for the others.
std::optional<std::pair<int64_t, int64_t>> RangeOf(TypeRoot root) {
  switch (root) {
    case TypeRoot::kTinyInt: return std::pair<int64_t, int64_t>(INT8_MIN, INT8_MAX);
    case TypeRoot::kSmallInt: return std::pair<int64_t, int64_t>(INT16_MIN, INT16_MAX);
    case TypeRoot::kInt:
    case TypeRoot::kIntervalYearMonth: return std::pair<int64_t, int64_t>(INT32_MIN, INT32_MAX);
    case TypeRoot::kBigInt:
    case TypeRoot::kIntervalDayTime: return std::pair<int64_t, int64_t>(INT64_MIN, INT64_MAX);
    default: return std::nullopt;
  }
}

}  // namespace

JsonRowReader::Field::Field(std::string_view field_name, ColumnBuilder* target,
                            const DataType* whole, const std::vector<bool>* fields)
    : name(field_name),
      type(target->data_type()),
      root(type.root()),
      physical(PhysicalTypeOf(type)),
      builder(target) {
  if (const auto range = RangeOf(root); range) {
    plain_integer = true;
    range_min = range->first;
    range_max = range->second;
  }
  if (physical == PhysicalType::kRow) {
    row = std::make_unique<RowShape>();
    if (whole == nullptr) whole = &type;
    size_t made = 0;
    for (size_t i = 0; i < whole->child_count(); ++i) {
      if (fields == nullptr || (*fields)[i]) {
        row->Add(whole->fields()[i].name, &builder->child(made++));
      } else {
        row->AddLeftOut(whole->fields()[i].name, whole->child(i));
      }
    }
    row->Index();
  } else if (physical == PhysicalType::kArray || physical == PhysicalType::kMap) {
    const size_t count = physical == PhysicalType::kMap ? 2 : 1;
    for (size_t i = 0; i < count; ++i) {
      children.push_back(std::make_unique<Field>("", &builder->child(i)));
    }
    if (root == TypeRoot::kMultiset) children[1]->null_is_zero = true;
  }
}

Status JsonRowReader::CheckType(const DataType& type, std::string_view field) {
  switch (type.root()) {
    case TypeRoot::kMap:
    case TypeRoot::kMultiset:
      if (!IsCharacter(type.child(0).root())) {
        return InvalidArgument(fmt::format(
            "JSON format doesn't support non-string as key type of map. The type is: {}",
            type.ToString()));
      }
      break;
    case TypeRoot::kRaw:
    case TypeRoot::kVariant:
    case TypeRoot::kBitmap:
    case TypeRoot::kSymbol:
      return Unsupported(
          fmt::format("column {}: {} in JSON is not supported yet", field, type.ToString()));
    default: break;
  }
  for (size_t i = 0; i < type.child_count(); ++i) RETURN_IF_ERROR(CheckType(type.child(i), field));
  return {};
}

JsonRowReader::JsonRowReader(const JsonReadOptions& options, std::span<const std::string> names,
                             std::span<ColumnBuilder> builders)
    : options_(options),
      root_(std::make_unique<RowShape>()),
      traces_(std::make_unique<JsonTraces>()),
      timestamps_(options.timestamps) {
  CHECK(names.size() == builders.size());
  for (size_t i = 0; i < names.size(); ++i) root_->Add(names[i], &builders[i]);
  root_->Index();
}

JsonRowReader::JsonRowReader(const JsonReadOptions& options, const ScanSpec& spec,
                             std::span<ColumnBuilder> builders)
    : options_(options),
      root_(std::make_unique<RowShape>()),
      traces_(std::make_unique<JsonTraces>()),
      timestamps_(options.timestamps) {
  CHECK(spec.columns.size() == builders.size());
  for (size_t i = 0; i < builders.size(); ++i) {
    const ScanColumn& column = spec.columns[i];
    root_->fields.push_back(std::make_unique<Field>(
        spec.table.name(static_cast<size_t>(column.table_column)), &builders[i], &column.type,
        column.fields.empty() ? nullptr : &column.fields));
    ++root_->wanted_count;
  }
  root_->Index();
}

DataType JsonRowReader::BuiltType(const ScanColumn& column) {
  if (column.fields.empty()) return column.type;
  std::vector<rhei::Field> kept;
  for (size_t i = 0; i < column.fields.size(); ++i) {
    if (column.fields[i]) kept.push_back(column.type.fields()[i]);
  }
  return DataType::Row(std::move(kept), column.type.nullable());
}

void JsonRowReader::AddLeftOut(const ScanColumn& scan, Column* column) {
  if (scan.fields.empty()) return;
  std::vector<Column> whole;
  size_t made = 0;
  for (size_t i = 0; i < scan.fields.size(); ++i) {
    whole.push_back(scan.fields[i] ? std::move(column->children[made++])
                                   : MakeNulls(scan.type.child(i), column->row_count));
  }
  column->children = std::move(whole);
}

JsonRowReader::~JsonRowReader() = default;

JsonOutcome JsonRowReader::ReadObject(JsonReader* reader, int32_t row) {
  reader_ = reader;
  if (traces_->ReadRow(this, row)) return JsonOutcome::kOk;
  const char* start = reader->position();
  const JsonOutcome outcome = ReadRow(root_.get(), row);
  if (outcome == JsonOutcome::kOk) traces_->Learn(*root_, reader->TextSince(start));
  return outcome;
}

// The field of the key that is next and of its colon; -1 when nobody wants it, -2 when malformed.
int JsonRowReader::TakeKey(RowShape* shape, size_t position) {
  if (reader_->Peek() != '"') {
    reader_->Unexpected("was expecting double-quote to start field name");
    return -2;
  }
  const char* start = reader_->position();
  if (position < shape->keys.size()) {
    const RowShape::Key& key = shape->keys[position];
    if (key.Matches(start, reader_->left())) {
      reader_->MoveTo(start + key.size);
      return key.field;
    }
  }
  JsonString name;
  if (!reader_->TakeString(&name)) return -2;
  const size_t quoted_size = reader_->TextSince(start).size();
  if (!reader_->Take(':', "was expecting a colon to separate field name and value")) return -2;
  const std::string_view quoted = reader_->TextSince(start);
  const auto found = shape->index.find(PlainText(name));
  const int field = found == shape->index.end() ? -1 : found->second;
  // Remembered only when the colon follows at once, so that one comparison takes both.
  if (position < RowShape::kKeysMax && quoted.size() == quoted_size + 1) {
    if (shape->keys.size() <= position) shape->keys.resize(position + 1);
    shape->keys[position].Set(quoted, field);
  }
  return field;
}

// `row`: how many rows the builders of the fields had before.
JsonOutcome JsonRowReader::ReadRow(RowShape* shape, int32_t row) {
  if (!reader_->TakeIf('{')) return JsonOutcome::kBad;
  size_t found = 0;
  size_t wanted_found = 0;
  bool repeated = false;
  if (!reader_->TakeIf('}')) {
    for (size_t position = 0;; ++position) {
      const int index = TakeKey(shape, position);
      if (index == -2) return JsonOutcome::kMalformed;
      // As Flink: once as many fields are read as the row has, the rest is not looked at, not even
      // a second value of a field.
      if (index < 0 || found >= shape->fields.size()) {
        if (!reader_->SkipValue()) return JsonOutcome::kMalformed;
      } else {
        ++found;
        Field* field = shape->fields[static_cast<size_t>(index)].get();
        if (field->left_out) {
          const JsonOutcome outcome = CheckField(field);
          if (outcome == JsonOutcome::kBad) failed_field_ = field->name;
          if (outcome != JsonOutcome::kOk) return outcome;
          if (reader_->TakeIf(',')) continue;
          if (reader_->Take('}', "was expecting comma to separate Object entries")) break;
          return JsonOutcome::kMalformed;
        }
        ++wanted_found;
        if (field->builder->row_count() > row) {
          field->builder->Truncate(row);
          repeated = true;
        }
        const JsonOutcome outcome = ReadField(field, row);
        if (outcome == JsonOutcome::kBad) failed_field_ = field->name;
        if (outcome != JsonOutcome::kOk) return outcome;
      }
      if (reader_->TakeIf(',')) continue;
      if (reader_->Take('}', "was expecting comma to separate Object entries")) break;
      return JsonOutcome::kMalformed;
    }
  }
  if (wanted_found == shape->wanted_count && found == shape->fields.size() && !repeated) {
    return JsonOutcome::kOk;
  }
  // Fewer values than fields: one of them is missing, wanted or not.
  if (options_.fail_on_missing_field && found < shape->fields.size()) {
    failed_field_.clear();
    return JsonOutcome::kBad;
  }
  for (const std::unique_ptr<Field>& field : shape->fields) {
    if (field->left_out || field->builder->row_count() > row) continue;
    field->builder->AppendNull();
  }
  return JsonOutcome::kOk;
}

// A value that nobody reads but that could make the record a bad one.
JsonOutcome JsonRowReader::CheckField(Field* field) {
  const char first = reader_->Peek();
  JsonString string;
  int64_t small;
  if (first == '"' && IsCharacter(field->root)) {
    return reader_->TakeString(&string) ? JsonOutcome::kOk : JsonOutcome::kMalformed;
  }
  if (field->plain_integer && reader_->TakeSmallInteger(&small)) {
    const bool fits = small >= field->range_min && small <= field->range_max;
    return fits || options_.ignore_parse_errors ? JsonOutcome::kOk : JsonOutcome::kBad;
  }
  const JsonOutcome outcome = ReadField(field, 0);
  field->builder->Truncate(0);
  return outcome;
}

// Appends one value to the field's builder, which had `row` of them.
JsonOutcome JsonRowReader::ReadField(Field* field, int32_t row) {
  const char first = reader_->Peek();
  const char* start = reader_->position();
  if (first == 'n') {
    std::string_view word;
    if (!reader_->TakeNull() && !reader_->TakeWord(&word)) return JsonOutcome::kMalformed;
    if (field->null_is_zero) {
      field->builder->Append<int32_t>(0);
    } else {
      field->builder->AppendNull();
    }
    return JsonOutcome::kOk;
  }
  const JsonOutcome outcome = ReadValue(field, first);
  if (outcome != JsonOutcome::kBad || !options_.ignore_parse_errors) return outcome;
  field->builder->Truncate(row);
  reader_->MoveTo(start);
  if (!reader_->SkipValue()) return JsonOutcome::kMalformed;
  field->builder->AppendNull();
  return JsonOutcome::kOk;
}

JsonOutcome JsonRowReader::ReadValue(Field* field, char first) {
  switch (field->physical) {
    case PhysicalType::kArray: return ReadArray(field, first);
    case PhysicalType::kMap: return ReadMap(field, first);
    case PhysicalType::kRow: return ReadNested(field, first);
    default: break;
  }
  if (IsCharacter(field->root)) return ReadString(field, first);
  int64_t small;
  if (field->plain_integer && reader_->TakeSmallInteger(&small)) {
    if (small < field->range_min || small > field->range_max) return JsonOutcome::kBad;
    field->AppendInteger(small);
    return JsonOutcome::kOk;
  }
  if (first == '-' || IsDigit(first)) return ReadNumber(field);
  if (first == '"') {
    JsonString string;
    if (!reader_->TakeString(&string)) return JsonOutcome::kMalformed;
    return ReadText(field, PlainText(string));
  }
  std::string_view word;
  if (first == '{' || first == '[') {
    if (!reader_->SkipValue()) return JsonOutcome::kMalformed;
  } else if (!reader_->TakeWord(&word)) {
    return JsonOutcome::kMalformed;
  }
  if (field->root != TypeRoot::kBoolean) return JsonOutcome::kBad;
  field->builder->Append<uint8_t>(word == "true" ? 1 : 0);  // All else is FALSE.
  return JsonOutcome::kOk;
}

std::string_view JsonRowReader::PlainText(const JsonString& string) {
  if (!string.escaped) return string.text;
  plain_.clear();
  UnescapeJson(string.text, &plain_);
  return plain_;
}

// STRING takes every value: numbers and words as they stand, containers as compact JSON.
JsonOutcome JsonRowReader::ReadString(Field* field, char first) {
  if (first == '"') {
    JsonString string;
    if (!reader_->TakeString(&string)) return JsonOutcome::kMalformed;
    if (string.escaped || !share_strings_) {
      field->builder->AppendString(PlainText(string));
    } else {
      shared_bytes_ += string.text.size();
      field->builder->AppendShared(StringView(string.text));
    }
    return JsonOutcome::kOk;
  }
  const char* start = reader_->position();
  if (first != '{' && first != '[') {
    if (!reader_->SkipValue()) return JsonOutcome::kMalformed;
    field->builder->AppendString(reader_->TextSince(start));
    return JsonOutcome::kOk;
  }
  bytes_.clear();
  if (!AppendCompactJson(reader_, &bytes_)) return JsonOutcome::kMalformed;
  field->builder->AppendString(bytes_);
  return JsonOutcome::kOk;
}

// The range of an integer type as Flink checks it.
JsonOutcome JsonRowReader::ReadInteger(Field* field, std::string_view text, bool is_float,
                                       int64_t min, int64_t max, int64_t* value) {
  if (!is_float) {
    return ParseIntegerCell(text, min, max, value) ? JsonOutcome::kOk : JsonOutcome::kBad;
  }
  // TINYINT and SMALLINT are read from the text, so 1.0 is none; INT and BIGINT cut the fraction.
  if (field->physical == PhysicalType::kInt8 || field->physical == PhysicalType::kInt16) {
    return JsonOutcome::kBad;
  }
  const auto number = ParseJsonFloating<double>(text);
  if (!(number >= static_cast<double>(min) && number <= static_cast<double>(max))) {
    return JsonOutcome::kBad;
  }
  *value = number >= 9223372036854775807.0 ? INT64_MAX : static_cast<int64_t>(number);
  return JsonOutcome::kOk;
}

JsonOutcome JsonRowReader::ReadNumber(Field* field) {
  std::string_view text;
  bool is_float;
  if (!reader_->TakeNumber(&text, &is_float)) return JsonOutcome::kMalformed;
  switch (field->root) {
    case TypeRoot::kBoolean: field->builder->Append<uint8_t>(0); return JsonOutcome::kOk;
    case TypeRoot::kFloat:
      field->builder->Append(ParseJsonFloating<float>(text));
      return JsonOutcome::kOk;
    case TypeRoot::kDouble:
      field->builder->Append(ParseJsonFloating<double>(text));
      return JsonOutcome::kOk;
    case TypeRoot::kDecimal: return ReadDecimal(field, text);
    default: break;
  }
  const auto range = RangeOf(field->root);
  if (!range) return JsonOutcome::kBad;
  int64_t value;
  const JsonOutcome outcome =
      ReadInteger(field, text, is_float, range->first, range->second, &value);
  if (outcome == JsonOutcome::kOk) field->AppendInteger(value);
  return outcome;
}

// What does not fit into the precision is NULL, as everywhere for decimals.
JsonOutcome JsonRowReader::ReadDecimal(Field* field, std::string_view text) {
  const DecimalShape shape{field->type.precision(), field->type.scale()};
  int64_t unscaled;
  Int128 value;
  if (ParseShortDecimal(text, shape.scale, &unscaled)) {
    value = unscaled;
    if (!FitsPrecision(value, shape.precision)) {
      field->builder->AppendNull();
      return JsonOutcome::kOk;
    }
  } else {
    const DecimalParse parse = ParseDecimal(text, shape, &value);
    if (parse == DecimalParse::kInvalid) return JsonOutcome::kBad;
    if (parse == DecimalParse::kOverflow) {
      field->builder->AppendNull();
      return JsonOutcome::kOk;
    }
  }
  if (field->physical == PhysicalType::kInt128) {
    field->builder->Append(value);
  } else {
    field->builder->Append(static_cast<int64_t>(value));
  }
  return JsonOutcome::kOk;
}

// A JSON string for a column that is not one.
JsonOutcome JsonRowReader::ReadText(Field* field, std::string_view text) {
  int32_t number;
  switch (field->root) {
    case TypeRoot::kBoolean:
      field->builder->Append<uint8_t>(BooleanOfCell(TrimCell(text)) ? 1 : 0);
      return JsonOutcome::kOk;
    case TypeRoot::kFloat: {
      float value;
      if (ParseFloat(TrimCell(text), &value) != NumberParse::kOk) return JsonOutcome::kBad;
      field->builder->Append(value);
      return JsonOutcome::kOk;
    }
    case TypeRoot::kDouble: {
      double value;
      if (ParseDouble(TrimCell(text), &value) != NumberParse::kOk) return JsonOutcome::kBad;
      field->builder->Append(value);
      return JsonOutcome::kOk;
    }
    case TypeRoot::kDecimal: return ReadDecimal(field, TrimCell(text));
    case TypeRoot::kDate:
      if (!ParseIsoDate(text, &number)) return JsonOutcome::kBad;
      field->builder->Append(number);
      return JsonOutcome::kOk;
    case TypeRoot::kTime:
      if (!ParseSqlTimeCell(text, &number)) return JsonOutcome::kBad;
      field->builder->Append(number);
      return JsonOutcome::kOk;
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz: {
      Timestamp9 time;
      const bool zulu = field->root == TypeRoot::kTimestampLtz;
      if (!timestamps_.Parse(text, zulu, &time)) return JsonOutcome::kBad;
      time = TruncateTimestamp(time, field->type.precision());
      if (field->physical == PhysicalType::kTimestamp9) {
        field->builder->Append(time);
      } else {
        field->builder->Append(time.micros);
      }
      return JsonOutcome::kOk;
    }
    case TypeRoot::kBinary:
    case TypeRoot::kVarbinary:
      bytes_.clear();
      if (!ReadBase64(text, &bytes_)) return JsonOutcome::kBad;
      field->builder->AppendString(bytes_);
      return JsonOutcome::kOk;
    default: break;
  }
  const auto range = RangeOf(field->root);
  int64_t value;
  if (!range || !ParseIntegerCell(TrimCell(text), range->first, range->second, &value)) {
    return JsonOutcome::kBad;
  }
  field->AppendInteger(value);
  return JsonOutcome::kOk;
}

JsonOutcome JsonRowReader::ReadArray(Field* field, char first) {
  if (first != '[') return reader_->SkipValue() ? JsonOutcome::kBad : JsonOutcome::kMalformed;
  reader_->TakeIf('[');
  Field* element = field->children[0].get();
  if (!reader_->TakeIf(']')) {
    for (;;) {
      const JsonOutcome outcome = ReadField(element, element->builder->row_count());
      if (outcome != JsonOutcome::kOk) return outcome;
      if (reader_->TakeIf(',')) continue;
      if (reader_->Take(']', "was expecting comma to separate Array entries")) break;
      return JsonOutcome::kMalformed;
    }
  }
  field->builder->CloseNested();
  return JsonOutcome::kOk;
}

// Equal keys: the last one counts. Found after the fact and rare, so the map is read again then,
// without the values that were replaced.
JsonOutcome JsonRowReader::ReadMap(Field* field, char first) {
  if (first != '{') return reader_->SkipValue() ? JsonOutcome::kBad : JsonOutcome::kMalformed;
  ColumnBuilder* keys = field->children[0]->builder;
  Field* values = field->children[1].get();
  const char* start = reader_->position();
  const int32_t begin = keys->row_count();
  std::unordered_map<std::string, size_t> last;  // by key: the position of its last value
  bool repeated = false;
  for (int pass = 0; pass < 2; ++pass) {
    reader_->TakeIf('{');
    size_t position = 0;
    for (bool more = !reader_->TakeIf('}'); more; ++position) {
      JsonString name;
      if (reader_->Peek() != '"') {
        reader_->Unexpected("was expecting double-quote to start field name");
        return JsonOutcome::kMalformed;
      }
      if (!reader_->TakeString(&name) ||
          !reader_->Take(':', "was expecting a colon to separate field name and value")) {
        return JsonOutcome::kMalformed;
      }
      const std::string key(PlainText(name));
      if (pass == 0) {
        repeated |= !last.emplace(key, position).second;
        last[key] = position;
      }
      if (pass == 1 && last[key] != position) {
        if (!reader_->SkipValue()) return JsonOutcome::kMalformed;
      } else {
        keys->AppendString(key);
        const JsonOutcome outcome = ReadField(values, values->builder->row_count());
        if (outcome != JsonOutcome::kOk) return outcome;
      }
      if (reader_->TakeIf(',')) continue;
      if (!reader_->Take('}', "was expecting comma to separate Object entries")) {
        return JsonOutcome::kMalformed;
      }
      more = false;
    }
    if (!repeated) break;
    if (pass == 1) break;
    keys->Truncate(begin);
    values->builder->Truncate(begin);
    reader_->MoveTo(start);
  }
  field->builder->CloseNested();
  return JsonOutcome::kOk;
}

JsonOutcome JsonRowReader::ReadNested(Field* field, char first) {
  if (first != '{') return reader_->SkipValue() ? JsonOutcome::kBad : JsonOutcome::kMalformed;
  const JsonOutcome outcome = ReadRow(field->row.get(), field->builder->row_count());
  if (outcome == JsonOutcome::kOk) field->builder->CloseNested();
  return outcome;
}

}  // namespace rhei
