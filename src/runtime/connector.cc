#include "runtime/connector.h"

#include <fmt/format.h>

#include "base/nearest_name.h"

namespace rhei {
namespace {

Status CannotDo(std::string_view connector, std::string_view what) {
  return Unsupported(fmt::format("connector '{}' cannot {}", connector, what));
}

}  // namespace

Result<std::unique_ptr<RowSource>> ConnectorFactory::MakeRowSource(const SourceRequest&) const {
  return CannotDo(name(), "be read as rows");
}
Result<std::unique_ptr<SplitEnumerator>> ConnectorFactory::MakeEnumerator(
    const SourceRequest&) const {
  return CannotDo(name(), "be read");
}
Result<std::unique_ptr<SourceReader>> ConnectorFactory::MakeReader(const SourceRequest&) const {
  return CannotDo(name(), "be read");
}
Result<std::shared_ptr<Decoder>> ConnectorFactory::MakeDecoder(const SourceRequest&) const {
  return CannotDo(name(), "be read with a format");
}
Status ConnectorFactory::FillMetadata(const SourceRequest& request, const RecordChunk&,
                                      std::span<const int32_t>, std::vector<Column>*) const {
  if (request.metadata.empty()) return {};
  return CannotDo(name(), fmt::format("give the metadata column '{}'", request.metadata[0].key));
}
Result<std::unique_ptr<SinkWriter>> ConnectorFactory::MakeWriter(const SinkRequest&) const {
  return CannotDo(name(), "be written to");
}
std::unique_ptr<SinkCommitter> ConnectorFactory::MakeOrphanCommitter(const Environment&) const {
  return nullptr;
}
Result<std::unique_ptr<SinkCommitter>> ConnectorFactory::MakeCommitter(const SinkRequest&) const {
  return std::unique_ptr<SinkCommitter>();
}

const ConnectorFactory* ConnectorTable::Find(std::string_view name) const {
  for (const ConnectorFactory* factory : factories_) {
    if (factory->name() == name) return factory;
  }
  return nullptr;
}

Result<const ConnectorFactory*> ConnectorTable::Get(const Options& options) const {
  const auto found = options.find("connector");
  if (found == options.end()) {
    return InvalidArgument("table options: 'connector' is missing");
  }
  const std::string& wanted = found->second;
  if (const ConnectorFactory* factory = Find(wanted)) return factory;
  std::vector<std::string_view> known;
  for (const ConnectorFactory* factory : factories_) {
    if (factory->is_listed()) known.push_back(factory->name());
  }
  return InvalidArgument(
      fmt::format("Could not find any factory for identifier '{}'.{} Available connectors: {}",
                  wanted, DidYouMean(wanted, known), fmt::join(known, ", ")));
}

}  // namespace rhei
