#pragma once
// The operators at the edge of a job, which need a connector beside their spec: sources, as typed
// rows (values, script, datagen; on one shard) or as raw records that a decoder reads (files,
// brokers; splits dealt to all shards), and sinks.
//
// They own what connectors need not know: decoding, projection, watermarks, idleness, counting,
// error policies, positions, enforcers. A source's records = decoded + skipped + rejected; a sink's
// in = written + dropped + rejected.
// Rejected records and rows leave by kErrorPort as rows of ErrorTableSchema().
// Ownership: specs must outlive the operators.
#include <memory>

#include "base/status.h"
#include "plan/physical/sink_spec.h"
#include "plan/physical/source_spec.h"
#include "runtime/collect_queue.h"
#include "runtime/connector.h"
#include "runtime/operator.h"

namespace rhei {

// What the instances of one node of a job share. The engine keeps one slot per node and run; the
// first instance fills it.
class NodeShared {
 public:
  virtual ~NodeShared() = default;
  // Sinks: the committer of the job, or null.
  virtual SinkCommitter* committer() { return nullptr; }
};

struct ConnectorOperatorContext {
  const ConnectorFactory* factory = nullptr;
  OperatorContext* op = nullptr;
  std::shared_ptr<NodeShared>* shared = nullptr;
  std::string job_id;
};

Result<std::unique_ptr<Operator>> MakeSource(const SourceSpec& spec,
                                             const ConnectorOperatorContext& context);
// `collect`: where the rows of a SELECT go (a spec without a table).
Result<std::unique_ptr<Operator>> MakeSink(const SinkSpec& spec,
                                           const ConnectorOperatorContext& context,
                                           std::shared_ptr<CollectQueue> collect);

// The two kinds of source.
Result<std::unique_ptr<Operator>> MakeRowSourceOperator(const SourceSpec& spec,
                                                        const ConnectorOperatorContext& context);
Result<std::unique_ptr<Operator>> MakeRecordSourceOperator(const SourceSpec& spec,
                                                           const ConnectorOperatorContext& context);
SourceRequest RequestOf(const SourceSpec& spec, const OperatorContext& context);

}  // namespace rhei
