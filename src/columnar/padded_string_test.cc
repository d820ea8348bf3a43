#include "columnar/padded_string.h"

#include <gtest/gtest.h>

#include <string>

namespace rhei {
namespace {

TEST(PaddedStringView, IsTheStringView) {
  const std::string bytes = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (size_t size = 0; size <= 20; ++size) {
    const std::string_view text(bytes.data(), size);
    const StringView plain(text);
    const StringView padded = PaddedStringView(text);
    EXPECT_EQ(std::memcmp(&plain, &padded, sizeof(StringView)), 0) << size;
    EXPECT_EQ(padded.view(), text);
  }
}

}  // namespace
}  // namespace rhei
