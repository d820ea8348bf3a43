#pragma once
// A SQL test file (docs/TESTING.md describes the form), parsed into records.
//
//   # COUNT per key takes a deleted row back.
//   statement ok
//   CREATE TABLE clicks (name STRING) WITH ('connector' = 'script', 'changelog-mode' = 'all');
//
//   script clicks
//   +I ann
//   watermark 2024-01-01 00:00:05
//   clock +1 h
//   -D ann
//
//   stream
//   SELECT name, COUNT(*) FROM clicks GROUP BY name;
//   ----
//   +I ann 1
//
//   final
//   ----
//   bob 1
//
//   statement ok
//   INSERT INTO counts SELECT name, COUNT(*) FROM clicks GROUP BY name;
//
//   sink counts
//   ----
//   +I ann 1
//
// A comment `# order-sensitive: WORD` before the first record is about all of the file, a later one
// about the record that follows it. Records end with an empty line. Lines that begin with # are
// comments, but between the records' parts. Cells are separated by blanks; '...' quotes a cell with
// blanks, NULL is NULL.
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rhei {

struct SltRecord {
  enum class Kind {
    kStatementOk,
    kStatementError,  // `text` is part of the message
    kScript,          // rows for table `text`
    kStream,          // a query's exact changelog
    kQuery,           // a query's rows, in any order
    kFinal,           // the table that the last stream (or its own query) ends with, in any order
    kEqual,           // two queries with the same final table
    kSink,            // the changelog that table `text` received since it was last asked
  };
  Kind kind = Kind::kStatementOk;
  int line = 0;
  std::string text;
  std::string sql;
  std::string second_sql;             // kEqual
  std::vector<std::string> expected;  // lines after ----; kScript: the lines
  std::vector<std::string> order_sensitive;
  int expected_line = 0;  // line number of the first of them (also when there are none)
};

struct SltFile {
  std::string path;
  std::string purpose;                       // the first comment
  std::vector<std::string> order_sensitive;  // what such lines before the first record name
  std::vector<std::string> skip;             // reasons of `skipif always ...`
  std::vector<SltRecord> records;
};

Result<SltFile> ParseSltFile(std::string_view path, std::string_view text);

// "ann 'b c' NULL" -> cells; NULL stays a cell of that text with is_null set.
struct SltCell {
  std::string text;
  bool is_null = false;
};
Result<std::vector<SltCell>> SplitCells(std::string_view line);
// The inverse: a cell as it is written in a file.
std::string QuoteCell(std::string_view text, bool is_null);

}  // namespace rhei
