#include "sim/collapse.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include <fmt/format.h>

namespace rhei {
namespace {

struct CommittedFile {
  std::string directory;
  std::string name;
  const std::string* bytes = nullptr;
};

// part-JOB-SHARD-EPOCH-SEQUENCE: the order in which a shard wrote.
std::tuple<int64_t, int64_t, int64_t> OrderOf(const std::string& name) {
  std::vector<int64_t> numbers;
  size_t at = name.find('-', name.find('-') + 1);
  while (at != std::string::npos) {
    numbers.push_back(std::strtoll(name.c_str() + at + 1, nullptr, 10));
    at = name.find('-', at + 1);
  }
  numbers.resize(3);
  return {numbers[1], numbers[0], numbers[2]};
}

Status Apply(Outcome outcome, const std::string& directory, const std::string& line,
             CommittedRows* rows, std::map<std::string, std::string>* by_key) {
  if (outcome == Outcome::kRows) {
    ++(*rows)[directory + line];
    return {};
  }
  const bool adds = line.starts_with("+");
  const std::string row = line.substr(std::min<size_t>(line.find('\t'), line.size() - 1) + 1);
  if (outcome == Outcome::kChanges) {
    (*rows)[row] += adds ? 1 : -1;
    return {};
  }
  const std::string key = row.substr(0, row.find('\t'));
  if (adds) {
    (*by_key)[key] = row;
  } else if (by_key->erase(key) == 0) {
    return DataError(fmt::format("a delete of '{}', which is not there", key));
  }
  return {};
}

}  // namespace

Result<CommittedRows> Collapse(Outcome outcome, const std::map<std::string, std::string>& files) {
  std::vector<CommittedFile> committed;
  CommittedRows marks;
  for (const auto& [path, bytes] : files) {
    const size_t slash = path.rfind('/') + 1;
    if (path[slash] == '.') continue;
    // A partition's mark that it is complete; it is empty.
    if (path[slash] == '_') {
      ++marks["complete: " + path + bytes];
      continue;
    }
    committed.push_back({path.substr(0, slash), path.substr(slash), &bytes});
  }
  if (outcome == Outcome::kUpserts) {
    std::sort(committed.begin(), committed.end(),
              [](const CommittedFile& a, const CommittedFile& b) {
                return OrderOf(a.name) < OrderOf(b.name);
              });
  }
  CommittedRows rows = std::move(marks);
  std::map<std::string, std::string> by_key;
  for (const CommittedFile& file : committed) {
    size_t at = 0;
    while (at < file.bytes->size()) {
      const size_t end = file.bytes->find('\n', at);
      if (end == std::string::npos) return DataError(file.name + ": its last line is cut off");
      RETURN_IF_ERROR(
          Apply(outcome, file.directory, file.bytes->substr(at, end - at), &rows, &by_key));
      at = end + 1;
    }
  }
  for (const auto& [key, row] : by_key) ++rows[row];
  for (const auto& [row, count] : rows) {
    if (count < 0) return DataError(fmt::format("'{}' is taken away more often than given", row));
  }
  std::erase_if(rows, [](const auto& entry) { return entry.second == 0; });
  return rows;
}

std::string Compare(const CommittedRows& expected, const CommittedRows& committed) {
  constexpr size_t kShownMax = 8;
  std::vector<std::string> shown;
  const auto show = [&](const std::string& row, int64_t want, int64_t have) {
    if (want != have) shown.push_back(fmt::format("{} instead of {} times: {}", have, want, row));
  };
  for (const auto& [row, count] : expected) {
    const auto found = committed.find(row);
    show(row, count, found == committed.end() ? 0 : found->second);
  }
  for (const auto& [row, count] : committed) {
    if (!expected.contains(row)) show(row, 0, count);
  }
  if (shown.empty()) return "";
  std::string text = fmt::format("{} rows differ", shown.size());
  for (size_t i = 0; i < std::min(shown.size(), kShownMax); ++i) text += "\n  " + shown[i];
  return text;
}

void KeepCommitted(const CommittedRows& committed, CommittedRows* expected) {
  for (auto& [row, count] : *expected) {
    const auto found = committed.find(row);
    count = std::min(count, found == committed.end() ? 0 : found->second);
  }
  std::erase_if(*expected, [](const auto& entry) { return entry.second == 0; });
}

}  // namespace rhei
