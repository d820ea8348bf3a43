// 'filesystem': options, what the connector can do, and metadata columns. Reading is in
// file_enumerator.cc and file_reader.cc, writing in file_writer.cc.
#include "connectors/filesystem/filesystem.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "columnar/column_builder.h"
#include "connectors/filesystem/file_sink.h"
#include "connectors/filesystem/file_source.h"
#include "connectors/filesystem/paths.h"
#include "formats/format.h"
#include "types/option_values.h"
#include "types/table_options.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

constexpr OptionDef kOptions[] = {
    {.key = "connector", .required = true, .doc = "'filesystem'."},
    {.key = "path", .required = true, .doc = "A file or a directory; a plain path or a file: URI."},
    {.key = "format", .required = true, .doc = "Format of the records: json, csv, raw."},
    {.key = "source.monitor-interval",
     .type = OptionType::kDuration,
     .doc = "Look for new files this often; without it the directory is listed once."},
    {.key = "source.path.regex-pattern",
     .doc = "Regular expression that the whole path of a file must match."},
    {.key = "partition.default-name",
     .default_value = kDefaultPartition,
     .doc = "Directory of the partition whose value is NULL or empty."},
    {.key = "sink.rolling-policy.file-size",
     .type = OptionType::kBytes,
     .default_value = "128MB",
     .doc = "A part file of this size is closed."},
    {.key = "sink.rolling-policy.rollover-interval",
     .type = OptionType::kDuration,
     .default_value = "30 min",
     .doc = "A part file this old is closed."},
    {.key = "sink.rolling-policy.check-interval",
     .type = OptionType::kDuration,
     .default_value = "1 min",
     .doc = "Accepted; part files are looked at with every barrier, before which none shows."},
    {.key = "sink.parallelism",
     .type = OptionType::kInt,
     .doc = "Accepted; the job's shards decide."},
    {.key = "sink.shuffle-by-partition.enable",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "'true' is not supported yet."},
    {.key = "sink.partition-commit.policy.kind",
     .doc = "How a complete partition is marked: success-file; nothing is marked without it."},
    {.key = "sink.partition-commit.policy.class", .doc = "Not supported: a Java class."},
    {.key = "sink.partition-commit.policy.class.parameters", .doc = "Not supported."},
    {.key = "sink.partition-commit.success-file.name",
     .default_value = "_SUCCESS",
     .doc = "The empty file that policy success-file makes in the partition's directory."},
    {.key = "sink.partition-commit.trigger",
     .type = OptionType::kEnum,
     .default_value = "process-time",
     .choices = "process-time|partition-time",
     .doc = "A partition is complete a delay after its first row, or when the watermark is past "
            "its own time and the delay."},
    {.key = "sink.partition-commit.delay",
     .type = OptionType::kDuration,
     .default_value = "0 s",
     .doc = "The trigger's delay; '1 d' for partitions by day, '1 h' by hour."},
    {.key = "sink.partition-commit.watermark-time-zone",
     .default_value = "UTC",
     .doc = "Time zone of the partitions' times where the watermark is on a TIMESTAMP_LTZ."},
    {.key = "partition.time-extractor.kind",
     .type = OptionType::kEnum,
     .default_value = "default",
     .choices = "default|custom",
     .doc = "'custom' is not supported: a Java class."},
    {.key = "partition.time-extractor.class", .doc = "Not supported: a Java class."},
    {.key = "partition.time-extractor.timestamp-pattern",
     .doc =
         "A partition's time from its columns: '$day $hour:00:00'. Without it the first column."},
    {.key = "partition.time-extractor.timestamp-formatter",
     .doc = "Form of that time, letters yMdHmsS; default yyyy-MM-dd HH:mm:ss or a date."},
    {.key = "auto-compaction",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "'true' is not supported yet."},
    {.key = "compaction.file-size",
     .type = OptionType::kBytes,
     .doc = "Has a meaning with auto-compaction only."},
    {.key = "compaction.parallelism",
     .type = OptionType::kInt,
     .doc = "Has a meaning with auto-compaction only."},
    {.key = "rhei.record-bytes-max",
     .type = OptionType::kBytes,
     .default_value = "64mb",
     .doc = "A longer record fails the job, whatever the policy: where it ends is not known."},
    {.key = "rhei.skip-lines",
     .type = OptionType::kInt,
     .default_value = "0",
     .doc = "Lines (records) at the start of every file that are not read: a CSV header."},
};

constexpr std::string_view kPartitionKey = "partition.";

const std::string& Option(const Options& options, std::string_view key) {
  return options.find(key)->second;  // REQUIRES: a required option, checked by Describe.
}

Result<const FormatDef*> FormatOf(const Options& options) {
  const std::string& name = Option(options, "format");
  const FormatDef* format = FindFormat(name);
  if (format != nullptr) return format;
  std::vector<std::string_view> known;
  for (const FormatDef* each : AllFormats()) known.push_back(each->name);
  return InvalidArgument(fmt::format("Could not find any format factory for identifier '{}'.{}",
                                     name, DidYouMean(name, known)));
}

Result<FileSourceOptions> SourceOptionsOf(const SourceRequest& request) {
  FileSourceOptions options;
  ASSIGN_OR_RETURN(options.path, PlainPath(Option(request.options, "path")));
  options.path_pattern = OptionValue(kOptions, request.options, "source.path.regex-pattern");
  if (request.options.contains("source.monitor-interval")) {
    ASSIGN_OR_RETURN(options.monitor_interval_ms,
                     ParseDurationMillis(Option(request.options, "source.monitor-interval")));
  }
  ASSIGN_OR_RETURN(options.record_bytes_max,
                   ParseByteSize(OptionValue(kOptions, request.options, "rhei.record-bytes-max")));
  ASSIGN_OR_RETURN(options.skip_lines,
                   ParseIntOption(OptionValue(kOptions, request.options, "rhei.skip-lines")));
  if (options.skip_lines < 0) return InvalidArgument("'rhei.skip-lines' must not be negative");
  ASSIGN_OR_RETURN(const FormatDef* format, FormatOf(request.options));
  ASSIGN_OR_RETURN(
      const Options format_options,
      CompleteOptions(*format, OptionsBelow(request.options, std::string(format->name) + "."),
                      request.scan.table));
  if (format->framing != nullptr) options.framing = format->framing(format_options);
  return options;
}

// The text of a partition directory as a value of the column's type.
Result<Value> PartitionValue(const std::string& text, const DataType& type,
                             std::string_view default_partition) {
  if (text == default_partition) return Value::Null();
  switch (type.root()) {
    case TypeRoot::kChar:
    case TypeRoot::kVarchar: return Value::Text(text);
    case TypeRoot::kBoolean: {
      ASSIGN_OR_RETURN(const bool value, ParseBoolOption(text));
      return Value::Bool(value);
    }
    case TypeRoot::kTinyInt:
    case TypeRoot::kSmallInt:
    case TypeRoot::kInt:
    case TypeRoot::kBigInt: {
      ASSIGN_OR_RETURN(const int64_t value, ParseIntOption(text));
      return Value::Int(value);
    }
    case TypeRoot::kDate: {
      int32_t days = 0;
      if (!ParseDate(text, &days)) break;
      return Value::Int(days);
    }
    case TypeRoot::kTime: {
      int32_t millis = 0;
      if (!ParseIsoTime(text, &millis) && !ParseTime(text, &millis)) break;
      return Value::Int(millis);
    }
    case TypeRoot::kTimestamp: {
      Timestamp9 timestamp;
      if (!ParseIsoTimestamp(text, &timestamp) && !ParseTimestamp(text, &timestamp)) break;
      return PhysicalTypeOf(type) == PhysicalType::kTimestamp9 ? Value::Time9(timestamp)
                                                               : Value::Int(timestamp.micros);
    }
    default: break;
  }
  return DataError(fmt::format("partition value '{}' is not a {}", text, type.ToString()));
}

class Filesystem final : public ConnectorFactory {
 public:
  std::string_view name() const override { return "filesystem"; }
  std::span<const OptionDef> options() const override { return kOptions; }
  bool has_format() const override { return true; }

  Result<ConnectorDescription> Describe(const Options& given, const Schema& schema) const override {
    if (const auto found = given.find("format"); found != given.end()) {
      ASSIGN_OR_RETURN(const FormatDef* format, FormatOf(given));
      // The format checks its own keys, without their prefix.
      const std::string prefix = std::string(format->name) + ".";
      Options rest;
      for (const auto& [key, value] : given) {
        if (!key.starts_with(prefix)) rest[key] = value;
      }
      const std::span<const OptionDef> tables[] = {kOptions, CommonTableOptions()};
      RETURN_IF_ERROR(CheckOptions(name(), tables, rest));
      RETURN_IF_ERROR(CompleteOptions(*format, OptionsBelow(given, prefix), schema).status());
    } else {
      const std::span<const OptionDef> tables[] = {kOptions, CommonTableOptions()};
      RETURN_IF_ERROR(CheckOptions(name(), tables, given));
    }
    RETURN_IF_ERROR(PlainPath(Option(given, "path")).status());
    RETURN_IF_ERROR(ReadPartitionCommitOptions(given).status());
    for (const std::string_view key : {"auto-compaction", "sink.shuffle-by-partition.enable"}) {
      ASSIGN_OR_RETURN(const bool wanted, ParseBoolOption(OptionValue(kOptions, given, key)));
      if (wanted) return Unsupported(fmt::format("option '{}' is not supported yet", key));
    }
    ASSIGN_OR_RETURN(const FormatDef* format, FormatOf(given));
    ConnectorDescription description;
    description.connector = name();
    description.can_scan = format->make_decoder != nullptr;
    description.can_sink = format->make_encoder != nullptr;
    description.bounded = !given.contains("source.monitor-interval");
    description.parallel_scan = true;
    description.projection_push_down = true;
    description.produces = format->produces;
    description.accepts = format->accepts;
    description.metadata = {{"file.path", DataType::String(false), false},
                            {"file.name", DataType::String(false), false},
                            {"file.size", DataType::BigInt(false), false},
                            {"file.modification-time", DataType::TimestampLtz(3, false), false}};
    return description;
  }

  Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      const SourceRequest& request) const override {
    ASSIGN_OR_RETURN(FileSourceOptions options, SourceOptionsOf(request));
    return MakeFileEnumerator(std::move(options), request.env->files);
  }
  Result<std::unique_ptr<SourceReader>> MakeReader(const SourceRequest& request) const override {
    ASSIGN_OR_RETURN(FileSourceOptions options, SourceOptionsOf(request));
    return MakeFileReader(std::move(options), request.env->files, request.pool);
  }
  Result<std::shared_ptr<Decoder>> MakeDecoder(const SourceRequest& request) const override {
    ASSIGN_OR_RETURN(const FormatDef* format, FormatOf(request.options));
    ASSIGN_OR_RETURN(
        const Options options,
        CompleteOptions(*format, OptionsBelow(request.options, std::string(format->name) + "."),
                        request.scan.table));
    ASSIGN_OR_RETURN(std::unique_ptr<Decoder> decoder, format->make_decoder(options));
    RETURN_IF_ERROR(decoder->Open(request.scan, request.pool));
    return std::shared_ptr<Decoder>(std::move(decoder));
  }

  Status FillMetadata(const SourceRequest& request, const RecordChunk& chunk,
                      std::span<const int32_t> record_of_row,
                      std::vector<Column>* columns) const override {
    const auto rows = static_cast<int32_t>(record_of_row.size());
    ASSIGN_OR_RETURN(const std::string root, PlainPath(Option(request.options, "path")));
    for (const MetadataColumn& column : request.metadata) {
      ASSIGN_OR_RETURN(const Value value, MetadataValue(request, chunk.split_name, root, column));
      columns->push_back(MakeConstant(value, column.type, rows));
    }
    return {};
  }

  Result<std::unique_ptr<SinkWriter>> MakeWriter(const SinkRequest& request) const override {
    if (request.overwrite) {
      return Unsupported("INSERT OVERWRITE into 'filesystem' is not supported yet");
    }
    FileSinkOptions options;
    ASSIGN_OR_RETURN(options.directory, PlainPath(Option(request.options, "path")));
    options.job_id = request.job_id;
    options.operator_id = request.operator_id;
    options.shard = request.shard;
    options.default_partition = OptionValue(kOptions, request.options, "partition.default-name");
    ASSIGN_OR_RETURN(options.partition_commit, ReadPartitionCommitOptions(request.options));
    // MakeCommitter below made it.
    if (request.committer != nullptr) {
      options.run = static_cast<FileCommitter*>(request.committer)->run();
    }
    options.schema = request.schema;
    Schema written;
    for (size_t c = 0; c < request.schema.size(); ++c) {
      const auto& names = request.partition_columns;
      if (std::find(names.begin(), names.end(), request.schema.name(c)) == names.end()) {
        written.fields.push_back(request.schema.fields[c]);
      }
    }
    for (const std::string& partition : request.partition_columns) {
      options.partition_columns.push_back(request.schema.IndexOf(partition));
    }
    ASSIGN_OR_RETURN(
        options.file_bytes,
        ParseByteSize(OptionValue(kOptions, request.options, "sink.rolling-policy.file-size")));
    options.accepts_duplicates =
        request.settings != nullptr && request.settings->accepts_duplicates;
    ASSIGN_OR_RETURN(options.rollover_ms,
                     ParseDurationMillis(OptionValue(kOptions, request.options,
                                                     "sink.rolling-policy.rollover-interval")));
    ASSIGN_OR_RETURN(const FormatDef* format, FormatOf(request.options));
    ASSIGN_OR_RETURN(
        const Options format_options,
        CompleteOptions(*format, OptionsBelow(request.options, std::string(format->name) + "."),
                        written));
    ASSIGN_OR_RETURN(std::unique_ptr<Encoder> encoder, format->make_encoder(format_options));
    return MakeFileWriter(std::move(options), std::move(encoder), request.env, request.wakeup,
                          request.io);
  }
  Result<std::unique_ptr<SinkCommitter>> MakeCommitter(const SinkRequest& request) const override {
    ASSIGN_OR_RETURN(std::string directory, PlainPath(Option(request.options, "path")));
    ASSIGN_OR_RETURN(PartitionCommitOptions partitions,
                     ReadPartitionCommitOptions(request.options));
    // Like Flink, without partitions nothing is marked.
    if (request.partition_columns.empty()) partitions.enabled = false;
    auto run = std::make_shared<FileSinkRun>(FileSinkName(request.job_id, request.operator_id),
                                             request.env->random);
    return std::unique_ptr<SinkCommitter>(std::make_unique<FileCommitter>(
        request.env, std::move(directory), std::move(partitions), std::move(run)));
  }
  std::unique_ptr<SinkCommitter> MakeOrphanCommitter(const Environment& env) const override {
    return MakeOrphanFileCommitter(env);
  }

 private:
  static Result<Value> MetadataValue(const SourceRequest& request, const std::string& path,
                                     const std::string& root, const MetadataColumn& column) {
    if (column.key.starts_with(kPartitionKey)) {
      const auto values = PartitionValues(root, path);
      const auto found = values.find(column.key.substr(kPartitionKey.size()));
      if (found == values.end()) {
        return DataError(fmt::format("{}: the path has no partition '{}'", path,
                                     column.key.substr(kPartitionKey.size())));
      }
      return PartitionValue(found->second, column.type,
                            OptionValue(kOptions, request.options, "partition.default-name"));
    }
    if (column.key == "file.path") return Value::Text(path);
    if (column.key == "file.name") return Value::Text(std::string(BaseName(path)));
    ASSIGN_OR_RETURN(const FileInfo info, request.env->files->Stat(path));
    if (column.key == "file.size") return Value::Int(info.bytes);
    return Value::Int(FloorDiv(info.modified_micros, 1000) * 1000);
  }
};

}  // namespace

const ConnectorFactory* FilesystemConnector() {
  static const Filesystem connector;
  return &connector;
}

}  // namespace rhei
