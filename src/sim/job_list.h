#pragma once
// The jobs that a simulation draws from: SQL over a few input tables, chosen so that every stateful
// operator is in one of them and that their result does not depend on the order in which shards
// run: no ties, no floating sums, late rows only where one shard reads.
//
// Tables that they may read, made by input.h: orders, payments (append, event time ts), and
// customers, ledger (changes by id).
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "engine/session.h"

namespace rhei {

enum class Outcome : uint8_t {
  kRows,     // the committed lines, in any order
  kChanges,  // the rows that are left of the committed changes
  kUpserts,  // the same, by the first column, in the order of files
};

struct SimulatedJob {
  std::string_view name;
  Outcome outcome = Outcome::kRows;
  std::string_view settings;  // SET statements, ended by ;
  std::string_view columns;   // of the sink
  std::string_view query;     // ended by ; when other INSERTs follow: a statement set
};

std::span<const SimulatedJob> AllSimulatedJobs();

// How the job's tables are stored; each has a plan of its own.
struct JobVariant {
  bool csv = false;          // orders and payments, and the sink of rows
  bool small_parts = false;  // part files are closed early
  bool partitioned = false;  // the sink of rows, by its first column
};

// Declares the tables and plans the job's INSERT.
Result<PreparedJob> PrepareSimulatedJob(Session* session, const SimulatedJob& job,
                                        const JobVariant& variant);

}  // namespace rhei
