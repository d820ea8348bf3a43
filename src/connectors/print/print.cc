// 'print': rows as Flink prints them, one line each; accepts all change kinds. The prefix is
// `identifier:subtask> ` (subtask counts from 1 and is left out with one shard), as in Flink.
#include "connectors/print/print.h"

#include "types/java_text.h"
#include "types/option_values.h"
#include "types/table_options.h"

namespace rhei {
namespace {

constexpr OptionDef kOptions[] = {
    {.key = "connector", .required = true, .doc = "'print'."},
    {.key = "print-identifier", .doc = "Put before every row."},
    {.key = "standard-error",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "Print to standard error instead of standard output."},
    {.key = "sink.parallelism",
     .type = OptionType::kInt,
     .doc = "Accepted; the job's shards decide."},
};

class Writer final : public SinkWriter {
 public:
  Writer(OutputStream* stream, std::string prefix, Schema schema)
      : stream_(stream), prefix_(std::move(prefix)), schema_(std::move(schema)) {}

  Result<WriteResult> Write(const Batch& batch, uint64_t) override {
    text_.clear();
    std::vector<Value> row(schema_.size());
    for (int32_t i = 0; i < batch.row_count; ++i) {
      for (size_t c = 0; c < row.size(); ++c)
        row[c] = GetValue(batch.columns[c], i, schema_.type(c));
      text_ += prefix_;
      text_ += JavaRowText(batch.change(i), row, schema_);
      text_ += '\n';
    }
    const Status written = stream_->Write(text_);
    // When nobody reads any more the program stops its jobs; until then the rows go nowhere.
    if (!written.ok() && !stream_->closed()) return written;
    return WriteResult::kWritten;
  }
  Result<std::unique_ptr<std::string>> Seal(uint64_t) override {
    return std::make_unique<std::string>();
  }

 private:
  OutputStream* stream_;
  std::string prefix_;
  Schema schema_;
  std::string text_;
};

class Print final : public ConnectorFactory {
 public:
  std::string_view name() const override { return "print"; }
  std::span<const OptionDef> options() const override { return kOptions; }
  Result<ConnectorDescription> Describe(const Options& given, const Schema&) const override {
    const std::span<const OptionDef> tables[] = {kOptions, CommonTableOptions()};
    RETURN_IF_ERROR(CheckOptions(name(), tables, given));
    ConnectorDescription description;
    description.connector = name();
    description.can_sink = true;
    description.accepts = ChangelogMode::All();
    return description;
  }
  Result<std::unique_ptr<SinkWriter>> MakeWriter(const SinkRequest& request) const override {
    ASSIGN_OR_RETURN(const bool to_error,
                     ParseBoolOption(OptionValue(kOptions, request.options, "standard-error")));
    std::string prefix(OptionValue(kOptions, request.options, "print-identifier"));
    if (request.shard_count > 1) {
      if (!prefix.empty()) prefix += ':';
      prefix += std::to_string(request.shard + 1);
    }
    if (!prefix.empty()) prefix += "> ";
    OutputStream* stream = to_error ? request.env->standard_error : request.env->standard_output;
    return std::unique_ptr<SinkWriter>(
        std::make_unique<Writer>(stream, std::move(prefix), request.schema));
  }
};

}  // namespace

const ConnectorFactory* PrintConnector() {
  static const Print connector;
  return &connector;
}

}  // namespace rhei
