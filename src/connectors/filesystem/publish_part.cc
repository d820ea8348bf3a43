#include "connectors/filesystem/publish_part.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/crc32.h"

namespace rhei {
namespace {

Result<bool> HasContent(FileSystem& files, const std::string& path,
                        const StagedFiles::FinishedPart& part) {
  ASSIGN_OR_RETURN(const FileInfo info, files.Stat(path));
  if (info.bytes != part.bytes) return false;
  return BeginsWith(files, path, part.bytes, part.crc);
}

// `renamed`: what the rename said.
Status FinishAtTarget(FileSystem& files, const StagedFiles::FinishedPart& part,
                      const Status& renamed) {
  if (!files.Stat(part.final).ok()) return renamed;
  ASSIGN_OR_RETURN(const bool same, HasContent(files, part.final, part));
  if (same) return files.Remove(part.temporary);
  return Status(ErrorCode::kStateMismatch,
                fmt::format("{} exists and holds something else than {}, which is to get its name; "
                            "nothing is replaced",
                            part.final, part.temporary));
}

}  // namespace

Result<bool> PublishPart(FileSystem& files, const StagedFiles::FinishedPart& part) {
  const Result<FileInfo> staged = files.Stat(part.temporary);
  if (staged.ok()) {
    if (staged->bytes != part.bytes) {
      return Status(ErrorCode::kStateMismatch,
                    fmt::format("{} has {} bytes and the checkpoint says {}: it was changed by "
                                "somebody else",
                                part.temporary, staged->bytes, part.bytes));
    }
    const Status renamed = files.RenameNoReplace(part.temporary, part.final);
    if (!renamed.ok()) RETURN_IF_ERROR(FinishAtTarget(files, part, renamed));
    return true;
  }
  if (staged.status().code() != ErrorCode::kNotFound) return staged.status();
  const Result<FileInfo> final = files.Stat(part.final);
  if (final.status().code() == ErrorCode::kNotFound) return false;
  RETURN_IF_ERROR(final.status());
  ASSIGN_OR_RETURN(const bool same, HasContent(files, part.final, part));
  if (same) return true;
  return Status(
      ErrorCode::kStateMismatch,
      fmt::format("{} was committed with other content than the checkpoint says", part.final));
}

Result<bool> BeginsWith(FileSystem& files, const std::string& path, int64_t bytes, uint32_t crc) {
  constexpr int64_t kBlock = 1 << 20;
  ASSIGN_OR_RETURN(const std::unique_ptr<RandomAccessFile> file, files.OpenForRead(path));
  std::string block(kBlock, '\0');
  uint32_t found = 0;
  for (int64_t at = 0; at < bytes;) {
    const auto wanted = static_cast<size_t>(std::min(kBlock, bytes - at));
    ASSIGN_OR_RETURN(const size_t got,
                     file->ReadAt(static_cast<uint64_t>(at), block.data(), wanted));
    if (got == 0) return false;
    found = ContinueCrc32(found, std::string_view(block).substr(0, got));
    at += static_cast<int64_t>(got);
  }
  return found == crc;
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace rhei
