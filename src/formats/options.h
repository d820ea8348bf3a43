#pragma once
// Reading of completed options. For formats.
#include "types/connector_description.h"

namespace rhei {

// True when `key` is given or has a default.
bool HasOption(const Options& options, std::string_view key);
// Empty when it is neither.
const std::string& TextOption(const Options& options, std::string_view key);
bool BoolOption(const Options& options, std::string_view key);

}  // namespace rhei
