// Sinks: what changes the table takes, and what has to stand before it so that it gets them.
#include <algorithm>

#include <fmt/format.h>

#include "plan/physical/calc_spec.h"
#include "plan/physical/sink_spec.h"
#include "planner/logical_rewrite.h"
#include "planner/to_stream.h"

namespace rhei {
namespace {

bool SameSet(const std::vector<int>& a, const std::vector<int>& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](int column) {
           return std::find(b.begin(), b.end(), column) != b.end();
         });
}

std::string ColumnNames(const std::vector<int>& columns, const Schema& schema) {
  std::string text;
  for (const int column : columns) {
    text += (text.empty() ? "" : ", ") + schema.name(static_cast<size_t>(column));
  }
  return "[" + text + "]";
}

std::string KeyNames(const StreamNode& input) {
  std::string text;
  for (const std::vector<int>& key : input.upsert_keys) {
    text += (text.empty() ? "" : ", ") + ColumnNames(key, input.schema);
  }
  return text;
}

bool KeyMatches(const StreamNodePtr& input, const std::vector<int>& primary_key) {
  return std::any_of(input->upsert_keys.begin(), input->upsert_keys.end(),
                     [&](const std::vector<int>& key) { return SameSet(key, primary_key); });
}

}  // namespace

Result<StreamNodePtr> ToStream::ConvertSink(const LogicalSink& sink) {
  ASSIGN_OR_RETURN(StreamNodePtr input, Convert(sink.inputs[0]));
  auto spec = std::make_shared<SinkSpec>();
  spec->table = sink.table;
  spec->options = sink.options;
  spec->schema = sink.schema;
  spec->schema.fields.resize(sink.schema.size() - sink.metadata.size());
  spec->metadata = sink.metadata;
  spec->primary_key = sink.primary_key;
  spec->partition_columns = sink.partition_columns;
  spec->not_null = settings_.not_null;
  spec->length = settings_.length;
  spec->overwrite = sink.overwrite;
  spec->on_error = ErrorPolicyOf(sink.options);
  spec->deletes_by_key = sink.description.accepts_deletes_by_key;
  const bool collects = sink.table.empty();
  const auto is_nested = [](const Field& field) { return field.type.child_count() > 0; };
  if (settings_.nested_enforcers && !collects &&
      std::any_of(sink.schema.fields.begin(), sink.schema.fields.end(), is_nested)) {
    return Unsupported("'table.exec.sink.nested-constraint-enforcer' is not supported yet",
                       sink.position);
  }
  const bool keyed = !collects && !sink.primary_key.empty();
  const bool key_matches = keyed && KeyMatches(input, sink.primary_key);
  using OnConflict = LogicalSink::OnConflict;
  if (settings_.require_on_conflict && keyed && !key_matches &&
      sink.description.sink_upsert_with_key && sink.on_conflict == OnConflict::kNone &&
      sink.description.connector != "print") {
    return InvalidSql(
        fmt::format(
            "The query has an upsert key that differs from the primary key of the sink table '{}'. "
            "Primary key: {}, upsert key: {}. This can lead to non-deterministic results when "
            "multiple records with different upsert keys map to the same primary key. Please "
            "specify an ON CONFLICT clause to define how conflicts should be handled: ON CONFLICT "
            "DO DEDUPLICATE (update to the latest record, state intensive, since we need to keep "
            "the entire history), or ON CONFLICT DO ERROR (fail on conflict), or ON CONFLICT DO "
            "NOTHING (keep first record).",
            sink.table, ColumnNames(sink.primary_key, sink.schema), KeyNames(*input)),
        sink.position);
  }
  if (sink.on_conflict == OnConflict::kError || sink.on_conflict == OnConflict::kNothing) {
    return Unsupported("ON CONFLICT DO ERROR and DO NOTHING are not supported yet", sink.position);
  }
  const ChangelogMode& accepts = sink.description.accepts;
  if (!collects && !input->insert_only()) {
    const bool takes_updates = accepts.update_after || sink.description.sink_upsert_with_key;
    if ((input->produces_updates && !takes_updates) ||
        (input->produces_deletes && !accepts.deletes)) {
      return InvalidSql(
          fmt::format("Table sink '{}' doesn't support consuming {} changes which is produced by "
                      "node {}",
                      sink.table,
                      input->produces_updates && input->produces_deletes ? "update and delete"
                      : input->produces_updates                          ? "update"
                                                                         : "delete",
                      input->name),
          sink.position);
    }
    const bool upserts = keyed && sink.description.sink_upsert_with_key;
    const bool materialize =
        upserts && (settings_.upsert_materialize == UpsertMaterialize::kForce ||
                    (settings_.upsert_materialize == UpsertMaterialize::kAuto && !key_matches));
    if (materialize && !settings_.batch_mode) {
      auto keep = std::make_shared<SinkMaterializerSpec>();
      keep->input = input->schema;
      keep->primary_key = sink.primary_key;
      keep->ttl_ms = settings_.state_ttl_ms;
      StreamNodePtr node =
          MakeNode("SinkMaterializer", keep, {KeyedInput(input, sink.primary_key)}, input->schema);
      node->produces_updates = true;
      node->produces_deletes = true;
      node->upsert_keys = {sink.primary_key};
      input = node;
    }
  }
  StreamInput edge =
      collects ? StreamInput{input, Distribution::kSingleton, {}} : ForwardInput(input);
  StreamNodePtr node =
      MakeNode(collects ? "Collect" : "Sink", spec, {std::move(edge)}, sink.schema);
  node->position = sink.position;
  // An upsert sink reads +U by key; everything else wants the pairs.
  const bool upserts = keyed && sink.description.sink_upsert_with_key && !collects;
  node->required = UpdateKind::kNone;
  if (node->inputs[0].node->produces_updates) {
    node->required =
        upserts || !accepts.update_before ? UpdateKind::kOnlyAfter : UpdateKind::kBeforeAndAfter;
    if (collects) node->required = UpdateKind::kBeforeAndAfter;
  }
  return node;
}

}  // namespace rhei
