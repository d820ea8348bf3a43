#include "connectors/filesystem/staged_files.h"

#include <charconv>

namespace rhei {
namespace {

void AppendField(std::string_view field, std::string* out) {
  *out += field;
  *out += '\0';
}

// False at the end or when the field is not ended.
bool TakeField(std::string_view* bytes, std::string* field) {
  const size_t end = bytes->find('\0');
  if (end == std::string_view::npos) return false;
  *field = bytes->substr(0, end);
  bytes->remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string StagedFiles::Print() const {
  std::string bytes;
  for (const FinishedPart& part : finished) {
    AppendField("F", &bytes);
    AppendField(part.temporary, &bytes);
    AppendField(part.final, &bytes);
    AppendField(part.partition, &bytes);
  }
  for (const OpenPart& part : open) {
    AppendField("O", &bytes);
    AppendField(part.temporary, &bytes);
    AppendField(part.final, &bytes);
    AppendField(part.partition, &bytes);
    AppendField(std::to_string(part.bytes), &bytes);
  }
  return bytes;
}

Result<StagedFiles> StagedFiles::Parse(std::string_view bytes) {
  const Status damaged(ErrorCode::kStateMismatch, "filesystem sink: staged file list is damaged");
  StagedFiles staged;
  while (!bytes.empty()) {
    std::string kind, temporary, final, partition;
    if (!TakeField(&bytes, &kind) || !TakeField(&bytes, &temporary) || !TakeField(&bytes, &final) ||
        !TakeField(&bytes, &partition)) {
      return damaged;
    }
    if (kind == "F") {
      staged.finished.push_back({temporary, final, partition});
      continue;
    }
    std::string length;
    OpenPart part{temporary, final, partition, 0};
    if (kind != "O" || !TakeField(&bytes, &length)) return damaged;
    const char* end = length.data() + length.size();
    if (std::from_chars(length.data(), end, part.bytes).ptr != end) return damaged;
    staged.open.push_back(std::move(part));
  }
  return staged;
}

}  // namespace rhei
