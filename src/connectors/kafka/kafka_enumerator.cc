// Finds partitions, and resolves start and bounded modes to offsets when it first sees one. A
// partition that appears later is read from its start, since its records are newer than the job.
#include <charconv>
#include <set>

#include <fmt/format.h>
#include <re2/re2.h>

#include "connectors/kafka/kafka_source.h"

namespace rhei {

std::string KafkaPosition::Print() const {
  return stop == kKafkaNoOffset ? std::to_string(offset) : fmt::format("{}/{}", offset, stop);
}

std::optional<KafkaPosition> KafkaPosition::Parse(std::string_view text) {
  KafkaPosition position;
  const char* end = text.data() + text.size();
  auto result = std::from_chars(text.data(), end, position.offset);
  if (result.ec != std::errc()) return std::nullopt;
  if (result.ptr != end) {
    if (*result.ptr != '/') return std::nullopt;
    result = std::from_chars(result.ptr + 1, end, position.stop);
    if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  }
  return position;
}

std::string KafkaSplitId(const KafkaPartition& partition) {
  return fmt::format("{}-{}", partition.topic, partition.partition);
}

KafkaPartition KafkaPartitionOf(std::string_view split_id) {
  const size_t dash = split_id.rfind('-');
  KafkaPartition partition;
  partition.topic = split_id.substr(0, dash);
  if (dash != std::string_view::npos) {
    std::from_chars(split_id.data() + dash + 1, split_id.data() + split_id.size(),
                    partition.partition);
  }
  return partition;
}

namespace {

class KafkaEnumerator final : public SplitEnumerator {
 public:
  KafkaEnumerator(KafkaTable table, std::unique_ptr<KafkaAdmin> admin)
      : table_(std::move(table)), admin_(std::move(admin)) {}

  Result<std::vector<SourceSplit>> Discover(bool* finished) override {
    const bool bounded = table_.stop != KafkaStop::kNever;
    *finished = bounded || table_.discovery_interval_ms <= 0;
    Result<std::vector<SourceSplit>> found = Find();
    // A broker that is away for a while stops no running job; the readers wait for it too.
    if (!found.ok() && found.status().code() == ErrorCode::kIo && !first_ && !*finished) {
      return std::vector<SourceSplit>();
    }
    if (found.ok()) first_ = false;
    return found;
  }

  int64_t discovery_interval_ms() const override { return table_.discovery_interval_ms; }
  bool one_split_at_a_time() const override { return false; }

  std::string Snapshot() override {
    std::string state(first_ ? "first\n" : "next\n");
    for (const std::string& id : known_) state += id + "\n";
    return state;
  }

  Status Restore(std::string_view state) override {
    known_.clear();
    bool head = true;
    while (!state.empty()) {
      const size_t end = std::min(state.find('\n'), state.size());
      const std::string_view line = state.substr(0, end);
      state.remove_prefix(std::min(end + 1, state.size()));
      if (head) {
        first_ = line == "first";
      } else {
        known_.emplace(line);
      }
      head = false;
    }
    return {};
  }

 private:
  Result<std::vector<SourceSplit>> Find() {
    ASSIGN_OR_RETURN(const std::vector<std::string> topics, Topics());
    std::vector<SourceSplit> found;
    for (const std::string& topic : topics) {
      ASSIGN_OR_RETURN(const int32_t count, admin_->PartitionCount(topic));
      if (first_) RETURN_IF_ERROR(CheckSpecific(topic, count));
      for (int32_t partition = 0; partition < count; ++partition) {
        const KafkaPartition each{topic, partition};
        SourceSplit split;
        split.id = KafkaSplitId(each);
        if (known_.count(split.id) != 0) continue;
        KafkaPosition position;
        ASSIGN_OR_RETURN(position.offset, StartOf(each));
        ASSIGN_OR_RETURN(position.stop, StopOf(each));
        split.state = position.Print();
        found.push_back(std::move(split));
      }
    }
    for (const SourceSplit& split : found) known_.insert(split.id);
    return found;
  }

  Result<std::vector<std::string>> Topics() {
    if (table_.topic_pattern.empty()) return table_.topics;
    ASSIGN_OR_RETURN(const std::vector<std::string> all, admin_->Topics());
    const RE2 pattern(table_.topic_pattern, RE2::Quiet);
    std::vector<std::string> topics;
    for (const std::string& topic : all) {
      if (RE2::FullMatch(topic, pattern)) topics.push_back(topic);
    }
    return topics;
  }

  Status CheckSpecific(const std::string& topic, int32_t count) const {
    for (const auto* offsets : {&table_.start_offsets, &table_.stop_offsets}) {
      if (offsets->empty() || offsets->rbegin()->first < count) continue;
      return InvalidArgument(fmt::format("topic '{}' has {} partitions, and no partition {}", topic,
                                         count, offsets->rbegin()->first));
    }
    return {};
  }

  Result<int64_t> StartOf(const KafkaPartition& partition) {
    if (!first_) return admin_->EarliestOffset(partition);
    switch (table_.start) {
      case KafkaStart::kEarliest: return admin_->EarliestOffset(partition);
      case KafkaStart::kLatest: return admin_->LatestOffset(partition);
      case KafkaStart::kTimestamp: {
        ASSIGN_OR_RETURN(const int64_t at,
                         admin_->OffsetAtTime(partition, table_.start_timestamp_ms));
        return at != kKafkaNoOffset ? at : admin_->LatestOffset(partition);
      }
      case KafkaStart::kSpecific: {
        const auto given = table_.start_offsets.find(partition.partition);
        // As Flink: a partition that is not named goes on where its group is, or at its start.
        if (given != table_.start_offsets.end()) return given->second;
        return Committed(partition, true);
      }
      case KafkaStart::kGroupOffsets: return Committed(partition, false);
    }
    return int64_t{0};
  }

  Result<int64_t> Committed(const KafkaPartition& partition, bool or_earliest) {
    const KafkaProperties& properties = table_.properties;
    if (!properties.group_id.empty()) {
      ASSIGN_OR_RETURN(const int64_t at, admin_->CommittedOffset(partition));
      if (at != kKafkaNoOffset) return at;
    }
    if (or_earliest || properties.auto_offset_reset == "earliest") {
      return admin_->EarliestOffset(partition);
    }
    if (properties.auto_offset_reset == "latest") return admin_->LatestOffset(partition);
    constexpr std::string_view kAdvice =
        "set 'properties.auto.offset.reset' to 'earliest' or 'latest', or another "
        "'scan.startup.mode'";
    if (properties.group_id.empty()) {
      return InvalidArgument(fmt::format(
          "'scan.startup.mode' is 'group-offsets' and there is no 'properties.group.id': {}",
          kAdvice));
    }
    return InvalidArgument(fmt::format("group '{}' has committed no offset for {}: {}",
                                       properties.group_id, partition.Name(), kAdvice));
  }

  Result<int64_t> StopOf(const KafkaPartition& partition) {
    switch (table_.stop) {
      case KafkaStop::kNever: return kKafkaNoOffset;
      case KafkaStop::kLatest: return admin_->LatestOffset(partition);
      case KafkaStop::kTimestamp: {
        ASSIGN_OR_RETURN(const int64_t at,
                         admin_->OffsetAtTime(partition, table_.stop_timestamp_ms));
        return at != kKafkaNoOffset ? at : admin_->LatestOffset(partition);
      }
      case KafkaStop::kGroupOffsets: {
        if (table_.properties.group_id.empty()) {
          return InvalidArgument(
              "'scan.bounded.mode' = 'group-offsets' needs 'properties.group.id'");
        }
        ASSIGN_OR_RETURN(const int64_t at, admin_->CommittedOffset(partition));
        return at != kKafkaNoOffset ? at : admin_->LatestOffset(partition);
      }
      case KafkaStop::kSpecific: {
        const auto given = table_.stop_offsets.find(partition.partition);
        if (given != table_.stop_offsets.end()) return given->second;
        return admin_->LatestOffset(partition);
      }
    }
    return kKafkaNoOffset;
  }

  const KafkaTable table_;
  std::unique_ptr<KafkaAdmin> admin_;
  std::set<std::string> known_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<SplitEnumerator> MakeKafkaEnumerator(KafkaTable table,
                                                     std::unique_ptr<KafkaAdmin> admin) {
  return std::make_unique<KafkaEnumerator>(std::move(table), std::move(admin));
}

}  // namespace rhei
