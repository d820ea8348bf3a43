#include "binder/hint_names.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "binder/expr_binder.h"

namespace rhei {
namespace {

constexpr std::string_view kHints[] = {"ALIAS",        "BROADCAST",     "LOOKUP",
                                       "MULTI_JOIN",   "NEST_LOOP",     "OPTIONS",
                                       "SHUFFLE_HASH", "SHUFFLE_MERGE", "STATE_TTL"};

}  // namespace

Status CheckHints(std::span<const ast::Hint> hints) {
  for (const ast::Hint& hint : hints) {
    const std::string name = UpperCase(hint.name.text);
    if (std::find(std::begin(kHints), std::end(kHints), name) == std::end(kHints)) {
      return InvalidSql(fmt::format("Hint: {} should be registered in the HintStrategyTable.{}",
                                    name, DidYouMean(name, kHints)),
                        hint.position);
    }
    if (name == "OPTIONS" && hint.options.empty()) {
      return InvalidSql("Hint [OPTIONS] only support non empty key value options", hint.position);
    }
  }
  return {};
}

}  // namespace rhei
