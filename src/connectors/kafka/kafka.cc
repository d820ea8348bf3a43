// 'kafka': what the connector can do, and metadata columns. Reading is in kafka_enumerator.cc,
// kafka_reader.cc and kafka_decoder.cc, writing in kafka_writer.cc.
#include "connectors/kafka/kafka.h"

#include <algorithm>

#include <fmt/format.h>

#include "columnar/column_builder.h"
#include "connectors/kafka/kafka_headers.h"
#include "connectors/kafka/kafka_sink.h"
#include "connectors/kafka/kafka_source.h"
#include "connectors/kafka/kafka_table.h"

namespace rhei {
namespace {

bool NeedsHeaders(const SourceRequest& request) {
  return std::any_of(request.metadata.begin(), request.metadata.end(), [](const auto& column) {
    return column.key == "headers" || column.key == "timestamp-type";
  });
}

Result<std::unique_ptr<Encoder>> OpenEncoder(const FormatDef& format, const Options& options,
                                             const Schema& schema) {
  if (format.make_encoder == nullptr) {
    return Unsupported(fmt::format("writing the format '{}' is not supported yet", format.name));
  }
  ASSIGN_OR_RETURN(const Options complete, CompleteOptions(format, options, schema));
  ASSIGN_OR_RETURN(std::unique_ptr<Encoder> encoder, format.make_encoder(complete));
  RETURN_IF_ERROR(encoder->Open(schema));
  return encoder;
}

class Kafka final : public ConnectorFactory {
 public:
  std::string_view name() const override { return "kafka"; }
  std::span<const OptionDef> options() const override { return KafkaOptions(); }
  bool has_format() const override { return true; }

  Result<ConnectorDescription> Describe(const Options& given, const Schema& schema) const override {
    ASSIGN_OR_RETURN(const KafkaTable table, ParseKafkaTable(given, schema));
    const FormatDef& format = *table.value_format;
    RETURN_IF_ERROR(CheckFormats(table, given, schema));
    ConnectorDescription description;
    description.connector = name();
    description.can_scan = format.make_decoder != nullptr;
    description.can_sink = format.make_encoder != nullptr;
    description.bounded = table.stop != KafkaStop::kNever;
    description.parallel_scan = true;
    description.projection_push_down = true;
    description.watermark_per_split = true;
    description.produces = format.produces;
    description.accepts = format.accepts;
    description.metadata = {
        {"topic", DataType::String(false), false},
        {"partition", DataType::Int(false), false},
        {"headers", DataType::Map(DataType::String(), DataType::Bytes(), false), true},
        {"offset", DataType::BigInt(false), false},
        {"timestamp", DataType::TimestampLtz(3, false), true},
        {"timestamp-type", DataType::String(false), false}};
    return description;
  }

  Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      const SourceRequest& request) const override {
    ASSIGN_OR_RETURN(KafkaTable table, ParseKafkaTable(request.options, request.scan.table));
    auto admin = MakeKafkaAdmin(table.ConsumerConfig(request.env->clock));
    return MakeKafkaEnumerator(std::move(table), std::move(admin));
  }

  Result<std::unique_ptr<SourceReader>> MakeReader(const SourceRequest& request) const override {
    ASSIGN_OR_RETURN(const KafkaTable table, ParseKafkaTable(request.options, request.scan.table));
    const bool headers = NeedsHeaders(request);
    auto consumer = MakeKafkaConsumer(table.ConsumerConfig(request.env->clock), headers,
                                      table.properties.records_max);
    return MakeKafkaReader(std::move(consumer), !table.properties.group_id.empty(),
                           table.key_format != nullptr && !table.value_has_key_fields, headers,
                           request.env->standard_error, request.pool);
  }

  Result<std::shared_ptr<Decoder>> MakeDecoder(const SourceRequest& request) const override {
    ASSIGN_OR_RETURN(const KafkaTable table, ParseKafkaTable(request.options, request.scan.table));
    return MakeKafkaDecoder(table, request.options, request.scan, request.pool);
  }

  Status FillMetadata(const SourceRequest& request, const RecordChunk& chunk,
                      std::span<const int32_t> record_of_row,
                      std::vector<Column>* columns) const override {
    for (const MetadataColumn& column : request.metadata) {
      columns->push_back(MetadataOf(column, chunk, record_of_row, request.pool));
    }
    return {};
  }

  Result<std::unique_ptr<SinkWriter>> MakeWriter(const SinkRequest& request) const override {
    if (request.overwrite) {
      return InvalidArgument("INSERT OVERWRITE: a Kafka topic cannot be overwritten");
    }
    Schema physical = request.schema;
    KafkaSinkOptions sink;
    const size_t physical_count = request.schema.size() - request.metadata.size();
    physical.fields.resize(physical_count);
    ASSIGN_OR_RETURN(const KafkaTable table, ParseKafkaTable(request.options, physical));
    if (table.topics.size() != 1) {
      return InvalidArgument(fmt::format(
          "{}: a Kafka sink writes exactly one 'topic'; topic lists and patterns are for reading",
          request.table));
    }
    if (!request.primary_key.empty()) {
      return InvalidArgument(fmt::format(
          "The Kafka table '{}' with '{}' format doesn't support defining PRIMARY KEY constraint "
          "on the table, because it can't guarantee the semantic of primary key.",
          request.table, table.value_format->name));
    }
    for (size_t i = 0; i < request.metadata.size(); ++i) {
      const auto column = static_cast<int>(physical_count + i);
      if (request.metadata[i].key == "timestamp") sink.timestamp_column = column;
      if (request.metadata[i].key == "headers") sink.headers_column = column;
    }
    sink.partitioner = table.partitioner;
    sink.shard = request.shard;
    Schema keys, values;
    // In the order of 'key.fields', as Flink writes them.
    for (const std::string& field : table.key_fields) {
      const int column = physical.IndexOf(field);
      sink.key_columns.push_back(static_cast<size_t>(column));
      keys.fields.push_back(physical.fields[static_cast<size_t>(column)]);
      keys.fields.back().name = table.KeyName(field);
    }
    for (size_t c = 0; c < physical_count; ++c) {
      if (!table.value_has_key_fields && table.IsKeyField(physical.name(c))) continue;
      sink.value_columns.push_back(c);
      values.fields.push_back(physical.fields[c]);
    }
    std::unique_ptr<Encoder> key;
    if (table.key_format != nullptr) {
      ASSIGN_OR_RETURN(key, OpenEncoder(*table.key_format,
                                        OptionsBelow(request.options, table.key_prefix), keys));
    }
    ASSIGN_OR_RETURN(std::unique_ptr<Encoder> value,
                     OpenEncoder(*table.value_format,
                                 OptionsBelow(request.options, table.value_prefix), values));
    auto producer = MakeKafkaProducer(table.ProducerConfig(request.env->clock), table.topics[0]);
    return MakeKafkaWriter(std::move(sink), std::move(key), std::move(value), std::move(producer),
                           request.wakeup, request.io);
  }
  Result<std::unique_ptr<SinkCommitter>> MakeCommitter(const SinkRequest&) const override {
    return std::unique_ptr<SinkCommitter>();
  }

 private:
  static Status CheckFormats(const KafkaTable& table, const Options& given, const Schema& schema) {
    Schema keys, values;
    for (const Field& field : schema.fields) {
      const bool of_key = table.IsKeyField(field.name);
      if (of_key) {
        keys.fields.push_back(field);
        keys.fields.back().name = table.KeyName(field.name);
      }
      if (!of_key || table.value_has_key_fields) values.fields.push_back(field);
    }
    if (table.key_format != nullptr) {
      RETURN_IF_ERROR(
          CompleteOptions(*table.key_format, OptionsBelow(given, table.key_prefix), keys).status());
    }
    return CompleteOptions(*table.value_format, OptionsBelow(given, table.value_prefix), values)
        .status();
  }

  static Column MetadataOf(const MetadataColumn& column, const RecordChunk& chunk,
                           std::span<const int32_t> record_of_row, MemoryPool* pool) {
    const auto rows = static_cast<int32_t>(record_of_row.size());
    const size_t slash = chunk.split_name.rfind('/');
    if (column.key == "topic") {
      return MakeConstant(Value::Text(chunk.split_name.substr(0, slash)), column.type, rows);
    }
    if (column.key == "partition") {
      return MakeConstant(Value::Int(std::stoi(chunk.split_name.substr(slash + 1))), column.type,
                          rows);
    }
    ColumnBuilder builder(column.type, pool);
    builder.ReserveRows(rows);
    for (const int32_t record : record_of_row) {
      const auto at = static_cast<size_t>(record);
      if (column.key == "offset") {
        builder.Append<int64_t>(chunk.offsets[at]);
      } else if (column.key == "timestamp") {
        builder.Append<int64_t>(chunk.timestamps_ms[at] * 1000);
      } else {
        std::string_view bytes(chunk.buffer->chars() + chunk.headers[at].offset,
                               chunk.headers[at].size);
        if (column.key == "timestamp-type") {
          constexpr std::string_view kNames[] = {"NoTimestampType", "CreateTime", "LogAppendTime"};
          builder.AppendString(kNames[static_cast<size_t>(bytes[0])]);
          continue;
        }
        bytes.remove_prefix(1);
        AppendHeaders(bytes, &builder);
      }
    }
    return builder.Finish();
  }

  static void AppendHeaders(std::string_view bytes, ColumnBuilder* builder) {
    KafkaHeader header;
    while (ReadKafkaHeader(&bytes, &header)) {
      builder->child(0).AppendString(header.key);
      if (header.has_value) {
        builder->child(1).AppendString(header.value);
      } else {
        builder->child(1).AppendNull();
      }
    }
    builder->CloseNested();
  }
};

}  // namespace

const ConnectorFactory* KafkaConnector() {
  static const Kafka connector;
  return &connector;
}

}  // namespace rhei
