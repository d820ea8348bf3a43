#pragma once
// StringView: 16 bytes that are a string (a "German string"): length, then either up to 12 bytes
// inline, or a 4-byte prefix and a pointer into a buffer that the column keeps alive.
//
// Bytes past the length of an inline string are zero, so that two inline strings compare as two
// integers. Order is by unsigned bytes, as Flink compares (UTF-8 order).
#include <compare>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace rhei {

class StringView {
 public:
  static constexpr uint32_t kInlineMax = 12;

  StringView() = default;
  // Points to `text` when it is longer than kInlineMax; the caller keeps those bytes alive.
  explicit StringView(std::string_view text) : length_(static_cast<uint32_t>(text.size())) {
    if (text.size() <= kInlineMax) {
      // An empty view may have no bytes to point to.
      if (!text.empty()) std::memcpy(bytes_, text.data(), text.size());
    } else {
      const char* data = text.data();
      std::memcpy(bytes_, data, 4);
      std::memcpy(bytes_ + 4, &data, sizeof(data));
    }
  }

  uint32_t size() const { return length_; }
  bool is_inline() const { return length_ <= kInlineMax; }
  const char* data() const {
    if (is_inline()) return bytes_;
    const char* data;
    std::memcpy(&data, bytes_ + 4, sizeof(data));
    return data;
  }
  // For an inline string, valid only while this very object is.
  std::string_view view() const { return {data(), length_}; }

  friend bool operator==(const StringView& a, const StringView& b) {
    uint64_t a_head, b_head;
    std::memcpy(&a_head, &a, 8);  // length and prefix at once
    std::memcpy(&b_head, &b, 8);
    if (a_head != b_head) return false;
    if (a.is_inline()) return std::memcmp(a.bytes_ + 4, b.bytes_ + 4, 8) == 0;
    return std::memcmp(a.data() + 4, b.data() + 4, a.length_ - 4) == 0;
  }
  friend std::strong_ordering operator<=>(const StringView& a, const StringView& b) {
    return a.view().compare(b.view()) <=> 0;
  }

 private:
  uint32_t length_ = 0;
  char bytes_[12] = {};
};
static_assert(sizeof(StringView) == 16);

}  // namespace rhei
