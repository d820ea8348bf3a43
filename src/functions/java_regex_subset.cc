#include "functions/java_regex_subset.h"

#include <fmt/format.h>

#include "functions/text.h"

namespace rhei {
namespace {

constexpr int kDepthMax = 100;
constexpr int kRepeatMax = 500;  // RE2 refuses more than 1000
constexpr std::string_view kSpaces = "\\t\\n\\x0B\\f\\r ";
constexpr std::string_view kNoLineEnd = "[^\\n\\r\\x{85}\\x{2028}\\x{2029}]";
constexpr std::string_view kPunctuation = "\\|()[]{}^$*+?.-&/\"'#%,:;<=>@_`~! ";

class Translator {
 public:
  Translator(std::string_view pattern, std::string* out, RegexSubset* subset)
      : pattern_(pattern), out_(out), subset_(subset) {}

  bool Run() {
    bool nullable;
    return Alternation(0, &nullable) && at_ == pattern_.size();
  }

 private:
  bool At(char c) const { return at_ < pattern_.size() && pattern_[at_] == c; }
  bool AtText(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }

  // *nullable: whether it can match the empty text.
  bool Alternation(int depth, bool* nullable) {
    if (depth > kDepthMax) return false;
    *nullable = false;
    for (;;) {
      bool branch = true;
      while (at_ < pattern_.size() && !At('|') && !At(')')) {
        bool term;
        if (!Term(depth, &term)) return false;
        branch = branch && term;
      }
      *nullable = *nullable || branch;
      if (!At('|')) return true;
      *out_ += '|';
      ++at_;
    }
  }

  bool Term(int depth, bool* nullable) {
    const char c = pattern_[at_];
    bool repeatable = true;
    *nullable = false;
    if (AtText("(?s:.*)")) {  // what SIMILAR TO makes of %
      *out_ += "(?s:.*)";
      at_ += 7;
      *nullable = true;
    } else if (c == '(') {
      if (!Group(depth, nullable)) return false;
    } else if (c == '[') {
      if (!Class()) return false;
    } else if (c == '.') {
      *out_ += kNoLineEnd;
      ++at_;
    } else if (c == '^' || c == '$') {
      if (c == '$') subset_->no_line_end_at_end = true;
      *out_ += c == '^' ? "\\A" : "\\z";
      ++at_;
      repeatable = false;
      *nullable = true;
    } else if (c == '\\') {
      if (!Escape(nullable)) return false;
      repeatable = !*nullable;
    } else if (c == '*' || c == '+' || c == '?' || c == '{' || c == '}' || c == ']') {
      return false;
    } else {
      const size_t start = at_;
      AppendLiteral(NextCodePoint(pattern_, &at_));
      if (at_ == start) return false;
    }
    return Quantifier(repeatable, nullable);
  }

  void AppendLiteral(char32_t c) {
    if (c < 0x80 && kPunctuation.find(static_cast<char>(c)) != std::string_view::npos) {
      fmt::format_to(std::back_inserter(*out_), "\\x{{{:X}}}", static_cast<uint32_t>(c));
    } else {
      AppendCodePoint(c, out_);
    }
  }

  bool Group(int depth, bool* nullable) {
    if (AtText("(?:")) {
      *out_ += "(?:";
      at_ += 3;
    } else if (AtText("(?")) {
      return false;
    } else {
      *out_ += '(';
      ++at_;
    }
    if (!Alternation(depth + 1, nullable) || !At(')')) return false;
    *out_ += ')';
    ++at_;
    return true;
  }

  bool ReadNumber(int* number) {
    const size_t start = at_;
    *number = 0;
    while (at_ < pattern_.size() && pattern_[at_] >= '0' && pattern_[at_] <= '9') {
      *number = *number * 10 + (pattern_[at_++] - '0');
      if (*number > kRepeatMax) return false;
    }
    return at_ > start;
  }

  bool Quantifier(bool repeatable, bool* nullable) {
    if (at_ >= pattern_.size()) return true;
    const size_t start = at_;
    int low = 0;
    if (At('{')) {
      ++at_;
      int high = 0;
      if (!ReadNumber(&low)) return false;
      if (At(',')) {
        ++at_;
        if (!At('}') && (!ReadNumber(&high) || high < low)) return false;
      }
      if (!At('}')) return false;
    } else if (At('+')) {
      low = 1;
    } else if (!At('*') && !At('?')) {
      return true;
    }
    ++at_;
    // Java and RE2 treat rounds that match nothing differently.
    if (!repeatable || *nullable) return false;
    if (At('?')) ++at_;
    if (At('+') || At('*') || At('?') || At('{')) return false;  // possessive, or an error
    *out_ += pattern_.substr(start, at_ - start);
    *nullable = low == 0;
    return true;
  }

  bool Hex(size_t digits, char32_t* value) {
    *value = 0;
    if (at_ + digits > pattern_.size()) return false;
    for (size_t i = 0; i < digits; ++i, ++at_) {
      const char c = pattern_[at_];
      const char lower = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9') {
        *value = *value * 16 + static_cast<char32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        *value = *value * 16 + static_cast<char32_t>(lower - 'a' + 10);
      } else {
        return false;
      }
    }
    return (*value & 0xFFFFF800u) != 0xD800;
  }

  // An escape that stands for one character, inside or outside of a class.
  bool EscapedCharacter(char c, char32_t* value) {
    switch (c) {
      case 't': *value = '\t'; return true;
      case 'n': *value = '\n'; return true;
      case 'r': *value = '\r'; return true;
      case 'f': *value = '\f'; return true;
      case 'u': return Hex(4, value);
      case 'x': return Hex(2, value);
      default:
        *value = static_cast<unsigned char>(c);
        return kPunctuation.find(c) != std::string_view::npos;
    }
  }

  bool Escape(bool* nullable) {
    if (at_ + 1 >= pattern_.size()) return false;
    const char c = pattern_[at_ + 1];
    at_ += 2;
    switch (c) {
      case 'd':
      case 'D':
      case 'w':
      case 'W':
        *out_ += '\\';
        *out_ += c;
        return true;
      case 's': *out_ += fmt::format("[{}]", kSpaces); return true;
      case 'S': *out_ += fmt::format("[^{}]", kSpaces); return true;
      case 'b':
        subset_->ascii_texts_only = true;
        *nullable = true;
        *out_ += "\\b";
        return true;
      default: break;
    }
    char32_t value;
    if (!EscapedCharacter(c, &value)) return false;
    fmt::format_to(std::back_inserter(*out_), "\\x{{{:X}}}", static_cast<uint32_t>(value));
    return true;
  }

  // One member of a class; *single is its code point, or 0 for a class of its own (\d).
  bool ClassMember(char32_t* single) {
    *single = 0;
    if (At('[') || AtText("&&")) return false;
    if (!At('\\')) {
      *single = NextCodePoint(pattern_, &at_);
      return true;
    }
    if (at_ + 1 >= pattern_.size()) return false;
    const char c = pattern_[at_ + 1];
    at_ += 2;
    if (c == 'd' || c == 'D' || c == 'w' || c == 'W') {
      *out_ += '\\';
      *out_ += c;
      return true;
    }
    if (c == 's') {
      *out_ += kSpaces;
      return true;
    }
    return EscapedCharacter(c, single) && *single != 0;
  }

  bool Class() {
    *out_ += '[';
    ++at_;
    if (At('^')) {
      *out_ += '^';
      ++at_;
    }
    if (At(']')) return false;
    while (at_ < pattern_.size() && !At(']')) {
      char32_t low;
      if (!ClassMember(&low)) return false;
      if (low == 0) continue;
      fmt::format_to(std::back_inserter(*out_), "\\x{{{:X}}}", static_cast<uint32_t>(low));
      if (!At('-') || at_ + 1 >= pattern_.size() || pattern_[at_ + 1] == ']') continue;
      ++at_;
      char32_t high;
      if (!ClassMember(&high) || high < low) return false;
      fmt::format_to(std::back_inserter(*out_), "-\\x{{{:X}}}", static_cast<uint32_t>(high));
    }
    if (!At(']')) return false;
    *out_ += ']';
    ++at_;
    return true;
  }

  std::string_view pattern_;
  size_t at_ = 0;
  std::string* out_;
  RegexSubset* subset_;
};

}  // namespace

bool TranslateToRe2(std::string_view pattern, std::string* re2, RegexSubset* subset) {
  return Translator(pattern, re2, subset).Run();
}

}  // namespace rhei
