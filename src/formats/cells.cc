#include "formats/cells.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "types/temporal_text.h"

namespace rhei {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Two digits at p, or -1.
int TwoDigits(const char* p) {
  return IsDigit(p[0]) && IsDigit(p[1]) ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

// A '.' and up to nine digits, or nothing, at the start of `text`; moves behind it.
int64_t TakeFraction(std::string_view* text) {
  if (text->empty() || text->front() != '.') return 0;
  text->remove_prefix(1);
  int64_t nanos = 0;
  int digits = 0;
  for (; digits < 9 && !text->empty() && IsDigit(text->front()); ++digits) {
    nanos = nanos * 10 + (text->front() - '0');
    text->remove_prefix(1);
  }
  for (; digits < 9; ++digits) nanos *= 10;
  return nanos;
}

struct Clock {
  int64_t second_of_day = 0;
  int64_t nanos = 0;
};

// "12:34:56.789" (seconds optional) at the start of `text`; moves behind it.
bool TakeClock(bool seconds_optional, std::string_view* text, Clock* clock) {
  if (text->size() < 5 || (*text)[2] != ':') return false;
  const int hour = TwoDigits(text->data());
  const int minute = TwoDigits(text->data() + 3);
  int second = 0;
  text->remove_prefix(5);
  if (text->size() >= 3 && text->front() == ':') {
    second = TwoDigits(text->data() + 1);
    text->remove_prefix(3);
    clock->nanos = TakeFraction(text);
  } else if (!seconds_optional) {
    return false;
  }
  clock->second_of_day = hour * 3600 + minute * 60 + second;
  const bool midnight = hour == 24 && minute == 0 && second == 0 && clock->nanos == 0;
  if (hour < 0 || minute < 0 || second < 0 || minute > 59 || second > 59) return false;
  return hour < 24 || (midnight && !seconds_optional);
}

constexpr std::string_view kBase64Letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> MakeBase64Values() {
  std::array<int8_t, 256> values{};
  for (int8_t& value : values) value = -1;
  for (size_t i = 0; i < kBase64Letters.size(); ++i) {
    values[static_cast<unsigned char>(kBase64Letters[i])] = static_cast<int8_t>(i);
  }
  return values;
}

constexpr std::array<int8_t, 256> kBase64Values = MakeBase64Values();

}  // namespace

std::string_view TrimCell(std::string_view text) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool ParseIntegerCell(std::string_view text, int64_t min, int64_t max, int64_t* value) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  uint64_t magnitude = 0;
  if (text.size() <= 18) {
    for (const char c : text) {
      if (!IsDigit(c)) return false;
      magnitude = magnitude * 10 + static_cast<uint64_t>(c - '0');
    }
    *value = negative ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude);
    return *value >= min && *value <= max;
  }
  const uint64_t most = static_cast<uint64_t>(INT64_MAX) + (negative ? 1 : 0);
  for (const char c : text) {
    if (!IsDigit(c)) return false;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (magnitude > (most - digit) / 10) return false;
    magnitude = magnitude * 10 + digit;
  }
  *value = static_cast<int64_t>(negative ? ~magnitude + 1 : magnitude);
  return *value >= min && *value <= max;
}

bool BooleanOfCell(std::string_view text) {
  constexpr std::string_view kTrue = "true";
  return text.size() == kTrue.size() && std::equal(text.begin(), text.end(), kTrue.begin(),
                                                   [](char a, char b) { return (a | 0x20) == b; });
}

bool ReadBase64(std::string_view text, std::string* out) {
  uint32_t bits = 0;
  int letters = 0;  // of the group of four
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) <= ' ') continue;
    const int value = kBase64Values[static_cast<unsigned char>(c)];
    if (value >= 0) {
      bits = bits << 6 | static_cast<uint32_t>(value);
      if (++letters < 4) continue;
      *out += static_cast<char>(bits >> 16);
      *out += static_cast<char>(bits >> 8);
      *out += static_cast<char>(bits);
      letters = 0;
      continue;
    }
    if (c != '=' || letters < 2) return false;
    if (letters == 2) {
      if (i + 1 >= text.size() || text[i + 1] != '=') return false;
      ++i;
      *out += static_cast<char>(bits >> 4);
    } else {
      *out += static_cast<char>(bits >> 10);
      *out += static_cast<char>(bits >> 2);
    }
    letters = 0;
  }
  return letters == 0;
}

void EncodeBase64(std::string_view bytes, std::string* out) {
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](size_t j) {
      return j < bytes.size() ? static_cast<uint32_t>(static_cast<unsigned char>(bytes[j])) : 0u;
    };
    const uint32_t bits = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    *out += kBase64Letters[bits >> 18 & 63];
    *out += kBase64Letters[bits >> 12 & 63];
    *out += i + 1 < bytes.size() ? kBase64Letters[bits >> 6 & 63] : '=';
    *out += i + 2 < bytes.size() ? kBase64Letters[bits & 63] : '=';
  }
}

size_t ValidUtf8Prefix(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const auto continues = [&](size_t at) { return at < text.size() && (bytes[at] & 0xc0) == 0x80; };
  size_t i = 0;
  while (i < text.size()) {
    // Eight ASCII characters at once.
    uint64_t word;
    if (i + sizeof(word) <= text.size()) {
      std::memcpy(&word, bytes + i, sizeof(word));
      if ((word & 0x8080808080808080) == 0) {
        i += sizeof(word);
        continue;
      }
    }
    const unsigned char c = bytes[i];
    if (c < 0x80) {
      ++i;
    } else if (c >= 0xc2 && c < 0xe0 && continues(i + 1)) {
      i += 2;
    } else if (c >= 0xe0 && c < 0xf0 && continues(i + 1) && continues(i + 2) &&
               !(c == 0xe0 && bytes[i + 1] < 0xa0) && !(c == 0xed && bytes[i + 1] >= 0xa0)) {
      i += 3;
    } else if (c >= 0xf0 && c < 0xf5 && continues(i + 1) && continues(i + 2) && continues(i + 3) &&
               !(c == 0xf0 && bytes[i + 1] < 0x90) && !(c == 0xf4 && bytes[i + 1] >= 0x90)) {
      i += 4;
    } else {
      return i;
    }
  }
  return i;
}

std::string ReplaceInvalidUtf8(std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string out;
  while (true) {
    const size_t valid = ValidUtf8Prefix(text);
    out.append(text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) return out;
    out.append(kReplacement);
    const auto byte = [&](size_t at) {
      return static_cast<unsigned char>(at < text.size() ? text[at] : '\0');
    };
    const auto continues = [&](size_t at) { return (byte(at) & 0xc0) == 0x80; };
    const unsigned char lead = byte(0);
    size_t length = 1;
    if (lead >= 0xe0 && lead < 0xf0 && continues(1) && !(lead == 0xe0 && byte(1) < 0xa0)) {
      length = lead == 0xed && byte(1) >= 0xa0 && continues(2) ? 3 : 2;
    } else if (lead >= 0xf0 && lead < 0xf5 && continues(1) && !(lead == 0xf0 && byte(1) < 0x90) &&
               !(lead == 0xf4 && byte(1) >= 0x90)) {
      length = continues(2) ? 3 : 2;
    }
    text.remove_prefix(length);
  }
}

bool TimestampParser::ParseDays(std::string_view text, int64_t* days) {
  if (text.size() == sizeof(last_date_) &&
      std::memcmp(text.data(), last_date_, sizeof(last_date_)) == 0) {
    *days = last_days_;
    return true;
  }
  int32_t parsed;
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const int century = TwoDigits(text.data());
    const int year = TwoDigits(text.data() + 2);
    const int month = TwoDigits(text.data() + 5);
    const int day = TwoDigits(text.data() + 8);
    if (century < 0 || year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return false;
    const int last = DaysInMonth(century * 100 + year, month);
    if (day > last && style_ == TimestampStyle::kIso) return false;
    *days = DaysFromCivil(century * 100 + year, month, std::min(day, last));
    std::memcpy(last_date_, text.data(), sizeof(last_date_));
    last_days_ = *days;
    return true;
  }
  if (!ParseIsoDate(text, &parsed)) return false;  // Years beyond four digits.
  *days = parsed;
  return true;
}

bool TimestampParser::Parse(std::string_view text, bool zulu, Timestamp9* timestamp) {
  if (zulu) {
    if (text.empty() || text.back() != 'Z') return false;
    text.remove_suffix(1);
  }
  const char separator = style_ == TimestampStyle::kSql ? ' ' : 'T';
  const size_t date_size =
      text.size() > 10 && text[10] == separator ? 10 : std::min(text.find(separator), text.size());
  if (date_size == text.size()) return false;
  int64_t days;
  if (!ParseDays(text.substr(0, date_size), &days)) return false;
  text.remove_prefix(date_size + 1);
  Clock clock;
  if (!TakeClock(style_ == TimestampStyle::kIso, &text, &clock) || !text.empty()) return false;
  timestamp->micros =
      days * kMicrosPerDay + clock.second_of_day * kMicrosPerSecond + clock.nanos / 1000;
  timestamp->nanos = clock.nanos % 1000;
  return true;
}

bool ParseSqlTimeCell(std::string_view text, int32_t* millis) {
  Clock clock;
  if (!TakeClock(false, &text, &clock) || !text.empty()) return false;
  *millis = static_cast<int32_t>(clock.second_of_day % 86400 * 1000 + clock.nanos / 1000000);
  return true;
}

bool ParseLenientDateCell(std::string_view text, int32_t* days) {
  int32_t parts[3] = {};
  const size_t digits_max[3] = {4, 2, 2};
  for (size_t i = 0; i < 3; ++i) {
    size_t digits = 0;
    while (digits < text.size() && IsDigit(text[digits])) {
      parts[i] = parts[i] * 10 + (text[digits] - '0');
      if (++digits > digits_max[i]) return false;
    }
    if (digits == 0 || (i == 0 && digits != 4)) return false;
    text.remove_prefix(digits);
    if (i == 2) break;
    if (text.empty() || text[0] != '-') return false;
    text.remove_prefix(1);
  }
  if (!text.empty() || parts[1] < 1 || parts[1] > 12 || parts[2] < 1 || parts[2] > 31) return false;
  *days = static_cast<int32_t>(DaysFromCivil(parts[0], parts[1], 1) + parts[2] - 1);
  return true;
}

}  // namespace rhei
