#include "engine/control_server.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "engine/control_protocol.h"
#include "engine/session.h"

namespace rhei {
namespace {

constexpr int64_t kPollMicros = 100'000;
// So many clients at once are a mistake of theirs.
constexpr size_t kConnectionsMax = 32;
// A person may look at a page of a result for a while (`| less`); the query waits for that.
constexpr int64_t kStallMicrosMax = 600'000'000;
// At the end of the process nobody is waited for so long.
constexpr int64_t kStallAtEndNanosMax = 1'000'000'000;

// What the thread of a connection and the accepting one share.
struct Peer {
  explicit Peer(std::unique_ptr<LocalConnection> connection)
      : stream(std::move(connection), kStallMicrosMax) {}
  FrameStream stream;
  std::atomic<int64_t> sending_since{0};  // monotonic nanoseconds; 0: it does not send
  std::atomic<bool> over{false};          // its thread has nothing left to do
};

// One client: executes its statements until it goes away.
class Connection final : public Threads::Work {
 public:
  Connection(Engine* engine, std::shared_ptr<Peer> peer, const std::atomic<bool>* stopping)
      : peer_(std::move(peer)), stopping_(stopping), clock_(engine->env().clock) {
    SessionOptions options;
    options.name = "control socket";
    options.stop_wanted = [stopping] { return stopping->load(); };
    session_ = Session::Make(engine, options);
  }

  void Run() override {
    while (!stopping_->load()) {
      Result<std::optional<std::string>> text = peer_->stream.Next(kPollMicros);
      if (!text.ok()) break;
      if (!text->has_value()) continue;
      if (!Serve(**text).ok()) break;
    }
    session_.reset();
    // The client hears of it now; the descriptor goes when the thread is joined.
    peer_->stream.Shutdown();
    peer_->over.store(true);
  }

 private:
  // A failure ends the connection.
  Status Serve(std::string_view text) {
    const Result<Frame> frame = ParseFrame(text);
    if (!frame.ok()) return Send(PrintError(frame.status()));
    if (frame->kind == Frame::Kind::kCancel) return {};  // what it means is over
    if (frame->kind != Frame::Kind::kExecute) {
      return Send(PrintError(InvalidArgument("a client sends execute or cancel")));
    }
    Result<std::unique_ptr<Operation>> operation = session_->Execute(frame->statement);
    if (!operation.ok()) return Send(PrintError(operation.status()));
    return Answer(**operation);
  }

  Status Answer(Operation& operation) {
    ResultHeader header;
    header.kind = OperationKindName(operation.kind());
    header.insert_only = operation.insert_only();
    header.schema = operation.schema();
    if (operation.job() != nullptr) header.job_id = operation.job()->id();
    RETURN_IF_ERROR(Send(PrintHeader(header)));
    while (true) {
      // What is at hand (the path of a savepoint) is still given out.
      if (stopping_->load() && operation.is_query()) return IoError("the process ends");
      Batch rows;
      const Result<FetchResult> fetched = operation.Fetch(kPollMicros, &rows);
      if (!fetched.ok()) return Send(PrintError(fetched.status()));
      if (*fetched == FetchResult::kEnd) return Send("{\"end\":true}");
      if (*fetched == FetchResult::kRows) {
        const Result<std::string> frame = EncodeRows(operation.schema(), rows);
        if (!frame.ok()) {
          operation.Cancel();
          return Send(PrintError(frame.status()));
        }
        RETURN_IF_ERROR(Send(*frame));
      }
      ASSIGN_OR_RETURN(const std::optional<std::string> text, peer_->stream.Next(0));
      if (!text.has_value()) continue;
      const Result<Frame> asked = ParseFrame(*text);
      if (asked.ok() && asked->kind == Frame::Kind::kCancel) operation.Cancel();
    }
  }

  Status Send(std::string_view frame) {
    peer_->sending_since.store(std::max<int64_t>(clock_->MonotonicNanos(), 1));
    const Status sent = peer_->stream.Send(frame);
    peer_->sending_since.store(0);
    return sent;
  }

  const std::shared_ptr<Peer> peer_;
  std::unique_ptr<Session> session_;
  const std::atomic<bool>* stopping_;
  Clock* clock_;
};

struct Client {
  std::shared_ptr<Peer> peer;
  std::unique_ptr<Thread> thread;
};

}  // namespace

struct ControlServer::Impl {
  Engine* engine = nullptr;
  std::string path;
  std::unique_ptr<LocalListener> listener;
  std::atomic<bool> stopping{false};
  std::unique_ptr<Thread> accepting;

  class Accepting final : public Threads::Work {
   public:
    explicit Accepting(Impl* impl) : impl_(impl), env_(impl->engine->env()) {}

    void Run() override {
      while (!impl_->stopping.load()) {
        Result<std::unique_ptr<LocalConnection>> connection = impl_->listener->Accept(kPollMicros);
        JoinFinished();
        if (!connection.ok()) {
          env_.clock->SleepMicros(kPollMicros);
          continue;
        }
        if (*connection == nullptr || impl_->stopping.load()) continue;
        if (clients_.size() < kConnectionsMax) Serve(std::move(*connection));
      }
      while (!clients_.empty()) {
        CutStalled();
        env_.clock->SleepMicros(1'000);
        JoinFinished();
      }
    }

   private:
    void Serve(std::unique_ptr<LocalConnection> connection) {
      auto peer = std::make_shared<Peer>(std::move(connection));
      Result<std::unique_ptr<Thread>> thread = env_.threads->TryStart(
          "rhei-control", std::make_unique<Connection>(impl_->engine, peer, &impl_->stopping));
      // Without a thread the client finds the connection closed; the jobs here go on.
      if (thread.ok()) clients_.push_back({std::move(peer), std::move(thread).value()});
    }

    void JoinFinished() {
      std::erase_if(clients_, [](const Client& client) { return client.peer->over.load(); });
    }

    // A client that reads gets its answer to the end; one that does not holds nothing up.
    void CutStalled() {
      const int64_t now = env_.clock->MonotonicNanos();
      for (const Client& client : clients_) {
        const int64_t since = client.peer->sending_since.load();
        if (since != 0 && now - since > kStallAtEndNanosMax) client.peer->stream.Shutdown();
      }
    }

    Impl* impl_;
    const Environment& env_;
    std::vector<Client> clients_;
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
