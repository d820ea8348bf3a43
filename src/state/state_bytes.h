#pragma once
// Reading and writing of the byte strings inside state sections: little-endian fixed integers,
// LEB128 lengths. A reader remembers that it met the end too early; ask ok() once.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace rhei {

template <typename T>
void WriteFixed(T value, std::string* out) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out->append(bytes, sizeof(T));
}

inline void WriteVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>((value & 0x7F) | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

// A varint of a signed number: 0, -1, 1, -2 ...
inline void WriteZigZag(int64_t value, std::string* out) {
  WriteVarint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63), out);
}

inline void WriteBytes(std::string_view bytes, std::string* out) {
  WriteVarint(bytes.size(), out);
  out->append(bytes);
}

// A stored count beyond it is damage: one can be added to any other.
constexpr int64_t kStoredCountMax = INT64_MAX / 2;

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  size_t left() const { return bytes_.size(); }
  std::string_view rest() const { return bytes_; }
  bool at_end() const { return bytes_.empty() || !ok_; }
  // What was read cannot be.
  void Fail() { ok_ = false; }

  template <typename T>
  T ReadFixed() {
    T value{};
    const std::string_view raw = ReadRaw(sizeof(T));
    if (ok_) std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  uint64_t ReadVarint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) break;
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    ok_ = false;
    return 0;
  }
  int64_t ReadZigZag() {
    const uint64_t value = ReadVarint();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  std::string_view ReadRaw(size_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }
  std::string_view ReadBytes() { return ReadRaw(static_cast<size_t>(ReadVarint())); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace rhei
