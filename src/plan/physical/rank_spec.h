#pragma once
// Specs of the operators that keep some rows per partition: Top-N, deduplication, sort, limit.
#include <string>
#include <vector>

#include "plan/expr.h"
#include "plan/physical/aggregate_spec.h"
#include "plan/physical/operator_spec.h"
#include "types/change_kind.h"

namespace rhei {

// ROW_NUMBER() OVER (PARTITION BY .. ORDER BY ..) BETWEEN rank_start AND rank_end. Output: the
// input columns, and the rank (BIGINT) when output_rank.
struct RankSpec : OperatorSpec {
  RankSpec() : OperatorSpec(OperatorKind::kRank) {}
  Schema input;
  std::vector<int> partition;
  std::vector<SortKey> order;
  int64_t rank_start = 1;
  int64_t rank_end = 1;
  int rank_end_column = -1;  // variable Top-N: the bound is this BIGINT or INT input column
  bool output_rank = false;
  ChangelogMode input_changelog;
  std::vector<int>
      input_upsert_key;  // rows with equal key replace each other; empty: retract by row
  // Rows of one upsert key only ever move up: updates come as +U alone (Flink's UpdateFast).
  bool only_improves = false;
  bool generate_update_before = true;
  bool final_rows_only = false;  // batch mode: +I of the final rows at the end, in rank order
  int64_t ttl_ms = 0;
};

// Top-N within a window whose start and end columns the input carries; emits when it closes.
struct WindowRankSpec : OperatorSpec {
  WindowRankSpec() : OperatorSpec(OperatorKind::kWindowRank) {}
  Schema input;
  int window_start_column = -1;
  int window_end_column = -1;
  std::string time_zone;       // as WindowSpec
  std::vector<int> partition;  // without the window columns
  std::vector<SortKey> order;
  int64_t rank_start = 1;
  int64_t rank_end = 1;
  bool output_rank = false;
};

struct DeduplicateSpec : OperatorSpec {
  DeduplicateSpec() : OperatorSpec(OperatorKind::kDeduplicate) {}
  Schema input;
  std::vector<int> partition;
  int time_column = -1;
  bool event_time = true;
  bool keep_first = true;
  ChangelogMode input_changelog;
  bool generate_update_before = true;
  bool final_rows_only = false;  // batch mode: +I per partition at the end
  int64_t ttl_ms = 0;
};

// ORDER BY. kTemporalSort: by an ascending rowtime first, emits as the watermark passes
// (dialect 12.2); kSort: batch, everything at the end; kLimit and kSortLimit: FETCH/OFFSET, the
// latter by order.
struct SortSpec : OperatorSpec {
  explicit SortSpec(OperatorKind operator_kind) : OperatorSpec(operator_kind) {}
  Schema input;
  std::vector<SortKey> order;
  int64_t offset = 0;
  int64_t limit = -1;  // -1: all
  ChangelogMode input_changelog;
  std::vector<int> input_upsert_key;  // kSortLimit, as RankSpec
  bool only_improves = false;         // kSortLimit, as RankSpec
  bool generate_update_before = true;
  bool batch_mode = false;
  bool event_time = true;  // kTemporalSort
};

}  // namespace rhei
