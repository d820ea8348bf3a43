// Access to parts of values: array[i], map[key], row['field'], CARDINALITY, ELEMENT.
//
// What is not there is NULL where elements may be NULL. Of NOT NULL elements Flink leaves the
// default of the type: -1, FALSE, an empty text.
#include <fmt/format.h>

#include "functions/families.h"
#include "functions/json_text.h"
#include "functions/list_kernel.h"

namespace rhei {
namespace {

void AppendMissing(const DataType& type, ColumnBuilder* builder) {
  if (type.nullable()) return builder->AppendNull();
  switch (PhysicalTypeOf(type)) {
    case PhysicalType::kBool: builder->Append<uint8_t>(0); return;
    case PhysicalType::kInt8: builder->Append<int8_t>(-1); return;
    case PhysicalType::kInt16: builder->Append<int16_t>(-1); return;
    case PhysicalType::kInt32: builder->Append<int32_t>(-1); return;
    case PhysicalType::kInt64:
      if (type.root() != TypeRoot::kBigInt) break;
      builder->Append<int64_t>(-1);
      return;
    case PhysicalType::kFloat32: builder->Append<float>(-1); return;
    case PhysicalType::kFloat64: builder->Append<double>(-1); return;
    case PhysicalType::kString:
      if (!IsCharacter(type.root())) break;
      builder->AppendString("");
      return;
    default: break;
  }
  builder->AppendNull();
}

// One element a row, by position; -1 where there is none and INT32_MIN where the row is NULL.
constexpr int32_t kMissing = -1;
constexpr int32_t kNullRow = INT32_MIN;

void TakeElements(const Column& elements, const DataType& type, std::span<const int32_t> positions,
                  EvalContext& context, Column* out) {
  const bool complete =
      std::all_of(positions.begin(), positions.end(), [](int32_t at) { return at >= 0; });
  if (complete) {
    *out = Gather(elements, positions, context.pool);
    return;
  }
  ColumnBuilder builder(type.WithNullable(true), context.pool);
  builder.ReserveRows(context.row_count);
  for (int32_t at : positions) {
    if (at >= 0) {
      builder.AppendFrom(elements, at);
    } else if (at == kMissing) {
      AppendMissing(type, &builder);
    } else {
      builder.AppendNull();
    }
  }
  *out = builder.Finish();
}

void ArrayItem(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
               Column* out) {
  const DataType& type = static_cast<TypedState*>(state)->arguments[0].child(0);
  const Lists lists(arguments[0]);
  const Ints indexes(arguments[1]);
  std::vector<int32_t> positions(static_cast<size_t>(context.row_count), kNullRow);
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (AnyNull(arguments, row)) continue;
    const int32_t index = indexes[row];
    const bool inside = index >= 1 && index <= lists.size(row);
    positions[static_cast<size_t>(row)] = inside ? lists.begin(row) + index - 1 : kMissing;
  }
  TakeElements(lists.elements(), type, positions, context, out);
}

void MapItem(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
             Column* out) {
  const DataType& type = static_cast<TypedState*>(state)->arguments[0];
  const Lists lists(arguments[0]);
  ElementKeys wanted_reader(type.child(0));
  ElementKeys reader(type.child(0));
  std::string wanted;
  std::string key;
  std::vector<int32_t> positions(static_cast<size_t>(context.row_count), kNullRow);
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (AnyNull(arguments, row)) continue;
    int32_t& position = positions[static_cast<size_t>(row)];
    position = kMissing;
    wanted_reader.Read(arguments[1], row, &wanted);
    for (int32_t at = lists.begin(row); at < lists.end(row) && position == kMissing; ++at) {
      reader.Read(lists.elements(), at, &key);
      if (key == wanted) position = at;
    }
  }
  TakeElements(lists.values(), type.child(1), positions, context, out);
}

struct RowItemState : FunctionState {
  size_t field = 0;
};

// The number of the field that a literal names or counts (from 1).
Result<size_t> FieldOf(const CallInfo& call) {
  const DataType& row = call.arguments[0].type;
  const Value* literal = call.arguments[1].literal;
  if (literal != nullptr && literal->is_text()) {
    for (size_t i = 0; i < row.fields().size(); ++i) {
      if (row.fields()[i].name == literal->text()) return i;
    }
    return InvalidSql(fmt::format("Cannot infer type of field '{}' within ROW type: {}",
                                  literal->text(), row.ToString()));
  }
  if (literal != nullptr && literal->is_int() && literal->int_value() >= 1 &&
      static_cast<size_t>(literal->int_value()) <= row.fields().size()) {
    return static_cast<size_t>(literal->int_value()) - 1;
  }
  return InvalidSql("A field of a ROW is accessed by a literal name or position");
}

void RowItem(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
             Column* out) {
  const Column& row = arguments[0];
  *out = Flatten(row, context.pool).children[static_cast<RowItemState*>(state)->field];
  if (!out->is_flat()) *out = Flatten(*out, context.pool);
  out->validity =
      AndValidity(out->validity, FlatValidity(row, context.pool), context.row_count, context.pool);
}

// --- VARIANT ----------------------------------------------------------------------------------

void VariantItem(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                 Column* out) {
  const Texts documents(arguments[0]);
  const bool by_name = arguments[1].type == PhysicalType::kString;
  TextResult result(context, DataType::Variant());
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (AnyNull(arguments, row)) {
      result.Null();
      continue;
    }
    const Result<JsonValue> document = ParseJson(documents[row]);
    const JsonValue* part = nullptr;
    if (document.ok() && by_name && document->kind == JsonValue::Kind::kObject) {
      part = document->Member(Texts(arguments[1])[row]);
    } else if (document.ok() && !by_name && document->kind == JsonValue::Kind::kArray) {
      const int32_t index = Ints(arguments[1])[row];
      if (index >= 1 && static_cast<size_t>(index) <= document->items.size()) {
        part = &document->items[static_cast<size_t>(index) - 1];
      }
    } else {
      context.Fail(row, by_name ? "String key access on variant requires an object variant, but a "
                                  "non-object variant was provided."
                                : "Integer index access on variant requires an array variant, but "
                                  "a non-array variant was provided.");
    }
    if (part == nullptr) {
      result.Null();
      continue;
    }
    scratch.clear();
    AppendJson(*part, &scratch);
    result.Copy(scratch);
  }
  result.Finish(out);
}

// --- typing -----------------------------------------------------------------------------------

Result<CallTyping> InferItem(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  const ArgumentInfo& key = call.arguments[1];
  const bool integer = IsInteger(key.type.root());
  if (type.root() == TypeRoot::kArray && (integer || key.type.root() == TypeRoot::kNull)) {
    if (key.literal != nullptr && key.literal->is_int() && key.literal->int_value() < 1) {
      return InvalidSql(fmt::format("Array element access needs an index starting at 1 but was {}.",
                                    key.literal->int_value()));
    }
    return CallTyping{type.child(0).WithNullable(true), {type, DataType::Int(key.type.nullable())}};
  }
  if (type.root() == TypeRoot::kMap) {
    // Text keys are compared as they are: a cast to the map's CHAR(n) would cut the key.
    const bool text = IsCharacter(type.child(0).root()) && IsCharacter(key.type.root());
    return CallTyping{type.child(1).WithNullable(true),
                      {type, text ? key.type : type.child(0).WithNullable(key.type.nullable())}};
  }
  if (type.root() == TypeRoot::kRow) {
    ASSIGN_OR_RETURN(const size_t field, FieldOf(call));
    const DataType& field_type = type.child(field);
    return CallTyping{field_type.WithNullable(field_type.nullable() || type.nullable()), {}};
  }
  if (type.root() == TypeRoot::kVariant && (integer || IsCharacter(key.type.root()))) {
    return CallTyping{DataType::Variant(),
                      {type, integer ? DataType::Int(key.type.nullable()) : key.type}};
  }
  return BadArguments(call, "ITEM", "array[INT], map[key], row['field'] or variant[...]");
}

Result<std::unique_ptr<FunctionState>> OpenItem(const OpenContext& context) {
  if (context.call.arguments[0].type.root() != TypeRoot::kRow) return OpenTyped(context);
  auto state = std::make_unique<RowItemState>();
  ASSIGN_OR_RETURN(state->field, FieldOf(context.call));
  return std::unique_ptr<FunctionState>(std::move(state));
}

EvalFn ChooseItem(const CallInfo& call, const DataType&) {
  switch (call.arguments[0].type.root()) {
    case TypeRoot::kArray: return ArrayItem;
    case TypeRoot::kMap: return MapItem;
    case TypeRoot::kRow: return RowItem;
    default: return VariantItem;
  }
}

bool IsList(TypeRoot root) {
  return root == TypeRoot::kArray || root == TypeRoot::kMap || root == TypeRoot::kMultiset;
}

Result<CallTyping> InferCardinality(const CallInfo& call) {
  if (!IsList(call.arguments[0].type.root())) {
    return BadArguments(call, "CARDINALITY", "(ARRAY, MAP or MULTISET)");
  }
  return ResultPropagatingNulls(call, DataType::Int());
}

void Cardinality(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
                 Column* out) {
  const Lists lists(arguments[0]);
  const bool multiset = static_cast<TypedState*>(state)->arguments[0].root() == TypeRoot::kMultiset;
  int32_t* values = IntValues(context, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    values[row] = lists.size(row);
    if (!multiset) continue;
    const Ints counts(lists.values());
    values[row] = 0;
    for (int32_t at = lists.begin(row); at < lists.end(row); ++at) values[row] += counts[at];
  }
}

Result<CallTyping> InferElement(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  if (type.root() != TypeRoot::kArray && type.root() != TypeRoot::kMultiset) {
    return BadArguments(call, "ELEMENT", "(ARRAY or MULTISET)");
  }
  return CallTyping{type.child(0).WithNullable(type.nullable() || type.child(0).nullable()), {}};
}

void Element(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
             Column* out) {
  const DataType& type = static_cast<TypedState*>(state)->arguments[0].child(0);
  const Lists lists(arguments[0]);
  std::vector<int32_t> positions(static_cast<size_t>(context.row_count), kNullRow);
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (lists.IsNull(row)) continue;
    int32_t& position = positions[static_cast<size_t>(row)];
    position = lists.size(row) == 1 ? lists.begin(row) : kMissing;
    if (lists.size(row) > 1) context.Fail(row, "Array has more than one element.");
  }
  TakeElements(lists.elements(), type, positions, context, out);
}

constexpr FunctionDef kAccess[] = {
    {.name = "ITEM",
     .group = "collection",
     .signature = "array[INT], map[key], row['field'], variant[INT or STRING]",
     .doc = "The element at a position (from 1), the value of a key, or a field.",
     .example = "ARRAY[1, 2][1] = 1",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferItem,
     .open = OpenItem,
     .choose = ChooseItem,
     .null_rule = NullRule::kCustom},
    {.name = "CARDINALITY",
     .group = "collection",
     .signature = "(ARRAY, MAP or MULTISET) -> INT",
     .doc = "The number of elements.",
     .example = "CARDINALITY(ARRAY[1, 2]) = 2",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferCardinality,
     .open = OpenTyped,
     .eval = Cardinality},
    {.name = "ELEMENT",
     .group = "collection",
     .signature = "(ARRAY) -> the element",
     .doc = "The one element; NULL when there is none, an error when there are more.",
     .example = "ELEMENT(ARRAY[1]) = 1",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferElement,
     .open = OpenTyped,
     .eval = Element,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> ValueAccessFunctions() {
  return kAccess;
}

}  // namespace rhei
