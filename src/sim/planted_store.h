#pragma once
// PlantedStore: a checkpoint store that loses or mixes up what it gives back, to see whether the
// simulation finds it. It changes what a restored job gets, never what the engine does.
// Ownership: the other store outlives it. Thread-safety: as for the other store.
#include <memory>

#include "checkpoint/checkpoint.h"

namespace rhei {

enum class StorePlant : uint8_t { kNone, kNoWatermarks, kNoTimers, kOlderState };

// What survives a process: kOlderState needs the checkpoint before the newest.
struct PlantedMemory {
  std::shared_ptr<const Checkpoint> newest;
  std::shared_ptr<const Checkpoint> before;
};

class PlantedStore final : public CheckpointStore {
 public:
  PlantedStore(CheckpointStore* store, StorePlant plant, PlantedMemory* memory)
      : store_(store), plant_(plant), memory_(memory) {}

  Status Publish(std::shared_ptr<const Checkpoint> checkpoint) override;
  Status MarkCommitting(uint64_t epoch) override { return store_->MarkCommitting(epoch); }
  Status MarkCommitted(uint64_t epoch) override { return store_->MarkCommitted(epoch); }
  Status MarkFinished() override { return store_->MarkFinished(); }
  Result<std::shared_ptr<const Checkpoint>> Latest() override;
  uint64_t highest_epoch() const override { return store_->highest_epoch(); }
  int64_t published_bytes() const override { return store_->published_bytes(); }

 private:
  CheckpointStore* store_;
  StorePlant plant_;
  PlantedMemory* memory_;
};

}  // namespace rhei
