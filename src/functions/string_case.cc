// UPPER, LOWER and INITCAP. UPPER and LOWER map all of Unicode as Java does for the root locale
// (ICU); INITCAP knows ASCII letters and digits only, as Flink's.
#include <unicode/ucasemap.h>

#include "base/check.h"
#include "functions/families.h"
#include "functions/string_kernel.h"
#include "functions/text.h"

namespace rhei {
namespace {

constexpr std::string_view kSignature = "(STRING) -> the same type";

Result<CallTyping> InferSameText(const CallInfo& call, std::string_view name) {
  const DataType& type = call.arguments[0].type;
  return TypeCall(call, name, kSignature, "t",
                  IsCharacter(type.root()) ? type : DataType::String());
}

const UCaseMap* RootCaseMap() {
  static const UCaseMap* const kMap = [] {
    UErrorCode error = U_ZERO_ERROR;
    const UCaseMap* map = ucasemap_open("", 0, &error);
    CHECK(U_SUCCESS(error));
    return map;
  }();
  return kMap;
}

void MapUnicode(std::string_view text, bool upper, std::string* out) {
  const auto map = upper ? ucasemap_utf8ToUpper : ucasemap_utf8ToLower;
  UErrorCode error = U_ZERO_ERROR;
  out->resize(text.size() + text.size() / 2 + 16);
  for (int attempt = 0; attempt < 2; ++attempt) {
    error = U_ZERO_ERROR;
    const int32_t size = map(RootCaseMap(), out->data(), static_cast<int32_t>(out->size()),
                             text.data(), static_cast<int32_t>(text.size()), &error);
    out->resize(static_cast<size_t>(size));
    if (error != U_BUFFER_OVERFLOW_ERROR) break;
  }
  if (U_FAILURE(error)) out->assign(text);
}

template <bool kUpper>
void MapCase(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context);
  std::string scratch;
  constexpr char kFirst = kUpper ? 'a' : 'A';
  constexpr char kLast = kUpper ? 'z' : 'Z';
  for (int32_t row = 0; row < context.row_count; ++row) {
    const std::string_view text = texts[row];
    if (IsAscii(text)) {
      scratch.resize(text.size());
      for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        scratch[i] = c >= kFirst && c <= kLast ? static_cast<char>(c ^ 0x20) : c;
      }
    } else {
      MapUnicode(text, kUpper, &scratch);
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

void InitCap(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.assign(texts[row]);
    bool in_word = false;
    for (char& c : scratch) {
      const bool lower = c >= 'a' && c <= 'z';
      const bool upper = c >= 'A' && c <= 'Z';
      if (in_word ? upper : lower) c = static_cast<char>(c ^ 0x20);
      in_word = lower || upper || (c >= '0' && c <= '9');
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

constexpr FunctionDef kCase[] = {
    {.name = "UPPER",
     .group = "string",
     .signature = kSignature,
     .doc = "The text in upper case.",
     .example = "UPPER('abc') = 'ABC'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = [](const CallInfo& call) { return InferSameText(call, "UPPER"); },
     .eval = MapCase<true>},
    {.name = "LOWER",
     .group = "string",
     .signature = kSignature,
     .doc = "The text in lower case.",
     .example = "LOWER('ABC') = 'abc'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = [](const CallInfo& call) { return InferSameText(call, "LOWER"); },
     .eval = MapCase<false>},
    {.name = "INITCAP",
     .group = "string",
     .signature = kSignature,
     .doc = "Every word (run of ASCII letters and digits) with its first letter in upper case, the "
            "others in lower case.",
     .example = "INITCAP('hello wORLD') = 'Hello World'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = [](const CallInfo& call) { return InferSameText(call, "INITCAP"); },
     .eval = InitCap},
};

}  // namespace

std::span<const FunctionDef> StringCaseFunctions() {
  return kCase;
}

}  // namespace rhei
