#pragma once
// Segments: the files that hold the bytes of sections, one after the other, in compressed and
// checksummed blocks (docs/formats/checkpoint.md). Written once, in order; read by position.
//
// Offsets are positions in the uncompressed bytes. A reader trusts nothing: any damage of the bytes
// that it looks at is a kStateMismatch that names the file.
// Thread-safety: one thread per object; several readers of one file are independent.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/compression.h"
#include "base/env.h"

namespace rhei {

// What a manifest says about a segment.
struct SegmentInfo {
  std::string name;  // relative to the manifest's directory
  uint64_t generation = 0;
  uint64_t epoch = 0;
  int shard = 0;
  uint64_t file_bytes = 0;
  uint64_t index_checksum = 0;  // over everything in the file, blocks by their checksums
  bool operator==(const SegmentInfo&) const = default;
};

class SegmentWriter {
 public:
  // Creates <directory>/<info.name>, which must not exist. `info` names the segment; its sizes and
  // checksum are filled in by Finish.
  static Result<std::unique_ptr<SegmentWriter>> Create(FileSystem& files,
                                                       const std::string& directory,
                                                       SegmentInfo info);
  // The offset at which `bytes` begin.
  Result<uint64_t> Append(std::string_view bytes);
  // Writes the rest and makes the file durable (not its name: that is the directory's).
  Result<SegmentInfo> Finish(const Environment& env);

 private:
  SegmentWriter(SegmentInfo info, std::unique_ptr<WritableFile> file);
  Status WriteBlock(std::string_view block);

  SegmentInfo info_;
  std::unique_ptr<WritableFile> file_;
  BlockCompressor compressor_;
  std::string header_;
  std::string block_;       // not yet written
  std::string compressed_;  // kept for its capacity
  std::string index_;
  uint64_t block_count_ = 0;
  uint64_t raw_bytes_ = 0;
  uint64_t file_bytes_ = 0;
};

class SegmentReader {
 public:
  // `expected`: null to accept any segment (inspection, fuzzing), else what the manifest says.
  static Result<std::unique_ptr<SegmentReader>> Open(std::unique_ptr<RandomAccessFile> file,
                                                     uint64_t file_bytes, std::string path,
                                                     const SegmentInfo* expected);
  // Verifies the blocks that it reads.
  Status Read(uint64_t offset, uint64_t size, char* out);
  // Looks that the blocks of these bytes are what was written, as they are in the file: cheap, and
  // enough to know that a Read will succeed.
  Status Verify(uint64_t offset, uint64_t size);
  // Reads every block.
  Status VerifyAll();
  const SegmentInfo& info() const { return info_; }
  uint64_t raw_bytes() const { return raw_bytes_; }

 private:
  struct Block {
    uint64_t file_offset = 0;
    uint32_t stored_bytes = 0;
    uint32_t raw_bytes = 0;
    uint64_t checksum = 0;
  };
  SegmentReader(std::unique_ptr<RandomAccessFile> file, std::string path);
  Status ReadIndex(uint64_t file_bytes);
  Status ReadExactly(uint64_t offset, char* out, size_t size);
  Status CheckRange(uint64_t offset, uint64_t size) const;
  // The block as it is in the file, verified.
  Status ReadStored(size_t ordinal, char* out);
  // Into `out`, which has room for its raw bytes.
  Status ReadBlock(size_t ordinal, char* out);
  Status LoadBlock(size_t ordinal);
  Status Damaged(std::string_view what) const;

  std::unique_ptr<RandomAccessFile> file_;
  std::string path_;
  SegmentInfo info_;
  std::vector<Block> blocks_;
  uint64_t raw_bytes_ = 0;
  BlockDecompressor decompressor_;
  std::string stored_;  // the newest block as it is in the file
  std::string loaded_;  // the newest block, decompressed
  size_t loaded_ordinal_ = SIZE_MAX;
  size_t verified_ordinal_ = SIZE_MAX;
};

}  // namespace rhei
