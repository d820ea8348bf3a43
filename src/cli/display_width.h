#pragma once
// How wide a text is on a terminal. Thread-safety: pure.
#include <cstddef>
#include <string_view>

namespace rhei {

// Columns a terminal needs for the text: one per code point, two for wide East Asian ones and
// emoji.
size_t DisplayWidth(std::string_view text);

}  // namespace rhei
