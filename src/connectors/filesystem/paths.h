#pragma once
// Paths of the filesystem connector: `file:` URIs, partition directories, names that are not read.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rhei {

// "/a/b", "a/b", "file:/a/b", "file:///a/b" -> a plain path without a slash at its end. Unsupported
// for other schemes.
Result<std::string> PlainPath(std::string_view option);

// Names that begin with "." or "_" are not read: what is not committed, and markers.
bool IsHiddenName(std::string_view name);
std::string_view BaseName(std::string_view path);

// The values of "k=v" directories between `root` and the file, still escaped as %XX -> decoded.
std::map<std::string, std::string> PartitionValues(std::string_view root, std::string_view file);
// A partition value as a directory name: what a file system or a path cannot hold becomes %XX.
std::string EscapePartition(std::string_view value);

// The default partition's name, for NULL and the empty string.
inline constexpr std::string_view kDefaultPartition = "__DEFAULT_PARTITION__";

}  // namespace rhei
