#include "cli/error_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace rhei {
namespace {

std::string_view LineOf(std::string_view text, int32_t line) {
  for (int32_t i = 1; i < line; ++i) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string_view found = text.substr(0, text.find('\n'));
  if (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

bool StartsCodePoint(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

// Blanks as wide as the first `columns` code points of the line; tabs stay tabs.
std::string Indent(std::string_view line, int32_t columns) {
  std::string blanks;
  for (char c : line) {
    if (!StartsCodePoint(c)) continue;
    if (columns-- <= 0) break;
    blanks += c == '\t' ? '\t' : ' ';
  }
  return blanks;
}

}  // namespace

std::string ErrorText(const Status& status, std::string_view name, std::string_view text,
                      bool color) {
  const std::string_view red = color ? "\x1b[1;31m" : "";
  const std::string_view bold = color ? "\x1b[1m" : "";
  const std::string_view plain = color ? "\x1b[0m" : "";
  const SqlPosition at = status.position();
  if (!at.known()) return fmt::format("{}error:{} {}\n", red, plain, status.message());
  std::string out = fmt::format("{}{}:{}:{}:{} {}error:{} {}\n", bold, name, at.line, at.column,
                                plain, red, plain, status.message());
  const std::string_view line = LineOf(text, at.line);
  if (line.empty()) return out;
  const std::string number = fmt::format("{}", at.line);
  const bool one_line = at.end_line == at.line && at.end_column > at.column;
  const int32_t width = one_line ? at.end_column - at.column : 1;
  out += fmt::format("  {} | {}\n", number, line);
  out += fmt::format("  {} | {}{}{}{}{}\n", std::string(number.size(), ' '),
                     Indent(line, at.column - 1), red, "^",
                     std::string(static_cast<size_t>(std::max(width - 1, 0)), '~'), plain);
  return out;
}

}  // namespace rhei
