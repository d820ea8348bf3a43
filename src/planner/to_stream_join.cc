// Joins: equality terms become keys, the rest a residual; joins on both bounds of a window become
// window joins.
#include <algorithm>

#include "functions/registry.h"
#include "plan/physical/join_spec.h"
#include "planner/logical_rewrite.h"
#include "planner/to_stream.h"

namespace rhei {
namespace {

struct EquiTerm {
  BoundExprPtr left;   // over the left input
  BoundExprPtr right;  // over the right input
  bool null_safe = false;
};

// 0: reads nothing, 1: left only, 2: right only, 3: both.
int SideOf(const BoundExpr& expr, size_t left_width, size_t width) {
  std::vector<bool> used(width);
  CollectInputs(expr, &used);
  int side = 0;
  for (size_t i = 0; i < width; ++i) {
    if (used[i]) side |= i < left_width ? 1 : 2;
  }
  return side;
}

// The time attribute that `expr` is, perhaps with a constant added; -1: it is none.
int TimeColumn(const BoundExpr& expr, const Schema& columns) {
  const BoundExpr* at = &expr;
  while (at->kind == BoundExpr::Kind::kCall && !at->args.empty() &&
         (at->name == "CAST" || ((at->name == "+" || at->name == "-") && at->args.size() == 2 &&
                                 at->args[1]->kind == BoundExpr::Kind::kLiteral))) {
    at = at->args[0].get();
  }
  if (!IsInput(*at)) return -1;
  const DataType& type = columns.type(static_cast<size_t>(at->input_index));
  return type.time_attribute() == TimeAttribute::kNone ? -1 : at->input_index;
}

// Whether the terms hold a time of one side between two times of the other: an interval join.
bool BoundsTime(const std::vector<BoundExprPtr>& terms, const Schema& left, const Schema& right,
                bool* processing_time) {
  Schema columns = left;
  columns.fields.insert(columns.fields.end(), right.fields.begin(), right.fields.end());
  const auto left_width = static_cast<int>(left.size());
  bool lower = false, upper = false;
  for (const BoundExprPtr& term : terms) {
    if (term->kind != BoundExpr::Kind::kCall || term->args.size() != 2) continue;
    const bool less = term->name == "<" || term->name == "<=";
    if (!less && term->name != ">" && term->name != ">=") continue;
    const int first = TimeColumn(*term->args[0], columns);
    const int second = TimeColumn(*term->args[1], columns);
    if (first < 0 || second < 0 || (first < left_width) == (second < left_width)) continue;
    (less == (first < left_width) ? upper : lower) = true;
    *processing_time |= columns.type(static_cast<size_t>(first)).is_proctime();
  }
  return lower && upper;
}

// Splits the condition into key pairs and the rest.
void SplitCondition(const BoundExprPtr& condition, size_t left_width, size_t width,
                    std::vector<EquiTerm>* keys, std::vector<BoundExprPtr>* rest) {
  std::vector<int> to_right(width, -1);
  for (size_t i = left_width; i < width; ++i) to_right[i] = static_cast<int>(i - left_width);
  for (const BoundExprPtr& term : SplitConjunction(condition)) {
    const bool equal = term->kind == BoundExpr::Kind::kCall && term->args.size() == 2 &&
                       (term->name == "=" || term->name == "IS NOT DISTINCT FROM") &&
                       IsDeterministic(*term);
    if (equal) {
      BoundExprPtr left = term->args[0];
      BoundExprPtr right = term->args[1];
      if (SideOf(*left, left_width, width) == 2) std::swap(left, right);
      if (SideOf(*left, left_width, width) == 1 && SideOf(*right, left_width, width) == 2) {
        keys->push_back({left, RemapInputs(right, to_right), term->name != "="});
        continue;
      }
    }
    rest->push_back(term);
  }
}

bool Holds(const std::vector<int>& set, const std::vector<int>& part) {
  return std::all_of(part.begin(), part.end(), [&](int column) {
    return std::find(set.begin(), set.end(), column) != set.end();
  });
}

// An input key that lies within the join key: each join key meets one row at most.
bool UniqueOnJoinKey(const StreamNodePtr& input, const std::vector<int>& join_key) {
  return std::any_of(input->upsert_keys.begin(), input->upsert_keys.end(),
                     [&](const std::vector<int>& key) { return Holds(join_key, key); });
}

// Upsert keys of the join's output (dialect "Upsert keys": the shuffle by the join key leaves only
// keys that contain it).
std::vector<std::vector<int>> JoinKeys(const StreamNodePtr& left, const StreamNodePtr& right,
                                       const std::vector<int>& left_key,
                                       const std::vector<int>& right_key, JoinType type) {
  const auto offset = static_cast<int>(left->schema.size());
  std::vector<std::vector<int>> left_keys, right_keys, result;
  for (const std::vector<int>& key : left->upsert_keys) {
    if (Holds(key, left_key)) left_keys.push_back(key);
  }
  if (type == JoinType::kSemi || type == JoinType::kAnti) return left_keys;
  for (std::vector<int> key : right->upsert_keys) {
    if (!Holds(key, right_key)) continue;
    for (int& column : key) column += offset;
    right_keys.push_back(std::move(key));
  }
  const bool left_padded = type == JoinType::kRight || type == JoinType::kFull;
  const bool right_padded = type == JoinType::kLeft || type == JoinType::kFull;
  if (UniqueOnJoinKey(right, right_key) && !left_padded) result = left_keys;
  if (UniqueOnJoinKey(left, left_key) && !right_padded) {
    result.insert(result.end(), right_keys.begin(), right_keys.end());
  }
  for (const std::vector<int>& a : left_keys) {
    for (const std::vector<int>& b : right_keys) {
      std::vector<int> both = a;
      both.insert(both.end(), b.begin(), b.end());
      result.push_back(std::move(both));
    }
  }
  return result;
}

// Key expressions as columns: those that are not plain inputs are computed into extra columns.
struct Keyed {
  std::vector<BoundExprPtr> projections;
  Schema schema;
  std::vector<int> keys;
};

Keyed ProjectKeyColumns(const Schema& schema, const std::vector<EquiTerm>& terms, bool left_side) {
  Keyed keyed{InputRefs(schema), schema, {}};
  for (const EquiTerm& term : terms) {
    const BoundExprPtr& expr = left_side ? term.left : term.right;
    if (IsInput(*expr)) {
      keyed.keys.push_back(expr->input_index);
      continue;
    }
    keyed.keys.push_back(static_cast<int>(keyed.projections.size()));
    keyed.projections.push_back(expr);
    keyed.schema.fields.push_back({"$key" + std::to_string(keyed.keys.size()), expr->type, ""});
  }
  return keyed;
}

JoinSide SideFor(const StreamNodePtr& input, std::vector<int> keys, int64_t ttl_ms) {
  JoinSide side;
  side.schema = input->schema;
  side.ttl_ms = ttl_ms;
  // Of several upsert keys the one inside the join key is best, then the shortest.
  for (const std::vector<int>& key : input->upsert_keys) {
    const bool inside = Holds(keys, key);
    if (side.upsert_key.empty() || (inside && !side.upsert_key_in_join_key) ||
        (inside == side.upsert_key_in_join_key && key.size() < side.upsert_key.size())) {
      side.upsert_key = key;
      side.upsert_key_in_join_key = inside;
    }
  }
  side.keys = std::move(keys);
  return side;
}

void StripTimeAttributes(Schema* schema) {
  for (Field& field : schema->fields) {
    field.type = field.type.WithTimeAttribute(TimeAttribute::kNone);
  }
}

// Index of the key pair that joins these two columns, or -1.
int PairOf(const std::vector<int>& left_keys, const std::vector<int>& right_keys, int left,
           int right) {
  for (size_t i = 0; i < left_keys.size(); ++i) {
    if (left_keys[i] == left && right_keys[i] == right) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

Result<StreamNodePtr> ToStream::ConvertJoin(const LogicalJoin& join) {
  ASSIGN_OR_RETURN(StreamNodePtr left, Convert(join.inputs[0]));
  ASSIGN_OR_RETURN(StreamNodePtr right, Convert(join.inputs[1]));
  const size_t left_width = left->schema.size();
  const size_t right_width = right->schema.size();
  std::vector<EquiTerm> terms;
  std::vector<BoundExprPtr> rest;
  SplitCondition(join.condition, left_width, left_width + right_width, &terms, &rest);
  // Inner and by event time, a regular join gives the same rows (and keeps what it has read).
  bool processing_time = false;
  if (!settings_.batch_mode && BoundsTime(rest, left->schema, right->schema, &processing_time) &&
      (processing_time || join.type != JoinType::kInner)) {
    return Unsupported("interval join is not supported yet", join.position);
  }
  Keyed left_keyed = ProjectKeyColumns(left->schema, terms, true);
  Keyed right_keyed = ProjectKeyColumns(right->schema, terms, false);
  std::vector<bool> null_safe;
  for (const EquiTerm& term : terms) null_safe.push_back(term.null_safe);
  const bool computed_keys =
      left_keyed.schema.size() != left_width || right_keyed.schema.size() != right_width;
  const WindowColumns left_window = left->window;
  const WindowColumns right_window = right->window;
  left = MakeCalc(left, left_keyed.projections, {}, left_keyed.schema);
  right = MakeCalc(right, right_keyed.projections, {}, right_keyed.schema);
  // The residual, over the widened inputs.
  BoundExprPtr residual = MakeConjunction(rest);
  if (residual != nullptr && computed_keys) {
    std::vector<int> moved;
    for (size_t i = 0; i < left_width + right_width; ++i) {
      moved.push_back(static_cast<int>(i < left_width ? i : i - left_width + left->schema.size()));
    }
    residual = RemapInputs(residual, moved);
  }
  const bool semi = join.type == JoinType::kSemi || join.type == JoinType::kAnti;
  const bool left_nullable = join.type == JoinType::kRight || join.type == JoinType::kFull;
  const bool right_nullable = join.type == JoinType::kLeft || join.type == JoinType::kFull;
  Schema output;
  for (const Field& field : left->schema.fields) {
    output.fields.push_back(field);
    if (left_nullable) output.fields.back().type = field.type.WithNullable(true);
  }
  for (size_t i = 0; !semi && i < right->schema.size(); ++i) {
    output.fields.push_back(right->schema.fields[i]);
    if (right_nullable) output.fields.back().type = right->schema.type(i).WithNullable(true);
  }
  const int start_pair =
      left_window.known() && right_window.known()
          ? PairOf(left_keyed.keys, right_keyed.keys, left_window.start, right_window.start)
          : -1;
  const int end_pair =
      left_window.known() && right_window.known()
          ? PairOf(left_keyed.keys, right_keyed.keys, left_window.end, right_window.end)
          : -1;
  StreamNodePtr node;
  Schema result = join.schema;
  if (start_pair >= 0 && end_pair >= 0 && left->insert_only() && right->insert_only()) {
    auto spec = std::make_shared<WindowJoinSpec>();
    spec->type = join.type;
    std::vector<int> left_keys, right_keys;
    for (size_t i = 0; i < null_safe.size(); ++i) {
      if (static_cast<int>(i) == start_pair || static_cast<int>(i) == end_pair) continue;
      left_keys.push_back(left_keyed.keys[i]);
      right_keys.push_back(right_keyed.keys[i]);
      spec->null_safe.push_back(null_safe[i]);
    }
    spec->left = SideFor(left, left_keys, 0);
    spec->right = SideFor(right, right_keys, 0);
    spec->left_window_start = left_window.start;
    spec->left_window_end = left_window.end;
    spec->right_window_start = right_window.start;
    spec->right_window_end = right_window.end;
    spec->time_zone = left_window.time_zone;
    spec->residual = residual;
    node = MakeNode("WindowJoin", spec,
                    {KeyedInput(left, left_keys), KeyedInput(right, right_keys)}, output);
    node->window = left_window;
  } else {
    auto spec = std::make_shared<JoinSpec>();
    spec->type = join.type;
    // A regular join may emit a row long after its time: what was a time attribute is a plain
    // timestamp afterwards.
    StripTimeAttributes(&output);
    StripTimeAttributes(&result);
    spec->left = SideFor(left, left_keyed.keys,
                         join.left_ttl_ms >= 0 ? join.left_ttl_ms : settings_.state_ttl_ms);
    spec->right = SideFor(right, right_keyed.keys,
                          join.right_ttl_ms >= 0 ? join.right_ttl_ms : settings_.state_ttl_ms);
    spec->null_safe = null_safe;
    spec->residual = residual;
    spec->batch_mode = settings_.batch_mode;
    node =
        MakeNode("Join", spec,
                 {KeyedInput(left, left_keyed.keys), KeyedInput(right, right_keyed.keys)}, output);
    const bool outer = join.type != JoinType::kInner && join.type != JoinType::kSemi;
    node->produces_updates = left->produces_updates || right->produces_updates;
    node->produces_deletes =
        left->produces_deletes || right->produces_deletes || (outer && !settings_.batch_mode);
    if (join.type == JoinType::kSemi) {
      node->produces_deletes |= right->produces_updates || right->produces_deletes;
    }
    node->upsert_keys = JoinKeys(left, right, left_keyed.keys, right_keyed.keys, join.type);
  }
  node->position = join.position;
  if (!computed_keys) return MakeCalc(node, InputRefs(result), {}, result);
  std::vector<BoundExprPtr> columns;
  for (size_t i = 0; i < result.size(); ++i) {
    const size_t at = i < left_width ? i : i - left_width + left->schema.size();
    columns.push_back(MakeInput(static_cast<int>(at), result.name(i), result.type(i)));
  }
  return MakeCalc(node, std::move(columns), {}, result);
}

}  // namespace rhei
