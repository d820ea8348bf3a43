#pragma once
// PaddedStringView: a StringView without a loop over its bytes, for the row path. It knows the form
// of StringView (string_view16.h).
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "columnar/string_view16.h"

namespace rhei {

// As StringView(text). REQUIRES: StringView::kInlineMax bytes can be read behind `text`, as in
// every Buffer.
inline StringView PaddedStringView(std::string_view text) {
  struct Form {
    uint32_t length;
    uint32_t prefix;
    uint64_t rest;
  };
  static_assert(sizeof(Form) == sizeof(StringView));
  const char* data = text.data();
  Form form{static_cast<uint32_t>(text.size()), 0, 0};
  std::memcpy(&form.prefix, data, sizeof(form.prefix));
  if (text.size() > StringView::kInlineMax) {
    std::memcpy(&form.rest, &data, sizeof(data));
    return std::bit_cast<StringView>(form);
  }
  std::memcpy(&form.rest, data + sizeof(form.prefix), sizeof(form.rest));
  // The bytes past the length become zero.
  const uint32_t in_prefix = form.length < 4 ? form.length : 4;
  const uint32_t in_rest = form.length - in_prefix;
  form.prefix &= static_cast<uint32_t>((uint64_t{1} << (8 * in_prefix)) - 1);
  form.rest &= in_rest == 0 ? 0 : ~uint64_t{0} >> (64 - 8 * in_rest);
  return std::bit_cast<StringView>(form);
}

}  // namespace rhei
