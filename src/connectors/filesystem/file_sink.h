#pragma once
// The writing half of 'filesystem'. A writer encodes on its shard and appends on an I/O thread to
// part files whose names begin with "."; a committer renames those that are complete once the
// checkpoint that lists them is published. A rename never replaces a file and may be repeated.
//
// Names: part-<job>-<shard>-<epoch>-<sequence>, so that no two jobs, shards or epochs ever meet.
#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "formats/format.h"
#include "runtime/operator.h"
#include "runtime/sink.h"

namespace rhei {

struct FileSinkOptions {
  std::string directory;
  std::string job_id;
  int shard = 0;
  Schema schema;                       // all columns that arrive
  std::vector<int> partition_columns;  // of them; they are in the path and not in the file
  int64_t file_bytes = 0;              // a part of this size is closed
  int64_t rollover_ms = 0;             // so is one this old
};

// Opened before the first Write; what is wrong with the directory shows there.
Result<std::unique_ptr<SinkWriter>> MakeFileWriter(FileSinkOptions options,
                                                   std::unique_ptr<Encoder> encoder,
                                                   const Environment* env, WakeupService* wakeup,
                                                   IoService* io);
std::unique_ptr<SinkCommitter> MakeFileCommitter(FileSystem* files);

}  // namespace rhei
