#pragma once
// The machine's file system behind base/env.h. Errors are kIo "PATH: what: reason" (kNotFound when
// a path does not exist, kResource when the disk is full). Every call is repeated when a signal
// interrupts it; a failed fsync is never tried again, because the kernel may have dropped the pages
// (reliability: B10).
#include <memory>

#include "base/env.h"

namespace rhei {

std::unique_ptr<FileSystem> MakePosixFileSystem();

}  // namespace rhei
