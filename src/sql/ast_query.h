#pragma once
// The syntax tree of SQL queries: SELECT, VALUES, set operations, FROM and MATCH_RECOGNIZE.
// See sql/ast.h for the rules that all nodes follow.
#include "sql/ast.h"

namespace rhei::ast {

// /*+ OPTIONS('k'='v') */. At most one of the three lists is not empty.
// 'key' = 'value' of WITH, SET and hints. Both as decoded.
struct Option {
  std::string key;
  std::string value;
  SqlPosition key_position;
  SqlPosition value_position;
};

struct Hint {
  Name name;
  std::vector<Name> identifiers;      // BROADCAST(t1, t2)
  std::vector<std::string> literals;  // NAME('a', 'b'), NAME(1)
  std::vector<Option> options;        // OPTIONS('k'='v'), STATE_TTL('t'='1d')
  bool keys_are_names = false;        // NAME(a='b'): the keys were identifiers.
  SqlPosition position;
};

enum class TableRefKind : uint8_t {
  kNamed,
  kDerived,
  kTableFunction,
  kUnnest,
  kJoin,
  kMatchRecognize,
};

struct TableRef : Node {
  explicit TableRef(TableRefKind k) : kind(k) {}
  virtual ~TableRef() = default;
  const TableRefKind kind;
  int32_t depth = 1;
  std::optional<Name> alias;  // Never on a kJoin.
  std::vector<Name> column_aliases;
};
using TableRefPtr = std::unique_ptr<TableRef>;

// TABLESAMPLE BERNOULLI(10) REPEATABLE(1)
struct TableSample {
  bool bernoulli = true;  // Else SYSTEM.
  ExprPtr percentage;
  ExprPtr repeatable;  // Or null.
};

// t, cat.db.t [/*+ hints */] [FOR SYSTEM_TIME AS OF e] [TABLESAMPLE ...]
struct NamedTable : TableRef {
  static constexpr TableRefKind kKind = TableRefKind::kNamed;
  NamedTable() : TableRef(kKind) {}
  NamePath path;
  std::vector<Hint> hints;
  ExprPtr system_time;  // Or null.
  using Sample = TableSample;
  std::optional<Sample> sample;
};

// (query) [AS t(a, b)], LATERAL (query)
struct DerivedTable : TableRef {
  static constexpr TableRefKind kKind = TableRefKind::kDerived;
  DerivedTable();
  ~DerivedTable() override;
  std::unique_ptr<Query> query;
  bool lateral = false;
};

// TABLE(f(..)), f(..), LATERAL TABLE(f(..)): window TVFs, UDTFs, PTFs, ML_PREDICT.
struct TableFunction : TableRef {
  static constexpr TableRefKind kKind = TableRefKind::kTableFunction;
  TableFunction() : TableRef(kKind) {}
  ExprPtr call;  // Always a Call of kFunction.
  bool lateral = false;
  bool table_keyword = false;  // TABLE( ) was written.
  ExprPtr system_time;         // Or null.
};

struct Unnest : TableRef {
  static constexpr TableRefKind kKind = TableRefKind::kUnnest;
  Unnest() : TableRef(kKind) {}
  std::vector<ExprPtr> exprs;
  bool lateral = false;
  bool with_ordinality = false;
};

enum class JoinType : uint8_t { kComma, kCross, kInner, kLeft, kRight, kFull };
enum class JoinConditionKind : uint8_t { kNone, kOn, kUsing };

struct Join : TableRef {
  static constexpr TableRefKind kKind = TableRefKind::kJoin;
  Join() : TableRef(kKind) {}
  TableRefPtr left;
  TableRefPtr right;
  JoinType type = JoinType::kInner;
  bool natural = false;
  JoinConditionKind condition = JoinConditionKind::kNone;
  ExprPtr on;
  std::vector<Name> using_columns;
};

// The PATTERN of MATCH_RECOGNIZE.
enum class PatternKind : uint8_t {
  kVariable,
  kConcat,
  kAlternation,
  kQuantified,
  kExclusion,
  kPermute,
};
struct Pattern : Node {
  PatternKind kind = PatternKind::kVariable;
  Name variable;                                   // kVariable.
  std::vector<std::unique_ptr<Pattern>> children;  // One for kQuantified and kExclusion.
  int64_t repeat_min = 1;                          // kQuantified.
  std::optional<int64_t> repeat_max;               // kQuantified; none = unbounded.
  bool reluctant = false;                          // A+?
};

enum class RowsPerMatch : uint8_t {
  kUnspecified,
  kOneRow,
  kAllRows,
  kAllRowsShowEmpty,
  kAllRowsOmitEmpty,
  kAllRowsWithUnmatched,
};
enum class AfterMatch : uint8_t {
  kUnspecified,  // Flink 2.3 then goes on at the next row.
  kSkipToNextRow,
  kSkipPastLastRow,
  kSkipToFirst,
  kSkipToLast,
  kSkipToVariable,  // SKIP TO v, which means LAST.
};

struct MatchRecognize : TableRef {
  static constexpr TableRefKind kKind = TableRefKind::kMatchRecognize;
  MatchRecognize() : TableRef(kKind) {}
  TableRefPtr input;
  std::vector<ExprPtr> partition_by;
  std::vector<OrderItem> order_by;
  struct Measure {
    ExprPtr expr;
    Name alias;
  };
  std::vector<Measure> measures;
  RowsPerMatch rows_per_match = RowsPerMatch::kUnspecified;
  AfterMatch after_match = AfterMatch::kUnspecified;
  std::optional<Name> after_match_variable;
  bool strict_start = false;  // PATTERN (^ A)
  bool strict_end = false;    // PATTERN (A $)
  std::unique_ptr<Pattern> pattern;
  ExprPtr within;  // Or null.
  struct Subset {
    Name name;
    std::vector<Name> variables;
  };
  std::vector<Subset> subsets;
  struct Definition {
    Name variable;
    ExprPtr condition;
  };
  std::vector<Definition> definitions;
};

enum class QueryBodyKind : uint8_t { kSelect, kValues, kTable, kSetOperation, kNested };

// What a Query is, without WITH, ORDER BY and LIMIT.
struct QueryBody : Node {
  explicit QueryBody(QueryBodyKind k) : kind(k) {}
  virtual ~QueryBody() = default;
  const QueryBodyKind kind;
  int32_t depth = 1;
};
using QueryBodyPtr = std::unique_ptr<QueryBody>;

struct SelectItem {
  ExprPtr expr;  // A Star is `*` or `t.*`.
  std::optional<Name> alias;
};

enum class GroupItemKind : uint8_t {
  kExpr,   // An expression, also TUMBLE(ts, INTERVAL ...) and a row (a, b).
  kEmpty,  // ()
  kRollup,
  kCube,          // ROLLUP(a, (b, c))
  kGroupingSets,  // GROUPING SETS (..), nested.
};
struct GroupItem : Node {
  GroupItemKind kind = GroupItemKind::kExpr;
  ExprPtr expr;                     // kExpr; a set of several is a Call of kRow with implicit_row.
  std::vector<GroupItem> children;  // kRollup, kCube, kGroupingSets.
};

struct NamedWindow {
  Name name;
  WindowSpec spec;
};

struct Select : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kSelect;
  Select() : QueryBody(kKind) {}
  std::vector<Hint> hints;
  bool distinct = false;
  bool all = false;  // SELECT ALL, written out.
  std::vector<SelectItem> items;
  TableRefPtr from;  // Or null.
  ExprPtr where;     // Or null.
  bool has_group_by = false;
  bool group_by_distinct = false;  // GROUP BY DISTINCT ...
  std::vector<GroupItem> group_by;
  ExprPtr having;  // Or null.
  std::vector<NamedWindow> windows;
  ExprPtr qualify;  // Or null.
};

struct Values : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kValues;
  Values() : QueryBody(kKind) {}
  std::vector<std::vector<ExprPtr>> rows;
};

// TABLE t
struct ExplicitTable : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kTable;
  ExplicitTable() : QueryBody(kKind) {}
  NamePath path;
};

enum class SetOperator : uint8_t { kUnion, kIntersect, kExcept };
struct SetOperation : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kSetOperation;
  SetOperation() : QueryBody(kKind) {}
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  QueryBodyPtr left;
  QueryBodyPtr right;
};

// A query in parentheses that has its own WITH, ORDER BY or LIMIT. Plain parentheses leave no node.
struct NestedQuery : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kNested;
  NestedQuery();
  ~NestedQuery() override;
  std::unique_ptr<Query> query;
};

struct CommonTable {
  Name name;
  std::vector<Name> columns;
  std::unique_ptr<Query> query;
  SqlPosition position;
};

struct Query : Node {
  bool recursive = false;  // WITH RECURSIVE
  std::vector<CommonTable> with;
  QueryBodyPtr body;
  std::vector<OrderItem> order_by;
  ExprPtr offset;  // Or null.
  ExprPtr limit;   // LIMIT n and FETCH NEXT n ROWS ONLY, or null; LIMIT ALL is null.
  int32_t depth = 1;
};
using QueryPtr = std::unique_ptr<Query>;

}  // namespace rhei::ast
