#pragma once
// Runs a SQL test file under a regime: how many rows a batch holds, how many shards a job has,
// whether it is stopped at barriers and restored into a fresh job, and whether the sources' rows
// come in another order.
//
// A file whose scripts move the clock runs on one thread by a virtual one, which stands still until
// everything that came is through, and jumps to the next row's time or timer then.
//
// One file, many regimes: batch sizes and restores never change the changelog; with several shards
// or shuffled rows only the final table is compared. Rows change places only between two
// watermarks or moves of the clock, and never two of one key of a changelog or a keyed table. A
// file or a record marked `# order-sensitive: WORD` (LISTAGG, LIMIT, ...) is then run without
// comparing; the mark is refused where no query has that word. Thread-safety: one thread per call.
#include <cstdint>
#include <string>
#include <vector>

#include "base/env.h"
#include "slt/slt_file.h"

namespace rhei {

struct SltRegime {
  int batch_rows = 0;  // 0: as in production
  int shards = 1;
  int restart_every = 0;  // restore at every k-th barrier (a barrier per source batch); 0: never
  uint64_t shuffle_seed = 0;  // 0: rows in the order of the file
  std::string Name() const;
};

struct SltOutcome {
  int records = 0;
  bool order_sensitive = false;     // the whole file
  int order_sensitive_records = 0;  // of a file that is not
  std::vector<std::string> skipped;
  std::vector<std::string> failures;  // "file:line: what"
  bool ok() const { return failures.empty(); }
};

SltOutcome RunSltFile(const SltFile& file, const SltRegime& regime, const Environment& env);

}  // namespace rhei
