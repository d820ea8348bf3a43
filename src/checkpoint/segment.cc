#include "checkpoint/segment.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/checksum.h"
#include "base/kill_point.h"
#include "state/state_bytes.h"

namespace rhei {
namespace {

constexpr std::string_view kMagic = "RHEISEG\n";
constexpr std::string_view kEndMagic = "RHEIEND\n";
constexpr uint32_t kVersion = 1;
constexpr size_t kBlockBytes = size_t{256} << 10;
constexpr size_t kHeaderBytes = 32;
constexpr size_t kIndexEntryBytes = 16;
constexpr size_t kTrailerBytes = 32;

// Of the header, the index and the counts: whoever knows it knows every byte of the file.
uint64_t IndexChecksum(const std::string& header, const std::string& index, uint64_t block_count,
                       uint64_t raw_bytes) {
  std::string all = header + index;
  WriteFixed(block_count, &all);
  WriteFixed(raw_bytes, &all);
  return Checksum(all);
}

}  // namespace

SegmentWriter::SegmentWriter(SegmentInfo info, std::unique_ptr<WritableFile> file)
    : info_(std::move(info)), file_(std::move(file)) {}

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::Create(FileSystem& files,
                                                             const std::string& directory,
                                                             SegmentInfo info) {
  ASSIGN_OR_RETURN(auto file, files.Create(directory + "/" + info.name, false));
  std::unique_ptr<SegmentWriter> writer(new SegmentWriter(std::move(info), std::move(file)));
  writer->header_ = kMagic;
  WriteFixed(kVersion, &writer->header_);
  WriteFixed(static_cast<uint32_t>(writer->info_.shard), &writer->header_);
  WriteFixed(writer->info_.epoch, &writer->header_);
  WriteFixed(writer->info_.generation, &writer->header_);
  RETURN_IF_ERROR(writer->file_->Append(writer->header_));
  writer->file_bytes_ = writer->header_.size();
  return writer;
}

Result<uint64_t> SegmentWriter::Append(std::string_view bytes) {
  const uint64_t offset = raw_bytes_;
  raw_bytes_ += bytes.size();
  while (!bytes.empty()) {
    // Whole blocks go out from where they are, without a copy.
    if (block_.empty() && bytes.size() >= kBlockBytes) {
      RETURN_IF_ERROR(WriteBlock(bytes.substr(0, kBlockBytes)));
      bytes.remove_prefix(kBlockBytes);
      continue;
    }
    const size_t taken = std::min(bytes.size(), kBlockBytes - block_.size());
    block_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (block_.size() == kBlockBytes) {
      RETURN_IF_ERROR(WriteBlock(block_));
      block_.clear();
    }
  }
  return offset;
}

Status SegmentWriter::WriteBlock(std::string_view block) {
  const bool shorter = compressor_.Compress(block, &compressed_);
  const std::string_view stored = shorter ? std::string_view(compressed_) : block;
  WriteFixed(static_cast<uint32_t>(stored.size()), &index_);
  WriteFixed(static_cast<uint32_t>(block.size()), &index_);
  WriteFixed(Checksum(stored, block_count_), &index_);
  ++block_count_;
  file_bytes_ += stored.size();
  return file_->Append(stored);
}

Result<SegmentInfo> SegmentWriter::Finish(const Environment& env) {
  if (!block_.empty()) RETURN_IF_ERROR(WriteBlock(block_));
  block_.clear();
  info_.index_checksum = IndexChecksum(header_, index_, block_count_, raw_bytes_);
  std::string end = std::move(index_);
  WriteFixed(block_count_, &end);
  WriteFixed(raw_bytes_, &end);
  WriteFixed(info_.index_checksum, &end);
  end += kEndMagic;
  info_.file_bytes = file_bytes_ + end.size();
  RETURN_IF_ERROR(file_->Append(end));
  PassKillPoint(env, KillPoint::kSegmentWritten);
  RETURN_IF_ERROR(file_->Sync());
  PassKillPoint(env, KillPoint::kSegmentSynced);
  RETURN_IF_ERROR(file_->Close());
  return info_;
}

SegmentReader::SegmentReader(std::unique_ptr<RandomAccessFile> file, std::string path)
    : file_(std::move(file)), path_(std::move(path)) {}

Status SegmentReader::Damaged(std::string_view what) const {
  return {ErrorCode::kStateMismatch, fmt::format("{}: damaged: {}", path_, what)};
}

Result<std::unique_ptr<SegmentReader>> SegmentReader::Open(std::unique_ptr<RandomAccessFile> file,
                                                           uint64_t file_bytes, std::string path,
                                                           const SegmentInfo* expected) {
  std::unique_ptr<SegmentReader> reader(new SegmentReader(std::move(file), std::move(path)));
  if (expected != nullptr && file_bytes != expected->file_bytes) {
    return reader->Damaged(
        fmt::format("it has {} bytes, its manifest says {}", file_bytes, expected->file_bytes));
  }
  RETURN_IF_ERROR(reader->ReadIndex(file_bytes));
  if (expected != nullptr) {
    reader->info_.name = expected->name;
    if (reader->info_ != *expected) {
      return reader->Damaged(fmt::format(
          "it is not the segment that its manifest means: epoch {}, generation {}, shard {} "
          "instead of epoch {}, generation {}, shard {}",
          reader->info_.epoch, reader->info_.generation, reader->info_.shard, expected->epoch,
          expected->generation, expected->shard));
    }
  }
  return reader;
}

Status SegmentReader::ReadExactly(uint64_t offset, char* out, size_t size) {
  while (size > 0) {
    ASSIGN_OR_RETURN(const size_t got, file_->ReadAt(offset, out, size));
    if (got == 0) return Damaged("it ends too early");
    offset += got;
    out += got;
    size -= got;
  }
  return {};
}

Status SegmentReader::ReadIndex(uint64_t file_bytes) {
  if (file_bytes < kHeaderBytes + kTrailerBytes) return Damaged("it is too short");
  std::string header(kHeaderBytes, '\0');
  RETURN_IF_ERROR(ReadExactly(0, header.data(), header.size()));
  std::string trailer(kTrailerBytes, '\0');
  RETURN_IF_ERROR(ReadExactly(file_bytes - kTrailerBytes, trailer.data(), trailer.size()));
  ByteReader end(trailer);
  const auto block_count = end.ReadFixed<uint64_t>();
  raw_bytes_ = end.ReadFixed<uint64_t>();
  info_.index_checksum = end.ReadFixed<uint64_t>();
  if (end.ReadRaw(kEndMagic.size()) != kEndMagic) return Damaged("its end is missing");
  const uint64_t room = file_bytes - kHeaderBytes - kTrailerBytes;
  if (block_count > room / kIndexEntryBytes) return Damaged("its index does not fit into it");
  std::string index(static_cast<size_t>(block_count) * kIndexEntryBytes, '\0');
  RETURN_IF_ERROR(
      ReadExactly(file_bytes - kTrailerBytes - index.size(), index.data(), index.size()));
  if (IndexChecksum(header, index, block_count, raw_bytes_) != info_.index_checksum) {
    return Damaged("the checksum of its index is wrong");
  }
  ByteReader start(header);
  if (start.ReadRaw(kMagic.size()) != kMagic) return Damaged("it is not a segment");
  if (const auto version = start.ReadFixed<uint32_t>(); version != kVersion) {
    return {ErrorCode::kStateMismatch,
            fmt::format("{}: is of format version {}; this rhei reads version {}", path_, version,
                        kVersion)};
  }
  info_.shard = static_cast<int>(start.ReadFixed<uint32_t>());
  info_.epoch = start.ReadFixed<uint64_t>();
  info_.generation = start.ReadFixed<uint64_t>();
  info_.file_bytes = file_bytes;
  ByteReader entries(index);
  uint64_t at = kHeaderBytes;
  uint64_t raw = 0;
  for (uint64_t i = 0; i < block_count; ++i) {
    Block block;
    block.file_offset = at;
    block.stored_bytes = entries.ReadFixed<uint32_t>();
    block.raw_bytes = entries.ReadFixed<uint32_t>();
    block.checksum = entries.ReadFixed<uint64_t>();
    const bool full = block.raw_bytes == kBlockBytes;
    const bool last = i + 1 == block_count && block.raw_bytes > 0 && block.raw_bytes < kBlockBytes;
    if ((!full && !last) || block.stored_bytes > block.raw_bytes) {
      return Damaged("its index is not consistent");
    }
    at += block.stored_bytes;
    raw += block.raw_bytes;
    blocks_.push_back(block);
  }
  if (at + index.size() + kTrailerBytes != file_bytes || raw != raw_bytes_) {
    return Damaged("its index does not fit its length");
  }
  return {};
}

Status SegmentReader::ReadStored(size_t ordinal, char* out) {
  const Block& block = blocks_[ordinal];
  RETURN_IF_ERROR(ReadExactly(block.file_offset, out, block.stored_bytes));
  if (Checksum({out, block.stored_bytes}, ordinal) == block.checksum) return {};
  return Damaged(
      fmt::format("the checksum of block {} at byte {} is wrong", ordinal, block.file_offset));
}

Status SegmentReader::ReadBlock(size_t ordinal, char* out) {
  const Block& block = blocks_[ordinal];
  if (block.stored_bytes == block.raw_bytes) return ReadStored(ordinal, out);
  stored_.resize(block.stored_bytes);
  RETURN_IF_ERROR(ReadStored(ordinal, stored_.data()));
  Status status = decompressor_.Decompress(stored_, out, block.raw_bytes);
  return status.ok() ? status : Damaged(fmt::format("block {}: {}", ordinal, status.message()));
}

Status SegmentReader::LoadBlock(size_t ordinal) {
  if (ordinal == loaded_ordinal_) return {};
  loaded_ordinal_ = SIZE_MAX;
  loaded_.resize(blocks_[ordinal].raw_bytes);
  RETURN_IF_ERROR(ReadBlock(ordinal, loaded_.data()));
  loaded_ordinal_ = ordinal;
  return {};
}

Status SegmentReader::CheckRange(uint64_t offset, uint64_t size) const {
  if (offset <= raw_bytes_ && size <= raw_bytes_ - offset) return {};
  return Damaged(fmt::format("it has no bytes {} to {}", offset, offset + size));
}

Status SegmentReader::Read(uint64_t offset, uint64_t size, char* out) {
  RETURN_IF_ERROR(CheckRange(offset, size));
  while (size > 0) {
    const auto ordinal = static_cast<size_t>(offset / kBlockBytes);
    const auto within = static_cast<size_t>(offset % kBlockBytes);
    const auto wanted =
        static_cast<size_t>(std::min<uint64_t>(blocks_[ordinal].raw_bytes - within, size));
    if (wanted == blocks_[ordinal].raw_bytes && ordinal != loaded_ordinal_) {
      // A whole block goes to where it is wanted, without a copy.
      RETURN_IF_ERROR(ReadBlock(ordinal, out));
    } else {
      RETURN_IF_ERROR(LoadBlock(ordinal));
      std::memcpy(out, loaded_.data() + within, wanted);
    }
    offset += wanted;
    size -= wanted;
    out += wanted;
  }
  return {};
}

Status SegmentReader::Verify(uint64_t offset, uint64_t size) {
  RETURN_IF_ERROR(CheckRange(offset, size));
  if (size == 0) return {};
  const auto last = static_cast<size_t>((offset + size - 1) / kBlockBytes);
  for (auto ordinal = static_cast<size_t>(offset / kBlockBytes); ordinal <= last; ++ordinal) {
    if (ordinal == verified_ordinal_) continue;
    stored_.resize(blocks_[ordinal].stored_bytes);
    RETURN_IF_ERROR(ReadStored(ordinal, stored_.data()));
    verified_ordinal_ = ordinal;
  }
  return {};
}

Status SegmentReader::VerifyAll() {
  for (size_t i = 0; i < blocks_.size(); ++i) RETURN_IF_ERROR(LoadBlock(i));
  return {};
}

}  // namespace rhei
