#pragma once
// Manifest: the one file that makes a checkpoint: where each section is, and everything of the
// instances that is not a section (docs/formats/checkpoint.md). Plain data and its bytes.
//
// Decode trusts nothing: a manifest with any bit changed or any part missing is a kStateMismatch;
// one of another format version is kUnsupported.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/job_description.h"
#include "checkpoint/segment.h"

namespace rhei {

// Where the bytes of one section are.
struct SectionPlace {
  std::shared_ptr<const SegmentInfo> segment;
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t checksum = 0;  // of the section's bytes
  bool is_delta = false;
};

struct Manifest {
  uint64_t generation = 0;
  uint64_t epoch = 0;
  int shard_count = 0;
  bool last = false;
  int64_t created_micros = 0;    // the barrier's time
  int64_t completed_micros = 0;  // when it was written
  JobDescription job;
  std::vector<InstanceSnapshot> instances;  // without their states
  std::vector<CarriedSeal> carried_seals;
  CheckpointChains<SectionPlace> chains;

  // Each segment that a chain needs, once.
  std::vector<std::shared_ptr<const SegmentInfo>> Segments() const;
};

std::string EncodeManifest(const Manifest& manifest);
// `path` is for messages.
Result<Manifest> DecodeManifest(std::string_view bytes, const std::string& path);

}  // namespace rhei
