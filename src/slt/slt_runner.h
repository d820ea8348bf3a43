#pragma once
// Runs a SQL test file under a regime: how many rows a batch holds, how many shards a job has, and
// whether it is stopped at barriers and restored into a fresh job.
//
// One file, many regimes: batch sizes and restores never change the changelog; with several shards
// only the final table is compared, because the order between shards is not fixed. A file marked
// `# order-sensitive: WORD` (LISTAGG, LIMIT, ...) is then run without comparing; the mark is
// refused when no query of the file has that word. Thread-safety: one thread per call.
#include <string>
#include <vector>

#include "base/env.h"
#include "slt/slt_file.h"

namespace rhei {

struct SltRegime {
  int batch_rows = 0;  // 0: as in production
  int shards = 1;
  int restart_every = 0;  // restore at every k-th barrier (a barrier per source batch); 0: never
  std::string Name() const;
};

struct SltOutcome {
  int records = 0;
  bool order_sensitive = false;
  std::vector<std::string> skipped;
  std::vector<std::string> failures;  // "file:line: what"
  bool ok() const { return failures.empty(); }
};

SltOutcome RunSltFile(const SltFile& file, const SltRegime& regime, const Environment& env);

}  // namespace rhei
