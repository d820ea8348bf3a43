#include "operators/row_writer.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace rhei {

RowWriter::RowWriter(const Schema& schema, OutputQueue* out, int32_t rows_max, MemoryPool* pool)
    : builder_(schema, pool), out_(out), rows_max_(rows_max), pool_(pool) {
  for (size_t i = 0; i < builder_.column_count(); ++i) {
    columns_.push_back(&builder_.column(i));
    nested_ = nested_ || schema.type(i).child_count() > 0;
  }
  shared_from_.resize(columns_.size());
}

void RowWriter::Input(const Batch& batch, int32_t row) {
  for (const Column& column : batch.columns) {
    if (column.type == PhysicalType::kString && column.is_flat() && !column.IsNull(row)) {
      const StringView text = column.data<StringView>()[row];
      if (!text.is_inline()) ShareHeaps(column, next_);
      columns_[next_++]->Append(text);
    } else {
      columns_[next_++]->AppendFrom(column, row);
    }
  }
}

// While the values are held here, another column cannot stand at their place.
void RowWriter::ShareHeaps(const Column& column, size_t index) {
  BufferPtr& from = shared_from_[index];
  if (from == column.values) return;
  from = column.values;
  for (const BufferPtr& heap : column.heaps) columns_[index]->AddHeap(heap);
}

void RowWriter::Stored(const StateMultimap& map, const MultimapEntry* entry) {
  const size_t count = map.spec().row_types.size();
  map.AppendRow(entry, std::span(columns_).subspan(next_, count));
  next_ += count;
}

void RowWriter::Stored(const RowCodec& codec, std::string_view row) {
  const size_t count = codec.types().size();
  const bool share = !nested_ && row.size() > StringView::kInlineMax;
  if (share) row = KeepStored(row);
  CHECK(codec.Decode(&row, std::span(columns_).subspan(next_, count), share).ok());
  next_ += count;
}

// The row's bytes at a place that lives as long as the batch being built.
std::string_view RowWriter::KeepStored(std::string_view row) {
  if (stored_ == nullptr || stored_->size() - stored_used_ < row.size()) {
    stored_ = Buffer::Allocate(std::max(kStoredBytes, row.size()), pool_);
    stored_used_ = 0;
    stored_shared_ = false;
  }
  if (!stored_shared_) {
    for (ColumnBuilder* column : columns_) {
      if (PhysicalTypeOf(column->data_type()) == PhysicalType::kString) column->AddHeap(stored_);
    }
    stored_shared_ = true;
  }
  char* at = stored_->chars() + stored_used_;
  std::memcpy(at, row.data(), row.size());
  stored_used_ += row.size();
  return {at, row.size()};
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
  if (builder_.empty()) return;
  out_->Push(builder_.Finish());
  stored_shared_ = false;
  shared_from_.assign(columns_.size(), nullptr);
}

}  // namespace rhei
