#pragma once
// Which Java patterns RE2 runs with the same results, and how they are written for it.
// Thread-safety: pure function.
#include <string>
#include <string_view>

namespace rhei {

// Conditions on the text under which RE2 agrees with Java.
struct RegexSubset {
  bool ascii_texts_only = false;    // \b: Java's word characters are Unicode letters
  bool no_line_end_at_end = false;  // $: Java's also stands before a line end at the end
};

// False when the pattern is outside of the subset (or not a pattern at all).
bool TranslateToRe2(std::string_view pattern, std::string* re2, RegexSubset* subset);

}  // namespace rhei
