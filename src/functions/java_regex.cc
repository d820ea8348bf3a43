#include "functions/java_regex.h"

#include <re2/re2.h>
#include <unicode/regex.h>
#include <unicode/utext.h>

#include "functions/java_regex_subset.h"
#include "functions/text.h"

namespace rhei {
namespace {

// ICU counts steps in units of about 10000 operations and the stack in bytes.
constexpr int32_t kIcuTimeLimit = 2000;
constexpr int32_t kIcuStackBytes = 32 << 20;

bool EndsInLineEnd(std::string_view text) {
  return text.ends_with('\n') || text.ends_with('\r') || text.ends_with("\xC2\x85") ||
         text.ends_with("\xE2\x80\xA8") || text.ends_with("\xE2\x80\xA9");
}

// Java's \d, \w and \s know ASCII only, ICU's all of Unicode.
std::string WithAsciiClasses(std::string_view pattern) {
  if (pattern.find("(?U") != std::string_view::npos) return std::string(pattern);
  std::string icu;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\' || i + 1 == pattern.size()) {
      icu += pattern[i];
      continue;
    }
    const char c = pattern[++i];
    if (c == 'Q') {
      const size_t end = std::min(pattern.find("\\E", i), pattern.size());
      icu.append("\\").append(pattern.substr(i, end - i));
      i = end - 1;
      continue;
    }
    switch (c) {
      case 'd': icu += "[0-9]"; break;
      case 'D': icu += "[^0-9]"; break;
      case 'w': icu += "[a-zA-Z_0-9]"; break;
      case 'W': icu += "[^a-zA-Z_0-9]"; break;
      case 's': icu += "[ \\t\\n\\x0B\\f\\r]"; break;
      case 'S': icu += "[^ \\t\\n\\x0B\\f\\r]"; break;
      default: icu.append("\\").push_back(c);
    }
  }
  return icu;
}

}  // namespace

struct JavaRegex::Engines {
  std::unique_ptr<re2::RE2> re2;
  std::unique_ptr<icu::RegexPattern> icu_pattern;
  std::unique_ptr<icu::RegexMatcher> icu;
  UText text = UTEXT_INITIALIZER;
  std::vector<re2::StringPiece> pieces;
};

JavaRegex::JavaRegex() : engines_(std::make_unique<Engines>()) {}
JavaRegex::~JavaRegex() {
  utext_close(&engines_->text);
}

Result<std::unique_ptr<JavaRegex>> JavaRegex::Compile(std::string_view pattern) {
  std::unique_ptr<JavaRegex> regex(new JavaRegex());
  regex->pattern_ = pattern;
  std::string translated;
  RegexSubset subset;
  if (TranslateToRe2(pattern, &translated, &subset)) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto re2 = std::make_unique<re2::RE2>(translated, options);
    if (re2->ok()) {
      regex->group_count_ = re2->NumberOfCapturingGroups();
      regex->ascii_texts_only_ = subset.ascii_texts_only;
      regex->no_line_end_at_end_ = subset.no_line_end_at_end;
      regex->engines_->re2 = std::move(re2);
      return regex;
    }
  }
  if (!regex->MakeIcu()) return DataError("Invalid regular expression: " + std::string(pattern));
  return regex;
}

bool JavaRegex::MakeIcu() {
  if (engines_->icu != nullptr) return true;
  UErrorCode error = U_ZERO_ERROR;
  UParseError where;
  const std::string text = WithAsciiClasses(pattern_);
  const icu::UnicodeString pattern = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  engines_->icu_pattern.reset(icu::RegexPattern::compile(pattern, 0, where, error));
  if (U_FAILURE(error)) return false;
  engines_->icu.reset(engines_->icu_pattern->matcher(error));
  if (U_FAILURE(error)) return false;
  engines_->icu->setTimeLimit(kIcuTimeLimit, error);
  engines_->icu->setStackLimit(kIcuStackBytes, error);
  group_count_ = engines_->icu->groupCount();
  return U_SUCCESS(error);
}

bool JavaRegex::UseRe2(std::string_view text) const {
  if (engines_->re2 == nullptr) return false;
  if (no_line_end_at_end_ && EndsInLineEnd(text)) return false;
  return !ascii_texts_only_ || IsAscii(text);
}

size_t JavaRegex::NextStart(std::string_view text, size_t at) {
  return at >= text.size() ? at + 1 : Advance(text, at, 1);
}

JavaRegex::Outcome JavaRegex::Find(std::string_view text, size_t from, std::vector<Span>* groups) {
  Engines& engines = *engines_;
  if (UseRe2(text)) {
    engines.pieces.resize(groups->size());
    const re2::StringPiece subject(text.data(), text.size());
    if (!engines.re2->Match(subject, from, text.size(), re2::RE2::UNANCHORED, engines.pieces.data(),
                            static_cast<int>(engines.pieces.size()))) {
      return Outcome::kNo;
    }
    for (size_t i = 0; i < groups->size(); ++i) {
      const re2::StringPiece& piece = engines.pieces[i];
      Span& span = (*groups)[i];
      span = {};
      if (piece.data() == nullptr) continue;
      span.start = static_cast<size_t>(piece.data() - text.data());
      span.end = span.start + piece.size();
    }
    return Outcome::kYes;
  }
  if (!MakeIcu()) return Outcome::kNo;
  UErrorCode error = U_ZERO_ERROR;
  utext_openUTF8(&engines.text, text.data(), static_cast<int64_t>(text.size()), &error);
  engines.icu->reset(&engines.text);
  const bool found = engines.icu->find(static_cast<int64_t>(from), error) != 0;
  if (U_FAILURE(error)) return Outcome::kTooLong;
  if (!found) return Outcome::kNo;
  for (size_t i = 0; i < groups->size(); ++i) {
    const int64_t start = engines.icu->start64(static_cast<int32_t>(i), error);
    const int64_t end = engines.icu->end64(static_cast<int32_t>(i), error);
    (*groups)[i] = start < 0 ? Span() : Span{static_cast<size_t>(start), static_cast<size_t>(end)};
  }
  return Outcome::kYes;
}

JavaRegex::Outcome JavaRegex::Matches(std::string_view text) {
  Engines& engines = *engines_;
  if (UseRe2(text)) {
    const re2::StringPiece subject(text.data(), text.size());
    const bool matches =
        engines.re2->Match(subject, 0, text.size(), re2::RE2::ANCHOR_BOTH, nullptr, 0);
    return matches ? Outcome::kYes : Outcome::kNo;
  }
  if (!MakeIcu()) return Outcome::kNo;
  UErrorCode error = U_ZERO_ERROR;
  utext_openUTF8(&engines.text, text.data(), static_cast<int64_t>(text.size()), &error);
  engines.icu->reset(&engines.text);
  const bool matches = engines.icu->matches(error) != 0;
  if (U_FAILURE(error)) return Outcome::kTooLong;
  return matches ? Outcome::kYes : Outcome::kNo;
}

// --- SIMILAR TO -------------------------------------------------------------------------------

namespace {

struct PosixClass {
  std::string_view name;
  std::string_view java;
};
constexpr PosixClass kPosixClasses[] = {
    {"[:ALPHA:]", "\\p{Alpha}"}, {"[:UPPER:]", "\\p{Upper}"}, {"[:LOWER:]", "\\p{Lower}"},
    {"[:DIGIT:]", "\\d"},        {"[:SPACE:]", " "},          {"[:WHITESPACE:]", "\\s"},
    {"[:ALNUM:]", "\\p{Alnum}"},
};

Status InvalidPattern(std::string_view pattern, size_t at) {
  return InvalidSql("Invalid regular expression '" + std::string(pattern) + "', index " +
                    std::to_string(at));
}

// From behind '[' to ']', which is taken.
Status RewriteClass(std::string_view pattern, std::string_view escape, size_t* at,
                    std::string* java) {
  for (size_t i = *at; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == ']') {
      *java += ']';
      *at = i + 1;
      return {};
    }
    if (!escape.empty() && c == escape[0]) {
      if (++i >= pattern.size()) return InvalidPattern(pattern, i);
      *java += '\\';
      *java += pattern[i];
    } else if (c == '[') {
      std::string upper;
      for (char part : pattern.substr(i)) {
        upper += part >= 'a' && part <= 'z' ? static_cast<char>(part - 'a' + 'A') : part;
      }
      bool known = false;
      for (const PosixClass& posix : kPosixClasses) {
        if (!std::string_view(upper).starts_with(posix.name)) continue;
        *java += posix.java;
        i += posix.name.size() - 1;
        known = true;
        break;
      }
      if (!known) return InvalidPattern(pattern, i);
    } else if (c == '\\') {
      *java += "\\\\";
    } else {
      *java += c;
    }
  }
  return InvalidPattern(pattern, pattern.size());
}

}  // namespace

Result<std::string> SimilarToJavaPattern(std::string_view pattern, std::string_view escape) {
  if (!escape.empty() && CountCodePoints(escape) != 1) {
    return InvalidSql("Invalid escape character '" + std::string(escape) + "'");
  }
  std::string java;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (!escape.empty() && pattern.substr(i).starts_with(escape)) {
      const size_t next = i + escape.size();
      const std::string_view special = "[]()|^-+*_%?{}";
      const bool known =
          next < pattern.size() && (special.find(pattern[next]) != std::string_view::npos ||
                                    pattern.substr(next).starts_with(escape));
      if (!known) {
        return InvalidSql("Invalid escape sequence '" + std::string(pattern) + "', " +
                          std::to_string(i));
      }
      if (pattern[next] != '_' && pattern[next] != '%') java += '\\';
      java += pattern[next];
      i = next + 1;
      continue;
    }
    ++i;
    switch (c) {
      case '_': java += '.'; break;
      case '%': java += "(?s:.*)"; break;
      case '\\': java += "\\\\"; break;
      case '$': java += "\\$"; break;
      case ']': return InvalidPattern(pattern, i - 1);
      case '[':
        java += '[';
        RETURN_IF_ERROR(RewriteClass(pattern, escape, &i, &java));
        break;
      default: java += c;
    }
  }
  return java;
}

}  // namespace rhei
