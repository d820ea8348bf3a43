#include "state/chain.h"

#include <condition_variable>
#include <deque>
#include <mutex>

#include <fmt/format.h>

#include "columnar/hash.h"
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

// `row`: what the record is of, itself or the row of its value.
bool ReadRecord(const RawRecord& raw, const ChainShape& shape, ChainRecord* out, ChainRecord* row) {
  ByteReader reader(raw.payload);
  out->place = raw.place;
  shape.ReadIdentity(&reader, out);
  *row = *out;
  if (raw.kind == RecordKind::kValue || raw.kind == RecordKind::kValueErased) {
    if (!shape.HasValues()) return false;
    out->is_value = true;
    reader.ReadVarint();
    const std::string_view value = reader.ReadBytes();
    out->key = raw.payload.substr(0, raw.payload.size() - reader.left());
    out->hash = static_cast<uint32_t>(HashBytes(value.data(), value.size(), row->hash) >> 16);
  }
  if (!reader.ok()) return false;
  out->body = raw.payload.substr(raw.payload.size() - reader.left());
  return true;
}

// Some records, found by their identity.
class RecordSet {
 public:
  bool Contains(const ChainRecord& record) const {
    return index_.Find(record.hash, [&](uint32_t id) {
      const ChainRecord& known = records_[id];
      return known.place == record.place && known.number == record.number &&
             known.is_value == record.is_value && known.key == record.key;
    }) != HashIndex::kNone;
  }
  // REQUIRES: it is not in it.
  void Insert(const ChainRecord& record) {
    index_.Insert(record.hash, static_cast<uint32_t>(records_.size()));
    records_.push_back(record);
  }
  bool empty() const { return records_.empty(); }

 private:
  HashIndex index_{nullptr};
  std::vector<ChainRecord> records_;
};

// From the newest image to the oldest: the first record of an identity says what became of it.
class ChainResolver {
 public:
  ChainResolver(ChainShape* shape, std::vector<ChainRecord>* out) : shape_(shape), out_(out) {}

  // `newest`: nothing younger has been read. `oldest`: nothing older will be.
  bool Read(std::string_view image, bool newest, bool oldest) {
    RawRecord raw;
    ImageReader rows(image);
    while (rows.Next(&raw)) {
      if (raw.kind != RecordKind::kRow && raw.kind != RecordKind::kValue) continue;
      ChainRecord record, row;
      if (!ReadRecord(raw, *shape_, &record, &row)) return false;
      if (!newest && IsOver(record, row)) continue;
      out_->push_back(record);
      if (!oldest) known_.Insert(record);
    }
    if (!rows.ok()) return false;
    if (oldest) return true;
    ImageReader erasures(image);
    while (erasures.Next(&raw)) {
      if (raw.kind == RecordKind::kErased || raw.kind == RecordKind::kValueErased) {
        ChainRecord record, row;
        if (!ReadRecord(raw, *shape_, &record, &row)) return false;
        if (!known_.Contains(record)) known_.Insert(record);
        if (!record.is_value && !erased_.Contains(record)) erased_.Insert(record);
      } else if (raw.kind == RecordKind::kErasedAll) {
        ByteReader reader(raw.payload);
        shape_->EraseAll(raw.place, &reader);
        if (!reader.ok()) return false;
      }
    }
    return erasures.ok();
  }

 private:
  // Of an image that is not the newest: something younger has replaced or erased it.
  bool IsOver(const ChainRecord& record, const ChainRecord& row) const {
    if (shape_->IsErased(record) || known_.Contains(record)) return true;
    return record.is_value && erased_.Contains(row);
  }

  ChainShape* shape_;
  std::vector<ChainRecord>* out_;
  RecordSet known_;   // replaced or erased
  RecordSet erased_;  // rows, and so their values in older images
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
