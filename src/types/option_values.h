#pragma once
// Values of settings and table options: durations, sizes, numbers, and the check of a WITH clause
// against option tables. Forms and messages are Flink's, where users grep for them.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "types/connector_description.h"

namespace rhei {

// "10 s", "10s", "500 ms", "1 d", "PT10S"; a bare number is milliseconds.
Result<int64_t> ParseDurationMillis(std::string_view text);
// "64mb", "1 gb", "128 kb"; a bare number is bytes.
Result<int64_t> ParseByteSize(std::string_view text);
Result<bool> ParseBoolOption(std::string_view text);
Result<int64_t> ParseIntOption(std::string_view text);

// The option's value, or its default when it is not set. REQUIRES: `defs` has the key.
std::string_view OptionValue(std::span<const OptionDef> defs, const Options& options,
                             std::string_view key);

// Checks that every option of `options` is in one of `tables`, that the required ones are there and
// that each value has its type. `what` is named in messages: "filesystem". Keys every table may
// have
// ('connector', 'format' and so on) belong into the tables too.
Status CheckOptions(std::string_view what, std::span<const std::span<const OptionDef>> tables,
                    const Options& options);

}  // namespace rhei
