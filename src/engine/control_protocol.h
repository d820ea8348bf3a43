#pragma once
// The protocol of control sockets (docs/formats/control-socket.md): frames are JSON objects, one a
// line; a client sends statements, the server answers with columns, rows and an end, or an error.
// Thread-safety: one thread per object.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/local_socket.h"
#include "base/status.h"
#include "columnar/batch.h"

namespace rhei {

// Frames over a connection. Thread-safety: one thread, but Shutdown from any.
class FrameStream {
 public:
  // Send fails when the other side has taken nothing for stall_micros_max.
  explicit FrameStream(std::unique_ptr<LocalConnection> connection,
                       int64_t stall_micros_max = 10'000'000)
      : connection_(std::move(connection)), stall_micros_max_(stall_micros_max) {}
  // The next line, waiting at most wait_micros; nothing when it has not come. kIo "closed" at the
  // end, kResource for a line that is too long.
  Result<std::optional<std::string>> Next(int64_t wait_micros);
  Status Send(std::string_view frame);  // without its line end
  void Shutdown() { connection_->Shutdown(); }

 private:
  std::unique_ptr<LocalConnection> connection_;
  int64_t stall_micros_max_;
  std::string pending_;
};

// {"rows":[["+I",{"c0":1,"c1":"x"}],...]}: cells in the JSON format, columns by number.
Result<std::string> EncodeRows(const Schema& schema, const Batch& rows);
// REQUIRES: a frame of EncodeRows for the same schema.
Result<Batch> DecodeRows(const Schema& schema, std::string_view frame);

// {"kind":"SHOW","insert_only":true,"columns":[{"name":"job id","type":"STRING"}],"job":""}
struct ResultHeader {
  std::string kind;
  bool insert_only = true;
  Schema schema;
  std::string job_id;  // of an INSERT's or a query's job
};
std::string PrintHeader(const ResultHeader& header);
Result<ResultHeader> ParseHeader(std::string_view frame);

// {"error":{"code":"InvalidSql","message":"...","line":1,"column":8,"end_column":9}}
std::string PrintError(const Status& status);

// What kind of frame a client or a server has got.
struct Frame {
  enum class Kind : uint8_t { kExecute, kCancel, kHeader, kRows, kEnd, kError };
  Kind kind = Kind::kEnd;
  std::string statement;  // kExecute
  Status error;           // kError
};
Result<Frame> ParseFrame(std::string_view text);
std::string PrintExecute(std::string_view statement);

}  // namespace rhei
