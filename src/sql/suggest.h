#pragma once
// The word that a misspelt one was meant to be. Thread-safety: pure. Cost: the lengths multiplied,
// for each candidate.
#include <string_view>
#include <vector>

namespace rhei {

// The candidate closest to `word`, or "" when none is close: at most one edit for three letters.
std::string_view NearestWord(std::string_view word,
                             const std::vector<std::string_view>& candidates);

}  // namespace rhei
