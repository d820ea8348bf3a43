#pragma once
// Writing a checkpoint's files and reading its manifest, the same for a job's directory and for a
// savepoint; the sections are read by stored_sections.h.
//
// What these functions have written is durable when they return ok; after a failure none of the
// files they were writing may be used, not even after a second fsync.
// Thread-safety: any thread; calls wait for the disk.
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/durable_directories.h"
#include "base/env.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/manifest.h"

namespace rhei {

// A disk that does not answer has not said no.
Result<bool> Exists(FileSystem& files, const std::string& path);

// An empty file whose name says everything. It must not exist.
Status CreateMarker(FileSystem& files, const std::string& directory, const std::string& name);

struct WrittenManifest {
  int64_t bytes = 0;
  // False after a failure when the name may or may not be there.
  bool certain = true;
  Status status;
};
// By write, fsync, rename to `name` (which must not exist), fsync of the directory.
WrittenManifest WriteManifest(const Environment& env, const std::string& directory,
                              const std::string& name, const Manifest& manifest);

// Writes one segment per shard that has sections and brings `manifest->chains` and
// `manifest->job` (the states' schemas) up to date. `prefix`: the segments are called
// <prefix><shard>; the directory of their names exists. Gives the bytes written.
Result<int64_t> WriteSegments(const Environment& env, const std::string& directory,
                              const std::string& prefix, const Checkpoint& checkpoint,
                              Manifest* manifest);

// Decodes <directory>/<name> and looks that its segments are there in their lengths. `bytes`, when
// given, is its own length.
Result<Manifest> ReadManifest(FileSystem& files, const std::string& directory,
                              const std::string& name, int64_t* bytes = nullptr);

}  // namespace rhei
