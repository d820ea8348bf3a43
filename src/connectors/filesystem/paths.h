#pragma once
// Paths of the filesystem connector: `file:` URIs, partition directories, names that are not read.
#include <map>
#include <string>
#include <string_view>
#include <utility>
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
// The same for a partition's path below the table ("a=1/b=2/"), in its order.
std::vector<std::pair<std::string, std::string>> PartitionValuesInOrder(std::string_view partition);
// A partition value as a directory name: what a file system or a path cannot hold becomes %XX.
std::string EscapePartition(std::string_view value, std::string_view default_name);

// The default partition's name, for NULL and the empty string.
inline constexpr std::string_view kDefaultPartition = "__DEFAULT_PARTITION__";

}  // namespace rhei
