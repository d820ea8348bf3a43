#pragma once
// RecordChunk: many raw records of one split, as a reader hands them to a decoder: one buffer and
// spans into it, with positions, so that no record is an object of its own.
//
// Ownership: decoded strings may point into `buffer`; a column then keeps it alive as a heap.
#include <cstdint>
#include <string>
#include <vector>

#include "columnar/buffer.h"

namespace rhei {

struct ByteSpan {
  uint32_t offset = 0;
  uint32_t size = 0;
  static constexpr uint32_t kNull = UINT32_MAX;  // as size: there is no key (or value)
  bool is_null() const { return size == kNull; }
};

struct RecordChunk {
  BufferPtr buffer;
  std::vector<ByteSpan> values;   // one a record
  std::vector<ByteSpan> keys;     // empty, or one a record
  std::vector<ByteSpan> headers;  // empty, or one a record: connector-encoded headers
  std::vector<int64_t> offsets;   // position of each record in its split (byte or broker offset)
  std::vector<int64_t> timestamps_ms;  // empty, or one a record
  int32_t split = 0;                   // the reader's number of the split
  std::string split_name;              // "access.log", "clicks/2": for messages
  int64_t first_record = 0;            // number of the first record in its file, from 1; 0: unknown
  int64_t next_offset = 0;             // where reading goes on after this chunk
  size_t record_count() const { return values.size(); }
};

}  // namespace rhei
