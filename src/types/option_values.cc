#include "types/option_values.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "base/nearest_name.h"

namespace rhei {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

struct Unit {
  std::string_view name;
  int64_t factor_nanos_or_bytes;
};

constexpr Unit kTimeUnits[] = {{"ns", 1},
                               {"nano", 1},
                               {"nanos", 1},
                               {"us", 1000},
                               {"micro", 1000},
                               {"micros", 1000},
                               {"ms", 1000000},
                               {"milli", 1000000},
                               {"millis", 1000000},
                               {"millisecond", 1000000},
                               {"milliseconds", 1000000},
                               {"s", 1000000000},
                               {"sec", 1000000000},
                               {"secs", 1000000000},
                               {"second", 1000000000},
                               {"seconds", 1000000000},
                               {"m", 60000000000},
                               {"min", 60000000000},
                               {"mins", 60000000000},
                               {"minute", 60000000000},
                               {"minutes", 60000000000},
                               {"h", 3600000000000},
                               {"hour", 3600000000000},
                               {"hours", 3600000000000},
                               {"d", 86400000000000},
                               {"day", 86400000000000},
                               {"days", 86400000000000}};

constexpr Unit kByteUnits[] = {{"b", 1},
                               {"bytes", 1},
                               {"k", 1 << 10},
                               {"kb", 1 << 10},
                               {"kibibytes", 1 << 10},
                               {"m", 1 << 20},
                               {"mb", 1 << 20},
                               {"mebibytes", 1 << 20},
                               {"g", 1 << 30},
                               {"gb", 1 << 30},
                               {"gibibytes", 1 << 30},
                               {"t", int64_t{1} << 40},
                               {"tb", int64_t{1} << 40},
                               {"tebibytes", int64_t{1} << 40}};

// Splits "10 min" into 10 and "min"; false when there is no number.
bool SplitNumber(std::string_view text, int64_t* number, std::string* unit) {
  text = Trim(text);
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, *number);
  if (error != std::errc() || rest == text.data()) return false;
  *unit = LowerCase(Trim(std::string_view(rest, static_cast<size_t>(end - rest))));
  return true;
}

const Unit* FindUnit(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// ISO-8601, days to seconds: "P1DT2H3M4.5S".
Result<int64_t> ParseIsoDuration(std::string_view text) {
  const Status bad = InvalidArgument(fmt::format("'{}' is not a duration", text));
  std::string_view rest = text.substr(1);
  bool in_time = false;
  int64_t millis = 0;
  while (!rest.empty()) {
    if (rest.front() == 'T' || rest.front() == 't') {
      in_time = true;
      rest.remove_prefix(1);
      continue;
    }
    double number = 0;
    const auto [next, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc() || next == rest.data() + rest.size()) return bad;
    double factor = 0;
    switch (*next) {
      case 'D':
      case 'd': factor = in_time ? 0 : 86400e3; break;
      case 'H':
      case 'h': factor = in_time ? 3600e3 : 0; break;
      case 'M':
      case 'm': factor = in_time ? 60e3 : 0; break;
      case 'S':
      case 's': factor = in_time ? 1e3 : 0; break;
      default: break;
    }
    if (factor == 0) return bad;
    millis += static_cast<int64_t>(number * factor);
    rest.remove_prefix(static_cast<size_t>(next - rest.data()) + 1);
  }
  return millis;
}

Status CheckValue(const OptionDef& def, std::string_view key, const std::string& value) {
  Status status;
  switch (def.type) {
    case OptionType::kString: return {};
    case OptionType::kInt: status = ParseIntOption(value).status(); break;
    case OptionType::kBool: status = ParseBoolOption(value).status(); break;
    case OptionType::kDuration: status = ParseDurationMillis(value).status(); break;
    case OptionType::kBytes: status = ParseByteSize(value).status(); break;
    case OptionType::kDouble: {
      double number = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (error != std::errc() || end != value.data() + value.size()) {
        status = InvalidArgument(fmt::format("'{}' is not a number", value));
      }
      break;
    }
    case OptionType::kEnum: {
      std::vector<std::string_view> choices;
      for (std::string_view rest = def.choices; !rest.empty();) {
        const size_t bar = rest.find('|');
        choices.push_back(rest.substr(0, bar));
        rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
      }
      const std::string lower = LowerCase(value);
      for (std::string_view choice : choices) {
        if (LowerCase(choice) == lower) return {};
      }
      status = InvalidArgument(fmt::format("'{}' is not one of: {}.{}", value,
                                           fmt::join(choices, ", "), DidYouMean(value, choices)));
      break;
    }
  }
  return status.ok() ? status
                     : status.WithContext(fmt::format("Invalid value for option '{}'", key));
}

bool Matches(const OptionDef& def, std::string_view key) {
  if (def.key.ends_with('*')) return key.starts_with(def.key.substr(0, def.key.size() - 1));
  // "fields.#.kind": # stands for a column name.
  const size_t hash = def.key.find('#');
  if (hash == std::string_view::npos) return def.key == key;
  return key.size() > def.key.size() - 1 && key.starts_with(def.key.substr(0, hash)) &&
         key.ends_with(def.key.substr(hash + 1));
}

const OptionDef* FindDef(std::span<const std::span<const OptionDef>> tables, std::string_view key) {
  for (std::span<const OptionDef> table : tables) {
    for (const OptionDef& def : table) {
      if (Matches(def, key)) return &def;
    }
  }
  return nullptr;
}

}  // namespace

Result<int64_t> ParseDurationMillis(std::string_view text) {
  text = Trim(text);
  if (!text.empty() && (text[0] == 'P' || text[0] == 'p')) return ParseIsoDuration(text);
  int64_t number = 0;
  std::string unit;
  if (!SplitNumber(text, &number, &unit) || number < 0) {
    return InvalidArgument(fmt::format("'{}' is not a duration (examples: '10 s', '5 min')", text));
  }
  if (unit.empty()) return number;
  const Unit* found = FindUnit(kTimeUnits, unit);
  if (found == nullptr) {
    return InvalidArgument(fmt::format("'{}' is not a duration: unknown unit '{}'", text, unit));
  }
  if (number > INT64_MAX / std::max<int64_t>(found->factor_nanos_or_bytes / 1000000, 1)) {
    return InvalidArgument(fmt::format("'{}' is too long a duration", text));
  }
  return found->factor_nanos_or_bytes >= 1000000 ? number * (found->factor_nanos_or_bytes / 1000000)
                                                 : number * found->factor_nanos_or_bytes / 1000000;
}

Result<int64_t> ParseByteSize(std::string_view text) {
  int64_t number = 0;
  std::string unit;
  if (!SplitNumber(text, &number, &unit) || number < 0) {
    return InvalidArgument(fmt::format("'{}' is not a size (examples: '64mb', '1 gb')", text));
  }
  if (unit.empty()) return number;
  const Unit* found = FindUnit(kByteUnits, unit);
  if (found == nullptr || number > INT64_MAX / found->factor_nanos_or_bytes) {
    return InvalidArgument(fmt::format("'{}' is not a size (examples: '64mb', '1 gb')", text));
  }
  return number * found->factor_nanos_or_bytes;
}

Result<bool> ParseBoolOption(std::string_view text) {
  const std::string lower = LowerCase(Trim(text));
  if (lower == "true") return true;
  if (lower == "false") return false;
  return InvalidArgument(fmt::format("'{}' is not a boolean (true or false)", text));
}

Result<int64_t> ParseIntOption(std::string_view text) {
  int64_t number = 0;
  std::string unit;
  if (!SplitNumber(text, &number, &unit) || !unit.empty()) {
    return InvalidArgument(fmt::format("'{}' is not an integer", text));
  }
  return number;
}

std::string_view OptionValue(std::span<const OptionDef> defs, const Options& options,
                             std::string_view key) {
  if (const auto found = options.find(key); found != options.end()) return found->second;
  for (const OptionDef& def : defs) {
    if (def.key == key) return def.default_value;
  }
  CHECK(false);
}

Status CheckOptions(std::string_view what, std::span<const std::span<const OptionDef>> tables,
                    const Options& options) {
  for (std::span<const OptionDef> table : tables) {
    for (const OptionDef& def : table) {
      if (def.required && !options.contains(def.key)) {
        return InvalidArgument(fmt::format(
            "One or more required options are missing.\n\nMissing required options are:\n\n{}",
            def.key));
      }
    }
  }
  std::vector<std::string_view> unknown;
  for (const auto& [key, value] : options) {
    const OptionDef* def = FindDef(tables, key);
    if (def == nullptr) {
      unknown.push_back(key);
      continue;
    }
    RETURN_IF_ERROR(CheckValue(*def, key, value));
  }
  if (unknown.empty()) return {};
  std::vector<std::string_view> known;
  for (std::span<const OptionDef> table : tables) {
    for (const OptionDef& def : table) known.push_back(def.key);
  }
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  return InvalidArgument(fmt::format(
      "Unsupported options found for '{}'.{}\n\nUnsupported options:\n\n{}\n\nSupported "
      "options:\n\n{}",
      what, DidYouMean(unknown[0], known), fmt::join(unknown, "\n"), fmt::join(known, "\n")));
}

}  // namespace rhei
