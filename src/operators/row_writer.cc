#include "operators/row_writer.h"

#include "base/check.h"

namespace rhei {

RowWriter::RowWriter(const Schema& schema, OutputQueue* out, int32_t rows_max, MemoryPool* pool)
    : builder_(schema, pool), out_(out), rows_max_(rows_max) {
  for (size_t i = 0; i < builder_.column_count(); ++i) columns_.push_back(&builder_.column(i));
}

void RowWriter::Input(const Batch& batch, int32_t row) {
  for (const Column& column : batch.columns) columns_[next_++]->AppendFrom(column, row);
}

void RowWriter::Stored(const StateMultimap& map, const MultimapEntry* entry) {
  const size_t count = map.spec().row_types.size();
  map.AppendRow(entry, std::span(columns_).subspan(next_, count));
  next_ += count;
}

void RowWriter::Stored(const RowCodec& codec, std::string_view row) {
  const size_t count = codec.types().size();
  CHECK(codec.Decode(&row, std::span(columns_).subspan(next_, count)).ok());
  next_ += count;
}

void RowWriter::Nulls(size_t count) {
  for (size_t i = 0; i < count; ++i) columns_[next_++]->AppendNull();
}

void RowWriter::Finish(ChangeKind kind) {
  DCHECK(next_ == columns_.size());
  next_ = 0;
  builder_.FinishRow(kind);
  if (builder_.row_count() >= rows_max_) Flush();
}

void RowWriter::Flush() {
  if (!builder_.empty()) out_->Push(builder_.Finish());
}

}  // namespace rhei
