#include "conformance/typed_json.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "types/decimal.h"
#include "types/java_text.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    hex += kHexDigits[static_cast<unsigned char>(c) >> 4];
    hex += kHexDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(kHexDigits.find(hex[i]) * 16 + kHexDigits.find(hex[i + 1]));
  }
  return bytes;
}

// Java's class of a value that JSON has no type for; "" where JSON has one.
std::string_view JavaClass(TypeRoot root) {
  switch (root) {
    case TypeRoot::kTinyInt: return "Byte";
    case TypeRoot::kSmallInt: return "Short";
    case TypeRoot::kBigInt: return "Long";
    case TypeRoot::kFloat: return "Float";
    case TypeRoot::kDouble: return "Double";
    case TypeRoot::kDecimal: return "BigDecimal";
    case TypeRoot::kDate: return "LocalDate";
    case TypeRoot::kTime: return "LocalTime";
    case TypeRoot::kTimestamp: return "LocalDateTime";
    case TypeRoot::kTimestampLtz: return "Instant";
    case TypeRoot::kIntervalYearMonth: return "Period";
    case TypeRoot::kIntervalDayTime: return "Duration";
    case TypeRoot::kVariant: return "BinaryVariant";
    case TypeRoot::kBitmap: return "RoaringBitmapData";
    default: return "";
  }
}

nlohmann::json Tagged(std::string_view java_class, nlohmann::json value) {
  return {{"t", std::string(java_class)}, {"v", std::move(value)}};
}

nlohmann::json MapJson(const Value::List& entries, const DataType& key, const DataType& value) {
  nlohmann::json pairs = nlohmann::json::array();
  for (size_t i = 0; i + 1 < entries.size(); i += 2) {
    nlohmann::json pair = nlohmann::json::array();
    pair.push_back(TypedJson(entries[i], key));
    pair.push_back(TypedJson(entries[i + 1], value));
    pairs.push_back(std::move(pair));
  }
  return Tagged("MAP", std::move(pairs));
}

Status NoValue(const nlohmann::json& json, const DataType& type) {
  return InvalidArgument(fmt::format("{} is no {}", json.dump(), type.ToString()));
}

Result<Value> TimestampOf(const std::string& text, const DataType& type) {
  Timestamp9 time;
  std::string plain = text;
  if (plain.ends_with('Z')) plain.pop_back();
  if (std::count(plain.begin(), plain.end(), ':') == 1) plain += ":00";  // As Java shortens it.
  std::replace(plain.begin(), plain.end(), 'T', ' ');
  if (!ParseTimestamp(plain, &time)) return NoValue(text, type);
  if (PhysicalTypeOf(type) == PhysicalType::kTimestamp9) return Value::Time9(time);
  return Value::Int(TruncateMicros(time.micros, type.precision()));
}

// "P3M", "P1Y2M", "PT6S", "PT2H3M", as Java prints them: numbers before unit letters.
Result<Value> IntervalOf(const std::string& text, const DataType& type) {
  double total = 0;
  for (const char* at = text.c_str(); *at != '\0';) {
    char* end = nullptr;
    const double number = std::strtod(at, &end);
    if (end == at) {
      ++at;  // P and T
      continue;
    }
    switch (*end) {
      case 'Y': total += number * 12; break;
      case 'M':
        total += type.root() == TypeRoot::kIntervalYearMonth ? number : number * 60'000;
        break;
      case 'H': total += number * 3'600'000; break;
      case 'S': total += number * 1000; break;
      default: break;  // P0D
    }
    at = *end == '\0' ? end : end + 1;
  }
  return Value::Int(static_cast<int64_t>(total));
}

Result<Value> NestedOf(const nlohmann::json& json, const DataType& type) {
  Value::List list;
  if (type.root() == TypeRoot::kRow) {
    const nlohmann::json& fields = json.at("f");
    if (fields.size() != type.child_count()) return NoValue(json, type);
    for (size_t i = 0; i < fields.size(); ++i) {
      ASSIGN_OR_RETURN(Value field, ValueOfTypedJson(fields[i], type.child(i)));
      list.push_back(std::move(field));
    }
    return Value::Nested(std::move(list));
  }
  for (const nlohmann::json& element : json.at("v")) {
    if (type.root() == TypeRoot::kArray) {
      ASSIGN_OR_RETURN(Value value, ValueOfTypedJson(element, type.child(0)));
      list.push_back(std::move(value));
      continue;
    }
    ASSIGN_OR_RETURN(Value key, ValueOfTypedJson(element.at(0), type.child(0)));
    ASSIGN_OR_RETURN(Value value, ValueOfTypedJson(element.at(1), type.root() == TypeRoot::kMap
                                                                      ? type.child(1)
                                                                      : DataType::Int(false)));
    list.push_back(std::move(key));
    list.push_back(std::move(value));
  }
  return Value::Nested(std::move(list));
}

Result<Value> ScalarOf(const nlohmann::json& json, const std::string& text, const DataType& type) {
  int32_t number = 0;
  switch (type.root()) {
    case TypeRoot::kBoolean:
      return json.is_boolean() ? Result<Value>(Value::Bool(json.get<bool>())) : NoValue(json, type);
    case TypeRoot::kTinyInt:
    case TypeRoot::kSmallInt:
    case TypeRoot::kInt:
    case TypeRoot::kBigInt: return Value::Int(std::strtoll(text.c_str(), nullptr, 10));
    case TypeRoot::kFloat:
      return Value::Double(static_cast<double>(std::strtof(text.c_str(), nullptr)));
    case TypeRoot::kDouble: return Value::Double(std::strtod(text.c_str(), nullptr));
    case TypeRoot::kDecimal: {
      Int128 value;
      const DecimalShape shape{type.precision(), type.scale()};
      if (ParseDecimal(text, shape, &value) != DecimalParse::kOk) return NoValue(json, type);
      if (PhysicalTypeOf(type) == PhysicalType::kInt128) return Value::Big(value);
      return Value::Int(static_cast<int64_t>(value));
    }
    case TypeRoot::kChar:
    case TypeRoot::kVarchar: return Value::Text(text);
    case TypeRoot::kBinary:
    case TypeRoot::kVarbinary: return Value::Text(FromHex(text));
    case TypeRoot::kDate:
      if (!ParseDate(text, &number)) return NoValue(json, type);
      return Value::Int(number);
    case TypeRoot::kTime:
      if (!ParseTime(std::count(text.begin(), text.end(), ':') == 1 ? text + ":00" : text,
                     &number)) {
        return NoValue(json, type);
      }
      return Value::Int(number);
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz: return TimestampOf(text, type);
    case TypeRoot::kIntervalYearMonth:
    case TypeRoot::kIntervalDayTime: return IntervalOf(text, type);
    default: return Unsupported(fmt::format("a test row of type {}", type.ToString()));
  }
}

}  // namespace

nlohmann::json TypedJson(const Value& value, const DataType& type) {
  if (value.is_null()) return nullptr;
  switch (type.root()) {
    case TypeRoot::kNull: return nullptr;
    case TypeRoot::kBoolean: return value.bool_value();
    case TypeRoot::kInt: return value.int_value();
    case TypeRoot::kChar:
    case TypeRoot::kVarchar:
    case TypeRoot::kSymbol: return value.text();
    case TypeRoot::kBinary:
    case TypeRoot::kVarbinary:
    case TypeRoot::kRaw: return Tagged("BYTES", Hex(value.text()));
    case TypeRoot::kArray: {
      nlohmann::json list = nlohmann::json::array();
      for (const Value& element : value.nested()) {
        list.push_back(TypedJson(element, type.child(0)));
      }
      return Tagged("ARRAY", std::move(list));
    }
    case TypeRoot::kMultiset: return MapJson(value.nested(), type.child(0), DataType::Int(false));
    case TypeRoot::kMap: return MapJson(value.nested(), type.child(0), type.child(1));
    case TypeRoot::kRow: {
      nlohmann::json fields = nlohmann::json::array();
      for (size_t i = 0; i < type.child_count(); ++i) {
        fields.push_back(TypedJson(value.nested()[i], type.child(i)));
      }
      return {{"k", "+I"}, {"f", std::move(fields)}};
    }
    default: break;
  }
  std::string text;
  AppendJavaText(value, type, &text);
  return Tagged(JavaClass(type.root()), std::move(text));
}

Result<Value> ValueOfTypedJson(const nlohmann::json& json, const DataType& type) {
  if (json.is_null()) return Value::Null();
  const TypeRoot root = type.root();
  if (root == TypeRoot::kArray || root == TypeRoot::kMap || root == TypeRoot::kMultiset ||
      root == TypeRoot::kRow) {
    return NestedOf(json, type);
  }
  const nlohmann::json& plain = json.is_object() && json.contains("v") ? json.at("v") : json;
  return ScalarOf(plain, plain.is_string() ? plain.get<std::string>() : plain.dump(), type);
}

nlohmann::json WithSortedMaps(nlohmann::json json) {
  if (!json.is_structured()) return json;
  for (nlohmann::json& element : json) element = WithSortedMaps(std::move(element));
  if (json.is_object() && json.value("t", "") == "MAP") {
    std::sort(json["v"].begin(), json["v"].end(),
              [](const nlohmann::json& a, const nlohmann::json& b) { return a.dump() < b.dump(); });
  }
  return json;
}

}  // namespace rhei
