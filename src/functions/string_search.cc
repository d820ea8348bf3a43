// Functions that look for one text in another: CHAR_LENGTH, POSITION, INSTR, LOCATE, STARTSWITH,
// ENDSWITH, LIKE. Positions count code points from 1; 0 is "not there".
#include "functions/families.h"
#include "functions/like_pattern.h"
#include "functions/string_kernel.h"
#include "functions/text.h"

namespace rhei {
namespace {

void CharLength(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                Column* out) {
  const Texts texts(arguments[0]);
  int32_t* values = IntValues(context, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    values[row] = CountCodePoints(texts[row]);
  }
}

// Code points before the first `needle` at or after code point `from`, or -1. "" is at 0.
int32_t IndexOf(std::string_view text, std::string_view needle, int64_t from) {
  if (needle.empty()) return 0;
  const int64_t skipped = std::max<int64_t>(from, 0);
  const size_t start = Advance(text, 0, skipped);
  const size_t found = Find(text, needle, start);
  if (found == std::string_view::npos) return -1;
  return static_cast<int32_t>(skipped) + CountCodePoints(text.substr(start, found - start));
}

// Arguments: needle, text[, from].
void Locate(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts needles(arguments[0]);
  const Texts texts(arguments[1]);
  int32_t* values = IntValues(context, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const int64_t from = arguments.size() > 2 ? Ints(arguments[2])[row] : 1;
    values[row] = IndexOf(texts[row], needles[row], from - 1) + 1;
  }
}

int32_t NthForward(std::string_view text, std::string_view needle, int64_t start, int32_t nth) {
  int32_t index = 0;
  for (int32_t i = 0; i < nth; ++i) {
    index = IndexOf(text, needle, start - 1) + 1;
    if (index == 0) return 0;
    start = int64_t{index} + 1;
  }
  return index;
}

// The nth occurrence counted from the end: its end is at or before `start` characters from the
// end.
int32_t NthBackward(std::string_view text, std::string_view needle, int64_t start, int32_t nth) {
  const auto reversed = [](std::string_view part) {
    std::string result;
    for (size_t end = part.size(); end > 0;) {
      const size_t begin = PreviousCodePoint(part, end);
      result += part.substr(begin, end - begin);
      end = begin;
    }
    return result;
  };
  const int32_t found = NthForward(reversed(text), reversed(needle), start, nth);
  return found == 0 ? 0 : CountCodePoints(text) + 2 - found - CountCodePoints(needle);
}

void Instr(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  const Texts needles(arguments[1]);
  int32_t* values = IntValues(context, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const int64_t start = arguments.size() > 2 ? Ints(arguments[2])[row] : 1;
    const int32_t nth = arguments.size() > 3 ? Ints(arguments[3])[row] : 1;
    values[row] = 0;
    if (nth <= 0) {
      context.Fail(row, "nthAppearance must be positive!");
    } else if (start > 0) {
      values[row] = NthForward(texts[row], needles[row], start, nth);
    } else if (start < 0) {
      values[row] = NthBackward(texts[row], needles[row], -start, nth);
    }
  }
}

template <bool kStart>
void HasAffix(FunctionState*, EvalContext& context, std::span<const Column> arguments,
              Column* out) {
  const Texts texts(arguments[0]);
  const Texts affixes(arguments[1]);
  uint8_t* values = BoolValues(context, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const std::string_view text = texts[row];
    const std::string_view affix = affixes[row];
    values[row] = kStart ? text.starts_with(affix) : text.ends_with(affix);
  }
}

Result<CallTyping> InferAffix(const CallInfo& call, std::string_view name) {
  constexpr std::string_view kSignature = "(STRING, STRING) or (BYTES, BYTES) -> BOOLEAN";
  const bool bytes = IsBinaryString(call.arguments[0].type.root()) ||
                     IsBinaryString(call.arguments[1].type.root());
  return TypeCall(call, name, kSignature, bytes ? "y" : "t", DataType::Boolean());
}

// --- LIKE -------------------------------------------------------------------------------------

struct LikeState : FunctionState {
  bool fixed = false;  // the pattern is a literal
  LikePattern pattern;
  // For patterns that change by row: what `pattern` was made of.
  std::string text;
  std::string escape;
  Status status;
};

Result<std::unique_ptr<FunctionState>> OpenLike(const OpenContext& context) {
  auto state = std::make_unique<LikeState>();
  const auto& arguments = context.call.arguments;
  const Value* pattern = arguments[1].literal;
  const Value* escape = arguments.size() > 2 ? arguments[2].literal : nullptr;
  const bool known = pattern != nullptr && pattern->is_text() &&
                     (arguments.size() < 3 || (escape != nullptr && escape->is_text()));
  if (known) {
    std::optional<std::string_view> escape_text;
    if (escape != nullptr) escape_text = escape->text();
    RETURN_IF_ERROR(state->pattern.Compile(pattern->text(), escape_text));
    state->fixed = true;
  }
  return std::unique_ptr<FunctionState>(std::move(state));
}

void Like(FunctionState* function_state, EvalContext& context, std::span<const Column> arguments,
          Column* out) {
  auto& state = static_cast<LikeState&>(*function_state);
  const Texts texts(arguments[0]);
  uint8_t* values = BoolValues(context, out);
  if (state.fixed) {
    state.pattern.MatchAll(texts, context.row_count, values);
    return;
  }
  const Texts patterns(arguments[1]);
  bool compiled = false;
  for (int32_t row = 0; row < context.row_count; ++row) {
    std::optional<std::string_view> escape;
    if (arguments.size() > 2) escape = Texts(arguments[2])[row];
    const std::string_view escape_text = escape.value_or(std::string_view());
    if (!compiled || state.text != patterns[row] || state.escape != escape_text) {
      state.text = patterns[row];
      state.escape = escape_text;
      state.status = state.pattern.Compile(patterns[row], escape);
      compiled = true;
    }
    if (!state.status.ok()) {
      context.Fail(row, state.status.message());
      values[row] = 0;
    } else {
      values[row] = state.pattern.Matches(texts[row]);
    }
  }
}

constexpr std::string_view kLocateSignature = "(part STRING, STRING [, from INT]) -> INT";
constexpr std::string_view kInstrSignature =
    "(STRING, part STRING [, from INT [, occurrence INT]]) -> INT";

constexpr FunctionDef LengthFunction(std::string_view name, std::string_view example) {
  return {.name = name,
          .group = "string",
          .signature = "(STRING) -> INT",
          .doc = "The number of characters (code points).",
          .example = example,
          .min_arguments = 1,
          .max_arguments = 1,
          .infer =
              [](const CallInfo& call) {
                return TypeCall(call, "CHAR_LENGTH", "(STRING)", "t", DataType::Int());
              },
          .eval = CharLength};
}

constexpr FunctionDef kSearch[] = {
    LengthFunction("CHAR_LENGTH", "CHAR_LENGTH('abc') = 3"),
    LengthFunction("CHARACTER_LENGTH", "CHARACTER_LENGTH('abc') = 3"),
    {.name = "POSITION",
     .group = "string",
     .signature = "(part IN STRING [FROM INT]) -> INT",
     .doc = "Where `part` first stands in the text, from 1; 0 when it does not.",
     .example = "POSITION('b' IN 'abc') = 2",
     .min_arguments = 2,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "POSITION", kLocateSignature, "tti", DataType::Int());
         },
     .eval = Locate},
    {.name = "LOCATE",
     .group = "string",
     .signature = kLocateSignature,
     .doc = "Where `part` first stands in the text at or after `from`, from 1; 0 when it does not.",
     .example = "LOCATE('b', 'abcb', 3) = 4",
     .min_arguments = 2,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "LOCATE", kLocateSignature, "tti", DataType::Int());
         },
     .eval = Locate},
    {.name = "INSTR",
     .group = "string",
     .signature = kInstrSignature,
     .doc = "Where the given occurrence of `part` stands, from 1; a negative `from` counts and "
            "searches from the end.",
     .example = "INSTR('Corporate Floor', 'or', 3, 2) = 14",
     .min_arguments = 2,
     .max_arguments = 4,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "INSTR", kInstrSignature, "ttii", DataType::Int());
         },
     .eval = Instr},
    {.name = "STARTSWITH",
     .group = "string",
     .signature = "(STRING, STRING) or (BYTES, BYTES) -> BOOLEAN",
     .doc = "Whether the first text starts with the second.",
     .example = "STARTSWITH('abc', 'ab')",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = [](const CallInfo& call) { return InferAffix(call, "STARTSWITH"); },
     .eval = HasAffix<true>},
    {.name = "ENDSWITH",
     .group = "string",
     .signature = "(STRING, STRING) or (BYTES, BYTES) -> BOOLEAN",
     .doc = "Whether the first text ends with the second.",
     .example = "ENDSWITH('abc', 'bc')",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = [](const CallInfo& call) { return InferAffix(call, "ENDSWITH"); },
     .eval = HasAffix<false>},
    {.name = "LIKE",
     .group = "comparison",
     .signature = "STRING LIKE pattern [ESCAPE character] -> BOOLEAN",
     .doc = "Whether the text matches the pattern, where % stands for any text and _ for any one "
            "character but a line end. There is no escape character unless one is given.",
     .example = "'abc' LIKE 'a%'",
     .min_arguments = 2,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "LIKE", "(STRING, STRING [, STRING])", "t", DataType::Boolean());
         },
     .open = OpenLike,
     .eval = Like},
};

}  // namespace

std::span<const FunctionDef> StringSearchFunctions() {
  return kSearch;
}

}  // namespace rhei
