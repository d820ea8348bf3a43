#include "slt/slt_file.h"

#include <algorithm>

#include <fmt/format.h>

namespace rhei {
namespace {

std::string_view TrimRight(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t')) {
    line.remove_suffix(1);
  }
  return line;
}

class Parser {
 public:
  Parser(std::string_view path, std::string_view text) {
    file_.path = path;
    while (!text.empty()) {
      const size_t end = text.find('\n');
      lines_.push_back(TrimRight(text.substr(0, end)));
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
  }

  Result<SltFile> Parse() {
    while (next_ < lines_.size()) {
      const std::string_view line = lines_[next_];
      if (line.empty()) {
        ++next_;
      } else if (line.starts_with('#')) {
        TakeComment(line);
        ++next_;
      } else {
        RETURN_IF_ERROR(ParseRecord());
      }
    }
    if (file_.purpose.empty()) return Error(1, "the first line must be a comment with the purpose");
    return std::move(file_);
  }

 private:
  Status Error(size_t line, std::string_view what) const {
    return InvalidArgument(fmt::format("{}:{}: {}", file_.path, line, what));
  }

  void TakeComment(std::string_view line) {
    std::string_view text = line.substr(1);
    while (text.starts_with(' ')) text.remove_prefix(1);
    constexpr std::string_view kMark = "order-sensitive:";
    if (text.starts_with(kMark)) {
      std::string_view what = text.substr(kMark.size());
      while (what.starts_with(' ')) what.remove_prefix(1);
      (file_.records.empty() ? file_.order_sensitive : marks_).emplace_back(what);
    } else if (file_.purpose.empty()) {
      file_.purpose = text;
    }
  }

  // Lines up to an empty line or `----`; comment lines are part of the SQL.
  std::string TakeSql() {
    std::string sql;
    while (next_ < lines_.size() && !lines_[next_].empty() && lines_[next_] != "----") {
      sql += std::string(lines_[next_++]) + "\n";
    }
    return sql;
  }

  bool TakeSeparator() {
    if (next_ >= lines_.size() || lines_[next_] != "----") return false;
    ++next_;
    return true;
  }

  void TakeExpected(SltRecord* record) {
    record->expected_line = static_cast<int>(next_) + 1;
    while (next_ < lines_.size() && !lines_[next_].empty()) {
      record->expected.emplace_back(lines_[next_++]);
    }
  }

  Status ParseRecord() {
    SltRecord record;
    record.line = static_cast<int>(next_) + 1;
    const std::string_view head = lines_[next_++];
    const auto line = static_cast<size_t>(record.line);
    constexpr std::string_view kErrorHead = "statement error";
    if (head == "statement ok") {
      record.kind = SltRecord::Kind::kStatementOk;
      record.sql = TakeSql();
    } else if (head.starts_with(kErrorHead)) {
      record.kind = SltRecord::Kind::kStatementError;
      record.text = head.size() > kErrorHead.size() ? head.substr(kErrorHead.size() + 1) : "";
      if (record.text.empty()) return Error(line, "statement error needs a part of the message");
      record.sql = TakeSql();
    } else if (head.starts_with("script ")) {
      record.kind = SltRecord::Kind::kScript;
      record.text = head.substr(7);
      TakeExpected(&record);
    } else if (head == "stream" || head == "query" || head == "final") {
      record.kind = head == "stream"  ? SltRecord::Kind::kStream
                    : head == "query" ? SltRecord::Kind::kQuery
                                      : SltRecord::Kind::kFinal;
      record.sql = TakeSql();
      if (!TakeSeparator()) return Error(line, fmt::format("{} without ----", head));
      TakeExpected(&record);
    } else if (head.starts_with("sink ")) {
      record.kind = SltRecord::Kind::kSink;
      record.text = head.substr(5);
      if (!TakeSeparator()) return Error(line, "sink without ----");
      TakeExpected(&record);
    } else if (head == "equal") {
      record.kind = SltRecord::Kind::kEqual;
      record.sql = TakeSql();
      if (!TakeSeparator()) return Error(line, "equal needs two queries with ---- between them");
      record.second_sql = TakeSql();
    } else if (head.starts_with("skipif always ")) {
      file_.skip.emplace_back(head.substr(14));
      return {};
    } else {
      return Error(line, fmt::format("unknown record '{}'", head));
    }
    record.order_sensitive = std::exchange(marks_, {});
    file_.records.push_back(std::move(record));
    return {};
  }

  SltFile file_;
  std::vector<std::string_view> lines_;
  std::vector<std::string> marks_;  // for the next record
  size_t next_ = 0;
};

}  // namespace

Result<SltFile> ParseSltFile(std::string_view path, std::string_view text) {
  return Parser(path, text).Parse();
}

Result<std::vector<SltCell>> SplitCells(std::string_view line) {
  std::vector<SltCell> cells;
  size_t i = 0;
  while (i < line.size()) {
    if (line[i] == ' ') {
      ++i;
      continue;
    }
    SltCell cell;
    if (line[i] != '\'') {
      const size_t end = std::min(line.find(' ', i), line.size());
      cell.text = line.substr(i, end - i);
      cell.is_null = cell.text == "NULL";
      i = end;
      cells.push_back(std::move(cell));
      continue;
    }
    bool closed = false;
    for (++i; i < line.size() && !closed; ++i) {
      if (line[i] == '\'' && i + 1 < line.size() && line[i + 1] == '\'') {
        cell.text += '\'';
        ++i;
      } else if (line[i] == '\'') {
        closed = true;
      } else if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == 'n') {
        cell.text += '\n';
        ++i;
      } else {
        cell.text += line[i];
      }
    }
    if (!closed) return InvalidArgument(fmt::format("a quote is not closed in: {}", line));
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::string QuoteCell(std::string_view text, bool is_null) {
  if (is_null) return "NULL";
  const bool plain =
      !text.empty() && text != "NULL" && text.find_first_of(" '\n") == std::string_view::npos;
  if (plain) return std::string(text);
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'') quoted += '\'';
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace rhei
