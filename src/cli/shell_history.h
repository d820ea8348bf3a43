#pragma once
// The shell's history file: $XDG_STATE_HOME/rhei/history, or ~/.local/state/rhei/history. One
// statement a line; line ends and backslashes inside are written \n and \\. Several shells may
// append at once. A history that cannot be read or written is no error.
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"

namespace rhei {

class ShellHistory {
 public:
  explicit ShellHistory(FileSystem* files);
  std::vector<std::string> Load() const;
  void Append(std::string_view statement) const;

 private:
  FileSystem* files_;
  std::string directory_;  // empty: there is no place for it
};

}  // namespace rhei
