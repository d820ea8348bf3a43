#pragma once
// BoundExpr: an expression after binding: every column is an index, every call a FunctionDef, every
// node has its exact type, and all implicit casts are spelled out as CAST calls.
//
// An immutable tree shared by plans, rules and specs. Printing gives Flink's form (`+($0, 1)`) for
// EXPLAIN. A bound call holds a FunctionDef pointer that only functions/ can look into.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "types/data_type.h"
#include "types/value.h"

namespace rhei {

struct FunctionDef;
struct AggregateDef;
struct BoundExpr;
using BoundExprPtr = std::shared_ptr<const BoundExpr>;

struct BoundExpr {
  enum class Kind : uint8_t {
    kInput,    // column `input_index` of the operator's input (joins: left columns, then right)
    kLiteral,  // `literal`
    kCall,     // function(args)
    kField,    // args[0].field number `input_index` of a ROW
    kSymbol,   // keyword argument `name`
  };
  Kind kind = Kind::kLiteral;
  DataType type;
  SqlPosition position;
  int input_index = -1;
  Value literal;
  std::string
      name;  // kCall: function name; kInput and kField: the column's name; kSymbol: the word
  const FunctionDef* function = nullptr;
  std::vector<BoundExprPtr> args;
};

BoundExprPtr MakeInput(int index, std::string_view name, DataType type);
BoundExprPtr MakeLiteral(Value value, DataType type);
BoundExprPtr MakeSymbol(std::string_view word);
BoundExprPtr MakeCall(const FunctionDef* function, std::string_view name, DataType type,
                      std::vector<BoundExprPtr> args, SqlPosition position = {});
BoundExprPtr MakeField(BoundExprPtr row, int field, std::string_view name, DataType type);

// True when the trees are the same (types included; positions ignored).
bool SameExpr(const BoundExpr& a, const BoundExpr& b);
// Marks used[i] for every input column read; `used` must be long enough.
void CollectInputs(const BoundExpr& expr, std::vector<bool>* used);
// The same tree with input i replaced by replacements[i].
BoundExprPtr ReplaceInputs(const BoundExprPtr& expr, const std::vector<BoundExprPtr>& replacements);
// The same tree with every input index moved through `mapping` (REQUIRES: mapping[i] >= 0 where
// used).
BoundExprPtr RemapInputs(const BoundExprPtr& expr, const std::vector<int>& mapping);
// An AND tree as the list of its terms (empty for null).
std::vector<BoundExprPtr> SplitConjunction(const BoundExprPtr& predicate);
// `input_names` prints columns by name, else $i.
std::string PrintExpr(const BoundExpr& expr, const std::vector<std::string>* input_names = nullptr);

struct BoundAggregate {
  const AggregateDef* aggregate = nullptr;
  std::string name;                // "SUM"
  DataType type;                   // result
  std::vector<BoundExprPtr> args;  // after planning: plain input columns or literals
  std::vector<DataType> argument_types;
  int filter_column = -1;  // BOOLEAN input column, or -1
  bool distinct = false;
  bool respect_nulls = false;
  // The argument only moves to what the result keeps (MAX of what grows): rows that take something
  // back are not looked at.
  bool additions_only = false;
  SqlPosition position;
};

struct SortKey {
  int column = 0;
  bool descending = false;
  bool nulls_first = true;  // Flink: NULL is lowest, so first when ascending, last when descending
};

}  // namespace rhei
