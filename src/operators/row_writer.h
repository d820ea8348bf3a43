#pragma once
// RowWriter: output built row by row from input rows, stored rows and NULLs, for operators whose
// output is a few rows per input row.
//
//   writer.Input(batch, row); writer.Finish(ChangeKind::kInsert);   // columns left to right
//
// Full batches go to the queue by themselves; Flush hands on the rest. Strings of input batches are
// shared with them, those of stored rows are copied, row by row. Thread-safety: one thread.
#include <span>
#include <vector>

#include "columnar/batch_builder.h"
#include "operators/output_queue.h"
#include "state/multimap.h"

namespace rhei {

class RowWriter {
 public:
  RowWriter(const Schema& schema, OutputQueue* out, int32_t rows_max, MemoryPool* pool);

  // The next columns of the row.
  void Input(const Batch& batch, int32_t row);
  void Stored(const StateMultimap& map, const MultimapEntry* entry);
  void Stored(const RowCodec& codec, std::string_view row);
  void Nulls(size_t count);
  template <typename T>
  void Value(T value) {
    columns_[next_++]->Append(value);
  }
  void Finish(ChangeKind kind);

  void Watermark(int64_t watermark_ms) { builder_.AddWatermark(watermark_ms); }
  void Flush();

 private:
  static constexpr size_t kStoredBytes = size_t{128} << 10;

  void ShareHeaps(const Column& column, size_t index);
  std::string_view KeepStored(std::string_view row);

  BatchBuilder builder_;
  std::vector<ColumnBuilder*> columns_;
  size_t next_ = 0;
  OutputQueue* out_;
  int32_t rows_max_;
  MemoryPool* pool_;
  std::vector<BufferPtr> shared_from_;  // by column: values of that whose heaps were added last
  bool nested_ = false;                 // some column is
  BufferPtr stored_;                    // bytes of stored rows, filled up to stored_used_
  size_t stored_used_ = 0;
  bool stored_shared_ = false;  // the builders hold it
};

}  // namespace rhei
