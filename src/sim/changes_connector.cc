#include "sim/changes_connector.h"

#include <fmt/format.h>

#include "base/check.h"
#include "connectors/filesystem/file_sink.h"
#include "connectors/filesystem/file_source.h"
#include "formats/format.h"
#include "types/java_text.h"
#include "types/option_values.h"

namespace rhei {
namespace {

constexpr OptionDef kOptions[] = {
    {.key = "connector", .required = true},
    {.key = "path", .required = true},
    {.key = "kinds", .type = OptionType::kEnum, .default_value = "all", .choices = "upsert|all"},
};

constexpr std::string_view kOpField = R"({"op":")";

Result<ChangeKind> KindOf(std::string_view record) {
  if (record.starts_with(kOpField)) {
    const std::string_view symbol = record.substr(kOpField.size(), 2);
    for (const ChangeKind kind : {ChangeKind::kInsert, ChangeKind::kUpdateBefore,
                                  ChangeKind::kUpdateAfter, ChangeKind::kDelete}) {
      if (ChangeKindSymbol(kind) == symbol) return kind;
    }
  }
  return DataError(fmt::format("record '{}' does not say what it does", record));
}

class ChangesDecoder final : public Decoder {
 public:
  explicit ChangesDecoder(std::unique_ptr<Decoder> json) : json_(std::move(json)) {}

  Status Open(const ScanSpec& spec, MemoryPool* pool, RecordPart part) override {
    pool_ = pool;
    return json_->Open(spec, pool, part);
  }

  Status Decode(const RecordChunk& chunk, DecodeOutput* out) override {
    RETURN_IF_ERROR(json_->Decode(chunk, out));
    out->changes = Buffer::Allocate(static_cast<size_t>(out->row_count), pool_);
    for (int32_t row = 0; row < out->row_count; ++row) {
      const auto record = static_cast<size_t>(out->record_of_row[static_cast<size_t>(row)]);
      const ByteSpan span = chunk.values[record];
      ASSIGN_OR_RETURN(out->changes->as<ChangeKind>()[row],
                       KindOf({chunk.buffer->chars() + span.offset, span.size}));
    }
    return {};
  }

 private:
  std::unique_ptr<Decoder> json_;
  MemoryPool* pool_ = nullptr;
};

class ChangesEncoder final : public Encoder {
 public:
  Status Open(const Schema& schema) override {
    schema_ = schema;
    return {};
  }

  Status Encode(const Batch& batch, EncodeOutput* out) override {
    out->bytes.clear();
    out->records.clear();
    for (int32_t row = 0; row < batch.row_count; ++row) {
      const size_t start = out->bytes.size();
      out->bytes += ChangeKindSymbol(batch.change(row));
      for (size_t c = 0; c < schema_.size(); ++c) {
        out->bytes += '\t';
        const Value value = GetValue(batch.columns[c], row, schema_.type(c));
        AppendJavaText(value, schema_.type(c), &out->bytes);
      }
      out->records.push_back(
          {static_cast<uint32_t>(start), static_cast<uint32_t>(out->bytes.size() - start)});
    }
    return {};
  }

 private:
  Schema schema_;
};

const std::string& Path(const Options& options) {
  return options.find("path")->second;  // REQUIRES: checked by Describe.
}
bool Upserts(const Options& options) {
  const auto kinds = options.find("kinds");
  return kinds != options.end() && kinds->second == "upsert";
}

FileSourceOptions SourceOptions(const SourceRequest& request) {
  FileSourceOptions options;
  options.path = Path(request.options);
  options.record_bytes_max = 1 << 20;
  return options;
}

class Changes final : public ConnectorFactory {
 public:
  std::string_view name() const override { return "sim-changes"; }
  std::span<const OptionDef> options() const override { return kOptions; }

  Result<ConnectorDescription> Describe(const Options& options, const Schema&) const override {
    const std::span<const OptionDef> tables[] = {kOptions};
    RETURN_IF_ERROR(CheckOptions(name(), tables, options));
    ConnectorDescription description;
    description.connector = name();
    description.can_scan = description.can_sink = description.bounded = true;
    description.parallel_scan = description.projection_push_down = true;
    description.produces = Upserts(options) ? ChangelogMode::Upsert() : ChangelogMode::All();
    description.accepts = ChangelogMode::All();
    description.sink_upsert_with_key = Upserts(options);
    return description;
  }

  Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      const SourceRequest& request) const override {
    return MakeFileEnumerator(SourceOptions(request), request.env->files);
  }
  Result<std::unique_ptr<SourceReader>> MakeReader(const SourceRequest& request) const override {
    return MakeFileReader(SourceOptions(request), request.env->files, request.pool);
  }
  Result<std::shared_ptr<Decoder>> MakeDecoder(const SourceRequest& request) const override {
    const FormatDef* json = FindFormat("json");
    CHECK(json != nullptr);
    ASSIGN_OR_RETURN(const Options options, CompleteOptions(*json, {}, request.scan.table));
    ASSIGN_OR_RETURN(std::unique_ptr<Decoder> decoder, json->make_decoder(options));
    auto changes = std::make_shared<ChangesDecoder>(std::move(decoder));
    RETURN_IF_ERROR(changes->Open(request.scan, request.pool, RecordPart::kValue));
    return std::shared_ptr<Decoder>(std::move(changes));
  }

  Result<std::unique_ptr<SinkWriter>> MakeWriter(const SinkRequest& request) const override {
    FileSinkOptions options;
    options.directory = Path(request.options);
    options.job_id = request.job_id;
    options.shard = request.shard;
    options.schema = request.schema;
    // A file never holds rows of two epochs, so that names order the changes of a key.
    options.file_bytes = 1 << 20;
    options.rollover_ms = 0;
    return MakeFileWriter(std::move(options), std::make_unique<ChangesEncoder>(), request.env,
                          request.wakeup, request.io);
  }
  Result<std::unique_ptr<SinkCommitter>> MakeCommitter(const SinkRequest& request) const override {
    return MakeFileCommitter(request.env->files);
  }
};

}  // namespace

std::unique_ptr<ConnectorFactory> MakeChangesConnector() {
  return std::make_unique<Changes>();
}

}  // namespace rhei
