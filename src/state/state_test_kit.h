#pragma once
// For tests of state: columns from plain values, and their hashes; sections as on a disk.
#include <numeric>
#include <string>
#include <vector>

#include "columnar/column_builder.h"
#include "columnar/hash.h"
#include "state/state_store.h"
#include "state/table.h"

namespace rhei {

inline Column BigIntColumn(const std::vector<int64_t>& values) {
  ColumnBuilder builder(DataType::BigInt());
  for (const int64_t value : values) builder.Append(value);
  return builder.Finish();
}

inline Column TextColumn(const std::vector<std::string>& values) {
  ColumnBuilder builder(DataType::String());
  for (const std::string& value : values) builder.AppendString(value);
  return builder.Finish();
}

inline std::vector<uint64_t> HashesOf(const std::vector<const Column*>& columns, size_t rows) {
  std::vector<uint64_t> hashes(rows);
  HashRows(columns, static_cast<int32_t>(rows), hashes.data());
  return hashes;
}

inline std::vector<int32_t> AllRows(size_t rows) {
  std::vector<int32_t> out(rows);
  std::iota(out.begin(), out.end(), 0);
  return out;
}

// A key of one BIGINT as the states want it.
struct BigIntKey {
  explicit BigIntKey(int64_t number)
      : value(number), column(BigIntColumn({number})), columns{&column} {
    hash = HashesOf(columns, 1)[0];
  }
  int64_t value;
  Column column;
  std::vector<const Column*> columns;
  uint64_t hash;
};

// Objects that are strings.
class TextCodec final : public ObjectCodec {
 public:
  void Destroy(void* object) const override { delete static_cast<std::string*>(object); }
  void Save(const void* object, std::string* out) const override {
    *out += *static_cast<const std::string*>(object);
  }
  Result<void*> Load(std::string_view bytes) const override {
    return static_cast<void*>(new std::string(bytes));
  }
};

// What is wrong, or the bytes.
class StoredForTest final : public StoredBytes {
 public:
  explicit StoredForTest(std::string bytes, Status failure = {})
      : bytes_(std::move(bytes)), failure_(std::move(failure)) {}
  uint64_t size() const override { return bytes_.size(); }
  Result<std::string> Read() const override {
    if (!failure_.ok()) return failure_;
    return bytes_;
  }

 private:
  std::string bytes_;
  Status failure_;
};

inline void PutAway(StateSection* section, Status failure = {}) {
  section->stored = std::make_shared<StoredForTest>(section->bytes, std::move(failure));
  section->bytes.clear();
}

}  // namespace rhei
