#pragma once
// Status and Result<T>: how Rhei reports what can go wrong in a correct program: bad SQL, a missing
// topic, a full disk. A broken invariant is not a Status but a CHECK (base/check.h).
//
//   Result<Schema> schema = catalog.FindTable(name);
//   if (!schema.ok()) return schema.status();
//
//   ASSIGN_OR_RETURN(Schema schema, catalog.FindTable(name));  // The same in one line.
//
// Cost: a successful Status is one null pointer. Thread-safety: as for int.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rhei {

// What the caller can do about it, not where it happened. cli/exit_code.cc maps each code to an
// exit code.
enum class ErrorCode : uint8_t {
  kOk,
  kInvalidSql,       // The statement is wrong; carries a position when one is known.
  kInvalidArgument,  // An option, a setting or an API argument is wrong.
  kNotFound,         // A table, function, job or file does not exist.
  kUnsupported,      // Valid in Flink SQL, and not built yet.
  kDataError,        // A record or an expression cannot be decoded, cast or evaluated.
  kIo,               // Disk, socket or broker failed; a retry may help.
  kResource,         // A memory or size limit was reached.
  kCancelled,        // Stopped on purpose.
  kStateMismatch,    // Stored state is damaged or does not fit the job.
};

// Where in a SQL text something is: 1-based line and column (in code points) of its first
// character, and the column after its last one (0 when unknown). line 0 means no position.
struct SqlPosition {
  int32_t line = 0;
  int32_t column = 0;
  int32_t end_line = 0;
  int32_t end_column = 0;
  bool of_script = false;  // counts from the start of the script, not of one of its statements
  bool known() const { return line > 0; }
};

// The position in the script whose statement begins at `start`; that start when it is not known.
SqlPosition InScript(SqlPosition position, SqlPosition start);

class [[nodiscard]] Status {
 public:
  Status() noexcept = default;
  // REQUIRES: code is not kOk.
  Status(ErrorCode code, std::string_view message);
  Status(ErrorCode code, std::string_view message, SqlPosition position);
  Status(const Status& other);
  Status(Status&&) noexcept = default;
  Status& operator=(const Status& other);
  Status& operator=(Status&&) noexcept = default;
  ~Status() = default;

  bool ok() const noexcept { return rep_ == nullptr; }
  ErrorCode code() const noexcept;
  const std::string& message() const noexcept;
  SqlPosition position() const noexcept;

  // The same failure with `context` and ": " in front of its message; ok stays ok.
  Status WithContext(std::string_view context) const;
  // The same failure placed at `position`, unless it already has one.
  Status At(SqlPosition position) const;

 private:
  struct Rep {
    ErrorCode code;
    std::string message;
    SqlPosition position;
  };
  std::unique_ptr<Rep> rep_;
};

std::string_view ErrorCodeName(ErrorCode code);

// A T, or the reason why there is none. REQUIRES: the Status it is built from is not ok().
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT: implicit on purpose.
  Result(Status status) : status_(std::move(status)) {}  // NOLINT: implicit on purpose.

  bool ok() const noexcept { return value_.has_value(); }
  const Status& status() const& noexcept { return status_; }
  Status status() && noexcept { return std::move(status_); }
  // REQUIRES: ok().
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

inline Status InvalidSql(std::string_view m, SqlPosition p = {}) {
  return {ErrorCode::kInvalidSql, m, p};
}
inline Status InvalidArgument(std::string_view m) {
  return {ErrorCode::kInvalidArgument, m};
}
inline Status NotFound(std::string_view m) {
  return {ErrorCode::kNotFound, m};
}
inline Status Unsupported(std::string_view m, SqlPosition p = {}) {
  return {ErrorCode::kUnsupported, m, p};
}
inline Status DataError(std::string_view m) {
  return {ErrorCode::kDataError, m};
}
inline Status IoError(std::string_view m) {
  return {ErrorCode::kIo, m};
}

}  // namespace rhei

#define RHEI_CONCAT_INNER(a, b) a##b
#define RHEI_CONCAT(a, b) RHEI_CONCAT_INNER(a, b)
#define RETURN_IF_ERROR(expression)                                                             \
  do {                                                                                          \
    if (::rhei::Status return_status = (expression); !return_status.ok()) return return_status; \
  } while (0)
#define ASSIGN_OR_RETURN(declaration, expression)              \
  auto RHEI_CONCAT(result_, __LINE__) = (expression);          \
  if (!RHEI_CONCAT(result_, __LINE__).ok())                    \
    return std::move(RHEI_CONCAT(result_, __LINE__)).status(); \
  declaration = std::move(RHEI_CONCAT(result_, __LINE__)).value()
