#include "base/status.h"

#include <string>

#include "base/check.h"

namespace rhei {

SqlPosition InScript(SqlPosition position, SqlPosition start) {
  if (!position.known()) position = {.line = 1, .column = 1};
  if (position.of_script) return position;
  const auto move = [&](int32_t* line, int32_t* column) {
    if (*line == 1) *column += start.column - 1;
    *line += start.line - 1;
  };
  move(&position.line, &position.column);
  if (position.end_line > 0) move(&position.end_line, &position.end_column);
  position.of_script = true;
  return position;
}

Status::Status(ErrorCode code, std::string_view message) : Status(code, message, SqlPosition{}) {}

Status::Status(ErrorCode code, std::string_view message, SqlPosition position)
    : rep_(std::make_unique<Rep>(Rep{code, std::string(message), position})) {
  CHECK(code != ErrorCode::kOk);
}

Status::Status(const Status& other)
    : rep_(other.rep_ == nullptr ? nullptr : std::make_unique<Rep>(*other.rep_)) {}

Status& Status::operator=(const Status& other) {
  if (this != &other) rep_ = other.rep_ == nullptr ? nullptr : std::make_unique<Rep>(*other.rep_);
  return *this;
}

ErrorCode Status::code() const noexcept {
  return ok() ? ErrorCode::kOk : rep_->code;
}

const std::string& Status::message() const noexcept {
  static const std::string empty;
  return ok() ? empty : rep_->message;
}

SqlPosition Status::position() const noexcept {
  return ok() ? SqlPosition{} : rep_->position;
}

Status Status::WithContext(std::string_view context) const {
  if (ok()) return {};
  return Status(rep_->code, std::string(context) + ": " + rep_->message, rep_->position);
}

Status Status::At(SqlPosition position) const {
  if (ok() || rep_->position.known()) return *this;
  return Status(rep_->code, rep_->message, position);
}

std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kOk: return "ok";
    case ErrorCode::kInvalidSql: return "invalid SQL";
    case ErrorCode::kInvalidArgument: return "invalid argument";
    case ErrorCode::kNotFound: return "not found";
    case ErrorCode::kUnsupported: return "unsupported";
    case ErrorCode::kDataError: return "data error";
    case ErrorCode::kIo: return "I/O error";
    case ErrorCode::kResource: return "limit reached";
    case ErrorCode::kCancelled: return "cancelled";
    case ErrorCode::kStateMismatch: return "state mismatch";
  }
  CHECK(false);
}

}  // namespace rhei
