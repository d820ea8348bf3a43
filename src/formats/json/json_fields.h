#pragma once
// The fields of a row as JsonRowReader meets them: a tree of Field and RowShape over the column
// builders. Private to the JSON reader. Thread-safety: one thread.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/json/json_value.h"

namespace rhei {

struct JsonRowReader::Field {
  std::string name;
  DataType type;
  TypeRoot root;
  PhysicalType physical;
  ColumnBuilder* builder;
  std::vector<std::unique_ptr<Field>> children;  // ARRAY, MAP, MULTISET: as the builder's
  std::unique_ptr<RowShape> row;                 // ROW
  bool null_is_zero = false;                     // the counts of a MULTISET
  bool plain_integer = false;                    // integers and what is stored as one
  bool left_out = false;                         // checked only: `builder` is a scratch one
  std::unique_ptr<ColumnBuilder> scratch;
  int64_t range_min = 0;
  int64_t range_max = 0;

  bool InRange(int64_t value) const { return value >= range_min && value <= range_max; }
  // REQUIRES: plain_integer, or a number that fits the physical type.
  void AppendInteger(int64_t value) {
    switch (physical) {
      case PhysicalType::kInt8: builder->Append(static_cast<int8_t>(value)); return;
      case PhysicalType::kInt16: builder->Append(static_cast<int16_t>(value)); return;
      case PhysicalType::kInt32: builder->Append(static_cast<int32_t>(value)); return;
      default: builder->Append(value); return;
    }
  }

  // `fields`: as ScanColumn; `target` has those fields only.
  Field(std::string_view field_name, ColumnBuilder* target, const DataType* whole = nullptr,
        const std::vector<bool>* fields = nullptr);
};

struct JsonRowReader::RowShape {
  static constexpr size_t kKeysMax = 512;
  // A key as it stood at its place in the last object, with its quotes and colon. Compared in whole
  // words: memcmp's call costs more than the comparison.
  struct Key {
    static constexpr size_t kWords = 4;
    size_t size = 0;  // 0: nothing known, or longer than the words hold
    uint64_t words[kWords] = {};
    uint64_t masks[kWords] = {};
    int field = -1;

    void Set(std::string_view quoted, int to) {
      size = quoted.size() <= sizeof(words) ? quoted.size() : 0;
      field = to;
      if (size == 0) return;
      char bytes[sizeof(words)] = {};
      char ones[sizeof(words)] = {};
      std::memcpy(bytes, quoted.data(), size);
      std::memset(ones, 0xff, size);
      std::memcpy(words, bytes, sizeof(words));
      std::memcpy(masks, ones, sizeof(masks));
    }
    // Whether `p`, with `left` bytes behind it, begins with the key. Reads the buffer's padding.
    bool Matches(const char* p, size_t left) const {
      if (size == 0 || size >= left) return false;
      for (size_t i = 0; i * sizeof(uint64_t) < size; ++i) {
        uint64_t word;
        std::memcpy(&word, p + i * sizeof(word), sizeof(word));
        if (((word ^ words[i]) & masks[i]) != 0) return false;
      }
      return true;
    }
  };
  std::vector<std::unique_ptr<Field>> fields;
  std::unordered_map<std::string_view, int> index;
  std::vector<Key> keys;
  size_t wanted_count = 0;  // fields that are not left out

  void Add(std::string_view name, ColumnBuilder* builder) {
    fields.push_back(std::make_unique<Field>(name, builder));
    ++wanted_count;
  }
  void AddLeftOut(std::string_view name, const DataType& type) {
    auto scratch = std::make_unique<ColumnBuilder>(type);
    fields.push_back(std::make_unique<Field>(name, scratch.get()));
    fields.back()->left_out = true;
    fields.back()->scratch = std::move(scratch);
  }
  // Of two fields with one name the last wins, as in Flink's map. (SQL does not allow them.)
  void Index() {
    for (size_t i = 0; i < fields.size(); ++i) index[fields[i]->name] = static_cast<int>(i);
  }
};

}  // namespace rhei
