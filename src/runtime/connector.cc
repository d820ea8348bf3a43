#include "runtime/connector.h"

#include <algorithm>

#include <fmt/format.h>

namespace rhei {
namespace {

Status CannotDo(std::string_view connector, std::string_view what) {
  return Unsupported(fmt::format("connector '{}' cannot {}", connector, what));
}

// Letters to insert, delete or replace to get from one word to the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
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
  std::string known;
  std::string_view nearest;
  size_t distance_min = wanted.size() / 2 + 1;
  for (const ConnectorFactory* factory : factories_) {
    known += (known.empty() ? "" : ", ") + std::string(factory->name());
    const size_t distance = EditDistance(wanted, factory->name());
    if (distance < distance_min) {
      distance_min = distance;
      nearest = factory->name();
    }
  }
  return InvalidArgument(fmt::format(
      "connector '{}' is unknown{}; known: {}", wanted,
      nearest.empty() ? std::string() : fmt::format(", did you mean '{}'", nearest), known));
}

}  // namespace rhei
