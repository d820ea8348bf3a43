#include "cli/inferred_type.h"

#include <algorithm>

#include "catalog/print_ddl.h"
#include "sql/keyword.h"
#include "types/number_text.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

constexpr size_t kDecimalDigitsMax = 38;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Where the digits that begin at `at` end.
size_t SkipDigits(std::string_view text, size_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

enum class NumberForm : uint8_t { kNone, kInteger, kFraction };

// The form of JSON numbers; so "007" and "+1", which would lose something as a number, are none.
NumberForm FormOf(std::string_view text) {
  const size_t begin = text.starts_with('-') ? 1 : 0;
  size_t at = SkipDigits(text, begin);
  if (at == begin || (text[begin] == '0' && at > begin + 1)) return NumberForm::kNone;
  if (at == text.size()) return NumberForm::kInteger;
  if (text[at] == '.') {
    const size_t fraction = at + 1;
    at = SkipDigits(text, fraction);
    if (at == fraction) return NumberForm::kNone;
  }
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const size_t exponent = at;
    at = SkipDigits(text, exponent);
    if (at == exponent) return NumberForm::kNone;
  }
  return at == text.size() ? NumberForm::kFraction : NumberForm::kNone;
}

// "12:34:56[.fffffffff]"; where it ends, or 0.
size_t TimeEnd(std::string_view text, size_t* fraction_digits) {
  constexpr std::string_view kForm = "00:00:00";
  if (text.size() < kForm.size()) return 0;
  for (size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '0' ? !IsDigit(text[i]) : text[i] != ':') return 0;
  }
  int32_t millis = 0;
  if (!ParseIsoTime(text.substr(0, kForm.size()), &millis)) return 0;
  *fraction_digits = 0;
  if (text.size() == kForm.size() || text[kForm.size()] != '.') return kForm.size();
  const size_t begin = kForm.size() + 1;
  const size_t end = SkipDigits(text, begin);
  *fraction_digits = end - begin;
  return end == begin || end - begin > 9 ? 0 : end;
}

}  // namespace

void InferredType::AddNumber(std::string_view text) {
  if (FormOf(text) != NumberForm::kInteger) {
    seen_ |= kDouble;
    return;
  }
  int64_t value = 0;
  const bool fits = ParseInteger(text, INT64_MIN, INT64_MAX, &value) == NumberParse::kOk;
  seen_ |= fits ? kBigInt : kLongInt;
  integer_digits_ = std::max(integer_digits_, text.size() - (text.starts_with('-') ? 1 : 0));
}

void InferredType::AddText(std::string_view text) {
  constexpr size_t kDateSize = 10;
  int32_t days = 0;
  if (text.size() < kDateSize || !IsDigit(text[0]) ||
      !ParseIsoDate(text.substr(0, kDateSize), &days)) {
    seen_ |= kText;
    return;
  }
  if (text.size() == kDateSize) {
    seen_ |= kDate;
    return;
  }
  const char separator = text[kDateSize];
  const std::string_view time = text.substr(kDateSize + 1);
  size_t digits = 0;
  const size_t end = TimeEnd(time, &digits);
  const bool zoned = end > 0 && time.substr(end) == "Z";
  if ((separator != ' ' && separator != 'T') || end == 0 || (end != time.size() && !zoned)) {
    seen_ |= kText;
    return;
  }
  fraction_digits_ = std::max(fraction_digits_, digits);
  if (separator == 'T') {
    seen_ |= zoned ? kIsoZoned : kIsoTime;
  } else {
    seen_ |= zoned ? kSqlZoned : kSqlTime;
  }
}

void InferredType::AddCell(std::string_view text) {
  if (text == "true" || text == "false" || text == "TRUE" || text == "FALSE") {
    AddBool();
  } else if (FormOf(text) != NumberForm::kNone) {
    AddNumber(text);
  } else {
    AddText(text);
  }
}

InferredType* InferredType::AddArray() {
  seen_ |= kArray;
  if (element_ == nullptr) element_ = std::make_unique<InferredType>();
  return element_.get();
}

InferredType* InferredType::AddObject() {
  seen_ |= kObject;
  return this;
}

InferredType* InferredType::AddField(std::string_view name) {
  for (auto& [known, type] : fields_) {
    if (known == name) return &type;
  }
  return &fields_.emplace_back(std::string(name), InferredType()).second;
}

bool InferredType::IsText() const {
  return seen_ != 0 && ToSql(TimestampText::kSql) == "STRING";
}

void InferredType::CountTimestamps(int* sql, int* iso) const {
  if (Only(kSqlTime) || Only(kSqlZoned)) ++*sql;
  if (Only(kIsoTime) || Only(kIsoZoned)) ++*iso;
  if (Only(kArray)) element_->CountTimestamps(sql, iso);
  if (!Only(kObject)) return;
  for (const auto& [name, type] : fields_) type.CountTimestamps(sql, iso);
}

std::string InferredType::ToSql(TimestampText style) const {
  const bool iso = style == TimestampText::kIso;
  if (Only(kBool)) return "BOOLEAN";
  if (Only(kBigInt)) return "BIGINT";
  if (Only(kBigInt | kLongInt)) {
    return integer_digits_ <= kDecimalDigitsMax ? "DECIMAL(38, 0)" : "STRING";
  }
  if (Only(kBigInt | kLongInt | kDouble)) return "DOUBLE";
  if (Only(kDate)) return "DATE";
  const char* precision = fraction_digits_ <= 3 ? "(3)" : fraction_digits_ <= 6 ? "(6)" : "(9)";
  if (Only(iso ? kIsoTime : kSqlTime)) return std::string("TIMESTAMP") + precision;
  if (Only(iso ? kIsoZoned : kSqlZoned)) return std::string("TIMESTAMP_LTZ") + precision;
  if (Only(kArray)) return "ARRAY<" + element_->ToSql(style) + ">";
  if (!Only(kObject) || fields_.empty()) return "STRING";
  std::string text = "ROW<";
  for (const auto& [name, type] : fields_) {
    if (text.size() > 4) text += ", ";
    text += SqlName(name) + " " + type.ToSql(style);
  }
  return text + ">";
}

std::string SqlName(std::string_view name) {
  bool plain = !name.empty() && !IsDigit(name[0]);
  std::string upper;
  for (const char c : name) {
    const char lower = static_cast<char>(c | 0x20);
    plain &= IsDigit(c) || c == '_' || (lower >= 'a' && lower <= 'z' && (c & 0x40) != 0);
    upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  if (plain && !IsReserved(FindKeyword(upper))) return std::string(name);
  return QuoteIdentifier(name);
}

}  // namespace rhei
