#pragma once
// Chains: what a restore reads. The chain of a key group is a base and the deltas after it
// (StateSection in state_store.h); ChainStream brings the chains of one state a key group at a
// time, and the states take the rows out of them: a table oldest image first (table_load.cc), the
// others newest first with ReadChain.
//
// Nothing here trusts the bytes: damage that the checksums did not show is found by what does not
// fit. Thread-safety: one thread per object.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "state/freeze.h"
#include "state/state_bytes.h"
#include "state/state_store.h"

namespace rhei {

// The sections of one key group, oldest first, wherever their bytes lie. No empty ones.
struct SectionChain {
  int key_group = 0;
  std::vector<const StateSection*> sections;
};

// The same read, schema texts taken off: a base, then deltas.
struct GroupChain {
  int key_group = 0;
  std::vector<std::string_view> images;
  std::vector<std::string> held;  // what images point into, unless they are somebody else's
};

// Reads what lies on a disk on a thread of its own, ahead of who takes it. Ownership: the sections
// stay until the stream is gone.
class ChainStream {
 public:
  // Whose chains, for checks and messages; they stay too.
  struct Owner {
    std::string_view operator_id;
    std::string_view state_name;
    std::string_view schema;
  };
  // `threads`: null to read without one.
  ChainStream(const Owner& owner, std::vector<SectionChain> chains, Threads* threads);
  ~ChainStream();

  const std::vector<SectionChain>& chains() const { return chains_; }
  // False: there are no more.
  Result<bool> Next(GroupChain* out);

 private:
  class ReadAhead;
  Result<GroupChain> Read(const SectionChain& chain) const;

  Owner owner_;
  std::vector<SectionChain> chains_;
  size_t next_ = 0;
  std::unique_ptr<ReadAhead> ahead_;  // null: Next reads
};

struct RawRecord {
  RecordKind kind;
  int64_t place;
  std::string_view payload;
};

// The records of one image but for the places, which they carry.
class ImageReader {
 public:
  explicit ImageReader(std::string_view image) : reader_(image) {}

  // False at the end, and where the bytes are damaged: ask ok().
  bool Next(RawRecord* out) {
    while (!reader_.at_end()) {
      const auto head = reader_.ReadFixed<uint32_t>();
      out->kind = static_cast<RecordKind>(head & ((1U << kRecordKindBits) - 1));
      out->payload = reader_.ReadRaw(head >> kRecordKindBits);
      if (out->kind > RecordKind::kValueErased) reader_.Fail();
      if (!reader_.ok()) return false;
      if (out->kind != RecordKind::kPlace) {
        out->place = place_;
        return true;
      }
      ByteReader place(out->payload);
      place_ = place.ReadFixed<int64_t>();
      if (!place.ok()) reader_.Fail();
    }
    return false;
  }
  bool ok() const { return reader_.ok(); }

 private:
  ByteReader reader_;
  int64_t place_ = 0;
};

// A row that a chain holds, or a value of one. What makes them the same: place, key, number; of a
// value, the key goes to its end.
struct ChainRecord {
  int64_t place = 0;
  uint64_t number = 0;
  std::string_view key;
  std::string_view body;
  uint32_t hash = 0;
  bool is_value = false;
};

// How a state reads its records.
class ChainShape {
 public:
  virtual ~ChainShape() = default;
  // Sets all but the body, which is the rest. Place is set already and may be replaced.
  virtual void ReadIdentity(ByteReader* reader, ChainRecord* record) const = 0;
  // A kErasedAll record; IsErased is asked about the records of older images from then on.
  virtual void EraseAll(int64_t place, ByteReader* reader) = 0;
  virtual bool IsErased(const ChainRecord& record) const = 0;
  // Whether its rows may have values.
  virtual bool HasValues() const { return false; }
  virtual void BeginChain() = 0;
};

// Appends the rows that the chain ends with, in no order (that of the base without deltas). False:
// the bytes are damaged.
bool ReadChain(const GroupChain& chain, ChainShape* shape, std::vector<ChainRecord>* out);

}  // namespace rhei
