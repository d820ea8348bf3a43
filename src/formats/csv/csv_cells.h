#pragma once
// CsvReader: cuts a record into its cells, as Jackson's CSV reader does. A quote counts only as the
// first character of a cell; behind the closing quote only spaces may follow.
//
// Cells without quotes and escapes point into the record; the others into a scratch that lives
// until the next Start. Reads up to 32 bytes past the record (buffers are padded). Thread-safety:
// one thread.
#include <string>
#include <string_view>
#include <vector>

#include "formats/csv/csv.h"

namespace rhei {

struct CsvCell {
  std::string_view text;
  uint32_t begin = 0;     // where in the record
  bool in_record = true;  // text points into the record
};

class CsvReader {
 public:
  explicit CsvReader(const CsvOptions& options);

  void Start(std::string_view record) {
    record_ = record;
    at_ = 0;
    scratch_used_ = 0;
    done_ = false;
  }
  // Reads one row's cells; a lone "\r" ends a row, so a record may have several. False at the end
  // of the record, or when it is malformed: then error() says why.
  bool NextRow(std::vector<CsvCell>* cells);
  const std::string& error() const { return error_; }
  size_t byte() const { return at_; }

 private:
  bool TakeCell(CsvCell* cell);
  bool TakeQuoted(CsvCell* cell);
  bool TakeEscaped(size_t begin, CsvCell* cell);
  bool SkipComment();
  bool AppendEscape(std::string* out);
  std::string* Scratch();

  CsvOptions options_;
  bool stops_[256] = {};  // what ends a plain cell, or needs a closer look
  std::string_view record_;
  size_t at_ = 0;
  bool done_ = false;
  std::vector<std::unique_ptr<std::string>> scratch_;
  size_t scratch_used_ = 0;
  std::string error_;
};

}  // namespace rhei
