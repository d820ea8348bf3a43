#include "connectors/filesystem/partition_commit.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "connectors/filesystem/paths.h"
#include "types/option_values.h"
#include "types/temporal.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

constexpr std::string_view kPolicyKey = "sink.partition-commit.policy.kind";

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string ValueOf(const Options& options, std::string_view key) {
  const auto found = options.find(key);
  return found == options.end() ? std::string() : found->second;
}

Status CheckPolicies(std::string_view list) {
  static constexpr std::string_view kKnown[] = {"success-file"};
  while (true) {
    const size_t comma = list.find(',');
    const std::string_view policy = Trimmed(list.substr(0, comma));
    if (policy == "metastore") {
      return InvalidArgument(
          "Can not configure a 'metastore' partition commit policy for a file system table. You "
          "can only configure 'metastore' partition commit policy for a hive table.");
    }
    if (policy == "custom") {
      return Unsupported(fmt::format(
          "option '{}': policy 'custom' is a Java class and is not supported", kPolicyKey));
    }
    if (policy != "success-file") {
      return InvalidArgument(fmt::format("option '{}': '{}' is not a policy; expected {}.{}",
                                         kPolicyKey, policy, "success-file",
                                         DidYouMean(policy, kKnown)));
    }
    if (comma == std::string_view::npos) return {};
    list.remove_prefix(comma + 1);
  }
}

// One field of a date and time, as it is found in a text.
struct LocalFields {
  int64_t year = -1;
  int64_t month = -1;
  int64_t day = -1;
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t millis = 0;
};

constexpr std::string_view kLetters = "yuMdHmsS";

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Takes the digits of a run of `letter`; false when there are none or too few.
bool TakeNumber(char letter, size_t count, bool digits_follow, std::string_view* text,
                LocalFields* fields) {
  const bool year = letter == 'y' || letter == 'u';
  // Two letters and more fix the width, but of a year that nothing follows directly.
  size_t least = count;
  size_t most = count;
  if (count == 1) most = year ? 9 : 2;
  if (year && count >= 4 && !digits_follow) most = 9;
  size_t size = 0;
  while (size < most && size < text->size() && IsDigit((*text)[size])) ++size;
  if (size < least || size == 0) return false;
  int64_t value = 0;
  for (const char c : text->substr(0, size)) value = value * 10 + (c - '0');
  text->remove_prefix(size);
  switch (letter) {
    case 'M': fields->month = value; break;
    case 'd': fields->day = value; break;
    case 'H': fields->hour = value; break;
    case 'm': fields->minute = value; break;
    case 's': fields->second = value; break;
    case 'S': {
      for (size_t i = size; i < 3; ++i) value *= 10;
      for (size_t i = 3; i < size; ++i) value /= 10;
      fields->millis = value;
      break;
    }
    default: fields->year = year && count == 2 ? 2000 + value : value;
  }
  return true;
}

}  // namespace

Result<PartitionCommitOptions> ReadPartitionCommitOptions(const Options& options) {
  PartitionCommitOptions read;
  const std::string kind = ValueOf(options, kPolicyKey);
  if (ValueOf(options, "partition.time-extractor.kind") == "custom" ||
      !ValueOf(options, "partition.time-extractor.class").empty()) {
    return Unsupported(
        "option 'partition.time-extractor.kind': 'custom' is a Java class and is not supported");
  }
  read.enabled = !kind.empty();
  if (read.enabled) RETURN_IF_ERROR(CheckPolicies(kind));
  read.by_partition_time = ValueOf(options, "sink.partition-commit.trigger") == "partition-time";
  if (const std::string delay = ValueOf(options, "sink.partition-commit.delay"); !delay.empty()) {
    ASSIGN_OR_RETURN(read.delay_ms, ParseDurationMillis(delay));
  }
  if (const std::string zone = ValueOf(options, "sink.partition-commit.watermark-time-zone");
      !zone.empty()) {
    ASSIGN_OR_RETURN(read.time_zone, TimeZone::Find(zone));
  }
  read.success_file = ValueOf(options, "sink.partition-commit.success-file.name");
  if (read.success_file.empty()) read.success_file = "_SUCCESS";
  if (read.success_file.find('/') != std::string::npos) {
    return InvalidArgument(fmt::format(
        "option 'sink.partition-commit.success-file.name': '{}' is a path", read.success_file));
  }
  read.timestamp_pattern = ValueOf(options, "partition.time-extractor.timestamp-pattern");
  read.timestamp_formatter = ValueOf(options, "partition.time-extractor.timestamp-formatter");
  if (!read.timestamp_formatter.empty()) {
    // Letters that are not known are found before anything runs.
    const Status status = ReadLocalMillis(read.timestamp_formatter, "").status();
    if (status.code() == ErrorCode::kUnsupported) return status;
  }
  return read;
}

Result<int64_t> ReadLocalMillis(std::string_view pattern, std::string_view text) {
  const Status mismatch = DataError(fmt::format("'{}' is not of the form '{}'", text, pattern));
  LocalFields fields;
  bool fits = true;
  for (size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '\'') {
      // 'text', and '' for one quote.
      const size_t end = std::min(pattern.find('\'', at + 1), pattern.size());
      const std::string_view literal =
          end == at + 1 ? pattern.substr(at, 1) : pattern.substr(at + 1, end - at - 1);
      fits = fits && text.starts_with(literal);
      if (fits) text.remove_prefix(literal.size());
      at = std::min(end + 1, pattern.size());
      continue;
    }
    if (!IsLetter(c)) {
      fits = fits && text.starts_with(c);
      if (fits) text.remove_prefix(1);
      ++at;
      continue;
    }
    if (kLetters.find(c) == std::string_view::npos) {
      return Unsupported(fmt::format(
          "option 'partition.time-extractor.timestamp-formatter': letter '{}' is not supported yet",
          c));
    }
    const size_t end = std::min(pattern.find_first_not_of(c, at), pattern.size());
    const bool digits_follow = end < pattern.size() && IsLetter(pattern[end]);
    fits = fits && TakeNumber(c, end - at, digits_follow, &text, &fields);
    at = end;
  }
  if (!fits || !text.empty() || fields.year < 0 || fields.month < 1 || fields.month > 12 ||
      fields.day < 1 || fields.hour > 23 || fields.minute > 59 || fields.second > 59 ||
      fields.day > DaysInMonth(fields.year, static_cast<int32_t>(fields.month))) {
    return mismatch;
  }
  const int64_t days = DaysFromCivil(fields.year, static_cast<int32_t>(fields.month),
                                     static_cast<int32_t>(fields.day));
  return (((days * 24 + fields.hour) * 60 + fields.minute) * 60 + fields.second) * 1000 +
         fields.millis;
}

Result<int64_t> PartitionTimeMillis(const PartitionCommitOptions& options,
                                    std::string_view partition) {
  const std::vector<std::pair<std::string, std::string>> values = PartitionValuesInOrder(partition);
  std::string text = options.timestamp_pattern;
  if (text.empty()) {
    if (!values.empty()) text = values.front().second;
  } else {
    for (const auto& [name, value] : values) {
      const std::string key = "$" + name;
      for (size_t at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
        text.replace(at, key.size(), value);
        at += value.size();
      }
    }
  }
  int64_t local_ms = 0;
  if (options.timestamp_formatter.empty()) {
    Timestamp9 timestamp;
    if (!ParseTimestamp(text, &timestamp)) {
      return DataError(fmt::format(
          "partition '{}': its time '{}' is not of the form 'yyyy-MM-dd HH:mm:ss' (options "
          "'partition.time-extractor.timestamp-pattern' and '...timestamp-formatter')",
          partition, text));
    }
    local_ms = FloorDiv(timestamp.micros, 1000);
  } else {
    Result<int64_t> read = ReadLocalMillis(options.timestamp_formatter, text);
    if (!read.ok()) return read.status().WithContext(fmt::format("partition '{}'", partition));
    local_ms = *read;
  }
  const int64_t seconds = FloorDiv(local_ms, 1000);
  return options.time_zone.InstantFromLocal(seconds) * 1000 + (local_ms - seconds * 1000);
}

}  // namespace rhei
