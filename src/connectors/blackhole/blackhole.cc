// 'blackhole': takes every row and keeps none; accepts all change kinds.
#include "connectors/blackhole/blackhole.h"

#include "types/option_values.h"
#include "types/table_options.h"

namespace rhei {
namespace {

constexpr OptionDef kOptions[] = {
    {.key = "connector", .required = true, .doc = "'blackhole'."},
    {.key = "property-version", .type = OptionType::kInt, .default_value = "1", .doc = "Version."},
};

class Writer final : public SinkWriter {
 public:
  Result<WriteResult> Write(const Batch&, uint64_t) override { return WriteResult::kWritten; }
  Result<std::unique_ptr<std::string>> Seal(uint64_t) override {
    return std::make_unique<std::string>();
  }
};

class Blackhole final : public ConnectorFactory {
 public:
  std::string_view name() const override { return "blackhole"; }
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
  Result<std::unique_ptr<SinkWriter>> MakeWriter(const SinkRequest&) const override {
    return std::unique_ptr<SinkWriter>(std::make_unique<Writer>());
  }
};

}  // namespace

const ConnectorFactory* BlackholeConnector() {
  static const Blackhole connector;
  return &connector;
}

}  // namespace rhei
