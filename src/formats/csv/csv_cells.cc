#include "formats/csv/csv_cells.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/simd/byte_match.h"

namespace rhei {
namespace {

bool IsSpace(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

CsvReader::CsvReader(const CsvOptions& options) : options_(options) {
  stops_[static_cast<unsigned char>(options.delimiter)] = true;
  stops_[static_cast<unsigned char>('\r')] = true;
  stops_[static_cast<unsigned char>('\n')] = true;
  if (options.escape != 0) stops_[static_cast<unsigned char>(options.escape)] = true;
}

std::string* CsvReader::Scratch() {
  if (scratch_used_ == scratch_.size()) scratch_.push_back(std::make_unique<std::string>());
  std::string* scratch = scratch_[scratch_used_++].get();
  scratch->clear();
  return scratch;
}

// A line that begins with '#', perhaps behind spaces.
bool CsvReader::SkipComment() {
  size_t at = at_;
  while (at < record_.size() && IsSpace(record_[at])) ++at;
  if (at >= record_.size() || record_[at] != '#') return false;
  while (at < record_.size() && record_[at] != '\n' && record_[at] != '\r') ++at;
  if (at < record_.size() && record_[at] == '\r') ++at;
  if (at < record_.size() && record_[at] == '\n') ++at;
  at_ = at;
  return true;
}

bool CsvReader::NextRow(std::vector<CsvCell>* cells) {
  cells->clear();
  error_.clear();
  if (done_) return false;
  while (options_.allow_comments && SkipComment()) {
    if (at_ >= record_.size()) return false;
  }
  for (;;) {
    CsvCell cell;
    if (!TakeCell(&cell)) {
      done_ = true;
      return false;
    }
    cells->push_back(cell);
    if (at_ >= record_.size()) {
      done_ = true;
      return true;
    }
    const char end = record_[at_++];
    if (end == options_.delimiter) continue;
    if (end == '\r' && at_ < record_.size() && record_[at_] == '\n') ++at_;
    done_ = at_ >= record_.size();
    return true;
  }
}

// Leaves at_ on what ends the cell: a delimiter, a line end or the record's end.
bool CsvReader::TakeCell(CsvCell* cell) {
  if (options_.trim_spaces) {
    while (at_ < record_.size() && IsSpace(record_[at_]) && record_[at_] != options_.delimiter) {
      ++at_;
    }
  }
  cell->begin = static_cast<uint32_t>(at_);
  if (options_.quote != 0 && at_ < record_.size() && record_[at_] == options_.quote) {
    return TakeQuoted(cell);
  }
  const size_t begin = at_;
  const char other = options_.escape != 0 ? options_.escape : '\n';
  for (;;) {
    const char* p = record_.data() + at_;
    const uint32_t stops =
        MatchBytes(p, options_.delimiter, '\r').equal | MatchBytes(p, '\n', other).equal;
    at_ += stops != 0 ? static_cast<size_t>(__builtin_ctz(stops)) : kMatchedBytes;
    if (stops != 0 || at_ >= record_.size()) break;
  }
  at_ = std::min(at_, record_.size());
  if (options_.escape != 0 && at_ < record_.size() && record_[at_] == options_.escape) {
    return TakeEscaped(begin, cell);
  }
  cell->text = record_.substr(begin, at_ - begin);
  if (options_.trim_spaces) {
    while (!cell->text.empty() && IsSpace(cell->text.back())) cell->text.remove_suffix(1);
  }
  return true;
}

// at_ stands on the escape character; moves behind what it stands for.
bool CsvReader::AppendEscape(std::string* out) {
  if (at_ + 1 >= record_.size()) {
    error_ = "Unexpected EOF in escaped character";
    return false;
  }
  const char c = record_[at_ + 1];
  at_ += 2;
  *out += c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == '0' ? '\0' : c;
  return true;
}

bool CsvReader::TakeEscaped(size_t begin, CsvCell* cell) {
  std::string* text = Scratch();
  text->append(record_.substr(begin, at_ - begin));
  while (at_ < record_.size()) {
    const char c = record_[at_];
    if (c == options_.escape) {
      if (!AppendEscape(text)) return false;
      continue;
    }
    if (stops_[static_cast<unsigned char>(c)]) break;
    *text += c;
    ++at_;
  }
  cell->text = *text;
  cell->in_record = false;
  return true;
}

bool CsvReader::TakeQuoted(CsvCell* cell) {
  const size_t begin = ++at_;
  std::string* text = nullptr;  // once the cell is not just a part of the record
  size_t plain = begin;
  for (;;) {
    if (at_ >= record_.size()) {
      error_ = "Missing closing quote for value";
      return false;
    }
    const char c = record_[at_];
    const bool escape = options_.escape != 0 && c == options_.escape && c != options_.quote;
    const bool doubled =
        c == options_.quote && at_ + 1 < record_.size() && record_[at_ + 1] == options_.quote;
    if (c == options_.quote && !doubled) break;
    if (!escape && !doubled) {
      ++at_;
      continue;
    }
    if (text == nullptr) text = Scratch();
    text->append(record_.substr(plain, at_ - plain));
    if (escape) {
      if (!AppendEscape(text)) return false;
    } else {
      *text += c;
      at_ += 2;
    }
    plain = at_;
  }
  if (text == nullptr) {
    cell->text = record_.substr(begin, at_ - begin);
  } else {
    text->append(record_.substr(plain, at_ - plain));
    cell->text = *text;
    cell->in_record = false;
  }
  ++at_;
  while (at_ < record_.size() && IsSpace(record_[at_]) && record_[at_] != options_.delimiter) ++at_;
  if (at_ >= record_.size()) return true;
  const char next = record_[at_];
  if (next == options_.delimiter || next == '\r' || next == '\n') return true;
  error_ = fmt::format(
      "Unexpected character ('{}' (code {})): Expected column separator character ('{}' (code {})) "
      "or end-of-line",
      next, static_cast<int>(static_cast<unsigned char>(next)), options_.delimiter,
      static_cast<int>(static_cast<unsigned char>(options_.delimiter)));
  return false;
}

}  // namespace rhei
