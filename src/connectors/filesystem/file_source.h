#pragma once
// The reading half of 'filesystem': finding files, and cutting them into chunks of records.
#include <memory>
#include <string>

#include "base/env.h"
#include "formats/format.h"
#include "runtime/source.h"

namespace rhei {

struct FileSourceOptions {
  std::string path;                 // plain
  std::string path_pattern;         // regular expression that the whole path must match; empty: any
  int64_t monitor_interval_ms = 0;  // 0: list once
  Framing framing;
  int64_t record_bytes_max = 0;
  int64_t skip_lines = 0;  // records at the start of every file that are not data
};

// Splits are files: id = path, state = byte offset (decimal, of the decompressed text).
std::unique_ptr<SplitEnumerator> MakeFileEnumerator(FileSourceOptions options, FileSystem* files);
std::unique_ptr<SourceReader> MakeFileReader(FileSourceOptions options, FileSystem* files,
                                             MemoryPool* pool);

}  // namespace rhei
