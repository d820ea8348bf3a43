// JSON_STRING, JSON_OBJECT, JSON_ARRAY and JSON. A value followed by the keyword FORMAT JSON is
// JSON already (the binder puts it behind calls of JSON_OBJECT, JSON_ARRAY and JSON).
#include "functions/families.h"
#include "functions/json_text.h"
#include "functions/json_value_writer.h"
#include "functions/list_kernel.h"

namespace rhei {
namespace {

bool IsSymbol(const DataType& type) {
  return type.root() == TypeRoot::kSymbol;
}

void JsonString(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
                Column* out) {
  const DataType& type = static_cast<TypedState*>(state)->arguments[0];
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    AppendJsonValue(arguments[0], row, type, &scratch);
    result.Copy(scratch);
  }
  result.Finish(out);
}

// What an argument of JSON_OBJECT or JSON_ARRAY is.
struct JsonArgument {
  size_t key = 0;    // of an object
  size_t value = 0;  // index of the argument
  bool raw = false;  // FORMAT JSON
};

struct BuildState : TypedState {
  std::vector<JsonArgument> members;
  bool null_on_null = false;
};

template <bool kObject>
Result<std::unique_ptr<FunctionState>> OpenBuild(const OpenContext& context) {
  auto state = std::make_unique<BuildState>();
  const auto& arguments = context.call.arguments;
  state->null_on_null = kObject;
  for (size_t i = 0; i < arguments.size(); ++i) {
    state->arguments.push_back(arguments[i].type);
    if (IsSymbol(arguments[i].type)) {
      if (arguments[i].symbol.starts_with("FORMAT JSON") && !state->members.empty()) {
        state->members.back().raw = true;
      } else {
        state->null_on_null = arguments[i].symbol == "NULL ON NULL";
      }
    } else if (kObject) {
      state->members.push_back({i, i + 1, false});
      ++i;
      if (i < arguments.size()) state->arguments.push_back(arguments[i].type);
    } else {
      state->members.push_back({0, i, false});
    }
  }
  return std::unique_ptr<FunctionState>(std::move(state));
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Appends the argument's value; false when it is left out.
bool AppendArgument(const BuildState& state, const JsonArgument& argument, EvalContext& context,
                    std::span<const Column> arguments, int32_t row, std::string* out) {
  const Column& column = arguments[argument.value];
  const bool text = column.type == PhysicalType::kString;
  const bool null = column.IsNull(row) ||
                    (argument.raw && text && IsBlank(ColumnReader<StringView>(column)[row].view()));
  if (null) {
    *out += "null";
    return state.null_on_null;
  }
  if (!argument.raw || !text) {
    AppendJsonValue(column, row, state.arguments[argument.value], out);
    return true;
  }
  const Result<JsonValue> value = ParseJson(ColumnReader<StringView>(column)[row].view());
  if (!value.ok()) {
    context.Fail(row, value.status().message());
    return true;
  }
  AppendJson(*value, out);
  return true;
}

void JsonObject(FunctionState* function_state, EvalContext& context,
                std::span<const Column> arguments, Column* out) {
  const auto& state = static_cast<BuildState&>(*function_state);
  TextResult result(context);
  JsonMembers members;
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    for (const JsonArgument& argument : state.members) {
      if (arguments[argument.key].IsNull(row)) {
        context.Fail(row, "The keys of JSON_OBJECT must not be NULL");
        continue;
      }
      std::string value;
      if (AppendArgument(state, argument, context, arguments, row, &value)) {
        members.Put(Texts(arguments[argument.key])[row], std::move(value));
      }
    }
    members.Write(&scratch);
    result.Copy(scratch);
  }
  result.Finish(out);
}

void JsonArray(FunctionState* function_state, EvalContext& context,
               std::span<const Column> arguments, Column* out) {
  const auto& state = static_cast<BuildState&>(*function_state);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch = "[";
    for (const JsonArgument& argument : state.members) {
      const size_t before = scratch.size();
      if (before > 1) scratch += ',';
      if (!AppendArgument(state, argument, context, arguments, row, &scratch)) {
        scratch.resize(before);
      }
    }
    scratch += ']';
    result.Copy(scratch);
  }
  result.Finish(out);
}

// JSON(text): the text; blank text is NULL.
void JsonRaw(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context);
  result.Borrow(arguments[0]);
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (texts.IsNull(row) || IsBlank(texts[row])) {
      result.Null();
    } else {
      result.Share(texts[row]);
    }
  }
  result.Finish(out);
}

template <bool kObject>
Result<CallTyping> InferBuild(const CallInfo& call) {
  constexpr std::string_view kName = kObject ? "JSON_OBJECT" : "JSON_ARRAY";
  CallTyping typing{DataType::String(false), {}};
  bool key = kObject;
  for (const ArgumentInfo& argument : call.arguments) {
    typing.argument_types.push_back(argument.type);
    if (IsSymbol(argument.type)) continue;
    if (key) {
      if (!IsCharacter(argument.type.root())) {
        return BadArguments(call, kName, "(KEY STRING VALUE value, ...)");
      }
    } else {
      RETURN_IF_ERROR(CheckJsonType(argument.type));
      if (argument.type.root() == TypeRoot::kNull) {
        typing.argument_types.back() = DataType::String();
      }
    }
    if (kObject) key = !key;
  }
  return typing;
}

Result<CallTyping> InferJsonString(const CallInfo& call) {
  RETURN_IF_ERROR(CheckJsonType(call.arguments[0].type));
  return ResultPropagatingNulls(call, DataType::String());
}

constexpr FunctionDef kJsonBuild[] = {
    {.name = "JSON_STRING",
     .group = "json",
     .signature = "(value) -> STRING",
     .doc = "The value as JSON.",
     .example = "JSON_STRING(ARRAY[1, 2]) = '[1,2]'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferJsonString,
     .open = OpenTyped,
     .eval = JsonString},
    {.name = "JSON_OBJECT",
     .group = "json",
     .signature = "([[KEY] key VALUE value, ...] [{NULL | ABSENT} ON NULL]) -> STRING",
     .doc = "The JSON object with these members.",
     .example = "JSON_OBJECT(KEY 'a' VALUE 1) = '{\"a\":1}'",
     .min_arguments = 0,
     .max_arguments = -1,
     .infer = InferBuild<true>,
     .open = OpenBuild<true>,
     .eval = JsonObject,
     .null_rule = NullRule::kCustom},
    {.name = "JSON_ARRAY",
     .group = "json",
     .signature = "([value, ...] [{NULL | ABSENT} ON NULL]) -> STRING",
     .doc = "The JSON array of the values.",
     .example = "JSON_ARRAY(1, 'a') = '[1,\"a\"]'",
     .min_arguments = 0,
     .max_arguments = -1,
     .infer = InferBuild<false>,
     .open = OpenBuild<false>,
     .eval = JsonArray,
     .null_rule = NullRule::kCustom},
    {.name = "JSON",
     .group = "json",
     .signature = "(STRING) -> STRING",
     .doc = "Inside JSON_OBJECT and JSON_ARRAY: text that is JSON already.",
     .example = "JSON_ARRAY(JSON('[1]')) = '[[1]]'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "JSON", "(STRING)", "t", DataType::String());
         },
     .eval = JsonRaw,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> JsonBuildFunctions() {
  return kJsonBuild;
}

}  // namespace rhei
