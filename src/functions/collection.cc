// The ARRAY_* functions. Elements are equal when they are the same value, NULL equal to NULL.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "functions/families.h"
#include "functions/list_kernel.h"
#include "types/coercion.h"

namespace rhei {
namespace {

const DataType& ElementType(FunctionState* state) {
  return static_cast<TypedState*>(state)->arguments[0].child(0);
}

// --- looking for an element -------------------------------------------------------------------

// Position of the first element equal to the needle, or -1.
class NeedleFinder {
 public:
  NeedleFinder(const DataType& element, const Lists& lists, const Column& needle)
      : lists_(lists), needle_(needle), keys_(element), needle_keys_(element) {}
  int32_t Find(int32_t row, int32_t from) {
    needle_keys_.Read(needle_, row, &wanted_);
    for (int32_t at = from; at < lists_.end(row); ++at) {
      keys_.Read(lists_.elements(), at, &key_);
      if (key_ == wanted_) return at;
    }
    return -1;
  }

 private:
  const Lists& lists_;
  const Column& needle_;
  ElementKeys keys_;
  ElementKeys needle_keys_;
  std::string wanted_;
  std::string key_;
};

void Contains(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
              Column* out) {
  const Lists lists(arguments[0]);
  NeedleFinder finder(ElementType(state), lists, arguments[1]);
  uint8_t* values = BoolValues(context, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (lists.IsNull(row)) {
      SetNull<uint8_t>(context, out, row);
    } else {
      values[row] = finder.Find(row, lists.begin(row)) >= 0;
    }
  }
}

void Position(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
              Column* out) {
  const Lists lists(arguments[0]);
  NeedleFinder finder(ElementType(state), lists, arguments[1]);
  int32_t* values = IntValues(context, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const int32_t found = finder.Find(row, lists.begin(row));
    values[row] = found < 0 ? 0 : found - lists.begin(row) + 1;
  }
}

// --- choosing elements ------------------------------------------------------------------------

void Remove(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
            Column* out) {
  const Lists lists(arguments[0]);
  NeedleFinder finder(ElementType(state), lists, arguments[1]);
  ListSelection selection(context);
  for (int32_t row = 0; row < context.row_count; ++row) {
    int32_t next = finder.Find(row, lists.begin(row));
    for (int32_t at = lists.begin(row); at < lists.end(row); ++at) {
      if (at == next) {
        next = finder.Find(row, at + 1);
      } else {
        selection.Take(at);
      }
    }
    selection.CloseRow();
  }
  selection.Finish(lists.elements(), out);
  out->validity = FlatValidity(arguments[0], context.pool);
}

void Reverse(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Lists lists(arguments[0]);
  ListSelection selection(context);
  for (int32_t row = 0; row < context.row_count; ++row) {
    for (int32_t at = lists.end(row); at > lists.begin(row); --at) selection.Take(at - 1);
    selection.CloseRow();
  }
  selection.Finish(lists.elements(), out);
}

void Slice(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Lists lists(arguments[0]);
  const Ints starts(arguments[1]);
  ListSelection selection(context);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const int64_t size = lists.size(row);
    // From 1; 0 is 1; negative positions count from the end.
    const auto position = [size](int64_t at) { return at == 0 ? 1 : at < 0 ? size + at + 1 : at; };
    const int64_t start = position(starts[row]);
    const int64_t end = arguments.size() > 2 ? position(Ints(arguments[2])[row]) : size;
    if (start <= end && start <= size && end >= 1) {
      for (int64_t at = std::max<int64_t>(start, 1); at <= std::min(end, size); ++at) {
        selection.Take(lists.begin(row) + static_cast<int32_t>(at) - 1);
      }
    }
    selection.CloseRow();
  }
  selection.Finish(lists.elements(), out);
}

void Sort(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Lists lists(arguments[0]);
  const Column& elements = lists.elements();
  ListSelection selection(context);
  std::vector<int32_t> order;
  for (int32_t row = 0; row < context.row_count; ++row) {
    const auto flag = [&](size_t i) { return ColumnReader<uint8_t>(arguments[i])[row] != 0; };
    const bool ascending = arguments.size() < 2 || flag(1);
    const bool nulls_first = arguments.size() < 3 ? ascending : flag(2);
    order.clear();
    for (int32_t at = lists.begin(row); at < lists.end(row); ++at) order.push_back(at);
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      const bool a_null = elements.IsNull(a);
      const bool b_null = elements.IsNull(b);
      if (a_null || b_null) return a_null != b_null && a_null == nulls_first;
      const int compared = CompareElements(elements, a, b);
      return ascending ? compared < 0 : compared > 0;
    });
    for (int32_t at : order) selection.Take(at);
    selection.CloseRow();
  }
  selection.Finish(elements, out);
}

using KeySet = std::unordered_set<std::string>;

// DISTINCT (one argument), EXCEPT (elements not in the second) and INTERSECT (elements in it), each
// without repeats.
template <bool kWanted>
void SelectDistinct(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
                    Column* out) {
  const Lists lists(arguments[0]);
  ElementKeys keys(ElementType(state));
  ListSelection selection(context);
  KeySet seen;
  KeySet others;
  std::string key;
  for (int32_t row = 0; row < context.row_count; ++row) {
    seen.clear();
    others.clear();
    if (arguments.size() > 1) {
      const Lists second(arguments[1]);
      for (int32_t at = second.begin(row); at < second.end(row); ++at) {
        keys.Read(second.elements(), at, &key);
        others.insert(key);
      }
    }
    for (int32_t at = lists.begin(row); at < lists.end(row); ++at) {
      keys.Read(lists.elements(), at, &key);
      const bool wanted = arguments.size() == 1 || others.contains(key) == kWanted;
      if (wanted && seen.insert(key).second) selection.Take(at);
    }
    selection.CloseRow();
  }
  selection.Finish(lists.elements(), out);
}

// --- joining arrays ---------------------------------------------------------------------------

template <bool kDistinct>
void Join(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
          Column* out) {
  ColumnBuilder result(static_cast<TypedState*>(state)->result, context.pool);
  ElementKeys keys(ElementType(state));
  KeySet seen;
  std::string key;
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (AnyNull(arguments, row)) {
      result.AppendNull();
      continue;
    }
    seen.clear();
    for (const Column& column : arguments) {
      const Lists lists(column);
      for (int32_t at = lists.begin(row); at < lists.end(row); ++at) {
        if (kDistinct) {
          keys.Read(lists.elements(), at, &key);
          if (!seen.insert(key).second) continue;
        }
        result.child(0).AppendFrom(lists.elements(), at);
      }
    }
    result.CloseNested();
  }
  *out = result.Finish();
}

template <bool kBehind>
void Attach(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
            Column* out) {
  const Lists lists(arguments[0]);
  ColumnBuilder result(static_cast<TypedState*>(state)->result, context.pool);
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (lists.IsNull(row)) {
      result.AppendNull();
      continue;
    }
    if (!kBehind) result.child(0).AppendFrom(arguments[1], row);
    for (int32_t at = lists.begin(row); at < lists.end(row); ++at) {
      result.child(0).AppendFrom(lists.elements(), at);
    }
    if (kBehind) result.child(0).AppendFrom(arguments[1], row);
    result.CloseNested();
  }
  *out = result.Finish();
}

void JoinTexts(FunctionState*, EvalContext& context, std::span<const Column> arguments,
               Column* out) {
  const Lists lists(arguments[0]);
  const Texts delimiters(arguments[1]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    const Texts elements(lists.elements());
    scratch.clear();
    bool first = true;
    for (int32_t at = lists.begin(row); at < lists.end(row); ++at) {
      const bool null = elements.IsNull(at);
      if (null && arguments.size() < 3) continue;
      if (!first) scratch += delimiters[row];
      first = false;
      scratch += null ? Texts(arguments[2])[row] : elements[at];
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

template <bool kMax>
void Extreme(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
             Column* out) {
  const Lists lists(arguments[0]);
  const Column& elements = lists.elements();
  ColumnBuilder result(static_cast<TypedState*>(state)->result, context.pool);
  for (int32_t row = 0; row < context.row_count; ++row) {
    int32_t best = -1;
    for (int32_t at = lists.begin(row); at < lists.end(row); ++at) {
      if (elements.IsNull(at)) continue;
      const int order = best < 0 ? 0 : CompareElements(elements, at, best);
      if (best < 0 || (kMax ? order > 0 : order < 0)) best = at;
    }
    if (best < 0 || lists.IsNull(row)) {
      result.AppendNull();
    } else {
      result.AppendFrom(elements, best);
    }
  }
  *out = result.Finish();
}

// --- typing -----------------------------------------------------------------------------------

constexpr std::string_view kElementSignature = "(ARRAY, element)";

bool IsArray(const CallInfo& call, size_t index) {
  return call.arguments[index].type.root() == TypeRoot::kArray;
}

// Array and element: the element becomes the array's element type.
Result<DataType> NeedleType(const CallInfo& call, std::string_view name) {
  if (!IsArray(call, 0)) return BadArguments(call, name, kElementSignature);
  const DataType& element = call.arguments[0].type.child(0);
  const DataType& needle = call.arguments[1].type;
  if (needle.root() != TypeRoot::kNull && !ImplicitCastAllowed(needle, element)) {
    return BadArguments(call, name, kElementSignature);
  }
  // Texts meet as they are: a cast to the array's CHAR(n) would cut the needle.
  if (IsCharacter(element.root()) && IsCharacter(needle.root())) return needle;
  return element.WithNullable(needle.nullable());
}

Result<CallTyping> InferSearch(const CallInfo& call, std::string_view name,
                               const DataType& result) {
  ASSIGN_OR_RETURN(const DataType needle, NeedleType(call, name));
  return CallTyping{result, {call.arguments[0].type, needle}};
}

Result<CallTyping> InferAttach(const CallInfo& call, std::string_view name) {
  ASSIGN_OR_RETURN(const DataType needle, NeedleType(call, name));
  const DataType& array = call.arguments[0].type;
  const DataType element =
      array.child(0).WithNullable(array.child(0).nullable() || needle.nullable());
  return CallTyping{DataType::Array(element, AnyNullable(call)),
                    {DataType::Array(element, array.nullable()), needle}};
}

// One array; the result is an array of the same type.
Result<CallTyping> InferSameArray(const CallInfo& call, std::string_view name) {
  if (!IsArray(call, 0)) return BadArguments(call, name, "(ARRAY)");
  return ResultPropagatingNulls(call, call.arguments[0].type);
}

Result<CallTyping> InferSlice(const CallInfo& call) {
  constexpr std::string_view kSignature = "(ARRAY, start INT [, end INT])";
  if (!IsArray(call, 0)) return BadArguments(call, "ARRAY_SLICE", kSignature);
  return TypeCall(call, "ARRAY_SLICE", kSignature, "*i", call.arguments[0].type);
}

bool IsSortable(const DataType& type) {
  const PhysicalType physical = PhysicalTypeOf(type);
  return IsFixedWidth(physical) || physical == PhysicalType::kString;
}

Result<CallTyping> InferSort(const CallInfo& call) {
  constexpr std::string_view kSignature = "(ARRAY of comparable elements [, BOOLEAN [, BOOLEAN]])";
  if (!IsArray(call, 0) || !IsSortable(call.arguments[0].type.child(0))) {
    return BadArguments(call, "ARRAY_SORT", kSignature);
  }
  return TypeCall(call, "ARRAY_SORT", kSignature, "*o", call.arguments[0].type);
}

Result<CallTyping> InferExtreme(const CallInfo& call, std::string_view name) {
  if (!IsArray(call, 0) || !IsSortable(call.arguments[0].type.child(0))) {
    return BadArguments(call, name, "(ARRAY of comparable elements)");
  }
  return CallTyping{call.arguments[0].type.child(0).WithNullable(true), {}};
}

// Arrays of one common element type.
Result<CallTyping> InferCommon(const CallInfo& call, std::string_view name) {
  std::vector<DataType> elements;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (!IsArray(call, i)) return BadArguments(call, name, "(ARRAY, ARRAY, ...)");
    elements.push_back(call.arguments[i].type.child(0));
  }
  const std::optional<DataType> common = CommonType(elements);
  if (!common.has_value()) return BadArguments(call, name, "(ARRAY, ARRAY, ...)");
  CallTyping typing{DataType::Array(*common, AnyNullable(call)), {}};
  for (const ArgumentInfo& argument : call.arguments) {
    typing.argument_types.push_back(DataType::Array(*common, argument.type.nullable()));
  }
  return typing;
}

Result<CallTyping> InferJoinTexts(const CallInfo& call) {
  constexpr std::string_view kSignature = "(ARRAY<STRING>, STRING [, STRING])";
  if (!IsArray(call, 0) || !IsCharacter(call.arguments[0].type.child(0).root())) {
    return BadArguments(call, "ARRAY_JOIN", kSignature);
  }
  return TypeCall(call, "ARRAY_JOIN", kSignature, "*t", DataType::String());
}

constexpr FunctionDef ArrayFunction(std::string_view name, std::string_view signature,
                                    std::string_view doc, std::string_view example,
                                    int min_arguments, int max_arguments, InferFn infer,
                                    EvalFn eval, NullRule null_rule = NullRule::kPropagate) {
  return {.name = name,
          .group = "collection",
          .signature = signature,
          .doc = doc,
          .example = example,
          .min_arguments = min_arguments,
          .max_arguments = max_arguments,
          .infer = infer,
          .open = OpenTyped,
          .eval = eval,
          .null_rule = null_rule};
}

constexpr FunctionDef kArrays[] = {
    ArrayFunction(
        "ARRAY_CONTAINS", "(ARRAY, element) -> BOOLEAN", "Whether the element is in the array.",
        "ARRAY_CONTAINS(ARRAY[1, 2], 2)", 2, 2,
        [](const CallInfo& call) {
          return InferSearch(call, "ARRAY_CONTAINS", AsNullableAs(DataType::Boolean(), call, 0));
        },
        Contains, NullRule::kCustom),
    ArrayFunction(
        "ARRAY_POSITION", "(ARRAY, element) -> INT",
        "Where the element first stands, from 1; 0 when it does not.",
        "ARRAY_POSITION(ARRAY[1, 2], 2) = 2", 2, 2,
        [](const CallInfo& call) {
          return InferSearch(call, "ARRAY_POSITION", DataType::Int(AnyNullable(call)));
        },
        Position),
    ArrayFunction(
        "ARRAY_REMOVE", "(ARRAY, element) -> ARRAY",
        "The array without the elements equal to the given one.",
        "CARDINALITY(ARRAY_REMOVE(ARRAY[1, 2, 2], 2)) = 1", 2, 2,
        [](const CallInfo& call) {
          return InferSearch(call, "ARRAY_REMOVE", call.arguments[0].type);
        },
        Remove, NullRule::kCustom),
    ArrayFunction(
        "ARRAY_APPEND", "(ARRAY, element) -> ARRAY", "The array with the element behind it.",
        "CARDINALITY(ARRAY_APPEND(ARRAY[1, 2], 3)) = 3", 2, 2,
        [](const CallInfo& call) { return InferAttach(call, "ARRAY_APPEND"); }, Attach<true>,
        NullRule::kCustom),
    ArrayFunction(
        "ARRAY_PREPEND", "(ARRAY, element) -> ARRAY", "The array with the element in front of it.",
        "ARRAY_PREPEND(ARRAY[1, 2], 3)[1] = 3", 2, 2,
        [](const CallInfo& call) { return InferAttach(call, "ARRAY_PREPEND"); }, Attach<false>,
        NullRule::kCustom),
    ArrayFunction(
        "ARRAY_REVERSE", "(ARRAY) -> ARRAY", "The elements in reverse order.",
        "ARRAY_REVERSE(ARRAY[1, 2])[1] = 2", 1, 1,
        [](const CallInfo& call) { return InferSameArray(call, "ARRAY_REVERSE"); }, Reverse),
    ArrayFunction(
        "ARRAY_DISTINCT", "(ARRAY) -> ARRAY", "The array without repeated elements.",
        "CARDINALITY(ARRAY_DISTINCT(ARRAY[1, 1])) = 1", 1, 1,
        [](const CallInfo& call) { return InferSameArray(call, "ARRAY_DISTINCT"); },
        SelectDistinct<true>),
    ArrayFunction("ARRAY_SLICE", "(ARRAY, start INT [, end INT]) -> ARRAY",
                  "The elements from `start` to `end`, counted from 1, negative from the end.",
                  "ARRAY_SLICE(ARRAY[1, 2, 3], -2)[1] = 2", 2, 3, InferSlice, Slice),
    ArrayFunction("ARRAY_SORT", "(ARRAY [, ascending BOOLEAN [, nulls first BOOLEAN]]) -> ARRAY",
                  "The elements in order.", "ARRAY_SORT(ARRAY[2, 1])[1] = 1", 1, 3, InferSort,
                  Sort),
    ArrayFunction(
        "ARRAY_EXCEPT", "(ARRAY, ARRAY) -> ARRAY",
        "The elements of the first that are not in the second, without repeats.",
        "CARDINALITY(ARRAY_EXCEPT(ARRAY[1, 2], ARRAY[2])) = 1", 2, 2,
        [](const CallInfo& call) { return InferCommon(call, "ARRAY_EXCEPT"); },
        SelectDistinct<false>),
    ArrayFunction(
        "ARRAY_INTERSECT", "(ARRAY, ARRAY) -> ARRAY",
        "The elements of the first that are in the second, without repeats.",
        "CARDINALITY(ARRAY_INTERSECT(ARRAY[1, 2], ARRAY[2])) = 1", 2, 2,
        [](const CallInfo& call) { return InferCommon(call, "ARRAY_INTERSECT"); },
        SelectDistinct<true>),
    ArrayFunction(
        "ARRAY_UNION", "(ARRAY, ARRAY) -> ARRAY", "The elements of both, without repeats.",
        "CARDINALITY(ARRAY_UNION(ARRAY[1, 2], ARRAY[2, 3])) = 3", 2, 2,
        [](const CallInfo& call) { return InferCommon(call, "ARRAY_UNION"); }, Join<true>,
        NullRule::kCustom),
    ArrayFunction(
        "ARRAY_CONCAT", "(ARRAY, ...) -> ARRAY", "The arrays one after the other.",
        "CARDINALITY(ARRAY_CONCAT(ARRAY[1, 2], ARRAY[2])) = 3", 1, -1,
        [](const CallInfo& call) { return InferCommon(call, "ARRAY_CONCAT"); }, Join<false>,
        NullRule::kCustom),
    ArrayFunction("ARRAY_JOIN", "(ARRAY<STRING>, delimiter STRING [, STRING for NULL]) -> STRING",
                  "The texts joined by the delimiter; NULLs are left out or replaced.",
                  "ARRAY_JOIN(ARRAY['a', 'b'], '-') = 'a-b'", 2, 3, InferJoinTexts, JoinTexts),
    ArrayFunction(
        "ARRAY_MAX", "(ARRAY) -> element", "The greatest element that is not NULL.",
        "ARRAY_MAX(ARRAY[1, 3, 2]) = 3", 1, 1,
        [](const CallInfo& call) { return InferExtreme(call, "ARRAY_MAX"); }, Extreme<true>,
        NullRule::kCustom),
    ArrayFunction(
        "ARRAY_MIN", "(ARRAY) -> element", "The least element that is not NULL.",
        "ARRAY_MIN(ARRAY[3, 1, 2]) = 1", 1, 1,
        [](const CallInfo& call) { return InferExtreme(call, "ARRAY_MIN"); }, Extreme<false>,
        NullRule::kCustom),
};

}  // namespace

std::span<const FunctionDef> ArrayFunctions() {
  return kArrays;
}

}  // namespace rhei
