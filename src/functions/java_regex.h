#pragma once
// JavaRegex: a regular expression of java.util.regex.
//
// Patterns in the subset where RE2 is known to agree with Java (literals, classes without nesting
// and &&, groups, alternation, greedy and lazy quantifiers, ^ $ \b, . with Java's line ends) run in
// linear time on RE2. The others, and texts on which the two could differ (a line end before $,
// characters beyond ASCII with \b), run on ICU with a limit on steps and stack.
// Thread-safety: none; one per expression program.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rhei {

class JavaRegex {
 public:
  // Byte offsets of one match; a group that took no part is {npos, npos}.
  struct Span {
    size_t start = std::string_view::npos;
    size_t end = std::string_view::npos;
    bool matched() const { return start != std::string_view::npos; }
  };
  enum class Outcome : uint8_t { kNo, kYes, kTooLong };

  // An error when the pattern is not a regular expression.
  static Result<std::unique_ptr<JavaRegex>> Compile(std::string_view pattern);
  ~JavaRegex();

  int group_count() const { return group_count_; }
  // The first match at or after byte `from`; groups[0] is the whole. `groups` tells how many are
  // wanted (at most group_count() + 1).
  Outcome Find(std::string_view text, size_t from, std::vector<Span>* groups);
  // Whether the whole text matches.
  Outcome Matches(std::string_view text);

  // Calls f(groups) for each match from the left, as repeated Matcher.find() does; f returns
  // whether to go on.
  template <typename F>
  Outcome ForEachMatch(std::string_view text, std::vector<Span>* groups, F f) {
    Outcome last = Outcome::kNo;
    for (size_t from = 0; from <= text.size();) {
      last = Find(text, from, groups);
      if (last != Outcome::kYes) break;
      const Span whole = (*groups)[0];
      if (!f()) break;
      from = whole.end > whole.start ? whole.end : NextStart(text, whole.end);
    }
    return last == Outcome::kTooLong ? last : Outcome::kYes;
  }

 private:
  struct Engines;
  JavaRegex();
  static size_t NextStart(std::string_view text, size_t at);
  bool UseRe2(std::string_view text) const;
  bool MakeIcu();

  std::unique_ptr<Engines> engines_;
  std::string pattern_;
  int group_count_ = 0;
  bool ascii_texts_only_ = false;    // RE2 agrees on ASCII texts only
  bool no_line_end_at_end_ = false;  // RE2 agrees unless the text ends in a line end
};

// What a SIMILAR TO pattern means as a Java pattern.
Result<std::string> SimilarToJavaPattern(std::string_view pattern, std::string_view escape);

}  // namespace rhei
