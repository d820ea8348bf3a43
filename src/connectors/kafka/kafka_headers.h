#pragma once
// Headers of a record as one byte string, so that they travel in RecordChunk::headers: for each
// header the lengths of key and value (int32, -1: null value) and their bytes.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace rhei {

inline void WriteKafkaHeader(std::string_view key, const char* value, int32_t value_size,
                             std::string* out) {
  const auto key_size = static_cast<int32_t>(key.size());
  out->append(reinterpret_cast<const char*>(&key_size), sizeof(key_size));
  out->append(reinterpret_cast<const char*>(&value_size), sizeof(value_size));
  out->append(key);
  if (value_size > 0) out->append(value, static_cast<size_t>(value_size));
}

struct KafkaHeader {
  std::string_view key;
  bool has_value = false;
  std::string_view value;
};

// Takes the first header off `bytes`; false at the end.
inline bool ReadKafkaHeader(std::string_view* bytes, KafkaHeader* header) {
  int32_t key_size = 0, value_size = 0;
  if (bytes->size() < 2 * sizeof(int32_t)) return false;
  std::memcpy(&key_size, bytes->data(), sizeof(key_size));
  std::memcpy(&value_size, bytes->data() + sizeof(key_size), sizeof(value_size));
  bytes->remove_prefix(2 * sizeof(int32_t));
  header->key = bytes->substr(0, static_cast<size_t>(key_size));
  bytes->remove_prefix(header->key.size());
  header->has_value = value_size >= 0;
  header->value = bytes->substr(0, header->has_value ? static_cast<size_t>(value_size) : 0);
  bytes->remove_prefix(header->value.size());
  return true;
}

}  // namespace rhei
