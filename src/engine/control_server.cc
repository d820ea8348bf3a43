#include "engine/control_server.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "engine/control_protocol.h"
#include "engine/session.h"

namespace rhei {
namespace {

constexpr int64_t kPollMicros = 100'000;
// So many clients at once are a mistake of theirs.
constexpr int kConnectionsMax = 32;

// One client: executes its statements until it goes away.
class Connection final : public Threads::Work {
 public:
  Connection(Engine* engine, std::unique_ptr<LocalConnection> connection,
             const std::atomic<bool>* stopping, std::atomic<int>* running)
      : stream_(std::move(connection)),
        session_(Session::Make(engine, {.name = "control socket"})),
        stopping_(stopping),
        running_(running) {}

  void Run() override {
    while (!stopping_->load()) {
      Result<std::optional<std::string>> text = stream_.Next(kPollMicros);
      if (!text.ok()) break;
      if (!text->has_value()) continue;
      if (!Serve(**text).ok()) break;
    }
    session_.reset();
    running_->fetch_sub(1);
  }

 private:
  // A failure ends the connection.
  Status Serve(std::string_view text) {
    const Result<Frame> frame = ParseFrame(text);
    if (!frame.ok()) return stream_.Send(PrintError(frame.status()));
    if (frame->kind == Frame::Kind::kCancel) return {};  // what it means is over
    if (frame->kind != Frame::Kind::kExecute) {
      return stream_.Send(PrintError(InvalidArgument("a client sends execute or cancel")));
    }
    Result<std::unique_ptr<Operation>> operation = session_->Execute(frame->statement);
    if (!operation.ok()) return stream_.Send(PrintError(operation.status()));
    return Answer(**operation);
  }

  Status Answer(Operation& operation) {
    ResultHeader header;
    header.kind = OperationKindName(operation.kind());
    header.insert_only = operation.insert_only();
    header.schema = operation.schema();
    if (operation.job() != nullptr) header.job_id = operation.job()->id();
    RETURN_IF_ERROR(stream_.Send(PrintHeader(header)));
    while (true) {
      // What is at hand (the path of a savepoint) is still given out.
      if (stopping_->load() && operation.is_query()) return IoError("the process ends");
      Batch rows;
      const Result<FetchResult> fetched = operation.Fetch(kPollMicros, &rows);
      if (!fetched.ok()) return stream_.Send(PrintError(fetched.status()));
      if (*fetched == FetchResult::kEnd) return stream_.Send("{\"end\":true}");
      if (*fetched == FetchResult::kRows) {
        const Result<std::string> frame = EncodeRows(operation.schema(), rows);
        if (!frame.ok()) {
          operation.Cancel();
          return stream_.Send(PrintError(frame.status()));
        }
        RETURN_IF_ERROR(stream_.Send(*frame));
      }
      ASSIGN_OR_RETURN(const std::optional<std::string> text, stream_.Next(0));
      if (!text.has_value()) continue;
      const Result<Frame> asked = ParseFrame(*text);
      if (asked.ok() && asked->kind == Frame::Kind::kCancel) operation.Cancel();
    }
  }

  FrameStream stream_;
  std::unique_ptr<Session> session_;
  const std::atomic<bool>* stopping_;
  std::atomic<int>* running_;
};

}  // namespace

struct ControlServer::Impl {
  Engine* engine = nullptr;
  std::string path;
  std::unique_ptr<LocalListener> listener;
  std::atomic<bool> stopping{false};
  std::atomic<int> running{0};
  std::vector<std::unique_ptr<Thread>> connections;  // the accepting thread's
  std::unique_ptr<Thread> accepting;

  class Accepting final : public Threads::Work {
   public:
    explicit Accepting(Impl* impl) : impl_(impl) {}
    void Run() override {
      while (!impl_->stopping.load()) {
        Result<std::unique_ptr<LocalConnection>> peer = impl_->listener->Accept(kPollMicros);
        if (!peer.ok()) {
          impl_->engine->env().clock->SleepMicros(kPollMicros);
          continue;
        }
        if (*peer == nullptr || impl_->stopping.load()) continue;
        // Threads are joined where none is left to disturb.
        if (impl_->running.load() == 0) impl_->connections.clear();
        if (impl_->running.load() >= kConnectionsMax) continue;
        impl_->running.fetch_add(1);
        impl_->connections.push_back(impl_->engine->env().threads->Start(
            "rhei-control", std::make_unique<Connection>(impl_->engine, std::move(*peer),
                                                         &impl_->stopping, &impl_->running)));
      }
      impl_->connections.clear();
    }

   private:
    Impl* impl_;
  };
};

ControlServer::ControlServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<ControlServer>> ControlServer::Start(Engine* engine,
                                                            const std::string& path) {
  auto impl = std::make_unique<Impl>();
  impl->engine = engine;
  impl->path = path;
  ASSIGN_OR_RETURN(impl->listener, ListenLocal(path));
  impl->accepting =
      engine->env().threads->Start("rhei-control", std::make_unique<Impl::Accepting>(impl.get()));
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

ControlServer::~ControlServer() {
  impl_->stopping.store(true);
  // Whoever waits for a client is given one.
  (void)ConnectLocal(impl_->path);
  impl_->accepting.reset();
}

}  // namespace rhei
