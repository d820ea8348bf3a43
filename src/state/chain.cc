#include "state/chain.h"

#include <condition_variable>
#include <deque>
#include <mutex>

#include <fmt/format.h>

#include "state/hash_index.h"

namespace rhei {

// The thread that reads, and what it has read.
class ChainStream::ReadAhead {
 public:
  ReadAhead(const ChainStream* stream, Threads* threads) : stream_(stream) {
    thread_ = threads->Start("rhei-restore", std::make_unique<Reading>(this));
  }
  ~ReadAhead() {
    {
      const std::lock_guard lock(mutex_);
      abandoned_ = true;
    }
    changed_.notify_all();
    thread_.reset();
  }

  Result<bool> Next(GroupChain* out) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !ready_.empty() || ended_; });
    if (ready_.empty()) {
      if (!failure_.ok()) return failure_;
      return false;
    }
    *out = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
    return true;
  }

 private:
  // One is being loaded, one more is being read. A chain is about a 128th of its state.
  static constexpr size_t kReadyMax = 2;

  class Reading final : public Threads::Work {
   public:
    explicit Reading(ReadAhead* ahead) : ahead_(ahead) {}
    void Run() override { ahead_->End(ahead_->ReadAll()); }

   private:
    ReadAhead* ahead_;
  };

  Status ReadAll() {
    for (const SectionChain& chain : stream_->chains_) {
      ASSIGN_OR_RETURN(GroupChain read, stream_->Read(chain));
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ready_.size() < kReadyMax || abandoned_; });
      if (abandoned_) break;
      ready_.push_back(std::move(read));
      changed_.notify_all();
    }
    return {};
  }

  void End(Status status) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(status);
    ended_ = true;
    changed_.notify_all();
  }

  const ChainStream* stream_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<GroupChain> ready_;
  bool ended_ = false;
  Status failure_;
  bool abandoned_ = false;
  std::unique_ptr<Thread> thread_;
};

ChainStream::ChainStream(const Owner& owner, std::vector<SectionChain> chains, Threads* threads)
    : owner_(owner), chains_(std::move(chains)) {
  uint64_t stored_bytes = 0;
  for (const SectionChain& chain : chains_) {
    for (const StateSection* section : chain.sections) {
      if (section->stored != nullptr) stored_bytes += section->stored->size();
    }
  }
  // Below this a thread costs more than it gains.
  constexpr uint64_t kThreadBytes = uint64_t{1} << 20;
  if (threads != nullptr && stored_bytes >= kThreadBytes) {
    ahead_ = std::make_unique<ReadAhead>(this, threads);
  }
}

ChainStream::~ChainStream() = default;

Result<bool> ChainStream::Next(GroupChain* out) {
  if (ahead_ != nullptr) return ahead_->Next(out);
  if (next_ == chains_.size()) return false;
  ASSIGN_OR_RETURN(*out, Read(chains_[next_++]));
  return true;
}

Result<GroupChain> ChainStream::Read(const SectionChain& chain) const {
  GroupChain out;
  out.key_group = chain.key_group;
  out.held.reserve(chain.sections.size());  // the strings must not move
  for (const StateSection* section : chain.sections) {
    ASSIGN_OR_RETURN(const std::string_view bytes, section->Read(&out.held.emplace_back()));
    ByteReader reader(bytes);
    const std::string_view stored_schema = reader.ReadBytes();
    if (!reader.ok() || stored_schema != owner_.schema) {
      return Status(ErrorCode::kStateMismatch,
                    fmt::format("{}: state {} was stored as {}, now it is {}", owner_.operator_id,
                                owner_.state_name, stored_schema, owner_.schema));
    }
    out.images.push_back(reader.rest());
  }
  return out;
}

namespace {

bool ReadRecord(const RawRecord& raw, const ChainShape& shape, ChainRecord* out) {
  ByteReader reader(raw.payload);
  out->place = raw.place;
  shape.ReadIdentity(&reader, out);
  if (!reader.ok()) return false;
  out->body = raw.payload.substr(raw.payload.size() - reader.left());
  return true;
}

// From the newest image to the oldest: the first record of an identity says what became of it.
class ChainResolver {
 public:
  ChainResolver(ChainShape* shape, std::vector<ChainRecord>* out)
      : shape_(shape), out_(out), index_(nullptr) {}

  // `newest`: nothing younger has been read. `oldest`: nothing older will be.
  bool Read(std::string_view image, bool newest, bool oldest) {
    RawRecord raw;
    ImageReader rows(image);
    while (rows.Next(&raw)) {
      if (raw.kind != RecordKind::kRow) continue;
      ChainRecord record;
      if (!ReadRecord(raw, *shape_, &record)) return false;
      if (!newest && (shape_->IsErased(record) || IsKnown(record))) continue;
      out_->push_back(record);
      if (!oldest) Know(record);
    }
    if (!rows.ok()) return false;
    if (oldest) return true;
    ImageReader erasures(image);
    while (erasures.Next(&raw)) {
      if (raw.kind == RecordKind::kErased) {
        ChainRecord record;
        if (!ReadRecord(raw, *shape_, &record)) return false;
        if (!IsKnown(record)) Know(record);
      } else if (raw.kind == RecordKind::kErasedAll) {
        ByteReader reader(raw.payload);
        shape_->EraseAll(raw.place, &reader);
        if (!reader.ok()) return false;
      }
    }
    return erasures.ok();
  }

 private:
  bool IsKnown(const ChainRecord& record) const {
    return index_.Find(record.hash, [&](uint32_t id) {
      const ChainRecord& known = known_[id];
      return known.place == record.place && known.number == record.number &&
             known.key == record.key;
    }) != HashIndex::kNone;
  }
  void Know(const ChainRecord& record) {
    index_.Insert(record.hash, static_cast<uint32_t>(known_.size()));
    known_.push_back(record);
  }

  ChainShape* shape_;
  std::vector<ChainRecord>* out_;
  HashIndex index_;
  std::vector<ChainRecord> known_;
};

}  // namespace

bool ReadChain(const GroupChain& chain, ChainShape* shape, std::vector<ChainRecord>* out) {
  shape->BeginChain();
  ChainResolver resolver(shape, out);
  for (size_t i = chain.images.size(); i-- > 0;) {
    if (!resolver.Read(chain.images[i], i + 1 == chain.images.size(), i == 0)) return false;
  }
  return true;
}

}  // namespace rhei
