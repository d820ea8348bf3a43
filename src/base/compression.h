#pragma once
// Streaming decompression of gzip and zstd files, and zstd of single blocks for what Rhei writes
// itself. Thread-safety: one thread per object.
#include <cstddef>
#include <memory>
#include <string>
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

// Compresses blocks one by one, each a zstd frame of its own.
class BlockCompressor {
 public:
  BlockCompressor();
  ~BlockCompressor();
  BlockCompressor(const BlockCompressor&) = delete;
  BlockCompressor& operator=(const BlockCompressor&) = delete;
  // Into `out`, which it replaces. False when that would not be shorter than `block`.
  bool Compress(std::string_view block, std::string* out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class BlockDecompressor {
 public:
  BlockDecompressor();
  ~BlockDecompressor();
  BlockDecompressor(const BlockDecompressor&) = delete;
  BlockDecompressor& operator=(const BlockDecompressor&) = delete;
  // A DataError when `in` is not one frame of exactly `size` bytes.
  Status Decompress(std::string_view in, char* out, size_t size);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rhei
