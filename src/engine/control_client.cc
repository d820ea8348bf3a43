#include "engine/control_client.h"

#include "engine/control_protocol.h"

namespace rhei {
namespace {

constexpr int64_t kPollMicros = 100'000;
// So long after a query was cancelled its end has come, unless the process was halted.
constexpr int64_t kCancelMicrosMax = 30'000'000;

class RemoteOperation final : public Operation {
 public:
  RemoteOperation(std::shared_ptr<FrameStream> stream, ResultHeader header)
      : stream_(std::move(stream)), header_(std::move(header)) {}
  ~RemoteOperation() override {
    if (over_) return;
    // What is left of the answer must not be taken for the next one's.
    Cancel();
    Batch rows;
    for (int64_t waited = 0; waited < kCancelMicrosMax;) {
      const Result<FetchResult> fetched = Fetch(kPollMicros, &rows);
      if (!fetched.ok() || *fetched == FetchResult::kEnd) return;
      if (*fetched == FetchResult::kNotReady) waited += kPollMicros;
    }
    stream_->Shutdown();
  }

  OperationKind kind() const override {
    for (int kind = 0; kind <= static_cast<int>(OperationKind::kOther); ++kind) {
      if (OperationKindName(static_cast<OperationKind>(kind)) == header_.kind) {
        return static_cast<OperationKind>(kind);
      }
    }
    return OperationKind::kOther;
  }
  const Schema& schema() const override { return header_.schema; }
  bool insert_only() const override { return header_.insert_only; }

  Result<FetchResult> Fetch(int64_t wait_micros, Batch* rows) override {
    if (over_) return FetchResult::kEnd;
    Result<std::optional<std::string>> text = stream_->Next(wait_micros);
    if (!text.ok()) {
      over_ = true;
      return text.status();
    }
    if (!text->has_value()) return FetchResult::kNotReady;
    ASSIGN_OR_RETURN(const Frame frame, ParseFrame(**text));
    if (frame.kind == Frame::Kind::kRows) {
      ASSIGN_OR_RETURN(*rows, DecodeRows(header_.schema, **text));
      return FetchResult::kRows;
    }
    over_ = true;
    if (frame.kind == Frame::Kind::kError) return frame.error;
    return FetchResult::kEnd;
  }

  void Cancel() override {
    if (!over_) (void)stream_->Send("{\"cancel\":true}");
  }

 private:
  std::shared_ptr<FrameStream> stream_;
  const ResultHeader header_;
  bool over_ = false;
};

}  // namespace

ControlClient::ControlClient(std::shared_ptr<FrameStream> stream) : stream_(std::move(stream)) {}
ControlClient::~ControlClient() = default;

Result<std::unique_ptr<ControlClient>> ControlClient::Connect(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<LocalConnection> connection, ConnectLocal(path));
  return std::unique_ptr<ControlClient>(
      new ControlClient(std::make_shared<FrameStream>(std::move(connection))));
}

Result<std::unique_ptr<Operation>> ControlClient::Execute(std::string_view text,
                                                          int64_t wait_micros_max) {
  RETURN_IF_ERROR(stream_->Send(PrintExecute(text)));
  for (int64_t waited = 0; waited < wait_micros_max; waited += kPollMicros) {
    ASSIGN_OR_RETURN(const std::optional<std::string> answer, stream_->Next(kPollMicros));
    if (!answer.has_value()) continue;
    ASSIGN_OR_RETURN(const Frame frame, ParseFrame(*answer));
    if (frame.kind == Frame::Kind::kError) return frame.error;
    if (frame.kind != Frame::Kind::kHeader) return IoError("control socket: no columns came");
    ASSIGN_OR_RETURN(ResultHeader header, ParseHeader(*answer));
    return std::unique_ptr<Operation>(
        std::make_unique<RemoteOperation>(stream_, std::move(header)));
  }
  return IoError("the process does not answer");
}

}  // namespace rhei
