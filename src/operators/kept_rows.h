#pragma once
// KeptRows: what a batch job does at its end with the rows that an operator has kept in a table:
// they go out in the table's order, and the watermark that was held back behind them.
// Thread-safety: one thread.
#include <cstddef>
#include <cstdint>

#include "columnar/row_codec.h"
#include "operators/output_queue.h"
#include "operators/row_writer.h"
#include "state/table.h"

namespace rhei {

class KeptRows {
 public:
  void Begin() { active_ = true; }
  bool active() const { return active_; }

  // Until there is output; not active() any more at the end. `slot`: of the rows' bytes.
  void WriteSome(StateTable* table, size_t slot, const RowCodec& codec, RowWriter* writer,
                 int64_t watermark_ms, OutputQueue* out) {
    while (out->empty()) {
      const StateRow* kept = table->Next(&next_id_);
      if (kept == nullptr) {
        active_ = false;
        writer->Flush();
        if (watermark_ms != kNoWatermark) out->PushWatermark(watermark_ms);
        return;
      }
      ++next_id_;
      writer->Stored(codec, table->String(kept, slot));
      writer->Finish(ChangeKind::kInsert);
    }
  }

 private:
  bool active_ = false;
  uint32_t next_id_ = 0;
};

}  // namespace rhei
