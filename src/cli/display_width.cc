#include "cli/display_width.h"

#include <cstdint>

namespace rhei {

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c & 0xC0) == 0x80) continue;
    uint32_t code = c;
    if (c >= 0xE0 && c < 0xF0 && i + 2 < text.size()) {
      code = (c & 15u) << 12 | (static_cast<unsigned char>(text[i + 1]) & 63u) << 6 |
             (static_cast<unsigned char>(text[i + 2]) & 63u);
    } else if (c >= 0xF0) {
      code = 0x1F300;
    }
    const bool wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                      (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                      (code >= 0xFF00 && code <= 0xFF60) || code >= 0x1F300;
    width += wide ? 2 : 1;
  }
  return width;
}

}  // namespace rhei
