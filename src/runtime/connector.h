#pragma once
// ConnectorFactory: one connector as the engine and the source and sink operators meet it.
//
// A connector is one folder below connectors/ and one line in connectors/builtin.cc. It offers a
// scan either as typed rows (MakeRowSource: values, script, datagen) or as raw records
// (MakeEnumerator, MakeReader, MakeDecoder: files, brokers), and a sink (MakeWriter and, when
// something has to be made visible after a checkpoint, MakeCommitter).
//
// Describe comes first, at CREATE TABLE or when a statement uses the table: it checks the options
// (unknown key, missing key, wrong value: kInvalidArgument with the nearest name) and says what the
// table can do. The Make calls come when a job starts, with options that Describe has accepted and
// secrets filled in; they must not wait and must not touch the outside: the first step of the I/O
// work does (a missing file is found there, and ends the job with its Status).
// Ownership: factories are immortal. Requests are copied by who needs them later; what their
// pointers point to outlives what was made. Thread-safety: all calls from any thread.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "columnar/column.h"
#include "columnar/record_chunk.h"
#include "runtime/operator.h"
#include "runtime/sink.h"
#include "runtime/source.h"
#include "types/connector_description.h"
#include "types/scan_spec.h"

namespace rhei {

class Decoder;  // formats/format.h

struct SourceRequest {
  std::string table;  // full name, for messages
  Options options;
  ScanSpec scan;
  // Columns that follow those of `scan`. A partition column of the path is asked for with the key
  // "partition.NAME".
  std::vector<MetadataColumn> metadata;
  std::vector<std::string> partition_columns;
  Schema output;  // scan columns, then metadata columns
  int shard = 0;
  int shard_count = 1;
  const Environment* env = nullptr;
  const JobSettings* settings = nullptr;
  MemoryPool* pool = nullptr;
};

struct SinkRequest {
  std::string table;
  Options options;
  Schema schema;                         // what the writer gets, written metadata columns included
  std::vector<MetadataColumn> metadata;  // the last columns of `schema`
  std::vector<int> primary_key;
  std::vector<std::string> partition_columns;
  ChangelogMode input_changelog;
  bool overwrite = false;
  std::string job_id;  // stable over restarts; part of names of files and transactions
  std::string operator_id;
  int shard = 0;
  int shard_count = 1;
  const Environment* env = nullptr;
  const JobSettings* settings = nullptr;
  MemoryPool* pool = nullptr;
  // Writers: to call after kFull, or after a Seal that was not ready. Null for committers.
  WakeupService* wakeup = nullptr;
  // Writers: threads for what can wait. Null for committers, which have one already.
  IoService* io = nullptr;
  // Writers: what MakeCommitter gave for this sink.
  SinkCommitter* committer = nullptr;
};

class ConnectorFactory {
 public:
  virtual ~ConnectorFactory() = default;
  virtual std::string_view name() const = 0;
  // The option table: checks, defaults, documentation page, "did you mean".
  virtual std::span<const OptionDef> options() const = 0;
  // False for what only the engine declares tables with: messages and the manual leave it out.
  virtual bool is_listed() const { return true; }
  // True when the connector takes a format ('format', 'key.format', ...): the format's options are
  // then allowed too.
  virtual bool has_format() const { return false; }
  // `schema`: the table's persisted columns, in declared order.
  virtual Result<ConnectorDescription> Describe(const Options& options,
                                                const Schema& schema) const = 0;

  // Scans of typed rows run on one shard. True: MakeRowSource; false: enumerator, reader, decoder.
  virtual bool makes_rows() const { return false; }
  virtual Result<std::unique_ptr<RowSource>> MakeRowSource(const SourceRequest& request) const;
  virtual Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      const SourceRequest& request) const;  // one a job
  virtual Result<std::unique_ptr<SourceReader>> MakeReader(const SourceRequest& request) const;
  virtual Result<std::shared_ptr<Decoder>> MakeDecoder(const SourceRequest& request) const;
  // Appends one column per request.metadata, with a row per element of record_of_row. Stateless;
  // runs on the shard.
  virtual Status FillMetadata(const SourceRequest& request, const RecordChunk& chunk,
                              std::span<const int32_t> record_of_row,
                              std::vector<Column>* columns) const;

  virtual Result<std::unique_ptr<SinkWriter>> MakeWriter(const SinkRequest& request) const;
  // Null: nothing to commit (print, blackhole). One a job; request.shard is -1.
  virtual Result<std::unique_ptr<SinkCommitter>> MakeCommitter(const SinkRequest& request) const;
  // Commits what a sink had sealed that is in its job no more: its seals alone say what is to be
  // done. May be repeated, also behind the sink's own commit. Null: it cannot be done.
  virtual std::unique_ptr<SinkCommitter> MakeOrphanCommitter(const Environment& env) const;
};

// The connectors that a session knows, by name.
class ConnectorTable {
 public:
  void Add(const ConnectorFactory* factory) { factories_.push_back(factory); }
  const ConnectorFactory* Find(std::string_view name) const;  // null when there is none
  std::span<const ConnectorFactory* const> all() const { return factories_; }
  // The connector of options['connector']; kInvalidArgument with the nearest name.
  Result<const ConnectorFactory*> Get(const Options& options) const;

 private:
  std::vector<const ConnectorFactory*> factories_;
};

}  // namespace rhei
