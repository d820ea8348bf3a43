#pragma once
// JSON as Flink's functions read and write it (Jackson's rules): JsonScanner walks text without
// building anything, JsonValue is a small tree for what must be rearranged, and the Append
// functions write.
//
// What is accepted: one value, and after white space anything (Jackson does not look further).
// Numbers keep their text, decimals print as BigDecimal does ("1E+3", "2.50"); objects are written
// with their keys sorted and the last of equal keys. Nesting is limited to kJsonDepthMax.
// Thread-safety: pure functions and plain data.
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rhei {

inline constexpr int kJsonDepthMax = 1000;

// Moves over JSON text and checks it. After a failure (false) only error() is of use.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  void SkipSpace();
  // At the first character of a value: moves behind it.
  bool SkipValue(int depth = 0);
  // At a quote: moves behind the string; *raw is what stands between the quotes and *plain tells
  // that it has no escapes.
  bool ReadString(std::string_view* raw, bool* plain);
  // Whether the next character is `c`, which is then taken.
  bool Accept(char c);
  bool Expect(char c, std::string_view where);
  char peek() const { return at_ < end_ ? *at_ : '\0'; }
  const char* position() const { return at_; }
  // A root value must be followed by white space or a token of its own.
  bool CheckRootEnd(bool was_word);
  const std::string& error() const { return error_; }
  bool Fail(std::string_view message);

 private:
  bool SkipNumber();
  bool SkipWord();
  bool Unexpected(std::string_view where);

  const char* begin_;
  const char* at_;
  const char* end_;
  std::string error_;
};

// The text of the first value in `text`, or why there is none.
Result<std::string_view> ScanJson(std::string_view text);
// Decodes what stands between the quotes of a valid string. A surrogate without partner is '?'.
void AppendJsonUnescaped(std::string_view raw, std::string* out);

struct JsonValue {
  enum class Kind : uint8_t { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string text;               // a number as written, a string decoded
  std::vector<std::string> keys;  // of an object, beside `items`
  std::vector<JsonValue> items;

  bool is_scalar() const { return kind < Kind::kArray; }
  const JsonValue* Member(std::string_view key) const;
  // Adds a member or replaces the one with this key.
  void SetMember(std::string key, JsonValue value);
};

Result<JsonValue> ParseJson(std::string_view text, bool unique_keys = false);

// With surrounding quotes; escapes quotes, backslashes and control characters.
void AppendJsonString(std::string_view text, std::string* out);
// A JSON number as Java's Integer, Long, BigInteger or BigDecimal prints it.
void AppendJavaNumber(std::string_view number, std::string* out);
bool IsJsonInteger(std::string_view number);
// Compact, keys sorted.
void AppendJson(const JsonValue& value, std::string* out);
// What toString() gives of a scalar: a string bare, a number as AppendJavaNumber.
void AppendJsonScalar(const JsonValue& value, std::string* out);

}  // namespace rhei
