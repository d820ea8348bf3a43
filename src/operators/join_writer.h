#pragma once
// JoinWriter: finds the stored rows that an input row joins with, and builds the joined rows: the
// left columns, then (unless the join is SEMI or ANTI) the right ones, either side NULL where there
// is no partner.
//
// Call order: Open; per input batch Begin, then Match and rows; Flush before the batch goes or an
// entry named by a waiting row is removed. Thread-safety: one thread.
#include <memory>
#include <vector>

#include "columnar/batch.h"
#include "expr/program.h"
#include "operators/output_queue.h"
#include "plan/physical/join_spec.h"
#include "state/multimap.h"

namespace rhei {

class JoinWriter {
 public:
  Status Open(OperatorContext& context, JoinType type, const Schema& left, const Schema& right,
              const BoundExprPtr& residual, OutputQueue* out);
  // `input` must stay where it is until the next Begin.
  void Begin(const Batch* input, bool input_is_left);
  // The entries under `key` (null: none) that row `row` of the input joins with.
  Status Match(StateMultimap* other, StateRow* key, int32_t row,
               std::vector<MultimapEntry*>* matches);

  // One row of output: input row `row` (-1: NULLs) with `entry` (null: NULLs) of the other side.
  void Write(int32_t row, const StateMultimap* other, const MultimapEntry* entry, ChangeKind kind) {
    items_.push_back({row, entry, kind});
    other_ = other != nullptr ? other : other_;
  }
  void Watermark(int64_t watermark_ms);
  bool full() const { return items_.size() >= rows_max_; }
  void Flush();

 private:
  struct Item {
    int32_t row;
    const MultimapEntry* entry;
    ChangeKind kind;
  };
  Status MatchChunk(StateMultimap* other, int32_t row, std::vector<MultimapEntry*>* matches);
  void AppendInput(std::vector<Column>* out);
  void AppendEntries(std::vector<Column>* out);

  OperatorContext* context_ = nullptr;
  OutputQueue* out_ = nullptr;
  std::vector<DataType> left_types_, right_types_;
  bool left_only_ = false;
  size_t rows_max_ = 1;
  std::unique_ptr<ExprProgram> residual_;
  std::vector<bool> residual_uses_;
  const Batch* input_ = nullptr;
  bool input_is_left_ = true;
  const StateMultimap* other_ = nullptr;
  std::vector<Item> items_;
  std::vector<WatermarkPoint> points_;
  std::vector<MultimapEntry*> candidates_;
};

}  // namespace rhei
