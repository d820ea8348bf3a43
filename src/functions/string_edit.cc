// Functions that cut, pad or change one text: TRIM and kin, SUBSTRING, LEFT, RIGHT, REPEAT,
// REPLACE, TRANSLATE, OVERLAY, LPAD, RPAD, REVERSE. SUBSTRING, LEFT, RIGHT, REVERSE and TRIM count
// code points; OVERLAY, LPAD and RPAD count UTF-16 units, so that they may cut a character beyond
// U+FFFF in two, which then reads '?', as in Flink.
#include <unordered_map>

#include "functions/families.h"
#include "functions/string_kernel.h"
#include "functions/text.h"

namespace rhei {
namespace {

constexpr size_t kLargestResult = size_t{1} << 30;

// --- trimming ---------------------------------------------------------------------------------

std::string_view TrimLeft(std::string_view text, std::string_view set) {
  size_t start = 0;
  while (start < text.size()) {
    const size_t size = std::min(CodePointBytes(text[start]), text.size() - start);
    if (set.find(text.substr(start, size)) == std::string_view::npos) break;
    start += size;
  }
  return text.substr(start);
}

std::string_view TrimRight(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    const size_t start = PreviousCodePoint(text, text.size());
    if (set.find(text.substr(start)) == std::string_view::npos) break;
    text = text.substr(0, start);
  }
  return text;
}

// Arguments: text[, characters].
template <bool kLeft, bool kRight>
void Trim(EvalContext& context, const Column& text_column, const Column* set_column, Column* out) {
  const Texts texts(text_column);
  TextResult result(context);
  result.Borrow(text_column);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const std::string_view set =
        set_column == nullptr ? std::string_view(" ") : Texts(*set_column)[row];
    std::string_view text = texts[row];
    if (kLeft) text = TrimLeft(text, set);
    if (kRight) text = TrimRight(text, set);
    result.Share(text);
  }
  result.Finish(out);
}

// TRIM(keyword, characters, text)
template <bool kLeft, bool kRight>
void TrimKeyword(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                 Column* out) {
  Trim<kLeft, kRight>(context, arguments[2], &arguments[1], out);
}
EvalFn ChooseTrim(const CallInfo& call, const DataType&) {
  const std::string_view side = call.arguments[0].symbol;
  if (side == "LEADING") return TrimKeyword<true, false>;
  return side == "TRAILING" ? TrimKeyword<false, true> : TrimKeyword<true, true>;
}

template <bool kLeft, bool kRight>
void TrimFunction(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                  Column* out) {
  Trim<kLeft, kRight>(context, arguments[0], arguments.size() > 1 ? &arguments[1] : nullptr, out);
}

// --- cutting ----------------------------------------------------------------------------------

// Code points [start, start + length) where `position` counts from 1, or from the end when
// negative. Nothing before the start of the text is found, not even in part.
std::string_view Cut(std::string_view text, int32_t position, int64_t length) {
  int64_t start = position > 0 ? int64_t{position} - 1 : position;
  if (position < 0) {
    start += CountCodePoints(text);
    if (start < 0) return {};
  }
  const size_t begin = Advance(text, 0, start);
  return text.substr(begin, Advance(text, begin, length) - begin);
}

void Substring(FunctionState*, EvalContext& context, std::span<const Column> arguments,
               Column* out) {
  const Texts texts(arguments[0]);
  const Ints positions(arguments[1]);
  TextResult result(context);
  result.Borrow(arguments[0]);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const int32_t length = arguments.size() > 2 ? Ints(arguments[2])[row] : INT32_MAX;
    if (length < 0 || AnyNull(arguments, row)) {
      result.Null();
    } else {
      result.Share(Cut(texts[row], positions[row], length));
    }
  }
  result.Finish(out);
}

void Left(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  const Ints lengths(arguments[1]);
  TextResult result(context);
  result.Borrow(arguments[0]);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const std::string_view text = texts[row];
    result.Share(text.substr(0, Advance(text, 0, lengths[row])));
  }
  result.Finish(out);
}

void Right(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  const Ints lengths(arguments[1]);
  TextResult result(context);
  result.Borrow(arguments[0]);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const std::string_view text = texts[row];
    size_t start = text.size();
    for (int32_t left = lengths[row]; left > 0 && start > 0; --left) {
      start = PreviousCodePoint(text, start);
    }
    result.Share(text.substr(start));
  }
  result.Finish(out);
}

// --- building ---------------------------------------------------------------------------------

void Repeat(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  const Ints counts(arguments[1]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    const std::string_view text = texts[row];
    const auto count = static_cast<size_t>(std::max(counts[row], 0));
    scratch.clear();
    if (count != 0 && text.size() > kLargestResult / count) {
      context.Fail(row, "REPEAT makes a text of more than 1 GiB");
    } else {
      for (size_t i = 0; i < count && !text.empty(); ++i) scratch += text;
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

void AppendReplaced(std::string_view text, std::string_view from, std::string_view to,
                    std::string* out) {
  if (from.empty()) {  // Between all characters and at both ends.
    for (size_t offset = 0; offset < text.size();) {
      const size_t end = Advance(text, offset, 1);
      out->append(to).append(text.substr(offset, end - offset));
      offset = end;
    }
    out->append(to);
    return;
  }
  size_t offset = 0;
  for (size_t found; (found = Find(text, from, offset)) != std::string_view::npos;) {
    out->append(text.substr(offset, found - offset)).append(to);
    offset = found + from.size();
  }
  out->append(text.substr(offset));
}

void Replace(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  const Texts from(arguments[1]);
  const Texts to(arguments[2]);
  TextResult result(context);
  result.Borrow(arguments[0]);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (!from[row].empty() && Find(texts[row], from[row]) == std::string_view::npos) {
      result.Share(texts[row]);
      continue;
    }
    scratch.clear();
    AppendReplaced(texts[row], from[row], to[row], &scratch);
    result.Copy(scratch);
  }
  result.Finish(out);
}

// What each code point becomes; none: it is removed.
using Translation = std::unordered_map<char32_t, std::string_view>;

void FillTranslation(std::string_view from, std::string_view to, Translation* translation) {
  translation->clear();
  size_t to_offset = 0;
  for (size_t offset = 0; offset < from.size();) {
    const size_t to_end = Advance(to, to_offset, 1);
    translation->emplace(NextCodePoint(from, &offset), to.substr(to_offset, to_end - to_offset));
    to_offset = to_end;
  }
}

void Translate(FunctionState*, EvalContext& context, std::span<const Column> arguments,
               Column* out) {
  const Texts texts(arguments[0]);
  const Texts from(arguments[1]);
  const Texts to(arguments[2]);
  TextResult result(context);
  Translation translation;
  const bool fixed = from.is_constant() && to.is_constant();
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (texts.IsNull(row)) {
      result.Null();
      continue;
    }
    // A NULL list of characters is an empty one.
    if (row == 0 || !fixed) FillTranslation(from[row], to[row], &translation);
    const std::string_view text = texts[row];
    scratch.clear();
    for (size_t offset = 0; offset < text.size();) {
      const size_t start = offset;
      const auto found = translation.find(NextCodePoint(text, &offset));
      scratch += found == translation.end() ? text.substr(start, offset - start) : found->second;
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

// Works on bytes (of ASCII) and on UTF-16 units alike.
template <typename View, typename String>
void OverlayUnits(View text, View replacement, int64_t start, int64_t length, String* out) {
  const auto size = static_cast<int64_t>(text.size());
  if (start <= 0 || start > size) {
    out->assign(text);
    return;
  }
  out->assign(text.substr(0, static_cast<size_t>(start - 1)));
  out->append(replacement);
  if (start + length <= size && length > 0) {
    out->append(text.substr(static_cast<size_t>(start - 1 + length)));
  }
}

void Overlay(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  const Texts replacements(arguments[1]);
  const Ints starts(arguments[2]);
  TextResult result(context);
  std::string scratch;
  std::u16string wide;
  for (int32_t row = 0; row < context.row_count; ++row) {
    const std::string_view text = texts[row];
    const std::string_view replacement = replacements[row];
    const bool ascii = IsAscii(text) && IsAscii(replacement);
    if (ascii) {
      const int64_t length =
          arguments.size() > 3 ? Ints(arguments[3])[row] : static_cast<int64_t>(replacement.size());
      OverlayUnits(text, replacement, starts[row], length, &scratch);
    } else {
      const std::u16string wide_text = ToUtf16(text);
      const std::u16string wide_replacement = ToUtf16(replacement);
      const int64_t length = arguments.size() > 3 ? Ints(arguments[3])[row]
                                                  : static_cast<int64_t>(wide_replacement.size());
      OverlayUnits<std::u16string_view>(wide_text, wide_replacement, starts[row], length, &wide);
      scratch.clear();
      AppendUtf8(wide, &scratch);
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

template <bool kLeft, typename View, typename String>
void PadUnits(View text, size_t length, View pad, String* out) {
  if (text.size() >= length) {
    out->assign(text.substr(0, length));
    return;
  }
  out->clear();
  if (!kLeft) out->append(text);
  for (size_t left = length - text.size(); left > 0;) {
    const size_t part = std::min(left, pad.size());
    out->append(pad.substr(0, part));
    left -= part;
  }
  if (kLeft) out->append(text);
}

template <bool kLeft>
void Pad(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  const Ints lengths(arguments[1]);
  const Texts pads(arguments[2]);
  TextResult result(context);
  std::string scratch;
  std::u16string wide;
  for (int32_t row = 0; row < context.row_count; ++row) {
    const int32_t length = lengths[row];
    if (length < 0 || pads[row].empty() || AnyNull(arguments, row)) {
      result.Null();
      continue;
    }
    if (static_cast<size_t>(length) > kLargestResult) {
      context.Fail(row, "LPAD or RPAD makes a text of more than 1 GiB");
      result.Null();
      continue;
    }
    const auto units = static_cast<size_t>(length);
    if (IsAscii(texts[row]) && IsAscii(pads[row])) {
      PadUnits<kLeft>(texts[row], units, pads[row], &scratch);
    } else {
      const std::u16string text = ToUtf16(texts[row]);
      const std::u16string pad = ToUtf16(pads[row]);
      PadUnits<kLeft, std::u16string_view>(text, units, pad, &wide);
      scratch.clear();
      AppendUtf8(wide, &scratch);
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

void Reverse(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    const std::string_view text = texts[row];
    scratch.clear();
    for (size_t end = text.size(); end > 0;) {
      const size_t start = PreviousCodePoint(text, end);
      scratch += text.substr(start, end - start);
      end = start;
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

// --- typing -----------------------------------------------------------------------------------

constexpr std::string_view kTrimSignature = "(STRING [, characters STRING]) -> VARCHAR";
constexpr std::string_view kCutSignature = "(STRING, start INT [, length INT]) -> VARCHAR";
constexpr std::string_view kPadSignature = "(STRING, length INT, pad STRING) -> STRING";

Result<CallTyping> InferTrim(const CallInfo& call) {
  return TypeCall(call, "TRIM", "([BOTH | LEADING | TRAILING] [characters] FROM STRING)", "stt",
                  VarcharLike(call, 2));
}

Result<CallTyping> InferOverlay(const CallInfo& call) {
  const int64_t length = int64_t{VarcharLike(call, 0).length()} + VarcharLike(call, 1).length();
  const auto bounded = static_cast<int32_t>(std::min<int64_t>(length, DataType::kMaxLength));
  return TypeCall(call, "OVERLAY", "(STRING, STRING, start INT [, length INT]) -> VARCHAR", "ttii",
                  DataType::Varchar(bounded));
}

Result<CallTyping> InferTranslate(const CallInfo& call) {
  ASSIGN_OR_RETURN(CallTyping typing,
                   TypeCall(call, "TRANSLATE", "(STRING, from STRING, to STRING) -> STRING", "ttt",
                            DataType::String()));
  typing.result = typing.result.WithNullable(call.arguments[0].type.nullable());
  return typing;
}

constexpr FunctionDef Cutting(std::string_view name, std::string_view example, InferFn infer) {
  return {.name = name,
          .group = "string",
          .signature = kCutSignature,
          .doc =
              "The part from position `start` (from 1; negative: from the end), at most `length` "
              "characters.",
          .example = example,
          .min_arguments = 2,
          .max_arguments = 3,
          .infer = infer,
          .eval = Substring,
          .null_rule = NullRule::kCustom};
}

constexpr FunctionDef kEdit[] = {
    {.name = "TRIM",
     .group = "string",
     .signature = "([BOTH | LEADING | TRAILING] [characters] FROM STRING) -> VARCHAR",
     .doc = "The text without the given characters (spaces) at its ends.",
     .example = "TRIM(BOTH 'x' FROM 'xabx') = 'ab'",
     .min_arguments = 3,
     .max_arguments = 3,
     .infer = InferTrim,
     .choose = ChooseTrim},
    {.name = "LTRIM",
     .group = "string",
     .signature = kTrimSignature,
     .doc = "The text without the given characters (spaces) at its start.",
     .example = "LTRIM('  a') = 'a'",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "LTRIM", kTrimSignature, "t", VarcharLike(call, 0));
         },
     .eval = TrimFunction<true, false>},
    {.name = "RTRIM",
     .group = "string",
     .signature = kTrimSignature,
     .doc = "The text without the given characters (spaces) at its end.",
     .example = "RTRIM('a  ') = 'a'",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "RTRIM", kTrimSignature, "t", VarcharLike(call, 0));
         },
     .eval = TrimFunction<false, true>},
    {.name = "BTRIM",
     .group = "string",
     .signature = "(STRING [, characters STRING]) -> STRING",
     .doc = "The text without the given characters (spaces) at both ends.",
     .example = "BTRIM('/a/', '/') = 'a'",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "BTRIM", kTrimSignature, "t", DataType::String());
         },
     .eval = TrimFunction<true, true>},
    Cutting("SUBSTRING", "SUBSTRING('hello' FROM 2 FOR 3) = 'ell'",
            [](const CallInfo& call) {
              return TypeNullableCall(call, "SUBSTRING", kCutSignature, "ti", VarcharLike(call, 0));
            }),
    Cutting("SUBSTR", "SUBSTR('hello', 2, 3) = 'ell'",
            [](const CallInfo& call) {
              return TypeNullableCall(call, "SUBSTR", kCutSignature, "ti", VarcharLike(call, 0));
            }),
    {.name = "LEFT",
     .group = "string",
     .signature = "(STRING, length INT) -> VARCHAR",
     .doc = "The first `length` characters.",
     .example = "LEFT('hello', 2) = 'he'",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "LEFT", "(STRING, length INT)", "ti",
                                   VarcharLike(call, 0));
         },
     .eval = Left},
    {.name = "RIGHT",
     .group = "string",
     .signature = "(STRING, length INT) -> VARCHAR",
     .doc = "The last `length` characters.",
     .example = "RIGHT('hello', 2) = 'lo'",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "RIGHT", "(STRING, length INT)", "ti",
                                   VarcharLike(call, 0));
         },
     .eval = Right},
    {.name = "REPEAT",
     .group = "string",
     .signature = "(STRING, INT) -> STRING",
     .doc = "The text so many times one after the other.",
     .example = "REPEAT('ab', 2) = 'abab'",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "REPEAT", "(STRING, INT)", "ti", DataType::String());
         },
     .eval = Repeat},
    {.name = "REPLACE",
     .group = "string",
     .signature = "(STRING, from STRING, to STRING) -> STRING",
     .doc = "The text with every occurrence of `from` replaced by `to`.",
     .example = "REPLACE('hello world', 'world', 'sea') = 'hello sea'",
     .min_arguments = 3,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "REPLACE", "(STRING, STRING, STRING)", "t", DataType::String());
         },
     .eval = Replace},
    {.name = "TRANSLATE",
     .group = "string",
     .signature = "(STRING, from STRING, to STRING) -> STRING",
     .doc = "The text with each character of `from` replaced by the one of `to` in the same place, "
            "or removed where `to` is shorter.",
     .example = "TRANSLATE('abcb', 'bc', 'x') = 'axx'",
     .min_arguments = 3,
     .max_arguments = 3,
     .infer = InferTranslate,
     .eval = Translate,
     .null_rule = NullRule::kCustom},
    {.name = "OVERLAY",
     .group = "string",
     .signature = "(STRING PLACING STRING FROM INT [FOR INT]) -> VARCHAR",
     .doc = "The text with a part replaced.",
     .example = "OVERLAY('xxxxxtest' PLACING 'xxxx' FROM 6 FOR 2) = 'xxxxxxxxxst'",
     .min_arguments = 3,
     .max_arguments = 4,
     .infer = InferOverlay,
     .eval = Overlay},
    {.name = "LPAD",
     .group = "string",
     .signature = kPadSignature,
     .doc = "The text filled up from the left, or cut, to `length`.",
     .example = "LPAD('hi', 4, 'ab') = 'abhi'",
     .min_arguments = 3,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "LPAD", kPadSignature, "tit", DataType::String());
         },
     .eval = Pad<true>,
     .null_rule = NullRule::kCustom},
    {.name = "RPAD",
     .group = "string",
     .signature = kPadSignature,
     .doc = "The text filled up from the right, or cut, to `length`.",
     .example = "RPAD('hi', 4, 'ab') = 'hiab'",
     .min_arguments = 3,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "RPAD", kPadSignature, "tit", DataType::String());
         },
     .eval = Pad<false>,
     .null_rule = NullRule::kCustom},
    {.name = "REVERSE",
     .group = "string",
     .signature = "(STRING) -> STRING",
     .doc = "The characters in reverse order.",
     .example = "REVERSE('abc') = 'cba'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "REVERSE", "(STRING)", "t", DataType::String());
         },
     .eval = Reverse},
};

}  // namespace

std::span<const FunctionDef> StringEditFunctions() {
  return kEdit;
}

}  // namespace rhei
