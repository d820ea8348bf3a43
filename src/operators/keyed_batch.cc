#include "operators/keyed_batch.h"

#include "columnar/hash.h"

namespace rhei {

void KeyedBatch::Begin(const Batch& batch, std::span<const int> key_columns) {
  row_count_ = static_cast<size_t>(batch.row_count);
  keys_.clear();
  // A batch that only carries watermark points may have no columns.
  if (row_count_ == 0) {
    columns_.clear();
    return;
  }
  for (const int key : key_columns) keys_.push_back(&batch.columns[static_cast<size_t>(key)]);
  columns_.clear();
  for (const Column& column : batch.columns) columns_.push_back(&column);
  hashes_.resize(row_count_);
  HashRows(keys_, batch.row_count, hashes_.data());
  while (rows_.size() < row_count_) rows_.push_back(static_cast<int32_t>(rows_.size()));
}

std::vector<DataType> TypesOf(const Schema& schema, std::span<const int> columns) {
  std::vector<DataType> out;
  for (const int column : columns) out.push_back(schema.type(static_cast<size_t>(column)));
  return out;
}

std::vector<DataType> TypesOf(const Schema& schema) {
  std::vector<DataType> out;
  for (const Field& field : schema.fields) out.push_back(field.type);
  return out;
}

}  // namespace rhei
