#include "binder/state_ttl.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/nearest_name.h"
#include "binder/expr_binder.h"
#include "types/option_values.h"

namespace rhei {
namespace {

// "t", "database.t" or "catalog.database.t".
bool IsCalled(const ScopeTable& table, std::string_view name) {
  std::string tail;
  for (size_t i = table.path.size(); i-- > 0;) {
    tail = tail.empty() ? table.path[i] : table.path[i] + "." + tail;
    if (tail == name) return true;
  }
  return false;
}

}  // namespace

bool IsStateTtl(const ast::Hint& hint) {
  return UpperCase(hint.name.text) == "STATE_TTL";
}

Status CheckStateTtl(std::span<const ast::Hint> hints, std::span<const ScopeTable> tables) {
  for (const ast::Hint& hint : hints) {
    if (!IsStateTtl(hint)) continue;
    if (hint.options.empty()) {
      const bool nothing = hint.literals.empty() && hint.identifiers.empty();
      return InvalidSql(nothing
                            ? "Invalid STATE_TTL hint, expecting at least one key-value options "
                              "specified."
                            : "Invalid list options in STATE_TTL hint, only support key-value "
                              "options.",
                        hint.position);
    }
    for (const ast::Option& option : hint.options) {
      const std::string& value = option.value;
      const bool known = std::any_of(tables.begin(), tables.end(), [&option](const auto& table) {
        return IsCalled(table, option.key);
      });
      if (!known) {
        std::vector<std::string_view> names;
        for (const ScopeTable& table : tables) {
          if (!table.path.empty()) names.push_back(table.path.back());
        }
        return InvalidSql(fmt::format("The options of following hints cannot match the name of "
                                      "input tables or views: \n`{}` in `STATE_TTL`{}",
                                      option.key, DidYouMean(option.key, names)),
                          option.key_position);
      }
      const Result<int64_t> ttl = ParseDurationMillis(value);
      if (ttl.ok()) continue;
      const bool is_number = !value.empty() && value[0] >= '0' && value[0] <= '9';
      const std::string reason =
          is_number ? ttl.status().message()
                    : "text does not start with a number, and is not a valid ISO-8601 duration "
                      "format: " +
                          value;
      return InvalidSql("Invalid STATE_TTL hint value: " + reason, option.value_position);
    }
  }
  return {};
}

int64_t StateTtlOf(std::span<const ast::Hint> hints, const Scope& scope) {
  if (scope.tables.size() != 1) return -1;
  for (const ast::Hint& hint : hints) {
    if (!IsStateTtl(hint)) continue;
    int64_t found = -1;
    for (const ast::Option& option : hint.options) {
      if (!IsCalled(scope.tables[0], option.key)) continue;
      const Result<int64_t> ttl = ParseDurationMillis(option.value);
      if (ttl.ok()) found = *ttl;
    }
    if (found >= 0) return found;
  }
  return -1;
}

}  // namespace rhei
