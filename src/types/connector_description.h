#pragma once
// What a connector can do, as plain data: all that the SQL half knows of connectors. The engine
// combines connector and format into one description and puts it beside the table in the catalog.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "types/change_kind.h"
#include "types/data_type.h"

namespace rhei {

// WITH ('key' = 'value'), sorted by key.
using Options = std::map<std::string, std::string, std::less<>>;

enum class OptionType : uint8_t { kString, kInt, kBool, kDuration, kBytes, kEnum, kDouble };

// One row of a connector's or format's option table: it validates, fills in defaults, prints the
// documentation page and feeds "did you mean".
struct OptionDef {
  std::string_view key;  // "scan.startup.mode"; a trailing "*" takes any suffix
  OptionType type = OptionType::kString;
  std::string_view default_value = {};  // empty: none
  bool required = false;
  std::string_view choices = {};  // kEnum: "a|b|c"
  std::string_view doc = {};      // one sentence
};

struct MetadataColumn {
  std::string key;
  DataType type;
  bool writable = false;
};

struct ConnectorDescription {
  std::string connector;
  bool can_scan = false;
  bool can_sink = false;
  bool bounded = false;
  bool parallel_scan = false;  // splits may be read by several shards; else shard 0 reads all
  ChangelogMode produces;      // of a scan
  // Of a scan's -D only the key columns hold, and a sink asks for no more than these.
  bool produces_deletes_by_key = false;
  bool accepts_deletes_by_key = false;
  // Kinds a sink takes. With `sink_upsert_with_key` a primary key makes it ask for upserts (no -U).
  ChangelogMode accepts;
  bool sink_upsert_with_key = false;
  bool watermark_per_split = false;  // the source generates watermarks per split (push-down)
  bool projection_push_down = false;
  std::vector<MetadataColumn> metadata;
  std::vector<std::string> partition_columns;
};

}  // namespace rhei
