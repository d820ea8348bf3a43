#include "connectors/kafka/kafka_table.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include "base/nearest_name.h"
#include "types/option_values.h"
#include "types/table_options.h"

namespace rhei {
namespace {

constexpr OptionDef kOptions[] = {
    {.key = "connector", .required = true, .doc = "'kafka'."},
    {.key = "topic", .doc = "Topics to read, with ';' between them; the one topic to write."},
    {.key = "topic-pattern", .doc = "Regular expression that the whole name of a topic matches."},
    {.key = "properties.bootstrap.servers",
     .required = true,
     .doc = "Brokers to begin with: host:port,host:port."},
    {.key = "properties.group.id", .doc = "Consumer group that offsets are committed to."},
    {.key = "properties.*", .doc = "Settings of Java's Kafka client; see the list below."},
    {.key = "format", .doc = "Format of the value."},
    {.key = "value.format", .doc = "The same as 'format'; its options begin with 'value.FORMAT.'."},
    {.key = "key.format", .doc = "Format of the key; its options begin with 'key.FORMAT.'."},
    {.key = "key.fields", .doc = "Columns that are in the key, with ';' between them."},
    {.key = "key.fields-prefix",
     .doc = "Prefix that the key's columns have in the table and not in the key."},
    {.key = "value.fields-include",
     .type = OptionType::kEnum,
     .default_value = "ALL",
     .choices = "ALL|EXCEPT_KEY",
     .doc = "Whether the value holds the key's columns too."},
    {.key = "scan.startup.mode",
     .type = OptionType::kEnum,
     .default_value = "group-offsets",
     .choices = "group-offsets|earliest-offset|latest-offset|timestamp|specific-offsets",
     .doc = "Where reading begins."},
    {.key = "scan.startup.specific-offsets",
     .doc = "For 'specific-offsets': partition:0,offset:42;partition:1,offset:300."},
    {.key = "scan.startup.timestamp-millis",
     .type = OptionType::kInt,
     .doc = "For 'timestamp': milliseconds since 1970."},
    {.key = "scan.bounded.mode",
     .type = OptionType::kEnum,
     .default_value = "unbounded",
     .choices = "unbounded|latest-offset|group-offsets|timestamp|specific-offsets",
     .doc = "Where reading ends."},
    {.key = "scan.bounded.specific-offsets",
     .doc = "For 'specific-offsets': the first offsets that are not read any more."},
    {.key = "scan.bounded.timestamp-millis",
     .type = OptionType::kInt,
     .doc = "For 'timestamp': milliseconds since 1970."},
    {.key = "scan.topic-partition-discovery.interval",
     .type = OptionType::kDuration,
     .default_value = "5 min",
     .doc = "Look for new topics and partitions this often; 0: never."},
    {.key = "scan.parallelism",
     .type = OptionType::kInt,
     .doc = "Accepted; the job's shards decide."},
    {.key = "sink.partitioner",
     .default_value = "default",
     .doc = "default (by key as Java does, any without one), fixed (one partition a shard) or "
            "round-robin (as default, without keys)."},
    {.key = "sink.delivery-guarantee",
     .type = OptionType::kEnum,
     .default_value = "at-least-once",
     .choices = "at-least-once|exactly-once|none",
     .doc = "at-least-once: a checkpoint waits for the acknowledgements; none is treated so too."},
    {.key = "sink.transactional-id-prefix", .doc = "For exactly-once."},
    {.key = "sink.parallelism",
     .type = OptionType::kInt,
     .doc = "Accepted; the job's shards decide."},
};

std::string Find(const Options& options, std::string_view key) {
  const auto found = options.find(key);
  return found == options.end() ? std::string() : found->second;
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

bool TakeNumber(std::string_view* text, std::string_view name, int64_t* number) {
  if (!text->starts_with(name)) return false;
  text->remove_prefix(name.size());
  const auto result = std::from_chars(text->data(), text->data() + text->size(), *number);
  if (result.ec != std::errc() || *number < 0) return false;
  text->remove_prefix(static_cast<size_t>(result.ptr - text->data()));
  return true;
}

Result<std::map<int32_t, int64_t>> ParseOffsets(std::string_view key, const std::string& text) {
  std::map<int32_t, int64_t> offsets;
  for (const std::string& part : SplitList(text)) {
    std::string_view rest = part;
    int64_t partition = 0, offset = 0;
    if (!TakeNumber(&rest, "partition:", &partition) || !TakeNumber(&rest, ",offset:", &offset) ||
        !rest.empty() || partition > INT32_MAX ||
        !offsets.emplace(static_cast<int32_t>(partition), offset).second) {
      return InvalidArgument(
          fmt::format("Invalid properties '{}' should follow the format "
                      "'partition:0,offset:42;partition:1,offset:300', but is '{}'.",
                      key, text));
    }
  }
  return offsets;
}

Result<const FormatDef*> FormatOf(const std::string& name) {
  const FormatDef* format = FindFormat(name);
  if (format != nullptr) return format;
  std::vector<std::string_view> known;
  for (const FormatDef* each : AllFormats()) known.push_back(each->name);
  return InvalidArgument(fmt::format("Could not find any format factory for identifier '{}'.{}",
                                     name, DidYouMean(name, known)));
}

Status ParseFormats(const Options& options, const Schema& columns, KafkaTable* table) {
  const std::string plain = Find(options, "format"), value = Find(options, "value.format");
  if (plain.empty() && value.empty()) {
    return InvalidArgument(
        "One or more required options are missing.\n\nMissing required options are:\n\nformat");
  }
  if (!plain.empty() && !value.empty()) {
    return InvalidArgument("Options 'format' and 'value.format' shouldn't be set together.");
  }
  ASSIGN_OR_RETURN(table->value_format, FormatOf(plain.empty() ? value : plain));
  table->value_prefix =
      fmt::format("{}{}.", plain.empty() ? "value." : "", table->value_format->name);

  const std::string key = Find(options, "key.format");
  table->key_fields = SplitList(Find(options, "key.fields"));
  table->key_fields_prefix = Find(options, "key.fields-prefix");
  table->value_has_key_fields =
      OptionValue(kOptions, options, "value.fields-include") != "EXCEPT_KEY";
  if (key.empty()) {
    if (options.contains("key.fields")) {
      return InvalidArgument(
          "The option 'key.fields' can only be declared if a key format is defined using "
          "'key.format'.");
    }
    return {};
  }
  ASSIGN_OR_RETURN(table->key_format, FormatOf(key));
  table->key_prefix = fmt::format("key.{}.", table->key_format->name);
  if (table->key_fields.empty()) {
    return InvalidArgument(
        "A key format 'key.format' requires the declaration of one or more of key fields using "
        "'key.fields'.");
  }
  std::vector<std::string_view> names;
  for (const Field& field : columns.fields) names.push_back(field.name);
  for (const std::string& field : table->key_fields) {
    if (std::find(names.begin(), names.end(), field) == names.end()) {
      return InvalidArgument(fmt::format(
          "Could not find the field '{}' in the table schema for usage in the key format. A key "
          "field must be a regular, physical column. The following columns can be selected in the "
          "'key.fields' option: [{}]{}",
          field, fmt::join(names, ", "), DidYouMean(field, names)));
    }
    if (!field.starts_with(table->key_fields_prefix)) {
      return InvalidArgument(
          fmt::format("All fields in 'key.fields' must be prefixed with '{}' when option "
                      "'key.fields-prefix' is set but field '{}' is not prefixed.",
                      table->key_fields_prefix, field));
    }
  }
  if (!table->key_fields_prefix.empty() && table->value_has_key_fields) {
    return InvalidArgument(
        "A key prefix is not allowed when option 'value.fields-include' is set to 'ALL'. Set it to "
        "'EXCEPT_KEY' instead to avoid field overlaps.");
  }
  return {};
}

Status ParseTopics(const Options& options, KafkaTable* table) {
  table->topics = SplitList(Find(options, "topic"));
  table->topic_pattern = Find(options, "topic-pattern");
  if (!table->topics.empty() && !table->topic_pattern.empty()) {
    return InvalidArgument("Option 'topic' and 'topic-pattern' shouldn't be set together.");
  }
  if (table->topics.empty() && table->topic_pattern.empty()) {
    return InvalidArgument("Either 'topic' or 'topic-pattern' must be set.");
  }
  if (!table->topic_pattern.empty()) {
    const RE2 pattern(table->topic_pattern, RE2::Quiet);
    if (!pattern.ok()) {
      return InvalidArgument(fmt::format("option 'topic-pattern': {}", pattern.error()));
    }
  }
  return {};
}

// The value of `key`, which `mode` needs.
Result<std::string> Needed(const Options& options, std::string_view key, std::string_view mode,
                           std::string_view what) {
  std::string value = Find(options, key);
  if (!value.empty()) return value;
  return InvalidArgument(
      fmt::format("'{}' is required in '{}' {} mode but missing.", key, mode, what));
}

Status ParseStart(const Options& options, KafkaTable* table) {
  const std::string_view mode = OptionValue(kOptions, options, "scan.startup.mode");
  if (mode == "earliest-offset") table->start = KafkaStart::kEarliest;
  if (mode == "latest-offset") table->start = KafkaStart::kLatest;
  if (mode == "timestamp") {
    table->start = KafkaStart::kTimestamp;
    ASSIGN_OR_RETURN(const std::string millis,
                     Needed(options, "scan.startup.timestamp-millis", mode, "startup"));
    ASSIGN_OR_RETURN(table->start_timestamp_ms, ParseIntOption(millis));
  }
  if (mode == "specific-offsets") {
    table->start = KafkaStart::kSpecific;
    constexpr std::string_view kKey = "scan.startup.specific-offsets";
    ASSIGN_OR_RETURN(const std::string offsets, Needed(options, kKey, mode, "startup"));
    ASSIGN_OR_RETURN(table->start_offsets, ParseOffsets(kKey, offsets));
  }
  const std::string_view end = OptionValue(kOptions, options, "scan.bounded.mode");
  if (end == "latest-offset") table->stop = KafkaStop::kLatest;
  if (end == "group-offsets") table->stop = KafkaStop::kGroupOffsets;
  if (end == "timestamp") {
    table->stop = KafkaStop::kTimestamp;
    ASSIGN_OR_RETURN(const std::string millis,
                     Needed(options, "scan.bounded.timestamp-millis", end, "bounded"));
    ASSIGN_OR_RETURN(table->stop_timestamp_ms, ParseIntOption(millis));
  }
  if (end == "specific-offsets") {
    table->stop = KafkaStop::kSpecific;
    constexpr std::string_view kKey = "scan.bounded.specific-offsets";
    ASSIGN_OR_RETURN(const std::string offsets, Needed(options, kKey, end, "bounded"));
    ASSIGN_OR_RETURN(table->stop_offsets, ParseOffsets(kKey, offsets));
  }
  if ((table->start == KafkaStart::kSpecific || table->stop == KafkaStop::kSpecific) &&
      table->topics.size() != 1) {
    return InvalidArgument(
        "Currently Kafka source only supports specific offset for single topic.");
  }
  ASSIGN_OR_RETURN(table->discovery_interval_ms,
                   ParseDurationMillis(
                       OptionValue(kOptions, options, "scan.topic-partition-discovery.interval")));
  return {};
}

Status ParseSink(const Options& options, KafkaTable* table) {
  if (OptionValue(kOptions, options, "sink.delivery-guarantee") == "exactly-once") {
    return Unsupported(
        "'sink.delivery-guarantee' = 'exactly-once' is not supported yet; 'at-least-once' is");
  }
  if (options.contains("sink.transactional-id-prefix")) {
    return Unsupported("'sink.transactional-id-prefix' is not supported yet");
  }
  const std::string_view partitioner = OptionValue(kOptions, options, "sink.partitioner");
  if (partitioner == "fixed") {
    table->partitioner = KafkaPartitioner::kFixed;
  } else if (partitioner == "round-robin") {
    if (!table->key_fields.empty()) {
      return InvalidArgument(
          "Currently 'round-robin' partitioner only works when option 'key.fields' is not "
          "specified.");
    }
  } else if (partitioner != "default") {
    return Unsupported(fmt::format(
        "'sink.partitioner' = '{}' is not supported: classes cannot be loaded; default, fixed and "
        "round-robin can be used",
        partitioner));
  }
  return {};
}

KafkaClientConfig ConfigOf(const KafkaProperties& properties, const KafkaSettings& settings,
                           Clock* clock) {
  return {properties.servers, properties.group_id, settings, clock};
}

}  // namespace

std::span<const OptionDef> KafkaOptions() {
  return kOptions;
}

KafkaClientConfig KafkaTable::ConsumerConfig(Clock* clock) const {
  return ConfigOf(properties, properties.consumer, clock);
}

KafkaClientConfig KafkaTable::ProducerConfig(Clock* clock) const {
  return ConfigOf(properties, properties.producer, clock);
}

bool KafkaTable::IsKeyField(std::string_view column) const {
  return std::find(key_fields.begin(), key_fields.end(), column) != key_fields.end();
}

std::string KafkaTable::KeyName(const std::string& column) const {
  return column.substr(key_fields_prefix.size());
}

Result<KafkaTable> ParseKafkaTable(const Options& options, const Schema& columns) {
  KafkaTable table;
  // The formats check their own options, without the prefix.
  const std::string value = Find(options, "value.format"), key = Find(options, "key.format"),
                    plain = Find(options, "format");
  Options rest;
  for (const auto& [name, text] : options) {
    const bool of_format = (!plain.empty() && name.starts_with(plain + ".")) ||
                           (!value.empty() && name.starts_with("value." + value + ".")) ||
                           (!key.empty() && name.starts_with("key." + key + "."));
    if (!of_format) rest[name] = text;
  }
  const std::span<const OptionDef> tables[] = {kOptions, CommonTableOptions()};
  RETURN_IF_ERROR(CheckOptions("kafka", tables, rest));
  RETURN_IF_ERROR(ParseFormats(options, columns, &table));
  RETURN_IF_ERROR(ParseTopics(options, &table));
  ASSIGN_OR_RETURN(table.properties, ParseKafkaProperties(options));
  RETURN_IF_ERROR(ParseStart(options, &table));
  RETURN_IF_ERROR(ParseSink(options, &table));
  return table;
}

}  // namespace rhei
