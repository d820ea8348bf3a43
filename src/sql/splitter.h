#pragma once
// Splits a script into statements without parsing them, for a shell that reads line by line and for
// runs that go on after a statement that does not parse.
//
//   StatementSplitter splitter(text);
//   while (std::optional<StatementText> next = splitter.Next()) ...
//
// A `;` inside strings, quoted names, comments, hints, or between STATEMENT SET BEGIN and END does
// not end a statement. (After BEGIN STATEMENT SET each statement counts alone, as in Flink.)
// Ownership: keeps a view of the text, which must outlive it. Thread-safety: none.
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "sql/token.h"

namespace rhei {

struct StatementText {
  std::string_view text;    // From the first token to the last, without `;` and outer comments.
  size_t offset = 0;        // Of `text` in the script, in bytes.
  SqlPosition start;        // Line and column of the first character in the script.
  bool terminated = false;  // A `;` followed: a shell may run it; else it waits for more input.
};

class StatementSplitter {
 public:
  explicit StatementSplitter(std::string_view script);
  // The next statement that is not empty, or nothing at the end. Text that cannot be split further
  // (an open string or comment) comes as one last statement, which the parser then refuses.
  std::optional<StatementText> Next();

 private:
  std::string_view script_;
  std::vector<Token> tokens_;
  size_t index_ = 0;
  bool open_end_ = false;  // The lexer stopped before the end of the script.
};

}  // namespace rhei
