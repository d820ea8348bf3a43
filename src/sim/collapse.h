#pragma once
// What a job has committed, as rows that can be compared: names of files and the order of rows do
// not count, and of a changelog only what is left of it.
#include <cstdint>
#include <map>
#include <string>

#include "base/status.h"
#include "sim/job_list.h"

namespace rhei {

using CommittedRows = std::map<std::string, int64_t>;  // row -> how often

// `files`: bytes by path; those whose name begins with "." are not committed. A DataError when
// changes take away what is not there, or a line is cut off.
Result<CommittedRows> Collapse(Outcome outcome, const std::map<std::string, std::string>& files);

// "" when they are equal; else the first rows that are lost, doubled or foreign.
std::string Compare(const CommittedRows& expected, const CommittedRows& committed);

// Of `expected` only as much as has been committed: for a job that did not come to its end.
void KeepCommitted(const CommittedRows& committed, CommittedRows* expected);

}  // namespace rhei
