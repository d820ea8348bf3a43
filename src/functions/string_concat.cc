// Functions that join texts or take them apart: ||, CONCAT, CONCAT_WS, ELT, SPLIT, SPLIT_INDEX.
#include <optional>

#include "base/simd/byte_match.h"
#include "columnar/padded_string.h"
#include "functions/families.h"
#include "functions/string_kernel.h"
#include "functions/text.h"
#include "types/coercion.h"

namespace rhei {
namespace {

void Concat(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  TextResult result(context);
  std::vector<Texts> texts;
  texts.reserve(arguments.size());
  for (const Column& column : arguments) texts.emplace_back(column);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    for (const Texts& text : texts) scratch += text[row];
    result.Copy(scratch);
  }
  result.Finish(out);
}

void ConcatWithSeparator(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                         Column* out) {
  TextResult result(context);
  std::vector<Texts> texts;
  for (const Column& column : arguments) texts.emplace_back(column);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (texts[0].IsNull(row)) {
      result.Null();
      continue;
    }
    scratch.clear();
    bool first = true;
    for (size_t i = 1; i < texts.size(); ++i) {
      if (texts[i].IsNull(row)) continue;
      if (!first) scratch += texts[0][row];
      first = false;
      scratch += texts[i][row];
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

void Elt(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Longs indexes(arguments[0]);
  TextResult result(context);
  for (const Column& column : arguments.subspan(1)) result.Borrow(column);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const int64_t index = indexes[row];
    const bool exists =
        !arguments[0].IsNull(row) && index >= 1 && static_cast<size_t>(index) < arguments.size();
    if (!exists || arguments[static_cast<size_t>(index)].IsNull(row)) {
      result.Null();
    } else {
      result.Share(Texts(arguments[static_cast<size_t>(index)])[row]);
    }
  }
  result.Finish(out);
}

// --- splitting --------------------------------------------------------------------------------

// What Java's Character.isWhitespace says of one byte.
bool IsSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F);
}

// As Part, for a separator of one byte: finds all of them in a block of text at once. Reads the
// padding behind the text.
std::optional<std::string_view> PartAtByte(std::string_view text, char separator, int32_t index) {
  size_t start = 0;
  for (size_t base = 0; base < text.size(); base += kMatchedBytes) {
    uint32_t found = MatchBytes(text.data() + base, separator, separator).equal;
    const size_t left = text.size() - base;
    if (left < kMatchedBytes) found &= (uint32_t{1} << left) - 1;
    for (; found != 0; found &= found - 1) {
      const size_t end = base + static_cast<size_t>(__builtin_ctz(found));
      if (index == 0) return text.substr(start, end - start);
      --index;
      start = end + 1;
    }
  }
  if (index > 0) return std::nullopt;
  return text.substr(start);
}

// Part number `index` of the text; nothing when there are fewer. An empty text has no parts. An
// empty separator stands for every single white-space character.
std::optional<std::string_view> Part(std::string_view text, std::string_view separator,
                                     int32_t index) {
  if (text.empty() || index < 0) return std::nullopt;
  if (separator.size() == 1) return PartAtByte(text, separator[0], index);
  size_t start = 0;
  for (;;) {
    size_t end;
    if (separator.empty()) {
      end = start;
      while (end < text.size() && !IsSpace(text[end])) ++end;
      if (end == text.size()) end = std::string_view::npos;
    } else {
      end = Find(text, separator, start);
    }
    if (index == 0) return text.substr(start, end == std::string_view::npos ? end : end - start);
    if (end == std::string_view::npos) return std::nullopt;
    start = end + std::max<size_t>(separator.size(), 1);
    --index;
  }
}

void SplitIndex(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                Column* out) {
  const Texts texts(arguments[0]);
  const Texts separators(arguments[1]);
  const Ints indexes(arguments[2]);
  TextResult result(context);
  result.Borrow(arguments[0]);
  const bool constant = context.row_count > 0 && arguments[1].is_constant() &&
                        arguments[2].is_constant() && !arguments[1].IsNull(0) &&
                        !arguments[2].IsNull(0) && separators[0].size() == 1 && indexes[0] >= 0;
  const char separator = constant ? separators[0][0] : '\0';
  for (int32_t row = 0; row < context.row_count; ++row) {
    std::optional<std::string_view> part;
    if (!constant) {
      if (!AnyNull(arguments, row)) part = Part(texts[row], separators[row], indexes[row]);
    } else if (!arguments[0].IsNull(row) && !texts[row].empty()) {
      part = PartAtByte(texts[row], separator, indexes[0]);
    }
    if (part.has_value()) {
      result.Share(PaddedStringView(*part));
    } else {
      result.Null();
    }
  }
  result.Finish(out);
}

// The separator is a character by its code, 1 to 255.
void SplitIndexByCode(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                      Column* out) {
  const Texts texts(arguments[0]);
  const Ints codes(arguments[1]);
  const Ints indexes(arguments[2]);
  TextResult result(context);
  result.Borrow(arguments[0]);
  std::string separator;
  for (int32_t row = 0; row < context.row_count; ++row) {
    std::optional<std::string_view> part;
    const int32_t code = codes[row];
    if (!AnyNull(arguments, row) && code >= 1 && code <= 255) {
      separator.clear();
      AppendCodePoint(static_cast<char32_t>(code), &separator);
      part = Part(texts[row], separator, indexes[row]);
    }
    if (part.has_value()) {
      result.Share(*part);
    } else {
      result.Null();
    }
  }
  result.Finish(out);
}

EvalFn ChooseSplitIndex(const CallInfo& call, const DataType&) {
  return IsInteger(call.arguments[1].type.root()) ? SplitIndexByCode : SplitIndex;
}

// Into UTF-16 units, of which halves of a pair read '?'.
void SplitCharacters(std::string_view text, ColumnBuilder* parts) {
  for (size_t offset = 0; offset < text.size();) {
    const size_t start = offset;
    if (NextCodePoint(text, &offset) > 0xFFFF) {
      parts->AppendString("?");
      parts->AppendString("?");
    } else {
      parts->AppendShared(StringView(text.substr(start, offset - start)));
    }
  }
}

void Split(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  const Texts separators(arguments[1]);
  ColumnBuilder result(DataType::Array(DataType::String()), context.pool);
  ColumnBuilder& parts = result.child(0);
  for (const BufferPtr& heap : arguments[0].heaps) parts.AddHeap(heap);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const std::string_view text = texts[row];
    const std::string_view separator = separators[row];
    if (AnyNull(arguments, row)) {
      result.AppendNull();
      continue;
    }
    if (separator.empty()) {
      SplitCharacters(text, &parts);
    } else {
      size_t start = 0;
      for (size_t end; (end = Find(text, separator, start)) != std::string_view::npos;
           start = end + separator.size()) {
        parts.AppendShared(StringView(text.substr(start, end - start)));
      }
      parts.AppendShared(StringView(text.substr(start)));
    }
    result.CloseNested();
  }
  *out = result.Finish();
}

// --- typing -----------------------------------------------------------------------------------

// CHAR with CHAR stays CHAR, of the summed length; else VARCHAR.
Result<CallTyping> InferConcatOperator(const CallInfo& call) {
  int64_t length = 0;
  bool fixed = true;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    length += VarcharLike(call, i).length();
    fixed = fixed && call.arguments[i].type.root() == TypeRoot::kChar;
  }
  const auto bounded = static_cast<int32_t>(std::min<int64_t>(length, DataType::kMaxLength));
  return TypeCall(call, "||", "STRING || STRING", "t",
                  fixed ? DataType::Char(bounded) : DataType::Varchar(bounded));
}

constexpr std::string_view kEltSignature = "(INT, STRING, ...) or (INT, BYTES, ...)";

Result<CallTyping> InferElt(const CallInfo& call) {
  std::vector<DataType> types;
  bool bytes = false;
  for (const ArgumentInfo& argument : call.arguments.subspan(1)) {
    types.push_back(argument.type);
    bytes = bytes || IsBinaryString(argument.type.root());
  }
  const std::optional<DataType> common = CommonType(types);
  if (!common.has_value()) return BadArguments(call, "ELT", kEltSignature);
  return TypeNullableCall(call, "ELT", kEltSignature, bytes ? "ly" : "lt", *common);
}

Result<CallTyping> InferSplitIndex(const CallInfo& call) {
  const bool code = IsInteger(call.arguments[1].type.root());
  return TypeNullableCall(call, "SPLIT_INDEX", "(STRING, STRING or INT, INT) -> STRING",
                          code ? "tii" : "tti", DataType::String());
}

constexpr FunctionDef kConcat[] = {
    {.name = "||",
     .group = "string",
     .signature = "STRING || STRING",
     .doc = "Both texts, one after the other.",
     .example = "'a' || 'b' = 'ab'",
     .min_arguments = 2,
     .max_arguments = -1,
     .infer = InferConcatOperator,
     .eval = Concat},
    {.name = "CONCAT",
     .group = "string",
     .signature = "(STRING, ...) -> STRING",
     .doc = "All texts, one after the other; NULL when one is NULL.",
     .example = "CONCAT('a', 'b', 'c') = 'abc'",
     .min_arguments = 1,
     .max_arguments = -1,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "CONCAT", "(STRING, ...)", "t", DataType::String());
         },
     .eval = Concat},
    {.name = "CONCAT_WS",
     .group = "string",
     .signature = "(separator STRING, STRING, ...) -> STRING",
     .doc = "The texts that are not NULL with the separator between them; NULL when the separator "
            "is.",
     .example = "CONCAT_WS('~', 'a', 'b') = 'a~b'",
     .min_arguments = 2,
     .max_arguments = -1,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "CONCAT_WS", "(STRING, STRING, ...)", "t", DataType::String());
         },
     .eval = ConcatWithSeparator,
     .null_rule = NullRule::kCustom},
    {.name = "ELT",
     .group = "string",
     .signature = kEltSignature,
     .doc = "The text with this number (from 1); NULL when there is none.",
     .example = "ELT(2, 'a', 'b') = 'b'",
     .min_arguments = 2,
     .max_arguments = -1,
     .infer = InferElt,
     .eval = Elt,
     .null_rule = NullRule::kCustom},
    {.name = "SPLIT_INDEX",
     .group = "string",
     .signature = "(STRING, separator STRING or INT, index INT) -> STRING",
     .doc =
         "The part with this number (from 0) of the text split at the separator; NULL when there "
         "is none.",
     .example = "SPLIT_INDEX('a,b,c', ',', 1) = 'b'",
     .min_arguments = 3,
     .max_arguments = 3,
     .infer = InferSplitIndex,
     .choose = ChooseSplitIndex,
     .null_rule = NullRule::kCustom},
    {.name = "SPLIT",
     .group = "collection",
     .signature = "(STRING, separator STRING) -> ARRAY<STRING>",
     .doc = "The parts of the text between the separators; its characters when the separator is "
            "empty.",
     .example = "CARDINALITY(SPLIT('a,b', ',')) = 2",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "SPLIT", "(STRING, STRING) -> ARRAY<STRING>", "t",
                           DataType::Array(DataType::String()));
         },
     .eval = Split,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> StringConcatFunctions() {
  return kConcat;
}

}  // namespace rhei
