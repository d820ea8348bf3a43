// IS JSON, JSON_EXISTS, JSON_VALUE and JSON_QUERY. In strict mode (the default) a path that leads
// nowhere is an error, in lax mode an empty result.
#include <fmt/format.h>

#include <charconv>

#include "functions/families.h"
#include "functions/json_path.h"
#include "functions/string_kernel.h"
#include "types/number_text.h"

namespace rhei {
namespace {

// --- IS JSON ----------------------------------------------------------------------------------

enum class JsonShape : uint8_t { kValue, kScalar, kArray, kObject };

bool HasShape(std::string_view text, JsonShape shape) {
  const Result<std::string_view> value = ScanJson(text);
  if (!value.ok()) return false;
  const char first = (*value)[0];
  switch (shape) {
    case JsonShape::kValue: return true;
    case JsonShape::kScalar: return first != '[' && first != '{';
    case JsonShape::kArray: return first == '[';
    case JsonShape::kObject: return first == '{';
  }
  return false;
}

template <JsonShape kShape, bool kNegated>
void IsJson(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  uint8_t* values = BoolValues(context, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const bool holds = context.IsActive(row) && !texts.IsNull(row) && HasShape(texts[row], kShape);
    values[row] = holds != kNegated;
  }
}

template <JsonShape kShape, bool kNegated>
constexpr FunctionDef IsJsonFunction(std::string_view name, std::string_view example) {
  return {.name = name,
          .group = "json",
          .signature = "STRING IS [NOT] JSON [VALUE | SCALAR | ARRAY | OBJECT] -> BOOLEAN",
          .doc = "Whether the text is JSON, of the given kind; FALSE for NULL.",
          .example = example,
          .min_arguments = 1,
          .max_arguments = 1,
          .infer = [](const CallInfo& call) -> Result<CallTyping> {
            ASSIGN_OR_RETURN(CallTyping typing,
                             TypeCall(call, "IS JSON", "(STRING)", "t", DataType::Boolean()));
            typing.result = DataType::Boolean(false);
            return typing;
          },
          .eval = IsJson<kShape, kNegated>,
          .null_rule = NullRule::kCustom};
}

// --- the calls with a path --------------------------------------------------------------------

enum class Behavior : uint8_t { kNull, kError, kDefault, kTrue, kFalse, kEmptyArray, kEmptyObject };
enum class Wrapper : uint8_t { kWithout, kConditional, kUnconditional };

// The clauses of a call, read from its keyword arguments.
struct Clauses {
  Behavior on_empty = Behavior::kNull;
  Behavior on_error = Behavior::kNull;
  size_t empty_default = 0;  // the argument of DEFAULT ... ON EMPTY
  size_t error_default = 0;
  Wrapper wrapper = Wrapper::kWithout;
};

Behavior BehaviorNamed(std::string_view words) {
  if (words.starts_with("ERROR")) return Behavior::kError;
  if (words.starts_with("DEFAULT")) return Behavior::kDefault;
  if (words.starts_with("TRUE")) return Behavior::kTrue;
  if (words.starts_with("FALSE")) return Behavior::kFalse;
  if (words.starts_with("EMPTY ARRAY")) return Behavior::kEmptyArray;
  if (words.starts_with("EMPTY OBJECT")) return Behavior::kEmptyObject;
  return Behavior::kNull;  // NULL, UNKNOWN
}

Clauses ReadClauses(const CallInfo& call) {
  Clauses clauses;
  for (size_t i = 2; i < call.arguments.size(); ++i) {
    const std::string_view words = call.arguments[i].symbol;
    if (words.ends_with("WRAPPER")) {
      clauses.wrapper = words.starts_with("WITH UNCONDITIONAL") ? Wrapper::kUnconditional
                        : words.starts_with("WITH CONDITIONAL") ? Wrapper::kConditional
                                                                : Wrapper::kWithout;
    } else if (words.ends_with("ON EMPTY")) {
      clauses.on_empty = BehaviorNamed(words);
      clauses.empty_default = i + 1;
    } else if (words.ends_with("ON ERROR")) {
      clauses.on_error = BehaviorNamed(words);
      clauses.error_default = i + 1;
    }
  }
  return clauses;
}

struct PathState : FunctionState {
  Clauses clauses;
  DataType result_type;
  bool compiled = false;
  std::string path_text;
  Status path_status;
  JsonPath path;

  void Compile(std::string_view text) {
    if (compiled && path_text == text) return;
    compiled = true;
    path_text = text;
    Result<JsonPath> parsed = JsonPath::Parse(text);
    path_status = parsed.status();
    if (parsed.ok()) path = std::move(parsed).value();
  }
  // What the path selects in `document`. With `tree` a value and never only a text.
  void Find(std::string_view document, bool tree, JsonPath::Found* found) const {
    if (!path_status.ok()) {
      *found = {};
      found->error = path_status;
    } else if (path.simple()) {
      path.Locate(document, found);
      if (tree && found->text.has_value()) found->value = ParseJson(*found->text).value();
    } else {
      path.Evaluate(document, found);
    }
  }
};

Result<std::unique_ptr<FunctionState>> OpenPath(const OpenContext& context) {
  auto state = std::make_unique<PathState>();
  state->clauses = ReadClauses(context.call);
  state->result_type = *context.result_type;
  return std::unique_ptr<FunctionState>(std::move(state));
}

// Types document and path; the other arguments stay, DEFAULT values take the result's type.
Result<CallTyping> InferPathCall(const CallInfo& call, std::string_view name,
                                 const DataType& result) {
  CallTyping typing{result.WithNullable(true), {}};
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const DataType& type = call.arguments[i].type;
    if (i < 2 && !IsCharacter(type.root()) && type.root() != TypeRoot::kNull) {
      return BadArguments(call, name, "(STRING, path STRING ...)");
    }
    const bool default_value = i >= 2 && type.root() != TypeRoot::kSymbol;
    typing.argument_types.push_back(default_value ? result.WithNullable(type.nullable())
                                    : type.root() == TypeRoot::kNull ? DataType::String()
                                                                     : type);
  }
  return typing;
}

// --- JSON_EXISTS ------------------------------------------------------------------------------

bool IsJsonNull(const JsonPath::Found& found) {
  if (found.text.has_value()) return (*found.text)[0] == 'n';
  return found.value.has_value() && found.value->kind == JsonValue::Kind::kNull;
}

void JsonExists(FunctionState* function_state, EvalContext& context,
                std::span<const Column> arguments, Column* out) {
  auto& state = static_cast<PathState&>(*function_state);
  const Texts documents(arguments[0]);
  const Texts paths(arguments[1]);
  const Behavior on_error = arguments.size() > 2 ? state.clauses.on_error : Behavior::kFalse;
  uint8_t* values = BoolValues(context, out);
  JsonPath::Found found;
  for (int32_t row = 0; row < context.row_count; ++row) {
    values[row] = 0;
    if (documents.IsNull(row) || paths.IsNull(row)) {
      SetNull<uint8_t>(context, out, row);
      continue;
    }
    if (!context.IsActive(row)) continue;
    state.Compile(paths[row]);
    state.Find(documents[row], false, &found);
    if (found.error.ok()) {
      values[row] = (found.text.has_value() || found.value.has_value()) && !IsJsonNull(found);
    } else if (on_error == Behavior::kTrue) {
      values[row] = 1;
    } else if (on_error == Behavior::kError) {
      context.Fail(row, found.error.message());
    } else if (on_error == Behavior::kNull) {
      SetNull<uint8_t>(context, out, row);
    }
  }
}

// --- JSON_VALUE -------------------------------------------------------------------------------

// Appends a scalar as the result type takes it; false when it is of another kind, which in Flink
// ends the job whatever ON ERROR says.
bool AppendScalar(const JsonValue& value, const DataType& type, ColumnBuilder* builder) {
  using Kind = JsonValue::Kind;
  switch (type.root()) {
    case TypeRoot::kBoolean:
      if (value.kind != Kind::kTrue && value.kind != Kind::kFalse) return false;
      builder->Append<uint8_t>(value.kind == Kind::kTrue);
      return true;
    case TypeRoot::kInt: {
      int32_t number = 0;
      if (value.kind != Kind::kNumber || !IsJsonInteger(value.text)) return false;
      const char* end = value.text.data() + value.text.size();
      if (std::from_chars(value.text.data(), end, number).ec != std::errc()) return false;
      builder->Append(number);
      return true;
    }
    case TypeRoot::kDouble: {
      double number = 0;
      if (value.kind != Kind::kNumber || IsJsonInteger(value.text)) return false;
      ParseDouble(value.text, &number);
      builder->Append(number);
      return true;
    }
    default: {
      std::string text;
      AppendJsonScalar(value, &text);
      builder->AppendString(text);
      return true;
    }
  }
}

constexpr std::string_view kStrictNull =
    "Strict jsonpath mode requires a non empty returned value, but is null";

std::string NotScalar(const JsonValue& value) {
  std::string json;
  AppendJson(value, &json);
  return fmt::format("Strict jsonpath mode requires scalar value, and the actual value is: ''{}''",
                     json);
}

class ValueWriter {
 public:
  ValueWriter(PathState& state, EvalContext& context, std::span<const Column> arguments)
      : state_(state),
        context_(context),
        arguments_(arguments),
        builder_(state.result_type, context.pool) {
    for (const BufferPtr& heap : arguments[0].heaps) builder_.AddHeap(heap);
    text_result_ = IsCharacter(state.result_type.root());
  }

  void WriteRow(int32_t row, std::string_view document) {
    state_.Find(document, false, &found_);
    if (!found_.error.ok()) return Fallback(row, false, found_.error.message());
    if (found_.text.has_value()) {
      // The common case: a string without escapes is shared with the document.
      const std::string_view text = *found_.text;
      if (text_result_ && text[0] == '"' && text.find('\\') == std::string_view::npos) {
        builder_.AppendShared(StringView(text.substr(1, text.size() - 2)));
        return;
      }
      found_.value = ParseJson(text).value();
    }
    const bool none = !found_.value.has_value() || found_.value->kind == JsonValue::Kind::kNull;
    if (none || !found_.value->is_scalar()) {
      if (state_.path.lax()) {
        Fallback(row, true, "Empty result of JSON_VALUE function is not allowed");
      } else {
        Fallback(row, false, none ? kStrictNull : NotScalar(*found_.value));
      }
      return;
    }
    if (!AppendScalar(*found_.value, state_.result_type, &builder_)) {
      std::string json;
      AppendJson(*found_.value, &json);
      context_.Fail(row, fmt::format("JSON_VALUE: {} is not a JSON value of type {}", json,
                                     state_.result_type.ToString()));
      builder_.AppendNull();
    }
  }
  void WriteNull() { builder_.AppendNull(); }
  Column Finish() { return builder_.Finish(); }

 private:
  void Fallback(int32_t row, bool empty, std::string_view message) {
    const Behavior behavior = empty ? state_.clauses.on_empty : state_.clauses.on_error;
    if (behavior == Behavior::kDefault) {
      const size_t argument = empty ? state_.clauses.empty_default : state_.clauses.error_default;
      builder_.AppendFrom(arguments_[argument], row);
      return;
    }
    if (behavior == Behavior::kError) context_.Fail(row, message);
    builder_.AppendNull();
  }

  PathState& state_;
  EvalContext& context_;
  std::span<const Column> arguments_;
  ColumnBuilder builder_;
  bool text_result_;
  JsonPath::Found found_;
};

void JsonValueOf(FunctionState* function_state, EvalContext& context,
                 std::span<const Column> arguments, Column* out) {
  auto& state = static_cast<PathState&>(*function_state);
  const Texts documents(arguments[0]);
  const Texts paths(arguments[1]);
  ValueWriter writer(state, context, arguments);
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (documents.IsNull(row) || paths.IsNull(row) || !context.IsActive(row)) {
      writer.WriteNull();
      continue;
    }
    state.Compile(paths[row]);
    writer.WriteRow(row, documents[row]);
  }
  *out = writer.Finish();
}

Result<CallTyping> InferJsonValue(const CallInfo& call) {
  const DataType result = call.target_type == nullptr ? DataType::String() : *call.target_type;
  const TypeRoot root = result.root();
  if (root != TypeRoot::kVarchar && root != TypeRoot::kBoolean && root != TypeRoot::kInt &&
      root != TypeRoot::kDouble) {
    return InvalidSql(fmt::format("Unsupported type '{}' for RETURNING in JSON_VALUE().",
                                  result.WithNullable(true).ToString()));
  }
  return InferPathCall(call, "JSON_VALUE", result);
}

// --- JSON_QUERY -------------------------------------------------------------------------------

void AppendTextArray(const JsonValue& array, ColumnBuilder* builder) {
  std::string text;
  for (const JsonValue& item : array.items) {
    text.clear();
    if (item.kind == JsonValue::Kind::kNull) {
      builder->child(0).AppendNull();
      continue;
    }
    if (item.is_scalar()) {
      AppendJsonScalar(item, &text);
    } else {
      AppendJson(item, &text);
    }
    builder->child(0).AppendString(text);
  }
  builder->CloseNested();
}

class QueryWriter {
 public:
  QueryWriter(PathState& state, EvalContext& context)
      : state_(state), context_(context), builder_(state.result_type, context.pool) {
    array_result_ = state.result_type.root() == TypeRoot::kArray;
  }

  void WriteRow(int32_t row, std::string_view document) {
    state_.Find(document, true, &found_);
    if (!found_.error.ok()) return Fallback(row, false, found_.error.message());
    if (!found_.value.has_value() || found_.value->kind == JsonValue::Kind::kNull) {
      const bool lax = state_.path.lax();
      return Fallback(row, lax,
                      lax ? "Empty result of JSON_QUERY function is not allowed" : kStrictNull);
    }
    JsonValue value = std::move(*found_.value);
    const bool wrap =
        state_.clauses.wrapper == Wrapper::kUnconditional ||
        (state_.clauses.wrapper == Wrapper::kConditional && value.kind != JsonValue::Kind::kArray);
    if (wrap) {
      JsonValue array;
      array.kind = JsonValue::Kind::kArray;
      array.items.push_back(std::move(value));
      value = std::move(array);
    }
    scratch_.clear();
    AppendJson(value, &scratch_);
    if (value.is_scalar()) {
      const bool lax = state_.path.lax();
      return Fallback(row, lax,
                      lax ? std::string("Empty result of JSON_QUERY function is not allowed")
                          : fmt::format("Strict jsonpath mode requires array or object value, and "
                                        "the actual value is: ''{}''",
                                        scratch_));
    }
    if (!array_result_) {
      builder_.AppendString(scratch_);
    } else if (value.kind == JsonValue::Kind::kArray) {
      AppendTextArray(value, &builder_);
    } else {
      Fallback(row, false, "JSON_QUERY: the value is not an array");
    }
  }
  void WriteNull() { builder_.AppendNull(); }
  Column Finish() { return builder_.Finish(); }

 private:
  void Fallback(int32_t row, bool empty, std::string_view message) {
    const Behavior behavior = empty ? state_.clauses.on_empty : state_.clauses.on_error;
    if (behavior == Behavior::kEmptyArray && array_result_) {
      builder_.CloseNested();
    } else if (behavior == Behavior::kEmptyArray && !array_result_) {
      builder_.AppendString("[]");
    } else if (behavior == Behavior::kEmptyObject && !array_result_) {
      builder_.AppendString("{}");
    } else {
      if (behavior == Behavior::kError) context_.Fail(row, message);
      builder_.AppendNull();
    }
  }

  PathState& state_;
  EvalContext& context_;
  ColumnBuilder builder_;
  bool array_result_;
  JsonPath::Found found_;
  std::string scratch_;
};

void JsonQuery(FunctionState* function_state, EvalContext& context,
               std::span<const Column> arguments, Column* out) {
  auto& state = static_cast<PathState&>(*function_state);
  const Texts documents(arguments[0]);
  const Texts paths(arguments[1]);
  QueryWriter writer(state, context);
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (documents.IsNull(row) || paths.IsNull(row) || !context.IsActive(row)) {
      writer.WriteNull();
      continue;
    }
    state.Compile(paths[row]);
    writer.WriteRow(row, documents[row]);
  }
  *out = writer.Finish();
}

Result<CallTyping> InferJsonQuery(const CallInfo& call) {
  const DataType result = call.target_type == nullptr ? DataType::String() : *call.target_type;
  const bool text_array = result.root() == TypeRoot::kArray && IsCharacter(result.child(0).root());
  if (!IsCharacter(result.root()) && !text_array) {
    if (result.root() == TypeRoot::kArray) {
      return InvalidSql(
          fmt::format("Unsupported array element type '{}' for RETURNING ARRAY in JSON_QUERY().",
                      result.child(0).WithNullable(true).ToString()));
    }
    return InvalidSql(fmt::format("Unsupported type '{}' for RETURNING in JSON_QUERY().",
                                  result.WithNullable(true).ToString()));
  }
  const Clauses clauses = ReadClauses(call);
  const bool object =
      clauses.on_empty == Behavior::kEmptyObject || clauses.on_error == Behavior::kEmptyObject;
  if (text_array && object) {
    return InvalidSql(fmt::format("Illegal on error behavior 'EMPTY OBJECT' for return type: {}",
                                  result.WithNullable(true).ToString()));
  }
  return InferPathCall(call, "JSON_QUERY", result);
}

constexpr FunctionDef kJsonQuery[] = {
    IsJsonFunction<JsonShape::kValue, false>("IS JSON VALUE", "'1' IS JSON VALUE"),
    IsJsonFunction<JsonShape::kScalar, false>("IS JSON SCALAR", "'1' IS JSON SCALAR"),
    IsJsonFunction<JsonShape::kArray, false>("IS JSON ARRAY", "'[]' IS JSON ARRAY"),
    IsJsonFunction<JsonShape::kObject, false>("IS JSON OBJECT", "'{}' IS JSON OBJECT"),
    IsJsonFunction<JsonShape::kValue, true>("IS NOT JSON VALUE", "'x' IS NOT JSON VALUE"),
    IsJsonFunction<JsonShape::kScalar, true>("IS NOT JSON SCALAR", "'{}' IS NOT JSON SCALAR"),
    IsJsonFunction<JsonShape::kArray, true>("IS NOT JSON ARRAY", "'{}' IS NOT JSON ARRAY"),
    IsJsonFunction<JsonShape::kObject, true>("IS NOT JSON OBJECT", "'[]' IS NOT JSON OBJECT"),
    {.name = "JSON_EXISTS",
     .group = "json",
     .signature = "(STRING, path [{TRUE | FALSE | UNKNOWN | ERROR} ON ERROR]) -> BOOLEAN",
     .doc = "Whether the path leads to a value that is not null.",
     .example = "JSON_EXISTS('{\"a\": true}', '$.a')",
     .min_arguments = 2,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return InferPathCall(call, "JSON_EXISTS", DataType::Boolean());
         },
     .open = OpenPath,
     .eval = JsonExists,
     .null_rule = NullRule::kCustom},
    {.name = "JSON_VALUE",
     .group = "json",
     .signature = "(STRING, path [RETURNING type] [{NULL | ERROR | DEFAULT v} ON EMPTY] "
                  "[{NULL | ERROR | DEFAULT v} ON ERROR]) -> STRING",
     .doc = "The scalar that the path leads to.",
     .example = "JSON_VALUE('{\"a\": 1}', '$.a') = '1'",
     .min_arguments = 2,
     .max_arguments = 6,
     .infer = InferJsonValue,
     .open = OpenPath,
     .eval = JsonValueOf,
     .null_rule = NullRule::kCustom},
    {.name = "JSON_QUERY",
     .group = "json",
     .signature = "(STRING, path [RETURNING type] [{WITHOUT | WITH [UN]CONDITIONAL} [ARRAY] "
                  "WRAPPER] [{NULL | EMPTY ARRAY | EMPTY OBJECT | ERROR} ON {EMPTY | ERROR}]) -> "
                  "STRING",
     .doc = "The array or object that the path leads to, as JSON.",
     .example = "JSON_QUERY('{\"a\": [1, 2]}', '$.a') = '[1,2]'",
     .min_arguments = 2,
     .max_arguments = 5,
     .infer = InferJsonQuery,
     .open = OpenPath,
     .eval = JsonQuery,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> JsonQueryFunctions() {
  return kJsonQuery;
}

}  // namespace rhei
