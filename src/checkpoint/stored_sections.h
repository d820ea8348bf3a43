#pragma once
// Reading the sections of a checkpoint: at first all that is needed of its segments is verified as
// it lies there, compressed; then sections are read one by one when a restore wants them, so that
// it holds no second copy of the state.
//
// The checksums cover the stored bytes: after VerifySections only a disk that fails, or that
// changes what it has, makes a section unreadable. It is verified again when it is read.
// Thread-safety: any thread; calls wait for the disk.
#include <memory>
#include <string>

#include "base/env.h"
#include "base/status.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/manifest.h"
#include "checkpoint/segment.h"

namespace rhei {

// Opens <directory>/<info.name>, which must be what `info` says.
Result<std::unique_ptr<SegmentReader>> OpenSegment(FileSystem& files, const std::string& directory,
                                                   const SegmentInfo& info);

// Looks that every section of the manifest is in its segment, undamaged. threads: 0 for one per
// core where `env` has threads.
Status VerifySections(const Environment& env, const std::string& directory,
                      const Manifest& manifest, int threads);

// The checkpoint with its sections stored. Segments are opened when they are needed: the files must
// stay where they are, and `env` too, as long as sections are read.
std::shared_ptr<const Checkpoint> OpenCheckpoint(const Environment& env,
                                                 const std::string& directory,
                                                 const Manifest& manifest);

}  // namespace rhei
