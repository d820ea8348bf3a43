#pragma once
// Streaming decompression of gzip and zstd files. Thread-safety: one thread per object.
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/status.h"

namespace rhei {

enum class Compression : uint8_t { kNone, kGzip, kZstd };

// By the ending of a path: .gz .gzip .zst .zstd.
Compression CompressionOf(std::string_view path);

class Decompressor {
 public:
  virtual ~Decompressor() = default;
  struct Progress {
    size_t consumed = 0;  // bytes of `in` used
    size_t produced = 0;  // bytes written to `out`
  };
  // Works until `in` is used up or `out` is full. Members and frames that follow each other count
  // as one stream. A DataError on damaged input.
  virtual Result<Progress> Decompress(std::string_view in, char* out, size_t out_size) = 0;
  // False when the stream stops in the middle of a member.
  virtual bool at_boundary() const = 0;
};

// REQUIRES: not kNone.
std::unique_ptr<Decompressor> MakeDecompressor(Compression compression);

}  // namespace rhei
