#include "cli/shell_history.h"

#include "cli/line_editor.h"
#include "engine/state_directory.h"

namespace rhei {
namespace {

constexpr int64_t kFileBytesMax = int64_t{4} << 20;

std::string Unescape(std::string_view line) {
  std::string entry;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\' || i + 1 == line.size()) {
      entry += line[i];
    } else {
      ++i;
      entry += line[i] == 'n' ? '\n' : line[i];
    }
  }
  return entry;
}

std::string Escape(std::string_view entry) {
  std::string line;
  for (const char c : entry) {
    if (c == '\n') {
      line += "\\n";
    } else if (c == '\\') {
      line += "\\\\";
    } else {
      line += c;
    }
  }
  return line;
}

// A statement that may hold a password stays out of the file.
bool IsSecret(std::string_view entry) {
  std::string lower;
  for (const char c : entry) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  for (const std::string_view word : {"password", "secret", "sasl.jaas", "token", "api-key"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

ShellHistory::ShellHistory(FileSystem* files)
    : files_(files), directory_(DefaultStateDirectory()) {}

std::vector<std::string> ShellHistory::Load() const {
  std::vector<std::string> entries;
  if (directory_.empty()) return entries;
  const Result<std::string> text = ReadFile(*files_, directory_ + "/history", kFileBytesMax);
  if (!text.ok()) return entries;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    entries.push_back(Unescape(rest.substr(0, end)));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return entries;
}

void ShellHistory::Append(std::string_view statement) const {
  if (directory_.empty() || statement.empty() || IsSecret(statement)) return;
  if (!files_->MakeDirectories(directory_).ok()) return;
  const std::string path = directory_ + "/history";
  Result<std::unique_ptr<WritableFile>> file = files_->OpenForAppend(path);
  if (!file.ok()) file = files_->Create(path, false);
  if (!file.ok()) return;
  (void)(*file)->Append(Escape(statement) + "\n");
  (void)(*file)->Close();
}

}  // namespace rhei
