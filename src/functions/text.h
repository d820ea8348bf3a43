#pragma once
// Text as functions see it: UTF-8 in columns, counted in code points, or (where Flink inherits it
// from Java) in UTF-16 units. Input is valid UTF-8 in all but exotic cases; on other bytes these
// functions stay in bounds and do something sensible.
// Thread-safety: pure functions.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rhei {

bool IsAscii(std::string_view text);
int32_t CountCodePoints(std::string_view text);
// Bytes that the code point starting with `first` takes.
constexpr size_t CodePointBytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0xC0) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}
// Byte offset `count` code points after `offset`; text.size() when there are fewer.
size_t Advance(std::string_view text, size_t offset, int64_t count);
// Byte offset of the start of the code point that ends at `end`. REQUIRES: end > 0.
size_t PreviousCodePoint(std::string_view text, size_t end);
// The code point at *offset, which moves behind it; U+FFFD for bytes that are none.
char32_t NextCodePoint(std::string_view text, size_t* offset);
void AppendCodePoint(char32_t code_point, std::string* out);

std::u16string ToUtf16(std::string_view text);
// A surrogate without its partner becomes '?', as in Java's String.getBytes.
void AppendUtf8(std::u16string_view text, std::string* out);
std::string ToUtf8(std::u16string_view text);

// Appends the bytes as text: what is not UTF-8 becomes U+FFFD, as in Java's new String(bytes,
// UTF_8).
void AppendRepairedUtf8(std::string_view bytes, std::string* out);

// Position of `needle` at or after `from`, or npos; "" is found at `from`.
size_t Find(std::string_view text, std::string_view needle, size_t from = 0);

}  // namespace rhei
