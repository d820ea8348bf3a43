#include "base/durable_directories.h"

#include <algorithm>

namespace rhei {

Status MakeDurableDirectories(FileSystem& files, const std::string& path) {
  if (path == "/" || path == ".") return {};
  const size_t slash = path.find_last_of('/');
  const std::string parent =
      slash == std::string::npos ? "." : path.substr(0, std::max<size_t>(slash, 1));
  const Result<FileInfo> found = files.Stat(path);
  if (found.ok() && !found->is_directory) return IoError(path + ": is not a directory");
  if (!found.ok() && found.status().code() != ErrorCode::kNotFound) return found.status();
  RETURN_IF_ERROR(MakeDurableDirectories(files, parent));
  if (!found.ok()) {
    RETURN_IF_ERROR(files.MakeDirectories(path));
    return files.SyncDirectory(parent);
  }
  // Also where it is there already: whoever made it may have died before this. But a directory that
  // we may not open is none in which we could have made something.
  const Status synced = files.SyncDirectory(parent);
  return synced.message().ends_with("Permission denied") ? Status() : synced;
}

}  // namespace rhei
