#include "functions/text.h"

#include <cstring>

namespace rhei {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

bool IsAscii(std::string_view text) {
  const char* bytes = text.data();
  size_t left = text.size();
  for (; left >= 8; left -= 8, bytes += 8) {
    uint64_t word;
    std::memcpy(&word, bytes, 8);
    if ((word & 0x8080808080808080u) != 0) return false;
  }
  for (; left > 0; --left, ++bytes) {
    if (static_cast<signed char>(*bytes) < 0) return false;
  }
  return true;
}

int32_t CountCodePoints(std::string_view text) {
  int32_t continuations = 0;
  for (char c : text) continuations += IsContinuation(c) ? 1 : 0;
  return static_cast<int32_t>(text.size()) - continuations;
}

size_t Advance(std::string_view text, size_t offset, int64_t count) {
  while (count > 0 && offset < text.size()) {
    offset += CodePointBytes(text[offset]);
    --count;
  }
  return offset < text.size() ? offset : text.size();
}

size_t PreviousCodePoint(std::string_view text, size_t end) {
  --end;
  while (end > 0 && IsContinuation(text[end])) --end;
  return end;
}

char32_t NextCodePoint(std::string_view text, size_t* offset) {
  const auto first = static_cast<unsigned char>(text[*offset]);
  const size_t size = CodePointBytes(text[*offset]);
  if (size == 1 || *offset + size > text.size()) {
    ++*offset;
    return first < 0x80 ? first : kReplacement;
  }
  char32_t code_point = first & (0xFFu >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    const char c = text[*offset + i];
    if (!IsContinuation(c)) {
      ++*offset;
      return kReplacement;
    }
    code_point = (code_point << 6) | (static_cast<unsigned char>(c) & 0x3Fu);
  }
  *offset += size;
  return code_point;
}

void AppendCodePoint(char32_t code_point, std::string* out) {
  const auto append = [out](char32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    append(code_point);
  } else if (code_point < 0x800) {
    append(0xC0 | (code_point >> 6));
    append(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    append(0xE0 | (code_point >> 12));
    append(0x80 | ((code_point >> 6) & 0x3F));
    append(0x80 | (code_point & 0x3F));
  } else {
    append(0xF0 | (code_point >> 18));
    append(0x80 | ((code_point >> 12) & 0x3F));
    append(0x80 | ((code_point >> 6) & 0x3F));
    append(0x80 | (code_point & 0x3F));
  }
}

std::u16string ToUtf16(std::string_view text) {
  std::u16string units;
  units.reserve(text.size());
  for (size_t offset = 0; offset < text.size();) {
    const char32_t code_point = NextCodePoint(text, &offset);
    if (code_point < 0x10000) {
      units.push_back(static_cast<char16_t>(code_point));
    } else {
      units.push_back(static_cast<char16_t>(0xD7C0 + (code_point >> 10)));
      units.push_back(static_cast<char16_t>(0xDC00 | (code_point & 0x3FF)));
    }
  }
  return units;
}

void AppendUtf8(std::u16string_view text, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char16_t unit = text[i];
    if ((unit & 0xF800) != 0xD800) {
      AppendCodePoint(unit, out);
    } else if (unit < 0xDC00 && i + 1 < text.size() && (text[i + 1] & 0xFC00) == 0xDC00) {
      AppendCodePoint((char32_t{unit} << 10) + text[i + 1] - 0x35FDC00, out);
      ++i;
    } else {
      out->push_back('?');
    }
  }
}

std::string ToUtf8(std::u16string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  AppendUtf8(text, &bytes);
  return bytes;
}

namespace {

// Bytes of the well-formed sequence at `offset`; 0 and the length of the malformed part otherwise.
size_t WellFormedBytes(std::string_view bytes, size_t offset, size_t* malformed) {
  const auto at = [&](size_t i) {
    return offset + i < bytes.size() ? static_cast<unsigned char>(bytes[offset + i]) : 0u;
  };
  const unsigned first = at(0);
  *malformed = 1;
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  // The second byte excludes overlong forms, surrogates and what is beyond U+10FFFF.
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  if (at(1) < low || at(1) > high) return 0;
  for (size_t i = 2; i < size; ++i) {
    *malformed = i;
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  return size;
}

}  // namespace

void AppendRepairedUtf8(std::string_view bytes, std::string* out) {
  if (IsAscii(bytes)) {
    out->append(bytes);
    return;
  }
  for (size_t offset = 0; offset < bytes.size();) {
    size_t malformed = 0;
    const size_t size = WellFormedBytes(bytes, offset, &malformed);
    if (size == 0) {
      AppendCodePoint(kReplacement, out);
      offset += malformed;
    } else {
      out->append(bytes.substr(offset, size));
      offset += size;
    }
  }
}

size_t Find(std::string_view text, std::string_view needle, size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (needle.empty()) return from;
  const void* found = memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace rhei
