#pragma once
// KeyedBatch: what every keyed operator computes first of an input batch: the key columns, a hash
// per row, and the list of all rows. Thread-safety: one thread. Reused from batch to batch.
#include <span>
#include <vector>

#include "columnar/batch.h"

namespace rhei {

class KeyedBatch {
 public:
  // The batch must stay where it is while this is used.
  void Begin(const Batch& batch, std::span<const int> key_columns);

  std::span<const Column* const> keys() const { return keys_; }
  const uint64_t* hashes() const { return hashes_.data(); }
  std::span<const int32_t> rows() const { return {rows_.data(), row_count_}; }
  std::span<const Column* const> columns() const { return columns_; }
  size_t row_count() const { return row_count_; }

 private:
  size_t row_count_ = 0;
  std::vector<const Column*> keys_;
  std::vector<const Column*> columns_;  // all of the batch
  std::vector<uint64_t> hashes_;
  std::vector<int32_t> rows_;
};

// The types of some columns.
std::vector<DataType> TypesOf(const Schema& schema, std::span<const int> columns);
std::vector<DataType> TypesOf(const Schema& schema);

}  // namespace rhei
