#include "formats/options.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/format.h"

namespace rhei {
namespace {

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

// The choice as the table spells it; empty when there is none.
std::string_view FindChoice(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const size_t bar = std::min(choices.find('|'), choices.size());
    if (EqualsIgnoringCase(choices.substr(0, bar), value)) return choices.substr(0, bar);
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return {};
}

Status CheckValue(const FormatDef& format, const OptionDef& option, std::string* value) {
  std::string_view wanted;
  if (option.type == OptionType::kBool) {
    wanted = FindChoice("true|false", *value);
  } else if (option.type == OptionType::kEnum) {
    wanted = FindChoice(option.choices, *value);
  } else {
    return {};
  }
  if (wanted.empty()) {
    return InvalidArgument(fmt::format(
        "Invalid value for option '{}.{}': expected one of {}: '{}'", format.name, option.key,
        option.type == OptionType::kBool ? "true|false" : option.choices, *value));
  }
  *value = wanted;
  return {};
}

}  // namespace

const std::string& TextOption(const Options& options, std::string_view key) {
  static const std::string kEmpty;
  const auto found = options.find(key);
  return found == options.end() ? kEmpty : found->second;
}

bool HasOption(const Options& options, std::string_view key) {
  return options.find(key) != options.end();
}

bool BoolOption(const Options& options, std::string_view key) {
  return TextOption(options, key) == "true";
}

Options OptionsBelow(const Options& options, std::string_view prefix) {
  Options below;
  for (auto at = options.lower_bound(prefix); at != options.end(); ++at) {
    if (!at->first.starts_with(prefix)) break;
    below.emplace(at->first.substr(prefix.size()), at->second);
  }
  return below;
}

Result<Options> CompleteOptions(const FormatDef& format, const Options& options,
                                const Schema& columns) {
  Options complete;
  for (const OptionDef& option : format.options) {
    const auto given = options.find(option.key);
    if (given == options.end() && option.default_value.empty()) continue;
    std::string value(given != options.end() ? std::string_view(given->second)
                                             : option.default_value);
    if (given != options.end()) RETURN_IF_ERROR(CheckValue(format, option, &value));
    complete.emplace(option.key, std::move(value));
  }
  for (const auto& [key, value] : options) {
    if (complete.count(key) > 0) continue;  // Every key of the table that is given is in there.
    std::string supported;
    for (const OptionDef& option : format.options) {
      supported += fmt::format("\n{}.{}", format.name, option.key);
    }
    return InvalidArgument(
        fmt::format("Unsupported options found for '{}'.\n\nUnsupported options:\n\n{}.{}\n\n"
                    "Supported options:\n{}",
                    format.name, format.name, key, supported));
  }
  if (format.check != nullptr) RETURN_IF_ERROR(format.check(complete, columns));
  return complete;
}

}  // namespace rhei
