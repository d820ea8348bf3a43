#pragma once
// KeyCodec: how the key columns of a state table lie in its rows, chosen once by their types.
//
// kFixed: up to 16 bytes of fixed-width values packed into two words, with a bit per NULL. kString:
// one string column, its bytes as they are. kBytes: anything else, serialised by RowCodec. Floats
// are normalised, so that equal keys have equal words or bytes.
// Thread-safety: const after construction.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/column_builder.h"
#include "columnar/row_codec.h"
#include "state/state_bytes.h"

namespace rhei {

// The keys of the selected rows of one batch. Reused from batch to batch.
struct PackedKeys {
  std::vector<uint64_t> low;   // kFixed
  std::vector<uint64_t> high;  // kFixed, over 8 bytes
  std::vector<uint8_t> nulls;  // kFixed and kString: a bit per NULL column
  std::vector<StringView> strings;
  std::string bytes;  // kBytes: what `strings` points into
  std::vector<size_t> offsets;
};

class KeyCodec {
 public:
  enum class Kind : uint8_t { kFixed8, kFixed16, kString, kBytes };
  static constexpr int kNullBits = 6;  // of a row's flags

  explicit KeyCodec(const std::vector<DataType>& types);

  Kind kind() const { return kind_; }
  size_t key_bytes() const { return kind_ == Kind::kFixed8 ? 8 : 16; }
  bool has_string() const { return kind_ == Kind::kString || kind_ == Kind::kBytes; }

  void Pack(std::span<const Column* const> columns, std::span<const int32_t> rows,
            PackedKeys* out) const;

  // The key of one row as it lies in a table: words or a StringView at `key`, `nulls`.
  void AppendTo(const std::byte* key, uint8_t nulls, std::span<ColumnBuilder* const> out) const;
  void Write(const std::byte* key, uint8_t nulls, std::string* out) const;
  // Reads what Write wrote: words (kFixed) or a string that points into the reader's bytes.
  void Read(ByteReader* reader, uint64_t words[2], std::string_view* text, uint8_t* nulls) const;

 private:
  struct Part {
    PhysicalType type;
    int word;   // 0 or 1
    int shift;  // bits within the word
  };
  void PackFixed(const Column& column, const Part& part, uint8_t null_bit,
                 std::span<const int32_t> rows, PackedKeys* out) const;

  Kind kind_ = Kind::kBytes;
  std::vector<Part> parts_;  // kFixed
  RowCodec codec_;           // kBytes
};

}  // namespace rhei
