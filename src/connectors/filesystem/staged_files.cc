#include "connectors/filesystem/staged_files.h"

#include <charconv>

namespace rhei {
namespace {

void AppendField(std::string_view field, std::string* out) {
  *out += field;
  *out += '\0';
}

template <typename Number>
void AppendNumber(Number number, std::string* out) {
  AppendField(std::to_string(number), out);
}

// Takes fields from the front; after the first that is missing or wrong, ok() is false.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty() || !ok_; }
  std::string Text() {
    const size_t end = bytes_.find('\0');
    if (end == std::string_view::npos) {
      ok_ = false;
      return {};
    }
    std::string text(bytes_.substr(0, end));
    bytes_.remove_prefix(end + 1);
    return text;
  }
  template <typename Number>
  Number Integer() {
    const std::string text = Text();
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    ok_ = ok_ && error == std::errc() && end == text.data() + text.size();
    return number;
  }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace

std::string StagedFiles::Print() const {
  std::string bytes;
  AppendField("E", &bytes);
  AppendNumber(epoch, &bytes);
  AppendNumber(watermark_ms, &bytes);
  for (const FinishedPart& part : finished) {
    AppendField("F", &bytes);
    AppendField(part.temporary, &bytes);
    AppendField(part.final, &bytes);
    AppendField(part.partition, &bytes);
    AppendNumber(part.bytes, &bytes);
    AppendNumber(part.crc, &bytes);
  }
  for (const OpenPart& part : open) {
    AppendField("O", &bytes);
    AppendField(part.temporary, &bytes);
    AppendField(part.final, &bytes);
    AppendField(part.partition, &bytes);
    AppendNumber(part.bytes, &bytes);
    AppendNumber(part.crc, &bytes);
    AppendNumber(part.created_micros, &bytes);
  }
  for (const PendingPartition& each : pending) {
    AppendField("P", &bytes);
    AppendField(each.partition, &bytes);
    AppendNumber(each.created_ms, &bytes);
    AppendNumber(each.due_ms, &bytes);
    AppendNumber(each.last_epoch, &bytes);
    AppendNumber(each.ready ? 1 : 0, &bytes);
  }
  return bytes;
}

Result<StagedFiles> StagedFiles::Parse(std::string_view bytes) {
  StagedFiles staged;
  FieldReader reader(bytes);
  bool known = true;
  while (!reader.at_end() && known) {
    const std::string kind = reader.Text();
    if (kind == "E") {
      staged.epoch = reader.Integer<uint64_t>();
      staged.watermark_ms = reader.Integer<int64_t>();
    } else if (kind == "F") {
      FinishedPart& part = staged.finished.emplace_back();
      part.temporary = reader.Text();
      part.final = reader.Text();
      part.partition = reader.Text();
      part.bytes = reader.Integer<int64_t>();
      part.crc = reader.Integer<uint32_t>();
    } else if (kind == "O") {
      OpenPart& part = staged.open.emplace_back();
      part.temporary = reader.Text();
      part.final = reader.Text();
      part.partition = reader.Text();
      part.bytes = reader.Integer<int64_t>();
      part.crc = reader.Integer<uint32_t>();
      part.created_micros = reader.Integer<int64_t>();
    } else if (kind == "P") {
      PendingPartition& each = staged.pending.emplace_back();
      each.partition = reader.Text();
      each.created_ms = reader.Integer<int64_t>();
      each.due_ms = reader.Integer<int64_t>();
      each.last_epoch = reader.Integer<uint64_t>();
      each.ready = reader.Integer<int>() != 0;
    } else {
      known = false;
    }
  }
  if (!known || !reader.ok()) {
    return Status(ErrorCode::kStateMismatch, "filesystem sink: staged file list is damaged");
  }
  return staged;
}

}  // namespace rhei
