#pragma once
// Checkpoints made up for tests, and their content as text that can be compared.
// Thread-safety: as for plain functions.
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "checkpoint/checkpoint.h"
#include "state/state_bytes.h"

namespace rhei {

inline StateSection MakeSection(std::string name, int key_group, std::string_view content,
                                bool is_delta = false) {
  StateSection section;
  section.state_name = std::move(name);
  section.key_group = key_group;
  WriteBytes("schema of " + section.state_name, &section.bytes);
  section.bytes += content;
  section.is_delta = is_delta;
  return section;
}

inline InstanceSnapshot MakeInstance(std::string operator_id, int shard, uint64_t epoch,
                                     std::vector<StateSection> sections) {
  InstanceSnapshot instance;
  instance.operator_id = operator_id;
  instance.shard = shard;
  instance.epoch = epoch;
  auto state = std::make_shared<FrozenState>();
  state->operator_id = std::move(operator_id);
  state->epoch = epoch;
  state->sections = std::move(sections);
  instance.state = std::move(state);
  return instance;
}

inline std::shared_ptr<Checkpoint> MakeCheckpoint(uint64_t epoch, int shard_count,
                                                  std::vector<InstanceSnapshot> instances) {
  auto checkpoint = std::make_shared<Checkpoint>();
  checkpoint->epoch = epoch;
  checkpoint->shard_count = shard_count;
  checkpoint->created_micros = static_cast<int64_t>(1'000'000 * epoch);
  checkpoint->instances = std::move(instances);
  return checkpoint;
}

// The section's bytes, or why they cannot be read.
inline std::string ContentOf(const StateSection& section) {
  std::string buffer;
  const Result<std::string_view> bytes = section.Read(&buffer);
  return bytes.ok() ? std::string(*bytes) : bytes.status().message();
}

// Everything that a restore gets.
inline std::string Describe(const Checkpoint& checkpoint) {
  std::string text =
      fmt::format("epoch {} shards {} created {} last {}\n", checkpoint.epoch,
                  checkpoint.shard_count, checkpoint.created_micros, checkpoint.last);
  for (const InstanceSnapshot& instance : checkpoint.instances) {
    text += fmt::format("{} shard {} epoch {} combined {} output {} idle {} done {} seal {}",
                        instance.operator_id, instance.shard, instance.epoch,
                        instance.combined_watermark_ms, instance.output_watermark_ms,
                        instance.output_idle, instance.done,
                        instance.seal == nullptr ? "-" : *instance.seal);
    for (const int64_t watermark : instance.input_watermarks_ms) {
      text += fmt::format(" in {}", watermark);
    }
    text += '\n';
    for (const StateSection& section : instance.state->sections) {
      text += fmt::format("  {} {} {}{}\n", section.state_name, section.key_group,
                          section.is_delta ? "+" : "", ContentOf(section));
    }
  }
  for (const CarriedSeal& carried : checkpoint.carried_seals) {
    text += fmt::format("carried {} {} {} {}\n", carried.operator_id, carried.shard, carried.epoch,
                        *carried.seal);
  }
  return text;
}

}  // namespace rhei
