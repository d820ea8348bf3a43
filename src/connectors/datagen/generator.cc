#include "connectors/datagen/generator.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/nearest_name.h"

namespace rhei {
namespace {

struct Bounds {
  int64_t min = 0;
  int64_t max = 0;
};

Bounds IntegerBounds(TypeRoot root) {
  switch (root) {
    case TypeRoot::kTinyInt: return {INT8_MIN, INT8_MAX};
    case TypeRoot::kSmallInt: return {INT16_MIN, INT16_MAX};
    case TypeRoot::kInt: return {INT32_MIN, INT32_MAX};
    case TypeRoot::kBigInt: return {INT64_MIN, INT64_MAX};
    case TypeRoot::kIntervalYearMonth: return {0, 120000};
    case TypeRoot::kIntervalDayTime: return {0, 315360000000};
    default: return {};
  }
}

// Reads the options of a column or of a part of its type ("r.x", "list.element"), and notes which
// ones it takes.
class ColumnOptions {
 public:
  ColumnOptions(const Options& options, std::string_view path, OptionKeys* taken)
      : options_(options), prefix_(fmt::format("fields.{}.", path)), taken_(taken) {}
  ColumnOptions Part(std::string_view name) const {
    return {options_, fmt::format("{}{}", std::string_view(prefix_).substr(7), name), taken_};
  }

  std::string KeyOf(std::string_view key) const { return fmt::format("{}{}", prefix_, key); }
  // Null when it is not set.
  const std::string* Find(std::string_view key) const {
    return Look(*taken_->insert(KeyOf(key)).first);
  }
  // Without taking it.
  bool Has(std::string_view key) const { return Look(KeyOf(key)) != nullptr; }
  Result<int64_t> Int(std::string_view key, int64_t fallback) const {
    const std::string* text = Find(key);
    if (text == nullptr) return fallback;
    Result<int64_t> value = ParseIntOption(*text);
    if (!value.ok())
      return value.status().WithContext("option '" + prefix_ + std::string(key) + "'");
    return value;
  }
  Result<double> Number(std::string_view key, double fallback) const {
    const std::string* text = Find(key);
    if (text == nullptr) return fallback;
    double value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size()) {
      return InvalidArgument(
          fmt::format("option '{}{}': '{}' is not a number", prefix_, key, *text));
    }
    return value;
  }

 private:
  const std::string* Look(const std::string& key) const {
    const auto found = options_.find(key);
    return found == options_.end() ? nullptr : &found->second;
  }

  const Options& options_;
  std::string prefix_;
  OptionKeys* taken_;
};

Status ReadSequence(const ColumnOptions& column, Generator* generator) {
  const TypeRoot root = generator->type.root();
  if (!IsNumeric(root) && !IsCharacter(root) && !IsBinaryString(root)) {
    return InvalidArgument(fmt::format("option '{}': a sequence has no values of type {}",
                                       column.KeyOf("kind"), generator->type.ToString()));
  }
  const std::string* start = column.Find("start");
  const std::string* end = column.Find("end");
  if (start == nullptr || end == nullptr) {
    return InvalidArgument(
        fmt::format("Could not find required property '{}' or '{}' for sequence generator.",
                    column.KeyOf("start"), column.KeyOf("end")));
  }
  ASSIGN_OR_RETURN(generator->start, column.Int("start", 0));
  ASSIGN_OR_RETURN(generator->end, column.Int("end", 0));
  return {};
}

Status ReadBounds(const ColumnOptions& column, Generator* generator) {
  const TypeRoot root = generator->type.root();
  if (IsInteger(root) || IsInterval(root)) {
    const Bounds bounds = IntegerBounds(root);
    ASSIGN_OR_RETURN(generator->int_min, column.Int("min", bounds.min));
    ASSIGN_OR_RETURN(generator->int_max, column.Int("max", bounds.max));
    if (generator->int_min <= generator->int_max) return {};
    return InvalidArgument(fmt::format("option '{}': min is above max", column.KeyOf("min")));
  }
  if (root == TypeRoot::kDecimal) {
    const double largest =
        std::pow(10.0, generator->type.precision() - generator->type.scale()) - 1;
    ASSIGN_OR_RETURN(generator->min, column.Number("min", -largest));
    ASSIGN_OR_RETURN(generator->max, column.Number("max", largest));
    return {};
  }
  const double largest = root == TypeRoot::kFloat ? 3.4028234663852886e38 : 1.7976931348623157e308;
  ASSIGN_OR_RETURN(generator->min, column.Number("min", 4.9e-324));
  ASSIGN_OR_RETURN(generator->max, column.Number("max", largest));
  return {};
}

// Of text and bytes.
Status ReadLength(const ColumnOptions& column, Generator* generator) {
  const DataType& type = generator->type;
  if (type.root() == TypeRoot::kChar || type.root() == TypeRoot::kBinary) {
    generator->length = type.length();
    if (!column.Has("length")) return {};
    return InvalidArgument(fmt::format("option '{}': the length of a column of type {} is fixed",
                                       column.KeyOf("length"), type.ToString()));
  }
  const bool bounded = type.length() != DataType::kMaxLength;
  ASSIGN_OR_RETURN(generator->length, column.Int("length", bounded ? type.length() : 100));
  if (bounded && generator->length > type.length()) {
    return InvalidArgument(fmt::format("option '{}' is more than the {} of {}",
                                       column.KeyOf("length"), type.length(), type.ToString()));
  }
  if (const std::string* variable = column.Find("var-len"); variable != nullptr) {
    ASSIGN_OR_RETURN(generator->variable_length, ParseBoolOption(*variable));
  }
  return {};
}

Result<Generator> MakeRandom(const ColumnOptions& column, const DataType& type);

Status ReadParts(const ColumnOptions& column, Generator* generator) {
  const DataType& type = generator->type;
  for (size_t i = 0; i < type.child_count(); ++i) {
    std::string_view name = "element";
    if (type.root() == TypeRoot::kRow) name = type.fields()[i].name;
    if (type.root() == TypeRoot::kMap) name = i == 0 ? "key" : "value";
    ASSIGN_OR_RETURN(Generator part, MakeRandom(column.Part(name), type.child(i)));
    generator->parts.push_back(std::move(part));
  }
  if (type.root() == TypeRoot::kRow) return {};
  ASSIGN_OR_RETURN(generator->length, column.Int("length", 3));
  return {};
}

// Takes the options that Flink's generator of the type takes.
Result<Generator> MakeRandom(const ColumnOptions& column, const DataType& type) {
  Generator generator;
  generator.type = type;
  const TypeRoot root = type.root();
  if (root != TypeRoot::kVarchar && root != TypeRoot::kVarbinary && column.Has("var-len")) {
    return InvalidArgument(fmt::format("option '{}' is for VARCHAR and VARBINARY only, not for {}",
                                       column.KeyOf("var-len"), type.ToString()));
  }
  bool takes_null_rate = true;
  if (IsNumeric(root) || IsInterval(root)) {
    RETURN_IF_ERROR(ReadBounds(column, &generator));
  } else if (IsCharacter(root) || IsBinaryString(root)) {
    RETURN_IF_ERROR(ReadLength(column, &generator));
    takes_null_rate = IsCharacter(root);
  } else if (root == TypeRoot::kTimestamp || root == TypeRoot::kTimestampLtz) {
    if (const std::string* past = column.Find("max-past"); past != nullptr) {
      ASSIGN_OR_RETURN(generator.max_past_ms, ParseDurationMillis(*past));
    }
  } else if (type.child_count() > 0) {
    RETURN_IF_ERROR(ReadParts(column, &generator));
  } else {
    takes_null_rate = root == TypeRoot::kBoolean;
  }
  if (!takes_null_rate) return generator;
  ASSIGN_OR_RETURN(generator.null_rate, column.Number("null-rate", 0));
  return generator;
}

}  // namespace

Result<Generator> MakeGenerator(const Options& options, const Field& field, OptionKeys* taken) {
  const ColumnOptions column(options, field.name, taken);
  const std::string* kind = column.Find("kind");
  if (kind == nullptr || *kind != "sequence") return MakeRandom(column, field.type);
  Generator generator;
  generator.type = field.type;
  generator.sequence = true;
  RETURN_IF_ERROR(ReadSequence(column, &generator));
  return generator;
}

Status RefuseOtherColumnOptions(const Options& options, const OptionKeys& taken) {
  std::vector<std::string_view> unknown;
  for (const auto& [key, value] : options) {
    if (key.starts_with("fields.") && !taken.contains(key)) unknown.push_back(key);
  }
  if (unknown.empty()) return {};
  const std::vector<std::string_view> known(taken.begin(), taken.end());
  std::string hint = DidYouMean(unknown[0], known);
  const std::string_view column = unknown[0].substr(0, unknown[0].rfind('.'));
  const bool of_sequence = unknown[0].ends_with(".start") || unknown[0].ends_with(".end");
  if (std::string kind = fmt::format("{}.kind", column); of_sequence && taken.contains(kind)) {
    hint = fmt::format(" '{}' needs '{}' = 'sequence'.", unknown[0], kind);
  }
  return InvalidArgument(fmt::format(
      "Unsupported options found for 'datagen'.{}\n\nUnsupported options:\n\n{}\n\nSupported for "
      "these columns:\n\n{}",
      hint, fmt::join(unknown, "\n"), fmt::join(known, "\n")));
}

}  // namespace rhei
