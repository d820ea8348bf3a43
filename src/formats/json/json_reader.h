#pragma once
// JsonReader: a cursor over the JSON text of one record, as strict and as lenient as Flink's JSON
// format: control characters may stand in strings, what follows the first value is not looked at,
// everything else is checked, also in values that nobody wants.
//
// Each call begins at the next token after spaces, and moves behind what it has read. False means
// that the text is malformed: error() and error_byte() say how. Reads up to 32 bytes past the end
// (buffers are padded). Thread-safety: one thread.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/simd/byte_match.h"
#include "base/simd/digits.h"

namespace rhei {

struct JsonString {
  std::string_view text;  // between the quotes, as it stands there
  bool escaped = false;   // it has backslashes: UnescapeJson
};

// The end of the whole number at `p`; null when there is none, when it has leading zeros or more
// than 18 digits. What follows is not looked at. Reads up to 32 bytes, past the end of the text if
// that comes first: the caller compares.
inline const char* ScanSmallInteger(const char* p, int64_t* value) {
  const bool negative = *p == '-';
  if (negative) ++p;
  const char* digits = p;
  int64_t number = 0;
  const int first = LeadingDigits(p, &number);
  p += first;
  if (first == 8) {
    while (static_cast<unsigned char>(*p - '0') < 10) {
      if (p - digits == 18) return nullptr;
      number = number * 10 + (*p++ - '0');
    }
  }
  if (first == 0 || (*digits == '0' && p - digits > 1)) return nullptr;
  *value = negative ? -number : number;
  return p;
}

class JsonReader {
 public:
  static constexpr size_t kDepthMax = 1000;

  void Start(std::string_view text) {
    begin_ = p_ = text.data();
    end_ = p_ + text.size();
    error_.clear();
  }

  // The first byte of the next token; 0 at the end.
  char Peek() {
    SkipSpaces();
    return p_ < end_ ? *p_ : '\0';
  }
  const char* position() const { return p_; }
  void MoveTo(const char* p) { p_ = p; }
  size_t left() const { return static_cast<size_t>(end_ - p_); }
  std::string_view TextSince(const char* start) const {
    return {start, static_cast<size_t>(p_ - start)};
  }
  // Takes `c` when it is next.
  bool TakeIf(char c) {
    if (Peek() != c || p_ >= end_) return false;
    ++p_;
    return true;
  }
  bool Take(char c, const char* expectation) { return TakeIf(c) || Unexpected(expectation); }

  // REQUIRES: Peek() is '"'.
  bool TakeString(JsonString* out) {
    const char* start = ++p_;
    uint32_t high = 0;
    for (;;) {
      const ByteMatches matches = MatchBytes(p_, '"', '\\');
      if (matches.equal == 0) {
        high |= matches.high;
        p_ += kMatchedBytes;
        if (p_ >= end_) return UnexpectedEnd();
        continue;
      }
      const int index = __builtin_ctz(matches.equal);
      high |= matches.high & ((uint32_t{1} << index) - 1);
      p_ += index;
      if (p_ >= end_) return UnexpectedEnd();
      break;
    }
    if (*p_ == '\\') return TakeEscapedString(start, out);
    out->text = {start, static_cast<size_t>(p_ - start)};
    out->escaped = false;
    ++p_;
    return high == 0 || CheckUtf8(out->text);
  }
  // REQUIRES: Peek() is '-' or a digit.
  bool TakeNumber(std::string_view* text, bool* is_float);
  // A whole number of at most 18 digits. False, without having moved, for everything else.
  bool TakeSmallInteger(int64_t* value) {
    SkipSpaces();
    const char* p = ScanSmallInteger(p_, value);
    if (p == nullptr || p > end_) return false;
    if (p < end_) {
      const char next = *p;
      const bool ends = next == ',' || next == '}' || next == ']' || next == ' ';
      if (!ends) return false;
    }
    p_ = p;
    return true;
  }
  // Takes "null" when that is next, and nothing else.
  bool TakeNull() {
    constexpr uint32_t kNull = 'n' | 'u' << 8 | 'l' << 16 | static_cast<uint32_t>('l') << 24;
    uint32_t word;
    std::memcpy(&word, p_, sizeof(word));
    if (word != kNull || end_ - p_ < 5 || (p_[4] != ',' && p_[4] != '}')) return false;
    p_ += 4;
    return true;
  }
  // "true", "false", "null".
  bool TakeWord(std::string_view* word);
  // Any value, checked to its end.
  bool SkipValue() {
    const char c = Peek();
    JsonString string;
    if (c == '"') return TakeString(&string);
    return TakeNull() || SkipOther(c);
  }

  bool Unexpected(const char* expectation);
  bool UnexpectedEnd();
  const std::string& error() const { return error_; }
  int64_t error_byte() const { return error_at_ - begin_; }
  int64_t byte() const { return p_ - begin_; }

 private:
  void SkipSpaces() {
    while (p_ < end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }
  bool TakeEscapedString(const char* start, JsonString* out);
  bool CheckUtf8(std::string_view text);
  bool SkipOther(char first);
  bool SkipContainer();
  bool SkipScalar(char first);
  bool Fail(std::string message);

  const char* begin_ = nullptr;
  const char* p_ = nullptr;
  const char* end_ = nullptr;
  const char* error_at_ = nullptr;
  std::string error_;
};

// Appends what the text between the quotes means. A half of a surrogate pair becomes "?".
void UnescapeJson(std::string_view text, std::string* out);
// Appends `text` in quotes, escaped as Flink writes strings.
void WriteJsonString(std::string_view text, std::string* out);
// Appends the next value as one line without spaces, as Flink gives an object to a STRING column:
// numbers printed anew, the last of equal keys. False when malformed.
bool AppendCompactJson(JsonReader* reader, std::string* out);

}  // namespace rhei
