#pragma once
// Directories whose names survive a power loss.
#include <string>

#include "base/env.h"

namespace rhei {

// Makes a directory and what is missing above it, durably, also where a process before this one
// made them and died. No slash at the end of `path`.
Status MakeDurableDirectories(FileSystem& files, const std::string& path);

}  // namespace rhei
