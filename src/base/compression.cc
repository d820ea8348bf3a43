#include "base/compression.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include "base/check.h"

namespace rhei {
namespace {

class Gzip final : public Decompressor {
 public:
  Gzip() { CHECK(inflateInit2(&stream_, 15 + 16) == Z_OK); }  // 16: gzip headers
  ~Gzip() override { inflateEnd(&stream_); }

  Result<Progress> Decompress(std::string_view in, char* out, size_t out_size) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(out_size);
    while (stream_.avail_in > 0 && stream_.avail_out > 0) {
      at_boundary_ = false;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {  // The next member, if any, follows at once.
        at_boundary_ = true;
        CHECK(inflateReset(&stream_) == Z_OK);
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return DataError(fmt::format("gzip: {}", stream_.msg == nullptr ? "damaged" : stream_.msg));
      }
    }
    return Progress{in.size() - stream_.avail_in, out_size - stream_.avail_out};
  }
  bool at_boundary() const override { return at_boundary_; }

 private:
  z_stream stream_{};
  bool at_boundary_ = true;
};

class Zstd final : public Decompressor {
 public:
  Zstd() : stream_(ZSTD_createDStream()) { CHECK(stream_ != nullptr); }
  ~Zstd() override { ZSTD_freeDStream(stream_); }

  Result<Progress> Decompress(std::string_view in, char* out, size_t out_size) override {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out, out_size, 0};
    while (input.pos < input.size && output.pos < output.size) {
      const size_t result = ZSTD_decompressStream(stream_, &output, &input);
      if (ZSTD_isError(result) != 0) {
        return DataError(fmt::format("zstd: {}", ZSTD_getErrorName(result)));
      }
      at_boundary_ = result == 0;
    }
    return Progress{input.pos, output.pos};
  }
  bool at_boundary() const override { return at_boundary_; }

 private:
  ZSTD_DStream* stream_;
  bool at_boundary_ = true;
};

}  // namespace

Compression CompressionOf(std::string_view path) {
  if (path.ends_with(".gz") || path.ends_with(".gzip")) return Compression::kGzip;
  if (path.ends_with(".zst") || path.ends_with(".zstd")) return Compression::kZstd;
  return Compression::kNone;
}

std::unique_ptr<Decompressor> MakeDecompressor(Compression compression) {
  switch (compression) {
    case Compression::kNone: break;
    case Compression::kGzip: return std::make_unique<Gzip>();
    case Compression::kZstd: return std::make_unique<Zstd>();
  }
  CHECK(false);
}

namespace {
// Fast: a checkpoint shares the cores with the rows. Against level 1 this takes 30 % less time for
// about the same size.
constexpr int kBlockLevel = -1;
}  // namespace

struct BlockCompressor::Impl {
  ZSTD_CCtx* context = ZSTD_createCCtx();
};

BlockCompressor::BlockCompressor() : impl_(std::make_unique<Impl>()) {
  CHECK(impl_->context != nullptr);
}

BlockCompressor::~BlockCompressor() {
  ZSTD_freeCCtx(impl_->context);
}

bool BlockCompressor::Compress(std::string_view block, std::string* out) {
  out->resize(block.size());
  const size_t size = ZSTD_compressCCtx(impl_->context, out->data(), out->size(), block.data(),
                                        block.size(), kBlockLevel);
  // The only error is that it does not fit.
  if (ZSTD_isError(size) != 0 || size >= block.size()) return false;
  out->resize(size);
  return true;
}

struct BlockDecompressor::Impl {
  ZSTD_DCtx* context = ZSTD_createDCtx();
};

BlockDecompressor::BlockDecompressor() : impl_(std::make_unique<Impl>()) {
  CHECK(impl_->context != nullptr);
}

BlockDecompressor::~BlockDecompressor() {
  ZSTD_freeDCtx(impl_->context);
}

Status BlockDecompressor::Decompress(std::string_view in, char* out, size_t size) {
  const size_t got = ZSTD_decompressDCtx(impl_->context, out, size, in.data(), in.size());
  if (ZSTD_isError(got) != 0) return DataError(fmt::format("zstd: {}", ZSTD_getErrorName(got)));
  if (got != size) return DataError(fmt::format("zstd: {} bytes instead of {}", got, size));
  return {};
}

}  // namespace rhei
