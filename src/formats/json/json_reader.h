#pragma once
// JsonReader: a cursor over the JSON text of one record, as strict and as lenient as Flink's JSON
// format: control characters may stand in strings, what follows the first value is not looked at,
// everything else is checked, also in values that nobody wants.
//
// Each call begins at the next token after spaces, and moves behind what it has read. False means
// that the text is malformed: error() and error_byte() say how. Reads up to 8 bytes past the end
// (buffers are padded). Thread-safety: one thread.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace rhei {

struct JsonString {
  std::string_view text;  // between the quotes, as it stands there
  bool escaped = false;   // it has backslashes: UnescapeJson
};

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
    uint64_t high = 0;
    for (;;) {
      uint64_t word;
      std::memcpy(&word, p_, sizeof(word));
      const uint64_t stops = ZeroBytes(word ^ kQuotes) | ZeroBytes(word ^ kBackslashes);
      if (stops == 0) {
        high |= word & kHighBits;
        p_ += 8;
        if (p_ >= end_) return UnexpectedEnd();
        continue;
      }
      const int index = __builtin_ctzll(stops) / 8;
      high |= word & kHighBits & ((uint64_t{1} << (index * 8)) - 1);
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
  // "true", "false", "null".
  bool TakeWord(std::string_view* word);
  // Any value, checked to its end.
  bool SkipValue() {
    const char c = Peek();
    JsonString string;
    if (c == '"') return TakeString(&string);
    return SkipOther(c);
  }

  bool Unexpected(const char* expectation);
  bool UnexpectedEnd();
  const std::string& error() const { return error_; }
  int64_t error_byte() const { return error_at_ - begin_; }
  int64_t byte() const { return p_ - begin_; }

 private:
  static constexpr uint64_t kOnes = 0x0101010101010101;
  static constexpr uint64_t kHighBits = kOnes * 0x80;
  static constexpr uint64_t kQuotes = kOnes * '"';
  static constexpr uint64_t kBackslashes = kOnes * '\\';
  // The high bit of each zero byte, exact up to the first one.
  static uint64_t ZeroBytes(uint64_t x) { return (x - kOnes) & ~x & kHighBits; }

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
