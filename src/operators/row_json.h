#pragma once
// RowJson: rows as JSON objects, for people who look at what was rejected or late. Every type has a
// form: what the json format does not take (a map with other keys than text) is written as the text
// that CAST gives. Thread-safety: one thread.
#include <memory>
#include <string_view>
#include <vector>

#include "base/memory_pool.h"
#include "base/status.h"
#include "base/time_zone.h"
#include "columnar/batch.h"
#include "formats/format.h"

namespace rhei {

class RowJson {
 public:
  Status Open(const Schema& schema, std::string_view time_zone, MemoryPool* pool);
  // Writes the rows; row(i) is valid until the next call.
  Status Write(const Batch& batch);
  std::string_view row(int32_t index) const {
    const ByteSpan span = encoded_.records[static_cast<size_t>(index)];
    return std::string_view(encoded_.bytes).substr(span.offset, span.size);
  }

 private:
  Schema schema_;  // as it is written
  std::vector<DataType> types_;
  std::vector<size_t> as_text_;  // columns that the format does not take
  TimeZoneCursor zone_;
  MemoryPool* pool_ = nullptr;
  std::unique_ptr<Encoder> encoder_;
  EncodeOutput encoded_;
};

}  // namespace rhei
