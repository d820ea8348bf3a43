// Reads files block by block into chunks of whole records. A chunk's buffer is fresh, because
// decoded strings point into it; the record that a block cuts in two is carried to the front of the
// next.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <deque>

#include <fmt/format.h>

#include "base/check.h"
#include "base/compression.h"
#include "connectors/filesystem/file_source.h"

namespace rhei {
namespace {

// Half of an L2 cache: a chunk is decoded while it is still warm.
constexpr size_t kBlockBytes = size_t{512} << 10;
constexpr size_t kRecordsMax = 32768;

// The text of one file from some offset on, decompressed where its name says so.
class FileText {
 public:
  static Result<std::unique_ptr<FileText>> Open(FileSystem* files, const std::string& path,
                                                int64_t offset) {
    auto text = std::make_unique<FileText>();
    ASSIGN_OR_RETURN(text->file_, files->OpenForRead(path));
    const Compression compression = CompressionOf(path);
    if (compression == Compression::kNone) {
      if (offset > 0) {
        ASSIGN_OR_RETURN(const FileInfo info, files->Stat(path));
        if (info.bytes < offset) return Shortened(path, offset, info.bytes);
      }
      text->position_ = static_cast<uint64_t>(offset);
      return text;
    }
    text->decompressor_ = MakeDecompressor(compression);
    // There is no way into the middle of a compressed file but from its start.
    std::string skipped(kBlockBytes, '\0');
    for (int64_t at = 0; at < offset;) {
      const size_t wanted = static_cast<size_t>(std::min<int64_t>(offset - at, kBlockBytes));
      ASSIGN_OR_RETURN(const size_t got, text->Read(skipped.data(), wanted));
      if (got == 0) return Shortened(path, offset, at);
      at += static_cast<int64_t>(got);
    }
    return text;
  }

  // 0 at the end.
  Result<size_t> Read(char* out, size_t size) {
    if (decompressor_ == nullptr) {
      ASSIGN_OR_RETURN(const size_t got, file_->ReadAt(position_, out, size));
      position_ += got;
      return got;
    }
    while (true) {
      if (pending_.empty()) {
        compressed_.resize(kBlockBytes / 4);
        ASSIGN_OR_RETURN(const size_t got,
                         file_->ReadAt(position_, compressed_.data(), compressed_.size()));
        position_ += got;
        pending_ = std::string_view(compressed_.data(), got);
        if (got == 0) {
          if (!decompressor_->at_boundary()) return DataError("compressed file is cut off");
          return size_t{0};
        }
      }
      ASSIGN_OR_RETURN(const Decompressor::Progress progress,
                       decompressor_->Decompress(pending_, out, size));
      pending_.remove_prefix(progress.consumed);
      if (progress.produced > 0) return progress.produced;
    }
  }

 private:
  static Status Shortened(const std::string& path, int64_t offset, int64_t size) {
    return Status(ErrorCode::kStateMismatch,
                  fmt::format("{}: the checkpoint goes on at byte {} and the file has {}: it was "
                              "shortened or replaced, and what it held is lost",
                              path, offset, size));
  }

  std::unique_ptr<RandomAccessFile> file_;
  uint64_t position_ = 0;
  std::unique_ptr<Decompressor> decompressor_;
  std::string compressed_;
  std::string_view pending_;
};

class FileReader final : public SourceReader {
 public:
  FileReader(FileSourceOptions options, FileSystem* files, MemoryPool* pool)
      : options_(std::move(options)), files_(files), pool_(pool) {}

  Status AddSplit(const SourceSplit& split, int32_t split_number) override {
    int64_t offset = 0;
    const char* end = split.state.data() + split.state.size();
    if (!split.state.empty() && std::from_chars(split.state.data(), end, offset).ptr != end) {
      return DataError(fmt::format("{}: stored position '{}' is damaged", split.id, split.state));
    }
    waiting_.push_back({split.id, split_number, offset});
    return {};
  }

  Result<PollResult> Poll(int64_t /*wait_micros*/, RecordChunk* chunk) override {
    if (text_ == nullptr) {
      if (waiting_.empty()) return PollResult::kNothing;
      current_ = waiting_.front();
      waiting_.pop_front();
      ASSIGN_OR_RETURN(text_, FileText::Open(files_, current_.path, current_.offset));
      carried_.clear();
      at_end_ = false;
      // Where reading began in the middle, records before it were not counted.
      next_record_ = current_.offset == 0 ? 1 : 0;
      skip_left_ = current_.offset == 0 ? options_.skip_lines : 0;
    }
    *chunk = RecordChunk();
    chunk->split = current_.number;
    chunk->split_name = current_.path;
    RETURN_IF_ERROR(ReadRecords(chunk));
    chunk->next_offset = current_.offset;
    if (chunk->values.empty()) {
      text_.reset();
      return PollResult::kSplitEnd;
    }
    return PollResult::kChunk;
  }

  std::string StateAfter(int32_t /*split_number*/, int64_t next_offset) override {
    return std::to_string(next_offset);
  }

 private:
  struct File {
    std::string path;
    int32_t number = 0;
    int64_t offset = 0;  // of the first byte not yet handed out
  };

  // Fills the chunk with the next records; none at the end of the file.
  Status ReadRecords(RecordChunk* chunk) {
    size_t capacity = std::max(kBlockBytes, carried_.size() * 2);
    while (true) {
      BufferPtr buffer = Buffer::Allocate(capacity, pool_);
      std::memcpy(buffer->chars(), carried_.data(), carried_.size());
      size_t used = carried_.size();
      while (!at_end_ && used < capacity) {
        Result<size_t> got = text_->Read(buffer->chars() + used, capacity - used);
        if (!got.ok()) return std::move(got).status().WithContext(current_.path);
        at_end_ = *got == 0;
        used += *got;
      }
      size_t consumed = 0;
      const Status split =
          SplitRecords(options_.framing, std::string_view(buffer->chars(), used), at_end_,
                       options_.record_bytes_max, kRecordsMax, &chunk->values, &consumed);
      if (!split.ok()) {
        return split.WithContext(fmt::format("{} at byte {}", current_.path,
                                             current_.offset + static_cast<int64_t>(consumed)));
      }
      if (chunk->values.empty() && !at_end_) {
        carried_.assign(buffer->chars(), used);
        capacity *= 2;
        continue;
      }
      if (SkipLines(&chunk->values) && chunk->values.empty() && !at_end_) {
        carried_.assign(buffer->chars() + consumed, used - consumed);
        current_.offset += static_cast<int64_t>(consumed);
        continue;
      }
      carried_.assign(buffer->chars() + consumed, used - consumed);
      buffer->Shrink(used);
      for (const ByteSpan& record : chunk->values) {
        chunk->offsets.push_back(current_.offset + record.offset);
      }
      if (next_record_ > 0) {
        chunk->first_record = next_record_;
        next_record_ += static_cast<int64_t>(chunk->values.size());
      }
      current_.offset += static_cast<int64_t>(consumed);
      chunk->buffer = std::move(buffer);
      return {};
    }
  }

  // Drops what 'rhei.skip-lines' names; true when it dropped something.
  bool SkipLines(std::vector<ByteSpan>* records) {
    if (skip_left_ == 0) return false;
    const int64_t count = std::min(skip_left_, static_cast<int64_t>(records->size()));
    records->erase(records->begin(), records->begin() + count);
    skip_left_ -= count;
    next_record_ += count;
    return count > 0;
  }

  FileSourceOptions options_;
  FileSystem* files_;
  MemoryPool* pool_;
  int64_t skip_left_ = 0;
  int64_t next_record_ = 0;  // number of the next record of the file; 0: unknown
  std::deque<File> waiting_;
  File current_;
  std::unique_ptr<FileText> text_;
  std::string carried_;
  bool at_end_ = false;
};

}  // namespace

std::unique_ptr<SourceReader> MakeFileReader(FileSourceOptions options, FileSystem* files,
                                             MemoryPool* pool) {
  return std::make_unique<FileReader>(std::move(options), files, pool);
}

}  // namespace rhei
