#include "cli/line_editor.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cli/display_width.h"

namespace rhei {
namespace {

// How long the rest of a key's escape sequence may take.
constexpr int kEscapeWaitMs = 50;
constexpr std::string_view kLineEndSign = "\u21b5";

bool Continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || byte == '_' || (byte >= '0' && byte <= '9') ||
         ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

// Keys come one by one and unechoed while this lives.
class RawMode {
 public:
  RawMode() {
    if (tcgetattr(0, &before_) != 0) return;
    termios raw = before_;
    raw.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
    raw.c_cflag |= CS8;
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    active_ = tcsetattr(0, TCSADRAIN, &raw) == 0;
  }
  ~RawMode() {
    if (active_) tcsetattr(0, TCSADRAIN, &before_);
  }
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

 private:
  termios before_ = {};
  bool active_ = false;
};

void WriteAll(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(1, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

size_t TerminalColumns() {
  winsize size = {};
  if (ioctl(1, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

bool KeyWaits() {
  pollfd waiting{.fd = 0, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, 0) > 0;
}

// What a piece of the line looks like: nothing in it moves the cursor.
std::string Visible(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += kLineEndSign;
    } else if (c == '\t') {
      out += ' ';
    } else if (static_cast<unsigned char>(c) >= ' ' && c != 0x7f) {
      out += c;
    }
  }
  return out;
}

}  // namespace

enum class LineEditor::Key : int {
  kText,
  kEnter,
  kEnd,
  kLeft,
  kRight,
  kWordLeft,
  kWordRight,
  kHome,
  kLineEnd,
  kUp,
  kDown,
  kBackspace,
  kDelete,
  kDeleteWord,
  kDeleteToEnd,
  kDeleteToStart,
  kInterrupt,
  kDeleteOrEnd,
  kSearch,
  kClearScreen,
  kEscape,
  kOther,
};

void LineBuffer::Set(std::string_view text) {
  text_ = text;
  cursor_ = text_.size();
}

void LineBuffer::Insert(std::string_view bytes) {
  text_.insert(cursor_, bytes);
  cursor_ += bytes.size();
}

size_t LineBuffer::Previous(size_t at) const {
  if (at == 0) return 0;
  --at;
  while (at > 0 && Continues(text_[at])) --at;
  return at;
}

size_t LineBuffer::Next(size_t at) const {
  if (at >= text_.size()) return text_.size();
  ++at;
  while (at < text_.size() && Continues(text_[at])) ++at;
  return at;
}

size_t LineBuffer::WordStart() const {
  size_t at = cursor_;
  while (at > 0 && !IsWordByte(text_[at - 1])) --at;
  while (at > 0 && IsWordByte(text_[at - 1])) --at;
  return at;
}

void LineBuffer::MoveWordRight() {
  while (cursor_ < text_.size() && !IsWordByte(text_[cursor_])) ++cursor_;
  while (cursor_ < text_.size() && IsWordByte(text_[cursor_])) ++cursor_;
}

void LineBuffer::Erase(size_t begin, size_t end) {
  text_.erase(begin, end - begin);
  cursor_ = begin;
}

void LineEditor::AddHistory(std::string_view entry) {
  if (entry.empty() || (!history_.empty() && history_.back() == entry)) return;
  if (history_.size() == kHistoryMax) history_.erase(history_.begin());
  history_.emplace_back(entry);
}

bool LineEditor::ReadByte(char* byte, int wait_ms) {
  pollfd waiting{.fd = 0, .events = POLLIN, .revents = 0};
  while (true) {
    const int ready = poll(&waiting, 1, wait_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = read(0, byte, 1);
    if (got < 0 && errno == EINTR) continue;
    return got == 1;
  }
}

// ESC [ 1 ; 5 C and the like: the last byte names the key, a number before it or a modifier.
LineEditor::Key LineEditor::ReadEscape() {
  char c = 0;
  if (!ReadByte(&c, kEscapeWaitMs)) return Key::kEscape;
  if (c == 'b') return Key::kWordLeft;
  if (c == 'f') return Key::kWordRight;
  if (c != '[' && c != 'O') return Key::kOther;
  std::string parameters;
  do {
    if (!ReadByte(&c, kEscapeWaitMs)) return Key::kOther;
    if ((c >= '0' && c <= '9') || c == ';') parameters += c;
  } while ((c >= '0' && c <= '9') || c == ';');
  const bool by_word = parameters.ends_with(";5") || parameters.ends_with(";3");
  switch (c) {
    case 'A': return Key::kUp;
    case 'B': return Key::kDown;
    case 'C': return by_word ? Key::kWordRight : Key::kRight;
    case 'D': return by_word ? Key::kWordLeft : Key::kLeft;
    case 'H': return Key::kHome;
    case 'F': return Key::kLineEnd;
    default: break;
  }
  if (c != '~') return Key::kOther;
  if (parameters == "1" || parameters == "7") return Key::kHome;
  if (parameters == "4" || parameters == "8") return Key::kLineEnd;
  return parameters == "3" ? Key::kDelete : Key::kOther;
}

LineEditor::Key LineEditor::ReadKey(std::string* bytes) {
  char c = 0;
  if (!ReadByte(&c, -1)) return Key::kEnd;
  switch (c) {
    case '\r':
    case '\n': return Key::kEnter;
    case 1: return Key::kHome;
    case 2: return Key::kLeft;
    case 3: return Key::kInterrupt;
    case 4: return Key::kDeleteOrEnd;
    case 5: return Key::kLineEnd;
    case 6: return Key::kRight;
    case 8:
    case 0x7f: return Key::kBackspace;
    case 11: return Key::kDeleteToEnd;
    case 12: return Key::kClearScreen;
    case 14: return Key::kDown;
    case 16: return Key::kUp;
    case 18: return Key::kSearch;
    case 21: return Key::kDeleteToStart;
    case 23: return Key::kDeleteWord;
    case 27: return ReadEscape();
    default: break;
  }
  if (c == '\t') {
    *bytes = "  ";
    return Key::kText;
  }
  if (static_cast<unsigned char>(c) < ' ') return Key::kOther;
  *bytes = c;
  const auto lead = static_cast<unsigned char>(c);
  const size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  for (size_t i = 0; i < more && ReadByte(&c, kEscapeWaitMs); ++i) *bytes += c;
  return Key::kText;
}

void LineEditor::Draw(std::string_view prompt, const LineBuffer& line) const {
  const size_t prompt_width = DisplayWidth(prompt);
  const size_t columns = TerminalColumns();
  const size_t room = columns > prompt_width + 2 ? columns - prompt_width - 1 : 1;
  std::string_view text = line.text();
  size_t cursor = line.cursor();
  // Scroll until the cursor is in sight, then cut what does not fit behind it.
  while (cursor > 0 && DisplayWidth(Visible(text.substr(0, cursor))) >= room) {
    size_t first = 1;
    while (first < text.size() && Continues(text[first])) ++first;
    text.remove_prefix(first);
    cursor -= std::min(cursor, first);
  }
  while (DisplayWidth(Visible(text)) > room) {
    size_t size = text.size() - 1;
    while (size > 0 && Continues(text[size])) --size;
    text = text.substr(0, size);
  }
  std::string out = "\r";
  out += prompt;
  out += Visible(text);
  out += "\x1b[K\r";
  const size_t column = prompt_width + DisplayWidth(Visible(text.substr(0, cursor)));
  if (column > 0) out += "\x1b[" + std::to_string(column) + "C";
  WriteAll(out);
}

bool LineEditor::Edit(Key key, const std::string& bytes, LineBuffer* line) {
  switch (key) {
    case Key::kText: line->Insert(bytes); break;
    case Key::kLeft: line->MoveLeft(); break;
    case Key::kRight: line->MoveRight(); break;
    case Key::kWordLeft: line->MoveWordLeft(); break;
    case Key::kWordRight: line->MoveWordRight(); break;
    case Key::kHome: line->MoveHome(); break;
    case Key::kLineEnd: line->MoveEnd(); break;
    case Key::kBackspace: line->DeleteLeft(); break;
    case Key::kDelete:
    case Key::kDeleteOrEnd: line->DeleteRight(); break;
    case Key::kDeleteWord: line->DeleteWordLeft(); break;
    case Key::kDeleteToEnd: line->DeleteToEnd(); break;
    case Key::kDeleteToStart: line->DeleteToStart(); break;
    default: return false;
  }
  return true;
}

bool LineEditor::Browse(Key key, LineBuffer* line) {
  if (key != Key::kUp && key != Key::kDown) return false;
  if (key == Key::kUp ? shown_ == 0 : shown_ >= history_.size()) return true;
  if (shown_ == history_.size()) unsent_ = line->text();
  shown_ = key == Key::kUp ? shown_ - 1 : shown_ + 1;
  line->Set(shown_ == history_.size() ? unsent_ : history_[shown_]);
  return true;
}

LineEditor::Key LineEditor::Search(LineBuffer* line, std::string* bytes) {
  const std::string before = line->text();
  std::string wanted;
  size_t below = history_.size();  // entries before this one are looked at
  size_t found = below;
  const auto find = [&] {
    for (size_t i = below; i-- > 0;) {
      if (history_[i].find(wanted) == std::string::npos) continue;
      found = i;
      line->Set(history_[i]);
      return;
    }
  };
  while (true) {
    Draw("(search '" + Visible(wanted) + "') ", *line);
    const Key key = ReadKey(bytes);
    if (key == Key::kText) {
      wanted += *bytes;
      below = history_.size();
      find();
    } else if (key == Key::kBackspace) {
      while (!wanted.empty() && Continues(wanted.back())) wanted.pop_back();
      if (!wanted.empty()) wanted.pop_back();
      below = history_.size();
      if (!wanted.empty()) find();
    } else if (key == Key::kSearch) {
      below = found;
      find();
    } else {
      if (key == Key::kInterrupt || key == Key::kEscape) line->Set(before);
      // Giving the search up is not giving the line up.
      return key == Key::kInterrupt ? Key::kEscape : key;
    }
  }
}

LineEditor::Outcome LineEditor::ReadKeys(std::string_view prompt, std::string* line) {
  LineBuffer buffer;
  std::string bytes;
  shown_ = history_.size();
  while (true) {
    // Pasted text is drawn once.
    if (!KeyWaits()) Draw(prompt, buffer);
    Key key = ReadKey(&bytes);
    if (key == Key::kSearch) {
      key = Search(&buffer, &bytes);
      Draw(prompt, buffer);
    }
    if (key == Key::kEnter) {
      buffer.MoveEnd();
      Draw(prompt, buffer);
      *line = buffer.text();
      return Outcome::kLine;
    }
    if (key == Key::kInterrupt) return Outcome::kInterrupted;
    if (key == Key::kEnd || (key == Key::kDeleteOrEnd && buffer.text().empty())) {
      return Outcome::kEnd;
    }
    if (key == Key::kClearScreen) WriteAll("\x1b[H\x1b[2J");
    if (!Browse(key, &buffer)) Edit(key, bytes, &buffer);
  }
}

LineEditor::Outcome LineEditor::ReadLine(std::string_view prompt, std::string* line) {
  Outcome outcome;
  {
    const RawMode raw;
    outcome = ReadKeys(prompt, line);
  }
  WriteAll("\n");
  return outcome;
}

}  // namespace rhei
