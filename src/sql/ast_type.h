#pragma once
// The base of the syntax tree: positions, names and data types. See sql/ast.h for the rules that
// all nodes follow.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/position.h"

namespace rhei::ast {

// Deepest tree the parser makes, counting chains like a + b + c + ... as one level for each term.
inline constexpr int32_t kSqlDepthMax = 1000;

// Bytes [begin, end) of the parsed text.
struct TextRange {
  uint32_t begin = 0;
  uint32_t end = 0;
};

struct Node {
  SqlPosition position;
  TextRange range;
};

// One part of a name. Flink matches it case-sensitively whether quoted or not.
struct Name {
  std::string text;
  bool quoted = false;
  SqlPosition position;
};

// catalog.database.object, or a column path a.b.c. Never empty where one is required.
using NamePath = std::vector<Name>;

// "a.b.c", unquoted, for messages and look-ups.
std::string JoinPath(const NamePath& path);

enum class TypeKind : uint8_t {
  kBoolean,
  kTinyInt,
  kSmallInt,
  kInteger,
  kBigInt,
  kFloat,
  kDouble,
  kDecimal,
  kChar,
  kVarChar,
  kString,
  kBinary,
  kVarBinary,
  kBytes,
  kDate,
  kTime,
  kTimestamp,
  kTimestampLtz,
  kTimestampTz,
  kIntervalYearMonth,
  kIntervalDayTime,
  kArray,
  kMultiset,
  kMap,
  kRow,
  kStructured,
  kRaw,
  kNull,
  kVariant,
  kBitmap,
  kUserDefined,  // A name that is no built-in type.
};

enum class TimeUnit : uint8_t { kYear, kMonth, kDay, kHour, kMinute, kSecond, kQuarter, kWeek };

// DAY(3) TO SECOND(2); a single unit has no `end`.
struct IntervalQualifier {
  TimeUnit start = TimeUnit::kDay;
  std::optional<TimeUnit> end;
  std::optional<int32_t> start_precision;
  std::optional<int32_t> fraction_precision;
  SqlPosition position;
};

struct TypeName;
using TypePtr = std::unique_ptr<TypeName>;

struct RowField {
  Name name;
  TypePtr type;
  std::optional<std::string> comment;
};

struct TypeName : Node {
  int32_t depth = 1;  // Levels of the type from here downwards.
  TypeKind kind = TypeKind::kNull;
  bool not_null = false;             // NOT NULL was written.
  bool postfix = false;              // `t ARRAY` or `t MULTISET` rather than `ARRAY<t>`.
  bool parentheses = false;          // ROW(...) rather than ROW<...>.
  bool abbreviated = false;          // TIMESTAMP_LTZ rather than TIMESTAMP WITH LOCAL TIME ZONE.
  std::optional<int32_t> precision;  // Or length: CHAR(n), DECIMAL(p, s), TIMESTAMP(p).
  std::optional<int32_t> scale;
  IntervalQualifier interval;     // kIntervalYearMonth, kIntervalDayTime.
  std::vector<TypePtr> children;  // Element; key and value of a MAP.
  std::vector<RowField> fields;   // kRow, kStructured.
  std::string class_name;         // kStructured, kRaw.
  std::string raw_serializer;     // kRaw: the serializer snapshot.
  NamePath user_name;             // kUserDefined.
};

}  // namespace rhei::ast
