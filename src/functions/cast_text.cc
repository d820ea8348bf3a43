// Casts to and from text and bytes. Text forms are Flink's; lengths count code points.
#include <algorithm>
#include <limits>

#include "base/check.h"
#include "functions/cast.h"
#include "functions/kernel.h"
#include "types/bitmap.h"
#include "types/decimal.h"
#include "types/number_text.h"
#include "types/temporal.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

constexpr size_t kTextMax = 64;
static_assert(kTextMax >= kTemporalTextMax && kTextMax >= kNumberTextMax &&
              kTextMax >= kDecimalTextMax);

size_t Copy(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return text.size();
}

Timestamp9 AsTimestamp9(int64_t micros) {
  return {micros, 0};
}
Timestamp9 AsTimestamp9(Timestamp9 value) {
  return value;
}

Timestamp9 LocalOf(Timestamp9 instant, TimeZoneCursor& zone) {
  const int64_t seconds = FloorDiv(instant.micros, kMicrosPerSecond);
  const int64_t rest = instant.micros - seconds * kMicrosPerSecond;
  return {zone.LocalFromInstant(seconds) * kMicrosPerSecond + rest, instant.nanos};
}

// Prints a value of a flat type that is not text. `out` has kTextMax bytes.
size_t PrintValue(const Column& column, int32_t i, const DataType& type, TimeZoneCursor& zone,
                  char* out) {
  switch (type.root()) {
    case TypeRoot::kBoolean: return Copy(column.data<uint8_t>()[i] != 0 ? "TRUE" : "FALSE", out);
    case TypeRoot::kTinyInt: return PrintInt(column.data<int8_t>()[i], out);
    case TypeRoot::kSmallInt: return PrintInt(column.data<int16_t>()[i], out);
    case TypeRoot::kInt: return PrintInt(column.data<int32_t>()[i], out);
    case TypeRoot::kBigInt: return PrintInt(column.data<int64_t>()[i], out);
    case TypeRoot::kFloat: return PrintFloat(column.data<float>()[i], out);
    case TypeRoot::kDouble: return PrintDouble(column.data<double>()[i], out);
    case TypeRoot::kDecimal: {
      const Int128 value = column.type == PhysicalType::kInt64 ? Int128{column.data<int64_t>()[i]}
                                                               : column.data<Int128>()[i];
      return PrintDecimal(value, type.scale(), out);
    }
    case TypeRoot::kDate: return PrintDate(column.data<int32_t>()[i], out);
    case TypeRoot::kTime: return PrintTime(column.data<int32_t>()[i], type.precision(), out);
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz: {
      Timestamp9 value = column.type == PhysicalType::kInt64
                             ? AsTimestamp9(column.data<int64_t>()[i])
                             : AsTimestamp9(column.data<Timestamp9>()[i]);
      if (type.root() == TypeRoot::kTimestampLtz) value = LocalOf(value, zone);
      return PrintTimestamp(value, type.precision(), out);
    }
    case TypeRoot::kIntervalYearMonth:
      return PrintIntervalYearMonth(column.data<int32_t>()[i], out);
    case TypeRoot::kIntervalDayTime: return PrintIntervalDayTime(column.data<int64_t>()[i], out);
    default: CHECK(false);
  }
}

bool IsTextual(TypeRoot root) {
  return IsCharacter(root) || IsBinaryString(root) || root == TypeRoot::kVariant ||
         root == TypeRoot::kRaw;
}

// Writes text under the target's length: CHAR cuts and pads with spaces, VARCHAR cuts.
class TextTarget {
 public:
  TextTarget(const EvalContext& context, const DataType& to, Column* out)
      : writer_(context, out),
        length_(to.length()),
        pads_(to.root() == TypeRoot::kChar),
        bounded_(pads_ || to.length() != DataType::kMaxLength) {}
  void Set(int32_t row, std::string_view text) {
    if (!bounded_) {
      writer_.Set(row, text);
      return;
    }
    int32_t found = 0;
    text = text.substr(0, PrefixOfCodePoints(text, length_, &found));
    if (!pads_ || found == length_) {
      writer_.Set(row, text);
      return;
    }
    const size_t padding = static_cast<size_t>(length_ - found);
    char* space = writer_.Reserve(text.size() + padding);
    std::memcpy(space, text.data(), text.size());
    std::memset(space + text.size(), ' ', padding);
    writer_.Commit(row, text.size() + padding);
  }

 private:
  StringWriter writer_;
  int32_t length_;
  bool pads_;
  bool bounded_;
};

void PrintRows(CastState& state, EvalContext& context, const Column& in, Column* out) {
  TextTarget target(context, state.to, out);
  char text[kTextMax];
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (in.IsNull(i)) continue;
    target.Set(i, {text, PrintValue(in, i, state.from, state.zone, text)});
  }
  out->validity = in.validity;
}

void PrintNestedRows(CastState& state, EvalContext& context, const Column& in, Column* out) {
  TextTarget target(context, state.to, out);
  std::string text;
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (in.IsNull(i)) continue;
    text.clear();
    AppendCastText(in, i, state.from, state.zone, &text);
    target.Set(i, text);
  }
  out->validity = in.validity;
}

void TextToText(CastState& state, EvalContext& context, const Column& in, Column* out) {
  TextTarget target(context, state.to, out);
  const StringView* values = in.data<StringView>();
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (!in.IsNull(i)) target.Set(i, values[i].view());
  }
  out->validity = in.validity;
}

// To BINARY(n), padded with zero bytes, and VARBINARY(n).
void ToBytes(CastState& state, EvalContext& context, const Column& in, Column* out) {
  StringWriter writer(context, out);
  const auto length = static_cast<size_t>(state.to.length());
  const bool pads = state.to.root() == TypeRoot::kBinary;
  const StringView* values = in.data<StringView>();
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (in.IsNull(i)) continue;
    const std::string_view bytes = values[i].view().substr(0, length);
    if (!pads || bytes.size() == length) {
      writer.Set(i, bytes);
      continue;
    }
    char* space = writer.Reserve(length);
    std::memcpy(space, bytes.data(), bytes.size());
    std::memset(space + bytes.size(), 0, length - bytes.size());
    writer.Commit(i, length);
  }
  out->validity = in.validity;
}

// ---- From text ----

std::string ForInput(std::string_view text, std::string_view reason) {
  std::string message = "For input string: '";
  message += text;
  message += "'.";
  if (!reason.empty()) {
    message += ' ';
    message += reason;
  }
  return message;
}

std::string NumberFailure(std::string_view text, NumberParse outcome) {
  switch (outcome) {
    case NumberParse::kEmpty: return ForInput(text, "Input is empty.");
    case NumberParse::kOverflow: return ForInput(text, "Overflow.");
    default: return ForInput(text, "Invalid character found.");
  }
}

// Parses each row with `parse`, which stores the value or returns a message.
template <typename R, typename Parse>
void ParseRows(CastState& state, EvalContext& context, const Column& in, Column* out, Parse parse) {
  R* result = StartFlat<R>(context, PhysicalTypeOf(state.to), out);
  const StringView* values = in.data<StringView>();
  for (int32_t i = 0; i < context.row_count; ++i) {
    result[i] = R{};
    if (in.IsNull(i) || !context.IsActive(i)) continue;
    const std::string_view text = values[i].view();
    if (!parse(text, &result[i])) context.Fail(i, ForInput(text, ""));
  }
  out->validity = in.validity;
}

template <typename I>
void TextToInteger(CastState& state, EvalContext& context, const Column& in, Column* out) {
  I* result = StartFlat<I>(context, PhysicalTypeOf(state.to), out);
  const StringView* values = in.data<StringView>();
  for (int32_t i = 0; i < context.row_count; ++i) {
    result[i] = 0;
    if (in.IsNull(i) || !context.IsActive(i)) continue;
    int64_t value = 0;
    const NumberParse outcome = ParseInteger(values[i].view(), std::numeric_limits<I>::min(),
                                             std::numeric_limits<I>::max(), &value);
    result[i] = static_cast<I>(value);
    if (outcome != NumberParse::kOk) context.Fail(i, NumberFailure(values[i].view(), outcome));
  }
  out->validity = in.validity;
}

void TextToBoolean(CastState& state, EvalContext& context, const Column& in, Column* out) {
  uint8_t* result = StartFlat<uint8_t>(context, PhysicalTypeOf(state.to), out);
  const StringView* values = in.data<StringView>();
  for (int32_t i = 0; i < context.row_count; ++i) {
    result[i] = 0;
    if (in.IsNull(i) || !context.IsActive(i)) continue;
    bool value = false;
    if (ParseBoolean(values[i].view(), &value)) {
      result[i] = value ? 1 : 0;
    } else {
      context.Fail(i, "Cannot parse '" + std::string(values[i].view()) + "' as BOOLEAN.");
    }
  }
  out->validity = in.validity;
}

void TextToDouble(CastState& state, EvalContext& context, const Column& in, Column* out) {
  ParseRows<double>(state, context, in, out, [](std::string_view text, double* value) {
    return ParseDouble(text, value) == NumberParse::kOk;
  });
}

void TextToFloat(CastState& state, EvalContext& context, const Column& in, Column* out) {
  ParseRows<float>(state, context, in, out, [](std::string_view text, float* value) {
    return ParseFloat(text, value) == NumberParse::kOk;
  });
}

template <typename R>
void TextToDecimal(CastState& state, EvalContext& context, const Column& in, Column* out) {
  const DecimalShape to{state.to.precision(), state.to.scale()};
  ParseRows<R>(state, context, in, out, [to](std::string_view text, R* value) {
    Int128 wide = 0;
    if (ParseDecimal(text, to, &wide) != DecimalParse::kOk) return false;
    *value = static_cast<R>(wide);
    return true;
  });
}

void TextToDate(CastState& state, EvalContext& context, const Column& in, Column* out) {
  ParseRows<int32_t>(state, context, in, out, ParseDate);
}

void TextToTime(CastState& state, EvalContext& context, const Column& in, Column* out) {
  const int precision = state.to.precision();
  ParseRows<int32_t>(state, context, in, out, [precision](std::string_view text, int32_t* value) {
    if (!ParseTime(text, value)) return false;
    *value = TruncateTime(*value, precision);
    return true;
  });
}

void StoreTimestamp(Timestamp9 value, int64_t* out) {
  *out = value.micros;
}
void StoreTimestamp(Timestamp9 value, Timestamp9* out) {
  *out = value;
}

template <typename R>
void TextToTimestamp(CastState& state, EvalContext& context, const Column& in, Column* out) {
  const int precision = state.to.precision();
  const bool ltz = state.to.root() == TypeRoot::kTimestampLtz;
  ParseRows<R>(state, context, in, out, [&](std::string_view text, R* value) {
    Timestamp9 parsed;
    if (!ParseTimestamp(text, &parsed)) return false;
    if (ltz) {
      const int64_t seconds = FloorDiv(parsed.micros, kMicrosPerSecond);
      const int64_t rest = parsed.micros - seconds * kMicrosPerSecond;
      parsed.micros = state.zone.InstantFromLocal(seconds) * kMicrosPerSecond + rest;
    }
    StoreTimestamp(TruncateTimestamp(parsed, precision), value);
    return true;
  });
}

// ---- Values inside nested types ----

void AppendList(const Column& list, int32_t row, const DataType& type, TimeZoneCursor& zone,
                std::string* out) {
  const int32_t* offsets = list.data<int32_t>();
  const bool map = list.type == PhysicalType::kMap;
  *out += map ? '{' : '[';
  for (int32_t i = offsets[row]; i < offsets[row + 1]; ++i) {
    if (i > offsets[row]) *out += ", ";
    AppendCastText(list.children[0], i, type.child(0), zone, out);
    if (!map) continue;
    *out += '=';
    // A MULTISET's counts are INT.
    const DataType value = type.child_count() > 1 ? type.child(1) : DataType::Int(false);
    AppendCastText(list.children[1], i, value, zone, out);
  }
  *out += map ? '}' : ']';
}

}  // namespace

void CastToSame(CastState&, EvalContext&, const Column& in, Column* out) {
  *out = in;
}

bool ParseBoolean(std::string_view text, bool* value) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  char lower[6];
  if (text.empty() || text.size() > 5) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const std::string_view word(lower, text.size());
  const auto is = [&](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  *value = is({"t", "true", "y", "yes", "1"});
  return *value || is({"f", "false", "n", "no", "0"});
}

size_t PrefixOfCodePoints(std::string_view text, int32_t count, int32_t* found) {
  *found = 0;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;  // Inside a code point.
    if (*found == count) break;
    ++*found;
  }
  return i;
}

void AppendCastText(const Column& column, int32_t row, const DataType& type, TimeZoneCursor& zone,
                    std::string* out) {
  if (column.IsNull(row) || type.root() == TypeRoot::kNull) {
    *out += "NULL";
    return;
  }
  const int32_t i = column.ValueIndex(row);
  const Column& values = column.encoding == Encoding::kDictionary ? column.dictionary() : column;
  if (IsTextual(type.root())) {
    *out += values.data<StringView>()[i].view();
    return;
  }
  switch (type.root()) {
    case TypeRoot::kArray:
    case TypeRoot::kMultiset:
    case TypeRoot::kMap: AppendList(values, i, type, zone, out); return;
    case TypeRoot::kBitmap: {
      const Result<Bitmap> bitmap = Bitmap::Parse(values.data<StringView>()[i].view());
      *out += bitmap.ok() ? bitmap->ToString() : "{}";
      return;
    }
    case TypeRoot::kRow:
      *out += '(';
      for (size_t field = 0; field < type.child_count(); ++field) {
        if (field > 0) *out += ", ";
        AppendCastText(values.children[field], i, type.child(field), zone, out);
      }
      *out += ')';
      return;
    default: break;
  }
  char text[kTextMax];
  out->append(text, PrintValue(values, i, type, zone, text));
}

CastFn ChooseCastToText(const DataType& from, const DataType& to) {
  if (IsBinaryString(to.root())) {
    if (!IsTextual(from.root())) return nullptr;
    const bool same = to.root() == TypeRoot::kVarbinary &&
                      (to.length() == DataType::kMaxLength ||
                       (IsBinaryString(from.root()) && from.length() <= to.length()));
    const bool same_binary = from.root() == to.root() && from.length() == to.length();
    return same || same_binary ? CastToSame : ToBytes;
  }
  if (!IsCharacter(to.root())) return nullptr;
  if (IsTextual(from.root())) {
    const bool wide = to.length() == DataType::kMaxLength ||
                      (IsCharacter(from.root()) && from.length() <= to.length());
    const bool same_char = from.root() == TypeRoot::kChar && from.length() == to.length();
    return (to.root() == TypeRoot::kVarchar && wide) || same_char ? CastToSame : TextToText;
  }
  switch (from.root()) {
    case TypeRoot::kArray:
    case TypeRoot::kMultiset:
    case TypeRoot::kMap:
    case TypeRoot::kBitmap:
    case TypeRoot::kRow: return PrintNestedRows;
    case TypeRoot::kSymbol:
    case TypeRoot::kNull: return nullptr;
    default: return PrintRows;
  }
}

CastFn ChooseCastFromText(const DataType& from, const DataType& to) {
  if (!IsCharacter(from.root())) return nullptr;
  switch (to.root()) {
    case TypeRoot::kBoolean: return TextToBoolean;
    case TypeRoot::kTinyInt: return TextToInteger<int8_t>;
    case TypeRoot::kSmallInt: return TextToInteger<int16_t>;
    case TypeRoot::kInt: return TextToInteger<int32_t>;
    case TypeRoot::kBigInt: return TextToInteger<int64_t>;
    case TypeRoot::kFloat: return TextToFloat;
    case TypeRoot::kDouble: return TextToDouble;
    case TypeRoot::kDecimal:
      return PhysicalTypeOf(to) == PhysicalType::kInt64 ? TextToDecimal<int64_t>
                                                        : TextToDecimal<Int128>;
    case TypeRoot::kDate: return TextToDate;
    case TypeRoot::kTime: return TextToTime;
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz:
      return PhysicalTypeOf(to) == PhysicalType::kInt64 ? TextToTimestamp<int64_t>
                                                        : TextToTimestamp<Timestamp9>;
    default: return nullptr;
  }
}

}  // namespace rhei
