#pragma once
// The syntax tree of SQL expressions, as the parser makes it (sql/parser.h) and the
// printer writes it (sql/printer.h). Types are in sql/ast_type.h, queries in sql/ast_query.h,
// statements in sql/ast_statement.h. Nothing is resolved here: names are as written, types are
// names.
//
// Kinds are closed: switch over `kind` without a default and As<T>() to the struct of that kind.
// Ownership: a parent owns its children. Thread-safety: plain data, as for std::vector.
// Invariants: a tree is at most kSqlDepthMax deep, so recursion over it is safe; required children
// are never null; optional ones say so.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "sql/ast_type.h"

namespace rhei::ast {

struct Query;  // sql/ast_query.h

enum class ExprKind : uint8_t {
  kLiteral,
  kIdentifier,
  kStar,
  kCall,
  kCase,
  kCast,
  kFieldAccess,
  kSubquery,
  kList,
  kSymbol,
  kIntervalExpr,
  kTableArgument,
  kModelArgument,
  kDefault,
  kDynamicParam,
};

struct Expr : Node {
  explicit Expr(ExprKind k) : kind(k) {}
  virtual ~Expr() = default;
  const ExprKind kind;
  int32_t depth = 1;  // Levels of the tree from here downwards.
};
using ExprPtr = std::unique_ptr<Expr>;

// The struct of a node's kind. REQUIRES: node.kind == T::kKind.
template <typename T, typename B>
const T& As(const B& node) {
  DCHECK(node.kind == T::kKind);
  return static_cast<const T&>(node);
}
template <typename T, typename B>
T& As(B& node) {
  DCHECK(node.kind == T::kKind);
  return static_cast<T&>(node);
}

enum class LiteralKind : uint8_t {
  kNull,
  kBoolean,
  kUnknown,            // UNKNOWN is a BOOLEAN NULL.
  kExactNumber,        // 1, 1.50: `text` as written, without sign.
  kApproximateNumber,  // 1E0
  kString,
  kBinary,  // `text`: decoded characters (UTF-8); hex digits.
  kDate,
  kTime,
  kTimestamp,
  kTimestampLtz,  // `text`: what the quotes hold.
  kInterval,      // `text`: what the quotes hold; `interval`, `negative`.
};

struct Literal : Expr {
  static constexpr ExprKind kKind = ExprKind::kLiteral;
  Literal() : Expr(kKind) {}
  LiteralKind literal = LiteralKind::kNull;
  bool boolean = false;
  bool negative = false;  // INTERVAL -'1' DAY. Numbers carry their sign as a call of kMinusPrefix.
  bool unicode = false;   // Written as U&'...'.
  std::string text;
  std::string charset;  // _UTF16'...': "UTF16"; else empty.
  IntervalQualifier interval;
};

// A column, a field path of it, or a function without parentheses is a kCall. REQUIRES: not empty.
struct Identifier : Expr {
  static constexpr ExprKind kKind = ExprKind::kIdentifier;
  Identifier() : Expr(kKind) {}
  NamePath path;
};

// `*` (empty qualifier) or `t.*`.
struct Star : Expr {
  static constexpr ExprKind kKind = ExprKind::kStar;
  Star() : Expr(kKind) {}
  NamePath qualifier;
};

enum class Operator : uint8_t {
  kFunction,  // `function` names it; all else below is syntax.
  kOr,
  kAnd,
  kNot,
  kEquals,
  kNotEquals,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIsNull,
  kIsNotNull,
  kIsTrue,
  kIsNotTrue,
  kIsFalse,
  kIsNotFalse,
  kIsUnknown,
  kIsNotUnknown,
  kIsDistinctFrom,
  kIsNotDistinctFrom,
  kIsJsonValue,
  kIsNotJsonValue,
  kIsJsonObject,
  kIsNotJsonObject,
  kIsJsonArray,
  kIsNotJsonArray,
  kIsJsonScalar,
  kIsNotJsonScalar,
  kIsASet,
  kIsNotASet,
  kIsEmpty,
  kIsNotEmpty,
  kBetween,
  kNotBetween,
  kBetweenSymmetric,
  kNotBetweenSymmetric,  // Value, low, high.
  kLike,
  kNotLike,
  kSimilarTo,
  kNotSimilarTo,  // Value, pattern[, escape].
  kIn,
  kNotIn,  // Value, kList or kSubquery.
  kPlus,
  kMinus,
  kMultiply,
  kDivide,
  kModulo,
  kConcat,
  kPlusPrefix,
  kMinusPrefix,
  kOverlaps,
  kContains,
  kPeriodEquals,
  kPrecedes,
  kSucceeds,
  kImmediatelyPrecedes,
  kImmediatelySucceeds,  // Operands are rows (start, end).
  kMemberOf,
  kNotMemberOf,
  kSubmultisetOf,
  kNotSubmultisetOf,
  kMultisetUnion,
  kMultisetUnionAll,
  kMultisetIntersect,
  kMultisetIntersectAll,
  kMultisetExcept,
  kMultisetExceptAll,
  kRow,  // ROW(a, b); (a, b) has implicit_row.
  kArray,
  kMap,
  kMultiset,    // ARRAY[..], MAP[k, v, ..], MULTISET[..].
  kItem,        // a[i]
  kDescriptor,  // DESCRIPTOR(ts): identifiers.
  kFinal,
  kRunning,  // In MATCH_RECOGNIZE: FINAL f(..), RUNNING f(..).
};

// Upper-case SQL of an operator, e.g. "IS NOT DISTINCT FROM"; "" for kFunction.
std::string_view OperatorText(Operator op);

enum class Quantifier : uint8_t { kNone, kSome, kAll };  // a = ALL (..)
enum class NullTreatment : uint8_t { kUnspecified, kRespect, kIgnore };
enum class NullOrder : uint8_t { kUnspecified, kFirst, kLast };

struct OrderItem {
  ExprPtr expr;
  bool descending = false;
  NullOrder nulls = NullOrder::kUnspecified;
};

enum class FrameUnit : uint8_t { kRows, kRange };
enum class FrameBoundKind : uint8_t {
  kUnboundedPreceding,
  kPreceding,
  kCurrentRow,
  kFollowing,
  kUnboundedFollowing,
};

struct FrameBound {
  FrameBoundKind kind = FrameBoundKind::kCurrentRow;
  ExprPtr value;  // kPreceding and kFollowing only.
  SqlPosition position;
};

// OVER (...), OVER w, or WINDOW w AS (...).
struct WindowSpec : Node {
  std::optional<Name> reference;  // OVER w (then the rest is empty), or OVER (w ORDER BY ...).
  bool bare_reference = false;    // OVER w, without parentheses.
  std::vector<ExprPtr> partition_by;
  std::vector<OrderItem> order_by;
  std::optional<FrameUnit> frame_unit;
  std::optional<FrameBound> frame_start;  // Set when frame_unit is.
  std::optional<FrameBound> frame_end;    // Only with BETWEEN.
  std::optional<bool> allow_partial;      // ALLOW or DISALLOW PARTIAL.
};

// A function or an operator. Special forms are plain calls whose keywords are kSymbol arguments:
//   EXTRACT(DAY FROM x)                -> EXTRACT(symbol DAY, x)
//   FLOOR(x TO DAY)                    -> FLOOR(x, symbol DAY); CEIL likewise
//   TRIM([BOTH] c FROM x)              -> TRIM(symbol BOTH, c, x); TRIM(x) -> symbol BOTH, ' ', x
//   POSITION(a IN b [FROM n])          -> POSITION(a, b[, n])
//   OVERLAY(a PLACING b FROM i FOR n)  -> OVERLAY(a, b, i[, n]); SUBSTRING(a FROM i FOR n) likewise
//   TIMESTAMPADD/DIFF(DAY, a, b)       -> the unit is a symbol
//   CONVERT(x USING c), TRANSLATE(x USING c) -> (x, symbol c)
//   JSON_EXISTS(j, p ERROR ON ERROR)   -> (j, p[, symbol "ERROR ON ERROR"])
//   JSON_VALUE(j, p RETURNING t DEFAULT d ON EMPTY NULL ON ERROR)
//       -> (j, p[, symbol "DEFAULT ON EMPTY", d][, symbol "NULL ON ERROR"]), `returning`
//   JSON_QUERY(j, p ...) -> (j, p, symbol "WITHOUT ARRAY WRAPPER", symbol "NULL ON EMPTY",
//       symbol "NULL ON ERROR"), `returning`; all three always there, defaults filled in
//   JSON_OBJECT(KEY k VALUE v ...), JSON_OBJECTAGG -> (k, v, ..., symbol "NULL ON NULL")
//   JSON_ARRAY(v, ...), JSON_ARRAYAGG   -> (v, ..., symbol "ABSENT ON NULL"); always there
//   v FORMAT JSON in any of them        -> symbol "FORMAT JSON" directly after v
//   CURRENT_DATE and the like          -> no arguments, `parentheses` is false
struct Call : Expr {
  static constexpr ExprKind kKind = ExprKind::kCall;
  Call() : Expr(kKind) {}
  Operator op = Operator::kFunction;
  NamePath function;                                // kFunction only. Match it case-insensitively.
  std::vector<ExprPtr> args;                        // COUNT(*) has one kStar. DEFAULT is kDefault.
  std::vector<std::optional<Name>> argument_names;  // `name => arg`; empty when none is named.
  bool parentheses = true;
  bool implicit_row = false;  // kRow written as (a, b).
  bool distinct = false;
  bool all = false;                           // COUNT(ALL x), written out.
  Quantifier quantifier = Quantifier::kNone;  // On a comparison: args[1] is kSubquery or kList.
  NullTreatment null_treatment = NullTreatment::kUnspecified;
  std::vector<OrderItem> order_by;      // ARRAY_AGG(x ORDER BY y)
  std::vector<OrderItem> within_group;  // LISTAGG(x) WITHIN GROUP (ORDER BY y)
  bool within_distinct_set = false;
  std::vector<ExprPtr> within_distinct;
  ExprPtr filter;                    // FILTER (WHERE ...), or null.
  std::unique_ptr<WindowSpec> over;  // Or null.
  TypePtr returning;                 // JSON_VALUE and JSON_QUERY, or null.
};

struct CaseBranch {
  // For CASE x WHEN 1, 2 THEN a kList: any of them.
  ExprPtr when;
  ExprPtr then;
};
struct Case : Expr {
  static constexpr ExprKind kKind = ExprKind::kCase;
  Case() : Expr(kKind) {}
  ExprPtr operand;  // CASE operand WHEN value ...; null for CASE WHEN condition ...
  std::vector<CaseBranch> branches;
  ExprPtr otherwise;  // ELSE, or null.
};

struct Cast : Expr {
  static constexpr ExprKind kKind = ExprKind::kCast;
  Cast() : Expr(kKind) {}
  ExprPtr operand;
  TypePtr type;
  bool try_cast = false;
};

// (expr).field, f(x).field, a[1].field. Paths of plain names are an Identifier.
struct FieldAccess : Expr {
  static constexpr ExprKind kKind = ExprKind::kFieldAccess;
  FieldAccess() : Expr(kKind) {}
  ExprPtr operand;
  Name field;  // "*" with `star`: (expr).*
  bool star = false;
};

enum class SubqueryKind : uint8_t {
  kPlain,  // A scalar, the right side of IN or of a quantified comparison, a table argument.
  kExists,
  kUnique,
  kArray,
  kMultiset,
  kMap,  // EXISTS (q), ARRAY(q), ...
};
struct Subquery : Expr {
  static constexpr ExprKind kKind = ExprKind::kSubquery;
  Subquery();
  ~Subquery() override;
  SubqueryKind subquery = SubqueryKind::kPlain;
  std::unique_ptr<Query> query;
};

// The right side of IN (a, b) and of = ANY (a, b).
struct ExprList : Expr {
  static constexpr ExprKind kKind = ExprKind::kList;
  ExprList() : Expr(kKind) {}
  std::vector<ExprPtr> items;
};

// A keyword as an argument, upper case: DAY, BOTH, "NULL ON ERROR".
struct Symbol : Expr {
  static constexpr ExprKind kKind = ExprKind::kSymbol;
  Symbol() : Expr(kKind) {}
  std::string text;
};

// INTERVAL n DAY with n not in quotes.
struct IntervalExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::kIntervalExpr;
  IntervalExpr() : Expr(kKind) {}
  ExprPtr operand;
  IntervalQualifier interval;
};

// f(TABLE t PARTITION BY k ORDER BY ts), f((SELECT ...) PARTITION BY k). One of `table` and
// `query`.
struct TableArgument : Expr {
  static constexpr ExprKind kKind = ExprKind::kTableArgument;
  TableArgument();
  ~TableArgument() override;
  NamePath table;
  std::unique_ptr<Query> query;
  std::vector<ExprPtr> partition_by;
  std::vector<OrderItem> order_by;
};

// ML_PREDICT(..., MODEL m, ...)
struct ModelArgument : Expr {
  static constexpr ExprKind kKind = ExprKind::kModelArgument;
  ModelArgument() : Expr(kKind) {}
  NamePath model;
};

struct Default : Expr {
  static constexpr ExprKind kKind = ExprKind::kDefault;
  Default() : Expr(kKind) {}
};

// `?`, counted from 0.
struct DynamicParam : Expr {
  static constexpr ExprKind kKind = ExprKind::kDynamicParam;
  DynamicParam() : Expr(kKind) {}
  int32_t index = 0;
};

}  // namespace rhei::ast
