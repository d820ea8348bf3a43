#pragma once
// The step of a commit that makes one part file visible. It may be done again after a kill at any
// point, and never replaces a file.
#include <string>

#include "base/env.h"
#include "connectors/filesystem/staged_files.h"

namespace rhei {

// True: the part has its final name, from now on or since an earlier attempt; its directory is then
// still to be synced, also in the second case (DirectoryOf). False: it is under neither name.
// kStateMismatch where either name holds something else.
Result<bool> PublishPart(FileSystem& files, const StagedFiles::FinishedPart& part);

// Whether the file begins with so many bytes of that checksum.
Result<bool> BeginsWith(FileSystem& files, const std::string& path, int64_t bytes, uint32_t crc);

std::string DirectoryOf(const std::string& path);

}  // namespace rhei
