#pragma once
// LineEditor: reads a line from a terminal, with a cursor that moves, history and search.
//
//   left right home end, ctrl-a ctrl-e   move          ctrl-left ctrl-right, alt-b alt-f   by word
//   backspace delete, ctrl-k ctrl-u ctrl-w   delete    up down, ctrl-p ctrl-n   history
//   ctrl-r   search the history              ctrl-l    clear the screen
//   ctrl-c   give the line up                ctrl-d    end, on an empty line
//
// The terminal is in raw mode only inside ReadLine, so that Ctrl-C is a signal while a statement
// runs. Lines longer than the terminal scroll sideways; a line of the history may have line ends,
// which show as a sign. Thread-safety: one thread.
#include <string>
#include <string_view>
#include <vector>

namespace rhei {

// The text and cursor of a line, apart from the terminal. Positions are bytes at the starts of
// UTF-8 code points.
class LineBuffer {
 public:
  const std::string& text() const { return text_; }
  size_t cursor() const { return cursor_; }
  void Set(std::string_view text);  // cursor at the end
  void Insert(std::string_view bytes);
  void MoveLeft() { cursor_ = Previous(cursor_); }
  void MoveRight() { cursor_ = Next(cursor_); }
  void MoveWordLeft() { cursor_ = WordStart(); }
  void MoveWordRight();
  void MoveHome() { cursor_ = 0; }
  void MoveEnd() { cursor_ = text_.size(); }
  void DeleteLeft() { Erase(Previous(cursor_), cursor_); }
  void DeleteRight() { Erase(cursor_, Next(cursor_)); }
  void DeleteWordLeft() { Erase(WordStart(), cursor_); }
  void DeleteToEnd() { text_.erase(cursor_); }
  void DeleteToStart() { Erase(0, cursor_); }

 private:
  size_t Previous(size_t at) const;
  size_t Next(size_t at) const;
  size_t WordStart() const;
  void Erase(size_t begin, size_t end);

  std::string text_;
  size_t cursor_ = 0;
};

class LineEditor {
 public:
  static constexpr size_t kHistoryMax = 1000;

  enum class Outcome { kLine, kEnd, kInterrupted };
  // From the terminal on descriptor 0, drawn on descriptor 1.
  Outcome ReadLine(std::string_view prompt, std::string* line);
  // Newest last; an entry equal to the one before it is not kept.
  void AddHistory(std::string_view entry);
  const std::vector<std::string>& history() const { return history_; }

 private:
  enum class Key : int;
  Key ReadKey(std::string* bytes);
  bool ReadByte(char* byte, int wait_ms);
  Key ReadEscape();
  void Draw(std::string_view prompt, const LineBuffer& line) const;
  // Takes one key that edits or moves; false when it is another one.
  static bool Edit(Key key, const std::string& bytes, LineBuffer* line);
  bool Browse(Key key, LineBuffer* line);
  // Returns the key that ended the search.
  Key Search(LineBuffer* line, std::string* bytes);
  Outcome ReadKeys(std::string_view prompt, std::string* line);

  std::vector<std::string> history_;
  size_t shown_ = 0;    // the entry of the history that is shown; its size: the new line
  std::string unsent_;  // the new line while the history is browsed
};

}  // namespace rhei
