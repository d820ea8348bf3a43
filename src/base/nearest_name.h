#pragma once
// "Did you mean": the known name nearest to a wrong one, for error messages. Case is ignored.
#include <span>
#include <string>
#include <string_view>

namespace rhei {

// Letters to insert, delete or replace to get from one word to the other (Levenshtein).
size_t EditDistance(std::string_view a, std::string_view b);

// The candidate nearest to `name`, or "" when none is near (more than a third of its letters
// differ).
std::string NearestName(std::string_view name, std::span<const std::string_view> candidates);

// " Did you mean 'x'?" or "".
std::string DidYouMean(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace rhei
