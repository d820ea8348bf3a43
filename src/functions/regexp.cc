// The REGEXP family, SIMILAR TO and STR_TO_MAP, with Java's regular expressions. An invalid
// pattern gives NULL (REGEXP: FALSE; SIMILAR TO: an error).
#include <unordered_map>

#include "functions/families.h"
#include "functions/java_regex.h"
#include "functions/string_kernel.h"
#include "functions/text.h"

namespace rhei {
namespace {

constexpr std::string_view kTooLong = "the regular expression takes too long on this text";

// The patterns a call site has met, compiled.
class RegexCache {
 public:
  // Null for an invalid pattern.
  JavaRegex* Get(std::string_view pattern) {
    if (last_known_ && last_pattern_ == pattern) return last_;
    last_known_ = true;
    last_pattern_ = pattern;
    const auto found = regexes_.find(last_pattern_);
    if (found != regexes_.end()) return last_ = found->second.get();
    if (regexes_.size() >= kPatternsMax) regexes_.clear();
    Result<std::unique_ptr<JavaRegex>> compiled = JavaRegex::Compile(pattern);
    auto& slot = regexes_[last_pattern_];
    if (compiled.ok()) slot = std::move(compiled).value();
    return last_ = slot.get();
  }

 private:
  static constexpr size_t kPatternsMax = 256;
  std::unordered_map<std::string, std::unique_ptr<JavaRegex>> regexes_;
  bool last_known_ = false;
  std::string last_pattern_;
  JavaRegex* last_ = nullptr;
};

struct RegexState : FunctionState {
  RegexCache cache;
  RegexCache second;  // STR_TO_MAP's other pattern
  std::vector<JavaRegex::Span> groups;
};

Result<std::unique_ptr<FunctionState>> OpenRegex(const OpenContext&) {
  return std::unique_ptr<FunctionState>(std::make_unique<RegexState>());
}

// Whether the row's value is wanted and none of its arguments is NULL.
bool Wanted(const EvalContext& context, std::span<const Column> arguments, int32_t row) {
  return context.IsActive(row) && !AnyNull(arguments, row);
}

void Regexp(FunctionState* function_state, EvalContext& context, std::span<const Column> arguments,
            Column* out) {
  auto& state = static_cast<RegexState&>(*function_state);
  const Texts texts(arguments[0]);
  const Texts patterns(arguments[1]);
  uint8_t* values = BoolValues(context, out);
  state.groups.resize(1);
  for (int32_t row = 0; row < context.row_count; ++row) {
    values[row] = 0;
    if (!Wanted(context, arguments, row) || patterns[row].empty()) continue;
    JavaRegex* regex = state.cache.Get(patterns[row]);
    if (regex == nullptr) continue;
    const JavaRegex::Outcome outcome = regex->Find(texts[row], 0, &state.groups);
    if (outcome == JavaRegex::Outcome::kTooLong) context.Fail(row, kTooLong);
    values[row] = outcome == JavaRegex::Outcome::kYes;
  }
}

void RegexpReplace(FunctionState* function_state, EvalContext& context,
                   std::span<const Column> arguments, Column* out) {
  auto& state = static_cast<RegexState&>(*function_state);
  const Texts texts(arguments[0]);
  const Texts patterns(arguments[1]);
  const Texts replacements(arguments[2]);
  TextResult result(context);
  state.groups.resize(1);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    JavaRegex* regex = Wanted(context, arguments, row) ? state.cache.Get(patterns[row]) : nullptr;
    if (regex == nullptr) {
      result.Null();
      continue;
    }
    const std::string_view text = texts[row];
    scratch.clear();
    size_t copied = 0;
    const JavaRegex::Outcome outcome = regex->ForEachMatch(text, &state.groups, [&] {
      const JavaRegex::Span match = state.groups[0];
      scratch.append(text.substr(copied, match.start - copied)).append(replacements[row]);
      copied = match.end;
      return true;
    });
    if (outcome == JavaRegex::Outcome::kTooLong) context.Fail(row, kTooLong);
    scratch.append(text.substr(copied));
    result.Copy(scratch);
  }
  result.Finish(out);
}

// REGEXP_EXTRACT (group from an argument, 0 without) and REGEXP_SUBSTR (group 0).
void RegexpExtract(FunctionState* function_state, EvalContext& context,
                   std::span<const Column> arguments, Column* out) {
  auto& state = static_cast<RegexState&>(*function_state);
  const Texts texts(arguments[0]);
  const Texts patterns(arguments[1]);
  TextResult result(context);
  result.Borrow(arguments[0]);
  for (int32_t row = 0; row < context.row_count; ++row) {
    JavaRegex* regex = Wanted(context, arguments, row) ? state.cache.Get(patterns[row]) : nullptr;
    const int32_t group = arguments.size() > 2 ? Ints(arguments[2])[row] : 0;
    if (regex == nullptr || group < 0 || group > regex->group_count()) {
      result.Null();
      continue;
    }
    const auto index = static_cast<size_t>(group);
    state.groups.resize(index + 1);
    const JavaRegex::Outcome outcome = regex->Find(texts[row], 0, &state.groups);
    if (outcome == JavaRegex::Outcome::kTooLong) context.Fail(row, kTooLong);
    const JavaRegex::Span span =
        outcome == JavaRegex::Outcome::kYes ? state.groups[index] : JavaRegex::Span();
    if (span.matched()) {
      result.Share(texts[row].substr(span.start, span.end - span.start));
    } else {
      result.Null();
    }
  }
  result.Finish(out);
}

void RegexpExtractAll(FunctionState* function_state, EvalContext& context,
                      std::span<const Column> arguments, Column* out) {
  auto& state = static_cast<RegexState&>(*function_state);
  const Texts texts(arguments[0]);
  const Texts patterns(arguments[1]);
  ColumnBuilder result(DataType::Array(DataType::String()), context.pool);
  for (const BufferPtr& heap : arguments[0].heaps) result.child(0).AddHeap(heap);
  for (int32_t row = 0; row < context.row_count; ++row) {
    JavaRegex* regex = Wanted(context, arguments, row) ? state.cache.Get(patterns[row]) : nullptr;
    const int64_t group = arguments.size() > 2 ? Longs(arguments[2])[row] : 1;
    if (regex == nullptr || group < 0 || group > regex->group_count()) {
      result.AppendNull();
      continue;
    }
    const auto index = static_cast<size_t>(group);
    state.groups.resize(index + 1);
    const std::string_view text = texts[row];
    const JavaRegex::Outcome outcome = regex->ForEachMatch(text, &state.groups, [&] {
      const JavaRegex::Span span = state.groups[index];
      if (span.matched()) {
        result.child(0).AppendShared(StringView(text.substr(span.start, span.end - span.start)));
      } else {
        result.child(0).AppendNull();
      }
      return true;
    });
    if (outcome == JavaRegex::Outcome::kTooLong) context.Fail(row, kTooLong);
    result.CloseNested();
  }
  *out = result.Finish();
}

void RegexpCount(FunctionState* function_state, EvalContext& context,
                 std::span<const Column> arguments, Column* out) {
  auto& state = static_cast<RegexState&>(*function_state);
  const Texts texts(arguments[0]);
  const Texts patterns(arguments[1]);
  int32_t* values = IntValues(context, out);
  state.groups.resize(1);
  for (int32_t row = 0; row < context.row_count; ++row) {
    JavaRegex* regex = Wanted(context, arguments, row) ? state.cache.Get(patterns[row]) : nullptr;
    int32_t count = 0;
    if (regex == nullptr) {
      SetNull<int32_t>(context, out, row);
      continue;
    }
    const JavaRegex::Outcome outcome = regex->ForEachMatch(texts[row], &state.groups, [&] {
      ++count;
      return true;
    });
    if (outcome == JavaRegex::Outcome::kTooLong) context.Fail(row, kTooLong);
    values[row] = count;
  }
}

void RegexpInstr(FunctionState* function_state, EvalContext& context,
                 std::span<const Column> arguments, Column* out) {
  auto& state = static_cast<RegexState&>(*function_state);
  const Texts texts(arguments[0]);
  const Texts patterns(arguments[1]);
  int32_t* values = IntValues(context, out);
  state.groups.resize(1);
  for (int32_t row = 0; row < context.row_count; ++row) {
    JavaRegex* regex = Wanted(context, arguments, row) ? state.cache.Get(patterns[row]) : nullptr;
    if (regex == nullptr) {
      SetNull<int32_t>(context, out, row);
      continue;
    }
    const JavaRegex::Outcome outcome = regex->Find(texts[row], 0, &state.groups);
    if (outcome == JavaRegex::Outcome::kTooLong) context.Fail(row, kTooLong);
    values[row] = 0;
    if (outcome == JavaRegex::Outcome::kYes) {
      // Counted in UTF-16 units.
      const std::string_view before = texts[row].substr(0, state.groups[0].start);
      values[row] =
          static_cast<int32_t>(IsAscii(before) ? before.size() + 1 : ToUtf16(before).size() + 1);
    }
  }
}

// --- SIMILAR TO -------------------------------------------------------------------------------

struct SimilarState : FunctionState {
  bool known = false;
  std::string pattern;
  std::string escape;
  std::unique_ptr<JavaRegex> regex;
  Status status;

  void Compile(std::string_view new_pattern, std::string_view new_escape) {
    if (known && pattern == new_pattern && escape == new_escape) return;
    known = true;
    pattern = new_pattern;
    escape = new_escape;
    status = CompileNow();
  }

 private:
  Status CompileNow() {
    ASSIGN_OR_RETURN(const std::string java, SimilarToJavaPattern(pattern, escape));
    ASSIGN_OR_RETURN(regex, JavaRegex::Compile(java));
    return {};
  }
};

Result<std::unique_ptr<FunctionState>> OpenSimilar(const OpenContext& context) {
  auto state = std::make_unique<SimilarState>();
  const auto& arguments = context.call.arguments;
  const auto text_of = [&](size_t i) -> const std::string* {
    const Value* literal = i < arguments.size() ? arguments[i].literal : nullptr;
    return literal != nullptr && literal->is_text() ? &literal->text() : nullptr;
  };
  const std::string* pattern = text_of(1);
  const std::string* escape = text_of(2);
  if (pattern != nullptr && (escape != nullptr || arguments.size() < 3)) {
    state->Compile(*pattern, escape == nullptr ? std::string_view() : std::string_view(*escape));
    if (!state->status.ok()) return state->status;
  }
  return std::unique_ptr<FunctionState>(std::move(state));
}

void SimilarTo(FunctionState* function_state, EvalContext& context,
               std::span<const Column> arguments, Column* out) {
  auto& state = static_cast<SimilarState&>(*function_state);
  const Texts texts(arguments[0]);
  const Texts patterns(arguments[1]);
  uint8_t* values = BoolValues(context, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    values[row] = 0;
    if (!Wanted(context, arguments, row)) continue;
    state.Compile(patterns[row],
                  arguments.size() > 2 ? Texts(arguments[2])[row] : std::string_view());
    if (!state.status.ok()) {
      context.Fail(row, state.status.message());
      continue;
    }
    const JavaRegex::Outcome outcome = state.regex->Matches(texts[row]);
    if (outcome == JavaRegex::Outcome::kTooLong) context.Fail(row, kTooLong);
    values[row] = outcome == JavaRegex::Outcome::kYes;
  }
}

// --- STR_TO_MAP -------------------------------------------------------------------------------

// String.split(pattern, limit): with limit 0 empty parts at the end are dropped; an empty match at
// the start makes no part.
void SplitByRegex(JavaRegex* regex, std::string_view text, size_t limit,
                  std::vector<JavaRegex::Span>* groups, std::vector<std::string_view>* parts) {
  parts->clear();
  groups->resize(1);
  size_t start = 0;
  regex->ForEachMatch(text, groups, [&] {
    const JavaRegex::Span match = (*groups)[0];
    if (limit > 0 && parts->size() + 1 == limit) return false;
    if (match.end == 0) return true;
    parts->push_back(text.substr(start, match.start - start));
    start = match.end;
    return true;
  });
  parts->push_back(text.substr(start));
  if (limit == 0) {
    while (parts->size() > 1 && parts->back().empty()) parts->pop_back();
  }
}

void StrToMap(FunctionState* function_state, EvalContext& context,
              std::span<const Column> arguments, Column* out) {
  auto& state = static_cast<RegexState&>(*function_state);
  const Texts texts(arguments[0]);
  ColumnBuilder result(DataType::Map(DataType::String(), DataType::String()), context.pool);
  for (size_t i = 0; i < 2; ++i) {
    for (const BufferPtr& heap : arguments[0].heaps) result.child(i).AddHeap(heap);
  }
  std::vector<std::string_view> pairs;
  std::vector<std::string_view> pair;
  std::vector<std::pair<std::string_view, std::string_view>> entries;
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (!Wanted(context, arguments, row)) {
      result.AppendNull();
      continue;
    }
    JavaRegex* pair_end =
        state.cache.Get(arguments.size() > 1 ? Texts(arguments[1])[row] : std::string_view(","));
    JavaRegex* key_end =
        state.second.Get(arguments.size() > 2 ? Texts(arguments[2])[row] : std::string_view("="));
    if (pair_end == nullptr || key_end == nullptr) {
      context.Fail(row, "STR_TO_MAP: a delimiter is not a regular expression");
      result.AppendNull();
      continue;
    }
    entries.clear();
    if (!texts[row].empty()) SplitByRegex(pair_end, texts[row], 0, &state.groups, &pairs);
    for (const std::string_view part :
         texts[row].empty() ? std::vector<std::string_view>() : pairs) {
      SplitByRegex(key_end, part, 2, &state.groups, &pair);
      // A null data pointer stands for NULL.
      const std::string_view value = pair.size() > 1 ? pair[1] : std::string_view();
      const std::string_view key = pair[0];
      const auto same = std::find_if(entries.begin(), entries.end(),
                                     [&](const auto& entry) { return entry.first == key; });
      if (same != entries.end()) {
        same->second = value;
      } else {
        entries.emplace_back(key, value);
      }
    }
    for (const auto& [key, value] : entries) {
      result.child(0).AppendShared(StringView(key));
      if (value.data() == nullptr) {
        result.child(1).AppendNull();
      } else {
        result.child(1).AppendShared(StringView(value));
      }
    }
    result.CloseNested();
  }
  *out = result.Finish();
}

Result<CallTyping> InferStrToMap(const CallInfo& call) {
  if (call.arguments.size() == 2) {
    return BadArguments(call, "STR_TO_MAP", "(STRING [, STRING, STRING])");
  }
  return TypeNullableCall(call, "STR_TO_MAP", "(STRING [, STRING, STRING])", "t",
                          DataType::Map(DataType::String(), DataType::String()));
}

constexpr std::string_view kTwoTexts = "(STRING, regex STRING)";

constexpr FunctionDef kRegexp[] = {
    {.name = "REGEXP",
     .group = "string",
     .signature = "(STRING, regex STRING) -> BOOLEAN",
     .doc = "Whether a part of the text matches the Java regular expression.",
     .example = "REGEXP('abc', 'b.')",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "REGEXP", kTwoTexts, "t", DataType::Boolean());
         },
     .open = OpenRegex,
     .eval = Regexp},
    {.name = "REGEXP_REPLACE",
     .group = "string",
     .signature = "(STRING, regex STRING, replacement STRING) -> STRING",
     .doc = "The text with every match replaced; the replacement is taken literally.",
     .example = "REGEXP_REPLACE('foobar', 'oo|ar', '') = 'fb'",
     .min_arguments = 3,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "REGEXP_REPLACE", "(STRING, STRING, STRING)", "t",
                           DataType::String());
         },
     .open = OpenRegex,
     .eval = RegexpReplace,
     .null_rule = NullRule::kCustom},
    {.name = "REGEXP_EXTRACT",
     .group = "string",
     .signature = "(STRING, regex STRING [, group INT]) -> STRING",
     .doc = "The first match, or one of its groups; NULL when there is none.",
     .example = "REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2) = 'bar'",
     .min_arguments = 2,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "REGEXP_EXTRACT", "(STRING, STRING [, INT])", "tti",
                                   DataType::String());
         },
     .open = OpenRegex,
     .eval = RegexpExtract,
     .null_rule = NullRule::kCustom},
    {.name = "REGEXP_SUBSTR",
     .group = "string",
     .signature = "(STRING, regex STRING) -> STRING",
     .doc = "The first match; NULL when there is none.",
     .example = "REGEXP_SUBSTR('abc123', '[0-9]+') = '123'",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "REGEXP_SUBSTR", kTwoTexts, "t", DataType::String());
         },
     .open = OpenRegex,
     .eval = RegexpExtract,
     .null_rule = NullRule::kCustom},
    {.name = "REGEXP_EXTRACT_ALL",
     .group = "string",
     .signature = "(STRING, regex STRING [, group BIGINT]) -> ARRAY<STRING>",
     .doc = "The group (1 without an argument) of all matches.",
     .example = "CARDINALITY(REGEXP_EXTRACT_ALL('a1b2', '[0-9]', 0)) = 2",
     .min_arguments = 2,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "REGEXP_EXTRACT_ALL", "(STRING, STRING [, INT])", "ttl",
                                   DataType::Array(DataType::String()));
         },
     .open = OpenRegex,
     .eval = RegexpExtractAll,
     .null_rule = NullRule::kCustom},
    {.name = "REGEXP_COUNT",
     .group = "string",
     .signature = "(STRING, regex STRING) -> INT",
     .doc = "The number of matches.",
     .example = "REGEXP_COUNT('a1b22', '[0-9]+') = 2",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "REGEXP_COUNT", kTwoTexts, "t", DataType::Int());
         },
     .open = OpenRegex,
     .eval = RegexpCount,
     .null_rule = NullRule::kCustom},
    {.name = "REGEXP_INSTR",
     .group = "string",
     .signature = "(STRING, regex STRING) -> INT",
     .doc = "Where the first match starts, from 1; 0 when there is none.",
     .example = "REGEXP_INSTR('abc', 'c') = 3",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "REGEXP_INSTR", kTwoTexts, "t", DataType::Int());
         },
     .open = OpenRegex,
     .eval = RegexpInstr,
     .null_rule = NullRule::kCustom},
    {.name = "SIMILAR TO",
     .group = "comparison",
     .signature = "STRING SIMILAR TO pattern [ESCAPE character] -> BOOLEAN",
     .doc = "Whether the whole text matches the SQL regular expression.",
     .example = "'TEST' SIMILAR TO 'T(E|S)+T'",
     .min_arguments = 2,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "SIMILAR TO", "(STRING, STRING [, STRING])", "t",
                           DataType::Boolean());
         },
     .open = OpenSimilar,
     .eval = SimilarTo},
    {.name = "STR_TO_MAP",
     .group = "string",
     .signature = "(STRING [, pair delimiter, key delimiter]) -> MAP<STRING, STRING>",
     .doc = "The map of the key-value pairs in the text; the delimiters (',' and '=') are regular "
            "expressions.",
     .example = "STR_TO_MAP('k1=v1,k2=v2')['k2'] = 'v2'",
     .min_arguments = 1,
     .max_arguments = 3,
     .infer = InferStrToMap,
     .open = OpenRegex,
     .eval = StrToMap,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> RegexpFunctions() {
  return kRegexp;
}

}  // namespace rhei
