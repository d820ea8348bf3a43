#include "functions/base64.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace rhei {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNone = 0xFF;

constexpr std::array<uint8_t, 256> MakeValues() {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kNone;
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<uint8_t>(i);
  }
  return values;
}
constexpr std::array<uint8_t, 256> kValues = MakeValues();

}  // namespace

void AppendBase64(std::string_view bytes, std::string* out) {
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t size = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = (group << 8) | (j < size ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (size_t j = 0; j < 4; ++j) {
      out->push_back(j <= size ? kAlphabet[(group >> (18 - 6 * j)) & 63] : '=');
    }
  }
}

Status DecodeBase64(std::string_view text, std::string* out) {
  uint32_t group = 0;
  int digits = 0;
  size_t i = 0;
  for (; i < text.size() && text[i] != '='; ++i) {
    const uint8_t value = kValues[static_cast<unsigned char>(text[i])];
    if (value == kNone) {
      return DataError(
          fmt::format("Illegal base64 character {:x}", static_cast<unsigned char>(text[i])));
    }
    group = (group << 6) | value;
    if (++digits == 4) {
      out->push_back(static_cast<char>(group >> 16));
      out->push_back(static_cast<char>(group >> 8));
      out->push_back(static_cast<char>(group));
      group = 0;
      digits = 0;
    }
  }
  const size_t padding = text.size() - i;
  if (digits == 1) return DataError("Last unit does not have enough valid bits");
  if (padding > 0) {
    const bool right = (digits == 2 && padding >= 2 && text[i + 1] == '=') || digits == 3;
    if (!right) return DataError("Input byte array has wrong 4-byte ending unit");
    const size_t end = i + (digits == 2 ? 2 : 1);
    if (end < text.size()) {
      return DataError(fmt::format("Input byte array has incorrect ending byte at {}", end));
    }
  }
  if (digits == 2) {
    out->push_back(static_cast<char>(group >> 4));
  } else if (digits == 3) {
    out->push_back(static_cast<char>(group >> 10));
    out->push_back(static_cast<char>(group >> 2));
  }
  return {};
}

}  // namespace rhei
