#pragma once
// The keywords of the Flink 2.3 dialect: all reserved words, and those not reserved that the
// grammar uses. A reserved word is a name only inside backquotes. The reserved set was measured on
// Flink 2.3.0 word by word.
//
// Example: constexpr Keyword kSelect = K("SELECT");  // A word that is not listed does not compile.
// Thread-safety: constants.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rhei {

// Index into kKeywords; kNoKeyword for all other words.
enum class Keyword : uint16_t {};
inline constexpr Keyword kNoKeyword{0xFFFF};

enum class KeywordClass : uint8_t {
  kPlain,     // Not reserved: also a name.
  kReserved,  // Never a name without backquotes.
  kFunction,  // Reserved, and callable by that name: SUM(x), LEFT(s, 2).
  kNiladic,   // Reserved, and a function without parentheses: CURRENT_DATE.
};

struct KeywordInfo {
  std::string_view word;
  KeywordClass keyword_class;
};

// Sorted by word.
inline constexpr KeywordInfo kKeywords[] = {
#define KEYWORD(word, keyword_class) {#word, KeywordClass::keyword_class},
#include "sql/keyword_list.inc"
#undef KEYWORD
};
inline constexpr size_t kKeywordCount = sizeof(kKeywords) / sizeof(kKeywords[0]);

// The keyword spelled `upper` in upper case, or kNoKeyword.
constexpr Keyword FindKeyword(std::string_view upper) {
  size_t low = 0;
  size_t high = kKeywordCount;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (kKeywords[middle].word < upper) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < kKeywordCount && kKeywords[low].word == upper) return Keyword(low);
  return kNoKeyword;
}

// Not constexpr, so that K() of an unknown word does not compile.
void UnknownKeyword();

consteval Keyword K(std::string_view upper) {
  const Keyword keyword = FindKeyword(upper);
  if (keyword == kNoKeyword) UnknownKeyword();
  return keyword;
}

constexpr std::string_view KeywordText(Keyword keyword) {
  return keyword == kNoKeyword ? std::string_view() : kKeywords[size_t(keyword)].word;
}
constexpr KeywordClass ClassOf(Keyword keyword) {
  return keyword == kNoKeyword ? KeywordClass::kPlain : kKeywords[size_t(keyword)].keyword_class;
}
constexpr bool IsReserved(Keyword keyword) {
  return ClassOf(keyword) != KeywordClass::kPlain;
}

}  // namespace rhei
